"""Opening the reviews of many tools at once, each answered by itself.

To set a tool aside takes both keys like every other decision: what one person can do is to open its review
with that proposal on the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from app.catalog.service import live_tool
from app.errors import FieldError, Forbidden, Invalid, PenumbraError
from app.language import _
from app.reviews import commands as ask
from app.reviews import repository
from app.reviews.events import Dismissed
from app.reviews.service import Desk, who_is
from app.reviews.words import Cause
from app.security.schemas import Caller, Side


@dataclass(frozen=True)
class Began:
    """What became of one tool: the review that was opened, or why none was."""

    tool_id: int
    review_id: int | None
    error: PenumbraError | None = None


def open_many(
    connection: Connection, desk: Desk, caller: Caller, tool_ids: Sequence[int], need: str
) -> list[Began]:
    """Open the reviews of some tools; what is refused keeps none of the others from being opened.

    Args:
        connection: the desk's writing transaction.
        desk: where reviews are held.
        caller: a person of either side.
        tool_ids: whose reviews.
        need: what the tools are needed for, or why they are looked at.
    """
    return [_begin(connection, desk, caller, tool_id, need) for tool_id in sorted(set(tool_ids))]


def propose_to_set_aside(
    connection: Connection,
    desk: Desk,
    caller: Caller,
    tool_ids: Sequence[int],
    reason: str,
    side: Side | None,
) -> list[Began]:
    """Open the reviews of some tools, each with the proposal to set the tool aside.

    Nothing is set aside by this: both sides turn their keys on it, or do not.

    Args:
        connection: the desk's writing transaction.
        desk: where reviews are held.
        caller: a person of either side.
        tool_ids: which tools.
        reason: why they are not tools, or not for the two sides to govern.
        side: for which side the caller speaks; needed only if they sit on both.

    Raises:
        Forbidden: not a person of a side, or not of the one that is named.
        Invalid: the caller sits on both sides, and says for neither.
    """
    # All that could be refused after a review was opened: its lines of the audit trail would stay.
    sides = who_is(caller).sides
    if side is None and len(sides) > 1:
        raise Invalid(
            _("You sit on both sides: say for which one you speak."),
            fields=[FieldError("side", _("say for which side you speak"))],
        )
    if side is not None and side not in sides:
        raise Forbidden(_("This takes a person of %(side)s's side.", side=_(side.words)))
    return [_begin(connection, desk, caller, t, reason, aside=True, side=side) for t in sorted(set(tool_ids))]


def _begin(
    connection: Connection,
    desk: Desk,
    caller: Caller,
    tool_id: int,
    text: str,
    *,
    aside: bool = False,
    side: Side | None = None,
) -> Began:
    try:
        with connection.begin_nested():
            review_id = desk.open_by(caller, tool_id, _cause(connection, tool_id), text)
            if aside:
                desk.act(caller, review_id, 1, ask.Propose(Dismissed(reason=text), text, side))
    except PenumbraError as error:
        return Began(tool_id, None, error)
    return Began(tool_id, review_id)


def _cause(connection: Connection, tool_id: int) -> Cause:
    if repository.last_review(connection, tool_id, decided=True) is not None:
        return Cause.REOPENED
    tool = live_tool(connection, tool_id)
    if tool.flagged:
        return Cause.FLAG
    return Cause.CLAIM if tool.ownership == "owned" else Cause.REQUEST
