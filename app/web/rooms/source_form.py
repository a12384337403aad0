"""Adding a source and changing one: a form made from the connector's settings, checked before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import FieldError, Invalid, PenumbraError, field_errors
from app.scans import overview
from app.security.schemas import Role
from app.security.service import require
from app.sources import service
from app.sources.config import Prepared, confine, merge
from app.sources.folders import offered
from app.sources.schemas import ConnectorOut, SourceChange, SourceIn, SourceOut
from app.web import drafts, source_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.reader import _
from app.web.rendering import done, page
from app.web.schema_forms import Input, Typed, faults_by_field, inputs, read, without_defaults
from connectors.base import CheckReport

router = APIRouter(include_in_schema=False)
_LARGEST_FILE = 100_000
_USUAL_MINUTES = 360


@dataclass
class _Form:
    """One form as it is shown: what was typed, what is wrong with it, what its check found."""

    connector: ConnectorOut
    fields: list[Input]
    source: SourceOut | None = None
    values: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    name: str = ""
    minutes: int = _USUAL_MINUTES
    version: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    report: CheckReport | None = None
    draft: str = ""
    status: int = 200

    @property
    def stored(self) -> list[str]:
        """The secrets that are stored already."""
        return self.source.secrets_set if self.source else []

    @property
    def key(self) -> str:
        """Which form this is, for what is kept sealed in it."""
        return f"source:{self.source.id}" if self.source else f"source:{self.connector.name}"

    def refuse(self, error: PenumbraError) -> None:
        """Show what is wrong, beside the fields that are to blame."""
        self.status = error.status
        self.faults |= faults_by_field(error.fields)
        self.problem = self.faults.pop("", "")
        if error.code == "missing_permissions":  # the report says which
            self.problem = ""
        elif not (self.faults or self.problem):
            self.problem = error.message


@router.get("/sources/new")
def kinds(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Which kinds of sources there are."""
    require(visitor.caller, Role.IT)
    found = service.list_connectors()
    return page(request, "source_kinds.html", {"connectors": found.items, "sw": source_words})


@router.get("/sources/new/{name}")
def new_form(request: Request, visitor: LoggedIn, state: State, name: str) -> HTMLResponse:
    """The form for a new source of a kind."""
    require(visitor.caller, Role.IT)
    form = _new(name)
    form.values = {one.name: one.shown(one.default) for one in form.fields}
    return _shown(request, state, form)


def _new(name: str) -> _Form:
    connector = service.describe_connector(name)
    return _Form(connector, inputs(connector.config_schema, connector.secret_fields))


def _shown(request: Request, state: AppState, form: _Form) -> HTMLResponse:
    folder = state.settings.files_folder
    has_path = any(one.path for one in form.fields)
    values = {
        "form": form,
        "every": source_words.EVERY,
        "folder": str(folder) if has_path else "",
        "offered": offered(folder) if has_path else [],
        "sw": source_words,
    }
    return page(request, "source_form.html", values, status=form.status)


@router.post("/sources/new/{name}")
async def send_new(request: Request, sender: Sender, state: State, name: str) -> Response:
    """Check a new source, or save it when its check was seen."""
    require(sender.caller, Role.IT)
    form = _new(name)
    given = await _given(request)
    typed, kept = _take(form, given, sender, state)
    try:
        wanted = _source_in(form, typed.values)
        if typed.faults:
            raise Invalid("", fields=typed.faults)
        values = _with_kept(form, typed, kept)
        kind = service.connector_class(name).Config
        prepared = service.prepare_new(name, confine(kind, values, state.settings.files_folder))
        form.report = await service.check(name, prepared, state.context)
        if given.get("do") in {"save", "force"}:
            service.require_ok(form.report, force=given["do"] == "force")
            return await run_in_threadpool(_save_new, request, sender, state, wanted, prepared, form.report)
    except PenumbraError as error:
        form.refuse(error)
    return await run_in_threadpool(_shown, request, state, form)


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
    form = _stored(state, source_id)[0]
    assert form.source is not None
    form.name, form.minutes = form.source.name, form.source.schedule_minutes
    form.secrets = set(form.source.secrets_set)
    form.values = {one.name: one.shown(form.source.config.get(one.name, one.default)) for one in form.fields}
    return _shown(request, state, form)


def _stored(state: AppState, source_id: int) -> tuple[_Form, Any]:
    with reading(state.engine) as connection:
        row = service.get_source(connection, source_id)
    form = _new(row.connector)
    form.source = service.shown(row, state.secrets)
    form.version = row.version
    return form, row


