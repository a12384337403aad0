"""How many tools each value of a filter would leave, beside the values that are chosen now.

The count beside a value answers "how many, if I chose this too": all other filters hold, the value's own do
not. Facts of which a tool has one value each are counted together, in one pass over the tools that the rest
of the filters lets through; departments and sources, of which a tool has several, in one query each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.queries import ToolFilter
from app.catalog.tool_filtering import (
    BOOLS,
    GRADE,
    Compiled,
    Given,
    all_listed,
    compiled,
    conditions,
    run,
    values_of,
)
from app.catalog.veiled import allow_departments
from app.models import tool_departments, tool_sources, tools
from app.security.privacy import Veil

_CATEGORY = sa.func.coalesce(tools.c.category, sa.literal_column("''"), type_=sa.Text)
_ALONE: Mapping[str, sa.ColumnElement[Any]] = {
    "audience": tools.c.audience,
    "governance": tools.c.governance,
    "ownership": tools.c.ownership,
    "evidence": tools.c.evidence,
    "grade": GRADE,
    "category": _CATEGORY,
    "identity": tools.c.identity,
    "managed": tools.c.managed,
}
_SEVERAL = {"department": tool_departments.c.department, "source": tool_sources.c.source_id}


@dataclass(frozen=True)
class Facets:
    """What a list of tools holds.

    Attributes:
        total: how many tools pass all filters.
        counts: for each filter how many tools each of its values would leave; values that leave none are
            not there. Sources are ids as text, a tool without a category counts for none.
    """

    total: int
    counts: Mapping[str, Mapping[str, int]]


def facets(connection: Connection, query: ToolFilter, *, veil: Veil) -> Facets:
    """Count the tools that pass the filters, and those that each value of a filter would leave.

    Args:
        connection: a reading transaction.
        query: the filters.
        veil: for whom; departments that are too small to be asked about are not counted for.

    Raises:
        Forbidden: the filters name such a department.
    """
    allow_departments(query.department, veil)
    total, counts = _alone(connection, query)
    for name in _SEVERAL:
        rows = _rows(connection, query, name)
        counts[name] = {str(value): number for value, number in rows if value is not None}
    counts["category"].pop("", None)
    counts["department"] = {d: number for d, number in counts["department"].items() if not veil.is_small(d)}
    return Facets(total, counts)


def _alone(connection: Connection, query: ToolFilter) -> tuple[int, dict[str, dict[str, int]]]:
    wanted = [(at, allowed) for at, name in enumerate(_ALONE) if (allowed := _wanted(query, name))]
    passing: list[tuple[Any, ...]] = []
    but_one: list[list[tuple[Any, ...]]] = [[] for _ in _ALONE]
    for row in _rows(connection, query, ""):
        fails = [at for at, allowed in wanted if row[at] not in allowed]
        if not fails:
            passing.append(row)
        elif len(fails) == 1:  # by this filter alone, which does not hold for its own values
            but_one[fails[0]].append(row)
    counts: dict[str, dict[str, int]] = {}
    for at, name in enumerate(_ALONE):
        found: dict[Any, int] = {}
        for row in (*passing, *but_one[at]):
            found[row[at]] = found.get(row[at], 0) + row[-1]
        counts[name] = {_text(name, value): number for value, number in found.items()}
    return sum(row[-1] for row in passing), counts


def _wanted(query: ToolFilter, name: str) -> frozenset[Any]:
    value = getattr(query, name)
    if isinstance(value, bool):
        return frozenset({value})
    return frozenset(str(one) for one in value or ())


def _text(name: str, value: Any) -> str:
    return str(bool(value)).lower() if name in BOOLS else str(value)


def _rows(connection: Connection, query: ToolFilter, several: str) -> Sequence[tuple[Any, ...]]:
    dialect = connection.dialect.name
    left_out = frozenset({several} if several else _ALONE)
    values, given = values_of(query, dialect, but=left_out)
    return run(connection, _sql(dialect, several, given, all_listed(query)), values)


@lru_cache(maxsize=512)
def _sql(dialect: str, several: str, given: Given, listed: bool) -> Compiled:
    number = sa.func.count()
    query: sa.Select[*tuple[Any, ...]]
    if several:
        column = _SEVERAL[several]
        query = sa.select(column, number).join_from(column.table, tools).group_by(column)
    else:
        columns = [column.label(f"of_{name}") for name, column in _ALONE.items()]
        query = sa.select(*columns, number).select_from(tools).group_by(*(sa.text(c.name) for c in columns))
    for condition in conditions(given, dialect, listed=listed):
        query = query.where(condition)
    return compiled(query, dialect)
