"""The catalog as people see it: the list of tools, one tool with its evidence, people, grants, charges."""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.api import PREFIX
from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog import counts, evidence, grant_queries, repository, tool_list
from app.catalog.assess import SPEND_PERIOD, USE_PERIOD
from app.catalog.facts import Audience, Grade
from app.catalog.permission_schemas import GrantOut, PermissionOut
from app.catalog.permissions import GRADES, describe_all, list_grants
from app.catalog.person_schemas import UserOut
from app.catalog.queries import ExpenseFilter, GrantFilter, ToolFilter, ToolQuery
from app.catalog.schemas import (
    AppOut,
    CatalogNumbers,
    CategoryOut,
    DepartmentOut,
    ExpenseOut,
    IdentifierOut,
    MerchantOut,
    SourceSeen,
    ToolChange,
    ToolOut,
)
from app.catalog.veiled import (
    allow_departments,
    department,
    department_counts,
    person_ref,
    person_values,
    reasons,
)
from app.clock import start_of
from app.errors import Gone, NotFound, PreconditionFailed
from app.language import _
from app.security import audit
from app.security.privacy import Veil
from app.teaching.repository import load_book
from app.teaching.resolve import TAUGHT, who

Reassess = Callable[[Connection, Sequence[int], datetime], object]
"""Works out the facts of some tools again."""


# --- tools -----------------------------------------------------------------------------------