@router.post("/sources/{source_id}/edit")
async def send_edit(request: Request, sender: Sender, state: State, source_id: Id) -> Response:
    """Check changed settings, or save them; a new name or schedule alone needs no check."""
    require(sender.caller, Role.IT)
    form, row = await run_in_threadpool(_stored, state, source_id)
    given = await _given(request)
    typed, kept = _take(form, given, sender, state)
    form.secrets |= set(form.source.secrets_set) - typed.forget if form.source else set()
    form.version = int(given["version"]) if given.get("version", "").isdecimal() else 0
    try:
        change = _change(form, row)
        if typed.faults:
            raise Invalid("", fields=typed.faults)
        config = _changes(form, row, typed, kept)
        prepared = None
        if config or given.get("do") == "check":
            kind = service.connector_class(row.connector).Config
            inside = confine(kind, config, state.settings.files_folder, row.config)
            prepared = service.changed_config(row, inside, state.secrets)
            form.report = await service.check(row.connector, prepared, state.context)
            change = change.model_copy(update={"config": inside or None})
        if given.get("do") in {"save", "force"}:
            if form.report is not None:
                service.require_ok(form.report, force=given["do"] == "force")
            return await run_in_threadpool(
                _save_edit, request, sender, state, form, change, prepared, form.report
            )
    except PenumbraError as error:
        form.refuse(error)
    return await run_in_threadpool(_shown, request, state, form)


def _save_edit(
    request: Request,
    sender: Visitor,
    state: AppState,
    form: _Form,
    change: SourceChange,
    prepared: Prepared | None,
    report: CheckReport | None,
) -> Response:
    assert form.source is not None
    with writing(state.engine) as connection:
        changed = service.update(
            connection,
            form.source.id,
            form.version,
            change,
            prepared,
            report,
            secrets=state.secrets,
            actor=sender.caller.actor,
            now=state.clock(),
        )
    return done(request, f"/sources/{form.source.id}", _("%(name)s is saved.") % {"name": changed.name})


# --- reading the form --------------------------------------------------------------------------------


async def _given(request: Request) -> dict[str, str]:
    """The form's fields; of a file its text."""
    given: dict[str, str] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            given[name] = (await value.read(_LARGEST_FILE)).decode("utf-8", "replace").replace("\x00", "")
        else:
            given[name] = value.replace("\x00", " ")
    return given


def _take(
    form: _Form, given: Mapping[str, str], sender: Visitor, state: AppState
) -> tuple[Typed, drafts.Draft]:
    """Put what was typed into the form; secrets go sealed into it."""
    typed = read(form.fields, given)
    kept = drafts.opened(state, sender.session, form.key, given.get("draft", ""))
    secrets = {n: v for n, v in kept.secrets.items() if n not in typed.forget} | typed.secrets
    # A secret that nobody typed again stays bound to the hosts that it was typed for.
    left = set(kept.secrets) - typed.forget - set(typed.secrets)
    public = kept.public if left else typed.public
    form.name = given.get("name", "").strip()[:200]
    minutes = given.get("minutes", "")
    form.minutes = int(minutes) if minutes.isdecimal() and len(minutes) < 7 else _USUAL_MINUTES
    form.values = {one.name: given.get(f"c.{one.name}", "") for one in form.fields if one.kind != "secret"}
    form.secrets = set(secrets)
    form.draft = drafts.seal(state, sender.session, form.key, public, secrets)
    return typed, kept


def _with_kept(form: _Form, typed: Typed, kept: drafts.Draft) -> dict[str, Any]:
    """What was typed, with the secrets that were kept since the last check.

    Raises:
        Invalid: an address moved to another host while a secret is kept.
    """
    stored = form.source.config if form.source else {}
    public = without_defaults(form.fields, typed.public, stored)
    secrets = {n: v for n, v in kept.secrets.items() if n not in typed.forget}
    config = service.connector_class(form.connector.name).Config
    gone = dict.fromkeys(set(kept.public) - set(public))
    return merge(config, kept.public, secrets, {**gone, **public, **typed.secrets})


def _source_in(form: _Form, config: Mapping[str, Any]) -> SourceIn:
    try:
        return SourceIn(
            name=form.name, connector=form.connector.name, config=dict(config), schedule_minutes=form.minutes
        )
    except ValidationError as error:
        raise _unnamed(error) from error


def _change(form: _Form, row: Any) -> SourceChange:
    changed: dict[str, Any] = {}
    if form.name != row.name:
        changed["name"] = form.name
    if form.minutes != row.schedule_minutes:
        changed["schedule_minutes"] = form.minutes
    try:
        return SourceChange(**changed)
    except ValidationError as error:
        raise _unnamed(error) from error


def _unnamed(error: ValidationError) -> Invalid:
    """What is wrong with the name or the schedule."""
    fields = field_errors(error.errors(include_url=False, include_input=False))
    text = _("Give it a name of letters, digits, spaces and . _ - that begins with a letter or digit.")
    said = [FieldError(f.field, text) if f.field == "name" else f for f in fields]
    return Invalid(text, fields=said)


def _changes(form: _Form, row: Any, typed: Typed, kept: drafts.Draft) -> dict[str, Any]:
    """What differs from the stored settings; None for what is to be taken out."""
    values = _with_kept(form, typed, kept)
    hidden = set(form.connector.secret_fields)
    public = {n: v for n, v in values.items() if n not in hidden}
    given = {n: v for n, v in values.items() if n in hidden}
    by_name = {one.name: one for one in form.fields}
    changed = {
        name: value
        for name, value in public.items()
        if name not in row.config or by_name[name].shown(value) != by_name[name].shown(row.config[name])
    }
    gone = {name: None for name in row.config if name not in public and name in by_name}
    return {**changed, **gone, **given, **dict.fromkeys(typed.forget)}
