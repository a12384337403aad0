"""What the browser keeps of a login: the id of its session, and, for ten minutes, of one that has begun."""

import hmac
from datetime import datetime

from starlette.responses import Response

from app.api.state import AppState
from app.security.openid import ALIVE, BACK, Pending
from app.security.schemas import Session

COOKIE = "penumbra_session"
BEGUN = "penumbra_login"
_BEGUN = "login"


def set_cookie(answer: Response, state: AppState, id_: str) -> None:
    """Let the browser keep the id of a session."""
    answer.set_cookie(
        COOKIE, id_, httponly=True, samesite="lax", secure=state.settings.cookies_are_secure, path="/"
    )


def set_begun(answer: Response, state: AppState, pending: Pending) -> None:
    """Let the browser keep, sealed, what the second half of a login must fit."""
    sealed = state.secrets.seal(
        {
            "for": _BEGUN,
            "state": pending.state,
            "nonce": pending.nonce,
            "verifier": pending.verifier,
            "target": pending.target,
            "at": pending.at.isoformat(),
        }
    )
    answer.set_cookie(
        BEGUN,
        sealed.decode("ascii"),
        max_age=int(ALIVE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=state.settings.cookies_are_secure,
        path=BACK,
    )


def begun(state: AppState, sealed: str | None) -> Pending | None:
    """The login that has begun in this browser; None if there is none, or the cookie was made up."""
    try:
        kept = state.secrets.open((sealed or "").encode("ascii", "replace"))
    except ValueError:
        return None
    if kept.get("for") != _BEGUN:  # something else that we sealed
        return None
    return Pending(
        kept["state"], kept["nonce"], kept["verifier"], kept["target"], datetime.fromisoformat(kept["at"])
    )


def forget_begun(answer: Response) -> None:
    """Let the browser forget a login that has begun."""
    answer.delete_cookie(BEGUN, path=BACK)


def form_is_ours(session: Session, given: str) -> bool:
    """Whether a form carries the secret of its session."""
    return hmac.compare_digest(session.form_secret.encode(), given.encode("utf-8", "replace"))
