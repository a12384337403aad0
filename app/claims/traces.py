"""Queries that gather, for many tools at once, what people and teams have to do with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.assess import SPEND_PERIOD, USE_PERIOD
from app.catalog.days import day_of
from app.catalog.evidence import people_of
from app.claims.likely import Somebody, Trace
from app.claims.words import Team
from app.db import among
from app.models import (
    accounts,
    apps,
    assignments,
    consent_events,
    expenses,
    grants,
    merchants,
    people,
    sign_in_days,
)

_Query = sa.Select[*tuple[Any, ...]]
SIGN_IN_PERIOD = timedelta(days=30)


@dataclass(frozen=True)
class Payment:
    """Charges of one tool that one person made, or nobody known, booked to one department."""

    person: int | None
    department: str | None
    currency: str
    count: int
    minor: int
    last: date | None


@dataclass
class Evidence:
    """What is known of one tool."""

    traces: dict[int, Trace] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)

    def of(self, person_id: int) -> Trace:
        """What a person has to do with it."""
        return self.traces.setdefault(person_id, Trace())


@dataclass(frozen=True)
class Gathered:
    """The evidence of some tools, by id, and everybody who occurs in it with whom they report to."""

    tools: dict[int, Evidence]
    everybody: dict[int, Somebody]
    names: dict[int, tuple[str | None, str | None]]
    """Name and address as they are shown."""

    def team(self, tool_id: int, departments: Collection[str]) -> Team:
        """What the people of some departments have to do with a tool; who has left is not counted."""
        found = Team()
        evidence = self.tools[tool_id]
        members = {id_ for id_ in self.everybody if self.everybody[id_].department in departments}
        for id_, trace in evidence.traces.items():
            if id_ not in members:
                continue
            if trace.first_consent is not None:
                found.first_consent = min(found.first_consent or trace.first_consent, trace.first_consent)
            if self.everybody[id_].active is not False:
                found.people += trace.uses
                found.signed_in += trace.sign_ins > 0
            found.sign_ins += trace.sign_ins
        for paid in evidence.payments:
            if paid.person in members or paid.department in departments:
                found.payments += paid.count
                found.paid[paid.currency] = found.paid.get(paid.currency, 0) + paid.minor
                if paid.last is not None:
                    found.last_payment = max(found.last_payment or paid.last, paid.last)
        found.paid = dict(sorted(found.paid.items()))
        return found


def gather(connection: Connection, tool_ids: Sequence[int], now: datetime) -> Gathered:
    """The evidence of some tools, in a handful of queries however many they are."""
    today = now.astimezone(UTC).date()
    found = {tool_id: Evidence() for tool_id in tool_ids}
    users = people_of(connection, tool_ids, today - USE_PERIOD, today - SPEND_PERIOD)
    for tool_id, some in users.items():
        for id_ in some:
            found[tool_id].of(id_).uses = True
    for tool_id, person, on in connection.execute(_first_consents(connection, tool_ids)):
        found[tool_id].of(person).first_consent = on
    for tool_id, person, count in connection.execute(_sign_ins(connection, tool_ids, today - SIGN_IN_PERIOD)):
        found[tool_id].of(person).sign_ins = count
    for tool_id, person, on in connection.execute(_asked(connection, tool_ids)):
        found[tool_id].of(person).asked_on = on
    for row in connection.execute(_payments(connection, tool_ids, today - SPEND_PERIOD)):
        paid = Payment(row.person_id, row.department, row.currency, row.times, int(row.minor or 0), row.last)
        found[row.tool_id].payments.append(paid)
        if paid.person is not None:
            trace = found[row.tool_id].of(paid.person)
            trace.payments += paid.count
            trace.paid[paid.currency] = trace.paid.get(paid.currency, 0) + paid.minor
    ids = sorted({id_ for evidence in found.values() for id_ in evidence.traces})
    rows = list(connection.execute(_people(among(connection, people.c.id, ids))))
    bosses = sorted({row.manager for row in rows if row.manager})
    rows += connection.execute(_people(among(connection, people.c.email, bosses)))
    return Gathered(
        found,
        {
            row.id: Somebody(
                id=row.id,
                active=row.active,
                department=row.department,
                manager=row.manager,
                address=row.address,
                machine=row.kind == "service",
            )
            for row in rows
        },
        {row.id: (row.name, row.email) for row in rows},
    )


def _people(condition: sa.ColumnElement[bool]) -> _Query:
    return sa.select(
        *(people.c[n] for n in ("id", "name", "email", "department", "active", "kind")),
        sa.func.lower(people.c.manager_email).label("manager"),
        sa.func.lower(people.c.email).label("address"),
    ).where(condition)


def _first_consents(connection: Connection, tool_ids: Sequence[int]) -> _Query:
    """When each person first let each tool act in their name, as far as a vendor says it."""
    of_tools = among(connection, apps.c.tool_id, tool_ids)
    consented = (
        sa.select(apps.c.tool_id, consent_events.c.account_id, day_of(consent_events.c.at).label("on"))
        .join_from(consent_events, apps, apps.c.id == consent_events.c.app_id)
        .where(of_tools, consent_events.c.granted, consent_events.c.consent == "user")
    )
    granted = (
        sa.select(apps.c.tool_id, grants.c.account_id, day_of(grants.c.granted_at).label("on"))
        .join_from(grants, apps, apps.c.id == grants.c.app_id)
        .where(of_tools, grants.c.granted_at.is_not(None), grants.c.consent == "user")
    )
    every = sa.union_all(consented, granted).subquery()
    return _by_person(every, sa.func.min(every.c.on))


def _sign_ins(connection: Connection, tool_ids: Sequence[int], since: date) -> _Query:
    each = (
        sa.select(apps.c.tool_id, sign_in_days.c.account_id, sign_in_days.c.count)
        .join_from(sign_in_days, apps, apps.c.id == sign_in_days.c.app_id)
        .where(among(connection, apps.c.tool_id, tool_ids), sign_in_days.c.day >= since)
    ).subquery()
    return _by_person(each, sa.func.sum(each.c["count"]))


def _asked(connection: Connection, tool_ids: Sequence[int]) -> _Query:
    """Who took or asked for access themselves."""
    on = day_of(sa.func.coalesce(assignments.c.assigned_at, assignments.c.first_seen)).label("on")
    each = (
        sa.select(apps.c.tool_id, assignments.c.account_id, on)
        .join_from(assignments, apps, apps.c.id == assignments.c.app_id)
        .where(
            among(connection, apps.c.tool_id, tool_ids),
            assignments.c.self_assigned,
            assignments.c.gone_at.is_(None),
        )
    ).subquery()
    return _by_person(each, sa.func.min(each.c.on))


def _by_person(each: sa.Subquery, value: sa.ColumnElement[Any]) -> _Query:
    return (
        sa.select(each.c.tool_id, accounts.c.person_id, value)
        .join_from(each, accounts, accounts.c.id == each.c.account_id)
        .group_by(each.c.tool_id, accounts.c.person_id)
    )


def _payments(connection: Connection, tool_ids: Sequence[int], since: date) -> _Query:
    paid = sa.and_(expenses.c.state == "posted", expenses.c.amount_minor > 0)
    return (
        sa.select(
            merchants.c.tool_id,
            accounts.c.person_id,
            expenses.c.department,
            expenses.c.currency,
            sa.func.sum(sa.case((paid, 1), else_=0)).label("times"),
            sa.func.sum(expenses.c.amount_minor).label("minor"),
            sa.func.max(sa.case((paid, expenses.c.occurred_on))).label("last"),
        )
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .outerjoin(accounts, accounts.c.id == expenses.c.account_id)
        .where(
            among(connection, merchants.c.tool_id, tool_ids),
            expenses.c.occurred_on >= since,
            expenses.c.state.in_(("posted", "refund")),
            expenses.c.replaced.is_(False),
        )
        .group_by(merchants.c.tool_id, accounts.c.person_id, expenses.c.department, expenses.c.currency)
    )
