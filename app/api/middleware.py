"""What every request passes, outermost first: headers, request id and log; then the gate.

Written as plain ASGI, because these run on every request of the hot path.
"""

import re
import secrets
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.metrics import Metrics
from app.api.problems import response_of
from app.errors import BadRequest, PenumbraError, TooLarge, Unauthorized
from app.security import audit
from app.security.schemas import Caller
from app.security.service import Gate

log = structlog.get_logger("app.access")

BODY_LIMIT = 1024 * 1024
TOO_LARGE = f"A body may have {BODY_LIMIT:,} bytes at most."
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SECRET_PATHS = re.compile(r"/(adopter|unsubscribe)/.+", re.DOTALL)
"""Links of e-mails: whoever has one may use it, so that no log may hold it."""
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),  # with "no-referrer" our own forms would send the origin "null"
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


class Envelope:
    """Gives each request an id, its security headers, one log line and a count."""

    def __init__(self, app: ASGIApp, metrics: Metrics, failure: Callable[[Scope], Response]) -> None:
        """Wrap `app`; `failure` makes the answer to an error that nobody expected."""
        self._app = app
        self._metrics = metrics
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an unexpected error is logged and answered without its inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"")
        request_id = given.decode("ascii") if _ID.fullmatch(given) else secrets.token_hex(8)
        scope["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _dress(message, request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_dressed)
        except Exception:
            log.exception("request failed", request_id=request_id, path=_shown(scope["path"]))
            if status:
                raise
            await self._failure(scope)(scope, receive, send_dressed)
        finally:
            self._note(scope, request_id, status or 499, time.perf_counter() - started)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "(none)"  # a pattern, not what was asked
        self._metrics.observe(scope["method"], route, status, seconds)
        caller: Caller | None = scope.get("caller")
        # The query is left out: a search may name a person, and a log outlives what it was for.
        log.info(
            "request",
            request_id=request_id,
            method=scope["method"],
            path=_shown(scope["path"]),
            status=status,
            ms=round(seconds * 1000, 1),
            caller=caller.name if caller else None,
        )


def _shown(path: str) -> str:
    return _SECRET_PATHS.sub(r"/\1/*", path)


def _dress(message: MutableMapping[str, Any], request_id: str) -> None:
    headers = MutableHeaders(raw=message["headers"])
    headers["X-Request-Id"] = request_id
    for name, value in _HEADERS:
        headers[name] = value
    headers.setdefault("Content-Security-Policy", _API_POLICY)
    headers.setdefault("Cache-Control", "no-store")
    message["headers"] = headers.raw


class Guard:
    """Lets nobody into the API without a token, and nothing in that cannot be text.

    Whatever lies under `protected` needs a valid token, whether such an address exists or not: an
    endpoint cannot be forgotten. The caller is put into `scope["caller"]`.
    """

    def __init__(self, app: ASGIApp, gate: Gate, protected: tuple[str, ...]) -> None:
        self._app = app
        self._gate = gate
        self._protected = protected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, then pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        audit.origin.set(client[0] if client else None)
        try:
            if scope["path"].startswith(self._protected):
                scope["caller"] = await self._caller(scope)
            _readable(scope)
        except PenumbraError as error:
            await response_of(error)(scope, receive, send)
            return
        await self._app(scope, _Limited(receive), send)

    async def _caller(self, scope: Scope) -> Caller:
        header = next((v for k, v in scope["headers"] if k == b"authorization"), None)
        if header is None:
            raise Unauthorized("Send an API token in the header 'Authorization: Bearer pen_…'.")
        kind, _, text = header.decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            raise Unauthorized("Send the token as 'Authorization: Bearer pen_…'.")
        text = text.strip()
        return self._gate.remembered(text) or await run_in_threadpool(self._gate.verify, text)


def _readable(scope: Scope) -> None:
    if b"%00" in scope["query_string"] or b"\x00" in scope["query_string"] or "\x00" in scope["path"]:
        raise BadRequest("An address must not contain a NUL character.")
    length = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
    if length.isdigit() and int(length[:20]) > BODY_LIMIT:
        raise TooLarge(TOO_LARGE)


class _Limited:
    """Reads a body up to the limit, for those that do not say their length."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > BODY_LIMIT:
                raise HTTPException(TooLarge.status)
        return message
