"""Every query of `policy` about its own tables: versions and alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.db import among
from app.models import policies, policy_alerts

Row = sa.Row[*tuple[Any, ...]]
_LOCK = 7_230_419_884
_LISTED = tuple(c for c in policies.c if c.name != "document")


def change_alone(connection: Connection) -> None:
    """Wait for whoever writes or switches policies, and keep others out until this transaction ends."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def policy(connection: Connection, version: int) -> Row | None:
    """One version."""
    return connection.execute(sa.select(policies).where(policies.c.version == version)).one_or_none()


def active_policy(connection: Connection) -> Row | None:
    """The version that is switched on."""
    return connection.execute(sa.select(policies).where(policies.c.active)).one_or_none()


def policies_page(connection: Connection, *, before: int | None, limit: int) -> Sequence[Row]:
    """Versions without their documents, the newest first."""
    query = sa.select(*_LISTED).order_by(policies.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(policies.c.version < before)
    return connection.execute(query).all()


def last_version(connection: Connection) -> int:
    """The highest number; 0 if there is none."""
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.max(policies.c.version), 0))) or 0


def insert_policy(connection: Connection, **values: Any) -> None:
    """Store a version, switched off."""
    connection.execute(sa.insert(policies).values(**values, active=False, active_from=None))


def switch_off(connection: Connection) -> None:
    """Switch off whatever is on."""
    connection.execute(sa.update(policies).where(policies.c.active).values(active=False))


def switch_on(connection: Connection, version: int, at: datetime) -> None:
    """Switch a version on."""
    chosen = policies.c.version == version
    connection.execute(sa.update(policies).where(chosen).values(active=True, active_from=at))


# --- alerts ------------------------------------------------------------------------------------


def standing_alerts(connection: Connection, tool_ids: Sequence[int]) -> Sequence[Row]:
    """The alerts of some tools that are not settled, the oldest first."""
    a = policy_alerts
    query = sa.select(a).where(among(connection, a.c.tool_id, tool_ids), a.c.settled_at.is_(None))
    return connection.execute(query.order_by(a.c.tool_id, a.c.id)).all()


def insert_alert(connection: Connection, **values: Any) -> bool:
    """Store an alert; False if one of this tool and cause stands already.

    One that was only told becomes one that opens the decision again.
    """
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    query = kind.insert(policy_alerts).values(**values)
    if values["opens"]:
        query = query.on_conflict_do_update(
            index_elements=["tool_id", "cause"],
            index_where=policy_alerts.c.settled_at.is_(None),
            set_={"opens": True, "sentence": values["sentence"]},
            where=~policy_alerts.c.opens,
        )
    else:
        query = query.on_conflict_do_nothing()
    return connection.scalar(query.returning(policy_alerts.c.id)) is not None


def settle_alerts(
    connection: Connection, tool_id: int, at: datetime, causes: Sequence[str] | None
) -> list[str]:
    """Mark standing alerts of a tool as settled; gives their causes."""
    a = policy_alerts
    query = sa.update(a).where(a.c.tool_id == tool_id, a.c.settled_at.is_(None))
    if causes is not None:
        query = query.where(a.c.cause.in_(causes))
    return sorted(connection.scalars(query.values(settled_at=at).returning(a.c.cause)))
