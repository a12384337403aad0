"""What policy knows of a tool: the facts that rules speak of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from app.identify.scopes import describe_scope, google_permission
from app.language import lasting

SPEND_DAYS = 90
"""Spend in rules is what was paid in so many days."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One tool, as far as rules speak of it.

    Attributes:
        tool_id: which tool.
        name: what it is called.
        audience: marketing, other or unsure.
        identity: identified or unidentified.
        category: of the landscape; None if it has none.
        grant_grade: the gravest of its permissions; None if it has none.
        scopes: its sensitive permissions, those graded high.
        people: how many use it.
        departments: how many people of each department use it.
        spend: what was paid in 90 days, by currency, in minor units.
        managed: whether IT manages it.
        shadow: whether it is in use, not decided on and not managed.
        flagged: whether it waits for a joint review.
        risks: what warns about it, in sentences.
        governance: what was decided.
        ownership: whether somebody answers for it.
        evidence: whether it is in use.
        publishers: who the sources say publishes it.
        renews_on: the day of the next renewal, where one is known.
        missed_conditions: promises of the decision that were missed, in words.
    """

    tool_id: int
    name: str
    audience: str = "unsure"
    identity: str = "identified"
    category: str | None = None
    grant_grade: str | None = None
    scopes: frozenset[str] = frozenset()
    people: int = 0
    departments: Mapping[str, int] = field(default_factory=dict)
    spend: Mapping[str, int] = field(default_factory=dict)
    managed: bool = False
    shadow: bool = False
    flagged: bool = False
    risks: tuple[str, ...] = ()
    governance: str = "unreviewed"
    ownership: str = "unowned"
    evidence: str = "active"
    publishers: frozenset[str] = frozenset()
    renews_on: date | None = None
    missed_conditions: tuple[str, ...] = ()


def sensitive(scopes: Iterable[str]) -> frozenset[str]:
    """Those of some permissions that are graded high."""
    return frozenset(scope for scope in scopes if _is_high(scope))


@lru_cache(maxsize=4096)
def _is_high(scope: str) -> bool:
    return describe_scope(scope).grade == "high"


KINDS = {
    "mail": lasting("e-mail"),
    "files": lasting("files"),
    "calendar": lasting("calendars"),
    "contacts": lasting("contacts"),
    "directory": lasting("the company's directory"),
    "chat": lasting("chat"),
    "advertising": lasting("advertising accounts"),
    "analytics": lasting("analytics"),
    "website": lasting("web sites"),
    "cloud": lasting("cloud data"),
    "other": lasting("other sensitive data"),
}
"""What a sensitive permission reaches, and the words for it."""

_GOOGLE = {
    "mail": ("gmail",),
    "files": ("drive", "spreadsheets", "documents", "presentations", "photoslibrary"),
    "calendar": ("calendar",),
    "contacts": ("contacts",),
    "directory": ("admin",),
    "chat": ("chat",),
    "advertising": ("adwords", "dfatrafficking", "display-video", "dfp"),
    "analytics": ("analytics",),
    "website": ("tagmanager", "siteverification", "youtube", "youtubepartner"),
    "cloud": ("bigquery", "cloud-platform", "devstorage"),
}
_GRAPH = {
    "mail": ("mail", "mailboxsettings", "mailboxfolder"),
    "files": ("files", "sites", "notes"),
    "calendar": ("calendars",),
    "contacts": ("contacts",),
    "directory": (
        *("user", "group", "groupmember", "directory", "application", "auditlog", "domain", "organization"),
        *("policy", "rolemanagement", "okta"),
    ),
    "chat": ("chat", "chatmessage", "channelmessage", "onlinemeetingtranscript", "teammember"),
}
_WHOLE = {
    "https://mail.google.com/": "mail",
    "https://www.google.com/m8/feeds/": lasting("contacts"),
    "https://www.google.com/m8/feeds": lasting("contacts"),
    "https://www.google.com/calendar/feeds": "calendar",
    "https://ads.microsoft.com/msads.manage": "advertising",
}
_OF_GOOGLE = {first: kind for kind, firsts in _GOOGLE.items() for first in firsts}
_OF_GRAPH = {first: kind for kind, firsts in _GRAPH.items() for first in firsts}
_GRAPH_ADDRESS = "https://graph.microsoft.com/"


@lru_cache(maxsize=4096)
def kind_of(scope: str) -> str:
    """What a permission reaches (a key of `KINDS`), by its first part, never by a part of its text."""
    lower = scope.strip().lower()
    if lower in _WHOLE:
        return _WHOLE[lower]
    google = google_permission(lower)
    if google is not None:
        return _OF_GOOGLE.get(google.rstrip("/").split(".")[0], "other")
    lower = lower.removeprefix(_GRAPH_ADDRESS)
    return "other" if "://" in lower else _OF_GRAPH.get(lower.split(".")[0], "other")


def kinds_of(scopes: Iterable[str]) -> frozenset[str]:
    """What some permissions reach together."""
    return frozenset(kind_of(scope) for scope in scopes)
