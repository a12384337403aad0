"""The one HTTP client for every vendor.

It owns what all vendors share: time-outs, bounded retries with jitter, `Retry-After` and reset
headers, request budgets, pinned hosts, redacted logs. It turns what cannot be mended by waiting a
little into the errors of `connectors.errors`. Connectors own only what is the vendor's: paths,
parameters, the shape of a page, and a `classify` function where the vendor's status codes lie.
"""

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum, auto
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from connectors.answers import Answer, wait_asked
from connectors.auth import Auth, NoAuth
from connectors.base import Budget, Context, HttpConfig, Permission, PermissionResult, is_loopback
from connectors.errors import ConnectorError, NeedsAdmin, RetryLater, VendorChanged

log = logging.getLogger("connectors.http")

ATTEMPTS = 5
MAX_BODY = 64 * 1024 * 1024
_RETRIED = {408, 425, 429, 500, 502, 503, 504}


class Verdict(Enum):
    """What an answer means, where the status code alone does not say."""

    OK = auto()
    RETRY = auto()
    """Busy or broken for the moment: wait as the headers say, else back off."""
    BUSY = auto()
    """Too much at this moment, but not over the budget: back off a little, whatever the headers say."""
    REFRESH = auto()
    """The token is no longer accepted: get a new one and ask again, once."""


Classify = Callable[[Answer], Verdict | ConnectorError | None]
"""A vendor's own reading of an answer; None leaves it to the usual rules."""


class _Bucket:
    """A sliding-window request budget with a limit on concurrency."""

    def __init__(self, budget: Budget, share: float, context: Context) -> None:
        self._requests = max(1, int(budget.requests * share))
        self.seconds = budget.seconds
        self._recent: deque[float] = deque()
        self._context = context
        self._lock = asyncio.Lock()
        self._closed_until = 0.0
        self.concurrency = asyncio.Semaphore(budget.concurrency)

    def close_for(self, seconds: float) -> None:
        """Let nobody through for a while: one rate-limit answer speaks for all requests."""
        self._closed_until = max(self._closed_until, self._context.monotonic() + seconds)

    async def wait(self) -> None:
        """Wait until the budget has room for one more request."""
        async with self._lock:
            now = self._context.monotonic()
            if now < self._closed_until:
                await self._context.sleep(self._closed_until - now)
                now = self._context.monotonic()
            while self._recent and self._recent[0] <= now - self.seconds:
                self._recent.popleft()
            if len(self._recent) >= self._requests:
                pause = self._recent[0] + self.seconds - now
                await self._context.sleep(pause)
                now = self._context.monotonic()
                self._recent.popleft()
            self._recent.append(now)


