"""One's own account: where one is logged in, and the tokens that one has made."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import PenumbraError
from app.security import service, sessions
from app.security.schemas import Role, TokenIn
from app.web import words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import page

router = APIRouter(include_in_schema=False)


def _page(
    request: Request, visitor: Visitor, state: AppState, *, status: int = 200, **more: Any
) -> HTMLResponse:
    now = state.clock()
    with reading(state.engine) as connection:
        logins = sessions.list_sessions(connection, visitor.caller, idle=state.sessions.idle, now=now)
        tokens = service.own_tokens(connection, visitor.caller)
    good = [t for t in tokens if t.revoked_at is None and t.expires_at > now]
    values = {
        "logins": [(login, words.ago(login.last_seen_at)) for login in logins],
        "tokens": [(t, words.ago(t.last_used_at) if t.last_used_at else "") for t in good],
        "roles": [role.value for role in Role if any(held.lends(role) for held in visitor.caller.roles)],
        "made": "",
        "error": "",
        **more,
    }
    return page(request, "account.html", values, status=status)


@router.get("/account")
def account(request: Request, visitor: LoggedIn, state: State) -> Response:
    """Where one is logged in, and one's tokens."""
    return _page(request, visitor, state)


@router.post("/account/sessions/{session_id}/end")
def end_session(sender: Sender, state: State, session_id: Id) -> Response:
    """End one login."""
    with writing(state.engine) as connection:
        sessions.end_own(connection, sender.caller, session_id, now=state.clock())
    state.sessions.forget()
    return RedirectResponse("/account", status_code=303)


@router.post("/account/sessions/end")
def end_sessions(sender: Sender, state: State) -> Response:
    """Log out everywhere, here too."""
    with writing(state.engine) as connection:
        sessions.end_all_own(connection, sender.caller, now=state.clock())
    state.sessions.forget()
    return RedirectResponse("/login", status_code=303)


@router.post("/account/tokens")
def make_token(
    request: Request,
    sender: Sender,
    state: State,
    name: Annotated[str, Form(max_length=200)] = "",
    role: Annotated[str, Form(max_length=20)] = "reader",
    days: Annotated[int, Form(ge=1, le=366)] = service.DEFAULT_DAYS,
) -> Response:
    """Make a token, and show it this once."""
    try:
        wanted = TokenIn.model_validate({"name": name.strip(), "role": role, "days": days})
        with writing(state.engine) as connection:
            _, text = service.create_own_token(connection, sender.caller, wanted, now=state.clock())
    except ValidationError:
        said = "Give the token a name of plain letters, digits and spaces."
        return _page(request, sender, state, status=422, error=said)
    except PenumbraError as error:
        return _page(request, sender, state, status=error.status, error=error.message)
    return _page(request, sender, state, status=201, made=text)


@router.post("/account/tokens/{token_id}/end")
def end_token(sender: Sender, state: State, token_id: Id) -> Response:
    """End one of one's tokens."""
    with writing(state.engine) as connection:
        service.end_token(
            connection, token_id, owner=sender.caller, actor=sender.caller.actor, now=state.clock()
        )
    return RedirectResponse("/account", status_code=303)
