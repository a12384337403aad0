"""Queries of the scan engine: leases with fencing, checkpoints, outcomes.

A scan's lease carries a fence: a number that counts up whenever a runner takes the scan. Every
write first renews the lease under its own fence, in the same transaction; a runner that was paused
and overtaken finds its fence outdated and writes nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.recorder import Counts
from app.db import upsert
from app.models import (
    accounts,
    apps,
    assignments,
    due_ticks,
    expenses,
    grants,
    leases,
    scan_skips,
    scans,
    sources,
    stream_states,
)
from connectors.base import Cursor, Mode, Signal, Stream

SKIPS_SHOWN = 500
"""So many skipped records of a scan are kept with their reasons; all are counted."""

RESUMABLE_FOR = timedelta(hours=24)
"""An interrupted full read older than this is begun again: the first pages have gone stale."""

_AGED = (accounts, apps, assignments, grants)


class LeaseLost(Exception):
    """Another runner took this scan over, or it was deleted: nothing more may be written."""


def claim(
    connection: Connection,
    owner: str,
    now: datetime,
    lease: timedelta,
    *,
    scan_id: int | None = None,
    is_dead: Callable[[str], bool] = lambda _: False,
) -> dict[str, Any] | None:
    """Take a scan that is queued, or whose runner is gone: its lease ran out, or it is known dead.

    Args:
        connection: inside a writing transaction.
        owner: who takes it.
        now: the time.
        lease: how long it is theirs without a sign of life.
        scan_id: take this one and no other.
        is_dead: whether the holder of a lease is known to have ended (same machine, no such process).

    Returns:
        The scan's row, or None when there is nothing to take.
    """
    query = sa.select(scans.c.id, scans.c.state, scans.c.lease_owner, scans.c.lease_until).where(
        scans.c.state.in_(("queued", "running"))
    )
    if scan_id is not None:
        query = query.where(scans.c.id == scan_id)
    query = query.order_by(scans.c.id)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    for row in connection.execute(query).all():
        lapsed = row.lease_until is None or row.lease_until < now
        if row.state == "queued" or lapsed or is_dead(row.lease_owner or ""):
            stale = row.lease_until is not None and now - row.lease_until > RESUMABLE_FOR
            return _take(connection, row.id, owner, now, lease, stale=stale)
    return None


def _take(
    connection: Connection, scan_id: int, owner: str, now: datetime, lease: timedelta, *, stale: bool
) -> dict[str, Any]:
    begun = sa.bindparam("now", now, scans.c.started_at.type)
    connection.execute(
        sa.update(scans)
        .where(scans.c.id == scan_id)
        .values(
            state="running",
            lease_owner=owner,
            lease_until=now + lease,
            fence=scans.c.fence + 1,
            started_at=begun if stale else sa.func.coalesce(scans.c.started_at, begun),
            generation=scans.c.generation + (1 if stale else 0),
        )
    )
    taken = dict(connection.execute(sa.select(scans).where(scans.c.id == scan_id)).mappings().one())
    if taken["generation"] == 0:
        taken["generation"] = _generation(connection, taken["source_id"], scan_id, now)
        connection.execute(
            sa.update(scans).where(scans.c.id == scan_id).values(generation=taken["generation"])
        )
    return taken


def _generation(connection: Connection, source_id: int, scan_id: int, now: datetime) -> int:
    """Go on with the last full read if it was put off or stopped a short time ago, else begin one."""
    last = connection.execute(
        sa.select(scans.c.generation, scans.c.error_kind, scans.c.ended_at)
        .where(scans.c.source_id == source_id, scans.c.id < scan_id, scans.c.generation > 0)
        .order_by(scans.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return 1
    put_off = last.error_kind in {"retry_later", "stopped"}
    if put_off and last.ended_at is not None and now - last.ended_at <= RESUMABLE_FOR:
        return last.generation
    return last.generation + 1


def renew(connection: Connection, scan_id: int, fence: int, until: datetime) -> bool:
    """Hold the lease for longer; gives whether a person asked to stop.

    Raises:
        LeaseLost: the fence is no longer ours.
    """
    stop = connection.execute(
        sa.update(scans)
        .where(scans.c.id == scan_id, scans.c.fence == fence, scans.c.state == "running")
        .values(lease_until=until)
        .returning(scans.c.stop_requested)
    ).scalar_one_or_none()
    if stop is None:
        raise LeaseLost(f"scan {scan_id} is no longer ours")
    return stop


def stream_state(connection: Connection, source_id: int, stream: str) -> dict[str, Any] | None:
    """Where a stream stands, or None before its first page ever."""
    row = connection.execute(
        sa.select(stream_states).where(
            stream_states.c.source_id == source_id, stream_states.c.stream == stream
        )
    ).mappings()
    found = row.one_or_none()
    return None if found is None else dict(found)


def checkpoint(
    connection: Connection,
    scan: dict[str, Any],
    stream: Stream,
    *,
    cursor: Cursor,
    last: bool,
    newest: datetime | None,
    unread: int,
    counts: Counts,
    expected: int | None,
    now: datetime,
) -> None:
    """Move a stream's checkpoint and the scan's counts: in the same transaction as the page's rows.

    `unread` are the records of the whole stream so far that nobody could read, so that one of them may
    be something that is stored. Records that name somebody never listed are none: they were read, and
    nothing of them was ever stored.
    """
    upsert(
        connection,
        stream_states,
        [
            {
                "source_id": scan["source_id"],
                "stream": stream.name,
                "generation": scan["generation"],
                "cursor": cursor,
                "done": last,
                "skipped": unread,
                "newest_at": newest,
                "completed_at": now if last else None,
            }
        ],
        key=("source_id", "stream"),
        update=("generation", "cursor", "done", "skipped", "newest_at", "completed_at"),
    )
    connection.execute(
        sa.update(scans)
        .where(scans.c.id == scan["id"])
        .values(
            stream=stream.name,
            pages=scans.c.pages + 1,
            new=scans.c.new + counts.new,
            known=scans.c.known + counts.known,
            skipped=scans.c.skipped + len(counts.skipped),
            ignored=scans.c.ignored + counts.ignored,
            tools_new=scans.c.tools_new + counts.tools_new,
            expected=expected,
        )
    )
    kept = (
        connection.scalar(
            sa.select(sa.func.count()).select_from(scan_skips).where(scan_skips.c.scan_id == scan["id"])
        )
        if counts.skipped
        else 0
    )
    for skip in counts.skipped[: max(0, SKIPS_SHOWN - (kept or 0))]:
        connection.execute(
            sa.insert(scan_skips).values(
                scan_id=scan["id"], stream=stream.name, ref=skip.ref[:200], reason=skip.reason[:500]
            )
        )


def pass_over(connection: Connection, scan: dict[str, Any], stream: Stream) -> None:
    """Note that this tenant does not have an optional stream; nothing of it is concluded."""
    # An earlier full read's last cursor must not look as if this one had come so far.
    snapshot = stream.mode is Mode.SNAPSHOT
    state = None if snapshot else stream_state(connection, scan["source_id"], stream.name)
    upsert(
        connection,
        stream_states,
        [
            {
                "source_id": scan["source_id"],
                "stream": stream.name,
                "generation": scan["generation"],
                "cursor": state["cursor"] if state else None,
                "done": False,
                "skipped": 0,
                "newest_at": state["newest_at"] if state else None,
                "completed_at": None,
            }
        ],
        key=("source_id", "stream"),
        update=("generation", "cursor", "done", "skipped", "completed_at"),
    )


def mark_gone(connection: Connection, scan: dict[str, Any], streams: list[Stream], now: datetime) -> int:
    """After a complete scan: what its snapshots did not see again is gone. Gives how many rows.

    A snapshot of which some records could not be read says nothing: the missing one may be among
    them.
    """
    snapshots = [s for s in streams if s.mode is Mode.SNAPSHOT]
    whole = [s for s in snapshots if _read_whole(connection, scan, s)]
    gone = 0
    for table in _AGED:
        for stream in whole:
            gone += _age(connection, scan, table, [stream.name], now)
    lists = [s for s in snapshots if s.signal is Signal.ASSIGNMENTS]
    if lists and all(s in whole for s in lists):
        # A log only told of the assignment first: once all lists were read anew, they know better.
        logs = [s.name for s in streams if s.mode is not Mode.SNAPSHOT]
        gone += _age(connection, scan, assignments, logs, now)
    return gone


def _read_whole(connection: Connection, scan: dict[str, Any], stream: Stream) -> bool:
    state = stream_state(connection, scan["source_id"], stream.name)
    if state is None or not state["done"]:
        return False
    return state["generation"] == scan["generation"] and not state["skipped"]


def _age(
    connection: Connection, scan: dict[str, Any], table: sa.Table, names: list[str], now: datetime
) -> int:
    listed = [table.c.listed] if "listed" in table.c else []
    done = connection.execute(
        sa.update(table)
        .where(
            table.c.source_id == scan["source_id"],
            table.c.stream.in_(names),
            table.c.generation < scan["generation"],
            table.c.gone_at.is_(None),
            *listed,
        )
        .values(gone_at=now)
    )
    return done.rowcount


def mark_replaced(connection: Connection, source_id: int) -> None:
    """Charges that another charge of the same source stands for no longer count."""
    newer = expenses.alias("newer")
    replaces = sa.select(newer.c.replaces).where(
        newer.c.source_id == source_id, newer.c.replaces.is_not(None)
    )
    connection.execute(
        sa.update(expenses)
        .where(
            expenses.c.source_id == source_id, expenses.c.replaced.is_(False), expenses.c.ref.in_(replaces)
        )
        .values(replaced=True)
    )


def finish(connection: Connection, scan: dict[str, Any], values: dict[str, Any]) -> None:
    """Write how a scan ended.

    Raises:
        LeaseLost: the fence is no longer ours.
    """
    done = connection.execute(
        sa.update(scans)
        .where(scans.c.id == scan["id"], scans.c.fence == scan["fence"], scans.c.state == "running")
        .values(lease_owner=None, lease_until=None, stream=None, **values)
    )
    if done.rowcount != 1:
        raise LeaseLost(f"scan {scan['id']} is no longer ours")


def set_health(connection: Connection, source_id: int, values: dict[str, Any]) -> None:
    """Write a source's health and when it is scanned next."""
    connection.execute(sa.update(sources).where(sources.c.id == source_id).values(**values))


