"""Every query of claims but those that gather evidence."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.claims.fold import Event, Kind, Standing
from app.db import among, upsert
from app.models import (
    claim_events,
    expenses,
    merchants,
    ownership_people,
    ownerships,
    people,
    tool_declines,
    tool_departments,
    tools,
    users,
)

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]

_OPEN = ("unowned", "lapsed", "claimed")
_EXPENSES_THAT_COUNT = expenses.c.state.not_in(("declined", "void"))


# --- the log ---------------------------------------------------------------------------------


def lock_tools(connection: Connection, tool_ids: Iterable[int]) -> None:
    """Let nobody else change these tools or their ownership until the transaction ends."""
    query = sa.select(tools.c.id).where(among(connection, tools.c.id, sorted(set(tool_ids))))
    connection.execute(query.order_by(tools.c.id).with_for_update(key_share=True))


def logs_of(connection: Connection, tool_ids: Collection[int]) -> dict[int, list[Event]]:
    """The whole logs of some tools, each in its order."""
    query = (
        sa.select(claim_events)
        .where(among(connection, claim_events.c.tool_id, list(tool_ids)))
        .order_by(claim_events.c.tool_id, claim_events.c.seq)
    )
    found: dict[int, list[Event]] = {tool_id: [] for tool_id in tool_ids}
    for row in connection.execute(query):
        found[row.tool_id].append(as_event(row))
    return found


def as_event(row: Row) -> Event:
    """A stored line of a log."""
    return Event(row.seq, row.at, row.user_id, Kind(row.kind), row.data)


def append(connection: Connection, tool_id: int, event: Event, standing: Standing) -> None:
    """Write one more line of a tool's log, and what holds then.

    Args:
        connection: a transaction that has locked the tool.
        tool_id: whose log.
        event: the line.
        standing: what the log comes to with it.
    """
    connection.execute(
        sa.insert(claim_events).values(
            tool_id=tool_id,
            seq=event.seq,
            at=event.at,
            user_id=event.user_id,
            kind=event.kind.value,
            data=dict(event.data),
        )
    )
    upsert(connection, ownerships, [row_of(tool_id, standing)], key=("tool_id",), update=_CACHED)
    departments = sorted(d.department for d in standing.declines)
    for table, rows, key in (
        (ownership_people, [{"user_id": u, "part": p} for u, p in standing.parts], ("user_id", "part")),
        (tool_declines, [{"department": d} for d in departments], ("department",)),
    ):
        connection.execute(sa.delete(table).where(table.c.tool_id == tool_id))
        upsert(connection, table, [{"tool_id": tool_id, **row} for row in rows], key=("tool_id", *key))
    fact = standing.ownership.value
    connection.execute(
        sa.update(tools)
        .where(tools.c.id == tool_id, tools.c.ownership != fact)
        .values(ownership=fact, version=tools.c.version + 1, updated_at=event.at)
    )


_CACHED = ("version", "owner_user_id", "steward_user_id", "attest_by", "contested")


def row_of(tool_id: int, standing: Standing) -> dict[str, Any]:
    """What is kept of a tool's ownership beside its log."""
    return {
        "tool_id": tool_id,
        "version": standing.version,
        "owner_user_id": standing.owner,
        "steward_user_id": standing.steward,
        "attest_by": standing.attest_by,
        "contested": bool(standing.contests),
    }


def owners_of(connection: Connection, tool_ids: Collection[int]) -> Rows:
    """Owner and co-owners of some tools as `tool_id`, `user_id`, `name`; the owner first."""
    part = ownership_people.c.part
    query = sa.select(ownership_people.c.tool_id, users.c.id.label("user_id"), users.c.name).join_from(
        ownership_people, users, users.c.id == ownership_people.c.user_id
    )
    wanted = among(connection, ownership_people.c.tool_id, sorted(tool_ids))
    chosen = query.where(wanted, part.in_(("owner", "co_owner")))
    return connection.execute(chosen.order_by(ownership_people.c.tool_id, part.desc(), users.c.id)).all()


# --- people ----------------------------------------------------------------------------------

_WHO = sa.or_(
    people.c.id == users.c.person_id,
    sa.and_(users.c.person_id.is_(None), people.c.email == users.c.email),
)


def users_with_people(connection: Connection, user_ids: Collection[int]) -> Rows:
    """Users with who they are in the directories: `here`, `department`, `address`."""
    here = sa.and_(users.c.active, sa.func.coalesce(people.c.active, sa.true()))
    return connection.execute(
        sa.select(
            users.c.id,
            users.c.name,
            users.c.roles,
            here.label("here"),
            people.c.department,
            sa.func.coalesce(people.c.email, users.c.email).label("address"),
        )
        .outerjoin(people, _WHO)
        .where(among(connection, users.c.id, sorted(user_ids)))
    ).all()


