"""The database: one engine, one transaction at the edge, and bulk writes that both dialects do fast.

SQLite is the embedded default, PostgreSQL the production database. Feature code gets a
`Connection` inside a transaction that somebody else opened, and never commits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Engine

_ROOT = Path(__file__).resolve().parent
_BUSY_MS = 30_000
"""So long a writer of SQLite waits for another one."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC, timezone-aware on both databases (SQLite keeps sortable text)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
JsonOrNull = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""JSON in which nothing is the database's NULL, not the JSON value `null`."""


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for `url` with the settings that Penumbra relies on."""
    if url.startswith("sqlite"):
        database = sa.make_url(url).database
        if database and database != ":memory:":
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            url,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            hide_parameters=True,
            connect_args={"timeout": 30, "check_same_thread": False},
            pool_size=pool_size,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return _with_last_steps(engine)
    engine = sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # errors end up in logs, and parameters are people's data
        pool_size=pool_size,
        pool_pre_ping=True,
    )
    return _with_last_steps(engine)


LastStep = Callable[[Connection], None]
_last_steps: WeakKeyDictionary[Connection, dict[str, LastStep]] = WeakKeyDictionary()


def before_commit(connection: Connection, name: str, step: Callable[[], LastStep]) -> LastStep:
    """What a transaction does last, right before it commits; nothing, if it is rolled back.

    For writes to a row that everybody writes to: taken last, its lock is held for a moment only, and nobody
    who waits for it holds something up that its holder still needs.

    Args:
        connection: inside a writing transaction, of an engine that `make_engine` made.
        name: of the step; a transaction has one step of each name.
        step: makes the step, if the transaction has none of this name yet.

    Returns:
        The transaction's step of this name.
    """
    steps = _last_steps.setdefault(connection, {})
    if name not in steps:
        steps[name] = step()
    return steps[name]


def _with_last_steps(engine: Engine) -> Engine:
    def take(connection: Connection) -> None:
        for step in _last_steps.pop(connection, {}).values():
            step(connection)

    def forget(connection: Connection) -> None:
        _last_steps.pop(connection, None)

    event.listen(engine, "commit", take)
    event.listen(engine, "rollback", forget)
    return engine


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us, below
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
        "temp_store=MEMORY",
        "cache_size=-32768",
        # 32 MB of log: one page of events touches half of the sign-ins' table, and what several of them
        # touched is then copied back once.
        "wal_autocheckpoint=8000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock later can fail with "database is locked".
    deferred = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write; committed at the end of the block, else rolled back."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing_if_free(engine: Engine) -> Iterator[Connection]:
    """Like `writing`, for what may be left undone: it does not wait for another writer of SQLite.

    Raises:
        OperationalError: the database was busy; nothing was written.
    """
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA busy_timeout=20")
        try:
            with connection.begin():
                yield connection
        finally:
            if connection.dialect.name == "sqlite":
                raw.execute(f"PRAGMA busy_timeout={_BUSY_MS}")


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write and is always rolled back: to see what would come of something."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads; never waits for writers."""
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


