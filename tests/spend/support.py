"""A company with people of both sides, tools, and what was paid for them."""

from datetime import date, datetime
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.catalog.assess import assess
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.security import service as security
from app.security import users
from app.security.schemas import Role, UserIn
from app.spend.periods import add_months
from tests.conftest import NOW
from tests.support.seed import Seed

TODAY = NOW.date()
EMAIL = "CE-EMAIL"
CONTRACT = {"starts_on": "2026-01-01", "amount_minor": 1_200_000, "currency": "EUR"}


class Company:
    """Mara of marketing, Ida of IT, Rudi who reads, Adam who administers; a card system and a directory."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.users: dict[str, int] = {}
        self.tokens: dict[str, str] = {}
        self._names: dict[int, str] = {}
        with writing(engine) as connection:
            for name, role in (
                ("mara", Role.MARKETING),
                ("ida", Role.IT),
                ("rudi", Role.READER),
                ("adam", Role.ADMIN),
            ):
                wanted = UserIn(email=f"{name}@acme.example", name=name.title(), roles=[role])
                user = users.create_user(connection, wanted, actor="test", now=NOW)
                _, text = security.create_token(
                    connection, name, role, user_id=user.id, actor="test", now=NOW
                )
                self.users[name], self.tokens[name] = user.id, text
            seed = Seed(connection)
            self.okta = seed.source("corp", "okta")
            self.cards = seed.source("cards", "ramp")

    def tool(self, name: str, **values: Any) -> int:
        with writing(self.engine) as connection:
            key = f"unknown:name:{name.lower()}"
            made = Seed(connection).tool(name, **{"key": key, "category": EMAIL, **values})
        self._names[made] = name
        return made

    def person(self, name: str, department: str = "Marketing") -> int:
        """Somebody with an account in the directory; the account's id."""
        with writing(self.engine) as connection:
            seed = Seed(connection)
            person = seed.person(name, f"{name.lower()}@acme.example", department=department)
            return seed.account(self.okta, person, ref=f"account of {name}")

    def uses(self, tool: int, *accounts: int) -> None:
        """These people sign in to a tool."""
        with writing(self.engine) as connection:
            seed = Seed(connection)
            app = seed.app(self.okta, tool, self._names[tool], ref=f"of-{tool}")
            for account in accounts:
                seed.sign_ins(app, account, date(2026, 11, 10))

    def pays(
        self, tool: int, *days: date, minor: int = 4900, account: int | None = None, **values: Any
    ) -> None:
        """Charges of a tool."""
        with writing(self.engine) as connection:
            seed = Seed(connection)
            for day in days:
                seed.expense(
                    self.cards,
                    tool,
                    account,
                    ref=f"{tool}-{day}-{minor}-{values.get('state', '')}",
                    occurred_on=day,
                    amount_minor=minor,
                    **{"merchant": self._names[tool], "descriptor": None, **values},
                )

    def pays_yearly(self, tool: int, last: date, minor: int = 1_200_000, **values: Any) -> None:
        """One charge that says that it is for a year."""
        self.pays(tool, last, minor=minor, memo="Annual subscription", **values)

    def pays_monthly(self, tool: int, last: date, count: int, minor: int = 4900, **values: Any) -> None:
        """So many charges a month apart."""
        self.pays(tool, *(add_months(last, -n) for n in range(count)), minor=minor, **values)

    def assess(self, *tools: int, now: datetime = NOW) -> None:
        """What every scan does at its end."""
        with writing(self.engine) as connection:
            assess(connection, default_knowledge_base(), tools, now)

    def owns(self, name: str, tool: int, part: str = "owner") -> None:
        """Somebody owns a tool."""
        with writing(self.engine) as connection:
            connection.execute(
                sa.insert(models.ownership_people).values(tool_id=tool, user_id=self.users[name], part=part)
            )

    def change(self, tool: int, **values: Any) -> None:
        with writing(self.engine) as connection:
            connection.execute(sa.update(models.tools).where(models.tools.c.id == tool).values(**values))

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            query = sa.select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(query).mappings()]


class Office:
    """A company, and clients of the API by the name of who asks."""

    def __init__(self, company: Company, app: FastAPI) -> None:
        self.company = company
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://penumbra.test/api/v1"
        )

    async def ask(
        self, who: str, method: str, address: str, body: Any = None, at: int | None = None, **query: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.company.tokens[who]}"}
        if at is not None:
            headers["If-Match"] = f'"v{at}"'
        return await self._client.request(method, address, json=body, headers=headers, params=query)

    async def get(self, address: str, **query: Any) -> Any:
        answer = await self.ask("rudi", "GET", address, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def enter(self, tool: int, who: str = "mara", **values: Any) -> dict[str, Any]:
        answer = await self.ask(who, "POST", f"/tools/{tool}/contracts", {**CONTRACT, **values})
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"] == '"v1"'
        assert answer.headers["Location"] == f"/api/v1/contracts/{answer.json()['id']}"
        return answer.json()

    async def close(self) -> None:
        await self._client.aclose()
