"""The connectors that are installed: what each reads, what it asks for and why."""

from typing import Any

import structlog

from app.errors import NotFound
from app.language import _, lasting
from app.sources.config import secret_fields
from app.sources.schemas import BrokenConnector, ConnectorList, ConnectorOut, PermissionOut
from connectors import registry
from connectors.base import Connector, Permission

log = structlog.get_logger("app.sources")


def list_connectors() -> ConnectorList:
    """All installed connectors; one that cannot be loaded is named with the reason."""
    found, broken = [], []
    for name in registry.connector_names():
        try:
            found.append(_describe(name, registry.get_connector(name)))
        except Exception as error:  # noqa: BLE001 - somebody else's package may raise anything
            log.warning("a connector cannot be loaded", connector=name, error=str(error))
            broken.append(
                BrokenConnector(
                    name=name,
                    reason=lasting("It cannot be loaded: %(kind)s.", kind=type(error).__name__),
                )
            )
    return ConnectorList(items=found, broken=broken)


def describe_connector(name: str) -> ConnectorOut:
    """One connector.

    Raises:
        NotFound: it is not installed.
    """
    return _describe(name, connector_class(name))


def connector_class(name: str) -> type[Connector[Any]]:
    """The class of an installed connector.

    Raises:
        NotFound: it is not installed, or cannot be loaded.
    """
    if name not in registry.connector_names():
        raise NotFound(
            _(
                "There is no connector '%(name)s'; there are: %(names)s.",
                name=name,
                names=", ".join(registry.connector_names()),
            )
        )
    try:
        return registry.get_connector(name)
    except ImportError as error:
        raise NotFound(
            _(
                "The connector '%(name)s' is installed but cannot be loaded: %(error)s.",
                name=name,
                error=error,
            )
        ) from error


def _describe(name: str, kind: type[Connector[Any]]) -> ConnectorOut:
    manifest = kind.manifest
    return ConnectorOut(
        name=name,
        title=manifest.title,
        summary=manifest.summary,
        signals=[signal.value for signal in manifest.signals],
        permissions=[_permission(p) for p in manifest.permissions],
        revoking=[_permission(p) for p in manifest.revoking],
        lag_seconds=int(manifest.lag.total_seconds()),
        documentation=list(manifest.documentation),
        not_seen=manifest.not_seen,
        config_schema=kind.Config.model_json_schema(),
        secret_fields=sorted(secret_fields(kind.Config)),
    )


def _permission(permission: Permission) -> PermissionOut:
    return PermissionOut(name=permission.name, reason=permission.reason, optional=permission.optional)
