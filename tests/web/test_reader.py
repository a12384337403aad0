"""How pages are written for their reader: language, money, numbers, times."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language import LANGUAGES
from app.web import reader
from app.web.rendering import LANGUAGE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def by(accepted: str, chosen: str | None = None) -> reader.Reader:
    return reader.reader_of(chosen, accepted, NOW)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language", "locale"),
    [
        (None, "", "en", "en_GB"),
        (None, "en-US,en;q=0.9", "en", "en_US"),
        (None, "de-AT,de;q=0.9,en;q=0.5", "de", "de_AT"),
        (None, "fr-FR,de;q=0.5,en;q=0.4", "de", "de_DE"),
        (None, "fr", "en", "en_GB"),
        ("de", "en-US", "de", "de_DE"),
        ("de", "en-US,de-CH;q=0.1", "de", "de_CH"),
        ("xx", "en-IE", "en", "en_IE"),
        (None, "en-ZZZZ,en", "en", "en_GB"),
        (None, "de;q=nonsense,*;q=0.1", "en", "en_GB"),
    ],
)
def test_the_language_is_the_one_picked_else_the_browsers(
    chosen: str | None, accepted: str, language: str, locale: str
) -> None:
    found = by(accepted, chosen)
    assert (found.language, str(found.locale)) == (language, locale)


@given(st.text(max_size=600), st.none() | st.text(max_size=5))
def test_no_header_breaks_a_page(accepted: str, chosen: str | None) -> None:
    found = by(accepted, chosen)
    assert found.language in LANGUAGES
    assert found.day(NOW)


def test_money_is_written_as_the_reader_does() -> None:
    assert by("en-US").money(123_456, "USD") == "$1,234.56"
    assert by("de-DE").money(123_456, "EUR") == "1.234,56\xa0€"
    assert by("en-GB").money(-1_250, "EUR") == "-€12.50"
    assert by("en-GB").money(500, "JPY") == "JP¥500"
    assert by("en-GB").money(123_456, "EUR", round_up=True) == "€1,235"
    assert by("en-GB").money(4_900, "EUR", round_up=True) == "€49.00"
    assert by("en-GB").money(0, "EUR", round_up=True) == "€0"
    assert by("en-GB").sums({"USD": 900_000, "EUR": 123_456}, round_up=True) == "US$9,000 + €1,235"
    assert by("en-GB").sums({}) == "–"
    assert by("en-GB").sums({"EUR": -1_250, "USD": 9_800}) == "US$98.00 − €12.50"
    assert by("en-GB").sums({"EUR": -1_250}) == "-€12.50"


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "USD", "JPY", "KWD", "XYZ"]))
def test_every_amount_keeps_its_digits(minor: int, currency: str) -> None:
    digits = "".join(sign for sign in by("en-GB").money(minor, currency) if sign.isdigit())
    assert int(digits) == abs(minor)


def test_times_are_told_as_people_tell_them() -> None:
    reader.read_by(by("en-GB"))
    tell = by("en-GB").relative
    assert tell(None) == "never"
    assert tell(NOW) == "just now"
    assert tell(NOW - timedelta(hours=3)) == "3 hours ago"
    assert tell(NOW - timedelta(hours=20)) == "yesterday"
    assert tell(NOW.date()) == "today"
    assert tell(date(2026, 11, 21)) == "tomorrow"
    assert tell(NOW - timedelta(days=44)) == "44 days ago"
    assert tell(NOW + timedelta(days=60)) == "in 2 months"
    assert by("en-GB").day(NOW) == "20 Nov 2026"
    assert by("en-GB").percent(0.256) == "26%"
    assert (by("en-GB").duration(None), by("en-GB").percent(None), by("en-GB").day(None)) == ("–",) * 3


async def test_a_language_is_picked_and_kept(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/language", data={"language": "de", "next": "/login?next=/ask"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/ask")
    assert answer.cookies[LANGUAGE] == "de"
    assert '<html lang="de">' in (await anonymous.get("/login")).text

    answer = await anonymous.post("/language", data={"language": "xx", "next": "//evil.example"})
    assert answer.headers["location"] == "/"
    assert LANGUAGE not in answer.cookies
    away = await anonymous.post(
        "/language", data={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert away.status_code == 403