def alembic_config(url: str) -> Config:
    """Alembic's config for the migrations that ship with Penumbra."""
    config = Config()
    folder = _ROOT / "_migrations"
    if not folder.exists():
        folder = _ROOT.parent / "migrations"
    config.set_main_option("script_location", str(folder))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`."""
    if url.startswith("sqlite"):
        database = sa.make_url(url).database
        if database:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url), revision)


# --- bulk writes ---------------------------------------------------------------------------


def upsert(
    connection: Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
    add: Sequence[str] = (),
    either: Sequence[str] = (),
) -> None:
    """Insert many rows at driver speed; rows whose `key` exists are updated instead.

    Args:
        connection: inside a writing transaction.
        table: where to.
        rows: dicts that all have the same columns.
        key: columns of a unique constraint; no two rows may share them.
        update: columns to overwrite where the row exists.
        add: columns to add up where the row exists.
        either: yes-or-no columns that stay true once they were.
    """
    if not rows:
        return
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    upsert_columns(connection, table, columns, key=key, update=update, add=add, either=either)


def upsert_columns(
    connection: Connection,
    table: sa.Table,
    columns: Mapping[str, Sequence[Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] = (),
    add: Sequence[str] = (),
    either: Sequence[str] = (),
) -> None:
    """Like `upsert`, for rows given column by column: without a dict a row, for the busiest tables.

    Args:
        connection: inside a writing transaction.
        table: where to.
        columns: each column's values; all of one length.
        key: columns of a unique constraint; no two rows may share them.
        update: columns to overwrite where the row exists.
        add: columns to add up where the row exists.
        either: yes-or-no columns that stay true once they were.
    """
    dialect = connection.dialect.name
    plan = _plan(dialect, table, tuple(columns), tuple(key), tuple(update), tuple(add), tuple(either))
    bound = tuple(bind(values) for bind, values in zip(plan.binders, columns.values(), strict=True))
    if not bound[0]:
        return
    # SQLite's driver runs the statement once for each row; PostgreSQL takes all rows as arrays, at once.
    connection.exec_driver_sql(plan.sql, list(zip(*bound, strict=True)) if dialect == "sqlite" else bound)


Bind = Callable[[Sequence[Any]], Any]
"""Turns the values of one column into what the driver takes."""


class _Plan:
    def __init__(self, sql: str, binders: tuple[Bind, ...]) -> None:
        self.sql = sql
        self.binders = binders


@lru_cache(maxsize=256)
def _plan(
    dialect: str,
    table: sa.Table,
    columns: tuple[str, ...],
    key: tuple[str, ...],
    update: tuple[str, ...],
    add: tuple[str, ...],
    either: tuple[str, ...],
) -> _Plan:
    names = ", ".join(f'"{c}"' for c in columns)
    sets = [f'"{c}" = excluded."{c}"' for c in update]
    sets += [f'"{c}" = "{table.name}"."{c}" + excluded."{c}"' for c in add]
    sets += [f'"{c}" = ("{table.name}"."{c}" OR excluded."{c}")' for c in either]
    action = f"DO UPDATE SET {', '.join(sets)}" if sets else "DO NOTHING"
    target = ", ".join(f'"{c}"' for c in key)
    binders = tuple(_binder(dialect, table.c[c].type) for c in columns)
    if dialect == "sqlite":
        marks = ", ".join("?" * len(columns))
        source = f"VALUES ({marks})"
    else:
        casts = ", ".join(f"%s::{_pg_type(table.c[c].type)}[]" for c in columns)
        picks = ", ".join(
            f'r."{c}"::jsonb' if isinstance(table.c[c].type, sa.JSON) else f'r."{c}"' for c in columns
        )
        source = f"SELECT {picks} FROM unnest({casts}) AS r({names})"
    sql = f'INSERT INTO "{table.name}" ({names}) {source} ON CONFLICT ({target}) {action}'
    return _Plan(sql, binders)


def _pg_type(kind: Any) -> str:
    if isinstance(kind, UtcDateTime):
        return "timestamptz"
    for python, name in (
        (sa.JSON, "text"),
        (sa.BigInteger, "bigint"),
        (sa.Integer, "integer"),
        (sa.Boolean, "boolean"),
        (sa.Date, "date"),
        (sa.Float, "double precision"),
        (sa.LargeBinary, "bytea"),
    ):
        if isinstance(kind, python):
            return name
    return "text"


def _binder(dialect: str, kind: Any) -> Bind:
    if isinstance(kind, sa.JSON):
        return _each(lambda value: orjson.dumps(value).decode())
    if dialect != "sqlite":
        return _array if isinstance(kind, (sa.Integer, sa.Date)) else list
    if isinstance(kind, UtcDateTime):
        return _each(lambda value: value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"))
    if isinstance(kind, sa.Date):
        return _each(date.isoformat)
    if isinstance(kind, sa.Boolean):
        return _each(int)
    return list


def _each(convert: Callable[[Any], Any]) -> Bind:
    return lambda values: [None if value is None else convert(value) for value in values]


def _array(values: Sequence[Any]) -> str:
    """PostgreSQL's spelling of an array of numbers or days; the driver's own takes ten times as long."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def among(
    connection: Connection, column: sa.ColumnElement[Any], values: Sequence[Any]
) -> sa.ColumnElement[bool]:
    """`column IN values` with one bound parameter, however many values there are."""
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(column.type)))
