"""Login by OpenID Connect: the code flow with PKCE, state and nonce, and who the provider says somebody is.

Nothing is kept here between the two halves of a login: what the second half compares with travels in a
sealed cookie that lives for ten minutes.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import structlog
from anyio import CapacityLimiter
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from app.clock import Clock, utc_now
from app.errors import PenumbraError
from app.language import _
from app.security.openid_wire import Wire, failed
from app.settings import Settings

log = structlog.get_logger(__name__)

BACK = "/login/openid/back"
"""Where the provider sends people back to."""
ALIVE = timedelta(minutes=10)
"""So long somebody may take at the provider."""
_ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""What an ID token may be signed with: keys of which the provider alone has the secret half."""
_VERIFIED = ("email_verified", "xms_edov")
"""What says that an address is somebody's own: as the standard has it, and as Entra ID does."""
_SKEW = 120
"""Seconds by which the provider's clock may differ from ours."""
_FRESH = 3600.0
"""So long the provider's description and keys are believed."""
_FAILING = 5.0
"""So long a provider that failed is not asked again."""


class LoginRefused(PenumbraError):
    """Somebody is not let in; the message says why and whom to ask."""

    status = 403
    code = "login_refused"
    title: ClassVar[str] = "You cannot be let in"


@dataclass(frozen=True)
class Pending:
    """A login that has begun: what its second half must fit."""

    state: str
    nonce: str
    verifier: str
    target: str
    at: datetime


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as the provider says.

    Attributes:
        issuer: the provider.
        subject: their account there: never changes and is never given to somebody else.
        email: their address, if it was said.
        verified: whether the provider vouches for the address.
        name: what they are called.
        groups: the groups that they are in.
        id_token: the signed proof, which some providers want back at log-out.
    """

    issuer: str
    subject: str
    email: str | None
    verified: bool
    name: str | None
    groups: frozenset[str]
    id_token: str = ""


class OpenId:
    """One provider. Its methods call the network: run them in a thread."""

    def __init__(
        self,
        settings: Settings,
        wire: Wire,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = settings.oidc_issuer
        self.limiter: CapacityLimiter | None = None
        self._home = settings.public_url
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._scopes = settings.oidc_scopes
        self._groups_claim = settings.oidc_groups_claim
        self._by_groups = bool(settings.oidc_roles)
        self._wire = wire
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._failed_at: float | None = None

    # --- the two halves of a login -------------------------------------------------------------

    def begin(self, target: str) -> tuple[str, Pending]:
        """Where to send somebody who wants to log in, and what to remember of it.

        Raises:
            LoginServiceFailed: the provider cannot be used.
        """
        endpoint = self._wire.allowed(self._about("authorization_endpoint"), "authorization_endpoint")
        pending = Pending(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            target=target,
            at=self._clock(),
        )
        client = OAuth2Client(
            None,
            client_id=self._client_id,
            scope=self._scopes,
            redirect_uri=self._home + BACK,
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            endpoint, state=pending.state, code_verifier=pending.verifier, nonce=pending.nonce
        )
        return address, pending

    def finish(self, pending: Pending, answer: Mapping[str, str]) -> Identity:
        """Who came back from the provider.

        Args:
            pending: what was remembered when the login began.
            answer: what the provider sent along in the address.

        Raises:
            LoginRefused: it does not fit what was begun, took too long, was used before, or the provider
                refused.
            LoginServiceFailed: the provider cannot be used, or what it sent is not to be believed.
        """
        self._check_answer(pending, answer)
        token = self._redeem(answer["code"], pending.verifier)
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise failed("the token answer holds no id_token")
        claims = self._believe(id_token, token.get("access_token"), pending.nonce)
        return self._identity(claims, token.get("access_token"), id_token)

    def _check_answer(self, pending: Pending, answer: Mapping[str, str]) -> None:
        again = _("Begin the login again from Penumbra's own page.")
        if not hmac.compare_digest(pending.state.encode(), answer.get("state", "").encode()):
            raise LoginRefused(_("This login was not begun in this browser. %(again)s", again=again))
        if self._clock() - pending.at > ALIVE:
            raise LoginRefused(_("This login took too long. %(again)s", again=again))
        said = answer.get("iss")
        if said != self.issuer and (
            said is not None or self._description().get("authorization_response_iss_parameter_supported")
        ):
            raise LoginRefused(_("This answer comes from another login service. %(again)s", again=again))
        if "error" in answer:
            log.info("openid provider refused a login", error=answer["error"][:100])
            raise LoginRefused(_("Your company's login service did not let you in, or you cancelled."))
        if not answer.get("code"):
            raise LoginRefused(_("The login service sent no code. %(again)s", again=again))

    def _redeem(self, code: str, verifier: str) -> dict[str, Any]:
        endpoint = self._wire.allowed(self._about("token_endpoint"), "token_endpoint")
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self._home + BACK, code_verifier=verifier
        )
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        _uri, headers, body = self._client_auth().prepare("POST", endpoint, headers, body)
        status, token = self._wire.post(endpoint, headers, body)
        if status == 200:
            return token
        error = str(token.get("error"))[:100]
        if error == "invalid_grant":
            raise LoginRefused(
                _("This login was used already, or took too long. Begin it again from Penumbra's own page.")
            )
        raise failed(f"the token endpoint answered {status} with the error {error!r}")

    def _client_auth(self) -> ClientAuth:
        if self._secret is None:
            return ClientAuth(self._client_id, None, "none")
        secret = self._secret.get_secret_value()
        offered = self._description().get("token_endpoint_auth_methods_supported") or []
        if "client_secret_basic" not in offered and "client_secret_post" in offered:
            return ClientAuth(self._client_id, secret, "client_secret_post")
        # RFC 6749 has both written as in a form before they are joined.
        return ClientAuth(quote(self._client_id, safe=""), quote(secret, safe=""), "client_secret_basic")

    # --- what the provider signed --------------------------------------------------------------

    def _believe(self, id_token: str, access_token: Any, nonce: str) -> dict[str, Any]:
        """The claims of an ID token, once signature, issuer, audience, times and nonce hold."""
        try:
            try:
                token = self._decode(id_token, self._keys())
            except (JoseError, ValueError):  # signed with a key that is newer than what we know
                token = self._decode(id_token, self._keys(anew=True))
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "sub": {"essential": True},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": access_token},
            )
            claims.validate(now=int(self._clock().timestamp()), leeway=_SKEW)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise failed(f"the ID token is not to be believed: {type(error).__name__}: {error}") from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise failed("the ID token names nobody")
        return dict(claims)

    def _decode(self, id_token: str, keys: KeySet) -> jwt.Token:
        offered = self._description().get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = [a for a in _ALGORITHMS if a in offered]
        return jwt.decode(
            id_token, keys, registry=JWSRegistry(algorithms=algorithms, strict_check_header=False)
        )

    def _identity(self, claims: dict[str, Any], access_token: Any, id_token: str) -> Identity:
        claims = self._with_more(claims, access_token)
        groups = _claim(claims, self._groups_claim)
        elsewhere = claims.get("_claim_names")
        if groups is None and isinstance(elsewhere, dict) and self._groups_claim in elsewhere:
            raise LoginRefused(
                _(
                    "You are in more groups than your company's login service tells at once. Whoever "
                    "runs it can have it tell Penumbra only the groups that are assigned to Penumbra."
                )
            )
        email, name = claims.get("email"), claims.get("name")
        return Identity(
            issuer=self.issuer,
            subject=claims["sub"],
            email=email.strip().lower() if isinstance(email, str) and _is_address(email) else None,
            verified=any(claims.get(c) in (True, 1, "1", "true") for c in _VERIFIED),
            name=name.strip()[:200] or None if isinstance(name, str) and "\x00" not in name else None,
            groups=frozenset(g for g in groups if isinstance(g, str))
            if isinstance(groups, list)
            else frozenset(),
            id_token=id_token,
        )

    def _with_more(self, claims: dict[str, Any], access_token: Any) -> dict[str, Any]:
        """The claims, with what the provider tells at its userinfo endpoint where they miss something."""
        wanted = ("email", self._groups_claim) if self._by_groups else ("email",)
        endpoint = self._description().get("userinfo_endpoint")
        if all(_claim(claims, name) is not None for name in wanted) or endpoint is None:
            return claims
        if not self._wire.leads_to(endpoint) or not isinstance(access_token, str):
            log.warning("openid userinfo endpoint is not asked: its host is not configured", at=endpoint)
            return claims
        more = self._wire.get(endpoint, bearer=access_token)
        if more.get("sub") != claims["sub"]:
            raise failed("the userinfo endpoint speaks of somebody else")
        if "email" not in claims:  # what vouches for an address stands beside it
            claims = {k: v for k, v in claims.items() if k not in _VERIFIED}
        elif more.get("email") != claims["email"]:
            more = {k: v for k, v in more.items() if k not in _VERIFIED}
        return {**more, **claims}

    # --- log-out -------------------------------------------------------------------------------

    def leave(self, id_token: str | None) -> str | None:
        """Where to log out at the provider too; None if it offers no such thing, or cannot be reached."""
        try:
            endpoint = self._description().get("end_session_endpoint")
            if endpoint is None:
                return None
            self._wire.allowed(endpoint, "end_session_endpoint")
        except PenumbraError:
            return None
        values = {"client_id": self._client_id, "post_logout_redirect_uri": f"{self._home}/login"}
        if id_token:
            values["id_token_hint"] = id_token
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(values)}"

    # --- what the provider says of itself --------------------------------------------------------

    def _description(self) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            found = self._wire.get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise failed(f"its description is of the issuer {str(found.get('issuer'))[:200]!r}")
            return found

        return self._keep("description", ask)

    def _about(self, name: str) -> Any:
        found = self._description().get(name)
        if found is None:
            raise failed(f"its description has no {name}")
        return found

    def _keys(self, *, anew: bool = False) -> KeySet:
        address = self._wire.allowed(self._about("jwks_uri"), "jwks_uri")
        found = self._keep("keys", lambda: self._wire.get(address), anew=anew).get("keys")
        keys = [
            key
            for key in (found if isinstance(found, list) else [])
            if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use") != "enc"
        ]
        return KeySet.import_key_set({"keys": keys})

    def _keep(self, what: str, ask: Callable[[], dict[str, Any]], *, anew: bool = False) -> dict[str, Any]:
        """What was asked within the hour, else asked now, by one thread at a time."""
        with self._lock:
            now = self._monotonic()
            kept = self._kept.get(what)
            if kept and not anew and now - kept[0] < _FRESH:
                return kept[1]
            if self._failed_at is not None and now - self._failed_at < _FAILING:
                raise failed("it failed a moment ago and is not asked again yet")
            self._failed_at = now  # until it has answered
            answer = ask()
            self._failed_at = None
            self._kept[what] = (now, answer)
            return answer


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path with dots (`realm_access.roles`)."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _is_address(text: str) -> bool:
    local, at, host = text.strip().partition("@")
    plain = text.isprintable() and " " not in text.strip() and "@" not in host
    return bool(local and at and host) and plain and len(text) <= 254
