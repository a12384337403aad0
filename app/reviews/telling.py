"""Who hears of what happens in a review; put into the outbox in the transaction of the event itself."""

from sqlalchemy.engine import Connection

from app.notify.outbox import Message, To, put
from app.reviews import repository
from app.reviews.events import (
    Answered,
    Asked,
    Commented,
    ConditionMissed,
    Decided,
    Dissented,
    Escalated,
    Event,
    Expired,
    LaneChanged,
    Opened,
    Proposed,
    Signed,
    WithdrawalAsked,
    Withdrawn,
)
from app.reviews.state import State
from app.reviews.words import Cause
from app.security.schemas import Side

_BOTH = tuple(Side)


def tell(connection: Connection, review_id: int, event: Event, state: State) -> None:
    """Tell whom an event concerns; whoever caused it knows already, but is one of a side that is told.

    Args:
        connection: the writing transaction of the event.
        review_id: of which review.
        event: what happened.
        state: what holds after it.
    """
    row = repository.review_with_tool(connection, review_id)
    if row is None:
        return
    if isinstance(event.body, Decided | Withdrawn):
        _answer(connection, row, event)
    found = _message(event, state, row.tool)
    if found is None:
        return
    topic, to, title, text = found
    message = Message(
        topic=topic,
        subject=f"review:{review_id}",
        to=to,
        title=title,
        text=text,
        path=f"/reviews/{review_id}",
        data={"review": review_id, "tool": row.tool_id, "event": event.seq},
        dedupe_key=f"review:{review_id}:{event.seq}",
    )
    put(connection, message, event.at)


def _answer(connection: Connection, row: repository.Row, event: Event) -> None:
    """Tell those who had asked for the tool what became of that."""
    asked = repository.requesters_of(connection, row.id)
    if not asked:
        return
    if isinstance(event.body, Decided):
        title = f"{row.tool}, which you asked for: {_decided(event.body)}"
        text = "IT and marketing have turned both keys."
    else:
        title = f"{row.tool}, which you asked for: the review ended without a decision"
        text = "Ask again if you still need it."
    message = Message(
        topic="request.answered",
        subject=f"review:{row.id}",
        to=To(users=tuple(asked)),
        title=title,
        text=text,
        path=f"/tools/{row.tool_id}",
        data={"review": row.id, "tool": row.tool_id},
        dedupe_key=f"review:{row.id}:requests",
    )
    put(connection, message, event.at)


def _message(event: Event, state: State, tool: str) -> tuple[str, To, str, str] | None:
    body, side = event.body, event.side
    match body:
        case Opened(cause=Cause.REOPENED):
            return "review.reopened", To(sides=_BOTH), f"{tool}: the decision was opened again", body.need
        case Opened():
            return "review.opened", To(sides=_BOTH), f"{tool}: a joint review was opened", body.need
        case Asked():
            return "review.question", To(sides=(body.to,)), f"{tool}: {_asks(side)}", body.text
        case Answered() if side is not None:
            return "review.waiting", To(sides=(side.other,)), f"{tool}: your question was answered", body.text
        case Commented():
            sides = _BOTH if side is None else (side.other,)
            return "review.comment", To(sides=sides), f"{tool}: a comment", body.text
        case Proposed():
            title = f"{tool}: a decision is proposed, and waits for both keys"
            return "review.waiting", To(sides=_BOTH), title, body.rationale
        case Signed() if side is not None and state.is_open and side.other not in state.keys:
            title = f"{tool}: {side.words} has turned its key; yours is missing"
            return "review.waiting", To(sides=(side.other,)), title, body.rationale
        case Dissented() if side is not None:
            title = f"{tool}: {side.words} is against the proposal"
            return "review.comment", To(sides=(side.other,)), title, body.rationale
        case Escalated():
            arbiters = tuple(sorted({user for users in state.arbiters.values() for user in users}))
            return "review.deadlock", To(users=arbiters), f"{tool}: the two sides cannot agree", body.reason
        case Decided():
            return "review.decided", To(sides=_BOTH), f"{tool}: {_decided(body)}", "Both keys were turned."
        case LaneChanged():
            title = f"{tool}: the review takes the {body.lane.value} lane now"
            return "review.waiting", To(sides=_BOTH), title, " ".join(body.reasons)
        case WithdrawalAsked() if side is not None and side.other not in state.wants_out:
            title = f"{tool}: {side.words} asks to end the review without a decision"
            return "review.waiting", To(sides=(side.other,)), title, body.reason
        case Withdrawn():
            return "review.comment", To(sides=_BOTH), f"{tool}: the review was withdrawn", body.reason
        case ConditionMissed():
            promise = state.conditions[body.number].promise
            to = To(users=(promise.owner_user_id,), sides=_BOTH)
            return "condition.missed", to, f"{tool}: a promise was missed", promise.text
        case Expired():
            text = "The provisional decision has run out."
            return "decision.expiring", To(sides=_BOTH), f"{tool}: the time is over", text
        case _:
            return None


def _asks(side: Side | None) -> str:
    return "a question" if side is None else f"{side.words} asks a question"


def _decided(body: Decided) -> str:
    return f"decided, {body.terms.outcome.value.replace('_', ' ')}"
