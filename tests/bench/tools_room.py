"""The page of the tools with 20,000 of them: how long the server takes, and when a browser shows something.

The server is a process of its own. Each address is asked for one after another by one logged-in person, the
first time apart; `server` is from sending the request to the whole page. `paint` is Chromium's own
first-contentful-paint of the first page in a window that has nothing cached.
"""

import itertools
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from playwright.sync_api import sync_playwright

from app.db import make_engine, upsert, writing
from app.identify import default_knowledge_base
from app.models import ownership_people, ownerships, tool_departments, tool_sources, tools
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from tests.bench.databases import both
from tests.bench.source import okta_source
from tests.bench.tools_page import server
from tests.support import browsing

TOOLS, OWNED, TIMES, PAINTS = 20_000, 5_000, 15, 5
GOAL_SERVER_MS, GOAL_PAINT_MS = 300.0, 1000.0
PAGES = {
    "first page": "/tools",
    "everything": "/tools?view=all",
    "narrowed": "/tools?view=all&audience=marketing&grade=high&governance=unreviewed&department=Team+3",
    "search, as typed": "/tools/part?view=all&q=tool+12",
    "sorted by words": "/tools?view=all&sort=-grade",
    "one's own": "/tools?mine=true",
}
_PAINT = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries()[0].startTime))
    .observe({type: 'paint', buffered: true}))"""


def run() -> dict[str, Any]:
    """Measure on both databases: milliseconds for each page, and until something is painted."""
    found: dict[str, Any] = {}
    for name, url in both():
        token = _fill(url)
        with server("ours", url) as port:
            address = f"http://127.0.0.1:{port}"
            found[name] = {"server_ms": _ask(address, token), "paint_ms": _paint(address, token)}
    return found


def report(found: dict[str, Any]) -> list[str]:
    """The measurements as lines for people."""
    lines = [f"The page of the tools, {TOOLS:,} of them"]
    for name, r in found.items():
        lines += [
            f"  {name:10}  {page:18} median {ms['median']:5.0f} ms, slowest {ms['slowest']:5.0f} ms"
            for page, ms in r["server_ms"].items()
        ]
        lines.append(f"  {name:10}  first paint in a browser: median {r['paint_ms']:.0f} ms")
    return lines


def holds(found: dict[str, Any]) -> bool:
    """Whether the goals were met."""
    return all(
        r["paint_ms"] < GOAL_PAINT_MS and all(ms["median"] < GOAL_SERVER_MS for ms in r["server_ms"].values())
        for r in found.values()
    )


def _ask(address: str, token: str) -> dict[str, dict[str, float]]:
    # The server says its port a moment before it listens there.
    with httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=8)) as client:
        client.post("/login", data={"token": token})
        found = {}
        for name, path in PAGES.items():
            took = []
            for _ in range(TIMES + 1):
                began = time.perf_counter()
                answer = client.get(path)
                took.append((time.perf_counter() - began) * 1000)
                if answer.status_code != 200:
                    raise RuntimeError(f"{path}: {answer.status_code}")
            found[name] = {"median": statistics.median(took[1:]), "slowest": max(took[1:]), "first": took[0]}
        return found


def _paint(address: str, token: str) -> float:
    took = []
    with sync_playwright() as playwright:
        browser = browsing.launch(playwright)
        for _ in range(PAINTS):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            browsing.log_in(page, address, token)
            page.goto(f"{address}/tools")
            took.append(page.evaluate(_PAINT))
            context.close()
        browser.close()
    return statistics.median(took)


def _fill(url: str) -> str:
    """Tools of all kinds; gives a token of somebody in marketing, who owns some of them."""
    engine = make_engine(url)
    now = datetime.now(UTC)
    with writing(engine) as connection:
        source = okta_source(connection, now)
        kinds = itertools.cycle(sorted(default_knowledge_base().categories))
        rows = [_tool(n, next(kinds), now) for n in range(TOOLS)]
        for start in range(0, TOOLS, 2_000):
            upsert(connection, tools, rows[start : start + 2_000], key=("key",))
        ids = list(connection.scalars(sa.select(tools.c.id).order_by(tools.c.id)))
        seen = [{"tool_id": i, "source_id": source} for i in ids]
        upsert(connection, tool_sources, seen, key=("tool_id", "source_id"))
        teams = [
            {"tool_id": i, "department": f"Team {(i + more) % 60}", "people": 3}
            for i in ids
            for more in (0, 7)
        ]
        upsert(connection, tool_departments, teams, key=("tool_id", "department"))
        wanted = UserIn(email="mara@acme.example", name="Mara", roles=[Role.MARKETING])
        user = users.create_user(connection, wanted, actor="bench", now=now).id
        _, token = create_token(connection, "bench", Role.MARKETING, user_id=user, actor="bench")
        held = ids[:OWNED]
        until = now + timedelta(days=90)
        upsert(
            connection,
            ownerships,
            [
                {
                    "tool_id": i,
                    "version": 1,
                    "owner_user_id": user,
                    "attest_by": until,
                    "contested": False,
                }
                for i in held
            ],
            key=("tool_id",),
        )
        upsert(
            connection,
            ownership_people,
            [{"tool_id": i, "user_id": user, "part": "owner"} for i in held],
            key=("tool_id", "user_id", "part"),
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return token


def _tool(n: int, category: str, now: datetime) -> dict[str, Any]:
    audience = ("marketing", "marketing", "other", "unsure")[n % 4]
    governance = ("unreviewed", "unreviewed", "in_review", "sanctioned", "retiring", "dismissed")[n % 6]
    flagged = audience == "marketing" and governance == "unreviewed"
    return {
        "key": f"unknown:name:tool{n}",
        "name": f"Tool {n}",
        "sort_name": f"tool {n}",
        "vendor": f"Vendor {n}",
        "domain": f"tool{n}.example",
        "category": category,
        "identity": ("identified", "unidentified")[n % 5 == 0],
        "evidence": ("active", "active", "dormant", "gone")[n % 7 % 4],
        "governance": governance,
        "ownership": "owned" if n < OWNED else ("unowned", "lapsed")[n % 11 == 0],
        "audience": audience,
        "audience_reasons": ["because"],
        "managed": n % 9 == 0,
        "managed_reasons": [],
        "shadow": n % 9 != 0,
        "shadow_reasons": ["in use"],
        "flagged": flagged,
        "flagged_reasons": ["marketing"] if flagged else [],
        "flagged_at": now,
        "on_it_list": False,
        "people": (n * 7919) % 500,
        "people_gone": 0,
        "grant_grade": ("high", "medium", "low", None)[n * 31 % 4],
        "spend_minor": n * 100,
        "spend_currency": "EUR",
        "spend": {"EUR": n * 100},
        "departments": [{"department": "Team", "people": 3}],
        "sources": ["okta"],
        "first_seen": now - timedelta(days=n % 300),
        "last_seen": now - timedelta(hours=n % 99),
        "search": f"tool {n} vendor {n} tool{n}.example",
        "version": 1,
        "updated_at": now,
    }
