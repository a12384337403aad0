"""The page on which people ask before they buy: one field, the answer below it, then what it is for."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import Conflict, FieldError, Invalid, field_errors
from app.language import _
from app.requests import service
from app.requests.endpoints import counter_of
from app.requests.naming import LONGEST, one_line
from app.requests.schemas import RequestIn, RequestQuery
from app.requests.schemas import State as Standing
from app.security.schemas import Side
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import page
from app.web.typed import is_number, minor_of

router = APIRouter(include_in_schema=False)
_OWN_SHOWN = 10
_LABELS = {
    "what": "What you want to use",
    "need": "What it is for",
    "lacked": "What it lacked",
    "tried": "What you tried",
    "people": "How many people",
    "minor": "What it would cost",
    "currency": "Currency",
}
_EMPTY = {"need": "", "tried": "", "lacked": "", "people": "", "cost": "", "currency": "EUR"}


@router.get("/ask")
def ask(request: Request, visitor: LoggedIn, state: State, what: str = "") -> HTMLResponse:
    """The field, and the answer to what stands in it."""
    return _ask(request, visitor, state, what=what, typed=_EMPTY, errors=[])


def _ask(
    request: Request,
    visitor: Visitor,
    state: AppState,
    *,
    what: str,
    typed: Mapping[str, str],
    errors: list[str],
    status: int = 200,
) -> HTMLResponse:
    what, counter = one_line(what), counter_of(state)
    with reading(state.engine) as connection:
        answer = service.answer_to(connection, counter, what) if what else None
        mine = service.list_requests(
            connection, RequestQuery(mine=True, limit=_OWN_SHOWN), caller=visitor.caller
        )
        waiting = None
        if _of_a_side(visitor):
            everybodys = RequestQuery(state=Standing.OPEN, limit=_OWN_SHOWN)
            waiting = service.list_requests(connection, everybodys, caller=visitor.caller)
    values = {
        "what": what,
        "longest": LONGEST,
        "answer": answer,
        "mine": mine,
        "waiting": waiting,
        "typed": typed,
        "errors": errors,
        "may_ask": visitor.caller.user_id is not None,
    }
    return page(request, "ask.html", values, status=status, now=counter.now)


Field = Annotated[str, Form(max_length=4000)]


@router.post("/ask")
def send(
    request: Request,
    sender: Sender,
    state: State,
    what: Field = "",
    need: Field = "",
    tried: Field = "",
    lacked: Field = "",
    people: Field = "",
    cost: Field = "",
    currency: Field = "",
) -> Response:
    """Write down what somebody would like to use."""
    given = {"what": what, "tried": tried, "lacked": lacked, "people": people, "cost": cost}
    typed = {name: one_line(value) for name, value in {**given, "currency": currency}.items()}
    typed["need"] = need.replace("\x00", " ").strip()
    try:
        wanted = _wanted(typed)
        with writing(state.engine) as connection:
            made = service.make_request(connection, counter_of(state), wanted, caller=sender.caller)
    except (Invalid, Conflict) as error:
        said = [f"{_label(f.field)}: {f.message}" for f in error.fields] or [error.message]
        return _ask(request, sender, state, what=typed["what"], typed=typed, errors=said, status=error.status)
    return RedirectResponse(f"/ask/{made.id}", status_code=303)


def _wanted(typed: Mapping[str, str]) -> RequestIn:
    """The form as a request.

    Raises:
        Invalid: names each field that is wrong.
    """
    faults: list[FieldError] = []
    body: dict[str, Any] = {"what": typed["what"], "need": typed["need"]}
    if typed["tried"] or typed["lacked"]:
        if not is_number(typed["tried"]):
            faults.append(
                FieldError("tried", _("choose the tool that lacked something, or leave both empty."))
            )
        else:
            body["tried"] = [{"tool": int(typed["tried"]), "lacked": typed["lacked"]}]
    if typed["people"]:
        if is_number(typed["people"]):
            body["people"] = int(typed["people"])
        else:
            faults.append(FieldError("people", _("write a number such as 12.")))
    if typed["cost"]:
        amount = minor_of(typed["cost"], typed["currency"])
        if amount is None:
            faults.append(FieldError("minor", _("write an amount such as 1200 or 1,200.50.")))
        else:
            body["spend"] = {"minor": amount, "currency": typed["currency"].upper()}
    try:
        wanted = RequestIn.model_validate(body)
    except ValidationError as error:
        faults += field_errors(error.errors(include_url=False))
        raise Invalid(_("Something is missing."), fields=faults) from error
    if faults:
        raise Invalid(_("Something is missing."), fields=faults)
    return wanted


def _label(field: str) -> str:
    return next((_LABELS[p] for p in reversed(field.split(".")) if p in _LABELS), field[:40])


@router.get("/ask/{request_id}")
def asked(request: Request, visitor: LoggedIn, state: State, request_id: Id) -> HTMLResponse:
    """One request, with what holds of its tool now."""
    with reading(state.engine) as connection:
        found = service.get_request(connection, counter_of(state), request_id)
    is_open = found.state is Standing.OPEN
    values = {
        "asked": found,
        "answer": found.answer,
        "may_withdraw": is_open and found.by.user_id == visitor.caller.user_id,
        "may_review": is_open and _of_a_side(visitor),
    }
    return page(request, "asked.html", values, now=state.clock())


@router.post("/ask/{request_id}/withdraw")
def withdraw(sender: Sender, state: State, request_id: Id) -> Response:
    """Take one's request back."""
    with writing(state.engine) as connection:
        service.withdraw(connection, counter_of(state), request_id, caller=sender.caller)
    return RedirectResponse(f"/ask/{request_id}", status_code=303)


@router.post("/ask/{request_id}/review")
def review(sender: Sender, state: State, request_id: Id) -> Response:
    """Open the joint review of what somebody asked for."""
    with writing(state.engine) as connection:
        service.review(
            connection, counter_of(state), request_id, caller=sender.caller, reassess=state.reassess
        )
    return RedirectResponse(f"/ask/{request_id}", status_code=303)


def _of_a_side(visitor: Visitor) -> bool:
    return any(visitor.caller.sits_with(side) for side in Side)
