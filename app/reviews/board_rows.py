"""The scoreboard's queries over tools, deeds and money: rows for the pure `measures` and `alone`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.days import day_of
from app.catalog.judge import DORMANT_AFTER
from app.db import among
from app.models import (
    apps,
    audit_events,
    claim_events,
    consent_events,
    expenses,
    grants,
    merchants,
    review_events,
    reviews,
    teachings,
    tool_departments,
    tools,
)
from app.reviews.alone import Approval, Charges
from app.reviews.measures import OWNING, Days, Deed, Moments, Spell

UNDECIDED = ("unreviewed", "in_review")
_ADMIN = sa.literal_column("'admin'")  # written out: only then SQLite sees that the small index fits
_LISTED = sa.literal_column("'tool.on_it_list'")
Clause = sa.ColumnElement[bool]


def of_department(department: str | None) -> list[Clause]:
    """Tools that are used by a department."""
    if department is None:
        return []
    used = tool_departments.c
    return [sa.exists().where(used.tool_id == tools.c.id, used.department == department)]


def _in_use(at: datetime) -> Clause:
    """Marketing tools that were in use at a moment, as far as what was seen of them says so."""
    return sa.and_(
        tools.c.audience == "marketing",
        tools.c.merged_into.is_(None),
        tools.c.listed,
        tools.c.first_seen < at,
        tools.c.last_seen >= at - DORMANT_AFTER,
        sa.or_(tools.c.evidence != "gone", tools.c.last_seen >= at),
    )


def count_in_use(connection: Connection, moments: Sequence[datetime], department: str | None) -> list[int]:
    """How many marketing tools were in use at each of some moments."""
    counts = [sa.func.count(sa.case((_in_use(at), 1))) for at in moments]
    return list(
        connection.execute(sa.select(*counts).select_from(tools).where(*of_department(department))).one()
    )


def known_in_use(
    connection: Connection, moments: Sequence[datetime], department: str | None
) -> list[frozenset[int]]:
    """Of the tools with a log of claims or a review, those in use at each of some moments."""
    known = sa.union(sa.select(claim_events.c.tool_id), sa.select(reviews.c.tool_id))
    columns = [sa.case((_in_use(at), 1), else_=0) for at in moments]
    query = sa.select(tools.c.id, *columns).where(tools.c.id.in_(known), *of_department(department))
    rows = connection.execute(query).all()
    return [frozenset(row[0] for row in rows if row[i + 1]) for i in range(len(moments))]


# --- moments -----------------------------------------------------------------------------------


def moments(connection: Connection, since: datetime, department: str | None) -> list[Moments]:
    """When tools were first seen, flagged, claimed and decided on: those to which one of it came since then.

    What was merged into a tool counts with it.
    """
    into = dict(
        connection.execute(
            sa.select(tools.c.id, tools.c.merged_into).where(tools.c.merged_into.is_not(None))
        ).all()
    )
    claimed = (
        sa.select(claim_events.c.tool_id, sa.func.min(claim_events.c.at).label("at"))
        .where(claim_events.c.kind == "claimed")
        .group_by(claim_events.c.tool_id)
        .subquery()
    )
    first = (
        sa.select(reviews.c.tool_id, sa.func.min(reviews.c.id).label("review"))
        .where(reviews.c.state == "decided")
        .group_by(reviews.c.tool_id)
        .subquery()
    )
    merged = sa.select(tools.c.merged_into).where(tools.c.merged_into.is_not(None))
    query = (
        sa.select(
            tools.c.id,
            tools.c.first_seen,
            tools.c.flagged_at,
            claimed.c.at,
            reviews.c.closed_at,
            reviews.c.id,
        )
        .outerjoin_from(tools, claimed, claimed.c.tool_id == tools.c.id)
        .outerjoin(first, first.c.tool_id == tools.c.id)
        .outerjoin(reviews, reviews.c.id == first.c.review)
        .where(
            sa.or_(
                tools.c.flagged_at >= since,
                claimed.c.at >= since,
                reviews.c.closed_at >= since,
                tools.c.merged_into.is_not(None),
                tools.c.id.in_(merged),
            )
        )
    )
    found = {row[0]: Moments._make(row) for row in connection.execute(query).all()}
    for id_ in into:
        target, lost = id_, found.pop(id_)
        while target in into:
            target = into[target]
        found[target] = found[target].joined(lost)
    if department is None:
        return list(found.values())
    used = tool_departments.c
    theirs = set(connection.scalars(sa.select(used.tool_id).where(used.department == department)))
    return [one for one in found.values() if one.tool_id in theirs]


def deeds(connection: Connection) -> dict[int, list[Deed]]:
    """By tool, who began or ceased to answer for it, in order; tools that were merged away are left out."""
    query = (
        sa.select(claim_events.c.tool_id, claim_events.c.at, claim_events.c.kind)
        .join(tools, tools.c.id == claim_events.c.tool_id)
        .where(claim_events.c.kind.in_(OWNING), tools.c.merged_into.is_(None))
        .order_by(claim_events.c.tool_id, claim_events.c.seq)
    )
    found: dict[int, list[Deed]] = defaultdict(list)
    for tool_id, at, kind in connection.execute(query).all():
        found[tool_id].append(Deed(at, kind))
    return found


def spells(connection: Connection) -> dict[int, list[Spell]]:
    """By tool, its reviews, the oldest first."""
    opened = sa.and_(
        review_events.c.review_id == reviews.c.id,
        review_events.c.seq == 1,
        reviews.c.state == "withdrawn",
    )
    query = (
        sa.select(
            reviews.c.tool_id,
            reviews.c.id,
            reviews.c.opened_at,
            reviews.c.closed_at,
            reviews.c.state,
            review_events.c.data["governance"].as_string(),
        )
        .outerjoin(review_events, opened)
        .order_by(reviews.c.tool_id, reviews.c.id)
    )
    found: dict[int, list[Spell]] = defaultdict(list)
    for tool_id, id_, opened_at, closed_at, state, before in connection.execute(query).all():
        gives_back = before not in UNDECIDED
        found[tool_id].append(Spell(id_, opened_at, closed_at, state == "decided", gives_back))
    return found


def reviewed(connection: Connection, department: str | None) -> frozenset[int]:
    """The marketing tools that have or had a review."""
    query = sa.select(tools.c.id).where(
        tools.c.id.in_(sa.select(reviews.c.tool_id)),
        tools.c.audience == "marketing",
        *of_department(department),
    )
    return frozenset(connection.scalars(query))


# --- money -------------------------------------------------------------------------------------


def charges(connection: Connection, windows: Iterable[Days], department: str | None) -> list[Charges]:
    """What marketing tools were paid in some periods, as far as it matters by day.

    Tools on which something else than a review decided are left out: when it did is not known.
    """
    edges = sorted({day for w in windows for day in (w.first, w.last + timedelta(days=1))})
    decided_at = sa.func.max(sa.case((reviews.c.state == "decided", reviews.c.closed_at)))
    own = (
        sa.select(reviews.c.tool_id, sa.func.count().label("reviews"), day_of(decided_at).label("decided_on"))
        .group_by(reviews.c.tool_id)
        .subquery()
    )
    undecided = sa.case(
        (own.c.reviews > 1, None),
        (own.c.decided_on <= expenses.c.occurred_on, 0),
        else_=1,
    )
    stretch = sa.case(
        *((expenses.c.occurred_on >= edge, sa.literal(edge, sa.Date)) for edge in reversed(edges[:-1])),
        else_=sa.literal(edges[0], sa.Date),
    )
    day = sa.case((own.c.reviews > 1, expenses.c.occurred_on), else_=stretch)
    amount = expenses.c.amount_minor
    paid = sa.and_(expenses.c.state.in_(("posted", "pending")), amount > 0)
    spent = expenses.c.state.in_(("posted", "refund"))
    query = (
        sa.select(
            tools.c.id,
            sa.type_coerce(day, sa.Date),
            expenses.c.currency,
            undecided,
            sa.func.count(sa.case((paid, 1))),
            sa.func.sum(sa.case((paid, amount), else_=0)),
            sa.func.sum(sa.case((spent, amount), else_=0)),
        )
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .join(tools, tools.c.id == merchants.c.tool_id)
        .outerjoin(own, own.c.tool_id == tools.c.id)
        .where(
            expenses.c.occurred_on >= edges[0],
            expenses.c.occurred_on < edges[-1],
            expenses.c.replaced.is_(False),
            tools.c.audience == "marketing",
            tools.c.merged_into.is_(None),
            tools.c.listed,
            sa.or_(tools.c.governance.in_(UNDECIDED), own.c.reviews > 0),
            *of_department(department),
        )
        .group_by(sa.text("1, 2, 3, 4"))
    )
    return [
        Charges(id_, on, currency, times, int(total), int(spend), None if known is None else bool(known))
        for id_, on, currency, known, times, total, spend in connection.execute(query).all()
    ]


# --- approvals by old means --------------------------------------------------------------------


def approvals(
    connection: Connection, since: datetime, until: datetime, department: str | None
) -> list[Approval]:
    """What let marketing tools in by old means within a time: IT's list, administrators, teachings."""
    ours = (
        tools.c.audience == "marketing",
        sa.or_(tools.c.governance.in_(UNDECIDED), tools.c.id.in_(sa.select(reviews.c.tool_id))),
        *of_department(department),
    )
    found = [
        *_by_administrators(connection, since, until, ours),
        *_by_list(connection, since, until, ours),
        *_by_teaching(connection, since, until, department),
    ]
    return sorted(found, key=lambda one: (one.at, one.tool_id))


