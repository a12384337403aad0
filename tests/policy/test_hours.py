"""Business time: additive, never more than wall time, the same whatever zone moments are written in."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.policy.hours import BadHours, Calendar, read_day, read_span, read_zone

ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"),
    *("Pacific/Apia", "America/Havana", "Africa/Casablanca", "America/St_Johns"),
)
NINE_TO_FIVE = {day: [(540, 1020)] for day in range(5)}
HOUR, ZERO = timedelta(hours=1), timedelta()


@st.composite
def calendars(draw: st.DrawFn, zone: str | None = None) -> Calendar:
    hours = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
        hours[day] = list(zip(edges[::2], edges[1::2], strict=False))
    holidays = draw(st.sets(st.dates(date(2024, 1, 1), date(2025, 12, 31)), max_size=5))
    return Calendar(ZoneInfo(zone or draw(st.sampled_from(ZONES))), hours, holidays)


MOMENTS = st.integers(0, 790 * 86_400_000_000).map(
    lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.lists(MOMENTS, min_size=3, max_size=3))
def test_parts_add_up(calendar: Calendar, moments: list[datetime]) -> None:
    a, b, c = sorted(moments)
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(c, a) == -calendar.between(a, c)
    assert ZERO <= calendar.between(a, b) <= calendar.between(a, c) <= c - a


@settings(max_examples=60, deadline=None)
@given(calendars(), MOMENTS, st.floats(0, 60))
def test_what_is_added_has_passed_then_and_not_before(
    calendar: Calendar, start: datetime, weeks: float
) -> None:
    amount = weeks * timedelta(minutes=sum(b - a for spans in calendar.hours.values() for a, b in spans))
    end = calendar.add(start, amount)
    assert calendar.between(start, end) == amount
    if amount:
        assert calendar.between(start, end - timedelta(microseconds=1)) < amount
    else:
        assert end == start


@settings(max_examples=60, deadline=None)
@given(calendars(), MOMENTS, MOMENTS, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_it_does_not_matter_in_which_zone_moments_are_written(
    calendar: Calendar, a: datetime, b: datetime, one: str, other: str
) -> None:
    here, there = a.astimezone(ZoneInfo(one)), b.astimezone(ZoneInfo(other))
    assert calendar.between(here, there) == calendar.between(a, b)
    assert calendar.add(here, HOUR) == calendar.add(a, HOUR)
    # Two moments of one zone, in which Python compares and subtracts what the clocks show.
    assert calendar.between(here, b.astimezone(here.tzinfo)) == calendar.between(a, b)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),  # 02:00 to 03:00 is skipped
        ("Europe/Berlin", date(2026, 10, 25)),  # 02:00 to 03:00 comes twice
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
        ("Africa/Cairo", date(2026, 4, 24)),  # midnight is skipped
        ("America/Havana", date(2026, 11, 1)),  # 00:00 to 01:00 comes twice
        ("America/Toronto", date(1986, 10, 26)),
        ("America/St_Johns", date(2010, 11, 7)),  # put back over midnight, at a minute past it
        ("Pacific/Apia", date(2011, 12, 30)),  # a day that was left out
    ],
)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_moment_counts_if_the_clock_on_the_wall_says_so(zone: str, day: date, data: st.DataObject) -> None:
    calendar = data.draw(calendars(zone))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    minutes = 0
    for n in range(3 * 24 * 60):
        wall = (start + timedelta(minutes=n)).astimezone(calendar.zone)
        at = wall.hour * 60 + wall.minute
        spans = calendar.hours.get(wall.weekday(), ())
        minutes += wall.date() not in calendar.holidays and any(a <= at < b for a, b in spans)
    assert calendar.between(start, start + timedelta(days=3)) == timedelta(minutes=minutes)


def test_a_week_in_an_office() -> None:
    office = Calendar(ZoneInfo("Europe/Berlin"), NINE_TO_FIVE, {date(2026, 12, 25)})
    friday = datetime(2026, 12, 18, 16, tzinfo=ZoneInfo("Europe/Berlin"))
    assert office.between(friday, friday + timedelta(days=7)) == 33 * HOUR  # Christmas is free
    assert office.between(friday, friday + timedelta(days=14)) == 72 * HOUR
    assert office.add(friday, HOUR) == datetime(2026, 12, 18, 16, tzinfo=UTC)  # then, not on Monday morning
    assert office.add(friday, HOUR + timedelta(minutes=1)) == datetime(2026, 12, 21, 8, 1, tzinfo=UTC)


def test_several_spans_a_day_and_a_day_to_its_end() -> None:
    calendar = Calendar(ZoneInfo("UTC"), {0: [read_span("13:30-24:00"), read_span("9:00-12:30")], 1: []})
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert calendar.between(monday, monday + timedelta(days=7)) == 14 * HOUR
    assert calendar.add(monday, 4 * HOUR) == monday + 14 * HOUR


def test_a_week_without_hours() -> None:
    empty = Calendar(ZoneInfo("UTC"), {})
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert empty.between(monday, monday + timedelta(days=900)) == ZERO
    assert empty.add(monday, ZERO) == monday
    with pytest.raises(BadHours, match="has no hours"):
        empty.add(monday, HOUR)


def test_what_cannot_be_is_refused() -> None:
    office = Calendar(ZoneInfo("UTC"), NINE_TO_FIVE)
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    with pytest.raises(ValueError, match="without a time zone"):
        office.between(moment.replace(tzinfo=None), moment)
    with pytest.raises(ValueError, match="cannot be taken away"):
        office.add(moment, -HOUR)
    with pytest.raises(ValueError, match="from 1900 to 2400"):
        office.between(moment, datetime(2500, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="from 1900 to 2400"):
        office.add(datetime(2399, 1, 1, tzinfo=UTC), timedelta(days=9000))
    with pytest.raises(BadHours, match="mon: spans overlap"):
        Calendar(ZoneInfo("UTC"), {0: [(0, 100), (99, 200)]})
    with pytest.raises(BadHours, match="tue: a span must end"):
        Calendar(ZoneInfo("UTC"), {1: [(1200, 300)]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("22:00-06:00", "write 22:00-24:00 on this day, and 00:00-06:00 on the next one"),
        ("09:00-09:00", "must end after it begins"),
        ("09:00-25:00", "from 00:00 to 24:00"),
        ("09:61-10:00", "from 00:00 to 24:00"),
        ("9 to 5", "write it as 09:00-17:30"),
    ],
)
def test_a_wrong_span_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(BadHours, match=said):
        read_span(text)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe", "Europe/Berlin\n"])
def test_a_wrong_zone_is_refused(name: str) -> None:
    with pytest.raises(BadHours, match="there is no time zone"):
        read_zone(name)


@pytest.mark.parametrize("text", ["2026-02-30", "20261225", "2026-W01-1", "２０２６-12-25", "soon"])
def test_a_wrong_day_is_refused(text: str) -> None:
    with pytest.raises(BadHours, match="write it as 2026-12-25"):
        read_day(text)


def test_a_year_is_looked_up() -> None:
    office = Calendar(ZoneInfo("Europe/Berlin"), NINE_TO_FIVE)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    office.between(start, start + timedelta(days=365))
    began = time.thread_time()
    for n in range(100):
        office.between(start, start + timedelta(days=365, minutes=n))
    assert (time.thread_time() - began) / 100 < 0.0005
