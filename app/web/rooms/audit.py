"""The audit trail: who did what to which thing, searched, in words, its chain looked through, taken along."""

import re
from itertools import pairwise
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, Response, StreamingResponse

from app.api import export
from app.api.dependencies import State
from app.api.state import AppState
from app.catalog.service import source_names, tool_names
from app.db import reading, writing
from app.errors import Invalid
from app.language import _
from app.security import audit, trail, users
from app.security.schemas import AuditFilter, AuditOut, Role
from app.security.service import require
from app.web import audit_words
from app.web.access import LoggedIn, Sender
from app.web.audit_words import Line, Names
from app.web.rendering import done, page

router = APIRouter(include_in_schema=False)
_SHOWN = 50
_ACTOR = re.compile(r"(user|person):\d{1,18}|(token|cli):.+|system|cli", re.DOTALL)
_OBJECT = re.compile(r"[a-z_]+:.+", re.DOTALL)
_PLACES = {"tools": "tool", "sources": "source", "scans": "scan", "reviews": "review", "users": "user"}
_USER = re.compile(r"user:\d{1,18}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAMES = ("who", "what", "object", "since", "until")


@router.get("/audit")
def trail_page(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """Lines of the trail, the newest first."""
    require(visitor.caller, Role.AUDITOR)
    sent = _sent(request)
    errors: list[str] = []
    with reading(state.engine) as connection:
        wanted = _filter(connection, sent, errors)
        veil = state.veils.of(connection, visitor.caller)
        cursor = request.query_params.get("cursor") or None
        try:
            found = trail.audit_page(connection, wanted, veil=veil, cursor=cursor, limit=_SHOWN)
        except Invalid:  # an old address
            errors.append(_("That page is no longer there; here is the first one."))
            cursor = None
            found = trail.audit_page(connection, wanted, veil=veil, limit=_SHOWN)
        lines = _lines(connection, found.items)
    values = {
        "lines": lines,
        "sent": sent,
        "errors": errors,
        "aw": audit_words,
        "export": f"/audit/export?{urlencode(sent)}" if sent else "/audit/export",
        "first": _link(sent) if cursor else None,
        "following": _link({**sent, "cursor": found.next}) if found.next else None,
    }
    return page(request, "audit.html", values)


def _sent(request: Request) -> dict[str, str]:
    params = request.query_params
    sent = {name: params.get(name, "").strip()[:200] for name in _NAMES}
    if not sent["who"]:  # as the API calls it, for links
        sent["who"] = params.get("actor", "").strip()[:200]
    return {name: value.replace("\x00", "") for name, value in sent.items() if value}


def _link(sent: dict[str, str]) -> str:
    return f"/audit?{urlencode(sent)}" if sent else "/audit"


def _filter(connection: Connection, sent: dict[str, str], errors: list[str]) -> AuditFilter:
    """What was asked for; what cannot be read is said and left out."""
    values: dict[str, Any] = {n: sent[n] for n in ("since", "until") if n in sent}
    if "who" in sent:
        values["actor"] = _actors(connection, sent["who"])
    if "what" in sent:
        values["action"] = [sent["what"]]
    if "object" in sent:
        thing = _thing(sent["object"])
        if thing:
            values["object"] = thing
        else:
            errors.append(_("Write what it was done to as tool:12, or paste the address of its page."))
    while True:
        try:
            return AuditFilter.model_validate(values)
        except ValidationError as error:
            wrong = {str(e["loc"][0]) for e in error.errors()}
            if wrong & {"since", "until"}:
                errors.append(_("Choose days from the calendar, or write them as 2026-11-30."))
            values = {name: value for name, value in values.items() if name not in wrong}


def _actors(connection: Connection, text: str) -> list[str]:
    """Those whom a name, an address or the trail's own writing means."""
    if _ACTOR.fullmatch(text):
        return [text]
    found = [f"user:{user.id}" for user in users.find_users(connection, text)]
    return [*found, f"token:{text}"][:50]


def _thing(text: str) -> str:
    """What the trail calls something that is written so, or whose page's address was pasted."""
    if text.startswith(("/", "http://", "https://")):
        try:
            parts = urlsplit(text).path.strip("/").split("/")
        except ValueError:
            return ""
        pairs = list(pairwise(parts))
        return next((f"{_PLACES[a]}:{b}" for a, b in pairs if a in _PLACES and b.isdigit()), "")
    return text if _OBJECT.fullmatch(text) else ""


def _lines(connection: Connection, found: list[AuditOut]) -> list[Line]:
    """Lines in words, with the names of what they speak of; three queries, however many lines."""
    names = Names(
        users=users.names_of(connection, audit_words.ids_in(found, "user")),
        tools=tool_names(connection, audit_words.ids_in(found, "tool")),
        sources=dict(source_names(connection)),
    )
    return [audit_words.line_of(line, names) for line in found]


@router.get("/audit/chain")
def chain(request: Request, visitor: LoggedIn, state: State, head: str = "") -> HTMLResponse:
    """What the last look through the chain found, and the button for another one, which takes its time."""
    require(visitor.caller, Role.AUDITOR)
    return _chain_page(request, state, head.strip())


@router.post("/audit/chain")
def look_through(
    request: Request, sender: Sender, state: State, head: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Look through the whole chain for lines that were changed, taken out or moved."""
    require(sender.caller, Role.AUDITOR)
    head = head.strip()
    known = head.lower() or None
    if known and not _HASH.fullmatch(known):
        return _chain_page(request, state, head, wrong=True)
    with reading(state.engine) as connection:
        verdict = audit.verify(connection, known_head=known)
    with writing(state.engine) as connection:
        audit.note_look(
            connection,
            verdict,
            actor=sender.caller.actor,
            now=state.clock(),
            compared=known is not None,
        )
    return done(request, "/audit/chain", _("The whole trail was looked through."))


def _chain_page(request: Request, state: AppState, head: str, *, wrong: bool = False) -> HTMLResponse:
    with reading(state.engine) as connection:
        look = audit.last_look(connection)
        ids = {int(look.actor.removeprefix("user:"))} if look and _USER.fullmatch(look.actor) else set()
        names = Names(users=users.names_of(connection, ids), tools={}, sources={})
    values = {
        "look": look,
        "by": audit_words.who(look.actor, names) if look else "",
        "head": head[:100],
        "wrong": wrong,
    }
    return page(request, "audit_chain.html", values, status=422 if wrong else 200, now=state.clock())


@router.get("/audit/export")
def take_along(request: Request, visitor: LoggedIn, state: State) -> StreamingResponse:
    """The lines that are shown as a file, all of them, the newest first."""
    require(visitor.caller, Role.AUDITOR)
    with reading(state.engine) as connection:
        wanted = _filter(connection, _sent(request), [])

    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        veil = state.veils.of(connection, visitor.caller)
        found = trail.audit_page(connection, wanted, veil=veil, cursor=cursor, limit=export.BATCH)
        return [item.model_dump() for item in found.items], found.next

    return export.as_json(state.engine, "audit", fetch)
