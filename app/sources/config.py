"""A connector's config: which fields are secret, taken apart for storage and put together again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from app.errors import FieldError, Invalid, field_errors
from app.language import _
from connectors.base import ConnectorConfig, ServerPath


@dataclass(frozen=True)
class Prepared:
    """A config that was found valid, taken apart: `public` may be shown, `secrets` never."""

    config: ConnectorConfig
    public: dict[str, Any]
    secrets: dict[str, Any]


def secret_fields(config: type[ConnectorConfig]) -> frozenset[str]:
    """The fields of a config that hold a secret anywhere inside them."""
    return frozenset(name for name, field in config.model_fields.items() if _is_secret(field.annotation))


def _is_secret(annotation: Any) -> bool:
    if isinstance(annotation, type):
        if issubclass(annotation, SecretStr | SecretBytes):
            return True
        if issubclass(annotation, BaseModel):
            return any(_is_secret(field.annotation) for field in annotation.model_fields.values())
    return any(_is_secret(part) for part in get_args(annotation))


def prepare(config: type[ConnectorConfig], values: Mapping[str, Any]) -> Prepared:
    """Check `values` against a connector's config and take them apart.

    Raises:
        Invalid: names each wrong field as `config.<field>`.
    """
    try:
        model = config.model_validate(dict(values))
    except ValidationError as error:
        fields = field_errors(error.errors(include_url=False, include_input=False), under=("config",))
        raise Invalid(
            _("The settings are not valid:")
            + " "
            + "; ".join(f"{f.field}: {f.message}" for f in fields)
            + ".",
            fields=fields,
        ) from error
    hidden = secret_fields(config)
    public = model.model_dump(mode="json", exclude=set(hidden), exclude_unset=True)
    secrets = {name: values[name] for name in hidden if values.get(name) is not None}
    return Prepared(model, public, secrets)


def merge(
    config: type[ConnectorConfig],
    public: Mapping[str, Any],
    secrets: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """A stored config with `changes` laid over it; null removes a field.

    A secret that was typed in for one host is never sent to another: whoever changes an address
    gives the secrets again.

    Raises:
        Invalid: an address moves to another host while a secret is kept.
    """
    merged = {**public, **secrets, **changes}
    merged = {name: value for name, value in merged.items() if value is not None}
    kept = [name for name in secrets if name not in changes]
    # What was never set stands at its default, and moving away from a default is a move too.
    before = {**_defaults(config), **public}
    after = {**_defaults(config), **{k: v for k, v in merged.items() if k not in secrets}}
    moved = [n for n in before.keys() | after.keys() if _host(before.get(n)) != _host(after.get(n))]
    if kept and moved:
        raise Invalid(
            _(
                "%(moved)s now names another host: give the secrets again, so that the stored ones "
                "are not sent there.",
                moved=", ".join(sorted(moved)),
            ),
            fields=[
                FieldError(f"config.{name}", _("give this again, because the address changed"))
                for name in kept
            ],
        )
    return merged


def confine(
    config: type[ConnectorConfig],
    values: Mapping[str, Any],
    folder: Path,
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A config as somebody typed it who is not at this machine: its paths stay inside `folder`.

    A connector quotes what it cannot read, so a path of one's choice would be a look at any file.

    Args:
        config: whose fields those are.
        values: as typed. A relative path is meant inside the folder.
        folder: where such people may read.
        stored: the config that is changed; a path that stays as it was chosen at this machine may stay.

    Returns:
        The values, with paths resolved: links and dots are followed before they are looked at.

    Raises:
        Invalid: names each path that leads elsewhere.
    """
    names = [n for n, f in config.model_fields.items() if any(isinstance(m, ServerPath) for m in f.metadata)]
    confined, wrong = dict(values), []
    for name in names:
        value = values.get(name)
        if not isinstance(value, str) or not value.strip() or value == (stored or {}).get(name):
            continue  # nothing, or nothing new; what is no path at all is named by validation
        try:
            path = (folder / value.strip()).resolve()
        except (OSError, RuntimeError, ValueError):  # links in a circle
            path = None
        if path is not None and path.is_relative_to(folder.resolve()):
            confined[name] = str(path)
        else:
            wrong.append(FieldError(f"config.{name}", _("must be in the folder %(folder)s", folder=folder)))
    if wrong:
        raise Invalid(
            _(
                "Over the API only files in %(folder)s may be read; for another folder use `penumbra "
                "source add` on the machine itself, or set PENUMBRA_FILES_DIR.",
                folder=folder,
            ),
            code="path_outside",
            fields=wrong,
        )
    return confined


def _defaults(config: type[ConnectorConfig]) -> dict[str, Any]:
    return {n: f.default for n, f in config.model_fields.items() if isinstance(f.default, str)}


def _host(value: Any) -> tuple[str, str | None, int | None] | None:
    if not isinstance(value, str) or "://" not in value:
        return None
    try:
        parts = urlsplit(value)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return ("", value, None)  # not an address; validation says so
