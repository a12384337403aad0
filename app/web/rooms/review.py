"""One review: both sides of the table, what is asked of the reader, and what comes after the decision."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import FieldError, Invalid, NotFound, PenumbraError, PreconditionFailed
from app.language import N_, _
from app.remediation import carrying_out
from app.remediation import service as remediation
from app.remediation.plans import plan_of_review
from app.remediation.schemas import DoneIn, PlanIn, PlanOut
from app.reviews import commands as ask
from app.reviews import reading as read
from app.reviews.service import Desk
from app.security.schemas import Caller, Role
from app.security.service import require
from app.sources import service as sources
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page, read_request
from app.web.review_forms import VERBS, Form, SignWhatIsProposed, commands_of, settling
from app.web.review_page import gather
from connectors.base import Connector

router = APIRouter(include_in_schema=False)

_DONE = {
    "assess": N_("What you found is on the table."),
    "ask": N_("Your question is asked. Your clock stands still until it is answered."),
    "answer": N_("Your answer is on the table."),
    "withdraw-question": N_("The question is taken back."),
    "comment": N_("Your comment is on the table."),
    "attach": N_("The link is on the table."),
    "propose": N_("Your proposal is on the table."),
    "sign": N_("Your key is turned."),
    "unsign": N_("Your key is taken back."),
    "dissent": N_("It is on record that you are against it."),
    "escalate": N_("The arbiters have it now."),
    "withdraw": N_("It is on record that your side wants to end the review without a decision."),
    "keep": N_("Noted: the condition was kept."),
    "waive": N_("Noted: the other side is let off."),
}
_PLAN_DONE = {
    "make": N_("The plan is written. Nothing has been ended: it waits for a person of each side."),
    "confirm": N_("Your side has confirmed the plan."),
    "cancel": N_("The plan is given up."),
}


async def _sent(request: Request) -> Form:
    sent = await request.form()
    return Form((name, value) for name, value in sent.multi_items() if isinstance(value, str))


Sent = Annotated[Form, Depends(_sent)]


@router.get("/reviews/{review_id}")
def review_page(request: Request, visitor: LoggedIn, state: State, review_id: Id) -> HTMLResponse:
    """One review with both sides of the table."""
    return _shown(request, visitor, state, review_id)


def _shown(
    request: Request,
    visitor: Visitor,
    state: AppState,
    review_id: int,
    *,
    form: Form | None = None,
    sent: str = "",
    error: PenumbraError | None = None,
    status: int = 200,
) -> HTMLResponse:
    read_request(request)
    with reading(state.engine) as connection:
        values = gather(
            connection,
            state,
            visitor.caller,
            review_id,
            form=form,
            sent=sent,
            faults=error.fields if error else (),
            refused=_in_words(error) if error else "",
        )
    status, now = error.status if error else status, state.clock()
    answer = page(request, "review.html", {**values, "unplaced": False}, status=status, now=now)
    if error and sent and b"data-given-back" not in answer.body:  # the page has no such form any more
        answer = page(request, "review.html", {**values, "unplaced": True}, status=status, now=now)
    return answer


def _in_words(error: PenumbraError) -> str:
    if isinstance(error, PreconditionFailed):
        return _(
            "Something happened in this review while you were writing. What you wrote is still here: "
            "read what is new, and send it again."
        )
    return error.message


def _again(request: Request, sender: Visitor, state: AppState, review_id: int, form: Form, sent: str) -> Any:
    return partial(_shown, request, sender, state, review_id, form=form, sent=sent)


# --- what people say -------------------------------------------------------------------------


@router.post("/reviews/{review_id}/{verb}")
def act(request: Request, sender: Sender, state: State, form: Sent, review_id: Id, verb: str) -> Response:
    """Do what one of the page's forms asks; a form that is refused comes back as it was filled in."""
    read_request(request)
    if verb not in VERBS:
        raise NotFound(_("There is nothing at this address."))
    again = _again(request, sender, state, review_id, form, _name(verb, form))
    if verb == "propose" and form.one("more"):  # one more row for a condition, nothing is sent yet
        return again()
    try:
        with writing(state.engine) as connection:
            now = state.clock()
            calendars = state.house.calendars(connection)
            review = read.get_review(connection, review_id, calendars=calendars, now=now)
            steps = commands_of(verb, form, review)
            version = _version(form)
            desk = _desk(connection, sender.caller, state, now)
            for step in steps:
                command = step
                if isinstance(step, SignWhatIsProposed):  # a proposal's number is the version that it made
                    command = ask.Sign(version, step.rationale, step.side)
                assert not isinstance(command, SignWhatIsProposed)
                version = desk.act(sender.caller, review_id, version, command)
            decided = read.get_review(connection, review_id, calendars=calendars, now=now)
    except PenumbraError as error:
        if isinstance(error, NotFound):
            raise
        return again(error=error)
    said = _(_DONE[verb])
    if verb in {"assess", "propose"} and isinstance(steps[-1], ask.Sign | SignWhatIsProposed):
        said = _(_DONE["sign"])
    if decided.outcome is not None:
        said = _("Both keys are turned: it is decided.")
    elif verb == "withdraw" and decided.closed_at is not None:
        said = _("The review has ended without a decision.")
    return done(request, f"/reviews/{review_id}", said)


def _name(verb: str, form: Form) -> str:
    """Which of the page's forms it was: there is one a side, or one a question."""
    mark = form.one("form")
    return f"{verb}:{mark}" if mark else verb


