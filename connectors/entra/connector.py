"""The Entra ID connector: what it is, what it needs, and how each stream reads Microsoft Graph."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, Field, SecretStr, model_validator

from connectors.auth import TokenAuth
from connectors.base import (
    MANY_LINES,
    Budget,
    CheckReport,
    Connector,
    Context,
    GrantRef,
    HttpConfig,
    Manifest,
    Mode,
    Permission,
    PermissionResult,
    Revoked,
    Signal,
    Stream,
    VendorUrl,
)
from connectors.entra.auth import fetch_token
from connectors.entra.catalog import APPS, GRANTS, Catalogs
from connectors.entra.graph import AUDIT_LOG, DIRECTORY, REVOKE, Graph
from connectors.entra.logs import AUDITS, SIGN_INS
from connectors.entra.streams import Streams
from connectors.errors import NeedsAdmin, NotAvailable, RetryLater
from connectors.http import VendorClient


def _tenant(value: str) -> str:
    if value.casefold() in {"common", "organizations", "consumers"}:
        raise ValueError(
            "name one tenant by its GUID or domain: an application has no token for many tenants"
        )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", value):
        raise ValueError("write the tenant's GUID or one of its domains, such as acme.onmicrosoft.com")
    return value


def _authority(value: str) -> str:
    if urlsplit(value).path:
        raise ValueError("write the address of the sign-in service only, without the tenant")
    return value


def _thumbprint(value: str) -> str:
    digits = re.sub(r"[\s:]", "", value).upper()
    if not re.fullmatch(r"[0-9A-F]{40}", digits):
        raise ValueError("write the SHA-1 thumbprint of the certificate: 40 hexadecimal digits")
    return digits


def _rsa_key(value: SecretStr) -> SecretStr:
    try:
        key = load_pem_private_key(value.get_secret_value().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("this is no private key in PEM form, or it has a passphrase: remove it") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("Entra ID takes RSA certificates only")  # noqa: TRY004 - becomes a form error
    return value


class EntraConfig(HttpConfig):
    """How to reach one tenant: a client secret or a certificate, never both."""

    base_url: VendorUrl = Field(
        default="https://graph.microsoft.com",
        title="Microsoft Graph",
        description="Change it only for a national cloud, such as https://graph.microsoft.us.",
    )
    token_url: Annotated[VendorUrl, AfterValidator(_authority)] = Field(
        default="https://login.microsoftonline.com",
        title="Sign-in service",
        description="Change it only for a national cloud, such as https://login.microsoftonline.us.",
    )
    tenant_id: Annotated[str, AfterValidator(_tenant)] = Field(
        title="Tenant ID", description="Directory (tenant) ID on the overview page of the app registration."
    )
    client_id: str = Field(
        pattern=r"^\S+$",
        title="Client ID",
        description="Application (client) ID on the overview page of the app registration.",
    )
    client_secret: SecretStr | None = Field(
        default=None,
        title="Client secret",
        description="The secret's value (not its ID). Leave it empty when you use a certificate.",
    )
    certificate_key: Annotated[SecretStr, AfterValidator(_rsa_key)] | None = Field(
        default=None,
        title="Certificate: private key",
        json_schema_extra=MANY_LINES,
        description="The RSA private key in PEM form, from -----BEGIN to END-----, without a passphrase.",
    )
    certificate_thumbprint: Annotated[str, AfterValidator(_thumbprint)] | None = Field(
        default=None,
        title="Certificate: thumbprint",
        description="The thumbprint that the app registration shows beside the certificate (40 digits).",
    )
    first_days: int = Field(
        default=30,
        ge=1,
        le=30,
        title="Days of history",
        description="How far back the first scan reads sign-ins and consents. Entra ID keeps 30 days.",
    )

    may_revoke: bool = Field(
        default=False,
        title="May end access",
        description="Let Penumbra take an app's access away, after IT and marketing decided so together. "
        f"It takes the application permission {REVOKE}.",
    )

    @model_validator(mode="after")
    def _one_credential(self) -> "EntraConfig":
        if (self.client_secret is None) == (self.certificate_key is None):
            raise ValueError("give either client_secret or certificate_key, not both and not none")
        if (self.certificate_key is None) != (self.certificate_thumbprint is None):
            raise ValueError("certificate_key and certificate_thumbprint belong together")
        return self

    def material(self) -> str | dict[str, str]:
        """The credential as msal takes it."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        assert self.certificate_key is not None
        return {
            "private_key": self.certificate_key.get_secret_value(),
            "thumbprint": self.certificate_thumbprint or "",
        }


