"""Who hears of what happens in a review; put into the outbox in the transaction of the event itself."""

from sqlalchemy.engine import Connection

from app.language import lasting
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


def tell(connection: Connection, review_id: int, event: Event, state: State, because: str = "") -> None:
    """Tell whom an event concerns; whoever caused it knows already, but is one of a side that is told.

    Args:
        connection: the writing transaction of the event.
        review_id: of which review.
        event: what happened.
        state: what holds after it.
        because: with which sentence of ours the need begins that somebody opened it for.
    """
    row = repository.review_with_tool(connection, review_id)
    if row is None:
        return
    if isinstance(event.body, Decided | Withdrawn):
        _answer(connection, row, event)
    found = _message(event, state, row.tool, because)
    if found is None:
        return
    topic, to, title, text, words = found
    message = Message(
        topic=topic,
        subject=f"review:{review_id}",
        to=to,
        title=title,
        text=text,
        words=words,
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
        title = lasting(
            "%(tool)s, which you asked for: decided, %(outcome)s", tool=row.tool, outcome=_outcome(event.body)
        )
        text = lasting("IT and marketing have turned both keys.")
    else:
        title = lasting("%(tool)s, which you asked for: the review ended without a decision", tool=row.tool)
        text = lasting("Ask again if you still need it.")
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


_Told = tuple[str, To, str, str, str]
"""A topic, whom it is for, a title, a text of ours, and what somebody wrote themselves."""


def _message(event: Event, state: State, tool: str, because: str) -> _Told | None:
    body, side = event.body, event.side
    match body:
        case Opened():
            text, words = _need(event, body, because)
            if body.cause is Cause.REOPENED:
                title = lasting("%(tool)s: the decision was opened again", tool=tool)
                return "review.reopened", To(sides=_BOTH), title, text, words
            title = lasting("%(tool)s: a joint review was opened", tool=tool)
            return "review.opened", To(sides=_BOTH), title, text, words
        case Asked():
            return "review.question", To(sides=(body.to,)), _asks(tool, side), "", body.text
        case Answered() if side is not None:
            title = lasting("%(tool)s: your question was answered", tool=tool)
            return "review.waiting", To(sides=(side.other,)), title, "", body.text
        case Commented():
            sides = _BOTH if side is None else (side.other,)
            title = lasting("%(tool)s: a comment", tool=tool)
            return "review.comment", To(sides=sides), title, "", body.text
        case Proposed():
            title = lasting("%(tool)s: a decision is proposed, and waits for both keys", tool=tool)
            return "review.waiting", To(sides=_BOTH), title, "", body.rationale
        case Signed() if side is not None and state.is_open and side.other not in state.keys:
            title = lasting(
                "%(tool)s: %(side)s has turned its key; yours is missing", tool=tool, side=side.words
            )
            return "review.waiting", To(sides=(side.other,)), title, "", body.rationale
        case Dissented() if side is not None:
            title = lasting("%(tool)s: %(side)s is against the proposal", tool=tool, side=side.words)
            return "review.comment", To(sides=(side.other,)), title, "", body.rationale
        case Escalated():
            arbiters = tuple(sorted({user for users in state.arbiters.values() for user in users}))
            title = lasting("%(tool)s: the two sides cannot agree", tool=tool)
            return "review.deadlock", To(users=arbiters), title, "", body.reason
        case Decided():
            title = lasting("%(tool)s: decided, %(outcome)s", tool=tool, outcome=_outcome(body))
            return "review.decided", To(sides=_BOTH), title, lasting("Both keys were turned."), ""
        case LaneChanged():
            title = lasting(
                "%(tool)s: the review takes the %(lane)s lane now", tool=tool, lane=body.lane.value
            )
            return "review.waiting", To(sides=_BOTH), title, " ".join(body.reasons), ""
        case WithdrawalAsked() if side is not None and side.other not in state.wants_out:
            title = lasting(
                "%(tool)s: %(side)s asks to end the review without a decision", tool=tool, side=side.words
            )
            return "review.waiting", To(sides=(side.other,)), title, "", body.reason
        case Withdrawn():
            title = lasting("%(tool)s: the review was withdrawn", tool=tool)
            return "review.comment", To(sides=_BOTH), title, "", body.reason
        case ConditionMissed():
            promise = state.conditions[body.number].promise
            to = To(users=(promise.owner_user_id,), sides=_BOTH)
            title = lasting("%(tool)s: a promise was missed", tool=tool)
            return "condition.missed", to, title, "", promise.text
        case Expired():
            title = lasting("%(tool)s: the time is over", tool=tool)
            text = lasting("The provisional decision has run out.")
            return "decision.expiring", To(sides=_BOTH), title, text, ""
        case _:
            return None


def _need(event: Event, body: Opened, because: str) -> tuple[str, str]:
    """What a review was opened for: in words of ours, and in those of whoever opened it."""
    if event.user_id is None:
        return body.need, ""
    return because, body.need.removeprefix(because).strip()


def _asks(tool: str, side: Side | None) -> str:
    if side is None:
        return lasting("%(tool)s: a question", tool=tool)
    return lasting("%(tool)s: %(side)s asks a question", tool=tool, side=side.words)


def _outcome(body: Decided) -> str:
    return body.terms.outcome.value.replace("_", " ")
