"""Spend and renewals: what was spent on what, what nobody decided on, what renews when, and contracts."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.catalog import service as catalog
from app.catalog.facts import Audience
from app.catalog.queries import ToolQuery
from app.db import reading, writing
from app.errors import Forbidden, Invalid, PreconditionFailed
from app.identify import default_knowledge_base
from app.language import N_, _
from app.security.privacy import Veil
from app.security.schemas import Role
from app.spend import reports, service
from app.spend.periods import add_months
from app.spend.schemas import (
    By,
    ContractChange,
    ContractOut,
    MonthsQuery,
    RenewalFilter,
    RenewalOut,
    ToolRef,
    UnreviewedQuery,
)
from app.web import contract_form, spend_words, words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page
from app.web.spend_charts import by_department, stacked
from app.web.typed import is_number, one_of

router = APIRouter(include_in_schema=False)
_YEAR = 365
_SOON = 60
_SHOWN = 8
_COUNTED = 50
"""How many renewals and dearer prices are counted at most."""
_IN_CALENDAR = 1000
_PAGE = 40
_MEANWHILE = N_(
    "Somebody else changed this contract meanwhile. Open it again to see what they wrote; "
    "what you typed is below."
)


@router.get("/spend")
def overview(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """What was spent: by month and category, by department, on what nobody decided on, and dearer prices."""
    asked = request.query_params
    audience = one_of(asked.get("audience", ""), spend_words.AUDIENCE, "marketing")
    months = one_of(asked.get("months", ""), spend_words.MONTHS, "12")
    only = Audience.MARKETING if audience == "marketing" else None
    now, kb = state.clock(), default_knowledge_base()
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        spent = {
            by: reports.months(
                connection, kb, MonthsQuery(months=int(months), by=by, audience=only), now.date(), veil=veil
            )
            for by in (By.CATEGORY, By.DEPARTMENT)
        }
        values: dict[str, Any] = {
            "unreviewed": reports.unreviewed(connection, UnreviewedQuery(audience=only, limit=_SHOWN), now),
            "rises": reports.price_rises(
                connection, now.date() - timedelta(days=_YEAR), audience=only, limit=_COUNTED
            ),
            "soon": service.list_renewals(
                connection, RenewalFilter(within_days=_SOON), now.date(), veil=veil, limit=_COUNTED
            ).items,
            "started": bool(catalog.source_names(connection)),
        }
    totals = _totals(spent[By.CATEGORY].rows)
    currency = one_of(asked.get("currency", ""), totals, next(iter(totals), ""))
    values |= {
        "audience": audience,
        "months": months,
        "most_counted": _COUNTED,
        "currency": currency,
        "currencies": list(totals),
        "total": {code: minor for code, minor in totals.items() if minor > 0},
        "may_add": visitor.caller.may(Role.IT),
        "chart": stacked(spent[By.CATEGORY], currency),
        "departments": by_department(spent[By.DEPARTMENT], currency),
        "may_enter": visitor.caller.may(Role.MARKETING, Role.IT),
    }
    return page(request, "spend.html", {**values, "sw": spend_words}, now=now)


def _totals(rows: Any) -> dict[str, int]:
    """What was spent in each currency, the largest amount first."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.currency] = found.get(row.currency, 0) + row.total_minor
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


# --- renewals ----------------------------------------------------------------------------------


