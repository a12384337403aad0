"""Users and grants: what Google's Directory API does that a plain reader would get wrong."""

import pytest

from connectors.errors import NeedsAdmin, RetryLater, VendorChanged
from connectors.google_workspace.first_party import OWN_SCOPE
from connectors.google_workspace.sample import (
    CANVASLY,
    CHROME,
    DOMAIN,
    DRIVE,
    GMAIL,
    MAILBOT,
    NAMELESS,
    PROFILE,
    token,
    user,
)
from connectors.google_workspace.simulated import api_error
from connectors.google_workspace.simulator import GoogleWorld
from connectors.identifiers import APP_NAME, GOOGLE_CLIENT_ID, Identifier
from connectors.observations import AppSeen, Consent, GrantSeen, PersonKind, PersonSeen, SignOn
from connectors.simulation import Fault
from tests.connectors.google_workspace_support import Google, every, only

MARIA = f"maria.silva@{DOMAIN}"
TOKENS = r"/tokens\?"


async def people(google: Google) -> dict[str, PersonSeen]:
    return {p.email: p for p in await google.seen("people")}


def member(google: Google, email: str) -> dict:
    return next(u for u in google.world.users if u["primaryEmail"] == email)


def reason(status: int, why: str, **more: str) -> dict:
    error = api_error(status, why, "told by Google", **more)
    return {"status": status, "body": error.body}


# --- people ----------------------------------------------------------------------------------


async def test_the_primary_organization_gives_department_and_title():
    found = await people(Google())
    assert (found[MARIA].department, found[MARIA].title) == ("Marketing", "Campaign Manager")
    assert found[f"tom.berg@{DOMAIN}"].department == "Sales", "without a primary one the first counts"


async def test_the_manager_is_the_relation_of_type_manager():
    found = await people(Google())
    assert found[MARIA].manager_email == f"ana.costa@{DOMAIN}"
    assert found[f"tom.berg@{DOMAIN}"].manager_email is None


async def test_organizations_and_relations_may_be_anything():
    odd = [None, "none", {}, [None], ["text"], [{"primary": "yes"}], [{"department": 7, "title": None}]]
    world = GoogleWorld("C1", [user(1, "It Admin", isAdmin=True)])
    world.users += [
        {**user(n, f"User N{n}"), "organizations": value, "relations": value, "aliases": value, "name": value}
        for n, value in enumerate(odd, start=2)
    ]
    pages = await Google(world).read("people")
    assert len(every(pages)) == len(odd) + 1
    assert not any(page.skipped for page in pages)
    assert {p.department for p in every(pages)} == {None}
    assert sum(p.name is None for p in every(pages)) == len(odd)


async def test_suspended_and_archived_users_are_listed_and_not_active():
    found = await people(Google())
    assert not found[f"sam.spent@{DOMAIN}"].active
    assert not found[f"archie.vance@{DOMAIN}"].active
    assert found[MARIA].active


async def test_deleted_users_are_only_in_a_list_of_their_own():
    google = Google()
    assert not (await people(google))[f"dora.gone@{DOMAIN}"].active
    assert [("showDeleted=true" in t) for t in google.targets if "/users?" in t] == [True, False]


async def test_a_deleted_user_comes_before_the_one_who_got_the_address():
    world = GoogleWorld("C1", [user(1, "It Admin", isAdmin=True), user(3, "Ana Costa")])
    world.users.append(user(2, "Ana Costa", deletionTime="2026-11-10T00:00:00.000Z"))
    found = [p for p in await Google(world).seen("people") if p.email == f"ana.costa@{DOMAIN}"]
    assert [p.active for p in found] == [False, True]


async def test_guests_and_contractors_are_told_apart():
    found = await people(Google())
    assert found[f"gus.guest@{DOMAIN}"].kind is PersonKind.GUEST
    assert found[f"tom.berg@{DOMAIN}"].kind is PersonKind.CONTRACTOR
    assert found[MARIA].kind is PersonKind.EMPLOYEE


async def test_aliases_are_kept_and_private_or_test_addresses_are_not():
    assert (await people(Google()))[MARIA].other_emails == (f"msilva@{DOMAIN}",)


