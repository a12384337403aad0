"""Queries that gather a tool's evidence for assessment, for many tools at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.clock import start_of
from app.db import among
from app.models import (
    accounts,
    apps,
    assignments,
    consent_events,
    expenses,
    grants,
    merchants,
    passes,
    people,
    sign_in_days,
    sources,
)


@dataclass
class AppRow:
    """One app of a tool with what its own evidence says."""

    id: int
    source_id: int
    source: str
    name: str
    live: bool
    listed: bool
    sign_on: str
    provisioning: bool
    admin_only: bool
    first_seen: datetime
    last_seen: datetime
    groups: int = 0
    admin_grants: int = 0
    live_grants: int = 0
    last_event: datetime | None = None
    risks: tuple[str, ...] = ()
    by_matcher: bool = True
    """The matcher named this tool for it; False where only a person's word ties it to the tool."""


@dataclass(frozen=True)
class User:
    """A person who uses a tool."""

    id: int
    department: str | None
    active: bool | None


@dataclass
class Granted:
    """All live grants of a tool together."""

    scopes: set[str] = field(default_factory=set)
    grade: str | None = None


@dataclass
class Spend:
    """What a tool cost in the period, and what its charges say about it."""

    by_currency: dict[str, int] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    mccs: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    merchants: set[str] = field(default_factory=set)
    lines: set[tuple[str, ...]] = field(default_factory=set)
    """The texts of each kind of charge that the matcher ties to it, the card network's first."""
    sources: set[str] = field(default_factory=set)
    source_ids: set[int] = field(default_factory=set)


_GRADES = ("low", "medium", "high")


def apps_of(connection: Connection, tool_ids: Sequence[int]) -> dict[int, list[AppRow]]:
    """The apps of each tool, in a fixed order, with their latest events and live grants."""
    of_tools = among(connection, apps.c.tool_id, tool_ids)
    found: dict[int, AppRow] = {}
    by_tool: dict[int, list[AppRow]] = defaultdict(list)
    rows = connection.execute(
        sa.select(apps, sources.c.name.label("source"))
        .join(sources, sources.c.id == apps.c.source_id)
        .where(of_tools)
        .order_by(sources.c.name, apps.c.name, apps.c.ref)
    ).mappings()
    for r in rows:
        row = AppRow(
            id=r["id"],
            source_id=r["source_id"],
            source=r["source"],
            name=r["name"],
            live=r["listed"] and r["active"] and r["gone_at"] is None,
            listed=r["listed"],
            sign_on=r["sign_on"],
            provisioning=r["provisioning"],
            admin_only=r["admin_only"],
            first_seen=r["first_seen"],
            last_seen=r["last_seen"],
            risks=tuple(r["risks"]),
            by_matcher=r["matched_tool_id"] == r["tool_id"],
        )
        found[row.id] = row
        by_tool[r["tool_id"]].append(row)
    ids = list(found)
    latest = sa.select(sign_in_days.c.app_id, sa.func.max(sign_in_days.c.day)).where(
        among(connection, sign_in_days.c.app_id, ids)
    )
    for app_id, day in connection.execute(latest.group_by(sign_in_days.c.app_id)):
        _later(found[app_id], start_of(day))
    consents = sa.select(consent_events.c.app_id, sa.func.max(consent_events.c.at)).where(
        among(connection, consent_events.c.app_id, ids), consent_events.c.granted
    )
    for app_id, at in connection.execute(consents.group_by(consent_events.c.app_id)):
        _later(found[app_id], at)
    groups = sa.select(assignments.c.app_id, sa.func.count()).where(
        among(connection, assignments.c.app_id, ids),
        assignments.c.account_id.is_(None),
        assignments.c.gone_at.is_(None),
    )
    for app_id, count in connection.execute(groups.group_by(assignments.c.app_id)):
        found[app_id].groups = count
    given = sa.select(grants.c.app_id, grants.c.consent, sa.func.count()).where(
        among(connection, grants.c.app_id, ids), grants.c.gone_at.is_(None)
    )
    for app_id, consent, count in connection.execute(given.group_by(grants.c.app_id, grants.c.consent)):
        found[app_id].live_grants += count
        if consent == "admin":
            found[app_id].admin_grants = count
    return by_tool


def _later(app: AppRow, moment: datetime) -> None:
    if app.last_event is None or moment > app.last_event:
        app.last_event = moment


def people_of(
    connection: Connection, tool_ids: Sequence[int], signed_in_since: date, paid_since: date
) -> dict[int, dict[int, User]]:
    """Who uses each tool: signed in, gave a live grant, was given it in person, or paid for it."""
    pairs = _used(connection, tool_ids, signed_in_since, paid_since).subquery()
    # Accounts are few where sign-ins are many: who is behind them is asked once each.
    rows = connection.execute(
        sa.select(pairs.c.tool_id, people.c.id, people.c.department, people.c.active)
        .join_from(pairs, accounts, accounts.c.id == pairs.c.account_id)
        .join(people, people.c.id == accounts.c.person_id)
    )
    found: dict[int, dict[int, User]] = defaultdict(dict)
    for tool_id, id_, department, active in rows:
        found[tool_id][id_] = User(id_, department, active)
    return found


def ids_of_people(
    connection: Connection, tool_ids: Sequence[int], signed_in_since: date, paid_since: date
) -> dict[int, set[int]]:
    """The same people by their ids alone, which costs less of many tools."""
    persons: dict[int, int] = dict(connection.execute(sa.select(accounts.c.id, accounts.c.person_id)).all())
    found: dict[int, set[int]] = defaultdict(set)
    used = _used(connection, tool_ids, signed_in_since, paid_since)
    for tool_id, account in connection.execute(used).all():
        # One that a scan added since has nobody here yet: it counts from the next look on.
        if account in persons:
            found[tool_id].add(persons[account])
    return found


