"""The audit trail: who did what to which thing, written in the same transaction as the deed.

Lines form a chain: each one's hash covers its own words and the hash of the line before it. Where the chain
ends is kept beside it, and may be noted elsewhere (`penumbra audit verify` prints it): against that note even
somebody who can write to the database cannot hide that a line was changed, taken out or moved.
"""

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import SecretStr
from sqlalchemy.engine import Connection

from app.clock import utc_now
from app.db import before_commit
from app.security import audit_queries

origin: ContextVar[str | None] = ContextVar("audit_origin", default=None)
"""From where this request or command acts: an address, or the command line."""
START = "0" * 64
"""The hash before the first line."""
_COVERED = ("at", "actor", "action", "object", "origin", "before", "after", "detail")


def record(
    connection: Connection,
    actor: str,
    action: str,
    thing: str,
    detail: Mapping[str, Any] | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Append one line to the audit trail; it is written when the transaction commits.

    Args:
        connection: the transaction of the deed itself: both are kept or neither.
        actor: `user:7`, `token:name`, `cli:user` or `system`.
        action: a verb with its object, such as `source.create`.
        thing: what it was done to, such as `source:3`.
        detail: plain values for people. Names of changed fields are welcome, secrets never are.
        before: what changed, as it was.
        after: what changed, as it is now.
        at: when; now, if not given.

    Raises:
        ValueError: a value is a secret.
    """
    parts = {"detail": dict(detail or {}), "before": before and dict(before), "after": after and dict(after)}
    for part in parts.values():
        if any(isinstance(v, SecretStr | bytes) for v in (part or {}).values()):
            raise ValueError("a secret must not reach the audit trail")
    pending = before_commit(connection, "audit", _Pending)
    assert isinstance(pending, _Pending)
    pending.lines.append(
        {
            "at": at or utc_now(),
            "actor": actor,
            "action": action,
            "object": thing,
            "origin": origin.get(),
            **_same_everywhere(orjson.loads(orjson.dumps(parts, default=str))),
        }
    )


def _same_everywhere(value: Any) -> Any:
    """A JSON value as both databases give it back, or the line's hash would not fit it any more.

    PostgreSQL writes numbers out: 1e17 comes back as a whole number, and zero has no sign.
    """
    if isinstance(value, dict):
        return {name: _same_everywhere(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_same_everywhere(v) for v in value]
    if isinstance(value, float):
        large = value.is_integer() and (1e15 <= value < 2.0**64 or -(2.0**63) <= value <= -1e15)
        return int(value) if large else value + 0.0
    return value


@dataclass
class _Pending:
    """The lines of one transaction."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, connection: Connection) -> None:
        """Append them to the chain."""
        seq, last = audit_queries.lock_audit_head(connection)
        for line in self.lines:
            seq, last = seq + 1, digest(seq + 1, line, last)
            audit_queries.insert_audit(connection, seq=seq, hash=last, **line)
        audit_queries.set_audit_head(connection, seq, last)


def digest(seq: int, line: Mapping[str, Any], before: str) -> str:
    """The hash of a line: SHA-256 over its number, its words and the hash of the line before it."""
    words = {name: line[name] for name in _COVERED}
    words["at"] = line["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(orjson.dumps([seq, words, before], option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What looking through the chain found.

    Attributes:
        lines: how many were looked at.
        head: the hash of the last line; worth keeping somewhere else.
        faults: a sentence for each place where the chain does not hold; empty if it does.
        seq: the number of the last line.
    """

    lines: int
    head: str
    faults: tuple[str, ...]
    seq: int = 0


@dataclass(frozen=True)
class Look:
    """When somebody last looked through the whole chain, and what was found.

    Attributes:
        at: when.
        actor: who, as the trail writes it.
        verdict: what was found then.
        compared: whether a hash that was noted elsewhere was looked for too.
        since: how many lines were written after it, which nobody has looked at yet.
    """

    at: datetime
    actor: str
    verdict: Verdict
    compared: bool
    since: int


def verify(connection: Connection, *, known_head: str | None = None) -> Verdict:
    """Look through the whole chain.

    Args:
        connection: a reading transaction.
        known_head: a hash that was noted earlier: it must still be in the chain.
    """
    faults: list[str] = []
    seq, lines, seen = 0, 0, known_head in (None, START)
    last: str | None = START
    for row in audit_queries.audit_chain(connection):
        lines += 1
        if row["seq"] != seq + 1:
            faults.append(_missing(seq + 1, row["seq"] - 1))
            last = None
        elif last is not None and digest(row["seq"], row, last) != row["hash"]:
            faults.append(f"Line {row['seq']} was changed, or stands where another one stood.")
        seq, last = row["seq"], row["hash"]
        seen = seen or row["hash"] == known_head
    head_seq, head_hash = audit_queries.audit_head_row(connection) or (0, START)
    if head_seq > seq:
        faults.append(_missing(seq + 1, head_seq))
    elif (head_seq, head_hash) != (seq, last or START):
        faults.append(f"The chain ends at line {seq}, and it was noted to end at line {head_seq} otherwise.")
    if not seen:
        faults.append("The hash that was noted earlier is not in the chain: the trail was written anew.")
    return Verdict(lines, last or START, tuple(faults), seq)


def note_look(
    connection: Connection, verdict: Verdict, *, actor: str, now: datetime, compared: bool = False
) -> None:
    """Keep what a look through the chain found, for those who ask when that was.

    Args:
        connection: a writing transaction.
        verdict: what `verify` found.
        actor: who looked.
        now: the time.
        compared: whether a hash that was noted elsewhere was looked for too.
    """
    audit_queries.put_audit_look(
        connection,
        at=now,
        actor=actor,
        lines=verdict.lines,
        seq=verdict.seq,
        hash=verdict.head,
        compared=compared,
        faults=list(verdict.faults),
    )


def last_look(connection: Connection) -> Look | None:
    """The last look through the chain that was kept; None if there was none. It costs nothing.

    Whoever can write to the database can write this too: it says when somebody looked, and proves nothing.
    """
    row = audit_queries.audit_look(connection)
    if row is None:
        return None
    ends, _hash = audit_queries.audit_head_row(connection) or (row.seq, row.hash)
    verdict = Verdict(row.lines, row.hash, tuple(row.faults), row.seq)
    return Look(row.at, row.actor, verdict, row.compared, max(ends - row.seq, 0))


def _missing(first: int, last: int) -> str:
    return f"Line {first} is missing." if first >= last else f"Lines {first} to {last} are missing."


def lines_about(connection: Connection, thing: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The lines about one thing, and a sentence for each that does not fit its own hash.

    That costs no more than these lines, and says nothing of the rest of the chain: `verify` does.
    """
    rows = audit_queries.audit_lines_about(connection, thing)
    faults = []
    for row in rows:
        before = START if row["seq"] == 1 else row["previous"]
        if before is None:
            faults.append(_missing(row["seq"] - 1, row["seq"] - 1))
        elif digest(row["seq"], row, before) != row["hash"]:
            faults.append(f"Line {row['seq']} was changed, or stands where another one stood.")
    return rows, tuple(faults)