async def test_no_more_than_is_used_leaves_google():
    google = Google()
    for stream in ("people", "grants", "consents", "sign_ins", "admin_actions"):
        await google.read(stream)
    asked = [t for t in google.targets if t != "/token"]
    assert all("fields=" in t for t in asked)
    for field in ("phones", "emails", "lastLoginTime", "ipAddress", "addresses", "recovery"):
        assert not any(field in t for t in asked), field


async def test_a_last_login_in_1970_means_never_and_changes_nothing():
    google = Google()
    nina = f"nina.new@{DOMAIN}"
    assert (await people(google))[nina].active
    google.world.tokens[nina] = [token(MAILBOT, "MailBot", GMAIL)]
    grants = only(GrantSeen, await google.seen("grants"))
    assert member(google, nina)["id"] in {g.person_ref for g in grants}


async def test_a_user_without_an_id_is_skipped_and_shown():
    google = Google()
    google.world.users[1].pop("id")
    skipped = [s for page in await google.read("people") for s in page.skipped]
    assert [(s.ref, "id" in s.reason) for s in skipped] == [(f"user {MARIA}", True)]


async def test_a_page_token_older_than_three_days_begins_the_list_again():
    google = Google(page_limit=3)
    first = await google.read("people")
    google.simulator.expire_page_tokens()
    rest = await google.read("people", first[2].cursor)
    assert first[2].cursor["page"]
    assert {p.email for p in every(rest)} >= {p.email for p in every(first[1:])}
    assert rest[-1].last


async def test_a_page_token_refused_in_the_middle_of_a_walk_is_an_error():
    google = Google(page_limit=3)
    google.simulator.app.faults.append(
        Fault(google.simulator.paged, change=lambda a, _: {**a, "nextPageToken": "bm8gc3VjaCBwYWdl"})
    )
    with pytest.raises(VendorChanged):
        await google.read("people")


# --- grants ----------------------------------------------------------------------------------


async def test_grants_are_read_for_each_active_user_and_nobody_else():
    google = Google()
    await google.read("grants")
    asked = {t.split("/")[5] for t in google.targets if "/tokens?" in t}
    active = {
        u["id"] for u in google.world.users if not (u["suspended"] or u["archived"] or u.get("deletionTime"))
    }
    assert asked == active


async def test_a_grant_has_a_client_scopes_and_a_person_and_no_time():
    google = Google()
    seen = await google.seen("grants")
    ana = member(google, f"ana.costa@{DOMAIN}")["id"]
    mailbot = next(g for g in only(GrantSeen, seen) if g.ref == f"{ana}:{MAILBOT}")
    assert mailbot == GrantSeen(ref=f"{ana}:{MAILBOT}", app_ref=MAILBOT, scopes=(GMAIL,), person_ref=ana)
    assert mailbot.consent is Consent.USER
    app = next(a for a in only(AppSeen, seen) if a.ref == MAILBOT)
    assert app.sign_on is SignOn.CONSENT
    assert app.identifiers == (
        Identifier(GOOGLE_CLIENT_ID, MAILBOT),
        Identifier(APP_NAME, "MailBot"),
    )


async def test_an_anonymous_client_is_shown_by_its_id_and_has_no_name_to_match():
    app = next(a for a in only(AppSeen, await Google().seen("grants")) if a.ref == NAMELESS)
    assert app.name == NAMELESS
    assert app.identifiers == (Identifier(GOOGLE_CLIENT_ID, NAMELESS),)
    assert app.facts == {"unregistered": True}


async def test_an_app_is_emitted_once_a_page():
    pages = await Google().read("grants")
    refs = [o.ref for o in pages[0].observations if isinstance(o, AppSeen)]
    assert sorted(refs) == sorted({MAILBOT, CANVASLY, NAMELESS})


async def test_404_from_tokens_means_no_grants():
    google = Google()
    olga = f"olga.ops@{DOMAIN}"
    assert olga not in google.world.tokens
    pages = await google.read("grants")
    assert pages[-1].last
    assert not any(page.skipped for page in pages)


