"""The list of tools' filters as a form: read from the address, written back into links. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import ValidationError

from app.catalog.queries import ToolQuery
from app.errors import field_errors
from app.language import N_, _
from app.views.schemas import PARAMETERS
from app.web import words
from app.web.reader import current

VIEWS = (
    ("flagged", N_("Waiting for a decision"), {"flagged": "true"}),
    ("mine", N_("Yours"), {"mine": "true"}),
    (
        "unowned",
        N_("Without an owner"),
        {"audience": "marketing", "ownership": "unowned", "evidence": "active"},
    ),
    ("shadow", N_("Used without IT"), {"shadow": "true"}),
    ("marketing", N_("All marketing tools"), {"audience": "marketing"}),
    ("all", N_("Everything"), {"view": "all"}),
)
"""Ready-made lists: name, what people read, and the parameters."""

FACETS: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("audience", N_("Who it is for"), words.AUDIENCE),
    ("governance", N_("Decision"), words.GOVERNANCE),
    ("ownership", N_("Owner"), words.OWNERSHIP),
    ("evidence", N_("Use"), words.EVIDENCE),
    ("grade", N_("What it may do"), {**words.GRADE, "none": N_("Nothing in anybody’s name")}),
    ("category", N_("Category"), None),
    ("department", N_("Department"), None),
    ("source", N_("Seen in"), None),
    ("managed", N_("Run by IT"), {"true": N_("Yes"), "false": N_("No")}),
    ("identity", N_("Recognised"), words.IDENTITY),
)
"""What narrows the list down: parameter, what people read, and its values in words if they are fixed."""

RANGES = (
    ("people", N_("People"), ("min_people", "max_people"), "numeric"),
    ("spend", N_("Spend in 12 months"), ("min_spend", "max_spend"), "decimal"),
    ("first_seen", N_("First seen"), ("first_seen_from", "first_seen_to"), "date"),
    ("last_seen", N_("Last seen"), ("last_seen_from", "last_seen_to"), "date"),
)
"""Limits: name, what people read, the two parameters, and what is typed into them."""

_ONE_VALUE = {"managed"}
_LISTS = {name for name, _text, _values in FACETS} - _ONE_VALUE | {"owner"}
_MONEY = ("min_spend", "max_spend")
_PAGE = {"view", "mine", "col", "density", "saved"}
"""Parameters of the page that are no filters of the catalog."""
_LOOKS = {"sort", "cursor", "col", "density"}
"""Parameters that change no tool's being in the list."""
_BASES = ("flagged", "shadow", "mine")
_OFFERED = {*PARAMETERS, "saved", "cursor", "limit"}
_DEFAULT_SORT = "-people"
_LABELS = {
    "q": N_("Search"),
    "sort": N_("Sort by"),
    "cursor": N_("Page"),
    **{name: text for name, text, _values in FACETS},
}
_LIMITS = {name: (text, at == 0) for _key, text, names, _kind in RANGES for at, name in enumerate(names)}


@dataclass(frozen=True)
class Chosen:
    """One filter that is set: in words, and the address of the list without it."""

    text: str
    without: str


