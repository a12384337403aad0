"""Deliveries made into what is sent; and what speaks against sending them now."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.language import USUAL_LOCALE, _, count, lasting, retold_for, spoken
from app.notify import repository
from app.notify.links import ASK, UNSUBSCRIBE, Links
from app.notify.outbox import SWITCHED_OFF
from app.notify.parcel import Address, Chrome, Item, Parcel, Table
from app.notify.repository import Row
from app.notify.times import Preferences, after_quiet
from app.notify.topics import ADOPTER_ASK, REPORTS, TOPICS, Mode

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
    locale = first.locale or USUAL_LOCALE
    if first.user_id is not None:
        to = Address(first.user_email, first.user_name, locale)
        about = ALL_DIGESTS if first.digest else first.topic
        topic = TOPICS.get(about)
        if topic is None or not topic.asked:
            unsubscribe = links.signed(UNSUBSCRIBE, f"{first.user_id}:{about}", now + _UNSUBSCRIBE_FOR)
    elif first.person_id is not None:
        to = Address(first.person_email, first.person_name or "", locale)
    uid = first.uid
    if len(rows) > 1:
        uid = hashlib.sha256(",".join(row.uid for row in rows).encode()).hexdigest()[:32]
    items = tuple(_item(row, links, to) for row in rows)
    worded = first.topic in REPORTS and not first.digest  # when it was put, in a language of its own
    return Parcel(
        uid=uid,
        delivery=first.id,
        items=items,
        created_at=first.created_at,
        data=first.data,
        to=to,
        unsubscribe=unsubscribe,
        digest=first.digest,
        chrome=items[0].chrome if to is None or worded else around(to, len(rows)),
    )


def _item(row: Row, links: Links, to: Address | None) -> Item:
    link = links.to(row.path)
    # The link is a secret, made now and stored nowhere; and it is nobody else's.
    if row.topic == ADOPTER_ASK and row.person_id is not None:
        link = links.signed(ASK, str(row.data["ask"]), datetime.fromisoformat(row.data["expires_at"]))
    if row.topic in REPORTS:
        tables = tuple(Table(**table) for table in row.data["tables"])
        chrome = Chrome(**row.data["chrome"])
        return Item(row.topic, row.subject, row.title, row.text, link, tables, chrome)
    if to is None:  # a channel is nobody in particular: it gets what is stored
        return Item(row.topic, row.subject, row.title, row.text, link)
    title, chrome = retold_for(row.title, to.locale), around(to)
    if row.topic == ADOPTER_ASK:
        with spoken(to.language):
            chrome = replace(chrome, open_it=_("Answer"))
    return Item(row.topic, row.subject, title, _told(row, to.locale), link, (), chrome)


def _told(row: Row, locale: str) -> str:
    """A message's text; what somebody wrote themselves is as they wrote it."""
    if row.words_at is None:
        return retold_for(row.text, locale)
    ours, theirs = row.text[: row.words_at], row.text[row.words_at :]
    return " ".join(filter(None, (retold_for(ours.strip(), locale), theirs)))


def around(to: Address, number: int = 1) -> Chrome:
    """What stands around so many messages in an e-mail to somebody."""
    with spoken(to.language):
        return Chrome(
            language=to.language,
            open_it=_("Open in Penumbra"),
            from_here=_("Penumbra at"),
            no_more=_("No more mail like this"),
            subject=count(
                number, "Penumbra: %(num)s thing to look at", "Penumbra: %(num)s things to look at"
            ),
            greeting=_("%(name)s, this is what waited for you in Penumbra.", name=to.name or _("Hello")),
        )
