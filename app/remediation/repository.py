"""Every query of `remediation`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import (
    accounts,
    apps,
    assignments,
    expenses,
    grants,
    merchants,
    people,
    remediation_plans,
    remediation_steps,
    reviews,
    sources,
    tools,
)

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]


def review(connection: Connection, review_id: int, *, lock: bool = False) -> Row | None:
    """A review with its tool's name; locked, nobody else makes a plan of it."""
    query = (
        sa.select(reviews, tools.c.name.label("tool"))
        .join_from(reviews, tools, tools.c.id == reviews.c.tool_id)
        .where(reviews.c.id == review_id)
    )
    if lock:
        query = query.with_for_update(of=reviews, key_share=True)
    return connection.execute(query).one_or_none()


def decided_since(connection: Connection, tool_id: int, review_id: int) -> int | None:
    """The review that decided on a tool after another one, if any: that other decision no longer holds."""
    return connection.scalar(
        sa.select(sa.func.max(reviews.c.id)).where(
            reviews.c.tool_id == tool_id, reviews.c.id > review_id, reviews.c.state == "decided"
        )
    )


# --- what there is to end ----------------------------------------------------------------------


def live_grants(connection: Connection, tool_id: int) -> Rows:
    """A tool's grants in force, with app, account and source."""
    return connection.execute(
        sa.select(
            grants.c.id,
            grants.c.ref,
            grants.c.stream,
            grants.c.source_id,
            apps.c.name.label("app"),
            apps.c.ref.label("app_ref"),
            accounts.c.ref.label("person_ref"),
            accounts.c.person_id,
        )
        .join_from(grants, apps, apps.c.id == grants.c.app_id)
        .outerjoin(accounts, accounts.c.id == grants.c.account_id)
        .where(apps.c.tool_id == tool_id, grants.c.gone_at.is_(None))
        .order_by(grants.c.id)
    ).all()


def live_apps(connection: Connection, tool_id: int) -> Rows:
    """A tool's apps that people are assigned to, with how many."""
    return connection.execute(
        sa.select(apps.c.id, apps.c.name, apps.c.source_id, sa.func.count().label("people"))
        .join_from(apps, assignments, assignments.c.app_id == apps.c.id)
        .where(apps.c.tool_id == tool_id, apps.c.gone_at.is_(None), assignments.c.gone_at.is_(None))
        .where(apps.c.sign_on != "consent")
        .group_by(apps.c.id, apps.c.name, apps.c.source_id)
        .order_by(apps.c.id)
    ).all()


def payments(connection: Connection, tool_id: int, since: date) -> Rows:
    """Whom a tool was paid to since a day, with the last charge."""
    return connection.execute(
        sa.select(
            merchants.c.name,
            sa.func.max(expenses.c.occurred_on).label("last_on"),
            sa.func.count().label("charges"),
        )
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .where(merchants.c.tool_id == tool_id, expenses.c.occurred_on >= since)
        .where(expenses.c.state.in_(("pending", "posted")), expenses.c.replaced.is_(False))
        .group_by(merchants.c.name)
        .order_by(merchants.c.name)
    ).all()


def all_sources(connection: Connection) -> Rows:
    """The sources with their connectors and plain settings."""
    return connection.execute(
        sa.select(sources.c.id, sources.c.name, sources.c.connector, sources.c.config)
    ).all()


# --- plans -------------------------------------------------------------------------------------


def insert_plan(connection: Connection, steps: Sequence[dict[str, Any]], **values: Any) -> int:
    """Store a plan with its steps; its id."""
    key = connection.execute(sa.insert(remediation_plans).values(**values)).inserted_primary_key
    assert key is not None
    rows = [{**step, "plan_id": key[0], "number": n} for n, step in enumerate(steps, 1)]
    connection.execute(sa.insert(remediation_steps), rows)
    return key[0]


def plan(connection: Connection, plan_id: int, *, lock: bool = False) -> Row | None:
    """A plan with the names of its tool and the outcome of its review."""
    query = (
        sa.select(remediation_plans, tools.c.name.label("tool"), reviews.c.outcome)
        .join_from(remediation_plans, tools, tools.c.id == remediation_plans.c.tool_id)
        .join(reviews, reviews.c.id == remediation_plans.c.review_id)
        .where(remediation_plans.c.id == plan_id)
    )
    if lock:
        query = query.with_for_update(of=remediation_plans)
    return connection.execute(query).one_or_none()