async def test_a_404_that_is_no_answer_of_the_api_is_no_empty_list():
    google = Google()
    google.simulator.app.faults.append(Fault(TOKENS, status=404, body=b"<html>not here</html>"))
    with pytest.raises(VendorChanged):
        await google.read("grants")


async def test_401_from_tokens_is_expected_for_users_suspended_meanwhile():
    google = Google()

    def suspend() -> None:
        member(google, MARIA)["suspended"] = True

    google.simulator.app.faults.append(
        Fault(TOKENS, then=suspend, status=401, body=api_error(401, "authError", "Login Required").body)
    )
    pages = await google.read("grants")
    assert pages[-1].last
    assert not any(page.skipped for page in pages)


async def test_401_from_tokens_is_expected_for_users_deleted_meanwhile():
    google = Google()
    whole = only(GrantSeen, await google.seen("grants"))
    maria = member(google, MARIA)

    def delete() -> None:
        maria["deletionTime"] = "2026-11-20T11:59:00.000Z"

    google.simulator.app.faults.append(
        Fault(rf"/{maria['id']}{TOKENS}", then=delete, **reason(401, "authError"))
    )
    left = only(GrantSeen, await google.seen("grants"))
    assert {g.ref for g in whole} - {g.ref for g in left} == {
        f"{maria['id']}:{c}" for c in (MAILBOT, NAMELESS)
    }


async def test_an_access_token_that_ends_between_two_users_loses_no_grants():
    google = Google()
    whole = await google.seen("grants")
    google.simulator.app.faults.append(
        Fault(TOKENS, after=1, then=google.simulator.expire_tokens, change=lambda a, _: a)
    )
    assert await google.seen("grants") == whole


async def test_a_lasting_401_for_an_active_user_is_shown_and_not_taken_for_no_grants():
    google = Google()
    maria = member(google, MARIA)["id"]
    google.simulator.app.faults.append(Fault(rf"/{maria}{TOKENS}", times=None, **reason(401, "authError")))
    skipped = [s.ref for page in await google.read("grants") for s in page.skipped]
    assert skipped == [f"user {maria}"]


async def test_a_lasting_401_for_everybody_stops_the_reading():
    google = Google()
    google.simulator.app.faults.append(Fault(TOKENS, times=None, **reason(401, "authError")))
    with pytest.raises(VendorChanged):
        await google.read("grants")


async def test_a_lost_scope_never_reads_as_no_grants():
    google = Google()
    google.simulator.app.faults.append(
        Fault(TOKENS, after=2, times=None, **reason(403, "insufficientPermissions"))
    )
    with pytest.raises(NeedsAdmin) as caught:
        await google.read("grants")
    assert caught.value.permission == "https://www.googleapis.com/auth/admin.directory.user.security"


async def test_googles_own_clients_are_left_out_and_counted():
    pages = await Google().read("grants")
    assert sum(page.ignored for page in pages) == 1
    assert CHROME not in {o.ref for o in every(pages) if isinstance(o, AppSeen)}


async def test_a_google_name_alone_never_hides_a_client():
    google = Google()
    posing, device = "666.apps.googleusercontent.com", "777.apps.googleusercontent.com"
    google.world.tokens[MARIA] = [
        token(posing, "Google Chrome", GMAIL),
        token(device, "Android device", OWN_SCOPE, nativeApp=True),
    ]
    apps = {a.ref for a in only(AppSeen, await google.seen("grants"))}
    assert posing in apps
    assert device not in apps


async def test_a_client_on_its_own_list_was_allowed_by_it_and_not_adopted_by_employees():
    seen = await Google().seen("grants", trusted_client_ids=[CANVASLY])
    facts = {a.ref: a.facts for a in only(AppSeen, seen)}
    assert facts[CANVASLY] == {"on_it_list": True}
    assert facts[MAILBOT] == {}
    given = {(g.app_ref, g.consent) for g in only(GrantSeen, seen)}
    assert given == {(CANVASLY, Consent.ADMIN), (MAILBOT, Consent.USER), (NAMELESS, Consent.USER)}


