"""Each time a source was read: the list, one scan as it goes on, stopping it."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.catalog.service import source_names
from app.db import reading, writing
from app.errors import Conflict, Invalid
from app.language import _
from app.scans import overview
from app.scans.schemas import ScanQuery
from app.security.schemas import Role
from app.security.service import require
from app.web import source_words
from app.web.access import LoggedIn, Sender, Watching
from app.web.rendering import done, page, part

router = APIRouter(include_in_schema=False)
_SHOWN = 40
_SKIPS_SHOWN = 50


@router.get("/scans")
def scan_list(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """All scans, the newest first, narrowed to a source or an end."""
    wanted = {n: v for n, v in request.query_params.items() if n in {"source", "state", "cursor"} and v}
    errors: list[str] = []
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        query = _query(wanted, errors)
        try:
            found = overview.list_scans(
                connection,
                veil=veil,
                source_id=query.source,
                states=query.state,
                cursor=query.cursor,
                limit=_SHOWN,
            )
        except Invalid:
            errors.append(_("That page is no longer there; here is the first one."))
            found = overview.list_scans(
                connection, veil=veil, source_id=query.source, states=query.state, limit=_SHOWN
            )
        names = source_names(connection)
    filters = {n: v for n, v in wanted.items() if n != "cursor"}
    values = {
        "scans": found.items,
        "query": query,
        "sources": names,
        "errors": errors,
        "under_way": any(not scan.state.ended for scan in found.items),
        "here": _link(wanted),
        "first": _link(filters) if query.cursor else None,
        "following": _link({**filters, "cursor": found.next}) if found.next else None,
        "sw": source_words,
    }
    return page(request, "scans.html", values)


def _query(wanted: dict[str, str], errors: list[str]) -> ScanQuery:
    values: dict[str, Any] = {**wanted}
    if "state" in values:
        values["state"] = [values["state"]]
    try:
        return ScanQuery.model_validate(values)
    except ValueError:
        errors.append(_("A filter in this address is not possible, so all scans are shown."))
        return ScanQuery()


def _link(wanted: dict[str, str]) -> str:
    return f"/scans?{urlencode(wanted)}" if wanted else "/scans"


@router.get("/scans/{scan_id}")
def scan_page(
    request: Request,
    visitor: LoggedIn,
    state: State,
    scan_id: Id,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> HTMLResponse:
    """One scan: how far it is or how it ended, and what it could not use."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        scan = overview.get_scan(connection, scan_id, veil=veil)
        skips = overview.list_skips(connection, scan_id, veil=veil, cursor=cursor, limit=_SKIPS_SHOWN)
        last = overview.list_scans(connection, veil=veil, source_id=scan.source_id, limit=1).items[0]
    is_last = last.id == scan.id
    values = {
        "scan": scan,
        "skips": skips.items,
        "cursor": cursor,
        "following": f"/scans/{scan_id}?{urlencode({'cursor': skips.next})}" if skips.next else None,
        "is_last": is_last,
        "goes_on": is_last and overview.goes_on(scan, state.clock()),
        "may_change": visitor.caller.may(Role.IT),
        "sw": source_words,
    }
    return page(request, "scan.html", values)


@router.get("/scans/{scan_id}/now")
def scan_now(request: Request, visitor: Watching, state: State, scan_id: Id) -> HTMLResponse:
    """How far a scan is, for the script that shows it."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        scan = overview.get_scan(connection, scan_id, veil=veil)
    return part(request, "scan_now.html", {"scan": scan, "sw": source_words})


@router.post("/scans/{scan_id}/stop")
def stop(request: Request, sender: Sender, state: State, scan_id: Id) -> Response:
    """Ask a scan to stop; what it has read stays."""
    require(sender.caller, Role.IT)
    try:
        with writing(state.engine) as connection:
            overview.stop(connection, scan_id, actor=sender.caller.actor, now=state.clock())
    except Conflict:
        return done(request, f"/scans/{scan_id}", _("It has ended already."))
    return done(
        request, f"/scans/{scan_id}", _("It stops after the page that it is reading. What it read stays.")
    )
