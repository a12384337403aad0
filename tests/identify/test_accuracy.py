"""Identification is as good as it was and as is promised, on rows that no record was written from."""

import json
from functools import cache
from pathlib import Path

import pytest

from app.identify import default_knowledge_base
from app.identify.accuracy import (
    Table,
    from_json,
    measure,
    overstated,
    setbacks,
    shortfalls,
    tabulate,
    to_json,
)
from app.identify.accuracy_page import with_figures
from app.identify.labelled import HALVES, KINDS, TIERS, LabelledRow, read_labelled

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "identify" / "data"
AGAIN = (
    "penumbra accuracy tests/identify/data/labelled.csv "
    "--write tests/identify/data/accuracy.json --page docs/accuracy.md"
)


@cache
def labelled() -> tuple[LabelledRow, ...]:
    return tuple(read_labelled(DATA / "labelled.csv"))


@cache
def now(half: str) -> Table:
    return tabulate(measure(default_knowledge_base(), [row for row in labelled() if row.half == half]))


@cache
def committed() -> dict[str, Table]:
    figures = json.loads((DATA / "accuracy.json").read_text(encoding="utf-8"))
    return {half: from_json(table) for half, table in figures.items()}


def test_no_promise_that_was_kept_is_broken() -> None:
    """What is not kept yet stands on the page for everybody to see, and nothing may join it."""
    known = {(s.group, s.figure) for s in shortfalls(committed()["report"])}
    assert [str(s) for s in shortfalls(now("report")) if (s.group, s.figure) not in known] == []


def test_the_held_back_half_did_not_fall_behind() -> None:
    assert setbacks(now("report"), committed()["report"]) == [], f"if it is meant so: {AGAIN}"


@pytest.mark.parametrize("half", HALVES)
def test_no_answer_is_surer_than_it_is_right(half: str) -> None:
    assert overstated(now(half)) == []


@pytest.mark.parametrize("half", HALVES)
def test_every_kind_and_tier_is_measured(half: str) -> None:
    assert {"all", *KINDS, *TIERS} <= set(now(half))


def test_the_page_shows_the_committed_figures() -> None:
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert with_figures(page, committed()) == page, f"write them again: {AGAIN}"


def test_the_committed_figures_are_whole() -> None:
    figures = json.loads((DATA / "accuracy.json").read_text(encoding="utf-8"))
    assert set(figures) == set(HALVES)
    assert {half: to_json(from_json(table)) for half, table in figures.items()} == figures
