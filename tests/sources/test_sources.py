"""Sources over the API: tried before they are saved, sealed, changed with care, removed."""

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr
from sqlalchemy.engine import Engine

from app.api.state import AppState
from app.db import reading, writing
from app.models import audit_events, sources
from app.security.schemas import Role
from app.sources import service
from app.sources.config import secret_fields
from connectors.base import ConnectorConfig
from tests.support import fake_connector
from tests.support.fake_connector import SECRET, AcmeConnector
from tests.support.seed import Seed


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_connector.install(monkeypatch)


def body(**more: Any) -> dict[str, Any]:
    config = {"token": SECRET, **more.pop("config", {})}
    return {"name": "corp", "connector": "acme", "config": config, **more}


async def add(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await client.post("/api/v1/sources", json=body(**more))


def everything(engine: Engine) -> str:
    with reading(engine) as connection:
        return repr([*connection.execute(sa.select(sources)), *connection.execute(sa.select(audit_events))])


async def test_connectors_are_listed_with_the_broken_ones_named(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/api/v1/connectors")).json()
    assert [c["name"] for c in listed["items"]] == ["acme"]
    assert listed["broken"] == [{"name": "broken", "reason": "It cannot be loaded: ImportError."}]
    acme = (await client.get("/api/v1/connectors/acme")).json()
    assert acme["secret_fields"] == ["spare", "token"]
    assert acme["permissions"][1] == {"name": "logs.read", "reason": "to see who signs in", "optional": True}
    assert acme["config_schema"]["properties"]["token"]["format"] == "password"
    assert acme["lag_seconds"] == 300
    assert (await client.get("/api/v1/connectors/broken")).status_code == 404
    assert (await client.get("/api/v1/connectors/none")).status_code == 404


async def test_a_source_is_checked_then_saved_and_its_secret_is_never_seen_again(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    answer = await add(client, config={"base_url": "https://acme.example.com/"})
    assert answer.status_code == 201, answer.text
    source = answer.json()
    assert answer.headers["location"] == f"/api/v1/sources/{source['id']}"
    assert answer.headers["etag"] == '"v1"'
    assert source["config"] == {"base_url": "https://acme.example.com"}
    assert source["secrets_set"] == ["token"]
    assert (source["account"], source["account_name"]) == ("org-1", "Acme of tests")
    assert source["warnings"] == ["Without logs.read: to see who signs in."]
    assert source["health_text"] == "Not read yet; the first scan is waiting its turn."
    for address in ("/api/v1/sources", f"/api/v1/sources/{source['id']}"):
        assert SECRET not in (await client.get(address)).text
    assert SECRET not in everything(engine)
    assert AcmeConnector.checked[0]["token"] == SECRET


async def test_the_runner_gets_the_connector_with_its_secret(
    client: httpx.AsyncClient, app: FastAPI, engine: Engine
) -> None:
    source_id = (await add(client, config={"days": 7})).json()["id"]
    state: AppState = app.state.penumbra
    with reading(engine) as connection:
        row = service.get_source(connection, source_id)
    connector = service.load_connector(row, state.context, state.secrets)
    assert connector.config.token.get_secret_value() == SECRET
    assert connector.config.days == 7


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"base_url": "http://acme.example.com"}, "config.base_url"),
        ({"base_url": "http://[::1"}, "config.base_url"),
        ({"base_url": "https://acme.example.com:99999"}, "config.base_url"),
        ({"base_url": "https://acme.example.com:port"}, "config.base_url"),
        ({"base_url": "https://acme\n.example.com"}, "config.base_url"),
        ({"base_url": "https://xn--"}, "config.base_url"),
        ({"days": 0}, "config.days"),
        ({"tokn": "x"}, "config.tokn"),
        ({"token": None}, "config.token"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_asked(
    client: httpx.AsyncClient, config: dict[str, Any], field: str
) -> None:
    answer = await add(client, config=config)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert SECRET not in answer.text
    assert AcmeConnector.checked == []


@pytest.mark.parametrize(
    ("token", "status", "says"),
    [
        ("bad", 422, "make a new one under Settings"),
        ("later", 503, "busy"),
        ("changed", 502, "no longer has the shape"),
        ("poor", 422, "apps.read"),
    ],
)
async def test_what_does_not_work_is_not_saved(
    client: httpx.AsyncClient, engine: Engine, token: str, status: int, says: str
) -> None:
    answer = await add(client, config={"token": token})
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    if status == 503:
        assert answer.headers["retry-after"] == "42"
    with reading(engine) as connection:
        assert connection.execute(sa.select(sources)).all() == []


async def test_force_saves_in_spite_of_missing_permissions_only(client: httpx.AsyncClient) -> None:
    poor = await client.post("/api/v1/sources?force=true", json=body(config={"token": "poor"}))
    assert poor.status_code == 201
    bad = await client.post("/api/v1/sources?force=true", json=body(name="two", config={"token": "bad"}))
    assert bad.status_code == 422


async def test_one_account_is_one_source(client: httpx.AsyncClient) -> None:
    first = await add(client)
    double = await add(client, name="corp again")
    assert double.status_code == 409
    assert double.json()["links"] == {"source": first.headers["location"]}
    assert (await add(client, config={"token": "other"})).status_code == 409  # the name
    assert (await add(client, name="other", config={"token": "other"})).status_code == 201


async def test_a_config_is_tried_without_saving(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/connectors/acme/check", json={"config": {"token": "poor"}})
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert (await client.get("/api/v1/sources")).json() == {"items": []}
    source = (await add(client)).json()["id"]
    assert (await client.post(f"/api/v1/sources/{source}/check", json={})).json()["ok"] is True
    again = await client.post(f"/api/v1/sources/{source}/check", json={"config": {"token": "bad"}})
    assert again.status_code == 422
    assert AcmeConnector.checked[-2]["token"] == SECRET


async def change(
    client: httpx.AsyncClient, source_id: int, version: str | None, **what: Any
) -> httpx.Response:
    headers = {"If-Match": version} if version else {}
    return await client.patch(f"/api/v1/sources/{source_id}", json=what, headers=headers)


async def test_a_change_names_the_version_it_changes(client: httpx.AsyncClient) -> None:
    source = (await add(client)).json()["id"]
    assert (await change(client, source, None, name="new")).status_code == 428
    assert (await change(client, source, '"v9"', name="new")).status_code == 412
    answer = await change(client, source, '"v1"', name="new", schedule_minutes=60)
    assert answer.status_code == 200
    assert (answer.headers["etag"], answer.json()["name"]) == ('"v2"', "new")
    assert (await change(client, source, '"v1"', name="newer")).status_code == 412
    assert (await change(client, 99, '"v1"', name="x")).status_code == 404


async def test_secrets_that_are_left_out_stay(client: httpx.AsyncClient, engine: Engine) -> None:
    source = (await add(client)).json()["id"]
    answer = await change(client, source, '"v1"', config={"days": 30})
    assert answer.status_code == 200, answer.text
    assert answer.json()["config"] == {"days": 30}
    assert AcmeConnector.checked[-1] == {"base_url": "https://api.acme.example", "token": SECRET, "days": 30}
    answer = await change(client, source, '"v2"', config={"days": None, "token": "fresh", "spare": "two"})
    assert (answer.json()["config"], answer.json()["secrets_set"]) == ({}, ["spare", "token"])
    assert AcmeConnector.checked[-1]["token"] == "fresh"
    assert "fresh" not in everything(engine)


async def test_a_kept_secret_is_never_sent_to_another_host(client: httpx.AsyncClient) -> None:
    source = (await add(client)).json()["id"]
    for url in ("https://evil.example", "https://api.acme.example:8443"):
        answer = await change(client, source, '"v1"', config={"base_url": url})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "config.token"
        answer = await client.post(f"/api/v1/sources/{source}/check", json={"config": {"base_url": url}})
        assert answer.status_code == 422
    assert len(AcmeConnector.checked) == 1
    assert (
        await change(client, source, '"v1"', config={"base_url": url, "token": "anew"})
    ).status_code == 200


async def test_a_change_cannot_turn_a_source_into_another_account(client: httpx.AsyncClient) -> None:
    source = (await add(client)).json()["id"]
    answer = await change(client, source, '"v1"', config={"token": "other"})
    assert (answer.status_code, "other_account" in answer.json()["type"]) == (409, True)


async def test_a_source_is_removed_when_nothing_reads_it(client: httpx.AsyncClient, engine: Engine) -> None:
    source = (await add(client)).json()["id"]
    address = f"/api/v1/sources/{source}"
    with writing(engine) as connection:
        scan = Seed(connection).scan(source, "running")
    busy = await client.delete(address, headers={"If-Match": '"v1"'})
    assert (busy.status_code, busy.json()["links"]) == (409, {"scan": f"/api/v1/scans/{scan}"})
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE scans SET state = 'failed'")
    assert (await client.delete(address)).status_code == 428
    assert (await client.delete(address, headers={"If-Match": '"v2"'})).status_code == 412
    assert (await client.delete(address, headers={"If-Match": '"v1"'})).status_code == 204
    assert (await client.get(address)).status_code == 404
    with reading(engine) as connection:
        trail = connection.execute(
            sa.select(audit_events).where(audit_events.c.object == f"source:{source}")
        ).all()
    assert [row.action for row in trail] == ["source.create", "source.delete"]
    assert {row.actor for row in trail} == {"token:admin token"}


async def test_marketing_does_not_touch_sources(client: httpx.AsyncClient, tokens: dict[Role, str]) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.MARKETING]}"}
    assert (await client.post("/api/v1/sources", json=body(), headers=headers)).status_code == 403
    assert AcmeConnector.checked == []


def test_a_secret_is_found_however_deep_it_sits() -> None:
    class Key(BaseModel):
        pem: SecretStr

    class Deep(ConnectorConfig):
        plain: str
        maybe: SecretStr | None = None
        many: tuple[SecretStr, ...] = ()
        key: Key | None = None
        number: dict[str, int] | None = None

    assert secret_fields(Deep) == {"maybe", "many", "key"}
