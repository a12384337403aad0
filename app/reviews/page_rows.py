"""What the pages of reviews ask of the database, beside single reviews: the board, promises, evidence."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among
from app.models import (
    accounts,
    apps,
    expenses,
    grants,
    merchants,
    people,
    review_conditions,
    review_events,
    reviews,
    sources,
    tools,
)
from app.reviews.events import Event
from app.reviews.repository import Row, Rows, as_event, used_in
from app.reviews.terms import USABLE

_CARD = (
    reviews,
    tools.c.name.label("tool"),
    tools.c.category,
    tools.c.people,
    tools.c.grant_grade,
    tools.c.spend_minor,
    tools.c.spend_currency,
)


# --- the board -------------------------------------------------------------------------------


def open_cards(
    connection: Connection,
    *,
    waiting_on: Sequence[str] = (),
    lanes: Sequence[str] = (),
    department: str | None = None,
    limit: int,
) -> Rows:
    """Reviews that go on, with what a card says of their tools; the oldest first."""
    query = (
        sa.select(*_CARD)
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .where(reviews.c.closed_at.is_(None))
        .order_by(reviews.c.id)
        .limit(limit)
    )
    if waiting_on:
        query = query.where(sa.or_(*(reviews.c[f"waiting_on_{party}"] for party in waiting_on)))
    return connection.execute(_narrowed(query, lanes, department)).all()


def running_cards(
    connection: Connection,
    *,
    lanes: Sequence[str] = (),
    department: str | None = None,
    sides: Sequence[str] = (),
    limit: int,
) -> Rows:
    """Decisions of which something is still to come, the next day first.

    Each has `promises` (how many are open), `next_due` (the first of their days, or the day on which a
    provisional decision ends), and `promised_by_it` and `promised_by_marketing`.
    """
    c = review_conditions.c
    still = (
        sa.select(
            c.review_id,
            sa.func.count().label("promises"),
            sa.func.min(c.due).label("first"),
            sa.func.count(sa.case((c.side == "it", 1))).label("by_it"),
            sa.func.count(sa.case((c.side == "marketing", 1))).label("by_marketing"),
        )
        .where(c.state == "open")
        .group_by(c.review_id)
        .subquery()
    )
    later = reviews.alias("later")
    decided_later = sa.exists().where(
        later.c.tool_id == reviews.c.tool_id, later.c.id > reviews.c.id, later.c.state == "decided"
    )
    ending = sa.and_(
        reviews.c.outcome.in_(("migrate", "retire")), tools.c.governance == "retiring", ~decided_later
    )
    by_it, by_marketing = (sa.func.coalesce(still.c[name], 0) for name in ("by_it", "by_marketing"))
    due = sa.case(
        (still.c.first.is_(None), reviews.c.expires_on),
        (reviews.c.expires_on.is_(None), still.c.first),
        (still.c.first < reviews.c.expires_on, still.c.first),
        else_=reviews.c.expires_on,
    )
    query = (
        sa.select(
            *_CARD,
            sa.func.coalesce(still.c.promises, 0).label("promises"),
            due.label("next_due"),
            by_it.label("promised_by_it"),
            by_marketing.label("promised_by_marketing"),
        )
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .outerjoin(still, still.c.review_id == reviews.c.id)
        .where(
            reviews.c.state == "decided",
            sa.or_(still.c.promises > 0, reviews.c.expires_on.is_not(None), ending),
        )
        .order_by(due.is_(None), due, reviews.c.id)
        .limit(limit)
    )
    if sides:
        counts = {"it": by_it, "marketing": by_marketing}  # arbiters promise nothing
        query = query.where(sa.or_(sa.false(), *(counts[side] > 0 for side in sides if side in counts)))
    return connection.execute(_narrowed(query, lanes, department)).all()


def _narrowed(query: sa.Select[Any], lanes: Sequence[str], department: str | None) -> sa.Select[Any]:
    if lanes:
        query = query.where(reviews.c.lane.in_(lanes))
    if department is not None:
        query = query.where(used_in(department))
    return query


def logs_of(connection: Connection, review_ids: Iterable[int]) -> dict[int, list[Event]]:
    """The logs of some reviews, each with the first event first."""
    found: dict[int, list[Event]] = {id_: [] for id_ in review_ids}
    query = (
        sa.select(review_events)
        .where(among(connection, review_events.c.review_id, sorted(found)))
        .order_by(review_events.c.review_id, review_events.c.seq)
    )
    for row in connection.execute(query):
        found[row.review_id].append(as_event(row))
    return found


# --- promises --------------------------------------------------------------------------------


def condition_page(
    connection: Connection,
    *,
    owner: int | None,
    sides: Sequence[str],
    states: Sequence[str],
    due_to: date | None,
    after: tuple[date, int, int] | None,
    limit: int,
) -> Rows:
    """Promises of decisions with their tools, those that are due first, first."""
    c = review_conditions.c
    query = (
        sa.select(review_conditions, reviews.c.tool_id, tools.c.name.label("tool"))
        .join_from(review_conditions, reviews, reviews.c.id == c.review_id)
        .join(tools, tools.c.id == reviews.c.tool_id)
        .order_by(c.due, c.review_id, c.number)
        .limit(limit)
    )
    if owner is not None:
        query = query.where(c.owner_user_id == owner)
    if sides:
        query = query.where(c.side.in_(sides))
    if states:
        query = query.where(c.state.in_(states))
    if due_to is not None:
        query = query.where(c.due <= due_to)
    if after is not None:
        query = query.where(sa.tuple_(c.due, c.review_id, c.number) > sa.tuple_(*_literals(after)))
    return connection.execute(query).all()


def _literals(after: tuple[date, int, int]) -> tuple[Any, ...]:
    return (sa.literal(after[0], sa.Date), sa.literal(after[1]), sa.literal(after[2]))


# --- beside one review -----------------------------------------------------------------------


def approved_tools(connection: Connection, *, but: int, category: str | None, limit: int) -> Rows:
    """Tools that people can be sent to: those of one category first (`alike`), then by name."""
    alike = tools.c.category == category if category else sa.false()
    query = (
        sa.select(tools.c.id, tools.c.name, alike.label("alike"))
        .where(tools.c.governance.in_(USABLE), tools.c.merged_into.is_(None), tools.c.id != but)
        .order_by(sa.case((alike, 0), else_=1), sa.func.lower(tools.c.name), tools.c.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def tool_facts(connection: Connection, tool_id: int) -> Row:
    """What a review's page must know of its tool though it may have been merged away."""
    columns = (tools.c.name, tools.c.category, tools.c.ownership, tools.c.merged_into, tools.c.governance)
    return connection.execute(sa.select(*columns).where(tools.c.id == tool_id)).one()


