"""Permissions: every consent with what it allows, one by one, by tool, by permission, and as a map."""

from datetime import UTC, timedelta
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse

from app.api.dependencies import State
from app.catalog import permissions, persons, service
from app.catalog.queries import GrantFilter, GrantQuery
from app.db import reading
from app.errors import Gone, Invalid, NotFound
from app.identify.scope_data import DataKind
from app.language import N_, _
from app.security.privacy import Veil
from app.security.schemas import Role
from app.web import look_words
from app.web.access import LoggedIn
from app.web.list_form import ListForm, read_form
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
UNUSED = timedelta(days=90)
VIEWS = (
    ("", N_("One by one")),
    ("tool", N_("By tool")),
    ("permission", N_("By permission")),
    ("map", N_("Which tool reaches which data")),
)


@router.get("/grants")
def grants(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """The permissions that pass the filters, in one of the four views."""
    now = state.clock()
    since = now.astimezone(UTC).date() - UNUSED
    own = {"view": [name for name, _text in VIEWS], "unused": ["90"]}
    form = read_form(
        "/grants", GrantQuery, request.query_params.multi_items(), look_words.GRANT_FIELDS, own=own
    )
    wanted = form.query
    if form.one("unused"):
        wanted = wanted.model_copy(update={"unused_since": since})
    view = form.one("view")
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        values = {
            "numbers": permissions.grant_numbers(connection, GrantFilter()),
            "total": permissions.count_grants(connection, wanted),
            "sources": service.source_names(connection),
            "of_tool": _tool_name(connection, wanted.tool, veil),
            "of_person": _person_name(connection, wanted.person, state, veil),
            "found": _found(connection, view, wanted, form, veil),
        }
    fixed = {
        "runs_it": visitor.caller.may(Role.IT),
        "form": form,
        "view": view,
        "views": VIEWS,
        "look": look_words,
        "kinds": list(DataKind),
    }
    return page(request, "grants.html", {**values, **fixed})


def _found(
    connection: Connection, view: str, wanted: GrantQuery, form: ListForm[GrantQuery], veil: Veil
) -> Any:
    """What a view shows of the grants that pass the filters."""
    if view == "permission":
        return permissions.grants_by_permission(connection, wanted)
    if view == "map":
        return permissions.reach(connection, wanted)

    def listed(cursor: str | None) -> Any:
        if view == "tool":
            return permissions.grants_by_tool(connection, wanted, cursor=cursor, limit=wanted.limit)
        return permissions.list_grants(connection, wanted, veil=veil, cursor=cursor, limit=wanted.limit)

    try:
        return listed(wanted.cursor)
    except Invalid:  # an old cursor, or one of another view: show the first page
        form.errors.append(_("That page is no longer there; here is the first one."))
        return listed(None)


def _tool_name(connection: Connection, tool_id: int | None, veil: Veil) -> str | None:
    """What the tool is called that only is asked for; None if none is."""
    if tool_id is None:
        return None
    try:
        return service.get_tool(connection, tool_id, veil=veil).name
    except (NotFound, Gone):
        return _("a tool that is no longer there")


def _person_name(connection: Connection, person_id: int | None, state: Any, veil: Veil) -> str | None:
    """The same for a person."""
    if person_id is None:
        return None
    try:
        found = persons.get_person(connection, person_id, now=state.clock(), veil=veil)
    except NotFound:
        return _("somebody who is not there")
    return found.name or found.email or _("somebody not in the directory")
