"""The contract between a connector and whoever runs it.

A connector reads one vendor. It is built from a typed config and a `Context`, says in its
`Manifest` what it reads and which permissions that takes, tests itself with `check()`, and offers
`streams()`: each stream yields pages of observations, a cursor after every page, and says itself
which page is the last. A scan never writes, sleeps on its own, keeps state between scans, or swallows
an error.

Where a vendor lets access be ended, a connector may offer `revoke()`: one grant at a time, only for
a source that was allowed to, and never as part of a scan.
"""

import asyncio
import ipaddress
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from connectors.errors import NotAvailable
from connectors.observations import Observation

Cursor = dict[str, Any]
"""Where to go on: any JSON object, opaque to the runner."""


class Signal(StrEnum):
    """What kind of fact a stream brings."""

    DIRECTORY = "directory"
    APPS = "apps"
    ASSIGNMENTS = "assignments"
    SIGN_INS = "sign_ins"
    GRANTS = "grants"
    CONSENTS = "consents"
    EXPENSES = "expenses"


class Mode(StrEnum):
    """What the pages of a stream mean together."""

    SNAPSHOT = "snapshot"
    """All there is now: what a complete read did not see is gone."""
    INCREMENTAL = "incremental"
    """What is new since the cursor: silence says nothing."""
    WINDOW = "window"
    """A trailing window read again each time: late edits update, silence says nothing."""


@dataclass(frozen=True)
class Permission:
    """One least-privilege permission, in the vendor's spelling, and what it is needed for."""

    name: str
    reason: str
    optional: bool = False


@dataclass(frozen=True)
class Budget:
    """How fast a vendor may be asked: `requests` in any `seconds`, `concurrency` at once."""

    requests: int
    seconds: float
    concurrency: int = 4


@dataclass(frozen=True)
class Manifest:
    """What a connector is and needs, for people who decide whether to connect it."""

    name: str
    title: str
    summary: str
    signals: tuple[Signal, ...]
    permissions: tuple[Permission, ...]
    lag: timedelta
    """How long a fact takes to appear at the vendor's API."""
    budgets: Mapping[str, Budget]
    """By bucket; the bucket `default` must exist for connectors that speak HTTP."""
    documentation: tuple[str, ...]
    """The vendor's pages that describe what is read."""
    not_seen: str = ""
    """What this source cannot know, in one honest sentence."""
    revoking: tuple[Permission, ...] = ()
    """What it takes to end a grant; empty where the connector cannot."""
    revocable: frozenset[str] = frozenset()
    """The streams whose grants it can end."""


class SkippedRecord(BaseModel):
    """A record that could not be used: `ref` finds it again, `reason` says why."""

    model_config = ConfigDict(frozen=True)
    ref: str
    reason: str


@dataclass(frozen=True)
class Page:
    """One step of a stream.

    Attributes:
        observations: in the order in which they should be stored (people and apps before what
            refers to them, where the page has both).
        cursor: where to go on after this page; stored with the page's rows.
        last: True on the final page of the stream, and only there.
        skipped: records that could not be used.
        ignored: records left out on purpose (the vendor's own apps, failed sign-ins).
        expected: how many records the whole stream will have, where the vendor says so.
    """

    observations: Sequence[Observation]
    cursor: Cursor
    last: bool = False
    skipped: Sequence[SkippedRecord] = ()
    ignored: int = 0
    expected: int | None = None


@dataclass(frozen=True)
class Stream:
    """One kind of read: a name, what it means, and the generator of its pages.

    Attributes:
        pages: called with the stored cursor, or None to begin. A snapshot begins with None in
            every scan and gets a cursor only when an interrupted scan goes on.
        repeats: how far back behind the newest event the vendor may send an event again; event
            ids are remembered that long.
        optional: a tenant may lack the feature (`NotAvailable`) and the scan is complete without.
    """

    name: str
    signal: Signal
    mode: Mode
    pages: Callable[[Cursor | None], AsyncIterator[Page]]
    repeats: timedelta = timedelta(hours=1)
    optional: bool = False


class PermissionResult(BaseModel):
    """Whether one permission was seen to work."""

    name: str
    granted: bool
    reason: str
    optional: bool = False
    detail: str = ""


class CheckReport(BaseModel):
    """The outcome of `check()`: which account answered, and each permission tried.

    `account` is the vendor's id of the tenant: two sources of one account are refused. `notes` say
    in sentences what was found; `warnings` what will be missing.
    """

    account: str
    account_name: str = ""
    permissions: list[PermissionResult] = []
    notes: list[str] = []
    warnings: list[str] = []

    @property
    def ok(self) -> bool:
        """True when every permission that is not optional works."""
        return all(p.granted or p.optional for p in self.permissions)


