"""With pseudonyms on, no name of the directories leaves by any address, page, file, message or command.

The people of this company have names that nothing else is called. Every address and page is asked as every
role; with pseudonyms off the same search finds them, so that it is known to look in the right places.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from app import models
from app.api.openapi import document
from app.cli import cli as commands
from app.db import reading, writing
from app.main import create_app
from app.notify import adopters
from app.notify import pages as links
from app.security import audit
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from app.web import rooms
from tests.reviews.support import MONDAY, Review, Table, table_of
from tests.support.seed import Seed
from tests.support.serving import served

SECRET = re.compile(r"zorblax|quennt|vexmoor|secret\.example", re.IGNORECASE)
PSEUDONYM = re.compile(r"Person [0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
MAIL = "https://www.googleapis.com/auth/gmail.readonly"
VEILED = [Role.READER, Role.MARKETING, Role.IT, Role.AUDITOR]
PERSONAL = {
    "/api/v1/people",
    "/api/v1/people.csv",
    "/api/v1/people.json",
    "/api/v1/people/{person_id}",
    "/api/v1/grants",
    "/api/v1/grants.csv",
    "/api/v1/grants.json",
    "/api/v1/expenses",
    "/api/v1/expenses.csv",
    "/api/v1/expenses.json",
    "/api/v1/claims/found",
    "/api/v1/remediations/{plan_id}",
    "/api/v1/reviews/{review_id}/remediation",
    "/api/v1/scans",
    "/api/v1/scans/{scan_id}",
    "/api/v1/scans/{scan_id}/events",
    "/api/v1/scans/{scan_id}/skipped",
    "/api/v1/sources",
    "/api/v1/sources/{source_id}",
    "/api/v1/tools/{tool_id}",
    "/api/v1/tools/{tool_id}/adopters",
    "/api/v1/tools/{tool_id}/evidence",
    "/api/v1/tools/{tool_id}/expenses",
    "/api/v1/tools/{tool_id}/grants",
    "/api/v1/tools/{tool_id}/likely-owners",
    "/api/v1/tools/{tool_id}/people",
    "/grants",
    "/people",
    "/people/{person_id}",
    "/reviews/{review_id}",
    "/scans",
    "/scans/{scan_id}",
    "/sources",
    "/sources/{source_id}",
    "/tools/{tool_id}",
}
"""Where everybody meets these names with pseudonyms off."""
_DESCRIBED: dict[str, dict[str, Any]] = {}
OF_AUDITORS = {"/api/v1/audit", "/api/v1/audit/export", "/api/v1/outbox"} | {
    "/audit",
    "/audit/export",
    "/settings/deliveries",
}


@dataclass(frozen=True)
class World:
    table: Table
    on: Settings
    off: Settings
    zorblax: int
    plan: int


@pytest.fixture
def world(engine: Engine, settings: Settings) -> Iterator[World]:
    """A company about which everything that can be known is known, and most that can happen has happened."""
    on = settings.model_copy(update={"privacy": "pseudonyms", "privacy_fewest": 3})
    with table_of(engine, on) as table:
        with writing(engine) as connection:
            zorblax = _evidence(Seed(connection, _count=5000), table)
        Review(table, table.company.hubspot).decide(outcome="retire", plan="Move on.", by="2026-12-31")
        plan = _plan(table, zorblax)
        _talk(table, zorblax)
        yield World(table, on, settings, zorblax, plan)


def _evidence(seed: Seed, table: Table) -> int:
    ids, c = table.company, seed.connection
    known = {"title": "Chief Zorblaxian", "manager_email": "boss@secret.example", "department": "Marketing"}
    zorblax = seed.person("Zorblax Quennt", "zorblax.quennt@secret.example", **known)
    vexmoor = seed.person("Vexmoor Quennt", "vexmoor@secret.example", department="Vault", active=True)
    boss = seed.person("Quennt Zorblaxson", "boss@secret.example", department="Marketing")
    for number in range(2):
        seed.person(f"Zorblax {number}", f"{number}@secret.example", department="Marketing")
    for person, ref in ((zorblax, "email:zorblax.quennt@secret.example"), (vexmoor, "vexmoor"), (boss, "q")):
        account = seed.account(ids.okta, person, ref=ref, details={"name": "Zorblax"})
        app = seed.app(
            ids.okta, ids.hubspot, f"Plug {person}", facts={"set up by": "zorblax.quennt@secret.example"}
        )
        seed.assignment(ids.okta, app, account, self_assigned=True)
        seed.grant(ids.okta, app, account, MAIL, ref=f"{ref}:{person}")
        seed.consent(ids.okta, app, account, MAIL)
        for days in range(4):
            seed.sign_ins(app, account, MONDAY.date() - timedelta(days=days), count=3)
        seed.expense(
            ids.ramp,
            ids.canva,
            account,
            occurred_on=date(2026, 11, 4),
            merchant="Zorblax Quennt" if person == zorblax else "CANVA",
            descriptor="CANVA* zorblax.quennt@secret.example",
            memo="For Zorblax, as Vexmoor wanted",
        )
    # A merchant's own name is the vendor's: nobody is hidden by hiding it.
    c.execute(
        sa.update(models.merchants)
        .where(models.merchants.c.name.like("Zorb%"))
        .values(name="Canva", key="canva")
    )
    scan = seed.scan(
        ids.okta, "partial", error="zorblax.quennt@secret.example is not allowed to", notes=["x"]
    )
    seed.skip(scan, "vexmoor@secret.example", "the account of vexmoor@secret.example has no id")
    c.execute(
        sa.update(models.sources)
        .where(models.sources.c.id == ids.okta)
        .values(
            config={"admin_email": "zorblax.quennt@secret.example"},
            health="attention",
            health_text="vexmoor@secret.example may read nothing",
        )
    )
    c.execute(
        sa.insert(models.channels).values(
            name="mail",
            kind="email",
            config={"host": "mail.acme.example", "sender": "penumbra@acme.example"},
            secrets=b"",
            topics=[],
            enabled=True,
            created_at=MONDAY,
            updated_at=MONDAY,
        )
    )
    return zorblax


def _plan(table: Table, person: int) -> int:
    review = table.rows(models.reviews)[0]["id"]
    made = table.clients["ida"].post(f"/api/v1/reviews/{review}/remediation", json={"due": "2026-12-24"})
    assert made.status_code == 201, made.text
    plan = made.json()
    assert not SECRET.search(made.text)
    with writing(table.engine) as connection:
        connection.execute(
            sa.update(models.remediation_steps)
            .where(models.remediation_steps.c.person_id == person)
            .values(
                result="Zorblax Quennt (zorblax.quennt@secret.example) could not be found", state="failed"
            )
        )
    return plan["id"]


def _talk(table: Table, person: int) -> None:
    mara, tool = table.clients["mara"], table.company.hubspot
    asked = mara.post(f"/api/v1/tools/{tool}/adopters", json={"person_id": person})
    assert asked.status_code == 201, asked.text
    assert not SECRET.search(asked.text)
    with writing(table.engine) as connection:
        said = "It is mine. Zorblax Quennt, zorblax.quennt@secret.example"
        adopters.answer(connection, asked.json()["id"], "adopted", said, table.now)
        connection.execute(
            sa.update(models.deliveries)
            .where(models.deliveries.c.person_id.is_not(None))
            .values(state="failed", last_error="550 zorblax.quennt@secret.example unknown")
        )
    assert mara.post("/api/v1/requests", json={"what": "Canva", "need": "Banners."}).status_code == 201
    admin = table.person("ada", Role.ADMIN)
    shown = admin.post(
        f"/api/v1/people/{person}/reveal",
        json={"reason": "Zorblax Quennt (zorblax.quennt@secret.example) leaks."},
    )
    assert shown.json()["person"]["name"] == "Zorblax Quennt"
    changed = {"config": {"admin_email": "zorblax.quennt@secret.example"}}
    with writing(table.engine) as connection:
        audit.record(
            connection, "cli:root", "source.change", "source:1", {"fields": ["config"]}, after=changed
        )


def ids_of(engine: Engine) -> dict[str, list[Any]]:
    """What may stand in an address, from the database."""
    tables = {
        "tool_id": models.tools,
        "person_id": models.people,
        "source_id": models.sources,
        "scan_id": models.scans,
        "review_id": models.reviews,
        "plan_id": models.remediation_plans,
        "request_id": models.requests,
        "contract_id": models.contracts,
        "view_id": models.saved_views,
        "user_id": models.users,
        "channel_id": models.channels,
    }
    with reading(engine) as connection:
        found = {
            name: list(connection.scalars(sa.select(t.c.id).order_by(t.c.id))) for name, t in tables.items()
        }
        names = sa.select(models.people.c.id).where(models.people.c.name.like("%Quennt"))
        found["person_id"] = list(connection.scalars(names))
    found |= {"tool_id": found["tool_id"][:2], "user_id": found["user_id"][:2]}
    words = {"name": ["okta"], "category": ["CRM"], "kind": ["email"]}
    return {**found, **words, "version": [0], "teaching_id": [1], "token": ["x"]}


def addresses(template: str, ids: Mapping[str, list[Any]]) -> Iterator[str]:
    names = re.findall(r"\{(\w+)(?::\w+)?\}", template)
    for values in product(*(ids[name] for name in names)):
        address = template
        for name, value in zip(names, values, strict=True):
            address = re.sub(rf"\{{{name}(:\w+)?\}}", str(value), address)
        yield address


async def everything(app: FastAPI, engine: Engine, role: Role) -> dict[str, str]:
    """What this role is answered, by address as it is written in the API's description, and by page."""
    ids, found = ids_of(engine), dict[str, str]()
    with writing(engine) as connection:
        _, text = create_token(connection, f"walk {role} {id(app)}", role, actor="t")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as client:
        assert (await client.post("/login", data={"token": text})).status_code == 303
        token = {"Authorization": f"Bearer {text}"}
        # Every application has the same addresses, and describing them takes a second.
        app.openapi_schema = _DESCRIBED.get("all") or document(app)
        _DESCRIBED["all"] = app.openapi_schema
        templates = [path for path, item in document(app)["paths"].items() if "get" in item]
        for template in templates:
            query = {"department": "Marketing"} if template.endswith("/claims/found") else {}
            query |= {"what": "Canva"} if template.endswith("/requests/answer") else {}
            for address in addresses(template, ids):
                answer = await client.get(address, headers=token, params=query)
                assert answer.status_code < 500, (address, answer.text)
                found[template] = found.get(template, "") + answer.text + str(answer.headers)
        routes = [r for router in web_routers() for r in router.routes if isinstance(r, APIRoute)]
        for route in [r for r in routes if "GET" in r.methods]:
            for address in addresses(route.path, ids):
                answer = await client.get(address)
                assert answer.status_code < 500, (address, answer.text)
                found[route.path] = found.get(route.path, "") + answer.text
    assert {"/tools/{tool_id}", "/tools", "/ask", "/ask/{request_id}", "/account"} <= set(found)
    return found


