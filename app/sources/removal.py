"""What would go with a source: counted before anybody removes it."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import (
    accounts,
    apps,
    assignments,
    expenses,
    grants,
    scans,
    sign_in_days,
    tool_sources,
    tools,
)


@dataclass(frozen=True)
class Removal:
    """What a source has brought.

    Attributes:
        people: accounts of people, whether they are known elsewhere or not.
        people_alone: people whom no other source knows.
        apps: apps as this source lists them.
        assignments: who was given which app.
        sign_ins: days on which somebody signed in to an app.
        grants: permissions.
        charges: payments.
        scans: scans of it, with what they had to say.
        tools_alone: tools that no other source has seen.
        tools_kept: those of them that stay, because people decided on them, claimed them, or put them on IT's
            list.
    """

    people: int
    people_alone: int
    apps: int
    assignments: int
    sign_ins: int
    grants: int
    charges: int
    scans: int
    tools_alone: int
    tools_kept: int


def would_remove(connection: Connection, source_id: int) -> Removal:
    """Count what removing a source would take along."""

    def count(query: sa.Select[*tuple[int]]) -> int:
        return connection.scalar(query) or 0

    def of(table: sa.Table) -> int:
        return count(sa.select(sa.func.count()).select_from(table).where(table.c.source_id == source_id))

    theirs = accounts.alias("theirs")
    known_elsewhere = sa.exists().where(
        theirs.c.person_id == accounts.c.person_id, theirs.c.source_id != source_id
    )
    alone = sa.select(sa.func.count(accounts.c.person_id.distinct())).where(
        accounts.c.source_id == source_id, accounts.c.person_id.is_not(None), ~known_elsewhere
    )
    days = (
        sa.select(sa.func.count())
        .select_from(sign_in_days)
        .join(apps, apps.c.id == sign_in_days.c.app_id)
        .where(apps.c.source_id == source_id)
    )
    other = tool_sources.alias("other")
    seen_elsewhere = sa.exists().where(
        other.c.tool_id == tool_sources.c.tool_id, other.c.source_id != source_id
    )
    only_here = (
        sa.select(sa.func.count())
        .select_from(tool_sources)
        .join(tools, tools.c.id == tool_sources.c.tool_id)
        .where(tool_sources.c.source_id == source_id, tools.c.merged_into.is_(None), ~seen_elsewhere)
    )
    held = sa.or_(tools.c.governance != "unreviewed", tools.c.ownership != "unowned", tools.c.on_it_list)
    return Removal(
        people=of(accounts),
        people_alone=count(alone),
        apps=of(apps),
        assignments=of(assignments),
        sign_ins=count(days),
        grants=of(grants),
        charges=of(expenses),
        scans=of(scans),
        tools_alone=count(only_here),
        tools_kept=count(only_here.where(held)),
    )
