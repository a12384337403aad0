"""Gotchas of Okta's System Log."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from connectors.errors import VendorChanged
from connectors.observations import AppSeen, AssignmentSeen, Consent, ConsentEvent, PersonSeen, SignInSeen
from connectors.okta import log
from connectors.okta.world import OktaWorld, actor, app_record, app_targets, log_event, okta_id, stamp
from connectors.simulation import Fault
from tests.connectors.okta_support import NOW, OLD, people, read_from, seen, simulator

USERS = people(3)
PLANNER = app_record(okta_id("0oa", 1), "oidc_client", "Campaign Planner", "OPENID_CONNECT", at=OLD)
SSO = log.SSO
SYSTEM = {
    "id": okta_id("spr", 1),
    "type": "SystemPrincipal",
    "alternateId": "system@okta.com",
    "displayName": "Okta System",
    "detailEntry": None,
}


def sign_in(number: int, minutes_ago: float, **more: Any) -> dict[str, Any]:
    user = USERS[number % 3]
    at = NOW - timedelta(minutes=minutes_ago)
    return log_event(number, SSO, at, actor(user), app_targets(PLANNER, user), **more)


def org(*events: dict[str, Any]) -> OktaWorld:
    return OktaWorld("acme.okta.com", users=list(USERS), apps=[PLANNER], log=list(events))


def page_of(*events: dict[str, Any]) -> log.LogPage:
    return log.read_page(orjson.dumps(events), set())


def asked(sim: Any) -> list[dict[str, list[str]]]:
    return [
        parse_qs(urlsplit(r.target).query) for r in sim.app.requests if r.target.startswith("/api/v1/logs")
    ]


async def test_polling_next_link_is_always_present_so_an_empty_page_ends_the_log() -> None:
    sim = simulator(org(*(sign_in(n, 100 - n) for n in range(7))), page_limit=3)
    pages = await read_from(sim, "sign_ins")
    assert [len(seen([p], SignInSeen)) for p in pages] == [3, 3, 1, 0]
    assert [p.last for p in pages] == [False, False, False, True]
    assert pages[-1].cursor["next"]


async def test_a_page_of_nothing_but_ignored_events_does_not_end_the_log() -> None:
    console = app_record(okta_id("0oa", 9), "saasure", "Okta Admin Console", "OPENID_CONNECT", at=OLD)
    own = [
        log_event(n, SSO, NOW - timedelta(hours=2), actor(USERS[0]), app_targets(console, USERS[0]))
        for n in range(3)
    ]
    pages = await read_from(simulator(org(*own, sign_in(3, 5)), page_limit=3), "sign_ins")
    assert [p.ignored for p in pages] == [3, 0, 0]
    assert len(seen(pages, SignInSeen)) == 1


async def test_an_empty_log_is_read_with_one_request_and_leaves_a_place_to_go_on() -> None:
    sim = simulator(org())
    (page,) = await read_from(sim, "sign_ins")
    assert page.last
    assert page.cursor["next"]
    assert len(sim.app.requests) == 1


async def test_polling_asks_without_until_in_ascending_order_for_needed_event_types_only() -> None:
    sim = simulator(org(sign_in(1, 5), log_event(2, "user.session.start", NOW, actor(USERS[0]), None)))
    await read_from(sim, "sign_ins")
    first = asked(sim)[0]
    assert "until" not in first
    assert first["sortOrder"] == ["ASCENDING"]
    assert first["limit"] == ["1000"]
    assert 'eventType eq "user.authentication.sso"' in first["filter"][0]


async def test_an_event_stored_late_is_not_lost_though_newer_ones_were_seen() -> None:
    world = org(sign_in(1, 30), sign_in(2, 10))
    sim = simulator(world)
    pages = await read_from(sim, "sign_ins")
    world.log.append(sign_in(3, 25))  # published before, stored after what was read
    again = await read_from(sim, "sign_ins", pages[-1].cursor)
    assert [s.at for s in seen(again, SignInSeen)] == [NOW - timedelta(minutes=25)]


async def test_the_next_scan_begins_at_the_stored_link_and_repeats_nothing() -> None:
    world = org(*(sign_in(n, 50 - n) for n in range(4)))
    sim = simulator(world)
    pages = await read_from(sim, "sign_ins")
    world.log.append(sign_in(9, 1))
    again = await read_from(sim, "sign_ins", pages[-1].cursor)
    assert [s.event_id for s in seen(again, SignInSeen)] == [world.log[-1]["uuid"]]


async def test_a_place_stored_when_other_events_were_asked_for_is_left_and_the_new_ones_asked_for() -> None:
    sim = simulator(org(sign_in(1, 30)))
    cursor = (await read_from(sim, "sign_ins"))[-1].cursor
    sim.app.requests.clear()
    await read_from(sim, "sign_ins", {k: v for k, v in cursor.items() if k != "asked"})
    await read_from(sim, "sign_ins", {**cursor, "asked": "another filter", "unknown": 1})
    kept, anew = asked(sim)[0], asked(sim)[1]
    assert "after" in kept
    assert "after" not in anew
    assert anew["since"] == [stamp(NOW - timedelta(minutes=45))]
    assert anew["filter"] == [log.FILTER]


async def test_a_refused_link_restarts_fifteen_minutes_before_the_newest_event() -> None:
    world = org(sign_in(1, 60), sign_in(2, 22), sign_in(3, 10))
    sim = simulator(world)
    pages = await read_from(sim, "sign_ins")
    cursor = pages[-1].cursor
    assert cursor["published"] == stamp(NOW - timedelta(minutes=10))
    world.log.append(sign_in(4, 1))
    sim.app.faults.append(Fault(r"^/api/v1/logs\?.*after=", status=400, body={"errorCode": "E0000029"}))
    again = await read_from(sim, "sign_ins", cursor)
    # Seen twice, and known by their uuid: the runner drops repeats.
    assert [s.event_id for s in seen(again, SignInSeen)] == [e["uuid"] for e in world.log[1:]]
    restarted = next(q for q in asked(sim)[::-1] if "since" in q)
    assert restarted["since"] == [stamp(NOW - timedelta(minutes=25))]


async def test_a_400_to_anything_but_a_stored_link_is_reported() -> None:
    sim = simulator(org(sign_in(1, 5)))
    sim.app.faults.append(Fault(r"^/api/v1/logs", status=400, body={"errorCode": "E0000031"}, times=None))
    with pytest.raises(VendorChanged):
        await read_from(sim, "sign_ins")


async def test_since_is_never_older_than_okta_keeps_its_log() -> None:
    sim = simulator(org(sign_in(1, 5)))
    sim.app.faults.append(Fault(r"^/api/v1/logs\?.*after=", status=400, body={"errorCode": "E0000029"}))
    long_ago = {"next": "/api/v1/logs?after=gone", "published": stamp(NOW - timedelta(days=300))}
    pages = await read_from(sim, "sign_ins", long_ago)
    assert len(seen(pages, SignInSeen)) == 1
    since = asked(sim)[1]["since"][0]
    assert since > stamp(NOW - timedelta(days=91))


async def test_the_first_scan_reads_as_many_days_as_configured() -> None:
    sim = simulator(org(sign_in(1, 3 * 24 * 60), sign_in(2, 30)))
    pages = await read_from(sim, "sign_ins", first_days=2)
    assert [s.at for s in seen(pages, SignInSeen)] == [NOW - timedelta(minutes=30)]


async def test_an_org_that_never_falls_silent_does_not_keep_a_scan_going() -> None:
    world = org(sign_in(1, 5))
    sim = simulator(world)
    number = 10

    def busy(answer: Any, _: dict[str, str]) -> Any:
        nonlocal number
        number += 1
        world.log.append(sign_in(number, -60))  # somebody signs in while the page is on its way
        return answer

    sim.app.faults.append(Fault(r"^/api/v1/logs", times=None, change=busy))
    pages = await read_from(sim, "sign_ins")
    assert len(pages) == 2
    assert pages[-1].last
    rest = await read_from(sim, "sign_ins", pages[-1].cursor)
    assert seen(rest, SignInSeen)


async def test_the_same_next_link_after_a_full_page_is_refused() -> None:
    sim = simulator(org(*(sign_in(n, 50 - n) for n in range(9))), page_limit=2)
    first: list[str] = []

    def again(answer: Any, headers: dict[str, str]) -> Any:
        first.append(sim.next_page_of(answer, headers) or "")
        return sim.next_page_at(answer, headers, first[0])

    sim.app.faults.append(Fault(r"^/api/v1/logs", times=None, change=again))
    with pytest.raises(VendorChanged):
        await read_from(sim, "sign_ins")


async def test_people_and_apps_are_introduced_once_in_a_walk_before_what_names_them() -> None:
    sim = simulator(org(*(sign_in(n, 50 - n) for n in range(9))), page_limit=4)
    pages = await read_from(sim, "sign_ins")
    assert [a.ref for a in seen(pages, AppSeen)] == [PLANNER["id"]]
    assert len(seen(pages, PersonSeen)) == 3
    assert all(o.mention for o in [*seen(pages, AppSeen), *seen(pages, PersonSeen)])
    assert isinstance(pages[0].observations[-1], SignInSeen)


def test_sso_events_of_failed_sign_ons_are_ignored() -> None:
    page = page_of(sign_in(1, 1, result="FAILURE"), sign_in(2, 1))
    assert len(page.observations) == 3
    assert page.ignored == 1


def test_a_null_target_is_no_error() -> None:
    page = page_of(log_event(1, SSO, NOW, actor(USERS[0]), None), sign_in(2, 1))
    assert page.ignored == 1
    assert not page.skipped


def test_targets_are_found_by_type_wherever_they_stand() -> None:
    event = log_event(1, SSO, NOW, actor(USERS[0]), app_targets(PLANNER, USERS[0])[::-1])
    assert page_of(event).observations[-1] == SignInSeen(event["uuid"], PLANNER["id"], USERS[0]["id"], NOW)


def test_an_app_users_own_id_is_never_taken_for_the_person() -> None:
    nobody = log_event(1, SSO, NOW, SYSTEM, app_targets(PLANNER, USERS[0]))
    assert page_of(nobody).observations == []
    named = log_event(2, SSO, NOW, SYSTEM, [*app_targets(PLANNER, USERS[0]), actor(USERS[0])])
    assert page_of(named).observations[-1].person_ref == USERS[0]["id"]


def test_sign_ins_to_oktas_own_consoles_are_ignored_and_counted() -> None:
    console = app_record(okta_id("0oa", 9), "saasure", "Okta Admin Console", "OPENID_CONNECT", at=OLD)
    page = page_of(log_event(1, SSO, NOW, actor(USERS[0]), app_targets(console, USERS[0])))
    assert page.observations == []
    assert page.ignored == 1


def test_nulls_and_numbers_that_oktas_schema_forbids_do_not_cost_an_event() -> None:
    event = sign_in(1, 1)
    assert event["client"]["id"] is None
    assert event["client"]["geographicalContext"]["postalCode"] == 20095
    event["debugContext"] = None
    event["actor"]["alternateId"] = None
    person = seen_in(page_of(event), PersonSeen)[0]
    assert person.email is None
    assert seen_in(page_of(event), SignInSeen)


def test_one_unreadable_event_is_skipped_and_named_and_the_page_goes_on() -> None:
    broken = sign_in(1, 1)
    broken["actor"]["id"] = 17
    page = page_of(broken, sign_in(2, 1))
    assert [s.ref for s in page.skipped] == [broken["uuid"]]
    assert len(seen_in(page, SignInSeen)) == 1
    assert page.events == 2


def test_a_page_of_unreadable_events_is_a_changed_vendor() -> None:
    with pytest.raises(VendorChanged):
        page_of(*({**sign_in(n, 1), "uuid": None} for n in range(3)))


def test_a_consent_names_its_app_and_person_beside_the_scope() -> None:
    scope = {
        "id": okta_id("oag", 1),
        "type": "scope",
        "displayName": "campaigns.read",
        "detailEntry": {"publicclientapp": PLANNER["id"], "user": USERS[1]["id"]},
    }
    event = log_event(1, "app.oauth2.as.consent.grant", NOW, SYSTEM, [scope])
    assert page_of(event).observations[-1] == ConsentEvent(
        event_id=event["uuid"],
        app_ref=PLANNER["id"],
        at=NOW,
        granted=True,
        person_ref=USERS[1]["id"],
        scopes=("campaigns.read",),
        consent=Consent.USER,
    )


@pytest.mark.parametrize(
    ("kind", "granted", "consent"),
    [
        ("app.oauth2.as.consent.grant", True, Consent.USER),
        ("app.oauth2.consent.grant", True, Consent.USER),
        ("app.oauth2.as.consent.revoke", False, Consent.USER),
        ("app.oauth2.as.consent.revoke.user.client", False, Consent.USER),
        ("app.oauth2.admin.consent.grant", True, Consent.ADMIN),
        ("app.oauth2.admin.consent.revoke", False, Consent.ADMIN),
    ],
)
def test_the_family_of_consent_events_is_read_by_its_parts(
    kind: str, granted: bool, consent: Consent
) -> None:
    event = log_event(1, kind, NOW, actor(USERS[0]), app_targets(PLANNER, USERS[0])[:1])
    found = page_of(event).observations[-1]
    assert isinstance(found, ConsentEvent)
    assert (found.granted, found.consent, found.person_ref) == (granted, consent, USERS[0]["id"])


@pytest.mark.parametrize("kind", ["app.oauth2.as.consent.granted", "app.oauth2.as.consent.grant.deny"])
def test_event_types_that_only_begin_alike_are_no_consents(kind: str) -> None:
    event = log_event(1, kind, NOW, actor(USERS[0]), app_targets(PLANNER, USERS[0]))
    assert page_of(event).observations == []


def test_a_consent_that_was_refused_is_ignored() -> None:
    targets = app_targets(PLANNER, USERS[0])
    event = log_event(1, "app.oauth2.as.consent.grant", NOW, actor(USERS[0]), targets, result="FAILURE")
    assert page_of(event).ignored == 1


def test_an_app_that_somebody_added_for_themselves_is_self_assigned() -> None:
    targets = [*app_targets(PLANNER, USERS[0]), actor(USERS[0])]
    event = log_event(1, log.ADDED, NOW, actor(USERS[0]), targets)
    assert page_of(event).observations[-1] == AssignmentSeen(
        app_ref=PLANNER["id"], person_ref=USERS[0]["id"], self_assigned=True, assigned_at=NOW
    )


def test_an_app_that_an_administrator_assigned_is_left_to_the_assignments() -> None:
    targets = [*app_targets(PLANNER, USERS[0]), actor(USERS[0])]
    assert page_of(log_event(1, log.ADDED, NOW, actor(USERS[1]), targets)).observations == []


def seen_in(page: log.LogPage, kind: type[Any]) -> list[Any]:
    return [o for o in page.observations if isinstance(o, kind)]
