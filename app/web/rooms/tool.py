"""One tool: why it is here, who uses it, what it may do, what it costs, and all evidence."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.engine import Connection
from starlette.responses import RedirectResponse, Response

from app.api import PREFIX
from app.api.dependencies import Id, State
from app.catalog import evidence_view, service
from app.catalog.schemas import ToolChange
from app.db import reading, writing
from app.errors import Gone
from app.security.privacy import Veil
from app.security.schemas import Role
from app.security.service import require
from app.web.access import LoggedIn, Sender
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
_PEOPLE_SHOWN = 12
_CHARGES_SHOWN = 8
_EVIDENCE_SHOWN = 25


@router.get("/tools/{tool_id}")
def tool_page(
    request: Request,
    visitor: LoggedIn,
    state: State,
    tool_id: Id,
    evidence: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """One tool: why it is here, who uses it, what it may do, what it costs, and all evidence."""
    with reading(state.engine) as connection:
        try:
            values = _tool_values(
                connection, state.veils.of(connection, visitor.caller), tool_id, evidence, state.clock()
            )
        except Gone as error:  # merged into another tool: go there
            return RedirectResponse(error.links["tool"].removeprefix(PREFIX), status_code=303)
    may_change = visitor.caller.may(Role.IT)
    return page(request, "tool.html", {**values, "may_change": may_change})


def _tool_values(
    connection: Connection, veil: Veil, tool_id: int, cursor: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "tool": service.get_tool(connection, tool_id, veil=veil),
        "users": service.tool_users(connection, tool_id, now=now, veil=veil, limit=_PEOPLE_SHOWN),
        "permissions": service.tool_permissions(connection, tool_id),
        "charges": service.tool_expenses(connection, tool_id, veil=veil, limit=_CHARGES_SHOWN),
        "evidence": evidence_view.tool_evidence(
            connection, tool_id, veil=veil, cursor=cursor, limit=_EVIDENCE_SHOWN
        ),
        "evidence_cursor": cursor,
    }


@router.post("/tools/{tool_id}/it-list")
def set_on_it_list(
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
    return RedirectResponse(f"/tools/{tool_id}", status_code=303)
