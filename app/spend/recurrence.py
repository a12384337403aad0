"""Which subscriptions a tool's charges tell of: how often, how much, when next, how sure, and why. Pure.

Nothing here depends on the day on which it is asked: a subscription says from when on it counts as ended.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import attrgetter
from statistics import median_low

from app.catalog.money import amount, counted
from app.language import lasting
from app.spend.chains import Chain, extract
from app.spend.charges import Charge, order, standing
from app.spend.periods import RHYTHM_OF, Period, ended_after, next_after

_MOST_CHARGES = 500
"""Of one currency; a tool that is charged more often than that is paid by use."""
_SAYS_YEARLY = re.compile(
    r"\b(annual(ly)?|yearly|per year|(1|one)[ -]year|12[ -]months?|year(ly)? plan|jahres\w*|jährlich\w*)\b",
    re.IGNORECASE,
)
_FEWEST_BY_USE = 3
_RECENT = 6
_FIXED_MOVES = 0.01
_RISE = 0.05
"""Of a price that moves with the exchange rate, a rise is at least so much."""


@dataclass(frozen=True)
class Rise:
    """The price went up and stayed there.

    Attributes:
        on: the first charge at the new price.
        before_minor, after_minor: the price a period, as it was asked for.
        currency: in which it was asked for.
        percent: how much more, rounded.
    """

    on: date
    before_minor: int
    after_minor: int
    currency: str
    percent: int


@dataclass(frozen=True)
class Subscription:
    """What is paid for again and again, or (`one_off`) was not.

    Attributes:
        period: how often.
        currency: in which it is billed.
        usual_minor: what one charge is, lately; of what is paid by use, what a month is.
        asked_minor, asked_currency: the price as asked for, where that is another currency.
        charges: how many there were.
        payers: how many people or accounts paid it.
        first_on, last_on: the first and the last charge.
        next_on: when the next one is expected; None where nothing says so.
        ended_after: without a charge until then it counts as ended; None for what has no rhythm.
        confidence: 0 to 1.
        reasons: why, as sentences.
        rises: price rises, the oldest first.
    """

    period: Period
    currency: str
    usual_minor: int
    charges: int
    payers: int
    first_on: date
    last_on: date
    confidence: float
    reasons: tuple[str, ...]
    asked_minor: int | None = None
    asked_currency: str | None = None
    next_on: date | None = None
    ended_after: date | None = None
    rises: tuple[Rise, ...] = ()

    def ended(self, today: date) -> bool:
        """Whether no charge came for a period and a half."""
        return self.ended_after is not None and today > self.ended_after


def subscriptions(charges: Iterable[Charge]) -> tuple[Subscription, ...]:
    """The subscriptions that the charges of one tool tell of, the latest charged first.

    Args:
        charges: all of them in any order, with refunds and what was declined.
    """
    groups: dict[tuple[str, str], list[Charge]] = {}
    for charge in standing(charges):
        groups.setdefault((charge.currency, charge.price_currency), []).append(charge)
    found: list[Subscription] = []
    for _, group in sorted(groups.items()):
        found += _of_currency(group)
    return tuple(sorted(found, key=lambda s: (-s.last_on.toordinal(), s.currency, -s.usual_minor, s.period)))


def _of_currency(charges: list[Charge]) -> list[Subscription]:
    chains: list[Chain] = []
    left = charges
    if len(charges) <= _MOST_CHARGES:
        chains, left = extract(sorted(charges, key=order))
    found = [_regular(chain) for chain in chains]
    by_words = [charge for charge in left if _SAYS_YEARLY.search(charge.text)]
    if 0 < len(by_words) <= 3:  # more of them in a year are something else, whatever they call themselves
        found += [_yearly_by_its_words(charge) for charge in sorted(by_words, key=order)]
        taken = {id(charge) for charge in by_words}
        left = [charge for charge in left if id(charge) not in taken]
    if left:
        left.sort(key=attrgetter("on"))
        billed = _billed(left)
        found.append(_by_use(left, billed) if _is_by_use(left, billed) else _without_rhythm(left))
    return found


# --- a fixed rhythm ----------------------------------------------------------------------------


def _regular(chain: Chain) -> Subscription:
    charges, rhythm = chain.charges, chain.rhythm
    last = charges[-1]
    level, rises = _levels(charges)
    recent = charges[level:][-_RECENT:]
    expected = next_after(rhythm, [charge.on for charge in charges])
    payers = {(charge.source, charge.payer) for charge in charges}
    abroad = last.price_currency != last.currency
    return Subscription(
        period=rhythm.period,
        currency=last.currency,
        usual_minor=median_low(charge.minor for charge in recent),
        charges=len(charges) + len(chain.doubled),
        payers=len(payers),
        first_on=charges[0].on,
        last_on=last.on,
        confidence=_confidence(chain),
        reasons=_reasons(chain, len(payers)),
        asked_minor=median_low(charge.price for charge in recent) if abroad else None,
        asked_currency=last.price_currency if abroad else None,
        next_on=expected,
        ended_after=ended_after(last.on, expected),
        rises=rises,
    )


def _levels(charges: Sequence[Charge]) -> tuple[int, tuple[Rise, ...]]:
    """The charge from which on the present price holds, by index; and the rises on the way there."""
    prices = [charge.price for charge in charges]
    moves = sorted(abs(after - before) / before for before, after in pairwise(prices))
    usual = moves[(len(moves) - 1) // 2] if moves else 0.0
    # A price to the cent that moves once has changed; one that always moves a little has not.
    least = _FIXED_MOVES if usual == 0 else max(_RISE, 3 * usual)
    rises: list[Rise] = []
    level = 0
    for n in range(1, len(prices)):
        before, after = prices[n - 1], prices[n]
        if abs(after - before) / before < least:
            continue
        level = n
        if after > before and all(later >= (before + after) / 2 for later in prices[n:]):
            percent = round((after - before) * 100 / before)
            rises.append(Rise(charges[n].on, before, after, charges[n].price_currency, percent))
    return level, tuple(rises)


def _confidence(chain: Chain) -> float:
    count = len(chain.charges)
    steps = ((12, 0.95), (6, 0.9), (4, 0.8), (3, 0.7), (2, 0.5))
    if chain.rhythm.period is Period.YEARLY:  # two years are much longer than two weeks
        steps = ((3, 0.95), (2, 0.8))
    sure = next(value for least, value in steps if count >= least)
    sure -= 0.05 * len(chain.skipped) + 0.05 * chain.steps
    if chain.off > chain.rhythm.slack * (count - 1) / 2:
        sure -= 0.1
    return round(max(sure, 0.3), 2)


def _reasons(chain: Chain, payers: int) -> tuple[str, ...]:
    charges, rhythm = chain.charges, chain.rhythm
    last = charges[-1]
    said = [
        lasting(
            "%(charges_word)s, %(words)s apart.",
            charges_word=counted(len(charges), "charge"),
            words=rhythm.words,
        )
    ]
    prices = [charge.price for charge in charges]
    low, high = min(prices), max(prices)
    currency = last.price_currency
    if low == high:
        said.append(lasting("Each was %(amount_word)s.", amount_word=amount(low, currency)))
    else:
        said.append(
            lasting(
                "They were between %(amount)s and %(most)s.",
                amount=amount(low, currency),
                most=amount(high, currency),
            )
        )
    if currency != last.currency:
        said.append(
            lasting(
                "The price is in %(currency)s, so that what is billed in %(billed)s moves with the rate.",
                currency=currency,
                billed=last.currency,
            )
        )
    for n in chain.skipped:
        missed = rhythm.after(charges[n].on)
        said.append(lasting("None came around %(day)s.", day=_day(missed)))
    said += [
        lasting("It was charged twice on or about %(day)s.", day=_day(charge.on))
        for charge in chain.doubled[:3]
    ]
    said += [_rise_words(rise) for rise in _levels(charges)[1]]
    if payers > 1:
        said.append(
            lasting(
                "It was paid by %(payers_word)s.",
                payers_word=counted(payers, "person or account", "people or accounts"),
            )
        )
    return tuple(said)


def _rise_words(rise: Rise) -> str:
    before, after = amount(rise.before_minor, rise.currency), amount(rise.after_minor, rise.currency)
    return lasting(
        "The price rose by %(percent)s %% on %(day)s, from %(before)s to %(after)s.",
        percent=rise.percent,
        day=_day(rise.on),
        before=before,
        after=after,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# --- without one -------------------------------------------------------------------------------


def _yearly_by_its_words(charge: Charge) -> Subscription:
    rhythm = RHYTHM_OF[Period.YEARLY]
    expected = next_after(rhythm, [charge.on])
    abroad = charge.price_currency != charge.currency
    return Subscription(
        period=Period.YEARLY,
        currency=charge.currency,
        usual_minor=charge.minor,
        charges=1,
        payers=1,
        first_on=charge.on,
        last_on=charge.on,
        confidence=0.5,
        reasons=(lasting("One charge so far, and its own text says that it is for a year."),),
        asked_minor=charge.price if abroad else None,
        asked_currency=charge.price_currency if abroad else None,
        next_on=expected,
        ended_after=ended_after(charge.on, expected),
    )


def _billed(charges: Sequence[Charge]) -> dict[date, int]:
    """What was billed on each day that has a charge, in the order of the charges."""
    days: dict[date, int] = {}
    for charge in charges:
        days[charge.on] = days.get(charge.on, 0) + charge.minor
    return days


def _months(billed: Mapping[date, int]) -> dict[int, int]:
    """What was billed in each month that has a charge."""
    months: dict[int, int] = {}
    for day, minor in billed.items():
        number = day.year * 12 + day.month
        months[number] = months.get(number, 0) + minor
    return months


def _is_by_use(charges: Sequence[Charge], billed: Mapping[date, int]) -> bool:
    """Whether most months from the first to the last have a charge."""
    if len(charges) < _FEWEST_BY_USE:
        return False
    months = _months(billed)
    span = max(months) - min(months) + 1
    return len(months) >= _FEWEST_BY_USE and 3 * len(months) >= 2 * span


def _by_use(charges: Sequence[Charge], billed: Mapping[date, int]) -> Subscription:
    months = _months(billed)
    usual = median_low(months.values())
    last = charges[-1]
    # From charge to charge: those of one day are none apart.
    gaps = [0] * (len(charges) - len(billed))
    gaps += sorted((later - earlier).days for earlier, later in pairwise(billed))
    gap = timedelta(days=max(1, gaps[len(gaps) // 2]))
    low, high = min(months.values()), max(months.values())
    return Subscription(
        period=Period.USAGE,
        currency=last.currency,
        usual_minor=usual,
        charges=len(charges),
        payers=len({(charge.source, charge.payer) for charge in charges}),
        first_on=charges[0].on,
        last_on=last.on,
        confidence=0.7 if len(months) >= 6 else 0.5,
        reasons=(
            lasting(
                "%(charges)s in %(months)s, of differing amounts.",
                charges=counted(len(charges), "charge"),
                months=counted(len(months), "month"),
            ),
            lasting(
                "A month cost between %(amount)s and %(most)s.",
                amount=amount(low, last.currency),
                most=amount(high, last.currency),
            ),
        ),
        next_on=_plus(last.on, gap),
        ended_after=_plus(last.on, max(timedelta(days=45), gap * 3 / 2)),
    )


def _plus(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return date.max


def _without_rhythm(charges: Sequence[Charge]) -> Subscription:
    last = charges[-1]
    return Subscription(
        period=Period.ONE_OFF,
        currency=last.currency,
        usual_minor=median_low(charge.minor for charge in charges),
        charges=len(charges),
        payers=len({(charge.source, charge.payer) for charge in charges}),
        first_on=charges[0].on,
        last_on=last.on,
        confidence=0.5,
        reasons=(
            lasting("There was one charge, and nothing says that it comes again.")
            if len(charges) == 1
            else lasting("%(charges)s without a rhythm.", charges=counted(len(charges), "charge")),
        ),
    )
