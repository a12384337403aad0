"""How Okta is spoken to: API tokens, service apps with a private key, DPoP, and Okta's own error codes.

A service app signs a short-lived assertion with its key and gets an access token for it; this is
the only client authentication by which Okta gives out `okta.*` scopes. Where the app asks for DPoP
(RFC 9449; the default for apps made in recent orgs), every request carries a proof signed with a
key that lives as long as the connector and is never stored.
"""

import asyncio
import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.answers import Answer
from connectors.auth import TokenAuth
from connectors.errors import ConnectorError, NeedsAdmin, NotAvailable, VendorChanged
from connectors.http import VendorClient, Verdict

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
TOKEN_PATH = "/oauth2/v1/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 300
"""Seconds; Okta refuses assertions that live longer than an hour."""
DPOP_ERRORS = frozenset({"invalid_dpop_proof", "use_dpop_nonce"})


def b64(data: bytes) -> str:
    """Base64url without padding, as JOSE writes it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of unpadded base64url; ValueError when it is none."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def load_key(text: str) -> tuple[Key, str | None]:
    """Read a private key from PEM or from a JWK, as Okta's console offers both for copying.

    Returns:
        The key, and the JWK's `kid` (a PEM has none).

    Raises:
        ValueError: it is no private key, or neither RSA nor EC on the curve P-256.
    """
    text = text.strip()
    kid: str | None = None
    try:
        if text.startswith("{"):
            jwk = json.loads(text)
            key: Any = _from_jwk(jwk)
            kid = jwk.get("kid")
        else:
            # Copying through a form or an environment variable often turns line ends into "\n".
            key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        # The reason is left out: libraries quote the text that they could not read.
        raise ValueError("this is no private key: paste the whole PEM or the whole JWK") from None
    if isinstance(key, rsa.RSAPrivateKey):
        return key, kid
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key, kid
    raise ValueError("use an RSA key (RS256) or an EC key on the curve P-256 (ES256)")


def _from_jwk(jwk: Mapping[str, str]) -> Key:
    def number(field: str) -> int:
        return int.from_bytes(unb64(jwk[field]), "big")

    if jwk["kty"] == "EC":
        public = ec.EllipticCurvePublicNumbers(number("x"), number("y"), ec.SECP256R1())
        if jwk["crv"] != "P-256":
            raise ValueError(jwk["crv"])
        return ec.EllipticCurvePrivateNumbers(number("d"), public).private_key()
    n, e, d = number("n"), number("e"), number("d")
    p, q = rsa.rsa_recover_prime_factors(n, e, d)
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(e, n),
    )
    return numbers.private_key()


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half of a P-256 key as a JWK."""
    numbers = key.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }


def sign_jwt(key: Key, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """A signed JWT: RS256 for an RSA key, ES256 for a P-256 key; `alg` is set here."""
    alg = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    parts = ({**header, "alg": alg}, claims)
    signed = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    else:
        # JOSE wants the two numbers side by side, not the DER that libraries make.
        r, s = utils.decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{signed}.{b64(signature)}"


class ServiceApp(TokenAuth):
    """Access tokens of an Okta service app, asked for with `private_key_jwt`.

    Args:
        client_id: of the service app.
        key: its private key.
        kid: the key's id at Okta, where there are several.
        scopes: all that is wanted. Scopes that were not granted to the app are left out after Okta
            refused them, so that whatever was granted works; the API then names what is missing.
    """

    def __init__(self, client_id: str, key: Key, kid: str | None, scopes: tuple[str, ...]) -> None:
        super().__init__(self._ask)
        self._client_id = client_id
        self._key = key
        self._kid = kid
        self._scopes = scopes
        self._granted = scopes
        self.dpop: ec.EllipticCurvePrivateKey | None = None
        self.nonce: str | None = None

    async def headers(self, client: VendorClient) -> Mapping[str, str]:
        """The access token as `Bearer`, or as `DPoP` where the app is bound to a key."""
        given = await super().headers(client)
        if self.dpop is None:
            return given
        return {name: value.replace("Bearer ", "DPoP ", 1) for name, value in given.items()}

    def proof(self, method: str, url: str, headers: Mapping[str, str], now: float) -> str:
        """A DPoP proof for one request: used once, because Okta remembers each `jti`."""
        assert self.dpop is not None
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("?")[0].partition("#")[0],
            "iat": int(now),
        }
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme == "DPoP":
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        if self.nonce is not None:
            claims["nonce"] = self.nonce
        return sign_jwt(self.dpop, {"typ": "dpop+jwt", "jwk": public_jwk(self.dpop)}, claims)

    async def _ask(self, client: VendorClient) -> tuple[str, float]:
        if not self._granted:
            self._granted = self._scopes
        answer = await self._request(client, self._granted)
        if answer.status == 400 and _error(answer) == "invalid_scope":
            single = await asyncio.gather(*(self._request(client, (s,)) for s in self._scopes))
            # Kept until another token is due: a scope granted meanwhile is found by the next check.
            self._granted = tuple(
                s for s, a in zip(self._scopes, single, strict=True) if _error(a) != "invalid_scope"
            )
            if not self._granted:
                raise NeedsAdmin(
                    "none of the scopes that are read is granted to the service app: in its tab Okta API "
                    f"Scopes grant {', '.join(self._scopes)}",
                    permission=" ".join(self._scopes),
                )
            answer = await self._request(client, self._granted)
        if answer.status != 200:
            raise self._refused(answer)
        token = answer.json()
        if not isinstance(token, dict) or not token.get("access_token"):
            raise VendorChanged("the token endpoint answered without an access token")
        return str(token["access_token"]), float(token.get("expires_in") or 3600)

    async def _request(self, client: VendorClient, scopes: tuple[str, ...]) -> Answer:
        while True:
            # An assertion can be used once, so that every attempt signs its own.
            form, key, nonce = self._form(client, scopes), self.dpop, self.nonce
            answer = await client.post(
                TOKEN_PATH, form=form, authenticate=False, bucket="tokens", allow=frozenset({400, 401})
            )
            error = _error(answer)
            if error in DPOP_ERRORS and key is None:
                self.dpop = self.dpop or ec.generate_private_key(ec.SECP256R1())
            elif error != "use_dpop_nonce" or self.nonce == nonce:
                return answer

    def _form(self, client: VendorClient, scopes: tuple[str, ...]) -> dict[str, str]:
        now = int(client.context.now().timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": client.base_url + TOKEN_PATH,
            "iat": now,
            "exp": now + ASSERTION_LIFE,
            "jti": secrets.token_urlsafe(16),
        }
        header = {"typ": "JWT", **({"kid": self._kid} if self._kid else {})}
        return {
            "grant_type": "client_credentials",
            "scope": " ".join(scopes),
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": sign_jwt(self._key, header, claims),
        }

    def _refused(self, answer: Answer) -> ConnectorError:
        error = _error(answer)
        if error in DPOP_ERRORS:
            return NeedsAdmin(
                "Okta does not accept the proof of possession (DPoP) of this service app: check this "
                "machine's clock, or switch off 'Require Demonstrating Proof of Possession (DPoP) header in "
                "token requests' in the app's General tab"
            )
        if error in {"invalid_client", "unauthorized_client", "invalid_grant", "invalid_request"}:
            return NeedsAdmin(
                f"Okta refuses the service app ({error}): check client_id, that its client authentication is "
                "'Public key / Private key', that this key is registered and active there, that base_url is "
                "the org's own address, and this machine's clock"
            )
        return VendorChanged(f"the token endpoint answered {answer.status} ({error or 'no error code'})")


