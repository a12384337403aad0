"""A connector of a vendor that does not exist: what the tests of sources add, check and break."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pydantic import Field, SecretStr

from connectors import registry
from connectors.base import (
    Budget,
    CheckReport,
    Connector,
    Cursor,
    HttpConfig,
    Manifest,
    Mode,
    Page,
    Permission,
    PermissionResult,
    Signal,
    Stream,
    VendorUrl,
)
from connectors.errors import NeedsAdmin, RetryLater, VendorChanged

SECRET = "sesame-1f0c"


class AcmeConfig(HttpConfig):
    """Settings of the made-up vendor."""

    base_url: VendorUrl = Field(default="https://api.acme.example", title="Address")
    token: SecretStr = Field(title="Token")
    spare: SecretStr | None = None
    days: int = Field(default=90, ge=1, le=365)


class AcmeConnector(Connector[AcmeConfig]):
    """Answers its check from the token: `bad`, `later`, `changed`, `poor`, `other`, or anything else."""

    manifest: ClassVar[Manifest] = Manifest(
        name="acme",
        title="Acme",
        summary="Reads nothing at all.",
        signals=(Signal.APPS,),
        permissions=(
            Permission("apps.read", "to list the apps"),
            Permission("logs.read", "to see who signs in", optional=True),
        ),
        lag=timedelta(minutes=5),
        budgets={"default": Budget(10, 1)},
        documentation=("https://acme.example/docs",),
        not_seen="Everything.",
    )
    Config = AcmeConfig
    checked: ClassVar[list[dict[str, Any]]] = []

    async def check(self) -> CheckReport:
        """See the class."""
        token = self.config.token.get_secret_value()
        AcmeConnector.checked.append(
            {"base_url": self.config.base_url, "token": token, "days": self.config.days}
        )
        if token == "bad":
            raise NeedsAdmin("Acme refuses this token: make a new one under Settings, API.")
        if token == "later":
            raise RetryLater("Acme is busy.", seconds=41.6)
        if token == "changed":
            raise VendorChanged("/apps no longer has the shape it is documented to have.")
        granted = token != "poor"
        return CheckReport(
            account="other-org" if token == "other" else "org-1",
            account_name="Acme of tests",
            permissions=[
                PermissionResult(
                    name="apps.read", granted=granted, reason="to list the apps", detail="Tick it."
                ),
                PermissionResult(
                    name="logs.read", granted=False, reason="to see who signs in", optional=True
                ),
            ],
        )

    def streams(self) -> Sequence[Stream]:
        """One empty stream."""

        async def pages(_cursor: Cursor | None) -> AsyncIterator[Page]:
            yield Page([], {}, last=True)

        return [Stream("apps", Signal.APPS, Mode.SNAPSHOT, pages)]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `acme` the installed connector beside one that cannot be loaded."""

    def get(name: str) -> type[Connector[Any]]:
        if name == "acme":
            return AcmeConnector
        raise ImportError("no module named 'broken'")

    AcmeConnector.checked.clear()
    monkeypatch.setattr(registry, "connector_names", lambda: ("acme", "broken"))
    monkeypatch.setattr(registry, "get_connector", get)