def _used(
    connection: Connection, tool_ids: Sequence[int], signed_in_since: date, paid_since: date
) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Pairs of a tool and an account through which it is used, each once."""
    of_tools = among(connection, apps.c.tool_id, tool_ids)
    through_apps = (
        (sign_in_days, sign_in_days.c.day >= signed_in_since),
        (grants, grants.c.gone_at.is_(None)),
        (assignments, sa.and_(assignments.c.gone_at.is_(None), assignments.c.via_group.is_(False))),
    )
    queries = [
        sa.select(apps.c.tool_id, table.c.account_id)
        .join(table, table.c.app_id == apps.c.id)
        .where(of_tools, condition)
        for table, condition in through_apps
    ]
    queries.append(
        sa.select(merchants.c.tool_id, expenses.c.account_id)
        .join_from(merchants, expenses, expenses.c.merchant_id == merchants.c.id)
        .where(
            among(connection, merchants.c.tool_id, tool_ids),
            expenses.c.occurred_on >= paid_since,
            expenses.c.state.not_in(("declined", "void")),
        )
    )
    return sa.union(*queries)


def grants_of(connection: Connection, tool_ids: Sequence[int]) -> dict[int, Granted]:
    """The live scopes of each tool and the worst grade among its grants."""
    rows = connection.execute(
        sa.select(apps.c.tool_id, grants.c.scopes, grants.c.grade)
        .join(apps, apps.c.id == grants.c.app_id)
        .where(among(connection, apps.c.tool_id, tool_ids), grants.c.gone_at.is_(None))
        .distinct()
    )
    found: dict[int, Granted] = defaultdict(Granted)
    for tool_id, scopes, grade in rows:
        granted = found[tool_id]
        granted.scopes.update(scopes)
        if granted.grade is None or _GRADES.index(grade) > _GRADES.index(granted.grade):
            granted.grade = grade
    return dict(found)


def spend_of(connection: Connection, tool_ids: Sequence[int], since: date) -> dict[int, Spend]:
    """What each tool cost since a day: posted charges less refunds; other states are evidence only."""
    counted = sa.and_(
        expenses.c.state.in_(("posted", "refund")),
        expenses.c.replaced.is_(False),
        expenses.c.occurred_on >= since,
    )
    rows: Any = connection.execute(
        sa.select(
            merchants.c.tool_id,
            expenses.c.source_id,
            sources.c.name.label("source"),
            expenses.c.currency,
            expenses.c.mcc,
            expenses.c.category,
            expenses.c.merchant,
            expenses.c.descriptor,
            merchants.c.matched_tool_id,
            sa.func.sum(sa.case((counted, expenses.c.amount_minor), else_=0)).label("amount"),
            sa.func.min(expenses.c.occurred_on).label("first"),
            sa.func.max(sa.case((expenses.c.state != "declined", expenses.c.occurred_on))).label("last"),
        )
        .join_from(merchants, expenses, expenses.c.merchant_id == merchants.c.id)
        .join(sources, sources.c.id == expenses.c.source_id)
        .where(among(connection, merchants.c.tool_id, tool_ids))
        .group_by(
            merchants.c.tool_id,
            expenses.c.source_id,
            sources.c.name,
            expenses.c.currency,
            expenses.c.mcc,
            expenses.c.category,
            expenses.c.merchant,
            expenses.c.descriptor,
            merchants.c.matched_tool_id,
        )
    )
    found: dict[int, Spend] = defaultdict(Spend)
    # Read at once and by place: where every line has a text of its own there are as many rows as charges.
    for row in rows.all():
        tool_id, source_id, source, currency, mcc, category, merchant, descriptor, matched, *sums = row
        amount, first, last = sums
        spend = found[tool_id]
        spend.by_currency[currency] = spend.by_currency.get(currency, 0) + int(amount or 0)
        if spend.first is None or first < spend.first:
            spend.first = first
        if last is not None and (spend.last is None or last > spend.last):
            spend.last = last
        if mcc:
            spend.mccs.add(mcc)
        if category:
            spend.categories.add(category)
        texts = tuple(dict.fromkeys(text for text in (descriptor, merchant) if text))
        spend.merchants.update(texts)
        if matched == tool_id:
            spend.lines.add(texts)
        spend.sources.add(source)
        spend.source_ids.add(source_id)
    return dict(found)


def tools_of_source(connection: Connection, source_id: int) -> set[int]:
    """Every tool that a source has evidence of."""
    return _tools_of_source(connection, source_id, "tool_id")


def matched_by_source(connection: Connection, source_id: int) -> set[int]:
    """Every tool that the matcher names for evidence of a source, also where a person said otherwise."""
    return _tools_of_source(connection, source_id, "matched_tool_id")


def _tools_of_source(connection: Connection, source_id: int, column: str) -> set[int]:
    paid = sa.select(expenses.c.merchant_id).where(expenses.c.source_id == source_id).distinct()
    query = sa.union(
        sa.select(apps.c[column]).where(apps.c.source_id == source_id, apps.c[column].is_not(None)),
        sa.select(merchants.c[column]).where(merchants.c.id.in_(paid)),
    )
    return {tool_id for (tool_id,) in connection.execute(query)}


def passed_of(connection: Connection, tool_ids: Sequence[int]) -> dict[int, date]:
    """Which of some tools the policy lets be used for now, without a decision: through which day."""
    if not tool_ids:
        return {}
    query = sa.select(passes.c.tool_id, passes.c.expires_on).where(
        among(connection, passes.c.tool_id, tool_ids), passes.c.ended_at.is_(None)
    )
    return {row.tool_id: row.expires_on for row in connection.execute(query)}
