"""What fills a fresh database is done once a process and kind of database; after that its rows are copied."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar, cast

import psycopg
from psycopg import sql
from sqlalchemy.engine import Engine

T = TypeVar("T")
_Rows = dict[str, bytes]
_Kept = tuple[sqlite3.Connection, object] | tuple[tuple[_Rows, list[tuple[str, int | None]]], object]

_kept: dict[tuple[str, str], _Kept] = {}


def filled(engine: Engine, what: str, fill: Callable[[], T]) -> T:
    """Fill a fresh database, or copy into it the rows of the one that was filled first.

    Args:
        engine: a database of its own, with all tables and no rows but those of the migrations.
        what: names the filling: the same name must always mean the same rows.
        fill: writes them, and gives what else is to be known of them: ids and texts, nothing that hangs
            on its database.
    """
    key = (what, engine.dialect.name)
    raw = engine.raw_connection()
    try:
        driver = raw.driver_connection
        if key not in _kept:
            result = fill()
            if isinstance(driver, sqlite3.Connection):
                page_copy = sqlite3.connect(":memory:", check_same_thread=False)
                driver.backup(page_copy)
                _kept[key] = (page_copy, result)
            else:
                _kept[key] = (_taken(cast("psycopg.Connection", driver)), result)
            return result
        kept, result = _kept[key]
        if isinstance(kept, sqlite3.Connection):
            kept.backup(cast("sqlite3.Connection", driver))
        else:
            _given(cast("psycopg.Connection", driver), *kept)
            raw.commit()
        return cast("T", result)
    finally:
        raw.close()


def _taken(connection: psycopg.Connection) -> tuple[_Rows, list[tuple[str, int | None]]]:
    """The rows of each table, and how far each sequence has come."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    rows: _Rows = {}
    for (table,) in connection.execute(query).fetchall():
        copying = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
        empty = sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
        if connection.execute(empty).fetchone() == (True,):
            continue
        with connection.cursor() as cursor, cursor.copy(copying) as copy:
            rows[table] = b"".join(copy)
    reached = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
    return rows, reached


def _given(connection: psycopg.Connection, rows: _Rows, reached: list[tuple[str, int | None]]) -> None:
    # Without triggers: neither foreign keys nor what keeps logs append-only stand in the way.
    connection.execute("SET LOCAL session_replication_role = replica")
    for table, content in rows.items():
        name = sql.Identifier(table)
        connection.execute(sql.SQL("DELETE FROM {}").format(name))
        copying = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)
        with connection.cursor() as cursor, cursor.copy(copying) as copy:
            copy.write(content)
    for sequence, value in reached:
        if value is not None:
            connection.execute("SELECT setval(%s::regclass, %s)", (sequence, value))
