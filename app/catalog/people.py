"""Merges the accounts of all sources into people: who somebody is, and whether they are still here."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among, upsert
from app.models import accounts, people, sources

_DIRECTORIES = ("okta", "entra", "google_workspace")
"""Directories, best first: when two disagree about a department, the first one wins."""

_FIELDS = ("name", "department", "title", "manager_email")
_CHUNK = 2_000


def people_of_source(connection: Connection, source_id: int) -> list[int]:
    """Everybody who has an account in a source."""
    query = sa.select(accounts.c.person_id).where(accounts.c.source_id == source_id).distinct()
    return list(connection.scalars(query))


def merge(connection: Connection, person_ids: Iterable[int]) -> None:
    """Work out some people anew from their accounts; who has none is left as they are.

    For each field the best directory that knows it wins, the same whichever was scanned first.
    The best directory that lists somebody also decides whether they are still here: an account that was
    left open elsewhere is what a leaver's live access looks like, not a sign of life.
    """
    ids = sorted(person_ids)
    for start in range(0, len(ids), _CHUNK):
        _merge(connection, ids[start : start + _CHUNK])


def _merge(connection: Connection, ids: list[int]) -> None:
    # Locked before their accounts are read: of two scans that end at once, the second one waits, and then
    # sees what the first one changed.
    query = sa.select(people).where(among(connection, people.c.id, ids)).order_by(people.c.id)
    stored = connection.execute(query.with_for_update(key_share=True)).mappings().all()
    held: dict[int, list[Any]] = defaultdict(list)
    rows = connection.execute(
        sa.select(
            accounts.c.person_id,
            accounts.c.listed,
            accounts.c.details,
            accounts.c.gone_at,
            accounts.c.first_seen,
            accounts.c.last_seen,
            sources.c.connector,
            sources.c.name,
            accounts.c.ref,
        )
        .join(sources, sources.c.id == accounts.c.source_id)
        .where(among(connection, accounts.c.person_id, ids))
    )
    for row in rows:
        held[row.person_id].append(row)
    changed = []
    for person in stored:
        if person["id"] not in held:
            continue
        after = {**person, **_merged(held[person["id"]])}
        if after != dict(person):
            changed.append(after)
    if changed:
        update = tuple(c for c in changed[0] if c not in {"id", "email"})
        upsert(connection, people, changed, key=("id",), update=update)


def _merged(held: list[Any]) -> dict[str, Any]:
    ranked = sorted(held, key=lambda a: (not a.listed, _rank(a.connector), a.name, a.ref))
    merged: dict[str, Any] = {
        name: next((a.details[name] for a in ranked if a.details.get(name)), None) for name in _FIELDS
    }
    deciding = next((a.connector for a in ranked if a.listed), None)
    accounts_there = [a for a in ranked if a.listed and a.connector == deciding]
    merged["active"] = (
        any(a.details["active"] and a.gone_at is None for a in accounts_there) if deciding else None
    )
    merged["kind"] = ranked[0].details["kind"]
    merged["first_seen"] = min(a.first_seen for a in held)
    merged["last_seen"] = max(a.last_seen for a in held)
    return merged


def _rank(connector: str) -> int:
    return _DIRECTORIES.index(connector) if connector in _DIRECTORIES else len(_DIRECTORIES)