def apps_by_id(connection: Connection, ids: Iterable[int]) -> Rows:
    """Some apps, with the names of their sources."""
    query = (
        sa.select(apps.c.id, apps.c.name, sources.c.name.label("source"), apps.c.sign_on)
        .join_from(apps, sources, sources.c.id == apps.c.source_id)
        .where(among(connection, apps.c.id, sorted(set(ids))))
        .order_by(apps.c.id)
    )
    return connection.execute(query).all()


def grants_by_id(connection: Connection, ids: Iterable[int]) -> Rows:
    """Some grants, with the names of their apps and sources; whose they are is left out."""
    query = (
        sa.select(
            grants.c.id,
            grants.c.scopes,
            grants.c.grade,
            grants.c.account_id.is_(None).label("everybody"),
            apps.c.name,
            sources.c.name.label("source"),
        )
        .join_from(grants, apps, apps.c.id == grants.c.app_id)
        .join(sources, sources.c.id == apps.c.source_id)
        .where(among(connection, grants.c.id, sorted(set(ids))))
        .order_by(grants.c.id)
    )
    return connection.execute(query).all()


def expenses_by_id(connection: Connection, ids: Iterable[int]) -> Rows:
    """Some charges, with the names of their sources and of who paid them."""
    e = expenses.c
    query = (
        sa.select(
            *(e.id, e.merchant, e.amount_minor, e.currency, e.occurred_on),
            sources.c.name.label("source"),
            people.c.name.label("person_name"),
        )
        .join_from(expenses, sources, sources.c.id == e.source_id)
        .outerjoin(accounts, accounts.c.id == e.account_id)
        .outerjoin(people, people.c.id == accounts.c.person_id)
        .where(among(connection, e.id, sorted(set(ids))))
        .order_by(e.id)
    )
    return connection.execute(query).all()


def evidence_offered(connection: Connection, tool_id: int, each: int) -> dict[str, list[int]]:
    """What of a tool's evidence is worth attaching: its apps, its gravest grants, its latest charges."""
    of_tool = apps.c.tool_id == tool_id
    grade = sa.case((grants.c.grade == "high", 0), (grants.c.grade == "medium", 1), else_=2)
    live = (
        sa.select(grants.c.id)
        .join_from(grants, apps, apps.c.id == grants.c.app_id)
        .where(of_tool, grants.c.gone_at.is_(None))
        .order_by(grade, grants.c.id)
        .limit(each)
    )
    listed = sa.select(apps.c.id).where(of_tool, apps.c.gone_at.is_(None)).order_by(apps.c.id).limit(each)
    paid = (
        sa.select(expenses.c.id)
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .where(merchants.c.tool_id == tool_id, expenses.c.replaced.is_(False), expenses.c.state == "posted")
        .order_by(expenses.c.occurred_on.desc(), expenses.c.id.desc())
        .limit(each)
    )
    queries = {"app": listed, "grant": live, "expense": paid}
    return {kind: list(connection.scalars(query)) for kind, query in queries.items()}
