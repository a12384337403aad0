"""Deliveries made into what is sent; and what speaks against sending them now."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.language import lasting
from app.notify import repository
from app.notify.links import ASK, UNSUBSCRIBE, Links
from app.notify.outbox import SWITCHED_OFF
from app.notify.parcel import Address, Chrome, Item, Parcel, Table
from app.notify.repository import Row
from app.notify.times import Preferences, after_quiet
from app.notify.topics import ADOPTER_ASK, REPORT_ASKED, REPORT_MONTHLY, TOPICS, Mode

ALL_DIGESTS = "*"
_UNSUBSCRIBE_FOR = timedelta(days=90)


def hindrance(connection: Connection, rows: Sequence[Row], now: datetime) -> datetime | str | None:
    """Why some deliveries are not to be sent now.

    Returns:
        None if nothing speaks against it, a moment to wait for, or the reason why they are not sent at all.
    """
    first = rows[0]
    if first.person_id is not None:
        return None if first.person_email else lasting("Not sent: the directories know no address.")
    if first.user_id is None:
        return None
    if not first.user_active:
        return lasting("Not sent: the recipient may no longer log in.")
    topic = TOPICS.get(first.topic)
    if first.digest or topic is None:
        return None
    modes = {} if topic.asked else repository.modes_of(connection, [first.user_id], first.topic)
    if modes.get(first.user_id) is Mode.OFF:
        return SWITCHED_OFF
    wanted = repository.preferences_of(connection, [first.user_id]).get(first.user_id, Preferences())
    moment = now if topic.urgent else after_quiet(now, wanted)
    return moment if moment > now else None


def pack(rows: Sequence[Row], links: Links, now: datetime) -> Parcel:
    """What is sent for a claimed group: one delivery, or one person's digest."""
    first = rows[0]
    to = unsubscribe = None
    if first.user_id is not None:
        to = Address(first.user_email, first.user_name)
        about = ALL_DIGESTS if first.digest else first.topic
        topic = TOPICS.get(about)
        if topic is None or not topic.asked:
            unsubscribe = links.signed(UNSUBSCRIBE, f"{first.user_id}:{about}", now + _UNSUBSCRIBE_FOR)
    elif first.person_id is not None:
        to = Address(first.person_email, first.person_name or "")
    uid = first.uid
    if len(rows) > 1:
        uid = hashlib.sha256(",".join(row.uid for row in rows).encode()).hexdigest()[:32]
    return Parcel(
        uid=uid,
        delivery=first.id,
        items=tuple(_item(row, links) for row in rows),
        created_at=first.created_at,
        data=first.data,
        to=to,
        unsubscribe=unsubscribe,
        digest=first.digest,
    )


def _item(row: Row, links: Links) -> Item:
    link = links.to(row.path)
    # The link is a secret, made now and stored nowhere; and it is nobody else's.
    if row.topic == ADOPTER_ASK and row.person_id is not None:
        link = links.signed(ASK, str(row.data["ask"]), datetime.fromisoformat(row.data["expires_at"]))
    if row.topic not in {REPORT_MONTHLY, REPORT_ASKED}:
        return Item(row.topic, row.subject, row.title, row.text, link)
    tables = tuple(Table(**table) for table in row.data["tables"])
    chrome = Chrome(**row.data["chrome"])
    return Item(row.topic, row.subject, row.title, row.text, link, tables, chrome)
