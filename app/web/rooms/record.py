"""The record of a decision as a page to print: what was decided, by whom, on what, and if that is whole."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse

from app.api.dependencies import Id, State
from app.api.paging import encode_cursor
from app.catalog import service as catalog
from app.db import reading
from app.errors import Gone, NotFound
from app.remediation.plans import plan_of_review
from app.remediation.schemas import PlanOut
from app.reviews import reading as reviews
from app.reviews.answers import EventOut
from app.reviews.integrity import integrity_of
from app.security.privacy import Veil
from app.web.access import LoggedIn
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
_PAGE = 200
_SAID = ("need", "text", "rationale", "reason", "notes", "note", "title")
"""Where an event keeps what somebody said."""


@router.get("/reviews/{review_id}/record")
def record(request: Request, visitor: LoggedIn, state: State, review_id: Id) -> HTMLResponse:
    """One decision with all that it rests on."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        found = reviews.get_record(connection, review_id, veil=veil)
        values = {
            "record": found,
            "target": _target(connection, veil, found.terms),
            "log": _log(connection, veil, review_id),
            "plan": _plan(connection, veil, review_id),
            "integrity": integrity_of(connection, review_id),
        }
    return page(request, "record.html", {**values, "said_in": said})


def said(event: EventOut) -> str:
    """What somebody said in an event, if anything."""
    return next((str(event.data[name]) for name in _SAID if event.data.get(name)), "")


def _target(connection: Connection, veil: Veil, terms: dict[str, Any]) -> str | None:
    """The name of the tool that is used instead, if another one is to be."""
    target = terms.get("to_tool_id")
    if target is None:
        return None
    try:
        return catalog.get_tool(connection, target, veil=veil).name
    except (NotFound, Gone):  # merged away since; the number stays what it was
        return None


def _log(connection: Connection, veil: Veil, review_id: int) -> list[EventOut]:
    """The whole log."""
    events: list[EventOut] = []
    cursor = encode_cursor("review_events", (0,))
    while cursor is not None:
        found = reviews.list_events(connection, review_id, veil=veil, cursor=cursor, limit=_PAGE)
        events += found.items
        cursor = found.next
    return events


def _plan(connection: Connection, veil: Veil, review_id: int) -> PlanOut | None:
    try:
        return plan_of_review(connection, review_id, veil=veil)
    except NotFound:
        return None
