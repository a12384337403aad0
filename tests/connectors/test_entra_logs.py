"""Sign-ins of Entra ID and how its logs are walked, gotcha by gotcha."""

from datetime import datetime, timedelta

import pytest

from connectors.base import Mode
from connectors.conformance import Patience
from connectors.entra.connector import EntraConnector
from connectors.entra.logs import SIGN_INS
from connectors.entra.simulator import EntraWorld, sample_world
from connectors.entra.simulator_world import (
    app_id,
    app_ref,
    sign_in,
    user_id,
)
from connectors.errors import NeedsAdmin, RetryLater, VendorChanged
from connectors.observations import AppSeen, PersonSeen, SignInSeen
from connectors.simulation import Fault
from tests.connectors.entra_support import NOW, read, seen, simulator, targets, use

SIGN_IN_LOG = r"/auditLogs/signIns\?"


def world_with(count: int, *, every: timedelta = timedelta(minutes=1), app: int = 0) -> EntraWorld:
    world = sample_world(NOW)
    who, what = world.users[1], world.service_principals[app]
    world.sign_ins = [sign_in(n, who, what, NOW - every * n) for n in range(1, count + 1)]
    return world


def windows(targets_: list[str]) -> list[tuple[datetime, datetime]]:
    """Start and end of each window asked for, one entry a first page."""
    found = []
    for target in targets_:
        if "skiptoken" in target:
            continue
        text = target.replace("+", " ").replace("%20", " ").replace("%3A", ":")
        start, end = (text.partition(f" {op} ")[2][:20] for op in ("ge", "le"))
        found.append((datetime.fromisoformat(start), datetime.fromisoformat(end)))
    return found


# The walk ----------------------------------------------------------------------------------------


def test_the_sign_in_log_is_read_in_short_closed_windows_oldest_first():
    sim = simulator(world_with(30))
    pages = read(sim, "sign_ins")
    asked = windows(targets(sim, "signIns?"))
    assert asked[0] == (NOW - timedelta(days=1), NOW - timedelta(hours=23))
    assert [start for start, _ in asked[1:]] == [end for _, end in asked[:-1]]
    assert asked[-1][1] == NOW
    assert max(end - start for start, end in asked) <= SIGN_INS.largest
    assert len({s.event_id for s in seen(pages, SignInSeen)}) == 30


def test_the_cursor_is_the_end_of_a_window_never_the_newest_event():
    world = sample_world(NOW)
    pages = read(simulator(world), "sign_ins")
    newest = max(s.at for s in seen(pages, SignInSeen))
    assert datetime.fromisoformat(pages[-1].cursor["until"]) == NOW > newest


def test_the_last_windows_are_read_again_so_late_records_are_found():
    world = world_with(3, every=timedelta(minutes=20))
    sim = simulator(world)
    cursor = read(sim, "sign_ins")[-1].cursor
    late = sign_in(77, world.users[2], world.service_principals[1], NOW - timedelta(hours=2))
    world.sign_ins.append(late)
    sim.refresh()
    sim.app.requests.clear()
    again = read(sim, "sign_ins", cursor, now=NOW + timedelta(hours=1))
    assert late["id"] in {s.event_id for s in seen(again, SignInSeen)}
    assert windows(targets(sim, "signIns?"))[0][0] == NOW - SIGN_INS.overlap


def test_records_read_twice_keep_their_id_and_the_runner_is_told_for_how_long():
    world = world_with(5)
    sim = simulator(world)
    pages = read(sim, "sign_ins")
    again = read(sim, "sign_ins", pages[-1].cursor)
    assert {s.event_id for s in seen(again, SignInSeen)} == {r["id"] for r in world.sign_ins}

    async def work(connector: EntraConnector) -> dict[str, timedelta]:
        return {s.name: s.repeats for s in connector.streams() if s.mode is Mode.INCREMENTAL}

    repeats = use(sim, work)
    assert repeats["sign_ins"] >= SIGN_INS.largest + SIGN_INS.overlap
    assert set(repeats) == {"consents", "sign_ins"}


def test_a_broken_scan_goes_on_at_its_window_not_at_the_overlap():
    sim = simulator(world_with(30))
    middle = read(sim, "sign_ins")[1].cursor
    sim.app.requests.clear()
    read(sim, "sign_ins", middle)
    assert windows(targets(sim, "signIns?"))[0][0] == datetime.fromisoformat(middle["until"])


