"""A tool's history as one list."""

from datetime import UTC, datetime

from app.catalog.schemas import ToolOut
from app.reviews.answers import ReviewItem
from app.reviews.words import Cause, Lane
from app.web.tool_story import story


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 9, tzinfo=UTC)


def told(flagged: int | None, reviewed: int | None) -> list[tuple[int, str]]:
    """The days of a tool's history with what happened, the latest first."""
    tool = ToolOut.model_construct(
        name="Canva",
        first_seen=at(1),
        flagged_at=None if flagged is None else at(flagged),
        flagged_reasons=["It is a marketing tool."],
        sources=[],
    )
    review = ReviewItem.model_construct(
        id=1, cause=Cause.CLAIM, lane=Lane.FAST, opened_at=at(reviewed or 1), closed_at=None, outcome=None
    )
    lines = story(tool, [], [], [review] if reviewed else [])
    return [(line.at.day, line.text.split()[0]) for line in lines]


def test_a_tool_is_seen_flagged_and_reviewed() -> None:
    assert told(flagged=5, reviewed=9) == [(9, "A"), (5, "Since"), (1, "It")]
    assert told(flagged=5, reviewed=None) == [(5, "Since"), (1, "It")]
    assert told(flagged=None, reviewed=9) == [(9, "A"), (1, "It")]


def test_what_was_under_review_before_it_was_flagged_did_not_wait_for_it() -> None:
    assert told(flagged=9, reviewed=5) == [(5, "A"), (1, "It")]
