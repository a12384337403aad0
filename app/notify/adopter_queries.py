"""Every query about adopters and their answers."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import (
    accounts,
    adopter_answers,
    apps,
    assignments,
    consent_events,
    expenses,
    grants,
    merchants,
    people,
    sign_in_days,
    tools,
)
from app.notify.repository import Row, Rows


def adopted(connection: Connection, tool_id: int, person_id: int) -> bool:
    """Whether any trace ties a person to a tool: an assignment, a sign-in, a grant, a consent, an expense."""
    theirs = sa.select(accounts.c.id).where(accounts.c.person_id == person_id)
    its_apps = sa.select(apps.c.id).where(apps.c.tool_id == tool_id)
    its_merchants = sa.select(merchants.c.id).where(merchants.c.tool_id == tool_id)
    traces = [
        sa.exists().where(table.c.account_id.in_(theirs), table.c.app_id.in_(its_apps))
        for table in (assignments, sign_in_days, grants, consent_events)
    ]
    paid = sa.exists().where(expenses.c.account_id.in_(theirs), expenses.c.merchant_id.in_(its_merchants))
    return bool(connection.scalar(sa.select(sa.or_(*traces, paid))))


def lock_person(connection: Connection, person_id: int) -> None:
    """Let nobody else ask this person until the transaction ends."""
    connection.execute(sa.select(people.c.id).where(people.c.id == person_id).with_for_update(key_share=True))


def asked_since(connection: Connection, tool_id: int, person_id: int, since: datetime) -> bool:
    """Whether somebody was asked about a tool after a moment."""
    a = adopter_answers
    found = sa.exists().where(a.c.tool_id == tool_id, a.c.person_id == person_id, a.c.asked_at > since)
    return bool(connection.scalar(sa.select(found)))


def insert(connection: Connection, **values: Any) -> int:
    """Store that somebody is asked; its id."""
    key = connection.execute(sa.insert(adopter_answers).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def of_tool(connection: Connection, tool_id: int) -> Rows:
    """All who were asked about a tool, or about one that was merged into it; the last one first."""
    a, merged = adopter_answers, sa.select(tools.c.id).where(tools.c.merged_into == tool_id)
    query = (
        sa.select(
            a,
            people.c.name.label("person_name"),
            people.c.email.label("person_email"),
            people.c.department.label("person_department"),
            people.c.active.label("person_active"),
        )
        .join(people, people.c.id == a.c.person_id)
        .where(sa.or_(a.c.tool_id == tool_id, a.c.tool_id.in_(merged)))
        .order_by(a.c.id.desc())
    )
    return connection.execute(query).all()


def asked(connection: Connection, ask_id: int) -> Row | None:
    """One question, with the names of the tool and of the person."""
    query = (
        sa.select(adopter_answers, tools.c.name.label("tool"), people.c.name.label("person"))
        .join(tools, tools.c.id == adopter_answers.c.tool_id)
        .join(people, people.c.id == adopter_answers.c.person_id)
        .where(adopter_answers.c.id == ask_id)
    )
    return connection.execute(query).one_or_none()


def keep_answer(connection: Connection, ask_id: int, answer: str, comment: str | None, at: datetime) -> bool:
    """Keep an answer; False if there was one already."""
    a = adopter_answers
    query = sa.update(a).where(a.c.id == ask_id, a.c.answered_at.is_(None))
    return connection.execute(query.values(answer=answer, comment=comment, answered_at=at)).rowcount == 1
