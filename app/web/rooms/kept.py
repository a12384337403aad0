"""Lists of tools that people keep: saved, renamed, shared, changed, forgotten."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import Invalid, NotFound, PenumbraError, field_errors
from app.language import _
from app.views import service
from app.views.schemas import LONGEST, ViewChange, ViewIn
from app.web.access import Sender, Visitor
from app.web.rendering import done, page, read_request
from app.web.tool_columns import COOKIE
from app.web.tool_deeds import REASONS
from app.web.tool_filters import parameters_of
from app.web.tool_rows import Said, gather

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=LONGEST * 2)]


@router.post("/tools/views")
def save(
    request: Request, sender: Sender, state: State, name: Text = "", query: Text = "", shared: Text = ""
) -> Response:
    """Keep the list as it is shown, under a name."""
    read_request(request)
    try:
        wanted = ViewIn(name=name, query=query, shared=bool(shared))
        with writing(state.engine) as connection:
            made = service.create_view(connection, wanted, sender.caller, state.clock())
    except (ValidationError, PenumbraError) as error:
        sent = {"name": name[:200], "query": query, "shared": shared}
        return _again(request, sender, state, query, sent, _error(error))
    return done(request, made.link, _("The list “%(name)s” is saved.") % {"name": made.name})


@router.post("/tools/views/{view_id}")
def change(
    request: Request,
    sender: Sender,
    state: State,
    view_id: Id,
    do: Annotated[str, Form(max_length=10)],
    name: Text = "",
    query: Text = "",
    shared: Text = "",
) -> Response:
    """Change one of one's saved lists, or forget it."""
    read_request(request)
    caller, now = sender.caller, state.clock()
    try:
        with writing(state.engine) as connection:
            view = service.get_view(connection, view_id, caller)
            if do == "remove":
                service.delete_view(connection, view_id, caller, now)
                return done(
                    request,
                    "/tools",
                    _("The list “%(name)s” is removed; its tools are not.") % {"name": view.name},
                )
            if do == "keep":
                wanted = ViewChange(query=query)
            elif do == "change":
                wanted = ViewChange(name=name, shared=bool(shared))
            else:
                raise NotFound(_("There is nothing at this address."))
            view = service.change_view(connection, view_id, wanted, caller, now)
    except ValidationError as error:
        raise _error(error) from error
    return done(request, view.link, _("The list “%(name)s” is changed.") % {"name": view.name})


def _error(error: ValidationError | PenumbraError) -> PenumbraError:
    if isinstance(error, PenumbraError):
        return error
    field = field_errors(error.errors())[0].field
    if field == "query":
        return Invalid(_("This list cannot be saved: open it again, and save it then."))
    return Invalid(_("Give the list a name of at most 80 characters."))


def _again(
    request: Request, sender: Visitor, state: AppState, query: str, sent: dict[str, str], error: PenumbraError
) -> Response:
    """The list, with the form that was refused as it was filled in."""
    with reading(state.engine) as connection:
        values = gather(
            connection,
            sender.caller,
            parameters_of(f"/tools?{query}"),
            request.cookies.get(COOKIE, "")[:300],
            Said([error.message], sent=sent, saving=True),
            veil=state.veils.of(connection, sender.caller),
        )
    return page(request, "tools.html", {**values, "reasons": REASONS}, status=error.status)
