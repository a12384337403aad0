"""Business time: how much of it lies between two moments, and when so much of it has passed. Pure.

Hours are written in local time, moments are exact: a moment is business time if the clock on the wall shows a
time of the day's hours. So an hour that daylight saving skips does not count, and one that comes twice counts
twice. A year's days become moments once; everything else is looking up sums of days, so that a year takes no
longer than an hour.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.language import lasting

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2400
"""Years for which business time is worked out; what lies outside is refused, not guessed."""

Span = tuple[int, int]
"""Minutes of the local day, from and to."""


class BadHours(ValueError):
    """Hours, a day or a time zone that cannot be; the message says what to write instead."""


def read_span(text: str) -> Span:
    """`"09:00-17:30"` as minutes of the day.

    Raises:
        BadHours: it is not such a text, it is empty, or it passes midnight.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise BadHours(lasting("'%(what)s' is not a span of hours: write it as 09:00-17:30", what=text))
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start, end) > _DAY_MINUTES or max(start_minute, end_minute) > 59:
        raise BadHours(
            lasting("'%(what)s' names a time that no day has: a day goes from 00:00 to 24:00", what=text)
        )
    if end < start:
        first, _, last = text.replace(" ", "").partition("-")
        raise BadHours(
            lasting(
                "'%(what)s' passes midnight: write %(first)s-24:00 on this day, and 00:00-%(last)s "
                "on the next one",
                what=text,
                first=first,
                last=last,
            )
        )
    if end == start:
        raise BadHours(lasting("'%(what)s' is empty: it must end after it begins", what=text))
    return start, end


def read_zone(name: str) -> ZoneInfo:
    """The time zone of this name.

    Raises:
        BadHours: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # what is not found is a KeyError
        raise BadHours(
            lasting("there is no time zone '%(name)s': write one such as Europe/Berlin or UTC", name=name)
        ) from error


def read_day(text: str) -> date:
    """`"2026-12-25"` as a day.

    Raises:
        BadHours: it is not such a text.
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadHours(lasting("'%(what)s' is not a day: write it as 2026-12-25", what=text))


@dataclass(frozen=True)
class _Year:
    """The days of one local year as microseconds since the epoch.

    Attributes:
        starts: the moment in which each day begins, and the one in which the next year does.
        sums: the business time of the year before each day, and of the whole year.
        spans: each day's business hours as moments.
    """

    starts: list[int]
    sums: list[int]
    spans: list[Sequence[tuple[int, int]]]


