"""Teaching on the pages: tried out and shown before it is done, and what all rooms of it share."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Form, Query, Request
from sqlalchemy.engine import Connection
from starlette.responses import RedirectResponse, Response

from app.api import PREFIX
from app.api.state import AppState
from app.catalog import service
from app.catalog.queries import ToolFilter
from app.catalog.schemas import ToolOut
from app.db import reading, trying, writing
from app.errors import Conflict, Gone, Invalid, NotFound, PenumbraError, PreconditionFailed
from app.identify import default_knowledge_base
from app.language import _
from app.security.schemas import Role
from app.security.service import require
from app.teaching.schemas import Taught
from app.teaching.service import Classroom
from app.teaching.trying import Trial, try_out
from app.web.access import Visitor
from app.web.rendering import read_request
from app.web.tool_page import tools_like

FOUND = 8
Word = Annotated[str, Query(max_length=200)]
Text = Annotated[str, Form(max_length=2000)]
Version = Annotated[int, Form(ge=0, le=2**31 - 1)]
ManyOf = Annotated[list[int], Form(max_length=500)]
_REFUSALS = (Conflict, Invalid, PreconditionFailed, NotFound)


def _classroom(connection: Connection, visitor: Visitor, state: AppState) -> Classroom:
    return Classroom(connection, default_knowledge_base(), actor=visitor.caller.actor, now=state.clock())


def tried(
    state: AppState, visitor: Visitor, lesson: Callable[[Classroom, Connection], Taught]
) -> tuple[Trial | None, list[str]]:
    """What would come of a teaching, or why it may not be."""
    try:
        with trying(state.engine) as connection:
            veil = state.veils.of(connection, visitor.caller)
            room = _classroom(connection, visitor, state)
            return try_out(connection, lambda: lesson(room, connection), veil=veil), []
    except _REFUSALS as error:
        return None, [error.message]


def version_of(connection: Connection, tool_id: int) -> int:
    """The version that a tool has now."""
    return service.live_tool(connection, tool_id).version


def teach(state: AppState, visitor: Visitor, lesson: Callable[[Classroom], Taught]) -> Taught | PenumbraError:
    """Teach; or give back why it may not be."""
    try:
        with writing(state.engine) as connection:
            return lesson(_classroom(connection, visitor, state))
    except _REFUSALS as error:
        return error


def opened(request: Request, visitor: Visitor, state: AppState, tool_id: int) -> ToolOut | Response:
    """The tool that is to be taught about, or the way to what it was merged into.

    Raises:
        Forbidden: who asks is of neither side.
        NotFound: there is no such tool.
    """
    require(visitor.caller, Role.MARKETING, Role.IT)
    read_request(request, state.clock())
    with reading(state.engine) as connection:
        try:
            return service.get_tool(connection, tool_id, veil=state.veils.of(connection, visitor.caller))
        except Gone as error:
            return RedirectResponse(error.links["tool"].removeprefix(PREFIX), status_code=303)


def named(
    connection: Connection, visitor: Visitor, state: AppState, tool_id: int, q: str
) -> list[dict[str, Any]]:
    """Tools whose names, addresses or card texts hold what was typed."""
    if not q.strip() or "\x00" in q:
        return []
    veil = state.veils.of(connection, visitor.caller)
    return tools_like(connection, ToolFilter(q=q.strip()), veil=veil, without=tool_id, limit=FOUND)


def said(taught: Taught) -> str:
    """What was done, and that it can be taken back."""
    teaching = taught.teaching
    holes = {
        "from": teaching.from_tool.name if teaching.from_tool else "?",
        "to": teaching.to_tool.name if teaching.to_tool else "?",
    }
    if teaching.verb.value == "merge":
        return _("“%(from)s” is part of “%(to)s” now. You can undo that under Evidence.") % holes
    return _("It belongs to “%(to)s” now. You can undo that under Evidence.") % holes
