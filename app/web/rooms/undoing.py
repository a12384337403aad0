"""Confirming, keeping apart, and taking back what was taught."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.catalog import service
from app.db import reading
from app.errors import Gone, Invalid, NotFound, PenumbraError
from app.language import _
from app.security.schemas import Role
from app.security.service import require
from app.teaching.schemas import ConfirmIn, KeepApartIn, Taught, UndoIn
from app.teaching.service import Classroom, get_teaching
from app.web import tool_story, tool_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page
from app.web.teaching import (
    ManyOf,
    Text,
    Version,
    opened,
    teach,
    tried,
)
from app.web.tool_page import Problem, show

router = APIRouter(include_in_schema=False)


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
        raise Invalid(_("Name one other tool, or one product."))
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
    lesson: Callable[[Classroom], Taught],
    said: str,
) -> Response:
    require(sender.caller, Role.MARKETING, Role.IT)
    taught = teach(state, sender, lesson)
    if isinstance(taught, PenumbraError):
        if isinstance(taught, NotFound):
            raise taught
        problem = Problem("teach", [taught.message], status=taught.status)
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
    tool = opened(request, visitor, state, tool_id)
    if isinstance(tool, Response):
        return tool
    with reading(state.engine) as connection:
        teaching = get_teaching(connection, teaching_id)
    trial, refused = tried(state, visitor, lambda room, _connection: room.undo(teaching_id, UndoIn()))
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
    taught = teach(state, sender, lambda room: room.undo(teaching_id, wanted))
    if isinstance(taught, PenumbraError):
        if isinstance(taught, NotFound):
            raise taught
        return _undo_page(
            request, sender, state, tool_id, teaching_id, [taught.message], status=taught.status
        )
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
