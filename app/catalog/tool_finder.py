"""Ties apps and merchants to tools: what the knowledge base knows, what was seen before, else a new
unidentified tool. Nothing seen is dropped for not being known. What people taught holds over all of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.answers import Answer, Answers
from app.catalog.merchant_key import merchant_from
from app.catalog.relevance import is_a_word, is_kept
from app.catalog.tool_making import facts_of_product, facts_of_unknown, make_tool
from app.db import upsert
from app.identify import Hints, KnowledgeBase, Match, Unknown, describe_unknown
from app.language import lasting
from app.models import apps, expenses, grants, merchants, tool_identifiers, tools
from app.teaching import repository as taught
from app.teaching.handles import Handle, app_handles, merchant_handles
from app.teaching.resolve import Book, Held, Matched
from connectors.identifiers import APP_NAME, MERCHANT, PUBLISHER, Identifier
from connectors.observations import AppSeen, ExpenseSeen

_LOCK = 7_230_419_882
_WEAK = {APP_NAME, MERCHANT, PUBLISHER}
"""Names alone own nothing: two tools may share one. They are identified afresh each time."""

SUPPORTED = "supported_name"
"""The rule by which an ordinary word is believed for what stands beside it."""

UNIDENTIFIED = "unidentified"
"""The rule of what nobody can name, but for what a reseller sold."""

UNKNOWN_DOMAIN = "unknown.domain"
UNKNOWN_NAME = "unknown.name"
_TIED = ("tool_id", "rule", "confidence", "why", "matched_tool_id", "matched")


@dataclass(frozen=True)
class Tie:
    """Which tool, by which rule, how sure (0 to 1), and why in a sentence.

    Where a person said so, `matched_tool_id` and `matched` keep what the matcher had said. `risks` are
    sentences that warn about an app; `ToolFinder.for_app` is the place that finds them.
    """

    tool_id: int | None
    rule: str
    confidence: float
    why: str
    matched_tool_id: int | None = None
    matched: dict[str, Any] | None = None
    risks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Merchant:
    """A stored merchant, with the surest of what the matcher said of its lines."""

    id: int
    name: str
    matched: Matched


class ToolFinder:
    """Finds or makes tools; counts in `made` how many it made."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.answers = Answers(kb)
        self._ids: dict[str, int] = {}
        self._merchants: dict[tuple[str, int], _Merchant] = {}
        self._book = Book()
        self._stamp: taught.Stamp | None = None
        self.made = 0

    def begin(self, connection: Connection) -> None:
        """Take up what people taught; call it once at the beginning of each transaction that finds tools.

        Until the transaction's end nobody teaches: what it stores agrees with what it has read.
        """
        taught.keep_out_teachers(connection)
        stamp = taught.stamp(connection)
        if stamp != self._stamp:
            self._book, self._stamp = taught.load_book(connection), stamp

    def forget(self) -> None:
        """Drop remembered ids, after a transaction was rolled back."""
        self._ids.clear()
        self._merchants.clear()
        self._stamp = None

    def for_app(
        self, connection: Connection, app: AppSeen, at: datetime, *, stored: int | None = None
    ) -> Tie:
        """The tool an app belongs to; `tool_id` is None for the company's own applications.

        Args:
            connection: the transaction.
            app: as a source saw it.
            at: the time.
            stored: the app's own id if it was seen before: what it may do can support an ordinary word.
        """
        if app.internal:
            return Tie(None, "internal", 1.0, lasting("The company built this application itself."))
        identifiers = app.identifiers or (Identifier(APP_NAME, app.name),)
        answer = self._of_app(connection, identifiers, stored)
        return self._app_tie(connection, app.name, identifiers, answer, at)

    def _of_app(
        self, connection: Connection, identifiers: tuple[Identifier, ...], stored: int | None
    ) -> Answer:
        answer = self.answers.of(identifiers)
        if answer.word is None or stored is None:
            return answer
        # What it may do now; what it might do once and no longer supports nothing.
        live = sa.select(grants.c.scopes).where(grants.c.app_id == stored, grants.c.gone_at.is_(None))
        scopes = {scope for some in connection.scalars(live) for scope in some}
        return self.answers.of(identifiers, Hints(scopes=tuple(sorted(scopes)))) if scopes else answer

    def _app_tie(
        self,
        connection: Connection,
        name: str,
        identifiers: tuple[Identifier, ...],
        answer: Answer,
        at: datetime,
    ) -> Tie:
        matched = self._matched(connection, answer, at)
        strong = [i for i in identifiers if i.kind not in _WEAK and i.kind != "domain"]
        self._own(connection, matched, strong, at)
        held = self._book.hold(app_handles(identifiers, name) if self._book.teachings else (), matched)
        if held.matched is not None:
            matched = self._still_there(connection, matched, answer, at)
        return Tie(
            held.tool_id,
            held.rule,
            held.confidence,
            held.why,
            matched.tool_id,
            held.matched,
            risks=answer.risks,
        )

    def retie_app(
        self,
        connection: Connection,
        app_id: int,
        name: str,
        identifiers: tuple[Identifier, ...],
        at: datetime,
    ) -> set[int]:
        """Tie a stored app anew, now that more is known of it; gives the tools that changed."""
        before = connection.execute(sa.select(apps).where(apps.c.id == app_id)).one()
        answer = self._of_app(connection, identifiers, app_id)
        tie = self._app_tie(connection, name, identifiers, answer, at)
        if tie.matched_tool_id == before.matched_tool_id:
            return set()
        values = {column: getattr(tie, column) for column in _TIED}
        connection.execute(sa.update(apps).where(apps.c.id == app_id).values(**values, risks=list(tie.risks)))
        return {before.tool_id, before.matched_tool_id, tie.tool_id, tie.matched_tool_id} - {None}

    def for_expense(self, connection: Connection, expense: ExpenseSeen, at: datetime) -> int | None:
        """The merchant (by id) that an expense was paid to, or None when it is not for software."""
        answer = self.answers.of_expense(expense)
        key, name = merchant_from(answer.unknown)
        handles = merchant_handles(key) if self._book.teachings else []
        if not is_kept(expense, answer) and not self._book.is_taught(handles):
            return None
        if is_a_word(expense, answer):
            supported = self._supported(connection, key)
            if supported is not None:
                return supported
        matched = self._matched(connection, answer, at)
        known = self._merchants.get((key, matched.tool_id)) or self._merchant(connection, key, matched)
        if known is None:
            held = self._book.hold(handles, matched)
            if held.matched is not None:
                matched = self._still_there(connection, matched, answer, at)
            known = self._new_merchant(connection, key, name, matched, held, at)
        known = self._surest(connection, known, name, matched, handles)
        self._merchants[key, matched.tool_id] = known
        return known.id

    # --- merchants ---------------------------------------------------------------------------

    def _supported(self, connection: Connection, key: str) -> int | None:
        """The merchant of that key whose ordinary word its rhythm supports by now, if there is one."""
        rows = connection.execute(sa.select(merchants).where(merchants.c.key == key).order_by(merchants.c.id))
        return next((r.id for r in rows if taught.matched_of(r).rule == SUPPORTED), None)

    def retie_merchant(
        self, connection: Connection, merchant_id: int, answer: Answer, at: datetime
    ) -> set[int]:
        """Tie a stored merchant anew, now that more is known of it; gives the tools that changed."""
        # Locked first: a page that another scan is storing may be about to hang an expense on it.
        query = sa.select(merchants).where(merchants.c.id == merchant_id).with_for_update()
        before = connection.execute(query).one_or_none()
        if before is None:
            return set()
        matched = self._matched(connection, answer, at)
        if matched.tool_id == before.matched_tool_id:
            return set()
        changed = {before.tool_id, before.matched_tool_id, matched.tool_id}
        other = self._merchant(connection, before.key, matched)
        if other is not None:
            # Other lines of it are tied there already: these join them.
            connection.execute(
                sa.update(expenses).where(expenses.c.merchant_id == merchant_id).values(merchant_id=other.id)
            )
            connection.execute(sa.delete(merchants).where(merchants.c.id == merchant_id))
            there = sa.select(merchants.c.tool_id).where(merchants.c.id == other.id)
            return changed | {connection.execute(there).scalar_one()}
        handles = merchant_handles(before.key) if self._book.teachings else []
        held = self._book.hold(handles, matched)
        values = {"matched_tool_id": matched.tool_id, **asdict(held)}
        connection.execute(sa.update(merchants).where(merchants.c.id == merchant_id).values(**values))
        return changed | {held.tool_id}

    def _merchant(self, connection: Connection, key: str, matched: Matched) -> _Merchant | None:
        row = connection.execute(
            sa.select(merchants).where(merchants.c.key == key, merchants.c.matched_tool_id == matched.tool_id)
        ).one_or_none()
        return None if row is None else _Merchant(row.id, row.name, taught.matched_of(row))

    def _new_merchant(
        self, connection: Connection, key: str, name: str, matched: Matched, held: Held, at: datetime
    ) -> _Merchant:
        row = {"key": key, "name": name, "matched_tool_id": matched.tool_id, "first_seen": at}
        upsert(connection, merchants, [{**row, **asdict(held)}], key=("key", "matched_tool_id"))
        made = self._merchant(connection, key, matched)
        assert made is not None
        return made

    def _surest(
        self,
        connection: Connection,
        known: _Merchant,
        name: str,
        matched: Matched,
        handles: Sequence[Handle],
    ) -> _Merchant:
        """Keep the surest reason and the shortest name of all lines of a merchant, whichever came first."""
        best = min(known.matched, matched, key=lambda m: (-m.confidence, m.why, m.rule))
        shown = min(known.name, name, key=lambda n: (len(n), n))
        if (best, shown) == (known.matched, known.name):
            return known
        values = {"name": shown, **asdict(self._book.hold(handles, best))}
        connection.execute(sa.update(merchants).where(merchants.c.id == known.id).values(**values))
        return replace(known, name=shown, matched=best)

    # --- tools -------------------------------------------------------------------------------

    def _still_there(
        self,
        connection: Connection,
        matched: Matched,
        answer: Answer,
        at: datetime,
    ) -> Matched:
        """The same answer with a tool that stays until the transaction's end.

        No foreign key holds a tool that only the matcher names; another scan may have tidied it away.
        """
        kept = sa.select(tools.c.id).where(tools.c.id == matched.tool_id).with_for_update(key_share=True)
        if connection.scalar(kept) is not None:
            return matched
        self._ids.clear()
        return self._matched(connection, answer, at)

    def _matched(self, connection: Connection, answer: Answer, at: datetime) -> Matched:
        """What the matcher says, with the tool made where there was none."""
        match, unknown = answer.match, answer.unknown
        if match is not None:
            key = f"kb:{match.product.id}"
            tool_id = self._ids.get(key) or self._known_product(connection, key, match, at)
            self._ids[key] = tool_id
            return Matched(tool_id, match.rule, match.confidence, match.why)
        tool_id = self._ids.get(unknown.key) or self._unknown_product(connection, unknown, at)
        self._ids[unknown.key] = tool_id
        if unknown.reseller:
            why = lasting("A reseller or wallet took the money; what was bought is not on the statement.")
            return Matched(tool_id, "unresolved_reseller", 0.0, why)
        why = lasting("Nobody's list names this one yet; it is kept as it was seen.")
        if answer.word is not None:
            why = lasting(
                "It may be %(name)s, but that is an ordinary word, and nothing else says so yet.",
                name=answer.word.name,
            )
        return Matched(tool_id, UNIDENTIFIED, 0.0, why)

    def _known_product(self, connection: Connection, key: str, match: Match, at: datetime) -> int:
        return self._make(connection, key, at, **facts_of_product(match.product))

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
                **facts_of_unknown(unknown),
            )
        self._own(
            connection, Matched(found, UNIDENTIFIED, 0.0, ""), [name, *([domain] if domain else [])], at
        )
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

    def _own(self, connection: Connection, tie: Matched, identifiers: list[Identifier], at: datetime) -> None:
        rows = [
            {"kind": i.kind, "value": i.value, "tool_id": tie.tool_id, "rule": tie.rule, "first_seen": at}
            for i in sorted(set(identifiers))
        ]
        upsert(connection, tool_identifiers, rows, key=("kind", "value"))

    def _make(self, connection: Connection, key: str, at: datetime, **facts: Any) -> int:
        tool_id, made = make_tool(connection, key, at, **facts)
        self.made += made
        return tool_id


def _bare(name: str) -> str:
    return describe_unknown((Identifier(APP_NAME, name),)).key.rpartition(":")[2]
