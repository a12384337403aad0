"""Who may log in and what each may do, tokens of services, and what the machine was told."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.catalog.persons import get_person
from app.db import reading, writing
from app.errors import FieldError, Invalid, NotFound, PenumbraError, field_errors
from app.language import _
from app.security import service, sessions, users
from app.security.schemas import Role, TokenIn, UserChange, UserIn, UserOut
from app.security.service import require
from app.web import settings_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page

router = APIRouter(include_in_schema=False)
_SHOWN = 50
Field = Annotated[str, Form(max_length=400)]
Cursor = Annotated[str | None, Query(max_length=2000)]


def show(
    request: Request, visitor: Visitor, template: str, tab: str, values: dict[str, Any], *, status: int = 200
) -> HTMLResponse:
    """A page of the settings, with its tabs."""
    is_admin = visitor.caller.may(Role.ADMIN)
    return page(
        request, template, {"tab": tab, "is_admin": is_admin, "sw": settings_words, **values}, status=status
    )


# --- users -------------------------------------------------------------------------------------------


@router.get("/settings")
def user_list(
    request: Request,
    visitor: LoggedIn,
    state: State,
    q: Annotated[str, Query(max_length=200)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    """Everybody who may log in."""
    require(visitor.caller, Role.AUDITOR)
    return _user_list(request, visitor, state, q=q, cursor=cursor)


def _user_list(
    request: Request,
    visitor: Visitor,
    state: AppState,
    *,
    q: str = "",
    cursor: str | None = None,
    typed: dict[str, Any] | None = None,
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    q = q.replace("\x00", " ").strip()
    with reading(state.engine) as connection:
        following = None
        if q:
            found = users.find_users(connection, q, limit=_SHOWN)
        else:
            listed = _page_of_users(connection, cursor)
            found, following = listed.items, listed.next
    values = {
        "users": found,
        "q": q,
        "first": "/settings" if cursor else None,
        "following": f"/settings?{urlencode({'cursor': following})}" if following else None,
        "typed": typed or {"email": "", "name": "", "roles": ["marketing"]},
        "faults": faults or {},
        "by_company": state.openid is not None,
        "by_groups": bool(state.settings.oidc_roles),
    }
    return show(request, visitor, "settings.html", "users", values, status=status)


def _page_of_users(connection: Connection, cursor: str | None) -> Any:
    try:
        return users.list_users(connection, cursor=cursor, limit=_SHOWN)
    except Invalid:  # an old address
        return users.list_users(connection, limit=_SHOWN)


@router.post("/settings/users")
def invite(
    request: Request,
    sender: Sender,
    state: State,
    email: Field = "",
    name: Field = "",
    roles: Annotated[list[str] | None, Form(max_length=10)] = None,
) -> Response:
    """Let somebody log in."""
    require(sender.caller, Role.ADMIN)
    typed = {"email": email.strip(), "name": name.strip(), "roles": roles or []}
    try:
        wanted = _checked(lambda: UserIn.model_validate(typed))
        with writing(state.engine) as connection:
            user = users.create_user(connection, wanted, actor=sender.caller.actor, now=state.clock())
    except PenumbraError as error:
        faults = {f.field.partition(".")[0]: f.message for f in error.fields} or {"email": error.message}
        return _user_list(request, sender, state, typed=typed, faults=faults, status=error.status)
    return done(request, f"/settings/users/{user.id}", _("%(name)s may log in now.") % {"name": user.name})


def _checked(make: Any) -> Any:
    """What a form makes, with what is wrong said in words.

    Raises:
        Invalid: names each field.
    """
    said = {
        "email": _("Write an e-mail address."),
        "name": _("Write a name."),
        "roles": _("Choose roles from the list."),
        "role": _("Choose what it may do."),
        "days": _("Write a number of days from 1 to 366."),
    }
    try:
        return make()
    except ValidationError as error:
        fields = field_errors(error.errors(include_url=False, include_input=False))
        plain = [FieldError(f.field, said.get(f.field.partition(".")[0], f.message)) for f in fields]
        raise Invalid(plain[0].message, fields=plain) from error


@router.get("/settings/users/{user_id}")
def user_page(request: Request, visitor: LoggedIn, state: State, user_id: Id) -> HTMLResponse:
    """One user: roles, who that is in the directories, whether they may log in."""
    require(visitor.caller, Role.AUDITOR)
    return _user_page(request, visitor, state, user_id)


def _user_page(
    request: Request, visitor: Visitor, state: AppState, user_id: int, *, error: str = "", status: int = 200
) -> HTMLResponse:
    with reading(state.engine) as connection:
        user = users.get_user(connection, user_id)
        values = {
            "user": user,
            "person": _person(connection, user, state, visitor),
            "error": error,
            "by_company": state.openid is not None,
            "by_groups": bool(state.settings.oidc_roles),
            "is_self": visitor.caller.user_id == user_id,
        }
    return show(request, visitor, "settings_user.html", "users", values, status=status)


def _person(connection: Connection, user: UserOut, state: AppState, visitor: Visitor) -> Any:
    if user.person_id is None:
        return None
    try:
        return get_person(
            connection,
            user.person_id,
            now=state.clock(),
            veil=state.veils.of(connection, visitor.caller),
        )
    except NotFound:
        return None


@router.post("/settings/users/{user_id}")
def change_user(
    request: Request,
    sender: Sender,
    state: State,
    user_id: Id,
    name: Field = "",
    person: Field = "",
    roles: Annotated[list[str] | None, Form(max_length=10)] = None,
) -> Response:
    """Change what somebody is called, may do, and who they are in the directories."""
    require(sender.caller, Role.ADMIN)
    try:
        with writing(state.engine) as connection:
            values: dict[str, Any] = {"name": name.strip(), "roles": roles or []}
            address = person.replace("\x00", "").strip()
            if address == "-":
                values["person_id"] = None
            elif address:
                values["person_id"] = users.person_at(connection, address)
            wanted = _checked(lambda: UserChange.model_validate(values))
            user = users.change_user(
                connection, user_id, wanted, actor=sender.caller.actor, now=state.clock()
            )
    except PenumbraError as error:
        return _user_page(request, sender, state, user_id, error=error.message, status=error.status)
    state.sessions.forget()
    return done(request, f"/settings/users/{user_id}", _("%(name)s is changed.") % {"name": user.name})


@router.post("/settings/users/{user_id}/access")
def let_in_or_out(
    request: Request,
    sender: Sender,
    state: State,
    user_id: Id,
    active: Annotated[bool, Form()] = False,
) -> Response:
    """Take somebody's access away, or give it back."""
    require(sender.caller, Role.ADMIN)
    try:
        with writing(state.engine) as connection:
            user = users.change_user(
                connection, user_id, UserChange(active=active), actor=sender.caller.actor, now=state.clock()
            )
    except PenumbraError as error:
        return _user_page(request, sender, state, user_id, error=error.message, status=error.status)
    state.sessions.forget()
    said = (
        _("%(name)s may log in again.")
        if active
        else _("%(name)s has no access any more; every login has ended.")
    )
    return done(request, f"/settings/users/{user_id}", said % {"name": user.name})


