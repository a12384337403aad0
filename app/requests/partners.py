"""What asking is lent by others: who owns a tool, how heavy its review will be, and how one is opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.engine import Connection

from app.errors import Conflict
from app.security.schemas import Caller, Side

BUSINESS_DAY = 8 * 3600
"""Seconds of business time in a day."""


@dataclass(frozen=True)
class Contact:
    """Somebody who answers for a tool; `part` is `owner` or `steward`."""

    name: str
    email: str | None
    part: str = "owner"


@dataclass(frozen=True)
class Subject:
    """What a lane is to be chosen for; `tool_id` is None while the tool is not in the catalog."""

    tool_id: int | None
    product: str | None
    category: str | None
    people: int | None = None
    spend_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class LaneChoice:
    """How heavy a review will be, why, and how many seconds of business time each side may take."""

    lane: str
    reasons: tuple[str, ...]
    service_seconds: Mapping[Side, int]


class OpenReview(Protocol):
    """Opens the review of a tool."""

    def __call__(
        self, connection: Connection, tool_id: int, *, cause: str, need: str, caller: Caller, now: datetime
    ) -> int:
        """Open it; gives its id.

        Raises:
            Conflict: the tool has an open review.
            Forbidden: the caller is not a person of a side.
        """
        ...


OwnersOf = Callable[[Connection, int], Sequence[Contact]]
LaneOf = Callable[[Connection, Subject, datetime], LaneChoice]


def no_reviews(
    connection: Connection,  # noqa: ARG001
    tool_id: int,  # noqa: ARG001
    *,
    cause: str,  # noqa: ARG001
    need: str,  # noqa: ARG001
    caller: Caller,  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> int:
    """Refuse: there is nothing here that could open a review.

    Raises:
        Conflict: always.
    """
    raise Conflict(
        "Reviews are not held in this installation, so none was opened; the request stays open.",
        code="no_reviews",
    )


def nobody(_connection: Connection, _tool_id: int) -> Sequence[Contact]:
    """Nobody answers for any tool."""
    return ()


def standard_lane(_connection: Connection, _subject: Subject, _now: datetime) -> LaneChoice:
    """The standard lane for every tool: five business days a side."""
    return LaneChoice(
        "standard",
        ("No policy chooses a lane, so it is the standard one.",),
        dict.fromkeys(Side, 5 * BUSINESS_DAY),
    )


@dataclass(frozen=True)
class Partners:
    """The functions that asking calls."""

    open_review: OpenReview = no_reviews
    owners_of: OwnersOf = nobody
    lane_of: LaneOf = standard_lane
