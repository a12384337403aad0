"""Which connectors are installed: entry points of the group `penumbra.connectors`."""

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from connectors.base import Connector

GROUP = "penumbra.connectors"


@cache
def connector_names() -> tuple[str, ...]:
    """The names of all installed connectors, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


@cache
def get_connector(name: str) -> type[Connector[Any]]:
    """The connector class registered as `name`.

    Raises:
        KeyError: no such connector; the message lists those there are.
    """
    for point in entry_points(group=GROUP):
        if point.name == name:
            return point.load()
    raise KeyError(f"there is no connector named {name!r}; there are: {', '.join(connector_names())}")
