"""Every query of spend but the one that gathers charges (`deriving.py`)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.db import among
from app.models import (
    accounts,
    contracts,
    expenses,
    merchants,
    passes,
    people,
    renewal_notices,
    tool_departments,
    tool_subscriptions,
    tools,
    users,
)
from app.spend.overlap import SANCTIONED

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]
UNDECIDED = ("unreviewed", "in_review")


class month_of(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """The month of a day, as `2026-11`."""

    type = sa.Text()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _month_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"substr({compiler.process(element.clauses, **kw)}, 1, 7)"


@compiles(month_of)
def _month(element: Any, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)}, 'YYYY-MM')"


# --- contracts ---------------------------------------------------------------------------------


def lock_tool(connection: Connection, tool_id: int) -> None:
    """Keep a tool from being deleted until this transaction ends."""
    query = sa.select(tools.c.id).where(tools.c.id == tool_id)
    connection.execute(query.with_for_update(read=True, key_share=True))


def contract(connection: Connection, contract_id: int, *, lock: bool = False) -> Row | None:
    """One contract with the name of whoever entered it."""
    query = _contracts().where(contracts.c.id == contract_id)
    return connection.execute(query.with_for_update(of=contracts) if lock else query).one_or_none()


def contracts_of(connection: Connection, tool_ids: Sequence[int] | None = None) -> Rows:
    """The contracts of some tools, or all there are, by id."""
    query = _contracts().order_by(contracts.c.id)
    if tool_ids is not None:
        query = query.where(among(connection, contracts.c.tool_id, tool_ids))
    return connection.execute(query).all()


def contract_page(connection: Connection, *, before: int | None, limit: int) -> Rows:
    """Contracts, the one entered last first."""
    query = _contracts()
    if before is not None:
        query = query.where(contracts.c.id < before)
    return connection.execute(query.order_by(contracts.c.id.desc()).limit(limit)).all()


def _contracts() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(contracts, users.c.name.label("user_name")).join_from(
        contracts, users, users.c.id == contracts.c.user_id, isouter=True
    )


def insert_contract(connection: Connection, **values: Any) -> int:
    """Store a contract; its id."""
    key = connection.execute(sa.insert(contracts).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def change_contract(connection: Connection, contract_id: int, version: int, **values: Any) -> bool:
    """Change a contract if it is still of this version."""
    chosen = sa.and_(contracts.c.id == contract_id, contracts.c.version == version)
    query = sa.update(contracts).where(chosen).values(**values, version=version + 1)
    return connection.execute(query).rowcount == 1


def delete_contract(connection: Connection, contract_id: int, version: int) -> bool:
    """Delete a contract if it is still of this version."""
    chosen = sa.and_(contracts.c.id == contract_id, contracts.c.version == version)
    return connection.execute(sa.delete(contracts).where(chosen)).rowcount == 1


# --- tools -------------------------------------------------------------------------------------


def merged(connection: Connection) -> dict[int, int]:
    """Each tool that was merged away, with the one that it is part of now."""
    query = sa.select(tools.c.id, tools.c.merged_into).where(tools.c.merged_into.is_not(None))
    into = {row.id: row.merged_into for row in connection.execute(query)}
    return {id_: _end(into, id_) for id_ in into}


def _end(into: dict[int, int], tool_id: int) -> int:
    while tool_id in into:
        tool_id = into[tool_id]
    return tool_id


def tools_by_id(
    connection: Connection,
    tool_ids: Iterable[int],
    *,
    departments: Sequence[str] = (),
    governance: Sequence[str] = (),
) -> dict[int, Row]:
    """Those of some tools that pass the filters, by id; merged ones are left out."""
    t = tools.c
    query = sa.select(t.id, t.name, t.governance, t.audience).where(
        among(connection, t.id, sorted(set(tool_ids))), t.merged_into.is_(None)
    )
    if governance:
        query = query.where(t.governance.in_(governance))
    if departments:
        used = tool_departments.c
        query = query.where(sa.exists().where(used.tool_id == t.id, used.department.in_(departments)))
    return {row.id: row for row in connection.execute(query)}


def subscriptions_of(connection: Connection, tool_id: int) -> Rows:
    """What the charges of a tool tell of."""
    chosen = tool_subscriptions.c.tool_id == tool_id
    return connection.execute(
        sa.select(tool_subscriptions).where(chosen).order_by(tool_subscriptions.c.number)
    ).all()


def yearly(
    connection: Connection, since: date, until: date | None, tool_ids: Sequence[int] | None = None
) -> Rows:
    """Yearly charges that are expected in a period."""
    s = tool_subscriptions.c
    query = sa.select(s.tool_id, s.next_on, s.last_on, s.usual_minor, s.currency, s.confidence).where(
        s.period == "yearly", s.next_on >= since
    )
    if until is not None:
        query = query.where(s.next_on <= until)
    if tool_ids is not None:
        query = query.where(among(connection, s.tool_id, tool_ids))
    return connection.execute(query).all()


def risen(connection: Connection, since: date, *, audience: str | None) -> Rows:
    """Subscriptions of which a price rise is known and that were still charged since a day."""
    s, t = tool_subscriptions.c, tools.c
    query = (
        sa.select(s.tool_id, s.period, s.rises, t.name)
        .join_from(tool_subscriptions, tools, t.id == s.tool_id)
        .where(sa.cast(s.rises, sa.Text) != "[]", s.last_on >= since, t.listed)
    )
    if audience is not None:
        query = query.where(t.audience == audience)
    return connection.execute(query).all()


# --- what was spent ----------------------------------------------------------------------------

_COUNTED = (expenses.c.state.in_(("posted", "refund")), expenses.c.replaced.is_(False))


def _spent(*columns: Any) -> sa.Select[*tuple[Any, ...]]:
    total = sa.func.sum(expenses.c.amount_minor).label("minor")
    return (
        sa.select(*columns, expenses.c.currency, total)
        .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
        .join(tools, tools.c.id == merchants.c.tool_id)
        .where(*_COUNTED)
        .group_by(*columns, expenses.c.currency)
    )


def by_month(connection: Connection, since: date, until: date, *, by: str, audience: str | None) -> Rows:
    """Charges less refunds as `month`, `key`, `currency`, `minor`; `key` is what they are told apart by."""
    month = month_of(expenses.c.occurred_on).label("month")
    if by == "category":
        query = _spent(month, tools.c.category.label("key"))
    elif by == "department":
        # Whom a charge is booked to; where nobody said so, whoever paid it.
        key = sa.func.coalesce(expenses.c.department, people.c.department).label("key")
        query = (
            _spent(month, key)
            .join(accounts, accounts.c.id == expenses.c.account_id, isouter=True)
            .join(people, people.c.id == accounts.c.person_id, isouter=True)
        )
    else:
        query = _spent(month).add_columns(sa.null().label("key"))
    query = query.where(expenses.c.occurred_on >= since, expenses.c.occurred_on <= until)
    if audience is not None:
        query = query.where(tools.c.audience == audience)
    return connection.execute(query).all()


def spent_between(
    connection: Connection, since: date, until: date, *, audience: str | None
) -> dict[str, int]:
    """What tools cost in a period, both days included, by currency."""
    query = _spent().where(expenses.c.occurred_on >= since, expenses.c.occurred_on <= until)
    if audience is not None:
        query = query.where(tools.c.audience == audience)
    return {row.currency: int(row.minor) for row in connection.execute(query)}


def undecided_page(
    connection: Connection, *, audience: str | None, before: tuple[int, int] | None, limit: int
) -> Rows:
    """Tools that cost money and that nobody decided on, the most expensive first."""
    t = tools.c
    names = ("id", "name", "governance", "audience", "category", "flagged", "people", "first_seen", "spend")
    query = sa.select(*(t[name] for name in names), t.spend_minor).where(
        t.listed, t.governance.in_(UNDECIDED), t.spend_minor > 0
    )
    if audience is not None:
        query = query.where(t.audience == audience)
    if before is not None:
        query = query.where(sa.tuple_(t.spend_minor, t.id) < sa.tuple_(*map(sa.literal, before)))
    return connection.execute(query.order_by(t.spend_minor.desc(), t.id.desc()).limit(limit)).all()


def undecided_totals(connection: Connection, since: date, *, audience: str | None) -> dict[str, int]:
    """What all such tools cost since a day, by currency."""
    query = _spent().where(tools.c.listed, tools.c.governance.in_(UNDECIDED), expenses.c.occurred_on >= since)
    if audience is not None:
        query = query.where(tools.c.audience == audience)
    return {row.currency: int(row.minor) for row in connection.execute(query)}


# --- overlap -----------------------------------------------------------------------------------


def of_categories(
    connection: Connection, category: str | None = None, *, audience: str | None = None
) -> Rows:
    """Tools that have a category and are in use or decided for, by id; of one category, if it is given."""
    t = tools.c
    names = ("id", "name", "category", "governance", "shadow", "evidence", "spend")
    passed = sa.exists().where(passes.c.tool_id == t.id, passes.c.ended_at.is_(None))
    query = sa.select(*(t[name] for name in names), passed.label("passed")).where(
        t.listed,
        t.category.is_not(None) if category is None else t.category == category,
        sa.or_(t.evidence == "active", t.governance.in_(sorted(SANCTIONED))),
    )
    if audience is not None:
        query = query.where(t.audience == audience)
    return connection.execute(query.order_by(t.id)).all()


def without_category(connection: Connection, *, audience: str | None = None) -> int:
    """How many tools in use have none."""
    t = tools.c
    query = sa.select(sa.func.count()).where(t.listed, t.category.is_(None), t.evidence == "active")
    if audience is not None:
        query = query.where(t.audience == audience)
    return connection.scalar(query) or 0


# --- what was told -----------------------------------------------------------------------------


def told(connection: Connection, tool_ids: Sequence[int], since: date) -> dict[int, dict[str, list[Any]]]:
    """The days and stages of the renewals since a day that were told, by tool and which renewal it was."""
    n = renewal_notices.c
    query = sa.select(n.tool_id, n.what, n.renews_on, n.stage).where(
        among(connection, n.tool_id, tool_ids), n.renews_on >= since
    )
    found: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(query):
        found[row.tool_id][row.what].append((row.renews_on, row.stage))
    return found


def note_told(connection: Connection, **values: Any) -> bool:
    """Note that a renewal was told; False if somebody else noted it."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    query = insert(renewal_notices).values(**values).on_conflict_do_nothing()
    return connection.execute(query.returning(renewal_notices.c.stage)).one_or_none() is not None
