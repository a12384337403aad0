"""Queries by which people see the catalog: one tool, its grants and charges, people, counts.

The list of tools is in `tool_list`, a tool's timeline in `timeline`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.days import day_of
from app.catalog.queries import ExpenseFilter
from app.db import among
from app.models import (
    accounts,
    apps,
    assignments,
    expenses,
    grants,
    merchants,
    people,
    sign_in_days,
    sources,
    tool_identifiers,
    tool_sources,
    tools,
)

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]
_NOT_SHOWN = {"content", "account_id", "ref", "refund_of", "merchant_id"}
PERSON = (
    people.c.id.label("person_id"),
    people.c.name.label("person_name"),
    people.c.email.label("person_email"),
    people.c.department.label("person_department"),
    people.c.active.label("person_active"),
)


def tool(connection: Connection, tool_id: int) -> Row | None:
    """One tool with all its facts."""
    return connection.execute(sa.select(tools).where(tools.c.id == tool_id)).one_or_none()


def tool_names(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of some tools."""
    query = sa.select(tools.c.id, tools.c.name).where(among(connection, tools.c.id, list(ids)))
    return {row.id: row.name for row in connection.execute(query)}


def merged_into(connection: Connection, tool_id: int) -> Row:
    """The tool that a tool became, merge by merge; itself if it was not merged away."""
    found = connection.execute(sa.select(tools).where(tools.c.id == tool_id)).one()
    while found.merged_into is not None:
        found = connection.execute(sa.select(tools).where(tools.c.id == found.merged_into)).one()
    return found


def set_on_it_list(connection: Connection, tool_id: int, version: int, value: bool, at: datetime) -> bool:
    """Put a tool on IT's list or take it off, if it still has `version`."""
    result = connection.execute(
        sa.update(tools)
        .where(tools.c.id == tool_id, tools.c.version == version)
        .values(on_it_list=value, version=version + 1, updated_at=at)
    )
    return result.rowcount == 1


def apps_of(connection: Connection, tool_id: int) -> Rows:
    """The apps behind a tool, with their sources."""
    return connection.execute(
        sa.select(apps, sources.c.name.label("source"))
        .join_from(apps, sources)
        .where(apps.c.tool_id == tool_id)
        .order_by(sources.c.name, apps.c.name, apps.c.id)
        .limit(500)
    ).all()


def merchants_of(connection: Connection, tool_id: int) -> Rows:
    """The merchants behind a tool."""
    return connection.execute(
        sa.select(merchants)
        .where(merchants.c.tool_id == tool_id)
        .order_by(merchants.c.name, merchants.c.id)
        .limit(500)
    ).all()


def identifiers_of(connection: Connection, tool_ids: Collection[int]) -> Rows:
    """The identifiers that some tools own."""
    return connection.execute(
        sa.select(tool_identifiers)
        .where(among(connection, tool_identifiers.c.tool_id, sorted(tool_ids)))
        .order_by(tool_identifiers.c.kind, tool_identifiers.c.value)
        .limit(500)
    ).all()


def sources_of(connection: Connection, tool_id: int) -> Rows:
    """The sources that have evidence of a tool."""
    return connection.execute(
        sa.select(sources.c.id, sources.c.name, sources.c.connector, sources.c.last_complete_at)
        .join_from(tool_sources, sources)
        .where(tool_sources.c.tool_id == tool_id)
        .order_by(sources.c.name)
    ).all()


# --- expenses --------------------------------------------------------------------------------


def expense_list(
    connection: Connection, wanted: ExpenseFilter, *, before: tuple[date, int] | None, limit: int
) -> Rows:
    """Expenses, the latest first, those before the given day and id."""
    query = (
        sa.select(
            *(c for c in expenses.c if c.name not in _NOT_SHOWN),
            merchants.c.tool_id,
            merchants.c.rule,
            merchants.c.confidence,
            merchants.c.why,
            tools.c.name.label("tool"),
            sources.c.name.label("source"),
            *PERSON,
        )
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .join(tools, tools.c.id == merchants.c.tool_id)
        .join(sources, sources.c.id == expenses.c.source_id)
        .outerjoin(accounts, accounts.c.id == expenses.c.account_id)
        .outerjoin(people, people.c.id == accounts.c.person_id)
        .order_by(expenses.c.occurred_on.desc(), expenses.c.id.desc())
        .limit(limit)
    )
    if wanted.tool is not None:
        query = query.where(merchants.c.tool_id == wanted.tool)
    if wanted.source is not None:
        query = query.where(expenses.c.source_id == wanted.source)
    if wanted.person is not None:
        query = query.where(accounts.c.person_id == wanted.person)
    if wanted.state:
        query = query.where(expenses.c.state.in_([s.value for s in wanted.state]))
    if wanted.occurred_from is not None:
        query = query.where(expenses.c.occurred_on >= wanted.occurred_from)
    if wanted.occurred_to is not None:
        query = query.where(expenses.c.occurred_on <= wanted.occurred_to)
    if before is not None:
        query = query.where(
            sa.tuple_(expenses.c.occurred_on, expenses.c.id)
            < sa.tuple_(sa.literal(before[0], sa.Date), sa.literal(before[1], sa.BigInteger))
        )
    return connection.execute(query).all()


# --- people ----------------------------------------------------------------------------------


def person(connection: Connection, person_id: int) -> Row | None:
    """One person."""
    return connection.execute(sa.select(people).where(people.c.id == person_id)).one_or_none()


