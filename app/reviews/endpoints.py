"""Reviews over HTTP."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from app.api import PREFIX
from app.api.dependencies import (
    Database,
    Id,
    IfMatch,
    Reader,
    State,
    Teacher,
    etag,
    expected_version,
)
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.api.state import AppState
from app.db import reading, writing
from app.reviews import board, cards
from app.reviews import commands as ask
from app.reviews import reading as read
from app.reviews import schemas as body_of
from app.reviews.answers import EventOut, RecordOut, ReviewItem, ReviewOut
from app.reviews.board_answers import CountedOut, CountedQuery, Scoreboard, ScoreboardQuery
from app.reviews.card_answers import CardList, CardQuery, ConditionItem, ConditionQuery
from app.reviews.schemas import ReviewQuery
from app.reviews.service import Desk
from app.security.schemas import Caller

router = APIRouter(prefix=PREFIX, tags=["reviews"])
_ETAG = {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}
_WRITES = {200: _ETAG, **documented(404, 409, 410, 412, 428)}
_OPENS = {
    201: {
        "headers": {
            "ETag": {"description": "The version.", "schema": {"type": "string"}},
            "Location": {"schema": {"type": "string"}},
        }
    },
    **documented(404, 409, 410),
}


def _desk(connection: Connection, caller: Caller, state: AppState, now: datetime) -> Desk:
    return Desk(connection, actor=caller.actor, now=now, reassess=state.reassess, house=state.house)


def _shown(connection: Connection, state: AppState, response: Response, id_: int, now: datetime) -> ReviewOut:
    found = read.get_review(connection, id_, calendars=state.house.calendars(connection), now=now)
    response.headers["ETag"] = etag(found.version)
    return found


def _act(
    caller: Caller, state: AppState, response: Response, id_: int, if_match: str | None, command: ask.Command
) -> ReviewOut:
    version = expected_version(if_match)
    now = state.clock()
    with writing(state.engine) as connection:
        _desk(connection, caller, state, now).act(caller, id_, version, command)
        return _shown(connection, state, response, id_, now)


# --- reading ---------------------------------------------------------------------------------


@router.get("/reviews", openapi_extra=described(ReviewQuery))
def list_reviews(request: Request, caller: Reader, state: State) -> Listing[ReviewItem]:
    """Reviews, the newest first."""
    query = read_query(ReviewQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return read.list_reviews(
            connection, query, caller=caller, cursor=query.cursor, limit=query.limit, veil=veil
        )


@router.get("/reviews/scoreboard", openapi_extra=described(ScoreboardQuery))
def get_scoreboard(request: Request, caller: Reader, state: State) -> Scoreboard:
    """How long it takes, on whom it waits, what was decided together and what alone: the same for both."""
    query = read_query(ScoreboardQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return board.scoreboard(connection, query, state.clock(), veil=veil)


@router.get("/reviews/scoreboard/counted", openapi_extra=described(CountedQuery))
def list_counted(request: Request, caller: Reader, state: State) -> Listing[CountedOut]:
    """What a number of the scoreboard counts, the latest first."""
    query = read_query(CountedQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return board.list_counted(connection, query, state.clock(), veil=veil)


@router.get("/reviews/board", openapi_extra=described(CardQuery))
def get_board(request: Request, caller: Reader, state: State) -> CardList:
    """All that goes on: open reviews with their clocks, and decisions of which something is to come."""
    query = read_query(CardQuery, request)
    with reading(state.engine) as connection:
        calendars = state.house.calendars(connection)
        veil = state.veils.of(connection, caller)
        return cards.board(connection, query, calendars=calendars, veil=veil, now=state.clock())


@router.get("/reviews/conditions", openapi_extra=described(ConditionQuery))
def list_conditions(request: Request, caller: Reader, database: Database) -> Listing[ConditionItem]:
    """What decisions promise, those that are due first, first; only open ones unless asked otherwise."""
    query = read_query(ConditionQuery, request)
    with reading(database) as connection:
        return cards.list_conditions(connection, query, caller=caller)


@router.get("/reviews/{review_id}", responses={200: _ETAG, **documented(404)})
def get_review(_caller: Reader, state: State, response: Response, review_id: Id) -> ReviewOut:
    """One review with all that lies on the table, and the clocks as they stand."""
    with reading(state.engine) as connection:
        return _shown(connection, state, response, review_id, state.clock())


@router.get("/reviews/{review_id}/events", responses=documented(404), openapi_extra=described(PageQuery))
def list_events(request: Request, caller: Reader, state: State, review_id: Id) -> Listing[EventOut]:
    """A review's log, the first line first."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return read.list_events(connection, review_id, veil=veil, cursor=page.cursor, limit=page.limit)


