"""What people say a tool is: merged, corrected, split, confirmed, undone; each is shown before it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import RedirectResponse, Response

from app.api import PREFIX
from app.api.dependencies import Id, State
from app.api.state import AppState
from app.catalog import service
from app.catalog.queries import ToolFilter
from app.catalog.schemas import ToolOut
from app.db import reading, trying, writing
from app.errors import Conflict, FieldError, Gone, Invalid, NotFound, PenumbraError, PreconditionFailed
from app.identify import default_knowledge_base
from app.security.schemas import Role
from app.security.service import require
from app.teaching import offers
from app.teaching.schemas import ConfirmIn, CorrectIn, KeepApartIn, MergeIn, SplitIn, Taught, UndoIn
from app.teaching.service import Classroom, get_teaching
from app.teaching.trying import Trial, try_out
from app.web import tool_story, tool_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.reader import _
from app.web.rendering import done, page, read_request
from app.web.tool_page import Problem, show, tools_like

router = APIRouter(include_in_schema=False)
_FOUND = 8
Word = Annotated[str, Query(max_length=200)]
Text = Annotated[str, Form(max_length=2000)]
Version = Annotated[int, Form(ge=0, le=2**31 - 1)]
AnyOf = Annotated[list[int], Query(max_length=500)]
ManyOf = Annotated[list[int], Form(max_length=500)]
_REFUSALS = (Conflict, Invalid, PreconditionFailed, NotFound)


def _classroom(connection: Connection, visitor: Visitor, state: AppState) -> Classroom:
    return Classroom(connection, default_knowledge_base(), actor=visitor.caller.actor, now=state.clock())


def _tried(
    state: AppState, visitor: Visitor, teach: Callable[[Classroom, Connection], Taught]
) -> tuple[Trial | None, list[str]]:
    """What would come of a teaching, or why it may not be."""
    try:
        with trying(state.engine) as connection:
            veil = state.veils.of(connection, visitor.caller)
            room = _classroom(connection, visitor, state)
            return try_out(connection, lambda: teach(room, connection), veil=veil), []
    except _REFUSALS as error:
        return None, [error.message]


def _version(connection: Connection, tool_id: int) -> int:
    return service.live_tool(connection, tool_id).version


def _teach(
    state: AppState, visitor: Visitor, teach: Callable[[Classroom], Taught]
) -> tuple[Taught | None, PenumbraError | None]:
    """Teach; or give back why it may not be."""
    try:
        with writing(state.engine) as connection:
            return teach(_classroom(connection, visitor, state)), None
    except _REFUSALS as error:
        return None, error


def _tool(state: AppState, visitor: Visitor, tool_id: int) -> ToolOut | Response:
    """The tool, or the way to what it was merged into."""
    with reading(state.engine) as connection:
        try:
            return service.get_tool(connection, tool_id, veil=state.veils.of(connection, visitor.caller))
        except Gone as error:
            return RedirectResponse(error.links["tool"].removeprefix(PREFIX), status_code=303)


# --- merging ---------------------------------------------------------------------------------


@router.get("/tools/{tool_id}/merge")
def choose_other(
    request: Request, visitor: LoggedIn, state: State, tool_id: Id, q: Word = "", into: Word = ""
) -> Response:
    """Look for the tool that this one is the same as, and see what would move."""
    return _merge_page(request, visitor, state, tool_id, q, into, [])


def _merge_page(
    request: Request,
    visitor: Visitor,
    state: AppState,
    tool_id: int,
    q: str,
    into: str,
    errors: list[str],
    *,
    reason: str = "",
    status: int = 422,
) -> Response:
    require(visitor.caller, Role.MARKETING, Role.IT)
    read_request(request, state.clock())
    tool = _tool(state, visitor, tool_id)
    if isinstance(tool, Response):
        return tool
    trial: Trial | None = None
    other = int(into) if into.isascii() and into.isdigit() and len(into) < 16 else None
    if other is not None:

        def merge(room: Classroom, connection: Connection) -> Taught:
            return room.merge(tool_id, _version(connection, tool_id), MergeIn(into=other))

        trial, refused = _tried(state, visitor, merge)
        errors = errors or refused
    with reading(state.engine) as connection:
        found = _named(connection, visitor, state, tool_id, q)
        alike = offers.suggestions(connection, default_knowledge_base(), tool_id=tool_id, limit=_FOUND)
    values = {
        "tool": tool,
        "tw": tool_words,
        "q": q,
        "found": found,
        "alike": [s for s in alike.items if s.other is not None],
        "into": other,
        "trial": trial,
        "errors": errors,
        "reason": reason,
    }
    return page(request, "tool_merge.html", values, status=status if errors else 200, now=state.clock())


def _named(
    connection: Connection, visitor: Visitor, state: AppState, tool_id: int, q: str
) -> list[dict[str, Any]]:
    """Tools whose names, addresses or card texts hold what was typed."""
    if not q.strip() or "\x00" in q:
        return []
    veil = state.veils.of(connection, visitor.caller)
    return tools_like(connection, ToolFilter(q=q.strip()), veil=veil, without=tool_id, limit=_FOUND)


@router.post("/tools/{tool_id}/merge")
def merge(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Version,
    into: Annotated[int, Form(ge=1, le=2**53)],
    reason: Text = "",
) -> Response:
    """Make a tool part of another one."""
    require(sender.caller, Role.MARKETING, Role.IT)
    wanted = MergeIn(into=into, reason=reason[:500])
    taught, error = _teach(state, sender, lambda room: room.merge(tool_id, version, wanted))
    if taught is None:
        assert error is not None
        return _merge_page(
            request,
            sender,
            state,
            tool_id,
            "",
            str(into),
            [error.message],
            reason=reason,
            status=error.status,
        )
    return done(request, f"/tools/{into}", _said(taught))


def _said(taught: Taught) -> str:
    """What was done, and that it can be taken back."""
    teaching = taught.teaching
    holes = {
        "from": teaching.from_tool.name if teaching.from_tool else "?",
        "to": teaching.to_tool.name if teaching.to_tool else "?",
    }
    if teaching.verb.value == "merge":
        return _("“%(from)s” is part of “%(to)s” now. You can undo that under Evidence.") % holes
    return _("It belongs to “%(to)s” now. You can undo that under Evidence.") % holes


# --- this is wrong ---------------------------------------------------------------------------


@dataclass
class _Wrong:
    """What somebody says is wrong about a tool's evidence.

    Attributes:
        apps: which apps it is about.
        merchants: which merchants.
        to: `tool:7`, `product:hubspot`, `new`, or `unknown`; empty, as long as nothing was chosen.
        name: of the new tool.
        domain: where it is at home.
        reason: why, for those who read it later.
    """

    apps: list[int] = field(default_factory=list)
    merchants: list[int] = field(default_factory=list)
    to: str = ""
    name: str = ""
    domain: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no evidence was named."""
        return not (self.apps or self.merchants)

    def teach(self, room: Classroom, tool_id: int, version: int) -> Taught:
        """Say so.

        Raises:
            Invalid: it says nothing that can be followed.
            PenumbraError: whatever the teaching raises.
        """
        if self.is_empty:
            raise Invalid(_("Say which of it is wrong: tick at least one."))
        evidence = {"apps": self.apps, "merchants": self.merchants, "reason": self.reason[:500]}
        kind, _sep, value = self.to.partition(":")
        target: dict[str, Any]
        if kind == "tool" and value.isascii() and value.isdigit() and len(value) < 16:
            target = {"tool": int(value)}
        elif kind == "product" and value:
            target = {"product": value[:100]}
        elif kind == "new":
            target = {"new": {"name": self.name.strip(), "domain": self.domain.strip() or None}}
        elif kind == "unknown":
            target = {"unidentified": True}
        else:
            raise Invalid(_("Say what it is instead."))
        try:
            if kind in {"new", "unknown"}:
                return room.split(tool_id, version, SplitIn.model_validate({**evidence, "into": target}))
            return room.correct(tool_id, version, CorrectIn.model_validate({**evidence, "to": target}))
        except ValidationError as error:
            raise _unfit(error) from error


