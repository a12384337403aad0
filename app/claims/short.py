"""Who answers for the tools of a list: no more than a row has room for."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from app.claims import repository


@dataclass(frozen=True)
class Holder:
    """Who answers for one tool.

    Attributes:
        version: of its ownership, for whoever wants to change it; 0 before anything happened.
        user_id: the owner; None, if nobody answers for it.
        name: the owner's.
        contested: somebody says that it is theirs.
    """

    version: int = 0
    user_id: int | None = None
    name: str | None = None
    contested: bool = False


NOBODY = Holder()


def holders(connection: Connection, tool_ids: Collection[int]) -> dict[int, Holder]:
    """Who answers for some tools, by tool; those of which nothing was ever said are left out."""
    if not tool_ids:
        return {}
    return {
        row.tool_id: Holder(row.version, row.owner_user_id, row.name, row.contested)
        for row in repository.holders_of(connection, tool_ids)
    }
