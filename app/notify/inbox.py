"""What a person was told and wants to be told; and the outbox as those who run Penumbra see it."""

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from app.language import USUAL_LOCALE, _
from app.notify import repository
from app.notify.outbox import SWITCHED_OFF
from app.notify.packing import ALL_DIGESTS
from app.notify.parcel import Address
from app.notify.repository import Row
from app.notify.schemas import (
    DayName,
    DeliveryOut,
    NotificationOut,
    OutboxQuery,
    PreferencesChange,
    PreferencesOut,
    TopicChoice,
    UserRef,
)
from app.notify.times import Preferences, next_digest
from app.notify.topics import TOPICS, Mode
from app.security import audit, users
from app.security.privacy import Veil
from app.security.schemas import Caller

DAYS: tuple[DayName, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


# --- one's own -----------------------------------------------------------------------------------


def notifications(
    connection: Connection, caller: Caller, *, cursor: str | None = None, limit: int = 50
) -> Listing[NotificationOut]:
    """What the caller was told, the newest first; a service is told nothing.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "notifications", (int,))[0] if cursor else None
    if caller.user_id is None:
        return Listing(items=[])
    rows = repository.outbox_page(connection, [("user_id", caller.user_id)], before=before, limit=limit + 1)
    items = [NotificationOut.model_validate(row) for row in rows[:limit]]
    return Listing(
        items=items, next=encode_cursor("notifications", (items[-1].id,)) if len(rows) > limit else None
    )


def preferences(connection: Connection, caller: Caller) -> PreferencesOut:
    """When and how the caller wants to hear of things.

    Raises:
        Forbidden: the caller is a service.
    """
    return _preferences(connection, _person(caller))


def change_preferences(
    connection: Connection, caller: Caller, change: PreferencesChange, now: datetime
) -> PreferencesOut:
    """Change when and how the caller wants to hear of things; what waits follows.

    Raises:
        Forbidden: the caller is a service.
        Invalid: there is no such time zone, or no such topic.
    """
    user_id = _person(caller)
    before = repository.preferences_of(connection, [user_id]).get(user_id, Preferences())
    if change.timezone is not None and change.timezone not in available_timezones():
        wrong = FieldError("timezone", _("write one such as Europe/Berlin"))
        raise Invalid(_("There is no such time zone."), fields=[wrong])
    if unknown := sorted(set(change.topics or {}) - {t.name for t in TOPICS.values() if not t.asked}):
        raise Invalid(
            _("There is no such topic."),
            fields=[FieldError(f"topics.{n[:80]}", _("is no topic")) for n in unknown],
        )
    after = Preferences(
        timezone=change.timezone or before.timezone,
        quiet_from=_minute(change.quiet_from, before.quiet_from),
        quiet_until=_minute(change.quiet_until, before.quiet_until),
        digest_day=DAYS.index(change.digest_day) if change.digest_day else before.digest_day,
        digest_minute=_minute(change.digest_time, before.digest_minute),
    )
    spoken_before = users.locale_of(connection, user_id)
    if change.locale is not None and change.locale != spoken_before:
        users.write_in(connection, user_id, change.locale)
    if after != before:
        repository.save_preferences(connection, user_id, vars(after))
        repository.reschedule_digests(connection, user_id, next_digest(now, after))
    modes = {topic: Mode(mode) for topic, mode in (change.topics or {}).items()}
    _choose(connection, user_id, modes)
    audit.record(
        connection,
        caller.actor,
        "preferences.change",
        f"user:{user_id}",
        before={**vars(before), "locale": spoken_before},
        after={
            **vars(after),
            "locale": change.locale or spoken_before,
            "topics": {t: m.value for t, m in modes.items()},
        },
        at=now,
    )
    return _preferences(connection, user_id)


def mode_of(connection: Connection, user_id: int, topic: str) -> Mode:
    """How somebody hears of a topic."""
    return repository.modes_of(connection, [user_id], topic).get(user_id, TOPICS[topic].mode)


def choose_mode(connection: Connection, user_id: int, topic: str, mode: Mode) -> None:
    """Keep how somebody hears of a topic."""
    _choose(connection, user_id, {topic: mode})


def mailbox(connection: Connection, user_id: int) -> Address:
    """Where and how somebody is written to.

    Raises:
        NotFound: there is no such user.
    """
    user = users.get_user(connection, user_id)
    return Address(user.email, user.name, users.locale_of(connection, user_id) or USUAL_LOCALE)


def mail_goes_out(connection: Connection) -> bool:
    """Whether people get e-mail at all: a channel for it is set up and switched on."""
    return repository.mail_channel(connection) is not None


def unsubscribe(connection: Connection, subject: str, now: datetime) -> str:
    """Switch off what a link in an e-mail names; doing it twice is no error.

    Args:
        connection: a writing transaction.
        subject: `7:review.waiting`, or `7:*` for all that comes in digests.
        now: the time.

    Returns:
        What was switched off, for a sentence.

    Raises:
        NotFound: there is no such user any more.
    """
    user, _sep, about = subject.partition(":")
    user_id = users.get_user(connection, int(user)).id
    if about == ALL_DIGESTS:
        chosen = repository.chosen_modes(connection, user_id)
        modes = {n: Mode.OFF for n, t in TOPICS.items() if chosen.get(n, t.mode) is Mode.DIGEST}
    else:
        modes = {about: Mode.OFF}
    _choose(connection, user_id, modes)
    after = {topic: mode.value for topic, mode in modes.items()}
    audit.record(
        connection, f"user:{user_id}", "preferences.unsubscribe", f"user:{user_id}", after=after, at=now
    )
    return what_link_names(subject)


def what_link_names(subject: str) -> str:
    """What an unsubscribing link is about, in words."""
    about = subject.partition(":")[2]
    if about == ALL_DIGESTS:
        return _("what comes in the weekly digest")
    topic = TOPICS.get(about)
    return _("“%(words)s”", words=_(topic.title) if topic else about)


def _choose(connection: Connection, user_id: int, modes: dict[str, Mode]) -> None:
    repository.save_modes(connection, user_id, modes)
    for topic, mode in modes.items():
        if mode is Mode.OFF:
            repository.keep_in_inbox(connection, user_id, topic, SWITCHED_OFF)


def _preferences(connection: Connection, user_id: int) -> PreferencesOut:
    p = repository.preferences_of(connection, [user_id]).get(user_id, Preferences())
    chosen = repository.chosen_modes(connection, user_id)
    return PreferencesOut(
        timezone=p.timezone,
        quiet_from=_clock(p.quiet_from),
        quiet_until=_clock(p.quiet_until),
        digest_day=DAYS[p.digest_day],
        digest_time=_clock(p.digest_minute),
        locale=users.locale_of(connection, user_id),
        topics=[
            TopicChoice(
                topic=t.name,
                title=t.title,
                mode=chosen.get(t.name, t.mode).value,
                urgent=t.urgent,
                chosen=t.name in chosen,
            )
            for t in TOPICS.values()
            if not t.asked
        ],
    )


def _person(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden(_("Only a person has preferences; this token belongs to a service."))
    return caller.user_id


def _minute(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else int(text[:2]) * 60 + int(text[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


# --- the outbox ----------------------------------------------------------------------------------


def outbox(
    connection: Connection, wanted: OutboxQuery, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[DeliveryOut]:
    """Deliveries, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "outbox", (int,))[0] if cursor else None
    filters = [(n, getattr(wanted, n)) for n in ("state", "topic", "subject", "channel_id")]
    rows = repository.outbox_page(connection, filters, before=before, limit=limit + 1)
    items = [_shown(row, veil) for row in rows[:limit]]
    return Listing(items=items, next=encode_cursor("outbox", (items[-1].id,)) if len(rows) > limit else None)


