"""What tools may do in people's names, over all grants: the list, by tool, by permission, and as a map."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest, nsmallest

import orjson
from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog import grant_queries
from app.catalog.facts import Grade
from app.catalog.permission_schemas import (
    AllowedThing,
    AllowedTool,
    GrantNumbers,
    GrantOut,
    Reach,
    ReachMap,
    ReachRow,
    ScopeOut,
)
from app.catalog.queries import GrantFilter
from app.catalog.veiled import person_ref
from app.identify import describe_scope
from app.identify.scope_data import DataKind, data_of
from app.security.privacy import Veil

GRADES = {"high": 0, "medium": 1, "low": 2}
MAPPED = 15
"""So many tools stand on the map."""
_TOOLS_NAMED = 5


def describe(scope: str) -> ScopeOut:
    """One OAuth scope in plain words."""
    info = describe_scope(scope)
    return ScopeOut(scope=scope, words=info.words, grade=Grade(info.grade))


def describe_all(scopes: Iterable[str]) -> list[ScopeOut]:
    """Scopes in plain words, the gravest first."""
    return sorted((describe(s) for s in scopes), key=lambda s: (GRADES[s.grade.value], s.words, s.scope))


@dataclass(frozen=True)
class _Permission:
    """What one scope allows, looked at once."""

    words: str
    grade: Grade
    data: DataKind
    text: str


@lru_cache(maxsize=10_000)
def _permission(scope: str) -> _Permission:
    info = describe_scope(scope)
    return _Permission(info.words, Grade(info.grade), data_of(scope), f"{info.words} {scope}".lower())


@lru_cache(maxsize=10_000)
def _permissions(scope_list: str) -> tuple[_Permission, ...]:
    """What a list of scopes allows, the gravest first, each thing once."""
    found = {p.words: p for p in map(_permission, orjson.loads(scope_list))}
    return tuple(sorted(found.values(), key=lambda p: (GRADES[p.grade.value], p.words)))


def _fits(permission: _Permission, wanted: GrantFilter) -> bool:
    return (
        (not wanted.permission or permission.words == wanted.permission)
        and (not wanted.data or permission.data in wanted.data)
        and all(word in permission.text for word in wanted.allows.lower().split())
    )


def _lists(connection: Connection, wanted: GrantFilter) -> Collection[str] | None:
    """The lists of scopes that the filters by permission let pass; None if there are no such filters."""
    if not (wanted.allows.strip() or wanted.permission or wanted.data):
        return None
    known = grant_queries.scope_lists(connection)
    return [text for text in known if any(_fits(p, wanted) for p in _permissions(text))]


def list_grants(
    connection: Connection, wanted: GrantFilter, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[GrantOut]:
    """Grants, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "grants", (int,))[0] if cursor else None
    lists = _lists(connection, wanted)
    rows = grant_queries.grant_list(connection, wanted, lists=lists, before=before, limit=limit + 1)
    used = grant_queries.last_used(connection, rows[:limit])
    items = [
        GrantOut.model_validate(
            {
                **row._mapping,
                "publisher": veil.text(row.publisher, row.person_name),
                "person": person_ref(row, veil),
                "scopes": describe_all(row.scopes),
                "last_used_on": used.get(grant_queries.Used(row.tool_id or -row.app_id, row.person_id)),
            }
        )
        for row in rows[:limit]
    ]
    return Listing(items=items, next=encode_cursor("grants", (items[-1].id,)) if len(rows) > limit else None)


def grant_numbers(connection: Connection, wanted: GrantFilter) -> GrantNumbers:
    """How many grants pass the filters, and how many of them deserve a look, by why."""
    found = grant_queries.numbers(connection, wanted, _lists(connection, wanted))
    return GrantNumbers.model_validate(dict(found._mapping))


def count_grants(connection: Connection, wanted: GrantFilter) -> int:
    """How many grants pass the filters."""
    return grant_queries.count(connection, wanted, _lists(connection, wanted))


# --- together --------------------------------------------------------------------------------
#
# A tool was allowed lists of scopes, of which there are few different ones. So what a list comes to is worked
# out once, tools are placed by that, and only of those that are shown it is put into words.


@dataclass(frozen=True)
class _Allowed:
    """What one list of scopes allows, as far as it fits the filters.

    Attributes:
        things: each thing once.
        rank: of the gravest of them.
        high: the kinds of data that are reached with high impact, a bit each.
        medium: the same for medium impact.
    """

    things: tuple[_Permission, ...]
    rank: int
    high: int
    medium: int


_BIT = {kind: 1 << n for n, kind in enumerate(DataKind)}
_HIGH, _MEDIUM, _LOW = (GRADES[grade] for grade in ("high", "medium", "low"))


def _rank(grade: Grade) -> int:
    return GRADES[grade.value]


def _allowed(text: str, wanted: GrantFilter) -> _Allowed:
    things = tuple(p for p in _permissions(text) if _fits(p, wanted))
    reached = [0] * len(GRADES)
    for thing in things:
        reached[_rank(thing.grade)] |= _BIT[thing.data]
    rank = min((_rank(p.grade) for p in things), default=_LOW)
    return _Allowed(things, rank, reached[_HIGH], reached[_MEDIUM])


@dataclass(slots=True)
class _Tool:
    """What one tool was allowed; with a filter by permission, only what fits it."""

    grants: int = 0
    leavers: int = 0
    everybody: int = 0
    rank: int = _LOW
    high: int = 0
    medium: int = 0
    lists: list[_Allowed] = field(default_factory=list)

    @property
    def things(self) -> list[_Permission]:
        """Each thing once, the gravest first."""
        found = {p.words: p for allowed in self.lists for p in allowed.things}
        return sorted(found.values(), key=lambda p: (_rank(p.grade), p.words))

    @property
    def risk(self) -> tuple[int, int, int]:
        """Kinds of data reached with high impact, then with some, then how often: the gravest first."""
        return (-self.high.bit_count(), -(self.medium & ~self.high).bit_count(), -self.grants)