def web_routers() -> list[APIRouter]:
    """Every router of pages that the application joins."""
    return [*rooms.ROUTERS, links.router]


def named(found: Mapping[str, str]) -> set[str]:
    return {address for address, text in found.items() if SECRET.search(text)}


async def test_no_address_and_no_page_names_anybody(world: World, engine: Engine) -> None:
    app = create_app(world.on, engine, clock=lambda: MONDAY)
    for role in VEILED:
        found = await everything(app, engine, role)
        # IT sees the settings of a source as it typed them.
        allowed = {"/api/v1/sources", "/api/v1/sources/{source_id}"} if role is Role.IT else set()
        assert named(found) == allowed, role
        shown = {address for address, text in found.items() if PSEUDONYM.search(text)}
        assert {"/tools/{tool_id}", "/api/v1/people.csv", "/api/v1/tools/{tool_id}/evidence"} <= shown


async def test_names_are_found_where_they_are_not_hidden(world: World, engine: Engine) -> None:
    off = create_app(world.off, engine, clock=lambda: MONDAY)
    assert named(await everything(off, engine, Role.AUDITOR)) == PERSONAL | OF_AUDITORS
    on = create_app(world.on, engine, clock=lambda: MONDAY)
    assert named(await everything(on, engine, Role.ADMIN)) == PERSONAL | OF_AUDITORS | {"/"}  # grants
    nobody = world.on.model_copy(update={"privacy_names": frozenset()})
    last = await everything(create_app(nobody, engine, clock=lambda: MONDAY), engine, Role.ADMIN)
    assert named(last) == {"/api/v1/sources", "/api/v1/sources/{source_id}"}


