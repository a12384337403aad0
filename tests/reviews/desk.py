"""Reviews without HTTP: the desk over a database, and people at it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.db import reading, writing
from app.reviews import commands as ask
from app.reviews import repository
from app.reviews.answers import Swept
from app.reviews.choosing import HouseRules
from app.reviews.events import Terms
from app.reviews.fold import fold
from app.reviews.replay import replay
from app.reviews.service import Desk
from app.reviews.state import State
from app.reviews.sweeping import sweep
from app.reviews.words import Cause, Verdict
from app.security import users
from app.security.schemas import Caller, Role, UserIn
from tests.reviews.support import MONDAY, ONE_EACH, with_arbiters
from tests.support.seed import Seed

ROLES = {
    "ida": [Role.IT],
    "igor": [Role.IT],
    "mara": [Role.MARKETING],
    "max": [Role.MARKETING],
    "bo": [Role.IT, Role.MARKETING],
    "rita": [Role.READER],
}


def settled(_connection: Connection, _ids: Sequence[int], _now: datetime) -> None:
    """Nothing follows: the tests that use it look at reviews only."""


@dataclass
class Room:
    """People, a tool each time it is asked for, and the desk."""

    engine: Engine
    house: HouseRules = field(default_factory=with_arbiters)
    now: datetime = MONDAY
    users: dict[str, int] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    def __post_init__(self) -> None:
        with writing(self.engine) as connection:
            for name, roles in ROLES.items():
                wanted = UserIn(email=f"{name}@acme.example", name=name.title(), roles=roles)
                self.users[name] = users.create_user(connection, wanted, actor="test", now=self.now).id

    def caller(self, name: str) -> Caller:
        return Caller(
            name=name,
            roles=frozenset(ROLES[name]),
            expires_at=self.now + timedelta(days=1),
            user_id=self.users[name],
        )

    def tool(self, **values: Any) -> int:
        with writing(self.engine) as connection:
            number = next(self.names)
            given: Mapping[str, Any] = {"ownership": "owned", "key": f"key:{number}", **values}
            return Seed(connection).tool(f"Tool {number}", **given)

    @contextmanager
    def desk(self, name: str = "mara") -> Iterator[Desk]:
        with writing(self.engine) as connection:
            actor = self.caller(name).actor
            yield Desk(connection, actor=actor, now=self.now, reassess=settled, house=self.house)

    def open(self, tool_id: int | None = None, cause: Cause = Cause.REQUEST) -> int:
        tool_id = tool_id or self.tool()
        with self.desk() as desk:
            return desk.open_by(self.caller("mara"), tool_id, cause, "a need")

    def say(self, name: str, review_id: int, command: ask.Command, version: int | None = None) -> State:
        at = self.row(review_id)["version"] if version is None else version
        with self.desk(name) as desk:
            desk.act(self.caller(name), review_id, at, command)
        return self.state(review_id)

    def sign(self, name: str, review_id: int) -> State:
        proposal = self.state(review_id).proposal
        assert proposal is not None
        return self.say(name, review_id, ask.Sign(proposal.seq, "yes"))

    def ready(self, terms: Terms, tool_id: int | None = None) -> int:
        review_id = self.open(tool_id)
        for name, (item,) in zip(("ida", "mara"), ONE_EACH.values(), strict=True):
            self.say(name, review_id, ask.Assess(item, Verdict.OK))
        self.say("ida", review_id, ask.Propose(terms, "so"))
        return review_id

    def decide(self, terms: Terms, tool_id: int | None = None) -> int:
        review_id = self.ready(terms, tool_id)
        self.sign("ida", review_id)
        self.sign("mara", review_id)
        return review_id

    def sweep(self) -> Swept:
        with writing(self.engine) as connection:
            return sweep(connection, self.now, reassess=settled, house=self.house)

    def state(self, review_id: int) -> State:
        with reading(self.engine) as connection:
            return fold(repository.events_of(connection, review_id))

    def row(self, review_id: int) -> dict[str, Any]:
        return next(r for r in self.rows(models.reviews) if r["id"] == review_id)

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    def governance(self, tool_id: int) -> str:
        return next(t["governance"] for t in self.rows(models.tools) if t["id"] == tool_id)

    def faults(self) -> list[str]:
        with reading(self.engine) as connection:
            return replay(connection)[1]
