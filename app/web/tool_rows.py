"""What the list of tools shows: its rows, the counts beside its filters, the lists that people keep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from sqlalchemy.engine import Connection

from app.catalog import facets as counting
from app.catalog import service
from app.catalog.queries import ToolFilter
from app.claims.service import departments_of
from app.claims.short import NOBODY, Holder, holders
from app.errors import Invalid
from app.language import _
from app.policy.pass_view import standing_passes
from app.policy.schemas import GivenPass
from app.security.privacy import Veil
from app.security.schemas import Caller, Role, Side
from app.views import service as saved
from app.views.schemas import ViewOut
from app.web import tool_columns as columns
from app.web import tool_filters as filtering
from app.web import words

_FIRST = 7
"""So many values of a filter are shown before one asks for the rest."""
_MOST = 60
_OPEN = {"audience", "governance", "ownership"}
"""Filters that lie open before anything is chosen."""


@dataclass(frozen=True)
class Value:
    """One value of a filter: as it is sent, in words, how many tools it leaves, whether it is chosen."""

    value: str
    text: str
    tools: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with its values."""

    name: str
    label: str
    values: list[Value]
    opened: bool

    @property
    def chosen(self) -> int:
        """How many of its values are chosen."""
        return sum(value.chosen for value in self.values)

    @property
    def first(self) -> list[Value]:
        """The values that are always shown: the chosen ones, and those that come first."""
        return [value for at, value in enumerate(self.values) if at < _FIRST or value.chosen]

    @property
    def rest(self) -> list[Value]:
        """The values that are shown when one asks for them."""
        return [value for at, value in enumerate(self.values) if at >= _FIRST and not value.chosen]


@dataclass(frozen=True)
class Row:
    """One tool of the list."""

    tool: Mapping[str, Any]
    holder: Holder
    chips: list[tuple[str, str]]
    given: GivenPass | None
    picked: bool
    claimable: bool
    own: bool

    @property
    def key(self) -> str:
        """The tool and the version of its ownership, for what is done to it from here."""
        return f"{self.tool['id']}:{self.holder.version}"


@dataclass(frozen=True)
class Said:
    """What a form that was refused said, for it to be shown again."""

    errors: Sequence[str] = ()
    picked: frozenset[int] = frozenset()
    sent: Mapping[str, str] = field(default_factory=dict)
    saving: bool = False


def gather(
    connection: Connection,
    caller: Caller,
    parameters: Iterable[tuple[str, str]],
    kept: str,
    said: Said | None = None,
    *,
    veil: Veil,
) -> dict[str, Any]:
    """All that the list's page and its parts show.

    Args:
        connection: a reading transaction.
        caller: who looks.
        parameters: of the address.
        kept: the columns and the density that the browser has kept.
        said: what is told of a form that was refused.
        veil: what of people the caller is shown.
    """
    said = said or Said()
    views = saved.list_views(connection, caller).items
    view, pairs, errors = _opened(views, list(parameters))
    filters = filtering.read(pairs, caller.user_id)
    if any(veil.is_small(name) for name in filters.query.department):
        filters.typed.pop("department")
        filters = replace(filters, query=filters.query.model_copy(update={"department": []}))
        errors.append(_("This department is too small to be looked at by itself, so it was left out."))
    errors += filters.errors
    looks = columns.looks_of(filters.typed.get("col", ()), filters.one("density"), kept)
    try:
        items, following = _page(connection, filters, filters.query.cursor, veil)
    except Invalid:  # an old cursor
        errors.append(_("That page is no longer there; here is the first one."))
        filters.typed.pop("cursor", None)
        filters = replace(filters, query=filters.query.model_copy(update={"cursor": None}))
        items, following = _page(connection, filters, None, veil)
    counted = counting.facets(connection, filters.query, veil=veil)
    named = {"source": {str(id_): name for id_, name in service.source_names(connection)}}
    named["category"] = {
        code: words.category(code)
        for code in {*counted.counts["category"], *filters.typed.get("category", ())}
    }
    held = holders(connection, [item["id"] for item in items])
    given = standing_passes(connection, [item["id"] for item in items if item["passed_until"]])
    acts = any(caller.sits_with(side) for side in Side)
    return {
        "filters": filters,
        "looks": looks,
        "errors": [*said.errors, *errors],
        "said_of": said,
        "rows": [
            _row(
                item,
                held.get(item["id"], NOBODY),
                given.get(item["id"]),
                caller,
                picked=said.picked,
                view=filters.view,
            )
            for item in items
        ],
        "following": following,
        "total": counted.total,
        "anything": counted.total > 0 or service.count_tools(connection, ToolFilter(), veil=veil) > 0,
        "facets": _facets(filters, counted, named),
        "chosen": filtering.chosen(filters, named),
        "views": filtering.VIEWS,
        "saved": views,
        "view": view,
        "changed": view is not None and filters.differs(view.query),
        "kept_text": filters.text(looks.columns, looks.density),
        "file": f"/tools.csv?{_file(filters, looks)}",
        "usual": _usual(filters),
        "acts": acts,
        "both_sides": all(caller.sits_with(side) for side in Side),
        "is_service": caller.user_id is None and caller.may(Role.MARKETING, Role.IT),
        "runs_it": caller.may(Role.IT),
        "may_share": caller.may(Role.MARKETING, Role.IT),
        "departments": _departments(connection, caller, veil) if acts else [],
        "cols": columns,
        "ranges": filtering.RANGES,
        "limited": any(filters.one(name) for _key, _text, names, _kind in filtering.RANGES for name in names),
    }


