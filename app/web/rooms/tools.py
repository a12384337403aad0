"""The list of tools: found by search and filters, worked through by keyboard."""

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from app.api.dependencies import State
from app.catalog import service
from app.db import reading
from app.errors import Invalid
from app.web import tool_filters as filters
from app.web.access import LoggedIn
from app.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/tools")
def tool_list(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """The list of tools with its filters, as a plain form in the address."""
    wanted = filters.read(request.query_params.multi_items())
    errors = list(wanted.errors)
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
            "tools": [_readable(item) for item in items],
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
        {**values, "filters": wanted, "views": filters.VIEWS, "errors": errors},
    )


def _readable(item: dict[str, Any]) -> dict[str, Any]:
    return orjson.loads(orjson.dumps(item))
