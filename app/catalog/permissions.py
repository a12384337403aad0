"""What tools may do in people's names, over all grants: the list, by tool, by permission, and as a map."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

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


@dataclass
class _Tool:
    tool_id: int | None
    name: str
    grants: int = 0
    leavers: int = 0
    everybody: int = 0
    things: dict[str, _Permission] = field(default_factory=dict)

    @property
    def grade(self) -> Grade:
        return min((p.grade for p in self.things.values()), key=_rank, default=Grade.LOW)

    @property
    def order(self) -> tuple[int, int]:
        return (_rank(self.grade), -self.grants)


def _rank(grade: Grade) -> int:
    return GRADES[grade.value]


def _tools(rows: Sequence[Any], wanted: GrantFilter) -> dict[int, _Tool]:
    """What each tool was allowed; with a filter by permission, only what fits it."""
    found: dict[int, _Tool] = {}
    for row in rows:
        tool = found.setdefault(row.group, _Tool(row.tool_id, row.name))
        tool.grants += row.grants
        tool.leavers += row.leavers
        tool.everybody += row.everybody
        tool.things.update({p.words: p for p in _permissions(row.list) if _fits(p, wanted)})
    return found


def grants_by_tool(
    connection: Connection, wanted: GrantFilter, *, cursor: str | None = None, limit: int = 50
) -> Listing[AllowedTool]:
    """Tools by what they were allowed, the gravest first, then the most often allowed.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    after = decode_cursor(cursor, "grants_by_tool", (int, int, int)) if cursor else None
    rows = grant_queries.by_tool_and_list(connection, wanted, _lists(connection, wanted))
    placed = sorted(((*tool.order, group), tool) for group, tool in _tools(rows, wanted).items())
    left = [(place, tool) for place, tool in placed if after is None or place > after]
    following = encode_cursor("grants_by_tool", left[limit - 1][0]) if len(left) > limit else None
    items = [
        AllowedTool(
            tool_id=tool.tool_id,
            name=tool.name,
            grade=tool.grade,
            grants=tool.grants,
            leavers=tool.leavers,
            everybody=tool.everybody > 0,
            may=[p.words for p in sorted(tool.things.values(), key=lambda p: (_rank(p.grade), p.words))],
        )
        for _, tool in left[:limit]
    ]
    return Listing(items=items, next=following)


def grants_by_permission(connection: Connection, wanted: GrantFilter) -> list[AllowedThing]:
    """Everything that was allowed, the gravest first, then the most often allowed."""
    things: dict[str, _Permission] = {}
    grants: dict[str, int] = defaultdict(int)
    leavers: dict[str, int] = defaultdict(int)
    everybody: set[str] = set()
    by_tool: dict[str, dict[int, tuple[int, str, int | None]]] = defaultdict(dict)
    for row in grant_queries.by_tool_and_list(connection, wanted, _lists(connection, wanted)):
        for thing in _permissions(row.list):
            if not _fits(thing, wanted):
                continue
            words = thing.words
            things[words] = thing
            grants[words] += row.grants
            leavers[words] += row.leavers
            if row.everybody:
                everybody.add(words)
            before = by_tool[words].get(row.group, (0, "", None))[0]
            by_tool[words][row.group] = (before + row.grants, row.name, row.tool_id)
    found = [
        AllowedThing(
            words=words,
            grade=thing.grade,
            data=thing.data,
            grants=grants[words],
            leavers=leavers[words],
            everybody=words in everybody,
            tools=len(by_tool[words]),
            most=[
                (tool_id, name)
                for _, name, tool_id in sorted(by_tool[words].values(), key=lambda t: (-t[0], t[1]))
            ][:_TOOLS_NAMED],
        )
        for words, thing in things.items()
    ]
    return sorted(found, key=lambda t: (_rank(t.grade), -t.grants, t.words))


def reach(connection: Connection, wanted: GrantFilter, *, limit: int = MAPPED) -> ReachMap:
    """Which data the riskiest tools reach: of those that pass the filters, those with the gravest reach."""
    rows = grant_queries.by_tool_and_list(connection, wanted, _lists(connection, wanted))
    made = [_reach_of(tool) for tool in _tools(rows, wanted).values()]
    made.sort(key=_risk)
    shown = made[:limit]
    used = {kind for row in shown for kind in row.reaches}
    return ReachMap(kinds=[kind for kind in DataKind if kind in used], rows=shown, tools=len(made))


def _reach_of(tool: _Tool) -> ReachRow:
    reaches: dict[DataKind, Reach] = {}
    for thing in sorted(tool.things.values(), key=lambda p: (_rank(p.grade), p.words)):
        known = reaches.get(thing.data)
        if known is None:
            reaches[thing.data] = Reach(grade=thing.grade, may=[thing.words])
        else:
            known.may.append(thing.words)
    return ReachRow(tool_id=tool.tool_id, name=tool.name, grants=tool.grants, reaches=reaches)


def _risk(row: ReachRow) -> tuple[int, int, int, str]:
    """The gravest first: kinds of data reached with high impact, then with some, then by how often."""
    grades = [r.grade for r in row.reaches.values()]
    return (-grades.count(Grade.HIGH), -grades.count(Grade.MEDIUM), -row.grants, row.name)
