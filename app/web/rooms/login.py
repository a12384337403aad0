"""Coming in and going out: by the company's login, by a token, by the first day's link; and one's account."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Request
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from starlette.responses import RedirectResponse, Response

from app.api.dependencies import State
from app.api.state import AppState
from app.db import writing
from app.errors import PenumbraError, Unauthorized
from app.language import LANGUAGES, _
from app.notify import inbox
from app.notify.schemas import PreferencesChange
from app.security import first, login, sessions, users
from app.security.openid import BACK, Identity, LoginRefused
from app.security.schemas import Caller, SessionKind
from app.web.access import Sender, current, local_path, require_same_origin
from app.web.reader import locale_named
from app.web.rendering import LANGUAGE, page
from app.web.sessions import BEGUN, COOKIE, begun, forget_begun, set_begun, set_cookie

router = APIRouter(include_in_schema=False)
_AT_ONCE = 4
"""So many threads at most wait for the provider: a slow one must not hold up the rest."""


def _login_page(
    request: Request,
    state: AppState,
    target: str,
    *,
    error: str = "",
    token_error: str = "",
    status: int = 200,
) -> Response:
    values = {
        "target": target,
        "error": error,
        "token_error": token_error,
        "company": state.openid is not None,
    }
    return page(request, "login.html", values, status=status)


@router.get("/login")
async def login_form(request: Request, state: State, next: str = "/") -> Response:
    """Ask who is there."""
    target = local_path(next)
    if await current(request):
        return RedirectResponse(target, status_code=303)
    return _login_page(request, state, target)


@router.post("/login")
def log_in_by_token(
    request: Request,
    state: State,
    token: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Open a session for a valid token."""
    require_same_origin(request)
    target = local_path(next)
    token = token.strip()
    try:
        if not token:
            raise Unauthorized(_("Paste your access token first."))
        caller = state.gate.verify(token)
    except Unauthorized as error:
        return _login_page(request, state, target, token_error=error.message, status=401)
    with writing(state.engine) as connection:
        now = state.clock()
        if caller.user_id is not None:
            users.note_login(connection, caller.user_id, now)
        id_ = _begin(connection, request, state, SessionKind.TOKEN, now, caller=caller)
    return _entered(state, id_, target)


def _begin(
    connection: Connection, request: Request, state: AppState, kind: SessionKind, now: datetime, **who: Any
) -> str:
    """Open a session under a new id; the one that the browser had before is over."""
    actor = who["caller"].actor if "caller" in who else f"user:{who['user_id']}"
    sessions.end(connection, request.cookies.get(COOKIE), actor=actor, now=now)
    user_id = who["caller"].user_id if "caller" in who else who["user_id"]
    read_in = _locale(request, request.cookies.get(LANGUAGE), now)
    if user_id is not None and read_in is not None:
        users.note_locale(connection, user_id, read_in)
    return sessions.begin(
        connection,
        kind,
        **who,
        address=request.client.host if request.client else None,
        user_agent=request.headers.get("user-agent"),
        idle=state.sessions.idle,
        now=now,
    )


def _locale(request: Request, chosen: str | None, now: datetime) -> str | None:
    return locale_named(chosen, request.headers.get("accept-language", ""), now)


def _entered(state: AppState, id_: str, target: str) -> Response:
    state.sessions.forget()
    answer = RedirectResponse(target, status_code=303)
    set_cookie(answer, state, id_)
    return answer


# --- by the company's login ------------------------------------------------------------------


async def _ask(state: AppState, work: Any) -> Any:
    """Run what asks the provider in one of a few threads of its own."""
    assert state.openid is not None
    if state.openid.limiter is None:  # made where the event loop runs
        state.openid.limiter = CapacityLimiter(_AT_ONCE)
    return await to_thread.run_sync(work, limiter=state.openid.limiter)


@router.get("/login/openid")
async def begin_openid(request: Request, state: State, next: str = "/") -> Response:
    """Send somebody to the company's login."""
    target = local_path(next)
    if state.openid is None:
        return RedirectResponse("/login", status_code=303)
    try:
        address, pending = await _ask(state, partial(state.openid.begin, target))
    except PenumbraError as error:
        return _login_page(request, state, target, error=error.message, status=error.status)
    answer = RedirectResponse(address, status_code=303)
    set_begun(answer, state, pending)
    return answer


