"""Every query of `security`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among
from app.models import (
    api_tokens,
    first_links,
    people,
    sessions,
    user_identities,
    users,
)

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
        sa.select(
            *_SHOWN,
            *(users.c[n] for n in ("email", "roles", "active", "person_id")),
            users.c.name.label("user_name"),
        )
        .outerjoin(users, users.c.id == api_tokens.c.user_id)
        .where(api_tokens.c.digest == digest)
    )
    return connection.execute(query).one_or_none()


def tokens_page(connection: Connection, *, before: int | None, limit: int) -> Rows:
    """Tokens, the newest first, without their digests."""
    query = sa.select(*_SHOWN).order_by(api_tokens.c.id.desc()).limit(limit)
    return connection.execute(query.where(api_tokens.c.id < before) if before is not None else query).all()


def tokens_of(connection: Connection, user_id: int) -> Rows:
    """The tokens of one user, the newest first."""
    query = sa.select(*_SHOWN).where(api_tokens.c.user_id == user_id)
    return connection.execute(query.order_by(api_tokens.c.id.desc())).all()


def token(connection: Connection, token_id: int) -> sa.Row[*tuple[Any, ...]] | None:
    """The token with this id."""
    return connection.execute(sa.select(*_SHOWN).where(api_tokens.c.id == token_id)).one_or_none()


def any_token(connection: Connection) -> bool:
    """Whether there is any token."""
    return connection.execute(sa.select(api_tokens.c.id).limit(1)).first() is not None


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


def users_by_email(connection: Connection, emails: Collection[str]) -> Rows:
    """The users with these addresses, in lower case."""
    wanted = among(connection, users.c.email, list(emails))
    return connection.execute(sa.select(users).where(wanted).order_by(users.c.id)).all()


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


def any_user(connection: Connection) -> bool:
    """Whether there is any user."""
    return connection.execute(sa.select(users.c.id).limit(1)).first() is not None


def active_users(connection: Connection) -> Rows:
    """Everybody who may log in."""
    return connection.execute(sa.select(users).where(users.c.active).order_by(users.c.id)).all()


def users_without_person(connection: Connection) -> Rows:
    """Users whom the directories did not know until now and do now: `id`, and `found`, the person."""
    query = (
        sa.select(users.c.id, people.c.id.label("found"))
        .join(people, people.c.email == users.c.email)
        .where(users.c.person_id.is_(None))
    )
    return connection.execute(query.order_by(users.c.id)).all()


def users_gone(connection: Connection) -> Rows:
    """Active users who are no longer there in the directories, locked."""
    query = (
        sa.select(users.c.id)
        .join(people, people.c.id == users.c.person_id)
        .where(users.c.active, people.c.active.is_(False))
    )
    return connection.execute(query.order_by(users.c.id).with_for_update(of=users)).all()


# --- the OpenID provider's accounts ------------------------------------------------------------


def insert_identity(connection: Connection, **values: Any) -> None:
    """Tie a user to an account at the provider."""
    connection.execute(sa.insert(user_identities).values(**values))


def user_of_identity(connection: Connection, issuer: str, subject: str) -> sa.Row[*tuple[Any, ...]] | None:
    """The user whom the provider knows under this subject, locked."""
    query = (
        sa.select(users)
        .join(user_identities, user_identities.c.user_id == users.c.id)
        .where(user_identities.c.issuer == issuer, user_identities.c.subject == subject)
    )
    return connection.execute(query.with_for_update(of=users)).one_or_none()


def has_identity(connection: Connection, user_id: int, issuer: str) -> bool:
    """Whether a user is tied to an account of this provider."""
    query = sa.select(user_identities.c.id).where(
        user_identities.c.user_id == user_id, user_identities.c.issuer == issuer
    )
    return connection.execute(query.limit(1)).first() is not None


def delete_identities(connection: Connection, user_id: int) -> int:
    """Untie a user from the provider; how many ties there were."""
    return connection.execute(sa.delete(user_identities).where(user_identities.c.user_id == user_id)).rowcount


def roles_of_tied_users(connection: Connection) -> list[list[str]]:
    """The roles of everybody who ever logged in by the provider."""
    query = sa.select(users.c.roles).join(user_identities, user_identities.c.user_id == users.c.id)
    return list(connection.execute(query).scalars())


# --- sessions ----------------------------------------------------------------------------------

_SESSION = (
    sessions.c.id,
    sessions.c.user_id,
    sessions.c.kind,
    sessions.c.address,
    sessions.c.user_agent,
    sessions.c.created_at,
    sessions.c.last_seen_at,
    sessions.c.ends_at,
)


def insert_session(connection: Connection, **values: Any) -> int:
    """Store a session; the id."""
    key = connection.execute(sa.insert(sessions).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def session_by_digest(connection: Connection, digest: bytes) -> sa.Row[*tuple[Any, ...]] | None:
    """A session with its user and token as they are now (`name`, `roles`, `active`, `role`, …)."""
    query = (
        sa.select(
            *_SESSION,
            sessions.c.form_secret,
            sessions.c.token_id,
            users.c.name.label("user_name"),
            users.c.roles,
            users.c.active,
            users.c.person_id,
            api_tokens.c.name.label("token_name"),
            api_tokens.c.role,
            api_tokens.c.expires_at,
            api_tokens.c.revoked_at,
        )
        .outerjoin(users, users.c.id == sessions.c.user_id)
        .outerjoin(api_tokens, api_tokens.c.id == sessions.c.token_id)
        .where(sessions.c.digest == digest)
    )
    return connection.execute(query).one_or_none()


def sessions_of(
    connection: Connection, *, user_id: int | None, token_id: int | None, seen_since: datetime, now: datetime
) -> Rows:
    """The open sessions of a user, or of a service's token, the newest first."""
    whose = sessions.c.user_id == user_id if user_id is not None else sessions.c.token_id == token_id
    query = sa.select(*_SESSION).where(whose, sessions.c.ends_at > now, sessions.c.last_seen_at > seen_since)
    return connection.execute(query.order_by(sessions.c.id.desc())).all()


