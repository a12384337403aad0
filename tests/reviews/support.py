"""A company with two sides, and their people at the table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.api.state import AppState
from app.db import reading, writing
from app.main import create_app
from app.reviews.choosing import Choice, HouseRules, choose_standard
from app.reviews.replay import replay
from app.reviews.words import Item
from app.security import users
from app.security.schemas import Role, Side, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.support import seed
from tests.support.filled import filled
from tests.support.serving import caller, served

ONE_EACH = {Side.IT: (Item.SECURITY,), Side.MARKETING: (Item.BUDGET,)}
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Table:
    """A company under review over its API, at a time that the test sets."""

    def __init__(self, engine: Engine, settings: Settings, house: HouseRules | None = None) -> None:
        self.engine = engine
        self.now = MONDAY
        self.app: FastAPI = create_app(settings, engine, clock=lambda: self.now)
        self.lend(house or with_arbiters())
        self.company = filled(engine, "the seeded company", self._seed)
        self.url = ""
        self.users: dict[str, int] = {}
        self.clients: dict[str, httpx.Client] = {}

    def _seed(self) -> seed.Company:
        with writing(self.engine) as connection:
            return seed.company(connection)

    def lend(self, house: HouseRules) -> None:
        state: AppState = self.app.state.penumbra
        object.__setattr__(state, "house", house)

    def person(self, name: str, *roles: Role) -> httpx.Client:
        """Somebody with roles; their client speaks for the first of them (a token has one)."""
        if name in self.clients:
            return self.clients[name]
        with writing(self.engine) as connection:
            wanted = UserIn(email=f"{name}@acme.example", name=name.title(), roles=list(roles))
            user = users.create_user(connection, wanted, actor="test", now=self.now)
        self.users[name] = user.id
        self.clients[name] = self.client_of(name, roles[0])
        return self.clients[name]

    def client_of(self, name: str, role: Role) -> httpx.Client:
        with writing(self.engine) as connection:
            _, text = create_token(
                connection, f"{name} as {role}", role, user_id=self.users[name], actor="test", now=self.now
            )
        return caller(self.url, text)

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            return [dict(r) for r in connection.execute(sa.select(table)).mappings()]

    def tool(self, tool_id: int) -> dict[str, Any]:
        return next(row for row in self.rows(models.tools) if row["id"] == tool_id)

    def set_tool(self, tool_id: int, **values: Any) -> None:
        with writing(self.engine) as connection:
            connection.execute(sa.update(models.tools).where(models.tools.c.id == tool_id).values(**values))

    def logs_hold(self) -> int:
        """How many reviews there are; each one's row is what its log says."""
        with reading(self.engine) as connection:
            count, faults = replay(connection)
        assert faults == []
        return count


@contextmanager
def table_of(engine: Engine, settings: Settings, house: HouseRules | None = None) -> Iterator[Table]:
    """A served company."""
    table = Table(engine, settings, house)
    with served(table.app) as table.url:
        yield table
        for client in table.clients.values():
            client.close()


@dataclass
class Review:
    """One open review, and IT's Ida and marketing's Mara."""

    table: Table
    tool: int
    cause: str = "request"
    id: int = 0
    last: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table.person("ida", Role.IT)
        self.table.person("mara", Role.MARKETING)
        if not self.id:
            answer = self.table.clients["mara"].post(
                f"/api/v1/tools/{self.tool}/reviews", json={"cause": self.cause, "need": "Landing pages."}
            )
            assert answer.status_code == 201, answer.text
            self.last = answer.json()
            self.id = self.last["id"]

    def do(self, name: str, verb: str, *, version: int | None = None, **body: Any) -> Any:
        """The raw answer to something that somebody asks."""
        at = version if version is not None else self.last["version"]
        return self.table.clients[name].post(
            f"/api/v1/reviews/{self.id}/{verb}", json=body, headers={"If-Match": f'"v{at}"'}
        )

    def ok(self, name: str, verb: str, **body: Any) -> dict[str, Any]:
        answer = self.do(name, verb, **body)
        assert answer.status_code == 200, answer.text
        self.last = answer.json()
        assert answer.headers["ETag"] == f'"v{self.last["version"]}"'
        return self.last

    def refused(self, status: int, name: str, verb: str, **body: Any) -> dict[str, Any]:
        answer = self.do(name, verb, **body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def see(self, name: str = "mara") -> dict[str, Any]:
        answer = self.table.clients[name].get(f"/api/v1/reviews/{self.id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def side(self, side: str) -> dict[str, Any]:
        return next(s for s in self.see()["sides"] if s["side"] == side)

    def assess_all(self, *sides: Side, verdict: str = "ok") -> None:
        who = {Side.IT: "ida", Side.MARKETING: "mara"}
        for shown in self.last["sides"]:
            side = Side(shown["side"])
            for item in shown["items"] if side in (sides or tuple(Side)) else ():
                self.ok(who[side], "assess", item=item["item"], verdict=verdict)

    def propose(self, name: str = "ida", **terms: Any) -> int:
        terms = terms or {"outcome": "dismissed", "reason": "Not a tool."}
        made = self.ok(name, "propose", terms=terms, rationale="It fits.")["proposal"]["number"]
        assert isinstance(made, int)
        return made

    def sign(self, name: str, number: int | None = None, **body: Any) -> dict[str, Any]:
        at = number if number is not None else self.last["proposal"]["number"]
        return self.ok(name, "sign", proposal=at, rationale=f"{name} agrees.", **body)

    def decide(self, **terms: Any) -> dict[str, Any]:
        self.assess_all()
        number = self.propose(**terms)
        self.sign("ida", number)
        return self.sign("mara", number)


def with_arbiters(**named: tuple[int, ...]) -> HouseRules:
    """The standard rules with one item a side, and arbiters by side."""

    def choose(connection: Any, tool_id: int, now: datetime) -> Choice:
        arbiters = {side: named.get(side.value, ()) for side in Side}
        standard = choose_standard(connection, tool_id, now)
        return replace(standard, items=ONE_EACH, arbiters=arbiters)

    return HouseRules(choose=choose)
