"""Every address with every role, compared with the table of docs/security.md."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.api.openapi import document
from app.db import writing
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.support import seed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ROW = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S*)` \| ([a-z, ]+) \|$", re.MULTILINE)
OPEN = "nobody needs to be known"
STREAMS = "/scans/{scan_id}/events"
"""Such an answer goes on for as long as a scan runs."""


def table() -> dict[tuple[str, str], str]:
    return {(method, path): who for method, path, who in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [(m.upper(), path) for path, item in document(app)["paths"].items() for m in item]


def may(who: str, role: Role) -> bool:
    words = set(who.split(", "))
    return role is Role.ADMIN or "everybody" in words or role.value in words


def test_the_table_has_every_address_and_no_other(app: FastAPI) -> None:
    assert sorted(table()) == sorted(operations(app))
    words = {word for who in table().values() if who != OPEN for word in who.split(", ")}
    assert words <= {"everybody", *Role}


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_at_each_address(
    app: FastAPI, engine: Engine, anonymous: httpx.AsyncClient, role: Role
) -> None:
    """Whoever may gets past the gate, to an answer or to what is wrong with it; the others do not."""
    with writing(engine) as connection:
        seed.company(connection)
        wanted = UserIn(email="somebody@acme.example", name="Somebody", roles=[role])
        user = users.create_user(connection, wanted, actor="test", now=NOW)
        _, text = create_token(connection, "matrix", role, user_id=user.id, actor="test", now=NOW)
    anonymous.headers["Authorization"] = f"Bearer {text}"
    document_ = document(app)["paths"]
    for method, path in operations(app):
        who = table()[method, path]
        if who == OPEN or path.endswith(STREAMS):
            continue
        # The ids name nothing: what is asked is whether the role lets somebody in, not what happens then.
        address = re.sub(r"\{\w+\}", "987654", path)
        bodied = "requestBody" in document_[path][method.lower()]
        answer = await anonymous.request(method, address, json={"nonsense": 1} if bodied else None)
        if may(who, role):
            assert answer.status_code not in {401, 403}, (role, method, path, answer.text)
            assert answer.status_code < 500, (role, method, path, answer.text)
        else:
            assert answer.status_code == 403, (role, method, path, answer.status_code)
