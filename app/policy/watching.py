"""What decided tools become that opens no decision again: told once a tool and cause, by an alert."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.engine import Connection

from app.language import lasting
from app.notify.outbox import Message, To, put
from app.policy import gathering, repository, service
from app.policy.reopening import Agreed, CauseKind, changes
from app.security.schemas import Side


def watch(connection: Connection, agreed: Mapping[int, Agreed], now: datetime) -> list[int]:
    """Tell both sides what changed of decided tools, as far as no alert says so yet.

    What opens a decision again is told by that (`service.look_again`, to be asked before): it has its alert,
    and one cause gives one alert until it is settled.

    Args:
        connection: a writing transaction.
        agreed: what was decided on, by tool; also of tools that are under review, or not allowed.
        now: the time.

    Returns:
        The tools of which something was told.
    """
    if not agreed:
        return []
    policy = service.current(connection).policy
    standing: dict[int, set[CauseKind]] = {}
    for row in repository.standing_alerts(connection, list(agreed)):
        standing.setdefault(row.tool_id, set()).add(CauseKind(row.cause))
    told = []
    for tool_id, facts in sorted(gathering.facts_of(connection, list(agreed), now).items()):
        found = changes(policy, agreed[tool_id], facts, today=now.date(), standing=standing.get(tool_id, ()))
        new = [
            cause.sentence
            for cause in found
            if repository.insert_alert(
                connection,
                tool_id=tool_id,
                cause=cause.kind.value,
                sentence=cause.sentence,
                opens=False,
                raised_at=now,
            )
        ]
        if not new:
            continue
        told.append(tool_id)
        message = Message(
            topic="tool.changed",
            subject=f"tool:{tool_id}",
            to=To(sides=tuple(Side)),
            title=lasting("%(name)s is no longer what was decided on", name=facts.name),
            text=" ".join(new),
            path=f"/tools/{tool_id}",
            data={"tool": tool_id},
        )
        put(connection, message, now)
    return told
