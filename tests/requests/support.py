"""A company where people ask before they buy: tools of every standing, and people of every role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.requests import service
from app.requests.partners import BUSINESS_DAY, LaneChoice, Partners, Subject
from app.requests.schemas import AnswerOut
from app.requests.service import Counter
from app.security import users
from app.security.schemas import Role, Side, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.support.seed import Seed

EMAIL = "CE-EMAIL"


def code(answer: httpx.Response) -> str:
    return answer.json()["type"].removeprefix("urn:penumbra:problem:")


@dataclass
class Company:
    """Writes tools and reviews, and asks."""

    engine: Engine
    users: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with writing(self.engine) as connection:
            for name, role in (
                ("ida", Role.IT),
                ("mara", Role.MARKETING),
                ("rudi", Role.READER),
                ("otto", Role.AUDITOR),
                ("root", Role.ADMIN),
            ):
                wanted = UserIn(email=f"{name}@acme.example", name=name.title(), roles=[role])
                id_ = users.create_user(connection, wanted, actor="test", now=NOW).id
                self.users[name] = id_
                self.tokens[name] = create_token(connection, name, role, user_id=id_, actor="test", now=NOW)[
                    1
                ]

    def tool(self, name: str, **values: Any) -> int:
        with writing(self.engine) as connection:
            return Seed(connection, _count=1000 + self.count(models.tools)).tool(name, **values)

    def product(self, product: str, **values: Any) -> int:
        """A tool of the catalog that is a product of the knowledge base."""
        known = default_knowledge_base().products[product]
        facts = {"vendor": known.vendor, "domain": known.domain, "category": known.category}
        return self.tool(known.name, **{"key": f"kb:{product}", **facts, **values})

    def review(
        self,
        tool_id: int,
        state: str = "decided",
        *,
        lane: str = "standard",
        days: float = 3,
        closed: datetime = NOW - timedelta(days=2),
        terms: Mapping[str, Any] | None = None,
        rationale: str = "",
        waiting: tuple[str, ...] = (),
        **values: Any,
    ) -> int:
        decided = state == "decided"
        row = {
            "tool_id": tool_id,
            "cause": "flag",
            "state": state,
            "lane": lane,
            "version": 1,
            "opened_at": closed - timedelta(days=days),
            "closed_at": None if state in {"open", "deadlock"} else closed,
            "outcome": (terms or {}).get("outcome", "sanctioned") if decided else None,
            "it_signed_by": self.users["ida"] if decided else None,
            "marketing_signed_by": self.users["mara"] if decided else None,
            **{f"waiting_on_{p}": p in waiting for p in ("it", "marketing", "arbiters")},
            **values,
        }
        with writing(self.engine) as connection:
            key = connection.execute(sa.insert(models.reviews).values(**row)).inserted_primary_key
            assert key is not None
            if terms is not None:
                for seq, (kind, data) in enumerate(
                    (
                        ("proposed", {"terms": terms, "rationale": rationale}),
                        ("decided", {"terms": terms, "proposal": 1}),
                    ),
                    1,
                ):
                    event = {"review_id": key[0], "seq": seq, "at": closed, "kind": kind, "data": data}
                    connection.execute(sa.insert(models.review_events).values(**event))
            return key[0]

    def condition(self, review: int, side: str, text: str, due: Any, state: str = "open") -> None:
        values = {
            "review_id": review,
            "number": 1 + self.count(models.review_conditions),
            "side": side,
            "owner_user_id": self.users["ida"],
            "text": text,
            "due": due,
            "state": state,
            "settled_at": None if state == "open" else NOW,
        }
        with writing(self.engine) as connection:
            connection.execute(sa.insert(models.review_conditions).values(**values))

    def ask(self, what: str, partners: Partners | None = None, now: datetime = NOW) -> AnswerOut:
        counter = Counter(default_knowledge_base(), partners or LENT, now)
        with reading(self.engine) as connection:
            return service.answer_to(connection, counter, what)

    def count(self, table: sa.Table) -> int:
        return len(self.rows(table))

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            query = sa.select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(query).mappings()]


def standard_lane(_connection: Connection, _subject: Subject, _now: datetime) -> LaneChoice:
    reasons = ("No policy chooses a lane, so it is the standard one.",)
    return LaneChoice("standard", reasons, dict.fromkeys(Side, 5 * BUSINESS_DAY))


def no_reviews(*_: Any, **__: Any) -> int:
    raise AssertionError("an answer opens no review")


LENT = Partners(
    open_review=no_reviews, owners_of=lambda *_: (), lane_of=standard_lane, add_need=lambda *_: None
)
"""What an answer is lent where a test does not ask for more: nobody owns anything, and every lane is one."""
