"""Lists, people and apps of Entra ID, gotcha by gotcha."""

import pytest

from connectors.entra.connector import EntraConnector
from connectors.entra.hosts import domains_of
from connectors.entra.simulator import EntraSimulator, sample_world
from connectors.entra.simulator_world import GRAPH_SP, app_id, app_ref, user_id
from connectors.errors import RetryLater, VendorChanged
from connectors.identifiers import Identifier
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    GrantSeen,
    PersonKind,
    PersonSeen,
    SignOn,
)
from connectors.simulation import Fault
from tests.connectors.entra_support import NOW, read, seen, simulator, targets, use


def people(sim: EntraSimulator) -> dict[str, PersonSeen]:
    return {p.ref: p for p in seen(read(sim, "people"), PersonSeen)}


def apps(sim: EntraSimulator) -> dict[str, AppSeen]:
    return {a.ref: a for a in seen(read(sim, "apps"), AppSeen)}


def values(app: AppSeen, kind: str) -> list[str]:
    return [i.value for i in app.identifiers if i.kind == kind]


# Lists -------------------------------------------------------------------------------------------


def test_next_links_are_followed_as_they_came():
    sim = simulator(page_limit=3)
    links: list[str] = []

    def note(answer, _):
        links.append(answer.get("@odata.nextLink", ""))
        return answer

    sim.app.faults.append(Fault(sim.paged, times=None, change=note))
    read(sim, "people")
    asked = targets(sim, "/v1.0/users?")[1:]
    assert asked
    assert [link.partition("/v1.0/")[2] for link in links if link] == [
        a.partition("/v1.0/")[2] for a in asked
    ]


def test_page_sizes_vary_and_an_empty_page_is_no_end():
    sim = simulator(page_limit=2)
    sim.app.faults.append(Fault(sim.paged, after=1, change=sim.without_records))
    pages = read(sim, "people")
    assert [len(p.observations) for p in pages] == [2, 0, 2, 1]


def test_a_page_token_that_died_before_the_scan_went_on_begins_the_list_again():
    sim = simulator(page_limit=2)
    cursor = read(sim, "people")[1].cursor
    sim.expire_page_tokens()
    assert len(seen(read(sim, "people", cursor), PersonSeen)) == 7


def test_a_page_token_that_dies_under_way_begins_the_list_again_once():
    sim = simulator(page_limit=2)
    sim.app.faults.append(Fault(sim.paged, after=1, then=sim.expire_page_tokens, change=lambda a, _: a))
    found = {p.ref for p in seen(read(sim, "people"), PersonSeen)}
    assert len(found) == 7
    expired = {"error": {"code": "Directory_ExpiredPageToken", "message": "expired"}}
    sim.app.faults = [Fault("skiptoken", times=None, status=400, body=expired)]
    with pytest.raises(RetryLater):
        read(sim, "people")


def test_a_cursor_does_not_hold_the_address_so_the_scan_goes_on_elsewhere():
    sim = simulator(page_limit=2)
    assert read(sim, "people")[0].cursor["next"].startswith("/v1.0/users?")


def test_a_record_of_the_wrong_shape_is_skipped_and_its_page_is_not():
    world = sample_world(NOW)
    world.users[2]["department"] = 17
    pages = read(simulator(world), "people")
    assert len(seen(pages, PersonSeen)) == 6
    assert [s.ref for p in pages for s in p.skipped] == [user_id(3)]
    assert "department" in pages[0].skipped[0].reason


def test_a_page_on_which_nothing_can_be_read_is_a_changed_vendor():
    world = sample_world(NOW)
    for user in world.users:
        user["department"] = {"name": user["department"]}
    with pytest.raises(VendorChanged, match="department"):
        read(simulator(world), "people")


