"""Whole lists as CSV or JSON, streamed: a page at a time is read and sent, so memory stays flat."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.engine import Connection, Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from app.db import reading

Batch = tuple[Sequence[Mapping[str, Any]], str | None]
Fetch = Callable[[Connection, str | None], Batch]
"""Gives the rows after a cursor, and the next cursor; called once a batch, each in its own transaction."""

BATCH = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_JSON = orjson.OPT_UTC_Z


def as_csv(engine: Engine, name: str, columns: Sequence[str], fetch: Fetch) -> StreamingResponse:
    """A CSV file of these columns."""

    async def lines() -> AsyncIterator[bytes]:
        yield _csv([columns])
        async for rows in _batches(engine, fetch):
            yield _csv([[_cell(row.get(column)) for column in columns] for row in rows])

    return _attachment(lines(), f"{name}.csv", "text/csv; charset=utf-8")


def as_json(engine: Engine, name: str, fetch: Fetch) -> StreamingResponse:
    """A JSON array of objects."""

    async def parts() -> AsyncIterator[bytes]:
        separator = b"["
        async for rows in _batches(engine, fetch):
            for row in rows:
                yield separator + orjson.dumps(row, option=_JSON)
                separator = b",\n"
        yield b"[]" if separator == b"[" else b"]"

    return _attachment(parts(), f"{name}.json", "application/json")


async def _batches(engine: Engine, fetch: Fetch) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    cursor: str | None = None

    def read() -> Batch:
        with reading(engine) as connection:
            return fetch(connection, cursor)

    while True:
        rows, cursor = await run_in_threadpool(read)
        yield rows
        if cursor is None:
            return


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def plain(value: Any) -> Any:
    """A value as Python holds it: JSON that was passed through as text is read."""
    return orjson.loads(orjson.dumps(value)) if isinstance(value, orjson.Fragment) else value


def _cell(value: Any) -> Any:
    """One cell; text that a spreadsheet would run as a formula is made plain with an apostrophe."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        value = orjson.dumps(value).decode()
    elif isinstance(value, list | tuple):
        value = "; ".join(str(item) for item in value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _attachment(body: AsyncIterator[bytes], name: str, media_type: str) -> StreamingResponse:
    return StreamingResponse(
        body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def documented(what: str, media_type: str) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an export."""
    schema: dict[str, Any] = {"type": "string"}
    if media_type == "application/json":
        schema = {"type": "array", "items": {"type": "object"}}
    return {200: {"description": what, "content": {media_type: {"schema": schema}}}}
