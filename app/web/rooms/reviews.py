"""The board of reviews: what goes on, on whom it waits, what is promised, what was decided; opening one."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.api import PREFIX
from app.api.dependencies import Id, State
from app.api.state import AppState
from app.catalog import service as catalog
from app.db import reading, writing
from app.errors import Conflict, Forbidden, Gone, Invalid
from app.language import _
from app.policy import service as policy
from app.policy.pass_view import list_passes
from app.policy.schemas import PassQuery
from app.reviews import cards
from app.reviews import reading as read
from app.reviews.answers import ReviewItem
from app.reviews.card_answers import CardList, CardOut, CardQuery, ConditionQuery
from app.reviews.columns import Column
from app.reviews.news import mark_of
from app.reviews.schemas import ReviewQuery
from app.reviews.service import Desk
from app.reviews.words import Cause, Standing
from app.security.privacy import Veil
from app.security.schemas import Side
from app.web import review_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page, read_request

router = APIRouter(include_in_schema=False)
_FIRST = 6
"""So many cards of a column are shown before the column has to be opened."""
_WHOLE = 60
_CONDITIONS = 8
_DECIDED = 15
_PASSES = 10
_FILTERS = ("side", "lane", "department", "late")

Text = Annotated[str, Query(max_length=2000)]


class _Address:
    """The parameters of the board's address, and links with some of them changed."""

    def __init__(self, request: Request) -> None:
        known = (*_FILTERS, "column", "whose", "q", "outcome", "cursor")
        items = request.query_params.items()
        self._kept = {name: value.strip() for name, value in items if name in known and value.strip()}

    def one(self, name: str) -> str:
        """A parameter, or nothing."""
        return self._kept.get(name, "")

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the board's filters is set."""
        return any(name in self._kept for name in _FILTERS)

    def link(self, anchor: str = "", **changes: str | None) -> str:
        """The address with some parameters changed; None leaves one out."""
        kept = {**self._kept, "cursor": None, **changes}
        text = urlencode({name: value for name, value in kept.items() if value})
        return (f"/reviews?{text}" if text else "/reviews") + (f"#{anchor}" if anchor else "")

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """What a form that sets some of them must carry along."""
        return [(n, v) for n, v in self._kept.items() if n not in {*without, "cursor"}]


