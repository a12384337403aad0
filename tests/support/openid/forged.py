"""A provider in this process that signs what a test tells it to sign, and answers what no provider should."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

ISSUER = "https://id.acme.example"
CLIENT = "penumbra"
Answer = httpx.Response | Callable[[httpx.Request], httpx.Response]


@cache
def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


class Forger:
    """Give `transport` to the wire. What is in `answers` is answered at these paths, whatever it is."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.key = "first"
        self.signed_by = "first"
        self.asked: list[str] = []
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.nonce = ""
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        self.answers: dict[str, Answer] = {}
        self.transport = httpx.MockTransport(self._answer)

    def token(self) -> str:
        """The ID token that is given out."""
        now = int(self.now())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": "mara-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "mara@acme.example",
            "email_verified": True,
            "groups": ["IT"],
            **self.claims,
        }
        return jwt.encode(
            {"alg": "RS256", "kid": self.signed_by, **self.header},
            {k: v for k, v in claims.items() if v is not None},
            _key(self.signed_by),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        path = request.url.path
        given = self.answers.get(path)
        if given is not None:
            return given(request) if callable(given) else given
        if path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self.metadata)
        if path == "/keys":
            return httpx.Response(200, json={"keys": [_key(self.key).as_dict(private=False)]})
        if path == "/token":
            return httpx.Response(200, json={"id_token": self.token(), "access_token": "opaque"})
        return httpx.Response(200, content=json.dumps({"sub": "mara-1"}))
