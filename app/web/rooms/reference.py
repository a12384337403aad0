"""The API's own pages: its description to read, area by area, and the same for programs."""

from functools import lru_cache
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import State
from app.api.main import roles
from app.api.openapi import document
from app.api.state import AppState
from app.errors import NotFound, Unauthorized
from app.language import _
from app.security.schemas import Role
from app.web import api_reference, api_words
from app.web.access import LoggedIn, current
from app.web.api_reference import Operation
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
_EXAMPLE = 'curl -H "Authorization: Bearer $TOKEN" \\\n  "{address}/api/v1/tools?flagged=true&limit=5"'


@router.get("/api/docs")
def api_docs(request: Request, _visitor: LoggedIn, state: State, q: str = "") -> HTMLResponse:
    """Every operation of the API in a line, by area; with words to look for, those that have all of them."""
    q = q.strip()[:100]
    found = [one for one in _operations(request.app) if all(word in one.words for word in q.lower().split())]
    values = {
        "q": q,
        "count": len(found),
        "areas": [(tag, [one for one in found if one.tag == tag]) for tag in sorted(api_words.TAG)],
        "aw": api_words,
        "example": _EXAMPLE.format(address=_address(request, state)),
        "about": document(request.app)["info"]["description"],
        "problem": api_reference.shape_of("Problem", _schemas(request)["Problem"]),
    }
    return page(request, "api.html", values)


@router.get("/api/docs/{area}")
def api_area(request: Request, _visitor: LoggedIn, state: State, area: str) -> HTMLResponse:
    """The operations of one area with all that can be sent and all that comes back."""
    values = {
        "area": area,
        "operations": _of(request, area),
        "address": _address(request, state),
        "aw": api_words,
    }
    return page(request, "api_area.html", values)


@router.get("/api/docs/{area}/names")
def api_names(request: Request, _visitor: LoggedIn, area: str) -> HTMLResponse:
    """What the objects of one area consist of."""
    shapes = api_reference.shapes(document(request.app), _of(request, area))
    return page(request, "api_names.html", {"area": area, "shapes": shapes, "aw": api_words})


def _of(request: Request, area: str) -> list[Operation]:
    """The operations of one area.

    Raises:
        NotFound: the API has no such area.
    """
    if area not in api_words.TAG:
        raise NotFound(_("The API has no such area."))
    return [one for one in _operations(request.app) if one.tag == area]


def _schemas(request: Request) -> dict[str, Any]:
    return document(request.app)["components"]["schemas"]


def _address(request: Request, state: AppState) -> str:
    """Where this reader reaches the API."""
    return state.settings.public_url or str(request.base_url).rstrip("/")


@lru_cache(maxsize=4)
def _operations(app: FastAPI) -> tuple[Operation, ...]:
    """All operations, put together once: they change with the program alone."""
    asked = {key: _said(some) for key, some in roles().items()}
    return tuple(api_reference.operations(document(app), asked))


def _said(some: frozenset[Role]) -> list[str]:
    """Roles as the page names them: `reader` stands for everybody, and an administrator may always."""
    if Role.READER in some:
        return ["everybody"]
    return sorted({*(role.value for role in some), Role.ADMIN.value}) if some else []


@router.get("/api/openapi.json")
async def openapi(request: Request, state: State) -> Response:
    """The API's description for programs; with a token or a login."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        await run_in_threadpool(state.gate.verify, header[7:].strip())
    elif await current(request) is None:
        raise Unauthorized(_("Send an API token in the header 'Authorization: Bearer pen_…'."))
    return Response(orjson.dumps(document(request.app)), media_type="application/json")
