"""Charges as they count for a rhythm: what was declined, replaced or given back is left out. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

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
        return self.asked_minor if self._asked and self.asked_minor else self.minor

    @property
    def price_currency(self) -> str:
        """The currency of `price`."""
        return self.asked_currency if self._asked and self.asked_currency else self.currency

    @property
    def _asked(self) -> bool:
        return bool(self.asked_currency) and (self.asked_minor or 0) > 0


def order(charge: Charge) -> tuple[date, int, str, str, str]:
    """By which charges are sorted: the same whatever order they were read in."""
    return charge.on, charge.price, charge.source, charge.payer, charge.ref


def standing(charges: Iterable[Charge]) -> list[Charge]:
    """The charges that were paid and kept, the oldest first.

    What was given back in full is left out, in part not: a credit for a month does not end a subscription.
    """
    rows = sorted(charges, key=order)
    paid = [c for c in rows if c.state in _PAID and not c.replaced and c.minor > 0]
    given_back: dict[tuple[str, str], int] = defaultdict(int)
    unnamed: list[Charge] = []
    for row in rows:
        if row.state != "refund" or row.replaced:
            continue
        if row.refund_of:
            given_back[row.source, row.refund_of] += abs(row.minor)
        else:
            unnamed.append(row)
    left = [c for c in paid if not c.ref or given_back[c.source, c.ref] < c.minor]
    for refund in unnamed:
        _take_back(left, refund)
    return left


def _take_back(paid: list[Charge], refund: Charge) -> None:
    """Leave out the latest charge of exactly this amount before a refund that names none."""
    for n in range(len(paid) - 1, -1, -1):
        charge = paid[n]
        same = (charge.minor, charge.currency, charge.source) == (
            abs(refund.minor),
            refund.currency,
            refund.source,
        )
        if same and 0 <= (refund.on - charge.on).days <= _REFUND_DAYS:
            del paid[n]
            return