class EntraConnector(Connector[EntraConfig]):
    """Reads one Entra ID tenant through Microsoft Graph v1.0, with application permissions."""

    Config = EntraConfig
    manifest: ClassVar[Manifest] = Manifest(
        name="entra",
        title="Microsoft Entra ID",
        summary="People, enterprise applications, who may use them, what they may do, and who signs in.",
        signals=(
            Signal.DIRECTORY,
            Signal.APPS,
            Signal.GRANTS,
            Signal.ASSIGNMENTS,
            Signal.CONSENTS,
            Signal.SIGN_INS,
        ),
        permissions=(
            Permission(
                DIRECTORY,
                "Lists OAuth grants, for which Microsoft offers nothing narrower that only reads; it covers "
                "users, enterprise applications and assignments too, so nothing else is asked for them.",
            ),
            Permission(AUDIT_LOG, "Reads who consented to an application and when, and who signs in to it."),
        ),
        lag=timedelta(hours=3),
        budgets={
            # The smallest tenants have 3,500 resource units in 10 s, and a list costs about 2.
            "default": Budget(requests=1000, seconds=10, concurrency=8),
            # Audit logs: 5 requests in 10 s for one application in one tenant.
            "reports": Budget(requests=5, seconds=10, concurrency=1),
            "tokens": Budget(requests=20, seconds=10, concurrency=2),
        },
        documentation=(
            "https://learn.microsoft.com/graph/api/serviceprincipal-list",
            "https://learn.microsoft.com/graph/api/oauth2permissiongrant-list",
            "https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignedto",
            "https://learn.microsoft.com/graph/api/directoryaudit-list",
            "https://learn.microsoft.com/graph/api/signin-list",
            "https://learn.microsoft.com/graph/throttling-limits",
        ),
        revoking=(
            Permission(REVOKE, "To end what a person or an administrator allowed an application to do."),
        ),
        revocable=frozenset({"grants"}),
        not_seen="Applications that people enter with a password of their own never appear in Entra ID, and "
        "the sign-in log has interactive sign-ins only.",
    )

    def __init__(self, config: EntraConfig, context: Context) -> None:
        super().__init__(config, context)

        async def fetch(client: VendorClient) -> tuple[str, float]:
            return await fetch_token(config, client)

        self._graph = Graph(
            config,
            context,
            budgets=self.manifest.budgets,
            auth=TokenAuth(fetch),
            token_url=config.token_url,
        )
        self._catalogs = Catalogs(self._graph, config.tenant_id)
        self._read = Streams(self._graph, self._catalogs, timedelta(days=config.first_days))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._graph.client.aclose()

    async def check(self) -> CheckReport:
        """Read one record of every kind; see `Connector.check`.

        A tenant without a P1 or P2 licence gets a warning: everything but sign-ins can be read.
        """
        tenant = await self._catalogs.tenant()
        warnings: list[str] = []
        refused: dict[str, list[str]] = {DIRECTORY: [], AUDIT_LOG: []}
        for name, path, params, permission in (
            ("users", "/v1.0/users", {"$select": "id,department"}, DIRECTORY),
            ("enterprise applications", APPS, {"$select": "id"}, DIRECTORY),
            ("OAuth grants", GRANTS, {}, DIRECTORY),
            ("consents", AUDITS.path, {}, AUDIT_LOG),
            ("sign-ins", SIGN_INS.path, {}, AUDIT_LOG),
        ):
            try:
                await self._graph.get(path, {**params, "$top": 1}, permission=permission)
            except NotAvailable as error:
                warnings.append(f"The {name} are not read. {error}")
            except NeedsAdmin as error:
                if error.permission is None:
                    raise
                # The sign-in log also looks a licence up in the directory, and says so when it may not.
                refused[error.permission].append(name)
        return CheckReport(
            account=tenant.id,
            account_name=tenant.name,
            permissions=[
                PermissionResult(
                    name=p.name,
                    granted=not refused[p.name],
                    reason=p.reason,
                    optional=p.optional,
                    detail=_advice(p.name, refused[p.name]),
                )
                for p in self.manifest.permissions
            ],
            warnings=warnings,
        )

    async def revoke(self, grant: GrantRef) -> Revoked:
        """Delete one delegated permission grant; see `Connector.revoke`.

        Facts: learn.microsoft.com/graph/api/oauth2permissiongrant-delete
        """
        if not self.config.may_revoke:
            raise NotAvailable(
                "This Entra ID source was not allowed to end access: set may_revoke, or end it in the Entra "
                "admin center under Enterprise applications, Permissions."
            )
        gone = frozenset({404})
        path = f"{GRANTS}/{quote(grant.ref, safe='')}"
        answer = await self._graph.delete(path, permission=REVOKE, allow=gone)
        left = await self._graph.get(path, allow=gone)
        if left.status != 404:
            raise RetryLater("Microsoft Graph still lists the access that was ended", seconds=60)
        return Revoked(
            already=answer.status == 404,
            words="No new access is given. What the application holds already works until it ends, usually "
            "within an hour or so. Somebody may consent again, unless consent is restricted.",
        )

    def streams(self) -> Sequence[Stream]:
        """People, apps, delegated grants, application permissions, assignments, consents, sign-ins."""

        def stream(name: str, signal: Signal, mode: Mode, pages: Any, **more: Any) -> Stream:
            return Stream(name, signal, mode, pages, **more)

        read = self._read
        return (
            stream("people", Signal.DIRECTORY, Mode.SNAPSHOT, read.people),
            stream("apps", Signal.APPS, Mode.SNAPSHOT, read.apps),
            stream("grants", Signal.GRANTS, Mode.SNAPSHOT, read.grants),
            stream("app_permissions", Signal.GRANTS, Mode.SNAPSHOT, read.app_permissions),
            stream("assignments", Signal.ASSIGNMENTS, Mode.SNAPSHOT, read.assignments),
            stream(
                "consents",
                Signal.CONSENTS,
                Mode.INCREMENTAL,
                read.consents,
                repeats=AUDITS.repeats,
                optional=True,
            ),
            stream(
                "sign_ins",
                Signal.SIGN_INS,
                Mode.INCREMENTAL,
                read.sign_ins,
                repeats=SIGN_INS.repeats,
                optional=True,
            ),
        )


def _advice(permission: str, refused: list[str]) -> str:
    if not refused:
        return ""
    return (
        f"Microsoft Graph refuses to list {', '.join(refused)}: in the app registration, under API "
        f"permissions, add Microsoft Graph > Application permissions > {permission}, and grant admin consent."
    )
