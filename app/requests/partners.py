"""What asking is lent by others: who owns a tool, how heavy its review will be, and how one is opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.engine import Connection

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


AddNeed = Callable[[Connection, int, str, Caller, datetime], None]
"""Writes into an open review, by its id, what somebody else needs the tool for."""
OwnersOf = Callable[[Connection, int], Sequence[Contact]]
LaneOf = Callable[[Connection, Subject, datetime], LaneChoice]


@dataclass(frozen=True)
class Partners:
    """The functions that asking calls."""

    open_review: OpenReview
    owners_of: OwnersOf
    lane_of: LaneOf
    add_need: AddNeed