def plan_of(connection: Connection, review_id: int) -> int | None:
    """The plan of a review that was not cancelled."""
    return connection.scalar(
        sa.select(remediation_plans.c.id).where(
            remediation_plans.c.review_id == review_id, remediation_plans.c.state != "cancelled"
        )
    )


def plans(connection: Connection, state: str | None, *, before: int | None, limit: int) -> Rows:
    """Plans as a list shows them (`left`: how many steps are not done), the newest first."""
    left = (
        sa.select(sa.func.count())
        .where(remediation_steps.c.plan_id == remediation_plans.c.id, remediation_steps.c.state != "done")
        .scalar_subquery()
    )
    p = remediation_plans
    query = (
        sa.select(
            p.c.id,
            p.c.review_id.label("review"),
            p.c.tool_id,
            tools.c.name.label("tool"),
            p.c.state,
            left.label("left"),
        )
        .join(tools, tools.c.id == p.c.tool_id)
        .order_by(p.c.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(p.c.state == state)
    if before is not None:
        query = query.where(p.c.id < before)
    return connection.execute(query).all()


def steps(connection: Connection, plan_id: int) -> Rows:
    """A plan's steps with whom each concerns."""
    return connection.execute(
        sa.select(
            remediation_steps,
            sources.c.name.label("source"),
            people.c.name.label("person_name"),
            people.c.email.label("person_email"),
            people.c.department.label("person_department"),
            people.c.active.label("person_active"),
        )
        .outerjoin(sources, sources.c.id == remediation_steps.c.source_id)
        .outerjoin(people, people.c.id == remediation_steps.c.person_id)
        .where(remediation_steps.c.plan_id == plan_id)
        .order_by(remediation_steps.c.number)
    ).all()


def step(connection: Connection, plan_id: int, number: int) -> Row | None:
    """One step."""
    return connection.execute(
        sa.select(remediation_steps).where(
            remediation_steps.c.plan_id == plan_id, remediation_steps.c.number == number
        )
    ).one_or_none()


def next_revocation(connection: Connection, plan_id: int, after: int) -> Row | None:
    """The first step after a number that Penumbra still has to do."""
    return connection.execute(
        sa.select(remediation_steps)
        .where(
            remediation_steps.c.plan_id == plan_id,
            remediation_steps.c.number > after,
            remediation_steps.c.kind == "revoke",
            remediation_steps.c.state != "done",
        )
        .order_by(remediation_steps.c.number)
        .limit(1)
    ).one_or_none()


def step_states(connection: Connection, plan_id: int) -> list[str]:
    """The states of a plan's steps."""
    query = sa.select(remediation_steps.c.state).where(remediation_steps.c.plan_id == plan_id)
    return list(connection.scalars(query))


def update_plan(connection: Connection, plan_id: int, **values: Any) -> None:
    """Change a plan and count its version up."""
    connection.execute(
        sa.update(remediation_plans)
        .where(remediation_plans.c.id == plan_id)
        .values(version=remediation_plans.c.version + 1, **values)
    )


def update_step(connection: Connection, plan_id: int, number: int, **values: Any) -> None:
    """Change a step."""
    connection.execute(
        sa.update(remediation_steps)
        .where(remediation_steps.c.plan_id == plan_id, remediation_steps.c.number == number)
        .values(**values)
    )


def take_lease(connection: Connection, plan_id: int, now: datetime, until: datetime) -> bool:
    """Take a confirmed plan for carrying it out, unless somebody else is at it."""
    free = sa.or_(remediation_plans.c.lease_until.is_(None), remediation_plans.c.lease_until <= now)
    done = connection.execute(
        sa.update(remediation_plans)
        .where(remediation_plans.c.id == plan_id, remediation_plans.c.state == "confirmed", free)
        .values(lease_until=until)
    )
    return done.rowcount == 1


def hold_lease(connection: Connection, plan_id: int, held: datetime, until: datetime | None) -> bool:
    """Keep a confirmed plan for longer, or let go of it; False if it is no longer ours, or not confirmed."""
    done = connection.execute(
        sa.update(remediation_plans)
        .where(
            remediation_plans.c.id == plan_id,
            remediation_plans.c.state == "confirmed",
            remediation_plans.c.lease_until == held,
        )
        .values(lease_until=until)
    )
    return done.rowcount == 1


def retire(connection: Connection, tool_id: int, at: datetime) -> bool:
    """Note that a tool that was being retired is retired; False if something else holds of it by now."""
    done = connection.execute(
        sa.update(tools)
        .where(tools.c.id == tool_id, tools.c.governance == "retiring")
        .values(governance="retired", version=tools.c.version + 1, updated_at=at)
    )
    return done.rowcount == 1
