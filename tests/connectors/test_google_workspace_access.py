"""Credentials and permissions: what Google refuses, and what a person is told to do."""

import json

import pydantic
import pytest

from connectors.errors import NeedsAdmin, VendorChanged
from connectors.google_workspace.api import AUDIT, PEOPLE, SECURITY
from connectors.google_workspace.connector import GoogleWorkspaceConnector
from connectors.google_workspace.sample import ADMIN, CUSTOMER, DOMAIN
from connectors.google_workspace.simulated import api_error
from connectors.google_workspace.simulator import make_service_account
from connectors.simulation import Fault
from tests.connectors.google_workspace_support import Google


def key_file(**changes: str) -> str:
    return json.dumps({**json.loads(make_service_account().key_file), **changes})


async def test_check_names_the_customer_and_finds_all_scopes():
    async with Google().connector() as connector:
        report = await connector.check()
    assert report.ok
    assert (report.account, report.account_name) == (CUSTOMER, DOMAIN)
    assert report.warnings == []


async def test_check_advises_against_a_super_administrator():
    google = Google()
    google.world.users[0]["isAdmin"] = True
    async with google.connector() as connector:
        report = await connector.check()
    assert report.ok
    assert [ADMIN in w for w in report.warnings] == [True]


@pytest.mark.parametrize("scope", [PEOPLE, SECURITY, AUDIT])
async def test_a_scope_that_is_not_delegated_is_named_although_google_does_not_say_which(scope: str):
    google = Google()
    google.simulator.deny(scope)
    async with google.connector() as connector:
        report = await connector.check()
    missing = {p.name: p.detail for p in report.permissions if not p.granted}
    assert list(missing) == [scope]
    assert "Domain-wide delegation" in missing[scope]
    assert report.account in {CUSTOMER, DOMAIN}


async def test_every_token_carries_one_scope():
    google = Google()
    async with google.connector() as connector:
        await connector.check()
    issued = [i.scopes for i in google.simulator._issued.values()]
    assert sorted(map(sorted, issued)) == sorted([[PEOPLE], [SECURITY], [AUDIT]])


async def test_an_administrator_without_the_role_is_told_so():
    google = Google()
    google.world.users[0]["isDelegatedAdmin"] = False
    async with google.connector() as connector:
        report = await connector.check()
    assert [p.granted for p in report.permissions] == [False, False, False]
    assert all("role privilege" in p.detail for p in report.permissions)


async def test_an_admin_sdk_that_is_switched_off_is_told_so():
    google = Google()
    off = api_error(403, "accessNotConfigured", "off", detail="SERVICE_DISABLED").body
    google.simulator.app.faults.append(Fault("/admin/", times=None, status=403, body=off))
    async with google.connector() as connector:
        report = await connector.check()
    assert all("switch it on" in p.detail for p in report.permissions)


async def test_the_subject_must_be_a_user():
    async with Google().connector(admin_email=f"nobody@{DOMAIN}") as connector:
        with pytest.raises(NeedsAdmin, match="admin_email"):
            await connector.check()


async def test_a_suspended_administrator_is_refused():
    google = Google()
    google.world.users[0]["suspended"] = True
    async with google.connector() as connector:
        with pytest.raises(NeedsAdmin, match="admin_email"):
            await connector.check()


async def test_a_foreign_service_account_is_refused():
    other = key_file(client_email="other@else.iam.gserviceaccount.com")
    async with Google().connector(service_account=other) as connector:
        with pytest.raises(NeedsAdmin, match="make a new key") as caught:
            await connector.check()
    assert caught.value.permission is None


async def test_a_signature_by_another_key_is_refused():
    google = Google()
    make_service_account.cache_clear()
    async with google.connector(service_account=key_file()) as connector:
        with pytest.raises(NeedsAdmin, match="make a new key"):
            await connector.check()


async def test_a_wrong_clock_is_named():
    google = Google()
    late = google.simulator._now
    google.simulator._now = lambda: late().replace(year=2027)
    async with google.connector() as connector:
        with pytest.raises(NeedsAdmin, match="clock"):
            await connector.check()


async def test_a_key_that_cannot_be_read_needs_a_new_one():
    broken = key_file(private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    async with Google().connector(service_account=broken) as connector:
        with pytest.raises(NeedsAdmin, match="new key"):
            await connector.check()


async def test_the_token_uri_of_the_key_file_is_ignored():
    stolen = key_file(token_uri="https://evil.example/token")
    async with Google().connector(service_account=stolen) as connector:
        assert (await connector.check()).ok


async def test_a_token_answer_without_a_token_is_a_changed_vendor():
    google = Google()
    google.simulator.app.faults.append(Fault("^/token", status=200, body={"id_token": "x"}))
    async with google.connector() as connector:
        with pytest.raises(VendorChanged):
            await connector.check()


async def test_a_token_is_kept_until_it_is_about_to_end():
    google = Google()
    async with google.connector() as connector:
        people = connector.streams()[0]
        for seconds in (0, 3000, 600):
            await google.patience.sleep(seconds)
            assert [p async for p in people.pages(None)][-1].last
    assert google.targets.count("/token") == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "authorized_user"}, "type service_account"),
        ({"private_key": "none"}, "PEM"),
        ({"private_key": 7}, "private_key"),
    ],
)
def test_a_key_file_that_cannot_work_is_refused_before_it_is_saved(changes: dict, told: str):
    config = Google().config(service_account=key_file(**changes))
    with pytest.raises(pydantic.ValidationError, match=told) as caught:
        GoogleWorkspaceConnector.Config.model_validate(config)
    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "-----BEGIN PRIVATE KEY-----"])
def test_text_that_is_no_key_file_is_refused(text: str):
    with pytest.raises(pydantic.ValidationError, match="key file"):
        GoogleWorkspaceConnector.Config.model_validate(Google().config(service_account=text))


@pytest.mark.parametrize(
    "change",
    [{"first_days": 180}, {"first_days": 0}, {"admin_email": "it"}, {"token_url": "http://vendor.example/t"}],
)
def test_a_config_out_of_bounds_is_refused(change: dict):
    with pytest.raises(pydantic.ValidationError):
        GoogleWorkspaceConnector.Config.model_validate(Google().config(**change))


def test_the_addresses_default_to_google():
    config = Google().config()
    del config["base_url"], config["token_url"]
    made = GoogleWorkspaceConnector.Config.model_validate(config).model_dump()
    assert made["base_url"] == "https://admin.googleapis.com"
    assert made["token_url"] == "https://oauth2.googleapis.com/token"


async def test_requests_are_built_without_asking_anybody_for_the_description():
    google = Google()
    async with google.connector() as connector:
        await connector.check()
    known = ("/token", "/admin/directory/v1/users", "/admin/reports/v1/activity/users/all/applications/")
    assert all(t.startswith(known) for t in google.targets)


def test_the_manifest_says_that_the_security_scope_can_revoke():
    reasons = {p.name: p.reason for p in GoogleWorkspaceConnector.manifest.permissions}
    assert "revoke" in reasons[SECURITY]
    assert "no read-only scope" in reasons[SECURITY]
