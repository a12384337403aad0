"""Spend over HTTP: subscriptions, contracts, renewals, months, overlap."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.api import PREFIX
from app.api.dependencies import Id, IfMatch, Reader, State, etag, expected_version
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.api.state import AppState
from app.catalog.assess import SPEND_PERIOD
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.spend import reports, service
from app.spend.schemas import (
    CapabilityMap,
    CategoryOverlap,
    ContractChange,
    ContractIn,
    ContractOut,
    MonthsOut,
    MonthsQuery,
    OverlapQuery,
    RenewalOut,
    RenewalQuery,
    RisesOut,
    RisesQuery,
    ToolSubscriptions,
    UnreviewedList,
    UnreviewedQuery,
)

router = APIRouter(prefix=PREFIX, tags=["spend"])
_ETAG = {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}
_MADE = {"headers": {**_ETAG["headers"], "Location": {"schema": {"type": "string"}}}}
Category = Annotated[str, Path(min_length=1, max_length=200, pattern="^[^\\u0000]*$")]


def _today(state: AppState) -> date:
    return state.clock().date()


@router.get("/tools/{tool_id}/subscriptions", responses=documented(404, 410))
def get_subscriptions(_caller: Reader, state: State, tool_id: Id) -> ToolSubscriptions:
    """What a tool costs again and again: its contracts, what its charges tell of, and when it renews next."""
    with reading(state.engine) as connection:
        return service.tool_subscriptions(connection, tool_id, _today(state))


@router.post("/tools/{tool_id}/contracts", status_code=201, responses={201: _MADE, **documented(404, 410)})
def enter_contract(
    caller: Reader, state: State, response: Response, tool_id: Id, body: ContractIn
) -> ContractOut:
    """Enter a contract of a tool: for IT, marketing, and whoever owns the tool."""
    with writing(state.engine) as connection:
        made = service.Desk(connection, caller, state.owners_of, state.clock()).enter(tool_id, body)
    response.headers["Location"] = f"{PREFIX}/contracts/{made.id}"
    response.headers["ETag"] = etag(made.version)
    return made


@router.get("/contracts", openapi_extra=described(PageQuery))
def list_contracts(request: Request, _caller: Reader, state: State) -> Listing[ContractOut]:
    """All contracts, the one entered last first."""
    query = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        return service.list_contracts(connection, _today(state), cursor=query.cursor, limit=query.limit)


@router.get("/contracts/{contract_id}", responses={200: _ETAG, **documented(404)})
def get_contract(_caller: Reader, state: State, response: Response, contract_id: Id) -> ContractOut:
    """One contract; its ETag is what a change must send as If-Match."""
    with reading(state.engine) as connection:
        found = service.get_contract(connection, contract_id, _today(state))
    response.headers["ETag"] = etag(found.version)
    return found


@router.patch("/contracts/{contract_id}", responses={200: _ETAG, **documented(404, 412, 428)})
def change_contract(
    caller: Reader,
    state: State,
    response: Response,
    contract_id: Id,
    body: ContractChange,
    if_match: IfMatch = None,
) -> ContractOut:
    """Change a contract: what is left out stays."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        desk = service.Desk(connection, caller, state.owners_of, state.clock())
        changed = desk.change(contract_id, version, body)
    response.headers["ETag"] = etag(changed.version)
    return changed


@router.delete("/contracts/{contract_id}", status_code=204, responses=documented(404, 412, 428))
def remove_contract(caller: Reader, state: State, contract_id: Id, if_match: IfMatch = None) -> None:
    """Take a contract away; the audit trail keeps what it was."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        service.Desk(connection, caller, state.owners_of, state.clock()).remove(contract_id, version)


@router.get("/renewals", openapi_extra=described(RenewalQuery))
def list_renewals(request: Request, caller: Reader, state: State) -> Listing[RenewalOut]:
    """What renews within some days, the next one first, with the last day to give notice."""
    query = read_query(RenewalQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return service.list_renewals(
            connection, query, _today(state), veil=veil, cursor=query.cursor, limit=query.limit
        )


@router.get("/spend/months", openapi_extra=described(MonthsQuery))
def list_months(request: Request, caller: Reader, state: State) -> MonthsOut:
    """What was spent in each of the last months: in all, by category, or by department."""
    query = read_query(MonthsQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return reports.months(connection, default_knowledge_base(), query, _today(state), veil=veil)


@router.get("/spend/unreviewed", openapi_extra=described(UnreviewedQuery))
def list_unreviewed(request: Request, _caller: Reader, state: State) -> UnreviewedList:
    """What was spent in 12 months on tools that nobody decided on, the most expensive first."""
    query = read_query(UnreviewedQuery, request)
    with reading(state.engine) as connection:
        return reports.unreviewed(connection, query, state.clock())


@router.get("/spend/rises", openapi_extra=described(RisesQuery))
def list_rises(request: Request, _caller: Reader, state: State) -> RisesOut:
    """Prices that went up in 12 months and stayed there, the latest first; 200 of them at most."""
    query = read_query(RisesQuery, request)
    with reading(state.engine) as connection:
        since = _today(state) - SPEND_PERIOD
        found = reports.price_rises(connection, since, audience=query.audience, limit=query.limit)
    return RisesOut(items=found)


@router.get("/overlap", openapi_extra=described(OverlapQuery))
def get_overlap(request: Request, _caller: Reader, state: State) -> CapabilityMap:
    """The capability map: each category with its tools, people and money, what is sanctioned, what is not."""
    query = read_query(OverlapQuery, request)
    with reading(state.engine) as connection:
        return reports.overlap(connection, default_knowledge_base(), state.clock(), audience=query.audience)


@router.get("/overlap/{category}", responses=documented(404))
def get_category(_caller: Reader, state: State, category: Category) -> CategoryOverlap:
    """The tools of one category side by side: people, shared people, money, decision, owner."""
    with reading(state.engine) as connection:
        return reports.category_overlap(
            connection, default_knowledge_base(), category, state.owners_of, state.clock()
        )
