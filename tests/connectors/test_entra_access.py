"""Grants, application permissions and assignments of Entra ID, gotcha by gotcha."""

from connectors.conformance import Patience
from connectors.entra.connector import EntraConnector
from connectors.entra.simulator import EntraSimulator, sample_world
from connectors.entra.simulator_world import GRAPH_ROLES, GRAPH_SP, NO_ROLE, app_ref, user_id
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    Consent,
    GrantSeen,
    PersonSeen,
)
from connectors.simulation import Fault
from tests.connectors.entra_support import NOW, read, seen, simulator, targets, use


def apps(sim: EntraSimulator) -> dict[str, AppSeen]:
    return {a.ref: a for a in seen(read(sim, "apps"), AppSeen)}


# Grants ------------------------------------------------------------------------------------------


def test_a_scope_string_may_start_with_a_space():
    grants = {g.ref: g for g in seen(read(simulator(), "grants"), GrantSeen)}
    assert grants["Grant0001_"].scopes == ("openid", "profile", "offline_access", "Mail.Read")


def test_the_client_id_of_a_grant_is_an_object_id():
    sim = simulator()
    assert {g.app_ref for g in seen(read(sim, "grants"), GrantSeen)} <= set(apps(sim))


def test_all_principals_is_an_administrators_consent_for_everybody():
    grants = {g.ref: g for g in seen(read(simulator(), "grants"), GrantSeen)}
    everybody, one = grants["Grant0004_"], grants["Grant0001_"]
    assert (everybody.consent, everybody.person_ref) == (Consent.ADMIN, None)
    assert (one.consent, one.person_ref) == (Consent.USER, user_id(2))


def test_grants_of_microsofts_own_apps_are_ignored():
    pages = read(simulator(), "grants")
    assert "Grant0005_" not in {g.ref for g in seen(pages, GrantSeen)}
    assert sum(p.ignored for p in pages) == 1


def test_a_grant_younger_than_the_listing_brings_its_app_along():
    sim = simulator()
    young = app_ref(1)
    sim.app.faults.append(
        Fault(
            r"/servicePrincipals\?",
            times=None,
            change=lambda a, _: {**a, "value": [v for v in a["value"] if v["id"] != young]},
        )
    )
    pages = read(sim, "grants")
    assert [a.name for a in seen(pages, AppSeen)] == ["HubSpot"]
    assert {g.ref for g in seen(pages, GrantSeen)} >= {"Grant0001_", "Grant0002_"}
    assert len(targets(sim, f"/servicePrincipals/{young}?")) == 1


def test_a_grant_that_outlived_its_app_is_ignored_not_an_error():
    world = sample_world(NOW)
    world.permission_grants.append({**world.permission_grants[0], "id": "left", "clientId": "deleted-app"})
    pages = read(simulator(world), "grants")
    assert "left" not in {g.ref for g in seen(pages, GrantSeen)}
    assert sum(p.ignored for p in pages) == 2
    assert not [s for p in pages for s in p.skipped]


def test_application_permissions_are_role_assignments_and_an_administrators_consent():
    sim = simulator()
    grants = seen(read(sim, "app_permissions"), GrantSeen)
    assert {g.scopes for g in grants} == {(v,) for v in GRAPH_ROLES.values()}
    assert {(g.app_ref, g.consent, g.person_ref) for g in grants} == {(app_ref(6), Consent.ADMIN, None)}
    assert all(g.granted_at is not None for g in grants)
    assert len(targets(sim, f"/servicePrincipals/{GRAPH_SP}?")) == 1  # a resource's roles are read once


# Assignments -------------------------------------------------------------------------------------


def test_assignments_tell_people_from_groups_and_leave_out_apps():
    pages = read(simulator(), "assignments")
    found = seen(pages, AssignmentSeen)
    groups = [(a.app_ref, a.group_name) for a in found if a.group_ref]
    assert groups == [(app_ref(3), "All sales")]
    assert {(a.app_ref, a.person_ref) for a in found if a.person_ref} == {
        (app_ref(1), user_id(2)),
        (app_ref(3), user_id(4)),  # two roles, one person, one assignment
    }
    assert len(found) == 3
    assert sum(p.ignored for p in pages) == 1


def test_consenting_also_assigns_so_such_an_assignment_is_the_persons_own():
    found = {a.app_ref: a for a in seen(read(simulator(), "assignments"), AssignmentSeen) if a.person_ref}
    assert found[app_ref(1)].self_assigned
    assert not found[app_ref(3)].self_assigned
    world = sample_world(NOW)
    world.permission_grants.append({**world.permission_grants[3], "id": "all", "clientId": app_ref(1)})
    managed = seen(read(simulator(world), "assignments"), AssignmentSeen)
    assert not any(a.self_assigned for a in managed)


def test_more_than_twenty_assignments_are_all_read():
    """$expand would stop at 20 without a next link, so every application is asked."""
    world = sample_world(NOW)
    row = world.app_role_assignments[app_ref(1)][0]
    world.app_role_assignments[app_ref(1)] = [
        {**row, "id": f"r{n}", "principalId": f"person-{n:03d}"} for n in range(45)
    ]
    sim = simulator(world, page_limit=20)
    found = [a for a in seen(read(sim, "assignments"), AssignmentSeen) if a.app_ref == app_ref(1)]
    assert len({a.person_ref for a in found}) == 45
    assert not targets(sim, "expand=appRole")


def test_an_app_removed_while_it_is_read_has_no_assignments():
    sim = simulator()
    gone = {"error": {"code": "Request_ResourceNotFound", "message": "gone"}}
    sim.app.faults.append(Fault(f"{app_ref(3)}/appRoleAssignedTo", status=404, body=gone))
    pages = read(sim, "assignments")
    assert {a.app_ref for a in seen(pages, AssignmentSeen)} == {app_ref(1)}
    assert not [s for p in pages for s in p.skipped]


def test_going_on_skips_the_apps_that_were_done():
    world = sample_world(NOW)
    row = world.service_principals[0]
    more = [{**row, "id": f"z{n:03d}", "appId": f"z{n:03d}"} for n in range(90)]
    world.service_principals += more
    world.app_role_assignments |= {
        m["id"]: [{"id": m["id"], "principalType": "User", "principalId": user_id(1), "appRoleId": NO_ROLE}]
        for m in more
    }
    sim = simulator(world)
    pages = read(sim, "assignments")
    assert [p.last for p in pages] == [False, False, True]
    sim.app.requests.clear()
    rest = read(sim, "assignments", pages[1].cursor)
    assert {a.app_ref for a in seen(rest, AssignmentSeen)} == {
        a.app_ref for a in seen(pages[2:], AssignmentSeen)
    }
    assert len(targets(sim, "appRoleAssignedTo")) == 97 - 80


def test_a_scan_lists_the_applications_once_for_all_streams():
    sim = simulator()

    async def work(connector: EntraConnector) -> None:
        for stream in connector.streams():
            async for _ in stream.pages(None):
                pass

    use(sim, work)
    assert len(targets(sim, "/v1.0/servicePrincipals?")) == 1


def test_a_throttled_directory_is_waited_for_as_the_header_says():
    patience = Patience()
    sim = simulator(rate_limits=True, clock=lambda: patience.now)
    for _ in range(1749):
        sim._charge(2)
    assert len(seen(read(sim, "people", patience=patience), PersonSeen)) == 7
    read(sim, "people", patience=patience)
    assert any(r.status == 429 for r in sim.app.requests)
    assert any(9 <= s <= 11 for s in patience.slept)