def test_within_a_window_the_cursor_stays_at_its_start_because_page_tokens_cannot_be_resumed():
    world = world_with(0)
    who, what = world.users[1], world.service_principals[0]
    long_ago = NOW - timedelta(hours=10)  # longer than the overlap, which would hide a wrong place
    world.sign_ins = [sign_in(n, who, what, long_ago - timedelta(seconds=n)) for n in range(2500)]
    sim = simulator(world)
    pages = read(sim, "sign_ins")
    inside = [p.cursor for p in pages if "page" in p.cursor]
    assert inside
    assert len({str(c) for c in inside}) == len(inside)
    sim.app.requests.clear()
    rest = read(sim, "sign_ins", inside[-1])
    assert "skiptoken" not in targets(sim, "signIns?")[0]
    assert len({s.event_id for s in seen(rest, SignInSeen)}) == 2500


def test_a_window_that_times_out_is_halved():
    sim = simulator(world_with(600, every=timedelta(seconds=6)))  # the last hour, evenly
    sim.slow_above = 200
    pages = read(sim, "sign_ins")
    assert len({s.event_id for s in seen(pages, SignInSeen)}) == 600
    assert any(r.status == 504 for r in sim.app.requests)
    asked = windows(targets(sim, "signIns?"))
    assert min(end - start for start, end in asked) < timedelta(minutes=30)


def test_a_log_that_cannot_even_serve_the_smallest_window_puts_the_scan_off():
    sim = simulator(world_with(60, every=timedelta(seconds=1)))
    sim.slow_above = 10
    with pytest.raises(RetryLater, match="timed out"):
        read(sim, "sign_ins")


def test_a_429_without_retry_after_is_backed_off_once_and_then_the_window_is_halved():
    sim, patience = simulator(world_with(30)), Patience()
    throttled = {"error": {"code": "UnknownError", "message": "Too many requests"}}
    sim.app.faults.append(Fault(SIGN_IN_LOG, after=2, times=2, status=429, body=throttled))
    pages = read(sim, "sign_ins", patience=patience)
    assert len({s.event_id for s in seen(pages, SignInSeen)}) == 30
    statuses = [r.status for r in sim.app.requests if "signIns?" in r.target]
    assert statuses[:5] == [200, 200, 429, 429, 200]
    asked = windows(targets(sim, "signIns?"))
    assert asked[2] == asked[3]
    assert asked[4][1] - asked[4][0] == (asked[2][1] - asked[2][0]) / 2


def test_a_429_with_retry_after_is_waited_for():
    sim, patience = simulator(world_with(30)), Patience()
    sim.app.faults.append(Fault(SIGN_IN_LOG, status=429, headers={"Retry-After": "9"}))
    pages = read(sim, "sign_ins", patience=patience)
    assert len(seen(pages, SignInSeen)) == 30
    assert any(9 <= s < 10 for s in patience.slept)


def test_five_requests_in_ten_seconds_are_never_exceeded():
    patience = Patience()
    sim = simulator(world_with(30), rate_limits=True, clock=lambda: patience.now)
    read(sim, "sign_ins", patience=patience, first_days=5)
    assert len(targets(sim, "signIns?")) > 10
    assert not [r for r in sim.app.requests if r.status == 429]
    assert sum(patience.slept) >= 10


def test_the_windows_follow_the_volume():
    """A quiet tenant's month takes some dozens of requests, not 720."""
    quiet = simulator(world_with(3))
    read(quiet, "sign_ins", first_days=30)
    assert len(targets(quiet, "signIns?")) < 130
    busy = simulator(world_with(9000, every=timedelta(seconds=1)))
    read(busy, "sign_ins")
    last = windows(targets(busy, "signIns?"))[-1]
    assert last[1] - last[0] < SIGN_INS.largest


def test_only_ge_and_le_are_asked_unquoted_and_nothing_is_selected():
    """The log refuses $select, lt and gt; a window holds both its ends, so nothing falls between."""
    world = world_with(0)
    edge = NOW - timedelta(hours=23)
    world.sign_ins = [sign_in(1, world.users[1], world.service_principals[0], edge)]
    sim = simulator(world)
    pages = read(sim, "sign_ins")
    assert {s.event_id for s in seen(pages, SignInSeen)} == {world.sign_ins[0]["id"]}
    assert all(r.status == 200 for r in sim.app.requests)
    assert not targets(sim, "signIns?%24select") + targets(sim, "signIns?$select")


