"""Engines for tests that are made and thrown away: what production pays once, they pay once a process.

An engine keeps each statement that it put together for the next time. Hundreds of tests have an engine of
their own, and putting together took a sixth of their time; here all engines of a kind keep them together, as
the one engine of a running service does. And none waits for the disk, as the tests' PostgreSQL does not: no
test takes the power away. Processes of their own, such as those that are killed, work as in production.
"""

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import db

_MOST = 5_000
"""Statements of a kind; then all are forgotten, as schemas and searches make up ever new ones."""


class _Statements(dict[Any, Any]):
    """Statements as SQL by what they are, whichever engine's dialect (the first of the key) asks for them."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) >= _MOST:
            self.clear()
        super().__setitem__(key[1:], value)


@contextlib.contextmanager
def quick() -> Iterator[None]:
    """Have every engine that is made in this process share its statements, and wait for no disk."""
    create, prepare = sa.create_engine, db._prepare_sqlite
    kept: defaultdict[str, _Statements] = defaultdict(_Statements)

    def create_sharing(*about: Any, **more: Any) -> Engine:
        engine = create(*about, **more)
        engine.update_execution_options(compiled_cache=kept[engine.dialect.name])
        return engine

    def prepare_unsafe(connection: Any, record: Any) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF").close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa, "create_engine", create_sharing)
        patch.setattr(db, "_prepare_sqlite", prepare_unsafe)
        patch.setattr(os, "fsync", lambda _file: None)
        yield
