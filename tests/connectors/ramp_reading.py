"""What the Ramp tests share: a fixed day, a simulator without a network, and ways to read it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from connectors.base import Context, Cursor
from connectors.conformance import Pages, Patience, observations, read_all
from connectors.observations import ExpenseSeen
from connectors.ramp import sample
from connectors.ramp.connector import RampConfig, RampConnector
from connectors.ramp.simulator import RampSimulator, RampWorld

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
EMPTY = RampWorld(business_id=sample.BUSINESS)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def simulate(world: RampWorld, **options: Any) -> RampSimulator:
    return RampSimulator(world, client_id="id", client_secret="s3cret", **options)


def connect(
    simulator: RampSimulator, *, now: datetime = NOW, patience: Patience | None = None, **config: Any
) -> RampConnector:
    patience = patience or Patience()
    context = Context(
        now=lambda: now,
        sleep=patience.sleep,
        monotonic=patience.monotonic,
        transport=httpx.ASGITransport(simulator.app),
    )
    given = {**simulator.config("http://127.0.0.1"), **config}
    return RampConnector(RampConfig.model_validate(given), context)


async def read(simulator: RampSimulator, cursors: dict[str, Cursor] | None = None, **options: Any) -> Pages:
    async with connect(simulator, **options) as connector:
        return await read_all(connector, cursors)


def last_cursors(pages: Pages) -> dict[str, Cursor]:
    return {name: stream[-1].cursor for name, stream in pages.items() if name not in {"people", "vendors"}}


def expenses(pages: Pages) -> dict[str, ExpenseSeen]:
    return {o.ref: o for o in observations(pages) if isinstance(o, ExpenseSeen)}


async def charge(amount: float | None = 10.0, **changes: Any) -> ExpenseSeen:
    """What becomes of one card charge."""
    world = replace(EMPTY, transactions=[sample.transaction("t", ago(5), amount, **changes)])
    pages = await read(simulate(world))
    assert not [s for page in pages["transactions"] for s in page.skipped]
    return expenses(pages)["t"]


async def skipped(**lists: Any) -> list[str]:
    pages = await read(simulate(replace(EMPTY, **lists)))
    return [s.reason for stream in pages.values() for page in stream for s in page.skipped]


def asked(simulator: RampSimulator, path: str) -> list[dict[str, str]]:
    """The query of every request for a list."""
    parts = [urlsplit(r.target) for r in simulator.app.requests]
    return [
        {k: v[0] for k, v in parse_qs(p.query).items()} for p in parts if p.path == f"/developer/v1/{path}"
    ]
