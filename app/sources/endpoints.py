"""Connectors and sources over HTTP."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from app.api import PREFIX
from app.api.dependencies import Id, IfMatch, It, Reader, State, etag, expected_version
from app.api.problems import documented
from app.api.state import AppState
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.sources import installed, service
from app.sources.config import Prepared, confine
from app.sources.schemas import (
    CheckIn,
    CheckOut,
    ConnectorList,
    ConnectorOut,
    RecheckIn,
    SourceChange,
    SourceCreated,
    SourceIn,
    SourceList,
    SourceOut,
)
from app.sources.veiled import as_seen

router = APIRouter(prefix=PREFIX)
_ETAG = {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}
_VENDOR = documented(502, 503)


def _new(state: AppState, connector: str, config: Mapping[str, Any]) -> Prepared:
    kind = installed.connector_class(connector).Config
    return service.prepare_new(connector, confine(kind, config, state.settings.files_folder))


def _changed(state: AppState, row: Any, changes: Mapping[str, Any]) -> Prepared:
    kind = installed.connector_class(row.connector).Config
    inside = confine(kind, changes, state.settings.files_folder, row.config)
    return service.changed_config(row, inside, state.secrets)


@router.get("/connectors", tags=["sources"])
def list_connectors(_caller: Reader) -> ConnectorList:
    """All installed connectors: what each reads, which permissions it needs, how it is configured."""
    return installed.list_connectors()


@router.get("/connectors/{name}", tags=["sources"], responses=documented(404))
def get_connector(_caller: Reader, name: str) -> ConnectorOut:
    """One connector."""
    return installed.describe_connector(name)


@router.post("/connectors/{name}/check", tags=["sources"], responses={**documented(404), **_VENDOR})
async def check_config(_caller: It, state: State, name: str, body: CheckIn) -> CheckOut:
    """Try a config at the vendor without saving anything."""
    prepared = _new(state, name, body.config)
    return service.report_of(await service.check(name, prepared, state.context))


@router.get("/sources", tags=["sources"])
def list_sources(caller: Reader, state: State) -> SourceList:
    """All sources with their health."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        listed = service.list_sources(connection, state.secrets)
        return SourceList(items=[as_seen(source, veil, caller) for source in listed])


@router.post(
    "/sources",
    tags=["sources"],
    status_code=201,
    responses={
        201: {"headers": {"Location": {"schema": {"type": "string"}}, **_ETAG["headers"]}},
        **documented(404, 409),
        **_VENDOR,
    },
)
async def create_source(
    caller: It,
    state: State,
    response: Response,
    body: SourceIn,
    force: bool = Query(False, description="Save even if permissions are missing at the vendor."),
) -> SourceCreated:
    """Add a source. It is tried at the vendor first and saved only if that works."""
    prepared = _new(state, body.connector, body.config)
    report = await service.check(body.connector, prepared, state.context)
    service.require_ok(report, force=force)

    def save() -> SourceOut:
        with writing(state.engine) as connection:
            row = service.create(
                connection,
                body,
                prepared,
                report,
                secrets=state.secrets,
                actor=caller.actor,
                now=state.clock(),
            )
            veil = state.veils.of(connection, caller)
            return as_seen(service.shown(row, state.secrets), veil, caller)

    source = await run_in_threadpool(save)
    response.headers["Location"] = f"/api/v1/sources/{source.id}"
    response.headers["ETag"] = etag(source.version)
    return SourceCreated(**source.model_dump(), warnings=service.report_of(report).warnings)


@router.get("/sources/{source_id}", tags=["sources"], responses={200: _ETAG, **documented(404)})
def get_source(caller: Reader, state: State, response: Response, source_id: Id) -> SourceOut:
    """One source; its ETag is what a change must send as If-Match."""
    with reading(state.engine) as connection:
        found = service.shown(service.get_source(connection, source_id), state.secrets)
        source = as_seen(found, state.veils.of(connection, caller), caller)
    response.headers["ETag"] = etag(source.version)
    return source


@router.patch(
    "/sources/{source_id}",
    tags=["sources"],
    responses={200: _ETAG, **documented(404, 409, 412, 428), **_VENDOR},
)
async def change_source(
    caller: It,
    state: State,
    response: Response,
    source_id: Id,
    body: SourceChange,
    if_match: IfMatch = None,
    force: bool = Query(False, description="Save even if permissions are missing at the vendor."),
) -> SourceOut:
    """Change a source. Secrets that are left out are kept; a changed config is tried first."""
    version = expected_version(if_match)

    def read() -> Any:
        with reading(state.engine) as connection:
            return service.at_version(service.get_source(connection, source_id), version)

    row = await run_in_threadpool(read)
    prepared = report = None
    if body.config is not None:
        prepared = _changed(state, row, body.config)
        report = await service.check(row.connector, prepared, state.context)
        service.require_ok(report, force=force)

    def save() -> SourceOut:
        with writing(state.engine) as connection:
            changed = service.update(
                connection,
                source_id,
                version,
                body,
                prepared,
                report,
                secrets=state.secrets,
                actor=caller.actor,
                now=state.clock(),
            )
            veil = state.veils.of(connection, caller)
            return as_seen(service.shown(changed, state.secrets), veil, caller)

    source = await run_in_threadpool(save)
    response.headers["ETag"] = etag(source.version)
    return source


@router.delete(
    "/sources/{source_id}", tags=["sources"], status_code=204, responses=documented(404, 409, 412, 428)
)
def delete_source(caller: It, state: State, source_id: Id, if_match: IfMatch = None) -> None:
    """Remove a source with everything it brought."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        service.delete(
            connection,
            source_id,
            version,
            kb=default_knowledge_base(),
            actor=caller.actor,
            now=state.clock(),
        )


@router.post("/sources/{source_id}/check", tags=["sources"], responses={**documented(404, 409), **_VENDOR})
async def check_source(_caller: It, state: State, source_id: Id, body: RecheckIn) -> CheckOut:
    """Try a saved source again, or changes of it, without saving anything."""

    def read() -> Any:
        with reading(state.engine) as connection:
            return service.get_source(connection, source_id)

    row = await run_in_threadpool(read)
    prepared = _changed(state, row, body.config)
    return service.report_of(await service.check(row.connector, prepared, state.context))
