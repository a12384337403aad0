"""Who is looking at a page, and whether a form was really sent from one of ours."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Request
from starlette.concurrency import run_in_threadpool

from app.api.state import state_of
from app.errors import Forbidden
from app.language import _
from app.security.schemas import Caller, Session
from app.web.rendering import read_request
from app.web.sessions import COOKIE, form_is_ours


class LoginNeeded(Exception):
    """Nobody is logged in; `target` is where the login should lead back to."""

    def __init__(self, target: str) -> None:
        super().__init__("nobody is logged in")
        self.target = target


@dataclass(frozen=True)
class Visitor:
    """Who is logged in."""

    caller: Caller
    session: Session


BY_ITSELF = "penumbra-by-itself"
"""The header by which a script says that nobody pressed anything: the page looks at what goes on anew."""


async def current(request: Request, *, used: bool = True) -> Visitor | None:
    """Who is logged in, if anybody; `used` says whether somebody asks, or a page by itself."""
    id_ = request.cookies.get(COOKIE)
    if not id_:
        return None
    gate = state_of(request).sessions
    session = gate.remembered(id_) or await run_in_threadpool(gate.find, id_, used=used)
    if session is None:
        return None
    request.scope["caller"] = session.caller
    visitor = request.scope["visitor"] = Visitor(session.caller, session)
    read_request(request)
    return visitor


async def _needed(request: Request) -> Visitor:
    by_itself = request.method == "GET" and BY_ITSELF in request.headers
    return _or_login(request, await current(request, used=not by_itself))


async def _watching(request: Request) -> Visitor:
    return _or_login(request, await current(request, used=False))


def _or_login(request: Request, visitor: Visitor | None) -> Visitor:
    if visitor is None:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise LoginNeeded(target if request.method == "GET" else "/")
    return visitor


LoggedIn = Annotated[Visitor, Depends(_needed)]
Watching = Annotated[Visitor, Depends(_watching)]
"""Who is logged in, for what an open page asks again and again: their session ends as if it had not."""


async def _own_form(
    visitor: LoggedIn, request: Request, form_secret: Annotated[str, Form(max_length=200)] = ""
) -> Visitor:
    require_same_origin(request)
    if not form_is_ours(visitor.session, form_secret):
        raise Forbidden(_("This form is no longer valid: open the page again and send it once more."))
    return visitor


Sender = Annotated[Visitor, Depends(_own_form)]
"""Who sent a form, when it carries the secret of their session."""


def require_same_origin(request: Request) -> None:
    """Let a form pass only if the browser says that it comes from one of our own pages.

    Raises:
        Forbidden: it comes from elsewhere.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetch_site is not None:
        ours = fetch_site in {"same-origin", "none"}
    else:  # an older browser
        ours = origin is None or _host(origin) == request.headers.get("host")
    if not ours:
        raise Forbidden(_("This form was sent from another site."))


def local_path(target: str) -> str:
    """`target` if it is an address of ours, else the front door: a login never leads elsewhere."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and _host(target) == ""
    return target if safe and target.isprintable() and "\\" not in target else "/"


def _host(address: str) -> str | None:
    """The host that an address names, "" if it names none; None if it is no address."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


def login_address(target: str) -> str:
    """The login page that leads back to `target`."""
    return "/login" if target in {"/", "/tools"} else f"/login?next={quote(target, safe='/')}"
