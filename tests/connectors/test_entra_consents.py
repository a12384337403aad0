"""Consents of Entra ID, gotcha by gotcha."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.entra.logs import unwrap
from connectors.entra.simulator import EntraWorld, sample_world
from connectors.entra.simulator_world import (
    GRAPH_SP,
    app_id,
    app_ref,
    audit,
    changed,
    user_id,
)
from connectors.observations import AppSeen, Consent, ConsentEvent
from tests.connectors.entra_support import NOW, read, seen, simulator, targets

API = {"id": GRAPH_SP, "displayName": "Microsoft Graph"}


def events(world: EntraWorld, *records: dict[str, Any]) -> list[ConsentEvent]:
    world.directory_audits = list(records)
    return seen(read(simulator(world), "consents"), ConsentEvent)


# Consents ----------------------------------------------------------------------------------------


def consent(number: int, *properties: dict[str, Any], actor: int | None = 2, app: int = 1) -> dict[str, Any]:
    target = {"id": app_ref(app), "displayName": "HubSpot"}
    at = NOW - timedelta(hours=number)
    return audit(number, "Consent to application", at, actor, target, *properties)


def permissions(before: str, after: str, kind: str = "Principal", person: int | None = 2) -> dict[str, Any]:
    def entry(scope: str) -> str:
        return (
            f"[[Id: G, ClientId: {app_ref(1)}, PrincipalId: {user_id(person) if person else ''}, "
            f"ResourceId: {GRAPH_SP}, ConsentType: {kind}, Scope: {scope}, CreatedDateTime: , "
            "LastModifiedDateTime ]]"
        )

    left = entry(before) if before else "[]"
    return changed("ConsentAction.Permissions", f"{left} => {entry(after)}; ")


def delegated(number: int, activity: str, new: str | None, old: str | None, **more: Any) -> dict[str, Any]:
    properties = [
        changed("DelegatedPermissionGrant.Scope", new, old),
        changed("DelegatedPermissionGrant.ConsentType", more.pop("kind", "Principal")),
        changed("ServicePrincipal.ObjectID", app_ref(more.pop("app", 1))),
        changed("ServicePrincipal.DisplayName", None),
    ]
    return audit(number, activity, NOW - timedelta(hours=number), more.pop("actor", 2), API, *properties)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ('"True"', "True"),
        ('" User.Read openid"', "User.Read openid"),
        ("True", "True"),
        ('["a","b"]', "a b"),
        ('""', ""),
        ("null", ""),
        (None, ""),
        ("[] => [[Id: 1]]", "[] => [[Id: 1]]"),
    ],
)
def test_modified_properties_are_json_strings_inside_strings(value, plain):
    assert unwrap(value) == plain


def test_a_first_consent_dates_and_attributes_a_grant():
    [event] = events(
        sample_world(NOW),
        consent(3, changed("ConsentContext.OnBehalfOfAll", "False"), permissions("", " openid Mail.Read")),
    )
    assert event.app_ref == app_ref(1)
    assert event.person_ref == user_id(2)
    assert event.scopes == ("openid", "Mail.Read")
    assert (event.granted, event.consent) == (True, Consent.USER)
    assert event.at.replace(microsecond=0) == NOW - timedelta(hours=3)
    assert event.event_id == "Directory_000003"


def test_is_admin_consent_only_says_who_clicked_on_behalf_of_all_says_for_whom():
    one, everybody = events(
        sample_world(NOW),
        consent(4, changed("ConsentContext.IsAdminConsent", "True"), permissions("", "A.Read")),
        consent(
            3,
            changed("ConsentContext.OnBehalfOfAll", "True"),
            permissions("", "B.Read", kind="AllPrincipals", person=None),
            actor=1,
        ),
    )[::-1]
    assert (one.consent, one.person_ref) == (Consent.USER, user_id(2))
    assert (everybody.consent, everybody.person_ref) == (Consent.ADMIN, user_id(1))


def test_a_widening_is_in_the_grant_record_and_hidden_in_the_consent_record():
    """One click writes three records; only one of them says what was added, and one looks like a removal."""
    found = events(
        sample_world(NOW),
        consent(3, permissions(" User.Read", " User.Read")),
        delegated(4, "Remove delegated permission grant", " User.Read Mail.Read", " User.Read"),
        delegated(5, "Add delegated permission grant", " User.Read Mail.Read", " User.Read"),
    )
    assert [(e.event_id, e.granted, e.scopes) for e in found] == [("Directory_000005", True, ("Mail.Read",))]


def test_in_grant_records_the_target_is_the_api_and_the_app_is_a_property():
    [event] = events(sample_world(NOW), delegated(3, "Add delegated permission grant", " Mail.Read", None))
    assert event.app_ref == app_ref(1)


def test_a_real_removal_takes_scopes_away():
    removed, narrowed = events(
        sample_world(NOW),
        delegated(3, "Remove delegated permission grant", None, " Mail.Read openid"),
        delegated(4, "Remove delegated permission grant", " openid", " openid Mail.Read"),
    )
    assert (removed.granted, removed.scopes) == (False, ("Mail.Read", "openid"))
    assert (narrowed.granted, narrowed.scopes) == (False, ("Mail.Read",))


def test_an_application_permission_is_an_administrators_consent_even_without_a_person():
    given, taken = (
        audit(
            n, activity, NOW - timedelta(hours=n), None, API,
            changed("AppRole.Value", *value), changed("ServicePrincipal.ObjectID", app_ref(6)),
        )
        for n, activity, value in (
            (3, "Add app role assignment to service principal", ("Mail.Read",)),
            (4, "Remove app role assignment from service principal", (None, "Mail.Read")),
        )
    )  # fmt: skip
    first, second = events(sample_world(NOW), given, taken)
    assert (first.granted, first.consent, first.person_ref) == (True, Consent.ADMIN, None)
    assert (second.granted, second.scopes) == (False, ("Mail.Read",))


def test_only_consents_that_succeeded_are_reported_the_rest_is_ignored():
    world = sample_world(NOW)
    failed = {**consent(3, permissions("", "A.Read")), "result": "failure"}
    other = audit(4, "Update application", NOW - timedelta(hours=4), 1, {"id": app_ref(5)})
    world.directory_audits = [failed, other]
    pages = read(simulator(world), "consents")
    assert not seen(pages, ConsentEvent)
    assert sum(p.ignored for p in pages) == 2


def test_consents_to_microsofts_own_apps_are_ignored():
    assert not events(sample_world(NOW), consent(3, permissions("", "A.Read"), app=9))


def test_a_consent_to_an_app_that_is_gone_mentions_it_by_the_name_of_another_record():
    world = sample_world(NOW)
    names = changed("TargetId.ServicePrincipalNames", f"{app_id(66)};https://gone.example")
    world.directory_audits = [
        consent(3, permissions("", "A.Read"), names, app=66),
        delegated(4, "Add delegated permission grant", " A.Read", None, app=66),
    ]
    [mention] = seen(read(simulator(world), "consents"), AppSeen)
    assert (mention.ref, mention.name, mention.mention) == (app_ref(66), "HubSpot", True)
    assert ("entra.app_id", app_id(66)) in mention.identifiers


def test_a_record_that_does_not_name_its_app_is_skipped():
    world = sample_world(NOW)
    scope = changed("DelegatedPermissionGrant.Scope", " User.Read")
    world.directory_audits = [
        audit(3, "Add delegated permission grant", NOW - timedelta(hours=3), 2, API, scope)
    ]
    pages = read(simulator(world), "consents")
    assert [s.ref for p in pages for s in p.skipped] == ["Directory_000003"]


def test_the_audit_log_is_asked_for_one_category_only():
    sim = simulator()
    read(sim, "consents")
    asked = targets(sim, "directoryAudits?")
    assert asked
    assert all("ApplicationManagement" in t for t in asked)
