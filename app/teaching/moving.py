"""Puts a teaching into force or takes it back: moves the subjects it speaks of, and works out their tools."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from app.catalog.answers import Answers
from app.catalog.assess import assess
from app.catalog.leftovers import forget_merchants, forget_tools
from app.catalog.relevance import is_kept
from app.identify import KnowledgeBase
from app.teaching import repository
from app.teaching.handles import Handle, app_handles, merchant_handles
from app.teaching.repository import Subject
from app.teaching.resolve import Book, Held, Teaching
from connectors.identifiers import DOMAIN, MERCHANT


@dataclass
class Moved:
    """What changed: apps, merchants, and every tool that may stand otherwise now."""

    apps: int = 0
    merchants: int = 0
    tools: set[int] = field(default_factory=set)
    forgotten: int = 0
    """Expenses that were kept for nothing but the teaching that was undone."""


def move(
    connection: Connection,
    kb: KnowledgeBase,
    before: Book,
    after: Book,
    teaching: Teaching,
    now: datetime,
) -> Moved:
    """Let what holds after a change of the teachings hold in the catalog.

    Args:
        connection: the transaction, in which nobody else teaches.
        kb: the knowledge base.
        before: the teachings that held.
        after: the teachings that hold now.
        teaching: the one in which the two differ.
        now: the time.

    Returns:
        What changed.
    """
    moved = Moved(tools={t for t in (teaching.from_tool_id, teaching.to_tool_id) if t is not None})
    apps, merchants = _subjects(connection, before, after, teaching)
    held = _changed(apps, after, moved)
    repository.move_apps(connection, held)
    moved.apps = len(held)
    held = _changed(merchants, after, moved)
    repository.move_merchants(connection, held)
    moved.merchants = len(held)
    if all(t.id != teaching.id for t in after.teachings):
        unknown = [m for m in merchants if m.id in held and not after.is_taught(merchant_handles(m.key))]
        moved.forgotten = _forget_unwanted(connection, kb, unknown, teaching.at)
    repository.count_up(connection, moved.tools, now)
    assess(connection, kb, moved.tools, now)
    return moved


def _forget_unwanted(
    connection: Connection, kb: KnowledgeBase, merchants: Iterable[Subject], since: datetime
) -> int:
    """Drop what was stored since a moment only because somebody had said what its merchant is.

    A lunch at what was taken for a vendor is nobody's business once that is taken back.
    """
    answers = Answers(kb)
    unwanted = [
        id_
        for id_, expense in repository.expenses_since(connection, [m.id for m in merchants], since)
        if not is_kept(expense, answers.of_expense(expense))
    ]
    repository.delete_expenses(connection, unwanted)
    return len(unwanted)


def tidy_up(connection: Connection, tool_ids: Iterable[int]) -> None:
    """After an undoing: what only the teaching had brought about goes, as if it had never been."""
    ids = set(tool_ids)
    repository.forget_flagging(connection, ids)
    forget_merchants(connection, ids)
    forget_tools(connection, ids)


def _subjects(
    connection: Connection, before: Book, after: Book, teaching: Teaching
) -> tuple[list[Subject], list[Subject]]:
    """All subjects for which the teaching may make a difference."""
    if teaching.verb == "merge":
        # Whatever passes through the tool that is merged away ends, before or after, where that tool ends.
        assert teaching.from_tool_id is not None
        ends = {book.final(teaching.from_tool_id) for book in (before, after)}
        return repository.apps_of_tools(connection, ends), repository.merchants_of_tools(connection, ends)
    taught = {learned.handle for learned in teaching.learned}
    keys = [h.value for h in taught if h.kind == MERCHANT]
    addresses = any(h.kind == DOMAIN for h in taught)
    apps: list[Subject] = []
    merchants: list[Subject] = []
    of_apps = [h for h in taught if h.kind != MERCHANT]
    if of_apps:
        candidates = repository.apps_that_may_carry(connection, of_apps)
        apps = [a for a in candidates if not taught.isdisjoint(_handles(a))]
    if keys or addresses:
        merchants = [
            m
            for m in repository.merchants_with_keys(connection, keys, addresses=addresses)
            if not taught.isdisjoint(_handles(m))
        ]
    return apps, merchants


def _changed(subjects: Iterable[Subject], book: Book, moved: Moved) -> dict[int, Held]:
    changed: dict[int, Held] = {}
    for subject in subjects:
        held = book.hold(_handles(subject), subject.matched)
        if held != subject.held:
            changed[subject.id] = held
            moved.tools |= {subject.tool_id, held.tool_id, subject.matched.tool_id}
    return changed


def _handles(subject: Subject) -> list[Handle]:
    if subject.key:
        return merchant_handles(subject.key)
    return app_handles(subject.identifiers, subject.name)
