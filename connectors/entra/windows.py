"""Walking an audit log in short closed windows, oldest to newest.

Why so: both logs answer newest first, page tokens cannot be resumed, a deep result throttles, and
records arrive late. A window is therefore small enough for a page or two, is read whole or read
again, and the last stretch before "now" is read again by the next scan. Records that come twice
have the same id.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from connectors.base import Cursor
from connectors.entra.graph import AUDIT_LOG, Graph, Unreadable, WindowTooWide
from connectors.errors import VendorChanged

T = TypeVar("T")

RETENTION = timedelta(days=30)
"""How long Entra ID P1 and P2 keep both logs (7 days without)."""
FEW = 500
"""A window with at most so many records may be followed by one twice as long."""
MANY_PAGES = 3


@dataclass(frozen=True)
class Log(Generic[T]):
    """One audit log and how it is cut.

    Attributes:
        path: below the base address.
        time: the field that orders it; only eq, le and ge may be asked of it.
        shape: of a record.
        also: a further filter clause.
        size: the first window; `smallest` and `largest` bound what is made of it.
        overlap: how much before "now" the next scan reads again, for late records.
    """

    path: str
    time: str
    shape: type[T]
    size: timedelta
    largest: timedelta
    also: str = ""
    smallest: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(hours=3)

    @property
    def repeats(self) -> timedelta:
        """How far behind the newest record one may come again: a window begun anew, or the overlap."""
        return self.largest + self.overlap

    def filter(self, start: datetime, end: datetime) -> str:
        """The filter of one window, both ends included."""
        return f"{self.also}{self.time} ge {stamp(start)} and {self.time} le {stamp(end)}"


@dataclass(frozen=True)
class LogPage(Generic[T]):
    """One page of a log with the cursor after it."""

    records: list[T | Unreadable]
    cursor: Cursor
    last: bool


def stamp(moment: datetime) -> str:
    """A moment as the filters want it: UTC, whole seconds, unquoted."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def walk_windows(
    graph: Graph, log: Log[T], cursor: Cursor | None, first: timedelta
) -> AsyncIterator[LogPage[T]]:
    """Read a log from a cursor (or from `first` ago) up to now.

    The cursor is `{"until", "settled"}`: all before `until` was read, by a scan for which records
    before `settled` were old enough to be complete. Going on begins at the earlier of the two, which
    is right both for a broken scan and for the next one. Within a window `until` stays at its start.

    Raises:
        WindowTooWide: even the smallest window is refused.
        VendorChanged: the cursor is none of ours.
    """
    now = graph.context.now().replace(microsecond=0)
    settled = now - log.overlap
    start = max(_begin(cursor, now - first), now - RETENTION)
    start = min(start, settled)
    size = log.size
    sent = 0
    while True:
        end = min(start + size, now)
        pages = records_read = 0
        params = {"$filter": log.filter(start, end), "$top": 1000}
        try:
            async for records, following in graph.pages(log.path, params, log.shape, permission=AUDIT_LOG):
                pages, sent = pages + 1, sent + 1
                records_read += len(records)
                if following is None:
                    place: dict[str, Any] = {"until": stamp(end)}
                else:
                    place = {"until": stamp(start), "page": sent}
                last = following is None and end >= now
                yield LogPage(records, {**place, "settled": stamp(settled)}, last)
        except WindowTooWide:
            if end - start <= log.smallest:
                raise
            size = max((end - start) / 2, log.smallest)
            continue
        if end >= now:
            return
        start = end
        if pages > MANY_PAGES:
            size = max(size / 2, log.smallest)
        elif records_read <= FEW:
            size = min(size * 2, log.largest)


def _begin(cursor: Cursor | None, otherwise: datetime) -> datetime:
    if not cursor:
        return otherwise
    try:
        return min(datetime.fromisoformat(cursor["until"]), datetime.fromisoformat(cursor["settled"]))
    except (KeyError, TypeError, ValueError) as error:
        raise VendorChanged(
            "the stored place in the audit log cannot be read: scan from the start"
        ) from error
