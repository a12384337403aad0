"""One's own account: what one hears and when, where one is logged in, and the tokens that one has made."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import FieldError, Invalid, PenumbraError, field_errors
from app.language import LANGUAGES, _
from app.notify import inbox
from app.notify.schemas import PreferencesChange
from app.notify.topics import ADOPTER_ASK
from app.reporting import service as reporting
from app.security import service, sessions
from app.security.schemas import Role, TokenIn
from app.web import settings_words, words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.reader import current, usual_locale
from app.web.rendering import done, page

router = APIRouter(include_in_schema=False)
_LATELY = 6


def _page(
    request: Request,
    visitor: Visitor,
    state: AppState,
    *,
    status: int = 200,
    preferences: dict[str, Any] | None = None,
    **more: Any,
) -> HTMLResponse:
    now = state.clock()
    with reading(state.engine) as connection:
        logins = sessions.list_sessions(connection, visitor.caller, idle=state.sessions.idle, now=now)
        tokens = service.own_tokens(connection, visitor.caller)
        told = _told(connection, visitor, preferences, now) if visitor.caller.user_id is not None else None
    good = [t for t in tokens if t.revoked_at is None and t.expires_at > now]
    values = {
        "logins": [(login, words.ago(login.last_seen_at)) for login in logins],
        "tokens": [(t, words.ago(t.last_used_at) if t.last_used_at else "") for t in good],
        "roles": [role.value for role in Role if any(held.lends(role) for held in visitor.caller.roles)],
        "made": "",
        "error": "",
        "told": told,
        "faults": {},
        "sw": settings_words,
        **more,
    }
    return page(request, "account.html", values, status=status)


def _told(
    connection: Connection, visitor: Visitor, typed: dict[str, Any] | None, now: datetime
) -> dict[str, Any]:
    """What one hears and when: as it is stored, or as it was just typed; and what one was told lately."""
    stored = inbox.preferences(connection, visitor.caller)
    groups: dict[str, list[Any]] = {}
    modes = (typed or {}).get("topics", {})
    for topic in stored.topics:
        group = topic.topic.partition(".")[0]
        if group in settings_words.GROUP and topic.topic != ADOPTER_ASK:
            groups.setdefault(group, []).append((topic, modes.get(topic.topic, topic.mode)))
    return {
        "when": {**stored.model_dump(exclude={"topics"}), **(typed or {})},
        "groups": groups,
        "chosen": bool(modes) or any(topic.chosen for topic in stored.topics),
        "languages": _languages((typed or {}).get("locale") or stored.locale),
        "zones": sorted(z for z in available_timezones() if "/" in z or z == "UTC"),
        "report": reporting.subscription(connection, visitor.caller, now),
        "lately": inbox.notifications(connection, visitor.caller, limit=_LATELY).items,
    }


def _languages(stored: str | None) -> list[tuple[str, str, bool]]:
    """What mail can be written in: a locale each, its language's own name, and whether it is the reader's.

    The country is the one that is stored, or the one that the page is read for.
    """
    reader = current()
    known = {reader.language: str(reader.locale)}
    if stored is not None:
        known[stored[:2]] = stored
    chosen = stored[:2] if stored is not None else reader.language
    return [(known.get(code) or usual_locale(code), name, code == chosen) for code, name in LANGUAGES.items()]


@router.post("/account/notifications")
async def choose(request: Request, sender: Sender, state: State) -> Response:
    """Keep what one wants to hear and when."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    names = ("timezone", "quiet_from", "quiet_until", "digest_day", "digest_time", "locale")
    typed: dict[str, Any] = {name: sent.get(name, "").strip()[:64] for name in names}
    typed["locale"] = typed["locale"] or None
    typed["topics"] = {name[6:]: mode for name, mode in sent.items() if name.startswith("topic.")}

    def keep() -> Response:
        try:
            wanted = PreferencesChange.model_validate(typed)
            with writing(state.engine) as connection:
                inbox.change_preferences(connection, sender.caller, wanted, state.clock())
        except (ValidationError, Invalid) as error:
            wrong = field_errors(error.errors()) if isinstance(error, ValidationError) else error.fields
            return _page(request, sender, state, status=422, preferences=typed, faults=_faults(wrong))
        return done(request, "/account#notifications", _("From now on you hear of things as you chose."))

    return await run_in_threadpool(keep)


def _faults(wrong: Iterable[FieldError]) -> dict[str, str]:
    said = {
        "timezone": _("There is no such time zone: choose one from the list, such as Europe/Berlin."),
        "digest_day": _("Choose a day of the week."),
        "locale": _("Choose one of the languages."),
    }
    time = _("Write a time such as 20:00.")
    return {f.field.partition(".")[0]: said.get(f.field.partition(".")[0], time) for f in wrong}


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