def test_no_message_names_anybody(world: World) -> None:
    told = world.table.rows(models.messages)
    assert {"adopter.ask", "review.decided", "remediation.confirm", "privacy.revealed"} <= {
        m["topic"] for m in told
    }
    assert not [m for m in told if SECRET.search(str(m))]


def test_commands_name_nobody(world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(world.on.data_dir))
    lines = (["audit", "export"], ["notify", "list", "--json"], ["user", "list", "--json"])
    for privacy, some in (("pseudonyms", False), ("off", True)):
        monkeypatch.setenv("PENUMBRA_PRIVACY", privacy)
        told = ""
        for line in lines:
            done = CliRunner().invoke(commands, line)
            assert done.exit_code == 0, done.output
            told += done.output
        assert bool(SECRET.search(told)) is some


def test_a_search_by_name_confirms_nobody_and_one_by_pseudonym_finds(world: World) -> None:
    mara = world.table.clients["mara"]
    for wanted in ("Zorblax", "zorblax.quennt@secret.example", "nobody at all"):
        answer = mara.get("/api/v1/people", params={"q": wanted})
        assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None, "total": None})
    shown = mara.get(f"/api/v1/people/{world.zorblax}").json()
    assert PSEUDONYM.fullmatch(shown["name"])
    assert shown["email"] is shown["title"] is shown["manager_email"] is None
    assert [a["ref"] for a in shown["accounts"]] == [None]
    found = mara.get("/api/v1/people", params={"q": shown["name"].lower()}).json()["items"]
    assert [p["id"] for p in found] == [world.zorblax]