def _unfit(error: ValidationError) -> Invalid:
    names = {"name": _("Name"), "domain": _("Web address"), "reason": _("Why")}
    said = [
        f"{names.get(str(e['loc'][-1]), str(e['loc'][-1]))}: {e['msg'].removeprefix('Value error, ')}."
        for e in error.errors(include_url=False, include_context=False)
    ]
    return Invalid(" ".join(said), fields=[FieldError("to", each) for each in said])


@router.get("/tools/{tool_id}/correct")
def choose_what_is_wrong(
    request: Request,
    visitor: LoggedIn,
    state: State,
    tool_id: Id,
    app: AnyOf = [],  # noqa: B006 - FastAPI reads it, and gives each request its own
    merchant: AnyOf = [],  # noqa: B006
    to: Word = "",
    name: Word = "",
    domain: Word = "",
    q: Word = "",
) -> Response:
    """Say which evidence is not this tool's and what it is instead, and see what would move."""
    wrong = _Wrong(app, merchant, to, name, domain)
    return _wrong_page(request, visitor, state, tool_id, wrong, q, [])


def _wrong_page(
    request: Request,
    visitor: Visitor,
    state: AppState,
    tool_id: int,
    wrong: _Wrong,
    q: str,
    errors: list[str],
    *,
    status: int = 422,
) -> Response:
    require(visitor.caller, Role.MARKETING, Role.IT)
    read_request(request, state.clock())
    tool = _tool(state, visitor, tool_id)
    if isinstance(tool, Response):
        return tool
    trial: Trial | None = None
    if wrong.to:

        def teach(room: Classroom, connection: Connection) -> Taught:
            return wrong.teach(room, tool_id, _version(connection, tool_id))

        trial, refused = _tried(state, visitor, teach)
        errors = errors or refused
    with reading(state.engine) as connection:
        found = _named(connection, visitor, state, tool_id, q)
        products = offers.products_named(connection, default_knowledge_base(), q)
    values = {
        "tool": tool,
        "tw": tool_words,
        "wrong": wrong,
        "q": q,
        "found": found,
        "products": products,
        "trial": trial,
        "errors": errors,
    }
    return page(request, "tool_correct.html", values, status=status if errors else 200, now=state.clock())


