"""The catalog over HTTP: tools with their evidence, people, grants, expenses."""

import orjson
from fastapi import APIRouter, Request, Response

from app.api import PREFIX
from app.api.dependencies import Admin, Database, Id, IfMatch, It, Reader, State, etag, expected_version
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.quick import Quick
from app.api.schemas import Listing
from app.api.state import AppState
from app.catalog import evidence_view, over_time, permissions, persons, revealing, service
from app.catalog.permission_schemas import GrantOut
from app.catalog.person_schemas import PersonDetail, PersonOut, Revealed, RevealIn, UserOut
from app.catalog.queries import ExpenseQuery, GrantQuery, PeopleQuery, ToolQuery
from app.catalog.schemas import (
    CategoryList,
    DepartmentList,
    EvidenceOut,
    ExpenseOut,
    MonthList,
    ToolChange,
    ToolList,
    ToolOut,
)
from app.db import reading, writing
from app.security.schemas import Caller

router = APIRouter(prefix=PREFIX, tags=["catalog"])
hot = APIRouter(prefix=PREFIX, tags=["catalog"])
"""What is asked for most; joined to the application before everything else."""
_quick = Quick()
_ETAG = {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}


@hot.get(
    "/tools",
    responses={200: {"model": ToolList}},
    response_class=Response,
    openapi_extra=described(ToolQuery),
)
async def list_tools(request: Request, caller: Reader, state: State) -> Response:
    """Tools that pass every filter, a page at a time."""
    query = read_query(ToolQuery, request)
    body = await _quick.run(service.shape_of(query, state.engine), lambda: _tools(state, caller, query))
    return Response(body, media_type="application/json")


def _tools(state: AppState, caller: Caller, query: ToolQuery) -> bytes:
    # Straight to bytes: checking 50 rows against the model again would cost more than reading them.
    # A test holds the bytes against the model instead.
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        items, following = service.tool_page(
            connection, query, veil=veil, cursor=query.cursor, limit=query.limit
        )
        total = service.count_tools(connection, query, veil=veil) if query.total else None
    return orjson.dumps({"items": items, "next": following, "total": total})


@router.get("/tools/{tool_id}", responses={200: _ETAG, **documented(404, 410)})
def get_tool(caller: Reader, state: State, response: Response, tool_id: Id) -> ToolOut:
    """One tool with all its facts and the reasons of each."""
    with reading(state.engine) as connection:
        tool = service.get_tool(connection, tool_id, veil=state.veils.of(connection, caller))
    response.headers["ETag"] = etag(tool.version)
    return tool


@router.patch("/tools/{tool_id}", responses={200: _ETAG, **documented(404, 410, 412, 428)})
def change_tool(
    caller: It, state: State, response: Response, tool_id: Id, body: ToolChange, if_match: IfMatch = None
) -> ToolOut:
    """Put a tool on IT's own list or take it off; what follows from that is worked out at once."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        tool = service.change_tool(
            connection,
            tool_id,
            version,
            body,
            actor=caller.actor,
            now=state.clock(),
            reassess=state.reassess,
            veil=state.veils.of(connection, caller),
        )
    response.headers["ETag"] = etag(tool.version)
    return tool


@router.get("/tools/{tool_id}/evidence", responses=documented(404, 410), openapi_extra=described(PageQuery))
def list_evidence(request: Request, caller: Reader, state: State, tool_id: Id) -> Listing[EvidenceOut]:
    """Everything that was seen of a tool, the latest first."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return evidence_view.tool_evidence(
            connection, tool_id, veil=veil, cursor=page.cursor, limit=page.limit
        )


@router.get("/tools/{tool_id}/months", responses=documented(404, 410))
def list_months(_caller: Reader, state: State, tool_id: Id) -> MonthList:
    """The last twelve months of a tool: who used it, who was new, what it cost."""
    with reading(state.engine) as connection:
        return over_time.tool_months(connection, tool_id, now=state.clock())


@router.get("/tools/{tool_id}/people", responses=documented(404, 410), openapi_extra=described(PageQuery))
def list_users(request: Request, caller: Reader, state: State, tool_id: Id) -> Listing[UserOut]:
    """The people who use a tool now, and how we know."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return service.tool_users(
            connection, tool_id, now=state.clock(), veil=veil, cursor=page.cursor, limit=page.limit
        )


@router.get("/tools/{tool_id}/grants", responses=documented(404, 410), openapi_extra=described(PageQuery))
def list_tool_grants(request: Request, caller: Reader, state: State, tool_id: Id) -> Listing[GrantOut]:
    """What a tool may do in somebody's name, in plain words."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return service.tool_grants(connection, tool_id, veil=veil, cursor=page.cursor, limit=page.limit)


@router.get("/tools/{tool_id}/expenses", responses=documented(404, 410), openapi_extra=described(PageQuery))
def list_tool_expenses(request: Request, caller: Reader, state: State, tool_id: Id) -> Listing[ExpenseOut]:
    """What was paid for a tool."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return service.tool_expenses(connection, tool_id, veil=veil, cursor=page.cursor, limit=page.limit)


@router.get("/people", openapi_extra=described(PeopleQuery))
def list_people(request: Request, caller: Reader, state: State) -> Listing[PersonOut]:
    """People by name; to whoever does not see names, under pseudonyms, and found by these alone."""
    query = read_query(PeopleQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return persons.list_people(
            connection, query, now=state.clock(), veil=veil, cursor=query.cursor, limit=query.limit
        )


@router.get("/people/{person_id}", responses=documented(404))
def get_person(caller: Reader, state: State, person_id: Id) -> PersonDetail:
    """One person with accounts and tools."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return persons.get_person(connection, person_id, now=state.clock(), veil=veil)


@router.post("/people/{person_id}/reveal", responses=documented(404, 409))
def reveal_person(caller: Admin, state: State, person_id: Id, body: RevealIn) -> Revealed:
    """Learn the name behind a pseudonym, once and for a reason; it is noted, and the other side is told."""
    with writing(state.engine) as connection:
        return revealing.reveal(
            connection,
            person_id,
            body.reason,
            caller=caller,
            veil=state.veils.of_nobody(connection),
            now=state.clock(),
        )


@router.get("/grants", openapi_extra=described(GrantQuery))
def list_grants(request: Request, caller: Reader, state: State) -> Listing[GrantOut]:
    """What tools may do in people's names, the newest first; those in force unless asked otherwise."""
    query = read_query(GrantQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return permissions.list_grants(connection, query, veil=veil, cursor=query.cursor, limit=query.limit)


@router.get("/expenses", openapi_extra=described(ExpenseQuery))
def list_expenses(request: Request, caller: Reader, state: State) -> Listing[ExpenseOut]:
    """Charges, the latest first."""
    query = read_query(ExpenseQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return service.list_expenses(connection, query, veil=veil, cursor=query.cursor, limit=query.limit)


@router.get("/departments")
def list_departments(caller: Reader, state: State) -> DepartmentList:
    """All departments with their people and tools."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return DepartmentList(items=service.list_departments(connection, veil=veil))


@router.get("/categories")
def list_categories(_caller: Reader, database: Database) -> CategoryList:
    """All categories that occur, with their tools."""
    with reading(database) as connection:
        return CategoryList(items=service.list_categories(connection))