def _version(form: Form) -> int:
    version = form.number("version")
    if version is None:
        raise PreconditionFailed(_("The form does not say which version of the review was read."))
    return version


def _desk(connection: Connection, caller: Caller, state: AppState, now: datetime) -> Desk:
    return Desk(connection, actor=caller.actor, now=now, reassess=state.reassess, house=state.house)


@router.post("/reviews/{review_id}/conditions/{number}/{verb}")
def settle(
    request: Request, sender: Sender, state: State, form: Sent, review_id: Id, number: Id, verb: str
) -> Response:
    """Say that a condition was kept, or let the other side off."""
    read_request(request)
    if verb not in {"keep", "waive"}:
        raise NotFound(_("There is nothing at this address."))
    try:
        with writing(state.engine) as connection:
            desk = _desk(connection, sender.caller, state, state.clock())
            desk.act(sender.caller, review_id, _version(form), settling(verb, number, form))
    except PenumbraError as error:
        if isinstance(error, NotFound):
            raise
        return _again(request, sender, state, review_id, form, f"{verb}:{number}")(error=error)
    return done(request, f"/reviews/{review_id}#conditions", _(_DONE[verb]))


# --- after the decision ----------------------------------------------------------------------


@router.post("/reviews/{review_id}/plan/steps/{number}/done")
def step_done(
    request: Request, sender: Sender, state: State, form: Sent, review_id: Id, number: Id
) -> Response:
    """Say that a task of the plan was done, and how."""
    read_request(request)
    try:
        wanted = DoneIn.model_validate({"note": form.one("note").strip()})
        with writing(state.engine) as connection:
            veil = state.veils.of(connection, sender.caller)
            plan = plan_of_review(connection, review_id, veil=veil)
            remediation.task_done(
                connection,
                plan.id,
                number,
                wanted,
                caller=sender.caller,
                now=state.clock(),
                reassess=state.reassess,
                veil=veil,
            )
    except ValidationError:
        fault = FieldError("note", _("say in a few words how it was done."))
        error = Invalid(_("Something is missing, or cannot be right."), fields=[fault])
        return _again(request, sender, state, review_id, form, f"step:{number}")(error=error)
    except PenumbraError as error:
        if isinstance(error, NotFound):
            raise
        return _again(request, sender, state, review_id, form, f"step:{number}")(error=error)
    return done(request, f"/reviews/{review_id}#plan", _("Noted: the task is done."))


@router.post("/reviews/{review_id}/plan/run")
async def run_plan(request: Request, sender: Sender, state: State, form: Sent, review_id: Id) -> Response:
    """End the access that the confirmed plan lists, for up to 20 seconds; press again for what is left."""
    read_request(request)
    require(sender.caller, Role.IT)

    def load(connection: Connection, source_id: int) -> Connector:
        row = sources.get_source(connection, source_id)
        return sources.load_connector(row, state.context, state.secrets)

    def found() -> PlanOut:
        with reading(state.engine) as connection:
            veil = state.veils.of(connection, sender.caller)
            return plan_of_review(connection, review_id, veil=veil)

    plan = await to_thread.run_sync(found)
    try:
        plan = await carrying_out.carry_out(
            state.engine,
            plan.id,
            load,
            actor=sender.caller.actor,
            clock=state.clock,
            reassess=state.reassess,
            revoking=state.settings.may_revoke,
            veiled=state.veil_of(sender.caller),
        )
    except PenumbraError as error:
        again = _again(request, sender, state, review_id, form, "plan")
        return await to_thread.run_sync(partial(again, error=error))
    said = _("All is done.") if not plan.left else _("Done as far as it goes: see below what is left.")
    return done(request, f"/reviews/{review_id}#plan", said)


@router.post("/reviews/{review_id}/plan/{verb}")
def change_plan(
    request: Request, sender: Sender, state: State, form: Sent, review_id: Id, verb: str
) -> Response:
    """Write the plan, confirm it for one's side, or give it up."""
    read_request(request)
    if verb not in _PLAN_DONE:
        raise NotFound(_("There is nothing at this address."))
    try:
        with writing(state.engine) as connection:
            _change_plan(connection, sender.caller, state, review_id, verb, form)
    except PenumbraError as error:
        if isinstance(error, NotFound):
            raise
        return _again(request, sender, state, review_id, form, "plan")(error=error)
    return done(request, f"/reviews/{review_id}#plan", _(_PLAN_DONE[verb]))


def _change_plan(
    connection: Connection, caller: Caller, state: AppState, review_id: int, verb: str, form: Form
) -> None:
    now = state.clock()
    veil = state.veils.of(connection, caller)
    if verb == "make":
        try:
            wanted = PlanIn.model_validate({"due": form.one("plan_due")})
        except ValidationError as error:
            fault = FieldError("plan_due", _("choose a day to come."))
            raise Invalid(_("By when should people have done their part?"), fields=[fault]) from error
        revoking = state.settings.may_revoke
        remediation.make_plan(
            connection, review_id, wanted, caller=caller, revoking=revoking, now=now, veil=veil
        )
        return
    plan = plan_of_review(connection, review_id, veil=veil)
    change = remediation.confirm if verb == "confirm" else remediation.cancel
    change(connection, plan.id, _version(form), caller=caller, now=now, veil=veil)
