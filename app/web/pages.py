"""The pages: the list of tools, one tool. They call the same services as the API."""

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.api import PREFIX
from app.api.dependencies import Id, State
from app.api.openapi import document
from app.catalog import evidence_view, service
from app.catalog.schemas import ToolChange
from app.db import reading, writing
from app.errors import Gone, Invalid, Unauthorized
from app.security.privacy import Veil
from app.security.schemas import Role
from app.security.service import require
from app.web import filters, words
from app.web.access import LoggedIn, Sender, Visitor, current
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
_PEOPLE_SHOWN = 12
_CHARGES_SHOWN = 8
_EVIDENCE_SHOWN = 25


@router.get("/")
async def home(_visitor: LoggedIn) -> Response:
    """The front door."""
    return RedirectResponse("/tools", status_code=303)


# --- tools -----------------------------------------------------------------------------------


@router.get("/tools")
def tool_list(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """The list of tools with its filters, as a plain form in the address."""
    wanted = filters.read(request.query_params.multi_items())
    errors = list(wanted.errors)
    now = state.clock()
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        try:
            items, following = service.tool_page(
                connection, wanted.query, veil=veil, cursor=wanted.query.cursor, limit=wanted.query.limit
            )
        except Invalid:  # an old cursor: show the first page
            errors.append("That page is no longer there; here is the first one.")
            items, following = service.tool_page(
                connection, wanted.query, veil=veil, cursor=None, limit=wanted.query.limit
            )
        values = {
            "tools": [_readable(item, now) for item in items],
            "following": following,
            "total": service.count_tools(connection, wanted.query, veil=veil),
            "categories": service.list_categories(connection),
            # Of small departments nothing is shown, so that there is nothing to choose.
            "departments": [
                d for d in service.list_departments(connection, veil=veil) if d.people is not None
            ],
            "sources": service.source_names(connection),
        }
    return page(
        request,
        "tools.html",
        {**_who(visitor), **values, "filters": wanted, "views": filters.VIEWS, "errors": errors},
        now=now,
    )


def _readable(item: dict[str, Any], now: datetime) -> dict[str, Any]:
    plain = orjson.loads(orjson.dumps(item))
    return {**plain, "last_seen_text": words.ago(datetime.fromisoformat(plain["last_seen"]), now)}


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
            veil = state.veils.of(connection, visitor.caller)
            values = _tool_values(connection, veil, tool_id, evidence, state.clock())
        except Gone as error:  # merged into another tool: go there
            return RedirectResponse(error.links["tool"].removeprefix(PREFIX), status_code=303)
    may_change = visitor.caller.may(Role.IT)
    return page(
        request, "tool.html", {**_who(visitor), **values, "may_change": may_change}, now=state.clock()
    )


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


# --- the API's own pages ---------------------------------------------------------------------


@router.get("/api/docs")
async def api_docs(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """The API's description to read and try."""
    return page(request, "docs.html", _who(visitor))


@router.get("/api/openapi.json")
async def openapi(request: Request, state: State) -> Response:
    """The API's description for programs; with a token or a login."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        await run_in_threadpool(state.gate.verify, header[7:].strip())
    elif await current(request) is None:
        raise Unauthorized("Send an API token in the header 'Authorization: Bearer pen_…'.")
    return Response(orjson.dumps(document(request.app)), media_type="application/json")


def _who(visitor: Visitor) -> dict[str, Any]:
    return {"caller": visitor.caller, "session": visitor.session}
