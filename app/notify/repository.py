"""Every query of the outbox, its channels and what people prefer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.db import among, upsert
from app.models import channels, deliveries, messages, notification_preferences, subscriptions, users
from app.notify.times import Preferences
from app.notify.topics import Mode

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]
OPEN = ("queued", "sending", "failed")
"""States in which a delivery is still to be made."""


# --- putting -----------------------------------------------------------------------------------


def release_key(connection: Connection, key: str, now: datetime) -> None:
    """Let a key be used again if its message is delivered everywhere and its quiet time is over."""
    waiting = sa.exists().where(deliveries.c.message_id == messages.c.id, deliveries.c.state.in_(OPEN))
    connection.execute(
        sa.update(messages)
        .where(messages.c.open_key == key, messages.c.quiet_until <= now, ~waiting)
        .values(open_key=None)
    )


def insert_message(connection: Connection, values: Mapping[str, Any]) -> int | None:
    """Store a message; its id, or None if its key is in use. Of two at the same moment one is stored."""
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    query = kind.insert(messages).values(**values).on_conflict_do_nothing(index_elements=["open_key"])
    return connection.execute(query.returning(messages.c.id)).scalar_one_or_none()


def insert_deliveries(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what a message is to be delivered to."""
    if rows:
        connection.execute(sa.insert(deliveries), [dict(row) for row in rows])


def recipients(connection: Connection, user_ids: Collection[int], sides: set[str]) -> list[int]:
    """Ids of the users that are named or sit on a side, without those who may no longer log in."""
    rows = connection.execute(sa.select(users.c.id, users.c.roles).where(users.c.active)).all()
    return sorted(row.id for row in rows if row.id in user_ids or sides & set(row.roles))


def preferences_of(connection: Connection, user_ids: Sequence[int]) -> dict[int, Preferences]:
    """When each of some users wants to hear something; who said nothing is left out."""
    p = notification_preferences
    rows = connection.execute(sa.select(p).where(among(connection, p.c.user_id, user_ids))).mappings().all()
    return {r["user_id"]: Preferences(**{k: v for k, v in r.items() if k != "user_id"}) for r in rows}


def modes_of(connection: Connection, user_ids: Sequence[int], topic: str) -> dict[int, Mode]:
    """How each of some users chose to hear of a topic."""
    s = subscriptions
    query = sa.select(s.c.user_id, s.c.mode).where(
        s.c.topic == topic, among(connection, s.c.user_id, user_ids)
    )
    return {row.user_id: Mode(row.mode) for row in connection.execute(query)}


# --- what a person chose -------------------------------------------------------------------------


def chosen_modes(connection: Connection, user_id: int) -> dict[str, Mode]:
    """What a user chose, by topic."""
    query = sa.select(subscriptions.c.topic, subscriptions.c.mode).where(subscriptions.c.user_id == user_id)
    return {row.topic: Mode(row.mode) for row in connection.execute(query)}


def save_preferences(connection: Connection, user_id: int, values: Mapping[str, Any]) -> None:
    """Keep when a user wants to hear something."""
    row = {"user_id": user_id, **values}
    upsert(connection, notification_preferences, [row], key=("user_id",), update=tuple(values))


def save_modes(connection: Connection, user_id: int, modes: Mapping[str, Mode]) -> None:
    """Keep how a user wants to hear of some topics."""
    rows = [{"user_id": user_id, "topic": topic, "mode": mode.value} for topic, mode in modes.items()]
    upsert(connection, subscriptions, rows, key=("user_id", "topic"), update=("mode",))


def keep_in_inbox(connection: Connection, user_id: int, topic: str, reason: str) -> None:
    """Leave what waits to be mailed to a user about a topic in the inbox only."""
    of_topic = sa.select(messages.c.id).where(messages.c.topic == topic)
    connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.user_id == user_id,
            deliveries.c.state.in_(("queued", "failed")),
            deliveries.c.message_id.in_(of_topic),
        )
        .values(state="kept", last_error=reason)
    )


