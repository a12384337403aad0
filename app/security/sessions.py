"""Logins to the pages: kept in the database, known to a browser by a random id of which we keep the digest.

A session is a user's, or that of a token: then it ends with the token. What somebody may do is looked up
with it, so that a lost role or a deactivated user shows within seconds.
"""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import OperationalError

from app.clock import Clock, utc_now
from app.db import reading, writing_if_free
from app.errors import NotFound
from app.language import _
from app.security import audit, repository
from app.security.schemas import Caller, Role, Session, SessionKind, SessionOut
from app.security.service import CACHE_SECONDS, digest_of

LIFETIME = timedelta(hours=12)
IDLE = timedelta(minutes=30)
_TOUCH_EVERY = timedelta(minutes=1)
_REMEMBERED_AT_MOST = 10_000
_AGENT = 200


def begin(
    connection: Connection,
    kind: SessionKind,
    caller: Caller | None = None,
    *,
    user_id: int | None = None,
    id_token: bytes | None = None,
    address: str | None = None,
    user_agent: str | None = None,
    idle: timedelta = IDLE,
    now: datetime,
) -> str:
    """Open a session under a new id; what is over is forgotten on the way.

    Args:
        connection: a writing transaction.
        kind: how they logged in.
        caller: who, if by a token.
        user_id: who, if not by a token.
        id_token: the provider's ID token, sealed.
        address: from where.
        user_agent: what the browser calls itself.
        idle: so long without a page ends it.
        now: the time.

    Returns:
        The id for the cookie; only its digest is stored.
    """
    repository.delete_ended_sessions(connection, seen_since=now - idle, now=now)
    id_ = secrets.token_urlsafe(32)
    owner = caller.user_id if caller else user_id
    session_id = repository.insert_session(
        connection,
        digest=digest_of(id_),
        form_secret=secrets.token_urlsafe(24),
        user_id=owner,
        token_id=caller.token_id if caller else None,
        kind=kind.value,
        id_token=id_token,
        address=address,
        user_agent=_printable(user_agent),
        created_at=now,
        last_seen_at=now,
        ends_at=now + LIFETIME,
    )
    actor = caller.actor if caller else f"user:{owner}"
    audit.record(connection, actor, "session.begin", f"session:{session_id}", {"by": kind.value}, at=now)
    return id_


def _printable(text: str | None) -> str | None:
    return "".join(c for c in text if c.isprintable())[:_AGENT] if text else None


def list_sessions(
    connection: Connection, caller: Caller, *, idle: timedelta, now: datetime
) -> list[SessionOut]:
    """The caller's open sessions, the newest first."""
    rows = repository.sessions_of(
        connection, user_id=caller.user_id, token_id=caller.token_id, seen_since=now - idle, now=now
    )
    return [SessionOut.model_validate(row) for row in rows]


def end(connection: Connection, id_: str | None, *, actor: str, now: datetime) -> bytes | None:
    """End the session behind a cookie, if there is one.

    Returns:
        The provider's ID token, sealed, if the login came from there.
    """
    if not id_:
        return None
    gone = repository.delete_session(connection, digest=digest_of(id_))
    _note(connection, gone, actor, now)
    return gone[0].id_token if gone else None


def end_own(connection: Connection, caller: Caller, session_id: int, *, now: datetime) -> None:
    """End one of the caller's sessions.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    gone = repository.delete_session(
        connection, session_id=session_id, user_id=caller.user_id, token_id=_service(caller)
    )
    if not gone:
        raise NotFound(_("You have no session %(session_id)s.", session_id=session_id))
    _note(connection, gone, caller.actor, now)


def end_all_own(connection: Connection, caller: Caller, *, now: datetime) -> int:
    """Log the caller out everywhere; how many sessions there were."""
    gone = repository.delete_session(connection, user_id=caller.user_id, token_id=_service(caller))
    _note(connection, gone, caller.actor, now)
    return len(gone)


def end_all_of(connection: Connection, user_id: int, *, actor: str, now: datetime) -> int:
    """Log a user out everywhere; how many sessions there were.

    Raises:
        NotFound: there is no such user.
    """
    if repository.user(connection, user_id) is None:
        raise NotFound(_("There is no user %(user_id)s.", user_id=user_id))
    gone = repository.delete_session(connection, user_id=user_id)
    _note(connection, gone, actor, now)
    return len(gone)


def _service(caller: Caller) -> int | None:
    return caller.token_id if caller.user_id is None else None


def _note(connection: Connection, gone: repository.Rows, actor: str, now: datetime) -> None:
    for row in gone:
        audit.record(connection, actor, "session.end", f"session:{row.id}", {"user": row.user_id}, at=now)


class SessionGate:
    """Finds sessions, and remembers for a few seconds which ones it has found."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        idle: timedelta = IDLE,
    ) -> None:
        self.idle = idle
        self._engine = engine
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[bytes, tuple[float, Session]] = {}
        self._lock = threading.Lock()

    def remembered(self, id_: str) -> Session | None:
        """A session that was found a moment ago, without asking the database."""
        found = self._known.get(digest_of(id_))
        if found is None or found[0] <= self._monotonic() or found[1].caller.expires_at <= self._clock():
            return None
        return found[1]

    def find(self, id_: str, *, used: bool = True) -> Session | None:
        """The session behind a cookie, if it is open and its owner may still come in.

        Args:
            id_: the cookie's value.
            used: whether somebody is at it. What a page asks for by itself is no use: the session ends as if
                it had not been asked for.
        """
        return self.remembered(id_) or self._ask(digest_of(id_), used)

    def forget(self) -> None:
        """Remember nothing: a session that was just ended is refused at once in this process."""
        with self._lock:
            self._known.clear()

    def _ask(self, digest: bytes, used: bool) -> Session | None:
        asked = self._monotonic()
        now = self._clock()
        with reading(self._engine) as connection:
            row = repository.session_by_digest(connection, digest)
        if row is None or row.ends_at <= now or row.last_seen_at + self.idle <= now:
            return None
        caller = _caller(row, now)
        if caller is None:
            return None
        session = Session(row.id, row.form_secret, caller, row.ends_at)
        if not used:  # not remembered either: the next use would go by unnoted
            return session
        if row.last_seen_at < now - _TOUCH_EVERY:
            # Noted when it can be: a page must not wait for a scan that is writing.
            with suppress(OperationalError), writing_if_free(self._engine) as connection:
                repository.touch_session(connection, row.id, now)
        with self._lock:
            if len(self._known) >= _REMEMBERED_AT_MOST:
                self._known.clear()
            self._known[digest] = (asked + CACHE_SECONDS, session)
        return session


def _caller(row: Row[*tuple[object, ...]], now: datetime) -> Caller | None:
    """Who is logged in, with what they may do now; None if they may no longer."""
    if row.user_id is not None and not row.active:
        return None
    roles = frozenset(Role(held) for held in row.roles or ())
    ends_at = row.ends_at
    if row.token_id is not None:
        role = Role(row.role)
        lost = row.user_id is not None and not any(held.lends(role) for held in roles)
        if lost or row.revoked_at is not None or row.expires_at <= now:
            return None
        roles = frozenset({role})
        ends_at = min(ends_at, row.expires_at)
    if not roles:
        return None
    return Caller(
        name=row.user_name or row.token_name,
        roles=roles,
        expires_at=ends_at,
        token_id=row.token_id,
        user_id=row.user_id,
        person_id=row.person_id,
    )
