"""Every query of the audit trail."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.clock import start_of
from app.db import upsert
from app.models import audit_events, audit_head, audit_looks
from app.security.schemas import AuditFilter

Rows = Sequence[sa.Row[*tuple[Any, ...]]]


def insert_audit(connection: Connection, **values: Any) -> None:
    """Append one row to the audit trail."""
    connection.execute(sa.insert(audit_events).values(**values))


def lock_audit_head(connection: Connection) -> tuple[int, str]:
    """Where the chain ends: number and hash. Nobody else appends until the transaction ends."""
    row = connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash).with_for_update()).one()
    return row.seq, row.hash


def set_audit_head(connection: Connection, seq: int, hash_: str) -> None:
    """Note where the chain ends now."""
    connection.execute(sa.update(audit_head).values(seq=seq, hash=hash_))


def audit_head_row(connection: Connection) -> tuple[int, str] | None:
    """Where the chain is noted to end; None if that note is gone."""
    row = connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash)).one_or_none()
    return (row.seq, row.hash) if row else None


def put_audit_look(connection: Connection, **values: Any) -> None:
    """Keep what a look through the chain found, in place of the one before."""
    upsert(connection, audit_looks, [{"id": 1, **values}], key=("id",), update=tuple(values))


def audit_look(connection: Connection) -> sa.Row[*tuple[Any, ...]] | None:
    """What the last look through the chain found; None if nobody looked yet."""
    return connection.execute(sa.select(audit_looks)).one_or_none()


def audit_chain(connection: Connection) -> Iterator[dict[str, Any]]:
    """The whole trail in its order, read a thousand lines at a time."""
    last = 0
    while True:
        page = (
            sa.select(audit_events).where(audit_events.c.seq > last).order_by(audit_events.c.seq).limit(1000)
        )
        rows = connection.execute(page).mappings().all()
        yield from (dict(row) for row in rows)
        if len(rows) < 1000:
            return
        last = rows[-1]["seq"]


def audit_lines_about(connection: Connection, thing: str) -> list[dict[str, Any]]:
    """The lines about one thing in their order, each with the hash of the line before it as `previous`."""
    earlier = audit_events.alias("earlier")
    query = (
        sa.select(audit_events, earlier.c.hash.label("previous"))
        .outerjoin(earlier, earlier.c.seq == audit_events.c.seq - 1)
        .where(audit_events.c.object == thing)
        .order_by(audit_events.c.seq)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def audit_page(connection: Connection, wanted: AuditFilter, *, before: int | None, limit: int) -> Rows:
    """Lines that pass the filter, the newest first."""
    query = sa.select(audit_events).order_by(audit_events.c.seq.desc()).limit(limit)
    if wanted.object is not None:
        query = query.where(audit_events.c.object == wanted.object)
    if wanted.actor:
        query = query.where(audit_events.c.actor.in_(wanted.actor))
    if wanted.action:
        query = query.where(sa.or_(*(_named(audit_events.c.action, name) for name in wanted.action)))
    if wanted.since is not None:
        query = query.where(audit_events.c.at >= start_of(wanted.since))
    if wanted.until is not None:
        query = query.where(audit_events.c.at < start_of(wanted.until))
    if before is not None:
        query = query.where(audit_events.c.seq < before)
    return connection.execute(query).all()


def _named(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """Whether an action is this one, or of the group that `source.*` names."""
    if name.endswith(".*"):
        return column.startswith(name[:-1], autoescape=True)
    return column == name
