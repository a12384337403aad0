"""The clock, in one place, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, timezone-aware UTC."""
    return datetime.now(UTC)
