"""What is left when evidence goes: tools and people that nothing speaks for any more.

Evidence goes when a source is deleted, when an app or a charge turns out to be of another tool, and
when it grows too old to be kept. Tools that people decided on, claimed, declined, entered a contract
of or put on IT's list stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.assess import assess
from app.catalog.evidence import matched_by_source, tools_of_source
from app.catalog.people import merge, people_of_source
from app.db import among
from app.identify import KnowledgeBase
from app.models import (
    accounts,
    apps,
    claim_events,
    contracts,
    expenses,
    merchants,
    passes,
    people,
    reviews,
    teachings,
    tool_sources,
    tools,
)
from app.models.requests import requests


@dataclass(frozen=True)
class Touched:
    """The tools and people that a source has evidence of, or had when they were last worked out."""

    tools: set[int]
    people: set[int]


def touched_by(connection: Connection, source_id: int) -> Touched:
    """Whom and what a source speaks for; ask before its rows change for the last time."""
    earlier = connection.scalars(
        sa.select(tool_sources.c.tool_id).where(tool_sources.c.source_id == source_id)
    )
    return Touched(
        tools_of_source(connection, source_id) | matched_by_source(connection, source_id) | set(earlier),
        set(people_of_source(connection, source_id)),
    )


def all_tools(connection: Connection) -> list[int]:
    """Every tool there is, in a fixed order."""
    return list(connection.scalars(sa.select(tools.c.id).order_by(tools.c.id)))


def settle(connection: Connection, kb: KnowledgeBase, touched: Touched, now: datetime) -> int:
    """Work out tools and people whose evidence changed; those without any left go.

    Args:
        connection: inside a writing transaction.
        kb: the knowledge base.
        touched: whose evidence changed.
        now: the time.

    Returns:
        How many tools went.
    """
    merge(connection, touched.people)
    _forget_people(connection)
    forget_merchants(connection, touched.tools)
    assess(connection, kb, touched.tools, now)
    return forget_tools(connection, touched.tools)


def _forget_people(connection: Connection) -> None:
    """Delete people without an account in any source."""
    bare = ~sa.exists().where(accounts.c.person_id == people.c.id)
    _delete_bare(connection, people, [bare])


def forget_merchants(connection: Connection, ids: Iterable[int]) -> None:
    """Delete the merchants of some tools that no expense was paid to any more."""
    tool_ids = sorted(ids)
    of_tools = [among(connection, merchants.c[name], tool_ids) for name in ("tool_id", "matched_tool_id")]
    unpaid = ~sa.exists().where(expenses.c.merchant_id == merchants.c.id)
    _delete_bare(connection, merchants, [sa.or_(*of_tools), unpaid])


def forget_tools(connection: Connection, ids: Iterable[int]) -> int:
    """Delete those of some tools that have no evidence, and nobody decided on, claimed, reviewed or taught.

    Returns:
        How many went.
    """
    other = tools.alias("other")
    active = teachings.c.undone_at.is_(None)
    bare = [
        among(connection, tools.c.id, sorted(set(ids) - _narrowed_to(connection))),
        tools.c.governance == "unreviewed",
        tools.c.ownership == "unowned",
        ~tools.c.on_it_list,
        ~sa.exists().where(requests.c.tool_id == tools.c.id, requests.c.state == "open"),
        *(
            ~sa.exists().where(column == tools.c.id)
            for table in (apps, merchants)
            for column in (table.c.tool_id, table.c.matched_tool_id)
        ),
        ~sa.exists().where(teachings.c.from_tool_id == tools.c.id, active),
        ~sa.exists().where(teachings.c.to_tool_id == tools.c.id, active),
        ~sa.exists().where(other.c.merged_into == tools.c.id),
        ~sa.exists().where(claim_events.c.tool_id == tools.c.id),
        ~sa.exists().where(contracts.c.tool_id == tools.c.id),
        ~sa.exists().where(reviews.c.tool_id == tools.c.id),
        ~sa.exists().where(passes.c.tool_id == tools.c.id),
    ]
    return _delete_bare(connection, tools, bare)


def _narrowed_to(connection: Connection) -> set[int]:
    """The tools to whose evidence active teachings are narrowed: without these, those hold for nothing."""
    stored = sa.cast(teachings.c.identifiers, sa.Text)
    narrowed = sa.select(teachings.c.identifiers).where(
        teachings.c.undone_at.is_(None), stored.contains('"only"')
    )
    return {i["only"] for learned in connection.scalars(narrowed) for i in learned if i.get("only")}


def _delete_bare(connection: Connection, table: sa.Table, bare: list[sa.ColumnElement[bool]]) -> int:
    # A page that another scan is storing may refer to a row at this moment: such rows are passed over.
    # One that was stored while the first statement ran is seen by the second.
    query = sa.select(table.c.id).where(*bare).order_by(table.c.id).with_for_update(skip_locked=True)
    ids = list(connection.scalars(query))
    if not ids:
        return 0
    return connection.execute(sa.delete(table).where(among(connection, table.c.id, ids), *bare)).rowcount
