"""Opaque cursors: where a list goes on, tied to the list (and sorting) that it came from."""

import base64
import binascii
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.errors import FieldError, Invalid
from app.language import _, lasting

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Query(BaseModel):
    """Base of every list's parameters: a misspelt one is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=200, description="How many to give at most.")
    cursor: str | None = Field(
        default=None,
        max_length=2000,
        description="`next` of the page before; leave out for the first page.",
    )


NO_NUL: dict[str, Any] = {"pattern": "^[^\\u0000]*$"}
Text = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=NO_NUL)]
"""A word to filter by."""


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError(lasting("write a day as 2026-11-30"))
    return value


Day = Annotated[date, BeforeValidator(_iso_day)]
"""A day, written as 2026-11-30."""

_LARGEST = 2**63 - 1


def encode_cursor(kind: str, values: tuple[Any, ...]) -> str:
    """A cursor for the list `kind` after the row with these sort values."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *values])).decode().rstrip("=")


def decode_cursor(text: str, kind: str, types: tuple[type, ...]) -> tuple[Any, ...]:
    """The sort values in a cursor of the list `kind`.

    Args:
        text: as `encode_cursor` wrote it.
        kind: the list and its sorting; a cursor of another is refused.
        types: of the values: `int`, `str`, `datetime` or `date`.

    Raises:
        Invalid: the text is not a cursor, or one of another list or sorting.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        parts = orjson.loads(raw)
        if not isinstance(parts, list) or not parts or not isinstance(parts[0], str):
            raise ValueError("not a cursor")
        if parts[0] != kind:
            raise _refused(_("This cursor belongs to another list or sorting: begin again without it."))
        values = tuple(_typed(value, kind) for value, kind in zip(parts[1:], types, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, UnicodeError) as error:
        raise _refused(_("This is not a cursor that was given out here: begin again without it.")) from error
    return values


def _typed(value: Any, kind: type) -> Any:
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return value
    if kind is str and isinstance(value, str) and "\x00" not in value:
        return value
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError("of another type")


def _refused(message: str) -> Invalid:
    return Invalid(message, code="bad_cursor", fields=[FieldError("cursor", message)])
