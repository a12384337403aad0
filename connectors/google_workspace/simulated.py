"""Parts of the simulated Google: its error bodies, partial responses, assertions, and a test key."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

Fields = dict[str, "Fields | None"]
"""A parsed `fields` parameter: by name what is wanted of it, None for all."""

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}


@dataclass
class GoogleWorld:
    """What the simulated Google knows, in the shapes of its own API.

    Attributes:
        customer_id: id of the Workspace account (`C0…`).
        users: user resources; one with a `deletionTime` is listed among the deleted only.
        tokens: token resources by the user's primary address; no entry answers 404, an empty one
            an answer without `items`.
        activities: activity resources by application (`token`, `saml`, `admin`, `login`), any order.
    """

    customer_id: str
    users: list[dict[str, Any]]
    tokens: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    activities: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass
class Log:
    """One application's activities under one event name, newest first."""

    size: int
    newest_first: list[dict[str, Any]]
    negated: list[float]
    """Minus the times, so that they ascend and can be bisected."""


class ApiError(Exception):
    """An error answer of Google's APIs."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


def api_error(status: int, reason: str, message: str, *, detail: str | None = None) -> ApiError:
    """An error in Google's envelope: a reason in `errors`, and in `details` where it has them."""
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
        "status": _STATUS.get(status, "UNKNOWN"),
    }
    if detail:
        error["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": detail,
                "domain": "googleapis.com",
            }
        ]
    headers = {"www-authenticate": 'Bearer realm="https://accounts.google.com/"'} if status == 401 else {}
    return ApiError(status, {"error": error}, headers)


def integer(query: Mapping[str, str], name: str, *, default: int, lowest: int, highest: int) -> int:
    """A whole-number parameter within its limits.

    Raises:
        ApiError: 400, as Google answers.
    """
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise api_error(
            400, "invalid", f"Invalid value '{text}' for {name}. Values must be within [{lowest}, {highest}]"
        )
    return int(text)


def parse_fields(text: str) -> Fields:
    """Parse a partial-response mask such as `next,items(id,actor(email),name/full)`.

    Raises:
        ApiError: 400 for a mask that does not parse.
    """
    position = 0

    def names() -> Fields:
        nonlocal position
        found: Fields = {}
        while True:
            begin = position
            while position < len(text) and text[position] not in ",()/":
                position += 1
            name = text[begin:position]
            if not name:
                raise api_error(400, "invalidParameter", f"Invalid field selection {text}")
            found[name] = below()
            if position < len(text) and text[position] == ",":
                position += 1
                continue
            return found

    def below() -> Fields | None:
        nonlocal position
        if position < len(text) and text[position] == "/":
            position += 1
            begin = position
            while position < len(text) and text[position] not in ",()/":
                position += 1
            return {text[begin:position]: below()}
        if position < len(text) and text[position] == "(":
            position += 1
            inner = names()
            if text[position : position + 1] != ")":
                raise api_error(400, "invalidParameter", f"Invalid field selection {text}")
            position += 1
            return inner
        return None

    found = names()
    if position != len(text):
        raise api_error(400, "invalidParameter", f"Invalid field selection {text}")
    return found


def select(value: Any, fields: Fields | None) -> Any:
    """The part of a JSON value that a mask wants."""
    if fields is None:
        return value
    if isinstance(value, list):
        return [select(v, fields) for v in value]
    if not isinstance(value, dict):
        return value
    return {name: select(value[name], inner) for name, inner in fields.items() if name in value}


def claims_of(assertion: str, public_key_pem: str) -> dict[str, Any] | None:
    """The claims of an RS256 assertion whose signature holds, else None."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(public_key_pem.encode())
    parts = assertion.split(".")
    if len(parts) != 3 or not isinstance(key, rsa.RSAPublicKey):
        return None
    try:
        header, claims, signature = (base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in parts)
        if json.loads(header).get("alg") != "RS256":
            return None
        key.verify(signature, ".".join(parts[:2]).encode(), padding.PKCS1v15(), SHA256())
        return json.loads(claims)
    except (ValueError, InvalidSignature):
        return None


class ServiceAccountKey(NamedTuple):
    """A service account for simulations: its address, its JSON key file, and the public key."""

    email: str
    key_file: str
    public_key_pem: str


@cache
def make_service_account() -> ServiceAccountKey:
    """Make a service account with a fresh 2,048-bit key; one a process, because keys are slow to make."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    email = "penumbra@penumbra-discovery.iam.gserviceaccount.com"
    key_file = json.dumps(
        {
            "type": "service_account",
            "project_id": "penumbra-discovery",
            "private_key_id": "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed",
            "private_key": private,
            "client_email": email,
            "client_id": "104857600000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
        },
        indent=2,
    )
    return ServiceAccountKey(email, key_file, public)


def revoke_activity(user: dict[str, Any], token: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What the token log says when an app's access was ended."""
    scopes = [{"parameter": [{"name": "scope_name", "value": scope}]} for scope in token.get("scopes") or ()]
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "uniqueQualifier": str(-int(at.timestamp() * 1_000_000)),
            "applicationName": "token",
        },
        "actor": {"callerType": "USER", "email": user["primaryEmail"], "profileId": user["id"]},
        "events": [
            {
                "type": "auth",
                "name": "revoke",
                "parameters": [
                    {"name": "client_id", "value": token["clientId"]},
                    {"name": "app_name", "value": token.get("displayText")},
                    {"name": "scope_data", "multiMessageValue": scopes},
                ],
            }
        ],
    }
