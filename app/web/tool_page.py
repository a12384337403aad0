"""What the page of one tool shows: each tab with the few questions to the services that it needs."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import orjson
from fastapi import Request
from sqlalchemy.engine import Connection
from starlette.responses import RedirectResponse, Response

from app.api import PREFIX
from app.api.state import AppState
from app.catalog import evidence_view, over_time, service
from app.catalog.facts import Identity
from app.catalog.queries import ToolFilter, ToolQuery
from app.catalog.schemas import MonthOut, ToolOut
from app.claims import options, seats, view
from app.claims.found import likely_owners_of
from app.db import reading
from app.errors import Gone, Invalid
from app.identify import default_knowledge_base
from app.language import _
from app.notify.adopters import adopters
from app.policy import service as policy
from app.reviews import reading as reviews
from app.reviews.schemas import ReviewQuery
from app.reviews.words import Standing
from app.security.privacy import Veil
from app.security.schemas import Role, Side
from app.spend import service as spend
from app.spend.periods import Period
from app.teaching import offers
from app.teaching import service as teaching
from app.teaching.schemas import TeachingQuery
from app.web import charts, tool_story, tool_words
from app.web.access import Visitor
from app.web.rendering import page, read_request

_FEW, _PAGE = 5, 25
_MORE = {options.HAND_OVER, options.TAKE_BACK, options.ATTEST, options.RELEASE, options.END_PART}
_MORE |= {options.CO_OWN, options.CONTEST, options.STEWARD}
"""What stands behind a line of text below the rest."""
_APPROVED = ("sanctioned", "sanctioned_with_conditions", "provisional")


@dataclass(frozen=True)
class Problem:
    """A form of the page that could not be followed.

    Attributes:
        form: which one, by its address below the tool.
        said: what was wrong, in sentences.
        typed: what stood in it.
        status: of the answer.
    """

    form: str
    said: list[str]
    typed: dict[str, str] = field(default_factory=dict)
    status: int = 422


NO_PROBLEM = Problem("", [])


def show(
    request: Request,
    visitor: Visitor,
    state: AppState,
    tool_id: int,
    *,
    tab: str = "overview",
    cursor: str | None = None,
    problem: Problem = NO_PROBLEM,
) -> Response:
    """One tool, with one of its tabs; the page of a merged tool leads to what it became.

    Raises:
        NotFound: there is no such tool.
    """
    read_request(request, state.clock())
    tab = tab if tab in _TABS else "overview"
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        desk = _Desk(connection, visitor, state, tool_id, cursor, veil)
        try:
            desk.tool = service.get_tool(connection, tool_id, veil=veil)
        except Gone as error:
            return RedirectResponse(error.links["tool"].removeprefix(PREFIX), status_code=303)
        try:
            values = _TABS[tab](desk)
        except Invalid:  # an old cursor: the tab from its beginning
            desk.cursor = None
            values = _TABS[tab](desk)
    shown = {
        "tool": desk.tool,
        "tab": tab,
        "tabs": tool_words.TABS,
        "tw": tool_words,
        "cursor": desk.cursor,
        "problem": problem,
        "may_teach": desk.may_teach,
        "is_person": visitor.caller.user_id is not None,
        "sides": [side.value for side in Side if visitor.caller.sits_with(side)],
        **values,
    }
    status = problem.status if problem.said else 200
    return page(request, f"tool_{tab}.html", shown, status=status, now=state.clock())


@dataclass
class _Desk:
    """What the tabs need: the transaction, who looks, what they see of people, and which page of a list."""

    connection: Connection
    visitor: Visitor
    state: AppState
    id: int
    cursor: str | None
    veil: Veil
    tool: ToolOut = field(init=False)

    @property
    def may_teach(self) -> bool:
        """Whether the caller may say what a tool is."""
        return self.visitor.caller.may(Role.MARKETING, Role.IT)


def _overview(desk: _Desk) -> dict[str, Any]:
    connection, tool = desk.connection, desk.tool
    months = over_time.tool_months(connection, desk.id, now=desk.state.clock()).items
    unknown = tool.identity is Identity.UNIDENTIFIED
    return {
        "may_list": desk.visitor.caller.may(Role.IT),
        "permissions": service.tool_permissions(connection, desk.id),
        "few": _FEW,
        "charges": service.tool_expenses(connection, desk.id, veil=desk.veil, limit=1).items,
        **_again_and_again(desk),
        "use": use_chart(months),
        "costs": cost_charts(months, most=1),
        "answers": _answers(desk),
        # Every other tool is compared for it: worth the time where nobody knows what this one is.
        "suggestions": _suggestions(desk) if desk.may_teach and unknown else [],
        **_overlap(desk, tool),
        **_ownership(desk),
        **_decision(desk),
    }


def _ownership(desk: _Desk) -> dict[str, Any]:
    """Who answers for the tool, what the caller may do about it, and whom they could name."""
    connection, now = desk.connection, desk.state.clock()
    owned = view.detail(connection, desk.id)
    seat = seats.seat_of(connection, desk.id, desk.visitor.caller, now)
    likely = []
    if owned.owner is None or options.HAND_OVER in seat.may:
        likely = likely_owners_of(connection, desk.id, now, veil=desk.veil).items[:3]
    me = desk.visitor.caller.user_id
    heirs = seats.who_may_own(connection, desk.tool.audience) if options.HAND_OVER in seat.may else []
    departments = list(seat.departments)
    if options.DECLINE in seat.may and not departments:
        departments = [d.name for d in service.list_departments(connection, veil=desk.veil)]
    return {
        "owned": owned,
        "may": seat.may,
        "me": me,
        "likely": likely,
        "heirs": [user for user in heirs if user.user_id != me],
        "stewards": seats.who_may_look_after(connection) if options.STEWARD in seat.may else [],
        "own_departments": departments,
        "more": bool(_MORE & seat.may) or (options.DECLINE in seat.may and owned.owner is not None),
        "known_department": bool(seat.departments),
    }


def _decision(desk: _Desk) -> dict[str, Any]:
    """The review that goes on, or the last decision, and what a review would take."""
    connection, state, now = desk.connection, desk.state, desk.state.clock()
    calendars = state.house.calendars(connection)

    def last(*standing: Standing) -> Any:
        wanted = ReviewQuery(tool=desk.id, state=list(standing))
        found = reviews.list_reviews(connection, wanted, limit=1).items
        return reviews.get_review(connection, found[0].id, calendars=calendars, now=now) if found else None

    going_on = last(Standing.OPEN, Standing.DEADLOCK)
    return {
        "going_on": going_on,
        "decided": last(Standing.DECIDED),
        "lane": None if going_on else policy.lane_for(connection, desk.id, now),
    }


def _overlap(desk: _Desk, tool: ToolOut) -> dict[str, Any]:
    """Other tools of the same category: the approved ones, and how many others are in use."""
    if not tool.category:
        return {"approved": [], "same": [], "others": 0}
    approved = ToolFilter.model_validate({"category": [tool.category], "governance": list(_APPROVED)})
    in_use = ToolFilter.model_validate({"category": [tool.category], "evidence": ["active"]})
    found = tools_like(desk.connection, approved, veil=desk.veil, without=tool.id, limit=_PAGE)
    # What only the policy allows nobody has approved.
    found = [each for each in found if each["passed_until"] is None][:_FEW]
    same = tools_like(desk.connection, in_use, veil=desk.veil, without=tool.id)
    names = {each["id"] for each in found}
    counts = service.count_tools(desk.connection, in_use, veil=desk.veil) - (tool.evidence.value == "active")
    return {
        "approved": found,
        "same": [each for each in same if each["id"] not in names][:_FEW],
        "others": counts,
    }


def _answers(desk: _Desk) -> dict[str, int]:
    """How many of those who were asked gave which answer; `asked` is all of them."""
    asked = adopters(desk.connection, desk.id, veil=desk.veil).items
    return {"asked": len(asked), **Counter(a.answer for a in asked if a.answer)}


def _suggestions(desk: _Desk) -> list[Any]:
    kb = default_knowledge_base()
    return offers.suggestions(desk.connection, kb, tool_id=desk.id, limit=3).items


def _people(desk: _Desk) -> dict[str, Any]:
    connection, now = desk.connection, desk.state.clock()
    asked = {
        a.person.id: a for a in reversed(adopters(connection, desk.id, veil=desk.veil).items) if a.person
    }
    months = over_time.tool_months(connection, desk.id, now=now).items
    return {
        "users": service.tool_users(
            connection, desk.id, now=now, veil=desk.veil, cursor=desk.cursor, limit=_PAGE
        ),
        "asked": asked,
        "use": use_chart(months),
    }


def _permissions(desk: _Desk) -> dict[str, Any]:
    connection = desk.connection
    return {
        "permissions": service.tool_permissions(connection, desk.id),
        "grants": service.tool_grants(connection, desk.id, veil=desk.veil, cursor=desk.cursor, limit=_PAGE),
    }


def _cost(desk: _Desk) -> dict[str, Any]:
    connection = desk.connection
    months = over_time.tool_months(connection, desk.id, now=desk.state.clock()).items
    return {
        "charges": service.tool_expenses(
            connection, desk.id, veil=desk.veil, cursor=desk.cursor, limit=_PAGE
        ),
        **_again_and_again(desk),
        "costs": cost_charts(months),
    }


def _again_and_again(desk: _Desk) -> dict[str, Any]:
    """Contracts, what is charged again and again, and the next renewal."""
    connection, today = desk.connection, desk.state.clock().astimezone(UTC).date()
    found = spend.tool_subscriptions(connection, desk.id, today)
    paid = [s for s in found.subscriptions if s.period is not Period.ONE_OFF and not s.ended]
    return {
        "renewal": found.renewal,
        "contracts": found.contracts,
        "subscriptions": [] if any(c.stands for c in found.contracts) else paid,
        "rises": [rise for s in paid for rise in s.rises][-2:],
        "may_enter": spend.may_enter(connection, desk.visitor.caller, desk.state.owners_of, desk.id),
    }


def _evidence(desk: _Desk) -> dict[str, Any]:
    connection = desk.connection
    evidence = evidence_view.tool_evidence(
        connection, desk.id, veil=desk.veil, cursor=desk.cursor, limit=_PAGE
    )
    taught = teaching.list_teachings(connection, TeachingQuery(tool=desk.id, undone=False), limit=50)
    return {
        "evidence": evidence,
        "taught": taught.items,
        "story_of": tool_story.taught,
        "suggestions": _suggestions(desk) if desk.may_teach else [],
    }


def _history(desk: _Desk) -> dict[str, Any]:
    connection = desk.connection
    return {
        "story": tool_story.story(
            desk.tool,
            view.detail(connection, desk.id).history,
            teaching.list_teachings(connection, TeachingQuery(tool=desk.id), limit=100).items,
            reviews.list_reviews(connection, ReviewQuery(tool=desk.id), limit=100).items,
        )
    }


_TABS = {
    "overview": _overview,
    "people": _people,
    "permissions": _permissions,
    "cost": _cost,
    "evidence": _evidence,
    "history": _history,
}


# --- what other pages of a tool use too ------------------------------------------------------


def tools_like(
    connection: Connection, wanted: ToolFilter, *, veil: Veil, without: int, limit: int = _FEW
) -> list[dict[str, Any]]:
    """Some tools as plain values, the most used first."""
    query = ToolQuery.model_validate({**wanted.model_dump(exclude_unset=True), "limit": limit + 1})
    items, _following = service.tool_page(connection, query, veil=veil, cursor=None, limit=limit + 1)
    plain = orjson.loads(orjson.dumps(items))
    return [each for each in plain if each["id"] != without][:limit]


def use_chart(months: list[MonthOut]) -> charts.Chart:
    """How many people were seen each month, those new to it on top."""
    before = tuple(float(m.people - m.new_people) for m in months)
    new = tuple(float(m.new_people) for m in months)
    return charts.bars(
        tool_words.months([m.month for m in months]),
        [charts.Series(_("Used it before"), before), charts.Series(_("New that month"), new)],
    )


def cost_charts(months: list[MonthOut], *, most: int = 4) -> list[tuple[str, charts.Chart]]:
    """What was paid each month, a chart for each currency, that with the largest sum first."""
    sums: Counter[str] = Counter()
    for month in months:
        sums.update(month.spend)
    columns = tool_words.months([m.month for m in months])
    return [
        (
            currency,
            charts.bars(
                columns, [charts.Series(currency, tuple(float(m.spend.get(currency, 0)) for m in months))]
            ),
        )
        for currency, _sum in sums.most_common(most)
        if any(m.spend.get(currency, 0) > 0 for m in months)  # refunds alone have no bar
    ]
