"""Queries of teachings, and of the subjects that they move."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among
from app.models import apps, expenses, merchants, teachings, tools, users
from app.teaching.handles import Handle
from app.teaching.resolve import Book, Held, Learned, Matched, Teaching
from connectors.identifiers import APP_NAME
from connectors.observations import ExpenseSeen

Row = sa.Row[*tuple[Any, ...]]
Stamp = tuple[int, int, int]
"""Changes whenever a teaching is added or undone."""

_LOCK = 7_230_419_883
_PLAIN = re.compile(r"[A-Za-z0-9._:/@ -]+")
"""What JSON writes as it is."""
_SEARCHED = 20


class Subject(NamedTuple):
    """An app or a merchant with what is stored about its tool."""

    id: int
    name: str
    identifiers: list[Any]
    key: str
    tool_id: int
    matched: Matched
    held: Held


# --- who may go on at the same time ----------------------------------------------------------


def keep_out_teachers(connection: Connection) -> None:
    """Let nobody teach until this transaction ends; others that only keep teachers out go on beside it."""
    _lock(connection, sa.func.pg_advisory_xact_lock_shared(_LOCK))


def teach_alone(connection: Connection) -> None:
    """Wait for the transactions that store observations, and keep new ones out until this one ends."""
    _lock(connection, sa.func.pg_advisory_xact_lock(_LOCK))


def _lock(connection: Connection, lock: sa.ColumnElement[Any]) -> None:
    # SQLite has one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(lock))


# --- teachings -------------------------------------------------------------------------------


def stamp(connection: Connection) -> Stamp:
    """What tells whether teachings changed since they were read."""
    row = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.max(teachings.c.id), 0),
            sa.func.count(teachings.c.undone_at),
        )
    ).one()
    return (row[0], row[1], row[2])


def _with_names() -> sa.Select[*tuple[Any, ...]]:
    """Teachings with the names of the users who taught and undid them."""
    teacher, undoer = users.alias("teacher"), users.alias("undoer")

    def acted(user: Any, actor: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return actor == sa.literal("user:") + sa.cast(user.c.id, sa.Text)

    return (
        sa.select(teachings, teacher.c.name.label("teacher"), undoer.c.name.label("undoer"))
        .outerjoin(teacher, acted(teacher, teachings.c.actor))
        .outerjoin(undoer, acted(undoer, teachings.c.undone_by))
    )


def load_book(connection: Connection) -> Book:
    """All active teachings."""
    rows = connection.execute(_with_names().where(teachings.c.undone_at.is_(None)))
    return Book(as_teaching(row) for row in rows)


def as_teaching(row: Row) -> Teaching:
    """A stored teaching as resolving sees it."""
    return Teaching(
        id=row.id,
        verb=row.verb,
        at=row.at,
        actor=named(row.actor, row.teacher),
        reason=row.reason,
        from_tool_id=row.from_tool_id,
        to_tool_id=row.to_tool_id,
        from_name=row.from_name or "",
        learned=tuple(Learned(Handle(i["kind"], i["value"]), i.get("only")) for i in row.identifiers),
    )


def named(actor: str, name: str | None) -> str:
    """An actor with the user's name instead of their id, where it is a user: `user:Mara Lind`."""
    return f"user:{name}" if name else actor


def insert_teaching(connection: Connection, **values: Any) -> int:
    """Append a teaching; gives its id."""
    made = connection.execute(sa.insert(teachings).values(**values))
    key = made.inserted_primary_key
    assert key is not None
    return key[0]


def teaching(connection: Connection, teaching_id: int, *, lock: bool = False) -> Row | None:
    """One teaching."""
    query = _with_names().where(teachings.c.id == teaching_id)
    return connection.execute(query.with_for_update(of=teachings) if lock else query).one_or_none()


def mark_undone(connection: Connection, teaching_id: int, *, at: datetime, actor: str, reason: str) -> None:
    """Let a teaching no longer count."""
    connection.execute(
        sa.update(teachings)
        .where(teachings.c.id == teaching_id)
        .values(undone_at=at, undone_by=actor, undo_reason=reason)
    )


