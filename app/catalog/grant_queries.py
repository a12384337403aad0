"""Every query of grants: which there are, who has left or uses them, and what they come to together.

What a grant allows is one JSON list of scopes. A company has few different lists, however many grants it
has: words are looked up in the lists, and grants are found by the lists that fit.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.queries import GrantFilter
from app.catalog.repository import PERSON, Rows
from app.db import among
from app.models import accounts, apps, grants, people, sign_in_days, sources, tools

_LIST = sa.cast(grants.c.scopes, sa.Text)
_SINCE = sa.func.coalesce(grants.c.granted_at, grants.c.first_seen)
_LEFT = people.c.active.is_(False)
GROUP = sa.func.coalesce(apps.c.tool_id, -apps.c.id)
"""What grants are grouped by: the tool, or the app where nobody knows which tool it is."""


def scope_lists(connection: Connection) -> dict[str, list[str]]:
    """The different lists of scopes that grants have, by how the database writes them."""
    query = sa.select(_LIST.label("list")).distinct()
    return {text: orjson.loads(text) for text in connection.scalars(query)}


def grant_list(
    connection: Connection,
    wanted: GrantFilter,
    *,
    lists: Collection[str] | None = None,
    before: int | None,
    limit: int,
) -> Rows:
    """Grants, the newest first.

    Args:
        connection: a reading transaction.
        wanted: which.
        lists: only with one of these lists of scopes, as `scope_lists` names them.
        before: only with an id below.
        limit: how many at most.
    """
    query = sa.select(
        grants.c.id,
        grants.c.scopes,
        grants.c.grade,
        grants.c.consent,
        grants.c.granted_at,
        grants.c.first_seen,
        grants.c.last_seen,
        grants.c.gone_at,
        grants.c.account_id,
        grants.c.app_id,
        apps.c.name.label("app"),
        apps.c.tool_id,
        apps.c.publisher,
        apps.c.publisher_verified,
        tools.c.name.label("tool"),
        sources.c.name.label("source"),
        *PERSON,
    )
    query = _of(connection, query, wanted, lists).join(sources, sources.c.id == grants.c.source_id)
    query = query.outerjoin(tools, tools.c.id == apps.c.tool_id).order_by(grants.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(grants.c.id < before)
    return connection.execute(query).all()


def _of(
    connection: Connection,
    query: sa.Select[*tuple[Any, ...]],
    wanted: GrantFilter,
    lists: Collection[str] | None,
) -> sa.Select[*tuple[Any, ...]]:
    """Grants with their apps and people, as far as they pass every filter."""
    query = (
        query.select_from(grants)
        .join(apps, apps.c.id == grants.c.app_id)
        .outerjoin(accounts, accounts.c.id == grants.c.account_id)
        .outerjoin(people, people.c.id == accounts.c.person_id)
    )
    if wanted.tool is not None:
        query = query.where(apps.c.tool_id == wanted.tool)
    if wanted.source is not None:
        query = query.where(grants.c.source_id == wanted.source)
    if wanted.person is not None:
        query = query.where(accounts.c.person_id == wanted.person)
    if wanted.grade:
        query = query.where(grants.c.grade.in_([g.value for g in wanted.grade]))
    if wanted.consent is not None:
        query = query.where(grants.c.consent == wanted.consent)
    if wanted.everybody is not None:
        nobody = grants.c.account_id.is_(None)
        query = query.where(nobody if wanted.everybody else sa.not_(nobody))
    if wanted.leavers is not None:
        query = query.where(_LEFT if wanted.leavers else sa.or_(people.c.active.is_(None), people.c.active))
    if wanted.verified is not None:
        query = query.where(apps.c.publisher_verified.is_(wanted.verified))
    if wanted.live is not None:
        query = query.where(grants.c.gone_at.is_(None) if wanted.live else grants.c.gone_at.is_not(None))
    if lists is not None:
        query = query.where(among(connection, _LIST, sorted(lists)))
    if wanted.unused_since is not None:
        query = query.where(_unused_since(wanted.unused_since))
    return query


def _unused_since(day: date) -> sa.ColumnElement[bool]:
    """Given before a day, and nobody whom it is for has signed in to the tool since.

    One question each for somebody's own grant and for everybody's: together, neither could use an index.
    """
    given = datetime.combine(day, time(), tzinfo=UTC) > _SINCE
    of_one = sa.and_(sa.not_(_signed_in(day, own=True)), sa.not_(_signed_in(day, own=True, same_tool=True)))
    of_all = sa.and_(sa.not_(_signed_in(day)), sa.not_(_signed_in(day, same_tool=True)))
    return sa.and_(given, sa.case((grants.c.account_id.is_(None), of_all), else_=of_one))


def _signed_in(day: date, *, own: bool = False, same_tool: bool = False) -> sa.ColumnElement[bool]:
    """Since a day somebody signed in to a grant's app, or to any app of its tool.

    Args:
        day: since when.
        own: whose grant it is did; else anybody.
        same_tool: to any app of the tool.
    """
    other, mates = apps.alias(), accounts.alias()
    app = other.c.id if same_tool else grants.c.app_id
    used = sa.exists().where(sign_in_days.c.app_id == app, sign_in_days.c.day >= day)
    if own:
        account = mates.c.id if same_tool else grants.c.account_id
        used = used.where(sign_in_days.c.account_id == account)
    if not same_tool:
        return used.correlate(grants)
    # One within the other, so that each is looked up by its index: side by side, SQLite reads all sign-ins
    # of an app before it asks whose they are.
    used = sa.exists().where(other.c.tool_id == apps.c.tool_id, used.correlate(other, mates))
    if not own:
        return used.correlate(apps)
    used = used.correlate(apps, mates)
    # `people.id`, not the account's: what is asked of the person comes first then, and it costs less.
    return sa.exists().where(mates.c.person_id == people.c.id, used).correlate(apps, people)


class Used(NamedTuple):
    """A tool, or an app of none, and who uses it; nobody: everybody together."""

    group: int
    person_id: int | None


def last_used(connection: Connection, rows: Rows) -> dict[Used, date]:
    """The last sign-in behind some grants: of the person to any app of the tool; for everybody, of anybody.

    Args:
        connection: a reading transaction.
        rows: as `grant_list` gives them.
    """
    of_tools = among(connection, apps.c.tool_id, sorted({r.tool_id for r in rows if r.tool_id is not None}))
    of_none = among(connection, apps.c.id, sorted({r.app_id for r in rows if r.tool_id is None}))
    behind = sa.select(apps.c.id, GROUP).where(sa.or_(of_tools, of_none))
    groups: dict[int, int] = dict(connection.execute(behind).all())
    found: dict[Used, date] = {}

    def used(app_id: int, person_id: int | None, day: date) -> None:
        key = Used(groups[app_id], person_id)
        found[key] = max(day, found.get(key, day))

    if persons := sorted({r.person_id for r in rows if r.person_id is not None}):
        query = (
            sa.select(sign_in_days.c.app_id, accounts.c.person_id, sa.func.max(sign_in_days.c.day))
            .join_from(accounts, sign_in_days, sign_in_days.c.account_id == accounts.c.id)
            .where(among(connection, accounts.c.person_id, persons))
            .group_by(sign_in_days.c.app_id, accounts.c.person_id)
        )
        # Not only of these apps: asked so, SQLite would read everybody's sign-ins to them.
        for app_id, person_id, day in connection.execute(query):
            if app_id in groups:
                used(app_id, person_id, day)
    everybodys = {r.tool_id or -r.app_id for r in rows if r.person_id is None}
    if app_ids := sorted(app_id for app_id, group in groups.items() if group in everybodys):
        of_apps = among(connection, sign_in_days.c.app_id, app_ids)
        latest = sa.select(sign_in_days.c.app_id, sa.func.max(sign_in_days.c.day)).where(of_apps)
        for app_id, day in connection.execute(latest.group_by(sign_in_days.c.app_id)):
            used(app_id, None, day)
    return found


def permissions_of(connection: Connection, tool_id: int) -> Rows:
    """The live grants of a tool: what each allows, and in whose name."""
    return connection.execute(
        sa.select(grants.c.scopes, grants.c.consent, accounts.c.person_id)
        .join_from(grants, apps, apps.c.id == grants.c.app_id)
        .outerjoin(accounts, accounts.c.id == grants.c.account_id)
        .where(apps.c.tool_id == tool_id, grants.c.gone_at.is_(None))
    ).all()


def numbers(
    connection: Connection, wanted: GrantFilter, lists: Collection[str] | None
) -> sa.Row[*tuple[Any, ...]]:
    """How many grants pass the filters, and how many of them are of each kind that deserves a look."""

    def how_many(condition: sa.ColumnElement[bool], name: str) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0).label(name)

    query = sa.select(
        sa.func.count().label("all"),
        how_many(grants.c.grade == "high", "high"),
        how_many(_LEFT, "leavers"),
        how_many(grants.c.account_id.is_(None), "everybody"),
        how_many(apps.c.publisher_verified.is_(False), "unverified"),
    )
    return connection.execute(_of(connection, query, wanted, lists)).one()


def count(connection: Connection, wanted: GrantFilter, lists: Collection[str] | None) -> int:
    """How many grants pass the filters."""
    return connection.execute(_of(connection, sa.select(sa.func.count()), wanted, lists)).scalar_one()


def by_tool_and_list(
    connection: Connection, wanted: GrantFilter, lists: Collection[str] | None
) -> Sequence[sa.Row[int, str, int, int, int]]:
    """How often each tool was allowed each list of scopes: group, list, grants, leavers, for everybody.

    What a group is called say `names`: asked for here, they would be sorted along.
    """
    query = sa.select(
        GROUP.label("group"),
        _LIST.label("list"),
        sa.func.count().label("grants"),
        sa.func.sum(sa.case((_LEFT, 1), else_=0)).label("leavers"),
        sa.func.sum(sa.case((grants.c.account_id.is_(None), 1), else_=0)).label("everybody"),
    )
    query = _of(connection, query, wanted, lists)
    return connection.execute(query.group_by(GROUP, _LIST)).all()


class Named(NamedTuple):
    """A tool, or an app of which nobody knows which tool it is, and what it is called."""

    tool_id: int | None
    name: str


def names(connection: Connection, groups: Collection[int]) -> dict[int, Named]:
    """What some groups are, as `by_tool_and_list` numbers them."""
    query = sa.select(tools.c.id, tools.c.name).where(
        among(connection, tools.c.id, sorted(group for group in groups if group > 0))
    )
    found = {id_: Named(id_, name) for id_, name in connection.execute(query)}
    query = sa.select(apps.c.id, apps.c.name).where(
        among(connection, apps.c.id, sorted(-group for group in groups if group < 0))
    )
    return found | {-id_: Named(None, name) for id_, name in connection.execute(query)}
