"""A filtered, sorted page of 50 tools out of 20,000 with 2 million observations behind them.

Ours is `GET /api/v1/tools?…` of the real application with a token; beside it, in the same run, the same
answer from a plain Starlette route: the database's own driver and orjson, nothing else. Each server is a
process of its own; 16 connections ask as fast as they are answered, in turns (A B A B), then one server
is asked 50 times a second for the tail latency.
"""

import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.db import make_engine, upgrade, upsert, writing
from app.models import accounts, apps, people, sign_in_days, tool_departments, tool_sources, tools
from app.security.schemas import Role
from app.security.service import create_token
from tests.bench.source import okta_source
from tests.support import postgres

TOOLS, PEOPLE, OBSERVATIONS = 20_000, 2_000, 2_000_000
CONNECTIONS, SECONDS, ROUNDS = 16, 3.0, 3
RATE, RATE_SECONDS = 50, 10
QUERY = "/api/v1/tools?flagged=true&sort=-people&limit=50"
GOAL_RATIO, GOAL_P99_MS = 1 / 3, 50.0

_PLAIN_SQL = """
SELECT id, name, vendor, domain, category, identity, evidence, governance, ownership, audience, managed,
       shadow, flagged, people, grant_grade, spend_minor, spend_currency, sources, first_seen, last_seen
FROM tools WHERE flagged = {true} ORDER BY people DESC, id DESC LIMIT 50
"""