def _by_administrators(
    connection: Connection, since: datetime, until: datetime, ours: Iterable[Clause]
) -> list[Approval]:
    granted = sa.func.coalesce(grants.c.granted_at, grants.c.first_seen, type_=grants.c.first_seen.type)
    said = "An administrator approved it for everybody."
    parts: tuple[tuple[sa.Table, Any, list[Clause]], ...] = (
        (grants, granted, [grants.c.consent == _ADMIN]),
        (consent_events, consent_events.c.at, [consent_events.c.consent == _ADMIN, consent_events.c.granted]),
    )
    found: set[tuple[int, datetime]] = set()
    for table, at, conditions in parts:
        query = (
            sa.select(tools.c.id, at)
            .join_from(table, apps, apps.c.id == table.c.app_id)
            .join(tools, tools.c.id == apps.c.tool_id)
            .where(*conditions, at >= since, at < until, tools.c.merged_into.is_(None), *ours)
            .distinct()
        )
        found |= {(row[0], row[1]) for row in connection.execute(query).all()}
    return [Approval(tool_id, at, said) for tool_id, at in found]


def _by_list(
    connection: Connection, since: datetime, until: datetime, ours: Iterable[Clause]
) -> list[Approval]:
    query = sa.select(audit_events.c.at, audit_events.c.object, audit_events.c.detail).where(
        audit_events.c.action == _LISTED, audit_events.c.at >= since, audit_events.c.at < until
    )
    put = [
        (int(row.object.removeprefix("tool:")), row.at)
        for row in connection.execute(query).all()
        if row.detail.get("on_it_list")
    ]
    ids = sorted({tool_id for tool_id, _ in put})
    known = set(connection.scalars(sa.select(tools.c.id).where(among(connection, tools.c.id, ids), *ours)))
    return [Approval(id_, at, "It was put on IT's list.") for id_, at in put if id_ in known]


def _by_teaching(
    connection: Connection, since: datetime, until: datetime, department: str | None
) -> list[Approval]:
    query = (
        sa.select(teachings)
        .join(tools, tools.c.id == teachings.c.to_tool_id)
        .where(
            teachings.c.verb.in_(("merge", "correct")),
            teachings.c.undone_at.is_(None),
            teachings.c.from_tool_id.is_not(None),
            teachings.c.at >= since,
            teachings.c.at < until,
            tools.c.audience == "marketing",
            *of_department(department),
        )
    )
    return [
        Approval(
            row.from_tool_id,
            row.at,
            f"It was taught to be part of “{row.to_name}”, which was decided on.",
            into=row.to_tool_id,
        )
        for row in connection.execute(query).all()
    ]


def names(connection: Connection, tool_ids: Iterable[int]) -> dict[int, str]:
    """Some tools' names."""
    query = sa.select(tools.c.id, tools.c.name).where(among(connection, tools.c.id, sorted(set(tool_ids))))
    return {row[0]: row[1] for row in connection.execute(query).all()}