def test_everything_but_the_id_may_be_null_or_missing():
    """Graph's schema promises more than it keeps."""
    world = sample_world(NOW)
    world.users = [{"id": "u1"}, dict.fromkeys(world.users[0]) | {"id": "u2"}]
    bare = {"id": "a1", "appId": None}
    world.service_principals = [bare, dict.fromkeys(world.service_principals[0]) | {"id": "a2"}]
    world.permission_grants = [{"id": "g1", "clientId": "a1", "scope": None, "principalId": None}]
    world.app_role_assignments = {"a1": [{"id": "r1", "principalType": "User", "principalId": "u1"}]}
    world.app_permissions = {"a1": [{"id": "p1", "appRoleId": "unknown-role"}]}
    sim = simulator(world)
    assert set(people(sim)) == {"u1", "u2"}
    assert {a.ref: a.name for a in apps(sim).values()} == {"a1": "a1", "a2": "a2"}
    assert seen(read(sim, "grants"), GrantSeen)[0].scopes == ()
    assert seen(read(sim, "assignments"), AssignmentSeen)[0].person_ref == "u1"
    assert seen(read(sim, "app_permissions"), GrantSeen)[0].scopes == ("unknown-role",)


# People ------------------------------------------------------------------------------------------


def test_users_come_with_department_only_because_it_is_selected():
    """Without $select Graph leaves department and accountEnabled out, silently."""
    sim = simulator()
    found = people(sim)
    assert found[user_id(2)].department == "Marketing"
    assert found[user_id(2)].title == "Campaign Manager"
    assert found[user_id(4)].active is False
    assert all("%24select=" in t or "$select=" in t for t in targets(sim, "/users?"))


def test_a_page_with_expand_asks_for_no_more_than_it_may_hold():
    sim = simulator()
    found = people(sim)
    assert found[user_id(2)].manager_ref == user_id(1)
    assert found[user_id(1)].manager_ref is None
    assert all("top=100" in t for t in targets(sim, "/users?"))


def test_a_guests_principal_name_is_no_address():
    guest = people(simulator())[user_id(6)]
    assert (guest.kind, guest.email, guest.other_emails) == (PersonKind.GUEST, "finn@agency.example", ())


def test_kinds_of_accounts():
    found = people(simulator())
    assert found[user_id(1)].kind is PersonKind.EMPLOYEE
    assert found[user_id(3)].kind is PersonKind.CONTRACTOR
    assert found[user_id(7)].kind is PersonKind.SERVICE


def test_aliases_are_company_addresses_only():
    world = sample_world(NOW)
    world.users[1]["otherMails"] = ["ben.private@home.example"]
    sim = simulator(world)
    ben = people(sim)[user_id(2)]
    assert ben.email == "ben@acme.example"
    assert ben.other_emails == ("b.osei@acme.example",)
    assert not targets(sim, "otherMails")
    assert people(sim)[user_id(5)].email == "elin@acme.example"  # no mailbox: the principal name


# Apps --------------------------------------------------------------------------------------------


def test_microsofts_own_apps_and_machines_are_ignored():
    pages = read(simulator(), "apps")
    assert not {app_ref(7), app_ref(9), GRAPH_SP} & {a.ref for a in seen(pages, AppSeen)}
    assert sum(p.ignored for p in pages) == 3
    world = sample_world(NOW)
    world.service_principals[0]["appOwnerOrganizationId"] = "72F988BF-86F1-41AF-91AB-2D7CD011DB47"
    assert app_ref(1) not in apps(simulator(world))


def test_an_app_registered_in_the_own_tenant_is_internal_unless_it_stands_for_a_product():
    """Setting up a gallery or SAML app makes a registration owned by one's own tenant."""
    found = apps(simulator())
    assert found[app_ref(5)].internal
    assert not found[app_ref(3)].internal  # from the gallery
    assert not found[app_ref(4)].internal  # SAML, outside the gallery
    assert not found[app_ref(1)].internal
    world = sample_world(NOW)
    world.service_principals[2]["preferredSingleSignOnMode"] = None
    assert not apps(simulator(world))[app_ref(3)].internal  # from the gallery, not set up to the end


def test_the_own_tenant_is_known_by_its_guid_when_a_domain_is_configured():
    world = sample_world(NOW)

    async def work(connector: EntraConnector) -> str:
        return (await connector._catalogs.tenant()).id

    assert use(simulator(world), work) == world.tenant_id