def users_on_sides(connection: Connection) -> list[int]:
    """Users who may log in and sit at one of the two sides of the table, by id."""
    rows = connection.execute(sa.select(users.c.id, users.c.roles).where(users.c.active))
    return [row.id for row in rows if not {"it", "marketing"}.isdisjoint(row.roles)]


def departments_led_by(connection: Connection, address: str) -> list[str]:
    """The departments of the people who report to somebody, by name."""
    query = sa.select(people.c.department).where(
        sa.func.lower(people.c.manager_email) == address.lower(),
        people.c.department.is_not(None),
        sa.func.coalesce(people.c.active, sa.true()),
    )
    return list(connection.scalars(query.distinct().order_by(people.c.department)))


def marketers_of(connection: Connection, departments: Collection[str]) -> list[int]:
    """The users of marketing who belong to some departments and are still here."""
    query = (
        sa.select(users.c.id, users.c.roles)
        .join(people, _WHO)
        .where(
            among(connection, people.c.department, sorted(set(departments))),
            users.c.active,
            sa.func.coalesce(people.c.active, sa.true()),
        )
    )
    return sorted({row.id for row in connection.execute(query) if "marketing" in row.roles})


def is_department(connection: Connection, name: str) -> bool:
    """Whether anybody belongs to it."""
    return connection.scalar(sa.select(sa.exists().where(people.c.department == name))) or False


def gone_among(connection: Connection, user_ids: Collection[int]) -> set[int]:
    """Which of some users may no longer log in, or have left the company."""
    return {row.id for row in users_with_people(connection, user_ids) if not row.here}


def users_of_people(connection: Connection, person_ids: Collection[int]) -> dict[int, int]:
    """The users behind some people, by the person's id."""
    query = (
        sa.select(people.c.id, users.c.id)
        .join(users, _WHO)
        .where(among(connection, people.c.id, sorted(person_ids)), users.c.active)
        .order_by(users.c.id.desc())
    )
    return {row[0]: row[1] for row in connection.execute(query)}


# --- lists -----------------------------------------------------------------------------------


def tools_by_id(connection: Connection, tool_ids: Collection[int]) -> dict[int, Row]:
    """Some tools, by id."""
    columns = (tools.c[n] for n in ("id", "name", "audience", "merged_into", "ownership"))
    query = sa.select(*columns).where(among(connection, tools.c.id, list(tool_ids)))
    return {row.id: row for row in connection.execute(query)}


def claim_page(
    connection: Connection,
    *,
    part_of: tuple[int, bool] | None,
    contested: bool | None,
    attest_before: datetime | None,
    after: int | None,
    limit: int,
) -> list[int]:
    """Tools that have or had an owner, or have a steward, by id.

    Args:
        connection: a reading transaction.
        part_of: only those in which this user has a part, or has none.
        contested: only those that are contested, or are not.
        attest_before: only those whose owner's word ends before.
        after: only those with a higher id.
        limit: how many at most.
    """
    query = (
        sa.select(ownerships.c.tool_id)
        .join(tools, tools.c.id == ownerships.c.tool_id)
        .where(
            tools.c.merged_into.is_(None),
            sa.or_(tools.c.ownership != "unowned", ownerships.c.steward_user_id.is_not(None)),
        )
        .order_by(ownerships.c.tool_id)
        .limit(limit)
    )
    if part_of is not None:
        user_id, wanted = part_of
        has_part = sa.exists().where(
            ownership_people.c.tool_id == ownerships.c.tool_id, ownership_people.c.user_id == user_id
        )
        query = query.where(has_part if wanted else ~has_part)
    if contested is not None:
        query = query.where(ownerships.c.contested.is_(contested))
    if attest_before is not None:
        query = query.where(ownerships.c.attest_by < attest_before)
    if after is not None:
        query = query.where(ownerships.c.tool_id > after)
    return list(connection.scalars(query))


def overdue_tools(connection: Connection, now: datetime) -> list[int]:
    """Tools whose owner's word has ended, or in which somebody has a part who is gone; merged ones not."""
    gone = (
        sa.select(ownership_people.c.tool_id)
        .join(users, users.c.id == ownership_people.c.user_id)
        .outerjoin(people, _WHO)
        .where(sa.or_(~users.c.active, people.c.active.is_(False)))
    )
    query = (
        sa.select(ownerships.c.tool_id)
        .join(tools, tools.c.id == ownerships.c.tool_id)
        .where(
            tools.c.merged_into.is_(None),
            sa.or_(ownerships.c.attest_by < now, ownerships.c.tool_id.in_(gone)),
        )
    )
    return list(connection.scalars(query.order_by(ownerships.c.tool_id)))


