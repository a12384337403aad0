"""How Microsoft Graph answers: lists, next links, refusals; over the shared HTTP client.

Facts: @odata.nextLink is followed as it came, and a page may be empty and still have one
(learn.microsoft.com/graph/paging); throttling limits and headers
(learn.microsoft.com/graph/throttling, …/throttling-limits).
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from connectors.answers import Answer, wait_asked
from connectors.auth import Auth
from connectors.base import Context, HttpConfig
from connectors.errors import (
    ConnectorError,
    NeedsAdmin,
    NotAvailable,
    RetryLater,
    SkipRecord,
    VendorChanged,
)
from connectors.http import VendorClient, Verdict
from connectors.pagination import walk

T = TypeVar("T")
O = TypeVar("O")  # noqa: E741

DIRECTORY = "Directory.Read.All"
AUDIT_LOG = "AuditLog.Read.All"
REVOKE = "DelegatedPermissionGrant.ReadWrite.All"
REPORTS = "/v1.0/auditLogs/"
_PERMISSIONS = frozenset({DIRECTORY, AUDIT_LOG, REVOKE})
_NO_LICENCE = frozenset(
    {"Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Authentication_RequestFromNonPremiumTenant"}
)
_EXPIRED_PAGE = frozenset({"Directory_ExpiredPageToken", "Directory_InvalidPageToken"})
_NAMED = re.compile(r"permission\(s\):\s*([^:]*?)\s+to call")


class PageExpired(RetryLater):
    """A next link outlived its page token; the list has to be begun again."""


class WindowTooWide(RetryLater):
    """The log cannot serve so many records at once; ask for a shorter stretch of time."""


class Listing(msgspec.Struct, Generic[T]):
    """The envelope of every list."""

    value: list[T]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


@dataclass(frozen=True)
class Unreadable:
    """A record whose fields are not of the documented types; it is skipped, not the page."""

    ref: str
    reason: str


class _Reference(msgspec.Struct):
    id: str = "a record without an id"


def listing(answer: Answer, shape: type[T]) -> tuple[list[T | Unreadable], str | None]:
    """The records of one page, and its next link.

    The page is decoded in one go. Only when that fails is it read record by record, so that one
    odd record costs one record.

    Raises:
        VendorChanged: no JSON, or no list envelope.
    """
    try:
        page = answer.decode(Listing[shape])
        return list(page.value), page.next_link
    except VendorChanged:
        raw: Listing[msgspec.Raw] = answer.decode(Listing[msgspec.Raw])
    records: list[T | Unreadable] = []
    for item in raw.value:
        try:
            records.append(msgspec.json.decode(item, type=shape))
        except msgspec.ValidationError as error:
            try:
                ref = msgspec.json.decode(item, type=_Reference).id
            except msgspec.ValidationError:
                ref = _Reference().id
            records.append(Unreadable(ref, str(error)))
    return records, raw.next_link


def readable(read: Callable[[T], O | None]) -> Callable[[T | Unreadable], O | None]:
    """Let `read` see readable records only; the others raise `SkipRecord`."""

    def wrapped(record: T | Unreadable) -> O | None:
        if isinstance(record, Unreadable):
            raise SkipRecord(record.reason, ref=record.ref)
        return read(record)

    return wrapped


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


def _error_of(answer: Answer) -> _Error:
    try:
        return msgspec.json.decode(answer.content, type=_ErrorBody).error
    except msgspec.MsgspecError:
        return _Error()


def _is_report(url: str) -> bool:
    return urlsplit(url).path.startswith(REPORTS)


class Graph:
    """Requests below /v1.0, as a polite background reader.

    Args:
        config: addresses and the share of the budget.
        context: clock, patience, transport.
        budgets: `default`, `reports` (the audit logs) and `tokens`.
        auth: gives the bearer token.
        token_url: the sign-in service, the only other host that may be asked.
    """

    def __init__(
        self, config: HttpConfig, context: Context, *, budgets: Mapping[str, Any], auth: Auth, token_url: str
    ) -> None:
        self.context = context
        self._base = config.base_url
        self._throttled: set[str] = set()
        self.client = VendorClient(
            config,
            context,
            budgets=budgets,
            auth=auth,
            classify=self._classify,
            other_origins=(token_url,),
        )

    async def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        permission: str = DIRECTORY,
        allow: frozenset[int] = frozenset(),
    ) -> Answer:
        """GET one page or object; `path` begins with /v1.0 or is a next link.

        Raises:
            NotAvailable: the tenant has no licence for this log.
            PageExpired, WindowTooWide: see the classes.
            NeedsAdmin, RetryLater, VendorChanged: as `VendorClient.get`.
        """
        return await self.client.get(
            path,
            params=params,
            # Background reading gives way to people's requests when the tenant is near its limit.
            headers={"x-ms-throttle-priority": "low"},
            bucket="reports" if _is_report(path) else "default",
            permission=permission,
            allow=allow,
        )

    async def delete(self, path: str, *, permission: str, allow: frozenset[int] = frozenset()) -> Answer:
        """DELETE one object; raises as `get` does."""
        return await self.client.request("DELETE", path, permission=permission, allow=allow)

    async def pages(
        self,
        path: str,
        params: Mapping[str, Any],
        shape: type[T],
        *,
        permission: str = DIRECTORY,
        start: str | None = None,
    ) -> AsyncIterator[tuple[list[T | Unreadable], str | None]]:
        """Walk a list to its end, an empty page being no end.

        Args:
            path: the list.
            params: of the first page only: a next link repeats them itself.
            shape: what a record is.
            permission: named when the answer is 403.
            start: the link of an earlier walk to go on from. Page tokens live for minutes only;
                when it has died, or dies under way, the list is begun again, once.

        Yields:
            The records of a page, and the link to go on from.

        Raises:
            See `get`.
        """

        async def fetch(link: str | None) -> tuple[list[T | Unreadable], str | None]:
            if link is None:
                answer = await self.get(path, params, permission=permission)
            else:
                answer = await self.get(link, permission=permission)
            records, following = listing(answer, shape)
            return records, None if following is None else self._short(following)

        begun_again = False
        while True:
            try:
                async for (records, _), following in walk(fetch, lambda page: page[1], start):
                    yield records, following
                return
            except PageExpired:
                if begun_again:
                    raise
                begun_again, start = True, None

    def _short(self, link: str) -> str:
        """A next link without the configured address (which may change between two scans).

        Links to any other host are kept whole, for the client to refuse.
        """
        return link[len(self._base) :] if link.startswith(self._base + "/") else link

    def _classify(self, answer: Answer) -> Verdict | ConnectorError | None:
        if answer.status < 400:
            self._throttled.discard(answer.url)
            return None
        if answer.status == 403:
            return self._forbidden(_error_of(answer))
        if answer.status in {400, 410} and _error_of(answer).code in _EXPIRED_PAGE:
            return PageExpired("a next link of Microsoft Graph expired while the list was read", seconds=60)
        if _is_report(answer.url):
            return self._overloaded(answer)
        return None

    @staticmethod
    def _forbidden(error: _Error) -> ConnectorError | None:
        if error.code in _NO_LICENCE:
            return NotAvailable(
                "This tenant has no Microsoft Entra ID P1 or P2 licence, which this log needs."
            )
        named = _NAMED.search(error.message or "")
        for name in (named[1] if named else "").replace(",", " ").split():
            if name in _PERMISSIONS:
                return NeedsAdmin(
                    f"Microsoft Graph asks for the application permission {name}: "
                    "grant it with admin consent",
                    permission=name,
                )
        return None

    def _overloaded(self, answer: Answer) -> ConnectorError | None:
        """A log that times out, or throttles one request twice, is asked for less at once."""
        if answer.status == 504:
            return WindowTooWide("the audit log timed out", seconds=300)
        if answer.status == 429:
            asked = wait_asked(answer, self.context.now())
            if asked is not None and asked > self.context.longest_wait:
                return None
            if answer.url in self._throttled:
                self._throttled.discard(answer.url)
                return WindowTooWide("the audit log throttles this request", seconds=max(asked or 0, 60))
            self._throttled.add(answer.url)
        return None
