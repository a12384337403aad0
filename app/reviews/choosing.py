"""How heavy a review is: its lane, what each side must assess, how long it may take, who arbitrates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.reviews.clocks import BUSINESS_DAY, OFFICE_HOURS, Calendars
from app.reviews.events import Provisional, Terms
from app.reviews.words import ITEMS, Item, Lane
from app.security.schemas import Caller, Side


@dataclass(frozen=True)
class Choice:
    """What a review of a tool takes.

    Attributes:
        lane: how heavy it is.
        reasons: why, in sentences.
        items: what each side must assess before it turns its key.
        service_seconds: how much business time each side may take.
        arbiters: by user id, who decides for each side when the sides cannot agree.
        arbiter_seconds: how much business time those of each side may take.
    """

    lane: Lane
    reasons: tuple[str, ...]
    items: Mapping[Side, tuple[Item, ...]]
    service_seconds: Mapping[Side, int]
    arbiters: Mapping[Side, tuple[int, ...]]
    arbiter_seconds: Mapping[Side, int] = field(default_factory=dict)


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


def office_hours(_connection: Connection) -> Calendars:
    """Monday to Friday from nine to five, in UTC, for everybody."""
    return OFFICE_HOURS


@dataclass(frozen=True)
class Caps:
    """How far a provisional decision lets a tool go; None: as far as it is now."""

    people: int | None = None
    spend: Mapping[str, int] | None = None


def caps_of(terms: Terms) -> Caps:
    """How far a decision lets its tool go."""
    if not isinstance(terms, Provisional):
        return Caps()
    cap, currency = terms.spend_cap_minor, terms.currency
    return Caps(terms.people_cap, None if cap is None or currency is None else {currency: cap})


Agree = Callable[[Connection, int, Caps, datetime], dict[str, Any]]
"""Says on what a tool was decided, as plain values that are kept with the decision."""
MaySign = Callable[[Connection, Lane, Side, Caller], bool]
"""Says whether a person of a side may turn its key in a lane."""
LookAgain = Callable[[Connection, Mapping[int, Mapping[str, Any]], datetime], Mapping[int, Sequence[str]]]
"""Says in sentences why decisions should be opened again, by tool; each reason once."""
Watch = Callable[[Connection, Mapping[int, Mapping[str, Any]], datetime], object]
"""Tells what tools became since their decision, as far as that opens none again; each once."""
Settle = Callable[[Connection, int, str, datetime], None]
"""Notes that whatever spoke against a tool's decision was settled by a new one."""


OwnersOf = Callable[[Connection, int], Sequence[int]]
"""Says who owns a tool, by user id."""
Begun = Callable[[Connection, int, int, str, datetime], None]
"""Notes that a review of a tool was opened: by tool, review, actor and moment."""


def nothing_agreed(_connection: Connection, _tool_id: int, _caps: Caps, _now: datetime) -> dict[str, Any]:
    """Nothing is kept, so nothing can be held against it."""
    return {}


def whole_side(_connection: Connection, _lane: Lane, _side: Side, _caller: Caller) -> bool:
    """Whoever sits on a side may turn its key."""
    return True


def no_cause(
    _connection: Connection, _agreed: Mapping[int, Mapping[str, Any]], _now: datetime
) -> Mapping[int, Sequence[str]]:
    """No decision is ever opened again for what a tool became."""
    return {}


def nothing_told(_connection: Connection, _agreed: Mapping[int, Mapping[str, Any]], _now: datetime) -> object:
    """Nobody looks at what a tool becomes."""


def nothing_to_settle(_connection: Connection, _tool_id: int, _actor: str, _now: datetime) -> None:
    """Nothing spoke against it."""


def no_owner(_connection: Connection, _tool: int) -> Sequence[int]:
    """Nobody is known to own it."""
    return ()


def nothing_ends(
    _connection: Connection, _tool_id: int, _review_id: int, _actor: str, _now: datetime
) -> None:
    """Nothing held that a review would take the place of."""


@dataclass(frozen=True)
class HouseRules:
    """What reviews are lent by the company: who chooses and signs, when people work, what opens a decision
    again.
    """

    choose: Choose = choose_standard
    calendars: Callable[[Connection], Calendars] = office_hours
    may_sign: MaySign = whole_side
    agree: Agree = nothing_agreed
    look_again: LookAgain = no_cause
    watch: Watch = nothing_told
    settle: Settle = nothing_to_settle
    begun: Begun = nothing_ends
    owners_of: OwnersOf = no_owner
