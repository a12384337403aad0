"""Users and the tokens of people: nobody's token may do more than they may."""

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.errors import Invalid, Unauthorized
from app.security import users
from app.security.schemas import Role, Side, UserChange, UserIn
from app.security.service import Gate, create_token
from tests.conftest import NOW
from tests.support import seed


@pytest.fixture
def mara(engine: Engine) -> int:
    with writing(engine) as connection:
        wanted = UserIn(email="Mara@Acme.example", name="Mara", roles=[Role.MARKETING])
        return users.create_user(connection, wanted, actor="test", now=NOW).id


def token_of(engine: Engine, user: int, role: Role, name: str = "a token") -> str:
    with writing(engine) as connection:
        return create_token(connection, name, role, user_id=user, actor="test", now=NOW)[1]


def test_a_person_and_a_service_are_told_apart(engine: Engine, mara: int) -> None:
    gate = Gate(engine, clock=lambda: NOW)
    caller = gate.verify(token_of(engine, mara, Role.MARKETING))
    assert (caller.actor, caller.name, caller.user_id) == (f"user:{mara}", "Mara", mara)
    assert caller.sits_with(Side.MARKETING)
    assert not caller.sits_with(Side.IT)
    with writing(engine) as connection:
        text = create_token(connection, "robot", Role.MARKETING, actor="test", now=NOW)[1]
    robot = gate.verify(text)
    assert (robot.actor, robot.sits_with(Side.MARKETING)) == ("token:robot", False)


def test_a_token_may_do_no_more_than_its_person(engine: Engine, mara: int) -> None:
    token_of(engine, mara, Role.READER)
    for role in (Role.IT, Role.ADMIN, Role.AUDITOR):
        with pytest.raises(Invalid, match="no more than the person"):
            token_of(engine, mara, role, f"{role} token")


def test_who_loses_a_role_or_access_loses_their_tokens(engine: Engine, mara: int) -> None:
    text = token_of(engine, mara, Role.MARKETING)
    for change, back in (
        (UserChange(roles=[Role.IT]), UserChange(roles=[Role.MARKETING])),
        (UserChange(active=False), UserChange(active=True)),
    ):
        Gate(engine, clock=lambda: NOW).verify(text)
        with writing(engine) as connection:
            users.change_user(connection, mara, change, actor="test", now=NOW)
        with pytest.raises(Unauthorized, match="no longer has"):
            Gate(engine, clock=lambda: NOW).verify(text)
        with writing(engine) as connection:
            users.change_user(connection, mara, back, actor="test", now=NOW)


async def test_users_over_the_api(client: httpx.AsyncClient, engine: Engine) -> None:
    with writing(engine) as connection:
        person = seed.Seed(connection).person("Ada", "ada@acme.example")
    body = {"email": "ADA@acme.example", "name": "Ada", "roles": ["it", "it"]}
    made = await client.post("/api/v1/users", json=body)
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v1/users/{made.json()['id']}")
    assert made.json()["roles"] == ["it"]
    assert (made.json()["email"], made.json()["person_id"]) == ("ada@acme.example", person)
    assert (await client.post("/api/v1/users", json=body)).status_code == 409
    for wrong in ({"email": "ada"}, {"roles": ["king"]}, {"name": ""}, {"extra": 1}):
        answer = await client.post("/api/v1/users", json={**body, "email": "b@acme.example", **wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["field"].split(".")[0] in wrong
    assert [u["email"] for u in (await client.get("/api/v1/users")).json()["items"]] == ["ada@acme.example"]
    assert (await client.get("/api/v1/users/99")).status_code == 404
    assert (await client.patch("/api/v1/users/99", json={"active": False})).status_code == 404


def test_nobody_takes_the_administrators_role_from_themselves(engine: Engine) -> None:
    with writing(engine) as connection:
        root = users.create_user(
            connection,
            UserIn(email="root@acme.example", name="Root", roles=[Role.ADMIN]),
            actor="test",
            now=NOW,
        ).id
        for change in (UserChange(roles=[Role.IT]), UserChange(active=False)):
            with pytest.raises(Invalid, match="from yourself"):
                users.change_user(connection, root, change, actor=f"user:{root}", now=NOW)
        users.change_user(connection, root, UserChange(name="R."), actor=f"user:{root}", now=NOW)


async def test_an_administrator_says_who_somebody_is_in_the_directories(
    client: httpx.AsyncClient, engine: Engine, mara: int
) -> None:
    with writing(engine) as connection:
        person = seed.Seed(connection).person("Mara Lind", "mara.lind@acme.example")
    address = f"/api/v1/users/{mara}"
    for body, found in (
        ({"person_id": person}, person),
        ({"name": "M"}, person),
        ({"person_id": None}, None),
    ):
        answer = await client.patch(address, json=body)
        assert (answer.status_code, answer.json()["person_id"]) == (200, found), body
    assert (await client.patch(address, json={"person_id": 10**6})).status_code == 404
    assert (await client.patch(address, json={"person_id": 0})).status_code == 422
    lines = (await client.get(f"/api/v1/audit?object=user:{mara}&action=user.change")).json()["items"]
    assert lines[-1]["after"] == {"person_id": person}


def test_users_are_found_by_a_part_of_their_name_or_address(engine: Engine, mara: int) -> None:
    with writing(engine) as connection:
        for name, address in (("Tom 100%", "tom@acme.example"), ("Tim_x", "tim@other.example")):
            wanted = UserIn(email=address, name=name, roles=[])
            users.create_user(connection, wanted, actor="test", now=NOW)

        def found(text: str) -> list[str]:
            return [user.name for user in users.find_users(connection, text)]

        assert found(" MAR ") == ["Mara"]
        assert found("acme.example") == ["Mara", "Tom 100%"]
        assert (found("%"), found("_"), found("nobody")) == (["Tom 100%"], ["Tim_x"], [])
        assert len(users.find_users(connection, "", limit=2)) == 2
