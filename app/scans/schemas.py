"""What crosses the edge of `scans`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.api.paging import PageQuery
from app.api.schemas import Out


class ScanState(StrEnum):
    """How far a scan is; the last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """True when nothing more will happen."""
        return self not in {ScanState.QUEUED, ScanState.RUNNING}


class ScanQuery(PageQuery):
    """Which scans."""

    source: int | None = Field(default=None, ge=1, le=2**63 - 1, description="Scans of this source only.")
    state: list[ScanState] = Field(default=[], max_length=5)


class ScanOut(Out):
    """One scan: how far it is, or how it ended."""

    id: int
    source_id: int
    source: str = Field(description="The source's name.")
    trigger: Literal["schedule", "hand", "api"]
    state: ScanState
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stop_requested: bool
    stream: str | None = Field(description="What is being read.")
    pages: int
    new: int = Field(description="Observations that were not known before.")
    known: int = Field(description="Observations seen again.")
    skipped: int = Field(description="Records that could not be used; each is listed with the reason.")
    ignored: int = Field(description="Records left out on purpose.")
    expected: int | None = Field(description="How many records there are, where the vendor says so.")
    tools_new: int
    tools_matched: int
    gone: int = Field(description="What a complete scan no longer saw.")
    error: str | None = Field(description="Why it did not complete, and what a person must do.")
    error_kind: str | None = Field(
        description="needs_admin, retry_later, not_available, vendor_changed, stopped or unexpected."
    )
    error_permission: str | None
    resume_at: datetime | None
    notes: list[str]


class SkipOut(Out):
    """One record that could not be used."""

    id: int
    stream: str
    ref: str = Field(description="How to find the record again.")
    reason: str


class ScanProgress(Out):
    """One message of a scan's event stream."""

    state: ScanState
    stream: str | None
    pages: int
    records: int = Field(description="Records read so far, used or not.")
    expected: int | None
    per_second: float = Field(description="Records a second, since the message before.")
    new: int
    known: int
    skipped: int
    error: str | None


@dataclass(frozen=True)
class SourceNumbers:
    """A source as the metrics show it; `complete_age` in seconds."""

    name: str
    connector: str
    health: str
    complete_age: float | None


@dataclass(frozen=True)
class ScanNumbers:
    """Counts of scans as (source, state, count), and how each source stands."""

    scans: list[tuple[str, str, int]]
    sources: list[SourceNumbers]
