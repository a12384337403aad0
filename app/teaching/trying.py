"""What would come of a teaching: it is done, looked at, and left to be rolled back by whoever asked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from app.catalog.schemas import ToolOut
from app.catalog.service import get_tool
from app.errors import Gone, NotFound
from app.security.privacy import Veil
from app.teaching.schemas import Taught


@dataclass(frozen=True)
class Move:
    """A piece of evidence that changes its tool.

    Attributes:
        kind: `app` or `merchant`.
        name: as its source writes it.
        source: where an app was found; empty for a merchant.
        to: the name of the tool that it is given to.
    """

    kind: str
    name: str
    source: str
    to: str


@dataclass(frozen=True)
class Change:
    """A tool that stands otherwise afterwards.

    Attributes:
        id: of the tool.
        before: as it is; None if it is not there yet, or merged away.
        after: as it would be; None if it would not be there any more.
    """

    id: int
    before: ToolOut | None
    after: ToolOut | None

    @property
    def name(self) -> str:
        """What it is called."""
        shown = self.after or self.before
        return shown.name if shown else ""


@dataclass(frozen=True)
class Trial:
    """What would come of a teaching."""

    changes: list[Change]
    moves: list[Move]


def try_out(connection: Connection, teach: Callable[[], Taught], *, veil: Veil) -> Trial:
    """Teach something and say what came of it.

    Args:
        connection: a transaction of `app.db.trying`, in which `teach` teaches.
        teach: the teaching.
        veil: what the asker sees of people.

    Raises:
        PenumbraError: whatever the teaching raises.
    """
    with connection.begin_nested() as savepoint:
        tools = teach().tools
        after = _looked_at(connection, tools, veil)
        savepoint.rollback()
    before = _looked_at(connection, tools, veil)
    held = {piece: tool.id for tool in before.values() for piece in _evidence(tool)}
    moves = [
        Move(kind, name, source, tool.name)
        for tool in after.values()
        for kind, id_, name, source in _evidence(tool)
        if held.get((kind, id_, name, source)) != tool.id
    ]
    changes = [Change(id_, before.get(id_), after.get(id_)) for id_ in tools if id_ in before or id_ in after]
    return Trial(changes, moves)


def _looked_at(connection: Connection, tool_ids: Iterable[int], veil: Veil) -> dict[int, ToolOut]:
    """The tools that are there, by id."""
    found: dict[int, ToolOut] = {}
    for tool_id in tool_ids:
        try:
            found[tool_id] = get_tool(connection, tool_id, veil=veil)
        except (NotFound, Gone):
            continue
    return found


def _evidence(tool: ToolOut) -> list[tuple[str, int, str, str]]:
    return [("app", a.id, a.name, a.source) for a in tool.apps] + [
        ("merchant", m.id, m.name, "") for m in tool.merchants
    ]