@router.get("/reviews/{review_id}/record", responses=documented(404))
def get_record(caller: Reader, state: State, review_id: Id) -> RecordOut:
    """The decision: both keys with their reasons, who was against it, and what was known then."""
    with reading(state.engine) as connection:
        return read.get_record(connection, review_id, veil=state.veils.of(connection, caller))


# --- writing ---------------------------------------------------------------------------------


@router.post("/tools/{tool_id}/reviews", status_code=201, responses=_OPENS)
def open_review(
    caller: Teacher, state: State, response: Response, tool_id: Id, body: body_of.OpenIn
) -> ReviewOut:
    """Open the joint review of a tool. A tool has one open review at most."""
    now = state.clock()
    with writing(state.engine) as connection:
        desk = _desk(connection, caller, state, now)
        review_id = desk.open_by(caller, tool_id, body.cause, body.need)
        response.headers["Location"] = f"{PREFIX}/reviews/{review_id}"
        return _shown(connection, state, response, review_id, now)


@router.post("/reviews/{review_id}/assess", responses=_WRITES)
def assess(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.AssessIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Say what your side found about one of its items; a later word replaces an earlier one."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/ask", responses=_WRITES)
def ask_question(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.AskIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Ask the other side: your clock stops, and theirs runs until they answer."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/answer", responses=_WRITES)
def answer(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.AnswerIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Answer what your side was asked."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/withdraw-question", responses=_WRITES)
def withdraw_question(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.WithdrawQuestionIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Take a question of your side back."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/comment", responses=_WRITES)
def comment(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.CommentIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Say something; it moves no clock."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/attach", responses=_WRITES)
def attach(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.AttachIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Lay a link on the table."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/propose", responses=_WRITES)
def propose(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.ProposeIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Propose an outcome; it takes the place of an earlier proposal, and keys turned on that one are void."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/sign", responses=_WRITES)
def sign(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.SignIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Turn your side's key; with both keys turned, by two people, the review is decided."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/unsign", responses=_WRITES)
def unsign(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.UnsignIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Take your side's key back, before the other one is turned."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/dissent", responses=_WRITES)
def dissent(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.DissentIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Be against the proposal; it is kept with the decision."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/escalate", responses=_WRITES)
def escalate(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.EscalateIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Hand the review to the arbiters of both sides."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/withdraw", responses=_WRITES)
def withdraw(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    body: body_of.WithdrawIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Ask to end the review without a decision; it ends when both sides have asked, or the tool is gone."""
    return _act(caller, state, response, review_id, if_match, body.command())


@router.post("/reviews/{review_id}/conditions/{number}/keep", responses=_WRITES)
def keep_condition(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    number: Id,
    body: body_of.KeepIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Say that a promise of your side was kept."""
    return _act(caller, state, response, review_id, if_match, body.command(number))


@router.post("/reviews/{review_id}/conditions/{number}/waive", responses=_WRITES)
def waive_condition(
    caller: Teacher,
    state: State,
    response: Response,
    review_id: Id,
    number: Id,
    body: body_of.WaiveIn,
    if_match: IfMatch = None,
) -> ReviewOut:
    """Let the other side off a promise."""
    return _act(caller, state, response, review_id, if_match, body.command(number))
