"""Writes what a page saw: people, apps, assignments, sign-ins, grants, consents, expenses.

One `Recorder` lives as long as one scan. Its roster remembers the source's accounts and apps, so that
a page of log events costs a few statements however many it has. Everything runs inside the page's
transaction; when that is rolled back, `forget()` must be called.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.plain_text import without_nul
from app.catalog.roster import Counts, Roster, content_of
from app.catalog.tool_finder import ToolFinder
from app.db import among, upsert, upsert_columns
from app.identify import worst_grade
from app.models import assignments, consent_events, expenses, grants, recent_events, sign_in_days
from connectors.base import Mode, Page, SkippedRecord, Stream
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    ConsentEvent,
    ExpenseSeen,
    GrantSeen,
    PersonSeen,
    SignInSeen,
)

_ASSIGNMENT = (
    "account_id",
    "group_name",
    "via_group",
    "assigned_at",
    "stream",
    "generation",
    "last_seen",
    "gone_at",
)
"""What a snapshot says anew. A log only adds that somebody took an app for themselves: which list the
assignment stands in, and when it is gone from there, stays the snapshot's to say."""


class Recorder:
    """Records the pages of one scan of one source.

    Args:
        source_id: whose observations these are.
        generation: the number of this full read.
        seen_at: the scan's start: what "first seen" and "last seen" say for snapshots.
        finder: ties apps and merchants to tools.
    """

    def __init__(self, source_id: int, generation: int, seen_at: datetime, finder: ToolFinder) -> None:
        self._source = source_id
        self._generation = generation
        self._at = seen_at
        self._finder = finder
        self._roster = Roster(source_id, generation, seen_at, finder)

    def forget(self) -> None:
        """Drop what is remembered, after a transaction was rolled back."""
        self._roster.forget()
        self._finder.forget()

    def record(
        self, connection: Connection, stream: Stream, page: Page, newest: datetime | None
    ) -> tuple[Counts, datetime | None]:
        """Store one page.

        Args:
            connection: the page's transaction.
            stream: which stream the page is of.
            page: what was seen.
            newest: time of the newest event that earlier pages of the stream had.

        Returns:
            The counts, and the newest event time now.
        """
        self._finder.begin(connection)
        self._roster.load(connection)
        page = without_nul(page)
        counts = Counts(skipped=list(page.skipped), ignored=page.ignored)
        by_kind: dict[type, list[Any]] = defaultdict(list)
        for observation in page.observations:
            by_kind[type(observation)].append(observation)
        made = self._finder.made
        self._roster.people(connection, stream, by_kind[PersonSeen], counts)
        self._roster.apps(connection, stream, by_kind[AppSeen], counts)
        self._assignments(connection, stream, by_kind[AssignmentSeen], counts)
        self._grants(connection, stream, by_kind[GrantSeen], counts)
        self._consents(connection, by_kind[ConsentEvent], counts)
        self._expenses(connection, by_kind[ExpenseSeen], counts)
        if by_kind[SignInSeen]:
            newest = self._sign_ins(connection, stream, by_kind[SignInSeen], newest, counts)
        counts.tools_new = self._finder.made - made
        return counts, newest

    # --- what joins people and apps ---

    def _assignments(
        self, connection: Connection, stream: Stream, seen: Sequence[AssignmentSeen], counts: Counts
    ) -> None:
        rows: dict[tuple[int, str], dict[str, Any]] = {}
        for a in seen:
            app_id = self._roster.app_id(a.app_ref, counts, "an assignment")
            account_id = self._roster.account_id(a.person_ref, counts, "an assignment")
            if app_id is None or (account_id is None and a.group_ref is None):
                continue
            subject = f"account:{account_id}" if account_id is not None else f"group:{a.group_ref}"
            rows[app_id, subject] = {
                "source_id": self._source,
                "app_id": app_id,
                "subject": subject,
                "account_id": account_id,
                "group_name": a.group_name,
                "via_group": a.via_group,
                "self_assigned": a.self_assigned,
                "assigned_at": a.assigned_at,
                "stream": stream.name,
                "generation": self._generation,
                "first_seen": self._at,
                "last_seen": self._at,
                "gone_at": None,
            }
        if not rows:
            return
        known = connection.execute(
            sa.select(assignments.c.app_id, assignments.c.subject).where(
                among(connection, assignments.c.app_id, sorted({k[0] for k in rows})),
                among(connection, assignments.c.subject, sorted({k[1] for k in rows})),
            )
        )
        _tally(counts, len(rows), sum((app_id, subject) in rows for app_id, subject in known))
        upsert(
            connection,
            assignments,
            list(rows.values()),
            key=("app_id", "subject"),
            update=_ASSIGNMENT if stream.mode is Mode.SNAPSHOT else (),
            either=("self_assigned",),
        )

    def _grants(
        self, connection: Connection, stream: Stream, seen: Sequence[GrantSeen], counts: Counts
    ) -> None:
        rows: dict[str, dict[str, Any]] = {}
        for g in seen:
            app_id = self._roster.app_id(g.app_ref, counts, "a grant")
            account_id = self._roster.account_id(g.person_ref, counts, "a grant")
            if app_id is None or (account_id is None and g.person_ref is not None):
                continue
            rows[g.ref] = {
                "source_id": self._source,
                "ref": g.ref,
                "app_id": app_id,
                "account_id": account_id,
                "scopes": sorted(set(g.scopes)),
                "grade": worst_grade(g.scopes),
                "consent": g.consent.value,
                "granted_at": g.granted_at,
                "stream": stream.name,
                "generation": self._generation,
                "first_seen": self._at,
                "last_seen": self._at,
                "gone_at": None,
            }
        if not rows:
            return
        _tally(counts, len(rows), self._known(connection, grants, grants.c.ref, list(rows)))
        upsert(
            connection,
            grants,
            list(rows.values()),
            key=("source_id", "ref"),
            update=(
                "app_id",
                "account_id",
                "scopes",
                "grade",
                "consent",
                "granted_at",
                "stream",
                "generation",
                "last_seen",
                "gone_at",
            ),
        )

    def _consents(self, connection: Connection, seen: Sequence[ConsentEvent], counts: Counts) -> None:
        rows: dict[str, dict[str, Any]] = {}
        for c in seen:
            app_id = self._roster.app_id(c.app_ref, counts, "a consent")
            if app_id is None:
                continue
            rows[c.event_id] = {
                "source_id": self._source,
                "event_id": c.event_id,
                "app_id": app_id,
                "account_id": self._roster.account_id(c.person_ref, counts, "a consent"),
                "at": c.at,
                "granted": c.granted,
                "scopes": sorted(set(c.scopes)),
                "consent": c.consent.value,
            }
        if not rows:
            return
        _tally(
            counts, len(rows), self._known(connection, consent_events, consent_events.c.event_id, list(rows))
        )
        upsert(connection, consent_events, list(rows.values()), key=("source_id", "event_id"))

    def _known(self, connection: Connection, table: sa.Table, column: sa.Column[str], keys: list[str]) -> int:
        query = (
            sa.select(sa.func.count())
            .select_from(table)
            .where(table.c.source_id == self._source, among(connection, column, keys))
        )
        return connection.scalar(query) or 0

    # --- sign-ins ----------------------------------------------------------------------------

    def _sign_ins(
        self,
        connection: Connection,
        stream: Stream,
        seen: Sequence[SignInSeen],
        newest: datetime | None,
        counts: Counts,
    ) -> datetime | None:
        events = {s.event_id: s for s in seen}
        if newest is not None:
            for event_id in self._repeats(connection, stream, events, newest):
                del events[event_id]
        counts.known += len(seen) - len(events)
        self._count_days(connection, events, counts)
        if events:
            latest = max([s.at for s in events.values()])
            newest = latest if newest is None else max(newest, latest)
            self._remember(connection, stream, events, newest)
        return newest

    def _repeats(
        self, connection: Connection, stream: Stream, events: dict[str, SignInSeen], newest: datetime
    ) -> list[str]:
        """Ids of events that an earlier page brought already."""
        # An event tells the same time whenever it is sent: one that is newer than all stored ones is no
        # repeat, and in most pages all are. Ids older than the floor are forgotten.
        floor = newest - stream.repeats
        candidates = [i for i, s in events.items() if floor <= s.at <= newest]
        if not candidates:
            return []
        known = connection.execute(
            sa.select(recent_events.c.event_id).where(
                recent_events.c.source_id == self._source,
                recent_events.c.stream == stream.name,
                among(connection, recent_events.c.event_id, candidates),
            )
        )
        return list(known.scalars())

    def _count_days(self, connection: Connection, events: dict[str, SignInSeen], counts: Counts) -> None:
        """Add the events to the days of their apps and accounts."""
        app_ids, account_ids = self._roster.app_ids, self._roster.account_ids
        keys: list[tuple[int, int, date]] = []
        for s in events.values():
            app, account = app_ids.get(s.app_ref), account_ids.get(s.person_ref)
            if app is None or account is None:
                missing = "an app" if app is None else "a person"
                reason = f"a sign-in of {missing} that was not listed"
                counts.skipped.append(SkippedRecord(ref=s.event_id, reason=reason))
                continue
            keys.append((app, account, s.at.date()))
        if not keys:
            return
        counts.new += len(keys)
        days = Counter(keys)
        # In a fixed order, so that two scans never wait for each other's rows.
        ordered = sorted(days)
        app_column, account_column, day_column = zip(*ordered, strict=True)
        upsert_columns(
            connection,
            sign_in_days,
            {
                "app_id": app_column,
                "account_id": account_column,
                "day": day_column,
                "count": [days[key] for key in ordered],
            },
            key=("app_id", "account_id", "day"),
            add=("count",),
        )

    def _remember(
        self, connection: Connection, stream: Stream, events: dict[str, SignInSeen], newest: datetime
    ) -> None:
        floor = newest - stream.repeats
        connection.execute(
            sa.delete(recent_events).where(
                recent_events.c.source_id == self._source,
                recent_events.c.stream == stream.name,
                recent_events.c.at < floor,
            )
        )
        rows = [
            {"source_id": self._source, "stream": stream.name, "event_id": s.event_id, "at": s.at}
            for s in events.values()
            if s.at >= floor
        ]
        upsert(connection, recent_events, rows, key=("source_id", "stream", "event_id"))

    # --- expenses ----------------------------------------------------------------------------

    def _expenses(self, connection: Connection, seen: Sequence[ExpenseSeen], counts: Counts) -> None:
        latest = {e.ref: e for e in seen}
        if not latest:
            return
        stored = connection.execute(
            sa.select(expenses.c.ref, expenses.c.content).where(
                expenses.c.source_id == self._source, among(connection, expenses.c.ref, list(latest))
            )
        )
        known = dict(stored.all())
        rows: list[dict[str, Any]] = []
        dropped: list[str] = []
        for ref, e in latest.items():
            merchant_id = self._finder.for_expense(connection, e, self._at)
            if merchant_id is None:
                # Not for software: least data says that it is counted and forgotten.
                counts.ignored += 1
                dropped.append(ref)
                continue
            _tally(counts, 1, int(ref in known))
            rows.append(
                {
                    "source_id": self._source,
                    "ref": ref,
                    "merchant_id": merchant_id,
                    "account_id": self._roster.account_id(e.person_ref, counts, "an expense"),
                    "occurred_on": e.occurred_on,
                    "posted_on": e.posted_on,
                    "amount_minor": e.amount_minor,
                    "currency": e.currency,
                    "original_amount_minor": e.original_amount_minor,
                    "original_currency": e.original_currency,
                    "merchant": e.merchant,
                    "descriptor": e.descriptor,
                    "state": e.state.value,
                    "mcc": e.mcc,
                    "category": e.category,
                    "memo": e.memo,
                    "department": e.department,
                    "refund_of": e.refund_of,
                    "replaces": e.replaces,
                    "replaced": False,
                    "content": content_of(e),
                    "first_seen": self._at,
                    "last_seen": self._at,
                }
            )
        edited = [ref for ref in dropped if ref in known]
        if edited:
            connection.execute(
                sa.delete(expenses).where(
                    expenses.c.source_id == self._source, among(connection, expenses.c.ref, edited)
                )
            )
        if rows:
            kept = {"source_id", "ref", "first_seen", "replaced"}
            upsert(
                connection,
                expenses,
                rows,
                key=("source_id", "ref"),
                update=tuple(c for c in rows[0] if c not in kept),
            )


def _tally(counts: Counts, total: int, known: int) -> None:
    counts.known += known
    counts.new += total - known
