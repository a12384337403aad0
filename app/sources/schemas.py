"""What crosses the edge of `sources`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api.schemas import In, Out
from connectors.base import PermissionResult

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$",
        description="How people call this source; letters, digits, spaces and . _ -",
        examples=["corp"],
    ),
]
Minutes = Annotated[
    int, Field(ge=5, le=43_200, description="Minutes between two scans of the schedule.", examples=[360])
]
Config = Annotated[
    dict[str, Any],
    Field(
        description="The connector's settings, secrets among them; GET /connectors/{name} describes them.",
        examples=[{"base_url": "https://acme.example.com", "api_token": "…"}],
        max_length=100,
    ),
]


class SourceIn(In):
    """A source to add."""

    name: Name
    connector: str = Field(min_length=1, max_length=80, examples=["okta"])
    config: Config
    schedule_minutes: Minutes = 360
    enabled: bool = True


class SourceChange(In):
    """What to change of a source; what is left out stays as it is.

    In `config`, fields that are left out stay (secrets too), and null removes one.
    """

    name: Name | None = None
    config: Config | None = None
    schedule_minutes: Minutes | None = None
    enabled: bool | None = None


class CheckIn(In):
    """A config to try without saving it."""

    config: Config


class RecheckIn(In):
    """Changes of a saved config to try without saving them; nothing to try the saved one."""

    config: Config = Field(default_factory=dict)


class CheckOut(Out):
    """What a check found."""

    ok: bool = Field(description="Every permission that is needed works.")
    account: str = Field(description="The vendor's id of the account that answered.")
    account_name: str
    permissions: list[PermissionResult]
    warnings: list[str] = Field(description="What works less well than it could, and what to do.")


class SourceOut(Out):
    """A source, without its secrets."""

    id: int
    name: str
    connector: str
    account: str
    account_name: str
    config: dict[str, Any]
    secrets_set: list[str] = Field(description="Names of the secrets that are stored.")
    schedule_minutes: int
    enabled: bool
    health: Literal["new", "ok", "waiting", "attention"]
    health_text: str = Field(
        description="In one sentence how it stands, and what a person must do, if anything."
    )
    last_complete_at: datetime | None
    next_scan_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class SourceCreated(SourceOut):
    """A source just added, with what its check had to say."""

    warnings: list[str]


class SourceList(Out):
    """All sources."""

    items: list[SourceOut]


class PermissionOut(Out):
    """One permission that a connector needs at the vendor."""

    name: str
    reason: str
    optional: bool


class ConnectorOut(Out):
    """What a connector reads and needs."""

    name: str
    title: str
    summary: str
    signals: list[str]
    permissions: list[PermissionOut]
    revoking: list[PermissionOut] = Field(
        description="What it takes to end access; empty where the connector cannot."
    )
    lag_seconds: int = Field(description="How long a fact takes to appear at the vendor's API.")
    documentation: list[str]
    not_seen: str = Field(description="What this source cannot know.")
    config_schema: dict[str, Any] = Field(description="JSON schema of `config`.")
    secret_fields: list[str] = Field(description="Fields of `config` that are sealed and never shown.")


class BrokenConnector(Out):
    """A connector that is installed but cannot be loaded."""

    name: str
    reason: str


class ConnectorList(Out):
    """All connectors."""

    items: list[ConnectorOut]
    broken: list[BrokenConnector]