def _error(answer: Answer) -> str | None:
    if answer.status == 200:
        return None
    try:
        body = answer.json()
    except VendorChanged:
        return None
    return body.get("error") if isinstance(body, dict) else None


class OktaClient(VendorClient):
    """The common client, with Okta's proofs and with Okta's two kinds of 429 told apart."""

    app: ServiceApp | None = None

    async def _send(
        self,
        method: str,
        target: str,
        params: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        content: bytes | None,
        headers: dict[str, str],
    ) -> Answer:
        answer = await self._proven(method, target, params, form, content, headers)
        nonce = answer.headers.get("dpop-nonce")
        if self.app is not None and self.app.dpop is not None and nonce and nonce != self.app.nonce:
            self.app.nonce = nonce
            # A token request is not sent again as it is: its assertion is spent.
            if form is None and answer.status in {400, 401} and _wants_nonce(answer):
                answer = await self._proven(method, target, params, form, content, headers)
        return answer

    async def _proven(
        self,
        method: str,
        target: str,
        params: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        content: bytes | None,
        headers: dict[str, str],
    ) -> Answer:
        if self.app is not None and self.app.dpop is not None:
            now = self.context.now().timestamp()
            headers = {**headers, "DPoP": self.app.proof(method, target, headers, now)}
        return await super()._send(method, target, params, form, content, headers)


def _wants_nonce(answer: Answer) -> bool:
    return "use_dpop_nonce" in {_error(answer), *answer.headers.get("www-authenticate", "").split('"')}


def _is_concurrency_limit(answer: Answer) -> bool:
    limit, left = answer.headers.get("x-rate-limit-limit"), answer.headers.get("x-rate-limit-remaining")
    return limit == "0" and left == "0" and "x-rate-limit-reset" in answer.headers


def classify(answer: Answer) -> Verdict | ConnectorError | None:
    """Okta's own reading of an answer.

    403 has three meanings: the token lacks a scope, the administrator behind it lacks a role, or
    (`E0000015`, also with 401) the org has not got the feature. 429 has two: the rate limit, and too
    many requests at once.
    """
    if answer.status == 429 and _is_concurrency_limit(answer):
        # Too many at once is over as soon as one ends: the reset time is only a suggestion.
        return Verdict.BUSY
    if answer.status not in {401, 403}:
        return None
    try:
        body = answer.json()
    except VendorChanged:
        return None
    code = body.get("errorCode") if isinstance(body, dict) else None
    if code == "E0000015":
        return NotAvailable("this Okta org does not have the feature that this needs (E0000015)")
    if answer.status == 401:
        return None
    if 'error="insufficient_scope"' in answer.headers.get("www-authenticate", ""):
        return NeedsAdmin("Okta misses a scope: grant it in the service app's tab Okta API Scopes")
    return NeedsAdmin(
        "Okta refuses the read: give the service app, or the administrator who made the API token, the "
        "Read-only Administrator role; a service app also needs the scope"
    )
