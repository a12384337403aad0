"""Refusing a pass that the policy gave a tool."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.db import writing
from app.errors import Conflict, Forbidden
from app.language import _
from app.policy import granting
from app.policy.schemas import RefuseIn
from app.web.access import Sender
from app.web.rendering import done
from app.web.tool_page import Problem, show

router = APIRouter(include_in_schema=False)
FORM = "pass/refuse"


@router.post("/tools/{tool_id}/pass/refuse")
def refuse(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """End a tool's pass for the reader's side, and lead to the review that was opened."""
    if sender.caller.user_id is None:
        raise Forbidden(
            _("This takes a person who is logged in as themselves; this login is that of a service.")
        )
    typed = {"reason": reason}
    try:
        wanted = RefuseIn(reason=reason.replace("\x00", " ").strip())
    except ValidationError:
        said = _("Say in a few words why it needs a review: the other side reads it first.")
        return show(request, sender, state, tool_id, problem=Problem(FORM, [said], typed))
    try:
        with writing(state.engine) as connection:
            refused = granting.refuse(
                connection,
                tool_id,
                wanted.reason,
                caller=sender.caller,
                now=state.clock(),
                open_review=state.partners.open_review,
            )
    except Conflict as error:
        problem = Problem(FORM, [error.message], typed, error.status)
        return show(request, sender, state, tool_id, problem=problem)
    said = _("The pass is refused, and the review is open. Both sides have been told.")
    return done(request, f"/reviews/{refused.review}", said)
