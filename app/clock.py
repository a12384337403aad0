"""The clock, in one place, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, timezone-aware UTC."""
    return datetime.now(UTC)


def start_of(day: date) -> datetime:
    """The moment in which a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
