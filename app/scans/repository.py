"""Queries by which people see scans; those of the runner are in `checkpoints`."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import scan_skips, scans, sources

Row = sa.Row[*tuple[Any, ...]]
_SHOWN = sa.select(scans, sources.c.name.label("source")).join_from(scans, sources)


def scan(connection: Connection, scan_id: int) -> Row | None:
    """One scan with its source's name."""
    return connection.execute(_SHOWN.where(scans.c.id == scan_id)).one_or_none()


def scan_list(
    connection: Connection,
    *,
    source_id: int | None,
    states: Sequence[str],
    before: int | None,
    limit: int,
) -> Sequence[Row]:
    """Scans, the newest first, those with an id below `before`."""
    query = _SHOWN.order_by(scans.c.id.desc()).limit(limit)
    if source_id is not None:
        query = query.where(scans.c.source_id == source_id)
    if states:
        query = query.where(scans.c.state.in_(states))
    if before is not None:
        query = query.where(scans.c.id < before)
    return connection.execute(query).all()


def skips(connection: Connection, scan_id: int, *, after: int, limit: int) -> Sequence[Row]:
    """Skipped records of a scan, those with an id above `after`."""
    return connection.execute(
        sa.select(scan_skips.c.id, scan_skips.c.stream, scan_skips.c.ref, scan_skips.c.reason)
        .where(scan_skips.c.scan_id == scan_id, scan_skips.c.id > after)
        .order_by(scan_skips.c.id)
        .limit(limit)
    ).all()


def source_exists(connection: Connection, source_id: int) -> bool:
    """Whether there is such a source."""
    return connection.execute(sa.select(sources.c.id).where(sources.c.id == source_id)).first() is not None


def counts(connection: Connection) -> Sequence[Row]:
    """Scans kept, by source and state."""
    return connection.execute(
        sa.select(sources.c.name, scans.c.state, sa.func.count().label("scans"))
        .join_from(scans, sources)
        .group_by(sources.c.name, scans.c.state)
        .order_by(sources.c.name, scans.c.state)
    ).all()


def source_health(connection: Connection) -> Sequence[Row]:
    """How each source stands."""
    return connection.execute(
        sa.select(sources.c.name, sources.c.connector, sources.c.health, sources.c.last_complete_at).order_by(
            sources.c.name
        )
    ).all()
