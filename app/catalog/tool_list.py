"""The query behind the list of tools: the hottest one, so it is compiled once a shape and read raw.

A shape is what decides the SQL text: which filters are given, with how many values, the sorting, and
whether there is a cursor. SQLAlchemy writes each shape's SQL once; after that a page costs one call
of the driver and no object per row. JSON columns are passed through as the text they are stored as.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.queries import ToolFilter, ToolSort
from app.catalog.tool_filtering import (
    GRADE,
    Compiled,
    Given,
    all_listed,
    compiled,
    conditions,
    moment,
    plain,
    run,
    values_of,
)
from app.models import passes, tools
from app.models.base import Json, UtcDateTime

_COLUMNS = (
    "id",
    "name",
    "vendor",
    "domain",
    "category",
    "identity",
    "evidence",
    "governance",
    "passed_until",
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
_CATEGORY = sa.func.coalesce(tools.c.category, sa.literal_column("''"), type_=sa.Text)
_VENDOR = sa.func.coalesce(tools.c.vendor, sa.literal_column("''"), type_=sa.Text)


def _rank(column: sa.ColumnElement[Any], *values: str) -> sa.ColumnElement[int]:
    """A word as its place in an order that people expect, the first one being 0."""
    places = {sa.literal_column(f"'{value}'"): sa.literal_column(str(n)) for n, value in enumerate(values)}
    return sa.case(places, value=column, else_=sa.literal_column(str(len(values))))


_SORTS: dict[str, tuple[sa.ColumnElement[Any], type]] = {
    "name": (tools.c.sort_name, str),
    "people": (tools.c.people, int),
    "spend": (tools.c.spend_minor, int),
    "first_seen": (tools.c.first_seen, datetime),
    "last_seen": (tools.c.last_seen, datetime),
    "category": (_CATEGORY, str),
    "vendor": (_VENDOR, str),
    "grade": (_rank(GRADE, "none", "low", "medium", "high"), int),
    "governance": (
        _rank(
            tools.c.governance,
            "unreviewed",
            "in_review",
            "provisional",
            "sanctioned_with_conditions",
            "sanctioned",
            "retiring",
            "retired",
            "dismissed",
        ),
        int,
    ),
    "ownership": (_rank(tools.c.ownership, "unowned", "lapsed", "claimed", "owned"), int),
    "evidence": (_rank(tools.c.evidence, "active", "dormant", "gone"), int),
    "audience": (_rank(tools.c.audience, "marketing", "unsure", "other"), int),
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
    given: Given
    all_listed: bool


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
    values, given = values_of(query, dialect)
    if after is not None:
        values["after_value"] = moment(after[0], dialect) if isinstance(after[0], datetime) else after[0]
        values["after_id"] = after[1]
    values["page_limit"] = limit
    sort = query.sort.value
    shape = Shape(
        dialect, sort.removeprefix("-"), sort.startswith("-"), after is not None, given, all_listed(query)
    )
    return run(connection, _page_sql(shape), values)


def count(connection: Connection, query: ToolFilter) -> int:
    """How many tools match."""
    values, given = values_of(query, connection.dialect.name)
    shape = Shape(connection.dialect.name, "name", False, False, given, all_listed(query))
    return run(connection, _count_sql(shape), values)[0][0]


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
            "passed_until": passed_until,
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
            passed_until,
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
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return value


# --- SQL -------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _page_sql(shape: Shape) -> Compiled:
    column = _SORTS[shape.sort][0]
    query = sa.select(*(_shown(name, shape.dialect) for name in _COLUMNS), _raw(column, shape.dialect))
    for condition in conditions(shape.given, shape.dialect, listed=shape.all_listed):
        query = query.where(condition)
    if shape.after:
        here = sa.tuple_(column, tools.c.id)
        there = sa.tuple_(
            sa.bindparam("after_value", type_=plain(column.type, shape.dialect)),
            sa.bindparam("after_id", type_=sa.BigInteger),
        )
        query = query.where(here < there if shape.down else here > there)
    order = (column.desc(), tools.c.id.desc()) if shape.down else (column, tools.c.id)
    return compiled(query.order_by(*order).limit(sa.bindparam("page_limit", type_=sa.Integer)), shape.dialect)


@lru_cache(maxsize=512)
def _count_sql(shape: Shape) -> Compiled:
    query = sa.select(sa.func.count()).select_from(tools)
    for condition in conditions(shape.given, shape.dialect, listed=shape.all_listed):
        query = query.where(condition)
    return compiled(query, shape.dialect)


def _shown(name: str, dialect: str) -> sa.ColumnElement[Any]:
    if name == "passed_until":
        return _passed_until(dialect)
    column = tools.c[name]
    if isinstance(column.type, UtcDateTime):
        # Both databases give `2026-11-18 09:15:30…` in UTC; `items` makes it ISO 8601.
        if dialect == "sqlite":
            return sa.type_coerce(column, sa.Text)
        return sa.literal_column(f"to_char(timezone('UTC', tools.{name}), 'YYYY-MM-DD HH24:MI:SS')")
    if isinstance(column.type, type(Json)):
        return sa.type_coerce(column, sa.Text) if dialect == "sqlite" else sa.cast(column, sa.Text)
    return column


def _passed_until(dialect: str) -> sa.ColumnElement[Any]:
    """Through which day the policy passes a tool: looked up for the few that it may pass at all."""
    day = passes.c.expires_on
    text = (
        sa.type_coerce(day, sa.Text) if dialect == "sqlite" else sa.func.to_char(day, sa.text("'YYYY-MM-DD'"))
    )
    standing = sa.select(text).where(passes.c.tool_id == tools.c.id, passes.c.ended_at.is_(None))
    return sa.case(
        (tools.c.governance == sa.literal_column("'provisional'"), standing.scalar_subquery()),
        else_=sa.null(),
    )


def _raw(column: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, plain(column.type, dialect)).label("sort_value")
