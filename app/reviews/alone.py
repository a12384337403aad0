"""What one side did without the other: bought, approved or owned in a vacuum. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.reviews.measures import Counted, Counting, Days, Deed, Spell, decided_by, present, start_of, totals


class Charges(NamedTuple):
    """What was paid for a tool on a day, in one currency.

    Attributes:
        tool_id: the tool.
        day: the day; where `undecided` is known, the first day of a stretch in which all is counted alike.
        currency: of the amounts.
        times: how many charges.
        paid: what they come to.
        spend: what was posted, less refunds.
        undecided: nobody had decided on the tool; None: its reviews must be looked at, day by day.
    """

    tool_id: int
    day: date
    currency: str
    times: int
    paid: int
    spend: int
    undecided: bool | None = None


def bought_undecided(
    charges: Iterable[Charges], spells: Mapping[int, Sequence[Spell]], days: Days
) -> Counting:
    """The tools that were paid for while nobody had decided on them, of all that were paid for.

    On the day of a decision either may have come first: that day's charges are not held against anybody.
    """
    paid: set[int] = set()
    found: dict[int, list[Charges]] = defaultdict(list)
    for charge in charges:
        if not charge.times or not days.has(charge.day):
            continue
        paid.add(charge.tool_id)
        undecided = charge.undecided
        if undecided is None:
            undecided = _undecided_on(charge.day, spells.get(charge.tool_id, ()))
        if undecided:
            found[charge.tool_id].append(charge)
    items = [
        Counted(
            tool_id,
            days.last_start,
            "It was paid for while it was not decided on.",
            times=sum(c.times for c in own),
            spend=totals((c.currency, c.paid) for c in own),
        )
        for tool_id, own in found.items()
    ]
    return Counting(tuple(items), len(paid))


def _undecided_on(day: date, spells: Sequence[Spell]) -> bool:
    start = start_of(day)
    return not decided_by(spells, start) and not decided_by(spells, start + timedelta(days=1))


def unreviewed_spend(
    charges: Iterable[Charges], spells: Mapping[int, Sequence[Spell]], days: Days
) -> Counting:
    """What the tools that are not decided on at the end of a period cost in the 12 months up to then."""
    year = days.year
    found: dict[int, list[Charges]] = defaultdict(list)
    for charge in charges:
        if charge.spend and year.has(charge.day):
            found[charge.tool_id].append(charge)
    items = [
        Counted(
            tool_id,
            days.last_start,
            "Nobody has decided on it.",
            times=sum(c.times for c in own),
            spend=totals((c.currency, c.spend) for c in own),
        )
        for tool_id, own in found.items()
        if not decided_by(spells.get(tool_id, ()), days.end)
    ]
    return Counting(tuple(items), len(found))


class Approval(NamedTuple):
    """Somebody let a tool in by old means; `into` is the tool that it was said to be, if that was said."""

    tool_id: int
    at: datetime
    what: str
    into: int | None = None


def approved_alone(
    approvals: Iterable[Approval],
    spells: Mapping[int, Sequence[Spell]],
    ours: frozenset[int],
    days: Days,
) -> Counting:
    """The tools that were approved by old means while undecided, of all that were approved or decided on.

    That a tool is part of another one is an approval only where the other one was decided on.

    Args:
        approvals: of the tools that are looked at.
        spells: the reviews of every tool.
        ours: which of the tools with a review are looked at.
        days: the period.
    """
    found: dict[int, list[Approval]] = defaultdict(list)
    for one in approvals:
        if not days.holds(one.at) or decided_by(spells.get(one.tool_id, ()), one.at):
            continue
        if one.into is None or decided_by(spells.get(one.into, ()), one.at):
            found[one.tool_id].append(one)
    items = []
    for tool_id, own in found.items():
        first = min(own, key=lambda a: a.at)
        items.append(Counted(tool_id, first.at, first.what, times=len(own)))
    jointly = {id_ for id_ in ours if any(s.decided and days.holds(s.closed_at) for s in spells[id_])}
    return Counting(tuple(items), len(jointly | found.keys()))


def one_side(
    deeds: Mapping[int, Sequence[Deed]],
    spells: Mapping[int, Sequence[Spell]],
    in_use: frozenset[int],
    days: Days,
) -> Counting:
    """The tools with an owner or a steward at the end of a period, at whose table the other side is missing.

    A review, open or decided, brings both sides to the table.
    """
    items, over = [], 0
    for tool_id, log in deeds.items():
        owner, steward = present(log, days.end)
        if tool_id not in in_use or not (owner or steward):
            continue
        over += 1
        if owner and steward:
            continue
        if any(_at_the_table(spell, days.end) for spell in spells.get(tool_id, ())):
            continue
        what = "It has an owner, and nobody of IT is there." if owner else "It has a steward, and no owner."
        items.append(Counted(tool_id, days.last_start, what))
    return Counting(tuple(items), over)


def _at_the_table(spell: Spell, at: datetime) -> bool:
    goes_on = spell.closed_at is None or spell.closed_at >= at
    return spell.opened_at < at and (goes_on or spell.decided)
