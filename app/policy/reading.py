"""Reading a policy from YAML or JSON, writing one, and the one that is shipped. Pure but for that file."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from app.errors import FieldError, Invalid, field_errors
from app.language import _, lasting, retold
from app.policy.document import Policy

_LONGEST = 1_000_000


class _Loader(yaml.SafeLoader):
    """Plain YAML: words are words. `no` is not false, `13:30` is not a number, a day is not a date."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base class declares it

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases: a few of them inside each other fill any memory."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.constructor.ConstructorError(
                None, None, lasting("write it out: a policy has no aliases"), event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that is given twice: the second one would win in silence."""
        seen: set[Any] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, lasting("a name must be a text"), key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, lasting("'%(key)s' is given twice", key=key), key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def parse(text: str) -> Policy:
    """A policy from a text in YAML; JSON is YAML too.

    Raises:
        Invalid: names the line, or the path in the document, and what to do.
    """
    if len(text) > _LONGEST:
        raise Invalid(
            _("The policy is longer than a million characters: leave out what does not belong there.")
        )
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 - made from SafeLoader
    except (yaml.YAMLError, RecursionError) as error:
        raise Invalid(
            _("The policy cannot be read as YAML or JSON: %(where)s.", where=_where(error))
        ) from error
    if not isinstance(value, Mapping):
        raise Invalid(_("The policy must be a mapping that begins with 'format: 1'."))
    return read(dict(value))


def line_of(text: str, path: str) -> int | None:
    """The line of a text on which a path such as `lanes.fast.it.hours` stands, or as much of it as is there.

    Returns:
        The line, from 1; None if the text cannot be read, or nothing of the path is in it.
    """
    if len(text) > _LONGEST:
        return None
    try:
        node: Any = yaml.compose(text, _Loader)
    except (yaml.YAMLError, RecursionError):
        return None
    line = None
    while path and node is not None:
        found = _step(node, path)
        if found is None:
            break
        node, line, path = found
    return line


def _step(node: yaml.Node, path: str) -> tuple[yaml.Node, int, str] | None:
    """What the first part of a path leads to, on which line, and the rest of the path."""
    if isinstance(node, yaml.MappingNode):
        # A name may have dots in it: the longest one that fits is meant.
        fitting = [
            (key, value)
            for key, value in node.value
            if f"{path}.".startswith(f"{getattr(key, 'value', '')}.")
        ]
        if not fitting:
            return None
        key, value = max(fitting, key=lambda pair: len(pair[0].value))
        return value, key.start_mark.line + 1, path[len(key.value) + 1 :]
    first, _, rest = path.partition(".")
    if not isinstance(node, yaml.SequenceNode) or not (first.isascii() and first.isdigit()):
        return None
    if int(first[:9]) >= len(node.value):
        return None
    item = node.value[int(first[:9])]
    return item, item.start_mark.line + 1, rest


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    unreadable = _("it is nested too deeply or has characters that no text has")
    problem = retold(getattr(error, "problem", None) or unreadable)
    return (
        _("line %(line)s: %(problem)s", line=mark.line + 1, problem=problem)
        if mark is not None
        else str(problem)
    )


def read(value: Mapping[str, Any], *, under: tuple[str, ...] = ()) -> Policy:
    """A policy from plain values.

    Args:
        value: as JSON has it.
        under: where the document stands in what was sent.

    Raises:
        Invalid: `fields` name the path of each fault and what to do.
    """
    try:
        return Policy.model_validate(value)
    except ValidationError as error:
        found = [_split(f) for f in field_errors(error.errors(include_url=False), under=under)]
        told = "; ".join(f"{f.field or _('the document')}: {f.message}" for f in found[:3])
        raise Invalid(_("This is not a policy: %(told)s.", told=told), fields=found) from error


def _split(fault: FieldError) -> FieldError:
    # What does not fit together is found on the whole document; its message begins with the path.
    path, colon, message = fault.message.partition(": ")
    if colon and " " not in path and "." in path:
        return FieldError(".".join(p for p in (fault.field, path) if p), retold(message))
    return fault


def plain(policy: Policy) -> dict[str, Any]:
    """A policy as plain values, as it is stored and sent."""
    return policy.model_dump(mode="json", by_alias=True, exclude_none=True)


def written(policy: Policy) -> str:
    """A policy as YAML."""
    return yaml.safe_dump(plain(policy), sort_keys=False, allow_unicode=True, width=100)


@cache
def shipped_text() -> str:
    """The policy that is shipped, with its comments."""
    return files("app.policy").joinpath("default.yaml").read_text(encoding="utf-8")


@cache
def shipped() -> Policy:
    """The policy that holds until a company has its own."""
    return parse(shipped_text())
