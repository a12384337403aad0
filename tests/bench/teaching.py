"""One correction that moves most of 2 million observations to another tool, and its undoing.

Timed is the whole request to the real application: one transaction that re-assigns the evidence, works out
both tools again and writes the audit trail. The clock is the wall's.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.db import make_engine, upgrade, upsert, upsert_columns, writing
from app.main import create_app
from app.models import accounts, apps, expenses, grants, merchants, people, sign_in_days, tools
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from tests.bench.source import okta_source
from tests.bench.tools_page import _tool
from tests.support import postgres

TOOLS, PEOPLE, DAYS = 20_000, 5_000, 300
SIGN_INS, EXPENSES, GRANTS = 1_400_000, 400_000, 200_000
SHARE = 0.8
"""So much of everything hangs on the tool that is wrong."""
GOAL_SECONDS = 10.0
_BATCH = 100_000


def run() -> dict[str, Any]:
    """Measure on both databases; gives the seconds of the correction and of its undoing."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:
        for name, url in (("sqlite", f"sqlite:///{folder}/bench.sqlite3"), ("postgresql", server.database())):
            if name == "sqlite":
                upgrade(url)
            engine = make_engine(url)
            token = _fill(engine)
            found[name] = asyncio.run(_measure(url, engine, token, Path(folder)))
            engine.dispose()
    return found


def report(found: dict[str, Any]) -> list[str]:
    """The measurements as lines for people."""
    total = SIGN_INS + EXPENSES + GRANTS
    lines = [f"One correction that moves {SHARE:.0%} of {total:,} observations to another tool"]
    for name, r in found.items():
        lines.append(
            f"  {name:10}  {r['correct']:.2f} s, undone in {r['undo']:.2f} s; "
            f"moved {r['apps']} apps and {r['merchants']} merchants with {r['people']:,} people"
        )
    return lines


def holds(found: dict[str, Any]) -> bool:
    """Whether the goals were met."""
    return all(max(r["correct"], r["undo"]) < GOAL_SECONDS and r["apps"] for r in found.values())


async def _measure(url: str, engine: Engine, token: str, folder: Path) -> dict[str, Any]:
    app = create_app(Settings(database_url=url, data_dir=folder), engine)
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bench", headers=headers, timeout=None
    ) as client:
        wrong, right = (await client.get("/api/v1/tools?sort=name&limit=2")).json()["items"]
        seen = await client.get(f"/api/v1/tools/{wrong['id']}")
        body = {
            "apps": [a["id"] for a in seen.json()["apps"]],
            "merchants": [m["id"] for m in seen.json()["merchants"]],
            "to": {"tool": right["id"]},
        }
        began = time.perf_counter()
        done = await client.post(
            f"/api/v1/tools/{wrong['id']}/correct", json=body, headers={"If-Match": seen.headers["etag"]}
        )
        corrected = time.perf_counter() - began
        done.raise_for_status()
        now = (await client.get(f"/api/v1/tools/{right['id']}")).json()
        began = time.perf_counter()
        undone = await client.post(f"/api/v1/teachings/{done.json()['teaching']['id']}/undo", json={})
        undo = time.perf_counter() - began
        undone.raise_for_status()
    moved = {key: done.json()[key] for key in ("apps", "merchants")}
    return {"correct": corrected, "undo": undo, "people": now["people"], **moved}


# --- data --------------------------------------------------------------------------------------