def test_the_list_is_neither_sorted_nor_paged_by_name(world: World) -> None:
    mara, ids, cursor = world.table.clients["mara"], [], None
    while True:
        page = mara.get("/api/v1/people", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        ids += [p["id"] for p in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert ids == sorted(ids)
    assert len(ids) == len(world.table.rows(models.people))


def test_small_departments_are_not_counted_and_not_asked_about(world: World) -> None:
    mara, ada = world.table.clients["mara"], world.table.clients["ada"]
    tool = world.table.company.hubspot
    assert mara.get(f"/api/v1/tools/{tool}").json()["departments"] == [
        {"department": "Marketing", "people": 4, "fewer_than": None},
        {"department": "Other departments", "people": None, "fewer_than": 3},
    ]
    assert ada.get(f"/api/v1/tools/{tool}").json()["departments"][1] == {
        "department": "Vault",
        "people": 1,
        "fewer_than": None,
    }
    listed = {d["name"]: d for d in mara.get("/api/v1/departments").json()["items"]}
    assert listed["Vault"] == {"name": "Vault", "people": None, "fewer_than": 3, "tools": None}
    assert listed["Marketing"]["people"] == 5
    for address in ("people", "tools", "people.csv", "tools.json", "claims/found"):
        refused = mara.get(f"/api/v1/{address}?department=Vault")
        assert refused.status_code == 403, address
        assert refused.json()["type"].endswith(":small_department")
        assert ada.get(f"/api/v1/{address}?department=Vault").status_code == 200, address
    vexmoor = next(p["id"] for p in world.table.rows(models.people) if p["name"] == "Vexmoor Quennt")
    assert mara.get(f"/api/v1/people/{vexmoor}").json()["department"] is None
    assert mara.get(f"/api/v1/people/{world.zorblax}").json()["department"] == "Marketing"
    review = world.table.rows(models.reviews)[0]["id"]
    kept = {
        name: client.get(f"/api/v1/reviews/{review}/record").json()["evidence"]["people_by_department"]
        for name, client in (("mara", mara), ("ada", ada))
    }
    assert kept == {
        "mara": {"Marketing": 4, "Other departments": "fewer than 3"},
        "ada": {"Marketing": 4, "Vault": 1},
    }
    page = mara.get(f"/api/v1/reviews/{review}/events?limit=200").json()["items"][-1]
    assert page["data"]["evidence"]["people_by_department"] == kept["mara"]


def test_who_leads_a_team_is_not_told_beside_a_pseudonym(world: World) -> None:
    tool = world.table.company.hubspot

    def reasons(name: str) -> str:
        found = world.table.clients[name].get(f"/api/v1/tools/{tool}/likely-owners").json()["items"]
        return " ".join(reason for owner in found for reason in owner["reasons"])

    assert "Leads" in reasons("ada")
    assert "Leads" not in reasons("mara")


def test_one_sees_oneself_and_a_user_is_not_tied_to_a_pseudonym(world: World) -> None:
    table = world.table
    with writing(table.engine) as connection:
        connection.execute(
            sa.update(models.users)
            .where(models.users.c.id == table.users["mara"])
            .values(person_id=world.zorblax)
        )
    mara = table.client_of("mara", Role.READER)
    ida = table.clients["ida"]
    path = f"/api/v1/people/{world.zorblax}"
    assert mara.get(path).json()["name"] == "Zorblax Quennt"
    assert PSEUDONYM.fullmatch(ida.get(path).json()["name"])
    owners = f"/api/v1/tools/{table.company.hubspot}/likely-owners"
    assert {o["user_id"] for o in ida.get(owners).json()["items"]} == {None}
    auditor = table.person("otto", Role.AUDITOR)
    assert auditor.get(f"/api/v1/users/{table.users['mara']}").json()["person_id"] is None
    assert table.clients["ada"].get(f"/api/v1/users/{table.users['mara']}").json()["person_id"]
    mara.close()


def test_it_sees_whose_access_it_must_end_once_both_sides_have_confirmed(world: World) -> None:
    table, address = world.table, f"/api/v1/remediations/{world.plan}"
    mara, ida = table.clients["mara"], table.clients["ida"]

    def theirs(client: httpx.Client) -> set[str | None]:
        return {s["person"]["name"] for s in client.get(address).json()["steps"] if s["person"]}

    assert all(PSEUDONYM.fullmatch(name or "") for name in theirs(ida))
    for client in (ida, mara):
        etag = {"If-Match": client.get(address).headers["ETag"]}
        assert client.post(f"{address}/confirm", headers=etag).status_code == 200
    assert {"Zorblax Quennt", "Vexmoor Quennt"} <= theirs(ida)
    assert all(PSEUDONYM.fullmatch(name or "") for name in theirs(mara))
    robot = table.person("ruth", Role.READER)
    assert all(PSEUDONYM.fullmatch(name or "") for name in theirs(robot))
    for step in ida.get(address).json()["steps"]:
        done = ida.post(f"{address}/steps/{step['number']}/done", json={"note": "Done."})
        assert done.status_code == 200, done.text
    assert all(PSEUDONYM.fullmatch(name or "") for name in theirs(ida)), "the purpose is over"


def test_a_name_is_revealed_once_for_a_reason_and_not_unseen(world: World, engine: Engine) -> None:
    table = world.table
    path = f"/api/v1/people/{world.zorblax}/reveal"
    ada, mara = table.clients["ada"], table.clients["mara"]
    assert mara.post(path, json={"reason": "I wonder."}).status_code == 403
    assert ada.post(path, json={"reason": "  "}).status_code == 422
    assert ada.post("/api/v1/people/987654/reveal", json={"reason": "x"}).status_code == 404
    pseudonym = mara.get(f"/api/v1/people/{world.zorblax}").json()["name"]
    line = next(r for r in table.rows(models.audit_events) if r["action"] == "person.reveal")
    assert (line["actor"], line["object"]) == (f"user:{table.users['ada']}", f"person:{world.zorblax}")
    assert line["detail"] == {"pseudonym": pseudonym, "reason": "(hidden) ((hidden)) leaks."}
    for name in ("mara", "ida"):  # an administrator sits on neither side: both are told
        (told,) = [
            n
            for n in table.clients[name].get("/api/v1/me/notifications").json()["items"]
            if n["topic"] == "privacy.revealed"
        ]
        assert told["title"] == f"Ada was shown the name of {pseudonym}"
    off = create_app(world.off, engine, clock=lambda: MONDAY)
    with writing(engine) as connection:
        _, text = create_token(
            connection, "ada off", Role.ADMIN, user_id=table.users["ada"], actor="t", now=MONDAY
        )
        _, robot = create_token(connection, "robot", Role.ADMIN, actor="t", now=MONDAY)
    with served(off) as url:
        answer = httpx.post(
            url + path, json={"reason": "Why not."}, headers={"Authorization": f"Bearer {text}"}
        )
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "not_hidden")
    refused = httpx.post(
        table.url + path, json={"reason": "Why not."}, headers={"Authorization": f"Bearer {robot}"}
    )
    assert refused.status_code == 403


def test_pseudonyms_last_until_they_are_renewed(world: World, engine: Engine) -> None:
    def shown(**more: Any) -> Any:
        app = create_app(world.on.model_copy(update=more), engine, clock=lambda: MONDAY)
        with reading(engine) as connection:
            return app.state.penumbra.veils.of_nobody(connection).pseudonym(world.zorblax)

    assert shown() == shown()
    assert shown() != shown(privacy_round=2)