@dataclass(frozen=True)
class Filters:
    """What the form holds: the values as typed, the query they make, or what is wrong with them."""

    typed: dict[str, list[str]]
    query: ToolQuery
    errors: list[str]

    def one(self, name: str) -> str:
        """The first value of a field, or nothing."""
        return (self.typed.get(name) or [""])[0]

    def has(self, name: str, value: str) -> bool:
        """Whether a value of a field is chosen."""
        return value in self.typed.get(name, ())

    @property
    def view(self) -> str:
        """Which ready-made list this is, or was before it was narrowed down."""
        for base in _BASES:
            if self.one(base):
                return base
        best, most = "all", 0
        for name, _text, parameters in VIEWS:
            held = all(self.has(key, value) for key, value in parameters.items() if key != "view")
            size = len(parameters) if "view" not in parameters else 0
            if held and size > most:
                best, most = name, size
        return best

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form keeps beside its fields: the list that it narrows down, and how that looks."""
        kept = [(name, "true") for name in _BASES if self.one(name)] or [("view", "all")]
        return kept + [
            (name, value) for name in ("saved", "col", "density") for value in self.typed.get(name, ())
        ]

    @property
    def narrowed(self) -> int:
        """How many values are chosen that narrow the list down, without the search."""
        of_list = {*_LOOKS, *_BASES, "view", "saved", "q", "limit"}
        return sum(len(values) for name, values in self.typed.items() if name not in of_list)

    def link(self, **changes: str | None) -> str:
        """The address of this list with some parameters changed; None leaves one out."""
        kept = {k: v for k, v in self.typed.items() if k not in changes and k != "cursor"}
        changed = {k: [v] for k, v in changes.items() if v is not None}
        return _address({**kept, **changed})

    @property
    def here(self) -> str:
        """The address of this very page."""
        return _address(self.typed)

    def without(self, name: str, value: str | None = None) -> str:
        """The address of this list without a filter, or without one value of it."""
        kept = {k: v for k, v in self.typed.items() if k != "cursor"}
        kept[name] = [v for v in self.typed.get(name, ()) if value is not None and v != value]
        kept = {k: v for k, v in kept.items() if v}
        if not any(base in kept for base in (*_BASES, "view")):
            kept = {"view": ["all"], **kept}  # else it would open on what waits for a decision
        return _address(kept)

    def text(self, columns: Sequence[str], density: str) -> str:
        """What stands behind the question mark when the list is kept, its looks included."""
        kept = {k: v for k, v in self.typed.items() if k not in {"cursor", "saved", "limit"}}
        return urlencode({**kept, "col": ["name", *columns], "density": [density]}, doseq=True)

    def differs(self, text: str) -> bool:
        """Whether this list shows other tools, or in another order, than one that was kept."""
        return _essence(self.typed) != _essence(_pairs(parse_qsl(text)))


def chosen(filters: Filters, named: dict[str, dict[str, str]]) -> list[Chosen]:
    """The filters that are set, in words.

    Args:
        filters: the form.
        named: the values in words of those filters that have no fixed ones.
    """
    found = []
    if filters.one("q"):
        found.append(Chosen(_("contains “%(text)s”") % {"text": filters.one("q")}, filters.without("q")))
    for name, label, values in FACETS:
        for value in filters.typed.get(name, ()):
            known = values or named.get(name, {})
            said = _(known[value]) if values and value in known else known.get(value, value)
            found.append(Chosen(f"{_(label)}: {said}", filters.without(name, value)))
    for name, (label, least) in _LIMITS.items():
        if value := filters.one(name):
            between = _("%(what)s from %(value)s") if least else _("%(what)s up to %(value)s")
            found.append(
                Chosen(between % {"what": _(label), "value": _written(name, value)}, filters.without(name))
            )
    return found


def _written(name: str, value: str) -> str:
    if "seen" in name:
        return current().day(date.fromisoformat(value))
    return value


def read(parameters: Iterable[tuple[str, str]], me: int | None = None) -> Filters:
    """The form's values out of an address; what cannot be right is left out and said.

    Args:
        parameters: of the address.
        me: the reader as a user, for the list of their own tools; None for a service.
    """
    typed, errors = _typed(parameters)
    values: dict[str, Any] = {"limit": 50}
    for name, found in typed.items():
        if name in _PAGE:
            continue
        if name in _MONEY:
            try:
                values[name] = round(float(found[0].replace(",", "")) * 100)
            except (ValueError, OverflowError):
                errors.append(_("%(field)s: write an amount such as 500.") % {"field": _label(name)})
        else:
            values[name] = found if name in _LISTS else found[0]
    if typed.get("mine"):
        values["owner"] = [me or 2**62]  # a service owns nothing
    for _round in range(2):
        try:
            return Filters(typed, ToolQuery.model_validate(values), errors)
        except ValidationError as error:
            for field in {wrong.field.split(".")[0] for wrong in field_errors(error.errors())}:
                values.pop(field, None)
                typed.pop(field, None)
                errors.append(
                    _("%(field)s: this value is not possible, so it was left out.") % {"field": _label(field)}
                )
    return Filters(typed, ToolQuery(), errors)


def parameters_of(address: str) -> list[tuple[str, str]]:
    """The parameters of an address of this list."""
    return parse_qsl(urlsplit(address).query)


def _typed(parameters: Iterable[tuple[str, str]]) -> tuple[dict[str, list[str]], list[str]]:
    typed = _pairs(
        (name, value.strip()) for name, value in parameters if value.strip() and len(value) <= 2000
    )
    errors = []
    for name in [name for name in typed if name not in _OFFERED]:
        del typed[name]
        errors.append(
            _("%(field)s: this list knows no such filter, so it was left out.") % {"field": name[:40]}
        )
    if not set(typed) - _LOOKS - {"q", "saved"}:
        # The list opens on what waits for people. A search looks through everything.
        typed |= {"view": ["all"]} if "q" in typed else {"flagged": ["true"]}
    return typed, errors


def _label(name: str) -> str:
    if name in _LIMITS:
        label, least = _LIMITS[name]
        return (_("%(what)s from") if least else _("%(what)s up to")) % {"what": _(label)}
    return _(_LABELS[name]) if name in _LABELS else name[:40]


def _pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if value not in found.setdefault(name, []):
            found[name].append(value)
    return found


def _essence(typed: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    left_out = {"cursor", "saved", "limit", "view", "col", "density"}
    kept = {k: frozenset(v) for k, v in typed.items() if k not in left_out}
    return {k: v for k, v in kept.items() if (k, v) != ("sort", frozenset({_DEFAULT_SORT}))}


def _address(typed: dict[str, list[str]]) -> str:
    text = urlencode(typed, doseq=True)
    return f"/tools?{text}" if text else "/tools"