def lapsing(connection: Connection, now: datetime, until: datetime) -> Rows:
    """Tools whose owner's word ends soon, with their names; merged ones not."""
    query = (
        sa.select(ownerships.c.tool_id, ownerships.c.owner_user_id, ownerships.c.attest_by, tools.c.name)
        .join(tools, tools.c.id == ownerships.c.tool_id)
        .where(tools.c.merged_into.is_(None), ownerships.c.attest_by.between(now, until))
        .order_by(ownerships.c.tool_id)
    )
    return connection.execute(query).all()


def found_page(
    connection: Connection,
    departments: Sequence[str],
    *,
    paid_since: Any,
    after: tuple[int, int, int] | None,
    limit: int,
) -> Rows:
    """Tools with evidence from some departments that nobody answers for, and that were not declined there.

    Marketing's come first, then those that most people of these departments use.

    Args:
        connection: a reading transaction.
        departments: whose evidence.
        paid_since: charges that were booked to a department count from this day on.
        after: `other`, `most` and the id of the row that the page follows.
        limit: how many at most.

    Returns:
        Rows with `other` (0 for marketing's), `most` (minus the number of people) and the tool.
    """
    listed = list(departments)
    used = sa.select(tool_departments.c.tool_id, tool_departments.c.department, tool_departments.c.people)
    booked = (
        sa.select(merchants.c.tool_id, expenses.c.department, sa.literal(0).label("people"))
        .join(expenses, expenses.c.merchant_id == merchants.c.id)
        .where(
            among(connection, expenses.c.department, listed),
            expenses.c.occurred_on >= paid_since,
            _EXPENSES_THAT_COUNT,
        )
    )
    every = sa.union_all(
        used.where(among(connection, tool_departments.c.department, listed)), booked
    ).subquery()
    declined = sa.exists().where(
        tool_declines.c.tool_id == every.c.tool_id, tool_declines.c.department == every.c.department
    )
    found = (
        sa.select(every.c.tool_id, sa.func.sum(every.c.people).label("people"))
        .where(~declined)
        .group_by(every.c.tool_id)
        .subquery()
    )
    other = sa.case((tools.c.audience == "marketing", 0), else_=1).label("other")
    most = (-found.c.people).label("most")
    columns = (tools.c[n] for n in ("id", "name", "audience", "evidence", "ownership"))
    inner = (
        sa.select(*columns, other, most)
        .join(found, found.c.tool_id == tools.c.id)
        .where(tools.c.listed, tools.c.merged_into.is_(None), tools.c.ownership.in_(_OPEN))
        .subquery()
    )
    query = sa.select(inner).order_by(inner.c.other, inner.c.most, inner.c.id).limit(limit)
    if after is not None:
        place = sa.tuple_(*(sa.literal(value, sa.BigInteger) for value in after))
        query = query.where(sa.tuple_(inner.c.other, inner.c.most, inner.c.id) > place)
    return connection.execute(query).all()


def declined_in(connection: Connection, tool_ids: Collection[int]) -> set[tuple[int, str]]:
    """Where some tools were declined, as (tool, department)."""
    query = sa.select(tool_declines).where(among(connection, tool_declines.c.tool_id, list(tool_ids)))
    return {(row.tool_id, row.department) for row in connection.execute(query)}


def versions_of(connection: Connection, tool_ids: Collection[int]) -> dict[int, int]:
    """The versions of some tools' ownership; those without a log are left out."""
    query = sa.select(ownerships.c.tool_id, ownerships.c.version)
    rows = connection.execute(query.where(among(connection, ownerships.c.tool_id, list(tool_ids))))
    return {row.tool_id: row.version for row in rows}


def held_by_user(connection: Connection, user_id: int) -> Rows:
    """The tools that a user owns, co-owns or looks after, with the part, by name."""
    query = (
        sa.select(tools.c.id, tools.c.name, ownership_people.c.part)
        .join_from(ownership_people, tools, tools.c.id == ownership_people.c.tool_id)
        .where(
            ownership_people.c.user_id == user_id,
            ownership_people.c.part.in_(("owner", "co_owner", "steward")),
            tools.c.listed,
        )
        .order_by(tools.c.sort_name, tools.c.id)
        .limit(200)
    )
    return connection.execute(query).all()


def holders_of(connection: Connection, tool_ids: Collection[int]) -> Rows:
    """Who owns some tools, with the owner's name; tools without a log are left out."""
    columns = (ownerships.c[n] for n in ("tool_id", "version", "owner_user_id", "contested"))
    return connection.execute(
        sa.select(*columns, users.c.name)
        .outerjoin(users, users.c.id == ownerships.c.owner_user_id)
        .where(among(connection, ownerships.c.tool_id, list(tool_ids)))
    ).all()
