"""Ramp's tokens: client credentials, and the scopes that the answer really grants.

Two habits of Ramp's token endpoint would otherwise pass for success. Asked without a scope it answers
200 with a token that every endpoint refuses, and a scope that the app lacks is left out of the grant
without a word. So scopes are always asked for by name, and the grant is compared with what was asked.
"""

import base64
from collections.abc import Sequence
from urllib.parse import quote_plus

import msgspec

from connectors.errors import NeedsAdmin, VendorChanged
from connectors.http import VendorClient

TOKEN_LIFE = 864_000.0
"""Seconds a token lives where the answer does not say: ten days, and there is no refresh token."""


class Token(msgspec.Struct):
    """What `POST /token` answers."""

    access_token: str | None = None
    expires_in: float | None = None
    scope: str | None = None


class RampTokens:
    """Fetches tokens and remembers which scopes the last one holds.

    Args:
        url: the token endpoint.
        client_id: the app's id.
        client_secret: the app's secret; sent with HTTP Basic and nowhere else.
        scopes: what to ask for.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, scopes: Sequence[str]) -> None:
        self._url = url
        # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
        pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        self._basic = "Basic " + base64.b64encode(pair.encode()).decode()
        self._asked = tuple(scopes)
        self.granted: frozenset[str] = frozenset()

    async def fetch(self, client: VendorClient) -> tuple[str, float]:
        """A new token and its life in seconds; for `connectors.auth.TokenAuth`.

        Raises:
            NeedsAdmin: the client id or secret is not accepted.
            VendorChanged: an answer without a token.
        """
        answer = await client.post(
            self._url,
            form={"grant_type": "client_credentials", "scope": " ".join(self._asked)},
            headers={"Authorization": self._basic},
            authenticate=False,
            allow=frozenset({400, 401, 403}),
        )
        if answer.status >= 400:
            raise NeedsAdmin(
                "Ramp does not accept this client id and secret: in Ramp open Company settings, Developer "
                "API, the app, and enter its client id and a new secret here"
            )
        token = answer.decode(Token)
        if not token.access_token:
            raise VendorChanged("Ramp's token endpoint answered without a token")
        # An absent scope means "as asked" (RFC 6749, 5.1); an empty one means none.
        self.granted = frozenset(self._asked if token.scope is None else token.scope.split())
        return token.access_token, token.expires_in or TOKEN_LIFE

    def missing(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Those of `wanted` that the last token does not hold, compared whole."""
        return tuple(scope for scope in wanted if scope not in self.granted)