def reschedule_digests(connection: Connection, user_id: int, at: datetime) -> None:
    """Move what waits for a user's digest to another moment."""
    d = deliveries
    waiting = sa.and_(d.c.user_id == user_id, d.c.digest, d.c.state == "queued")
    connection.execute(sa.update(d).where(waiting).values(next_at=at))


# --- channels ------------------------------------------------------------------------------------


def all_channels(connection: Connection) -> Rows:
    """All channels by name."""
    return connection.execute(sa.select(channels).order_by(channels.c.name)).all()


def enabled_channels(connection: Connection) -> Rows:
    """Channels that are switched on, the oldest first."""
    return connection.execute(sa.select(channels).where(channels.c.enabled).order_by(channels.c.id)).all()


def channel(connection: Connection, channel_id: int) -> Row | None:
    """One channel."""
    return connection.execute(sa.select(channels).where(channels.c.id == channel_id)).one_or_none()


def channel_named(connection: Connection, name: str) -> Row | None:
    """The channel called `name`."""
    return connection.execute(sa.select(channels).where(channels.c.name == name)).one_or_none()


def mail_channel(connection: Connection) -> int | None:
    """The channel through which people get e-mail: the first one that is switched on."""
    query = sa.select(sa.func.min(channels.c.id)).where(channels.c.kind == "email", channels.c.enabled)
    return connection.scalar(query)


def insert_channel(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a channel; its id."""
    key = connection.execute(sa.insert(channels).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def update_channel(connection: Connection, channel_id: int, version: int, values: Mapping[str, Any]) -> bool:
    """Change a channel if it still has `version`; False if it has not."""
    query = sa.update(channels).where(channels.c.id == channel_id, channels.c.version == version)
    return connection.execute(query.values(**values, version=version + 1)).rowcount == 1


def delete_channel(connection: Connection, channel_id: int, version: int) -> bool:
    """Remove a channel and what was delivered through it, if it still has `version`."""
    query = sa.delete(channels).where(channels.c.id == channel_id, channels.c.version == version)
    return connection.execute(query).rowcount == 1


def waiting_at(connection: Connection, channel_id: int) -> int:
    """How many deliveries wait for a channel."""
    d = deliveries
    query = sa.select(sa.func.count()).where(d.c.channel_id == channel_id, d.c.state.in_(OPEN))
    return connection.scalar(query) or 0


# --- looking -------------------------------------------------------------------------------------

_SHOWN = (
    deliveries,
    messages.c.uid,
    messages.c.topic,
    messages.c.subject,
    messages.c.title,
    messages.c.text,
    messages.c.path,
    channels.c.name.label("channel"),
    channels.c.kind.label("channel_kind"),
    users.c.name.label("user_name"),
)


def _looking() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_SHOWN)
        .join(messages, messages.c.id == deliveries.c.message_id)
        .outerjoin(channels, channels.c.id == deliveries.c.channel_id)
        .outerjoin(users, users.c.id == deliveries.c.user_id)
        .order_by(deliveries.c.id.desc())
    )


def outbox_page(
    connection: Connection, wanted: Iterable[tuple[str, Any]], *, before: int | None, limit: int
) -> Rows:
    """Deliveries that pass a filter of `(column, value)`, the newest first."""
    query = _looking().limit(limit)
    columns = {
        "state": deliveries.c.state,
        "channel_id": deliveries.c.channel_id,
        "user_id": deliveries.c.user_id,
        "topic": messages.c.topic,
        "subject": messages.c.subject,
    }
    for name, value in wanted:
        if value is not None:
            query = query.where(columns[name] == value)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    return connection.execute(query).all()


def delivery(connection: Connection, delivery_id: int) -> Row | None:
    """One delivery with its message."""
    return connection.execute(_looking().where(deliveries.c.id == delivery_id)).one_or_none()


def send_again(connection: Connection, delivery_id: int, states: Collection[str], now: datetime) -> bool:
    """Put a delivery back to the start, if it is in one of `states`."""
    done = connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state.in_(states))
        .values(state="queued", attempts=0, next_at=now, last_error=None, sent_at=None, digest=False)
    )
    return done.rowcount == 1