@dataclass(frozen=True)
class GrantRef:
    """A grant as its connector named it when it was read.

    Attributes:
        ref: of the grant.
        app_ref: of the app that holds it.
        person_ref: of the person who gave it; None where it holds for everybody.
    """

    ref: str
    app_ref: str
    person_ref: str | None = None


class Revoked(BaseModel):
    """How ending a grant went.

    Attributes:
        already: it had ended before we asked.
        words: what a person should know about what still works, and for how long.
    """

    already: bool
    words: str


def is_loopback(host: str) -> bool:
    """True for localhost and the loopback addresses of both families."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def vendor_url(value: str) -> str:
    """Check a vendor address: https anywhere, plain http on loopback only, no query or user.

    Returns:
        The address without a trailing slash.

    Raises:
        ValueError: with what to write instead.
    """
    parts = urlsplit(value)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host:
        raise ValueError("write a whole address such as https://acme.okta.com")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http is accepted for loopback addresses only: use https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("leave out user names, passwords, '?…' and '#…'")
    try:
        usable = value.isprintable() and parts.port != 0 and bool(httpx.URL(value).host)
    except (ValueError, httpx.InvalidURL):  # a port beyond 65535, a host that no network knows
        usable = False
    if not usable:
        raise ValueError("this is not an address: write one such as https://acme.okta.com")
    return value.rstrip("/")


VendorUrl = Annotated[str, AfterValidator(vendor_url)]


class ServerPath:
    """Marks a config's field as a path on the machine that reads, `Annotated[str, ServerPath()]`.

    Whoever runs the connector may then keep people who are not at that machine to one folder. In the JSON
    schema its format is `path`.
    """

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core_schema), "format": "path"}


MANY_LINES: dict[str, JsonValue] = {"multiline": True}
"""For `Field(json_schema_extra=MANY_LINES)`: the value has several lines, as a key in PEM form has, and a
form offers room for them and a way to choose the file."""


class ConnectorConfig(BaseModel):
    """Base of every config: unknown fields are refused, secrets are `SecretStr`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class HttpConfig(ConnectorConfig):
    """Config of a connector that speaks HTTP; subclasses give `base_url` its vendor default."""

    base_url: VendorUrl
    link_hosts: tuple[str, ...] = Field(
        default=(),
        title="Hosts of next-page links",
        description="Other host names that the vendor's next-page links may carry (custom domains).",
    )
    rate_share: float = Field(
        default=1.0,
        title="Share of the request budget",
        gt=0,
        le=1000,
        description="Share of the vendor's usual request budget to use; above 1 only where the vendor "
        "raised the limit for this account.",
    )


def utc_now() -> datetime:
    """The time now, timezone-aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """What the runner lends a connector: time, patience and the way out to the network.

    Tests give a fake `now`, `sleep` and `monotonic`, or a `transport`; products leave the defaults.

    Attributes:
        longest_wait: seconds one request may wait for a rate limit before `RetryLater` is raised
            and the scan is put off instead.
    """

    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    transport: httpx.AsyncBaseTransport | None = None
    longest_wait: float = 90.0


C = TypeVar("C", bound=ConnectorConfig)


class Connector(ABC, Generic[C]):
    """Base of every connector. Subclasses set `manifest` and `Config` and use `async with`."""

    manifest: ClassVar[Manifest]
    Config: ClassVar[type[ConnectorConfig]]

    def __init__(self, config: C, context: Context) -> None:
        self.config = config
        self.context = context

    @abstractmethod
    async def check(self) -> CheckReport:
        """Ask the vendor, cheaply, who we are and try every permission once.

        Raises:
            NeedsAdmin: the credential is refused (a missing permission is reported, not raised).
            RetryLater, VendorChanged: as in reading.
        """

    @abstractmethod
    def streams(self) -> Sequence[Stream]:
        """The streams of one scan, in the order in which they should be read."""

    async def revoke(self, grant: GrantRef) -> Revoked:  # noqa: ARG002 - for those that can
        """End one grant at the vendor, and look whether it has ended. Asking twice does no harm.

        Raises:
            NotAvailable: this connector cannot, or the source was not allowed to end access.
            NeedsAdmin: the permission for it is missing.
            RetryLater, VendorChanged: as in reading; the grant may still be there.
        """
        raise NotAvailable(f"{self.manifest.title} offers no way to end this access: ask its administrator.")

    async def aclose(self) -> None:
        """Give back connections; called once, also after errors."""

    async def __aenter__(self) -> "Connector[C]":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
