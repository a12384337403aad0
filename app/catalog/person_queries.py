"""The queries behind the list of people: by name, by number, by how much they use or have allowed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.queries import PeopleFilter, PeopleSort
from app.catalog.repository import Row, Rows
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
    tools,
)

_LABEL = sa.func.lower(sa.func.coalesce(people.c.name, people.c.email, ""))
_LEFT = people.c.active.is_(False)
_RANK = sa.case((grants.c.grade == "high", 3), (grants.c.grade == "medium", 2), else_=1)
_BEYOND = 1_000_000
"""More permissions than anybody gives: a score is the worst grade times this, and how many have it."""


def people_list(
    connection: Connection, wanted: PeopleFilter, *, after: tuple[str, int] | None, limit: int
) -> Rows:
    """People by name, those after the given label and id; `label` is what they are sorted by."""
    query = _named(_of_people(sa.select(people, _LABEL.label("label")), wanted), wanted)
    query = query.order_by(_LABEL, people.c.id).limit(limit)
    if after is not None:
        there = sa.tuple_(sa.literal(after[0], sa.Text), sa.literal(after[1], sa.BigInteger))
        query = query.where(sa.tuple_(_LABEL, people.c.id) > there)
    return connection.execute(query).all()


def people_by_order(
    connection: Connection, wanted: PeopleFilter, *, only: Sequence[int] | None, after: int | None, limit: int
) -> Rows:
    """People by id whatever they are called: those of `only`, if it is given, after an id."""
    query = _of_people(sa.select(people), wanted).order_by(people.c.id).limit(limit)
    if only is not None:
        query = query.where(among(connection, people.c.id, only))
    if after is not None:
        query = query.where(people.c.id > after)
    return connection.execute(query).all()


def people_by_score(
    connection: Connection,
    wanted: PeopleFilter,
    *,
    by_name: bool,
    only: Sequence[int] | None,
    after: tuple[int, int] | None,
    limit: int,
    signed_in_since: date,
    paid_since: date,
) -> Rows:
    """People by how many tools they use, or by what was allowed in their name; `score` is what they sort by.

    Args:
        connection: a reading transaction.
        wanted: which; its sorting is not by name.
        by_name: search by name and address; else `only` holds who was found.
        only: only these, if it is given.
        after: score and id of the last one before.
        limit: how many at most.
        signed_in_since: since when a sign-in counts as use.
        paid_since: the same for a payment.
    """
    if wanted.sort is PeopleSort.TOOLS:
        each = _tools_used(signed_in_since, paid_since)
    else:
        each = _allowed().subquery()
    score = sa.func.coalesce(each.c.score, 0)
    query = _of_people(sa.select(people, score.label("score")), wanted)
    query = query.outerjoin(each, each.c.person_id == people.c.id)
    if by_name:
        query = _named(query, wanted)
    if only is not None:
        query = query.where(among(connection, people.c.id, only))
    if after is not None:
        there = sa.tuple_(sa.literal(after[0], sa.BigInteger), sa.literal(after[1], sa.BigInteger))
        query = query.where(sa.tuple_(score, people.c.id) < there)
    return connection.execute(query.order_by(score.desc(), people.c.id.desc()).limit(limit)).all()


def _tools_used(
    signed_in_since: date, paid_since: date, account_ids: sa.Select[Any] | None = None
) -> sa.Subquery:
    """How many tools each person uses, as `score`, by the same rules that count a tool's people."""
    # A pair signs in on many days: each is looked at once, before it is asked which tool that is.
    parts = []
    for table, condition in (
        (sign_in_days, sign_in_days.c.day >= signed_in_since),
        (grants, grants.c.gone_at.is_(None)),
        (assignments, sa.and_(assignments.c.gone_at.is_(None), assignments.c.via_group.is_(False))),
    ):
        pairs = sa.select(table.c.app_id, table.c.account_id).where(condition).distinct()
        if account_ids is not None:
            pairs = pairs.where(table.c.account_id.in_(account_ids))
        each = pairs.subquery()
        parts.append(
            sa.select(apps.c.tool_id, each.c.account_id)
            .join_from(each, apps, apps.c.id == each.c.app_id)
            .where(apps.c.tool_id.is_not(None))
        )
    paid = (
        sa.select(merchants.c.tool_id, expenses.c.account_id)
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .where(expenses.c.occurred_on >= paid_since, expenses.c.state.not_in(("declined", "void")))
    )
    if account_ids is not None:
        paid = paid.where(expenses.c.account_id.in_(account_ids))
    uses = sa.union_all(*parts, paid).subquery()
    return (
        sa.select(accounts.c.person_id, sa.func.count(uses.c.tool_id.distinct()).label("score"))
        .join_from(uses, accounts, accounts.c.id == uses.c.account_id)
        .group_by(accounts.c.person_id)
        .subquery()
    )


def _allowed() -> sa.Select[*tuple[Any, ...]]:
    """What is allowed in each person's name, as a `score`."""
    ranked = (
        sa.select(accounts.c.person_id, _RANK.label("rank"))
        .join_from(grants, accounts, accounts.c.id == grants.c.account_id)
        .where(grants.c.gone_at.is_(None))
    ).subquery()
    # Of the worst grade, not of all: three powerful ones weigh more than one and ten harmless ones.
    by_rank = (
        sa.select(ranked.c.person_id, ranked.c.rank, sa.func.count().label("number"))
        .group_by(ranked.c.person_id, ranked.c.rank)
        .subquery()
    )
    score = sa.func.max(by_rank.c.rank * _BEYOND + by_rank.c.number).label("score")
    return sa.select(by_rank.c.person_id, score).group_by(by_rank.c.person_id)


