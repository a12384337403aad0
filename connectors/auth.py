"""How requests are authenticated: not at all, by a fixed header, or by tokens that expire."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connectors.http import VendorClient


class Auth(Protocol):
    """Gives the headers that authenticate a request."""

    async def headers(self, client: "VendorClient") -> Mapping[str, str]:
        """Headers for the next request; may fetch a token first, through the same client."""
        ...

    async def refresh(self, client: "VendorClient") -> bool:
        """Forget the token that was refused; False if there is no way to get another."""
        ...


class NoAuth:
    """For endpoints that need no credential (token endpoints carry it in the body)."""

    async def headers(self, client: "VendorClient") -> Mapping[str, str]:  # noqa: ARG002
        """No headers."""
        return {}

    async def refresh(self, client: "VendorClient") -> bool:  # noqa: ARG002
        """There is nothing to refresh."""
        return False


class StaticAuth:
    """A fixed header, such as `Authorization: SSWS …`; `repr` does not show it."""

    def __init__(self, value: str, header: str = "Authorization") -> None:
        self._headers = {header: value}

    async def headers(self, client: "VendorClient") -> Mapping[str, str]:  # noqa: ARG002
        """The fixed header."""
        return self._headers

    async def refresh(self, client: "VendorClient") -> bool:  # noqa: ARG002
        """A fixed credential cannot be renewed."""
        return False


class TokenAuth:
    """Bearer tokens from `fetch`, kept until shortly before they expire.

    Args:
        fetch: asks the vendor for a token; returns it with its life in seconds.
    """

    def __init__(self, fetch: "Callable[[VendorClient], Awaitable[tuple[str, float]]]") -> None:
        self._fetch = fetch
        self._token: str | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def headers(self, client: "VendorClient") -> Mapping[str, str]:
        """`Authorization: Bearer …`, fetching a token when there is none or it is about to end."""
        async with self._lock:
            if self._token is None or client.context.monotonic() >= self._until:
                self._token, life = await self._fetch(client)
                self._until = client.context.monotonic() + max(1.0, life - 60)
            return {"Authorization": f"Bearer {self._token}"}

    async def refresh(self, client: "VendorClient") -> bool:  # noqa: ARG002
        """Drop the token; the next request fetches another."""
        self._token = None
        return True
