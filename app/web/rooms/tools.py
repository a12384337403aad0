"""The list of tools: found by search and filters, worked through by keyboard, kept under a name."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from app.api import export
from app.api.dependencies import State
from app.api.state import AppState
from app.catalog import service
from app.catalog.veiled import allow_departments
from app.claims.short import holders
from app.db import reading, writing
from app.errors import PenumbraError
from app.language import _
from app.web import tool_columns as columns
from app.web import tool_filters as filtering
from app.web.access import LoggedIn, Sender, Visitor, local_path
from app.web.reader import current, read_by
from app.web.rendering import done, page, part, read_request
from app.web.tool_deeds import REASONS, Outcome, carry_out, wanted_of
from app.web.tool_rows import Said, gather

router = APIRouter(include_in_schema=False)
_A_YEAR = 366 * 24 * 3600
Pairs = list[tuple[str, str]]


async def _sent(request: Request) -> Pairs:
    sent = await request.form()
    return [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]


Sent = Annotated[Pairs, Depends(_sent)]


def _values(
    request: Request, visitor: Visitor, state: AppState, parameters: Pairs, said: Said | None = None
) -> dict[str, Any]:
    kept = request.cookies.get(columns.COOKIE, "")[:300]
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        values = gather(connection, visitor.caller, parameters, kept, said, veil=veil)
    return {**values, "reasons": REASONS}


@router.get("/tools")
def tool_list(request: Request, visitor: LoggedIn, state: State) -> Response:
    """The list of tools with its filters, as a plain form in the address."""
    parameters = request.query_params.multi_items()
    if request.query_params.get("remember"):
        return _remember(request, [(name, value) for name, value in parameters if name != "remember"])
    return page(request, "tools.html", _values(request, visitor, state, parameters))


def _remember(request: Request, parameters: Pairs) -> Response:
    """Let the browser keep the columns and the density that an address names, and go there."""
    filters = filtering.read(parameters)
    looks = columns.looks_of(filters.typed.get("col", ()), filters.one("density"), "")
    answer = RedirectResponse(filters.link(), status_code=303)
    answer.set_cookie(
        columns.COOKIE,
        looks.cookie,
        max_age=_A_YEAR,
        path="/tools",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/tools/part")
def tool_part(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """What changes on the page when a filter does."""
    return part(
        request, "tools_part.html", _values(request, visitor, state, request.query_params.multi_items())
    )


@router.get("/tools.csv")
def tool_file(request: Request, visitor: LoggedIn, state: State) -> StreamingResponse:
    """The list as a file: its filters, its order and its columns, all pages."""
    filters = filtering.read(request.query_params.multi_items(), visitor.caller.user_id)
    shown = columns.looks_of(filters.typed.get("col", ()), "", "").columns
    headings, reader = columns.headings(shown), current()
    veiled = state.veil_of(visitor.caller)
    with reading(state.engine) as connection:  # refused before the file begins
        allow_departments(filters.query.department, veiled(connection))

    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        read_by(reader)  # another thread writes for the same reader
        items, following = service.tool_page(
            connection, filters.query, veil=veiled(connection), cursor=cursor, limit=export.BATCH
        )
        plain = [{**item, "sources": export.plain(item["sources"])} for item in items]
        held = holders(connection, [item["id"] for item in plain])
        lines = (columns.line(item, held.get(item["id"]), shown) for item in plain)
        return [dict(zip(headings, line, strict=True)) for line in lines], following

    return export.as_csv(state.engine, "tools", headings, fetch)


# --- many at once ----------------------------------------------------------------------------


@router.get("/tools/bulk")
def back(_visitor: LoggedIn) -> Response:
    """Nothing is shown here: whoever comes back to this address is led to the list."""
    return RedirectResponse("/tools", status_code=303)


@router.post("/tools/bulk")
def many(request: Request, sender: Sender, state: State, form: Sent) -> Response:
    """Claim, decline or put under review the tools that were ticked.

    A script that asks for JSON gets what came of each tool; a form the list with a sentence, or, if something
    was refused, the list with why and what was ticked.
    """
    read_request(request)
    following = local_path(dict(form).get("next", "/tools"))
    as_json = request.headers.get("accept") == "application/json"
    try:
        wanted = wanted_of(form)
        with writing(state.engine) as connection:
            outcome = carry_out(connection, state, sender.caller, wanted, state.clock())
            names = _names(connection, outcome)
    except PenumbraError as error:
        if as_json:
            return JSONResponse({"done": 0, "said": error.message, "refused": []}, error.status)
        picked = frozenset(_ids(form))
        return _again(
            request, sender, state, following, Said([error.message], picked, dict(form)), error.status
        )
    if as_json:
        refused = [
            {"tool": tool, "message": f"{names[tool]}: {why}"} for tool, why in outcome.refused.items()
        ]
        return JSONResponse({"done": outcome.done, "said": outcome.said, "refused": refused})
    if not outcome.refused:
        return done(request, following, outcome.said)
    errors = [f"{names[tool]}: {why}" for tool, why in outcome.refused.items()]
    if outcome.done:
        errors.insert(0, outcome.said)
    return _again(
        request, sender, state, following, Said(errors, frozenset(outcome.refused), dict(form)), 409
    )


def _names(connection: Connection, outcome: Outcome) -> dict[int, str]:
    return {tool: _name(connection, tool) for tool in outcome.refused}


def _name(connection: Connection, tool_id: int) -> str:
    try:
        return service.live_tool(connection, tool_id).name
    except PenumbraError:
        return _("Tool %(number)s") % {"number": tool_id}


def _ids(form: Pairs) -> list[int]:
    found = (value.partition(":")[0] for name, value in form if name == "tool")
    return [int(text) for text in found if text.isascii() and text.isdigit()]


def _again(
    request: Request, sender: Visitor, state: AppState, following: str, said: Said, status: int
) -> HTMLResponse:
    """The list at an address, with what was refused."""
    return page(
        request,
        "tools.html",
        _values(request, sender, state, filtering.parameters_of(following), said),
        status=status,
    )
