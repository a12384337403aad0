"""What every command needs: settings, the database, the knowledge base, and how errors are told."""

import getpass
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NoReturn, TypeVar

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app import logs
from app.api.schemas import Listing
from app.catalog.assess import assess
from app.db import make_engine, upgrade
from app.errors import PenumbraError
from app.identify import KnowledgeBase, default_knowledge_base
from app.scans.runner import Progress, Runner
from app.security import audit
from app.security.privacy import Veil
from app.security.secrets import SecretBox
from app.security.veils import Veils
from app.settings import Settings
from app.sources import service as sources
from connectors.base import Connector, Context

T = TypeVar("T")

# A pipe or a file has no width: lines are not broken there.
_WIDE = 230
out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _WIDE)


@dataclass(frozen=True)
class Home:
    """This installation, as a command finds it."""

    settings: Settings
    engine: Engine

    @cached_property
    def kb(self) -> KnowledgeBase:
        """The knowledge base, loaded on first use."""
        return default_knowledge_base()

    @cached_property
    def secrets(self) -> SecretBox:
        """The box that opens sealed secrets."""
        return SecretBox.from_settings(self.settings)

    @cached_property
    def veils(self) -> Veils:
        """What of people is shown to whom."""
        return Veils(self.settings, self.secrets)

    def veil(self, connection: Connection) -> Veil:
        """What of people a command shows: who runs it has no role, and sees what readers see."""
        return self.veils.of_nobody(connection)

    def reassess(self, connection: Connection, tool_ids: Sequence[int], now: datetime) -> int:
        """Work out the facts of some tools again."""
        return assess(connection, self.kb, tool_ids, now)

    @property
    def actor(self) -> str:
        """Who acts, for the audit trail."""
        return f"cli:{getpass.getuser()}"

    def load_connector(self, connection: Connection, source_id: int) -> Connector[Any]:
        """The connector of a stored source."""
        row = sources.get_source(connection, source_id)
        return sources.load_connector(row, Context(), self.secrets)

    def runner(self, on_progress: Callable[[Progress], None] | None = None) -> Runner:
        """A scan runner over this installation."""
        return Runner(
            self.engine,
            self.kb,
            self.load_connector,
            lease=timedelta(seconds=self.settings.lease_seconds),
            on_progress=on_progress,
        )


@contextmanager
def home(*, migrate: bool = True) -> Iterator[Home]:
    """Open this installation for a command; errors become one clear line and exit status 2."""
    logs.configure(level=logging.WARNING)
    engine = None
    try:
        settings = Settings()
        url = settings.url
        # The embedded database brings itself up to date; a shared one is migrated on purpose.
        if migrate and url.startswith("sqlite"):
            upgrade(url)
        engine = make_engine(url)
        audit.origin.set("command line")
        yield Home(settings, engine)
    except PenumbraError as error:
        fail(str(error), [f"{f.field}: {f.message}" for f in error.fields])
    except ValidationError as error:
        fail(
            "A setting is wrong:",
            [f"PENUMBRA_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()],
        )
    except DBAPIError as error:
        fail(
            f"The database cannot be used: {str(error.orig).splitlines()[0]}",
            ["Check PENUMBRA_DATABASE_URL, and run: penumbra db upgrade"],
        )
    finally:
        if engine is not None:
            engine.dispose()


def all_items(page: Callable[[str | None], Listing[T]]) -> Iterator[T]:
    """All items of a list, page by page; `page` gives the one after a cursor."""
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found.items
        cursor = found.next
        if cursor is None:
            return


def fail(message: str, details: list[str] | None = None, status: int = 2) -> NoReturn:
    """Say what is wrong and what to do, and end with `status`."""
    err.print(f"penumbra: {message}", markup=False)
    for line in details or []:
        err.print(f"  {line}", markup=False)
    raise typer.Exit(status)


def print_json(value: Any) -> None:
    """Write a value as JSON to standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")
