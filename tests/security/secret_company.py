"""A company whose people have names that nothing else is called, and every address that could tell them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.engine import Engine

from app import models
from app.api.openapi import document
from app.db import reading, writing
from app.notify import adopters
from app.notify import pages as links
from app.security import audit
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from app.web import rooms
from tests.reviews.support import MONDAY, Table
from tests.support.seed import Seed

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


def evidence(seed: Seed, table: Table) -> int:
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
            department=None,
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


def plan(table: Table, person: int) -> int:
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


def talk(table: Table, person: int) -> None:
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
    sent = mara.post("/api/v1/me/report/send", json={"from": "2026-01-01", "to": "2026-12-31"})
    assert sent.status_code == 202, sent.text
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
    words = {"name": ["okta"], "category": ["CRM"], "kind": ["email"], "area": ["claims"]}
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
