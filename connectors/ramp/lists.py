"""How Ramp lists things: keyset pages behind `page.next`, several passes over one list, heavy pages.

A list answers `{"data": […], "page": {"next": URL or null}}`. The URL is whole and carries `start`, the
id behind which the next page begins. The URL is followed (on Ramp's own host only, the client sees to
that); `start` alone goes into cursors, so that a scan can go on at another address or page size.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from connectors.answers import Answer
from connectors.base import Cursor
from connectors.errors import ConnectorError, NeedsAdmin, RetryLater, SkipRecord, VendorChanged
from connectors.http import Classify, VendorClient
from connectors.pagination import CursorGuard
from connectors.ramp.records import Named

S = TypeVar("S", bound=msgspec.Struct)

PAGE_SIZE = 100
"""The most that Ramp gives at once (2 to 100, 20 unless asked)."""
SMALLEST_PAGE = 12
"""Pages are made smaller when Ramp runs out of time over them, down to this."""
_TRACE = re.compile(r"[A-Za-z0-9._-]{1,80}")


class Refused(VendorChanged):
    """Ramp will not have the request: a parameter it does not know, a row that is not there.

    Attributes:
        status: the HTTP status, 400, 404 or 422.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class TooHeavy(ConnectorError):
    """Ramp ran out of its 60 seconds over a page; a smaller page may do."""


class NextPage(msgspec.Struct):
    """The `page` part of a list."""

    next: str | None = None


class ListBody(msgspec.Struct):
    """A page of any list; records stay raw, so that one bad record does not cost the others."""

    data: list[msgspec.Raw]
    page: NextPage | None = None


@dataclass(frozen=True)
class Rows:
    """One page read.

    Attributes:
        records: raw JSON of each record.
        position: where to go on, for cursors.
        last: nothing follows, in this pass or another.
        number: which pass the page belongs to, from 0.
    """

    records: Sequence[msgspec.Raw]
    position: Cursor
    last: bool
    number: int


def classifier(token_url: str) -> Classify:
    """Ramp's reading of status codes; the token endpoint is left to whoever asks for tokens.

    Ramp's trace id, a random word that its support asks for, is the one thing that messages take from
    an answer.
    """

    def classify(answer: Answer) -> ConnectorError | None:
        parts = urlsplit(answer.url)
        if answer.status < 400 or answer.url.partition("?")[0] == token_url:
            return None
        trace = answer.headers.get("x-trace-id", "")
        shown = parts.path + (f" (Ramp's trace id: {trace})" if _TRACE.fullmatch(trace) else "")
        if answer.status == 504:
            return TooHeavy(f"Ramp ran out of time over {shown}")
        if answer.status in {400, 404, 422}:
            return Refused(f"Ramp answered {answer.status} to {shown}", status=answer.status)
        if answer.status == 403:
            return NeedsAdmin(f"Ramp refuses {shown}: enable the scope on the app in Ramp")
        return None

    return classify


def decode(record: msgspec.Raw, shape: type[S]) -> S:
    """One record of a list as `shape`.

    Raises:
        SkipRecord: a field has another type than Ramp documents; other records may still be good.
    """
    try:
        return msgspec.json.decode(record, type=shape)
    except msgspec.ValidationError as error:
        raise SkipRecord(f"the record has an unexpected shape: {error}", ref=_ref(record)) from error


def _ref(record: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(record, type=Named).id or "(no id)"
    except msgspec.ValidationError:
        return "(no id)"


class Lists:
    """Reads Ramp's lists through one client."""

    def __init__(self, client: VendorClient) -> None:
        self._client = client

    async def first(self, path: str, permission: str) -> Sequence[msgspec.Raw]:
        """A couple of records, to see whether a list may be read."""
        answer = await self._client.get(path, params={"page_size": 2}, permission=permission)
        return answer.decode(ListBody).data

    async def walk(
        self,
        path: str,
        permission: str,
        passes: Sequence[Mapping[str, str | None]],
        position: Cursor | None,
    ) -> AsyncIterator[Rows]:
        """Every page of a list, filtered by each of `passes` in turn.

        Args:
            path: the list, below the API's address.
            permission: named when Ramp refuses.
            passes: query parameters of each pass; None values are left out.
            position: where to go on (`Rows.position`), or None.

        Yields:
            At least one page; `last` is true on the final one.
        """
        number, start = (position["pass"], position["start"]) if position else (0, None)
        if number >= len(passes):
            yield Rows((), {"pass": number, "start": None}, last=True, number=number)
        while number < len(passes):
            async for records, start in self._pages(path, permission, passes[number], start):  # noqa: B020
                following = {"pass": number + (start is None), "start": start}
                yield Rows(records, following, last=following["pass"] == len(passes), number=number)
            number += 1

    async def _pages(
        self, path: str, permission: str, filters: Mapping[str, str | None], start: str | None
    ) -> AsyncIterator[tuple[Sequence[msgspec.Raw], str | None]]:
        guard = CursorGuard()
        url, params, size = path, dict[str, Any](filters, start=start), PAGE_SIZE
        going_on = start is not None
        while True:
            try:
                answer = await self._client.get(
                    url, params={**params, "page_size": size}, permission=permission
                )
            except TooHeavy as error:
                if size <= SMALLEST_PAGE:
                    raise RetryLater(f"{error}, even for {size} records", seconds=300.0) from error
                size //= 2
                continue
            except Refused:
                # The row that the stored position names may be gone since: begin this pass again.
                if not going_on:
                    raise
                going_on, params["start"] = False, None
                continue
            going_on = False
            body = answer.decode(ListBody)
            link = body.page.next if body.page else None
            following = guard.check(_start(link)) if link else None
            yield body.data, following
            if not link:
                return
            url, params = link, {}


def _start(link: str) -> str:
    values = parse_qs(urlsplit(link).query).get("start")
    if not values:
        raise VendorChanged("Ramp's next page does not say where it starts")
    return values[0]
