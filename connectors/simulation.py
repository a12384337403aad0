"""What all simulators share: a real HTTP server on loopback, and faults that can be planned.

A simulator is an ASGI application that pages, limits and answers as its vendor does. `serve`
runs it over real HTTP; `Fault` spoils chosen answers the way vendors and networks do.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.responses import Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Fault:
    """Spoil answers to requests whose path (with query) matches.

    Attributes:
        match: regular expression searched in `path?query`.
        after: let this many matching requests through first.
        times: spoil this many, then behave (None: for ever).
        status: answer with this status instead.
        headers: headers of that answer, or headers added to the real one.
        body: body of that answer (bytes, or JSON-able).
        cut: send only the first half of the real body and drop the connection.
        change: called with the real answer's parsed JSON and its header dict; returns new JSON.
        then: called once when the fault strikes first (to take a permission away, say).
    """

    match: str = ""
    after: int = 0
    times: int | None = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    cut: bool = False
    change: Callable[[Any, dict[str, str]], Any] | None = None
    then: Callable[[], None] | None = None
    seen: int = 0
    struck: int = 0

    def strikes(self, target: str) -> bool:
        """Count the request and say whether it is to be spoilt."""
        if not re.search(self.match, target):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        if self.struck == 1 and self.then:
            self.then()
        return True


@dataclass
class RequestSeen:
    """One request as the simulator saw it."""

    method: str
    target: str
    status: int = 0
    authorization: str | None = None


class FaultyApp:
    """Wraps a simulator's ASGI application: plans faults, and keeps a log of requests.

    `faults` may be changed at any time, also while serving.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.faults: list[Fault] = []
        self.requests: list[RequestSeen] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        seen = RequestSeen(scope["method"], target, authorization=headers.get("authorization"))
        self.requests.append(seen)
        fault = next((f for f in self.faults if f.strikes(target)), None)

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        if fault is None:
            await self.app(scope, receive, note)
        elif fault.status is not None:
            body = fault.body if isinstance(fault.body, bytes) else orjson.dumps(fault.body or {})
            answer = Response(body, fault.status, {"content-type": "application/json", **fault.headers})
            await answer(scope, receive, note)
        else:
            await self._spoil(fault, scope, receive, note)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        await self.app(scope, receive, collect)
        body = b"".join(chunks)
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in start["headers"]}
        if fault.change is not None:
            body = orjson.dumps(fault.change(orjson.loads(body or b"null"), headers))
            headers["content-length"] = str(len(body))
        headers.update(fault.headers)
        raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": start["status"], "headers": raw})
        if fault.cut:
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            raise ConnectionAbortedError("cut on purpose")
        await send({"type": "http.response.body", "body": body})


class Server:
    """A running simulator; `url` is its address on loopback."""

    def __init__(self, app: App, port: int = 0) -> None:
        # With the protocol named, asyncio switches Nagle off; else every answer waits for a delayed ACK.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_level="critical", lifespan="off", access_log=False, timeout_keep_alive=30
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name=f"simulator {self.url}",
            daemon=True,
        )

    def start(self) -> "Server":
        """Start serving; returns once requests are answered."""
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the simulator did not start within 10 seconds")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop serving; the port is closed within a moment, by the server's own thread."""
        self._server.should_exit = True
        self._server.force_exit = True


@contextlib.contextmanager
def serve(app: App, port: int = 0) -> Iterator[str]:
    """Run an ASGI application on loopback for the length of a `with` block; gives its URL."""
    server = Server(app, port).start()
    try:
        yield server.url
    finally:
        server.stop()
