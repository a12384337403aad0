"""Scans over HTTP: start, list, watch, stop."""

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.api import PREFIX
from app.api.dependencies import Id, It, Reader, State
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.db import reading, writing
from app.errors import NotFound
from app.scans import overview
from app.scans.schemas import ScanOut, ScanProgress, ScanQuery, SkipOut

router = APIRouter(prefix=PREFIX, tags=["scans"])

POLL_SECONDS = 0.5
LONGEST_STREAM = 300.0
"""A stream ends after this many seconds; the browser's EventSource opens it again by itself."""


_EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "event": {"type": "string", "enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {"type": "integer"},
    },
}


@router.post(
    "/sources/{source_id}/scans",
    status_code=202,
    responses={202: {"headers": {"Location": {"schema": {"type": "string"}}}}, **documented(404, 409)},
)
def start_scan(caller: It, state: State, response: Response, source_id: Id) -> ScanOut:
    """Ask for a scan of a source now; it is queued and soon picked up."""
    with writing(state.engine) as connection:
        scan_id = overview.start(connection, source_id, "api", actor=caller.actor, now=state.clock())
        scan = overview.get_scan(connection, scan_id, veil=state.veils.of(connection, caller))
    response.headers["Location"] = f"/api/v1/scans/{scan_id}"
    return scan


@router.get("/scans", openapi_extra=described(ScanQuery))
def list_scans(request: Request, caller: Reader, state: State) -> Listing[ScanOut]:
    """Scans, the newest first."""
    query = read_query(ScanQuery, request)
    with reading(state.engine) as connection:
        return overview.list_scans(
            connection,
            source_id=query.source,
            states=query.state,
            veil=state.veils.of(connection, caller),
            cursor=query.cursor,
            limit=query.limit,
        )


@router.get("/scans/{scan_id}", responses=documented(404))
def get_scan(caller: Reader, state: State, scan_id: Id) -> ScanOut:
    """One scan."""
    with reading(state.engine) as connection:
        return overview.get_scan(connection, scan_id, veil=state.veils.of(connection, caller))


@router.get("/scans/{scan_id}/skipped", responses=documented(404), openapi_extra=described(PageQuery))
def list_skipped(request: Request, caller: Reader, state: State, scan_id: Id) -> Listing[SkipOut]:
    """The records that this scan could not use, each with the reason."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return overview.list_skips(connection, scan_id, veil=veil, cursor=page.cursor, limit=page.limit)


@router.post("/scans/{scan_id}/stop", status_code=202, responses=documented(404, 409))
def stop_scan(caller: It, state: State, scan_id: Id) -> ScanOut:
    """Ask a scan to stop; what it has read so far stays, and it can go on later."""
    with writing(state.engine) as connection:
        overview.stop(connection, scan_id, actor=caller.actor, now=state.clock())
        return overview.get_scan(connection, scan_id, veil=state.veils.of(connection, caller))


@router.get(
    "/scans/{scan_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events named `progress`, each with a JSON object; one named `end` "
            "when the scan has ended.",
            "content": {"text/event-stream": {"itemSchema": _EVENT}},
        },
        **documented(404),
    },
)
async def watch_scan(caller: Reader, state: State, request: Request, scan_id: Id) -> StreamingResponse:
    """Watch a scan: a message whenever something changed, and the last one when it ended."""

    def read() -> ScanOut:
        with reading(state.engine) as connection:
            return overview.get_scan(connection, scan_id, veil=state.veils.of(connection, caller))

    first = await run_in_threadpool(read)  # a wrong id is answered with 404, not with an empty stream

    async def messages() -> AsyncIterator[bytes]:
        scan, before, told, began = first, None, time.monotonic(), time.monotonic()
        yield b"retry: 2000\n\n"
        while True:
            now = time.monotonic()
            message = overview.progress(scan, before, now - told)
            if before is None or message != before:
                yield _event("end" if scan.state.ended else "progress", message)
                before, told = message, now
            if scan.state.ended or now - began > LONGEST_STREAM or await request.is_disconnected():
                return
            await asyncio.sleep(POLL_SECONDS)
            try:
                scan = await run_in_threadpool(read)
            except NotFound:  # removed with its source
                return

    return StreamingResponse(messages(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _event(name: str, message: ScanProgress) -> bytes:
    return f"event: {name}\ndata: {message.model_dump_json()}\n\n".encode()
