"""What a channel carries and what it may answer. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.language import USUAL_LOCALE


@dataclass(frozen=True)
class Table:
    """Numbers that stand below a message.

    Attributes:
        heading: what they are.
        head: the columns; the first one names the rows.
        rows: as texts.
        note: what is said where there are no rows, or below them.
        numbers: which columns stand to the right.
    """

    heading: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    numbers: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Chrome:
    """What stands around a message in an e-mail, in the receiver's language.

    Attributes:
        language: of these words: `de`.
        open_it: leads to the thing itself.
        from_here: stands before the address of Penumbra.
        no_more: leads to where such mail is ended.
        subject: of a digest.
        greeting: of a digest.
    """

    language: str = "en"
    open_it: str = "Open in Penumbra"
    from_here: str = "Penumbra at"
    no_more: str = "No more mail like this"
    subject: str = ""
    greeting: str = ""


@dataclass(frozen=True)
class Item:
    """One message, as it is shown: its words, and the one click to the thing itself."""

    topic: str
    subject: str
    title: str
    text: str
    link: str
    tables: tuple[Table, ...] = ()
    chrome: Chrome = Chrome()


@dataclass(frozen=True)
class Address:
    """Whom an e-mail goes to, in which language, and how days and numbers are written for them: `de_AT`."""

    email: str
    name: str
    locale: str = USUAL_LOCALE

    @property
    def language(self) -> str:
        """One of `app.language.LANGUAGES`."""
        return self.locale[:2]


@dataclass(frozen=True)
class Parcel:
    """What is sent in one go.

    Attributes:
        uid: the same at every attempt, so that a receiver knows what it had already.
        delivery: number of the delivery here.
        items: one message; in a digest several.
        data: the message's values for programs.
        created_at: when it was put into the outbox.
        to: whom; None: the channel itself is the receiver.
        unsubscribe: address of the page that ends such mail.
        digest: several messages of a week.
        chrome: what stands around all of them.
    """

    uid: str
    delivery: int
    items: tuple[Item, ...]
    created_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    to: Address | None = None
    unsubscribe: str | None = None
    digest: bool = False
    chrome: Chrome = Chrome()

    @property
    def first(self) -> Item:
        """The message, or the first one of a digest."""
        return self.items[0]


class NotSent(Exception):
    """The receiver does not have it. The text is for people and holds no secret.

    Attributes:
        again: trying later may help.
        attention: a person must do something about the channel.
        pause: seconds for which the receiver wants nothing at all.
    """

    def __init__(
        self, text: str, *, again: bool = True, attention: bool = False, pause: float | None = None
    ) -> None:
        super().__init__(text)
        self.again = again
        self.attention = attention
        self.pause = pause
