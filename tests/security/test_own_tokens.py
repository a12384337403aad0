"""Tokens over the API: one's own, and those of services."""

from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.errors import Unauthorized
from app.security import repository, users
from app.security.schemas import Role, UserIn
from app.security.service import Gate, create_token
from tests.conftest import NOW

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what has little to do with the database."""


@pytest.fixture
def mara(engine: Engine) -> dict[str, str]:
    with writing(engine) as connection:
        wanted = UserIn(email="mara@acme.example", name="Mara", roles=[Role.MARKETING, Role.AUDITOR])
        user = users.create_user(connection, wanted, actor="test", now=NOW)
        _, text = create_token(connection, "first", Role.MARKETING, user_id=user.id, actor="test", now=NOW)
    return {"Authorization": f"Bearer {text}"}


async def test_a_token_of_ones_own_from_making_to_ending(
    anonymous: httpx.AsyncClient, mara: dict[str, str]
) -> None:
    body = {"name": "Mara's script", "role": "reader", "days": 7}
    made = await anonymous.post("/api/v1/me/tokens", headers=mara, json=body)
    assert made.status_code == 201, made.text
    text = made.json()["token"]
    assert text.startswith("pen_")
    assert made.json()["expires_at"].startswith("2026-11-27")
    new = {"Authorization": f"Bearer {text}"}
    assert (await anonymous.get("/api/v1/me", headers=new)).json()["roles"] == ["reader"]
    listed = await anonymous.get("/api/v1/me/tokens", headers=new)
    assert [t["name"] for t in listed.json()["items"]] == ["Mara's script", "first"]
    assert text not in listed.text
    assert (await anonymous.post("/api/v1/me/tokens", headers=mara, json=body)).status_code == 409
    address = f"/api/v1/me/tokens/{made.json()['id']}"
    assert (await anonymous.delete(address, headers=mara)).status_code == 204
    assert (await anonymous.delete(address, headers=mara)).status_code == 204
    listed = await anonymous.get("/api/v1/me/tokens", headers=mara)
    assert listed.json()["items"][0]["revoked_at"] is not None


@ONE
async def test_a_token_made_with_a_token_does_not_outlive_it(
    anonymous: httpx.AsyncClient, mara: dict[str, str]
) -> None:
    made = await anonymous.post(
        "/api/v1/me/tokens", headers=mara, json={"name": "long", "role": "reader", "days": 366}
    )
    held = (await anonymous.get("/api/v1/me", headers=mara)).json()["expires_at"]
    assert made.json()["expires_at"] == held
    child = {"Authorization": f"Bearer {made.json()['token']}"}
    short = await anonymous.post(
        "/api/v1/me/tokens", headers=child, json={"name": "short", "role": "reader", "days": 1}
    )
    assert short.json()["expires_at"] < held


@ONE
async def test_nobody_makes_a_token_that_may_more_than_the_one_they_hold(
    anonymous: httpx.AsyncClient, mara: dict[str, str]
) -> None:
    for role, status in (("marketing", 201), ("reader", 201), ("it", 403), ("admin", 403), ("auditor", 403)):
        body = {"name": role, "role": role}
        answer = await anonymous.post("/api/v1/me/tokens", headers=mara, json=body)
        assert answer.status_code == status, role  # an auditor she is, but not by this token


async def test_an_administrator_gets_no_seat_by_a_token(engine: Engine, anonymous: httpx.AsyncClient) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="root@acme.example", name="Root", roles=[Role.ADMIN, Role.IT])
        root = users.create_user(connection, wanted, actor="test", now=NOW).id
        _, text = create_token(connection, "root", Role.ADMIN, user_id=root, actor="test", now=NOW)
        _, seat = create_token(connection, "seat", Role.IT, user_id=root, actor="test", now=NOW)
    headers = {"Authorization": f"Bearer {text}"}
    for role, status in (("marketing", 422), ("it", 201), ("auditor", 201), ("admin", 201)):
        body = {"name": role, "role": role}
        answer = await anonymous.post("/api/v1/me/tokens", headers=headers, json=body)
        assert answer.status_code == status, answer.text
    with writing(engine) as connection:
        repository.update_user(connection, root, roles=["admin"])
    gate = Gate(engine, clock=lambda: NOW)
    assert gate.verify(text).may(Role.IT)
    with pytest.raises(Unauthorized):  # an administrator still, but no longer of IT
        gate.verify(seat)


BEYOND: list[dict[str, Any]] = [
    {"user_id": 1},
    {"expires_at": "2099-01-01T00:00:00Z"},
    {"token": "pen_mine"},
    {"revoked_at": None},
    {"id": 7},
    {"days": 367},
    {"days": 0},
    {"days": "7"},
    {"role": "king"},
    {"name": ""},
    {"name": " a "},
    {"name": "a\nb"},
]


@ONE
async def test_what_a_body_may_not_say_is_refused(
    anonymous: httpx.AsyncClient, client: httpx.AsyncClient, mara: dict[str, str]
) -> None:
    for extra in BEYOND:
        body = {"name": "ok", "role": "reader", **extra}
        for answer in (
            await anonymous.post("/api/v1/me/tokens", headers=mara, json=body),
            await client.post("/api/v1/tokens", json=body),
        ):
            assert answer.status_code == 422, extra
            assert answer.json()["errors"][0]["field"] in extra


async def test_an_administrator_sees_all_tokens_and_makes_those_of_services(
    anonymous: httpx.AsyncClient, client: httpx.AsyncClient, mara: dict[str, str]
) -> None:
    made = await client.post("/api/v1/tokens", json={"name": "warehouse", "role": "reader"})
    assert (made.status_code, made.json()["user_id"]) == (201, None)
    service = {"Authorization": f"Bearer {made.json()['token']}"}
    refused = await anonymous.post("/api/v1/me/tokens", headers=service, json={"name": "n", "role": "reader"})
    assert (refused.status_code, "Only a person" in refused.text) == (403, True)
    names: list[str] = []
    cursor = None
    while True:
        page = (
            await client.get("/api/v1/tokens", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        names += [t["name"] for t in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert names[0] == "warehouse"
    assert {"warehouse", "first", "admin token"} <= set(names)
    assert len(names) == len(set(names))
    assert (await client.delete(f"/api/v1/tokens/{made.json()['id']}")).status_code == 204
    assert (await client.delete("/api/v1/tokens/999999")).status_code == 404


@ONE
async def test_a_user_cannot_be_made_with_more_than_its_fields(client: httpx.AsyncClient) -> None:
    body = {"email": "eve@acme.example", "name": "Eve", "roles": ["reader"]}
    for extra in ({"active": True}, {"person_id": 1}, {"id": 7}, {"last_login_at": None}):
        assert (await client.post("/api/v1/users", json={**body, **extra})).status_code == 422
    made = (await client.post("/api/v1/users", json=body)).json()
    for extra in ({"email": "root@acme.example"}, {"id": 1}, {"created_at": None}):
        assert (await client.patch(f"/api/v1/users/{made['id']}", json=extra)).status_code == 422
