"""Paginators: the ways vendors continue a list, and the guards they all need.

Every one of them refuses a cursor it has seen in the same walk: a vendor that sends the same next
page twice would otherwise be read for ever.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from connectors.answers import Answer
from connectors.base import SkippedRecord
from connectors.errors import SkipRecord, VendorChanged

K = TypeVar("K")
R = TypeVar("R")
O = TypeVar("O")  # noqa: E741


class CursorGuard:
    """Remembers the cursors of one walk and refuses a repeated one."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def check(self, cursor: str) -> str:
        """Give back `cursor`.

        Raises:
            VendorChanged: the cursor was seen before in this walk.
        """
        if cursor in self._seen:
            raise VendorChanged("the vendor sent the same next page twice; reading stopped")
        self._seen.add(cursor)
        return cursor


async def walk(
    fetch: Callable[[str | None], Awaitable[R]],
    next_of: Callable[[R], str | None],
    start: str | None = None,
) -> AsyncIterator[tuple[R, str | None]]:
    """Fetch page after page until `next_of` says None.

    Args:
        fetch: reads the page that a cursor names (None: the first one).
        next_of: the cursor of the following page; None ends the walk. An empty page is no end.
        start: where to begin.

    Yields:
        Each answer with the cursor of the page after it.

    Raises:
        VendorChanged: a cursor repeats.
    """
    guard = CursorGuard()
    cursor = start
    if cursor is not None:
        guard.check(cursor)
    while True:
        answer = await fetch(cursor)
        cursor = next_of(answer)
        if cursor is not None:
            guard.check(cursor)
        yield answer, cursor
        if cursor is None:
            return


def next_link(answer: Answer) -> str | None:
    """The URL of `rel="next"` among the answer's `Link` headers (RFC 8288), or None.

    Several Link headers, and several links in one header, are both read.
    """
    for header in answer.headers.get_list("link"):
        for part in _split_links(header):
            url, _, attributes = part.partition(";")
            rel = {a.strip().lower().replace('"', "") for a in attributes.split(";")}
            if "rel=next" in rel:
                return url.strip().removeprefix("<").removesuffix(">")
    return None


def _split_links(header: str) -> list[str]:
    # A comma separates links only outside <…>: cursors may contain commas themselves.
    parts, depth, current = [], 0, ""
    for char in header:
        depth += {"<": 1, ">": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [p.strip() for p in [*parts, current] if p.strip()]


async def fan_out(
    keys: Sequence[K], fetch: Callable[[K], Awaitable[R]], *, concurrency: int
) -> AsyncIterator[tuple[K, R]]:
    """Run `fetch` for many keys at once and yield the results in the order of the keys.

    At most `concurrency` reads run ahead, so memory stays flat and a cursor "done up to this key"
    is always true. When one read fails the others are cancelled and the error is raised.
    """
    pending: dict[int, asyncio.Task[R]] = {}
    started = 0
    try:
        for index, key in enumerate(keys):
            while started < len(keys) and started < index + concurrency:
                pending[started] = asyncio.ensure_future(fetch(keys[started]))
                started += 1
            yield key, await pending.pop(index)
    finally:
        for task in pending.values():
            task.cancel()
        await asyncio.gather(*pending.values(), return_exceptions=True)


def each(records: Iterable[R], read: Callable[[R], O | None]) -> tuple[list[O], list[SkippedRecord], int]:
    """Read every record; the ones that raise `SkipRecord` are kept aside, None is left out.

    Returns:
        What was read, what was skipped with the reason, and how many were left out on purpose.

    Raises:
        VendorChanged: every one of three or more records had to be skipped; that is no bad record,
            that is a changed vendor.
    """
    found: list[O] = []
    skipped: list[SkippedRecord] = []
    ignored = 0
    for record in records:
        try:
            value = read(record)
        except SkipRecord as error:
            skipped.append(SkippedRecord(ref=error.ref, reason=str(error)))
            continue
        if value is None:
            ignored += 1
        else:
            found.append(value)
    if len(skipped) >= 3 and not found and not ignored:
        raise VendorChanged(f"no record of a whole page could be read: {skipped[0].reason}")
    return found, skipped, ignored


def required(record: dict[str, Any], field: str, ref: str) -> Any:
    """The value of a field that a record cannot do without.

    Raises:
        SkipRecord: the field is missing, null or empty.
    """
    value = record.get(field)
    if value is None or value == "":
        raise SkipRecord(f"the field {field} is missing", ref=ref)
    return value
