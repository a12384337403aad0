"""Reading files in tests: write some, read them, look at what came out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Context, Cursor, Page, SkippedRecord
from connectors.files.connector import FilesConnector
from connectors.observations import ExpenseSeen, PersonSeen

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONTEXT = Context(now=lambda: NOW)


@dataclass
class Read:
    """What a scan of some files gave."""

    expenses: list[ExpenseSeen] = field(default_factory=list)
    people: list[PersonSeen] = field(default_factory=list)
    skipped: list[SkippedRecord] = field(default_factory=list)
    ignored: int = 0
    pages: list[Page] = field(default_factory=list)

    @property
    def by_ref(self) -> dict[str, ExpenseSeen]:
        """As a store that upserts would have it."""
        return {e.ref: e for e in self.expenses}

    @property
    def only(self) -> ExpenseSeen:
        assert len(self.expenses) == 1, self
        return self.expenses[0]


def connector(path: Path, page_rows: int = 1000, **config: Any) -> FilesConnector:
    given = {"path": str(path), "account": "Corporate card", "currency": "USD", **config}
    kind = type("SmallPages", (FilesConnector,), {"page_rows": page_rows})
    return kind(FilesConnector.Config.model_validate(given), CONTEXT)


async def pages_of(reader: FilesConnector, cursor: Cursor | None = None) -> list[Page]:
    (stream,) = reader.streams()
    return [page async for page in stream.pages(cursor)]


def gather(pages: Sequence[Page]) -> Read:
    read = Read(pages=list(pages))
    for page in pages:
        read.expenses += [o for o in page.observations if isinstance(o, ExpenseSeen)]
        read.people += [o for o in page.observations if isinstance(o, PersonSeen)]
        read.skipped += page.skipped
        read.ignored += page.ignored
    return read


def read(path: Path, cursor: Cursor | None = None, page_rows: int = 1000, **config: Any) -> Read:
    return gather(asyncio.run(pages_of(connector(path, page_rows, **config), cursor)))


def read_text(folder: Path, text: str | bytes, name: str = "statement.csv", **config: Any) -> Read:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, **config)
