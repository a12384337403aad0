"""Who and what a source knows: its accounts and apps, stored, and remembered by the vendor's refs."""

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
from app.models import accounts, apps, people
from connectors.base import SkippedRecord, Stream
from connectors.observations import AppSeen, PersonSeen


@dataclass
class Counts:
    """What one page brought: rows new and known, records skipped and left out, tools made."""

    new: int = 0
    known: int = 0
    skipped: list[SkippedRecord] = field(default_factory=list)
    ignored: int = 0
    tools_new: int = 0


class Roster:
    """The accounts and apps of one source during one scan.

    Args:
        source_id: whose.
        generation: the number of this full read.
        seen_at: the scan's start: what "first seen" and "last seen" say.
        finder: ties apps to tools.
    """

    def __init__(self, source_id: int, generation: int, seen_at: datetime, finder: ToolFinder) -> None:
        self._source = source_id
        self._generation = generation
        self._at = seen_at
        self._finder = finder
        self._loaded = False
        self.app_ids: dict[str, int] = {}
        self.account_ids: dict[str, int] = {}
        # What this scan stored last, to tell a repeated sight from a changed one. What earlier scans
        # stored is not loaded: the first sight of each app and account in a scan rewrites its row.
        self._contents: dict[tuple[type, str], str] = {}

    def forget(self) -> None:
        """Drop what is remembered, after a transaction was rolled back."""
        self._loaded = False
        self._contents.clear()

    def load(self, connection: Connection) -> None:
        """Remember what earlier scans stored; does nothing when that is known already."""
        if self._loaded:
            return
        for table, ids in ((apps, self.app_ids), (accounts, self.account_ids)):
            ids.clear()
            rows = connection.execute(
                sa.select(table.c.ref, table.c.id).where(table.c.source_id == self._source)
            )
            ids.update(rows.all())
        self._loaded = True

    # --- people ----------------------------------------------------------------------------

    def people(
        self, connection: Connection, stream: Stream, seen: Sequence[PersonSeen], counts: Counts
    ) -> None:
        """Store accounts and the people behind them; a mention never overwrites a listing."""
        wanted: dict[str, PersonSeen] = {}
        for person in seen:
            known = person.ref in self.account_ids
            counts.new += not known and person.ref not in wanted
            counts.known += known or person.ref in wanted
            if known and (person.mention or self._unchanged(person)):
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
            self.account_ids[ref] = id_
            self._contents[PersonSeen, ref] = content_of(wanted[ref])

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
        return dict(rows.all())

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

    def apps(self, connection: Connection, stream: Stream, seen: Sequence[AppSeen], counts: Counts) -> None:
        """Store apps, each tied to its tool; a mention never overwrites a listing."""
        wanted: dict[str, AppSeen] = {}
        for app in seen:
            known = app.ref in self.app_ids
            counts.new += not known and app.ref not in wanted
            counts.known += known or app.ref in wanted
            if known and (app.mention or self._unchanged(app)):
                continue
            earlier = wanted.get(app.ref)
            if earlier is None or earlier.mention or not app.mention:
                wanted[app.ref] = app
        if not wanted:
            return
        rows = []
        for ref in sorted(wanted):
            app = wanted[ref]
            tie = self._finder.for_app(connection, app, self._at, stored=self.app_ids.get(ref))
            rows.append(
                {
                    "source_id": self._source,
                    "ref": ref,
                    "tool_id": tie.tool_id,
                    "matched_tool_id": tie.matched_tool_id,
                    "name": app.name,
                    "listed": not app.mention,
                    "internal": app.internal,
                    "sign_on": app.sign_on.value,
                    "provisioning": app.provisioning,
                    "self_service": app.self_service,
                    "admin_only": app.admin_only,
                    "active": app.active,
                    "publisher": app.publisher,
                    "publisher_verified": app.publisher_verified,
                    "identifiers": [list(i) for i in app.identifiers],
                    "facts": app.facts,
                    "rule": tie.rule,
                    "confidence": tie.confidence,
                    "why": tie.why,
                    "matched": tie.matched,
                    "risks": list(tie.risks),
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
            self.app_ids[ref] = id_
            self._contents[AppSeen, ref] = content_of(wanted[ref])

    def app_id(self, ref: str, counts: Counts, what: str) -> int | None:
        """The stored id of an app; an unknown one is counted as skipped, `what` says of what."""
        found = self.app_ids.get(ref)
        if found is None:
            counts.skipped.append(SkippedRecord(ref=ref, reason=f"{what} of an app that was not listed"))
        return found

    def account_id(self, ref: str | None, counts: Counts, what: str) -> int | None:
        """The stored id of an account; None for nobody, and (counted as skipped) for an unknown one."""
        if ref is None:
            return None
        found = self.account_ids.get(ref)
        if found is None:
            counts.skipped.append(SkippedRecord(ref=ref, reason=f"{what} of a person who was not listed"))
        return found

    def _unchanged(self, seen: PersonSeen | AppSeen) -> bool:
        return self._contents.get((type(seen), seen.ref)) == content_of(seen)


def content_of(observation: msgspec.Struct) -> str:
    """A digest of everything an observation says."""
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
