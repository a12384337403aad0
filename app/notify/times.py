"""When something may be told, and when it is tried again. Pure: every time comes in."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.notify.topics import Mode

MOST_ATTEMPTS = 12
"""With the pauses between them about two days."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_DAY = 24 * 60


@dataclass(frozen=True)
class Preferences:
    """When a person wants to hear something, in their own time.

    Attributes:
        timezone: an IANA name, `Europe/Berlin`.
        quiet_from: minute of the day from which on nothing is sent.
        quiet_until: minute of the day from which on it is sent again; equal to `quiet_from`, never quiet.
        digest_day: 0 is Monday.
        digest_minute: minute of that day.
    """

    timezone: str = "UTC"
    quiet_from: int = 20 * 60
    quiet_until: int = 7 * 60
    digest_day: int = 0
    digest_minute: int = 8 * 60


def when_to_send(now: datetime, wanted: Preferences, mode: Mode, *, urgent: bool = False) -> datetime:
    """The next moment in which a person may be told something.

    Args:
        now: since when there is something to tell.
        wanted: the person's times.
        mode: `DIGEST` waits for the person's next digest, else only quiet hours are waited out.
        urgent: passes quiet hours.

    Returns:
        A moment not before `now`.
    """
    if mode is Mode.DIGEST:
        return next_digest(now, wanted)
    return now if urgent else after_quiet(now, wanted)


def after_quiet(now: datetime, wanted: Preferences) -> datetime:
    """`now`, or the end of the quiet hours it lies in."""
    start, end = wanted.quiet_from, wanted.quiet_until
    if start == end:
        return now
    local = now.astimezone(ZoneInfo(wanted.timezone))
    minute = local.hour * 60 + local.minute
    into = (minute - start) % _DAY
    if into >= (end - start) % _DAY:
        return now
    days = 1 if minute >= start and end <= start else 0
    return max(now, _at(local, days, end))


def next_digest(now: datetime, wanted: Preferences) -> datetime:
    """The first moment of a digest after `now`."""
    local = now.astimezone(ZoneInfo(wanted.timezone))
    days = (wanted.digest_day - local.weekday()) % 7
    found = _at(local, days, wanted.digest_minute)
    return found if found > now else _at(local, days + 7, wanted.digest_minute)


def _at(local: datetime, days: int, minute: int) -> datetime:
    """A wall-clock time some days on; where the clock skips it in spring, the moment right after."""
    at = datetime.combine(local.date() + timedelta(days=days), time(minute // 60, minute % 60))
    utc = ZoneInfo("UTC")
    return at.replace(tzinfo=local.tzinfo).astimezone(utc)


def pause_after(attempts: int, dice: float) -> timedelta:
    """How long to wait after so many failed attempts.

    Args:
        attempts: how many there were, from 1 on.
        dice: from 0 to 1; spreads what failed together.
    """
    seconds = _FIRST_PAUSE.total_seconds() * 4.0 ** min(attempts - 1, 10)
    return timedelta(seconds=min(seconds, _LONGEST_PAUSE.total_seconds()) * (0.85 + 0.3 * dice))
