"""The sweep: ownership ends when its owner did not give their word again in time, or is no longer here."""

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.catalog.facts import Audience
from app.catalog.service import Reassess
from app.claims import repository
from app.claims.case import Deed
from app.claims.fold import Kind, fold
from app.claims.overdue import overdue
from app.claims.schemas import Lapse, Sweep, ToolRef, UserRef
from app.claims.service import write
from app.claims.telling import remind
from app.security import users
from app.teaching.repository import keep_out_teachers

_SOON = timedelta(days=14)
"""So long before their word ends an owner is reminded."""


def sweep(connection: Connection, *, actor: str, now: datetime, reassess: Reassess) -> Sweep:
    """Write down what ended because time went by or people left. A second time finds nothing.

    Tools that were merged away are left as they are: they come back so when the merge is undone.

    Args:
        connection: a writing transaction.
        actor: for the audit trail.
        now: the time.
        reassess: works out the facts of some tools again.
    """
    keep_out_teachers(connection)
    ids = repository.overdue_tools(connection, now)
    repository.lock_tools(connection, ids)
    logs = repository.logs_of(connection, ids)
    lapses: list[tuple[int, Deed]] = []
    ended = 0
    for tool_id in ids:
        standing = fold(logs[tool_id])
        gone = repository.gone_among(connection, {user for user, _ in standing.parts})
        while (deed := overdue(standing, gone, now)) is not None:
            standing = write(connection, tool_id, standing, deed, actor, "sweep", None, now)
            if deed.kind is Kind.LAPSED:
                lapses.append((tool_id, deed))
            else:
                ended += 1
    reassess(connection, ids, now)
    for row in repository.lapsing(connection, now, now + _SOON):
        remind(connection, row.tool_id, row.name, row.owner_user_id, until=row.attest_by, now=now)
    return Sweep(lapsed=_shown(connection, lapses), parts_ended=ended)


def _shown(connection: Connection, lapses: list[tuple[int, Deed]]) -> list[Lapse]:
    tools = repository.tools_by_id(connection, [tool_id for tool_id, _ in lapses])
    named = {user for _, deed in lapses for user in (deed.data["owner"], *deed.data["tell"])}
    names = users.names_of(connection, named)
    return [
        Lapse(
            tool=ToolRef(id=tool_id, name=tools[tool_id].name, audience=Audience(tools[tool_id].audience)),
            cause=deed.data["cause"],
            owner=UserRef(user_id=deed.data["owner"], name=names[deed.data["owner"]]),
            tell=[UserRef(user_id=user, name=names[user]) for user in deed.data["tell"]],
        )
        for tool_id, deed in lapses
    ]
