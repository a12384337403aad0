"""Finds the charges that follow each other in a rhythm, among all that a tool was paid. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.spend.charges import Charge, order
from app.spend.periods import RHYTHMS, Period, Rhythm

_ALIKE = 0.06
"""A subscription's charge differs by so much at most from the one before: exchange rates move."""
_ALIKE_BY_YEAR = 0.35
_FARTHEST = 2.0
"""A price may double or halve at once; what differs more is something else."""
_DOUBLED_DAYS = 3
_MOST_CHAINS = 40


@dataclass
class Chain:
    """Charges in one rhythm, the oldest first.

    Attributes:
        rhythm: how often.
        charges: which ones.
        skipped: after which of them one was left out, by their index.
        steps: how often the price changed by more than it usually moves.
        off: by how many days they missed the rhythm, together.
        doubled: charges that repeat one of them, days later and to the cent.
    """

    rhythm: Rhythm
    charges: list[Charge]
    skipped: list[int] = field(default_factory=list)
    steps: int = 0
    off: int = 0
    doubled: list[Charge] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The higher, the better it explains what was paid."""
        return len(self.charges), -self.steps, -len(self.skipped), -self.off


def extract(charges: Sequence[Charge]) -> tuple[list[Chain], list[Charge]]:
    """Split charges of one currency into chains, and what is left.

    Who pays may change from month to month, and two may each pay for a subscription of their own: both
    readings are tried, and the one that explains more with fewer subscriptions is taken.

    Args:
        charges: sorted by `charges.order`, all in one currency.
    """
    together = _chains(charges)
    payers: dict[tuple[str, str], list[Charge]] = {}
    for charge in charges:
        payers.setdefault((charge.source, charge.payer), []).append(charge)
    if len(payers) == 1 or (len(together[0]) == 1 and not together[1]):
        return together
    apart: list[Chain] = []
    rest: list[Charge] = []
    for own in payers.values():
        found, left = _chains(own)
        apart += found
        rest += left
    found, left = _chains(sorted(rest, key=order))
    apart += found
    if (len(left), len(apart)) <= (len(together[1]), len(together[0])):
        return apart, left
    return together


def _chains(charges: Sequence[Charge]) -> tuple[list[Chain], list[Charge]]:
    left = list(charges)
    found: list[Chain] = []
    while len(left) > 1 and len(found) < _MOST_CHAINS:
        chain = _best(left)
        if chain is None:
            break
        taken = {id(charge) for charge in chain.charges}
        left = [charge for charge in left if id(charge) not in taken]
        left = _absorb(chain, left)
        found.append(chain)
    return found, left


def _absorb(chain: Chain, left: list[Charge]) -> list[Charge]:
    """Take charges that repeat one of the chain's into it; many of them are a subscription of their own."""
    days: dict[int, list[date]] = {}
    for charge in chain.charges:
        days.setdefault(charge.price, []).append(charge.on)

    def repeats(charge: Charge) -> bool:
        return any(abs((charge.on - day).days) <= _DOUBLED_DAYS for day in days.get(charge.price, ()))

    doubled = [charge for charge in left if repeats(charge)]
    if not doubled or 2 * len(doubled) >= len(chain.charges):
        return left
    chain.doubled = doubled
    again = {id(charge) for charge in doubled}
    return [charge for charge in left if id(charge) not in again]


def _best(charges: list[Charge]) -> Chain | None:
    days = [charge.on for charge in charges]
    best: Chain | None = None
    whole = [_follow(charges, days, 0, rhythm, may_skip=False)[0] for rhythm in RHYTHMS]
    for chain in whole:
        # Most tools are paid by one subscription without any flaw: nothing explains them better.
        perfect = len(chain.charges) == len(charges) and not chain.steps
        if perfect and (best is None or chain.rank > best.rank) and _holds(chain, charges):
            best = chain
    if best is not None:
        return best
    for rhythm in RHYTHMS:
        if len(charges) < rhythm.least:
            continue
        for may_skip in (True, False):
            seen: set[int] = set()
            for start in range(len(charges)):
                if start in seen:
                    continue
                chain, indexes = _follow(charges, days, start, rhythm, may_skip=may_skip)
                seen.update(indexes)
                if (best is None or chain.rank > best.rank) and _holds(chain, charges):
                    best = chain
    return best


