"""How heavy a review is: its lane, what each side must assess, how long it may take, who arbitrates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from app.reviews.clocks import BUSINESS_DAY, OFFICE_HOURS, Calendars
from app.reviews.words import ITEMS, Item, Lane
from app.security.schemas import Side


@dataclass(frozen=True)
class Choice:
    """What a review of a tool takes.

    Attributes:
        lane: how heavy it is.
        reasons: why, in sentences.
        items: what each side must assess before it turns its key.
        service_seconds: how much business time each side may take.
        arbiters: by user id, who decides for each side when the sides cannot agree.
    """

    lane: Lane
    reasons: tuple[str, ...]
    items: Mapping[Side, tuple[Item, ...]]
    service_seconds: Mapping[Side, int]
    arbiters: Mapping[Side, tuple[int, ...]]


Choose = Callable[[Connection, int, datetime], Choice]
"""Chooses for a tool, by its id, as of a moment."""

_FIVE_DAYS = int(5 * BUSINESS_DAY.total_seconds())


def choose_standard(_connection: Connection, _tool_id: int, _now: datetime) -> Choice:
    """The standard lane for every tool: all items, five business days a side, no arbiters."""
    return Choice(
        lane=Lane.STANDARD,
        reasons=("No policy says otherwise.",),
        items=ITEMS,
        service_seconds=dict.fromkeys(Side, _FIVE_DAYS),
        arbiters=dict.fromkeys(Side, ()),
    )


@dataclass(frozen=True)
class HouseRules:
    """What reviews are lent by the company: who chooses, and when people work."""

    choose: Choose = choose_standard
    calendars: Calendars = field(default_factory=lambda: OFFICE_HOURS)
