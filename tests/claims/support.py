"""A company with users on both sides, each with a client of the API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Connection, Engine

from app.claims import repository, rules
from app.claims.fold import Reason, Standing, fold
from app.claims.schemas import DeclineIn, OwnershipOut, Sweep
from app.claims.service import Desk, Rule, Setting
from app.claims.sweep import sweep
from app.db import reading, writing
from app.models import people, users
from app.security import service as security
from app.security import users as security_users
from app.security.schemas import Caller, Role, UserIn
from tests.conftest import NOW
from tests.support.seed import Seed

ATTEST_DAYS = 180


def nothing(_connection: Connection, _tools: Sequence[int], _now: Any) -> None:
    """Work out nothing: for tests of what does not depend on it."""


SETTING = Setting(ATTEST_DAYS, nothing)


@dataclass(frozen=True)
class User:
    """A user, and who that is in the directory."""

    id: int
    name: str
    role: Role
    person: int | None = None

    @property
    def caller(self) -> Caller:
        return Caller(self.name, frozenset({self.role}), NOW + timedelta(days=90), 1, self.id)


class Office:
    """Mara and Nils of marketing, Ida of IT, Adam who administers, and two tools."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with writing(engine) as connection:
            seed = Seed(connection)
            self.source = seed.source()
            self.mara = self._user(connection, "Mara", Role.MARKETING, department="Marketing")
            self.nils = self._user(connection, "Nils", Role.MARKETING, department="Brand")
            self.olga = self._user(connection, "Olga", Role.MARKETING)
            self.ida = self._user(connection, "Ida", Role.IT, department="IT")
            self.ivan = self._user(connection, "Ivan", Role.IT, department="IT")
            self.adam = self._user(connection, "Adam", Role.ADMIN)
            self.hubspot = seed.tool("HubSpot", key="kb:hubspot")
            self.github = seed.tool("GitHub", key="kb:github", audience="other", flagged=False)
            for tool, name in ((self.hubspot, "HubSpot CRM"), (self.github, "GitHub")):
                seed.app(self.source, tool, name)

    def _user(self, connection: Connection, name: str, role: Role, *, department: str | None = None) -> User:
        email = f"{name.lower()}@acme.example"
        person = None
        if department:
            person = Seed(connection).person(name, email, department=department)
        wanted = UserIn(email=email, name=name, roles=[role])
        made = security_users.create_user(connection, wanted, actor="test", now=NOW)
        return User(made.id, name, role, person)

    # --- acting ------------------------------------------------------------------------------

    def act(
        self,
        who: User,
        ruling: Callable[[Desk], Rule],
        *,
        tool: int | None = None,
        version: int | None = None,
        now: datetime = NOW,
    ) -> OwnershipOut:
        """Do one thing at a desk; without a version, at the one that is there now."""
        tool = tool or self.hubspot
        with writing(self.engine) as connection:
            desk = Desk(connection, who.caller, SETTING, now=now)
            at = self.version(tool, connection) if version is None else version
            return desk.act(tool, at, "test", ruling)

    def claims(self, who: User, tool: int | None = None, **more: Any) -> OwnershipOut:
        return self.act(who, lambda _: rules.claim, tool=tool, **more)

    def contests(self, who: User, tool: int | None = None, **more: Any) -> OwnershipOut:
        return self.act(who, lambda _: lambda case: rules.contest(case, "It is ours"), tool=tool, **more)

    def asks(self, who: User, tool: int | None = None, **more: Any) -> OwnershipOut:
        return self.act(who, lambda _: rules.co_own, tool=tool, **more)

    def accepts(self, who: User, asker: User | None = None, **more: Any) -> OwnershipOut:
        asked = asker.id if asker else None
        return self.act(who, lambda _: lambda case: rules.accept(case, asked), **more)

    def offers(self, who: User, to: User, **more: Any) -> OwnershipOut:
        return self.act(who, lambda desk: desk.naming(rules.hand_over, to.id, "to"), **more)

    def names_steward(self, who: User, user: User | None, **more: Any) -> OwnershipOut:
        return self.act(who, lambda desk: desk.naming_steward(user.id if user else None), **more)

    def declines(self, who: User, tool: int | None = None, /, **wanted: Any) -> OwnershipOut:
        body = DeclineIn(**{"reason": Reason.NOT_OURS, **wanted})
        return self.act(who, lambda desk: desk.declining(body), tool=tool)

    def sweeps(self, now: datetime = NOW) -> Sweep:
        with writing(self.engine) as connection:
            return sweep(connection, actor="system", now=now, reassess=nothing)

    def standing(self, tool: int | None = None) -> Standing:
        tool = tool or self.hubspot
        with reading(self.engine) as connection:
            return fold(repository.logs_of(connection, [tool])[tool])

    def version(self, tool: int, connection: Connection) -> int:
        query = sa.text("SELECT coalesce(max(seq), 0) FROM claim_events WHERE tool_id = :tool")
        return connection.scalar(query, {"tool": tool}) or 0

    def leaves(self, who: User) -> None:
        """Somebody leaves the company; the directory says so."""
        with writing(self.engine) as connection:
            connection.execute(sa.update(people).where(people.c.id == who.person).values(active=False))

    def loses_access(self, who: User) -> None:
        """Somebody may log in no longer."""
        with writing(self.engine) as connection:
            connection.execute(sa.update(users).where(users.c.id == who.id).values(active=False))

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    # --- over the API ------------------------------------------------------------------------

    def client(self, app: FastAPI, who: User) -> httpx.AsyncClient:
        """A client that acts as somebody."""
        with writing(self.engine) as connection:
            _, text = security.create_token(
                connection, f"token of {who.name}", who.role, user_id=who.id, actor="test", now=NOW
            )
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
            base_url="http://penumbra.test/api/v1",
            headers={"Authorization": f"Bearer {text}"},
        )
