"""Running scans in tests: a source row, a runner, and a simulator over real HTTP."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.identify import default_knowledge_base
from app.models import scans, sources
from app.scans.runner import Progress, Runner
from app.scans.service import request_scan
from app.security.secrets import SecretBox
from app.settings import Settings
from app.sources import service
from connectors.base import Connector, Context
from connectors.conformance import Patience

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that tests move."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class Scanner:
    """Scans one source of one connector, as often as a test likes."""

    def __init__(
        self,
        engine: Engine,
        connector: type[Connector[Any]],
        config: Callable[[], dict[str, Any]],
        *,
        name: str = "corp",
        clock: Clock | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock or Clock()
        self.patience = Patience()
        self._connector = connector
        self._config = config
        with writing(engine) as connection:
            made = connection.execute(
                sa.insert(sources).values(
                    name=name,
                    connector=connector.manifest.name,
                    account=name,
                    config={},
                    secrets=b"",
                    schedule_minutes=60,
                    enabled=True,
                    created_at=self.clock(),
                    updated_at=self.clock(),
                )
            )
            assert made.inserted_primary_key is not None
            self.source_id: int = made.inserted_primary_key[0]
        self.runner = Runner(
            engine, default_knowledge_base(), self._load, clock=self.clock, lease=timedelta(minutes=5)
        )

    def _load(self, _connection: Any, _source_id: int) -> Connector[Any]:
        config = self._connector.Config.model_validate(self._config())
        context = Context(now=self.clock, sleep=self.patience.sleep, monotonic=self.patience.monotonic)
        return self._connector(config, context)

    def scan(self) -> dict[str, Any]:
        """Run one scan; gives its row."""
        with writing(self.engine) as connection:
            id_ = request_scan(connection, self.source_id, "hand", self.clock())
        taken = self.runner.claim(id_)
        assert taken is not None
        asyncio.run(self.runner.run(taken))
        with reading(self.engine) as connection:
            return dict(connection.execute(sa.select(scans).where(scans.c.id == id_)).mappings().one())

    def source(self) -> dict[str, Any]:
        """The source's row."""
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(sources).where(sources.c.id == self.source_id))
            return dict(row.mappings().one())

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        with reading(self.engine) as connection:
            return [dict(r) for r in connection.execute(sa.select(table)).mappings()]


@contextmanager
def being_read(engine: Engine, *, clock: Callable[[], datetime] = lambda: NOW) -> Iterator[threading.Event]:
    """Run what is queued in a thread, as `penumbra serve` would; after three pages it waits for the event.

    Args:
        engine: a database in a file, whose folder holds the key of its secrets.
        clock: tells the time.
    """
    assert engine.url.database is not None
    box = SecretBox.from_settings(Settings(data_dir=Path(engine.url.database).parent))
    on = threading.Event()

    def load(_connection: object, source_id: int) -> Connector[Any]:
        with reading(engine) as own:
            return service.load_connector(service.get_source(own, source_id), Context(now=clock), box)

    def wait(progress: Progress) -> None:
        if progress.pages == 3:
            on.wait(60)

    runner = Runner(engine, default_knowledge_base(), load, clock=clock, on_progress=wait)
    scan = runner.claim()
    assert scan is not None
    thread = threading.Thread(target=lambda: asyncio.run(runner.run(scan)), daemon=True)
    thread.start()
    try:
        yield on
    finally:
        on.set()
        thread.join(60)
        assert not thread.is_alive()