def tool_page(
    connection: Connection, query: ToolFilter, *, veil: Veil, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of tools as JSON objects (`ToolItem`), and the next page's cursor.

    The objects hold `orjson.Fragment`s: they are for `orjson.dumps`, not for reading.

    Raises:
        Forbidden: they are asked for by a department that is too small for this caller.
        Invalid: the cursor is not one of this sorting.
    """
    allow_departments(query.department, veil)
    kind = f"tools:{query.sort.value}"
    after = decode_cursor(cursor, kind, (tool_list.sort_type(query.sort), int)) if cursor else None
    rows = tool_list.page(connection, query, after, limit + 1)
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = encode_cursor(kind, (tool_list.sort_value(rows[-1], query.sort), rows[-1][0]))
    return tool_list.items(rows), following


def shape_of(query: ToolQuery, engine: Engine) -> Hashable | None:
    """What a list's speed depends on, where it may be read without a thread; None where it may not.

    PostgreSQL answers over a socket, so waiting for it always takes a thread.
    """
    return tool_list.shape_of(query, total=query.total) if engine.dialect.name == "sqlite" else None


def count_tools(connection: Connection, query: ToolFilter, *, veil: Veil) -> int:
    """How many tools match.

    Raises:
        Forbidden: they are asked for by a department that is too small for this caller.
    """
    allow_departments(query.department, veil)
    return tool_list.count(connection, query)


def get_tool(connection: Connection, tool_id: int, *, veil: Veil) -> ToolOut:
    """One tool with every fact and its reasons.

    Raises:
        NotFound: there is none.
    """
    row = _tool(connection, tool_id)
    return ToolOut.model_validate(
        {
            **row._mapping,
            "passed_until": evidence.passed_of(connection, [tool_id]).get(tool_id),
            "departments": department_counts(row.departments, veil),
            "audience_reasons": reasons(row.audience_reasons, veil),
            "sources": [SourceSeen.model_validate(s) for s in repository.sources_of(connection, tool_id)],
            "merchants": [
                MerchantOut.model_validate(m) for m in repository.merchants_of(connection, tool_id)
            ],
            "apps": [
                AppOut.model_validate({**a._mapping, "facts": veil.plain(a.facts)})
                for a in repository.apps_of(connection, tool_id)
            ],
            "identifiers": _identifiers(connection, tool_id),
        }
    )


def _identifiers(connection: Connection, tool_id: int) -> list[IdentifierOut]:
    """What a tool is known by: what it owns, with what people taught and without what they took from it."""
    book = load_book(connection)
    taught = book.learned()
    owned = repository.identifiers_of(connection, book.parts_of(tool_id))
    found = [IdentifierOut.model_validate(i) for i in owned if (i.kind, i.value) not in taught]
    for handle, teaching in sorted(taught.items()):
        if teaching.to_tool_id is not None and book.final(teaching.to_tool_id) == tool_id:
            by = who(teaching.actor)
            found.append(
                IdentifierOut(
                    kind=handle.kind,
                    value=handle.value,
                    rule=TAUGHT,
                    taught_by=by,
                    teaching=teaching.id,
                    first_seen=teaching.at,
                )
            )
    return found


def change_tool(
    connection: Connection,
    tool_id: int,
    version: int,
    change: ToolChange,
    *,
    actor: str,
    now: datetime,
    reassess: Reassess,
    veil: Veil,
) -> ToolOut:
    """Set what a person may set on a tool, and work out again what follows from it.

    Raises:
        NotFound: there is no such tool.
        PreconditionFailed: it was changed since it was read.
    """
    row = _tool(connection, tool_id)
    if row.version != version or not repository.set_on_it_list(
        connection, tool_id, version, change.on_it_list, now
    ):
        raise PreconditionFailed(
            _(
                "This tool was changed since you opened it. Open it again to see what is new, then "
                "do this once more."
            ),
            version=row.version,
        )
    audit.record(
        connection, actor, "tool.on_it_list", f"tool:{tool_id}", {"on_it_list": change.on_it_list}, at=now
    )
    reassess(connection, [tool_id], now)
    return get_tool(connection, tool_id, veil=veil)


def _tool(connection: Connection, tool_id: int) -> sa.Row[*tuple[Any, ...]]:
    return live_tool(connection, tool_id)


def live_tool(connection: Connection, tool_id: int) -> sa.Row[*tuple[Any, ...]]:
    """A tool's row.

    Raises:
        NotFound: there is none.
        Gone: it was merged into another one, which is named.
    """
    row = repository.tool(connection, tool_id)
    if row is None:
        raise NotFound(_("There is no tool %(tool_id)s.", tool_id=tool_id))
    if row.merged_into is not None:
        now = repository.merged_into(connection, row.merged_into)
        raise Gone(
            _(
                "“%(name)s” (tool %(tool_id)s) was merged into “%(name2)s” (tool %(id)s).",
                name=row.name,
                tool_id=tool_id,
                name2=now.name,
                id=now.id,
            ),
            code="merged",
            links={"tool": f"{PREFIX}/tools/{now.id}"},
        )
    return row


def tool_users(
    connection: Connection,
    tool_id: int,
    *,
    now: datetime,
    veil: Veil,
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[UserOut]:
    """The people who use a tool now, the latest use first.

    Raises:
        NotFound: there is no such tool.
        Invalid: the cursor is not one of this list.
    """
    _tool(connection, tool_id)
    before = decode_cursor(cursor, "users", (date, int)) if cursor else None
    rows = repository.users_of(
        connection,
        tool_id,
        **periods(now),
        before=before,
        limit=limit + 1,
    )
    items = [
        UserOut.model_validate({**person_values(row, veil), "last_at": start_of(row.last_on)})
        for row in rows[:limit]
    ]
    following = (
        encode_cursor("users", (rows[limit - 1].last_on, rows[limit - 1].id)) if len(rows) > limit else None
    )
    return Listing(items=items, next=following)


def periods(now: datetime) -> dict[str, date]:
    """Since when a sign-in and a payment count as use."""
    today = now.astimezone(UTC).date()
    return {"signed_in_since": today - USE_PERIOD, "paid_since": today - SPEND_PERIOD}


# --- grants ----------------------------------------------------------------------------------


def tool_grants(
    connection: Connection, tool_id: int, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[GrantOut]:
    """What a tool may do now, grant by grant.

    Raises:
        NotFound: there is no such tool.
        Invalid: the cursor is not one of this list.
    """
    _tool(connection, tool_id)
    return list_grants(connection, GrantFilter(tool=tool_id), veil=veil, cursor=cursor, limit=limit)


def tool_permissions(connection: Connection, tool_id: int) -> list[PermissionOut]:
    """What a tool may do now in plain words, the gravest first, each with how many people it holds for."""
    found: dict[str, tuple[Grade, set[str], set[int], bool]] = {}
    for row in grant_queries.permissions_of(connection, tool_id):
        for scope in describe_all(row.scopes):
            grade, scopes, people, everybody = found.get(scope.words, (scope.grade, set(), set(), False))
            scopes.add(scope.scope)
            if row.person_id is not None:
                people.add(row.person_id)
            everybody = everybody or (row.person_id is None and row.consent == "admin")
            found[scope.words] = (grade, scopes, people, everybody)
    permissions = [
        PermissionOut(
            words=words, grade=grade, scopes=sorted(scopes), people=len(people), everybody=everybody
        )
        for words, (grade, scopes, people, everybody) in found.items()
    ]
    return sorted(permissions, key=lambda p: (GRADES[p.grade.value], not p.everybody, -p.people, p.words))


# --- expenses --------------------------------------------------------------------------------


def list_expenses(
    connection: Connection, wanted: ExpenseFilter, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[ExpenseOut]:
    """Expenses, the latest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "expenses", (date, int)) if cursor else None
    rows = repository.expense_list(connection, wanted, before=before, limit=limit + 1)
    items = [_expense(row, veil) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Listing(items=items, next=encode_cursor("expenses", (last.occurred_on, last.id)) if last else None)


def _expense(row: Any, veil: Veil) -> ExpenseOut:
    """A charge; what its payer wrote about it is theirs."""
    texts = {name: veil.text(getattr(row, name), row.person_name) for name in ("merchant", "descriptor")}
    return ExpenseOut.model_validate(
        {
            **row._mapping,
            **texts,
            "memo": veil.only_theirs(row.person_id, row.memo),
            "department": veil.department(row.person_id, row.department),
            "person": person_ref(row, veil),
        }
    )


def tool_expenses(
    connection: Connection, tool_id: int, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[ExpenseOut]:
    """What a tool cost, charge by charge.

    Raises:
        NotFound: there is no such tool.
        Invalid: the cursor is not one of this list.
    """
    _tool(connection, tool_id)
    return list_expenses(connection, ExpenseFilter(tool=tool_id), veil=veil, cursor=cursor, limit=limit)


# --- people and counts -----------------------------------------------------------------------


def list_departments(connection: Connection, *, veil: Veil) -> list[DepartmentOut]:
    """All departments by name."""
    return [department(row, veil) for row in counts.departments(connection)]


def list_categories(connection: Connection) -> list[CategoryOut]:
    """All categories that occur, by name."""
    return [CategoryOut.model_validate(row) for row in counts.categories(connection)]


def tool_names(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of some tools, for showing what something was done to; those that are gone are left out."""
    return repository.tool_names(connection, ids) if ids else {}


def source_names(connection: Connection) -> list[tuple[int, str]]:
    """All sources by name, as (id, name)."""
    return [(row.id, row.name) for row in counts.source_names(connection)]


def found_before(
    connection: Connection, moments: Sequence[datetime], *, audience: Audience | None = None
) -> list[int]:
    """How many tools had been seen before each of some moments, of those that are listed now."""
    return counts.found_before(connection, moments, audience=audience.value if audience else None)


def numbers(connection: Connection) -> CatalogNumbers:
    """How many tools have each value of each fact."""
    found: dict[tuple[str, str], int] = {}
    for row in counts.tools_by_fact(connection):
        for fact, value in row._mapping.items():
            if fact != "tools":
                key = (fact, str(value).lower() if isinstance(value, bool) else value)
                found[key] = found.get(key, 0) + row.tools
    return CatalogNumbers(facts=[(fact, value, count) for (fact, value), count in sorted(found.items())])
