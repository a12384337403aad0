"""Who may come in: nobody without a token, and each role to what it may do."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.engine import Engine
from starlette.routing import BaseRoute

from app.api.openapi import document
from app.db import writing
from app.security.schemas import Role
from app.security.service import create_token, revoke_token
from tests.conftest import NOW

OPEN = {"/healthz", "/readyz"}


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [(m.upper(), path) for path, item in document(app)["paths"].items() for m in item]


async def test_nobody_gets_anything_but_health_without_a_token(app: FastAPI, anonymous: httpx.AsyncClient) -> None:
    for method, path in operations(app):
        answer = await anonymous.request(method, re.sub(r"\{\w+\}", "1", path))
        assert answer.status_code == (200 if path in OPEN else 401), (method, path)


async def test_healthz(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/tools")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"items": [], "next": None, "total": None}
