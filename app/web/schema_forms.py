"""Forms made from the JSON schema of a connector's or channel's settings: shown, and read back. Pure.

A secret is never in a form that is shown: what was typed is kept sealed beside it, and its field is empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import FieldError
from app.language import N_, _, retold

PREFIX = "c."
"""Stands before the names of the fields that a schema makes."""
FILE = "file."
"""Stands before the name of a field's file, where it may come from one."""
FORGET = "forget."
"""Stands before the name of a secret that is to be taken out."""
_KINDS = {"integer": "number", "number": "number", "array": "lines", "object": "pairs"}
_PLAIN = (
    ("Field required", N_("Fill this in.")),
    ("Input should be a valid integer", N_("Write a whole number.")),
    ("Input should be a valid number", N_("Write a number.")),
    ("Input should be a valid boolean", N_("Choose yes or no.")),
    ("String should match pattern", N_("This is not written as it should be: see the text below the field.")),
    ("String should have at least", N_("This is too short.")),
    ("String should have at most", N_("This is too long.")),
)


@dataclass(frozen=True)
class Input:
    """One field of a form.

    Attributes:
        name: of the setting.
        label: what stands above it.
        help: what stands below it; may be empty.
        kind: text, secret, number, check, choice, lines, pairs.
        required: it must be filled in.
        advanced: most people leave it as it is.
        choices: values and their words, for a choice.
        several: the text has several lines, and may come from a file.
        path: it is a path on the machine that runs Penumbra.
        default: the value that stands when nothing is given.
        example: what one looks like.
    """

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    required: bool = False
    advanced: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    several: bool = False
    path: bool = False
    default: Any = None
    example: str = ""

    def shown(self, value: Any) -> str:
        """A value as the field shows it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, Mapping):
            return "\n".join(f"{name} = {text}" for name, text in value.items())
        if isinstance(value, list | tuple):
            return "\n".join(str(part) for part in value)
        return str(value)


@dataclass
class Typed:
    """What somebody typed into such a form.

    Attributes:
        public: settings that may be shown again.
        secrets: those that may not.
        forget: names of stored secrets that are to be taken out.
        faults: what cannot be read.
    """

    public: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    forget: set[str] = field(default_factory=set)
    faults: list[FieldError] = field(default_factory=list)

    @property
    def values(self) -> dict[str, Any]:
        """All settings that were given."""
        return {**self.public, **self.secrets}


def inputs(schema: Mapping[str, Any], secret_fields: Iterable[str]) -> list[Input]:
    """The fields of a form for settings of this schema, in its order, those that most leave alone last."""
    required = set(schema.get("required", ()))
    secret = set(secret_fields)
    alternatives = any(name not in required for name in secret)
    made = [
        _input(name, part, required=name in required, secret=name in secret, alternatives=alternatives)
        for name, part in schema.get("properties", {}).items()
    ]
    return sorted(made, key=lambda one: one.advanced)


def _input(name: str, part: Mapping[str, Any], *, required: bool, secret: bool, alternatives: bool) -> Input:
    options = [o for o in part.get("anyOf", ()) if o.get("type") != "null"]
    nullable = bool(options)
    core = {**(options[0] if options else {}), **part}
    kind = "secret" if secret else _KINDS.get(core.get("type", ""), "text")
    choices: tuple[tuple[str, str], ...] = ()
    if "enum" in core:
        kind = "choice"
        choices = tuple((str(v), str(v).replace("_", " ").capitalize()) for v in core["enum"])
    elif core.get("type") == "boolean":
        kind = "choice" if nullable else "check"
        choices = (("true", _("Yes")), ("false", _("No"))) if nullable else ()
    default = part.get("default")
    # A name or number that goes with one of several ways to log in is as important as its secret.
    beside_a_secret = kind == "text" and nullable and alternatives
    return Input(
        name=name,
        label=retold(str(part.get("title") or name.replace("_", " ").capitalize())),
        help=retold(str(part.get("description") or "")),
        kind=kind,
        required=required,
        advanced=not (required or secret or beside_a_secret or kind == "check"),
        choices=choices,
        several=bool(part.get("multiline")),
        path=core.get("format") == "path",
        default=default,
        example=str(next(iter(part.get("examples", ())), "")),
    )


def read(fields: Iterable[Input], given: Mapping[str, str]) -> Typed:
    """What was typed; a field that was left empty is left out.

    Args:
        fields: of the form.
        given: the form's values by name; a file's text stands under `file.` and the name.
    """
    typed = Typed()
    for one in fields:
        text = given.get(PREFIX + one.name, "").replace("\r\n", "\n").strip()
        text = given.get(FILE + one.name, "").strip() or text
        if one.kind == "secret":
            if text:
                typed.secrets[one.name] = text
            elif given.get(FORGET + one.name):
                typed.forget.add(one.name)
        elif one.kind == "check":
            typed.public[one.name] = text == "true"
        elif text:
            try:
                typed.public[one.name] = _value(one, text)
            except ValueError as error:
                typed.faults.append(FieldError(f"config.{one.name}", str(error)))
    return typed


def _value(one: Input, text: str) -> Any:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if one.kind == "lines":
        return lines
    if one.kind == "pairs":
        pairs = [line.partition("=") for line in lines]
        if any(not sign or not name.strip() for name, sign, _value_ in pairs):
            raise ValueError(_("Write one a line, such as: date = Booked on"))
        return {name.strip(): value.strip() for name, _sign, value in pairs}
    if one.kind == "choice" and one.choices[:1] == (("true", _("Yes")),):
        return text == "true"
    return text


def without_defaults(
    fields: Iterable[Input], public: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings without those that stand at their default and were never set to anything else."""
    default = {one.name: one.shown(one.default) for one in fields}
    return {
        name: value
        for name, value in public.items()
        if name in stored or _text(value) != default.get(name, "")
    }


def _text(value: Any) -> str:
    return Input("", "").shown(value)


def faults_by_field(errors: Iterable[FieldError]) -> dict[str, str]:
    """What is wrong, by the setting's name; what is wrong with no single one stands under an empty name.

    Fields of the form beside the settings stand under their name behind a dot: `.name`.
    """
    found: dict[str, str] = {}
    for error in errors:
        first, _dot, rest = error.field.partition(".")
        name = rest.partition(".")[0] if first == "config" else f".{first}"
        said = error.original or error.message
        text = next((_(plain) for begins, plain in _PLAIN if said.startswith(begins)), "")
        text = text or error.message
        found[name] = f"{found[name]} {text}" if name in found else text
    return found
