"""Talks to the OpenID provider: to its own hosts alone, briefly, and without believing what it sends."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

import httpx
import orjson
import structlog

from app.errors import PenumbraError
from app.language import _

log = structlog.get_logger(__name__)

_SECONDS = 10.0
"""So long one answer may take in all."""
_AT_MOST = 1024 * 1024


class LoginServiceFailed(PenumbraError):
    """The OpenID provider cannot be reached, or answers what cannot be used."""

    status = 502
    code = "login_service_failed"
    title: ClassVar[str] = "The company's login does not answer as it should"


def failed(why: str) -> LoginServiceFailed:
    """The error for people; `why` is for the log and never holds a secret."""
    log.warning("openid provider failed", why=why)
    return LoginServiceFailed(
        _(
            "Your company's login service does not answer as it should. Try again in a minute; "
            "if that does not help, tell the people who run Penumbra. They find the reason in "
            "the log."
        )
    )


class Wire:
    """Asks the provider; no request goes to a host that was not configured.

    Args:
        issuer: the provider's address.
        hosts: other hosts that its own description may lead to.
        transport: what carries the requests, if not the network.
        seconds: how long one answer may take in all.
    """

    def __init__(
        self,
        issuer: str,
        hosts: frozenset[str] = frozenset(),
        *,
        transport: httpx.BaseTransport | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._scheme = urlsplit(issuer).scheme
        self._hosts = {_host(urlsplit(issuer)), *hosts}
        self._seconds = seconds
        self._client = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(seconds / 2, connect=3.0),
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # logins are rare: nothing is left open
        )

    def allowed(self, address: Any, what: str) -> str:
        """An address that the provider's description gave, if we may go there.

        Raises:
            LoginServiceFailed: it is none, or names a host that was not configured.
        """
        if not self.leads_to(address):
            raise failed(f"{what} leads to {str(address)[:200]!r}, which is not among the hosts configured")
        return address

    def leads_to(self, address: Any) -> bool:
        """Whether an address is one of a host that was configured."""
        try:
            if not isinstance(address, str):
                return False
            parts = urlsplit(address)
            return (
                parts.scheme in {"https", self._scheme}
                and _host(parts) in self._hosts
                and parts.username is None
            )
        except ValueError:  # no address at all, or a port that is none
            return False

    def get(self, address: str, *, bearer: str | None = None) -> dict[str, Any]:
        """A JSON object from the provider.

        Raises:
            LoginServiceFailed: there is none to be had.
        """
        headers = {"Accept": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        status, answer = self._ask("GET", address, headers, None)
        if status != 200:
            raise failed(f"{_where(address)} answered {status}")
        return answer

    def post(self, address: str, headers: Mapping[str, str], body: str) -> tuple[int, dict[str, Any]]:
        """The provider's answer to a form: its status, and the JSON object.

        Raises:
            LoginServiceFailed: there is none to be had.
        """
        return self._ask("POST", address, headers, body)

    def _ask(
        self, method: str, address: str, headers: Mapping[str, str], body: str | None
    ) -> tuple[int, dict[str, Any]]:
        self.allowed(address, "a request")
        until = time.monotonic() + self._seconds
        content = bytearray()
        try:
            with self._client.stream(method, address, headers=dict(headers), content=body) as answer:
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > _AT_MOST:
                        raise failed(f"{_where(address)} sent more than {_AT_MOST} bytes")
                    if time.monotonic() > until:
                        raise failed(f"{_where(address)} took longer than {self._seconds} s")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise failed(f"{_where(address)}: {type(error).__name__}") from error
        try:
            read = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise failed(f"{_where(address)} answered {status} with what is no JSON") from error
        if not isinstance(read, dict):
            raise failed(f"{_where(address)} answered {status} with JSON that is no object")
        return status, read


def _host(parts: SplitResult) -> str:
    """Host and, where it is not the scheme's own, port."""
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    return host if parts.port in {None, default} else f"{host}:{parts.port}"


def _where(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}"
