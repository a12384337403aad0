"""What people did in the large company of the benchmarks: claims, contracts, reviews, a long audit trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.api.state import reassess
from app.db import upsert, writing
from app.identify import default_knowledge_base
from app.joining import house_rules
from app.reviews import commands as ask
from app.reviews import repository
from app.reviews.events import Promise, Sanctioned, SanctionedWithConditions, Terms
from app.reviews.fold import fold
from app.reviews.reading import version_of
from app.reviews.service import Desk
from app.reviews.words import Cause, Item, Verdict
from app.security import audit
from app.security.schemas import Caller, Role, Side
from app.teaching.schemas import MergeIn
from app.teaching.service import Classroom

OWNED, REVIEWED, ASKED, CONTRACTS, LINES = 4_000, 300, 150, 200, 200_000


def many(connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]], *key: str) -> None:
    """Write many rows, some thousand at a time."""
    for start in range(0, len(rows), 5_000):
        upsert(connection, table, rows[start : start + 5_000], key=key)


def claims(connection: Connection, callers: dict[Role, Caller], tools: Sequence[int], now: datetime) -> None:
    mara = callers[Role.MARKETING].user_id
    until = (now + timedelta(days=90)).isoformat()
    deed = {"user_id": mara, "kind": "claimed", "data": {"until": until, "departments": []}}
    rows = [
        {**deed, "tool_id": tools[n], "seq": 1, "at": now - timedelta(days=n % 300)} for n in range(OWNED)
    ]
    many(connection, models.claim_events, rows, "tool_id", "seq")
    held = {"version": 1, "owner_user_id": mara, "attest_by": now + timedelta(days=90), "contested": False}
    many(connection, models.ownerships, [{**held, "tool_id": tools[n]} for n in range(OWNED)], "tool_id")
    parts = [{"tool_id": tools[n], "user_id": mara, "part": "owner"} for n in range(OWNED)]
    many(connection, models.ownership_people, parts, "tool_id", "user_id", "part")


def contracts(
    connection: Connection, callers: dict[Role, Caller], tools: Sequence[int], now: datetime
) -> None:
    begun = (now - timedelta(days=200)).date()
    rows = [
        {
            "tool_id": tools[5 * n],
            "starts_on": begun - timedelta(days=n),
            "term_months": 12,
            "notice_days": 60,
            "auto_renews": True,
            "amount_minor": 120_000 + n,
            "currency": "EUR",
            "per": "yearly",
            "seats": 10,
            "actor": callers[Role.IT].actor,
            "user_id": callers[Role.IT].user_id,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        for n in range(CONTRACTS)
    ]
    connection.execute(sa.insert(models.contracts), rows)


def reviews(engine: Engine, callers: dict[Role, Caller], tools: Sequence[int], now: datetime) -> None:
    """Half of them open at different steps, half decided, some with promises; as people write them."""
    house = house_rules()
    for n in range(REVIEWED):
        at = now - timedelta(days=1 + n % 120)
        with writing(engine) as connection:
            # A marketing tool of nobody's decision.
            tool_id = tools[12 * n + 1]
            it, mara = callers[Role.IT], callers[Role.MARKETING]

            def desk(who: Caller, connection: Connection = connection, at: datetime = at) -> Desk:
                return Desk(connection, actor=who.actor, now=at, reassess=reassess, house=house)

            review = desk(mara).open_by(mara, tool_id, Cause.FLAG, f"Needed for campaign {n}.")
            if n % 4 == 0:
                continue

            def say(
                who: Caller, command: ask.Command, connection: Connection = connection, review: int = review
            ) -> int:
                return desk(who).act(who, review, version_of(connection, review), command)

            question = say(it, ask.Ask(Side.MARKETING, "Which data does it get?"))
            for item in _items(connection, review, Side.IT):
                say(it, ask.Assess(item, Verdict.OK, "Looked at."))
            if n % 4 == 1:
                continue
            say(mara, ask.Answer(question, "The addresses of our newsletter."))
            for item in _items(connection, review, Side.MARKETING):
                say(mara, ask.Assess(item, Verdict.OK, "Needed."))
            terms: Terms = Sanctioned()
            if n % 3 == 0:
                owner, due = it.user_id or 0, (now + timedelta(days=1 + n % 60)).date()
                promise = Promise(side=Side.IT, owner_user_id=owner, text="Single sign-on", due=due)
                terms = SanctionedWithConditions(conditions=(promise,))
            number = say(mara, ask.Propose(terms, "It is needed."))
            for who in (it, mara):
                say(who, ask.Sign(number, "Yes."))


def _items(connection: Connection, review: int, side: Side) -> Sequence[Item]:
    return fold(repository.events_of(connection, review)).items.get(side, ())


def asked(connection: Connection, callers: dict[Role, Caller], now: datetime) -> None:
    rows = [
        {
            "at": now - timedelta(days=n % 90),
            "user_id": callers[Role.MARKETING].user_id,
            "what": f"Wish {n}",
            "name": f"Wish {n}",
            "need": "For the spring campaign.",
            "tried": [],
            "state": "open",
        }
        for n in range(ASKED)
    ]
    connection.execute(sa.insert(models.requests), rows)


def others(connection: Connection, callers: dict[Role, Caller], tools: Sequence[int], now: datetime) -> None:
    """A channel, and a merge that can be undone."""
    connection.execute(
        sa.insert(models.channels).values(
            name="#marketing-tools",
            kind="slack",
            config={},
            secrets=b"",
            topics=["review.*"],
            enabled=False,
            created_at=now,
            updated_at=now,
        )
    )
    into, other = tools[-1], tools[-2]
    room = Classroom(connection, default_knowledge_base(), actor=callers[Role.IT].actor, now=now)
    room.merge(other, 1, MergeIn(into=into, reason="The same product under two names."))


def trail(engine: Engine, now: datetime) -> None:
    """A long audit trail whose chain holds."""
    with writing(engine) as connection:
        head = connection.execute(sa.select(models.audit_head)).mappings().one_or_none()
        seq, last = (head["seq"], head["hash"]) if head else (0, audit.START)
        while seq < LINES:
            rows = []
            for _ in range(10_000):
                seq += 1
                line: dict[str, Any] = {
                    "at": now - timedelta(minutes=LINES - seq),
                    "actor": "user:1",
                    "action": "tool.governance",
                    "object": f"tool:{1 + seq % 20_000}",
                    "origin": "127.0.0.1",
                    "before": {"governance": "unreviewed"},
                    "after": {"governance": "in_review"},
                    "detail": {},
                }
                last = audit.digest(seq, line, last)
                rows.append({**line, "seq": seq, "hash": last})
            many(connection, models.audit_events, rows, "seq")
        connection.execute(sa.update(models.audit_head).values(seq=seq, hash=last))
