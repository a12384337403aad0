"""The one way out for channels that speak HTTP: checked addresses, no redirects, bounded time and size.

A name is resolved, every address it has is looked at, and the connection goes to the very address that was
looked at: what the name says a moment later (DNS rebinding) no longer matters.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from app.language import lasting
from app.notify.parcel import NotSent

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
WHOLE = 20.0
"""Seconds a whole exchange may take, however slowly its bytes trickle."""
_MOST_BYTES = 256 * 1024
_TRIED = 3
"""Of the addresses that a host has."""
_LONGEST_PAUSE = 6 * 3600.0
# Networks whose addresses carry another one inside: it would be reached, and it was not looked at.
_WRAPPING = tuple(
    ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them.

    Raises:
        OSError: it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an address is one of the open Internet: not private, loopback, link-local or special."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # with a scope, as link-local ones have
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _WRAPPING):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


@dataclass(frozen=True)
class Doors:
    """Where messages may go.

    Attributes:
        hosts: of webhook receivers: `hooks.acme.com`, or `*.acme.com` for all below.
        local: `host:port` of receivers on this machine, for a demo and for tests.
        resolve: finds a host's addresses.
    """

    hosts: tuple[str, ...] = ()
    local: frozenset[str] = frozenset()
    resolve: Resolve = resolve

    def is_local(self, url: str) -> bool:
        """Whether an address is one of the named receivers on this machine."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"{(parts.hostname or '').lower()}:{port}" in self.local

    def check(self, url: str, suffixes: Sequence[str] = ()) -> None:
        """Let an address pass if its host is allowed; nothing is resolved.

        Args:
            url: the address.
            suffixes: hosts (`hooks.slack.com`) and endings (`.atlassian.net`) of the vendor itself.

        Raises:
            ValueError: says what to do.
        """
        wrong = lasting(
            "this is not an address: write one such as https://hooks.acme.com/penumbra, in plain ASCII"
        )
        try:
            parts = urlsplit(url)
            host, _ = (parts.hostname or "").lower(), parts.port
            called = httpx.URL(url).raw_host.decode("ascii")
        except (ValueError, httpx.InvalidURL):
            raise ValueError(wrong) from None
        if called != host:  # what is looked at here must be what is connected to later
            raise ValueError(wrong)
        if parts.username or parts.password:
            raise ValueError(lasting("leave out user name and password"))
        if self.is_local(url):
            return
        if parts.scheme != "https" or not host:
            raise ValueError(lasting("write an address that begins with https://"))
        own = any(host == s or (s.startswith(".") and host.endswith(s)) for s in suffixes)
        listed = any(host == h or (h.startswith("*.") and host.endswith(h[1:])) for h in self.hosts)
        if not own and not listed:
            if suffixes:
                text = lasting(
                    "the host %(host)s is not one of %(own)s and is not listed in PENUMBRA_WEBHOOK_HOSTS",
                    host=host,
                    own=", ".join(suffixes),
                )
                raise ValueError(text)
            raise ValueError(lasting("the host %(host)s is not listed in PENUMBRA_WEBHOOK_HOSTS", host=host))

    async def addresses(self, url: httpx.URL) -> Sequence[str]:
        """The addresses to connect to, the best one first.

        Raises:
            NotSent: the host has no address, or one that is not of the open Internet.
        """
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await self.resolve(url.host, port)
        except (OSError, UnicodeError):
            raise NotSent(lasting("%(host)s cannot be found in DNS", host=url.host)) from None
        local = self.is_local(str(url))
        for address in found:
            allowed = ipaddress.ip_address(address).is_loopback if local else is_public(address)
            if not allowed:
                raise NotSent(
                    lasting(
                        "%(host)s leads to an address that is not on the open Internet; nothing was sent",
                        host=url.host,
                    ),
                    attention=True,
                )
        if not found:
            raise NotSent(lasting("%(host)s has no address", host=url.host))
        return found[:_TRIED]


