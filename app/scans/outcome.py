"""How a scan ends: complete, partial or failed, and the one sentence that says what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.language import lasting
from app.models import scans, sources
from app.scans import checkpoints
from connectors.errors import ConnectorError, NeedsAdmin, NotAvailable, RetryLater, VendorChanged

_SHORTEST_WAIT = timedelta(minutes=1)
"""A vendor that is still busy after all attempts is not asked again at once, scan after scan."""
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Problem:
    """What kept a stream from its end.

    Attributes:
        kind: needs_admin, retry_later, not_available, vendor_changed, stopped or unexpected.
        ends_scan: the other streams would meet the same: do not try them.
    """

    kind: str
    text: str
    stream: str
    permission: str | None = None
    seconds: float | None = None

    @property
    def ends_scan(self) -> bool:
        """True when the whole source is concerned."""
        refused = self.kind == "needs_admin" and self.permission is None
        return refused or self.kind in {"retry_later", "stopped"}


def problem_of(error: ConnectorError, stream: str) -> Problem:
    """The problem that a connector's error stands for."""
    match error:
        case NeedsAdmin():
            return Problem("needs_admin", str(error), stream, permission=error.permission)
        case RetryLater():
            return Problem("retry_later", str(error), stream, seconds=error.seconds)
        case NotAvailable():
            return Problem("not_available", str(error), stream)
        case VendorChanged():
            return Problem("vendor_changed", str(error), stream)
        case _:
            return Problem("unexpected", str(error), stream)


_WORST = ("unexpected", "vendor_changed", "not_available", "needs_admin", "retry_later", "stopped")
"""Which of several problems is told: the one that a person must act on comes before the one that
passes, but a scan that was put off must know it, so the later in this row wins."""


def conclude(
    connection: Connection,
    scan: dict[str, Any],
    problems: list[Problem],
    notes: list[str],
    gone: int,
    tools: int,
    now: datetime,
) -> None:
    """Write a scan's outcome, its source's health, and when the source is scanned next."""
    row = connection.execute(
        sa.select(scans.c.pages, scans.c.tools_new, scans.c.skipped).where(scans.c.id == scan["id"])
    ).one()
    source = connection.execute(
        sa.select(sources.c.schedule_minutes, sources.c.name).where(sources.c.id == scan["source_id"])
    ).one()
    told = max(problems, key=lambda p: _WORST.index(p.kind), default=None)
    resume = now + _wait(told.seconds) if told and told.kind == "retry_later" else None
    state = "complete" if told is None else ("partial" if row.pages else "failed")
    if told is None and row.skipped:
        notes = [*notes, _skipped(row.skipped)]
    checkpoints.finish(
        connection,
        scan,
        {
            "state": state,
            "ended_at": now,
            "gone": gone,
            "tools_matched": max(0, tools - row.tools_new),
            "error_kind": told.kind if told else None,
            "error": " ".join(dict.fromkeys(p.text for p in problems)) if told else None,
            "error_permission": next((p.permission for p in problems if p.permission), None),
            "resume_at": resume,
            "notes": notes,
        },
    )
    health, text = _health(told, problems, notes, resume)
    values: dict[str, Any] = {"health": health, "health_text": text}
    values["next_scan_at"] = resume or now + timedelta(minutes=source.schedule_minutes)
    if state == "complete":
        values["last_complete_at"] = now
    checkpoints.set_health(connection, scan["source_id"], values)


def _wait(seconds: float | None) -> timedelta:
    """How long a scan is put off: what the vendor asks for, within reason; vendors send nonsense too."""
    if seconds is None or not seconds < _LONGEST_WAIT.total_seconds():  # NaN is not less either
        return _LONGEST_WAIT
    return max(_SHORTEST_WAIT, timedelta(seconds=seconds))


def _skipped(count: int) -> str:
    if count == 1:
        return lasting("One record could not be read and was left out; the scan shows it with the reason.")
    return lasting(
        "%(n)s records could not be read and were left out; the scan shows them with the reasons.",
        n=count,
    )


def _health(
    told: Problem | None, problems: list[Problem], notes: list[str], resume: datetime | None
) -> tuple[str, str]:
    if told is None:
        return "ok", " ".join([lasting("Read completely."), *notes])
    if resume is not None:
        return "waiting", lasting(
            "%(what)s. Nothing needs to be done: reading goes on at %(time)s UTC.",
            what=told.text,
            time=f"{resume:%H:%M}",
        )
    if told.kind == "stopped":
        return "waiting", told.text
    action = {
        "needs_admin": "",
        "vendor_changed": lasting(
            "Update Penumbra; if that does not help, report it. Nothing was marked as gone."
        ),
        "not_available": lasting("Choose another edition at the vendor, or live without it."),
        "unexpected": lasting("Please report it."),
    }[told.kind]
    texts = dict.fromkeys(p.text for p in problems)
    said = ". ".join(t.rstrip(".") for t in texts) + "."
    return "attention", f"{said} {action}".rstrip()