def teaching_list(
    connection: Connection,
    *,
    tool: int | None,
    verbs: Sequence[str],
    undone: bool | None,
    before: int | None,
    limit: int,
) -> Sequence[Row]:
    """Teachings, the newest first, those with an id below `before`."""
    query = _with_names().order_by(teachings.c.id.desc()).limit(limit)
    if tool is not None:
        query = query.where(sa.or_(teachings.c.from_tool_id == tool, teachings.c.to_tool_id == tool))
    if verbs:
        query = query.where(teachings.c.verb.in_(verbs))
    if undone is not None:
        query = query.where(teachings.c.undone_at.is_not(None) if undone else teachings.c.undone_at.is_(None))
    if before is not None:
        query = query.where(teachings.c.id < before)
    return connection.execute(query).all()


# --- subjects --------------------------------------------------------------------------------


def apps_of_tools(connection: Connection, tool_ids: Iterable[int]) -> list[Subject]:
    """The apps that belong to some tools now, in a fixed order."""
    return _apps(connection, among(connection, apps.c.tool_id, sorted(set(tool_ids))))


def apps_that_may_carry(connection: Connection, handles: Iterable[Handle]) -> list[Subject]:
    """Apps of tools, among them every one that carries one of the handles.

    Ids and hosts stand in the stored identifiers as they are; names do not, and then it is all apps.
    """
    wanted = sorted(set(handles))
    condition = apps.c.tool_id.is_not(None)
    if len(wanted) <= _SEARCHED and all(h.kind != APP_NAME and _PLAIN.fullmatch(h.value) for h in wanted):
        stored = sa.func.lower(sa.cast(apps.c.identifiers, sa.Text))
        condition = sa.or_(*(stored.contains(h.value.lower(), autoescape=True) for h in wanted))
    return _apps(connection, condition)


def merchants_of_tools(connection: Connection, tool_ids: Iterable[int]) -> list[Subject]:
    """The merchants that belong to some tools now, in a fixed order."""
    return _merchants(connection, among(connection, merchants.c.tool_id, sorted(set(tool_ids))))


def merchants_with_keys(connection: Connection, keys: Iterable[str], *, addresses: bool) -> list[Subject]:
    """The merchants with some keys; with `addresses` also all whose lines print an address."""
    wanted = among(connection, merchants.c.key, sorted(set(keys)))
    return _merchants(
        connection, sa.or_(wanted, merchants.c.key.startswith("domain:")) if addresses else wanted
    )


def _apps(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Subject]:
    columns = (
        "id",
        "name",
        "identifiers",
        "tool_id",
        "matched_tool_id",
        "rule",
        "confidence",
        "why",
        "matched",
    )
    query = sa.select(*(apps.c[c] for c in columns)).where(condition, apps.c.tool_id.is_not(None))
    return [
        Subject(r.id, r.name, r.identifiers, "", r.tool_id, matched_of(r), held_of(r))
        for r in connection.execute(query.order_by(apps.c.id))
    ]


def _merchants(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Subject]:
    return [
        Subject(r.id, r.name, [], r.key, r.tool_id, matched_of(r), held_of(r))
        for r in connection.execute(sa.select(merchants).where(condition).order_by(merchants.c.id))
    ]


def matched_of(row: Row) -> Matched:
    """What the matcher said of a stored subject."""
    said = row.matched or {"rule": row.rule, "confidence": row.confidence, "why": row.why}
    return Matched(row.matched_tool_id, said["rule"], said["confidence"], said["why"])


def held_of(row: Row) -> Held:
    """What holds for a stored subject."""
    return Held(row.tool_id, row.rule, row.confidence, row.why, row.matched)


def move_apps(connection: Connection, held: dict[int, Held]) -> None:
    """Write what holds for some apps, by id."""
    _move(connection, apps, held)


def move_merchants(connection: Connection, held: dict[int, Held]) -> None:
    """Write what holds for some merchants, by id."""
    _move(connection, merchants, held)


def _move(connection: Connection, table: sa.Table, held: dict[int, Held]) -> None:
    if not held:
        return
    names = ("tool_id", "rule", "confidence", "why", "matched")
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("b_id", type_=table.c.id.type))
        .values({name: sa.bindparam(f"b_{name}", type_=table.c[name].type) for name in names})
    )
    connection.execute(
        statement,
        [{"b_id": id_, **{f"b_{n}": getattr(h, n) for n in names}} for id_, h in sorted(held.items())],
    )


