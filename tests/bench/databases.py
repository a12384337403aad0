"""A database of each kind, for what is measured on both."""

import tempfile
from collections.abc import Iterator

from app.db import upgrade
from tests.support import postgres


def both() -> Iterator[tuple[str, str]]:
    """Name and address of a SQLite file and of a PostgreSQL database, with all tables and no rows."""
    with tempfile.TemporaryDirectory() as folder, postgres.running() as database:
        url = f"sqlite:///{folder}/bench.sqlite3"
        upgrade(url)
        yield "sqlite", url
        yield "postgresql", database.database()
