"""Teaching over HTTP."""

import msgspec
from fastapi import APIRouter, Request, Response

from app.api import PREFIX
from app.api.dependencies import Database, Id, IfMatch, Reader, State, Teacher, expected_version
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.teaching import offers, service
from app.teaching.schemas import (
    ConfirmIn,
    CorrectIn,
    KeepApartIn,
    MergeIn,
    Records,
    SplitIn,
    SuggestionOut,
    Taught,
    TeachingOut,
    TeachingQuery,
    UndoIn,
)
from app.teaching.service import Classroom

router = APIRouter(prefix=PREFIX, tags=["teaching"])
_LOCATION = {201: {"headers": {"Location": {"schema": {"type": "string"}}}}}
_TEACHES = {**_LOCATION, **documented(404, 409, 410, 412, 428)}


def _created(response: Response, taught: Taught) -> Taught:
    response.headers["Location"] = f"{PREFIX}/teachings/{taught.teaching.id}"
    return taught


@router.post("/tools/{tool_id}/confirm", status_code=201, responses=_TEACHES)
def confirm(
    caller: Teacher, state: State, response: Response, tool_id: Id, body: ConfirmIn, if_match: IfMatch = None
) -> Taught:
    """Say that the tool is right for its evidence, so that it stays so whatever the matcher learns."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor=caller.actor, now=state.clock())
        taught = room.confirm(tool_id, version, body)
    return _created(response, taught)


@router.post("/tools/{tool_id}/correct", status_code=201, responses=_TEACHES)
def correct(
    caller: Teacher, state: State, response: Response, tool_id: Id, body: CorrectIn, if_match: IfMatch = None
) -> Taught:
    """Say that evidence is another tool's; all that carries the same handles follows, past and future."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor=caller.actor, now=state.clock())
        taught = room.correct(tool_id, version, body)
    return _created(response, taught)


@router.post("/tools/{tool_id}/split", status_code=201, responses=_TEACHES)
def split(
    caller: Teacher, state: State, response: Response, tool_id: Id, body: SplitIn, if_match: IfMatch = None
) -> Taught:
    """Take some of a tool's evidence out of it, into another tool or a new one."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor=caller.actor, now=state.clock())
        taught = room.split(tool_id, version, body)
    return _created(response, taught)


@router.post("/tools/{tool_id}/merge", status_code=201, responses=_TEACHES)
def merge(
    caller: Teacher, state: State, response: Response, tool_id: Id, body: MergeIn, if_match: IfMatch = None
) -> Taught:
    """Say that the tool is the same as another one. Its own address answers 410 then, and names the other."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor=caller.actor, now=state.clock())
        taught = room.merge(tool_id, version, body)
    return _created(response, taught)


@router.post("/tools/{tool_id}/keep-apart", status_code=201, responses=_TEACHES)
def keep_apart(
    caller: Teacher,
    state: State,
    response: Response,
    tool_id: Id,
    body: KeepApartIn,
    if_match: IfMatch = None,
) -> Taught:
    """Say that the tool is not another one, so that it is not suggested again."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor=caller.actor, now=state.clock())
        taught = room.keep_apart(tool_id, version, body)
    return _created(response, taught)


@router.get("/teachings", openapi_extra=described(TeachingQuery))
def list_teachings(request: Request, _caller: Reader, database: Database) -> Listing[TeachingOut]:
    """What people taught, the newest first."""
    query = read_query(TeachingQuery, request)
    with reading(database) as connection:
        return service.list_teachings(connection, query, cursor=query.cursor, limit=query.limit)


@router.get("/teachings/export")
def export_teachings(_caller: Reader, database: Database) -> Records:
    """What was learned, as records of the knowledge base: look through them, and add them for everybody."""
    with reading(database) as connection:
        found = offers.learned_records(connection, default_knowledge_base())
    return Records(items=msgspec.to_builtins(found))


@router.get("/suggestions", openapi_extra=described(PageQuery))
def list_suggestions(request: Request, _caller: Reader, database: Database) -> Listing[SuggestionOut]:
    """Tools that look like one, with the reasons. Nothing is joined but by a person."""
    page = read_query(PageQuery, request)
    with reading(database) as connection:
        return offers.suggestions(connection, default_knowledge_base(), cursor=page.cursor, limit=page.limit)


@router.get(
    "/tools/{tool_id}/suggestions", responses=documented(404, 410), openapi_extra=described(PageQuery)
)
def list_tool_suggestions(
    request: Request, _caller: Reader, database: Database, tool_id: Id
) -> Listing[SuggestionOut]:
    """What a tool may be the same as."""
    page = read_query(PageQuery, request)
    with reading(database) as connection:
        return offers.suggestions(
            connection,
            default_knowledge_base(),
            tool_id=tool_id,
            cursor=page.cursor,
            limit=page.limit,
        )


@router.get("/teachings/{teaching_id}", responses=documented(404))
def get_teaching(_caller: Reader, database: Database, teaching_id: Id) -> TeachingOut:
    """One teaching."""
    with reading(database) as connection:
        return service.get_teaching(connection, teaching_id)


@router.post("/teachings/{teaching_id}/undo", responses=documented(404, 409))
def undo(caller: Teacher, state: State, teaching_id: Id, body: UndoIn) -> Taught:
    """Take a teaching back, with everything it moved; in any order."""
    with writing(state.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor=caller.actor, now=state.clock())
        return room.undo(teaching_id, body)
