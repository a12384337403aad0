"""The columns of the list of tools: which there are, which are chosen, what each holds in a file. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.catalog.money import decimals
from app.claims.short import NOBODY, Holder
from app.language import N_, _
from app.web import words

Item = Mapping[str, Any]
Cell = Callable[[Item, Holder], Any]
COOKIE = "penumbra_tools"
"""The cookie with the columns and the density that somebody chose last."""
DENSITIES = {"roomy": N_("Roomy"), "tight": N_("Tight")}


@dataclass(frozen=True)
class Column:
    """One column beside the tool's name.

    Attributes:
        heading: what people read above it, marked for translation.
        cell: what it holds in a file.
        sort: by which fact it is sorted; None, if it cannot be.
        down: whether a first click on it sorts the largest or latest first.
        number: whether it stands to the right.
        short: what is read above it where there is little room.
    """

    heading: str
    cell: Cell
    sort: str | None = None
    down: bool = False
    number: bool = False
    short: str = ""


def standing(item: Item, view: str = "") -> list[tuple[str, str]]:
    """Where a tool stands, as chips: words and tone; without what all tools of a ready-made list share."""
    found = []
    if item["flagged"] and view != "flagged":
        found.append((_("Waiting for a decision"), "warn"))
    if item["governance"] != "unreviewed":
        found.append(_decision(item))
    if item["managed"]:
        found.append((_("Run by IT"), "good"))
    elif item["shadow"] and view != "shadow":
        found.append((_("Used without IT"), "shade"))
    if item["evidence"] != "active":
        found.append((_(words.EVIDENCE[item["evidence"]]), ""))
    if item["identity"] == "unidentified":
        found.append((_("Not recognised yet"), ""))
    return found


def _decision(item: Item) -> tuple[str, str]:
    """What was decided; what only the policy allows is said in short, its limits stand below it."""
    if item["passed_until"]:
        return _("Allowed by the policy"), "shade"
    return words.decision(item["governance"], None), "calm"


def _word(table: Mapping[str, str], name: str) -> Cell:
    return lambda item, _holder: _(table[item[name]])


def _plain(name: str) -> Cell:
    return lambda item, _holder: item[name]


def _owner(item: Item, holder: Holder) -> str:
    return holder.name or _(words.OWNERSHIP[item["ownership"]])


def grade(item: Item) -> str:
    """The worst of what a tool may do, in words."""
    return _(words.GRADE[item["grant_grade"]]) if item["grant_grade"] else _("Nothing in anybody’s name")


COLUMNS: Mapping[str, Column] = {
    "stands": Column(
        N_("Where it stands"),
        lambda item, _holder: "; ".join(text for text, _tone in standing(item)),
        "governance",
    ),
    "owner": Column(N_("Owner"), _owner, "ownership"),
    "people": Column(N_("People"), _plain("people"), "people", down=True, number=True),
    "spend": Column(
        N_("Spend, 12 months"),
        lambda item, _holder: spend(item),
        "spend",
        down=True,
        number=True,
        short=N_("Spend"),
    ),
    "last_seen": Column(N_("Last seen"), _plain("last_seen"), "last_seen", down=True),
    "governance": Column(
        N_("Decision"),
        lambda item, _holder: words.decision(item["governance"], item["passed_until"]),
        "governance",
    ),
    "audience": Column(N_("Who it is for"), _word(words.AUDIENCE, "audience"), "audience"),
    "evidence": Column(N_("Use"), _word(words.EVIDENCE, "evidence"), "evidence"),
    "grade": Column(N_("What it may do"), lambda item, _holder: grade(item), "grade", down=True),
    "managed": Column(N_("Run by IT"), lambda item, _holder: _("Yes") if item["managed"] else _("No")),
    "category": Column(N_("Category"), lambda item, _holder: words.category(item["category"]), "category"),
    "domain": Column(N_("Web address"), _plain("domain")),
    "vendor": Column(N_("Made by"), _plain("vendor"), "vendor"),
    "sources": Column(N_("Seen in"), lambda item, _holder: "; ".join(item["sources"])),
    "first_seen": Column(N_("First seen"), _plain("first_seen"), "first_seen", down=True),
}
"""All columns, in the order in which they stand."""

_UNDER = ("category",)
"""What stands below the tool's name, unless it has a column of its own."""
USUAL = ("stands", "owner", "people", "spend", "last_seen")

SORTS = {
    "-people": N_("Most people first"),
    "-spend": N_("Highest spend first"),
    "-grade": N_("Most powerful permissions first"),
    "name": N_("Name, A to Z"),
    "-last_seen": N_("Last seen, latest first"),
    "-first_seen": N_("First seen, latest first"),
    "governance": N_("Not decided first"),
    "ownership": N_("Without an owner first"),
    "audience": N_("Marketing’s first"),
    "evidence": N_("In use first"),
    "category": N_("Category"),
    "vendor": N_("Maker, A to Z"),
    "people": N_("Fewest people first"),
    "spend": N_("Lowest spend first"),
    "grade": N_("Least powerful permissions first"),
    "-name": N_("Name, Z to A"),
    "last_seen": N_("Last seen, earliest first"),
    "first_seen": N_("First seen, earliest first"),
    "-governance": N_("Set aside and phased out first"),
    "-ownership": N_("With an owner first"),
    "-audience": N_("Other teams’ first"),
    "-evidence": N_("No longer in use first"),
    "-category": N_("Category, Z to A"),
    "-vendor": N_("Maker, Z to A"),
}


@dataclass(frozen=True)
class Looks:
    """How the list is shown: its columns in their order, and how close the rows stand."""

    columns: tuple[str, ...] = USUAL
    density: str = "roomy"

    @property
    def cookie(self) -> str:
        """As a browser keeps it."""
        return f"{'.'.join(self.columns) or 'name'}~{self.density}"


def looks_of(col: Sequence[str], density: str, kept: str) -> Looks:
    """How the list is shown.

    Args:
        col: the columns that the address names, if any.
        density: the density that the address names, if any.
        kept: what the browser has kept.
    """
    before, _sep, kept_density = kept.partition("~")
    wanted = set(col or before.split("."))
    columns = tuple(name for name in COLUMNS if name in wanted)
    if not columns and "name" not in wanted:
        columns = USUAL
    for one in (density, kept_density):
        if one in DENSITIES:
            return Looks(columns, one)
    return Looks(columns)


def spend(item: Item) -> Decimal | None:
    """What a tool cost, in its main currency; None, if nothing was seen."""
    if not item["spend_currency"]:
        return None
    return Decimal(item["spend_minor"]).scaleb(-decimals(item["spend_currency"]))


def headings(columns: Sequence[str]) -> list[str]:
    """The first line of a file with these columns."""
    found = [_("Tool")] + [_(COLUMNS[name].heading) for name in _UNDER if name not in columns]
    for name in columns:
        found.append(_(COLUMNS[name].heading))
        if name == "spend":
            found.append(_("Currency"))
    return found


def line(item: Item, holder: Holder | None, columns: Sequence[str]) -> list[Any]:
    """One tool as a line of such a file."""
    found = [item["name"]]
    found += [COLUMNS[name].cell(item, NOBODY) for name in _UNDER if name not in columns]
    for name in columns:
        found.append(COLUMNS[name].cell(item, holder or NOBODY))
        if name == "spend":
            found.append(item["spend_currency"])
    return found
