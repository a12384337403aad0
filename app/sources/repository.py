"""Every query of `sources`."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import apps, scans, sign_in_days, sources

Row = sa.Row[*tuple[Any, ...]]


def all_sources(connection: Connection) -> Sequence[Row]:
    """All sources by name."""
    return connection.execute(sa.select(sources).order_by(sources.c.name)).all()


def source(connection: Connection, source_id: int) -> Row | None:
    """One source."""
    return connection.execute(sa.select(sources).where(sources.c.id == source_id)).one_or_none()


def source_named(connection: Connection, name: str) -> Row | None:
    """The source called `name`."""
    return connection.execute(sa.select(sources).where(sources.c.name == name)).one_or_none()


def source_of_account(connection: Connection, connector: str, account: str) -> Row | None:
    """The source that reads this account."""
    return connection.execute(
        sa.select(sources).where(sources.c.connector == connector, sources.c.account == account)
    ).one_or_none()


def insert(connection: Connection, values: dict[str, Any]) -> int:
    """Store a source; its id."""
    key = connection.execute(sa.insert(sources).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def update(connection: Connection, source_id: int, version: int, values: dict[str, Any]) -> bool:
    """Change a source if it still has `version`; False if it has not."""
    result = connection.execute(
        sa.update(sources)
        .where(sources.c.id == source_id, sources.c.version == version)
        .values(**values, version=version + 1)
    )
    return result.rowcount == 1


def delete(connection: Connection, source_id: int, version: int) -> bool:
    """Remove a source and all it brought, if it still has `version`."""
    # Locked, it gets no new scan; and without their row, scans that still run store no further page. Then
    # nobody adds to the sign-ins, which have no foreign keys that would take them along.
    query = sa.select(sources.c.id).where(sources.c.id == source_id, sources.c.version == version)
    if connection.scalar(query.with_for_update()) is None:
        return False
    connection.execute(sa.delete(scans).where(scans.c.source_id == source_id))
    its_apps = sa.select(apps.c.id).where(apps.c.source_id == source_id)
    connection.execute(sa.delete(sign_in_days).where(sign_in_days.c.app_id.in_(its_apps)))
    connection.execute(sa.delete(sources).where(sources.c.id == source_id))
    return True


def active_scan(connection: Connection, source_id: int) -> int | None:
    """The id of the source's queued or running scan."""
    return connection.execute(
        sa.select(scans.c.id).where(scans.c.source_id == source_id, scans.c.state.in_(("queued", "running")))
    ).scalar_one_or_none()
