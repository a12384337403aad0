"""Tokens for Microsoft Graph, minted by msal over the shared HTTP client.

msal owns the protocol (the tenant's discovery document, client secrets, signed assertions). It is
synchronous and insists on https, so it runs in a thread and speaks through `HttpFace`, which hands
every request to the one `VendorClient`: its time-outs, retries, pinned hosts and redacted logs hold
for tokens too.
"""

import asyncio
import re
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from connectors.answers import Answer
from connectors.base import is_loopback
from connectors.errors import NeedsAdmin, VendorChanged
from connectors.http import VendorClient

PUBLIC_GRAPH = "https://graph.microsoft.com"
_REFUSALS = frozenset({400, 401, 403})
_AADSTS = re.compile(r"AADSTS(\d+)")
_WHAT_TO_DO = {
    "7000215": "the client secret is wrong: paste the secret's value, not its ID",
    "7000222": "the client secret has expired: add a new one to the app registration",
    "700016": "the tenant does not know this client ID: check client_id and tenant_id",
    "700027": "the certificate is not registered for this client ID, or the key does not belong to it",
    "90002": "there is no such tenant: check tenant_id",
    "900023": "tenant_id is neither a tenant's GUID nor one of its domains",
    "53003": "a Conditional Access policy blocks this application: exclude it from the policy",
    "7000112": "the app registration is disabled: enable it",
}


class Credential(Protocol):
    """What `fetch_token` needs of the connector's config (secrets already unwrapped by `material`)."""

    base_url: str
    token_url: str
    tenant_id: str
    client_id: str

    def material(self) -> str | dict[str, str]:
        """The client secret, or msal's mapping of private key and thumbprint."""
        ...


class _FaceAnswer:
    """The three things msal reads of an answer."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.text = answer.content.decode("utf-8", "replace")
        self.headers = dict(answer.headers)


class HttpFace:
    """msal's idea of an HTTP client, over `VendorClient`; called in a thread, works on the loop.

    msal accepts https authorities only. `token_url` may be plain http on loopback, so msal is told
    the https spelling of the same address, and the face turns it back; any other address is left
    alone and refused by the client's pinned hosts.
    """

    def __init__(self, client: VendorClient, token_url: str, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop
        self._token_url = token_url
        self.authority_base = f"https://{urlsplit(token_url).netloc}"

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> _FaceAnswer:
        """GET for msal (the tenant's discovery document)."""
        return self._run(
            self._client.request(
                "GET",
                self._mapped(url),
                params=params,
                headers=_clean(headers),
                bucket="tokens",
                allow=_REFUSALS,
                authenticate=False,
            )
        )

    def post(
        self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: Any
    ) -> _FaceAnswer:
        """POST for msal (the token request); `data` is a mapping of form fields."""
        return self._run(
            self._client.request(
                "POST",
                self._mapped(url),
                params=params,
                form={key: _text(value) for key, value in dict(data or {}).items()},
                headers=_clean(headers),
                bucket="tokens",
                allow=_REFUSALS,
                authenticate=False,
            )
        )

    def close(self) -> None:
        """Nothing to close: the client belongs to the connector."""

    def _mapped(self, url: str) -> str:
        if url.startswith(self.authority_base + "/"):
            return self._token_url + url[len(self.authority_base) :]
        return url

    def _run(self, work: Coroutine[Any, Any, Answer]) -> _FaceAnswer:
        return _FaceAnswer(asyncio.run_coroutine_threadsafe(work, self._loop).result())


def _clean(headers: Mapping[str, Any] | None) -> dict[str, str]:
    return {key: str(value) for key, value in (headers or {}).items() if value is not None}


def _text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


def scope_of(base_url: str) -> str:
    """The scope that means "all application permissions granted to this app" at this Graph.

    National clouds have Graph hosts of their own, which are their own audiences; a simulator on
    loopback stands for the public cloud.
    """
    host = urlsplit(base_url).hostname or ""
    return f"{PUBLIC_GRAPH if is_loopback(host) else base_url}/.default"


async def fetch_token(credential: Credential, client: VendorClient) -> tuple[str, float]:
    """Ask the tenant for an access token by client credentials.

    Returns:
        The token and its life in seconds.

    Raises:
        NeedsAdmin: the tenant, the client or its secret or certificate is refused.
        RetryLater, VendorChanged: as every request.
    """
    face = HttpFace(client, credential.token_url, asyncio.get_running_loop())
    result = await asyncio.to_thread(_acquire, credential, face)
    token, life = result.get("access_token"), result.get("expires_in")
    if isinstance(token, str) and token:
        return token, float(life or 3600)
    raise NeedsAdmin(_refusal(str(result.get("error_description") or result.get("error") or "")))


def _acquire(credential: Credential, face: HttpFace) -> dict[str, Any]:
    import msal

    authority = f"{face.authority_base}/{credential.tenant_id}"
    try:
        # A fresh application for every token: msal's own cache would hand out the token that
        # Graph has just refused.
        application = msal.ConfidentialClientApplication(
            credential.client_id,
            client_credential=credential.material(),
            authority=authority,
            http_client=face,
            instance_discovery=False,
        )
        result = application.acquire_token_for_client(scopes=[scope_of(credential.base_url)])
    except ValueError as error:
        # The tenant's refusal to be discovered.
        raise NeedsAdmin(_refusal(str(error))) from None
    except KeyError as error:
        raise VendorChanged(f"the tenant's discovery document lacks {error}") from None
    return result or {}


def _refusal(text: str) -> str:
    """A sentence for people out of Microsoft's error text, of which only the code is shown."""
    code = _AADSTS.search(text)
    if code is None:
        if "OIDC" in text or "authority" in text:
            return "The sign-in service does not know this tenant: check tenant_id and token_url"
        return "The sign-in service refuses the credential: renew it"
    advice = _WHAT_TO_DO.get(code[1], "see the code at https://login.microsoftonline.com/error")
    return f"The sign-in service refuses the credential (AADSTS{code[1]}): {advice}"