@router.get(BACK)
async def finish_openid(request: Request, state: State) -> Response:
    """Let somebody in who comes back from the company's login."""
    if state.openid is None:
        return RedirectResponse("/login", status_code=303)
    pending = begun(state, request.cookies.get(BEGUN))
    target = pending.target if pending else "/"
    try:
        if pending is None:
            raise LoginRefused(
                _("This login was not begun in this browser, or took too long. Begin it again.")
            )
        who = await _ask(state, partial(state.openid.finish, pending, dict(request.query_params)))
        answer = await to_thread.run_sync(_enter, request, state, who, target)
    except PenumbraError as error:
        answer = _login_page(request, state, target, error=error.message, status=error.status)
    forget_begun(answer)
    return answer


def _enter(request: Request, state: AppState, who: Identity, target: str) -> Response:
    try:
        entry, id_ = _entry(request, state, who)
    except IntegrityError:  # the same person logged in for the first time twice at once
        entry, id_ = _entry(request, state, who)
    if id_ is None:
        raise LoginRefused(entry.refusal)
    return _entered(state, id_, target)


def _entry(request: Request, state: AppState, who: Identity) -> tuple[login.Entry, str | None]:
    with writing(state.engine) as connection:
        now = state.clock()
        entry = login.enter(connection, who, state.settings, now)
        if entry.user_id is None:
            return entry, None
        sealed = state.secrets.seal({"id_token": who.id_token})
        return entry, _begin(
            connection, request, state, SessionKind.OPENID, now, user_id=entry.user_id, id_token=sealed
        )


# --- the first day ---------------------------------------------------------------------------


@router.get("/first")
async def first_form(request: Request, link: str = "") -> Response:
    """Ask before the link is used: whatever looks at links in advance must not use it up."""
    return page(request, "first.html", {"link": link[:100]})


@router.post("/first")
def use_first_link(
    request: Request, state: State, link: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Let the first administrator in."""
    require_same_origin(request)
    try:
        with writing(state.engine) as connection:
            now = state.clock()
            user_id = first.use_link(connection, link, openid=state.openid is not None, now=now)
            id_ = _begin(connection, request, state, SessionKind.LINK, now, user_id=user_id)
    except LoginRefused as error:
        return _login_page(request, state, "/", error=error.message, status=error.status)
    return _entered(state, id_, "/")


# --- in one's own language -------------------------------------------------------------------


@router.post("/language")
async def pick_language(
    request: Request,
    state: State,
    language: Annotated[str, Form(max_length=10)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Remember which language the pages are read in: in this browser, and for mails to who is logged in."""
    require_same_origin(request)
    answer = RedirectResponse(local_path(next), status_code=303)
    if language in LANGUAGES:
        visitor = await current(request)
        if visitor and visitor.caller.user_id is not None:
            await to_thread.run_sync(_write_in, request, state, visitor.caller, language)
        answer.set_cookie(LANGUAGE, language, max_age=366 * 86400, path="/", httponly=True, samesite="lax")
    return answer


def _write_in(request: Request, state: AppState, caller: Caller, language: str) -> None:
    now = state.clock()
    change = PreferencesChange(locale=_locale(request, language, now))
    with writing(state.engine) as connection:
        inbox.change_preferences(connection, caller, change, now)


# --- out -------------------------------------------------------------------------------------


@router.post("/logout")
async def log_out(request: Request, sender: Sender, state: State) -> Response:
    """End the session, and go on to the company's log-out where there is one."""
    sealed = await to_thread.run_sync(_end, request, state, sender.caller.actor)
    onward = None
    if sealed is not None and state.openid is not None:
        onward = await _ask(state, partial(state.openid.leave, _id_token(state, sealed)))
    # A redirect would be part of sending the form, and the policy lets forms lead nowhere else.
    answer: Response = (
        page(request, "logged_out.html", {"onward": onward})
        if onward
        else RedirectResponse("/login", status_code=303)
    )
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _id_token(state: AppState, sealed: bytes) -> str | None:
    try:
        return state.secrets.open(sealed).get("id_token")
    except ValueError:  # the key was changed since the login
        return None


def _end(request: Request, state: AppState, actor: str) -> bytes | None:
    with writing(state.engine) as connection:
        sealed = sessions.end(connection, request.cookies.get(COOKIE), actor=actor, now=state.clock())
    state.sessions.forget()
    return sealed
