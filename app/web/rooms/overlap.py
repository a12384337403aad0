"""Overlap: what the company has for what, and the tools of one category side by side."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse

from app.api.dependencies import State
from app.api.state import AppState
from app.catalog.facts import Audience
from app.db import reading
from app.identify import default_knowledge_base
from app.language import N_
from app.spend import reports
from app.spend.schemas import CapabilityMap, FieldOut
from app.web import spend_words
from app.web.access import LoggedIn
from app.web.kept import Kept
from app.web.rendering import page
from app.web.typed import one_of

router = APIRouter(include_in_schema=False)
SORTS = {
    "tools": N_("Most tools first"),
    "people": N_("Most people first"),
    "several": N_("Most people who use several first"),
    "spend": N_("Highest spend first"),
}
_AT_ONCE = 60
_BESIDE = 50
_maps: Kept[CapabilityMap] = Kept()
"""The map counts the people of every tool there is; it names nobody, so that it is the same for everybody."""


@router.get("/overlap")
def capability_map(request: Request, _visitor: LoggedIn, state: State) -> HTMLResponse:
    """Each category with its tools, people and money, what is approved, and what is used without IT."""
    asked = request.query_params
    audience = one_of(asked.get("audience", ""), spend_words.AUDIENCE, "marketing")
    sort = one_of(asked.get("sort", ""), SORTS, "tools")
    found = _map(state, Audience.MARKETING if audience == "marketing" else None)
    items = sorted(found.items, key=lambda item: (-_size(item, sort), item.category_name))
    values = {
        "items": items[:_AT_ONCE],
        "left": len(items) - len(items[:_AT_ONCE]),
        "categories": len(items),
        "crowded": sum(item.tools > 1 for item in items),
        "undecided": sum(item.tools > 0 and not item.sanctioned for item in items),
        "without": found.without_category,
        "most": max((item.tools for item in items), default=1) or 1,
        "audience": audience,
        "sort": sort,
        "sorts": SORTS,
        "sw": spend_words,
    }
    return page(request, "overlap.html", values, now=state.clock())


def _map(state: AppState, audience: Audience | None) -> CapabilityMap:
    def make() -> CapabilityMap:
        with reading(state.engine) as connection:
            return reports.overlap(connection, default_knowledge_base(), state.clock(), audience=audience)

    return _maps.get(state.engine, audience, make)


def _size(item: FieldOut, sort: str) -> int:
    if sort == "spend":
        return max((money.minor for money in item.spend), default=0)
    return {"tools": item.tools, "people": item.people, "several": item.several}[sort]


@router.get("/overlap/{category}")
def category(
    request: Request, _visitor: LoggedIn, state: State, category: Annotated[str, Path(max_length=200)]
) -> HTMLResponse:
    """The tools of one category side by side."""
    with reading(state.engine) as connection:
        found = reports.category_overlap(
            connection,
            default_knowledge_base(),
            category,
            state.owners_of,
            state.clock(),
            first=_BESIDE,
        )
    values = {"found": found, "left": found.count - len(found.tools)}
    return page(request, "overlap_category.html", values, now=state.clock())
