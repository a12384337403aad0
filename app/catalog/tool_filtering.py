"""Which tools a list holds: the conditions of its filters, and the values that they are compared with.

SQL text and values are kept apart, so that the text of each shape is written once. A shape is which filters
are given, and with how many values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection

from app.catalog.queries import ToolFilter
from app.models import ownership_people, tool_departments, tool_sources, tools
from app.models.base import UtcDateTime

_ESCAPE = "\\"
BOOLS = ("managed", "shadow", "flagged")
GRADE = sa.func.coalesce(tools.c.grant_grade, sa.literal_column("'none'"), type_=sa.Text)
"""The worst of what a tool may do in somebody's name; `none` where it may do nothing."""

_COLUMNS: Mapping[str, sa.ColumnElement[Any]] = {
    **{n: tools.c[n] for n in ("identity", "evidence", "governance", "ownership", "audience", "category")},
    "grade": GRADE,
}
_LEAST = {"min_people": tools.c.people, "min_spend": tools.c.spend_minor}
_MOST = {"max_people": tools.c.people, "max_spend": tools.c.spend_minor}
_DAYS = {
    "first_seen_from": (tools.c.first_seen, True),
    "first_seen_to": (tools.c.first_seen, False),
    "last_seen_from": (tools.c.last_seen, True),
    "last_seen_to": (tools.c.last_seen, False),
}
_OWNS = ("owner", "co_owner")

Given = tuple[tuple[str, int], ...]
"""Filters that are given, with their number of values."""


@dataclass(frozen=True)
class Compiled:
    """A query as its driver takes it.

    Attributes:
        sql: its text.
        names: of its parameters in order, where the driver counts them; None where it names them.
        fixed: what SQLAlchemy bound by itself (SQLite's OFFSET 0).
    """

    sql: str
    names: tuple[str, ...] | None
    fixed: Mapping[str, Any]


def compiled(query: sa.Select[*tuple[Any, ...]], dialect: str) -> Compiled:
    """A query written out for a driver."""
    driver = sqlite.dialect() if dialect == "sqlite" else psycopg.dialect()
    made = query.compile(dialect=driver)
    fixed = {name: value for name, value in made.params.items() if value is not None}
    names = tuple(made.positiontup or ()) if dialect == "sqlite" else None
    return Compiled(made.string, names, fixed)


def run(connection: Connection, query: Compiled, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query, straight from the driver.

    Its tuples are all that is needed, and SQLAlchemy's rows cost as much as the query itself.
    """
    given = {**query.fixed, **values}
    parameters: Any = given if query.names is None else [given[name] for name in query.names]
    cursor = connection.connection.cursor()
    try:
        cursor.execute(query.sql, parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def all_listed(query: ToolFilter) -> bool:
    """True if the filters let no tool through that is kept but not shown: such a one is never flagged."""
    return query.flagged is True or query.shadow is True


def conditions(given: Given, dialect: str, *, listed: bool) -> list[sa.ColumnElement[bool]]:
    """What must hold of a tool.

    Args:
        given: the filters.
        dialect: of the database.
        listed: the filters alone let no unlisted tool through.
    """
    found: list[sa.ColumnElement[bool]] = []
    if not listed:
        found.append(tools.c.listed)
    for name, size in given:
        found += _condition(name, size, dialect)
    return found


def _condition(name: str, size: int, dialect: str) -> list[sa.ColumnElement[bool]]:
    marks = [sa.bindparam(f"{name}_{i}") for i in range(size)]
    if name == "q":
        texts = [sa.bindparam(f"q_{i}", type_=sa.Text) for i in range(size)]
        return [tools.c.search.like(text, escape=_ESCAPE) for text in texts]
    if name in _COLUMNS:
        column = _COLUMNS[name]
        return [column.in_(marks) if size > 1 else column == marks[0]]
    if name in BOOLS:
        # The index on `flagged` is used for a plain comparison on SQLite, and PostgreSQL takes it too.
        return [tools.c[name] == sa.bindparam(f"{name}_0", type_=_bool(dialect))]
    if name == "department":
        return [_has(tool_departments, tool_departments.c.department.in_(marks))]
    if name == "source":
        return [_has(tool_sources, tool_sources.c.source_id.in_(marks))]
    if name == "owner":
        held = ownership_people.c
        return [_has(ownership_people, sa.and_(held.user_id.in_(marks), held.part.in_(_owns())))]
    if name in _LEAST:
        return [_LEAST[name] >= sa.bindparam(f"{name}_0", type_=sa.BigInteger)]
    if name in _MOST:
        return [_MOST[name] <= sa.bindparam(f"{name}_0", type_=sa.BigInteger)]
    column, least = _DAYS[name]
    mark = sa.bindparam(f"{name}_0", type_=plain(column.type, dialect))
    return [column >= mark if least else column < mark]


def _owns() -> list[sa.ColumnElement[str]]:
    return [sa.literal_column(f"'{part}'") for part in _OWNS]


def plain(kind: Any, dialect: str) -> Any:
    """The driver's own type: nothing of SQLAlchemy stands between it and us."""
    if isinstance(kind, UtcDateTime):
        return sa.Text() if dialect == "sqlite" else sa.DateTime(timezone=True)
    return kind


def _bool(dialect: str) -> Any:
    return sa.Integer() if dialect == "sqlite" else sa.Boolean()


def _has(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.tool_id == tools.c.id, condition).correlate(tools)


def values_of(
    query: ToolFilter, dialect: str, *, but: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], Given]:
    """The values of the filters that are given, by parameter, and which filters those are.

    Args:
        query: the filters.
        dialect: of the database.
        but: filters that are left out.
    """
    values: dict[str, Any] = {}
    given: list[tuple[str, int]] = []

    def give(name: str, items: list[Any]) -> None:
        if items and name not in but:
            given.append((name, len(items)))
            values.update({f"{name}_{i}": value for i, value in enumerate(items)})

    if query.q:
        give("q", [f"%{_escaped(word)}%" for word in query.q.lower().split()])
    for name in _COLUMNS:
        give(name, [str(value) for value in getattr(query, name)])
    for name in BOOLS:
        wanted = getattr(query, name)
        if wanted is not None:
            give(name, [int(wanted) if dialect == "sqlite" else wanted])
    for name in ("department", "source", "owner"):
        give(name, getattr(query, name))
    for name in (*_LEAST, *_MOST):
        number = getattr(query, name)
        if number is not None:
            give(name, [number])
    for name, (_, least) in _DAYS.items():
        day = getattr(query, name)
        if day is not None:
            give(name, [moment(start_of(day, next_day=not least), dialect)])
    return values, tuple(given)


def _escaped(word: str) -> str:
    return word.replace(_ESCAPE, _ESCAPE * 2).replace("%", _ESCAPE + "%").replace("_", _ESCAPE + "_")


def start_of(day: date, *, next_day: bool = False) -> datetime:
    """The first moment of a day (or of the day after it) in UTC; the end of time for its last day."""
    if next_day:
        if day == date.max:
            return datetime.max.replace(tzinfo=UTC)
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def moment(value: datetime, dialect: str) -> Any:
    """A moment as the driver compares it."""
    return _sqlite_text(value) if dialect == "sqlite" else value


def _sqlite_text(value: datetime) -> str:
    # `strftime('%Y')` does not pad years before 1000, and text must sort.
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
