"""Asking before buying over HTTP."""

from fastapi import APIRouter, Request, Response

from app.api import PREFIX
from app.api.dependencies import Id, Reader, State, Teacher
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.api.state import AppState
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.requests import service
from app.requests.schemas import (
    AnswerOut,
    AnswerQuery,
    Need,
    RequestIn,
    RequestItem,
    RequestOut,
    RequestQuery,
)
from app.requests.service import Counter

router = APIRouter(prefix=PREFIX, tags=["requests"])
_LOCATION = {201: {"headers": {"Location": {"schema": {"type": "string"}}}}}


def counter_of(state: AppState) -> Counter:
    """Where people ask, as this application is set up, now."""
    return Counter(default_knowledge_base(), state.partners, state.clock())


@router.post("/requests", status_code=201, responses={**_LOCATION, **documented(409)})
def make_request(caller: Reader, state: State, response: Response, body: RequestIn) -> RequestOut:
    """Say what you would like to use and what for, before buying it; the answer comes with it."""
    with writing(state.engine) as connection:
        made = service.make_request(connection, counter_of(state), body, caller=caller)
    response.headers["Location"] = f"{PREFIX}/requests/{made.id}"
    return made


@router.get("/requests", openapi_extra=described(RequestQuery))
def list_requests(request: Request, caller: Reader, state: State) -> Listing[RequestItem]:
    """What people asked for, the newest first."""
    query = read_query(RequestQuery, request)
    with reading(state.engine) as connection:
        return service.list_requests(connection, query, caller=caller)


@router.get("/requests/answer", openapi_extra=described(AnswerQuery))
def get_answer(request: Request, _caller: Reader, state: State) -> AnswerOut:
    """What the company knows of a tool: known, sanctioned, whose, what overlaps, how long. Stores nothing."""
    query = read_query(AnswerQuery, request)
    with reading(state.engine) as connection:
        return service.answer_to(connection, counter_of(state), query.what)


@router.get("/requests/needs")
def list_needs(_caller: Reader, state: State) -> Listing[Need]:
    """What the tools lacked that people tried before they asked for another, by category."""
    with reading(state.engine) as connection:
        return service.list_needs(connection, default_knowledge_base())


@router.get("/requests/{request_id}", responses=documented(404))
def get_request(_caller: Reader, state: State, request_id: Id) -> RequestOut:
    """One request, with what holds of its tool now."""
    with reading(state.engine) as connection:
        return service.get_request(connection, counter_of(state), request_id)


@router.post("/requests/{request_id}/withdraw", responses=documented(404, 409))
def withdraw(caller: Reader, state: State, request_id: Id) -> RequestOut:
    """Take your request back."""
    with writing(state.engine) as connection:
        return service.withdraw(connection, counter_of(state), request_id, caller=caller)


@router.post("/requests/{request_id}/review", responses=documented(404, 409))
def review(caller: Teacher, state: State, request_id: Id) -> RequestOut:
    """Turn a request into a joint review of its tool."""
    with writing(state.engine) as connection:
        return service.review(
            connection, counter_of(state), request_id, caller=caller, reassess=state.reassess
        )


@router.post("/requests/{request_id}/join", responses=documented(404, 409, 412))
def join(caller: Teacher, state: State, request_id: Id) -> RequestOut:
    """Let a request join the review of its tool that goes on already."""
    with writing(state.engine) as connection:
        return service.join(connection, counter_of(state), request_id, caller=caller)
