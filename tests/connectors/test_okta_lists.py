"""Gotchas of Okta's lists: paging, people who left, N+1 reads, apps that vanish."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.base import Context
from connectors.errors import NotAvailable, VendorChanged
from connectors.observations import AppSeen, AssignmentSeen, Consent, GrantSeen, PersonKind, PersonSeen
from connectors.okta import connector as module
from connectors.okta.connector import OktaConnector
from connectors.okta.simulator import OktaSimulator
from connectors.okta.world import (
    OktaWorld,
    app_group_record,
    app_record,
    app_user_record,
    grant_record,
    integration_record,
    okta_id,
    stamp,
    user_record,
)
from connectors.simulation import Fault, serve
from tests.connectors.okta_support import OLD, TOKEN, connected, people, read, read_from, seen, simulator


def app(number: int, **more: Any) -> dict[str, Any]:
    return app_record(okta_id("0oa", number), f"app{number}", f"App {number}", "SAML_2_0", at=OLD, **more)


async def person(**profile: Any) -> PersonSeen:
    user = user_record(okta_id("00u", 1), "kim@acme.example", "Kim", "Kern", at=OLD, **profile)
    (found,) = seen(
        await read_from(simulator(OktaWorld("acme.okta.com", users=[user])), "people"), PersonSeen
    )
    return found


async def test_people_who_left_are_read_although_the_plain_list_omits_them() -> None:
    users = people(5)
    users[1]["status"] = users[3]["status"] = "DEPROVISIONED"
    sim = simulator(OktaWorld("acme.okta.com", users=users), page_limit=2)
    pages = await read_from(sim, "people")
    found = {p.ref: p.active for p in seen(pages, PersonSeen)}
    assert found == {u["id"]: u["status"] == "ACTIVE" for u in users}
    assert [p.last for p in pages] == [False, False, True]


async def test_people_are_listed_and_never_searched_because_search_lags_behind() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(1)))
    await read_from(sim, "people")
    assert not any("search=" in r.target for r in sim.app.requests)


@pytest.mark.parametrize("status", ["ACTIVATING", "SUSPENDED", "LOCKED_OUT", "STAGED", "SOMETHING_NEW"])
async def test_statuses_outside_oktas_own_enum_are_accepted_and_people_stay_active(status: str) -> None:
    users = people(1)
    users[0]["status"] = status
    sim = simulator(OktaWorld("acme.okta.com", users=users))
    assert seen(await read_from(sim, "people"), PersonSeen)[0].active


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"managerId": "Boss@acme.example"}, ("boss@acme.example", None)),
        ({"manager": "boss@acme.example"}, ("boss@acme.example", None)),
        ({"managerId": "00u15acRUy0SYb9GT0g4"}, (None, "00u15acRUy0SYb9GT0g4")),
        ({"managerId": "4711", "manager": "Donald Glover"}, (None, None)),
        ({"managerId": None}, (None, None)),
        ({"managerId": 4711}, (None, None)),
    ],
)
async def test_managers_are_free_text_and_only_taken_where_they_name_somebody(
    profile: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    found = await person(**profile)
    assert (found.manager_email, found.manager_ref) == expected


async def test_a_person_has_department_title_name_and_kind() -> None:
    found = await person(department=" Marketing ", title="Lead", userType="Contractor", displayName="K. Kern")
    assert (found.department, found.title, found.name) == ("Marketing", "Lead", "K. Kern")
    assert found.kind is PersonKind.CONTRACTOR
    assert (await person(userType="Intern")).kind is PersonKind.EMPLOYEE


async def test_a_login_that_is_no_address_is_no_mail() -> None:
    found = await person(login="kkern", email=None)
    assert found.email is None
    assert found.other_emails == ()


async def test_a_user_without_an_id_is_skipped_and_shown() -> None:
    users = people(3)
    sim = simulator(OktaWorld("acme.okta.com", users=users))

    def spoil(answer: list[dict[str, Any]], _: dict[str, str]) -> Any:
        answer[0].pop("id")
        return answer

    sim.app.faults.append(Fault(r"^/api/v1/users\?limit", change=spoil))
    pages = await read_from(sim, "people")
    assert len(seen(pages, PersonSeen)) == 2
    assert len(pages[0].skipped) == 1


async def test_several_link_headers_and_a_self_link_are_told_apart() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(5)), page_limit=2)
    async with connected(sim) as connector:
        answer = await connector._client.get("/api/v1/users", bucket="users")
        assert len(answer.headers.get_list("link")) == 2
        assert len(seen(await read(connector, "people"), PersonSeen)) == 5


async def test_a_link_that_expired_meanwhile_begins_the_list_anew() -> None:
    users = people(5)
    sim = simulator(OktaWorld("acme.okta.com", users=users), page_limit=2)
    stale = {"part": "present", "next": "/api/v1/users?limit=200&after=expired"}
    pages = await read_from(sim, "people", stale)
    assert sim.app.requests[0].status == 400
    assert {p.ref for p in seen(pages, PersonSeen)} == {u["id"] for u in users}


async def test_a_bad_cursor_within_a_scan_is_reported() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(5)), page_limit=2)
    sim.app.faults.append(
        Fault(r"^/api/v1/users\?.*after=", status=400, body={"errorCode": "E0000029"}, times=None)
    )
    with pytest.raises(VendorChanged):
        await read_from(sim, "people")


def moved(sim: OktaSimulator) -> None:
    """Let the org continue its lists on another host name, as orgs with a custom domain may."""

    def move(answer: Any, headers: dict[str, str]) -> Any:
        link = sim.next_page_of(answer, headers)
        return sim.next_page_at(answer, headers, link.replace("127.0.0.1", "localhost")) if link else answer

    sim.app.faults.append(Fault(r"^/api/v1/users\?", times=None, change=move))


async def test_a_next_link_on_another_host_is_refused_and_the_check_says_what_to_do() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(5)), page_limit=3)
    moved(sim)
    async with connected(sim) as connector:
        (warning,) = (await connector.check()).warnings
        assert "localhost" in warning
        assert "link_hosts" in warning
        with pytest.raises(VendorChanged, match="link_hosts"):
            await read(connector, "people")


async def test_a_next_link_on_a_configured_host_is_followed() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(5)), page_limit=3)
    moved(sim)
    with serve(sim.app) as url:
        config = {"base_url": url, "api_token": TOKEN, "link_hosts": [f"localhost:{urlsplit(url).port}"]}
        async with OktaConnector(OktaConnector.Config.model_validate(config), Context()) as connector:
            assert (await connector.check()).warnings == []
            assert len(seen(await read(connector, "people"), PersonSeen)) == 5


async def test_cursors_keep_no_host_so_that_the_config_alone_decides_where_to_ask() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(5)), page_limit=2)
    pages = await read_from(sim, "people")
    assert pages[0].cursor["next"].startswith("/api/v1/users?")


async def test_lists_ask_for_the_largest_pages() -> None:
    users, one = people(1), app(1)
    world = OktaWorld("acme.okta.com", users=users, apps=[one])
    sim = simulator(world)
    for stream in ("people", "apps", "assignments", "grants"):
        await read_from(sim, stream)
    targets = {r.target.partition("&after")[0] for r in sim.app.requests}
    assert f"/api/v1/apps/{one['id']}/users?limit=500" in targets
    assert f"/api/v1/apps/{one['id']}/groups?limit=200&expand=group" in targets
    assert f"/api/v1/users/{users[0]['id']}/grants?limit=200" in targets
    assert any(t.startswith("/api/v1/apps?limit=200") for t in targets)


async def test_assignments_name_people_groups_and_the_way_they_came() -> None:
    users, one = people(3), app(1)
    world = OktaWorld(
        "acme.okta.com",
        users=users,
        apps=[one],
        app_users={
            one["id"]: [
                app_user_record(users[0], at=OLD),
                app_user_record(users[1], at=OLD, scope="GROUP"),
                app_user_record(users[2], at=OLD, status="UNASSIGNED"),
            ]
        },
        app_groups={one["id"]: [app_group_record(okta_id("00g", 1), "Marketing", at=OLD)]},
    )
    (page,) = await read_from(simulator(world), "assignments")
    assert seen([page], AssignmentSeen) == [
        AssignmentSeen(app_ref=one["id"], person_ref=users[0]["id"], assigned_at=OLD),
        AssignmentSeen(app_ref=one["id"], person_ref=users[1]["id"], via_group=True, assigned_at=OLD),
        AssignmentSeen(
            app_ref=one["id"], group_ref=okta_id("00g", 1), group_name="Marketing", assigned_at=OLD
        ),
    ]
    assert page.ignored == 1


async def test_people_and_apps_younger_than_their_lists_come_along_with_what_refers_to_them() -> None:
    users, one = people(1), app(1)
    world = OktaWorld(
        "acme.okta.com",
        users=users,
        apps=[one],
        app_users={one["id"]: [app_user_record(users[0], at=OLD)]},
        user_grants={users[0]["id"]: [grant_record(1, users[0]["id"], one, "openid", at=OLD)]},
    )
    for stream, kind in (("assignments", AssignmentSeen), ("grants", GrantSeen)):
        (page,) = await read_from(simulator(world), stream)
        mentions = [(o.ref, o.mention) for o in page.observations if isinstance(o, AppSeen | PersonSeen)]
        assert sorted(mentions) == [(users[0]["id"], True), (one["id"], True)], stream
        assert isinstance(page.observations[-1], kind)


async def test_an_app_that_is_deleted_while_it_is_read_is_no_error() -> None:
    users, apps = people(1), [app(1), app(2)]
    world = OktaWorld(
        "acme.okta.com",
        users=users,
        apps=apps,
        app_users={a["id"]: [app_user_record(users[0], at=OLD)] for a in apps},
    )
    sim = simulator(world)
    sim.app.faults.append(
        Fault(rf"/apps/{apps[0]['id']}/", times=None, status=404, body={"errorCode": "E0000007"})
    )
    pages = await read_from(sim, "assignments")
    assert [a.app_ref for a in seen(pages, AssignmentSeen)] == [apps[1]["id"]]


async def test_assignments_come_in_pages_of_some_apps_and_go_on_after_the_last_one_done() -> None:
    users, apps = people(1), [app(n) for n in range(1, 61)]
    world = OktaWorld(
        "acme.okta.com",
        users=users,
        apps=apps,
        app_users={a["id"]: [app_user_record(users[0], at=OLD)] for a in apps},
    )
    sim = simulator(world)
    pages = await read_from(sim, "assignments", rate_share=100)
    assert [len(seen([p], AssignmentSeen)) for p in pages] == [25, 25, 10]
    sim.app.requests.clear()
    rest = await read_from(sim, "assignments", pages[1].cursor, rate_share=100)
    assert [a.app_ref for a in seen(rest, AssignmentSeen)] == [a["id"] for a in apps[50:]]
    assert sum("/users?" in r.target for r in sim.app.requests) == 10


async def test_an_app_that_everybody_has_is_cut_into_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_PAGE", 4)
    users, apps = people(10), [app(1), app(2)]
    world = OktaWorld(
        "acme.okta.com",
        users=users,
        apps=apps,
        app_users={apps[1]["id"]: [app_user_record(u, at=OLD) for u in users]},
    )
    pages = await read_from(simulator(world), "assignments")
    assert [len(p.observations) for p in pages] == [4, 4, 4, 4, 4, 1]  # the app, 10 mentions, 10 assignments
    rest = await read_from(simulator(world), "assignments", pages[0].cursor)
    assert len(seen(rest, AssignmentSeen)) == 10


async def test_grants_of_single_scopes_are_one_grant_for_each_app_and_kind_of_consent() -> None:
    users, planner = people(2), app(1)
    world = OktaWorld(
        "acme.okta.com",
        users=users,
        apps=[planner],
        user_grants={
            users[0]["id"]: [
                grant_record(1, users[0]["id"], planner, "openid", at=OLD),
                grant_record(2, users[0]["id"], planner, "mail.read", at=OLD),
                grant_record(3, users[0]["id"], planner, "mail.write", at=OLD, status="REVOKED"),
                grant_record(4, users[0]["id"], planner, "openid", at=OLD, source="ADMIN"),
            ]
        },
    )
    (page,) = await read_from(simulator(world), "grants")
    mention, person, by_admin, by_user = page.observations
    assert isinstance(person, PersonSeen)
    assert person.mention
    assert isinstance(mention, AppSeen)
    assert mention.mention
    assert isinstance(by_user, GrantSeen)
    assert by_user.scopes == ("mail.read", "openid")
    assert by_user.consent is Consent.USER
    assert isinstance(by_admin, GrantSeen)
    assert (by_admin.scopes, by_admin.consent) == (("openid",), Consent.ADMIN)
    assert by_user.ref != by_admin.ref
    assert page.ignored == 1


async def test_a_client_id_of_its_own_still_leads_to_the_app() -> None:
    users, planner = people(1), app(1)
    grant = grant_record(1, users[0]["id"], planner, "openid", at=OLD, client_id="planner-client")
    grants = {users[0]["id"]: [grant]}
    world = OktaWorld("acme.okta.com", users=users, apps=[planner], user_grants=grants)
    found = seen(await read_from(simulator(world), "grants"), GrantSeen)
    assert [g.app_ref for g in found] == [planner["id"]]


async def test_grants_to_oktas_own_clients_are_ignored() -> None:
    users, planner = people(1), app(1)
    own = grant_record(1, users[0]["id"], planner, "okta.users.read.self", at=OLD, client_id="okta.2b1959c8")
    world = OktaWorld("acme.okta.com", users=users, apps=[planner], user_grants={users[0]["id"]: [own]})
    (page,) = await read_from(simulator(world), "grants")
    assert page.observations == []
    assert page.ignored == 1


async def test_grants_of_people_who_left_are_not_asked_for() -> None:
    users = people(2)
    users[1]["status"] = "DEPROVISIONED"
    sim = simulator(OktaWorld("acme.okta.com", users=users))
    await read_from(sim, "grants")
    assert [r.target for r in sim.app.requests if "/grants" in r.target] == [
        f"/api/v1/users/{users[0]['id']}/grants?limit=200"
    ]


async def test_vendors_that_may_call_okta_itself_are_apps_with_a_grant_for_everybody() -> None:
    record = integration_record(
        okta_id("0oa", 8), "segment_sync", "Segment Sync", ["okta.users.read"], at=OLD
    )
    sim = simulator(OktaWorld("acme.okta.com", integrations=[record]))
    (page,) = await read_from(sim, "integrations")
    service, grant = page.observations
    assert isinstance(service, AppSeen)
    assert service.name == "Segment Sync"
    assert isinstance(grant, GrantSeen)
    assert (grant.person_ref, grant.scopes, grant.consent) == (None, ("okta.users.read",), Consent.ADMIN)


async def test_without_the_optional_scope_integrations_are_not_available_and_the_rest_is_whole() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(1)))
    sim.deny("okta.oauthIntegrations.read")
    async with connected(sim) as connector:
        assert (await connector.check()).ok
        with pytest.raises(NotAvailable, match=r"okta\.oauthIntegrations\.read"):
            await read(connector, "integrations")
        assert next(s for s in connector.streams() if s.name == "integrations").optional


async def test_a_snapshot_that_was_whole_is_not_read_again() -> None:
    sim = simulator(OktaWorld("acme.okta.com", users=people(1), apps=[app(1)]))
    async with connected(sim) as connector:
        for stream in ("people", "apps", "assignments", "grants", "integrations"):
            final = (await read(connector, stream))[-1]
            (again,) = await read(connector, stream, final.cursor)
            assert again.last
            assert not again.observations


def test_times_are_written_as_okta_writes_them() -> None:
    assert stamp(OLD).endswith(".000Z")
    assert module._iso(OLD) == stamp(OLD)
