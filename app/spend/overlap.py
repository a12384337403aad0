"""Tools that do the same thing, side by side. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain

SANCTIONED = frozenset({"sanctioned", "sanctioned_with_conditions", "provisional"})


@dataclass(frozen=True)
class Used:
    """One tool of a category.

    Attributes:
        id: which tool.
        name: what it is called.
        category: what it is for.
        governance: what was decided.
        shadow: in use, undecided and not managed.
        in_use: whether it is in use.
        people: who uses it, by id.
        spend: what it cost in 12 months, by currency.
        passed: only the policy allows it for now: nobody decided for it.
    """

    id: int
    name: str
    category: str
    governance: str
    shadow: bool
    in_use: bool
    people: frozenset[int]
    spend: Mapping[str, int]
    passed: bool = False


@dataclass(frozen=True)
class Field:
    """One category of the capability map.

    Attributes:
        category: which one.
        tools: how many of its tools are in use.
        people: how many people use any of them.
        several: how many people use more than one of them.
        spend: what all of them cost in 12 months, by currency.
        sanctioned: the tools that were decided for, in use or not, by name.
        shadow: those in use that nobody decided on, by name.
    """

    category: str
    tools: int
    people: int
    several: int
    spend: Mapping[str, int]
    sanctioned: tuple[Used, ...]
    shadow: tuple[Used, ...]


@dataclass(frozen=True)
class Beside:
    """One tool among the others of its category.

    Attributes:
        tool: which one.
        shared: how many of its people use another one of them too.
        shares: with which others, and how many people; the most first.
    """

    tool: Used
    shared: int
    shares: tuple[tuple[int, int], ...]


def capability_map(tools: Iterable[Used]) -> list[Field]:
    """The categories, those with the most tools in use first."""
    by_category: dict[str, list[Used]] = {}
    for tool in tools:
        by_category.setdefault(tool.category, []).append(tool)
    found = [_field(category, some) for category, some in by_category.items()]
    return sorted(found, key=lambda f: (-f.tools, -f.people, f.category))


def _field(category: str, tools: Sequence[Used]) -> Field:
    in_use = [tool for tool in tools if tool.in_use]
    uses = _uses(in_use)
    return Field(
        category=category,
        tools=len(in_use),
        people=len(uses),
        several=sum(count > 1 for count in uses.values()),
        spend=total(tool.spend for tool in tools),
        sanctioned=_named(tool for tool in tools if tool.governance in SANCTIONED and not tool.passed),
        shadow=_named(tool for tool in in_use if tool.shadow),
    )


def _named(tools: Iterable[Used]) -> tuple[Used, ...]:
    return tuple(sorted(tools, key=lambda tool: (tool.name.casefold(), tool.id)))


def _uses(tools: Collection[Used]) -> dict[int, int]:
    """How many of some tools each person uses."""
    uses: dict[int, int] = {}
    for tool in tools:
        for person in tool.people:
            uses[person] = uses.get(person, 0) + 1
    return uses


def total(spend: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Amounts by currency, added up; a currency in which nothing is left over is left out."""
    found: dict[str, int] = {}
    for some in spend:
        for currency, minor in some.items():
            found[currency] = found.get(currency, 0) + minor
    return {currency: minor for currency, minor in sorted(found.items()) if minor}


def side_by_side(tools: Sequence[Used], *, shares: int, first: int | None = None) -> list[Beside]:
    """Each tool with the people it shares with the others, the most used first.

    Args:
        tools: all of a category.
        shares: with so many others at most each tool is said to share people.
        first: only the first so many tools; all, if not given.
    """
    of_person: dict[int, list[int]] = {}
    for tool in tools:
        for person in tool.people:
            of_person.setdefault(person, []).append(tool.id)
    placed = sorted(tools, key=lambda t: (-len(t.people), t.name.casefold(), t.id))
    return [_beside(tool, of_person, shares) for tool in placed[:first]]


def _beside(tool: Used, of_person: Mapping[int, Sequence[int]], shares: int) -> Beside:
    """One tool among the others; `of_person` says which tools each person uses."""
    together = Counter(chain.from_iterable(of_person[person] for person in tool.people))
    del together[tool.id]
    return Beside(
        tool=tool,
        shared=sum(len(of_person[person]) > 1 for person in tool.people),
        shares=tuple(nsmallest(shares, together.items(), key=lambda item: (-item[1], item[0]))),
    )
