"""The simulated org's token endpoint: service apps with a key, scopes, and DPoP, checked for real."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from connectors.okta.auth import ASSERTION_TYPE, b64, unb64

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
NONCE = "simulated-nonce"


class Refused(Exception):
    """What the endpoint answers instead of a token (an OAuth error)."""

    def __init__(self, status: int, error: str, description: str, headers: dict[str, str] | None = None):
        super().__init__(error)
        self.status = status
        self.headers = headers or {}
        self.body = {"error": error, "error_description": description}


@dataclass
class Issued:
    """An access token given out: what it may do, until when, and which key it is bound to."""

    scopes: frozenset[str]
    until: float
    thumbprint: str | None = None


class TokenServer:
    """Gives tokens to registered service apps, and knows those it gave.

    Args:
        clients: public keys by client id.
        granted: says whether a scope is granted to the apps at this moment.
        dpop: whether the apps must prove possession of a key.
        now: epoch seconds.
    """

    life = 3600

    def __init__(
        self,
        clients: Mapping[str, PublicKey],
        granted: Callable[[str], bool],
        *,
        dpop: bool,
        now: Callable[[], float],
    ) -> None:
        self._clients = clients
        self._granted = granted
        self._dpop = dpop
        self._now = now
        self._used: set[str] = set()
        self.issued: dict[str, Issued] = {}

    def token(self, body: bytes, url: str, proof: str | None) -> dict[str, Any]:
        """Answer a token request.

        Args:
            body: the form.
            url: of this endpoint, which assertions are addressed to.
            proof: the DPoP header.

        Raises:
            Refused: with Okta's OAuth error.
        """
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            raise Refused(400, "unsupported_grant_type", "The grant type is not supported.")
        self._authenticate(form, url)
        thumbprint = None
        if self._dpop:
            if proof is None:
                raise Refused(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.")
            thumbprint, nonce = self.prove(proof, "POST", url, None)
            if nonce != NONCE:
                description = "Authorization server requires nonce in DPoP proof."
                raise Refused(400, "use_dpop_nonce", description, {"dpop-nonce": NONCE})
        scopes = form.get("scope", "").split()
        if not scopes or not all(map(self._granted, scopes)):
            raise Refused(400, "invalid_scope", "One or more scopes are not configured for this client.")
        token = secrets.token_urlsafe(24)
        self.issued[token] = Issued(frozenset(scopes), self._now() + self.life, thumbprint)
        kind = "DPoP" if thumbprint else "Bearer"
        return {"token_type": kind, "expires_in": self.life, "access_token": token, "scope": " ".join(scopes)}

    def prove(self, proof: str, method: str, url: str, token: str | None) -> tuple[str, str | None]:
        """Check a DPoP proof for one request.

        Returns:
            The thumbprint of the key that signed it, and its nonce.

        Raises:
            Refused: it is not valid for this request, or was used before.
        """
        bad = Refused(400, "invalid_dpop_proof", "The DPoP proof JWT is not valid.")
        try:
            header = json.loads(unb64(proof.partition(".")[0]))
            jwk = header["jwk"]
            point = [int.from_bytes(unb64(jwk[axis]), "big") for axis in ("x", "y")]
            key = ec.EllipticCurvePublicNumbers(point[0], point[1], ec.SECP256R1()).public_key()
            claims = _verified(proof, key)
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise bad from None
        wanted = {"htm": method, "htu": url}
        if token is not None:
            wanted["ath"] = b64(hashlib.sha256(token.encode()).digest())
        fresh = abs(claims.get("iat", 0) - self._now()) < 300 and self._once(claims.get("jti"))
        if header.get("typ") != "dpop+jwt" or "d" in jwk or not fresh:
            raise bad
        if any(claims.get(name) != value for name, value in wanted.items()):
            raise bad
        canonical = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        return b64(hashlib.sha256(canonical.encode()).digest()), claims.get("nonce")

    def _authenticate(self, form: Mapping[str, str], url: str) -> None:
        bad = Refused(401, "invalid_client", "The client assertion is not valid.")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise bad
        assertion = form.get("client_assertion", "")
        try:
            claims = json.loads(unb64(assertion.split(".")[1]))
            client = claims["sub"]
            claims = _verified(assertion, self._clients[client])
        except (ValueError, KeyError, IndexError, TypeError, InvalidSignature):
            raise bad from None
        left = claims.get("exp", 0) - self._now()
        valid = claims.get("iss") == client and claims.get("aud") == url and 0 < left <= 3600
        if not valid or not self._once(claims.get("jti")):
            raise bad

    def _once(self, jti: str | None) -> bool:
        if not jti or jti in self._used:
            return False
        self._used.add(jti)
        return True


def _verified(jwt: str, key: PublicKey) -> dict[str, Any]:
    """The claims of a JWT signed by `key`.

    Raises:
        InvalidSignature, ValueError: it is not, or it is no JWT.
    """
    head, body, signature = jwt.split(".")
    signed, raw = f"{head}.{body}".encode(), unb64(signature)
    alg = json.loads(unb64(head))["alg"]
    if isinstance(key, rsa.RSAPublicKey) and alg == "RS256":
        key.verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey) and alg == "ES256" and len(raw) == 64:
        der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key.verify(der, signed, ec.ECDSA(hashes.SHA256()))
    else:
        raise InvalidSignature
    return json.loads(unb64(body))
