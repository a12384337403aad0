"""Trailing windows: which span to read again, for vendors that cannot say what has changed.

A charge is edited for weeks after it was made: it clears, gets a memo, a ledger account, a refund.
Vendors without a "changed since" filter are therefore read again over the last `window_days` in every
scan, and what is seen twice is updated by its id. The arithmetic lives here, once, and is pure: the
clock is an argument and the result is a span and the cursors to store.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Cursor


@dataclass(frozen=True)
class Span:
    """What one scan reads: everything between two moments, and how far it has come.

    Attributes:
        since: where the span begins (inclusive).
        until: the moment the scan began; what the scan covers ends here. A vendor that gives newer
            records too does no harm, they are read again next time.
        position: where a broken scan goes on inside the span, in the connector's own terms; None at
            the beginning.
    """

    since: datetime
    until: datetime
    position: Any = None

    def at(self, position: Any) -> Cursor:
        """The cursor to store after a page: the same span, to be continued at `position`."""
        return {"since": _text(self.since), "until": _text(self.until), "position": position}

    def done(self) -> Cursor:
        """The cursor to store after the last page; the next scan begins from it."""
        return {"until": _text(self.until)}


@dataclass(frozen=True)
class TrailingWindow:
    """Plans the spans of a stream's scans.

    The first scan reaches `first_days` back, every later one `window_days` behind the moment at
    which the scan before it began. So scans leave no gap however long the pause between them was,
    and what is read twice is never more than one window. The first scan is never the shorter of the
    two, or the second would reach back behind it.

    Attributes:
        first_days: how far back the first scan reads.
        window_days: how far behind its predecessor a later scan begins; how late an edit may come
            and still be seen.
    """

    first_days: int
    window_days: int

    def span(self, cursor: Cursor | None, now: datetime) -> Span:
        """The span to read.

        Args:
            cursor: None for the first scan, else a cursor from `Span.at` (a broken scan goes on) or
                `Span.done` (the next scan begins).
            now: the time now, timezone-aware. A clock that was set back only makes the span longer.

        Raises:
            ValueError: a cursor that was not made here, or a time without a zone.
        """
        now = _aware(now)
        if cursor is None:
            return Span(now - timedelta(days=max(self.first_days, self.window_days)), now)
        try:
            until = _aware(datetime.fromisoformat(cursor["until"]))
            if "position" in cursor:
                return Span(_aware(datetime.fromisoformat(cursor["since"])), until, cursor["position"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"the cursor lacks {error}") from error
        return Span(min(until, now) - timedelta(days=self.window_days), now)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"the time {moment.isoformat()} has no zone")
    return moment.astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat()
