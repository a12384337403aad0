"""Charges as they count for a rhythm: what was declined, replaced or given back is left out. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from operator import attrgetter

import msgspec

_PAID = frozenset({"posted", "pending"})
_REFUND_DAYS = 120
"""A refund that does not say of what is of a charge of this amount at most so many days before."""


class Charge(msgspec.Struct, frozen=True, gc=False):
    """One line of what a tool cost.

    Attributes:
        on: the day.
        minor: the billed amount in minor units; a refund's is negative.
        currency: in which it was billed.
        state: posted, pending, refund, declined or void.
        source: on which account's record it is.
        payer: who paid, by any name; "" if nobody knows.
        ref: its id within the source.
        refund_of: the id of the charge that a refund gives back, if it says so.
        replaced: it was issued again under another id.
        asked_minor, asked_currency: as the merchant asked for it, where that is known.
        text: what it says of itself.
    """

    on: date
    minor: int
    currency: str
    state: str = "posted"
    source: str = ""
    payer: str = ""
    ref: str = ""
    refund_of: str | None = None
    replaced: bool = False
    asked_minor: int | None = None
    asked_currency: str | None = None
    text: str = ""

    @property
    def price(self) -> int:
        """The amount that a fixed price keeps: as asked for, where that is known."""
        asked = self.asked_minor or 0
        return asked if asked > 0 and self.asked_currency else self.minor

    @property
    def price_currency(self) -> str:
        """The currency of `price`."""
        asked = self.asked_currency
        return asked if asked and (self.asked_minor or 0) > 0 else self.currency


def order(charge: Charge) -> tuple[date, int, str, str, str]:
    """By which charges are sorted: the same whatever order they were read in."""
    return charge.on, charge.price, charge.source, charge.payer, charge.ref


def standing(charges: Iterable[Charge]) -> list[Charge]:
    """The charges that were paid and kept, the oldest first; those of one day in any order.

    What was given back in full is left out, in part not: a credit for a month does not end a subscription.
    """
    rows = list(charges)
    paid = [c for c in rows if c.state in _PAID and not c.replaced and c.minor > 0]
    refunds = [c for c in rows if c.state == "refund" and not c.replaced]
    given_back: dict[tuple[str, str], int] = defaultdict(int)
    for row in refunds:
        if row.refund_of:
            given_back[row.source, row.refund_of] += abs(row.minor)
    if given_back:
        paid = [c for c in paid if not c.ref or given_back.get((c.source, c.ref), 0) < c.minor]
    # By the day alone: a tool may have hundreds of thousands of charges, and few who read them care for more.
    paid.sort(key=attrgetter("on"))
    unnamed = [row for row in refunds if not row.refund_of]
    return _without_given_back(paid, unnamed) if unnamed else paid


def _without_given_back(paid: list[Charge], refunds: list[Charge]) -> list[Charge]:
    """Leave out, for each refund that names none, the latest charge of exactly its amount before it."""
    alike: dict[tuple[int, str, str], list[Charge]] = defaultdict(list)
    asked_for = {_amount(refund) for refund in refunds}
    for charge in paid:
        if _amount(charge) in asked_for:
            alike[_amount(charge)].append(charge)
    gone: set[int] = set()
    for same in alike.values():
        same.sort(key=order)
    for refund in sorted(refunds, key=order):
        same = alike[_amount(refund)]
        n = bisect_right(same, refund.on, key=attrgetter("on")) - 1
        if n >= 0 and (refund.on - same[n].on).days <= _REFUND_DAYS:
            gone.add(id(same.pop(n)))
    return [charge for charge in paid if id(charge) not in gone]


def _amount(charge: Charge) -> tuple[int, str, str]:
    return abs(charge.minor), charge.currency, charge.source
