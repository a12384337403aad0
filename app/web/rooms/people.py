"""People: who uses how many tools, who has left with access in force, and one person with all of it."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.catalog import permissions, persons, service
from app.catalog.queries import ExpenseFilter, GrantFilter, PeopleQuery
from app.claims import view as claims
from app.db import reading
from app.errors import Invalid
from app.language import N_, _
from app.security.privacy import Veil
from app.security.schemas import Role
from app.web import look_words
from app.web.access import LoggedIn
from app.web.list_form import ListForm, read_form
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
_SHOWN = 20
VIEWS = (
    ({}, N_("Everybody")),
    ({"active": "false", "access": "true"}, N_("Left, with live access")),
    ({"sort": "-tools"}, N_("Most tools")),
    ({"sort": "-grade"}, N_("Most powerful permissions")),
)
"""Ready-made lists: the fields, and what people read."""


@router.get("/people")
def people_list(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """The list of people with its filters."""
    form = read_form("/people", PeopleQuery, request.query_params.multi_items(), look_words.PEOPLE_FIELDS)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        values = {
            "people": _page_of(connection, form, state, veil),
            "numbers": persons.people_numbers(connection),
            "departments": service.list_departments(connection, veil=veil),
        }
    shown = {k: v for k, v in form.typed.items() if k != "cursor"}
    return page(
        request,
        "people.html",
        {
            **values,
            "form": form,
            "shown": shown,
            "views": VIEWS,
            "look": look_words,
            "named": veil.is_open,
            "runs_it": visitor.caller.may(Role.IT),
        },
    )


def _page_of(connection: Connection, form: ListForm[PeopleQuery], state: AppState, veil: Veil) -> Any:
    query, now = form.query, state.clock()
    try:
        return persons.list_people(
            connection, query, now=now, veil=veil, cursor=query.cursor, limit=query.limit
        )
    except Invalid:  # an old cursor: show the first page
        form.errors.append(_("That page is no longer there; here is the first one."))
        return persons.list_people(connection, query, now=now, veil=veil, limit=query.limit)


@router.get("/people/{person_id}")
def person(request: Request, visitor: LoggedIn, state: State, person_id: Id) -> HTMLResponse:
    """One person: their tools, what they allowed and paid, and what to end if they have left."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        values = {
            "person": persons.get_person(connection, person_id, now=state.clock(), veil=veil),
            "grants": permissions.list_grants(
                connection, GrantFilter(person=person_id), veil=veil, limit=_SHOWN
            ),
            "charges": service.list_expenses(
                connection, ExpenseFilter(person=person_id), veil=veil, limit=_SHOWN
            ),
            "held": claims.held_by_person(connection, person_id, veil=veil),
            "hidden": veil.hides(person_id),
            "runs_it": visitor.caller.may(Role.IT),
        }
    return page(request, "person.html", {**values, "look": look_words})
