"""What happened in reviews while a page of them lay open, for the script that tells it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading
from app.language import N_, _
from app.reviews import news
from app.reviews.answers import EventOut
from app.web import review_words
from app.web.access import Visitor, Watching
from app.web.rendering import part

router = APIRouter(include_in_schema=False)
_OF_QUESTIONS = {
    "answered": N_("answered a question"),
    "withdrew_question": N_("took a question back"),
}
Mark = Annotated[int, Query(ge=0, le=2**53)]


@router.get("/reviews/news")
def of_all(request: Request, visitor: Watching, state: State, after: Mark = 0) -> Response:
    """What happened in any review since the board was made."""
    return _told(request, visitor, state, None, after)


@router.get("/reviews/{review_id}/news")
def of_one(request: Request, visitor: Watching, state: State, review_id: Id, after: Mark = 0) -> Response:
    """What happened in a review since its page was made."""
    return _told(request, visitor, state, review_id, after)


def _told(request: Request, visitor: Visitor, state: AppState, review_id: int | None, after: int) -> Response:
    with reading(state.engine) as connection:
        tag = tag_of(news.mark_of(connection, review_id))
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        veil = state.veils.of(connection, visitor.caller)
        found = news.news_since(connection, review_id, after, veil=veil, reader=visitor.caller.user_id)
    lines = [(line, _in_words(line.event)) for line in found.lines]
    answer = part(
        request,
        "review_news.html",
        {"lines": lines, "more": found.more, "of_one": review_id, "rw": review_words},
    )
    answer.headers["ETag"] = tag_of(found.mark)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _in_words(event: EventOut) -> str:
    if event.kind in _OF_QUESTIONS:
        return _(_OF_QUESTIONS[event.kind])
    return review_words.happened(event, {}).text


def tag_of(mark: int) -> str:
    """The version of what is told, as HTTP writes it."""
    return f'"{mark}"'
