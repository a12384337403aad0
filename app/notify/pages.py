"""The pages behind links in e-mails: no login, no script. Looking changes nothing, sending the form does."""

from typing import Annotated, get_args

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from app.api.dependencies import State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import Conflict, Gone, NotFound, PenumbraError
from app.language import N_, _
from app.notify import adopters, inbox
from app.notify.links import ASK, UNSUBSCRIBE, Links
from app.notify.schemas import Answer
from app.web.rendering import page

router = APIRouter(include_in_schema=False)
CHOICES: tuple[tuple[Answer, str, str], ...] = (
    ("adopted", N_("I use it for my work"), N_("It is part of how I or my team work.")),
    ("trying", N_("I am trying it out"), N_("Not sure yet whether we will keep it.")),
    ("once", N_("I needed it once"), N_("It is no longer in use.")),
    ("personal", N_("It is private"), N_("It has nothing to do with my work.")),
)
_ANSWERS: frozenset[str] = frozenset(get_args(Answer))


def _links(state: AppState) -> Links:
    return Links(state.secrets, state.settings.home_url)


def _ended(request: Request, error: PenumbraError) -> HTMLResponse:
    return page(request, "link_over.html", {"error": error}, status=error.status)


@router.get("/adopter/{token}")
def ask(request: Request, state: State, token: str) -> HTMLResponse:
    """Ask what a tool is for."""
    try:
        ask_id = int(_links(state).read(token, ASK, state.clock()))
        with reading(state.engine) as connection:
            found = adopters.question(connection, ask_id, state.clock())
    except (NotFound, Gone) as error:
        return _ended(request, error)
    values = {"question": found, "choices": CHOICES, "error": "", "comment": "", "done": found.answered}
    return page(request, "adopter.html", values)


@router.post("/adopter/{token}")
def take_answer(
    request: Request,
    state: State,
    token: str,
    answer: Annotated[str, Form(max_length=20)] = "",
    comment: Annotated[str, Form(max_length=20_000)] = "",
) -> HTMLResponse:
    """Keep the answer."""
    now = state.clock()
    try:
        ask_id = int(_links(state).read(token, ASK, now))
        wrong = _wrong(answer, comment)
        if wrong:
            with reading(state.engine) as connection:
                found = adopters.question(connection, ask_id, now)
            values = {
                "question": found,
                "choices": CHOICES,
                "error": wrong,
                "comment": comment,
                "done": found.answered,
            }
            return page(request, "adopter.html", values, status=422)
        with writing(state.engine) as connection:
            found = adopters.answer(connection, ask_id, answer, comment, now)  # type: ignore[arg-type]
    except (NotFound, Gone, Conflict) as error:
        return _ended(request, error)
    values = {"question": found, "choices": CHOICES, "error": "", "comment": "", "done": True}
    return page(request, "adopter.html", values)


def _wrong(answer: str, comment: str) -> str:
    if answer not in _ANSWERS:
        return _("Choose one of the four first.")
    if len(adopters.tidied(comment)) > adopters.LONGEST_COMMENT:
        return _("Please write %(most)s characters at most.") % {"most": adopters.LONGEST_COMMENT}
    return ""


@router.get("/unsubscribe/{token}")
def unsubscribe_form(request: Request, state: State, token: str) -> HTMLResponse:
    """Show what would be ended, with a button: a mail scanner that follows links ends nothing."""
    try:
        subject = _links(state).read(token, UNSUBSCRIBE, state.clock())
    except (NotFound, Gone) as error:
        return _ended(request, error)
    return page(request, "unsubscribe.html", {"what": inbox.what_link_names(subject), "done": False})


@router.post("/unsubscribe/{token}")
async def unsubscribe(request: Request, state: State, token: str) -> HTMLResponse:
    """End it; mail programs send this by themselves (RFC 8058)."""

    def end() -> HTMLResponse:
        try:
            subject = _links(state).read(token, UNSUBSCRIBE, state.clock())
            with writing(state.engine) as connection:
                what = inbox.unsubscribe(connection, subject, state.clock())
        except (NotFound, Gone) as error:
            return _ended(request, error)
        return page(request, "unsubscribe.html", {"what": what, "done": True})

    return await run_in_threadpool(end)
