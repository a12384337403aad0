"""Every query about who gets the report."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import upsert
from app.models import report_subscriptions, users

Row = sa.Row[*tuple[Any, ...]]
_S = report_subscriptions.c


def subscription(connection: Connection, user_id: int) -> Row | None:
    """What a user wants."""
    query = sa.select(report_subscriptions).where(_S.user_id == user_id)
    return connection.execute(query).one_or_none()


def save(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keep what a user wants; of which month they had it last is not changed."""
    upsert(
        connection,
        report_subscriptions,
        [dict(values)],
        key=("user_id",),
        update=("day", "locale", "updated_at"),
    )


def delete(connection: Connection, user_id: int) -> bool:
    """Forget what a user wants; False if they wanted nothing."""
    query = sa.delete(report_subscriptions).where(_S.user_id == user_id)
    return connection.execute(query).rowcount == 1


def subscribers(connection: Connection, before: date) -> Sequence[Row]:
    """Who gets it, may log in, and had none of the month that begins on `before` or a later one."""
    query = (
        sa.select(
            _S.user_id,
            _S.day,
            _S.sent_for,
            sa.func.coalesce(users.c.locale, _S.locale).label("locale"),
            users.c.name,
            users.c.roles,
            users.c.person_id,
        )
        .join(users, users.c.id == _S.user_id)
        .where(users.c.active, _S.sent_for < before)
        .order_by(_S.user_id)
    )
    return connection.execute(query).all()


def take(connection: Connection, user_id: int, month: date) -> bool:
    """Note that a user gets the report of a month; False if somebody noted that already."""
    query = sa.update(report_subscriptions).where(_S.user_id == user_id, _S.sent_for < month)
    return connection.execute(query.values(sent_for=month)).rowcount == 1
