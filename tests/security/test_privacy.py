"""With pseudonyms on, no name of the directories leaves by any address, page, file, message or command.

The people of this company have names that nothing else is called. Every address and page is asked as every
role; with pseudonyms off the same search finds them, so that it is known to look in the right places.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from app import models
from app.api.openapi import document
from app.cli import cli as commands
from app.db import reading, writing
from app.main import create_app
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from tests.reviews.support import MONDAY, Review, table_of
from tests.security.secret_company import (
    OF_AUDITORS,
    PERSONAL,
    PSEUDONYM,
    SECRET,
    VEILED,
    World,
    everything,
    evidence,
    named,
    plan,
    talk,
)
from tests.support.seed import Seed
from tests.support.serving import served


@pytest.fixture
def world(engine: Engine, settings: Settings) -> Iterator[World]:
    """A company about which everything that can be known is known, and most that can happen has happened."""
    on = settings.model_copy(update={"privacy": "pseudonyms", "privacy_fewest": 3})
    with table_of(engine, on) as table:
        with writing(engine) as connection:
            zorblax = evidence(Seed(connection, _count=5000), table)
        Review(table, table.company.hubspot).decide(outcome="retire", plan="Move on.", by="2026-12-31")
        made = plan(table, zorblax)
        talk(table, zorblax)
        yield World(table, on, settings, zorblax, made)


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
    assert {
        "adopter.ask",
        "review.decided",
        "remediation.confirm",
        "privacy.revealed",
        "report.asked",
    } <= {m["topic"] for m in told}
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


def filtered_by_department(app: FastAPI) -> list[str]:
    """Every address of the API that can be asked for one department."""
    paths = document(app)["paths"]
    return [
        path
        for path, item in paths.items()
        if any(p["name"] == "department" for p in item.get("get", {}).get("parameters", ()))
    ]


def test_no_address_answers_for_a_small_department_alone(world: World, engine: Engine) -> None:
    mara, ada = world.table.clients["mara"], world.table.clients["ada"]
    asked = filtered_by_department(create_app(world.on, engine))
    assert {f"/api/v1/{name}" for name in ("renewals", "tools", "reviews/scoreboard")} <= set(asked)
    for address in asked:
        query = {"department": "Vault", "number": "claimed_share"}
        if not address.endswith("/counted"):
            del query["number"]
        refused = mara.get(address, params=query)
        assert refused.status_code == 403, address
        assert refused.json()["type"].endswith(":small_department"), address
        assert ada.get(address, params=query).status_code == 200, address
        assert mara.get(address, params={**query, "department": "Marketing"}).status_code == 200, address


def test_what_is_spent_for_a_small_department_is_told_with_others(world: World) -> None:
    def spent(name: str) -> dict[str, int]:
        found = world.table.clients[name].get("/api/v1/spend/months?by=department").json()["rows"]
        return {row["name"]: row["total_minor"] for row in found}

    full, veiled = spent("ada"), spent("mara")
    assert {"Marketing", "Vault"} <= set(full)
    assert "Vault" not in veiled
    assert veiled["Marketing"] == full["Marketing"]
    assert veiled["Other departments"] == full["Vault"]
    assert sum(veiled.values()) == sum(full.values())


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
