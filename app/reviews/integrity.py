"""Whether the audit trail still says of a review what the review's own log says."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from app.reviews import repository
from app.reviews.events import Decided, Event
from app.security import audit


@dataclass(frozen=True)
class Integrity:
    """What the audit trail holds of a review.

    Attributes:
        lines: how many of its lines are about the review's log.
        events: how many events that log has.
        decided_line: the number of the line in which it was decided.
        decided_hash: that line's hash: it covers every line of the trail up to then.
        faults: a sentence for each thing that does not fit; empty if all does.
    """

    lines: int
    events: int
    decided_line: int | None
    decided_hash: str | None
    faults: tuple[str, ...]


def integrity_of(connection: Connection, review_id: int) -> Integrity:
    """Compare a review's log with its lines in the audit trail, and these with their hashes."""
    events = repository.events_of(connection, review_id)
    rows, faults = audit.lines_about(connection, f"review:{review_id}")
    lines = {
        row["detail"]["seq"]: row
        for row in rows
        if row["action"].startswith("review.") and "seq" in row["detail"]
    }
    found = [*faults]
    for event in events:
        line = lines.get(event.seq)
        if line is None:
            found.append(f"Event {event.seq} has no line in the audit trail.")
        elif not _same(event, line["action"], line["at"]):
            found.append(f"Event {event.seq} is not what line {line['seq']} of the audit trail says.")
    decided = next((lines.get(e.seq) for e in events if isinstance(e.body, Decided)), None)
    return Integrity(
        lines=len(lines),
        events=len(events),
        decided_line=decided["seq"] if decided else None,
        decided_hash=decided["hash"] if decided else None,
        faults=tuple(found),
    )


def _same(event: Event, action: str, at: datetime) -> bool:
    kind = str(type(event.body).__struct_config__.tag)
    # An event is never dated before the one above it, a line by the clock as it was.
    return action == f"review.{kind}" and event.at >= at
