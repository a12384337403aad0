"""The protocol of channels, and what all of them share."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from app.clock import utc_now
from app.notify.net import Doors, Wire
from app.notify.parcel import Parcel
from connectors.base import ConnectorConfig


class ChannelConfig(ConnectorConfig):
    """Base of every channel's settings: unknown ones are refused, secrets are `SecretStr`."""

    def refusals(self, doors: Doors) -> dict[str, str]:  # noqa: ARG002 - those without an address of HTTP
        """What is wrong with addresses, by field: whether a host is allowed depends on this installation."""
        return {}


@dataclass(frozen=True)
class Tools:
    """What channels are lent.

    Attributes:
        wire: the way out for HTTP.
        now: tells the time.
        threads: where what blocks (SMTP) may run; the loop's own, if None.
    """

    wire: Wire
    now: Callable[[], datetime] = utc_now
    threads: Executor | None = None


C = TypeVar("C", bound=ChannelConfig)


class Channel(ABC, Generic[C]):
    """One way to tell something.

    Attributes:
        Config: its settings.
        title: for people.
        summary: what it does with a message, in a sentence.
        at_once: how many deliveries it takes at the same time.
    """

    Config: ClassVar[type[ChannelConfig]]
    title: ClassVar[str]
    summary: ClassVar[str]
    at_once: ClassVar[int] = 4

    def __init__(self, config: C, tools: Tools) -> None:
        self.config = config
        self.tools = tools

    @abstractmethod
    async def send(self, parcel: Parcel) -> str | None:
        """Send a parcel; what the receiver calls it, if it says.

        Raises:
            NotSent: the receiver does not have it, or may not have it.
        """


def short(text: str, most: int) -> str:
    """`text`, cut to `most` characters where it is longer."""
    return text if len(text) <= most else text[: most - 1] + "…"
