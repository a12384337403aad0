"""Every query of `reviews`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.days import day_of
from app.db import among
from app.models import (
    apps,
    expenses,
    grants,
    merchants,
    requests,
    review_conditions,
    review_events,
    reviews,
    tool_departments,
    tools,
    users,
)
from app.reviews.events import Event, read, write
from app.reviews.words import ConditionState
from app.security.schemas import Side

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]
_IN_LIST = (reviews, tools.c.name.label("tool"))


# --- one review ------------------------------------------------------------------------------


def review(connection: Connection, review_id: int, *, lock: bool = False) -> Row | None:
    """One review's row; with `lock`, nobody else writes to it until the transaction ends."""
    query = sa.select(reviews).where(reviews.c.id == review_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def review_with_tool(connection: Connection, review_id: int) -> Row | None:
    """One review's row with the tool's name as `tool`."""
    query = sa.select(*_IN_LIST).join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
    return connection.execute(query.where(reviews.c.id == review_id)).one_or_none()


def open_review(connection: Connection, tool_id: int) -> int | None:
    """The review of a tool that still goes on."""
    query = sa.select(reviews.c.id).where(reviews.c.tool_id == tool_id, reviews.c.closed_at.is_(None))
    return connection.scalar(query)


def last_review(connection: Connection, tool_id: int, *, decided: bool = False) -> int | None:
    """The newest review of a tool; the newest decided one with `decided`."""
    query = sa.select(sa.func.max(reviews.c.id)).where(reviews.c.tool_id == tool_id)
    return connection.scalar(query.where(reviews.c.state == "decided") if decided else query)


def decided_before(connection: Connection, tool_id: int, review_id: int) -> list[int]:
    """Earlier decisions on a tool of which something is still waited for, locked."""
    waits = sa.exists().where(
        review_conditions.c.review_id == reviews.c.id, review_conditions.c.state == ConditionState.OPEN.value
    )
    query = (
        sa.select(reviews.c.id)
        .where(
            reviews.c.tool_id == tool_id,
            reviews.c.id < review_id,
            reviews.c.state == "decided",
            sa.or_(reviews.c.expires_on.is_not(None), waits),
        )
        .order_by(reviews.c.id)
    )
    return list(connection.scalars(query.with_for_update()))


def insert_review(connection: Connection, **values: Any) -> int:
    """Store a new review's row; gives its id."""
    key = connection.execute(sa.insert(reviews).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def update_review(connection: Connection, review_id: int, values: Mapping[str, Any]) -> None:
    """Write what follows from a review's log."""
    connection.execute(sa.update(reviews).where(reviews.c.id == review_id).values(**values))


def append(connection: Connection, review_id: int, event: Event) -> None:
    """Add one event to a review's log."""
    kind, data = write(event.body)
    connection.execute(
        sa.insert(review_events).values(
            review_id=review_id,
            seq=event.seq,
            at=event.at,
            user_id=event.user_id,
            side=event.side and event.side.value,
            kind=kind,
            data=data,
        )
    )


def events_of(connection: Connection, review_id: int) -> list[Event]:
    """A review's whole log, the first event first."""
    query = (
        sa.select(review_events).where(review_events.c.review_id == review_id).order_by(review_events.c.seq)
    )
    return [as_event(row) for row in connection.execute(query)]


def as_event(row: Row) -> Event:
    """A stored line as an event.

    Raises:
        BrokenLog: no release could have written it, or only a newer one.
    """
    side = Side(row.side) if row.side else None
    return Event(row.seq, row.at, row.user_id, side, read(row.kind, row.data))


def event_page(connection: Connection, review_id: int, *, after: int, limit: int) -> list[Event]:
    """Some of a review's events, those after a number."""
    query = (
        sa.select(review_events)
        .where(review_events.c.review_id == review_id, review_events.c.seq > after)
        .order_by(review_events.c.seq)
        .limit(limit)
    )
    return [as_event(row) for row in connection.execute(query)]


def lines_written(connection: Connection, review_id: int | None) -> int | None:
    """How many lines the log of a review has, or all logs together; None: there is no such review."""
    if review_id is not None:
        return connection.scalar(sa.select(reviews.c.version).where(reviews.c.id == review_id))
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(reviews.c.version), 0)))


