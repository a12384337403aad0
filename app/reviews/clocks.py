"""How long a review has waited on whom, in business time. Pure; the calendars are lent.

A calendar says how much business time lies between two moments, and which moment lies an amount of it after
another. What is between A and C must be what is between A and B and between B and C together: then what was
waited and what was not add up to what went by, whatever the calendar.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from app.reviews.state import State, Wait
from app.reviews.words import Party
from app.security.schemas import Side

Between = Callable[[datetime, datetime], timedelta]
Add = Callable[[datetime, timedelta], datetime]

_BEGINS, _ENDS = time(9), time(17)
BUSINESS_DAY = timedelta(hours=8)


@dataclass(frozen=True)
class Calendar:
    """When somebody works; without `add`, nobody can say when something is due."""

    between: Between
    add: Add | None = None


Calendars = Mapping[Party, Calendar]


@dataclass(frozen=True)
class Clock:
    """The business time of one party.

    Attributes:
        waited: while the review waited on it.
        not_waited: while it did not.
        runs: it is waited on now.
        service: how long it may be waited on; None where nothing was agreed.
        due: when that is used up, if it is waited on from now without a break; None unless it runs.
    """

    waited: timedelta
    not_waited: timedelta
    runs: bool
    service: timedelta | None
    due: datetime | None

    @property
    def elapsed(self) -> timedelta:
        """All business time since the opening."""
        return self.waited + self.not_waited

    @property
    def left(self) -> timedelta | None:
        """What is left of the service level; below zero when it is overdrawn."""
        return None if self.service is None else self.service - self.waited

    @property
    def is_over(self) -> bool:
        """Whether it took longer than was agreed."""
        return self.service is not None and self.waited > self.service

    @property
    def reminders(self) -> int:
        """How often somebody was to be reminded by now.

        It is when their time is used up, and each time that as much again has gone by, though not more often
        than once in a business day.
        """
        if self.service is None or not self.is_over:
            return 0
        return 1 + (self.waited - self.service) // max(self.service, BUSINESS_DAY)

    @property
    def over_twice(self) -> bool:
        """Whether it took more than twice its time."""
        return self.service is not None and self.waited > 2 * self.service


def clock_of(state: State, party: Party, calendar: Calendar, now: datetime) -> Clock:
    """One party's clock; it stands still once the review is closed."""
    seconds = None if party is Party.ARBITERS else state.service_seconds.get(Side(party.value))
    return _clock(state, lambda wait: party in wait.on, seconds, calendar, now)


def _clock(
    state: State, runs_in: Callable[[Wait], bool], seconds: int | None, calendar: Calendar, now: datetime
) -> Clock:
    end = state.closed_at or max(now, state.at)
    waited = not_waited = timedelta(0)
    for i, wait in enumerate(state.waits):
        until = state.waits[i + 1].since if i + 1 < len(state.waits) else end
        length = calendar.between(wait.since, until)
        if runs_in(wait):
            waited += length
        else:
            not_waited += length
    service = None if seconds is None else timedelta(seconds=seconds)
    runs = state.is_open and runs_in(state.waits[-1])
    due = None
    if runs and service is not None and calendar.add is not None and waited < service:
        due = calendar.add(end, service - waited)
    return Clock(waited, not_waited, runs, service, due)


def clocks_of(state: State, calendars: Calendars, now: datetime) -> dict[Party, Clock]:
    """Every party's clock."""
    return {party: clock_of(state, party, calendars[party], now) for party in Party}


def arbiters_clocks(state: State, calendars: Calendars, now: datetime) -> dict[Side, Clock]:
    """The clock of each side's arbiters, by that side's calendar: it runs until their key is turned."""

    def clock(side: Side) -> Clock:
        seconds, calendar = state.arbiter_seconds.get(side), calendars[Party(side.value)]
        return _clock(state, lambda wait: side in wait.arbiters, seconds, calendar, now)

    return {side: clock(side) for side in Side}


def who_is_late(state: State, calendars: Calendars, now: datetime) -> list[tuple[Side, bool, int]]:
    """Who is waited on now, and for longer than was agreed.

    Returns:
        The sides; with True, who arbitrates for them; and how often they were to be reminded by now. A side
        is reminded once, since the other one can hand the review to the arbiters; nobody comes after those.
    """
    clocks = clocks_of(state, calendars, now)
    arbiters = arbiters_clocks(state, calendars, now)
    each = [(side, False, clocks[Party(side.value)]) for side in Side]
    each += [(side, True, arbiters[side]) for side in Side]
    return [
        (side, arbiter, clock.reminders if arbiter else 1)
        for side, arbiter, clock in each
        if clock.runs and clock.is_over
    ]


# --- the calendar that holds until somebody sets another one ---------------------------------


def office_hours_between(start: datetime, end: datetime) -> timedelta:
    """How much of 9 to 17 UTC, Monday to Friday, lies between two moments; zero if they are turned round."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return timedelta(0)
    return _since_monday(end) - _since_monday(start) + 5 * BUSINESS_DAY * _weeks(start, end)


def _since_monday(moment: datetime) -> timedelta:
    """Office hours since the week began."""
    if moment.weekday() >= 5:
        return 5 * BUSINESS_DAY
    opened = datetime.combine(moment.date(), _BEGINS, UTC)
    today = min(max(moment - opened, timedelta(0)), BUSINESS_DAY)
    return moment.weekday() * BUSINESS_DAY + today


def _weeks(start: datetime, end: datetime) -> int:
    """How many Mondays begin a week after the week of `start`, up to the week of `end`."""
    first = start.date() - timedelta(days=start.weekday())
    last = end.date() - timedelta(days=end.weekday())
    return (last - first).days // 7


def office_hours_after(start: datetime, amount: timedelta) -> datetime:
    """The first moment by which so much office time went by since `start`."""
    left = amount
    for opens, closes in _office_days(start.astimezone(UTC)):
        begin = max(start.astimezone(UTC), opens)
        if left <= closes - begin:
            return begin + left
        left -= max(closes - begin, timedelta(0))
    raise AssertionError("the days never end")


def _office_days(start: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = start.date()
    while True:
        if day.weekday() < 5 and datetime.combine(day, _ENDS, UTC) > start:
            yield datetime.combine(day, _BEGINS, UTC), datetime.combine(day, _ENDS, UTC)
        day += timedelta(days=1)


OFFICE = Calendar(office_hours_between, office_hours_after)
OFFICE_HOURS: Calendars = dict.fromkeys(Party, OFFICE)
"""Office hours for everybody."""
