"""Logins to the pages: in the database, ended by time and by hand, and nobody else's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import audit_events, sessions
from app.security import users
from app.security.schemas import Caller, Role, SessionKind, UserChange, UserIn
from app.security.service import CACHE_SECONDS, create_token, revoke_token
from app.security.sessions import IDLE, LIFETIME, SessionGate, begin
from app.web.sessions import COOKIE
from tests.conftest import NOW
from tests.security.test_tokens import Clock

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what has little to do with the database."""


def person(engine: Engine, name: str, *roles: Role) -> int:
    with writing(engine) as connection:
        wanted = UserIn(email=f"{name}@acme.example", name=name, roles=list(roles))
        return users.create_user(connection, wanted, actor="test", now=NOW).id


def token(engine: Engine, user: int | None, role: Role, name: str = "a token") -> str:
    with writing(engine) as connection:
        return create_token(connection, name, role, user_id=user, actor="test", now=NOW)[1]


def opened(engine: Engine, user: int, **more: Any) -> str:
    with writing(engine) as connection:
        return begin(connection, SessionKind.OPENID, user_id=user, now=NOW, **more)


def stored(engine: Engine, *columns: Any) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(*columns)).all())


@asynccontextmanager
async def browsing(app: FastAPI, text: str = "", **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://penumbra.test", headers=headers
    ) as client:
        if text:
            assert (await client.post("/login", data={"token": text})).status_code == 303
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(engine: Engine, clock: Clock) -> SessionGate:
    return SessionGate(engine, clock=clock, monotonic=clock.monotonic)


def test_the_id_of_a_session_is_stored_nowhere(engine: Engine) -> None:
    id_ = opened(engine, person(engine, "mara", Role.IT))
    assert len(id_) == 43
    assert id_ not in repr(stored(engine, sessions)) + repr(stored(engine, audit_events))


def test_a_session_ends_after_half_an_hour_without_a_page(
    engine: Engine, gate: SessionGate, clock: Clock
) -> None:
    id_ = opened(engine, person(engine, "mara", Role.IT))
    for _ in range(3):
        clock.pass_(IDLE.total_seconds() - 1)
        found = gate.find(id_)
        assert found is not None
        assert found.caller.name == "mara"
    clock.pass_(IDLE.total_seconds())
    assert gate.find(id_) is None


def test_what_an_open_page_asks_by_itself_keeps_no_session_alive(
    engine: Engine, gate: SessionGate, clock: Clock
) -> None:
    id_ = opened(engine, person(engine, "mara", Role.IT))
    half = IDLE.total_seconds() / 2
    clock.pass_(half)
    assert gate.find(id_, used=False) is not None
    assert gate.find(id_) is not None, "a use right after it counts"
    clock.pass_(half)
    assert gate.find(id_, used=False) is not None
    clock.pass_(half - 1)
    assert gate.find(id_, used=False) is not None
    clock.pass_(1)
    assert gate.find(id_, used=False) is None
    assert gate.find(id_) is None


def test_a_session_ends_after_twelve_hours_however_busy(
    engine: Engine, gate: SessionGate, clock: Clock
) -> None:
    id_ = opened(engine, person(engine, "mara", Role.IT))
    for _ in range(48):
        assert gate.find(id_) is not None
        clock.pass_(LIFETIME.total_seconds() / 48)
    assert gate.find(id_) is None
    with writing(engine) as connection:  # whoever logs in next clears up
        begin(connection, SessionKind.OPENID, user_id=1, now=clock.now)
    assert len(stored(engine, sessions.c.id)) == 1


def test_a_page_costs_one_question_and_mostly_none(engine: Engine, gate: SessionGate, clock: Clock) -> None:
    id_ = opened(engine, person(engine, "mara", Role.IT))
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    gate.find(id_)
    assert len([sql for sql in asked if "SELECT" in sql]) == 1
    asked.clear()
    for _ in range(10):
        gate.find(id_)
    assert asked == []
    clock.pass_(CACHE_SECONDS)
    gate.find(id_)
    assert len([sql for sql in asked if "SELECT" in sql]) == 1


def test_what_somebody_may_do_is_what_they_may_do_now(
    engine: Engine, gate: SessionGate, clock: Clock
) -> None:
    mara = person(engine, "mara", Role.IT)
    id_ = opened(engine, mara)
    for roles in ([Role.MARKETING], [Role.READER, Role.AUDITOR], []):
        with writing(engine) as connection:
            users.change_user(connection, mara, UserChange(roles=roles), actor="test", now=NOW)
        clock.pass_(CACHE_SECONDS)
        found = gate.find(id_)
        assert (found.caller.roles if found else set()) == set(roles)


@ONE
def test_an_id_that_is_none_finds_nobody(gate: SessionGate) -> None:
    for made_up in ("", "x", "x" * 5000, "\x00", "\ud800"):
        assert gate.find(made_up) is None


