"""A connector that says what a test tells it to: for what the engine makes of pages."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.models import sources
from connectors.base import (
    Budget,
    CheckReport,
    Connector,
    ConnectorConfig,
    Cursor,
    Manifest,
    Mode,
    Page,
    Signal,
    Stream,
)
from tests.support.scanning import Clock, Scanner


class NoConfig(ConnectorConfig):
    pass


@dataclass
class Script:
    """What the next scan will see: pages of observations by stream, or the error in place of one."""

    modes: dict[str, Mode]
    pages: dict[str, list[Any]] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    signals: dict[str, Signal] = field(default_factory=dict)
    repeats: timedelta = timedelta(hours=1)


class ScriptedConnector(Connector[NoConfig]):
    Config = NoConfig
    manifest = Manifest(
        name="okta",
        title="Scripted",
        summary="Says what a test tells it to.",
        signals=(Signal.APPS,),
        permissions=(),
        lag=timedelta(0),
        budgets={"default": Budget(1, 1)},
        documentation=(),
    )
    script: Script

    async def check(self) -> CheckReport:
        return CheckReport(account="scripted")

    def streams(self) -> Sequence[Stream]:
        return [
            Stream(
                name,
                self.script.signals.get(name, Signal.APPS),
                mode,
                self._reader(name, mode),
                repeats=self.script.repeats,
                optional=name in self.script.optional,
            )
            for name, mode in self.script.modes.items()
        ]

    def _reader(self, name: str, mode: Mode) -> Any:
        async def pages(cursor: Cursor | None) -> AsyncIterator[Page]:
            listed = self.script.pages.get(name) or [[]]
            read = cursor["page"] if cursor and mode is Mode.SNAPSHOT else 0
            if read == len(listed):
                yield Page([], {"page": read}, last=True)
            for number, observations in enumerate(listed[read:], read + 1):
                if isinstance(observations, Exception):
                    raise observations
                yield Page(observations, {"page": number}, last=number == len(listed))

        return pages


def scripted(
    engine: Engine, name: str = "corp", *, connector: str = "okta", clock: Clock | None = None, **modes: Mode
) -> tuple[Scanner, Script]:
    """A scanner over a script whose streams are given by name, and the script to fill."""
    script = Script(modes)
    kind = type("Scripted", (ScriptedConnector,), {"script": script})
    scanner = Scanner(engine, kind, dict, name=name, clock=clock)
    if connector != "okta":
        with engine.begin() as connection:
            connection.execute(
                sa.update(sources).where(sources.c.id == scanner.source_id).values(connector=connector)
            )
    return scanner, script