def _opened(
    views: Sequence[ViewOut], pairs: list[tuple[str, str]]
) -> tuple[ViewOut | None, list[tuple[str, str]], list[str]]:
    """The saved list that an address names, what the address says then, and what is wrong with it."""
    wanted = next((value for name, value in pairs if name == "saved"), None)
    if wanted is None:
        return None, pairs, []
    rest = [(name, value) for name, value in pairs if name != "saved"]
    view = next((view for view in views if str(view.id) == wanted), None)
    if view is None:
        return None, rest, [_("This saved list is no longer there, or its maker does not share it any more.")]
    if not any(name != "cursor" for name, _value in rest):  # the link of the list, and nothing more
        rest = parse_qsl(view.query) + rest
    return view, [("saved", wanted), *rest], []


def _page(
    connection: Connection, filters: filtering.Filters, cursor: str | None, veil: Veil
) -> tuple[list[dict[str, Any]], str | None]:
    items, following = service.tool_page(
        connection, filters.query, veil=veil, cursor=cursor, limit=filters.query.limit
    )
    return orjson.loads(orjson.dumps(items)), following


def _row(
    item: Mapping[str, Any],
    holder: Holder,
    given: GivenPass | None,
    caller: Caller,
    *,
    picked: frozenset[int],
    view: str,
) -> Row:
    may_own = caller.sits_with(Side.MARKETING) or (
        caller.sits_with(Side.IT) and item["audience"] != "marketing"
    )
    return Row(
        tool=item,
        holder=holder,
        chips=columns.standing(item, view),
        given=given,
        picked=item["id"] in picked,
        claimable=may_own and holder.user_id is None,
        own=holder.user_id is not None and holder.user_id == caller.user_id,
    )


def _facets(
    filters: filtering.Filters, counted: counting.Facets, named: Mapping[str, Mapping[str, str]]
) -> list[Facet]:
    found = []
    for name, label, fixed in filtering.FACETS:
        counts = counted.counts[name]
        picked = filters.typed.get(name, [])
        if fixed is not None:
            known = [value for value in fixed if value in counts or value in picked]
            texts = {value: _(fixed[value]) for value in known}
        else:
            texts = {value: named.get(name, {}).get(value, value) for value in {*counts, *picked}}
            known = sorted(texts, key=lambda value: (-counts.get(value, 0), texts[value].lower()))[:_MOST]
            known += [value for value in picked if value not in known]
        values = [Value(value, texts[value], counts.get(value, 0), value in picked) for value in known]
        if len(values) > 1 or picked:  # one value alone is no choice
            found.append(Facet(name, _(label), values, opened=name in _OPEN or bool(picked)))
    return found


def _file(filters: filtering.Filters, looks: columns.Looks) -> str:
    left_out = {"cursor", "saved", "limit", "density", "col"}
    kept = {name: values for name, values in filters.typed.items() if name not in left_out}
    return urlencode({**kept, "col": ["name", *looks.columns]}, doseq=True)


def _usual(filters: filtering.Filters) -> str:
    kept = filters.link(col=None, density=None, remember="1")
    return f"{kept}&{urlencode({'col': columns.USUAL}, doseq=True)}"


def _departments(connection: Connection, caller: Caller, veil: Veil) -> list[str]:
    """For which departments somebody may decline: their own; where nobody knows those, any."""
    own = departments_of(connection, caller)
    return own or [department.name for department in service.list_departments(connection, veil=veil)]