def latest_lines(
    connection: Connection, review_id: int | None, *, last: int, besides: int | None, limit: int
) -> Sequence[Row]:
    """The latest lines of a review's log, or of all logs, each with its tool; the latest first.

    Args:
        connection: a reading transaction.
        review_id: which review; all, if not given.
        last: so many of the latest lines are looked at.
        besides: the user whose lines are left out.
        limit: how many are given; `counted` of each is how many there are.
    """
    latest = sa.select(review_events).limit(last)
    if review_id is not None:
        latest = latest.where(review_events.c.review_id == review_id)
    e = latest.order_by(*_latest_first(review_events.c)).subquery("latest").c
    query = (
        sa.select(
            *e,
            tools.c.id.label("tool_id"),
            tools.c.name.label("tool"),
            sa.func.count().over().label("counted"),
        )
        .join(reviews, reviews.c.id == e.review_id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .order_by(*_latest_first(e))
        .limit(limit)
    )
    if besides is not None:
        query = query.where(e.user_id.is_distinct_from(besides))
    return connection.execute(query).all()


def _latest_first(e: Any) -> Sequence[Any]:
    return e.at.desc(), e.review_id.desc(), e.seq.desc()


def requesters_of(connection: Connection, review_id: int) -> list[int]:
    """Who asked for the tool before a review of it was opened from that, by user id."""
    query = sa.select(requests.c.user_id).where(requests.c.review_id == review_id).distinct()
    return list(connection.scalars(query.order_by(requests.c.user_id)))


# --- conditions ------------------------------------------------------------------------------


def condition_rows(connection: Connection, review_id: int) -> list[dict[str, Any]]:
    """The stored conditions of a review, by number."""
    columns = [c for c in review_conditions.c if c.name != "review_id"]
    query = (
        sa.select(*columns)
        .where(review_conditions.c.review_id == review_id)
        .order_by(review_conditions.c.number)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def write_conditions(connection: Connection, review_id: int, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Make the stored conditions of a review these; conditions are never taken away."""
    known = {row["number"]: row for row in condition_rows(connection, review_id)}
    for row in wanted:
        if row["number"] not in known:
            connection.execute(sa.insert(review_conditions).values(review_id=review_id, **row))
        elif known[row["number"]] != row:
            here = sa.and_(
                review_conditions.c.review_id == review_id, review_conditions.c.number == row["number"]
            )
            connection.execute(sa.update(review_conditions).where(here).values(**row))


# --- what a review speaks of -----------------------------------------------------------------


def lock_tool(connection: Connection, tool_id: int) -> None:
    """Let nobody else write to a tool, nor open a review of it, until the transaction ends."""
    connection.execute(sa.select(tools.c.id).where(tools.c.id == tool_id).with_for_update(key_share=True))


def set_governance(connection: Connection, tool_id: int, governance: str, at: datetime) -> None:
    """Write what was decided on a tool."""
    connection.execute(
        sa.update(tools)
        .where(tools.c.id == tool_id)
        .values(governance=governance, version=tools.c.version + 1, updated_at=at)
    )


def tool(connection: Connection, tool_id: int) -> Row | None:
    """A tool's row, merged away or not."""
    return connection.execute(sa.select(tools).where(tools.c.id == tool_id)).one_or_none()


def tools_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Row]:
    """Some tools in short, by id."""
    columns = (tools.c.id, tools.c.name, tools.c.governance, tools.c.merged_into)
    query = sa.select(*columns).where(among(connection, tools.c.id, sorted(set(ids))))
    return {row.id: row for row in connection.execute(query)}


def sides_of_users(connection: Connection, ids: Iterable[int]) -> dict[int, frozenset[Side]]:
    """The sides that some active users sit on."""
    query = sa.select(users.c.id, users.c.roles).where(
        among(connection, users.c.id, sorted(set(ids))), users.c.active
    )
    return {
        row.id: frozenset(side for side in Side if side.value in row.roles)
        for row in connection.execute(query)
    }


def evidence_of_tool(connection: Connection, tool_id: int, kind: str, ids: Iterable[int]) -> set[int]:
    """Which of some apps, grants or expenses are a tool's."""
    table = {"app": apps, "grant": grants, "expense": expenses}[kind]
    query = sa.select(table.c.id).where(among(connection, table.c.id, sorted(set(ids))))
    if kind == "grant":
        query = query.join_from(grants, apps, apps.c.id == grants.c.app_id)
    if kind == "expense":
        query = query.join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
    owner = merchants.c.tool_id if kind == "expense" else apps.c.tool_id
    return set(connection.scalars(query.where(owner == tool_id)))


# --- lists and numbers -----------------------------------------------------------------------


def review_page(
    connection: Connection,
    *,
    states: Sequence[str],
    lanes: Sequence[str],
    waiting_on: Sequence[str],
    tool_id: int | None,
    department: str | None,
    closed_from: date | None,
    closed_to: date | None,
    took_part: int | None,
    before: int | None,
    limit: int,
    outcomes: Sequence[str] = (),
    words: Sequence[str] = (),
) -> Rows:
    """Reviews, the newest first, those with an id below `before`."""
    query = (
        sa.select(*_IN_LIST)
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .order_by(reviews.c.id.desc())
        .limit(limit)
    )
    if states:
        query = query.where(reviews.c.state.in_(states))
    if lanes:
        query = query.where(reviews.c.lane.in_(lanes))
    if waiting_on:
        query = query.where(sa.or_(*(reviews.c[f"waiting_on_{party}"] for party in waiting_on)))
    if tool_id is not None:
        query = query.where(reviews.c.tool_id == tool_id)
    if department is not None:
        query = query.where(used_in(department))
    if closed_from is not None:
        query = query.where(day_of(reviews.c.closed_at) >= closed_from)
    if closed_to is not None:
        query = query.where(day_of(reviews.c.closed_at) <= closed_to)
    if took_part is not None:
        query = query.where(
            sa.or_(
                sa.exists().where(
                    review_events.c.review_id == reviews.c.id, review_events.c.user_id == took_part
                ),
                sa.exists().where(
                    review_conditions.c.review_id == reviews.c.id,
                    review_conditions.c.owner_user_id == took_part,
                ),
            )
        )
    if outcomes:
        query = query.where(reviews.c.outcome.in_(outcomes))
    for word in words:
        query = query.where(tools.c.search.contains(word, autoescape=True))
    if before is not None:
        query = query.where(reviews.c.id < before)
    return connection.execute(query).all()


def used_in(department: str) -> sa.ColumnElement[bool]:
    """Whether a department uses the tool of a review."""
    return sa.exists().where(
        tool_departments.c.tool_id == reviews.c.tool_id, tool_departments.c.department == department
    )


def rows_in_order(connection: Connection) -> Iterator[Row]:
    """Every review's row by id, read a few hundred at a time."""
    last = 0
    while True:
        query = sa.select(reviews).where(reviews.c.id > last).order_by(reviews.c.id).limit(200)
        rows = connection.execute(query).all()
        yield from rows
        if len(rows) < 200:
            return
        last = rows[-1].id
