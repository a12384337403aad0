"""What the vendors' worlds hold: in the vendors' shapes, consistent, and silent about the truth."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from app.sandbox.company import Company
from app.sandbox.tools import Via, consent_traps, merchants
from app.sandbox.worlds import Records, build_worlds

BUILD = """
import hashlib, msgspec, time
from datetime import date
from app.sandbox.company import build_company
from app.sandbox.worlds import build_records
records = build_records(build_company(as_of=date.fromisoformat("{as_of}")))
spent = time.process_time()
print(hashlib.sha256(msgspec.json.encode(records)).hexdigest(), spent)
"""


def test_another_process_with_other_hashes_makes_the_same_bytes_in_seconds(
    company: Company, records: Records
) -> None:
    again = subprocess.run(
        [sys.executable, "-c", BUILD.format(as_of=company.as_of)],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    digest, spent = again.stdout.split()
    assert digest == hashlib.sha256(msgspec.json.encode(records)).hexdigest()
    assert float(spent) < 8


def test_volumes_are_as_promised(records: Records) -> None:
    sso = sum(e["eventType"] == "user.authentication.sso" for e in records.okta["log"])
    assert 39_000 <= sso <= 41_000
    assert len(records.entra["sign_ins"]) == 15_000
    assert 4_500 <= sum(map(len, records.google["activities"].values())) <= 5_500
    grants = (
        len(records.entra["permission_grants"])
        + sum(map(len, records.google["tokens"].values()))
        + sum(map(len, records.okta["user_grants"].values()))
    )
    assert 3_500 <= grants <= 4_500
    assert len(records.ramp["transactions"]) == 9_000


def test_nothing_in_the_worlds_mentions_the_truth(records: Records) -> None:
    text = msgspec.json.encode(records).decode().casefold()
    kinds = {t.kind for t in (*consent_traps(), *merchants().traps)}
    for word in (*kinds, "trap/", "expected", "flagged", "shadow", "borderline", "ordinary/", "truth"):
        assert (word in text) is False, word


def test_nothing_happens_on_or_after_the_day_and_logs_are_no_longer_than_the_vendors_keep(
    company: Company, records: Records
) -> None:
    def spans(times: list[str], days: int) -> None:
        assert max(times) < company.as_of.isoformat()
        assert min(times) >= (company.as_of - timedelta(days=days)).isoformat()

    spans([e["published"] for e in records.okta["log"]], 90)
    spans([e["createdDateTime"] for e in records.entra["sign_ins"]], 30)
    spans([e["activityDateTime"] for e in records.entra["directory_audits"]], 30)
    for log in records.google["activities"].values():
        spans([e["id"]["time"] for e in log], 180)
    spans([t["user_transaction_time"] for t in records.ramp["transactions"]], 366)
    spans([t["updated_at"] for t in records.ramp["transactions"]], 366)


def test_every_planted_tool_has_evidence_in_every_channel_it_names(
    company: Company, records: Records
) -> None:
    signed_in = Counter(
        target["id"]
        for event in records.okta["log"]
        if event["outcome"]["result"] == "SUCCESS"
        for target in event["target"] or ()
        if target["type"] == "AppInstance"
    )
    okta = {
        a["label"]: signed_in[a["id"]] for a in records.okta["apps"] if records.okta["app_users"][a["id"]]
    }
    principals = {p["displayName"]: p["id"] for p in records.entra["service_principals"]}
    granted = Counter(g["clientId"] for g in records.entra["permission_grants"])
    entered = Counter(s["appDisplayName"] for s in records.entra["sign_ins"])
    tokens = Counter(t["displayText"] for held in records.google["tokens"].values() for t in held)
    saml = Counter(
        p["value"]
        for e in records.google["activities"]["saml"]
        for p in e["events"][0]["parameters"]
        if p["name"] == "application_name" and e["events"][0]["name"] == "login_success"
    )
    cards = {t["merchant_descriptor"] for t in records.ramp["transactions"]}
    claims = {r["merchant"] for r in records.ramp["reimbursements"]}
    bills = {b["vendor"]["name"] for b in records.ramp["bills"]}
    lines = {row.descriptor for s in records.statements for row in s.rows}

    def paid(name: str, seen: set[str]) -> bool:
        prefix = name.partition("{")[0]
        return any(text.startswith(prefix) for text in seen)

    for adoption in company.adoptions:
        name, via = adoption.use.name, adoption.use.via
        found: Any = {
            Via.OKTA_SSO: lambda n: okta[n],
            Via.OKTA_LINK: lambda n: okta[n],
            Via.ENTRA_SSO: lambda n: records.entra["app_role_assignments"][principals[n]] and entered[n],
            Via.ENTRA_ADMIN: lambda n: granted[principals[n]] and entered[n],
            Via.ENTRA_USER: lambda n: granted[principals[n]],
            Via.GOOGLE: lambda n: tokens[n],
            Via.GOOGLE_SAML: lambda n: saml[n],
            Via.RAMP: lambda n: paid(n, cards),
            Via.RAMP_BILL: lambda n: n in bills,
            Via.REIMBURSEMENT: lambda n: paid(n, claims),
            Via.STATEMENT: lambda n: paid(n, lines),
        }[via]
        assert found(name), (adoption.tool.key, via)


def test_okta_references_are_whole(records: Records) -> None:
    world = records.okta
    users, apps = {u["id"] for u in world["users"]}, {a["id"] for a in world["apps"]}
    assert len(users) == len(world["users"])
    assert len(apps) == len(world["apps"])
    assert set(world["app_users"]) == apps == set(world["app_groups"])
    for held in world["app_users"].values():
        assert {u["id"] for u in held} <= users
    assert set(world["user_grants"]) <= users
    assert {g["clientId"] for held in world["user_grants"].values() for g in held} <= apps
    assert len({e["uuid"] for e in world["log"]}) == len(world["log"])
    for event in world["log"]:
        assert event["actor"]["id"] in users
        assert all(t["id"] in apps for t in event["target"] or () if t["type"] == "AppInstance")
    assert [e["published"] for e in world["log"]] == sorted(e["published"] for e in world["log"])


def test_okta_ids_look_like_oktas(records: Records) -> None:
    world = records.okta
    assert all(u["id"].startswith("00u") and len(u["id"]) == 20 for u in world["users"])
    assert all(a["id"].startswith("0oa") and len(a["id"]) == 20 for a in world["apps"])
    assert {"ACTIVE", "DEPROVISIONED", "SUSPENDED"} <= {u["status"] for u in world["users"]}
    assert {"saasure", "okta_enduser", "okta_browser_plugin"} <= {a["name"] for a in world["apps"]}
    modes = {a["signOnMode"] for a in world["apps"]}
    assert modes == {"SAML_2_0", "OPENID_CONNECT", "BOOKMARK", "AUTO_LOGIN"}
    assert any(e["target"] is None for e in world["log"])


def test_only_what_it_set_up_has_groups_in_okta(company: Company, records: Records) -> None:
    managed = {a.use.name for a in company.using(Via.OKTA_SSO)}
    internal = {t.name for t in consent_traps() if t.via == "okta" and t.kind == "internal app"}
    grouped = {a["label"] for a in records.okta["apps"] if records.okta["app_groups"][a["id"]]}
    assert grouped == managed | internal


def test_some_employees_are_seen_adding_an_app_for_themselves(records: Records) -> None:
    added = [e for e in records.okta["log"] if e["eventType"] == "application.user_membership.add"]
    assert added
    for event in added:
        users = [t for t in event["target"] if t["type"] == "User"]
        assert [u["id"] for u in users] == [event["actor"]["id"]]


def test_an_inactive_app_was_only_ever_tried_in_vain(records: Records) -> None:
    inactive = {a["id"] for a in records.okta["apps"] if a["status"] == "INACTIVE"}
    tries = [e for e in records.okta["log"] if {t["id"] for t in e["target"] or ()} & inactive]
    assert len(inactive) == 1
    assert tries
    assert {e["outcome"]["result"] for e in tries} == {"FAILURE"}


def test_entra_references_are_whole(records: Records) -> None:
    world = records.entra
    users = {u["id"] for u in world["users"]}
    principals = {p["id"]: p["appId"] for p in world["service_principals"]}
    assert len(principals) == len(world["service_principals"])
    for grant in world["permission_grants"]:
        assert grant["clientId"] in principals
        assert grant["resourceId"] in principals
        assert (grant["principalId"] is None) == (grant["consentType"] == "AllPrincipals")
        assert grant["principalId"] is None or grant["principalId"] in users
        assert grant["scope"].startswith(" ")
    for name in ("app_role_assignments", "app_permissions"):
        assert set(world[name]) <= set(principals)
    for user in world["users"]:
        assert "manager" not in user or user["manager"]["id"] in users
    failed_only = {t.name for t in consent_traps() if t.kind == "failed sign-in"}
    for event in world["sign_ins"]:
        assert event["userId"] in users
        assert event["appId"] in principals.values() or event["appDisplayName"] in failed_only
    for audit in world["directory_audits"]:
        assert audit["targetResources"][0]["id"] in principals
        assert audit["initiatedBy"]["user"]["id"] in users
    roles = {r["id"] for p in world["service_principals"] for r in p["appRoles"]}
    assert {a["appRoleId"] for held in world["app_permissions"].values() for a in held} <= roles
    assert world["directory_audits"]


def test_a_tool_that_was_only_refused_is_not_in_the_entra_directory(records: Records) -> None:
    refused = [s for s in records.entra["sign_ins"] if s["appDisplayName"] == "Drift"]
    assert refused
    assert all(s["status"]["errorCode"] for s in refused)
    assert "Drift" not in {p["displayName"] for p in records.entra["service_principals"]}


def test_entra_lists_microsofts_own_apps_machines_and_an_internal_app(records: Records) -> None:
    world = records.entra
    owners = Counter(p["appOwnerOrganizationId"] for p in world["service_principals"])
    assert owners["f8cdef31-a31e-4b4a-93e4-5f571e91255a"] > 20
    assert "ManagedIdentity" in {p["servicePrincipalType"] for p in world["service_principals"]}
    own = [p for p in world["service_principals"] if p["appOwnerOrganizationId"] == world["tenant_id"]]
    assert any(p["applicationTemplateId"] is None for p in own)
    assert {"Member", "Guest"} == {u["userType"] for u in world["users"]}


def test_google_references_are_whole_and_newest_first(records: Records) -> None:
    world = records.google
    users = {u["primaryEmail"]: u for u in world["users"]}
    assert set(world["tokens"]) <= set(users)
    assert not any(users[email]["suspended"] for email in world["tokens"])
    for held in world["tokens"].values():
        assert len({t["clientId"] for t in held}) == len(held)
        assert all(t["clientId"].endswith(".apps.googleusercontent.com") for t in held)
    for application, log in world["activities"].items():
        times = [e["id"]["time"] for e in log]
        assert times == sorted(times, reverse=True)
        assert len({(e["id"]["time"], e["id"]["uniqueQualifier"]) for e in log}) == len(log)
        assert {e["id"]["applicationName"] for e in log} == {application}
        for event in log:
            assert users[event["actor"]["email"]]["id"] == event["actor"]["profileId"]


def test_a_revoked_consent_leaves_no_token(records: Records) -> None:
    revoked = [e for e in records.google["activities"]["token"] if e["events"][0]["name"] == "revoke"]
    assert len(revoked) > 10
    for event in revoked:
        client = event["events"][0]["parameters"][0]["value"]
        assert client not in {t["clientId"] for t in records.google["tokens"][event["actor"]["email"]]}


def test_forgotten_leavers_still_hold_live_grants(company: Company, records: Records) -> None:
    forgotten = [p for p in company.people if p.forgotten]
    held = [records.google["tokens"][p.email] for p in forgotten]
    third_party = {a.use.name for a in company.using(Via.GOOGLE)}
    assert any(t["displayText"] in third_party for tokens in held for t in tokens)
    leavers = {u["profile"]["login"] for u in records.okta["users"] if u["status"] == "DEPROVISIONED"}
    assert leavers & {p.email for p in forgotten}


def test_the_same_people_are_in_several_systems_by_address(records: Records) -> None:
    okta = {u["profile"]["email"] for u in records.okta["users"]}
    entra = {u["mail"] for u in records.entra["users"]}
    google = {u["primaryEmail"] for u in records.google["users"]}
    ramp = {u["email"] for u in records.ramp["users"]}
    assert not okta & entra
    assert len(google & okta) > 300
    assert len(google & entra) > 80
    assert ramp <= okta


def test_look_alike_consent_apps_are_there_under_letters_of_another_script(records: Records) -> None:
    names = {t["displayText"] for held in records.google["tokens"].values() for t in held}
    names |= {p["displayName"] for p in records.entra["service_principals"]}
    fakes = [t.name for t in consent_traps() if t.kind == "homoglyph"]
    assert len(fakes) == 2
    for fake in fakes:
        assert fake in names
        assert not fake.isascii()


def test_ramp_references_are_whole(company: Company, records: Records) -> None:
    world = records.ramp
    users, ids = {u["id"] for u in world["users"]}, {t["id"] for t in world["transactions"]}
    assert len(ids) == len(world["transactions"])
    departments = {d["id"] for d in world["departments"]}
    assert {u["department_id"] for u in world["users"]} <= departments
    assert {t["card_holder"]["user_id"] for t in world["transactions"]} <= users
    assert {t["original_transaction_id"] for t in world["transactions"]} - {None} <= ids
    assert {b["vendor"]["id"] for b in world["bills"]} == {v["id"] for v in world["vendors"]}
    assert {r["user_id"] for r in world["reimbursements"]} <= users


def test_ramp_states_follow_ramps_rules(records: Records) -> None:
    for charge in records.ramp["transactions"]:
        if charge["state"] == "DECLINED":
            assert charge["amount"] == 0.0
            assert charge["decline_details"]["amount"] > 0
        if charge["state"] != "CLEARED":
            assert charge["settlement_date"] is None
        if charge["original_transaction_id"]:
            assert charge["amount"] < 0
    foreign = {t["original_transaction_amount"]["currency_code"] for t in records.ramp["transactions"]}
    assert foreign == {"USD", "EUR", "GBP"}


def test_statement_files_overlap_and_what_was_pending_is_booked_later(records: Records) -> None:
    older, newer, bank = records.statements
    assert min(r.date for r in newer.rows) < max(r.date for r in older.rows)
    pending = [r for r in older.rows if r.pending]
    booked = {(r.date, r.descriptor, r.amount_minor) for r in newer.rows if not r.pending}
    assert pending
    assert all((r.date, r.descriptor, r.amount_minor) in booked for r in pending)
    in_cards = {(r.date, r.descriptor, r.amount_minor) for r in (*older.rows, *newer.rows)}
    assert bank.rows
    assert not in_cards & {(r.date, r.descriptor, r.amount_minor) for r in bank.rows}
    assert {r.currency for s in records.statements for r in s.rows} == {"EUR"}


def test_worlds_fit_the_simulators(company: Company, records: Records, tmp_path: Path) -> None:
    made = build_worlds(company, tmp_path / "statements")
    assert made.okta.log == records.okta["log"]
    assert made.entra.sign_ins == records.entra["sign_ins"]
    assert made.google.tokens == records.google["tokens"]
    assert made.ramp.transactions == records.ramp["transactions"]
    admins = [u["primaryEmail"] for u in made.google.users if u["isDelegatedAdmin"]]
    assert admins == [made.google_admin]
    assert sorted(p.name for p in (tmp_path / "statements").iterdir()) == [
        "bank.xml",
        "cards-newer.csv",
        "cards-older.csv",
    ]
    assert "SENDINBLUE.COM PARIS" in (tmp_path / "statements" / "cards-newer.csv").read_text("utf-8-sig")