def send_again(
    connection: Connection, delivery_id: int, *, actor: str, now: datetime, veil: Veil
) -> DeliveryOut:
    """Try a delivery anew, from the first attempt on; a webhook also gets again what it has had.

    Raises:
        NotFound: there is none.
        Conflict: it is on its way, was delivered, or has no channel to go through.
    """
    row = repository.delivery(connection, delivery_id)
    if row is None:
        raise NotFound(_("There is no delivery %(delivery_id)s.", delivery_id=delivery_id))
    if row.channel_id is None:
        raise Conflict(_("This was only for the inbox: there is no channel that it could go through."))
    states = {"failed", "dead"} | ({"sent"} if row.channel_kind == "webhook" else set())
    if not repository.send_again(connection, delivery_id, states, now):
        raise Conflict(
            _("This delivery is %(state)s; what failed or is dead can be sent again.", state=_(row.state))
        )
    detail: dict[str, Any] = {"state": row.state, "attempts": row.attempts, "channel": row.channel}
    audit.record(connection, actor, "delivery.retry", f"delivery:{delivery_id}", detail, at=now)
    again = repository.delivery(connection, delivery_id)
    assert again is not None
    return _shown(again, veil)


def _shown(row: Row, veil: Veil) -> DeliveryOut:
    return DeliveryOut(
        id=row.id,
        message=row.uid,
        topic=row.topic,
        subject=row.subject,
        title=row.title,
        channel_id=row.channel_id,
        channel=row.channel,
        kind=row.channel_kind,
        user=UserRef(user_id=row.user_id, name=row.user_name) if row.user_id is not None else None,
        person_id=row.person_id,
        digest=row.digest,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at if row.state in repository.OPEN else None,
        last_error=veil.text(row.last_error),
        ref=row.ref,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
