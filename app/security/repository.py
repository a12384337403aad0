"""Every query of `security`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import api_tokens, audit_events

_SHOWN = (
    api_tokens.c.id,
    api_tokens.c.name,
    api_tokens.c.role,
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
    """The token with this digest."""
    return connection.execute(sa.select(*_SHOWN).where(api_tokens.c.digest == digest)).one_or_none()


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


def audit_of(connection: Connection, thing: str) -> Rows:
    """What happened to one thing (`source:3`), the oldest first."""
    return connection.execute(
        sa.select(audit_events).where(audit_events.c.object == thing).order_by(audit_events.c.id)
    ).all()
