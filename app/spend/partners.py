"""What spend is lent by other features: who owns a tool."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection


@dataclass(frozen=True)
class Owner:
    """Somebody who answers for a tool."""

    user_id: int
    name: str


OwnersOf = Callable[[Connection, Sequence[int]], Mapping[int, Sequence[Owner]]]
"""Owner and co-owners of some tools, the owner first; tools without one are missing."""


def nobody(_connection: Connection, _tool_ids: Sequence[int]) -> Mapping[int, Sequence[Owner]]:
    """Nobody answers for anything."""
    return {}
