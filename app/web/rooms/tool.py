"""One tool: its tabs, IT's list, and asking people what they use it for."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.catalog import service
from app.catalog.schemas import ToolChange
from app.db import writing
from app.errors import Conflict
from app.language import _
from app.notify.adopters import ask_adopter
from app.security.schemas import Role
from app.security.service import require
from app.web.access import LoggedIn, Sender
from app.web.rendering import done
from app.web.tool_page import Problem, show

router = APIRouter(include_in_schema=False)


@router.get("/tools/{tool_id}")
def tool_page(
    request: Request,
    visitor: LoggedIn,
    state: State,
    tool_id: Id,
    tab: Annotated[str, Query(max_length=20)] = "overview",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """One tool: what it is and why it is here, what is asked of whoever looks, and all that is known."""
    return show(request, visitor, state, tool_id, tab=tab, cursor=cursor)


@router.post("/tools/{tool_id}/it-list")
def set_on_it_list(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Annotated[int, Form(ge=1, le=2**31 - 1)],
    on_it_list: Annotated[bool, Form()] = False,
) -> Response:
    """Put a tool on IT's own list, or take it off."""
    require(sender.caller, Role.IT)
    with writing(state.engine) as connection:
        service.change_tool(
            connection,
            tool_id,
            version,
            ToolChange(on_it_list=on_it_list),
            actor=sender.caller.actor,
            now=state.clock(),
            reassess=state.reassess,
            veil=state.veils.of(connection, sender.caller),
        )
    said = _("It is on IT’s list now.") if on_it_list else _("It is no longer on IT’s list.")
    return done(request, f"/tools/{tool_id}", said)


@router.post("/tools/{tool_id}/ask")
def ask_person(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    person: Annotated[int, Form(ge=1, le=2**63 - 1)],
) -> Response:
    """Ask somebody who uses a tool, by e-mail, what it is for."""
    require(sender.caller, Role.MARKETING, Role.IT)
    try:
        with writing(state.engine) as connection:
            asked = ask_adopter(
                connection,
                tool_id,
                person,
                actor=sender.caller.actor,
                now=state.clock(),
                veil=state.veils.of(connection, sender.caller),
            ).person
    except Conflict as error:
        problem = Problem("ask", [error.message], {"person": str(person)}, error.status)
        return show(request, sender, state, tool_id, tab="people", problem=problem)
    name = (asked.name or asked.email) if asked else None
    said = _("%(name)s gets an e-mail with a link to answer; no login is needed.") % {"name": name or "?"}
    return done(request, f"/tools/{tool_id}?tab=people", said)
