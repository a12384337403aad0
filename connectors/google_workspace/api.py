"""Google's Admin SDK over the shared client.

google-api-python-client builds and validates the requests from the descriptions of the API that it
ships (never fetched from the network); the shared client sends them, so that time-outs, budgets,
retries and pinned hosts are the same as for every other vendor.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec

from connectors.answers import Answer
from connectors.auth import TokenAuth
from connectors.base import Budget, Context, HttpConfig
from connectors.errors import ConnectorError, NeedsAdmin, RetryLater, VendorChanged
from connectors.google_workspace.auth import ServiceAccount, fetch_token
from connectors.http import VendorClient, Verdict
from connectors.pagination import walk

PEOPLE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
SECURITY = "https://www.googleapis.com/auth/admin.directory.user.security"
AUDIT = "https://www.googleapis.com/auth/admin.reports.audit.readonly"

BUDGETS = {
    # Directory allows 2,400 requests a minute for one user in one project; the two buckets share it.
    "default": Budget(100, 60.0, concurrency=2),
    "tokens": Budget(2300, 60.0, concurrency=8),
    # Reports counts by itself: 2,400 a minute, of which 250 may name events or other filters.
    "reports": Budget(2400, 60.0, concurrency=2),
    "report_filters": Budget(240, 60.0, concurrency=2),
}

# "gzip" in the user agent is what makes Google compress answers.
_HEADERS = {"User-Agent": "Penumbra/0.1 (read-only discovery; gzip)"}
_TOO_FAST = {"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}
_OUT_FOR_TODAY = {"dailyLimitExceeded", "dailyLimitExceededUnreg"}
_API_OFF = {"accessNotConfigured", "SERVICE_DISABLED"}
_NOTHING: frozenset[int] = frozenset()

T = TypeVar("T")


class _Reason(msgspec.Struct):
    reason: str | None = None


class _Error(msgspec.Struct):
    errors: list[_Reason] | None = None
    details: list[_Reason] | None = None
    status: str | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error


def reasons(answer: Answer) -> set[str] | None:
    """The reasons Google gives for an error, or None when the body is not an error of its APIs."""
    try:
        error = msgspec.json.decode(answer.content, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return {r.reason for r in [*(error.errors or ()), *(error.details or ())] if r.reason}


def classify(answer: Answer) -> Verdict | ConnectorError | None:
    """Google's reading of a status: some 403 are rate limits, and a 404 page is no empty list."""
    if answer.status == 404 and reasons(answer) is None:
        return VendorChanged(
            "Google answered 404 with something that is not its API's: check base_url and token_url"
        )
    if answer.status != 403:
        return None
    why = reasons(answer)
    if why is None:
        return None
    if why & _TOO_FAST:
        return Verdict.RETRY
    if why & _OUT_FOR_TODAY:
        return RetryLater("the Google project has used up its requests for today", seconds=3600.0)
    if why & _API_OFF:
        return NeedsAdmin(
            "the Admin SDK API is off in the service account's Google Cloud project: switch it on there"
        )
    if "forbidden" in why:
        return NeedsAdmin("the administrator in admin_email lacks the role privilege for this")
    return None


class _NoNetwork:
    """Stands where the library wants an HTTP transport: it builds requests and may send none."""

    def request(self, *_: Any, **__: Any) -> Any:
        """Refuse."""
        raise AssertionError("requests are sent by the shared client")

    def close(self) -> None:
        """Nothing to close."""


def _build(name: str, version: str, endpoint: str) -> Any:
    """A service of google-api-python-client, from the description inside the package."""
    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import get_static_doc

    document = get_static_doc(name, version)
    if document is None:
        raise VendorChanged(f"the installed google-api-python-client does not describe {name} {version}")
    return build_from_document(document, http=_NoNetwork(), client_options={"api_endpoint": endpoint + "/"})