def _named(query: sa.Select[*tuple[Any, ...]], wanted: PeopleFilter) -> sa.Select[*tuple[Any, ...]]:
    """Whose name and address hold all words of the search."""
    for word in wanted.q.lower().split():
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        text = sa.func.lower(sa.func.coalesce(people.c.name, "") + " " + sa.func.coalesce(people.c.email, ""))
        query = query.where(text.like(f"%{pattern}%", escape="\\"))
    return query


def _of_people(query: sa.Select[*tuple[Any, ...]], wanted: PeopleFilter) -> sa.Select[*tuple[Any, ...]]:
    """Without the search by name."""
    query = query.select_from(people)
    if wanted.department:
        query = query.where(people.c.department.in_(wanted.department))
    if wanted.active is not None:
        here = sa.or_(people.c.active.is_(None), people.c.active)
        query = query.where(here if wanted.active else _LEFT)
    if wanted.kind:
        query = query.where(people.c.kind.in_(wanted.kind))
    if wanted.access is not None:
        query = query.where(_has_access() if wanted.access else sa.not_(_has_access()))
    return query


def _has_access() -> sa.ColumnElement[bool]:
    """A permission is in force in somebody's name, or access that was given to them."""
    held = [
        sa.select(accounts.c.id)
        .join_from(accounts, table, table.c.account_id == accounts.c.id)
        .where(accounts.c.person_id == people.c.id, table.c.gone_at.is_(None))
        .correlate(people)
        for table in (grants, assignments)
    ]
    return sa.or_(*(sa.exists(one) for one in held))


def people_ids(connection: Connection) -> list[int]:
    """Everybody, by id."""
    return list(connection.scalars(sa.select(people.c.id)))


def numbers(connection: Connection) -> Row:
    """How many people are here, have left, and have left with access in force."""
    left = sa.case((_LEFT, 1), else_=0)
    held = sa.case((sa.and_(_LEFT, _has_access()), 1), else_=0)
    total = sa.func.coalesce(sa.func.sum(left), 0)
    return connection.execute(
        sa.select(
            (sa.func.count() - total).label("here"),
            total.label("left"),
            sa.func.coalesce(sa.func.sum(held), 0).label("left_with_access"),
        ).select_from(people)
    ).one()


def figures(
    connection: Connection, person_ids: Sequence[int], *, signed_in_since: date, paid_since: date
) -> dict[int, dict[str, Any]]:
    """What some people use and have allowed: `tools_used`, `permissions`, `grade` and `access` of each."""
    found: dict[int, dict[str, Any]] = {
        id_: {"tools_used": 0, "permissions": 0, "grade": None, "access": False} for id_ in person_ids
    }
    own = sa.select(accounts.c.id).where(among(connection, accounts.c.person_id, person_ids))
    each = _tools_used(signed_in_since, paid_since, own)
    for person_id, score in connection.execute(sa.select(each.c.person_id, each.c.score)):
        found[person_id]["tools_used"] = score
    allowed = (
        sa.select(accounts.c.person_id, sa.func.count(), sa.func.max(_RANK))
        .join_from(grants, accounts, accounts.c.id == grants.c.account_id)
        .where(among(connection, accounts.c.person_id, person_ids), grants.c.gone_at.is_(None))
        .group_by(accounts.c.person_id)
    )
    for person_id, number, rank in connection.execute(allowed):
        grade = ("low", "medium", "high")[rank - 1]
        found[person_id] |= {"permissions": number, "grade": grade}
    holding = sa.select(people.c.id).where(among(connection, people.c.id, person_ids), _has_access())
    for person_id in connection.scalars(holding):
        found[person_id]["access"] = True
    return found


def access_of(connection: Connection, person_id: int) -> Rows:
    """What is in force by which somebody has access: `kind`, tool, app, source and since when."""
    kinds = sa.case((assignments.c.via_group, "group"), else_="assigned")
    parts = [
        sa.select(
            kind.label("kind"),
            since.label("since"),
            apps.c.tool_id,
            sa.func.coalesce(tools.c.name, apps.c.name).label("name"),
            apps.c.name.label("app"),
            sources.c.name.label("source"),
            sources.c.connector,
        )
        .select_from(accounts)
        .join(table, table.c.account_id == accounts.c.id)
        .join(apps, apps.c.id == table.c.app_id)
        .join(sources, sources.c.id == table.c.source_id)
        .outerjoin(tools, tools.c.id == apps.c.tool_id)
        .where(accounts.c.person_id == person_id, table.c.gone_at.is_(None))
        for table, kind, since in (
            (grants, sa.literal("grant"), sa.func.coalesce(grants.c.granted_at, grants.c.first_seen)),
            (
                assignments,
                kinds,
                sa.func.coalesce(assignments.c.assigned_at, assignments.c.first_seen),
            ),
        )
    ]
    both = sa.union_all(*parts).subquery()
    return connection.execute(
        sa.select(both).order_by(both.c.name, both.c.kind, both.c.since).limit(500)
    ).all()
