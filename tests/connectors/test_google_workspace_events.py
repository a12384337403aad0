"""The events of the audit logs: their identity, their shapes, their actors, and what they become."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import VendorChanged
from connectors.google_workspace.api import BUDGETS
from connectors.google_workspace.reports import NOBODY
from connectors.google_workspace.sample import (
    CANVASLY,
    CHROME,
    DOMAIN,
    DRIVE,
    GMAIL,
    MAILBOT,
    PROFILE,
    activity,
    admin_event,
    consent,
    saml,
)
from connectors.identifiers import APP_NAME, Identifier
from connectors.observations import AppSeen, Consent, ConsentEvent, PersonSeen, SignInSeen, SignOn
from connectors.simulation import Fault
from tests.connectors.google_workspace_support import (
    MARIA,
    NOW,
    WATCHER,
    authorize,
    consents,
    every,
    google,
    only,
)

# --- which events ----------------------------------------------------------------------------


async def test_authorize_and_revoke_are_asked_for_separately_and_activity_never():
    found = google(
        "token",
        authorize(timedelta(hours=3)),
        authorize(timedelta(hours=2), consent("revoke", MAILBOT, "MailBot", GMAIL)),
        authorize(timedelta(hours=1), consent("activity", MAILBOT, "MailBot", GMAIL)),
    )
    pages = await found.read("consents", first_days=1)
    assert [(e.granted, e.scopes) for e in consents(pages)] == [(True, (GMAIL,)), (False, (GMAIL,))]
    names = {parse_qs(urlsplit(t).query)["eventName"][0] for t in found.targets if "/token?" in t}
    assert names == {"authorize", "revoke"}


async def test_requests_that_name_events_count_against_the_small_budget():
    found = google()
    async with found.connector(rate_share=0.01) as connector:
        streams = {s.name: s for s in connector.streams()}
        assert BUDGETS["report_filters"].requests <= 250
        async for _ in streams["sign_ins"].pages(None):
            pass
        asked = sum("/saml?" in t for t in found.targets)
        waited = len(found.patience.slept)
        async for _ in streams["consents"].pages(None):
            pass
    assert asked == 30
    assert not any("eventName" in t for t in found.targets if "/saml?" in t)
    assert len(found.patience.slept) - waited > waited


async def test_several_events_in_one_activity_have_ids_of_their_own():
    both = authorize(
        timedelta(hours=1),
        consent("authorize", MAILBOT, "MailBot", GMAIL),
        consent("revoke", CANVASLY, "Canvasly", DRIVE),
        consent("authorize", CANVASLY, "Canvasly", PROFILE),
    )
    events = consents(await google("token", both).read("consents", first_days=1))
    identity = f"token:{both['id']['time']}:{both['id']['uniqueQualifier']}"
    assert sorted(e.event_id for e in events) == [f"{identity}:{n}" for n in range(3)]
    assert {e.event_id[-1]: (e.app_ref, e.granted) for e in events} == {
        "0": (MAILBOT, True),
        "1": (CANVASLY, False),
        "2": (CANVASLY, True),
    }


async def test_two_activities_of_one_moment_are_told_apart_by_the_qualifier():
    one, two = authorize(timedelta(hours=1)), authorize(timedelta(hours=1))
    two["id"]["uniqueQualifier"] = "42"
    events = consents(await google("token", one, two).read("consents", first_days=1))
    assert len({e.event_id for e in events}) == 2


async def test_apps_and_people_come_once_a_page_before_the_events():
    found = google("token", *(authorize(timedelta(minutes=m)) for m in range(1, 6)))
    (page,) = [p for p in await found.read("consents", first_days=1) if p.observations]
    kinds = [type(o) for o in page.observations]
    assert kinds == [AppSeen, PersonSeen] + [ConsentEvent] * 5
    assert all(o.mention for o in page.observations if isinstance(o, AppSeen | PersonSeen))


async def test_googles_own_clients_are_left_out_of_the_log():
    own = authorize(timedelta(hours=1), consent("authorize", CHROME, "Google Chrome", PROFILE))
    pages = await google("token", own).read("consents", first_days=1)
    assert every(pages) == []
    assert sum(p.ignored for p in pages) == 1


# --- parameters ------------------------------------------------------------------------------


def event(*parameters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "auth", "name": "authorize", "parameters": list(parameters)}


CLIENT = {"name": "client_id", "value": MAILBOT}


@pytest.mark.parametrize(
    ("parameters", "scopes"),
    [
        ([{"name": "scope", "multiValue": [GMAIL, DRIVE, GMAIL]}], (GMAIL, DRIVE)),
        ([{"name": "scope", "value": GMAIL}], (GMAIL,)),
        (
            [
                {
                    "name": "scope_data",
                    "multiMessageValue": [
                        {"parameter": [{"name": "scope_name", "value": DRIVE}]},
                        {"parameter": [{"name": "scope_name", "multiValue": [GMAIL]}]},
                        {"parameter": [{"name": "product_bucket", "multiValue": ["GMAIL"]}]},
                        {"parameter": None},
                    ],
                }
            ],
            (DRIVE, GMAIL),
        ),
        ([{"name": "scope", "multiIntValue": ["1", 2]}], ("1", "2")),
        ([{"name": "scope", "boolValue": True}], ("true",)),
        ([{"name": "scope", "intValue": 5}, {"value": "nameless"}, {"name": None}], ("5",)),
        ([{"name": "scope"}, {"name": "scope_data", "multiMessageValue": None}], ()),
        ([], ()),
    ],
)
async def test_parameters_are_a_list_with_many_kinds_of_values(parameters: list, scopes: tuple[str, ...]):
    found = google("token", authorize(timedelta(hours=1), event(CLIENT, *parameters)))
    (seen,) = consents(await found.read("consents", first_days=1))
    assert seen.scopes == scopes


async def test_an_event_without_a_client_is_skipped_and_shown():
    found = google("token", authorize(timedelta(hours=1), event({"name": "app_name", "value": "?"})))
    (skipped,) = [s for p in await found.read("consents", first_days=1) for s in p.skipped]
    assert skipped.ref.startswith("token:")
    assert "client_id" in skipped.reason


async def test_activities_of_another_shape_are_skipped_one_by_one():
    good = authorize(timedelta(hours=2))
    found = google("token", good, authorize(timedelta(hours=1)))

    def spoil(answer: Any, _: Any) -> Any:
        odd = [{"id": {"time": 7}}, {**good, "events": "none"}, {**good, "id": {"time": "soon"}}, "text"]
        return {**answer, "items": [*odd, *answer["items"]]}

    found.simulator.app.faults.append(Fault("eventName=authorize", change=spoil))
    pages = await found.read("consents", first_days=1)
    assert len(consents(pages)) == 2
    assert len([s for p in pages for s in p.skipped]) == 4


async def test_a_page_without_one_readable_activity_is_a_changed_vendor():
    found = google("token")
    found.simulator.app.faults.append(
        Fault("eventName=authorize", change=lambda a, _: {"items": [{"when": n} for n in range(3)]})
    )
    with pytest.raises(VendorChanged):
        await found.read("consents", first_days=1)


async def test_null_instead_of_lists_is_read_as_nothing():
    bare = {**authorize(timedelta(hours=1)), "events": None, "actor": None}
    found = google("token")
    found.simulator.app.faults.append(Fault("authorize", change=lambda a, _: {"items": [bare]}))
    found.simulator.app.faults.append(Fault("revoke", change=lambda a, _: {"items": None}))
    assert every(await found.read("consents", first_days=1)) == []


# --- actors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "ref"),
    [
        ({"profileId": "117", "email": "Maria.Silva@acme.example"}, "117"),
        ({"profileId": "117"}, "117"),
        (
            {"callerType": "USER", "profileId": None, "email": f"maria.silva@{DOMAIN}"},
            f"maria.silva@{DOMAIN}",
        ),
        ({"profileId": NOBODY, "email": f"maria.silva@{DOMAIN}"}, f"maria.silva@{DOMAIN}"),
        ({"profileId": NOBODY}, None),
        ({"callerType": "KEY", "key": "robot", "profileId": "117"}, None),
        ({"email": ""}, None),
        ({}, None),
    ],
)
async def test_an_actor_may_be_a_key_or_the_placeholder_or_have_no_address(actor: dict, ref: str | None):
    one = {**authorize(timedelta(hours=1)), "actor": actor}
    seen = every(await google("token", one).read("consents", first_days=1))
    assert only(ConsentEvent, seen)[0].person_ref == ref
    assert [p.ref for p in only(PersonSeen, seen)] == ([ref] if ref else [])
    assert all(p.email in {None, f"maria.silva@{DOMAIN}"} for p in only(PersonSeen, seen))


async def test_ids_written_as_numbers_beyond_64_bits_are_read():
    found = google()
    body = (
        b'{"items":[{"id":{"time":"2026-11-20T11:00:00.000Z","uniqueQualifier":-9209012345678901234567},'
        b'"actor":{"profileId":117564289545555555555},'
        b'"events":[{"name":"authorize","parameters":[{"name":"client_id","value":"c"}]}]}]}'
    )
    found.simulator.app.faults.append(Fault("eventName=authorize", status=200, body=body))
    (seen,) = consents(await found.read("consents", first_days=1))
    assert seen.person_ref == "117564289545555555555"
    assert seen.event_id == "token:2026-11-20T11:00:00.000Z:-9209012345678901234567:0"


# --- SAML ------------------------------------------------------------------------------------


async def test_saml_sign_ins_name_the_app_by_its_label_and_failures_are_left_out():
    found = google(
        "saml",
        activity("saml", NOW - timedelta(hours=3), MARIA, saml("login_success", "Workfront")),
        activity("saml", NOW - timedelta(hours=2), MARIA, saml("login_failure", "Workfront")),
    )
    pages = await found.read("sign_ins", first_days=1)
    (app,) = only(AppSeen, every(pages))
    assert (app.ref, app.name, app.sign_on) == ("saml:Workfront", "Workfront", SignOn.SAML)
    assert app.identifiers == (Identifier(APP_NAME, "Workfront"),)
    (entered,) = only(SignInSeen, every(pages))
    assert (entered.person_ref, entered.at) == (MARIA["id"], NOW - timedelta(hours=3))
    assert sum(p.ignored for p in pages) == 1


async def test_a_saml_event_without_person_or_app_is_no_sign_in():
    nobody = {**activity("saml", NOW - timedelta(hours=2), MARIA, saml("login_success", "X")), "actor": {}}
    nameless = activity("saml", NOW - timedelta(hours=1), MARIA, saml("login_success", " "))
    pages = await google("saml", nobody, nameless).read("sign_ins", first_days=1)
    assert every(pages) == []
    assert [sum(p.ignored for p in pages), sum(len(p.skipped) for p in pages)] == [1, 1]


async def test_log_ins_to_google_itself_are_not_asked_for():
    found = google("login", activity("login", NOW - timedelta(hours=1), MARIA, {"name": "login_success"}))
    for stream in ("consents", "admin_actions", "sign_ins"):
        assert every(await found.read(stream)) == []
    assert not any("/applications/login" in t for t in found.targets)


# --- administrators --------------------------------------------------------------------------


def act(hours: int, name: str, **parameters: str) -> dict[str, Any]:
    return activity("admin", NOW - timedelta(hours=hours), WATCHER, admin_event(name, **parameters))


async def test_what_administrators_do_to_apps_is_admin_consent():
    found = google(
        "admin",
        act(9, "ADD_TO_TRUSTED_OAUTH2_APPS", OAUTH2_APP_ID=CANVASLY, OAUTH2_APP_NAME="Canvasly"),
        act(8, "REMOVE_FROM_TRUSTED_OAUTH2_APPS", OAUTH2_APP_ID=MAILBOT),
        act(7, "AUTHORIZE_API_CLIENT_ACCESS", API_CLIENT_NAME="4242", API_SCOPES=f"{GMAIL}, {DRIVE}"),
        act(6, "REMOVE_API_CLIENT_ACCESS", API_CLIENT_NAME="4242"),
        act(5, "ADD_APPLICATION", APP_ID="4711", APPLICATION_NAME="Sheet Mailer"),
        act(4, "REMOVE_APPLICATION", APPLICATION_NAME="Slide Mailer"),
        act(3, "CREATE_USER", USER_EMAIL="x@acme.example"),
    )
    pages = await found.read("admin_actions")
    done = {e.app_ref + str(e.granted): e for e in consents(pages)}
    assert set(done) == {
        f"{CANVASLY}True",
        f"{MAILBOT}False",
        "4242True",
        "4242False",
        "marketplace:4711True",
        "marketplace:Slide MailerFalse",
    }
    assert done["4242True"].scopes == (GMAIL, DRIVE)
    assert {e.consent for e in done.values()} == {Consent.ADMIN}
    assert {e.person_ref for e in done.values()} == {WATCHER["id"]}
    names = {a.ref: a.name for a in only(AppSeen, every(pages))}
    assert names["marketplace:4711"] == "Sheet Mailer"
    assert names["4242"] == "4242"


async def test_our_own_delegation_is_left_out():
    own = "104857600000000000001"
    pages = await google("admin", act(2, "AUTHORIZE_API_CLIENT_ACCESS", API_CLIENT_NAME=own)).read(
        "admin_actions"
    )
    assert every(pages) == []
    assert sum(p.ignored for p in pages) == 1


async def test_an_administrators_event_that_names_no_app_is_skipped_and_shown():
    pages = await google("admin", act(2, "ADD_APPLICATION"), act(1, "AUTHORIZE_API_CLIENT_ACCESS")).read(
        "admin_actions"
    )
    assert len([s for p in pages for s in p.skipped]) == 2
