"""Serves an application over real HTTP on loopback, in a thread of this process."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import uvicorn


class _Server(uvicorn.Server):
    """One that stops when it is told to: uvicorn's own looks every tenth of a second, then waits for another.

    That is longer than most of what is asked of it here, in some hundred tests.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Go on until `stop`; answers are given the time of day, which is renewed each second."""
        self._loop = asyncio.get_running_loop()
        await self.on_tick(0)
        self.ready.set()
        while not self._told.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)
            await self.on_tick(0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, and end once all that was asked is answered."""
        for listening in [*self.servers, *(sockets or ())]:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        # It tells nobody when the last of them ends.
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    def stop(self) -> None:
        """End the main loop, from another thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._told.set)


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of the application for as long as the block runs."""
    # With the protocol named, asyncio switches Nagle off; else every answer waits for a delayed ACK.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = _Server(uvicorn.Config(app, log_level="error", lifespan="off", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    assert server.ready.wait(60), "the server did not start"
    try:
        yield address
    finally:
        server.stop()
        thread.join(10)


def caller(url: str, token: str = "", **more: Any) -> httpx.Client:
    """A client of a served application, with a token or without, patient with a busy machine.

    `more` is whatever else makes a client.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=headers, verify=_authorities(), **{"timeout": 60, **more})


@cache
def _authorities() -> ssl.SSLContext:
    # Loading the certificates takes longer than most tests; once for all clients is enough.
    return httpx.create_ssl_context()
