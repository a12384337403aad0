"""What the scoreboard counts, worked out from rows: moments, shares, promises. Pure.

Whatever is counted is given as the list of what counts (`Counted`) and the number it is counted over, so that
a number and the list behind it cannot differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from app.security.schemas import Side

YEAR = 365


@dataclass(frozen=True)
class Days:
    """A period, both days included.

    Attributes:
        first: its first day.
        last: its last day.
    """

    first: date
    last: date

    @cached_property
    def start(self) -> datetime:
        """The moment in which it begins, in UTC."""
        return start_of(self.first)

    @cached_property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return start_of(self.last + timedelta(days=1))

    @property
    def last_start(self) -> datetime:
        """The moment in which its last day begins: when things are said to be that are true at its end."""
        return start_of(self.last)

    @cached_property
    def before(self) -> "Days":
        """As many days, right before."""
        length = self.last - self.first
        last = self.first - timedelta(days=1)
        return Days(last - length, last)

    @cached_property
    def year(self) -> "Days":
        """The 12 months up to its last day."""
        return Days(self.last - timedelta(days=YEAR - 1), self.last)

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it."""
        return moment is not None and self.start <= moment < self.end

    def has(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


def start_of(day: date) -> datetime:
    """The moment in which a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class Number(StrEnum):
    """The numbers that have a list behind them."""

    FLAGGED = "flagged"
    CLAIMED = "claimed"
    DECIDED = "decided"
    CLAIMED_SHARE = "claimed_share"
    JOINTLY_DECIDED = "jointly_decided"
    BOUGHT_UNDECIDED = "bought_undecided"
    APPROVED_ALONE = "approved_alone"
    ONE_SIDE = "one_side"
    UNREVIEWED_SPEND = "unreviewed_spend"
    PROMISES_KEPT = "promises_kept"
    PROMISES_MISSED = "promises_missed"
    PROMISES_WAIVED = "promises_waived"
    PROMISES_OPEN = "promises_open"


@dataclass(frozen=True)
class Counted:
    """One thing that counts.

    Attributes:
        tool_id: which tool.
        at: when it happened; the last day of the period for what is true at its end.
        what: a sentence.
        seconds: how long it took, if that is measured.
        review: the review in which it was, if in one.
        number: of the promise in it.
        times: how often it happened to this tool.
        spend: what it cost, in minor units by currency.
    """

    tool_id: int
    at: datetime
    what: str
    seconds: int | None = None
    review: int | None = None
    number: int = 0
    times: int = 1
    spend: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counting:
    """What counts, and of how many."""

    items: tuple[Counted, ...]
    over: int


# --- from first evidence to … ------------------------------------------------------------------


class Moments(NamedTuple):
    """When a tool was first seen, and what came of it; with what was merged into it, each the earliest."""

    tool_id: int
    first_seen: datetime
    flagged_at: datetime | None = None
    claimed_at: datetime | None = None
    decided_at: datetime | None = None
    review: int | None = None

    def joined(self, other: "Moments") -> "Moments":
        """These moments and those of a tool that was merged into this one."""
        decided = [(m.decided_at, m.review) for m in (self, other) if m.decided_at is not None]
        decided_at, review = min(decided, key=lambda pair: pair[0]) if decided else (None, None)
        return Moments(
            self.tool_id,
            min(self.first_seen, other.first_seen),
            _earliest(self.flagged_at, other.flagged_at),
            _earliest(self.claimed_at, other.claimed_at),
            decided_at,
            review,
        )


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((m for m in moments if m is not None), default=None)


_STEPS = {Number.FLAGGED: "flagged_at", Number.CLAIMED: "claimed_at", Number.DECIDED: "decided_at"}
_SAID = {
    Number.FLAGGED: "It was flagged for the first time.",
    Number.CLAIMED: "It was claimed for the first time.",
    Number.DECIDED: "The two sides decided on it for the first time.",
}


def reached(found: Iterable[Moments], step: Number, days: Days) -> Counting:
    """The tools that came to a step for the first time within a period, and how long that took.

    A tool of which nothing older than the step is known any more (a teaching took the evidence away) took no
    time that could be told, and is left out.
    """
    items, name, start, end = [], _STEPS[step], days.start, days.end
    for moments in found:
        at = getattr(moments, name)
        if at is not None and start <= at < end and at >= moments.first_seen:
            seconds = int((at - moments.first_seen).total_seconds())
            review = moments.review if step is Number.DECIDED else None
            items.append(Counted(moments.tool_id, at, _SAID[step], seconds, review))
    return Counting(tuple(items), len(items))


# --- who was there -----------------------------------------------------------------------------

_TAKES = frozenset({"claimed", "accepted", "settled"})
_ENDS = frozenset({"released", "lapsed"})
OWNING = (*sorted(_TAKES | _ENDS), "steward_named", "steward_left")
"""The deeds of the log of claims by which somebody begins or ceases to answer for a tool."""


class Deed(NamedTuple):
    """A line of a tool's log of claims."""

    at: datetime
    kind: str


def present(deeds: Iterable[Deed], at: datetime) -> tuple[bool, bool]:
    """Whether a tool had an owner, and whether it had a steward, right before a moment."""
    owner = steward = False
    for deed in deeds:
        if deed.at >= at:
            break
        if deed.kind in _TAKES:
            owner = True
        elif deed.kind in _ENDS:
            owner = False
        else:
            steward = deed.kind == "steward_named"
    return owner, steward


def claimed(deeds: Mapping[int, Sequence[Deed]], in_use: frozenset[int], over: int, days: Days) -> Counting:
    """The tools in use that have an owner at the end of a period.

    Args:
        deeds: the log of each tool that has one.
        in_use: which of these are in use at the end of the period.
        over: how many tools are in use then, with a log or without.
        days: the period.
    """
    items = [
        Counted(tool_id, days.last_start, "It has an owner.")
        for tool_id, log in deeds.items()
        if tool_id in in_use and present(log, days.end)[0]
    ]
    return Counting(tuple(items), over)


# --- decided on, or not ------------------------------------------------------------------------


class Spell(NamedTuple):
    """A review of a tool, as far as it says whether the tool was decided on.

    Attributes:
        review: its id.
        opened_at: from when it was under review.
        closed_at: until when; None: it still is.
        decided: how it ended; False: it was withdrawn.
        gives_back: withdrawn, it gave back what was decided before; False: that had run out.
    """

    review: int
    opened_at: datetime
    closed_at: datetime | None
    decided: bool
    gives_back: bool = True


def decided_by(spells: Iterable[Spell], at: datetime) -> bool:
    """Whether a joint decision on a tool held right before a moment, and was not being looked at again.

    Args:
        spells: its reviews, the oldest first.
        at: the moment.
    """
    held = False
    for spell in spells:
        if spell.opened_at >= at:
            break
        if spell.closed_at is None or spell.closed_at >= at:
            return False
        held = spell.decided or (held and spell.gives_back)
    return held


def jointly_decided(
    spells: Mapping[int, Sequence[Spell]], in_use: frozenset[int], over: int, days: Days
) -> Counting:
    """The tools in use on which both sides have decided, and the decision holds at the end of a period."""
    items = [
        Counted(tool_id, days.last_start, "Both sides decided on it.", review=_last(own, days.end))
        for tool_id, own in spells.items()
        if tool_id in in_use and decided_by(own, days.end)
    ]
    return Counting(tuple(items), over)


def _last(spells: Sequence[Spell], at: datetime) -> int | None:
    made = [s.review for s in spells if s.decided and s.closed_at is not None and s.closed_at < at]
    return made[-1] if made else None


# --- promises ----------------------------------------------------------------------------------


class Promised(NamedTuple):
    """A condition of a decision."""

    tool_id: int
    review: int
    number: int
    side: Side
    text: str
    state: str
    decided_at: datetime
    settled_at: datetime | None


_SETTLED = {
    "kept": Number.PROMISES_KEPT,
    "missed": Number.PROMISES_MISSED,
    "waived": Number.PROMISES_WAIVED,
}


def promises(found: Iterable[Promised], days: Days) -> dict[tuple[Number, Side], Counting]:
    """How the promises of each side stand: settled within a period, of all settled in it; open at its end."""
    start, end = days.start, days.end
    items: dict[tuple[Number, Side], list[Counted]] = {
        (n, s): [] for n in (Number.PROMISES_OPEN, *_SETTLED.values()) for s in Side
    }
    for one in found:
        at = one.settled_at
        if at is None or at >= end:
            if one.decided_at < end:
                items[Number.PROMISES_OPEN, one.side].append(_promise(one, one.decided_at))
        elif at >= start:
            items[_SETTLED[one.state], one.side].append(_promise(one, at))
    settled = {s: sum(len(items[n, s]) for n in _SETTLED.values()) for s in Side}
    return {
        (n, s): Counting(tuple(own), len(own) if n is Number.PROMISES_OPEN else settled[s])
        for (n, s), own in items.items()
    }


def _promise(one: Promised, at: datetime) -> Counted:
    return Counted(one.tool_id, at, one.text, review=one.review, number=one.number)


def sums(items: Iterable[Counted]) -> dict[str, int]:
    """What all that counts cost, by currency."""
    return totals(pair for item in items for pair in item.spend.items())


def totals(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Amounts added up, by currency."""
    found: dict[str, int] = defaultdict(int)
    for currency, minor in pairs:
        found[currency] += minor
    return dict(sorted(found.items()))
