"""Every query of `security`."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.clock import start_of
from app.db import among
from app.models import api_tokens, audit_events, audit_head, people, users
from app.security.schemas import AuditFilter

_SHOWN = (
    api_tokens.c.id,
    api_tokens.c.name,
    api_tokens.c.role,
    api_tokens.c.user_id,
    api_tokens.c.created_at,
    api_tokens.c.expires_at,
    api_tokens.c.last_used_at,
    api_tokens.c.revoked_at,
)
Rows = Sequence[sa.Row[*tuple[Any, ...]]]


def insert_token(connection: Connection, **values: Any) -> int:
    """Store a token; its id."""
    key = connection.execute(sa.insert(api_tokens).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def tokens(connection: Connection) -> Rows:
    """All tokens, the newest first, without their digests."""
    return connection.execute(sa.select(*_SHOWN).order_by(api_tokens.c.id.desc())).all()


def token_by_name(connection: Connection, name: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The token called `name`."""
    return connection.execute(sa.select(*_SHOWN).where(api_tokens.c.name == name)).one_or_none()


def token_by_digest(connection: Connection, digest: bytes) -> sa.Row[*tuple[Any, ...]] | None:
    """The token with this digest, and whose it is (`email`, `roles`, `active` of the user)."""
    query = (
        sa.select(*_SHOWN, users.c.email, users.c.name.label("user_name"), users.c.roles, users.c.active)
        .outerjoin(users, users.c.id == api_tokens.c.user_id)
        .where(api_tokens.c.digest == digest)
    )
    return connection.execute(query).one_or_none()


def revoke_token(connection: Connection, token_id: int, at: datetime) -> bool:
    """Mark a token as revoked; False if it was so already or is not there."""
    result = connection.execute(
        sa.update(api_tokens)
        .where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return result.rowcount == 1


def touch_token(connection: Connection, token_id: int, at: datetime, older_than: datetime) -> None:
    """Note that a token was used, unless that was noted after `older_than`."""
    connection.execute(
        sa.update(api_tokens)
        .where(
            api_tokens.c.id == token_id,
            sa.or_(api_tokens.c.last_used_at.is_(None), api_tokens.c.last_used_at < older_than),
        )
        .values(last_used_at=at)
    )


def insert_audit(connection: Connection, **values: Any) -> None:
    """Append one row to the audit trail."""
    connection.execute(sa.insert(audit_events).values(**values))


def lock_audit_head(connection: Connection) -> tuple[int, str]:
    """Where the chain ends: number and hash. Nobody else appends until the transaction ends."""
    row = connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash).with_for_update()).one()
    return row.seq, row.hash


def set_audit_head(connection: Connection, seq: int, hash_: str) -> None:
    """Note where the chain ends now."""
    connection.execute(sa.update(audit_head).values(seq=seq, hash=hash_))


def audit_head_row(connection: Connection) -> tuple[int, str] | None:
    """Where the chain is noted to end; None if that note is gone."""
    row = connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash)).one_or_none()
    return (row.seq, row.hash) if row else None


def audit_chain(connection: Connection) -> Iterator[dict[str, Any]]:
    """The whole trail in its order, read a thousand lines at a time."""
    last = 0
    while True:
        page = (
            sa.select(audit_events).where(audit_events.c.seq > last).order_by(audit_events.c.seq).limit(1000)
        )
        rows = connection.execute(page).mappings().all()
        yield from (dict(row) for row in rows)
        if len(rows) < 1000:
            return
        last = rows[-1]["seq"]


def audit_page(connection: Connection, wanted: AuditFilter, *, before: int | None, limit: int) -> Rows:
    """Lines that pass the filter, the newest first."""
    query = sa.select(audit_events).order_by(audit_events.c.seq.desc()).limit(limit)
    for column, value in (
        (audit_events.c.object, wanted.object),
        (audit_events.c.actor, wanted.actor),
        (audit_events.c.action, wanted.action),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(audit_events.c.at >= start_of(wanted.since))
    if wanted.until is not None:
        query = query.where(audit_events.c.at < start_of(wanted.until))
    if before is not None:
        query = query.where(audit_events.c.seq < before)
    return connection.execute(query).all()


# --- users -----------------------------------------------------------------------------------


def insert_user(connection: Connection, **values: Any) -> int:
    """Store a user; the id."""
    key = connection.execute(sa.insert(users).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def user(connection: Connection, user_id: int, *, lock: bool = False) -> sa.Row[*tuple[Any, ...]] | None:
    """The user with this id."""
    query = sa.select(users).where(users.c.id == user_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def user_by_email(connection: Connection, email: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The user with this address, in lower case."""
    return connection.execute(sa.select(users).where(users.c.email == email)).one_or_none()


def users_by_id(connection: Connection, ids: Collection[int]) -> Rows:
    """Some users."""
    return connection.execute(sa.select(users).where(among(connection, users.c.id, list(ids)))).all()


def users_page(connection: Connection, *, after: int | None, limit: int) -> Rows:
    """All users by id."""
    query = sa.select(users).order_by(users.c.id).limit(limit)
    return connection.execute(query.where(users.c.id > after) if after is not None else query).all()


def update_user(connection: Connection, user_id: int, **values: Any) -> None:
    """Change a user."""
    connection.execute(sa.update(users).where(users.c.id == user_id).values(**values))


def person_by_email(connection: Connection, email: str) -> int | None:
    """Who has this address in the directories."""
    return connection.execute(sa.select(people.c.id).where(people.c.email == email)).scalar_one_or_none()
