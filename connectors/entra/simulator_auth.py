"""The simulated sign-in service: discovery and tokens by client credentials."""

import base64
import hmac
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from starlette.requests import Request
from starlette.responses import Response

SCOPE = "https://graph.microsoft.com/.default"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Certificate:
    """A certificate registered for the client: public key in PEM, SHA-1 thumbprint in hexadecimal."""

    public_key: str
    thumbprint: str


class _Denied(Exception):
    def __init__(self, status: int, error: str, code: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.code = status, error, code


class TokenService:
    """Mints opaque tokens and remembers which are good.

    Args:
        tenant_id: the only tenant there is.
        client_id: the only client.
        client_secret: what it may show.
        certificate: what it may sign with instead.
    """

    def __init__(
        self, tenant_id: str, client_id: str, client_secret: str, certificate: Certificate | None
    ) -> None:
        self._tenant_id = tenant_id
        self._client_id = client_id
        self._secret = client_secret
        self._certificate = certificate
        self._minted = 0
        self._good: set[str] = set()

    def accepts(self, authorization: str) -> bool:
        """True for the header value of a token that is good now."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and token in self._good

    def expire(self) -> None:
        """No token minted so far is good any more."""
        self._good.clear()

    async def discovery(self, request: Request) -> Response:
        """The tenant's OpenID configuration, of which only https addresses may be told."""
        if request.path_params["tenant"] != self._tenant_id:
            return _answer(400, _error("invalid_tenant", 90002, "Tenant not found."))
        base = f"https://{request.headers.get('host', '')}/{self._tenant_id}"
        return _answer(
            200,
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            },
        )

    async def token(self, request: Request) -> Response:
        """A token for a good credential."""
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode("utf-8")).items()}
        audience = f"https://{request.headers.get('host', '')}{request.url.path}"
        try:
            if request.path_params["tenant"] != self._tenant_id:
                raise _Denied(400, "invalid_request", 90002, "Tenant not found.")
            self._verify(form, audience)
        except _Denied as denied:
            return _answer(denied.status, _error(denied.error, denied.code, str(denied)))
        self._minted += 1
        token = f"simulated.graph.token.{self._minted}"
        self._good.add(token)
        return _answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _verify(self, form: dict[str, str], audience: str) -> None:
        if form.get("grant_type") != "client_credentials":
            raise _Denied(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        if form.get("client_id") != self._client_id:
            raise _Denied(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        if form.get("scope") != SCOPE:
            raise _Denied(400, "invalid_scope", 1002012, "The scope is not valid for client credentials.")
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION or not self._signed(form, audience):
                raise _Denied(401, "invalid_client", 700027, "The certificate is not registered.")
        elif not hmac.compare_digest(form.get("client_secret", "").encode(), self._secret.encode()):
            raise _Denied(401, "invalid_client", 7000215, "Invalid client secret provided.")

    def _signed(self, form: dict[str, str], audience: str) -> bool:
        if self._certificate is None:
            return False
        key = load_pem_public_key(self._certificate.public_key.encode())
        assert isinstance(key, RSAPublicKey)
        try:
            head, body, signature = form["client_assertion"].split(".")
            header, claims = orjson.loads(_decoded(head)), orjson.loads(_decoded(body))
            key.verify(_decoded(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
        except (ValueError, InvalidSignature):
            return False
        return (
            _decoded(header.get("x5t", "")) == bytes.fromhex(self._certificate.thumbprint)
            and claims.get("aud") == audience
            and claims.get("iss") == claims.get("sub") == self._client_id
            and claims.get("exp", 0) > time.time()
        )


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _error(error: str, code: int, text: str) -> dict[str, Any]:
    return {"error": error, "error_description": f"AADSTS{code}: {text}", "error_codes": [code]}
