"""The pages joined to the application: routes, files, and errors that are pages."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.api.openapi import methods_at
from app.errors import NotFound, PenumbraError, PreconditionFailed
from app.language import _, language, speak
from app.notify import pages as links
from app.web.access import LoginNeeded, local_path, login_address
from app.web.rendering import STATIC, page, read_request
from app.web.rooms import ROUTERS

_NOT_PAGES = ("/api/", "/metrics", "/healthz", "/readyz")


class _Files(StaticFiles):
    """Files that browsers may keep for an hour."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


class Speaking:
    """Has everything below a page write in the language of its reader; the API stays English."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at who reads, then pass the request on."""
        if scope["type"] != "http" or not _is_page(scope["path"]) or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        before = language()
        read_request(Request(scope))
        try:
            await self._app(scope, receive, send)
        finally:
            speak(before)


def install(app: FastAPI) -> None:
    """Add the pages to the application."""

    app.mount("/static", _Files(directory=STATIC))
    for router in (*ROUTERS, links.router):
        app.router.routes.extend(router.routes)
    app.add_exception_handler(LoginNeeded, _to_login)
    app.add_exception_handler(PenumbraError, _on_penumbra_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)


def failure(scope: Scope) -> Response:
    """What is answered when something went wrong that nobody expected."""
    if _is_page(scope["path"]):
        read_request(Request(scope))
        return _page(
            Request(scope),
            PenumbraError(_("It is not your doing. The people who run Penumbra find it in the log.")),
        )
    return problems.internal_error()


def _is_page(path: str) -> bool:
    return path.startswith("/api/docs") or not path.startswith(_NOT_PAGES)


async def _to_login(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LoginNeeded)
    return RedirectResponse(login_address(error.target), status_code=303)


async def _on_penumbra_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PenumbraError)
    if _is_page(request.url.path):
        return _page(request, error)
    return await problems.on_penumbra_error(request, error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405 and (allowed := methods_at(request.app, request.url.path)):
        error = HTTPException(405, headers={"Allow": ", ".join(allowed)})
    if not _is_page(request.url.path) or request.url.path.startswith("/static/"):
        return await problems.on_http_error(request, error)
    known = problems.from_http(error)
    if known is None:
        return await problems.on_http_error(request, error)
    return _page(request, known)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if not _is_page(request.url.path):
        return await problems.on_invalid_request(request, error)
    if any(e.get("loc", ("",))[0] == "path" for e in error.errors()):
        return _page(request, NotFound(_("There is nothing at this address.")))
    return _page(request, problems.invalid_request(error))


def _page(request: Request, error: PenumbraError) -> Response:
    again = _came_from(request) if isinstance(error, PreconditionFailed) else ""
    return page(request, "error.html", {"error": error, "again": again}, status=error.status)


def _came_from(request: Request) -> str:
    """The page of ours that a form was sent from; "" where the browser does not say."""
    try:
        page_before = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    ours = page_before.netloc == request.headers.get("host")
    return local_path(page_before._replace(scheme="", netloc="").geturl()) if ours else ""
