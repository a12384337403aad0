"""How long the scoreboard takes at a large company: `python -m tests.bench.scoreboard [postgresql]`."""

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.db import make_engine, reading, upgrade, upsert, writing
from app.reviews import board
from app.reviews.board_answers import ScoreboardQuery
from app.security.privacy import OPEN
from tests.support import postgres
from tests.support.seed import Seed

TOOLS, CLAIMED, REVIEWED, PAID, MONTHS, GRANTS, LINES = 20_000, 6_000, 3_000, 4_000, 24, 100_000, 50_000
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RUNS = 9


def main() -> None:
    """Fill a database, ask for the scoreboard some times, and say how long that took."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            measure(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
    else:
        with postgres.running() as server:
            measure(server.database())


def measure(url: str) -> None:
    """Time it over one database."""
    upgrade(url)
    engine = make_engine(url)
    fill(engine)
    for name, wanted in (
        ("12 months", ScoreboardQuery()),
        ("90 days", ScoreboardQuery.model_validate({"from": "2026-08-23"})),
        ("12 months of one department", ScoreboardQuery(department="Marketing")),
    ):
        took = []
        for _ in range(RUNS):
            with reading(engine) as connection:
                begun = time.perf_counter()
                board.scoreboard(connection, wanted, NOW, veil=OPEN)
                took.append(1000 * (time.perf_counter() - begun))
        print(
            f"{engine.dialect.name}, {TOOLS:,} tools, {name}: "
            f"median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms"
        )
    engine.dispose()


def fill(engine: Engine) -> None:
    """A company with many tools, some years of charges, and both sides at work."""
    with writing(engine) as connection:
        seed = Seed(connection)
        source = seed.source()
        first = seed.tool("Tool 0")
        one = dict(connection.execute(sa.select(models.tools)).mappings().one())
        _many(connection, models.tools, [_tool(one, n) for n in range(1, TOOLS)], ("key",))
        seed.app(source, first, "App 0")
        app = dict(connection.execute(sa.select(models.apps)).mappings().one())
        del app["id"]
        rows = [{**app, "ref": f"r{n}", "tool_id": first + n} for n in range(TOOLS)]
        _many(connection, models.apps, rows, ("source_id", "ref"))
        _people(connection, first)
        _money(connection, seed, source, first)
        _reviews(connection, first)
        _approvals(connection, seed, source)
        seed_departments = [
            {"tool_id": first + n, "department": "Marketing", "people": 3} for n in range(0, TOOLS, 3)
        ]
        _many(connection, models.tool_departments, seed_departments, ("tool_id", "department"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        connection.exec_driver_sql("ANALYZE")


def _many(connection: Connection, table: sa.Table, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
    for start in range(0, len(rows), 5_000):
        upsert(connection, table, rows[start : start + 5_000], key=key)


def _tool(one: dict[str, Any], n: int) -> dict[str, Any]:
    seen = NOW - timedelta(days=n % 700, hours=n % 24)
    changed = {
        "key": f"tool{n}",
        "name": f"Tool {n}",
        "sort_name": f"tool {n}",
        "first_seen": seen,
        "last_seen": NOW - timedelta(days=n % 120),
        "flagged_at": seen + timedelta(days=n % 9) if n % 2 else None,
        "audience": "marketing" if n % 2 else "other",
        "governance": "sanctioned" if n < REVIEWED else "unreviewed",
    }
    return {**{k: v for k, v in one.items() if k != "id"}, **changed}


def _people(connection: Connection, first: int) -> None:
    connection.execute(
        sa.insert(models.users),
        [
            {"email": f"{n}@acme.example", "name": n, "roles": [n], "active": True, "created_at": NOW}
            for n in ("it", "marketing")
        ],
    )
    it, marketing = connection.scalars(sa.select(models.users.c.id).order_by(models.users.c.id))
    rows = []
    for n in range(CLAIMED):
        at = NOW - timedelta(days=n % 500)
        for seq, (kind, user) in enumerate((("claimed", marketing), ("attested", marketing)), 1):
            rows.append(_deed(first + n, seq, at, kind, user))
        if n % 3:
            rows.append(_deed(first + n, 3, at, "steward_named", it))
    _many(connection, models.claim_events, rows, ("tool_id", "seq"))


def _deed(tool_id: int, seq: int, at: datetime, kind: str, user: int) -> dict[str, Any]:
    return {"tool_id": tool_id, "seq": seq, "at": at, "user_id": user, "kind": kind, "data": {}}


def _money(connection: Connection, seed: Seed, source: int, first: int) -> None:
    merchants = [seed.merchant(first + n, f"Merchant {n}") for n in range(PAID)]
    seed.expense(source, first, merchant="Merchant 0")
    one = dict(connection.execute(sa.select(models.expenses)).mappings().one())
    del one["id"]
    rows = [
        {
            **one,
            "ref": f"{n}-{month}",
            "merchant_id": merchant,
            "currency": ("USD", "EUR")[n % 2],
            "occurred_on": (NOW - timedelta(days=30 * month + n % 28)).date(),
        }
        for n, merchant in enumerate(merchants)
        for month in range(MONTHS)
    ]
    _many(connection, models.expenses, rows, ("source_id", "ref"))


def _reviews(connection: Connection, first: int) -> None:
    it, marketing = connection.scalars(sa.select(models.users.c.id).order_by(models.users.c.id))
    rows, events, conditions = [], [], []
    known = {"tool": {f"fact {n}": "as it stood then" * 4 for n in range(30)}}
    for n in range(REVIEWED):
        opened = NOW - timedelta(days=n % 600 + 5)
        rows.append(
            {
                "id": n + 1,
                "tool_id": first + n,
                "opened_at": opened,
                "cause": "flag",
                "state": "decided",
                "lane": ("fast", "standard", "full")[n % 3],
                "version": 12,
                "waiting_on_it": False,
                "waiting_on_marketing": False,
                "waiting_on_arbiters": False,
                "outcome": "sanctioned",
                "it_signed_by": it,
                "marketing_signed_by": marketing,
                "closed_at": opened + timedelta(days=3),
            }
        )
        for seq in range(1, 13):
            data = {"waited": {"it": 60 * n, "marketing": 30 * n}, "evidence": known} if seq == 12 else {}
            kind = "decided" if seq == 12 else "commented"
            events.append({"review_id": n + 1, "seq": seq, "at": opened, "kind": kind, "data": data})
        conditions.append(
            {
                "review_id": n + 1,
                "number": 1,
                "side": ("it", "marketing")[n % 2],
                "owner_user_id": it,
                "text": "SSO",
                "due": NOW.date(),
                "state": ("kept", "missed")[n % 2],
                "settled_at": opened + timedelta(days=9),
            }
        )
    _many(connection, models.reviews, rows, ("id",))
    _many(connection, models.review_events, events, ("review_id", "seq"))
    _many(connection, models.review_conditions, conditions, ("review_id", "number"))


def _approvals(connection: Connection, seed: Seed, source: int) -> None:
    apps = list(connection.scalars(sa.select(models.apps.c.id).order_by(models.apps.c.id)))
    seed.grant(source, apps[0], None)
    one = dict(connection.execute(sa.select(models.grants)).mappings().one())
    del one["id"]
    rows = [
        {
            **one,
            "ref": f"g{n}",
            "app_id": apps[n % len(apps)],
            "consent": "user" if n % 100 else "admin",
            "granted_at": NOW - timedelta(days=n % 700),
        }
        for n in range(GRANTS)
    ]
    _many(connection, models.grants, rows, ("source_id", "ref"))
    line = {"actor": "user:1", "object": "tool:1", "origin": None, "before": None, "after": None, "hash": ""}
    lines = [
        {
            **line,
            "seq": 10**6 + n,
            "at": NOW - timedelta(minutes=n),
            "action": "review.assessed" if n % 500 else "tool.on_it_list",
            "detail": {"on_it_list": True},
        }
        for n in range(LINES)
    ]
    _many(connection, models.audit_events, lines, ("seq",))


if __name__ == "__main__":
    main()