def due_sources(connection: Connection, now: datetime) -> list[tuple[int, datetime]]:
    """Enabled sources whose time has come and that no scan is waiting or running for."""
    active = sa.select(scans.c.source_id).where(scans.c.state.in_(("queued", "running")))
    query = sa.select(sources.c.id, sources.c.next_scan_at).where(
        sources.c.enabled, sources.c.next_scan_at <= now, sources.c.id.not_in(active)
    )
    return [(id_, due) for id_, due in connection.execute(query)]


def take_tick(connection: Connection, source_id: int, due: datetime) -> bool:
    """Claim one due moment of one source; False when somebody has had it already."""
    row = {"source_id": source_id, "due_at": due.isoformat()}
    known = connection.scalar(
        sa.select(sa.func.count())
        .select_from(due_ticks)
        .where(due_ticks.c.source_id == source_id, due_ticks.c.due_at == row["due_at"])
    )
    if known:
        return False
    connection.execute(sa.delete(due_ticks).where(due_ticks.c.source_id == source_id))
    upsert(connection, due_ticks, [row], key=("source_id", "due_at"))
    return True


def hold(connection: Connection, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
    """Get or keep a named lease (such as the scheduler's); False while another process holds it."""
    upsert(connection, leases, [{"name": name, "owner": owner, "until": now}], key=("name",))
    done = connection.execute(
        sa.update(leases)
        .where(leases.c.name == name, sa.or_(leases.c.owner == owner, leases.c.until <= now))
        .values(owner=owner, until=now + lease)
    )
    return done.rowcount == 1
