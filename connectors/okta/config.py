"""What a person fills in to connect an Okta org, and what they are told before they do."""

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.base import MANY_LINES, Budget, HttpConfig, Manifest, Permission, Signal, VendorUrl
from connectors.okta.auth import load_key
from connectors.okta.naming import OKTA_HOSTS

USERS, APPS, LOGS = "okta.users.read", "okta.apps.read", "okta.logs.read"
INTEGRATIONS = "okta.oauthIntegrations.read"


class OktaConfig(HttpConfig):
    """How to reach one Okta org: an API token, or a service app with its private key."""

    base_url: VendorUrl = Field(
        title="Okta org",
        description="The address where people sign in, such as https://acme.okta.com (not the admin one).",
    )
    api_token: SecretStr | None = Field(
        default=None,
        title="API token",
        description="Made by a Read-only Administrator under Security, API, Tokens. Leave empty when a "
        "service app is used.",
    )
    client_id: str | None = Field(
        default=None, title="Client ID", description="Of the service app (API Services integration)."
    )
    private_key: SecretStr | None = Field(
        default=None,
        title="Private key",
        json_schema_extra=MANY_LINES,
        description="Of the service app, as PEM or JWK: RSA, or EC on the curve P-256.",
    )
    key_id: str | None = Field(
        default=None,
        title="Key ID",
        description="The key's id (kid) at Okta; only for a PEM, where the app has several keys.",
    )
    first_days: int = Field(
        default=90,
        ge=1,
        le=90,
        title="Days of history",
        description="How many days of sign-ins the first scan reads; Okta keeps 90.",
    )

    @field_validator("base_url")
    @classmethod
    def _is_an_org(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.path:
            raise ValueError(f"write only the org's address: {parts.scheme}://{parts.netloc}")
        first, dot, rest = (parts.hostname or "").partition(".")
        if first.endswith("-admin") and rest in OKTA_HOSTS:
            own = first.removesuffix("-admin") + dot + rest
            raise ValueError(f"this is the admin console: write the org's own address, https://{own}")
        return value

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            load_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _one_credential(self) -> "OktaConfig":
        token = self.api_token is not None and bool(self.api_token.get_secret_value())
        parts = (bool(self.client_id), self.private_key is not None)
        if token and any(parts):
            raise ValueError("give either api_token, or client_id and private_key, not both")
        if not token and not all(parts):
            raise ValueError("give either api_token, or client_id together with private_key")
        return self


MANIFEST = Manifest(
    name="okta",
    title="Okta",
    summary="Reads people, apps, who has them, OAuth grants and single sign-ons of one Okta org.",
    signals=(
        Signal.DIRECTORY,
        Signal.APPS,
        Signal.ASSIGNMENTS,
        Signal.GRANTS,
        Signal.SIGN_INS,
        Signal.CONSENTS,
    ),
    permissions=(
        Permission(USERS, "names people with their department and manager, and what they consented to"),
        Permission(APPS, "lists the apps, how each is entered, and the people and groups that have it"),
        Permission(LOGS, "shows who really signs in to which app, and consents when they are given"),
        Permission(
            INTEGRATIONS,
            "lists vendors' services that may call Okta itself, and with which scopes",
            optional=True,
        ),
    ),
    lag=timedelta(minutes=5),
    # Half of what Okta allows an org: that is what one token or service app gets by default.
    budgets={
        "default": Budget(requests=50, seconds=60, concurrency=2),
        "tokens": Budget(requests=30, seconds=60, concurrency=2),
        "users": Budget(requests=300, seconds=60, concurrency=5),
        "apps": Budget(requests=50, seconds=60, concurrency=5),
        "logs": Budget(requests=60, seconds=60, concurrency=1),
    },
    documentation=(
        "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Application/",
        "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/",
        "https://developer.okta.com/docs/reference/system-log-query/",
        "https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/",
    ),
    not_seen="Okta knows only what was set up in it: tools that people entered with a password of their "
    "own, or with Google or Microsoft, are not there.",
)
