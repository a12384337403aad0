"""Writes what a page saw: people, apps, assignments, sign-ins, grants, consents, expenses.

One `Recorder` lives as long as one scan. It keeps the source's accounts and apps in memory (ids by
the vendor's refs), so that a page of log events costs a few statements however many it has. Every
method runs inside the page's transaction; when that is rolled back, `forget()` must be called.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.tool_finder import ToolFinder
from app.db import among, upsert
from app.identify import worst_grade
from app.models import (
    accounts,
    apps,
    assignments,
    consent_events,
    expenses,
    grants,
    people,
    recent_events,
    sign_in_days,
)
from connectors.base import Page, SkippedRecord, Stream
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    ConsentEvent,
    ExpenseSeen,
    GrantSeen,
    PersonSeen,
    SignInSeen,
)


@dataclass
class Counts:
    """What one page brought: rows new and known, records skipped and left out, tools made."""

    new: int = 0
    known: int = 0
    skipped: list[SkippedRecord] = field(default_factory=list)
    ignored: int = 0
    tools_new: int = 0


@dataclass
class _App:
    id: int
    listed: bool
    content: str
    generation: int


@dataclass
class _Account:
    id: int
    listed: bool
    content: str
    generation: int


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
        self._apps: dict[str, _App] | None = None
        self._accounts: dict[str, _Account] = {}

    def forget(self) -> None:
        """Drop what is remembered, after a transaction was rolled back."""
        self._apps = None
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
        if self._apps is None:
            self._load(connection)
        counts = Counts(skipped=list(page.skipped), ignored=page.ignored)
        by_kind: dict[type, list[Any]] = defaultdict(list)
        for observation in page.observations:
            by_kind[type(observation)].append(observation)
        made = self._finder.made
        self._people(connection, stream, by_kind[PersonSeen], counts)
        self._app_listings(connection, stream, by_kind[AppSeen], counts)
        self._assignments(connection, stream, by_kind[AssignmentSeen], counts)
        self._grants(connection, stream, by_kind[GrantSeen], counts)
        self._consents(connection, by_kind[ConsentEvent], counts)
        self._expenses(connection, by_kind[ExpenseSeen], counts)
        if by_kind[SignInSeen]:
            newest = self._sign_ins(connection, stream, by_kind[SignInSeen], newest, counts)
        counts.tools_new = self._finder.made - made
        return counts, newest

    def _load(self, connection: Connection) -> None:
        rows = connection.execute(
            sa.select(apps.c.ref, apps.c.id, apps.c.listed, apps.c.generation).where(
                apps.c.source_id == self._source
            )
        )
        # The content of what earlier scans saw is not loaded: the first sight of each app and
        # account in this scan rewrites its row, later sights are compared.
        self._apps = {ref: _App(id_, listed, "", generation) for ref, id_, listed, generation in rows}
        rows = connection.execute(
            sa.select(accounts.c.ref, accounts.c.id, accounts.c.listed, accounts.c.generation).where(
                accounts.c.source_id == self._source
            )
        )
        self._accounts = {ref: _Account(id_, listed, "", generation) for ref, id_, listed, generation in rows}

    # --- people ----------------------------------------------------------------------------

    def _people(
        self, connection: Connection, stream: Stream, seen: Sequence[PersonSeen], counts: Counts
    ) -> None:
        wanted: dict[str, PersonSeen] = {}
        for person in seen:
            known = self._accounts.get(person.ref)
            counts.new += known is None and person.ref not in wanted
            counts.known += known is not None or person.ref in wanted
            if known is not None and (person.mention or known.content == _content(person)):
                continue
            earlier = wanted.get(person.ref)
            if earlier is None or earlier.mention or not person.mention:
                wanted[person.ref] = person
        if not wanted:
            return
        ids = self._person_ids(connection, list(wanted.values()))
        rows = [
            {
                "source_id": self._source,
                "ref": p.ref,
                "person_id": ids[p.ref],
                "listed": not p.mention,
                "details": _details(p),
                "stream": stream.name,
                "generation": self._generation,
                "first_seen": self._at,
                "last_seen": self._at,
                "gone_at": None,
            }
            for p in wanted.values()
        ]
        upsert(
            connection,
            accounts,
            rows,
            key=("source_id", "ref"),
            update=("person_id", "listed", "details", "stream", "generation", "last_seen", "gone_at"),
        )
        stored = connection.execute(
            sa.select(accounts.c.ref, accounts.c.id).where(
                accounts.c.source_id == self._source, among(connection, accounts.c.ref, list(wanted))
            )
        )
        for ref, id_ in stored:
            person = wanted[ref]
            self._accounts[ref] = _Account(id_, not person.mention, _content(person), self._generation)

    def _person_ids(self, connection: Connection, seen: Sequence[PersonSeen]) -> dict[str, int]:
        emails = {p.ref: [e.strip().lower() for e in (p.email, *p.other_emails) if e] for p in seen}
        every = sorted({e for several in emails.values() for e in several})
        known = self._people_by_email(connection, every)
        fresh = {}
        for p in seen:
            if emails[p.ref] and not any(e in known for e in emails[p.ref]):
                fresh[emails[p.ref][0]] = _person_row(p, emails[p.ref][0], self._at)
        upsert(connection, people, [fresh[e] for e in sorted(fresh)], key=("email",))
        if fresh:
            known |= self._people_by_email(connection, sorted(fresh))
        ids = {}
        for p in seen:
            found = next((known[e] for e in emails[p.ref] if e in known), None)
            ids[p.ref] = found if found is not None else self._nameless(connection, p)
        return ids

    def _people_by_email(self, connection: Connection, emails: list[str]) -> dict[str, int]:
        if not emails:
            return {}
        rows = connection.execute(
            sa.select(people.c.email, people.c.id).where(among(connection, people.c.email, emails))
        )
        return {email: id_ for email, id_ in rows}

    def _nameless(self, connection: Connection, seen: PersonSeen) -> int:
        """A person without any address stands for this one account only."""
        known = connection.scalar(
            sa.select(accounts.c.person_id).where(
                accounts.c.source_id == self._source, accounts.c.ref == seen.ref
            )
        )
        if known is not None:
            return known
        made = connection.execute(sa.insert(people).values(**_person_row(seen, None, self._at)))
        key = made.inserted_primary_key
        assert key is not None
        return key[0]

    # --- apps ------------------------------------------------------------------------------

    def _app_listings(
        self, connection: Connection, stream: Stream, seen: Sequence[AppSeen], counts: Counts
    ) -> None:
        assert self._apps is not None
        wanted: dict[str, AppSeen] = {}
        for app in seen:
            known = self._apps.get(app.ref)
            counts.new += known is None and app.ref not in wanted
            counts.known += known is not None or app.ref in wanted
            if known is not None and (app.mention or known.content == _content(app)):
                continue
            earlier = wanted.get(app.ref)
            if earlier is None or earlier.mention or not app.mention:
                wanted[app.ref] = app
        if not wanted:
            return
        rows = []
        for ref in sorted(wanted):
            app = wanted[ref]
            tie = self._finder.for_app(connection, app, self._at)
            rows.append(
                {
                    "source_id": self._source,
                    "ref": ref,
                    "tool_id": tie.tool_id,
                    "name": app.name,
                    "listed": not app.mention,
                    "internal": app.internal,
                    "sign_on": app.sign_on.value,
                    "provisioning": app.provisioning,
                    "self_service": app.self_service,
                    "active": app.active,
                    "publisher": app.publisher,
                    "publisher_verified": app.publisher_verified,
                    "identifiers": [list(i) for i in app.identifiers],
                    "facts": app.facts,
                    "rule": tie.rule,
                    "confidence": tie.confidence,
                    "why": tie.why,
                    "created_at": app.created_at,
                    "stream": stream.name,
                    "generation": self._generation,
                    "first_seen": self._at,
                    "last_seen": self._at,
                    "gone_at": None,
                }
            )
        kept = {"source_id", "ref", "first_seen"}
        upsert(
            connection,
            apps,
            rows,
            key=("source_id", "ref"),
            update=tuple(c for c in rows[0] if c not in kept),
        )
        stored = connection.execute(
            sa.select(apps.c.ref, apps.c.id).where(
                apps.c.source_id == self._source, among(connection, apps.c.ref, list(wanted))
            )
        )
        for ref, id_ in stored:
            app = wanted[ref]
            self._apps[ref] = _App(id_, not app.mention, _content(app), self._generation)

    # --- what joins people and apps ----------------------------------------------------------

    def _app_id(self, ref: str, counts: Counts, what: str) -> int | None:
        assert self._apps is not None
        app = self._apps.get(ref)
        if app is None:
            counts.skipped.append(SkippedRecord(ref=ref, reason=f"{what} of an app that was not listed"))
            return None
        return app.id

    def _account_id(self, ref: str | None, counts: Counts, what: str) -> int | None:
        if ref is None:
            return None
        account = self._accounts.get(ref)
        if account is None:
            counts.skipped.append(SkippedRecord(ref=ref, reason=f"{what} of a person who was not listed"))
            return None
        return account.id

    def _assignments(
        self, connection: Connection, stream: Stream, seen: Sequence[AssignmentSeen], counts: Counts
    ) -> None:
        rows: dict[tuple[int, str], dict[str, Any]] = {}
        for a in seen:
            app_id = self._app_id(a.app_ref, counts, "an assignment")
            account_id = self._account_id(a.person_ref, counts, "an assignment")
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
            update=(
                "account_id",
                "group_name",
                "via_group",
                "self_assigned",
                "assigned_at",
                "stream",
                "generation",
                "last_seen",
                "gone_at",
            ),
        )

    def _grants(
        self, connection: Connection, stream: Stream, seen: Sequence[GrantSeen], counts: Counts
    ) -> None:
        rows: dict[str, dict[str, Any]] = {}
        for g in seen:
            app_id = self._app_id(g.app_ref, counts, "a grant")
            account_id = self._account_id(g.person_ref, counts, "a grant")
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
            app_id = self._app_id(c.app_ref, counts, "a consent")
            if app_id is None:
                continue
            rows[c.event_id] = {
                "source_id": self._source,
                "event_id": c.event_id,
                "app_id": app_id,
                "account_id": self._account_id(c.person_ref, counts, "a consent"),
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
        assert self._apps is not None
        events = {s.event_id: s for s in seen}
        repeated = len(seen) - len(events)
        if newest is not None:
            # Only events this close behind the newest one can be repeats: older ids are forgotten.
            floor = newest - stream.repeats
            candidates = [i for i, s in events.items() if s.at >= floor]
            known = connection.execute(
                sa.select(recent_events.c.event_id).where(
                    recent_events.c.source_id == self._source,
                    recent_events.c.stream == stream.name,
                    among(connection, recent_events.c.event_id, candidates),
                )
            )
            for (event_id,) in known:
                del events[event_id]
                repeated += 1
        counts.known += repeated
        days: Counter[tuple[int, int, Any]] = Counter()
        app_of, account_of = self._apps, self._accounts
        for s in events.values():
            app = app_of.get(s.app_ref)
            account = account_of.get(s.person_ref)
            if app is None or account is None:
                missing = "an app" if app is None else "a person"
                counts.skipped.append(
                    SkippedRecord(ref=s.event_id, reason=f"a sign-in of {missing} that was not listed")
                )
                continue
            days[app.id, account.id, s.at.date()] += 1
            counts.new += 1
        rows = [{"app_id": a, "account_id": p, "day": d, "count": n} for (a, p, d), n in sorted(days.items())]
        upsert(connection, sign_in_days, rows, key=("app_id", "account_id", "day"), add=("count",))
        if events:
            latest = max(s.at for s in events.values())
            newest = latest if newest is None else max(newest, latest)
            self._remember(connection, stream, events, newest)
        return newest

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
        known = {ref: content for ref, content in stored}
        rows = []
        for ref, e in latest.items():
            tie = self._finder.for_expense(connection, e, self._at)
            if tie is None or tie.tool_id is None:
                # Not for software: least data says that it is counted and forgotten.
                counts.ignored += 1
                continue
            _tally(counts, 1, int(ref in known))
            rows.append(
                {
                    "source_id": self._source,
                    "ref": ref,
                    "tool_id": tie.tool_id,
                    "account_id": self._account_id(e.person_ref, counts, "an expense"),
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
                    "rule": tie.rule,
                    "confidence": tie.confidence,
                    "why": tie.why,
                    "content": _content(e),
                    "first_seen": self._at,
                    "last_seen": self._at,
                }
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


def _content(observation: msgspec.Struct) -> str:
    return blake2b(msgspec.msgpack.encode(observation), digest_size=12).hexdigest()


def _details(person: PersonSeen) -> dict[str, Any]:
    return {
        "name": person.name,
        "department": person.department,
        "title": person.title,
        "manager_email": person.manager_email,
        "active": person.active,
        "kind": person.kind.value,
    }


def _person_row(person: PersonSeen, email: str | None, at: datetime) -> dict[str, Any]:
    return {
        "email": email,
        "name": person.name,
        "department": person.department,
        "title": person.title,
        "manager_email": person.manager_email,
        "kind": person.kind.value,
        "active": None,
        "first_seen": at,
        "last_seen": at,
    }
