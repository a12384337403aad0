"""Adding a source and changing one: a form made from the connector's settings, checked before it is saved."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import PenumbraError
from app.language import _
from app.scans import overview
from app.security.schemas import Role
from app.security.service import require
from app.sources import installed, service
from app.sources.config import Prepared, confine
from app.sources.folders import offered
from app.sources.schemas import ConnectorOut, SourceChange, SourceIn, SourceOut
from app.web import source_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.config_forms import ConfigForm, changes, checked, given, take, whole
from app.web.rendering import done, page
from app.web.schema_forms import inputs
from connectors.base import CheckReport

router = APIRouter(include_in_schema=False)
_USUAL_MINUTES = 360


@dataclass
class _Form:
    """The form, what it is for, and what its check found."""

    connector: ConnectorOut
    form: ConfigForm
    source: SourceOut | None = None
    minutes: int = _USUAL_MINUTES
    report: CheckReport | None = None

    def refuse(self, error: PenumbraError) -> None:
        """Show what is wrong; which permissions are missing is said by the report."""
        self.form.refuse(error)
        if error.code == "missing_permissions":
            self.form.problem = _("It was not saved, because a permission is missing.")


@router.get("/sources/new")
def kinds(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Which kinds of sources there are."""
    require(visitor.caller, Role.IT)
    found = installed.list_connectors()
    return page(request, "source_kinds.html", {"connectors": found.items, "sw": source_words})


@router.get("/sources/new/{name}")
def new_form(request: Request, visitor: LoggedIn, state: State, name: str) -> HTMLResponse:
    """The form for a new source of a kind."""
    require(visitor.caller, Role.IT)
    wanted = _new(name)
    wanted.form.fill()
    return _shown(request, state, wanted)


def _new(name: str) -> _Form:
    connector = installed.describe_connector(name)
    fields = inputs(connector.config_schema, connector.secret_fields)
    return _Form(connector, ConfigForm(f"source:{name}", fields, installed.connector_class(name).Config))


def _shown(request: Request, state: AppState, wanted: _Form) -> HTMLResponse:
    folder = state.settings.files_folder
    has_path = any(one.path for one in wanted.form.fields)
    values = {
        "form": wanted.form,
        "connector": wanted.connector,
        "source": wanted.source,
        "report": wanted.report,
        "minutes": wanted.minutes,
        "folder": str(folder) if has_path else "",
        "offered": offered(folder) if has_path else [],
        "sw": source_words,
    }
    return page(request, "source_form.html", values, status=wanted.form.status)


@router.post("/sources/new/{name}")
async def send_new(request: Request, sender: Sender, state: State, name: str) -> Response:
    """Check a new source, or save it when its check was seen."""
    require(sender.caller, Role.IT)
    wanted = _new(name)
    sent = await given(request)
    wanted.minutes = whole(sent.get("minutes", ""), _USUAL_MINUTES)
    try:
        config = {n: v for n, v in take(wanted.form, sent, sender, state).items() if v is not None}
        source = checked(
            lambda: SourceIn(
                name=wanted.form.name, connector=name, config=config, schedule_minutes=wanted.minutes
            )
        )
        inside = confine(wanted.form.config, config, state.settings.files_folder)
        prepared = service.prepare_new(name, inside)
        wanted.report = report = await service.check(name, prepared, state.context)
        if sent.get("do") in {"save", "force"}:
            service.require_ok(report, force=sent["do"] == "force")
            return await run_in_threadpool(_save_new, request, sender, state, source, prepared, report)
    except PenumbraError as error:
        wanted.refuse(error)
    return await run_in_threadpool(_shown, request, state, wanted)


def _save_new(
    request: Request,
    sender: Visitor,
    state: AppState,
    wanted: SourceIn,
    prepared: Prepared,
    report: CheckReport,
) -> Response:
    with writing(state.engine) as connection:
        now, actor = state.clock(), sender.caller.actor
        row = service.create(
            connection, wanted, prepared, report, secrets=state.secrets, actor=actor, now=now
        )
        scan_id = overview.start(connection, row.id, "hand", actor=actor, now=now)
    said = _("%(name)s is connected. It is being read for the first time: watch it here, or come back later.")
    return done(request, f"/scans/{scan_id}", said % {"name": row.name})


@router.get("/sources/{source_id}/edit")
def edit_form(request: Request, visitor: LoggedIn, state: State, source_id: Id) -> HTMLResponse:
    """The form with what is stored; secrets stay as they are unless they are typed anew."""
    require(visitor.caller, Role.IT)
    return _shown(request, state, _stored(state, source_id)[0])


def _stored(state: AppState, source_id: int) -> tuple[_Form, Any]:
    with reading(state.engine) as connection:
        row = service.get_source(connection, source_id)
    wanted = _new(row.connector)
    wanted.source = source = service.shown(row, state.secrets)
    wanted.minutes = source.schedule_minutes
    form = wanted.form
    form.key, form.name, form.version = f"source:{source_id}", source.name, source.version
    form.public, form.stored = source.config, source.secrets_set
    form.fill()
    return wanted, row


@router.post("/sources/{source_id}/edit")
async def send_edit(request: Request, sender: Sender, state: State, source_id: Id) -> Response:
    """Check changed settings, or save them; a new name or schedule alone needs no check."""
    require(sender.caller, Role.IT)
    wanted, row = await run_in_threadpool(_stored, state, source_id)
    sent = await given(request)
    wanted.minutes = whole(sent.get("minutes", ""), _USUAL_MINUTES)
    try:
        config = changes(wanted.form, take(wanted.form, sent, sender, state))
        change = _change(wanted, row)
        prepared = None
        if config or sent.get("do") == "check":
            inside = confine(wanted.form.config, config, state.settings.files_folder, row.config)
            prepared = service.changed_config(row, inside, state.secrets)
            wanted.report = await service.check(row.connector, prepared, state.context)
            change = change.model_copy(update={"config": inside})
        if sent.get("do") in {"save", "force"}:
            if wanted.report is not None:
                service.require_ok(wanted.report, force=sent["do"] == "force")
            return await run_in_threadpool(_save_edit, request, sender, state, wanted, change, prepared)
    except PenumbraError as error:
        wanted.refuse(error)
    return await run_in_threadpool(_shown, request, state, wanted)


def _change(wanted: _Form, row: Any) -> SourceChange:
    changed: dict[str, Any] = {}
    if wanted.form.name != row.name:
        changed["name"] = wanted.form.name
    if wanted.minutes != row.schedule_minutes:
        changed["schedule_minutes"] = wanted.minutes
    return checked(lambda: SourceChange(**changed))


def _save_edit(
    request: Request,
    sender: Visitor,
    state: AppState,
    wanted: _Form,
    change: SourceChange,
    prepared: Prepared | None,
) -> Response:
    assert wanted.source is not None
    with writing(state.engine) as connection:
        changed = service.update(
            connection,
            wanted.source.id,
            wanted.form.version,
            change,
            prepared,
            wanted.report,
            secrets=state.secrets,
            actor=sender.caller.actor,
            now=state.clock(),
        )
    return done(request, f"/sources/{changed.id}", _("%(name)s is saved.") % {"name": changed.name})
