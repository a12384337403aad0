"""Serves an application over real HTTP on loopback, in a thread of this process."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import uvicorn


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of the application for as long as the block runs."""
    # With the protocol named, asyncio switches Nagle off; else every answer waits for a delayed ACK.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


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