def _fill(engine: Engine) -> str:
    now = datetime.now(UTC)
    seen = {"first_seen": now - timedelta(days=DAYS), "last_seen": now}
    with writing(engine) as connection:
        source = okta_source(connection, now)
        rows = [{**_tool(n, now), "sort_name": f"{n:09}"} for n in range(TOOLS)]
        upsert(connection, tools, rows, key=("key",))
        tool_ids = list(connection.scalars(sa.select(tools.c.id).order_by(tools.c.id)))
        account_ids = _people(connection, source, seen)
        app_ids = _apps(connection, source, tool_ids, seen)
        merchant_ids = _merchants(connection, tool_ids, now)
    # Three apps and three merchants of the first tool have most of everything.
    today = now.date()
    days = [today - timedelta(days=n) for n in range(DAYS)]
    for n in _batches(SIGN_INS):
        with writing(engine) as connection:
            upsert_columns(
                connection,
                sign_in_days,
                {
                    "app_id": [_mostly(i, app_ids) for i in n],
                    "account_id": [account_ids[(i // 3) % PEOPLE] for i in n],
                    "day": [days[(i // (3 * PEOPLE)) % DAYS] for i in n],
                    "count": [1 for _ in n],
                },
                key=("app_id", "account_id", "day"),
                add=("count",),
            )
    for n in _batches(GRANTS):
        with writing(engine) as connection:
            upsert(
                connection, grants, [_grant(i, source, app_ids, account_ids, seen) for i in n], key=("id",)
            )
    for n in _batches(EXPENSES):
        with writing(engine) as connection:
            rows = [_expense(i, source, merchant_ids, account_ids, days, seen) for i in n]
            upsert(connection, expenses, rows, key=("source_id", "ref"))
    with writing(engine) as connection:
        _, token = create_token(connection, "bench", Role.IT, actor="bench")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        connection.exec_driver_sql("ANALYZE")
    return token


def _batches(total: int) -> list[range]:
    return [range(start, min(start + _BATCH, total)) for start in range(0, total, _BATCH)]


def _mostly(i: int, ids: list[int]) -> int:
    return ids[i % 3] if i % 100 < SHARE * 100 else ids[3 + i % (len(ids) - 3)]


def _people(connection: Connection, source: int, seen: dict[str, Any]) -> list[int]:
    rows = [
        {
            "email": f"p{n}@acme.example",
            "name": f"Person {n}",
            "department": f"Team {n % 40}",
            "title": None,
            "manager_email": None,
            "kind": "employee",
            "active": True,
            **seen,
        }
        for n in range(PEOPLE)
    ]
    upsert(connection, people, rows, key=("email",))
    ids = list(connection.scalars(sa.select(people.c.id).order_by(people.c.id)))
    shared = {"source_id": source, "stream": "s", "generation": 1, "gone_at": None, **seen}
    rows = [{**shared, "ref": f"a{p}", "person_id": p, "listed": True, "details": {}} for p in ids]
    upsert(connection, accounts, rows, key=("source_id", "ref"))
    return list(connection.scalars(sa.select(accounts.c.id).order_by(accounts.c.id)))


def _apps(connection: Connection, source: int, tool_ids: list[int], seen: dict[str, Any]) -> list[int]:
    """Three apps of the first tool, and one of each other."""
    rows = [
        {
            "source_id": source,
            "ref": f"app{n}",
            "tool_id": tool,
            "matched_tool_id": tool,
            "name": f"Tool {n}",
            "listed": True,
            "internal": False,
            "sign_on": "consent",
            "provisioning": False,
            "self_service": False,
            "admin_only": False,
            "active": True,
            "publisher": None,
            "publisher_verified": None,
            "identifiers": [["app_name", f"Tool {n}"], ["google.client_id", f"{n}.apps.example"]],
            "facts": {},
            "rule": "name",
            "confidence": 0.9,
            "why": "",
            "matched": None,
            "risks": [],
            "created_at": None,
            "stream": "s",
            "generation": 1,
            "gone_at": None,
            **seen,
        }
        for n, tool in enumerate([tool_ids[0]] * 2 + tool_ids)
    ]
    upsert(connection, apps, rows, key=("source_id", "ref"))
    return list(connection.scalars(sa.select(apps.c.id).order_by(apps.c.id)))


def _merchants(connection: Connection, tool_ids: list[int], now: datetime) -> list[int]:
    rows = [
        {
            "key": f"name:tool{n}",
            "name": f"Tool {n}",
            "matched_tool_id": tool,
            "tool_id": tool,
            "rule": "name",
            "confidence": 0.9,
            "why": "",
            "matched": None,
            "first_seen": now,
        }
        for n, tool in enumerate([tool_ids[0]] * 2 + tool_ids)
    ]
    upsert(connection, merchants, rows, key=("key", "matched_tool_id"))
    return list(connection.scalars(sa.select(merchants.c.id).order_by(merchants.c.id)))


def _grant(
    i: int, source: int, app_ids: list[int], account_ids: list[int], seen: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": i + 1,
        "source_id": source,
        "ref": f"g{i}",
        "app_id": _mostly(i, app_ids),
        "account_id": account_ids[(i // 3) % PEOPLE],
        "scopes": [["email"], ["https://mail.google.com/", "openid"]][i % 2],
        "grade": ["low", "high"][i % 2],
        "consent": "user",
        "granted_at": seen["first_seen"],
        "stream": "s",
        "generation": 1,
        "gone_at": None,
        **seen,
    }


def _expense(
    i: int,
    source: int,
    merchant_ids: list[int],
    account_ids: list[int],
    days: list[Any],
    seen: dict[str, Any],
) -> dict[str, Any]:
    return {
        "source_id": source,
        "ref": f"e{i}",
        "merchant_id": _mostly(i, merchant_ids),
        "account_id": account_ids[(i // 3) % PEOPLE],
        "occurred_on": days[i % DAYS],
        "posted_on": None,
        "amount_minor": 100 + i % 900,
        "currency": ["EUR", "USD"][i % 2],
        "original_amount_minor": None,
        "original_currency": None,
        "merchant": f"Tool {i % 3}",
        "descriptor": f"TOOL {i % 3} {i % 5000:04} BERLIN DE",
        "state": "posted",
        "mcc": "5734",
        "category": "Software",
        "memo": None,
        "department": None,
        "refund_of": None,
        "replaces": None,
        "replaced": False,
        "content": "",
        **seen,
    }
