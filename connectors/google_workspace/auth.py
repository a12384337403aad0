"""How a service account gets access tokens: domain-wide delegation, one token for each scope.

Google refuses a token request as a whole when a single scope of it is not delegated, without saying
which. Asking for every scope on its own lets the connector name the missing one, and lets a token
do no more than the request at hand needs.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from connectors.answers import Answer
from connectors.errors import ConnectorError, NeedsAdmin, VendorChanged
from connectors.http import VendorClient

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = 3600
"""Seconds an assertion lives; Google refuses longer ones."""
_REFUSED = frozenset({400, 401, 403})


@dataclass(frozen=True)
class ServiceAccount:
    """What is used of a service account's JSON key file; `repr` never shows the key."""

    email: str
    client_id: str
    key_id: str
    private_key: str = field(repr=False)


class _KeyFile(msgspec.Struct):
    type: str
    client_email: str
    private_key: str
    client_id: str = ""
    private_key_id: str = ""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 3600.0


class _Refusal(msgspec.Struct):
    error: str = ""
    error_description: str = ""


def parse_service_account(text: str) -> ServiceAccount:
    """Read the text of a service account's JSON key file.

    The file's own `token_uri` is not read: whoever edits a key file must not be able to choose
    where signed assertions are sent.

    Raises:
        ValueError: with what is wrong, never with the text itself.
    """
    try:
        found = msgspec.json.decode(text, type=_KeyFile)
    except msgspec.ValidationError as error:
        raise ValueError(f"this is not a service account key file: {error}") from None
    except (msgspec.DecodeError, UnicodeError):
        raise ValueError("paste the whole JSON key file, from the first { to the last }") from None
    if found.type != "service_account":
        raise ValueError("the key file must be of type service_account, not of a user or web client")
    if "-----BEGIN" not in found.private_key:
        raise ValueError("the field private_key of the key file is not a PEM key")
    return ServiceAccount(found.client_email, found.client_id, found.private_key_id, found.private_key)


def assertion(account: ServiceAccount, *, subject: str, scope: str, audience: str, now: datetime) -> bytes:
    """A signed JWT by which `account` asks for a token with `scope` in the name of `subject`.

    Raises:
        NeedsAdmin: the private key cannot be read.
    """
    from google.auth import crypt, jwt

    try:
        signer = crypt.RSASigner.from_string(account.private_key, account.key_id or None)
    except ValueError:
        raise NeedsAdmin("the private key of the service account cannot be read: make a new key") from None
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": account.email,
        "sub": subject,
        "scope": scope,
        "aud": audience,
        "iat": issued,
        "exp": issued + LIFE,
    }
    return jwt.encode(signer, claims)


async def fetch_token(
    client: VendorClient, account: ServiceAccount, *, subject: str, scope: str, token_url: str
) -> tuple[str, float]:
    """Exchange an assertion for an access token.

    Returns:
        The token and the seconds it lives.

    Raises:
        NeedsAdmin: the scope is not delegated (`permission` is the scope), or the account or the
            administrator is refused (`permission` is None).
        RetryLater, VendorChanged: as in any request.
    """
    signed = await asyncio.to_thread(
        assertion, account, subject=subject, scope=scope, audience=token_url, now=client.context.now()
    )
    answer = await client.post(
        token_url,
        form={"grant_type": GRANT_TYPE, "assertion": signed.decode("ascii")},
        authenticate=False,
        allow=_REFUSED,
    )
    if answer.status in _REFUSED:
        raise _refusal(answer, account, subject, scope, client.context.now())
    token = answer.decode(_Token)
    return token.access_token, token.expires_in


def _refusal(
    answer: Answer, account: ServiceAccount, subject: str, scope: str, now: datetime
) -> ConnectorError:
    try:
        refusal = answer.decode(_Refusal)
    except VendorChanged:
        refusal = _Refusal()
    if refusal.error in {"unauthorized_client", "access_denied", "invalid_scope"}:
        return NeedsAdmin(
            f"the scope {scope} is not delegated to the service account: in the Admin console under "
            f"Security, API controls, Domain-wide delegation add it to the client {account.client_id}",
            permission=scope,
        )
    told = refusal.error_description.lower()
    if refusal.error == "invalid_grant" and "email" in told:
        return NeedsAdmin(f"Google knows no active user {subject}: correct admin_email")
    if refusal.error == "invalid_grant" and ("iat" in told or "timeframe" in told):
        return NeedsAdmin(
            "Google finds the time of our request wrong: set this machine's clock "
            f"(it says {now:%Y-%m-%d %H:%M} UTC)"
        )
    host = urlsplit(answer.url).hostname
    return NeedsAdmin(f"{host} refuses the service account {account.email}: make a new key for it")
