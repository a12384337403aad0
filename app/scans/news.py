"""What a scan found that people should hear of: one message a scan, never one a tool."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.language import lasting
from app.models import tools
from app.notify.outbox import Message, To, put
from app.security.schemas import Side

_NAMED = 10


def tell_flagged(connection: Connection, scan_id: int, now: datetime) -> None:
    """Tell both sides which tools were flagged for joint review by the transaction that ends a scan.

    Args:
        connection: that transaction.
        scan_id: which scan.
        now: its time; tools that were flagged in it carry it.
    """
    query = (
        sa.select(tools.c.id, tools.c.name)
        .where(tools.c.flagged, tools.c.flagged_at == now)
        .order_by(tools.c.people.desc(), tools.c.sort_name, tools.c.id)
    )
    found = connection.execute(query).all()
    if not found:
        return
    names = ", ".join(row.name for row in found[:_NAMED])
    more = len(found) - _NAMED
    one = len(found) == 1
    message = Message(
        topic="tool.flagged",
        subject=f"scan:{scan_id}",
        to=To(sides=tuple(Side)),
        title=lasting("%(names)s waits for a joint review", names=names)
        if one
        else lasting("%(n)s tools wait for a joint review", n=len(found)),
        text=_text(names, more, one=one),
        path=f"/tools/{found[0].id}" if one else "/tools?flagged=true",
        data={"scan": scan_id, "tools": [row.id for row in found]},
        dedupe_key=f"scan:{scan_id}:flagged",
    )
    put(connection, message, now)


def _text(names: str, more: int, *, one: bool) -> str:
    if one:
        return lasting("In use, and nobody has decided on it yet: %(names_said)s.", names_said=names)
    if more > 0:
        return lasting(
            "In use, and nobody has decided on them yet: %(names_said)s and %(n)s more.",
            names_said=names,
            n=more,
        )
    return lasting("In use, and nobody has decided on them yet: %(names_said)s.", names_said=names)