def test_history_is_never_asked_for_beyond_what_is_kept():
    sim = simulator(world_with(3))
    old = {"until": "2026-01-01T00:00:00Z", "settled": "2026-01-01T00:00:00Z"}
    read(sim, "sign_ins", old)
    assert windows(targets(sim, "signIns?"))[0][0] == NOW - timedelta(days=30)


def test_a_clock_that_went_back_is_survived():
    sim = simulator(world_with(3))
    ahead = {"until": "2026-12-24T00:00:00Z", "settled": "2026-12-23T21:00:00Z"}
    pages = read(sim, "sign_ins", ahead)
    assert pages[-1].last
    assert len(seen(pages, SignInSeen)) == 3


def test_a_place_that_cannot_be_read_is_said():
    with pytest.raises(VendorChanged, match="scan from the start"):
        read(simulator(), "sign_ins", {"until": "yesterday"})


def test_a_missing_audit_permission_is_named():
    sim = simulator()
    sim.deny("AuditLog.Read.All")
    for name in ("consents", "sign_ins"):
        with pytest.raises(NeedsAdmin) as caught:
            read(sim, name)
        assert caught.value.permission == "AuditLog.Read.All"


# Sign-ins ----------------------------------------------------------------------------------------


def test_failed_sign_ins_are_ignored():
    world = sample_world(NOW)
    who, what = world.users[1], world.service_principals[0]
    at = NOW - timedelta(hours=1)
    world.sign_ins = [sign_in(1, who, what, at), sign_in(2, who, what, at, error=50126)]
    pages = read(simulator(world), "sign_ins")
    assert [s.event_id[:8] for s in seen(pages, SignInSeen)] == ["00000001"]
    assert sum(p.ignored for p in pages) == 1


def test_sign_ins_carry_the_app_id_and_are_joined_to_the_object_id():
    pages = read(simulator(world_with(2)), "sign_ins")
    assert {s.app_ref for s in seen(pages, SignInSeen)} == {app_ref(1)}
    assert not seen(pages, AppSeen)  # the app is listed; it is not mentioned again


def test_a_sign_in_to_an_unlisted_app_mentions_it_by_its_app_id():
    pages = read(simulator(), "sign_ins")
    figma = [a for a in seen(pages, AppSeen) if a.name == "Figma"]
    assert {(a.ref, a.mention) for a in figma} == {(app_id(77), True)}
    assert app_id(77) in {s.app_ref for s in seen(pages, SignInSeen)}


def test_sign_ins_to_microsofts_own_apps_are_ignored():
    pages = read(simulator(world_with(4, app=8)), "sign_ins")
    assert not seen(pages, SignInSeen)
    assert sum(p.ignored for p in pages) == 4
    world = world_with(1)
    world.sign_ins[0] |= {"appId": "new-one", "appOwnerTenantId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}
    assert not seen(read(simulator(world), "sign_ins"), SignInSeen)


def test_people_who_sign_in_are_mentioned_once_a_page_with_their_name():
    pages = read(simulator(world_with(5)), "sign_ins")
    busy = next(p for p in pages if p.observations)
    people = [o for o in busy.observations if isinstance(o, PersonSeen)]
    assert [(p.ref, p.email, p.name, p.mention) for p in people] == [
        (user_id(2), "ben@acme.example", "Ben Osei", True)
    ]


def test_a_sign_in_without_its_time_is_skipped_and_one_of_nobody_is_ignored():
    world = world_with(3)
    record = {**world.sign_ins[0], "createdDateTime": None}
    nobody = {**world.sign_ins[1], "id": "n", "userId": "00000000-0000-0000-0000-000000000000"}
    sim = simulator(world)
    sim.app.faults.append(
        Fault(SIGN_IN_LOG, change=lambda a, _: {**a, "value": [record, nobody, world.sign_ins[2]]})
    )
    first = read(sim, "sign_ins")[0]
    assert [s.ref for s in first.skipped] == [record["id"]]
    assert first.ignored == 1
