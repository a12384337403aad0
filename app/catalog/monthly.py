"""Queries of one tool month by month: who used it, and what it cost."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.days import day_of, month_of
from app.models import accounts, apps, assignments, consent_events, expenses, grants, merchants, sign_in_days

Row = sa.Row[*tuple[Any, ...]]


def users_by_month(connection: Connection, tool_id: int) -> list[tuple[str, int]]:
    """Each month in which a person was seen using a tool, as (`2026-10`, person), in no order.

    Seen using it are those who signed in, let it act for them, were given it in person, or paid for it.
    """
    own = sa.select(apps.c.id).where(apps.c.tool_id == tool_id)
    paid = sa.select(merchants.c.id).where(merchants.c.tool_id == tool_id)

    def part(
        account_id: sa.ColumnElement[Any], day: sa.ColumnElement[Any], *conditions: sa.ColumnElement[bool]
    ) -> sa.Select[*tuple[Any, ...]]:
        month = month_of(day)
        return (
            sa.select(account_id.label("account_id"), month.label("month"))
            .where(account_id.is_not(None), *conditions)
            .group_by(account_id, month)
        )

    granted = sa.func.coalesce(grants.c.granted_at, grants.c.first_seen)
    assigned = sa.func.coalesce(assignments.c.assigned_at, assignments.c.first_seen)
    uses = sa.union_all(
        part(sign_in_days.c.account_id, sign_in_days.c.day, sign_in_days.c.app_id.in_(own)),
        part(grants.c.account_id, day_of(granted), grants.c.app_id.in_(own)),
        part(
            consent_events.c.account_id,
            day_of(consent_events.c.at),
            consent_events.c.app_id.in_(own),
            consent_events.c.granted,
        ),
        part(
            assignments.c.account_id,
            day_of(assigned),
            assignments.c.app_id.in_(own),
            assignments.c.via_group.is_(False),
        ),
        part(
            expenses.c.account_id,
            expenses.c.occurred_on,
            expenses.c.merchant_id.in_(paid),
            expenses.c.state.not_in(("declined", "void")),
        ),
    ).subquery()
    query = (
        sa.select(uses.c.month, accounts.c.person_id)
        .join_from(uses, accounts, accounts.c.id == uses.c.account_id)
        .where(accounts.c.person_id.is_not(None))
        .distinct()
    )
    return [(row.month, row.person_id) for row in connection.execute(query)]


def spend_by_month(connection: Connection, tool_id: int, since: date) -> list[Row]:
    """What a tool cost since a day, by month and currency: posted charges less refunds."""
    month = month_of(expenses.c.occurred_on)
    return list(
        connection.execute(
            sa.select(
                month.label("month"),
                expenses.c.currency,
                sa.func.sum(expenses.c.amount_minor).label("amount"),
            )
            .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
            .where(
                merchants.c.tool_id == tool_id,
                expenses.c.state.in_(("posted", "refund")),
                expenses.c.replaced.is_(False),
                expenses.c.occurred_on >= since,
            )
            .group_by(month, expenses.c.currency)
        )
    )
