"""The first day: a link that logs in the first administrator, once, within the hour, and never again."""

from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.errors import Conflict
from app.models import first_links, user_identities, users
from app.security import first
from app.security import users as people
from app.security.openid import LoginRefused
from app.security.schemas import Role, UserIn
from tests.conftest import NOW


def link(engine: Engine, **more: str) -> str:
    with writing(engine) as connection:
        return first.make_link(connection, openid=False, actor="test", now=NOW, **more)


def use(engine: Engine, path: str, *, minutes: int = 0, openid: bool = False) -> int:
    with writing(engine) as connection:
        now = NOW + timedelta(minutes=minutes)
        return first.use_link(connection, path.partition("=")[2], openid=openid, now=now)


def administrator(engine: Engine) -> int:
    with writing(engine) as connection:
        wanted = UserIn(email="root@acme.example", name="Root", roles=[Role.ADMIN])
        return people.create_user(connection, wanted, actor="test", now=NOW).id


async def test_the_link_logs_in_once(app: FastAPI, engine: Engine, anonymous: httpx.AsyncClient) -> None:
    path = link(engine, email="Ada@acme.example", name="Ada")
    for _ in range(2):  # whatever looks at links in advance does not use it up
        page = await anonymous.get(path)
        assert "Log in as the first administrator" in page.text
    form = {"link": path.partition("=")[2]}
    assert (
        await anonymous.post("/first", data=form, headers={"Origin": "https://evil.example"})
    ).status_code == 403
    assert (await anonymous.post("/first", data={"link": "guess"})).status_code == 403
    entered = await anonymous.post("/first", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "Ada</span>" in (await anonymous.get("/tools")).text
    with reading(engine) as connection:
        assert connection.execute(sa.select(users.c.email, users.c.roles)).all() == [
            ("ada@acme.example", ["admin"])
        ]
        assert path.partition("=")[2] not in repr(connection.execute(sa.select(first_links)).all())
    again = await anonymous.post("/first", data=form)
    assert (again.status_code, "There is an administrator already" in again.text) == (403, True)
    with pytest.raises(Conflict, match="token create"):
        link(engine)


def test_the_link_is_dead_after_an_hour_and_when_a_newer_one_is_made(engine: Engine) -> None:
    old = link(engine)
    new = link(engine)
    with pytest.raises(LoginRefused, match="is over"):
        use(engine, old)
    with pytest.raises(LoginRefused, match="is over"):
        use(engine, new, minutes=60)
    assert use(engine, new, minutes=59)


def test_the_link_is_dead_where_the_companys_login_is_connected(engine: Engine) -> None:
    path = link(engine)
    with pytest.raises(LoginRefused, match="company's login"):
        use(engine, path, openid=True)
    with pytest.raises(Conflict, match="company's login"), writing(engine) as connection:
        first.make_link(connection, openid=True, actor="test", now=NOW)
    # Also when it was connected once, and an administrator came in by it.
    root = administrator(engine)
    with writing(engine) as connection:
        tie = {"user_id": root, "issuer": "https://id.example", "subject": "1", "created_at": NOW}
        connection.execute(sa.insert(user_identities).values(**tie))
    with pytest.raises(LoginRefused, match="company's login"):
        use(engine, path)


def test_the_link_makes_nobody_an_administrator_who_is_none(engine: Engine) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="tom@acme.example", name="Tom", roles=[Role.READER])
        people.create_user(connection, wanted, actor="test", now=NOW)
    with pytest.raises(LoginRefused, match="no administrator"):
        use(engine, link(engine, email="tom@acme.example"))
    root = administrator(engine)
    assert use(engine, link(engine, email="root@acme.example")) == root
