"""Scans as people see them: asked for, listed, watched, stopped. Running them is the runner's work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.errors import Conflict, NotFound
from app.language import _
from app.scans import repository, service
from app.scans.checkpoints import RESUMABLE_FOR
from app.scans.schemas import ScanNumbers, ScanOut, ScanProgress, ScanState, SkipOut, SourceNumbers
from app.security import audit
from app.security.privacy import OPEN, Veil


def start(connection: Connection, source_id: int, trigger: str, *, actor: str, now: datetime) -> int:
    """Queue a scan of a source; a runner picks it up.

    Args:
        connection: inside a writing transaction.
        source_id: which source.
        trigger: `schedule`, `hand` or `api`.
        actor: who asks, for the audit trail.
        now: when it was asked for.

    Returns:
        The scan's id.

    Raises:
        NotFound: there is no such source.
        Conflict: one is queued or running already; the error links to it.
    """
    if not repository.source_exists(connection, source_id):
        raise NotFound(_("There is no source %(source_id)s.", source_id=source_id))
    try:
        scan_id = service.request_scan(connection, source_id, trigger, now)
    except service.ScanActive as error:
        raise Conflict(
            _("Scan %(scan_id)s of this source is queued or running already.", scan_id=error.scan_id),
            code="scan_active",
            links={"scan": f"/api/v1/scans/{error.scan_id}"},
        ) from error
    audit.record(connection, actor, "scan.request", f"source:{source_id}", {"scan": scan_id}, at=now)
    return scan_id


def stop(connection: Connection, scan_id: int, *, actor: str, now: datetime) -> None:
    """Ask a scan to stop after the page it is reading; what it has stored stays.

    Raises:
        NotFound: there is no such scan.
        Conflict: it has ended.
    """
    scan = get_scan(connection, scan_id, veil=OPEN)
    if not service.request_stop(connection, scan_id):
        raise Conflict(
            _("Scan %(scan_id)s has ended: it is %(state)s.", scan_id=scan_id, state=_(scan.state.value)),
            code="scan_ended",
        )
    audit.record(connection, actor, "scan.stop", f"scan:{scan_id}", at=now)


def get_scan(connection: Connection, scan_id: int, *, veil: Veil) -> ScanOut:
    """One scan.

    Raises:
        NotFound: there is none.
    """
    row = repository.scan(connection, scan_id)
    if row is None:
        raise NotFound(_("There is no scan %(scan_id)s.", scan_id=scan_id))
    return _shown(row, veil)


def list_scans(
    connection: Connection,
    *,
    veil: Veil,
    source_id: int | None = None,
    states: Sequence[ScanState] = (),
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[ScanOut]:
    """Scans, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "scans", (int,))[0] if cursor else None
    rows = repository.scan_list(
        connection, source_id=source_id, states=[s.value for s in states], before=before, limit=limit + 1
    )
    return Listing(
        items=[_shown(row, veil) for row in rows[:limit]],
        next=encode_cursor("scans", (rows[limit - 1].id,)) if len(rows) > limit else None,
    )


def goes_on(scan: ScanOut, now: datetime) -> bool:
    """Whether the next scan of its source goes on where this one, the last one, was stopped or put off."""
    put_off = scan.error_kind in {"stopped", "retry_later"}
    return put_off and scan.ended_at is not None and now - scan.ended_at <= RESUMABLE_FOR


def list_skips(
    connection: Connection, scan_id: int, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[SkipOut]:
    """The records of a scan that could not be used.

    Raises:
        NotFound: there is no such scan.
        Invalid: the cursor is not one of this list.
    """
    get_scan(connection, scan_id, veil=OPEN)
    after = decode_cursor(cursor, "skips", (int,))[0] if cursor else 0
    rows = repository.skips(connection, scan_id, after=after, limit=limit + 1)
    return Listing(
        items=[
            SkipOut.model_validate(
                {**row._mapping, "ref": veil.text(row.ref), "reason": veil.text(row.reason)}
            )
            for row in rows[:limit]
        ],
        next=encode_cursor("skips", (rows[limit - 1].id,)) if len(rows) > limit else None,
    )


def progress(scan: ScanOut, before: ScanProgress | None, seconds: float) -> ScanProgress:
    """One message about a scan, given the message before and the seconds between the two."""
    records = scan.new + scan.known + scan.skipped + scan.ignored
    gained = records - before.records if before else 0
    return ScanProgress(
        state=scan.state,
        stream=scan.stream,
        pages=scan.pages,
        records=records,
        expected=scan.expected,
        per_second=round(max(gained, 0) / seconds, 1) if before and seconds > 0 else 0.0,
        new=scan.new,
        known=scan.known,
        skipped=scan.skipped,
        error=scan.error,
    )


def numbers(connection: Connection, now: datetime) -> ScanNumbers:
    """What the metrics show of scans and sources."""
    return ScanNumbers(
        scans=[(row.name, row.state, row.scans) for row in repository.counts(connection)],
        sources=[
            SourceNumbers(
                name=row.name,
                connector=row.connector,
                health=row.health,
                complete_age=(now - row.last_complete_at).total_seconds() if row.last_complete_at else None,
            )
            for row in repository.source_health(connection)
        ],
    )


def _shown(row: sa.Row[*tuple[Any, ...]], veil: Veil) -> ScanOut:
    notes = [veil.text(str(note)) for note in row.notes or []]
    return ScanOut.model_validate({**row._mapping, "notes": notes, "error": veil.text(row.error)})