class VendorClient:
    """HTTP to one vendor account: only to its own hosts, within its budget, never redirected.

    Args:
        config: gives `base_url`, `link_hosts` and `rate_share`.
        context: clock, sleep, patience and transport.
        budgets: by bucket name; `default` must be there.
        auth: how requests authenticate.
        classify: the vendor's own reading of answers, asked before the usual rules.
        other_origins: further addresses that may be asked (a token endpoint).
        patience: seconds to wait for an answer; more where a vendor is known to think for longer.
    """

    def __init__(
        self,
        config: HttpConfig,
        context: Context,
        *,
        budgets: Mapping[str, Budget],
        auth: Auth | None = None,
        classify: Classify | None = None,
        other_origins: tuple[str, ...] = (),
        patience: float = 30.0,
    ) -> None:
        self.context = context
        self.base_url = config.base_url
        self._auth = auth or NoAuth()
        self._classify = classify
        self._buckets = {name: _Bucket(b, config.rate_share, context) for name, b in budgets.items()}
        self._origins = {_origin(config.base_url), *map(_origin, other_origins)}
        base = urlsplit(config.base_url)
        for host in config.link_hosts:
            self._origins.add(_origin(f"{base.scheme}://{host}"))
        self._http = httpx.AsyncClient(
            transport=context.transport,
            timeout=httpx.Timeout(patience, connect=10.0),
            follow_redirects=False,
            verify=_trusted_authorities(),
            # A company's proxy settings apply to vendors, never to something on this machine.
            trust_env=not is_loopback(urlsplit(config.base_url).hostname or ""),
            headers={"User-Agent": "Penumbra/0.1 (read-only discovery)", "Accept": "application/json"},
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        bucket: str = "default",
        permission: str | None = None,
        allow: frozenset[int] = frozenset(),
    ) -> Answer:
        """GET a path below `base_url`, or a whole URL that stays on the vendor's own hosts.

        Args:
            url: path or URL.
            params: query parameters; None values are left out.
            headers: further headers.
            bucket: which budget the request counts against.
            permission: named in `NeedsAdmin` when the answer is 403.
            allow: statuses other than 2xx that are answers, not errors.

        Raises:
            NeedsAdmin: 401 that a new token does not mend, or 403.
            RetryLater: the vendor asks for a longer wait than `Context.longest_wait`, or is still
                broken after the last attempt.
            VendorChanged: any other status, a redirect, a foreign host, an oversized body.
        """
        return await self.request(
            "GET", url, params=params, headers=headers, bucket=bucket, permission=permission, allow=allow
        )

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        bucket: str = "default",
        permission: str | None = None,
        allow: frozenset[int] = frozenset(),
        authenticate: bool = True,
    ) -> Answer:
        """POST a form or a body; otherwise as `get`. Only for reads and token requests."""
        return await self.request(
            "POST",
            url,
            form=form,
            content=content,
            headers=headers,
            bucket=bucket,
            permission=permission,
            allow=allow,
            authenticate=authenticate,
        )

    async def probe(
        self,
        permission: Permission,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        bucket: str = "default",
    ) -> PermissionResult:
        """Try one permission with one cheap GET, for `check()`: missing is a result, not an error."""
        try:
            await self.get(url, params=params, bucket=bucket, permission=permission.name)
        except NeedsAdmin as error:
            if error.permission is None:
                raise
            return PermissionResult(
                name=permission.name,
                granted=False,
                reason=permission.reason,
                optional=permission.optional,
                detail=str(error),
            )
        return PermissionResult(
            name=permission.name, granted=True, reason=permission.reason, optional=permission.optional
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        bucket: str = "default",
        permission: str | None = None,
        allow: frozenset[int] = frozenset(),
        authenticate: bool = True,
    ) -> Answer:
        """Send one request with all the rules of this client; see `get` for what is raised."""
        target = self._pinned(url)
        shown = urlsplit(target).path
        budget = self._buckets[bucket]
        refreshed = False
        attempt = 0
        while True:
            attempt += 1
            sent = dict(headers or {})
            if authenticate:
                sent.update(await self._auth.headers(self))
            async with budget.concurrency:
                await budget.wait()
                pause = 0.0
                try:
                    answer = await self._send(method, target, params, form, content, sent)
                except (httpx.TransportError, httpx.DecodingError) as error:
                    trouble = f"{shown} could not be read ({_kind(error)})"
                    log.info("%s %s failed: %s (attempt %d)", method, shown, _kind(error), attempt)
                    pause = self._pause(attempt, None, trouble)
                    answer = None
            if answer is None:
                await self.context.sleep(pause)
                continue
            verdict = self._judge(answer, permission, allow, shown)
            if verdict is Verdict.OK:
                return answer
            if verdict is Verdict.REFRESH:
                if refreshed or not authenticate or not await self._auth.refresh(self):
                    raise NeedsAdmin(
                        f"{_host(target)} refuses the credential: renew it and check the source again"
                    )
                refreshed = True
                continue
            log.info("%s %s answered %d (attempt %d)", method, shown, answer.status, attempt)
            asked = None if verdict is Verdict.BUSY else wait_asked(answer, self.context.now())
            if asked is None and verdict is Verdict.RETRY and answer.status in {403, 429}:
                # A vendor that does not say how long (a 403 is only retried where its connector knows it
                # for a rate limit): its budget is whole again after one window, which backing off for a
                # few seconds would not outlast.
                asked = min(budget.seconds, self.context.longest_wait)
            pause = self._pause(attempt, asked, f"{shown} answered {answer.status}")
            if asked is not None:
                budget.close_for(pause)
            else:
                await self.context.sleep(pause)

    async def _send(
        self,
        method: str,
        target: str,
        params: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        content: bytes | None,
        headers: dict[str, str],
    ) -> Answer:
        query = [(k, v) for k, v in (params or {}).items() if v is not None]
        request = self._http.build_request(
            method,
            httpx.URL(target).copy_merge_params(query) if query else target,
            data=dict(form) if form is not None else None,
            content=content,
            headers=headers,
        )
        response = await self._http.send(request, stream=True)
        parts: list[bytes] = []
        size = int(response.headers.get("content-length") or 0)
        too_long = VendorChanged(f"{request.url.path} answered with more than {MAX_BODY >> 20} MiB")
        try:
            if size > MAX_BODY:
                raise too_long
            # Not all bodies say how long they are, and a packed one says how long it is packed.
            size = 0
            async for part in response.aiter_bytes():
                size += len(part)
                if size > MAX_BODY:
                    raise too_long
                parts.append(part)
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, b"".join(parts), str(request.url))

    def _judge(self, answer: Answer, permission: str | None, allow: frozenset[int], shown: str) -> Verdict:
        own = self._classify(answer) if self._classify else None
        if isinstance(own, ConnectorError):
            if isinstance(own, NeedsAdmin) and own.permission is None and permission and answer.status == 403:
                raise NeedsAdmin(f"{own} (permission: {permission})", permission=permission)
            raise own
        if own is not None:
            return own
        status = answer.status
        if 200 <= status < 300 or status in allow:
            return Verdict.OK
        if status == 401:
            return Verdict.REFRESH
        if status in _RETRIED:
            return Verdict.RETRY
        host = _host(answer.url)
        if status == 403:
            what = f"the permission {permission}" if permission else "a permission"
            raise NeedsAdmin(f"{host} refuses {shown}: grant {what} to this source", permission=permission)
        if 300 <= status < 400:
            raise VendorChanged(f"{host} redirects {shown} elsewhere, which is not followed: check base_url")
        if status == 404:
            raise VendorChanged(f"{host} does not know {shown}: check base_url")
        raise VendorChanged(f"{host} answered {status} to {shown}")

    def _pause(self, attempt: int, asked: float | None, trouble: str) -> float:
        """Seconds to wait before the next attempt, or `RetryLater` when that is not for us to wait."""
        if asked is not None and asked > self.context.longest_wait:
            raise RetryLater(f"{trouble} and asks to wait {asked:.0f} seconds", seconds=asked)
        if attempt >= ATTEMPTS:
            raise RetryLater(f"{trouble}, {attempt} times in a row", seconds=asked or 300.0)
        jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
        if asked is not None:
            return asked + jitter * 0.25
        return min(0.5 * 2 ** (attempt - 1), 15.0) * (0.5 + jitter / 2)

    def _pinned(self, url: str) -> str:
        target = url if "://" in url else urljoin(self.base_url + "/", url.lstrip("/"))
        if _origin(target) not in self._origins:
            raise VendorChanged(
                f"a link leads to {_host(target)}, which is not a host of this source, and was not followed; "
                "if the host is yours, add it to link_hosts"
            )
        return target


@cache
def _trusted_authorities() -> ssl.SSLContext:
    # Loading the certificates takes longer than a whole small scan; once for all clients is enough.
    return httpx.create_ssl_context()


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return (
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _kind(error: Exception) -> str:
    return {"RemoteProtocolError": "the answer broke off", "ReadTimeout": "no answer in time"}.get(
        type(error).__name__, type(error).__name__
    )
