"""Ties apps and merchants to tools: what the knowledge base knows, what was seen before, else a new
unidentified tool. Nothing seen is dropped for not being known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.relevance import is_for_software
from app.db import upsert
from app.identify import KnowledgeBase, Match, Unknown, describe_unknown, identify
from app.models import tool_identifiers, tools
from app.models.catalog import sort_name
from connectors.identifiers import APP_NAME, MERCHANT, PUBLISHER, Identifier
from connectors.observations import AppSeen, ExpenseSeen

_LOCK = 7_230_419_882
_WEAK = {APP_NAME, MERCHANT, PUBLISHER}
"""Names alone own nothing: two tools may share one. They are identified afresh each time."""

UNKNOWN_DOMAIN = "unknown.domain"
UNKNOWN_NAME = "unknown.name"
_REMEMBERED = 50_000


@dataclass(frozen=True)
class Tie:
    """Which tool, by which rule, how sure (0 to 1), and why in a sentence."""

    tool_id: int | None
    rule: str
    confidence: float
    why: str


class ToolFinder:
    """Finds or makes tools; counts in `made` how many it made."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._ids: dict[str, int] = {}
        self._answers: dict[tuple[Identifier, ...], tuple[Match | None, Unknown]] = {}
        self.made = 0

    def forget(self) -> None:
        """Drop remembered ids, after a transaction was rolled back."""
        self._ids.clear()

    def for_app(self, connection: Connection, app: AppSeen, at: datetime) -> Tie:
        """The tool an app belongs to; `tool_id` is None for the company's own applications."""
        if app.internal:
            return Tie(None, "internal", 1.0, "The company built this application itself.")
        identifiers = app.identifiers or (Identifier(APP_NAME, app.name),)
        match, unknown = self._identify(identifiers)
        tie = self._tie(connection, match, unknown, at)
        strong = [i for i in identifiers if i.kind not in _WEAK and i.kind != "domain"]
        self._own(connection, tie, strong, at)
        return tie

    def for_expense(self, connection: Connection, expense: ExpenseSeen, at: datetime) -> Tie | None:
        """The tool an expense paid for, or None when it is not for software."""
        identifiers = expense.identifiers or tuple(
            Identifier(MERCHANT, text)
            for text in dict.fromkeys((expense.descriptor, expense.merchant))
            if text
        )
        match, unknown = self._identify(identifiers)
        if match is None and not is_for_software(expense, unknown):
            return None
        return self._tie(connection, match, unknown, at)

    def _identify(self, identifiers: tuple[Identifier, ...]) -> tuple[Match | None, Unknown]:
        answer = self._answers.get(identifiers)
        if answer is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            answer = (identify(self._kb, identifiers), describe_unknown(identifiers))
            self._answers[identifiers] = answer
        return answer

    def _tie(self, connection: Connection, match: Match | None, unknown: Unknown, at: datetime) -> Tie:
        if match is not None:
            key = f"kb:{match.product.id}"
            tool_id = self._ids.get(key) or self._known_product(connection, key, match, at)
            self._ids[key] = tool_id
            return Tie(tool_id, match.rule, match.confidence, match.why)
        tool_id = self._ids.get(unknown.key) or self._unknown_product(connection, unknown, at)
        self._ids[unknown.key] = tool_id
        if unknown.reseller:
            why = "A reseller or wallet took the money; what was bought is not on the statement."
            return Tie(tool_id, "unresolved_reseller", 0.0, why)
        return Tie(
            tool_id, "unidentified", 0.0, "Nobody's list names this one yet; it is kept as it was seen."
        )

    def _known_product(self, connection: Connection, key: str, match: Match, at: datetime) -> int:
        product = match.product
        return self._make(
            connection,
            key,
            at,
            name=product.name,
            vendor=product.vendor,
            domain=product.domain,
            category=product.category,
            identity="identified",
        )

    def _unknown_product(self, connection: Connection, unknown: Unknown, at: datetime) -> int:
        if connection.dialect.name == "postgresql":
            # Two scans that meet the same unknown app at once must agree on one tool.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        name = Identifier(
            UNKNOWN_NAME, unknown.key.rpartition(":")[2] if not unknown.domain else _bare(unknown.name)
        )
        domain = Identifier(UNKNOWN_DOMAIN, unknown.domain) if unknown.domain else None
        found = self._owner(connection, domain) if domain else None
        if found is None:
            by_name = self._owner(connection, name)
            # The same name under another domain is another product.
            if by_name is not None and (domain is None or not self._has_domain(connection, by_name)):
                found = by_name
        if found is None:
            found = self._make(
                connection,
                f"unknown:{unknown.key}",
                at,
                name=unknown.name,
                vendor=None,
                domain=unknown.domain,
                category=None,
                identity="unidentified",
            )
        tie = Tie(found, "unidentified", 0.0, "")
        self._own(connection, tie, [name, *([domain] if domain else [])], at)
        return found

    def _owner(self, connection: Connection, identifier: Identifier) -> int | None:
        return connection.scalar(
            sa.select(tool_identifiers.c.tool_id).where(
                tool_identifiers.c.kind == identifier.kind, tool_identifiers.c.value == identifier.value
            )
        )

    def _has_domain(self, connection: Connection, tool_id: int) -> bool:
        query = sa.select(tool_identifiers.c.value).where(
            tool_identifiers.c.tool_id == tool_id, tool_identifiers.c.kind == UNKNOWN_DOMAIN
        )
        return connection.scalar(query) is not None

    def _own(self, connection: Connection, tie: Tie, identifiers: list[Identifier], at: datetime) -> None:
        rows = [
            {"kind": i.kind, "value": i.value, "tool_id": tie.tool_id, "rule": tie.rule, "first_seen": at}
            for i in sorted(set(identifiers))
        ]
        upsert(connection, tool_identifiers, rows, key=("kind", "value"))

    def _make(self, connection: Connection, key: str, at: datetime, *, name: str, **facts: Any) -> int:
        found = connection.scalar(sa.select(tools.c.id).where(tools.c.key == key))
        if found is not None:
            return found
        named = {"name": name, "sort_name": sort_name(name)}
        upsert(connection, tools, [{"key": key, **named, **_UNASSESSED, **facts, **_seen(at)}], key=("key",))
        found = connection.scalar(sa.select(tools.c.id).where(tools.c.key == key))
        assert found is not None
        self.made += 1
        return found


def _bare(name: str) -> str:
    return describe_unknown((Identifier(APP_NAME, name),)).key.rpartition(":")[2]


def _seen(at: datetime) -> dict[str, Any]:
    return {"first_seen": at, "last_seen": at, "updated_at": at}


_UNASSESSED: dict[str, Any] = {
    "evidence": "active",
    "governance": "unreviewed",
    "ownership": "unowned",
    "audience": "unsure",
    "audience_reasons": [],
    "managed": False,
    "managed_reasons": [],
    "shadow": False,
    "shadow_reasons": [],
    "flagged": False,
    "flagged_reasons": [],
    "flagged_at": None,
    "on_it_list": False,
    "people": 0,
    "people_gone": 0,
    "grant_grade": None,
    "spend_minor": 0,
    "spend_currency": None,
    "spend": {},
    "departments": [],
    "sources": [],
    "search": "",
    "version": 1,
}
"""A tool as it is made, before the scan's end works out its facts."""