def accounts_of(connection: Connection, person_id: int) -> Rows:
    """A person's accounts at the sources."""
    return connection.execute(
        sa.select(accounts, sources.c.name.label("source"))
        .join_from(accounts, sources)
        .where(accounts.c.person_id == person_id)
        .order_by(sources.c.name, accounts.c.ref)
    ).all()


def _uses(
    signed_in_since: date,
    paid_since: date,
    *,
    tool_id: int | None = None,
    account_ids: sa.Select[Any] | None = None,
) -> sa.CompoundSelect[Any]:
    """Every live use of a tool by an account, by the same rules that count a tool's people."""
    parts = []
    for kind, table, day, condition in (
        ("signs_in", sign_in_days, sign_in_days.c.day, sign_in_days.c.day >= signed_in_since),
        ("granted", grants, day_of(grants.c.last_seen), grants.c.gone_at.is_(None)),
        (
            "assigned",
            assignments,
            day_of(assignments.c.last_seen),
            sa.and_(assignments.c.gone_at.is_(None), assignments.c.via_group.is_(False)),
        ),
    ):
        part = (
            sa.select(apps.c.tool_id, table.c.account_id, sa.literal(kind).label("kind"), day.label("day"))
            .join_from(table, apps, apps.c.id == table.c.app_id)
            .where(condition, table.c.account_id.is_not(None), apps.c.tool_id.is_not(None))
        )
        if tool_id is not None:
            part = part.where(apps.c.tool_id == tool_id)
        if account_ids is not None:
            part = part.where(table.c.account_id.in_(account_ids))
        parts.append(part)
    paid = (
        sa.select(
            merchants.c.tool_id,
            expenses.c.account_id,
            sa.literal("paid").label("kind"),
            expenses.c.occurred_on.label("day"),
        )
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .where(
            expenses.c.occurred_on >= paid_since,
            expenses.c.account_id.is_not(None),
            expenses.c.state.not_in(("declined", "void")),
        )
    )
    if tool_id is not None:
        paid = paid.where(merchants.c.tool_id == tool_id)
    if account_ids is not None:
        paid = paid.where(expenses.c.account_id.in_(account_ids))
    return sa.union_all(*parts, paid)


def _kinds(uses: Any) -> Sequence[sa.ColumnElement[Any]]:
    return [
        sa.func.max(sa.case((uses.c.kind == kind, 1), else_=0)).label(kind)
        for kind in ("signs_in", "granted", "assigned", "paid")
    ] + [sa.func.max(uses.c.day).label("last_on")]


def users_of(
    connection: Connection,
    tool_id: int,
    *,
    signed_in_since: date,
    paid_since: date,
    before: tuple[date, int] | None,
    limit: int,
) -> Rows:
    """The people who use a tool, the latest use first, those before the given day and person id."""
    uses = _uses(signed_in_since, paid_since, tool_id=tool_id).subquery()
    each = (
        sa.select(accounts.c.person_id, *_kinds(uses))
        .join_from(uses, accounts, accounts.c.id == uses.c.account_id)
        .group_by(accounts.c.person_id)
        .subquery()
    )
    query = (
        sa.select(each, people)
        .join_from(each, people, people.c.id == each.c.person_id)
        .order_by(each.c.last_on.desc(), people.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        there = sa.tuple_(sa.literal(before[0], sa.Date), sa.literal(before[1], sa.BigInteger))
        query = query.where(sa.tuple_(each.c.last_on, people.c.id) < there)
    return connection.execute(query).all()


def tools_used_by(connection: Connection, person_id: int, *, signed_in_since: date, paid_since: date) -> Rows:
    """The tools that a person uses, the latest use first."""
    own = sa.select(accounts.c.id).where(accounts.c.person_id == person_id)
    uses = _uses(signed_in_since, paid_since, account_ids=own).subquery()
    return connection.execute(
        sa.select(tools.c.id, tools.c.name, *_kinds(uses))
        .join_from(uses, tools, tools.c.id == uses.c.tool_id)
        .group_by(tools.c.id, tools.c.name)
        .order_by(sa.func.max(uses.c.day).desc(), tools.c.id)
        .limit(500)
    ).all()


def first_used_by(connection: Connection, person_id: int) -> dict[int, date]:
    """Since when a person has had to do with each tool, as far back as is kept."""
    own = sa.select(accounts.c.id).where(accounts.c.person_id == person_id)
    parts = [
        sa.select(apps.c.tool_id, day.label("day"))
        .join_from(table, apps, apps.c.id == table.c.app_id)
        .where(table.c.account_id.in_(own), apps.c.tool_id.is_not(None))
        for table, day in (
            (sign_in_days, sign_in_days.c.day),
            (grants, day_of(sa.func.coalesce(grants.c.granted_at, grants.c.first_seen))),
            (assignments, day_of(sa.func.coalesce(assignments.c.assigned_at, assignments.c.first_seen))),
        )
    ]
    paid = (
        sa.select(merchants.c.tool_id, expenses.c.occurred_on.label("day"))
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .where(expenses.c.account_id.in_(own), expenses.c.state.not_in(("declined", "void")))
    )
    uses = sa.union_all(*parts, paid).subquery()
    query = sa.select(uses.c.tool_id, sa.func.min(uses.c.day)).group_by(uses.c.tool_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def people_by_id(connection: Connection, account_ids: Sequence[int]) -> Rows:
    """The people behind some accounts, with the account's id."""
    return connection.execute(
        sa.select(accounts.c.id.label("account_id"), *PERSON)
        .join_from(accounts, people, people.c.id == accounts.c.person_id)
        .where(among(connection, accounts.c.id, account_ids))
    ).all()