@router.get("/reviews")
def board(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """The board, the promises that run, and what was decided."""
    address = _Address(request)
    errors: list[str] = []
    now = state.clock()
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        shown = _board(connection, state, address, veil, errors)
        values = {
            "columns": _columns(shown.items, address.one("column")),
            "more": shown.more,
            "conditions": _conditions(connection, address, visitor),
            "mark": mark_of(connection, None),
            "passes": list_passes(connection, PassQuery(standing=True, limit=_PASSES)),
            "departments": catalog.list_departments(connection, veil=veil),
            "any_review": bool(shown.items) or bool(_some(connection).items),
            **_decided(connection, address, visitor, errors),
        }
    seats = [side for side in Side if visitor.caller.sits_with(side)]
    return page(
        request,
        "reviews.html",
        {
            **values,
            "rw": review_words,
            "at": address,
            "errors": errors,
            "seats": seats,
            "first": {
                column.value: _WHOLE if address.one("column") else _FIRST + 2 * (column is Column.LATE)
                for column in Column
            },
            "today": now.date(),
        },
    )


def _board(
    connection: Connection, state: AppState, address: _Address, veil: Veil, errors: list[str]
) -> CardList:
    calendars, now = state.house.calendars(connection), state.clock()
    wanted = _wanted(address, errors)
    try:
        return cards.board(connection, wanted, calendars=calendars, veil=veil, now=now)
    except Forbidden as error:  # the department is too small to be asked about
        errors.append(error.message)
        return cards.board(connection, CardQuery(), calendars=calendars, veil=veil, now=now)


def _some(connection: Connection) -> Any:
    return read.list_reviews(connection, ReviewQuery(), limit=1)


def _wanted(address: _Address, errors: list[str]) -> CardQuery:
    values: dict[str, Any] = {}
    if address.one("side"):
        values["waiting_on"] = [address.one("side")]
    if address.one("lane"):
        values["lane"] = [address.one("lane")]
    if address.one("department"):
        values["department"] = address.one("department")
    if address.one("late"):
        values["late"] = True
    try:
        return CardQuery.model_validate(values)
    except ValidationError:
        errors.append(_("A filter in this address is not possible, so all reviews are shown."))
        return CardQuery()


def _columns(items: list[CardOut], only: str) -> list[tuple[Column, list[CardOut]]]:
    columns = [column for column in Column if only in {"", column.value}] or list(Column)
    found = {column: [card for card in items if card.column is column] for column in columns}
    found.get(Column.LATE, []).sort(key=lambda card: (not card.waits, _worst(card)))
    return list(found.items())


def _worst(card: CardOut) -> float:
    """How much time the one who is latest has left; the least comes first."""
    left = [wait.service_s - wait.waited_s for wait in card.waits if wait.service_s is not None]
    return min(left, default=0)


def _conditions(connection: Connection, address: _Address, visitor: Visitor) -> Any:
    mine = address.one("whose") == "mine"
    wanted = ConditionQuery(mine=mine, limit=_WHOLE if address.one("column") else _CONDITIONS)
    return cards.list_conditions(connection, wanted, caller=visitor.caller)


def _decided(
    connection: Connection, address: _Address, visitor: Visitor, errors: list[str]
) -> dict[str, Any]:
    closed = [Standing.DECIDED, Standing.WITHDRAWN]
    values: dict[str, Any] = {"state": closed, "q": address.one("q")[:200].replace("\x00", "")}
    if address.one("outcome") in review_words.OUTCOME:
        values["outcome"] = [address.one("outcome")]
        values["state"] = [Standing.DECIDED]
    query = ReviewQuery.model_validate({**values, "limit": _DECIDED})
    cursor = address.one("cursor") or None
    found = None
    try:
        found = read.list_reviews(connection, query, caller=visitor.caller, cursor=cursor, limit=query.limit)
    except Invalid:
        errors.append(_("That page is no longer there; here is the first one."))
        found = read.list_reviews(connection, query, caller=visitor.caller, limit=query.limit)
    items: list[ReviewItem] = found.items
    return {"decided": items, "following": found.next}


# --- opening one -----------------------------------------------------------------------------


@router.get("/tools/{tool_id}/review")
def start(request: Request, visitor: LoggedIn, state: State, tool_id: Id) -> Response:
    """What a review of a tool would take, and the form that opens it."""
    with reading(state.engine) as connection:
        try:
            tool = catalog.get_tool(connection, tool_id, veil=state.veils.of(connection, visitor.caller))
        except Gone as error:  # merged into another tool: review that one
            return RedirectResponse(f"{error.links['tool'].removeprefix(PREFIX)}/review", status_code=303)
        there = read.list_reviews(
            connection, ReviewQuery(tool=tool_id, state=[Standing.OPEN, Standing.DEADLOCK]), limit=1
        ).items
        if there:
            return RedirectResponse(f"/reviews/{there[0].id}", status_code=303)
        before = read.list_reviews(connection, ReviewQuery(tool=tool_id, state=[Standing.DECIDED]), limit=1)
        lane = policy.lane_for(connection, tool_id, state.clock())
    return page(
        request,
        "review_start.html",
        {
            "tool": tool,
            "lane": lane,
            "before": before.items[0] if before.items else None,
            "rw": review_words,
            "seats": [side for side in Side if visitor.caller.sits_with(side)],
        },
    )


@router.post("/tools/{tool_id}/review")
def open_review(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    need: Annotated[str | None, Form(max_length=8000)] = None,
    cause: Annotated[str, Form(max_length=20)] = "",
    asked: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Open the review of a tool and lead to it; who was not asked for a need yet is led to that form.

    An empty field arrives as none at all, so the form says that it is the one that asks.
    """
    read_request(request)
    need = "" if need is None and asked else need
    if need is None:
        return RedirectResponse(f"/tools/{tool_id}/review", status_code=303)
    now = state.clock()
    with writing(state.engine) as connection:
        caller = sender.caller
        desk = Desk(connection, actor=caller.actor, now=now, reassess=state.reassess, house=state.house)
        try:
            wanted = Cause(cause) if cause in {c.value for c in Cause} else _cause(connection, tool_id)
            text = need.replace("\x00", " ").replace("\r\n", "\n").strip()[:4000]
            review_id = desk.open_by(caller, tool_id, wanted, text)
            said = _("The review is open. Both sides have been told.")
        except Conflict as error:
            if "review" not in error.links:
                raise
            review_id = int(error.links["review"].rsplit("/", 1)[1])
            said = _("It is under review already: here it is.")
    return done(request, f"/reviews/{review_id}", said)


def _cause(connection: Connection, tool_id: int) -> Cause:
    """Why a review is opened from a tool's page: anew, if it was decided on before."""
    tool = catalog.live_tool(connection, tool_id)
    before = read.list_reviews(connection, ReviewQuery(tool=tool_id, state=[Standing.DECIDED]), limit=1)
    if before.items:
        return Cause.REOPENED
    return Cause.FLAG if tool.flagged else Cause.CLAIM if tool.ownership == "owned" else Cause.REQUEST
