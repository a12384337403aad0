"""Observations: the facts a connector reports, in shapes that know nothing of storage.

All are immutable and small. `ref` fields are the vendor's own ids, unique within one source; they
join observations of the same source (a sign-in names its application by `app_ref`). Times are
timezone-aware UTC, days are dates, money is integer minor units with an ISO 4217 currency.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from connectors.identifiers import Identifier


class PersonKind(StrEnum):
    """What sort of account a directory entry is."""

    EMPLOYEE = "employee"
    CONTRACTOR = "contractor"
    GUEST = "guest"
    SERVICE = "service"


class SignOn(StrEnum):
    """How an application listed in an identity provider is entered."""

    SAML = "saml"
    OIDC = "oidc"
    WS_FEDERATION = "ws_federation"
    PASSWORD = "password"
    """The identity provider fills in a password (SWA and the like)."""
    BOOKMARK = "bookmark"
    """Only a link on the dashboard."""
    CONSENT = "consent"
    """Not set up by anybody: it appears because somebody consented to it."""
    UNKNOWN = "unknown"


class Consent(StrEnum):
    """Who agreed to an OAuth grant."""

    USER = "user"
    ADMIN = "admin"


class ExpenseState(StrEnum):
    """Where a charge stands. Pending charges are evidence, but their amount is never spend."""

    PENDING = "pending"
    POSTED = "posted"
    REFUND = "refund"
    DECLINED = "declined"
    VOID = "void"


class PersonSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A person or account in a directory.

    `mention=True` says that the person was only named in passing (a log line, a card holder):
    such an observation may introduce somebody, but never overwrites what the directory says.
    """

    ref: str
    email: str | None = None
    other_emails: tuple[str, ...] = ()
    name: str | None = None
    department: str | None = None
    title: str | None = None
    manager_email: str | None = None
    manager_ref: str | None = None
    active: bool = True
    kind: PersonKind = PersonKind.EMPLOYEE
    mention: bool = False


class AppSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An application as the source lists or mentions it.

    `mention=True` as for people: named in a log, no listing of its own.
    `facts` are shown to people as evidence: short words and plain values only.
    """

    ref: str
    name: str
    identifiers: tuple[Identifier, ...] = ()
    sign_on: SignOn = SignOn.UNKNOWN
    provisioning: bool = False
    """The identity provider creates and removes accounts in the application."""
    self_service: bool = False
    """People may add it for themselves."""
    admin_only: bool = False
    """Only an administrator can have set it up, by the way this vendor works."""
    active: bool = True
    publisher: str | None = None
    publisher_verified: bool | None = None
    internal: bool = False
    """Built by the company itself: kept, but never a tool of somebody else's."""
    created_at: datetime | None = None
    facts: dict[str, Any] = {}
    mention: bool = False


class AssignmentSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An application is assigned to one person or to one group (exactly one of the two)."""

    app_ref: str
    person_ref: str | None = None
    group_ref: str | None = None
    group_name: str | None = None
    via_group: bool = False
    """For a person: they have it because a group has it."""
    self_assigned: bool = False
    """The person added it without an administrator."""
    assigned_at: datetime | None = None


class SignInSeen(msgspec.Struct, frozen=True):
    """One successful sign-in of a person to an application, identified by the vendor's event id."""

    event_id: str
    app_ref: str
    person_ref: str
    at: datetime


class GrantSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A live OAuth grant: what an application may do, for one person or (None) for everybody."""

    ref: str
    app_ref: str
    scopes: tuple[str, ...]
    person_ref: str | None = None
    consent: Consent = Consent.USER
    granted_at: datetime | None = None


class ConsentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A grant being given or taken away, from an audit log: it dates and attributes a grant."""

    event_id: str
    app_ref: str
    at: datetime
    granted: bool
    person_ref: str | None = None
    scopes: tuple[str, ...] = ()
    consent: Consent = Consent.USER


class ExpenseSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A charge, bill line or reimbursement. Outflow is positive; a refund is negative.

    `ref` is the vendor's id (or the file reader's stable key); seeing the same ref again updates
    the expense, it never adds one. `replaces` names another ref of the same source that this one
    stands for from now on (a pending charge that cleared under a new id).
    """

    ref: str
    occurred_on: date
    amount_minor: int
    currency: str
    merchant: str
    """The vendor's cleaned merchant name, or the descriptor where there is no other."""
    descriptor: str | None = None
    """The raw card-network text."""
    identifiers: tuple[Identifier, ...] = ()
    state: ExpenseState = ExpenseState.POSTED
    posted_on: date | None = None
    original_amount_minor: int | None = None
    original_currency: str | None = None
    mcc: str | None = None
    category: str | None = None
    """The spending category or ledger account, in the company's words."""
    memo: str | None = None
    department: str | None = None
    person_ref: str | None = None
    refund_of: str | None = None
    replaces: str | None = None


Observation = PersonSeen | AppSeen | AssignmentSeen | SignInSeen | GrantSeen | ConsentEvent | ExpenseSeen