def test_a_login_by_token_ends_with_the_token(engine: Engine, gate: SessionGate, clock: Clock) -> None:
    mara = person(engine, "mara", Role.IT)
    with writing(engine) as connection:
        made, _ = create_token(connection, "t", Role.IT, user_id=mara, days=1, actor="test", now=NOW)
        caller = Caller("mara", frozenset({Role.IT}), made.expires_at, token_id=made.id, user_id=mara)
        id_ = begin(connection, SessionKind.TOKEN, caller, now=NOW + timedelta(hours=20))
    clock.now = NOW + timedelta(hours=20)
    assert gate.find(id_) is not None
    clock.now = NOW + timedelta(hours=24)  # remembered, and yet refused
    assert gate.find(id_) is None
    clock.now = NOW + timedelta(hours=20)
    with writing(engine) as connection:
        revoke_token(connection, "t", actor="test", now=NOW)
    clock.ticks += CACHE_SECONDS
    assert gate.find(id_) is None


async def test_where_one_is_logged_in_and_logging_out_everywhere(app: FastAPI, engine: Engine) -> None:
    mara = person(engine, "mara", Role.IT)
    text = token(engine, mara, Role.IT)
    auth = {"Authorization": f"Bearer {text}"}
    async with (
        browsing(app, text, **{"User-Agent": "Firefox\x1b[31m"}) as one,
        browsing(app, text) as two,
        browsing(app) as api,
    ):
        listed = (await api.get("/api/v1/me/sessions", headers=auth)).json()["items"]
        assert [s["kind"] for s in listed] == ["token", "token"]
        assert listed[1]["user_agent"] == "Firefox[31m"
        assert listed[1]["address"] == "127.0.0.1"
        address = f"/api/v1/me/sessions/{listed[1]['id']}"
        assert (await api.delete(address, headers=auth)).status_code == 204
        assert (await api.delete(address, headers=auth)).status_code == 404
        assert [(await b.get("/tools")).status_code for b in (one, two)] == [303, 200]
        gone = await api.delete("/api/v1/me/sessions", headers=auth)
        assert (gone.status_code, gone.json()) == (200, {"ended": 1})
        assert (await two.get("/tools")).status_code == 303
    ends = [
        row.actor
        for row in stored(engine, audit_events.c.actor, audit_events.c.action)
        if row.action == "session.end"
    ]
    assert ends == [f"user:{mara}"] * 2


async def test_somebody_elses_sessions_and_tokens_are_not_there(app: FastAPI, engine: Engine) -> None:
    mara = person(engine, "mara", Role.IT)
    session = opened(engine, mara)
    hers = token(engine, mara, Role.IT, "hers")
    ids = {"sessions": stored(engine, sessions.c.id)[0].id, "tokens": 1}
    tom = token(engine, person(engine, "tom", Role.IT), Role.IT, "his")
    robot = token(engine, None, Role.IT, "robot")
    async with browsing(app) as api:
        for text in (tom, robot):
            auth = {"Authorization": f"Bearer {text}"}
            for what, id_ in ids.items():
                assert (await api.get(f"/api/v1/me/{what}", headers=auth)).json()[
                    "items"
                ] == [] or what == "tokens"
                assert (await api.delete(f"/api/v1/me/{what}/{id_}", headers=auth)).status_code == 404
            assert (await api.delete("/api/v1/me/sessions", headers=auth)).json() == {"ended": 0}
            names = [t["name"] for t in (await api.get("/api/v1/me/tokens", headers=auth)).json()["items"]]
            assert names == (["his"] if text == tom else ["robot"])
        assert (await api.get("/tools", headers={"Cookie": f"{COOKIE}={session}"})).status_code == 200
        assert (await api.get("/api/v1/me", headers={"Authorization": f"Bearer {hers}"})).status_code == 200


async def test_an_administrator_logs_somebody_out_everywhere(
    app: FastAPI, engine: Engine, client: httpx.AsyncClient
) -> None:
    mara = person(engine, "mara", Role.IT)
    ids = [opened(engine, mara), opened(engine, mara)]
    other = opened(engine, person(engine, "tom", Role.IT))
    assert (await client.delete(f"/api/v1/users/{mara}/sessions")).json() == {"ended": 2}
    assert (await client.delete("/api/v1/users/99/sessions")).status_code == 404
    async with browsing(app) as browser:
        for id_, status in ((ids[0], 303), (ids[1], 303), (other, 200)):
            answer = await browser.get("/tools", headers={"Cookie": f"{COOKIE}={id_}"})
            assert answer.status_code == status


@ONE
async def test_the_pages_cookie_opens_no_api_and_the_token_no_page(app: FastAPI, engine: Engine) -> None:
    text = token(engine, person(engine, "mara", Role.IT), Role.IT)
    async with browsing(app, text) as browser:
        assert (await browser.get("/api/v1/me")).status_code == 401
    async with browsing(app) as browser:
        answer = await browser.get("/tools", headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 303