def expenses_since(
    connection: Connection, merchant_ids: Iterable[int], since: datetime
) -> list[tuple[int, ExpenseSeen]]:
    """The expenses of some merchants that were first seen since a moment, by id."""
    names = ("ref", "occurred_on", "amount_minor", "currency", "merchant", "descriptor", "mcc", "category")
    of_merchants = among(connection, expenses.c.merchant_id, sorted(merchant_ids))
    query = sa.select(expenses.c.id, *(expenses.c[n] for n in names)).where(
        of_merchants, expenses.c.first_seen >= since
    )
    rows = connection.execute(query.order_by(expenses.c.id))
    return [(row.id, ExpenseSeen(**{n: getattr(row, n) for n in names})) for row in rows]


def delete_expenses(connection: Connection, ids: Iterable[int]) -> None:
    """Delete some expenses."""
    connection.execute(sa.delete(expenses).where(among(connection, expenses.c.id, sorted(ids))))


# --- tools -----------------------------------------------------------------------------------


def tool(connection: Connection, tool_id: int) -> Row | None:
    """One tool."""
    return connection.execute(sa.select(tools).where(tools.c.id == tool_id)).one_or_none()


def tool_by_key(connection: Connection, key: str) -> Row | None:
    """One tool by its key."""
    return connection.execute(sa.select(tools).where(tools.c.key == key)).one_or_none()


def set_merged_into(connection: Connection, tool_id: int, target: int | None) -> None:
    """Note that a tool was merged into another one, or no longer is."""
    connection.execute(sa.update(tools).where(tools.c.id == tool_id).values(merged_into=target))


def count_up(connection: Connection, tool_ids: Iterable[int], at: datetime) -> None:
    """Give tools a new version: whoever read them before has seen something else."""
    connection.execute(
        sa.update(tools)
        .where(among(connection, tools.c.id, sorted(set(tool_ids))))
        .values(version=tools.c.version + 1, updated_at=at)
    )


def forget_flagging(connection: Connection, tool_ids: Iterable[int]) -> None:
    """Take back the date since when a tool waits, where an undone teaching or an undoing had set it.

    A tool that the two sides took up waits no more, and did wait: its date stays.
    """
    by_teaching = sa.exists().where(
        teachings.c.undone_at.is_not(None),
        sa.or_(teachings.c.at == tools.c.flagged_at, teachings.c.undone_at == tools.c.flagged_at),
    )
    connection.execute(
        sa.update(tools)
        .where(
            among(connection, tools.c.id, sorted(set(tool_ids))),
            ~tools.c.flagged,
            tools.c.governance == "unreviewed",
            by_teaching,
        )
        .values(flagged_at=None)
    )


def listed_tools(connection: Connection) -> Sequence[Row]:
    """Every tool that is shown, in short."""
    columns = (tools.c[c] for c in ("id", "key", "name", "vendor", "domain"))
    return connection.execute(sa.select(*columns).where(tools.c.listed).order_by(tools.c.id)).all()


def tools_by_id(connection: Connection, tool_ids: Iterable[int]) -> Sequence[Row]:
    """Some tools, in a fixed order."""
    query = sa.select(tools).where(among(connection, tools.c.id, sorted(set(tool_ids))))
    return connection.execute(query.order_by(tools.c.id)).all()


def app_traits(connection: Connection, tool_ids: Iterable[int] | None = None) -> Iterable[Row]:
    """Of each app its tool, publisher and identifiers; of the apps of some tools, if they are given."""
    query = sa.select(apps.c.tool_id, apps.c.publisher, apps.c.identifiers)
    if tool_ids is None:
        return connection.execute(query.where(apps.c.tool_id.is_not(None)))
    return connection.execute(query.where(among(connection, apps.c.tool_id, sorted(set(tool_ids)))))


def tools_that_may_share(connection: Connection, addresses: Iterable[str]) -> set[int]:
    """Tools with an app in whose identifiers one of some texts stands, which are parts of addresses.

    What JSON does not write as it is may be anything, so that the tools of such apps are among them.
    """
    if not (texts := sorted(set(addresses))):
        return set()
    stored = sa.func.lower(sa.cast(apps.c.identifiers, sa.Text))
    if connection.dialect.name == "postgresql":
        other = stored.regexp_match("[^ -~]")
    else:
        other = stored.op("GLOB", is_comparison=True)("*[^ -~]*")
    said = [stored.contains(text.lower(), autoescape=True) for text in (*texts, "\\")]
    query = sa.select(apps.c.tool_id).where(apps.c.tool_id.is_not(None), sa.or_(other, *said))
    return set(connection.scalars(query.distinct()))
