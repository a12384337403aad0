"""Every page of a company with 20,000 tools, in a real browser: how quick it is, and how light.

The pages are those that the routers of `app.web` have, each address with ids that the database holds, and the
tabs that they lead to. A person of IT and one of marketing open each (an administrator what neither may see);
the server is a process of its own. `server` is from sending a request to the whole answer; `paint` is
Chromium's own first-contentful-paint; `kB` and `requests` count everything that the page asks for in a window
that has nothing cached, uncompressed.
"""

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import sqlalchemy as sa
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, Request, sync_playwright
from sqlalchemy.engine import Connection

from app import models
from app.db import make_engine, reading
from app.notify.channels import KINDS
from app.security.schemas import Role
from app.web.rooms import ROUTERS
from tests.bench import company
from tests.bench.databases import both
from tests.bench.tools_page import server
from tests.support import browsing

TIMES = 3
GOAL_PAINT_MS = 1000.0
SEEN_BY = (Role.IT, Role.MARKETING)
_PAINT = """() => new Promise(done => new PerformanceObserver(list => {
    const found = list.getEntries().find(each => each.name === 'first-contentful-paint')
    if (found) done(found.startTime)
}).observe({type: 'paint', buffered: true}))"""
_TABS = re.compile(r'<nav class="tabs"[^>]*>(.*?)</nav>', re.DOTALL)
_LINK = re.compile(r'href="([^"#]+)"')


@dataclass(frozen=True)
class Seen:
    """One page as one person saw it."""

    address: str
    role: str
    server_ms: float
    paint_ms: float
    bytes: int
    requests: int

    @property
    def holds(self) -> bool:
        """Whether it is as quick and as light as every page must be."""
        return (
            self.paint_ms < GOAL_PAINT_MS
            and self.bytes < browsing.HEAVIEST
            and self.requests <= browsing.MOST_REQUESTS
        )


def run() -> dict[str, Any]:
    """Look at every page on both databases."""
    found: dict[str, Any] = {}
    for name, url in both():
        engine = make_engine(url)
        tokens = company.fill(engine, datetime.now(UTC))
        with reading(engine) as connection:
            addresses = list(_addresses(connection))
        engine.dispose()
        found[name] = look(url, addresses, tokens)
    return found


def look(url: str, addresses: list[str], tokens: dict[Role, str]) -> list[dict[str, Any]]:
    """Serve a database, and open the pages of some addresses and their tabs as each of some people."""
    with server("ours", url) as port, sync_playwright() as playwright:
        address = f"http://127.0.0.1:{port}"
        browser = browsing.launch(playwright)
        visitors = {role: _Visitor(browser, address, role, token) for role, token in tokens.items()}
        seen = [
            one
            for path in [*addresses, *_tabs(visitors[Role.ADMIN], addresses)]
            for one in _seen(path, visitors)
        ]
        browser.close()
    return [{**vars(one), "holds": one.holds} for one in seen]


def report(found: dict[str, Any]) -> list[str]:
    """The measurements as lines for people."""
    lines = [f"Every page, {company.TOOLS:,} tools, {company.GRANTS:,} grants, {company.PEOPLE:,} people"]
    for name, rows in found.items():
        lines.append(f"  {name:52} {'as':10} {'server':>8} {'paint':>8} {'kB':>5} {'requests':>8}")
        lines += [
            f"  {row['address'][:52]:52} {row['role']:10} {row['server_ms']:5.0f} ms"
            f" {row['paint_ms']:5.0f} ms {row['bytes'] / 1000:5.0f} {row['requests']:8}"
            f"{'' if row['holds'] else '  OVER'}"
            for row in rows
        ]
    return lines


def holds(found: dict[str, Any]) -> bool:
    """Whether the goals were met."""
    return all(row["holds"] for rows in found.values() for row in rows)


# --- which pages there are ---------------------------------------------------------------------


def _addresses(connection: Connection) -> Iterator[str]:
    """The addresses that the routers of the pages answer to GET, with something that is there for each id."""
    values = _values(connection)
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    for path in dict.fromkeys(route.path for route in routes if "GET" in (route.methods or ())):
        yield re.sub(r"\{(\w+)\}", lambda mark, path=path: _value(values, path, mark[1]), path)


def _value(values: dict[str, str], path: str, name: str) -> str:
    """What stands for a parameter: as for this address, else as for all.

    Raises:
        LookupError: nobody said what is there; say it in `_values`.
    """
    for key in (f"{path} {name}", name):
        if key in values:
            return quote(values[key], safe="")
    raise LookupError(f"{path}: no value is known for {name}")


