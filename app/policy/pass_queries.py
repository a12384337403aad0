"""Every query of `policy` about passes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among
from app.models import passes, reviews, tools, users

Row = sa.Row[*tuple[Any, ...]]
_SHOWN = (passes, tools.c.name.label("tool"), tools.c.people, users.c.name.label("ender"))


def lock_tools(connection: Connection, tool_ids: Collection[int]) -> None:
    """Let nobody else write to these tools, nor open reviews of them, until the transaction ends."""
    query = sa.select(tools.c.id).where(among(connection, tools.c.id, sorted(set(tool_ids))))
    connection.execute(query.order_by(tools.c.id).with_for_update(key_share=True))


def set_governance(connection: Connection, tool_ids: Sequence[int], governance: str, at: datetime) -> None:
    """Write what holds of some tools."""
    connection.execute(
        sa.update(tools)
        .where(among(connection, tools.c.id, tool_ids))
        .values(governance=governance, version=tools.c.version + 1, updated_at=at)
    )


def passable(connection: Connection, version: int, tool_ids: Collection[int] | None) -> list[int]:
    """Flagged tools that a version of the policy may still give a pass; of some tools, or of all.

    Not those that were ever under review, that somebody refused a pass, or that had one by this version.
    """
    had = sa.and_(
        passes.c.tool_id == tools.c.id,
        sa.or_(
            passes.c.ended_at.is_(None),
            passes.c.end_cause == "refused",
            sa.and_(passes.c.policy_version == version, passes.c.end_cause != "policy"),
        ),
    )
    query = sa.select(tools.c.id).where(
        tools.c.flagged,
        tools.c.listed,
        tools.c.governance == "unreviewed",
        tools.c.merged_into.is_(None),
        ~sa.exists().where(had),
        ~sa.exists().where(reviews.c.tool_id == tools.c.id),
    )
    if tool_ids is not None:
        query = query.where(among(connection, tools.c.id, sorted(set(tool_ids))))
    return list(connection.scalars(query.order_by(tools.c.id)))


def barred(connection: Connection, tool_ids: Sequence[int]) -> set[int]:
    """Which of some tools get no pass whatever the policy says: reviewed, or refused one."""
    reviewed = sa.select(reviews.c.tool_id).where(among(connection, reviews.c.tool_id, tool_ids))
    refused = sa.select(passes.c.tool_id).where(
        among(connection, passes.c.tool_id, tool_ids), passes.c.end_cause == "refused"
    )
    return set(connection.scalars(sa.union(reviewed, refused)))


def with_pass(connection: Connection, tool_ids: Sequence[int]) -> set[int]:
    """Which of some tools have a pass now."""
    query = sa.select(passes.c.tool_id).where(
        among(connection, passes.c.tool_id, tool_ids), passes.c.ended_at.is_(None)
    )
    return set(connection.scalars(query))


def standing(connection: Connection, tool_ids: Collection[int] | None) -> Sequence[Row]:
    """The passes that stand, of some tools or of all, with each tool's governance; none of merged tools."""
    query = (
        sa.select(passes, tools.c.governance, tools.c.name.label("tool"))
        .join(tools, tools.c.id == passes.c.tool_id)
        .where(passes.c.ended_at.is_(None), tools.c.merged_into.is_(None))
        .order_by(passes.c.tool_id)
    )
    if tool_ids is not None:
        query = query.where(among(connection, passes.c.tool_id, sorted(set(tool_ids))))
    return connection.execute(query).all()


def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store passes that are given."""
    connection.execute(sa.insert(passes), [dict(row) for row in rows])


def end(connection: Connection, pass_id: int, at: datetime, cause: str, reason: str, **values: Any) -> None:
    """Write why a pass ended."""
    ended = {"ended_at": at, "end_cause": cause, "end_reason": reason, **values}
    connection.execute(sa.update(passes).where(passes.c.id == pass_id).values(**ended))


def set_review(connection: Connection, pass_id: int, review_id: int) -> None:
    """Write which review followed a pass."""
    connection.execute(sa.update(passes).where(passes.c.id == pass_id).values(review_id=review_id))


def one(connection: Connection, pass_id: int) -> Row:
    """One pass as it is shown."""
    return connection.execute(_shown().where(passes.c.id == pass_id)).one()


def shown_standing(connection: Connection, tool_ids: Collection[int]) -> Sequence[Row]:
    """The passes that stand, of some tools, as they are shown."""
    if not tool_ids:
        return []
    query = _shown().where(
        among(connection, passes.c.tool_id, sorted(set(tool_ids))), passes.c.ended_at.is_(None)
    )
    return connection.execute(query).all()


def page(
    connection: Connection, *, standing: bool | None, tool_id: int | None, before: int | None, limit: int
) -> Sequence[Row]:
    """Passes as they are shown, the newest first."""
    query = _shown().order_by(passes.c.id.desc()).limit(limit)
    if standing is not None:
        query = query.where(passes.c.ended_at.is_(None) if standing else passes.c.ended_at.is_not(None))
    if standing:
        query = query.where(tools.c.merged_into.is_(None))
    if tool_id is not None:
        query = query.where(passes.c.tool_id == tool_id)
    if before is not None:
        query = query.where(passes.c.id < before)
    return connection.execute(query).all()


def _shown() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_SHOWN)
        .join(tools, tools.c.id == passes.c.tool_id)
        .outerjoin(users, users.c.id == passes.c.ended_by)
    )
