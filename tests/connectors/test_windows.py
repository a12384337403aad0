import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.windows import TrailingWindow

START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOWS = st.builds(TrailingWindow, first_days=st.integers(1, 730), window_days=st.integers(1, 120))
PAUSES = st.lists(st.timedeltas(timedelta(0), timedelta(days=900)), min_size=1, max_size=8)
# Clocks are also set back, and by more than a window.
STEPS = st.lists(st.timedeltas(timedelta(days=-200), timedelta(days=400)), min_size=1, max_size=8)


def scans(window: TrailingWindow, steps: list[timedelta]):
    """The spans of a first scan and of one after each step of the clock."""
    now, cursor, spans = START, None, []
    for step in [timedelta(0), *steps]:
        now += step
        span = window.span(cursor, now)
        spans.append(span)
        cursor = json.loads(json.dumps(span.done()))
    return spans


@given(WINDOWS, STEPS)
def test_consecutive_scans_leave_no_gap_and_reread_a_whole_window(window, steps):
    spans = scans(window, steps)
    for before, after in pairwise(spans):
        assert after.since <= before.until - timedelta(days=window.window_days)
        assert after.until >= after.since


@given(WINDOWS, PAUSES)
def test_nothing_is_read_more_than_one_window_twice_however_long_the_pause(window, pauses):
    spans = scans(window, pauses)
    for before, after in pairwise(spans):
        assert before.until - after.since == timedelta(days=window.window_days)


@given(WINDOWS, STEPS)
def test_every_scan_reads_up_to_now_and_at_least_a_window(window, steps):
    now = START
    spans = scans(window, steps)
    for span, step in zip(spans, [timedelta(0), *steps], strict=True):
        now += step
        assert span.until == now
        assert span.since <= now - timedelta(days=window.window_days)


@given(WINDOWS, PAUSES)
def test_no_scan_reaches_back_behind_the_first(window, pauses):
    spans = scans(window, pauses)
    assert all(span.since >= spans[0].since for span in spans)


@given(WINDOWS, STEPS, st.timedeltas(timedelta(days=-300), timedelta(days=300)), st.text())
def test_a_broken_scan_goes_on_in_its_own_span_whatever_the_clock_says(window, steps, later, position):
    span = scans(window, steps)[-1]
    again = window.span(json.loads(json.dumps(span.at(position))), span.until + later)
    assert (again.since, again.until, again.position) == (span.since, span.until, position)
    assert again.done() == span.done()


def test_the_first_scan_reaches_back_first_days():
    span = TrailingWindow(first_days=365, window_days=45).span(None, START)
    assert (span.since, span.until, span.position) == (START - timedelta(days=365), START, None)


def test_times_of_other_zones_are_stored_in_utc():
    tokyo = datetime.fromisoformat("2026-01-01T09:00:00+09:00")
    assert TrailingWindow(first_days=1, window_days=1).span(None, tokyo).done() == {
        "until": START.isoformat()
    }


@pytest.mark.parametrize(
    "cursor",
    [
        {},
        {"until": None},
        {"until": "yesterday"},
        {"until": "2026-01-01T00:00:00"},
        {"until": START.isoformat(), "position": "x"},
    ],
)
def test_a_cursor_that_was_not_made_here_is_refused(cursor):
    with pytest.raises(ValueError, match=r"cursor|zone|isoformat"):
        TrailingWindow(first_days=1, window_days=1).span(cursor, START)


def test_a_clock_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        TrailingWindow(first_days=1, window_days=1).span(None, START.replace(tzinfo=None))
