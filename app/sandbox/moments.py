"""When things happen: office hours, few at weekends, always before the company's day begins."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from app.sandbox.people import Person

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_EAST = {"GB": 0, "DE": 1, "PL": 1, "US": -5, "CA": -5, "SG": 8, "IN": 5}
"""Hours by which an office's day begins before London's."""


def working_days(end: datetime, days: int) -> tuple[list[date], list[float]]:
    """The days before `end` and how busy each is."""
    found = [(end - timedelta(days=n)).date() for n in range(days, 0, -1)]
    return found, [0.06 if d.weekday() >= 5 else 1.0 for d in found]


def moment(day: date, person: Person, rng: Random) -> datetime:
    """A moment of the person's working day, in UTC and on that same UTC day."""
    hour = rng.gauss(12.2, 2.4) - _EAST.get(person.office[1], 0)
    milliseconds = int(hour * _HOUR_MS) % _DAY_MS
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def millis(at: datetime) -> str:
    """`2026-11-19T08:03:22.123Z`: Okta's and Google's spelling."""
    return f"{at.isoformat(timespec='milliseconds')[:23]}Z"


def seconds(at: datetime) -> str:
    """`2026-11-19T08:03:22Z`: Microsoft's spelling."""
    return f"{at.isoformat(timespec='seconds')[:19]}Z"


def address(person: Person) -> str:
    """The IP address a person is usually seen from (a documentation range)."""
    return f"{('192.0.2', '198.51.100', '203.0.113')[person.index % 3]}.{person.index % 250 + 2}"


def at_noon(day: date) -> datetime:
    """A day as a moment, for records whose hour nobody cares about."""
    return datetime(day.year, day.month, day.day, 9 + day.day % 8, day.day * 2 % 60, 11, tzinfo=UTC)
