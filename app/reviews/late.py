"""Telling those who let a review wait for longer than was agreed: a side once, its arbiters ever again."""

from datetime import datetime

from sqlalchemy.engine import Connection

from app.language import lasting
from app.notify.outbox import Message, To, put
from app.reviews import due, repository
from app.reviews.choosing import HouseRules
from app.reviews.clocks import who_is_late
from app.reviews.state import State
from app.reviews.words import started
from app.security.schemas import Side


def remind_late(
    connection: Connection, review_id: int, state: State, now: datetime, house: HouseRules
) -> None:
    """Tell who is waited on for longer than was agreed; the log keeps deeds, and this is none.

    Args:
        connection: a writing transaction that holds the review.
        review_id: one that is open.
        state: what its log comes to.
        now: the time.
        house: when its people work, and who owns the tool.
    """
    late = who_is_late(state, house.calendars(connection), now)
    row = repository.review_with_tool(connection, review_id) if late else None
    if row is None:
        return
    for side, arbiters, times in late:
        if not due.note_late(connection, review_id, side.value, arbiters=arbiters, times=times, at=now):
            continue
        if arbiters:
            to = To(users=tuple(state.arbiters.get(side, ())))
            whom = lasting("%(side)s's arbiters", side=side.words)
            text, words = lasting("You decide it for %(side_word)s.", side_word=side.words), ""
        else:
            to = To(users=tuple(house.owners_of(connection, row.tool_id)), sides=(side,))
            whom = side.words
            text, words = _left_to_do(side, state)
        message = Message(
            topic="review.late",
            subject=f"review:{review_id}",
            to=to,
            title=_title(row.tool, whom, times),
            text=text,
            words=words,
            path=f"/reviews/{review_id}",
            data={"review": review_id, "tool": row.tool_id, "side": side.value, "arbiters": arbiters},
        )
        put(connection, message, now)


def _title(tool: str, whom: str, times: int) -> str:
    if times > 1:
        return lasting(
            "%(tool)s: the review still waits on %(whom)s, for much longer than was agreed",
            tool=tool,
            whom=whom,
        )
    return lasting(
        "%(tool)s: the review has waited on %(whom)s for longer than was agreed", tool=tool, whom=whom
    )


def _left_to_do(side: Side, state: State) -> tuple[str, str]:
    """What a side is waited on for: in a sentence of ours, and in the words of whoever asks."""
    if questions := state.open_questions(to=side):
        return lasting("%(side)s asked:", side=started(side.other)), questions[0].text
    if missing := state.missing(side):
        items = ", ".join(item.words for item in missing)
        return lasting("Not assessed yet: %(item_list)s.", item_list=items), ""
    if state.proposal:
        return lasting("What was proposed waits for its key."), ""
    return lasting("Nothing was proposed yet."), ""
