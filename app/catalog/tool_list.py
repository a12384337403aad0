"""The query behind the list of tools: the hottest one, so it is compiled once a shape and read raw.

A shape is what decides the SQL text: which filters are given, with how many values, the sorting, and
whether there is a cursor. SQLAlchemy writes each shape's SQL once; after that a page costs one call
of the driver and no object per row. JSON columns are passed through as the text they are stored as.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection

from app.catalog.queries import ToolFilter, ToolSort
from app.models import tool_departments, tool_sources, tools
from app.models.base import Json, UtcDateTime

_ESCAPE = "\\"
_COLUMNS = (
    "id",
    "name",
    "vendor",
    "domain",
    "category",
    "identity",
    "evidence",
    "governance",
    "ownership",
    "audience",
    "managed",
    "shadow",
    "flagged",
    "people",
    "grant_grade",
    "spend_minor",
    "spend_currency",
    "sources",
    "first_seen",
    "last_seen",
)
_BOOLS = ("managed", "shadow", "flagged")
_CATEGORY = sa.func.coalesce(tools.c.category, sa.literal_column("''"), type_=sa.Text)
_SORTS: dict[str, tuple[sa.ColumnElement[Any], type]] = {
    "name": (tools.c.sort_name, str),
    "people": (tools.c.people, int),
    "spend": (tools.c.spend_minor, int),
    "first_seen": (tools.c.first_seen, datetime),
    "last_seen": (tools.c.last_seen, datetime),
    "category": (_CATEGORY, str),
}
_MANY = ("identity", "evidence", "governance", "ownership", "audience", "category")
_LEAST = {"min_people": tools.c.people, "min_spend": tools.c.spend_minor}
_MOST = {"max_people": tools.c.people, "max_spend": tools.c.spend_minor}
_DAYS = {
    "first_seen_from": (tools.c.first_seen, True),
    "first_seen_to": (tools.c.first_seen, False),
    "last_seen_from": (tools.c.last_seen, True),
    "last_seen_to": (tools.c.last_seen, False),
}


@dataclass(frozen=True)
class Shape:
    """What decides the SQL text of a list of tools; `given` are filters with their number of values.

    `all_listed`: the filters let no tool through that is kept but not shown (such a one is never flagged).
    """

    dialect: str
    sort: str
    down: bool
    after: bool
    given: tuple[tuple[str, int], ...]
    all_listed: bool


@dataclass(frozen=True)
class _Compiled:
    sql: str
    names: tuple[str, ...] | None
    """Parameter names in order, where the driver counts them; None where it names them."""
    fixed: Mapping[str, Any]
    """What SQLAlchemy bound by itself (SQLite's OFFSET 0)."""


def sort_type(sort: ToolSort) -> type:
    """The type of a sort's values, as a cursor holds them."""
    return _SORTS[sort.value.removeprefix("-")][1]


def shape_of(query: ToolFilter, *, total: bool) -> Hashable:
    """What decides how long a page takes: its filters with the values that select, and the sorting."""
    return query.model_copy(update={"cursor": None}).model_dump_json() + str(total)


def page(
    connection: Connection, query: ToolFilter, after: tuple[Any, int] | None, limit: int
) -> list[tuple[Any, ...]]:
    """Rows of one page: the columns of `items`, then the sort value.

    Args:
        connection: in a reading transaction.
        query: filters and sorting.
        after: sort value and id of the last row of the page before.
        limit: how many rows at most.
    """
    dialect = connection.dialect.name
    values, given = _values(query, dialect)
    if after is not None:
        values["after_value"] = _moment(after[0], dialect) if isinstance(after[0], datetime) else after[0]
        values["after_id"] = after[1]
    values["page_limit"] = limit
    sort = query.sort.value
    shape = Shape(
        dialect, sort.removeprefix("-"), sort.startswith("-"), after is not None, given, _all_listed(query)
    )
    return _run(connection, _page_sql(shape), values)


def count(connection: Connection, query: ToolFilter) -> int:
    """How many tools match."""
    values, given = _values(query, connection.dialect.name)
    shape = Shape(connection.dialect.name, "name", False, False, given, _all_listed(query))
    return _run(connection, _count_sql(shape), values)[0][0]


def _all_listed(query: ToolFilter) -> bool:
    return query.flagged is True or query.shadow is True


def items(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows as the JSON objects of `ToolItem`; written out, because this loop is the hot one."""
    return [
        {
            "id": id_,
            "name": name,
            "vendor": vendor,
            "domain": domain,
            "category": category,
            "identity": identity,
            "evidence": evidence,
            "governance": governance,
            "ownership": ownership,
            "audience": audience,
            "managed": managed == 1,
            "shadow": shadow == 1,
            "flagged": flagged == 1,
            "people": people,
            "grant_grade": grant_grade,
            "spend_minor": spend_minor,
            "spend_currency": spend_currency,
            "sources": orjson.Fragment(sources),
            "first_seen": f"{first_seen[:10]}T{first_seen[11:19]}Z",
            "last_seen": f"{last_seen[:10]}T{last_seen[11:19]}Z",
        }
        for (
            id_,
            name,
            vendor,
            domain,
            category,
            identity,
            evidence,
            governance,
            ownership,
            audience,
            managed,
            shadow,
            flagged,
            people,
            grant_grade,
            spend_minor,
            spend_currency,
            sources,
            first_seen,
            last_seen,
            _sort,
        ) in rows
    ]


def sort_value(row: tuple[Any, ...], sort: ToolSort) -> Any:
    """A row's sort value, as a cursor holds it."""
    value = row[len(_COLUMNS)]
    if sort_type(sort) is datetime:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return value


# --- SQL -------------------------------------------------------------------------------------


def _run(connection: Connection, compiled: _Compiled, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    # Straight to the driver: its tuples are all that is needed, and SQLAlchemy's rows cost as much
    # as the query itself.
    given = {**compiled.fixed, **values}
    parameters: Any = given if compiled.names is None else [given[name] for name in compiled.names]
    cursor = connection.connection.cursor()
    try:
        cursor.execute(compiled.sql, parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()


@lru_cache(maxsize=1024)
def _page_sql(shape: Shape) -> _Compiled:
    column = _SORTS[shape.sort][0]
    query = sa.select(*(_shown(name, shape.dialect) for name in _COLUMNS), _raw(column, shape.dialect))
    for condition in _conditions(shape):
        query = query.where(condition)
    if shape.after:
        here = sa.tuple_(column, tools.c.id)
        there = sa.tuple_(
            sa.bindparam("after_value", type_=_plain(column.type, shape.dialect)),
            sa.bindparam("after_id", type_=sa.BigInteger),
        )
        query = query.where(here < there if shape.down else here > there)
    order = (column.desc(), tools.c.id.desc()) if shape.down else (column, tools.c.id)
    return _compile(query.order_by(*order).limit(sa.bindparam("page_limit", type_=sa.Integer)), shape.dialect)


@lru_cache(maxsize=512)
def _count_sql(shape: Shape) -> _Compiled:
    query = sa.select(sa.func.count()).select_from(tools)
    for condition in _conditions(shape):
        query = query.where(condition)
    return _compile(query, shape.dialect)


def _compile(query: sa.Select[Any], dialect: str) -> _Compiled:
    driver = sqlite.dialect() if dialect == "sqlite" else psycopg.dialect()
    compiled = query.compile(dialect=driver)
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    names = tuple(compiled.positiontup or ()) if dialect == "sqlite" else None
    return _Compiled(compiled.string, names, fixed)


def _shown(name: str, dialect: str) -> sa.ColumnElement[Any]:
    column = tools.c[name]
    if isinstance(column.type, UtcDateTime):
        # Both databases give `2026-11-18 09:15:30…` in UTC; `items` makes it ISO 8601.
        if dialect == "sqlite":
            return sa.type_coerce(column, sa.Text)
        return sa.literal_column(f"to_char(timezone('UTC', tools.{name}), 'YYYY-MM-DD HH24:MI:SS')")
    if isinstance(column.type, type(Json)):
        return sa.type_coerce(column, sa.Text) if dialect == "sqlite" else sa.cast(column, sa.Text)
    return column


def _raw(column: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, _plain(column.type, dialect)).label("sort_value")


def _plain(kind: Any, dialect: str) -> Any:
    """The driver's own type: nothing of SQLAlchemy stands between it and us."""
    if isinstance(kind, UtcDateTime):
        return sa.Text() if dialect == "sqlite" else sa.DateTime(timezone=True)
    return kind


def _conditions(shape: Shape) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if not shape.all_listed:
        found.append(tools.c.listed)
    for name, size in shape.given:
        marks = [sa.bindparam(f"{name}_{i}") for i in range(size)]
        one = marks[0]
        if name == "q":
            found += [
                tools.c.search.like(sa.bindparam(f"q_{i}", type_=sa.Text), escape=_ESCAPE)
                for i in range(size)
            ]
        elif name in _MANY:
            found.append(tools.c[name].in_(marks) if size > 1 else tools.c[name] == one)
        elif name in _BOOLS:
            # The index on `flagged` is used for a plain comparison on SQLite, and PostgreSQL takes it too.
            found.append(tools.c[name] == sa.bindparam(f"{name}_0", type_=_bool(shape.dialect)))
        elif name == "department":
            found.append(_has(tool_departments, tool_departments.c.department.in_(marks)))
        elif name == "source":
            found.append(_has(tool_sources, tool_sources.c.source_id.in_(marks)))
        elif name in _LEAST:
            found.append(_LEAST[name] >= sa.bindparam(f"{name}_0", type_=sa.BigInteger))
        elif name in _MOST:
            found.append(_MOST[name] <= sa.bindparam(f"{name}_0", type_=sa.BigInteger))
        else:
            column, least = _DAYS[name]
            mark = sa.bindparam(f"{name}_0", type_=_plain(column.type, shape.dialect))
            found.append(column >= mark if least else column < mark)
    return found


def _bool(dialect: str) -> Any:
    return sa.Integer() if dialect == "sqlite" else sa.Boolean()


def _has(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.tool_id == tools.c.id, condition).correlate(tools)


def _values(query: ToolFilter, dialect: str) -> tuple[dict[str, Any], tuple[tuple[str, int], ...]]:
    values: dict[str, Any] = {}
    given: list[tuple[str, int]] = []

    def give(name: str, items: list[Any]) -> None:
        if items:
            given.append((name, len(items)))
            values.update({f"{name}_{i}": value for i, value in enumerate(items)})

    if query.q:
        give("q", [f"%{_escaped(word)}%" for word in query.q.lower().split()])
    for name in _MANY:
        if found := getattr(query, name):
            give(name, [str(value) for value in found])
    for name in _BOOLS:
        wanted = getattr(query, name)
        if wanted is not None:
            give(name, [int(wanted) if dialect == "sqlite" else wanted])
    give("department", query.department)
    give("source", query.source)
    for name in (*_LEAST, *_MOST):
        number = getattr(query, name)
        if number is not None:
            give(name, [number])
    for name, (_, least) in _DAYS.items():
        day = getattr(query, name)
        if day is not None:
            give(name, [_moment(start_of(day, next_day=not least), dialect)])
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


def _moment(value: datetime, dialect: str) -> Any:
    return _sqlite_text(value) if dialect == "sqlite" else value


def _sqlite_text(value: datetime) -> str:
    # `strftime('%Y')` does not pad years before 1000, and text must sort.
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
