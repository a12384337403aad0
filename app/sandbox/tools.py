"""The catalogue: which tools the company uses, under which names, and how they came in.

`data/tools.json` holds one tool a line. Products, domains and prices are real or plausible; who
uses what is made up. A name in a channel is written the way that channel writes it, which is
seldom the way a product writes itself.
"""

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Via(StrEnum):
    """The way by which a tool is in use, and so the place where it leaves a trace."""

    OKTA_SSO = "okta_sso"
    """A SAML or OIDC app in Okta that IT assigned to groups."""
    OKTA_LINK = "okta_link"
    """A bookmark or password app in Okta that an employee added."""
    ENTRA_SSO = "entra_sso"
    """A gallery app in Entra with SAML and a group assigned."""
    ENTRA_ADMIN = "entra_admin"
    """An administrator of Entra consented for everybody."""
    ENTRA_USER = "entra_user"
    """Employees consented for themselves in Entra."""
    GOOGLE = "google"
    """Employees agreed on a Google consent screen."""
    GOOGLE_SAML = "google_saml"
    """A SAML app that an administrator set up in Google Workspace."""
    RAMP = "ramp"
    """Paid by company card."""
    RAMP_BILL = "ramp_bill"
    """Paid by invoice."""
    REIMBURSEMENT = "reimbursement"
    """Paid by an employee and claimed back."""
    STATEMENT = "statement"
    """Paid by a card of the acquired subsidiary's bank, known from statement files only."""


MANAGED = frozenset({Via.OKTA_SSO, Via.ENTRA_SSO, Via.ENTRA_ADMIN, Via.GOOGLE_SAML})
"""Ways in that only IT can open."""
PAID = frozenset({Via.RAMP, Via.RAMP_BILL, Via.REIMBURSEMENT, Via.STATEMENT})


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which one tool is in use.

    Attributes:
        name: as this channel writes it: label, consent-screen name or card descriptor.
        merchant: the expense system's cleaned name, where it differs from the descriptor.
        price: minor units a charge; for metered spending, a month's average.
        every: `month`, `year` or `metered`.
        ended_days_ago: the last trace is that many days before the company's day.
        charged_days_ago: when a yearly charge was last seen.
        renews_in_days: the next yearly charge is so many days ahead; the last one was a year before that.
        former_name, former_merchant: what the vendor was called until half a year ago.
        pending_only: a single charge that has not cleared yet.
    """

    via: Via
    name: str
    host: str = ""
    mode: str = ""
    catalogue_key: str = ""
    features: tuple[str, ...] = ()
    publisher: str = ""
    verified: bool = False
    scopes: tuple[str, ...] = ("profile",)
    merchant: str = ""
    price: int = 0
    every: str = "month"
    currency: str = "USD"
    mcc: str = ""
    ended_days_ago: int = 0
    charged_days_ago: int = 0
    renews_in_days: int = 0
    former_name: str = ""
    former_merchant: str = ""
    pending_only: bool = False


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A product in use.

    Attributes:
        domains: real host names of the product, the main one first.
        marketing: it is a marketing tool; for an unknown product, only marketing uses it.
        borderline: honest people disagree whether it is a marketing tool.
        known: a public product that a knowledge base may name.
        teams: keys of teams or departments that use it; `all` for everybody.
        people: how many use it, where no group decides that.
        months: how long it has been in use.
    """

    key: str
    name: str
    domains: tuple[str, ...]
    marketing: bool
    teams: tuple[str, ...]
    people: int
    months: int
    uses: tuple[Use, ...]
    borderline: bool = False
    known: bool = True

    @property
    def managed(self) -> bool:
        """IT set up or agreed to at least one of the ways in."""
        return any(use.via in MANAGED for use in self.uses)

    @property
    def active(self) -> bool:
        """At least one way in was used in the last 90 days."""
        return any(use.ended_days_ago <= 90 for use in self.uses)


class ConsentTrap(msgspec.Struct, frozen=True, kw_only=True):
    """An app that looks like a product and is none, or one that nobody could enter.

    Attributes:
        kind: what is wrong with it, in words.
        via: `okta`, `entra` or `google`.
        domain: the product that it must not be taken for ("" where there is none).
    """

    kind: str
    via: str
    name: str
    domain: str
    teams: tuple[str, ...]
    people: int
    scopes: tuple[str, ...] = ()


class Category(msgspec.Struct, frozen=True):
    """Ordinary spending: a merchant category with its merchants and usual amounts in minor units."""

    mcc: str
    description: str
    category: str
    gl: str
    low: int
    high: int
    weight: int
    names: tuple[str, ...]


class ChargeTrap(msgspec.Struct, frozen=True):
    """A charge that looks like a tool's and is none.

    Attributes:
        kind: what it really is, in words.
        domain: the product or reseller that it must not be taken for.
        times: charges in twelve months; with `monthly`, one in each of so many months.
    """

    kind: str
    descriptor: str
    merchant: str
    mcc: str
    domain: str
    times: int
    monthly: bool
    low: int
    high: int


class Merchants(msgspec.Struct, frozen=True):
    """Everything that is paid for and is no tool."""

    ordinary: tuple[Category, ...]
    traps: tuple[ChargeTrap, ...]


class Platforms(msgspec.Struct, frozen=True):
    """The platforms' own clients: (app id, name) of Microsoft, (client id, name, scopes) of Google."""

    microsoft: tuple[tuple[str, str], ...]
    google: tuple[tuple[str, str, tuple[str, ...]], ...]


def load(name: str, kind: type[T]) -> T:
    """Read one of the data files as `kind`."""
    return msgspec.json.decode((files("app.sandbox") / "data" / name).read_bytes(), type=kind)


@cache
def tools() -> tuple[Tool, ...]:
    """Every tool of the company."""
    return load("tools.json", tuple[Tool, ...])


@cache
def consent_traps() -> tuple[ConsentTrap, ...]:
    """Every misleading app."""
    return load("consents.json", tuple[ConsentTrap, ...])


@cache
def merchants() -> Merchants:
    """Every merchant that sells no tool."""
    return load("merchants.json", Merchants)


@cache
def platforms() -> Platforms:
    """The platforms' own clients."""
    return load("platforms.json", Platforms)
