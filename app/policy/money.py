"""Money in rules: amounts of several currencies compared by the policy's exchange rates. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from app.catalog.money import amount, decimals
from app.language import lasting


class Rates:
    """Fixed exchange rates.

    Args:
        currency: in which amounts are added up.
        rates: what one unit of another currency is worth in it.
    """

    def __init__(self, currency: str, rates: Mapping[str, float]) -> None:
        self.currency = currency
        # Written as they stand in the policy: 0.92 is 92 hundredths, not the float next to it.
        worth = {c: Decimal(str(r)) for c, r in rates.items()} | {currency: Decimal(1)}
        self._factors = {c: w.scaleb(-decimals(c)) for c, w in worth.items()}

    def knows(self, currency: str) -> bool:
        """True if this currency has a rate."""
        return currency in self._factors

    def worth(self, minor: int, currency: str) -> Decimal:
        """An amount in whole units of the common currency.

        Raises:
            KeyError: the currency has no rate.
        """
        return minor * self._factors[currency]

    def total(self, spend: Mapping[str, int]) -> Decimal | None:
        """Amounts of several currencies together; None if one that something was paid in has no rate."""
        total = Decimal(0)
        for currency, minor in spend.items():
            factor = self._factors.get(currency)
            if factor is not None:
                total += minor * factor
            elif minor > 0:
                return None
        return total

    def unknown(self, spend: Mapping[str, int]) -> list[str]:
        """The currencies that something was paid in and that have no rate."""
        return sorted(c for c, minor in spend.items() if minor > 0 and c not in self._factors)

    def written(self, spend: Mapping[str, int]) -> str:
        """Amounts of several currencies for people, with what they come to together where that says more."""
        known = {c: m for c, m in sorted(spend.items()) if c in self._factors and m}
        if list(known) in ([], [self.currency]):
            return amount(known.get(self.currency, 0), self.currency)
        total = sum((m * self._factors[c] for c, m in known.items()), Decimal(0))
        *others, last = (amount(m, c) for c, m in known.items())
        with_total = lasting(
            "%(sum_word)s (about %(total_word)s)", sum_word=last, total_word=self._in_words(total)
        )
        return " and ".join((*others, with_total))

    def _in_words(self, total: Decimal) -> str:
        return amount(int(total.scaleb(decimals(self.currency)).to_integral_value()), self.currency)
