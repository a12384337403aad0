"""Saying that two tools are one: looked for, shown, and done."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.engine import Connection
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading
from app.errors import PenumbraError
from app.identify import default_knowledge_base
from app.security.schemas import Role
from app.security.service import require
from app.teaching import offers
from app.teaching.schemas import MergeIn, Taught
from app.teaching.service import Classroom
from app.teaching.trying import Trial
from app.web import tool_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page
from app.web.teaching import FOUND, Text, Version, Word, named, opened, said, teach, tried, version_of

router = APIRouter(include_in_schema=False)


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
    tool = opened(request, visitor, state, tool_id)
    if isinstance(tool, Response):
        return tool
    trial: Trial | None = None
    other = int(into) if into.isascii() and into.isdigit() and len(into) < 16 else None
    if other is not None:

        def lesson(room: Classroom, connection: Connection) -> Taught:
            return room.merge(tool_id, version_of(connection, tool_id), MergeIn(into=other))

        trial, refused = tried(state, visitor, lesson)
        errors = errors or refused
    with reading(state.engine) as connection:
        found = named(connection, visitor, state, tool_id, q)
        alike = offers.suggestions(connection, default_knowledge_base(), tool_id=tool_id, limit=FOUND)
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
    taught = teach(state, sender, lambda room: room.merge(tool_id, version, wanted))
    if isinstance(taught, PenumbraError):
        return _merge_page(
            request,
            sender,
            state,
            tool_id,
            "",
            str(into),
            [taught.message],
            reason=reason,
            status=taught.status,
        )
    return done(request, f"/tools/{into}", said(taught))
