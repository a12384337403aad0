"""Saved lists over the API: own and shared, who may change them, what a list may say."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.views import service
from tests.conftest import NOW

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Person = Callable[[str, Role], httpx.AsyncClient]
URL = "/api/v1/views"


@pytest.fixture
async def person(app: FastAPI, engine: Engine) -> AsyncIterator[Person]:
    """Makes a person with a role, and gives their client."""
    async with AsyncExitStack() as stack:

        def made(name: str, role: Role) -> httpx.AsyncClient:
            with writing(engine) as connection:
                wanted = UserIn(email=f"{name.lower()}@acme.example", name=name, roles=[role])
                user = users.create_user(connection, wanted, actor="test", now=NOW).id
                text = create_token(connection, name, role, user_id=user, actor="test", now=NOW)[1]
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="http://penumbra.test",
                headers={"Authorization": f"Bearer {text}"},
            )
            stack.push_async_callback(client.aclose)
            return client

        yield made


async def names(client: httpx.AsyncClient) -> list[tuple[str, bool]]:
    return [(v["name"], v["own"]) for v in (await client.get(URL)).json()["items"]]


async def test_a_list_is_kept_shared_changed_and_forgotten(person: Person, engine: Engine) -> None:
    mara, ivo = person("Mara", Role.MARKETING), person("Ivo", Role.IT)
    made = await mara.post(
        URL, json={"name": " CRM to claim ", "query": "category=CRM&ownership=unowned&col=people"}
    )
    assert made.status_code == 201, made.text
    view = made.json()
    assert (view["name"], view["link"]) == ("CRM to claim", f"/tools?saved={view['id']}")
    one = f"{URL}/{view['id']}"
    assert made.headers["location"] == one
    assert (await ivo.get(one)).status_code == 404
    assert await names(ivo) == []

    shared = await mara.patch(one, json={"shared": True, "name": "CRM"})
    assert (shared.json()["name"], shared.json()["query"]) == ("CRM", view["query"])
    assert (await ivo.get(one)).json()["by"]["name"] == "Mara"
    assert (await ivo.post(URL, json={"name": "all mine", "query": "mine=true"})).status_code == 201
    assert await names(ivo) == [("all mine", True), ("CRM", False)]
    for answer in (await ivo.patch(one, json={"name": "x"}), await ivo.delete(one)):
        assert (answer.status_code, "kept by Mara" in answer.text) == (403, True)

    assert (await mara.delete(one)).status_code == 204
    assert (await mara.get(one)).status_code == 404
    with reading(engine) as connection:
        said = connection.execute(
            sa.select(models.audit_events.c.action, models.audit_events.c.before, models.audit_events.c.after)
            .where(models.audit_events.c.object == f"view:{view['id']}")
            .order_by(models.audit_events.c.id)
        ).all()
    assert [row.action for row in said] == ["view.create", "view.change", "view.delete"]
    assert said[1].before == {"name": "CRM to claim", "shared": False}
    assert said[1].after == {"name": "CRM", "shared": True}


@ONE
async def test_who_may_share_and_who_may_take_away(person: Person, client: httpx.AsyncClient) -> None:
    rosa, mara = person("Rosa", Role.READER), person("Mara", Role.MARKETING)
    assert (await rosa.post(URL, json={"name": "Hers", "shared": True})).status_code == 403
    own = (await rosa.post(URL, json={"name": "Hers"})).json()
    assert (await rosa.patch(f"{URL}/{own['id']}", json={"shared": True})).status_code == 403
    ada = person("Ada", Role.ADMIN)
    assert (await ada.delete(f"{URL}/{own['id']}")).status_code == 404, "nobody sees what is not shared"
    shared = (await mara.post(URL, json={"name": "For all", "shared": True})).json()
    assert (await rosa.delete(f"{URL}/{shared['id']}")).status_code == 403
    assert (await ada.delete(f"{URL}/{shared['id']}")).status_code == 204
    service_ = await client.post(URL, json={"name": "Of a service"})
    assert (service_.status_code, "Only people" in service_.text) == (403, True)
    assert (await client.get(URL)).json()["items"] == []


async def test_one_name_once_for_each_person(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    mara, ivo = person("Mara", Role.MARKETING), person("Ivo", Role.IT)
    assert (await mara.post(URL, json={"name": "Mine"})).status_code == 201
    second = (await mara.post(URL, json={"name": "Other"})).json()
    for answer in (
        await mara.post(URL, json={"name": "Mine"}),
        await mara.patch(f"{URL}/{second['id']}", json={"name": "Mine"}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "name")
    same = await mara.patch(f"{URL}/{second['id']}", json={"name": "Other", "query": "q=a"})
    assert same.json()["query"] == "q=a"
    assert (await ivo.post(URL, json={"name": "Mine"})).status_code == 201
    monkeypatch.setattr(service, "MOST", 2)
    assert (await mara.post(URL, json={"name": "Third"})).status_code == 409


@ONE
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "query": "colour=red"}, "query"),
        ({"name": "x", "query": "q=a&saved=3"}, "query"),
        ({"name": "x", "query": "q=a\nb"}, "query"),
        ({"name": "x", "query": "/tools?q=a"}, "query"),
        ({"name": "x", "shared": "yes"}, "shared"),
    ],
)
async def test_what_no_list_can_say_is_refused(person: Person, body: dict[str, str], field: str) -> None:
    answer = await person("Mara", Role.MARKETING).post(URL, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
