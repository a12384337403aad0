"""The catalog's lists as files."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool

from app.api import PREFIX, export
from app.api.dependencies import Reader, State
from app.api.query import described, read_query
from app.api.state import AppState, VeilOf
from app.catalog import permissions, persons, service
from app.catalog.money import decimals
from app.catalog.permission_schemas import GrantOut
from app.catalog.person_schemas import PersonOut
from app.catalog.queries import ExpenseFilter, GrantFilter, PeopleFilter, ToolFilter
from app.catalog.schemas import ExpenseOut, ToolItem
from app.catalog.veiled import allow_departments
from app.db import reading
from app.security.schemas import Caller

router = APIRouter(prefix=PREFIX, tags=["exports"])
_CSV = export.documented("A CSV file.", "text/csv")
_JSON = export.documented("A JSON file.", "application/json")


def _tools(query: ToolFilter, veiled: VeilOf) -> export.Fetch:
    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        return service.tool_page(
            connection, query, veil=veiled(connection), cursor=cursor, limit=export.BATCH
        )

    return fetch


def _grants(query: GrantFilter, veiled: VeilOf) -> export.Fetch:
    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        page = permissions.list_grants(
            connection, query, veil=veiled(connection), cursor=cursor, limit=export.BATCH
        )
        return [grant.model_dump() for grant in page.items], page.next

    return fetch


def _expenses(query: ExpenseFilter, veiled: VeilOf) -> export.Fetch:
    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        page = service.list_expenses(
            connection, query, veil=veiled(connection), cursor=cursor, limit=export.BATCH
        )
        return [expense.model_dump() for expense in page.items], page.next

    return fetch


def _people(query: PeopleFilter, veiled: VeilOf, now: datetime) -> export.Fetch:
    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        page = persons.list_people(
            connection, query, now=now, veil=veiled(connection), cursor=cursor, limit=export.BATCH
        )
        return [person.model_dump() for person in page.items], page.next

    return fetch


async def _may_ask(state: AppState, caller: Caller, departments: Sequence[str]) -> None:
    """Refuse a department that is too small for this caller, while an error can still be answered."""

    def look() -> None:
        with reading(state.engine) as connection:
            allow_departments(departments, state.veils.of(connection, caller))

    if departments and state.veils.are_on:
        await run_in_threadpool(look)


def _flat(fetch: export.Fetch) -> export.Fetch:
    """Rows for a spreadsheet: people by name and address, permissions in words, money with a point."""

    def flat(connection: Connection, cursor: str | None) -> export.Batch:
        rows, following = fetch(connection, cursor)
        return [_flattened(row) for row in rows], following

    return flat


def _flattened(row: Any) -> dict[str, Any]:
    made = dict(row)
    if "person" in made:
        person = made.pop("person") or {}
        made |= {f"person_{key}": person.get(key) for key in ("name", "email", "department", "active")}
    if "scopes" in made:
        made["may"] = [scope["words"] for scope in made["scopes"]]
        made["scopes"] = [scope["scope"] for scope in made["scopes"]]
    if "amount_minor" in made:
        made["amount"] = Decimal(made["amount_minor"]).scaleb(-decimals(made["currency"]))
    return made


def _columns(model: type[Any], *, instead: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    found: list[str] = []
    for name in model.model_fields:
        found += (instead or {}).get(name, (name,))
    return found


_PERSON = tuple(f"person_{key}" for key in ("name", "email", "department", "active"))
_TOOL_COLUMNS = _columns(ToolItem)
_GRANT_COLUMNS = _columns(GrantOut, instead={"person": _PERSON, "scopes": ("may", "scopes")})
_EXPENSE_COLUMNS = _columns(
    ExpenseOut, instead={"person": _PERSON, "amount_minor": ("amount", "amount_minor")}
)
_PEOPLE_COLUMNS = _columns(PersonOut)


@router.get(
    "/tools.csv",
    responses=_CSV,
    response_class=StreamingResponse,
    openapi_extra=described(ToolFilter),
)
async def tools_csv(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """Tools that pass the filters, as CSV."""
    query = read_query(ToolFilter, request)
    await _may_ask(state, caller, query.department)
    return export.as_csv(state.engine, "tools", _TOOL_COLUMNS, _tools(query, state.veil_of(caller)))


@router.get(
    "/tools.json",
    responses=_JSON,
    response_class=StreamingResponse,
    openapi_extra=described(ToolFilter),
)
async def tools_json(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """Tools that pass the filters, as a JSON array."""
    query = read_query(ToolFilter, request)
    await _may_ask(state, caller, query.department)
    return export.as_json(state.engine, "tools", _tools(query, state.veil_of(caller)))


@router.get(
    "/grants.csv",
    responses=_CSV,
    response_class=StreamingResponse,
    openapi_extra=described(GrantFilter),
)
async def grants_csv(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """Grants that pass the filters, as CSV."""
    query = read_query(GrantFilter, request)
    return export.as_csv(state.engine, "grants", _GRANT_COLUMNS, _flat(_grants(query, state.veil_of(caller))))


@router.get(
    "/grants.json",
    responses=_JSON,
    response_class=StreamingResponse,
    openapi_extra=described(GrantFilter),
)
async def grants_json(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """Grants that pass the filters, as a JSON array."""
    query = read_query(GrantFilter, request)
    return export.as_json(state.engine, "grants", _grants(query, state.veil_of(caller)))


@router.get(
    "/expenses.csv",
    responses=_CSV,
    response_class=StreamingResponse,
    openapi_extra=described(ExpenseFilter),
)
async def expenses_csv(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """Expenses that pass the filters, as CSV."""
    query = read_query(ExpenseFilter, request)
    fetch = _expenses(query, state.veil_of(caller))
    return export.as_csv(state.engine, "expenses", _EXPENSE_COLUMNS, _flat(fetch))


@router.get(
    "/expenses.json",
    responses=_JSON,
    response_class=StreamingResponse,
    openapi_extra=described(ExpenseFilter),
)
async def expenses_json(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """Expenses that pass the filters, as a JSON array."""
    query = read_query(ExpenseFilter, request)
    return export.as_json(state.engine, "expenses", _expenses(query, state.veil_of(caller)))


@router.get(
    "/people.csv",
    responses=_CSV,
    response_class=StreamingResponse,
    openapi_extra=described(PeopleFilter),
)
async def people_csv(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """People who pass the filters, as CSV."""
    query = read_query(PeopleFilter, request)
    await _may_ask(state, caller, query.department)
    return export.as_csv(
        state.engine, "people", _PEOPLE_COLUMNS, _people(query, state.veil_of(caller), state.clock())
    )


@router.get(
    "/people.json",
    responses=_JSON,
    response_class=StreamingResponse,
    openapi_extra=described(PeopleFilter),
)
async def people_json(request: Request, caller: Reader, state: State) -> StreamingResponse:
    """People who pass the filters, as a JSON array."""
    query = read_query(PeopleFilter, request)
    await _may_ask(state, caller, query.department)
    return export.as_json(state.engine, "people", _people(query, state.veil_of(caller), state.clock()))