def test_sign_on_tells_what_it_set_up_from_what_consents_brought():
    world = sample_world(NOW)
    world.service_principals[4]["preferredSingleSignOnMode"] = "somethingNew"
    world.service_principals[7] |= {"preferredSingleSignOnMode": "password"}
    found = apps(simulator(world))
    assert found[app_ref(1)].sign_on is SignOn.CONSENT  # people consented, nobody else
    assert found[app_ref(2)].sign_on is SignOn.CONSENT
    assert found[app_ref(3)].sign_on is SignOn.SAML
    assert found[app_ref(5)].sign_on is SignOn.OIDC  # an unknown mode is accepted
    assert found[app_ref(6)].sign_on is SignOn.OIDC  # an administrator consented for everybody
    assert found[app_ref(8)].sign_on is SignOn.PASSWORD


def test_an_app_that_requires_assignment_was_set_up_by_somebody():
    world = sample_world(NOW)
    world.service_principals[1]["appRoleAssignmentRequired"] = True
    assert apps(simulator(world))[app_ref(2)].sign_on is SignOn.OIDC
    world.service_principals[1] |= {"appRoleAssignmentRequired": False, "applicationTemplateId": "t"}
    assert apps(simulator(world))[app_ref(2)].sign_on is SignOn.UNKNOWN


def test_facts_carry_the_signs_of_it_management():
    found = apps(simulator())
    assert found[app_ref(6)].facts["admin_consent"] is True
    assert found[app_ref(3)].facts == {
        "owner": "this tenant",
        "admin_consent": False,
        "assignment_required": True,
        "gallery_app": True,
        "sso_mode": "saml",
        "audience": "AzureADMultipleOrgs",
    }


def test_the_object_id_is_the_ref_and_the_app_id_an_identifier():
    hubspot = apps(simulator())[app_ref(1)]
    assert Identifier("entra.app_id", app_id(1)) in hubspot.identifiers
    assert hubspot.publisher == "HubSpot, Inc."
    assert hubspot.publisher_verified is True
    assert Identifier("publisher", "HubSpot, Inc.") in hubspot.identifiers
    assert apps(simulator())[app_ref(2)].publisher_verified is False


def test_a_renamed_app_keeps_its_makers_name():
    world = sample_world(NOW)
    world.service_principals[0]["displayName"] = "CRM (do not delete)"
    renamed = apps(simulator(world))[app_ref(1)]
    assert renamed.name == "CRM (do not delete)"
    assert values(renamed, "app_name") == ["CRM (do not delete)", "HubSpot"]


def test_domains_leave_out_microsoft_localhost_and_the_company_itself():
    found = apps(simulator())
    assert values(found[app_ref(1)], "domain") == ["www.hubspot.com", "app.hubspot.com"]
    assert values(found[app_ref(2)], "domain") == ["canva.com", "www.canva.com"]
    assert values(found[app_ref(3)], "domain") == ["acme.my.salesforce.com"]
    assert values(found[app_ref(5)], "domain") == []  # reports.acme.example is ours


def test_domains_are_compared_by_label_not_by_ending():
    hosts = domains_of(
        ["https://notmicrosoft.com/x", "https://x.notacme.example"], frozenset({"acme.example"})
    )
    assert hosts == ("notmicrosoft.com", "x.notacme.example")
    odd = [None, "", "urn:sp", "api://guid", "http://10.0.0.1/", "https://[bad", "https://localhost/a", "a.b"]
    assert domains_of([*odd, "https://portal.office.com"], frozenset()) == ()


@pytest.mark.parametrize(
    "off",
    [
        {"accountEnabled": False},
        {"isDisabled": True},
        {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"},
    ],
)
def test_an_app_may_be_switched_off_in_three_ways(off):
    world = sample_world(NOW)
    world.service_principals[0] |= off
    world.service_principals[1] |= {"disabledByMicrosoftStatus": "NotDisabled"}
    found = apps(simulator(world))
    assert not found[app_ref(1)].active
    assert found[app_ref(2)].active
