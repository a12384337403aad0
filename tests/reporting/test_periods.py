"""On which moment a month's report is sent, and which month is due."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policy.hours import Calendar
from app.reporting.periods import due, last_of, month_before, next_sending, sent_at

BERLIN = Calendar(
    ZoneInfo("Europe/Berlin"), {day: [(9 * 60, 17 * 60)] for day in range(5)}, {date(2026, 10, 5)}
)
FAR = Calendar(ZoneInfo("Pacific/Auckland"), {day: [(8 * 60, 12 * 60)] for day in range(7)})


@pytest.mark.parametrize(
    ("month", "day", "at"),
    [
        (date(2026, 11, 1), 2, datetime(2026, 11, 2, 8, tzinfo=UTC)),
        (date(2026, 11, 1), 1, datetime(2026, 11, 2, 8, tzinfo=UTC)),  # a Sunday
        (date(2026, 10, 1), 5, datetime(2026, 10, 6, 7, tzinfo=UTC)),  # a holiday, in summer time
        (date(2026, 2, 1), 28, datetime(2026, 3, 2, 8, tzinfo=UTC)),  # a Saturday at the month's end
    ],
)
def test_it_is_sent_as_work_begins_on_the_day_or_the_next_working_day(
    month: date, day: int, at: datetime
) -> None:
    assert sent_at(month, day, BERLIN) == at
    assert sent_at(date(2026, 11, 1), 3, FAR) == datetime(2026, 11, 2, 19, tzinfo=UTC)


def test_the_month_before_is_due_from_then_on() -> None:
    assert due(datetime(2026, 11, 2, 7, 59, tzinfo=UTC), 2, BERLIN) == date(2026, 9, 1)
    assert due(datetime(2026, 11, 2, 8, tzinfo=UTC), 2, BERLIN) == date(2026, 10, 1)
    assert due(datetime(2026, 3, 1, 12, tzinfo=UTC), 28, BERLIN) == date(2025, 12, 1)
    assert next_sending(datetime(2026, 11, 2, 8, tzinfo=UTC), 2, BERLIN) == datetime(
        2026, 12, 2, 8, tzinfo=UTC
    )


@given(
    st.integers(0, 20 * 365 * 24 * 60).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
    st.integers(1, 28),
    st.sampled_from([BERLIN, FAR]),
)
def test_what_is_due_was_sent_and_the_next_one_is_of_the_following_month(
    now: datetime, day: int, working: Calendar
) -> None:
    month, coming = due(now, day, working), next_sending(now, day, working)
    assert coming > now
    assert due(coming, day, working) == last_of(month) + timedelta(days=1)
    assert month_before(due(coming, day, working)) == month