def delete_session(
    connection: Connection,
    *,
    session_id: int | None = None,
    digest: bytes | None = None,
    user_id: int | None = None,
    token_id: int | None = None,
) -> Rows:
    """Delete the sessions that all given values fit; what they were (`id`, `user_id`, `id_token`)."""
    wanted = [
        column == value
        for column, value in (
            (sessions.c.id, session_id),
            (sessions.c.digest, digest),
            (sessions.c.user_id, user_id),
            (sessions.c.token_id, token_id),
        )
        if value is not None
    ]
    assert wanted, "say which sessions"
    query = sa.delete(sessions).where(*wanted)
    return connection.execute(query.returning(sessions.c.id, sessions.c.user_id, sessions.c.id_token)).all()


def delete_ended_sessions(connection: Connection, *, seen_since: datetime, now: datetime) -> None:
    """Forget sessions that are over."""
    connection.execute(
        sa.delete(sessions).where(sa.or_(sessions.c.ends_at <= now, sessions.c.last_seen_at <= seen_since))
    )


def touch_session(connection: Connection, session_id: int, at: datetime) -> None:
    """Note that a session was used."""
    connection.execute(
        sa.update(sessions)
        .where(sessions.c.id == session_id, sessions.c.last_seen_at < at)
        .values(last_seen_at=at)
    )


# --- the first day's link ----------------------------------------------------------------------


def insert_first_link(connection: Connection, **values: Any) -> None:
    """Store a link."""
    connection.execute(sa.insert(first_links).values(**values))


def use_first_link(connection: Connection, digest: bytes, now: datetime) -> sa.Row[*tuple[Any, ...]] | None:
    """Take a link that is still good; nobody can take it again. None if it is not."""
    query = (
        sa.update(first_links)
        .where(first_links.c.digest == digest, first_links.c.used_at.is_(None), first_links.c.ends_at > now)
        .values(used_at=now)
        .returning(first_links.c.email, first_links.c.name)
    )
    return connection.execute(query).one_or_none()


def end_first_links(connection: Connection, now: datetime) -> None:
    """End all links that were not used."""
    connection.execute(sa.update(first_links).where(first_links.c.ends_at > now).values(ends_at=now))
