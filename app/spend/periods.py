"""How often a subscription is charged, and which day comes next. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How often something is charged."""

    WEEKLY = "weekly"
    FOUR_WEEKLY = "four_weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    USAGE = "usage"
    ONE_OFF = "one_off"


@dataclass(frozen=True)
class Rhythm:
    """A fixed period: so many days, or so many calendar months.

    Attributes:
        period: which one.
        days, months: its length; one of the two is 0.
        slack: by so many days a charge may be off: weekends, holidays, banks.
        least: so few charges in a row are enough to speak of it.
        words: its length in a sentence.
    """

    period: Period
    days: int
    months: int
    slack: int
    least: int
    words: str

    def after(self, day: date, times: int = 1, anchor: int | None = None) -> date:
        """The day so many periods later; `anchor` is the day of the month on which it is charged."""
        if self.days:
            return _plus_days(day, self.days * times)
        return add_months(day, self.months * times, anchor)


# The order decides where two fit equally well: a month before four weeks.
RHYTHMS = (
    Rhythm(Period.MONTHLY, 0, 1, 5, 2, "a month"),
    Rhythm(Period.FOUR_WEEKLY, 28, 0, 2, 4, "four weeks"),
    Rhythm(Period.WEEKLY, 7, 0, 2, 4, "a week"),
    Rhythm(Period.QUARTERLY, 0, 3, 12, 2, "three months"),
    Rhythm(Period.YEARLY, 0, 12, 25, 2, "a year"),
)
RHYTHM_OF = {rhythm.period: rhythm for rhythm in RHYTHMS}


def add_months(day: date, months: int, anchor: int | None = None) -> date:
    """The same day so many months later, or the month's last one: 31 January and one month is 28 February.

    Args:
        day: from where.
        months: how many; may be negative.
        anchor: the day of the month to come to, if not `day`'s own.
    """
    number = day.year * 12 + day.month - 1 + months
    if number < 12:
        return date.min
    if number >= 9999 * 12 + 12:
        return date.max
    year, month = divmod(number, 12)
    return date(year, month + 1, min(anchor or day.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


def _plus_days(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def next_after(rhythm: Rhythm, days: Sequence[date]) -> date:
    """The day on which the next charge is expected.

    Where it is charged on a day of the month, a charge that was booked late does not move the next one, and
    one at the end of February does not keep the 31st from coming back.

    Args:
        rhythm: how often it is charged.
        days: those on which it was charged; at least one, sorted.
    """
    last = days[-1]
    if rhythm.days:
        return rhythm.after(last)
    usual = Counter(day.day for day in days)
    anchor = max(usual, key=lambda n: (usual[n], n))
    if last.day == _days_in(last.year, last.month) and max(usual) > last.day:
        anchor = max(usual)
    plain = add_months(last, rhythm.months)
    near = [add_months(last, rhythm.months + shift, anchor) for shift in (-1, 0, 1)]
    later = [day for day in near if day > last]
    return min(later, key=lambda day: (abs((day - plain).days), day), default=plain)


def ended_after(last: date, expected: date) -> date:
    """The day after which a subscription counts as ended: a period and a half without a charge."""
    return _plus_days(last, ((expected - last).days * 3 + 1) // 2)