async def test_native_apps_are_marked():
    google = Google()
    google.world.tokens[MARIA] = [token(MAILBOT, "MailBot", GMAIL, nativeApp=True)]
    facts = {a.ref: a.facts for a in only(AppSeen, await google.seen("grants", first_days=1))}
    assert facts[MAILBOT] == {"native": True}


async def test_grants_with_null_or_missing_fields_are_read_or_skipped():
    google = Google()
    google.world.tokens[MARIA] = [
        {"clientId": MAILBOT, "displayText": None, "scopes": None, "anonymous": None},
        {"displayText": "no client"},
        {"clientId": 7, "displayText": "a number"},
        token(CANVASLY, "Canvasly", DRIVE),
        token(CANVASLY, "Canvasly", PROFILE, DRIVE),
    ]
    pages = await google.read("grants")
    maria = member(google, MARIA)["id"]
    grants = {g.app_ref: g.scopes for g in only(GrantSeen, every(pages)) if g.person_ref == maria}
    assert grants == {MAILBOT: (), CANVASLY: (DRIVE, PROFILE)}
    assert [s.ref for page in pages for s in page.skipped] == [f"user {maria}"] * 2


async def test_grants_come_in_pages_of_users_and_go_on_after_a_user():
    world = GoogleWorld("C1", [user(n, f"User N{n}", isAdmin=True) for n in range(1, 121)])
    world.tokens = {u["primaryEmail"]: [token(MAILBOT, "MailBot", GMAIL)] for u in world.users}
    google = Google(world)
    admin = world.users[0]["primaryEmail"]
    pages = await google.read("grants", admin_email=admin)
    assert [len(only(GrantSeen, list(p.observations))) for p in pages] == [50, 50, 20]
    before = len([t for t in google.targets if "/tokens?" in t])
    rest = await google.read("grants", pages[0].cursor, admin_email=admin)
    assert len([t for t in google.targets if "/tokens?" in t]) - before == 70
    assert every(rest) == every(pages[1:])
    done = await google.read("grants", pages[-1].cursor, admin_email=admin)
    assert [(list(p.observations), p.last) for p in done] == [([], True)]


async def test_somebody_hired_during_the_scan_is_introduced_with_the_grants():
    google = Google()
    grants = only(GrantSeen, seen := await google.seen("grants"))
    people = {p.ref: p for p in only(PersonSeen, seen)}
    assert {g.person_ref for g in grants} == set(people)
    assert all(p.mention for p in people.values())


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (403, "userRateLimitExceeded"),
        (403, "quotaExceeded"),
        (403, "rateLimitExceeded"),
        (503, "backendError"),
    ],
)
async def test_403_with_a_rate_limit_reason_is_waited_for(status: int, why: str):
    google = Google()
    undisturbed = await google.seen("grants")
    google.simulator.app.faults.append(Fault(TOKENS, times=2, **reason(status, why)))
    assert await google.seen("grants") == undisturbed
    assert google.patience.slept


async def test_a_403_rate_limit_without_a_time_is_waited_out_for_a_whole_minute():
    google = Google()
    google.simulator.app.faults.append(Fault(TOKENS, **reason(403, "userRateLimitExceeded")))
    await google.read("grants")
    assert any(60 <= seconds < 61 for seconds in google.patience.slept)


async def test_a_rate_limit_named_in_the_details_is_waited_for():
    google = Google()
    google.simulator.app.faults.append(Fault(TOKENS, **reason(403, "other", detail="RATE_LIMIT_EXCEEDED")))
    assert (await google.read("grants"))[-1].last


async def test_a_used_up_day_puts_the_scan_off():
    google = Google()
    google.simulator.app.faults.append(Fault(TOKENS, **reason(403, "dailyLimitExceeded")))
    with pytest.raises(RetryLater) as caught:
        await google.read("grants")
    assert caught.value.seconds == 3600


async def test_too_many_requests_a_minute_are_refused_and_the_scan_is_put_off():
    google = Google(rate_limits=True)
    google.simulator.requests_a_minute = 4
    with pytest.raises(RetryLater):
        await google.read("grants")
