"""A company at the table: each person's browser, and the forms that they send."""

import re
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import writing
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.support import seed
from tests.web.test_pages import form_secret

PEOPLE = {
    "ida": [Role.IT],
    "mara": [Role.MARKETING],
    "bo": [Role.IT, Role.MARKETING],
    "rita": [Role.READER],
    "ada": [Role.ADMIN],
}
Client = httpx.AsyncClient


class Table:
    """A company, and the browser of each person at the table."""

    def __init__(self, app: FastAPI, engine: Engine) -> None:
        self.app = app
        self.engine = engine
        self.open: list[Client] = []
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        with writing(engine) as connection:
            self.company = seed.company(connection)
            connection.execute(sa.update(models.tools).values(ownership="owned"))
            for name, roles in PEOPLE.items():
                wanted = UserIn(email=f"{name}@acme.example", name=name.title(), roles=roles)
                self.ids[name] = users.create_user(connection, wanted, actor="test", now=NOW).id
                # A token has one role; the one who holds both sits on each side by a login of its own.
                for role in roles:
                    mark = name if role is roles[0] else f"{name} as {role.value}"
                    self.tokens[mark] = create_token(
                        connection, mark, role, user_id=self.ids[name], actor="test", now=NOW
                    )[1]
            self.tokens["a service"] = create_token(connection, "svc", Role.IT, actor="test", now=NOW)[1]

    async def browser(self, who: str) -> Client:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        client = Client(transport=transport, base_url="http://penumbra.test")
        self.open.append(client)
        assert (await client.post("/login", data={"token": self.tokens[who]})).status_code == 303
        return client

    async def start(self, client: Client, tool_id: int, need: str = "News") -> str:
        page = (await client.get(f"/tools/{tool_id}/review")).text
        form = {"need": need, "form_secret": form_secret(page)}
        answer = await client.post(f"/tools/{tool_id}/review", data=form)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def decide(self, tool_id: int, **terms: str) -> tuple[Client, Client, str]:
        """Both keys on an outcome, by Ida and Mara."""
        ida, mara = await self.browser("ida"), await self.browser("mara")
        review = await self.start(mara, tool_id)
        for client in (ida, mara):
            assert (
                await send(client, review, "assess", **all_fine(await shown(client, review)))
            ).status_code == 303
        sent = await send(mara, review, "propose", rationale="So.", **terms)
        assert sent.status_code == 303, sent.text
        for client in (mara, ida):
            page = await shown(client, review)
            number = re.search(r'name="proposal" value="(\d+)"', page)
            assert number, page
            signed = await send(client, review, "sign", proposal=number[1], rationale="Yes.")
            assert signed.status_code == 303, signed.text
        return ida, mara, review


async def shown(client: Client, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


async def send(
    client: Client, review: str, verb: str, version: int | None = None, **fields: Any
) -> httpx.Response:
    """Send one of the page's forms, at the version that is shown or another one."""
    page = await shown(client, review)
    at = re.search(r'name="version" value="(\d+)"', page)
    form = {"form_secret": form_secret(page), "version": str(version or (at[1] if at else 1)), **fields}
    return await client.post(f"{review}/{verb}", data=form)


def all_fine(page: str) -> dict[str, str]:
    """All of one's own items that are still to be assessed, as fine."""
    items = set(re.findall(r'name="verdict\.(\w+)"', page))
    return {f"verdict.{item}": "ok" for item in items}
