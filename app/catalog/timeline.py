"""Queries of a tool's evidence as one timeline: everything that was seen, the latest first.

Two steps: one query says which pieces stand on the page, then one query a kind brings their details.
Sign-ins are one line for an app and day, group assignments one line for an app.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.days import start_of
from app.catalog.schemas import EvidenceKind
from app.db import among
from app.models import apps, assignments, consent_events, expenses, grants, merchants, sign_in_days, sources

Row = sa.Row[*tuple[Any, ...]]


class Moment(NamedTuple):
    """Where a piece of evidence stands: the cursor's values too."""

    at: datetime
    kind: EvidenceKind
    id: int


def moments(connection: Connection, tool_id: int, before: Moment | None, limit: int) -> list[Moment]:
    """Which pieces of evidence stand on a page, the latest first.

    Args:
        connection: in a reading transaction.
        tool_id: of which tool.
        before: the last one of the page before.
        limit: how many at most.
    """
    own = sa.select(apps.c.id).where(apps.c.tool_id == tool_id)
    paid = sa.select(merchants.c.id).where(merchants.c.tool_id == tool_id)

    def part(
        kind: EvidenceKind, id_: sa.ColumnElement[Any], at: sa.ColumnElement[Any]
    ) -> sa.Select[*tuple[Any, ...]]:
        return sa.select(sa.literal(kind.value).label("kind"), id_.label("id"), at.label("at"))

    union = sa.union_all(
        part(EvidenceKind.APP, apps.c.id, apps.c.first_seen).where(apps.c.tool_id == tool_id),
        part(EvidenceKind.ASSIGNMENT, assignments.c.app_id, sa.func.max(assignments.c.first_seen))
        .where(assignments.c.app_id.in_(own))
        .group_by(assignments.c.app_id),
        part(EvidenceKind.SIGN_IN, sign_in_days.c.app_id, start_of(sign_in_days.c.day))
        .where(sign_in_days.c.app_id.in_(own))
        .group_by(sign_in_days.c.app_id, sign_in_days.c.day),
        part(EvidenceKind.CONSENT, consent_events.c.id, consent_events.c.at).where(
            consent_events.c.app_id.in_(own)
        ),
        part(
            EvidenceKind.GRANT, grants.c.id, sa.func.coalesce(grants.c.granted_at, grants.c.first_seen)
        ).where(grants.c.app_id.in_(own)),
        part(EvidenceKind.EXPENSE, expenses.c.id, start_of(expenses.c.occurred_on)).where(
            expenses.c.merchant_id.in_(paid)
        ),
    ).subquery()
    query = (
        sa.select(union.c.at, union.c.kind, union.c.id)
        .order_by(union.c.at.desc(), union.c.kind, union.c.id)
        .limit(limit)
    )
    if before is not None:
        at = sa.literal(before.at, union.c.at.type)
        later = sa.or_(
            union.c.kind > before.kind.value,
            sa.and_(union.c.kind == before.kind.value, union.c.id > sa.literal(before.id, sa.BigInteger)),
        )
        query = query.where(sa.or_(union.c.at < at, sa.and_(union.c.at == at, later)))
    return [Moment(row.at, EvidenceKind(row.kind), row.id) for row in connection.execute(query)]


def app_rows(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Apps by id, with their source's name."""
    rows = connection.execute(
        sa.select(apps, sources.c.name.label("source"))
        .join_from(apps, sources)
        .where(among(connection, apps.c.id, ids))
    )
    return {row.id: row for row in rows}


def assignment_rows(connection: Connection, app_ids: Sequence[int]) -> dict[int, Row]:
    """By app: how many people and groups have it, of these by their own hand, and since when."""
    live = assignments.c.gone_at.is_(None)

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.and_(live, *conditions), 1), else_=0))

    rows = connection.execute(
        sa.select(
            assignments.c.app_id,
            count(assignments.c.account_id.is_not(None)).label("people"),
            count(assignments.c.account_id.is_(None)).label("groups"),
            count(assignments.c.via_group).label("via_group"),
            count(assignments.c.self_assigned).label("self_assigned"),
            sa.func.min(assignments.c.first_seen).label("first_seen"),
            sa.func.max(assignments.c.last_seen).label("last_seen"),
        )
        .where(among(connection, assignments.c.app_id, app_ids))
        .group_by(assignments.c.app_id)
    )
    return {row.app_id: row for row in rows}


def sign_in_rows(
    connection: Connection, app_ids: Sequence[int], days: Sequence[date]
) -> dict[tuple[int, date], Row]:
    """By app and day: how many sign-ins of how many accounts."""
    if not days:
        return {}
    rows = connection.execute(
        sa.select(
            sign_in_days.c.app_id,
            sign_in_days.c.day,
            sa.func.sum(sign_in_days.c.count).label("sign_ins"),
            sa.func.count().label("accounts"),
        )
        .where(
            among(connection, sign_in_days.c.app_id, app_ids),
            sign_in_days.c.day.between(min(days), max(days)),
        )
        .group_by(sign_in_days.c.app_id, sign_in_days.c.day)
    )
    return {(row.app_id, row.day): row for row in rows}


def consent_rows(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Consent events by id."""
    rows = connection.execute(sa.select(consent_events).where(among(connection, consent_events.c.id, ids)))
    return {row.id: row for row in rows}


def grant_rows(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Grants by id."""
    rows = connection.execute(sa.select(grants).where(among(connection, grants.c.id, ids)))
    return {row.id: row for row in rows}


def expense_rows(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Expenses by id, with their source's name."""
    rows = connection.execute(
        sa.select(
            expenses,
            merchants.c.rule,
            merchants.c.confidence,
            merchants.c.why,
            sources.c.name.label("source"),
        )
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .join(sources, sources.c.id == expenses.c.source_id)
        .where(among(connection, expenses.c.id, ids))
    )
    return {row.id: row for row in rows}