@router.post("/tools/{tool_id}/correct")
def correct(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Version,
    app: ManyOf = [],  # noqa: B006
    merchant: ManyOf = [],  # noqa: B006
    to: Text = "",
    name: Text = "",
    domain: Text = "",
    reason: Text = "",
) -> Response:
    """Give evidence to the tool that it belongs to."""
    require(sender.caller, Role.MARKETING, Role.IT)
    read_request(request, state.clock())
    wrong = _Wrong(app, merchant, to, name, domain, reason)
    taught, error = _teach(state, sender, lambda room: wrong.teach(room, tool_id, version))
    if taught is None:
        assert error is not None
        return _wrong_page(request, sender, state, tool_id, wrong, "", [error.message], status=error.status)
    return done(request, f"/tools/{tool_id}?tab=evidence", _said(taught))


# --- right, apart, undone --------------------------------------------------------------------


@router.post("/tools/{tool_id}/confirm")
def confirm(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Version,
    app: ManyOf = [],  # noqa: B006
    merchant: ManyOf = [],  # noqa: B006
) -> Response:
    """Say that evidence is rightly this tool's."""
    wanted = ConfirmIn(apps=app, merchants=merchant)
    return _at_once(
        request,
        sender,
        state,
        tool_id,
        lambda room: room.confirm(tool_id, version, wanted),
        _("Thank you: it stays so, whatever is learned about other tools."),
    )


@router.post("/tools/{tool_id}/keep-apart")
def keep_apart(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Version,
    other: Annotated[int | None, Form(ge=1, le=2**53)] = None,
    product: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Say that a tool is not the same as another one."""
    if (other is None) == (not product):
        raise Invalid("Name one other tool, or one product.")
    wanted = KeepApartIn(tool=other, product=product or None)
    return _at_once(
        request,
        sender,
        state,
        tool_id,
        lambda room: room.keep_apart(tool_id, version, wanted),
        _("They are kept apart, and not suggested again."),
    )


def _at_once(
    request: Request,
    sender: Visitor,
    state: AppState,
    tool_id: int,
    teach: Callable[[Classroom], Taught],
    said: str,
) -> Response:
    require(sender.caller, Role.MARKETING, Role.IT)
    taught, error = _teach(state, sender, teach)
    if taught is None:
        assert error is not None
        if isinstance(error, NotFound):
            raise error
        problem = Problem("teach", [error.message], status=error.status)
        return show(request, sender, state, tool_id, tab="evidence", problem=problem)
    return done(request, f"/tools/{tool_id}?tab=evidence", said)


@router.get("/tools/{tool_id}/undo/{teaching_id}")
def look_before_undoing(
    request: Request, visitor: LoggedIn, state: State, tool_id: Id, teaching_id: Id
) -> Response:
    """See what would move if something that was taught were taken back."""
    return _undo_page(request, visitor, state, tool_id, teaching_id, [])


def _undo_page(
    request: Request,
    visitor: Visitor,
    state: AppState,
    tool_id: int,
    teaching_id: int,
    errors: Sequence[str],
    *,
    status: int = 422,
) -> Response:
    require(visitor.caller, Role.MARKETING, Role.IT)
    read_request(request, state.clock())
    tool = _tool(state, visitor, tool_id)
    if isinstance(tool, Response):
        return tool
    with reading(state.engine) as connection:
        teaching = get_teaching(connection, teaching_id)
    trial, refused = _tried(state, visitor, lambda room, _connection: room.undo(teaching_id, UndoIn()))
    errors = errors or refused
    values = {
        "tool": tool,
        "tw": tool_words,
        "teaching": teaching,
        "what": tool_story.taught(teaching),
        "trial": trial,
        "errors": errors,
    }
    return page(request, "tool_undo.html", values, status=status if errors else 200, now=state.clock())


@router.post("/tools/{tool_id}/undo/{teaching_id}")
def undo(
    request: Request, sender: Sender, state: State, tool_id: Id, teaching_id: Id, reason: Text = ""
) -> Response:
    """Take back something that was taught."""
    require(sender.caller, Role.MARKETING, Role.IT)
    wanted = UndoIn(reason=reason[:500])
    taught, error = _teach(state, sender, lambda room: room.undo(teaching_id, wanted))
    if taught is None:
        assert error is not None
        if isinstance(error, NotFound):
            raise error
        return _undo_page(request, sender, state, tool_id, teaching_id, [error.message], status=error.status)
    return done(request, _left(state, tool_id, taught), _("That is undone: everything is where it was."))


def _left(state: AppState, tool_id: int, taught: Taught) -> str:
    """The page of the tool, or of the one that it came from where only the teaching had made it."""
    with reading(state.engine) as connection:
        for candidate in (tool_id, taught.teaching.from_tool and taught.teaching.from_tool.id):
            try:
                if candidate is not None:
                    service.live_tool(connection, candidate)
                    return f"/tools/{candidate}?tab=evidence"
            except (NotFound, Gone):
                continue
    return "/tools"
