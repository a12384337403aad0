"""Every query of `requests`."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among
from app.models import (
    passes,
    requests,
    review_conditions,
    review_events,
    reviews,
    tool_identifiers,
    tools,
    users,
)
from app.models.catalog import sort_name

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]
_SANCTIONED = ("sanctioned", "sanctioned_with_conditions", "provisional")
_SHOWN = (
    "id",
    "name",
    "vendor",
    "domain",
    "category",
    "evidence",
    "governance",
    "people",
    "spend_minor",
    "spend_currency",
    "first_seen",
    "risk_reasons",
    "listed",
    "merged_into",
)


# --- the catalog -------------------------------------------------------------------------------


def _tool(condition: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*(tools.c[name] for name in _SHOWN)).where(condition)


def tool(connection: Connection, tool_id: int) -> Row | None:
    """A tool."""
    return connection.execute(_tool(tools.c.id == tool_id)).one_or_none()


def lock_tool(connection: Connection, tool_id: int) -> None:
    """Let nobody else open a review of a tool until this transaction ends."""
    connection.execute(sa.select(tools.c.id).where(tools.c.id == tool_id).with_for_update(key_share=True))


def tool_of_key(connection: Connection, key: str) -> int | None:
    """The tool of a key."""
    return connection.scalar(sa.select(tools.c.id).where(tools.c.key == key))


def tool_that_owns(connection: Connection, kind: str, value: str) -> int | None:
    """The tool that owns an identifier."""
    query = sa.select(tool_identifiers.c.tool_id)
    return connection.scalar(query.where(tool_identifiers.c.kind == kind, tool_identifiers.c.value == value))


def tool_called(connection: Connection, name: str) -> int | None:
    """The shown tool of exactly this name, whatever its case; the one with most people of several."""
    return connection.scalar(
        sa.select(tools.c.id)
        .where(tools.c.sort_name == sort_name(name), tools.c.listed, tools.c.merged_into.is_(None))
        .order_by(tools.c.people.desc(), tools.c.id)
        .limit(1)
    )


def tools_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Row]:
    """Some tools."""
    if not ids:
        return {}
    return {row.id: row for row in connection.execute(_tool(among(connection, tools.c.id, sorted(ids))))}


def overlapping(connection: Connection, category: str, but: int | None, limit: int) -> Rows:
    """Tools of a category that are sanctioned or in use: the sanctioned first, then by people and spend.

    Each row knows how many there are in all, and how many of them are paid for: one look at the catalog.
    """
    # What the policy lets be used for now nobody sanctioned.
    passed = sa.exists().where(passes.c.tool_id == tools.c.id, passes.c.ended_at.is_(None))
    sanctioned = sa.and_(tools.c.governance.in_(_SANCTIONED), ~passed)
    query = (
        sa.select(
            tools.c.id,
            tools.c.name,
            tools.c.governance,
            tools.c.people,
            tools.c.spend_minor,
            tools.c.spend_currency,
            sanctioned.label("sanctioned"),
            sa.func.count().over().label("total"),
            sa.func.sum(sa.case((tools.c.spend_minor > 0, 1), else_=0)).over().label("paid"),
        )
        .where(
            tools.c.category == category,
            tools.c.listed,
            tools.c.merged_into.is_(None),
            tools.c.governance != "dismissed",
            sa.or_(sanctioned, tools.c.evidence == "active"),
        )
        .order_by(
            sa.case((sanctioned, 0), (tools.c.governance.in_(("retiring", "retired")), 2), else_=1),
            tools.c.people.desc(),
            tools.c.spend_minor.desc(),
            tools.c.id,
        )
        .limit(limit)
    )
    if but is not None:
        query = query.where(tools.c.id != but)
    return connection.execute(query).all()


# --- reviews -----------------------------------------------------------------------------------


def open_review(connection: Connection, tool_id: int) -> Row | None:
    """The open review of a tool."""
    return connection.execute(
        sa.select(reviews).where(reviews.c.tool_id == tool_id, reviews.c.closed_at.is_(None))
    ).one_or_none()


def decided_review(connection: Connection, tool_id: int) -> Row | None:
    """The last review of a tool that decided something."""
    return connection.execute(
        sa.select(reviews)
        .where(reviews.c.tool_id == tool_id, reviews.c.state == "decided")
        .order_by(reviews.c.id.desc())
        .limit(1)
    ).one_or_none()


def standing_pass(connection: Connection, tool_id: int) -> Row | None:
    """The pass that the policy gave a tool, if it stands."""
    query = sa.select(passes).where(passes.c.tool_id == tool_id, passes.c.ended_at.is_(None))
    return connection.execute(query).one_or_none()


def last_event(connection: Connection, review_id: int, kind: str) -> dict[str, Any]:
    """What the last event of a kind says; nothing, if there is none."""
    found = connection.scalar(
        sa.select(review_events.c.data)
        .where(review_events.c.review_id == review_id, review_events.c.kind == kind)
        .order_by(review_events.c.seq.desc())
        .limit(1)
    )
    return found if isinstance(found, dict) else {}


def open_conditions(connection: Connection, review_id: int) -> Rows:
    """What was promised in a decision and is not settled yet."""
    c = review_conditions.c
    query = sa.select(c.side, c.text, c.due).where(c.review_id == review_id, c.state == "open")
    return connection.execute(query.order_by(c.due, c.number)).all()


def durations(connection: Connection, lane: str, since: datetime) -> list[timedelta]:
    """How long the reviews of a lane took that were decided since a moment."""
    found = connection.execute(
        sa.select(reviews.c.opened_at, reviews.c.closed_at).where(
            reviews.c.state == "decided", reviews.c.lane == lane, reviews.c.closed_at >= since
        )
    )
    return [row.closed_at - row.opened_at for row in found]


# --- requests ----------------------------------------------------------------------------------


def insert(connection: Connection, **values: Any) -> int:
    """Store a request; its id."""
    key = connection.execute(sa.insert(requests).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def request(connection: Connection, request_id: int, *, lock: bool = False) -> Row | None:
    """One request with its requester's name."""
    query = _with_names().where(requests.c.id == request_id)
    return connection.execute(query.with_for_update(of=requests) if lock else query).one_or_none()


