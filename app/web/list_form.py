"""A list's filters as a plain form: read from the address, checked by the list's model, put into links."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_origin
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from app.errors import field_errors
from app.language import _

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class ListForm(Generic[M]):
    """What a list's form holds.

    Attributes:
        path: of the list.
        typed: the values as they stand in the address, without empty and impossible ones.
        query: what they ask for.
        errors: what was left out, in sentences.
    """

    path: str
    typed: dict[str, str]
    query: M
    errors: list[str]

    def one(self, name: str) -> str:
        """A field's value, or nothing."""
        return self.typed.get(name, "")

    def narrowed(self, *besides: str) -> int:
        """How many fields are filled, some not counted."""
        return len(set(self.typed) - {"cursor", *besides})

    def link(self, **changes: str | int | None) -> str:
        """The address of this list with some fields changed; None takes one out. It begins on page one."""
        kept = {k: v for k, v in self.typed.items() if k not in changes and k != "cursor"}
        text = urlencode({**kept, **{k: v for k, v in changes.items() if v is not None}})
        return f"{self.path}?{text}" if text else self.path

    def only(self, **fields: str | int) -> str:
        """The address of this list with nothing but these fields."""
        return f"{self.path}?{urlencode(fields)}"


def read_form(
    path: str,
    model: type[M],
    parameters: Iterable[tuple[str, str]],
    labels: Mapping[str, str],
    *,
    own: Mapping[str, Collection[str]] | None = None,
) -> ListForm[M]:
    """Read a list's form out of an address; what is not possible is left out, and said.

    Args:
        path: of the list.
        model: of the list's parameters; all its fields may be left out.
        parameters: names and values, as they stand in the address.
        labels: what the fields are called, marked for translation.
        own: fields of the page that the model does not know, with their values.
    """
    own = own or {}
    typed = {name: value.strip() for name, value in parameters if value.strip() and len(value) <= 2000}
    errors: list[str] = []
    values: dict[str, Any] = {}
    for name, value in list(typed.items()):
        if name not in own:
            values[name] = [value] if _is_list(model, name) else value
        elif value not in own[name]:
            typed.pop(name)
    try:
        return ListForm(path, typed, model.model_validate(values), errors)
    except ValidationError as error:
        for fault in field_errors(error.errors(include_url=False)):
            name = fault.field.partition(".")[0]
            values.pop(name, None)
            typed.pop(name, None)
            label = _(labels[name]) if name in labels else name[:40]
            errors.append(_("%(field)s: this value is not possible, so it was left out.", field=label))
    return ListForm(path, typed, model.model_validate(values), errors)


def _is_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and get_origin(field.annotation) is list
