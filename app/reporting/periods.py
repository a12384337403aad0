"""Which month's report is due for somebody. Pure."""

from datetime import date, datetime, time, timedelta

from app.policy.hours import Calendar


def month_before(day: date) -> date:
    """The first day of the month before a day's month."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def last_of(first: date) -> date:
    """The last day of the month that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def sent_at(month: date, day: int, working: Calendar) -> datetime:
    """When the report that is due in a month is sent: as work begins on the day, or on the next working day.

    Args:
        month: its first day.
        day: which day of it, 1 to 28.
        working: when the person's side works.
    """
    midnight = datetime.combine(month.replace(day=day), time(), working.zone)
    tick = timedelta(microseconds=1)
    return working.add(midnight, tick) - tick


def due(now: datetime, day: int, working: Calendar) -> date:
    """The first day of the last month whose report is due by now."""
    month = now.astimezone(working.zone).date().replace(day=1)
    while sent_at(month, day, working) > now:
        month = month_before(month)
    return month_before(month)


def next_sending(now: datetime, day: int, working: Calendar) -> datetime:
    """When the next report is sent."""
    month = now.astimezone(working.zone).date().replace(day=1)
    month = month_before(month)
    while sent_at(month, day, working) <= now:
        month = last_of(month) + timedelta(days=1)
    return sent_at(month, day, working)
