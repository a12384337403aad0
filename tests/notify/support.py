"""A database with people and channels, a clock that is set by hand, and receivers on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import deliveries, messages
from app.notify import outbox, repository
from app.notify.channels.simulator import JIRA_LOGIN, SERVICENOW_LOGIN, SLACK_TOKEN, Receivers
from app.notify.deliver import Notifier
from app.notify.links import Links
from app.notify.net import Doors, Wire
from app.notify.outbox import Message, To
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.secrets import SecretBox
from connectors.simulation import FaultyApp, serve
from tests.conftest import NOW

KEY = "a signing key of many characters"
SECRETS = ("a signing key", SLACK_TOKEN, JIRA_LOGIN[1], SERVICENOW_LOGIN[1], "mail-password")


@dataclass
class Hands:
    """A clock."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: float) -> None:
        self.now += timedelta(**more)


class Post:
    """A post office over one database."""

    def __init__(self, engine: Engine, *local: str, hosts: tuple[str, ...] = (), **more: Any) -> None:
        self.engine = engine
        self.clock = Hands()
        self.box = SecretBox([Fernet.generate_key().decode()])
        self.links = Links(self.box, "https://penumbra.acme.example")
        self.wire = Wire(Doors(hosts=hosts, local=frozenset(local), **more))

    def notifier(self, name: str = "one") -> Notifier:
        return Notifier(self.engine, self.links, self.wire, clock=self.clock, name=name)

    async def deliver(self) -> int:
        notifier = self.notifier()
        try:
            return await notifier.drain()
        finally:
            await notifier.close()

    def user(self, name: str, *roles: Role) -> int:
        with writing(self.engine) as connection:
            wanted = UserIn(email=f"{name.lower()}@acme.example", name=name, roles=list(roles))
            return users.create_user(connection, wanted, actor="test", now=NOW).id

    def channel(self, kind: str, config: dict[str, Any], *topics: str, **secrets: str) -> int:
        with writing(self.engine) as connection:
            values = {
                "name": f"{kind} {len(repository.all_channels(connection))}",
                "kind": kind,
                "config": config,
                "secrets": self.box.seal(secrets),
                "topics": list(topics),
                "enabled": True,
                "created_at": NOW,
                "updated_at": NOW,
            }
            return repository.insert_channel(connection, values)

    def webhook(self, url: str, *topics: str) -> int:
        return self.channel("webhook", {"url": url}, *(topics or ("*",)), signing_key=KEY)

    def put(self, topic: str = "review.decided", to: To | None = None, **more: Any) -> int | None:
        values = {
            "subject": "review:12",
            "title": "Decided",
            "text": "Both signed.",
            "path": "/reviews/12",
            **more,
        }
        with writing(self.engine) as connection:
            message = Message(topic=topic, to=to or To(), **values)
            return outbox.put(connection, message, self.clock())

    def rows(self) -> list[dict[str, Any]]:
        query = (
            sa.select(deliveries, messages.c.topic, messages.c.title).join(messages).order_by(deliveries.c.id)
        )
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def health(self, channel_id: int) -> tuple[str, str]:
        with reading(self.engine) as connection:
            row = repository.channel(connection, channel_id)
        assert row is not None
        return row.health, row.health_text


@dataclass
class Site:
    """Receivers that serve."""

    url: str
    host: str
    app: FaultyApp
    got: Receivers


@contextmanager
def receiving() -> Iterator[Site]:
    got = Receivers()
    app = got.app()
    with serve(app) as url:
        yield Site(url, url.removeprefix("http://"), app, got)