def _values(connection: Connection) -> dict[str, str]:
    """Something with much behind it for each parameter of an address."""

    def one(query: sa.Select[Any]) -> str:
        return str(connection.scalars(query.limit(1)).one())

    m = models
    grants = m.grants.join(m.apps, m.apps.c.id == m.grants.c.app_id)
    most = sa.func.count().desc()
    merged = sa.select(m.teachings.c.id).where(m.teachings.c.verb == "merge")
    return {
        "tool_id": one(
            sa.select(m.apps.c.tool_id).select_from(grants).group_by(m.apps.c.tool_id).order_by(most)
        ),
        "/tools/{tool_id}/review tool_id": one(
            sa.select(m.tools.c.id).where(m.tools.c.flagged).order_by(m.tools.c.people.desc())
        ),
        "/tools/{tool_id}/undo/{teaching_id} tool_id": one(
            sa.select(m.teachings.c.to_tool_id).where(m.teachings.c.verb == "merge")
        ),
        "teaching_id": one(merged),
        "person_id": one(
            sa.select(m.accounts.c.person_id)
            .join_from(m.grants, m.accounts, m.accounts.c.id == m.grants.c.account_id)
            .group_by(m.accounts.c.person_id)
            .order_by(most)
        ),
        "request_id": one(sa.select(m.requests.c.id)),
        "review_id": one(
            sa.select(m.reviews.c.id).where(m.reviews.c.state == "open").order_by(m.reviews.c.version.desc())
        ),
        "/reviews/{review_id}/record review_id": one(
            sa.select(m.reviews.c.id)
            .where(m.reviews.c.state == "decided")
            .order_by(m.reviews.c.version.desc())
        ),
        "source_id": one(sa.select(m.sources.c.id)),
        "scan_id": one(sa.select(m.scans.c.id).order_by(m.scans.c.skipped.desc())),
        "user_id": one(sa.select(m.users.c.id)),
        "channel_id": one(sa.select(m.channels.c.id)),
        "contract_id": one(sa.select(m.contracts.c.id)),
        "category": one(
            sa.select(m.tools.c.category)
            .where(m.tools.c.category.is_not(None), m.tools.c.evidence == "active", m.tools.c.listed)
            .group_by(m.tools.c.category)
            .order_by(most)
        ),
        "version": "0",
        "area": "reviews",
        "kind": max(KINDS, key=len),
        "name": "google_workspace",
    }


def _tabs(visitor: "_Visitor", addresses: list[str]) -> list[str]:
    """The addresses behind the tabs of some pages, as far as they are not among them."""
    found: dict[str, None] = {}
    for address in addresses:
        answer = visitor.client.get(address)
        for tabs in _TABS.findall(answer.text if answer.status_code == 200 else ""):
            for link in _LINK.findall(tabs):
                found[str(httpx.URL(address).join(link.replace("&amp;", "&")))] = None
    return [address for address in found if address not in addresses]


# --- looking -----------------------------------------------------------------------------------


class _Visitor:
    """Somebody who is logged in, with a browser and without."""

    def __init__(self, browser: Browser, address: str, role: Role, token: str) -> None:
        self.role = role
        self._browser = browser
        self._address = address
        # The server says its port a moment before it listens there.
        self.client = httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=8), timeout=60)
        self.client.post("/login", data={"token": token})
        with self._window() as page:
            browsing.log_in(page, address, token)
            self._state = page.context.storage_state()
            page.goto(f"{address}/account")  # the first page of all costs a browser more than any other

    @contextmanager
    def _window(self, **more: Any) -> Iterator[Page]:
        context = self._browser.new_context(viewport={"width": 1280, "height": 900}, **more)
        yield context.new_page()
        context.close()

    def asked(self, path: str) -> tuple[httpx.Response, float]:
        """The answer to a request, and how many milliseconds it took."""
        began = time.perf_counter()
        answer = self.client.get(path)
        return answer, (time.perf_counter() - began) * 1000

    def opened(self, path: str) -> tuple[float, int, int]:
        """Until a page is painted, in milliseconds; how many bytes it asks for, and how often."""
        asked: list[Request] = []
        with self._window(storage_state=self._state) as page:
            page.on("request", lambda request: asked.append(request))
            page.goto(self._address + path, wait_until="networkidle", timeout=60_000)
            painted = page.evaluate(_PAINT)
            answers = [answer for request in asked if (answer := request.response()) is not None]
            return painted, sum(len(answer.body()) for answer in answers), len(asked)


def _seen(path: str, visitors: dict[Role, _Visitor]) -> Iterator[Seen]:
    """A page as each person sees it who may; nothing for an address that is no page, such as a file."""
    first = {role: visitors[role].asked(path)[0] for role in visitors}
    if any(answer.status_code >= 500 for answer in first.values()):
        raise RuntimeError(f"{path}: {[answer.status_code for answer in first.values()]}")
    whole = [
        role
        for role, answer in first.items()
        if answer.status_code == 200
        and answer.headers["content-type"].startswith("text/html")
        and "</html>" in answer.text
    ]
    for role in [role for role in whole if role in SEEN_BY] or whole[:1]:
        took = statistics.median(visitors[role].asked(path)[1] for _ in range(TIMES))
        looks = [visitors[role].opened(path) for _ in range(TIMES)]
        paint = statistics.median(look[0] for look in looks)
        yield Seen(path, role.value, took, paint, looks[0][1], looks[0][2])