def request_page(
    connection: Connection, *, user_id: int | None, state: str | None, before: int | None, limit: int
) -> Rows:
    """Requests, the newest first."""
    query = _with_names().order_by(requests.c.id.desc()).limit(limit)
    for column, wanted in ((requests.c.user_id, user_id), (requests.c.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(requests.c.id < before)
    return connection.execute(query).all()


def _with_names() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(requests, users.c.name.label("user_name")).join_from(
        requests, users, users.c.id == requests.c.user_id
    )


def users_of(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Who made some requests, by user id."""
    return list(
        connection.scalars(sa.select(requests.c.user_id).where(among(connection, requests.c.id, ids)))
    )


def set_state(connection: Connection, ids: Sequence[int], **values: Any) -> None:
    """Change some requests."""
    connection.execute(sa.update(requests).where(among(connection, requests.c.id, ids)).values(**values))


def same_open(connection: Connection, tool_id: int, product: str | None, but: int) -> list[int]:
    """Other open requests for the same tool, by id; without those that somebody is at this very moment."""
    same = requests.c.tool_id == tool_id
    if product is not None:
        same = sa.or_(same, requests.c.product == product)
    query = sa.select(requests.c.id).where(requests.c.state == "open", requests.c.id != but, same)
    return list(connection.scalars(query.order_by(requests.c.id).with_for_update(skip_locked=True)))


def needs(connection: Connection) -> Rows:
    """What people said about tools that they tried, the newest first."""
    return connection.execute(
        sa.select(requests.c.id, requests.c.at, requests.c.category, requests.c.need, requests.c.tried)
        .where(requests.c.state != "withdrawn", sa.cast(requests.c.tried, sa.Text) != "[]")
        .order_by(requests.c.id.desc())
    ).all()