@dataclass(frozen=True)
class Reply:
    """A receiver's answer."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def ok(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


class Wire:
    """Sends requests through the doors.

    Args:
        doors: where to.
        transport: what carries a request once its address was looked at; the network, if None.
    """

    def __init__(self, doors: Doors, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.doors = doors
        self._transport = transport

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        suffixes: Sequence[str] = (),
        auth: tuple[str, str] | None = None,
    ) -> Reply:
        """Send one request; redirects are an answer like any other and are not followed.

        Raises:
            NotSent: the address is not allowed, or there was no whole answer in time.
        """
        try:
            self.doors.check(url, suffixes)
        except ValueError as error:
            raise NotSent(lasting("Nothing was sent: %(error)s", error=error), attention=True) from None
        target = httpx.URL(url)
        try:
            async with asyncio.timeout(WHOLE):
                return await self._exchange(method, target, body, headers or {}, auth)
        except TimeoutError:
            raise NotSent(
                lasting(
                    "%(host)s did not answer within %(seconds)s seconds",
                    host=target.host,
                    seconds=f"{WHOLE:.0f}",
                )
            ) from None
        except httpx.TimeoutException:
            raise NotSent(lasting("%(host)s did not answer in time", host=target.host)) from None
        except httpx.HTTPError as error:
            raise NotSent(
                lasting(
                    "%(host)s could not be reached (%(kind)s)",
                    host=target.host,
                    kind=type(error).__name__,
                )
            ) from None

    async def _exchange(
        self,
        method: str,
        target: httpx.URL,
        body: bytes | None,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None,
    ) -> Reply:
        addresses = await self.doors.addresses(target)
        for address in addresses[:-1]:
            try:
                return await self._at(address, method, target, body, headers, auth)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent there; the next one may be reached
        return await self._at(addresses[-1], method, target, body, headers, auth)

    async def _at(
        self,
        address: str,
        method: str,
        target: httpx.URL,
        body: bytes | None,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None,
    ) -> Reply:
        # A connection serves one exchange: it was opened to an address, and another host may have the same.
        async with httpx.AsyncClient(
            transport=self._transport,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,  # a proxy would resolve the name once more
            verify=_trusted(),
            auth=auth,
        ) as client:
            request = client.build_request(
                method,
                target.copy_with(host=address),
                content=body,
                headers={
                    "Host": target.netloc.decode("ascii"),
                    "User-Agent": "Penumbra/0.1 (notifications)",
                    "Accept": "application/json, text/plain",
                    **headers,
                },
                extensions={"sni_hostname": target.host},
            )
            response = await client.send(request, stream=True)
            try:
                parts, size = [], 0
                async for part in response.aiter_bytes():
                    size += len(part)
                    if size > _MOST_BYTES:
                        break
                    parts.append(part)
            finally:
                await response.aclose()
        return Reply(response.status_code, response.headers, b"".join(parts))


@cache
def _trusted() -> Any:
    return httpx.create_ssl_context()


def refused(host: str, reply: Reply, detail: str = "") -> NotSent:
    """What an answer other than 2xx means, by the usual rules.

    Args:
        host: who answered.
        reply: its answer.
        detail: what else it said, without secrets.
    """
    status = reply.status
    said = lasting("%(host)s answered %(status)s", host=host, status=status) + (
        f" ({detail})" if detail else ""
    )
    if status in {429, 503}:
        return NotSent(
            lasting("%(said)s and asks to wait", said=said), pause=_pause(reply) if status == 429 else None
        )
    if 300 <= status < 400:
        return NotSent(
            lasting("%(said)s: it redirects elsewhere, which is not followed", said=said), attention=True
        )
    if status in {401, 403, 404, 407, 410}:
        return NotSent(lasting("%(said)s: check the channel's settings", said=said), attention=True)
    if status in {400, 413, 415, 422}:
        return NotSent(lasting("%(said)s: it will not take this message", said=said), again=False)
    return NotSent(said)


def _pause(reply: Reply) -> float:
    """Seconds a receiver asks to wait; a minute, if it does not say."""
    text = reply.headers.get("retry-after", "")
    seconds = float(text) if text.isdigit() else 60.0
    return min(seconds, _LONGEST_PAUSE) + random.random()  # noqa: S311 - spreads retries, guards nothing


def json_body(value: Any) -> bytes:
    """A value as the bytes of a JSON body."""
    return orjson.dumps(value)
