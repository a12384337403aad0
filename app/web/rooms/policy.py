"""The policy: what holds in words, its versions, trying a change on the last weeks, and switching one on."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import Conflict, Invalid
from app.language import _
from app.policy import service
from app.policy.document import LANES, SIDES, Policy
from app.policy.reading import line_of, parse, read, shipped_text, written
from app.policy.schemas import DAYS, SimulationOut
from app.policy.simulation import simulate
from app.security.schemas import Caller, Role
from app.security.service import require
from app.web import policy_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page

router = APIRouter(include_in_schema=False)
_VERSIONS_SHOWN = 50
Version = Annotated[int, Path(ge=0, le=2**31 - 1)]
Document = Annotated[str, Form(max_length=1_000_000)]
Note = Annotated[str, Form(max_length=2000)]


@router.get("/policy")
def current(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """The policy that holds, in words, and all its versions."""
    with reading(state.engine) as connection:
        version = service.current(connection).version
        return _shown(request, visitor, state, connection, version, here=True)


@router.get("/policy/versions/{version}")
def one_version(
    request: Request, visitor: LoggedIn, state: State, version: Version, trial: bool = False
) -> HTMLResponse:
    """One version in words; with `trial`, beside what the one that holds did to the last weeks."""
    with reading(state.engine) as connection:
        return _shown(request, visitor, state, connection, version, trial=trial)


def _shown(
    request: Request,
    visitor: Visitor,
    state: AppState,
    connection: Connection,
    version: int,
    *,
    here: bool = False,
    trial: bool = False,
) -> HTMLResponse:
    found = service.get_policy(connection, version)
    policy = read(found.document)
    tried = None
    if trial:
        require(visitor.caller, Role.MARKETING, Role.IT)
        tried = _tried(connection, state, policy)
    values = {
        "found": found,
        "policy": policy,
        "text": _text(version, policy),
        "versions": service.list_policies(connection, limit=_VERSIONS_SHOWN).items,
        "here": here,
        "tried": tried,
        **_rights(visitor.caller),
    }
    return page(request, "policy.html", {**values, **_WORDS}, now=state.clock())


_WORDS: dict[str, Any] = {"pw": policy_words, "lanes": LANES, "sides": SIDES, "days": DAYS}


def _rights(caller: Caller) -> dict[str, bool]:
    return {"may_try": caller.may(Role.MARKETING, Role.IT), "may_set": caller.may(Role.ADMIN)}


def _text(version: int, policy: Policy) -> str:
    """A version as a text to change; the shipped one keeps its comments."""
    return shipped_text() if version == service.SHIPPED else written(policy)


def _tried(connection: Connection, state: AppState, policy: Policy) -> SimulationOut:
    return simulate(connection, policy, state.clock(), DAYS, renewals_of=state.renewals_of)


# --- changing it -------------------------------------------------------------------------------


@router.get("/policy/change")
def change(request: Request, visitor: LoggedIn, state: State, version: int | None = None) -> HTMLResponse:
    """A version as a text to change."""
    require(visitor.caller, Role.MARKETING, Role.IT)
    with reading(state.engine) as connection:
        wanted = service.current(connection).version if version is None else max(version, 0)
        text = _text(wanted, read(service.get_policy(connection, wanted).document))
    return _editor(request, visitor, state, text=text, note="")


def _editor(
    request: Request,
    visitor: Visitor,
    state: AppState,
    *,
    text: str,
    note: str,
    errors: list[str] | None = None,
    tried: SimulationOut | None = None,
    status: int = 200,
) -> HTMLResponse:
    values = {
        "text": text,
        "note": note,
        "errors": errors or [],
        "tried": tried,
        **_rights(visitor.caller),
    }
    return page(request, "policy_change.html", {**values, **_WORDS}, status=status, now=state.clock())


@router.post("/policy/try")
def attempt(
    request: Request, sender: Sender, state: State, document: Document = "", note: Note = ""
) -> HTMLResponse:
    """What a changed policy would have done to the last weeks. Nothing is written."""
    require(sender.caller, Role.MARKETING, Role.IT)
    text = _plain(document)
    try:
        policy = parse(text)
    except Invalid as error:
        said = _faults(text, error)
        return _editor(request, sender, state, text=text, note=note, errors=said, status=422)
    with reading(state.engine) as connection:
        tried = _tried(connection, state, policy)
    return _editor(request, sender, state, text=text, note=note, tried=tried)


@router.post("/policy/keep")
def keep(
    request: Request, sender: Sender, state: State, document: Document = "", note: Note = ""
) -> Response:
    """Keep a changed policy as a new version; it is not switched on by that."""
    require(sender.caller, Role.ADMIN)
    text = _plain(document)
    try:
        policy = parse(text)
        with writing(state.engine) as connection:
            made = service.create(
                connection,
                policy,
                note,
                actor=sender.caller.actor,
                user_id=sender.caller.user_id,
                now=state.clock(),
            )
    except Invalid as error:
        said = _faults(text, error)
        return _editor(request, sender, state, text=text, note=note, errors=said, status=422)
    return done(
        request,
        f"/policy/versions/{made.version}",
        _("Version %(number)s was kept. It does not hold yet.", number=made.version),
    )


@router.post("/policy/versions/{version}/on")
def switch_on(request: Request, sender: Sender, state: State, version: Version) -> Response:
    """From now on, this version holds."""
    require(sender.caller, Role.ADMIN)
    try:
        with writing(state.engine) as connection:
            service.activate(connection, version, actor=sender.caller.actor, now=state.clock())
    except Conflict:  # somebody else was quicker, or the button was pressed twice
        return done(request, "/policy", _("Version %(number)s holds already.", number=version))
    return done(request, "/policy", _("From now on, version %(number)s holds.", number=version))


def _plain(document: str) -> str:
    """The text with the line ends that it had before the browser sent it."""
    return document.replace("\r\n", "\n")


def _faults(text: str, error: Invalid) -> list[str]:
    """What is wrong, each fault with its line."""
    if not error.fields:
        return [error.message]
    said = []
    for fault in error.fields[:20]:
        if fault.field == "note":
            said.append(_("Say in a note why the policy is changed: 1 to 500 characters."))
            continue
        line = line_of(text, fault.field)
        place = _("Line %(line)s, %(path)s") % {"line": line, "path": fault.field} if line else fault.field
        said.append(f"{place}: {fault.message}")
    return said
