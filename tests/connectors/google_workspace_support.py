"""Shared by the Google Workspace tests: a simulator and connectors to it, without sockets."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from connectors.base import Context, Cursor, Page
from connectors.conformance import Patience
from connectors.google_workspace.connector import GoogleWorkspaceConnector
from connectors.google_workspace.sample import ADMIN, GMAIL, MAILBOT, activity, consent, sample_world, user
from connectors.google_workspace.simulator import (
    GoogleWorkspaceSimulator,
    GoogleWorld,
    make_service_account,
)
from connectors.observations import ConsentEvent, Observation

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ORIGIN = "http://127.0.0.1"


class Google:
    """A simulated Google at a moment that tests move, and connectors that read it."""

    def __init__(self, world: GoogleWorld | None = None, **simulator: Any) -> None:
        key = make_service_account()
        self.now = NOW
        self.world = world or sample_world(NOW)
        self.simulator = GoogleWorkspaceSimulator(
            self.world,
            service_account_email=key.email,
            public_key_pem=key.public_key_pem,
            now=lambda: self.now,
            **simulator,
        )
        self.patience = Patience()

    @property
    def targets(self) -> list[str]:
        """`path?query` of every request so far."""
        return [request.target for request in self.simulator.app.requests]

    def config(self, **more: Any) -> dict[str, Any]:
        return {
            "base_url": ORIGIN,
            "token_url": f"{ORIGIN}/token",
            "service_account": make_service_account().key_file,
            "admin_email": ADMIN,
            "first_days": 30,
            **more,
        }

    @contextlib.asynccontextmanager
    async def connector(self, **config: Any) -> AsyncIterator[GoogleWorkspaceConnector]:
        context = Context(
            now=lambda: self.now,
            sleep=self.patience.sleep,
            monotonic=self.patience.monotonic,
            transport=httpx.ASGITransport(app=self.simulator.app),
        )
        made = GoogleWorkspaceConnector.Config.model_validate(self.config(**config))
        async with GoogleWorkspaceConnector(made, context) as connector:  # type: ignore[arg-type]
            yield connector  # type: ignore[misc]

    async def read(self, stream: str, cursor: Cursor | None = None, **config: Any) -> list[Page]:
        """Read one stream to its end with a connector that remembers nothing."""
        async with self.connector(**config) as connector:
            found = next(s for s in connector.streams() if s.name == stream)
            return [page async for page in found.pages(cursor)]

    async def seen(self, stream: str, **config: Any) -> list[Observation]:
        return every(await self.read(stream, **config))


def every(pages: list[Page]) -> list[Observation]:
    """The observations of pages, in order."""
    return [o for page in pages for o in page.observations]


def only(kind: type[Any], observations: list[Observation]) -> list[Any]:
    """The observations of one kind."""
    return [o for o in observations if isinstance(o, kind)]


WATCHER = user(1, "It Admin", isDelegatedAdmin=True)
MARIA = user(2, "Maria Silva")


def google(application: str = "token", *activities: dict[str, Any], **simulator: Any) -> Google:
    """A Google with two people and the given activities in one log."""
    world = GoogleWorld("C1", [WATCHER, MARIA], {}, {application: list(activities)})
    return Google(world, **simulator)


def authorize(ago: timedelta, *events: dict[str, Any]) -> dict[str, Any]:
    return activity("token", NOW - ago, MARIA, *(events or [consent("authorize", MAILBOT, "MailBot", GMAIL)]))


def windows(found: Google, event: str | None = None) -> list[tuple[str, str]]:
    """The windows asked for, in the order of the requests."""
    queries = [parse_qs(urlsplit(t).query) for t in found.targets if "/applications/" in t]
    return [
        (q["startTime"][0], q["endTime"][0])
        for q in queries
        if event is None or q.get("eventName") == [event]
    ]


def consents(pages: list) -> list[ConsentEvent]:
    return only(ConsentEvent, every(pages))
