"""The scoreboard's queries over reviews and what was promised in them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import passes, review_conditions, review_events, review_reminders, reviews, tools
from app.reviews.board_rows import UNDECIDED, of_department
from app.reviews.measures import Days, Promised
from app.security.schemas import Side


def promised(connection: Connection, department: str | None) -> list[Promised]:
    """Every condition of every decision."""
    c = review_conditions.c
    query = (
        sa.select(
            reviews.c.tool_id,
            c.review_id,
            c.number,
            c.side,
            c.text,
            c.state,
            reviews.c.closed_at,
            c.settled_at,
        )
        .join_from(review_conditions, reviews, reviews.c.id == c.review_id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(*of_department(department))
    )
    return [
        Promised(tool_id, review, number, Side(side), text, state, decided_at, settled_at)
        for tool_id, review, number, side, text, state, decided_at, settled_at in connection.execute(
            query
        ).all()
    ]


def waited(
    connection: Connection, since: datetime, until: datetime, department: str | None
) -> list[tuple[datetime, str, dict[str, int]]]:
    """Of each review that was decided within a time: when, its lane, and business seconds by party."""
    query = (
        sa.select(reviews.c.closed_at, reviews.c.lane, review_events.c.data["waited"])
        .join_from(reviews, review_events, review_events.c.review_id == reviews.c.id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(
            review_events.c.kind == "decided",
            reviews.c.state == "decided",
            reviews.c.closed_at >= since,
            reviews.c.closed_at < until,
            *of_department(department),
        )
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query).all()]


def outcomes(connection: Connection, days: Days, department: str | None) -> dict[str, int]:
    """How many reviews were decided in a period, by outcome."""
    query = (
        sa.select(reviews.c.outcome, sa.func.count())
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(
            reviews.c.state == "decided",
            reviews.c.closed_at >= days.start,
            reviews.c.closed_at < days.end,
            *of_department(department),
        )
        .group_by(reviews.c.outcome)
        .order_by(reviews.c.outcome)
    )
    return {row[0]: row[1] for row in connection.execute(query).all()}


def waiting(connection: Connection, department: str | None) -> dict[str, int]:
    """How many reviews go on, and how many of them wait on each party."""
    parts = {party: reviews.c[f"waiting_on_{party}"] for party in ("it", "marketing", "arbiters")}
    counts = [sa.func.count(sa.case((c, 1))).label(party) for party, c in parts.items()]
    query = (
        sa.select(sa.func.count().label("all"), *counts)
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .where(reviews.c.closed_at.is_(None), *of_department(department))
    )
    return dict(connection.execute(query).mappings().one())


def arbiters_waited(connection: Connection, days: Days, department: str | None) -> list[dict[str, int]]:
    """Business seconds by side of the arbiters, of each review that was decided in a period."""
    query = (
        sa.select(review_events.c.data["arbiters_waited"].label("waited"))
        .join_from(reviews, review_events, review_events.c.review_id == reviews.c.id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(
            review_events.c.kind == "decided",
            reviews.c.state == "decided",
            reviews.c.closed_at >= days.start,
            reviews.c.closed_at < days.end,
            *of_department(department),
        )
    )
    return [row.waited or {} for row in connection.execute(query)]


def noted_late(connection: Connection, days: Days, department: str | None) -> list[tuple[str, bool]]:
    """Who was waited on for too long, each time that was noted in a period: side, and whether arbiters."""
    c = review_reminders.c
    query = (
        sa.select(c.side, c.arbiters)
        .join_from(review_reminders, reviews, reviews.c.id == c.review_id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .where(c.at >= days.start, c.at < days.end, *of_department(department))
    )
    return [(row.side, row.arbiters) for row in connection.execute(query)]


def decisions(connection: Connection, department: str | None) -> tuple[int, int, int]:
    """How many tools are decided on, of how many of them a joint review said so; and how many have a pass.

    What the policy lets be used for now nobody decided on.
    """
    passed = sa.exists().where(passes.c.tool_id == tools.c.id, passes.c.ended_at.is_(None))
    jointly = sa.exists().where(reviews.c.tool_id == tools.c.id, reviews.c.state == "decided")
    query = sa.select(
        sa.func.count(sa.case((~passed, 1))),
        sa.func.count(sa.case((sa.and_(jointly, ~passed), 1))),
        sa.func.count(sa.case((passed, 1))),
    ).where(tools.c.governance.not_in(UNDECIDED), tools.c.merged_into.is_(None), *of_department(department))
    row = connection.execute(query).one()
    return row[0], row[1], row[2]
