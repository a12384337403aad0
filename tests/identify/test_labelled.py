"""The labelled strings keep the promises of the page beside them."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "data"
COLUMNS = (
    "id", "kind", "value", "publisher", "mcc", "category", "expected_name", "expected_domain",
    "is_marketing", "tier", "real", "source", "draw", "half",
)  # fmt: skip
KINDS = ("sso_label", "oauth_app", "domain", "merchant")
KNOWN_TIERS = ("head", "torso", "tail")
SILENT_TIERS = ("noise", "lookalike", "reseller")
READ_BY_WRITERS = {
    "public statement samples",
    "Third Party Web",
    "Microsoft Entra app gallery tutorials",
    "Microsoft 365 App Compliance pages",
}
"""Sources that those who write records and rules have read: their rows are never held back."""

HALF_HELD_BACK, HELD_BACK = "4", "6"
"""The draws of which half is held back, and all of it; of the others every row has been read."""

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with (FOLDER / "labelled.csv").open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle, strict=True)
        assert tuple(reader.fieldnames or ()) == COLUMNS
        return list(reader)


@pytest.fixture(scope="module")
def known(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["expected_name"]]


@pytest.fixture(scope="module")
def silent(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["expected_name"]]


def test_columns_hold_what_they_may(rows: list[Row]) -> None:
    for row in rows:
        assert None not in row, f"{row['id']} has more cells than columns"
        assert row["kind"] in KINDS, row
        assert row["value"].strip(), row
        assert row["is_marketing"] in {"0", "1", ""}, row
        assert row["real"] in {"0", "1"}, row
        assert row["half"] in {"tune", "report"}, row
        assert not row["mcc"] or (row["kind"] == "merchant" and row["mcc"].isdigit() and len(row["mcc"]) == 4)
        assert not row["category"] or row["kind"] == "merchant", row
        assert not row["publisher"] or row["kind"] == "oauth_app", row
        assert (row["source"] == "own") == (row["real"] == "0"), row
    assert len({row["id"] for row in rows}) == len(rows)


def test_no_string_stands_twice(rows: list[Row]) -> None:
    counts = Counter((row["kind"], row["value"].lower(), row["publisher"].lower()) for row in rows)
    assert [key for key, count in counts.items() if count > 1] == []


def test_a_product_has_a_name_a_domain_and_a_tier(known: list[Row]) -> None:
    for row in known:
        domain = row["expected_domain"]
        assert domain == domain.lower(), row
        assert "." in domain, row
        assert "/" not in domain, row
        assert row["tier"] in KNOWN_TIERS, row


def test_noise_expects_nothing(silent: list[Row]) -> None:
    for row in silent:
        assert not row["expected_domain"], row
        assert row["is_marketing"] == "0", row
        assert row["tier"] in SILENT_TIERS, row


def test_one_string_without_publisher_has_one_answer(rows: list[Row]) -> None:
    answers: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        answers.setdefault((row["kind"], row["value"].lower(), row["publisher"].lower()), set()).add(
            row["expected_domain"]
        )
    assert {key: domains for key, domains in answers.items() if len(domains) > 1} == {}


def test_there_are_enough_of_each(rows: list[Row], known: list[Row], silent: list[Row]) -> None:
    assert len(rows) >= 2400
    for kind, count in Counter(row["kind"] for row in known).items():
        assert count >= 500, kind
    assert {row["kind"] for row in known} == set(KINDS)
    assert len(silent) >= 500
    assert sum(row["kind"] == "merchant" for row in silent) >= 200
    assert sum(row["kind"] == "oauth_app" and row["tier"] == "lookalike" for row in silent) >= 120
    assert sum(row["kind"] == "domain" for row in silent) >= 100
    assert sum(row["kind"] in {"sso_label", "oauth_app"} and row["tier"] == "noise" for row in silent) >= 80
    assert len({row["expected_domain"] for row in known}) >= 900


def test_about_half_is_real(rows: list[Row]) -> None:
    real = sum(row["real"] == "1" for row in rows)
    assert real >= 1200
    assert 0.45 <= real / len(rows) <= 0.6


def test_the_mix_is_balanced(known: list[Row]) -> None:
    tiers = Counter(row["tier"] for row in known)
    for tier, wanted in {"head": 0.4, "torso": 0.4, "tail": 0.2}.items():
        assert tiers[tier] / len(known) == pytest.approx(wanted, abs=0.06), tier
    for kind in KINDS:
        of_kind = [row for row in known if row["kind"] == kind]
        marketing = sum(row["is_marketing"] == "1" for row in of_kind) / len(of_kind)
        assert 0.45 <= marketing <= 0.6, kind


def test_the_half_follows_from_draw_and_value(rows: list[Row]) -> None:
    for row in rows:
        odd = hashlib.sha256(row["value"].lower().encode()).digest()[-1] & 1
        held = row["draw"] == HELD_BACK or (odd and row["draw"] == HALF_HELD_BACK)
        wanted = "report" if held else "tune"
        assert row["half"] == wanted, row


def test_no_string_of_a_later_draw_stands_in_an_earlier_one(rows: list[Row]) -> None:
    first: dict[tuple[str, str], str] = {}
    for row in sorted(rows, key=lambda r: r["draw"]):
        key = (row["kind"], row["value"].lower())
        assert first.setdefault(key, row["draw"]) == row["draw"], row


def test_nothing_that_writers_read_is_held_back(rows: list[Row]) -> None:
    for row in rows:
        if row["half"] == "report":
            assert row["source"] not in READ_BY_WRITERS, row


def test_both_halves_have_everything(rows: list[Row]) -> None:
    halves = {
        half: {(row["kind"], row["tier"]) for row in rows if row["half"] == half}
        for half in ("tune", "report")
    }
    assert halves["tune"] == halves["report"]
    assert {kind for kind, _ in halves["report"]} == set(KINDS)
    assert {tier for _, tier in halves["report"]} == {*KNOWN_TIERS, *SILENT_TIERS}


def test_every_source_is_on_the_page(rows: list[Row]) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for source in {row["source"] for row in rows}:
        listed = source.partition(":")[0].partition(" (")[0]
        assert f"| {listed} |" in page or f"- {listed}\n" in page or source == "own", source
