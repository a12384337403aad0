"""What a channel carries and what it may answer. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Item:
    """One message, as it is shown: its words, and the one click to the thing itself."""

    topic: str
    subject: str
    title: str
    text: str
    link: str


@dataclass(frozen=True)
class Address:
    """Whom an e-mail goes to."""

    email: str
    name: str


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
    """

    uid: str
    delivery: int
    items: tuple[Item, ...]
    created_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    to: Address | None = None
    unsubscribe: str | None = None
    digest: bool = False

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