def _tools(connection: Connection, wanted: GrantFilter) -> dict[int, _Tool]:
    """What each tool was allowed, by what grants are grouped by."""
    found: dict[int, _Tool] = {}
    known: dict[str, _Allowed] = {}
    for group, text, grants, leavers, everybody in grant_queries.by_tool_and_list(
        connection, wanted, _lists(connection, wanted)
    ):
        allowed = known.get(text)
        if allowed is None:
            allowed = known[text] = _allowed(text, wanted)
        tool = found.get(group)
        if tool is None:
            tool = found[group] = _Tool()
        tool.grants += grants
        tool.leavers += leavers
        tool.everybody += everybody
        tool.rank = min(tool.rank, allowed.rank)
        tool.high |= allowed.high
        tool.medium |= allowed.medium
        tool.lists.append(allowed)
    return found


def grants_by_tool(
    connection: Connection, wanted: GrantFilter, *, cursor: str | None = None, limit: int = 50
) -> Listing[AllowedTool]:
    """Tools by what they were allowed, the gravest first, then the most often allowed.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    after = decode_cursor(cursor, "grants_by_tool", (int, int, int)) if cursor else None
    found = _tools(connection, wanted)
    placed = sorted((tool.rank, -tool.grants, group) for group, tool in found.items())
    left = placed if after is None else placed[bisect_right(placed, after) :]
    following = encode_cursor("grants_by_tool", left[limit - 1]) if len(left) > limit else None
    named = grant_queries.names(connection, [group for _, _, group in left[:limit]])
    items = [
        AllowedTool(
            tool_id=named[group].tool_id,
            name=named[group].name,
            grade=min((p.grade for p in found[group].things), key=_rank, default=Grade.LOW),
            grants=found[group].grants,
            leavers=found[group].leavers,
            everybody=found[group].everybody > 0,
            may=[p.words for p in found[group].things],
        )
        for _, _, group in left[:limit]
    ]
    return Listing(items=items, next=following)


def grants_by_permission(connection: Connection, wanted: GrantFilter) -> list[AllowedThing]:
    """Everything that was allowed, the gravest first, then the most often allowed."""
    things: dict[str, _Permission] = {}
    grants: dict[str, int] = defaultdict(int)
    leavers: dict[str, int] = defaultdict(int)
    everybody: set[str] = set()
    by_tool: dict[str, dict[int, int]] = defaultdict(dict)
    known: dict[str, _Allowed] = {}
    for group, text, count, left, all_ in grant_queries.by_tool_and_list(
        connection, wanted, _lists(connection, wanted)
    ):
        allowed = known.get(text)
        if allowed is None:
            allowed = known[text] = _allowed(text, wanted)
            things.update({p.words: p for p in allowed.things})
        for thing in allowed.things:
            words = thing.words
            grants[words] += count
            leavers[words] += left
            if all_:
                everybody.add(words)
            of_tool = by_tool[words]
            of_tool[group] = of_tool.get(group, 0) + count
    most = _most(connection, by_tool)
    found = [
        AllowedThing(
            words=words,
            grade=thing.grade,
            data=thing.data,
            grants=grants[words],
            leavers=leavers[words],
            everybody=words in everybody,
            tools=len(by_tool[words]),
            most=most[words],
        )
        for words, thing in things.items()
    ]
    return sorted(found, key=lambda t: (_rank(t.grade), -t.grants, t.words))


def _most(
    connection: Connection, by_tool: Mapping[str, Mapping[int, int]]
) -> dict[str, list[tuple[int | None, str]]]:
    """The tools that were allowed a thing most often, by name where several were as often."""
    ahead: dict[str, list[tuple[int, int]]] = {}
    for words, counts in by_tool.items():
        least = min(nlargest(_TOOLS_NAMED, counts.values()))
        ahead[words] = [(-count, group) for group, count in counts.items() if count >= least]
    named = grant_queries.names(connection, {group for some in ahead.values() for _, group in some})
    return {
        words: [
            (named[group].tool_id, named[group].name)
            for _, _, group in nsmallest(_TOOLS_NAMED, ((n, named[group].name, group) for n, group in some))
        ]
        for words, some in ahead.items()
    }


def reach(connection: Connection, wanted: GrantFilter, *, limit: int = MAPPED) -> ReachMap:
    """Which data the riskiest tools reach: of those that pass the filters, those with the gravest reach."""
    found = _tools(connection, wanted)
    risks = {group: tool.risk for group, tool in found.items()}
    last = max(nsmallest(limit, risks.values()), default=(0, 0, 0))
    ahead = [group for group, risk in risks.items() if risk <= last]
    named = grant_queries.names(connection, ahead)
    shown = nsmallest(limit, ((risks[group], named[group].name, group) for group in ahead))
    rows = [
        ReachRow(
            tool_id=named[group].tool_id,
            name=name,
            grants=found[group].grants,
            reaches=_reaches(found[group].things),
        )
        for _, name, group in shown
    ]
    used = {kind for row in rows for kind in row.reaches}
    return ReachMap(kinds=[kind for kind in DataKind if kind in used], rows=rows, tools=len(found))


def _reaches(things: Iterable[_Permission]) -> dict[DataKind, Reach]:
    reaches: dict[DataKind, Reach] = {}
    for thing in things:
        known = reaches.get(thing.data)
        if known is None:
            reaches[thing.data] = Reach(grade=thing.grade, may=[thing.words])
        else:
            known.may.append(thing.words)
    return reaches
