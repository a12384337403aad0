"""The pure parts: how long reviews took, what kind of tool a stranger is, how an amount is written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identify import default_knowledge_base
from app.requests import wording
from app.requests.guessing import guess
from app.requests.naming import LONGEST, one_line, read
from app.requests.waiting import spread
from app.web.typed import minor_of

DURATIONS = st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), min_size=3, max_size=40)


@given(took=DURATIONS)
def test_a_spread_holds_for_the_share_it_names(took: list[timedelta]) -> None:
    found = spread(took)
    assert found is not None
    for percent, days in ((50, found.median_days), (90, found.p90_days)):
        within = sum(t <= timedelta(days=days) for t in took)
        assert 100 * within >= percent * len(took)
    assert 1 <= found.median_days <= found.p90_days
    assert spread(reversed(took)) == found


def test_fewer_than_three_reviews_are_no_history() -> None:
    assert spread([]) is None
    assert spread([timedelta(days=1)] * 2) is None
    assert spread([timedelta(minutes=5)] * 3) is not None


@pytest.mark.parametrize(
    ("name", "need", "category"),
    [
        ("Quuxly newsletter", "", "CE-EMAIL"),
        ("SEO Quux", "", "CE-SEO"),
        ("Quux", "We run webinars for our partners' customers", "SR-EVT"),
        ("Quux", "", None),
        ("Quux app", "", None),
        ("Quux ads", "", None),  # of four kinds of advertising: nobody can say which
        ("Adobeology", "a tool to work with", None),
    ],
)
def test_a_strangers_kind_is_guessed_only_where_its_words_agree(
    name: str, need: str, category: str | None
) -> None:
    found = guess(default_knowledge_base(), name, None, need)
    assert found.category == category
    assert found.why.endswith(".")


@given(typed=st.text(max_size=700))
def test_what_is_typed_becomes_one_storable_line(typed: str) -> None:
    line = one_line(typed)
    assert len(line) <= LONGEST
    assert line == one_line(line)
    assert not set(line) & set("\x00\n\r\t\u2028")


@pytest.mark.parametrize(
    ("typed", "name", "domain"),
    [
        ("Frobnix, https://www.frobnix.io/a?b=c", "Frobnix,", "frobnix.io"),
        ("(frobnix.io)", "frobnix.io", "frobnix.io"),
        ("frobnix.co.uk", "frobnix.co.uk", "frobnix.co.uk"),
        ("Frobnix.js", "Frobnix.js", None),
        ("192.168.0.1", "192.168.0.1", None),
        ("http://[::1", "http://[::1", None),
    ],
)
def test_a_name_and_an_address_are_told_apart(typed: str, name: str, domain: str | None) -> None:
    found = read(default_knowledge_base(), typed)
    assert (found.name, found.domain) == (name, domain)


@pytest.mark.parametrize(
    ("cost", "currency", "minor"),
    [
        ("1200", "EUR", 120_000),
        ("1,200.5", "eur", 120_050),
        ("0", "EUR", 0),
        ("1200", "JPY", 1200),
        ("1.5", "JPY", None),
        ("1.234", "EUR", None),
        ("-5", "EUR", None),
        ("²", "EUR", None),
        (".5", "EUR", None),
        ("1" * 13, "EUR", None),
    ],
)
def test_an_amount_is_read_as_it_is_written(cost: str, currency: str, minor: int | None) -> None:
    assert minor_of(cost, currency) == minor


def test_lists_and_sentences() -> None:
    assert [wording.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [wording.sentence(x) for x in ("Fine", "Fine. ", "Fine?")] == ["Fine.", "Fine.", "Fine?"]
