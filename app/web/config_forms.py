"""What forms for sources and channels share: they are filled in, tried, shown again, and saved."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from app.api.state import AppState
from app.errors import FieldError, Invalid, PenumbraError, field_errors
from app.language import _
from app.sources.config import merge
from app.web import drafts
from app.web.access import Visitor
from app.web.schema_forms import PREFIX, Input, Typed, faults_by_field, read, without_defaults
from connectors.base import ConnectorConfig

_LARGEST_FILE = 100_000
T = TypeVar("T")


@dataclass
class ConfigForm:
    """One form as it is shown: what was typed, and what is wrong with it.

    Attributes:
        key: which form this is, for what is kept sealed in it.
        fields: those that the schema makes.
        config: whose settings they are.
        public: the stored settings, if something is changed.
        stored: names of the stored secrets.
        version: what was read when the form was opened.
        name: what the source or channel is called.
        values: what stands in the fields.
        secrets: names of secrets that are there already, stored or kept.
        faults: what is wrong, by field; those beside the settings stand behind a dot.
        problem: what is wrong with no single field.
        draft: secrets that were typed, sealed.
        status: of the answer.
    """

    key: str
    fields: list[Input]
    config: type[ConnectorConfig]
    public: Mapping[str, Any] = field(default_factory=dict)
    stored: Collection[str] = ()
    version: int = 0
    name: str = ""
    values: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    draft: str = ""
    status: int = 200

    def fill(self) -> None:
        """Put what is stored into the fields, or what stands when nothing is given."""
        self.secrets = set(self.stored)
        self.values = {one.name: one.shown(self.public.get(one.name, one.default)) for one in self.fields}

    def refuse(self, error: PenumbraError) -> None:
        """Show what is wrong, beside the fields that are to blame."""
        self.status = error.status
        self.faults |= faults_by_field(error.fields)
        general = self.faults.pop("", "")
        self.problem = general if general or self.faults else error.message


async def given(request: Request) -> dict[str, str]:
    """A form's fields; of a file its text."""
    found: dict[str, str] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            text = (await value.read(_LARGEST_FILE)).decode("utf-8", "replace")
        else:
            text = value
        found[name] = text.replace("\x00", " ")
    return found


def take(form: ConfigForm, sent: Mapping[str, str], sender: Visitor, state: AppState) -> dict[str, Any]:
    """Put what was sent into the form; secrets go sealed into it.

    Returns:
        The settings: what was typed, with the secrets that were typed for an earlier try; None for a stored
        secret that is to be taken out. What stands at its default is left out.

    Raises:
        Invalid: something cannot be read, or an address moved to another host while a secret is kept.
    """
    typed = read(form.fields, sent)
    kept = drafts.opened(state, sender.session, form.key, sent.get("draft", ""))
    left = {n: v for n, v in kept.secrets.items() if n not in typed.forget and n not in typed.secrets}
    form.name = sent.get("name", "").strip()[:200]
    form.version = whole(sent.get("version", ""), 0)
    form.values = {one.name: sent.get(PREFIX + one.name, "") for one in form.fields if one.kind != "secret"}
    form.secrets = {*left, *typed.secrets, *(set(form.stored) - typed.forget)}
    # A secret that nobody typed again stays bound to the address that it was typed for.
    bound = kept.public if left else typed.public
    form.draft = drafts.seal(state, sender.session, form.key, bound, {**left, **typed.secrets})
    if typed.faults:
        raise Invalid("", fields=typed.faults)
    return _together(form, typed, kept.public, left)


def _together(
    form: ConfigForm, typed: Typed, before: Mapping[str, Any], left: Mapping[str, Any]
) -> dict[str, Any]:
    public = without_defaults(form.fields, typed.public, form.public)
    server = {n for n in ("host", "port") if _of(before, n) != _of(typed.public, n)}
    if left and server:
        text = _("Give this again, because the server changed.")
        raise Invalid("", fields=[FieldError(f"config.{name}", text) for name in left])
    gone = dict.fromkeys(set(before) - set(public))
    together = merge(form.config, before, left, {**gone, **public, **typed.secrets})
    return {**together, **dict.fromkeys(typed.forget)}


def _of(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name, ""))


def changes(form: ConfigForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of some settings differs from the stored ones; None for what is to be taken out."""
    by_name = {one.name: one for one in form.fields}

    def differs(name: str, value: Any) -> bool:
        one = by_name[name]
        return (
            one.kind == "secret"
            or name not in form.public
            or one.shown(value) != one.shown(form.public[name])
        )

    gone = {name: None for name in form.public if name in by_name and values.get(name) is None}
    return {n: v for n, v in values.items() if differs(n, v)} | gone


def whole(text: str, otherwise: int) -> int:
    """A whole number out of a form."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def checked(make: Callable[[], T]) -> T:
    """What a form makes, with a wrong name told in words.

    Raises:
        Invalid: names each field.
    """
    try:
        return make()
    except ValidationError as error:
        fields = field_errors(error.errors(include_url=False, include_input=False))
        text = _("Give it a name of letters, digits, spaces and . _ - that begins with a letter or digit.")
        said = [FieldError(f.field, text) if f.field == "name" else f for f in fields]
        raise Invalid(text, fields=said) from error
