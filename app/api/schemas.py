"""What all bodies share: unknown fields are refused, and so are values no database can hold."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.language import lasting

T = TypeVar("T")
_LARGEST = 2**53
_DEEPEST = 20


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(_whole)
"""For a whole number in a body: JSON knows one kind of number, and 7.0 is 7."""


class In(BaseModel):
    """Base of everything a caller sends.

    Raises:
        ValueError: a NUL character, half a surrogate pair, a number beyond 2^53 or not finite, or a
            value nested deeper than 20, anywhere in it.
    """

    # Strict: `0` is not `false`, and "5" is not a number.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        check_storable(value)
        return value


class Out(BaseModel):
    """Base of everything that is answered."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Listing(Out, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(
        default=None, description="Cursor of the next page; null on the last one. Opaque.", examples=[None]
    )
    total: int | None = Field(
        default=None, description="How many there are in all; only when asked for with `total=true`."
    )


def check_storable(value: Any, depth: int = 0) -> None:
    """Refuse JSON values that cannot be kept as they are.

    Raises:
        ValueError: see `In`.
    """
    if depth > _DEEPEST:
        raise ValueError(lasting("is nested too deeply"))
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError(lasting("must not contain a NUL character"))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError(lasting("contains half of a surrogate pair, which is not text")) from None
    elif isinstance(value, bool) or value is None or isinstance(value, datetime):
        return
    elif isinstance(value, int | float):
        if not -_LARGEST <= value <= _LARGEST:  # NaN fails this too
            raise ValueError(lasting("contains a number that is too large or not finite"))
    elif isinstance(value, dict):
        for key, item in value.items():
            check_storable(key, depth + 1)
            check_storable(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_storable(item, depth + 1)
