"""The API's own pages: its description to read and try, and the same for programs."""

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import State
from app.api.openapi import document
from app.errors import Unauthorized
from app.language import _
from app.web.access import LoggedIn, current
from app.web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
async def api_docs(request: Request, _visitor: LoggedIn) -> HTMLResponse:
    """The API's description to read and try."""
    return page(request, "docs.html")


@router.get("/api/openapi.json")
async def openapi(request: Request, state: State) -> Response:
    """The API's description for programs; with a token or a login."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        await run_in_threadpool(state.gate.verify, header[7:].strip())
    elif await current(request) is None:
        raise Unauthorized(_("Send an API token in the header 'Authorization: Bearer pen_…'."))
    return Response(orjson.dumps(document(request.app)), media_type="application/json")
