"""What the Entra tests share: one client, one clock, and a way to read some streams."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.base import Context, Cursor, Page
from connectors.conformance import Patience
from connectors.entra.connector import EntraConfig, EntraConnector
from connectors.entra.simulator import EntraSimulator, EntraWorld, sample_world
from connectors.entra.simulator_world import TENANT
from connectors.observations import Observation
from connectors.simulation import App, serve

T = TypeVar("T")
O = TypeVar("O", bound=Observation)  # noqa: E741
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CLIENT = "0c11e470-0000-4000-8000-000000000001"
SECRET = "s3cr3t~of~penumbra~in~entra"


def config_for(url: str, **more: Any) -> dict[str, Any]:
    given = {"base_url": url, "token_url": url, "tenant_id": TENANT, "client_id": CLIENT}
    return {**given, "client_secret": SECRET, "first_days": 1, **more}


def simulator(world: EntraWorld | None = None, **more: Any) -> EntraSimulator:
    return EntraSimulator(world or sample_world(NOW), client_id=CLIENT, client_secret=SECRET, **more)


def use(
    sim: EntraSimulator,
    work: Callable[[EntraConnector], Awaitable[T]],
    *,
    now: datetime = NOW,
    patience: Patience | None = None,
    app: App | None = None,
    **config: Any,
) -> T:
    """Run some work with a connector to a served simulator (or to an app around it)."""

    async def run() -> T:
        p = patience or Patience()
        context = Context(now=lambda: now, sleep=p.sleep, monotonic=p.monotonic)
        with serve(app or sim.app) as url:
            given = EntraConfig.model_validate(config_for(url, **config))
            async with EntraConnector(given, context) as connector:
                return await work(connector)  # type: ignore[arg-type]

    return asyncio.run(run())


def read(sim: EntraSimulator, name: str, cursor: Cursor | None = None, **more: Any) -> list[Page]:
    """All pages of one stream."""

    async def work(connector: EntraConnector) -> list[Page]:
        stream = next(s for s in connector.streams() if s.name == name)
        return [page async for page in stream.pages(cursor)]

    return use(sim, work, **more)


def seen(pages: list[Page], kind: type[O]) -> list[O]:
    """The observations of one kind on some pages."""
    return [o for page in pages for o in page.observations if isinstance(o, kind)]


def targets(sim: EntraSimulator, part: str) -> list[str]:
    """The requests whose path and query contain a text."""
    return [r.target for r in sim.app.requests if part in r.target]