@router.get("/spend/renewals")
def renewals(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """What renews in the next 12 months as a calendar, and as a list with the days to give notice."""
    asked, now = request.query_params, state.clock()
    today = now.date()
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        departments = _departments(connection, veil)
        department = one_of(asked.get("department", ""), departments, "")
        governance = one_of(asked.get("governance", ""), words.GOVERNANCE, "")
        wanted = RenewalFilter.model_validate(
            {
                "within_days": (add_months(today.replace(day=1), 12) - today).days - 1,
                "department": [department] if department else [],
                "governance": [governance] if governance else [],
            }
        )
        everything = service.list_renewals(connection, wanted, today, veil=veil, limit=_IN_CALENDAR)
        listed, cursor = _page(connection, wanted, today, asked.get("cursor"), veil)
        contracts = service.list_contracts(connection, today, limit=_PAGE)
    kept = {"department": department, "governance": governance}
    values = {
        "months": _calendar(everything.items, today),
        "cut": everything.next is not None,
        "count": len(everything.items),
        "listed": listed.items,
        "first": _address(kept) if cursor else None,
        "following": _address({**kept, "cursor": listed.next}) if listed.next else None,
        "contracts": contracts.items,
        "more_contracts": contracts.next is not None,
        "departments": departments,
        "department": department,
        "governance": governance,
        "may_enter": visitor.caller.may(Role.MARKETING, Role.IT),
        "today": today,
        "sw": spend_words,
    }
    return page(request, "spend_renewals.html", values, now=now)


def _page(
    connection: Connection, wanted: RenewalFilter, today: date, cursor: str | None, veil: Veil
) -> tuple[Any, str | None]:
    try:
        found = service.list_renewals(connection, wanted, today, veil=veil, cursor=cursor, limit=_PAGE)
        return found, cursor
    except Invalid:  # an old address: show the first page
        return service.list_renewals(connection, wanted, today, veil=veil, limit=_PAGE), None


def _address(kept: Mapping[str, str | None]) -> str:
    text = urlencode({name: value for name, value in kept.items() if value})
    return f"/spend/renewals?{text}#h-list" if text else "/spend/renewals#h-list"


def _calendar(items: list[RenewalOut], today: date) -> list[tuple[date, list[RenewalOut]]]:
    """Twelve months from this one on, each with what renews in it."""
    first = today.replace(day=1)
    found: dict[date, list[RenewalOut]] = {add_months(first, n): [] for n in range(12)}
    for item in items:
        found[item.on.replace(day=1)].append(item)
    return list(found.items())


def _departments(connection: Connection, veil: Veil) -> list[str]:
    """Departments by name, but for those too small to be shown to whoever asks."""
    return [d.name for d in catalog.list_departments(connection, veil=veil) if d.people is not None]


# --- contracts ---------------------------------------------------------------------------------


@router.get("/spend/contracts/new")
def new_contract(
    request: Request, visitor: LoggedIn, state: State, tool: str = "", q: str = ""
) -> HTMLResponse:
    """Choose the tool, then enter its contract."""
    if is_number(tool) and len(tool) <= 18:
        with reading(state.engine) as connection:
            ref = _live(connection, int(tool))
            if not service.may_enter(connection, visitor.caller, state.owners_of, ref.id):
                raise Forbidden(_("Contracts are entered by IT, by marketing, and by the owner of the tool."))
        return _form(request, state, ref, contract_form.empty(state.clock().date()))
    found = []
    if q.strip():
        with reading(state.engine) as connection:
            veil = state.veils.of(connection, visitor.caller)
            try:
                wanted = ToolQuery.model_validate({"q": q.strip()[:200], "limit": 12})
                found, _more = catalog.tool_page(connection, wanted, veil=veil, cursor=None, limit=12)
            except ValidationError:
                found = []
    return page(request, "spend_choose.html", {"q": q[:200], "found": found}, now=state.clock())


def _live(connection: Connection, tool_id: int) -> ToolRef:
    row = catalog.live_tool(connection, tool_id)
    return ToolRef(id=row.id, name=row.name)


def _form(
    request: Request,
    state: AppState,
    tool: ToolRef,
    typed: Mapping[str, str],
    *,
    contract: ContractOut | None = None,
    version: int | None = None,
    errors: list[str] | None = None,
    may: bool = True,
    status: int = 200,
) -> HTMLResponse:
    values = {
        "tool": tool,
        "typed": typed,
        "contract": contract,
        "version": version if version is not None or contract is None else contract.version,
        "errors": errors or [],
        "may": may,
        "sw": spend_words,
    }
    return page(request, "spend_contract.html", values, status=status, now=state.clock())


Text = Annotated[str, Form(max_length=4000)]


def _typed(
    vendor_ref: Text = "",
    starts_on: Text = "",
    ends_on: Text = "",
    renews_on: Text = "",
    term_months: Text = "",
    notice_days: Text = "",
    auto_renews: Text = "",
    amount: Text = "",
    currency: Text = "",
    per: Text = "",
    seats: Text = "",
    note: Text = "",
) -> dict[str, str]:
    return contract_form.typed(locals())


Typed = Annotated[dict[str, str], Depends(_typed)]
Version = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.post("/spend/contracts")
def enter(
    request: Request,
    sender: Sender,
    state: State,
    typed: Typed,
    tool_id: Annotated[int, Form(ge=1, le=2**53)],
) -> Response:
    """Enter a contract."""
    with reading(state.engine) as connection:
        tool = _live(connection, tool_id)
    try:
        wanted = contract_form.wanted(typed)
        with writing(state.engine) as connection:
            _desk(connection, sender, state).enter(tool.id, wanted)
    except Invalid as error:
        return _form(request, state, tool, typed, errors=contract_form.told(error), status=422)
    return done(request, "/spend/renewals", _("The contract of %(tool)s was entered.", tool=tool.name))


def _desk(connection: Connection, sender: Visitor, state: AppState) -> service.Desk:
    return service.Desk(connection, sender.caller, state.owners_of, state.clock())


@router.get("/spend/contracts/{contract_id}")
def contract_page(request: Request, visitor: LoggedIn, state: State, contract_id: Id) -> HTMLResponse:
    """One contract, to read or to change."""
    with reading(state.engine) as connection:
        found = service.get_contract(connection, contract_id, state.clock().date())
        may = service.may_enter(connection, visitor.caller, state.owners_of, found.tool.id)
    return _form(request, state, found.tool, contract_form.of_contract(found), contract=found, may=may)


@router.post("/spend/contracts/{contract_id}")
def change(
    request: Request, sender: Sender, state: State, contract_id: Id, typed: Typed, version: Version
) -> Response:
    """Change a contract."""
    with reading(state.engine) as connection:
        found = service.get_contract(connection, contract_id, state.clock().date())
    try:
        wanted = ContractChange.model_validate(contract_form.wanted(typed).model_dump())
        with writing(state.engine) as connection:
            _desk(connection, sender, state).change(contract_id, version, wanted)
    except (Invalid, PreconditionFailed) as error:
        told = contract_form.told(error) if isinstance(error, Invalid) else [_(_MEANWHILE)]
        return _form(
            request,
            state,
            found.tool,
            typed,
            contract=found,
            version=version,
            errors=told,
            status=error.status,
        )
    return done(request, "/spend/renewals", _("The contract of %(tool)s was changed.", tool=found.tool.name))


@router.post("/spend/contracts/{contract_id}/remove")
def remove(sender: Sender, request: Request, state: State, contract_id: Id, version: Version) -> Response:
    """Take a contract away."""
    with writing(state.engine) as connection:
        found = service.get_contract(connection, contract_id, state.clock().date())
        _desk(connection, sender, state).remove(contract_id, version)
    return done(request, "/spend/renewals", _("The contract of %(tool)s was deleted.", tool=found.tool.name))