@router.post("/settings/users/{user_id}/logout")
def log_out(request: Request, sender: Sender, state: State, user_id: Id) -> Response:
    """Log somebody out everywhere."""
    require(sender.caller, Role.ADMIN)
    with writing(state.engine) as connection:
        sessions.end_all_of(connection, user_id, actor=sender.caller.actor, now=state.clock())
    state.sessions.forget()
    return done(request, f"/settings/users/{user_id}", _("Logged out everywhere."))


# --- tokens of services ------------------------------------------------------------------------------


@router.get("/settings/tokens")
def token_list(request: Request, visitor: LoggedIn, state: State, cursor: Cursor = None) -> HTMLResponse:
    """Everybody's tokens; never their text."""
    require(visitor.caller, Role.AUDITOR)
    return _token_list(request, visitor, state, cursor=cursor)


def _token_list(
    request: Request,
    visitor: Visitor,
    state: AppState,
    *,
    cursor: str | None = None,
    made: str = "",
    typed: dict[str, Any] | None = None,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    with reading(state.engine) as connection:
        try:
            found = service.tokens_page(connection, cursor=cursor, limit=_SHOWN)
        except Invalid:  # an old address
            found = service.tokens_page(connection, limit=_SHOWN)
        owners = users.names_of(connection, [t.user_id for t in found.items if t.user_id is not None])
    now = state.clock()
    values = {
        "tokens": [(t, t.revoked_at is None and t.expires_at > now) for t in found.items],
        "owners": owners,
        "first": "/settings/tokens" if cursor else None,
        "following": f"/settings/tokens?{urlencode({'cursor': found.next})}" if found.next else None,
        "made": made,
        "typed": typed or {"name": "", "role": "reader", "days": "90"},
        "error": error,
        "roles": [role.value for role in Role],
    }
    return show(request, visitor, "settings_tokens.html", "tokens", values, status=status)


@router.post("/settings/tokens")
def make_token(
    request: Request, sender: Sender, state: State, name: Field = "", role: Field = "", days: Field = ""
) -> Response:
    """Make a token for a service; its text is shown this once."""
    require(sender.caller, Role.ADMIN)
    typed = {"name": name.strip(), "role": role, "days": days.strip()}
    number = int(typed["days"]) if typed["days"].isdecimal() and len(typed["days"]) < 5 else 0
    try:
        wanted = _checked(lambda: TokenIn.model_validate({**typed, "days": number}))
        with writing(state.engine) as connection:
            _token, text = service.create_token(
                connection,
                wanted.name,
                wanted.role,
                days=wanted.days,
                actor=sender.caller.actor,
                now=state.clock(),
            )
    except PenumbraError as error:
        return _token_list(request, sender, state, typed=typed, error=error.message, status=error.status)
    return _token_list(request, sender, state, made=text, status=201)


@router.post("/settings/tokens/{token_id}/end")
def end_token(request: Request, sender: Sender, state: State, token_id: Id) -> Response:
    """End anybody's token."""
    require(sender.caller, Role.ADMIN)
    with writing(state.engine) as connection:
        service.end_token(connection, token_id, actor=sender.caller.actor, now=state.clock())
    return done(request, "/settings/tokens", _("The token has ended; it is refused within seconds."))


# --- what the machine was told -----------------------------------------------------------------------


@router.get("/settings/system")
def system(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """What is kept for how long, and what the environment sets; never a secret."""
    require(visitor.caller, Role.AUDITOR)
    told = state.settings.told()
    values = {
        "told": sorted(told, key=lambda one: not one.given),
        "settings": state.settings,
        "version": request.app.version,
        "database": state.engine.dialect.name,
    }
    return show(request, visitor, "settings_system.html", "system", values)
