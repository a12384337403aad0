"""Asking for scans and stopping them; whoever runs them picks them up from the table."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from app.models import scans


class ScanActive(Exception):
    """The source has a scan queued or running already: `scan_id` says which."""

    def __init__(self, scan_id: int) -> None:
        super().__init__(f"scan {scan_id} of this source is queued or running")
        self.scan_id = scan_id


def request_scan(connection: Connection, source_id: int, trigger: str, now: datetime) -> int:
    """Queue a scan of a source; gives its id.

    Args:
        connection: inside a writing transaction.
        source_id: which source.
        trigger: `schedule`, `hand` or `api`.
        now: the time of asking.

    Raises:
        ScanActive: one is queued or running.
    """
    active = active_scan(connection, source_id)
    if active is not None:
        raise ScanActive(active)
    row = {
        "source_id": source_id,
        "trigger": trigger,
        "state": "queued",
        "generation": 0,
        "requested_at": now,
        "notes": [],
    }
    try:
        with connection.begin_nested():
            made = connection.execute(sa.insert(scans).values(**row))
    except IntegrityError:
        # Somebody else was faster: the partial unique index allows one.
        active = active_scan(connection, source_id)
        if active is None:
            raise
        raise ScanActive(active) from None
    key = made.inserted_primary_key
    assert key is not None
    return key[0]


def active_scan(connection: Connection, source_id: int) -> int | None:
    """The scan of a source that is queued or running, if any."""
    return connection.scalar(
        sa.select(scans.c.id).where(scans.c.source_id == source_id, scans.c.state.in_(("queued", "running")))
    )


def request_stop(connection: Connection, scan_id: int) -> bool:
    """Ask a scan to stop after its page; what it read stays. False when it has ended already."""
    done = connection.execute(
        sa.update(scans)
        .where(scans.c.id == scan_id, scans.c.state.in_(("queued", "running")))
        .values(stop_requested=True)
    )
    return done.rowcount == 1
