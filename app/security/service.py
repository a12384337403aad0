"""API tokens: made, listed, revoked, checked.

A token is `pen_` and 32 random bytes in url-safe base64; only its SHA-256 is stored, which is
enough because there is nothing to guess in 256 random bits.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.clock import Clock, utc_now
from app.db import reading, writing_if_free
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unauthorized
from app.language import _, retold
from app.security import audit, repository
from app.security.schemas import Caller, Role, Token, TokenIn, TokenOut

PREFIX = "pen_"
DEFAULT_DAYS = 90
LONGEST_DAYS = 366
CACHE_SECONDS = 4.0
"""How long a checked token is believed; with the time of a request a revoked one is dead within 5 s."""
_CACHED_AT_MOST = 10_000
_TOUCH_EVERY = timedelta(minutes=1)


def create_token(
    connection: Connection,
    name: str,
    role: Role,
    *,
    days: int = DEFAULT_DAYS,
    not_after: datetime | None = None,
    user_id: int | None = None,
    actor: str,
    now: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token.

    Args:
        connection: a writing transaction.
        name: whose it is, or what for; no two have one name.
        role: what it may do; a person's token may do no more than the person.
        days: when it ends.
        not_after: it ends then at the latest, however many days were asked for.
        user_id: whose token it is; None for a service.
        actor: who makes it, for the audit trail.
        now: the time.

    Returns:
        The token as stored, and its text, which is shown this once and never again.

    Raises:
        Conflict: the name is taken.
        Invalid: an empty name, days outside 1 to 366, no such user, or a role that the user has not.
    """
    name = name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid(
            _("Give the token a name."), fields=[FieldError("name", _("1 to 100 printable characters"))]
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(
            _("A token must end."),
            fields=[FieldError("days", _("between 1 and %(most)s days from now", most=LONGEST_DAYS))],
        )
    if repository.token_by_name(connection, name):
        raise Conflict(_("There is a token named '%(name)s' already; choose another name.", name=name))
    if user_id is not None:
        _may_have(connection, user_id, role)
    at = now or utc_now()
    expires_at = min(filter(None, (at + timedelta(days=days), not_after)))
    text = PREFIX + secrets.token_urlsafe(32)
    token_id = repository.insert_token(
        connection,
        name=name,
        digest=digest_of(text),
        role=role.value,
        user_id=user_id,
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(
        connection,
        actor,
        "token.create",
        f"token:{token_id}",
        {"name": name, "role": role.value, "user": user_id},
        at=at,
    )
    return Token(token_id, name, role, user_id, at, expires_at, None, None), text


def _may_have(connection: Connection, user_id: int, role: Role) -> None:
    user = repository.user(connection, user_id)
    if user is None:
        raise Invalid(
            _("There is no such user."),
            fields=[FieldError("user_id", _("there is no user %(user_id)s", user_id=user_id))],
        )
    if not any(Role(held).lends(role) for held in user.roles):
        raise Invalid(
            _("A token may do no more than the person whose it is."),
            fields=[
                FieldError("role", _("%(name)s has not the role '%(role)s'", name=user.name, role=role.value))
            ],
        )


def list_tokens(connection: Connection) -> list[Token]:
    """All tokens, the newest first."""
    return [Token(**{**row._mapping, "role": Role(row.role)}) for row in repository.tokens(connection)]


def revoke_token(connection: Connection, name: str, *, actor: str, now: datetime | None = None) -> None:
    """End a token now; whoever holds it is refused within 5 seconds. Doing it twice is no error.

    Raises:
        NotFound: there is no token of that name.
    """
    row = repository.token_by_name(connection, name)
    if row is None:
        raise NotFound(_("There is no token named '%(name)s'.", name=name))
    at = now or utc_now()
    if repository.revoke_token(connection, row.id, at):
        audit.record(connection, actor, "token.revoke", f"token:{row.id}", {"name": name}, at=at)


def tokens_page(connection: Connection, *, cursor: str | None = None, limit: int = 50) -> Listing[TokenOut]:
    """All tokens, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "tokens_all", (int,))[0] if cursor else None
    rows = repository.tokens_page(connection, before=before, limit=limit + 1)
    items = [TokenOut.model_validate(row) for row in rows[:limit]]
    following = encode_cursor("tokens_all", (items[-1].id,)) if len(rows) > limit else None
    return Listing(items=items, next=following)


def own_tokens(connection: Connection, caller: Caller) -> list[TokenOut]:
    """The caller's own tokens, the newest first; a service has none but the one it came with."""
    if caller.user_id is not None:
        rows = repository.tokens_of(connection, caller.user_id)
    else:
        rows = [repository.token(connection, caller.token_id or 0)]
    return [TokenOut.model_validate(row) for row in rows if row is not None]


def create_own_token(
    connection: Connection, caller: Caller, wanted: TokenIn, *, now: datetime
) -> tuple[Token, str]:
    """Make a token of one's own.

    Made with another token, also by a login with it, it ends with that one at the latest: else whoever got
    hold of a token for a day could keep what it opens for a year.

    Raises:
        Forbidden: the caller is a service, or the role is more than the caller has.
        Conflict: the name is taken.
    """
    if caller.user_id is None:
        raise Forbidden(_("Only a person has tokens of their own; an administrator makes those of services."))
    require(caller, wanted.role)
    held = None if caller.token_id is None else repository.token(connection, caller.token_id)
    return create_token(
        connection,
        wanted.name,
        wanted.role,
        days=wanted.days,
        not_after=None if held is None else held.expires_at,
        user_id=caller.user_id,
        actor=caller.actor,
        now=now,
    )


def end_token(
    connection: Connection, token_id: int, *, owner: Caller | None = None, actor: str, now: datetime
) -> None:
    """End a token by its id; doing it twice is no error.

    Args:
        connection: a writing transaction.
        token_id: which.
        owner: only if it is theirs.
        actor: who does it.
        now: the time.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = repository.token(connection, token_id)
    if row is None or (owner is not None and (owner.user_id is None or row.user_id != owner.user_id)):
        raise NotFound(
            _("There is no token %(token_id)s.", token_id=token_id)
            if owner is None
            else _("You have no token %(token_id)s.", token_id=token_id)
        )
    if repository.revoke_token(connection, token_id, now):
        audit.record(connection, actor, "token.revoke", f"token:{token_id}", {"name": row.name}, at=now)


def digest_of(text: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def require(caller: Caller, *roles: Role) -> None:
    """Let `caller` pass if one of its roles covers one of `roles`.

    Raises:
        Forbidden: none does.
    """
    if not caller.may(*roles):
        needed = " or ".join(repr(role.value) for role in roles)
        raise Forbidden(
            _(
                "This needs the role %(needed)s; '%(name)s' has '%(roles)s'.",
                needed=needed,
                name=caller.name,
                roles=caller.roles_in_words,
            )
        )


class Gate:
    """Checks tokens, and remembers for a few seconds which ones it has let pass."""

    def __init__(
        self, engine: Engine, *, clock: Clock = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def remembered(self, text: str) -> Caller | None:
        """The caller behind a token that was checked a moment ago, without asking the database."""
        found = self._known.get(digest_of(text))
        if found is None or found[0] <= self._monotonic() or found[1].expires_at <= self._clock():
            return None
        return found[1]

    def verify(self, text: str) -> Caller:
        """The caller behind a token.

        Raises:
            Unauthorized: no such token, or it has ended or been revoked.
        """
        return self.remembered(text) or self._ask(digest_of(text), text.startswith(PREFIX))

    def verify_digest(self, digest: bytes) -> Caller:
        """As `verify`, for a session that keeps the token's digest and not its text."""
        found = self._known.get(digest)
        if found and found[0] > self._monotonic() and found[1].expires_at > self._clock():
            return found[1]
        return self._ask(digest, True)

    def _ask(self, digest: bytes, well_formed: bool) -> Caller:
        asked = self._monotonic()
        now = self._clock()
        row = None
        if well_formed:
            with reading(self._engine) as connection:
                row = repository.token_by_digest(connection, digest)
        if row is None:
            raise Unauthorized(_("The token is not known here."))
        if row.revoked_at is not None:
            raise Unauthorized(_("The token has been revoked."))
        if row.expires_at <= now:
            day = retold(f"{row.expires_at.astimezone(UTC):%-d %B %Y}")
            raise Unauthorized(_("The token ended on %(day)s; ask for a new one.", day=day))
        if row.user_id is not None and not row.active:
            raise Unauthorized(_("Whoever this token belongs to no longer has access."))
        if row.user_id is not None and not any(Role(held).lends(Role(row.role)) for held in row.roles):
            raise Unauthorized(
                _("Whoever this token belongs to no longer has the role '%(role)s'.", role=row.role)
            )
        if row.last_used_at is None or row.last_used_at < now - _TOUCH_EVERY:
            # Noted when it can be: an answer must not wait for a scan that is writing its page.
            with suppress(OperationalError), writing_if_free(self._engine) as connection:
                repository.touch_token(connection, row.id, now, now - _TOUCH_EVERY)
        caller = Caller(
            name=row.user_name or row.name,
            roles=frozenset({Role(row.role)}),
            expires_at=row.expires_at,
            token_id=row.id,
            user_id=row.user_id,
            person_id=row.person_id,
        )
        with self._lock:
            if len(self._known) >= _CACHED_AT_MOST:
                self._known.clear()
            self._known[digest] = (asked + CACHE_SECONDS, caller)
        return caller