class AdminSdk:
    """The four reads of the Admin SDK that discovery needs, and the one write that ends access.

    Args:
        config: gives the addresses.
        context: clock, sleep, patience and transport.
        account: who signs.
        subject: the administrator in whose name is read.
        token_url: where tokens come from.
    """

    def __init__(
        self, config: HttpConfig, context: Context, *, account: ServiceAccount, subject: str, token_url: str
    ) -> None:
        self._config, self._context = config, context
        self._account, self._subject, self._token_url = account, subject, token_url
        self._clients: dict[str, VendorClient] = {}
        self._auths: dict[str, TokenAuth] = {}
        self._resources: dict[str, Any] = {}
        self._lock = asyncio.Lock()

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    def _client(self, scope: str) -> VendorClient:
        """The client whose tokens carry `scope` and nothing else."""
        found = self._clients.get(scope)
        if found is None:

            async def token(client: VendorClient) -> tuple[str, float]:
                return await fetch_token(
                    client,
                    self._account,
                    subject=self._subject,
                    scope=scope,
                    token_url=self._token_url,
                )

            self._auths[scope] = TokenAuth(token)
            found = self._clients[scope] = VendorClient(
                self._config,
                self._context,
                budgets=BUDGETS,
                auth=self._auths[scope],
                classify=classify,
                other_origins=(self._token_url,),
            )
        return found

    async def renew(self, scope: str) -> None:
        """Forget the access token of a scope; the next request fetches another."""
        await self._auths[scope].refresh(self._client(scope))

    async def _resource(self, name: str) -> Any:
        """`users`, `tokens` or `activities` of the library; built once, because that takes long."""
        async with self._lock:
            if name not in self._resources:
                # Importing the library takes half a second: beside the event loop.
                version = "reports_v1" if name == "activities" else "directory_v1"
                service = await asyncio.to_thread(_build, "admin", version, self._config.base_url)
                self._resources[name] = getattr(service, name)()
            return self._resources[name]

    async def users(
        self,
        *,
        customer: str,
        fields: str,
        size: int = 500,
        deleted: bool = False,
        page: str | None = None,
        allow: frozenset[int] = _NOTHING,
    ) -> Answer:
        """One page of users.list: the present users, suspended ones too, or only the deleted ones."""
        users = await self._resource("users")
        request = users.list(
            customer=customer,
            maxResults=size,
            orderBy="email",
            projection="full",
            showDeleted="true" if deleted else "false",
            fields=fields,
        )
        if page is not None:
            request = users.list_next(request, {"nextPageToken": page})
        return await self._send(request, PEOPLE, "default", allow)

    async def user(self, key: str, *, fields: str, allow: frozenset[int] = _NOTHING) -> Answer:
        """One user, by id or address."""
        request = (await self._resource("users")).get(userKey=key, fields=fields)
        return await self._send(request, PEOPLE, "default", allow)

    async def tokens(self, key: str, *, fields: str, allow: frozenset[int] = _NOTHING) -> Answer:
        """All OAuth grants of one user; Google has no pages here."""
        request = (await self._resource("tokens")).list(userKey=key, fields=fields)
        return await self._send(request, SECURITY, "tokens", allow)

    async def delete_token(self, key: str, client_id: str, *, allow: frozenset[int] = _NOTHING) -> Answer:
        """End all access that a user gave an app; Google answers with an empty body."""
        request = (await self._resource("tokens")).delete(userKey=key, clientId=client_id)
        return await self._send(request, SECURITY, "tokens", allow)

    async def activities(
        self,
        application: str,
        *,
        since: datetime,
        until: datetime,
        fields: str,
        event: str | None = None,
        size: int = 1000,
        page: str | None = None,
        allow: frozenset[int] = _NOTHING,
    ) -> Answer:
        """One page of an audit log between two times (both inclusive), newest first."""
        activities = await self._resource("activities")
        request = activities.list(
            userKey="all",
            applicationName=application,
            startTime=stamp(since),
            endTime=stamp(until),
            eventName=event,
            maxResults=size,
            fields=fields,
        )
        if page is not None:
            request = activities.list_next(request, {"nextPageToken": page})
        return await self._send(request, AUDIT, "report_filters" if event else "reports", allow)

    async def _send(self, request: Any, scope: str, bucket: str, allow: frozenset[int]) -> Answer:
        return await self._client(scope).request(
            request.method,
            request.uri,
            headers={**request.headers, **_HEADERS},
            bucket=bucket,
            permission=scope,
            allow=allow,
        )


class Paged(Protocol):
    """Any answer of Google's that may name the page after it."""

    nextPageToken: str | None  # noqa: N815 - Google's spelling


P = TypeVar("P", bound=Paged)


async def pages(
    fetch: Callable[[str | None, frozenset[int]], Awaitable[Answer]], shape: type[P], start: str | None
) -> AsyncIterator[tuple[P, str | None]]:
    """Walk the pages of a list, from a stored page token on where there is one.

    Page tokens live for three days. When a stored one is refused (400) the list is read again from
    its beginning, which repeats some of it and loses nothing.

    Args:
        fetch: asks for the page of a token; the statuses are allowed beside 2xx.
        shape: what an answer is decoded as.
        start: a stored page token.

    Yields:
        Each decoded answer with the token of the page after it.

    Raises:
        VendorChanged: a token repeats, or an answer is not of `shape`.
    """
    held: Answer | None = None
    if start is not None:
        held = await fetch(start, frozenset({400}))
        if held.status == 400:
            start = held = None

    async def read(token: str | None) -> P:
        nonlocal held
        answer, held = held or await fetch(token, _NOTHING), None
        return answer.decode(shape)

    async for found in walk(read, lambda answer: answer.nextPageToken or None, start):
        yield found


def stamp(moment: datetime) -> str:
    """A time as Google writes it: `2026-11-01T09:30:00.000Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
