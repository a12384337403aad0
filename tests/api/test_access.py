"""Who may come in: nobody without a token."""

import re

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.api.openapi import document
from app.db import writing
from tests.support import seed

OPEN = {"/healthz", "/readyz"}
OPEN_PAGES = {"/login", "/login/openid", "/login/openid/back", "/first", "/language"}
"""What nobody has to be logged in for; `/api/openapi.json` takes a token too, and answers for itself."""


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [(m.upper(), path) for path, item in document(app)["paths"].items() for m in item]


async def test_nobody_gets_anything_but_health_without_a_token(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    assert len(operations(app)) > 30
    for method, path in operations(app):
        answer = await anonymous.request(method, re.sub(r"\{\w+\}", "1", path))
        assert answer.status_code == (200 if path in OPEN else 401), (method, path)
    assert (await anonymous.get("/api/openapi.json")).status_code == 401


async def test_every_page_and_every_form_asks_who_is_there(anonymous: httpx.AsyncClient) -> None:
    from app.web.rooms import ROUTERS

    asked = 0
    for route in (route for router in ROUTERS for route in router.routes):
        path: str = route.path  # type: ignore[attr-defined]
        if path in OPEN_PAGES | {"/api/openapi.json"}:
            continue
        for method in route.methods:  # type: ignore[attr-defined]
            answer = await anonymous.request(method, re.sub(r"{\w+}", "1", path))
            where = answer.headers.get("location", "")[:6]
            assert (answer.status_code, where) == (303, "/login"), (method, path)
            asked += 1
    assert asked > 10


@pytest.mark.parametrize(
    "header", ["", "pen_x", "Basic cGVuOng=", "Bearer", "Bearer ", "Bearer pen_wrong", "Bearer ï"]
)
async def test_a_token_that_is_none_is_refused(anonymous: httpx.AsyncClient, header: str) -> None:
    answer = await anonymous.get("/api/v1/tools", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_addresses_under_the_api_need_a_token_too(
    anonymous: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    assert (await anonymous.get("/api/v1/nothing")).status_code == 401
    answer = await client.get("/api/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/v1/sources/1")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, PATCH"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_every_answer_wears_its_headers(client: httpx.AsyncClient) -> None:
    for address in ("/healthz", "/api/v1/tools", "/api/v1/nothing", "/login", "/static/app.css"):
        headers = (await client.get(address)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "'unsafe-inline'" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
    given = await client.get("/healthz", headers={"X-Request-Id": "abc-12345"})
    assert given.headers["x-request-id"] == "abc-12345"
    forged = await client.get("/healthz", headers={"X-Request-Id": "a b\tc"})
    assert forged.headers["x-request-id"] != "a b\tc"


async def test_an_unexpected_error_shows_nothing_of_its_inside(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.catalog import service

    def broken(*_: object) -> None:
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr(service, "list_categories", broken)
    answer = await client.get("/api/v1/categories")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    page = await client.get("/login")
    assert page.status_code == 200


async def test_a_huge_body_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/sources", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413

    async def parts():
        for _ in range(20):
            yield b"[" * 100_000

    answer = await client.post(
        "/api/v1/sources", content=parts(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"name": "a\\u0000b", "connector": "acme", "config": {}}',
        b'{"name": "a", "connector": "acme", "config": {"x": "\\ud800"}}',
        b'{"name": "a", "connector": "acme", "config": {"x": 1e999}}',
        b'{"name": "a", "connector": "acme", "config": {"x": NaN}}',
        b'{"name": "a", "connector": "acme", "config": {"x": 123456789012345678901234567890}}',
        b'{"name": "a", "connector": "acme", "config": ' + b'{"x": ' * 50 + b"1" + b"}" * 50 + b"}",
        b"[" * 100_000,
        b'{"name": "a", "connector": "acme", "config": {}, "extra": 1}',
    ],
)
async def test_a_body_that_cannot_be_kept_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/v1/sources", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_health_and_metrics(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, engine: Engine
) -> None:
    with writing(engine) as connection:
        seed.company(connection)
    await client.get("/api/v1/tools/1")
    page = (await client.get("/metrics")).text
    assert 'penumbra_requests_total{method="GET",route="/api/v1/tools/{tool_id}",status="200"} 1.0' in page
    assert 'penumbra_tools{fact="flagged",value="true"} 2.0' in page
    assert 'penumbra_scans{source="corp",state="complete"} 1.0' in page
    assert 'penumbra_source_health{connector="okta",health="ok",source="corp"} 1.0' in page
    assert 'penumbra_source_complete_age_seconds{connector="okta",source="corp"} 182669.75' in page
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    answer = await anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, 503)
    assert (await anonymous.get("/healthz")).status_code == 200