@dataclass(frozen=True, eq=False)
class Calendar:
    """When somebody works.

    Args:
        zone: the time zone in which the hours are written.
        hours: for each weekday (0 is Monday) its spans; a day that is missing is free.
        holidays: days that are free whatever weekday they are.

    Raises:
        BadHours: spans of a day overlap, are empty, or pass midnight.
    """

    zone: ZoneInfo
    hours: Mapping[int, Sequence[Span]]
    holidays: Collection[date] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for weekday, spans in self.hours.items():
            for start, end in spans:
                if not 0 <= start < end <= _DAY_MINUTES:
                    raise BadHours(
                        lasting(
                            "%(day)s: a span must end on the day on which it begins",
                            day=WEEKDAYS[weekday],
                        )
                    )
            for (_, end), (start, _) in pairwise(sorted(spans)):
                if start < end:
                    raise BadHours(
                        lasting(
                            "%(day)s: spans overlap: join them, or end one earlier",
                            day=WEEKDAYS[weekday],
                        )
                    )
        object.__setattr__(self, "hours", {d: tuple(sorted(s)) for d, s in self.hours.items() if s})
        object.__setattr__(self, "holidays", frozenset(self.holidays))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The business time from `start` to `end`; negative if `end` is the earlier one.

        Raises:
            ValueError: a moment without a time zone, or outside the years 1900 to 2400.
        """
        if _micros(end) < _micros(start):
            return -self.between(end, start)
        first, last = _micros(start), _micros(end)
        year, to = self._year_at(first, start), self._year_at(last, end)
        whole = sum(self._year(y).sums[-1] for y in range(year, to))
        return timedelta(microseconds=whole + self._in_year(to, last) - self._in_year(year, first))

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which `amount` of business time has passed since `start`, in UTC.

        Nothing added gives `start`. What ends with the day's hours ends then, not the next morning.

        Raises:
            ValueError: a negative amount, a moment without a time zone, or the end lies after the year 2400.
            BadHours: the calendar has no hours at all, so that the time never comes.
        """
        wanted = amount // _MICROSECOND
        if wanted < 0:
            raise ValueError("business time cannot be taken away: add nothing, or more")
        moment = _micros(start)
        if wanted == 0:
            return start.astimezone(UTC)
        if not self.hours:
            raise BadHours("this calendar has no hours, so the time never comes: give it some")
        year = self._year_at(moment, start)
        wanted += self._in_year(year, moment)
        while wanted > self._year(year).sums[-1]:
            wanted -= self._year(year).sums[-1]
            year += 1
        table = self._year(year)
        # The day in which the sum is reached: the last one before which less than that has passed.
        at = bisect_right(table.sums, wanted - 1) - 1
        left = wanted - table.sums[at]
        for first, last in table.spans[at]:
            if left <= last - first:
                return _EPOCH + timedelta(microseconds=first + left)
            left -= last - first
        raise AssertionError("a day holds the business time that its sum says")

    def _in_year(self, year: int, moment: int) -> int:
        table = self._year(year)
        at = bisect_right(table.starts, moment) - 1
        partly = sum(min(moment, last) - first for first, last in table.spans[at] if moment > first)
        return table.sums[at] + partly

    def _year_at(self, moment: int, written: datetime) -> int:
        year = written.astimezone(self.zone).year
        # Clocks that are put back over midnight of New Year show the old year once more.
        if moment >= self._year(year).starts[-1]:
            year += 1
        elif moment < self._year(year).starts[0]:
            year -= 1
        return year

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            if not _FIRST_YEAR <= year <= _LAST_YEAR:
                raise ValueError(
                    f"business time is worked out from {_FIRST_YEAR} to {_LAST_YEAR}, not for {year}"
                )
            found = self._years[year] = self._written_down(year)
        return found

    def _written_down(self, year: int) -> _Year:
        first, following = date(year, 1, 1), date(year + 1, 1, 1)
        days = [first + timedelta(days=n) for n in range((following - first).days)]
        starts = _begins(self.zone, [*days, following])
        sums, spans, total = [0], [], 0
        for day, start, end in zip(days, starts[:-1], starts[1:], strict=True):
            if end - start == _DAY_MINUTES * _MINUTE:
                moments = [(start + a * _MINUTE, start + b * _MINUTE) for a, b in self._hours_on(day)]
            else:
                moments = self._changed_day(start, end)
            spans.append(moments)
            total += sum(b - a for a, b in moments)
            sums.append(total)
        return _Year(starts, sums, spans)

    def _hours_on(self, day: date) -> Sequence[Span]:
        return () if day in self.holidays else self.hours.get(day.weekday(), ())

    def _changed_day(self, start: int, end: int) -> list[tuple[int, int]]:
        """The business hours between two moments, between which the clock is changed once."""
        if start == end:  # a day that was left out
            return []
        offset = _offset(self.zone, start)
        change = _first(lambda moment: _offset(self.zone, moment) != offset, start, end)
        found = []
        for first, last in ((start, change), (change, end)):
            shift = _offset(self.zone, first)
            # Where clocks are put back over midnight, the day before is shown once more.
            for n in range(3):
                day = (_EPOCH + timedelta(microseconds=first) + shift).date() + timedelta(days=n - 1)
                midnight = (
                    datetime(day.year, day.month, day.day, tzinfo=UTC) - _EPOCH - shift
                ) // _MICROSECOND
                for a, b in self._hours_on(day):
                    begins, ends = max(first, midnight + a * _MINUTE), min(last, midnight + b * _MINUTE)
                    if begins < ends:
                        found.append((begins, ends))
        return found


_MINUTE = 60_000_000


def _micros(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone names no moment")
    return (moment - _EPOCH) // _MICROSECOND


def _begins(zone: ZoneInfo, days: Sequence[date]) -> list[int]:
    """The first moments of days that follow each other."""
    midnights = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
    offsets = [midnight.utcoffset() or timedelta() for midnight in midnights]
    first = (midnights[0].replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
    starts = [first + n * _DAY_MINUTES * _MINUTE - offset // _MICROSECOND for n, offset in enumerate(offsets)]
    for n in range(len(days)):
        # Only where the clock is changed may midnight itself be skipped, which takes a closer look.
        if n + 1 == len(days) or offsets[n] != offsets[n + 1]:
            starts[n] = _begin(zone, days[n])
    return starts


def _begin(zone: ZoneInfo, day: date) -> int:
    """The first moment at which the local clock shows this day, or a later one if the day is left out."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    before, after = midnight.utcoffset(), midnight.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    utc = midnight.replace(tzinfo=UTC) - _EPOCH
    moment = (utc - before) // _MICROSECOND
    if after <= before:  # the usual case, or a midnight that comes twice: its first coming
        return moment
    # Midnight is skipped: the day begins when the clock is changed.
    return _first(lambda m: _offset(zone, m) != before, (utc - after) // _MICROSECOND, moment)


def _offset(zone: ZoneInfo, moment: int) -> timedelta:
    offset = (_EPOCH + timedelta(microseconds=moment)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first whole second in `low`..`high` at which `holds` is true; it is at `high`."""
    low, high = low // 1_000_000, high // 1_000_000
    while low < high:
        middle = (low + high) // 2
        if holds(middle * 1_000_000):
            high = middle
        else:
            low = middle + 1
    return low * 1_000_000
