"""Queries that count: departments, categories and facts with their tools; and the sources by name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import people, sources, tool_departments, tools

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]


def departments(connection: Connection) -> Rows:
    """Departments by name with their people (those who left not counted) and tools."""
    staff = (
        sa.select(people.c.department, sa.func.count().label("people"))
        .where(people.c.department.is_not(None), sa.or_(people.c.active.is_(None), people.c.active))
        .group_by(people.c.department)
        .subquery()
    )
    used = (
        sa.select(tool_departments.c.department, sa.func.count().label("tools"))
        .group_by(tool_departments.c.department)
        .subquery()
    )
    return connection.execute(
        sa.select(
            staff.c.department.label("name"), staff.c.people, sa.func.coalesce(used.c.tools, 0).label("tools")
        )
        .join_from(staff, used, used.c.department == staff.c.department, isouter=True)
        .order_by(staff.c.department)
    ).all()


def categories(connection: Connection) -> Rows:
    """Categories by name with their tools."""
    return connection.execute(
        sa.select(
            tools.c.category.label("name"),
            sa.func.count().label("tools"),
            sa.func.sum(sa.case((tools.c.flagged, 1), else_=0)).label("flagged"),
        )
        .where(tools.c.category.is_not(None), tools.c.listed)
        .group_by(tools.c.category)
        .order_by(tools.c.category)
    ).all()


def source_names(connection: Connection) -> Rows:
    """All sources by name, in short."""
    return connection.execute(sa.select(sources.c.id, sources.c.name).order_by(sources.c.name)).all()


def found_before(connection: Connection, moments: Sequence[datetime], *, audience: str | None) -> list[int]:
    """How many of the tools that are listed now had been seen before each of these moments."""
    t = tools.c
    sums = [sa.func.sum(sa.case((t.first_seen < moment, 1), else_=0)) for moment in moments]
    if not sums:
        return []
    query = sa.select(*sums).where(t.listed)
    if audience is not None:
        query = query.where(t.audience == audience)
    return [int(count or 0) for count in connection.execute(query).one()]


_FACTS = ("identity", "evidence", "governance", "ownership", "audience", "managed", "shadow", "flagged")


def tools_by_fact(connection: Connection) -> Rows:
    """Tools by all their facts at once; `tools` is how many share them."""
    columns = [tools.c[name] for name in _FACTS]
    query = sa.select(*columns, sa.func.count().label("tools")).where(tools.c.listed)
    return connection.execute(query.group_by(*columns)).all()
