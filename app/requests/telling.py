"""Who hears of what becomes of a request; put into the outbox in the transaction that brought it about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from app.language import lasting
from app.notify.outbox import Message, To, put
from app.requests import repository


def tell_reviewed(
    connection: Connection,
    ids: Sequence[int],
    *,
    tool: str,
    tool_id: int,
    review_id: int,
    by: int | None,
    now: datetime,
) -> None:
    """Tell those who asked that their request is part of a joint review; whoever saw to it knows.

    What is decided is told by the review.

    Args:
        connection: a writing transaction.
        ids: the requests.
        tool: the tool's name.
        tool_id: which tool.
        review_id: which review.
        by: who saw to it.
        now: the time.
    """
    asked = sorted(set(repository.users_of(connection, ids)) - {by})
    if not asked:
        return
    message = Message(
        topic="request.answered",
        subject=f"review:{review_id}",
        to=To(users=tuple(asked)),
        title=lasting("%(tool)s, which you asked for, is under joint review", tool=tool),
        text=lasting("IT and marketing decide on it together. You hear what they decide."),
        path=f"/tools/{tool_id}",
        data={"review": review_id, "tool": tool_id, "requests": list(ids)},
    )
    put(connection, message, now)
