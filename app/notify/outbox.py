"""The outbox: what is to be told is written in the transaction of what happened, and delivered later.

    outbox.put(connection, Message(topic="review.question", subject="review:12", …), now)

Either both are kept or neither: nobody hears of a review that was rolled back, and no review waits for an
answer that nobody was asked for.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from app.language import lasting
from app.notify import repository
from app.notify.times import Preferences, when_to_send
from app.notify.topics import Mode, topic_of, wanted
from app.security.schemas import Side

QUIET = timedelta(days=7)
"""So long after an alert the same one is not put again, unless the message says otherwise."""
NO_MAIL = lasting("Only in the inbox: no e-mail channel is set up.")
SWITCHED_OFF = lasting("Only in the inbox: switched off by the recipient.")


@dataclass(frozen=True)
class To:
    """Who is told: users, everybody of a side, channels by id, or somebody from the directories.

    Channels that want a topic get it without being named here; but what is told to somebody from the
    directories is theirs alone, and no channel gets it.
    """

    users: tuple[int, ...] = ()
    sides: tuple[Side, ...] = ()
    channels: tuple[int, ...] = ()
    person: int | None = None


@dataclass(frozen=True)
class Message:
    """Something to tell.

    Attributes:
        topic: one of `app.notify.topics`.
        subject: what it is about, as the audit trail names things: `review:12`.
        to: who is told.
        title: one line.
        text: a few sentences of ours; each line is told in the receiver's language.
        words: what somebody wrote themselves, which stands behind it and is told as it is.
        path: where the one click leads, from `/` on.
        data: plain values for programs.
        dedupe_key: one alert a thing and cause: while a message with this key is not delivered everywhere,
            or was put less than `quiet` ago, another one is not put.
        quiet: see `dedupe_key`.
        not_before: nothing is sent before that.
    """

    topic: str
    subject: str
    to: To
    title: str
    text: str
    path: str
    words: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    dedupe_key: str | None = None
    quiet: timedelta = QUIET
    not_before: datetime | None = None


def put(connection: Connection, message: Message, now: datetime) -> int | None:
    """Put a message into the outbox.

    Args:
        connection: the writing transaction of what happened.
        message: what to tell.
        now: the time.

    Returns:
        The message's id; None if it was told already (see `Message.dedupe_key`).

    Raises:
        ValueError: there is no such topic, or the path is not one of ours.
    """
    topic = topic_of(message.topic)
    if not message.path.startswith("/") or message.path.startswith("//"):
        raise ValueError("a message's path begins with one slash")
    if message.dedupe_key is not None:
        repository.release_key(connection, message.dedupe_key, now)
    message_id = repository.insert_message(
        connection,
        {
            "uid": uuid.uuid4().hex,
            "topic": message.topic,
            "subject": message.subject,
            "title": " ".join(message.title.split()),
            "text": " ".join(filter(None, (message.text, message.words))),
            "words_at": (len(message.text) + 1 if message.text else 0) if message.words else None,
            "path": message.path,
            "data": dict(message.data),
            "dedupe_key": message.dedupe_key,
            "open_key": message.dedupe_key,
            "quiet_until": now + message.quiet if message.dedupe_key is not None else None,
            "created_at": now,
        },
    )
    if message_id is None:
        return None
    start = max(now, message.not_before or now)
    rows = _to_users(connection, message, start)
    if message.to.person is None and not topic.personal:
        rows = _to_channels(connection, message, start) + rows
    if message.to.person is not None:
        mail = repository.mail_channel(connection)
        rows.append(
            {
                **_row(mail, start),
                "person_id": message.to.person,
                "state": "queued" if mail else "dead",
                "last_error": None if mail else NO_MAIL,
            }
        )
    repository.insert_deliveries(
        connection, [{**row, "message_id": message_id, "created_at": now} for row in rows]
    )
    return message_id


def _row(channel_id: int | None, at: datetime) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "user_id": None,
        "person_id": None,
        "digest": False,
        "state": "queued",
        "next_at": at,
        "last_error": None,
    }


def _to_channels(connection: Connection, message: Message, at: datetime) -> list[dict[str, Any]]:
    named = set(message.to.channels)
    return [
        _row(row.id, at)
        for row in repository.enabled_channels(connection)
        if row.kind != "email" and (row.id in named or wanted(row.topics, message.topic))
    ]


def _to_users(connection: Connection, message: Message, at: datetime) -> list[dict[str, Any]]:
    people = repository.recipients(connection, message.to.users, {s.value for s in message.to.sides})
    if not people:
        return []
    mail = repository.mail_channel(connection)
    preferences = repository.preferences_of(connection, people)
    topic = topic_of(message.topic)
    modes = {} if topic.asked else repository.modes_of(connection, people, message.topic)
    rows = []
    for user_id in people:
        mode = modes.get(user_id, topic.mode)
        if mail is None or mode is Mode.OFF:
            reason = SWITCHED_OFF if mode is Mode.OFF else NO_MAIL
            rows.append({**_row(None, at), "user_id": user_id, "state": "kept", "last_error": reason})
            continue
        moment = when_to_send(at, preferences.get(user_id, Preferences()), mode, urgent=topic.urgent)
        rows.append({**_row(mail, moment), "user_id": user_id, "digest": mode is Mode.DIGEST})
    return rows
