"""What the sweep looks for: what has run out, what outgrew its decision, what is due soon."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.models import remediation_plans, review_conditions, review_events, review_reminders, reviews, tools
from app.reviews.repository import Row
from app.reviews.words import ConditionState

_SWEEP = 7_230_419_885


def overdue(connection: Connection, today: date) -> list[tuple[int, int]]:
    """Decided reviews with something whose day has passed, as (tool, review), in a fixed order.

    Those of a tool that was merged away are left alone: they wait until the merge is undone.
    """
    late = sa.exists().where(
        review_conditions.c.review_id == reviews.c.id,
        review_conditions.c.state == ConditionState.OPEN.value,
        review_conditions.c.due < today,
    )
    query = (
        sa.select(reviews.c.tool_id, reviews.c.id)
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .where(tools.c.merged_into.is_(None), sa.or_(late, reviews.c.expires_on < today))
        .order_by(reviews.c.tool_id, reviews.c.id)
    )
    return [(row.tool_id, row.id) for row in connection.execute(query)]


ALLOWED = ("sanctioned", "sanctioned_with_conditions", "provisional")
DECIDED = (*ALLOWED, "in_review", "retiring", "dismissed")
"""Also what is under review anew, or was decided against; what is retired is looked at by its use."""


def agreed_on(
    connection: Connection, governance: tuple[str, ...] = ALLOWED
) -> list[tuple[int, dict[str, Any]]]:
    """What the last decisions on tools of some governance were taken on, by tool."""
    latest = (
        sa.select(reviews.c.tool_id, sa.func.max(reviews.c.id).label("id"))
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(
            reviews.c.state == "decided",
            tools.c.governance.in_(governance),
            tools.c.merged_into.is_(None),
        )
        .group_by(reviews.c.tool_id)
        .subquery()
    )
    query = (
        sa.select(latest.c.tool_id, review_events.c.data)
        .join_from(latest, review_events, review_events.c.review_id == latest.c.id)
        .where(review_events.c.kind == "decided")
        .order_by(latest.c.tool_id)
    )
    found = ((row.tool_id, row.data.get("evidence", {}).get("agreed")) for row in connection.execute(query))
    return [(tool_id, agreed) for tool_id, agreed in found if agreed]


def used_after_retiring(connection: Connection) -> list[Row]:
    """Tools that were retired and have been used since, with the moment of the last use."""
    ended = (
        sa.select(remediation_plans.c.tool_id, sa.func.max(remediation_plans.c.finished_at).label("at"))
        .where(remediation_plans.c.state == "done")
        .group_by(remediation_plans.c.tool_id)
        .subquery()
    )
    query = (
        sa.select(tools.c.id, tools.c.name, tools.c.last_seen)
        .join(ended, ended.c.tool_id == tools.c.id)
        .where(
            tools.c.governance == "retired",
            tools.c.merged_into.is_(None),
            tools.c.last_seen > ended.c.at,
            tools.c.evidence == "active",
        )
        .order_by(tools.c.id)
    )
    return list(connection.execute(query))


def due_soon(connection: Connection, today: date, until: date) -> list[Row]:
    """Promises that are open and due from today through a day, with review and tool; none of merged tools."""
    query = (
        sa.select(review_conditions, reviews.c.tool_id, tools.c.name.label("tool"))
        .join_from(review_conditions, reviews, reviews.c.id == review_conditions.c.review_id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(
            review_conditions.c.state == "open",
            review_conditions.c.due.between(today, until),
            tools.c.merged_into.is_(None),
        )
        .order_by(review_conditions.c.due, review_conditions.c.review_id, review_conditions.c.number)
    )
    return list(connection.execute(query))


def note_late(
    connection: Connection, review_id: int, side: str, *, arbiters: bool, times: int, at: datetime
) -> bool:
    """Note that somebody is reminded for the n-th time; False if they were before.

    When they were reminded first stays.
    """
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    values = {"review_id": review_id, "side": side, "arbiters": arbiters, "at": at, "times": times}
    query = kind.insert(review_reminders).values(**values)
    query = query.on_conflict_do_update(
        index_elements=["review_id", "side", "arbiters"],
        set_={"times": query.excluded.times},
        where=review_reminders.c.times < query.excluded.times,
    )
    return connection.execute(query.returning(review_reminders.c.review_id)).one_or_none() is not None


def sweep_alone(connection: Connection) -> None:
    """Wait for another sweep, and keep others out until this transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SWEEP)))


def open_of_live_tools(connection: Connection) -> list[int]:
    """Reviews that go on, by id; without those whose tool was merged away."""
    query = (
        sa.select(reviews.c.id)
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .where(reviews.c.closed_at.is_(None), tools.c.merged_into.is_(None))
        .order_by(reviews.c.id)
    )
    return list(connection.scalars(query))
