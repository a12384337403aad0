"""Every query of delivering: what is due is claimed under a lease, and what came of it is noted.

A claim counts the attempt and raises the fence. Whoever was overtaken, because its lease ran out, changes
nothing any more: the note of an older fence finds no row.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among
from app.models import channels, deliveries, messages, people, users
from app.notify.repository import OPEN, Row, Rows


def channels_due(connection: Connection, now: datetime) -> Rows:
    """Channels for which something is due, without those that wait for a pause to end."""
    query = (
        sa.select(channels)
        .where(
            channels.c.enabled,
            sa.or_(channels.c.paused_until.is_(None), channels.c.paused_until <= now),
            sa.exists().where(deliveries.c.channel_id == channels.c.id, _due(now)),
        )
        .order_by(channels.c.id)
    )
    return connection.execute(query).all()


def _due(now: datetime) -> sa.ColumnElement[bool]:
    d = deliveries
    waiting = sa.and_(d.c.state.in_(("queued", "failed")), d.c.next_at <= now)
    left_behind = sa.and_(d.c.state == "sending", d.c.lease_until <= now)
    return sa.or_(waiting, left_behind)


def claim(
    connection: Connection, channel_id: int, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[list[Row]]:
    """Take what is due for a channel, so that nobody else sends it for as long as the lease holds.

    Returns:
        Groups of deliveries, each to be sent in one go: alone, or all of one person's digest.
    """
    d = deliveries
    query = (
        sa.select(d.c.id, d.c.user_id, d.c.digest)
        .where(d.c.channel_id == channel_id, _due(now))
        .order_by(d.c.next_at, d.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).all()
    ids = [row.id for row in found if not row.digest]
    digests = {row.user_id for row in found if row.digest}
    if digests:
        rest = sa.select(d.c.id).where(
            d.c.channel_id == channel_id,
            d.c.digest,
            among(connection, d.c.user_id, sorted(digests)),
            _due(now),
        )
        ids += connection.scalars(rest.with_for_update(skip_locked=True))
    if not ids:
        return []
    connection.execute(
        sa.update(d)
        .where(among(connection, d.c.id, ids))
        .values(
            state="sending",
            lease_owner=owner,
            lease_until=now + lease,
            attempts=d.c.attempts + 1,
            fence=d.c.fence + 1,
        )
    )
    groups: dict[Any, list[Row]] = {}
    for row in _claimed(connection, ids):
        groups.setdefault(("digest", row.user_id) if row.digest else row.id, []).append(row)
    return list(groups.values())


def _claimed(connection: Connection, ids: Sequence[int]) -> Rows:
    shown = (
        deliveries.c.id,
        deliveries.c.user_id,
        deliveries.c.person_id,
        deliveries.c.channel_id,
        deliveries.c.digest,
        deliveries.c.attempts,
        deliveries.c.fence,
        messages.c.uid,
        messages.c.topic,
        messages.c.subject,
        messages.c.title,
        messages.c.text,
        messages.c.words_at,
        messages.c.path,
        messages.c.data,
        messages.c.created_at,
        users.c.email.label("user_email"),
        users.c.name.label("user_name"),
        users.c.active.label("user_active"),
        sa.func.coalesce(users.c.locale, _locale_of_person()).label("locale"),
        people.c.email.label("person_email"),
        people.c.name.label("person_name"),
    )
    query = (
        sa.select(*shown)
        .join(messages, messages.c.id == deliveries.c.message_id)
        .outerjoin(users, users.c.id == deliveries.c.user_id)
        .outerjoin(people, people.c.id == deliveries.c.person_id)
        .where(among(connection, deliveries.c.id, ids))
        .order_by(deliveries.c.id)
    )
    return connection.execute(query).all()


def _locale_of_person() -> sa.ScalarSelect[str]:
    """In which language somebody of the directories is written to who logs in here as well."""
    theirs = users.alias()
    return (
        sa.select(theirs.c.locale)
        .where(theirs.c.person_id == deliveries.c.person_id, theirs.c.locale.is_not(None))
        .order_by(theirs.c.id)
        .limit(1)
        .scalar_subquery()
    )


def note(connection: Connection, rows: Sequence[Row], **values: Any) -> bool:
    """Note what came of a claim; False if another worker has taken it over meanwhile."""
    noted = 0
    for row in rows:
        query = sa.update(deliveries).where(
            deliveries.c.id == row.id, deliveries.c.fence == row.fence, deliveries.c.state == "sending"
        )
        done = connection.execute(query.values(lease_owner=None, lease_until=None, **values))
        noted += done.rowcount
    return noted == len(rows)


def give_back(connection: Connection, rows: Sequence[Row], at: datetime) -> None:
    """Put back what was claimed and not tried: it counts as no attempt."""
    note(connection, rows, state="queued", next_at=at, attempts=deliveries.c.attempts - 1)


def channel_health(connection: Connection, channel_id: int, **values: Any) -> None:
    """Note how a channel stands. Its version stays: nobody changed it."""
    connection.execute(sa.update(channels).where(channels.c.id == channel_id).values(**values))


def delete_older(connection: Connection, before: datetime) -> int:
    """Delete messages from before a moment that wait for nothing any more; gives how many."""
    waiting = sa.exists().where(deliveries.c.message_id == messages.c.id, deliveries.c.state.in_(OPEN))
    return connection.execute(sa.delete(messages).where(messages.c.created_at < before, ~waiting)).rowcount
