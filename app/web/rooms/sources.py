"""Where Penumbra looks: how each source stands, what it asks for, reading it now, pausing and removing it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import Conflict, NotFound, PenumbraError
from app.identify import default_knowledge_base
from app.language import _
from app.scans import overview
from app.scans.schemas import ScanOut, ScanState
from app.security.privacy import OPEN
from app.security.schemas import Role
from app.security.service import require
from app.sources import installed, removal, service
from app.sources.schemas import ConnectorOut, SourceChange, SourceOut
from app.sources.veiled import as_seen
from app.web import source_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page
from app.web.schema_forms import inputs

router = APIRouter(include_in_schema=False)
_SCANS_SHOWN = 5
_ORDER = {"attention": 0, "waiting": 1, "new": 2, "ok": 3}
_UNDER_WAY = (ScanState.QUEUED, ScanState.RUNNING)


def connector_of(name: str) -> ConnectorOut | None:
    """What a source's connector says of itself; None if it is no longer installed."""
    try:
        return installed.describe_connector(name)
    except NotFound:
        return None


@router.get("/sources")
def source_list(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """All sources, those that need somebody first, and what could be connected beside them."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        listed = service.list_sources(connection, state.secrets)
        sources = [as_seen(source, veil, visitor.caller) for source in listed]
        running = running_by_source(connection)
    connectors = installed.list_connectors()
    used = {source.connector for source in sources}
    values = {
        "sources": sorted(sources, key=lambda s: (_ORDER[s.health] if s.enabled else 4, s.name.lower())),
        "titles": {c.name: c.title for c in connectors.items},
        "running": running,
        "unused": [c for c in connectors.items if c.name not in used],
        "broken": connectors.broken,
        "may_change": visitor.caller.may(Role.IT),
        "sw": source_words,
    }
    return page(request, "sources.html", values)


def running_by_source(connection: Connection) -> dict[int, ScanOut]:
    """The scan of each source that is queued or running."""
    found = overview.list_scans(connection, veil=OPEN, states=_UNDER_WAY, limit=200)
    return {scan.source_id: scan for scan in found.items}


@router.get("/sources/{source_id}")
def source_page(request: Request, visitor: LoggedIn, state: State, source_id: Id) -> HTMLResponse:
    """One source: how it stands, what it may see and why, its settings and last scans."""
    return _source_page(request, visitor, state, source_id)


def _source_page(
    request: Request, visitor: Visitor, state: AppState, source_id: int, *, status: int = 200, **more: Any
) -> HTMLResponse:
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        found = service.shown(service.get_source(connection, source_id), state.secrets)
        source = as_seen(found, veil, visitor.caller)
        scans = overview.list_scans(connection, veil=veil, source_id=source_id, limit=_SCANS_SHOWN).items
    connector = connector_of(source.connector)
    values = {
        "source": source,
        "connector": connector,
        "scans": scans,
        "scan": next((scan for scan in scans if not scan.state.ended), None),
        "goes_on": bool(scans) and overview.goes_on(scans[0], state.clock()),
        "settings": _settings(source, connector),
        "may_change": visitor.caller.may(Role.IT),
        "report": None,
        "problem": "",
        "sw": source_words,
        **more,
    }
    return page(request, "source.html", values, status=status)


def _settings(source: SourceOut, connector: ConnectorOut | None) -> Sequence[tuple[str, str]]:
    """A source's settings with their names in words; of a secret only that it is there."""
    if connector is None:
        return [(name, str(value)) for name, value in source.config.items()]
    found: list[tuple[str, str]] = []
    for one in inputs(connector.config_schema, connector.secret_fields):
        if one.name in source.secrets_set:
            found.append((one.label, _("Stored, and never shown")))
        elif one.name in source.config:
            value = source.config[one.name]
            text = (_("Yes") if value else _("No")) if isinstance(value, bool) else one.shown(value)
            found.append((one.label, text.replace("\n", ", ") or "–"))
    return found


@router.post("/sources/{source_id}/check")
async def check(request: Request, sender: Sender, state: State, source_id: Id) -> Response:
    """Try what is stored once more: does each permission still work?"""
    require(sender.caller, Role.IT)

    def read() -> Any:
        with reading(state.engine) as connection:
            return service.get_source(connection, source_id)

    row = await run_in_threadpool(read)
    more: dict[str, Any] = {}
    status = 200
    try:
        prepared = service.changed_config(row, {}, state.secrets)
        more["report"] = await service.check(row.connector, prepared, state.context)
    except PenumbraError as error:
        more["problem"], status = error.message, error.status
    return await run_in_threadpool(
        lambda: _source_page(request, sender, state, source_id, status=status, **more)
    )


@router.post("/sources/{source_id}/scan")
def scan_now(request: Request, sender: Sender, state: State, source_id: Id) -> Response:
    """Ask for a scan, and go and watch it; also if one is under way already."""
    require(sender.caller, Role.IT)
    try:
        with writing(state.engine) as connection:
            scan_id = overview.start(
                connection, source_id, "hand", actor=sender.caller.actor, now=state.clock()
            )
    except Conflict as error:
        under_way = error.links.get("scan", "").rpartition("/")[2]
        return done(request, f"/scans/{under_way}", _("It is being read already: this is the scan."))
    return done(request, f"/scans/{scan_id}")


@router.post("/sources/{source_id}/schedule")
def pause(
    request: Request,
    sender: Sender,
    state: State,
    source_id: Id,
    version: Annotated[int, Form(ge=1, le=2**31 - 1)],
    enabled: Annotated[bool, Form()] = False,
) -> Response:
    """Pause a source, or let it be read by its schedule again."""
    require(sender.caller, Role.IT)
    with writing(state.engine) as connection:
        row = service.update(
            connection,
            source_id,
            version,
            SourceChange(enabled=enabled),
            None,
            None,
            secrets=state.secrets,
            actor=sender.caller.actor,
            now=state.clock(),
        )
    said = _("%(name)s is read by its schedule again.") if enabled else _("%(name)s is paused.")
    return done(request, f"/sources/{source_id}", said % {"name": row.name})


@router.get("/sources/{source_id}/remove")
def removal_form(request: Request, visitor: LoggedIn, state: State, source_id: Id) -> HTMLResponse:
    """What removing a source would take along; its name is to be typed."""
    require(visitor.caller, Role.IT)
    return _removal_form(request, state, source_id)


def _removal_form(
    request: Request, state: AppState, source_id: int, *, error: str = "", typed: str = "", status: int = 200
) -> HTMLResponse:
    with reading(state.engine) as connection:
        source = service.shown(service.get_source(connection, source_id), state.secrets)
        loses = removal.would_remove(connection, source_id)
        scan = running_by_source(connection).get(source_id)
    values = {"source": source, "loses": loses, "scan": scan, "error": error, "typed": typed}
    return page(request, "source_remove.html", values, status=status)


@router.post("/sources/{source_id}/remove")
def remove(
    request: Request,
    sender: Sender,
    state: State,
    source_id: Id,
    version: Annotated[int, Form(ge=1, le=2**31 - 1)],
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Remove a source with all it brought, if its name was typed."""
    require(sender.caller, Role.IT)
    with reading(state.engine) as connection:
        source = service.get_source(connection, source_id)
    if name.strip() != source.name:
        said = _("Type the name %(name)s to remove it.") % {"name": source.name}
        return _removal_form(request, state, source_id, error=said, typed=name, status=422)
    try:
        with writing(state.engine) as connection:
            service.delete(
                connection,
                source_id,
                version,
                kb=default_knowledge_base(),
                actor=sender.caller.actor,
                now=state.clock(),
            )
    except Conflict as error:
        return _removal_form(request, state, source_id, error=error.message, typed=name, status=error.status)
    return done(
        request, "/sources", _("%(name)s is removed, with all it had brought.") % {"name": source.name}
    )
