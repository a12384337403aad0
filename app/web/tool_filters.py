"""The list of tools' filters as a form: read from the address, written back into links. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from app.catalog.queries import ToolQuery
from app.errors import field_errors

VIEWS = (
    ("flagged", "Waiting for a decision", {"flagged": "true"}),
    ("shadow", "Used without IT", {"shadow": "true"}),
    ("marketing", "All marketing tools", {"audience": "marketing"}),
    ("all", "Everything", {"view": "all"}),
)
"""Ready-made lists: name, what people read, and the parameters."""

_LISTS = {"identity", "evidence", "governance", "ownership", "audience", "category", "department", "source"}
_MONEY = ("min_spend", "max_spend")
_OWN = {"view"}
_LABELS = {
    "q": "Search",
    "min_people": "People at least",
    "max_people": "People at most",
    "min_spend": "Spend at least",
    "max_spend": "Spend at most",
    "first_seen_from": "First seen from",
    "first_seen_to": "First seen to",
    "last_seen_from": "Last seen from",
    "last_seen_to": "Last seen to",
    "cursor": "Page",
}


@dataclass(frozen=True)
class Filters:
    """What the form holds: the values as typed, the query they make, or what is wrong with them."""

    typed: dict[str, list[str]]
    query: ToolQuery
    errors: list[str]

    def one(self, name: str) -> str:
        """The first value of a field, or nothing."""
        return (self.typed.get(name) or [""])[0]

    @property
    def view(self) -> str:
        """Which ready-made list this is, if it is one."""
        plain = {k: v for k, v in self.typed.items() if k not in {"sort", "cursor", "q"}}
        for name, _, parameters in VIEWS:
            if plain == {k: [v] for k, v in parameters.items()}:
                return name
        return ""

    @property
    def narrowed(self) -> int:
        """How many filters are set beside the ready-made list, the search and the sorting."""
        of_view = {"flagged", "shadow", "view", "sort", "cursor", "q", "audience"}
        return sum(1 for name in self.typed if name not in of_view or (name == "audience" and not self.view))

    def link(self, **changes: str | None) -> str:
        """The address of this list with some parameters changed; None leaves one out."""
        kept = {k: v for k, v in self.typed.items() if k not in changes and k != "cursor"}
        changed = {k: [v] for k, v in changes.items() if v is not None}
        text = urlencode({**kept, **changed}, doseq=True)
        return f"/tools?{text}" if text else "/tools"


def read(parameters: Iterable[tuple[str, str]]) -> Filters:
    """The form's values out of an address; what cannot be right is left out and said."""
    typed: dict[str, list[str]] = {}
    for name, value in parameters:
        if value.strip() and len(value) <= 2000:
            typed.setdefault(name, []).append(value.strip())
    if not set(typed) - {"sort", "cursor", "q"}:
        # The list opens on what waits for people. A search looks through everything.
        typed |= {"view": ["all"]} if "q" in typed else {"flagged": ["true"]}
    values: dict[str, Any] = {}
    errors: list[str] = []
    for name, found in typed.items():
        if name in _OWN:
            continue
        if name in _MONEY:
            try:
                values[name] = round(float(found[0].replace(",", "")) * 100)
            except (ValueError, OverflowError):
                errors.append(f"{_LABELS[name]}: write an amount such as 500.")
        else:
            values[name] = found if name in _LISTS else found[0]
    values.setdefault("limit", 50)
    values["total"] = True
    for _ in range(2):
        try:
            return Filters(typed, ToolQuery.model_validate(values), errors)
        except ValidationError as error:
            wrong = field_errors(error.errors())
            for field in wrong:
                name = field.field.split(".")[0]
                values.pop(name, None)
                typed.pop(name, None)
                errors.append(
                    f"{_LABELS.get(name, name[:40])}: this value is not possible, so it was left out."
                )
    return Filters(typed, ToolQuery(total=True), errors)