def _follow(
    charges: list[Charge], days: list[date], start: int, rhythm: Rhythm, *, may_skip: bool
) -> tuple[Chain, list[int]]:
    """The chain that begins with one charge; each next one is the most alike of those that are due."""
    chain, indexes = Chain(rhythm, [charges[start]]), [start]
    here, anchor = start, charges[start].on.day
    while True:
        last = charges[here]
        found = _next(charges, days, here, rhythm, 1, anchor, alike=True)
        skipped = False
        if found is None and may_skip:
            found = _next(charges, days, here, rhythm, 2, anchor, alike=True)
            skipped = found is not None
        if found is None:
            found = _next(charges, days, here, rhythm, 1, anchor, alike=False)
            if found is None and may_skip:
                found = _next(charges, days, here, rhythm, 2, anchor, alike=False)
                skipped = found is not None
            if found is None:
                return chain, indexes
            chain.steps += 1
        here, off = found
        if skipped:
            chain.skipped.append(len(chain.charges) - 1)
        chain.off += off
        chain.charges.append(charges[here])
        indexes.append(here)
        anchor = max(anchor, charges[here].on.day) if last.on.day > 27 else anchor


def _next(
    charges: list[Charge],
    days: list[date],
    here: int,
    rhythm: Rhythm,
    times: int,
    anchor: int,
    *,
    alike: bool,
) -> tuple[int, int] | None:
    """The charge that comes `times` periods after another one and how far it is off; None if none does."""
    last = charges[here]
    due = rhythm.after(last.on, times)
    other = rhythm.after(last.on, times, anchor)
    if abs((other - due).days) > rhythm.slack:
        other = due
    slack = timedelta(days=rhythm.slack)
    first = max(here + 1, bisect_left(days, _clip(min(due, other), -slack)))
    until = bisect_right(days, _clip(max(due, other), slack))
    best: tuple[float, int, bool, int] | None = None
    for n in range(first, until):
        charge = charges[n]
        if charge.on <= last.on:
            continue
        off = min(abs((charge.on - due).days), abs((charge.on - other).days))
        if off > rhythm.slack:
            continue
        change = abs(charge.price - last.price) / last.price
        if alike and change > _slack_of_price(rhythm):
            continue
        if not alike and not 1 / _FARTHEST <= charge.price / last.price <= _FARTHEST:
            continue
        rank = (round(change, 2), off, (charge.source, charge.payer) != (last.source, last.payer), n)
        if best is None or rank < best:
            best = rank
    return None if best is None else (best[3], best[1])


def _clip(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta(0) else date.min


def _slack_of_price(rhythm: Rhythm) -> float:
    return _ALIKE_BY_YEAR if rhythm.period is Period.YEARLY else _ALIKE


def _holds(chain: Chain, charges: list[Charge]) -> bool:
    """Whether a chain is more than chance among all the charges that it was picked from."""
    count, gaps = len(chain.charges), len(chain.charges) - 1
    if count < chain.rhythm.least or 3 * len(chain.skipped) > gaps:
        return False
    prices = {charge.price for charge in chain.charges}
    # Between its changes a fixed price stays as it is; one that moves as well changes less often.
    most = max(1, count // 4) if len(prices) <= chain.steps + 1 else count // 6
    if chain.steps > most or (count == 2 and chain.steps):
        return False
    first, last = chain.charges[0].on, chain.charges[-1].on
    middle = sorted(charge.price for charge in chain.charges)[count // 2]
    slack = _slack_of_price(chain.rhythm)
    near = sum(
        first <= charge.on <= last and abs(charge.price - middle) <= slack * middle for charge in charges
    )
    in_span = [charge for charge in charges if first <= charge.on <= last]
    if len(prices) == 1:
        # To the cent: by chance that hardly happens three times, and twice only among few.
        same = sum(charge.price in prices for charge in in_span)
        return count > 2 or (same <= 3 and (len(charges) <= 6 or near <= 3))
    if count == 2:
        return len(charges) <= 4 and near <= 2
    # Among many differing charges some always follow each other by chance: advertising, paid by use.
    return 2 * count >= len(in_span) and (3 if count >= 6 else 2) * count >= len(charges)
