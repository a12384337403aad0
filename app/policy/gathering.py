"""Queries that gather the facts of many tools at once: as they are, and as they were at an earlier moment."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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
    sign_in_days,
    sources,
    tools,
)
from app.policy.facts import SPEND_DAYS, Facts, sensitive

_COLUMNS = (
    *(tools.c[n] for n in ("id", "name", "audience", "identity", "category", "grant_grade", "people")),
    *(tools.c[n] for n in ("departments", "managed", "shadow", "flagged", "risk_reasons", "governance")),
    *(tools.c[n] for n in ("ownership", "evidence")),
)


def facts_of(connection: Connection, tool_ids: Sequence[int], now: datetime) -> dict[int, Facts]:
    """The facts of some tools as they are; four queries, however many tools there are."""
    ids = list(tool_ids)
    today = now.date()
    rows = connection.execute(sa.select(*_COLUMNS).where(among(connection, tools.c.id, ids))).all()
    scopes = _scopes(connection, ids, None)
    spend = _spend(connection, ids, today - timedelta(days=SPEND_DAYS), today)
    publishers = _publishers(connection, ids, None)
    return {
        r.id: Facts(
            tool_id=r.id,
            name=r.name,
            audience=r.audience,
            identity=r.identity,
            category=r.category,
            grant_grade=r.grant_grade,
            scopes=scopes.get(r.id, frozenset()),
            people=r.people,
            departments={d["department"]: d["people"] for d in r.departments},
            spend=spend.get(r.id, {}),
            managed=r.managed,
            shadow=r.shadow,
            flagged=r.flagged,
            risks=tuple(r.risk_reasons),
            governance=r.governance,
            ownership=r.ownership,
            evidence=r.evidence,
            publishers=publishers.get(r.id, frozenset()),
        )
        for r in rows
    }


def tools_in_question(connection: Connection, since: datetime) -> dict[int, bool]:
    """Tools that were flagged or decided on and seen since a moment, each with whether it was there then."""
    t = tools.c
    asked = sa.or_(t.flagged, t.governance != "unreviewed", t.flagged_at >= since)
    query = sa.select(t.id, t.first_seen <= since).where(t.listed, t.last_seen >= since, asked).order_by(t.id)
    return {id_: bool(there) for id_, there in connection.execute(query).all()}


@dataclass
class Then:
    """How some tools were at a moment.

    Attributes:
        scopes: their sensitive permissions.
        spend: what was paid in the 90 days before, by currency.
        publishers: who published them.
        people: who used them in the weeks after it: as many weeks as `people_now` counts.
        people_now: who used them in the last weeks.
    """

    scopes: dict[int, frozenset[str]] = field(default_factory=dict)
    spend: dict[int, dict[str, int]] = field(default_factory=dict)
    publishers: dict[int, frozenset[str]] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)
    people_now: dict[int, int] = field(default_factory=dict)


def then(connection: Connection, tool_ids: Sequence[int], moment: datetime, now: datetime) -> Then:
    """How some tools were at `moment`, as far as dated evidence tells."""
    ids, day = list(tool_ids), moment.date()
    weeks = (now - moment) / 3
    return Then(
        scopes=_scopes(connection, ids, moment),
        spend=_spend(connection, ids, day - timedelta(days=SPEND_DAYS), day),
        publishers=_publishers(connection, ids, moment),
        people=_people(connection, ids, day, (moment + weeks).date()),
        people_now=_people(connection, ids, (now - weeks).date(), now.date() + timedelta(days=1)),
    )


def _there_at(table: Any, dated: sa.ColumnElement[Any], moment: datetime) -> sa.ColumnElement[bool]:
    """What was there at a moment; what has no date and came with a source connected since counts as old."""
    undated = sa.and_(dated.is_(None), sources.c.created_at > moment)
    known = sa.func.coalesce(dated, table.c.first_seen) <= moment
    return sa.and_(sa.or_(known, undated), sa.or_(table.c.gone_at.is_(None), table.c.gone_at > moment))


def _scopes(connection: Connection, ids: Sequence[int], moment: datetime | None) -> dict[int, frozenset[str]]:
    query = (
        sa.select(apps.c.tool_id, grants.c.scopes)
        .join_from(apps, grants, grants.c.app_id == apps.c.id)
        .where(among(connection, apps.c.tool_id, ids), grants.c.grade == "high")
        .distinct()
    )
    if moment is None:
        query = query.where(grants.c.gone_at.is_(None))
    else:
        query = query.join(sources, sources.c.id == grants.c.source_id)
        query = query.where(_there_at(grants, grants.c.granted_at, moment))
    found: dict[int, set[str]] = defaultdict(set)
    for tool_id, scopes in connection.execute(query).all():
        found[tool_id].update(scopes)
    return {tool_id: sensitive(scopes) for tool_id, scopes in found.items()}


def _spend(connection: Connection, ids: Sequence[int], since: date, until: date) -> dict[int, dict[str, int]]:
    """Posted charges less refunds after `since` and up to `until`."""
    query = (
        sa.select(merchants.c.tool_id, expenses.c.currency, sa.func.sum(expenses.c.amount_minor))
        .join_from(merchants, expenses, expenses.c.merchant_id == merchants.c.id)
        .where(
            among(connection, merchants.c.tool_id, ids),
            expenses.c.state.in_(("posted", "refund")),
            expenses.c.replaced.is_(False),
            expenses.c.occurred_on > since,
            expenses.c.occurred_on <= until,
        )
        .group_by(merchants.c.tool_id, expenses.c.currency)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for tool_id, currency, minor in connection.execute(query).all():
        found[tool_id][currency] = int(minor)
    return dict(found)


def _publishers(
    connection: Connection, ids: Sequence[int], moment: datetime | None
) -> dict[int, frozenset[str]]:
    query = (
        sa.select(apps.c.tool_id, apps.c.publisher)
        .where(among(connection, apps.c.tool_id, ids), apps.c.publisher.is_not(None))
        .distinct()
    )
    if moment is None:
        query = query.where(apps.c.gone_at.is_(None))
    else:
        query = query.join(sources, sources.c.id == apps.c.source_id)
        query = query.where(_there_at(apps, apps.c.created_at, moment))
    found: dict[int, set[str]] = defaultdict(set)
    for tool_id, publisher in connection.execute(query).all():
        found[tool_id].add(publisher)
    return {tool_id: frozenset(names) for tool_id, names in found.items()}


def _people(connection: Connection, ids: Sequence[int], since: date, until: date) -> dict[int, int]:
    """How many people signed in or paid from `since` until before `until`."""
    signed_in = (
        sa.select(apps.c.tool_id, sign_in_days.c.account_id)
        .join_from(apps, sign_in_days, sign_in_days.c.app_id == apps.c.id)
        .where(
            among(connection, apps.c.tool_id, ids),
            sign_in_days.c.day >= since,
            sign_in_days.c.day < until,
        )
    )
    paid = (
        sa.select(merchants.c.tool_id, expenses.c.account_id)
        .join_from(merchants, expenses, expenses.c.merchant_id == merchants.c.id)
        .where(
            among(connection, merchants.c.tool_id, ids),
            expenses.c.occurred_on >= since,
            expenses.c.occurred_on < until,
            expenses.c.state.not_in(("declined", "void")),
        )
    )
    pairs = sa.union(signed_in, paid).subquery()
    query = (
        sa.select(pairs.c.tool_id, sa.func.count(sa.distinct(accounts.c.person_id)).label("people"))
        .join_from(pairs, accounts, accounts.c.id == pairs.c.account_id)
        .group_by(pairs.c.tool_id)
    )
    return {row.tool_id: row.people for row in connection.execute(query).all()}
