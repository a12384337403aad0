"""The front door: what is asked of whoever looks, what is new, and the numbers that both sides see."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse

from app.api.dependencies import State
from app.api.state import AppState
from app.catalog import service as catalog
from app.catalog.facts import Grade
from app.catalog.queries import GrantFilter, ToolFilter, ToolQuery
from app.claims.found import found_in_team
from app.claims.schemas import FoundQuery
from app.db import reading
from app.errors import Conflict
from app.requests.naming import LONGEST
from app.reviews import board
from app.reviews import reading as reviews
from app.reviews.schemas import ReviewQuery
from app.reviews.words import Party, Standing
from app.security.privacy import Veil
from app.security.schemas import Caller, Role, Side
from app.security.secrets import SecretBox
from app.sources import service as sources
from app.sources.veiled import as_seen
from app.spend import service as spend
from app.spend.schemas import RenewalFilter
from app.web import spend_words
from app.web.access import LoggedIn
from app.web.rendering import page
from app.web.review_turns import WAIT, Turn, turns_of
from app.web.tool_deeds import REASONS

router = APIRouter(include_in_schema=False)
_SHOWN = 5
_NEW = timedelta(days=7)
_AHEAD = timedelta(days=30)
_QUARTER = 92
"""So many days ahead renewals are shown."""


@router.get("/")
def home(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """What needs whoever is logged in."""
    caller, now = visitor.caller, state.clock()
    sides = [side for side in Side if Role(side.value) in caller.roles]
    runs_it = caller.may(Role.IT)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        values: dict[str, Any] = {
            "sides": [side.value for side in sides],
            "sits": any(caller.sits_with(side) for side in Side),
            "longest": LONGEST,
            "reasons": REASONS,
            "today": now.date(),
            "sw": spend_words,
            "may_add": runs_it,
            "sources": _sources(connection, state.secrets, veil, caller) if runs_it else None,
            "started": bool(catalog.source_names(connection)),
            "flagged": catalog.count_tools(connection, ToolFilter(flagged=True), veil=veil),
            "shadow": catalog.count_tools(connection, ToolFilter(shadow=True), veil=veil),
            "waiting": _waiting(connection, state, caller, sides, now),
            "promises": reviews.promises_due(connection, now, now + _AHEAD, sides=sides),
            "renewals": _renewals(connection, now.date(), veil),
            "found": _found(connection, caller, now, veil) if Side.MARKETING in sides else None,
            "new": _new(connection, now, veil),
            "grants": _grants(connection, veil) if runs_it else None,
            "board": board.standing(connection, now),
        }
    return page(request, "home.html", values)


def _waiting(
    connection: Connection, state: AppState, caller: Caller, sides: list[Side], now: datetime
) -> dict[str, Any]:
    """Open reviews that wait on the caller's sides, each with what it asks of them; on anybody, for those
    who sit on neither.
    """
    parties = [Party(side.value) for side in sides] or list(Party)
    wanted = ReviewQuery(waiting_on=parties, state=[s for s in Standing if s not in _OVER])
    found = reviews.list_reviews(connection, wanted, limit=_SHOWN)
    calendars = state.house.calendars(connection)
    turns: dict[int, Turn | None] = {}
    for item in found.items if sides else []:
        whole = reviews.get_review(connection, item.id, calendars=calendars, now=now)
        asked = [turn for turn in turns_of(whole, caller) if turn.kind != WAIT]
        turns[item.id] = next(iter(asked), None)
    return {"items": found.items, "turns": turns, "more": found.next is not None}


def _renewals(connection: Connection, today: date, veil: Veil) -> dict[str, Any]:
    """What renews within a quarter, the next first."""
    ahead = RenewalFilter(within_days=_QUARTER)
    found = spend.list_renewals(connection, ahead, today, veil=veil, limit=_SHOWN)
    return {"items": found.items, "more": found.next is not None}


_OVER = {Standing.DECIDED, Standing.WITHDRAWN}


def _found(connection: Connection, caller: Caller, now: datetime, veil: Veil) -> dict[str, Any]:
    """What was found in the caller's teams; `known` is False if nobody knows which teams that are."""
    try:
        found = found_in_team(connection, FoundQuery(limit=_SHOWN), caller, now, veil=veil)
    except Conflict:
        return {"known": False, "items": [], "more": False}
    return {"known": True, "items": found.items, "more": found.next is not None}


def _new(connection: Connection, now: datetime, veil: Veil) -> dict[str, Any]:
    """Marketing's tools that were seen for the first time this week, the newest first."""
    since = (now - _NEW).astimezone(UTC).date()
    wanted = ToolQuery.model_validate(
        {"flagged": "true", "first_seen_from": since.isoformat(), "sort": "-first_seen", "limit": _SHOWN}
    )
    items, following = catalog.tool_page(connection, wanted, veil=veil, cursor=None, limit=_SHOWN)
    return {"items": items, "more": following is not None, "since": since}


def _grants(connection: Connection, veil: Veil) -> dict[str, Any]:
    """The permissions that most deserve a look: powerful ones, and those of people who have left."""
    risky = catalog.list_grants(
        connection, GrantFilter(grade=[Grade.HIGH], consent="user"), veil=veil, limit=_SHOWN
    )
    left = catalog.list_grants(connection, GrantFilter(leavers=True), veil=veil, limit=_SHOWN)
    return {"risky": risky.items, "left": left.items}


def _sources(connection: Connection, secrets: SecretBox, veil: Veil, caller: Caller) -> list[Any]:
    """The sources that a person must look at."""
    found = sources.list_sources(connection, secrets)
    return [as_seen(s, veil, caller) for s in found if s.health == "attention"]
