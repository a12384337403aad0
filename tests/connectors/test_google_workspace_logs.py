"""The audit logs: windows, order, overlap, and going on."""

from datetime import datetime, timedelta

import pytest

from connectors.base import Mode
from connectors.google_workspace.api import stamp
from connectors.observations import ConsentEvent
from tests.connectors.google_workspace_support import (
    NOW,
    authorize,
    consents,
    every,
    google,
    windows,
)

# --- order and overlap -----------------------------------------------------------------------


async def test_windows_are_closed_days_from_the_oldest_to_the_newest():
    found = google()
    await found.read("consents", first_days=3)
    asked = windows(found, "authorize")
    assert asked == [
        (stamp(NOW - timedelta(days=3)), stamp(NOW - timedelta(days=2))),
        (stamp(NOW - timedelta(days=2)), stamp(NOW - timedelta(days=1))),
        (stamp(NOW - timedelta(days=1)), stamp(NOW)),
    ]


async def test_pages_are_newest_first_and_a_window_counts_only_after_its_last_page():
    activities = [authorize(timedelta(hours=h)) for h in range(1, 8)]
    found = google("token", *activities, page_limit=3)
    pages = [p for p in await found.read("consents", first_days=1) if p.observations]
    times = [e.at for e in consents(pages)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 7
    began = {p.cursor["since"] for p in pages}
    assert began == {(NOW - timedelta(days=1)).isoformat()}, "the cursor moved inside an unfinished window"


async def test_the_cursor_is_where_reading_ended_and_never_the_newest_event():
    found = google("token", authorize(timedelta(hours=10)))
    last = (await found.read("consents"))[-1]
    assert last.cursor == {"since": NOW.isoformat(), "asked": NOW.isoformat()}


async def test_an_event_that_arrives_late_is_found_by_the_next_scan():
    found = google("token", authorize(timedelta(minutes=10)))
    cursor = (await found.read("consents"))[-1].cursor
    late = authorize(timedelta(hours=5))
    found.world.activities["token"].append(late)
    found.now = NOW + timedelta(hours=1)
    again = consents(await found.read("consents", cursor))
    assert len(again) == 2, "the late one, and the one within the overlap again"
    assert late["id"]["uniqueQualifier"] in {e.event_id.split(":")[-2] for e in again}


@pytest.mark.parametrize(("stream", "hours"), [("consents", 6), ("admin_actions", 6), ("sign_ins", 24)])
async def test_the_next_scan_begins_an_overlap_earlier(stream: str, hours: int):
    found = google()
    cursor = (await found.read(stream))[-1].cursor
    found.simulator.app.requests.clear()
    found.now = NOW + timedelta(hours=1)
    await found.read(stream, cursor)
    assert windows(found)[0][0] == stamp(NOW - timedelta(hours=hours))
    assert windows(found)[-1][1] == stamp(found.now)


async def test_start_times_are_inclusive_and_an_event_read_twice_has_one_id():
    found = google("token", authorize(timedelta(hours=6)), authorize(timedelta(days=1)))
    first = await found.read("consents", first_days=2)
    ids = [e.event_id for e in consents(first)]
    assert len(ids) == 3, "the event on the edge of two windows is in both"
    assert len(set(ids)) == 2
    second = consents(await found.read("consents", first[-1].cursor))
    assert [e.event_id in ids for e in second] == [True]


async def test_events_are_remembered_as_long_as_they_may_come_again():
    async with google().connector() as connector:
        repeats = {s.name: s.repeats for s in connector.streams() if s.mode is Mode.INCREMENTAL}
    assert repeats["consents"] >= timedelta(hours=6 + 24)
    assert repeats["sign_ins"] >= timedelta(hours=24 + 24)
    assert repeats["admin_actions"] >= timedelta(hours=6)


async def test_a_cursor_older_than_180_days_begins_where_google_still_answers():
    found = google("token", authorize(timedelta(days=178, hours=5)))
    old = (NOW - timedelta(days=300)).isoformat()
    for cursor in (
        {"since": old, "asked": old},
        {"since": old, "asked": old, "until": old, "event": 1, "page": "stale"},
    ):
        found.simulator.app.requests.clear()
        assert len(consents(await found.read("consents", cursor))) == 1
        assert windows(found)[0][0] == stamp(NOW - timedelta(days=179))


async def test_the_longest_first_read_stays_within_180_days():
    found = google()
    await found.read("sign_ins", first_days=179)
    assert len(windows(found)) == 179


async def test_a_clock_that_went_back_reads_the_overlap_again():
    found = google()
    ahead = (NOW + timedelta(days=2)).isoformat()
    pages = await found.read("consents", {"since": ahead, "asked": ahead})
    assert pages[-1].last
    assert windows(found)[0] == (stamp(NOW - timedelta(hours=6)), stamp(NOW))


async def test_a_scan_broken_inside_a_window_goes_on_at_its_page():
    activities = [authorize(timedelta(hours=h)) for h in range(1, 9)]
    found = google("token", *activities, page_limit=3)
    whole = await found.read("consents", first_days=1)
    first = next(p for p in whole if p.observations)
    found.now = NOW + timedelta(minutes=30)
    rest = await found.read("consents", first.cursor)
    ids = [e.event_id for e in [*first.observations, *every(rest)] if isinstance(e, ConsentEvent)]
    assert len(ids) == 8
    assert rest[-1].cursor["since"] == found.now.isoformat()
    assert rest[-1].cursor["asked"] == NOW.isoformat(), "what was read before the break is as old as that"


async def test_a_scan_broken_long_ago_never_makes_the_next_read_what_is_forgotten():
    activities = [authorize(timedelta(hours=h)) for h in range(1, 9)]
    found = google("token", *activities, page_limit=3)
    first = next(p for p in await found.read("consents", first_days=1) if p.observations)
    found.now = NOW + timedelta(days=5)
    rest = await found.read("consents", first.cursor)
    assert len(consents(rest)) == 8, "its window is read from the start: late events may be on pages read"
    found.simulator.app.requests.clear()
    await found.read("consents", rest[-1].cursor)
    oldest, _ = windows(found)[0]
    assert oldest == stamp(found.now - timedelta(hours=6))


async def test_a_scan_broken_between_windows_still_finds_what_came_late():
    found = google("token", authorize(timedelta(hours=5)))
    # A scan at NOW had read up to an hour before NOW, and the event had not arrived by then.
    broken = {"since": (NOW - timedelta(hours=1)).isoformat(), "asked": NOW.isoformat()}
    found.now = NOW + timedelta(hours=20)
    assert len(consents(await found.read("consents", broken))) == 1


async def test_a_page_token_that_ended_reads_its_window_again():
    activities = [authorize(timedelta(hours=h)) for h in range(1, 9)]
    found = google("token", *activities, page_limit=3)
    first = next(p for p in await found.read("consents", first_days=1) if p.observations)
    found.simulator.expire_page_tokens()
    assert len(consents(await found.read("consents", first.cursor))) == 8


async def test_an_empty_result_has_no_items_and_is_no_error():
    pages = await google().read("consents", first_days=2)
    assert [(list(p.observations), p.last) for p in pages] == [([], True)]


# --- the simulator's own manners -------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "startTime=2026-01-01T00:00:00Z",
        "startTime=2027-01-01T00:00:00Z",
        "startTime=2026-11-19T00:00:00",
        "startTime=soon",
        "startTime=2026-11-19T00:00:00Z&endTime=2026-11-18T00:00:00Z",
        "maxResults=1001",
        "maxResults=0",
        "pageToken=bm8",
        "fields=items(id",
        "fields=",
    ],
)
async def test_the_simulator_refuses_what_google_refuses(query: str):
    found = google()
    async with found.connector() as connector:
        client = connector._api._client("https://www.googleapis.com/auth/admin.reports.audit.readonly")
        path = "/admin/reports/v1/activity/users/all/applications/token"
        answer = await client.get(f"{path}?{query}", allow=frozenset({400}))
    assert answer.status == (200 if query == "fields=" else 400)


def test_times_are_written_as_google_writes_them():
    assert stamp(datetime.fromisoformat("2026-11-01T09:30:00+00:00")) == "2026-11-01T09:30:00.000Z"