def run() -> dict[str, Any]:
    """Measure on both databases; gives requests a second, ratios, and the 99th percentile."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:
        for name, url in (("sqlite", f"sqlite:///{folder}/bench.sqlite3"), ("postgresql", server.database())):
            if name == "sqlite":
                upgrade(url)
            token = _fill(url)
            found[name] = _measure(url, token)
    return found


def report(found: dict[str, Any]) -> list[str]:
    """The measurements as lines for people."""
    lines = [f"A page of 50 of {TOOLS:,} tools, {OBSERVATIONS:,} observations behind them"]
    for name, r in found.items():
        lines.append(
            f"  {name:10}  ours {r['ours']:7,.0f}/s   plain driver {r['plain']:7,.0f}/s"
            f"   ratio {r['ratio']:.2f}"
            f"   at {RATE}/s: median {r['median_ms']:.1f} ms, p99 {r['p99_ms']:.1f} ms"
        )
    return lines


def holds(found: dict[str, Any]) -> bool:
    """Whether the goals were met."""
    return all(r["ratio"] >= GOAL_RATIO and r["p99_ms"] < GOAL_P99_MS for r in found.values())


def _measure(url: str, token: str) -> dict[str, Any]:
    with server("ours", url) as ours, server("plain", url) as plain:
        for port in (ours, plain):
            asyncio.run(_flood(port, token, 1.0))
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(
                (asyncio.run(_flood(ours, token, SECONDS)), asyncio.run(_flood(plain, token, SECONDS)))
            )
        latencies = asyncio.run(_steady(ours, token))
    latencies.sort()
    return {
        "ours": statistics.median(a for a, _ in rounds),
        "plain": statistics.median(b for _, b in rounds),
        "ratio": statistics.median(a / b for a, b in rounds),
        "median_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
    }


# --- data --------------------------------------------------------------------------------------


def _fill(url: str) -> str:
    """Make the tools and what lies behind them; gives a reader's token."""
    engine = make_engine(url)
    now = datetime.now(UTC)
    shared = {"first_seen": now - timedelta(days=200), "last_seen": now}
    with writing(engine) as connection:
        source = okta_source(connection, now)
        upsert(connection, tools, [_tool(n, now) for n in range(TOOLS)], key=("key",))
        ids = list(connection.scalars(sa.select(tools.c.id).order_by(tools.c.id)))
        upsert(
            connection,
            tool_sources,
            [{"tool_id": i, "source_id": source} for i in ids],
            key=("tool_id", "source_id"),
        )
        upsert(
            connection,
            tool_departments,
            [{"tool_id": i, "department": f"Team {i % 40}", "people": 1 + i % 7} for i in ids],
            key=("tool_id", "department"),
        )
        upsert(
            connection,
            people,
            [
                {
                    "email": f"p{n}@acme.example",
                    "name": f"Person {n}",
                    "department": f"Team {n % 40}",
                    "title": None,
                    "manager_email": None,
                    "kind": "employee",
                    "active": True,
                    **shared,
                }
                for n in range(PEOPLE)
            ],
            key=("email",),
        )
        persons = list(connection.scalars(sa.select(people.c.id).order_by(people.c.id)))
        common = {"source_id": source, "stream": "s", "generation": 1, "gone_at": None, **shared}
        upsert(
            connection,
            accounts,
            [{**common, "ref": f"a{p}", "person_id": p, "listed": True, "details": {}} for p in persons],
            key=("source_id", "ref"),
        )
        upsert(
            connection,
            apps,
            [
                {
                    **common,
                    "ref": f"app{i}",
                    "tool_id": i,
                    "matched_tool_id": i,
                    "name": f"Tool {i}",
                    "listed": True,
                    "internal": False,
                    "sign_on": "consent",
                    "provisioning": False,
                    "self_service": False,
                    "admin_only": False,
                    "active": True,
                    "publisher": None,
                    "publisher_verified": None,
                    "identifiers": [],
                    "facts": {},
                    "rule": "name",
                    "confidence": 1.0,
                    "why": "",
                    "created_at": None,
                }
                for i in ids
            ],
            key=("source_id", "ref"),
        )
        app_ids = list(connection.scalars(sa.select(apps.c.id).order_by(apps.c.id)))
        account_ids = list(connection.scalars(sa.select(accounts.c.id).order_by(accounts.c.id)))
    days = [datetime.now(UTC).date() - timedelta(days=n) for n in range(90)]
    for start in range(0, OBSERVATIONS, 100_000):
        rows = [
            {
                "app_id": app_ids[n % TOOLS],
                "account_id": account_ids[(n // TOOLS) % PEOPLE],
                "day": days[n % 90],
                "count": 1,
            }
            for n in range(start, start + 100_000)
        ]
        with writing(engine) as connection:
            upsert(connection, sign_in_days, rows, key=("app_id", "account_id", "day"))
    with writing(engine) as connection:
        _, token = create_token(connection, "bench", Role.READER, actor="bench")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return token


def _tool(n: int, now: datetime) -> dict[str, Any]:
    flagged = n % 3 == 0
    return {
        "key": f"unknown:name:tool{n}",
        "name": f"Tool {n}",
        "sort_name": f"tool {n}",
        "vendor": f"Vendor {n}",
        "domain": f"tool{n}.example",
        "category": "CE-EMAIL",
        "identity": "identified",
        "evidence": "active",
        "governance": "unreviewed",
        "ownership": "unowned",
        "audience": "marketing" if flagged else "other",
        "audience_reasons": ["because"],
        "managed": False,
        "managed_reasons": [],
        "shadow": True,
        "shadow_reasons": ["in use"],
        "flagged": flagged,
        "flagged_reasons": ["marketing"] if flagged else [],
        "flagged_at": now,
        "on_it_list": False,
        "people": (n * 7919) % 500,
        "people_gone": 0,
        "grant_grade": "medium",
        "spend_minor": n * 100,
        "spend_currency": "EUR",
        "spend": {"EUR": n * 100},
        "departments": [{"department": "Team", "people": 3}],
        "sources": ["okta"],
        "first_seen": now - timedelta(days=n % 300),
        "last_seen": now - timedelta(hours=n % 99),
        "search": f"tool {n}",
        "version": 1,
        "updated_at": now,
    }


# --- servers -----------------------------------------------------------------------------------


@contextlib.contextmanager
def server(kind: str, url: str) -> Iterator[int]:
    """A server process; gives its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.tools_page", kind, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the {kind} server did not start")
        yield int(line)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def _serve(kind: str, url: str) -> None:
    import gc
    import socket

    import uvicorn

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    if kind == "ours":
        from app.main import create_app
        from app.settings import Settings

        folder = Path(tempfile.mkdtemp())
        application: Any = create_app(Settings(database_url=url, data_dir=folder), make_engine(url))
        application.openapi()
    else:
        application = _plain(url)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    config = uvicorn.Config(application, log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    print(listener.getsockname()[1], flush=True)
    server.run(sockets=[listener])


def _plain(url: str) -> Any:
    import orjson
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    names = [c.strip() for c in _PLAIN_SQL.split("SELECT")[1].split("FROM", maxsplit=1)[0].split(",")]
    if url.startswith("sqlite"):
        import sqlite3

        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
        sql = _PLAIN_SQL.format(true=1)
    else:
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
        sql = _PLAIN_SQL.format(true="true")

    async def page(_request: Any) -> Response:
        rows = connection.execute(sql).fetchall()
        items = []
        for row in rows:
            item = dict(zip(names, row, strict=True))
            for name in ("managed", "shadow", "flagged"):
                item[name] = bool(item[name])
            if isinstance(item["sources"], str):
                item["sources"] = orjson.loads(item["sources"])
            items.append(item)
        return Response(
            orjson.dumps({"items": items, "next": None, "total": None}), media_type="application/json"
        )

    return Starlette(routes=[Route("/api/v1/tools", page)])


# --- load --------------------------------------------------------------------------------------


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head[:15]:
        raise RuntimeError(head.decode("latin-1"))
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return length


def _request(token: str) -> bytes:
    return f"GET {QUERY} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _flood(port: int, token: str, seconds: float) -> float:
    """Answers a second with every connection asking again as soon as it was answered."""
    request = _request(token)
    until = time.perf_counter() + seconds

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        done = 0
        while time.perf_counter() < until:
            await _ask(reader, writer, request)
            done += 1
        writer.close()
        return done

    began = time.perf_counter()
    answered = sum(await asyncio.gather(*(one() for _ in range(CONNECTIONS))))
    return answered / (time.perf_counter() - began)


async def _steady(port: int, token: str) -> list[float]:
    """Latencies in seconds, counted from when each request was due, so that a stall is not hidden."""
    request = _request(token)
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    latencies: list[float] = []

    async def one(due: float) -> None:
        connection = await free.get()
        await _ask(*connection, request)
        latencies.append(time.perf_counter() - due)
        free.put_nowait(connection)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(RATE * RATE_SECONDS):
            due = began + n / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(due))
    return latencies


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in {"ours", "plain"}:
        _serve(sys.argv[1], sys.argv[2])
    else:
        os.environ.setdefault("PYTHONUNBUFFERED", "1")
        measured = run()
        print("\n".join(report(measured)))
        print(json.dumps(measured))
