"""Takes NUL characters out of observations: JSON and files may carry them, PostgreSQL's text cannot."""

from dataclasses import replace
from typing import Any

import msgspec

from connectors.base import Page


def without_nul(page: Page) -> Page:
    """The page with every NUL taken out of its texts; nearly always the very same page."""
    if b"\\u0000" not in msgspec.json.encode([page.observations, [s.model_dump() for s in page.skipped]]):
        return page
    return replace(
        page,
        observations=[_clean(o) for o in page.observations],
        skipped=[
            s.model_copy(update={"ref": _clean(s.ref), "reason": _clean(s.reason)}) for s in page.skipped
        ],
    )


def _clean(value: Any) -> Any:
    match value:
        case str():
            # Enums of words have no NUL and stay what they are.
            return value.replace("\0", "") if "\0" in value else value
        case msgspec.Struct():
            fields = {name: _clean(getattr(value, name)) for name in value.__struct_fields__}
            return msgspec.structs.replace(value, **fields)
        case dict():
            return {_clean(k): _clean(v) for k, v in value.items()}
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*map(_clean, value))
        case tuple():
            return tuple(map(_clean, value))
        case list():
            return list(map(_clean, value))
        case _:
            return value
