"""Who is logged in to the pages: sessions kept in this process, known to the browser by a random id."""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock, utc_now

COOKIE = "penumbra_session"
LIFETIME = timedelta(hours=12)
_AT_MOST = 5_000


@dataclass(frozen=True)
class Session:
    """One browser's login: the digest of its token (asked again all the time) and its form secret."""

    token_digest: bytes
    form_secret: str
    ends_at: datetime


class Sessions:
    """All sessions of this process; a restart logs everybody out, which is harmless."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._open: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def begin(self, token_digest: bytes) -> str:
        """Open a session; gives the id for the cookie, of which only the digest is kept here."""
        id_ = secrets.token_urlsafe(32)
        session = Session(token_digest, secrets.token_urlsafe(24), self._clock() + LIFETIME)
        with self._lock:
            self._forget_ended()
            self._open[_digest(id_)] = session
        return id_

    def find(self, id_: str | None) -> Session | None:
        """The session behind a cookie, if it is still open."""
        if not id_:
            return None
        session = self._open.get(_digest(id_))
        if session is None or session.ends_at <= self._clock():
            return None
        return session

    def end(self, id_: str | None) -> None:
        """Close a session."""
        if id_:
            with self._lock:
                self._open.pop(_digest(id_), None)

    def _forget_ended(self) -> None:
        now = self._clock()
        for key in [key for key, session in self._open.items() if session.ends_at <= now]:
            del self._open[key]
        while len(self._open) >= _AT_MOST:
            del self._open[next(iter(self._open))]  # the oldest


def form_is_ours(session: Session, given: str) -> bool:
    """Whether a form carries the secret of its session."""
    return hmac.compare_digest(session.form_secret.encode(), given.encode("utf-8", "replace"))


def _digest(id_: str) -> bytes:
    return hashlib.sha256(id_.encode("utf-8", "surrogatepass")).digest()
