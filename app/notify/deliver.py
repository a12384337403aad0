"""Delivery: at least once, each channel on its own, and nothing lost when the process dies.

A delivery is claimed under a lease, sent outside of any transaction, and noted. Killed in between, its lease
runs out and it is claimed again. What fails waits longer each time, and is put aside after `MOST_ATTEMPTS`.
"""

import asyncio
import os
import random
import socket
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Engine

from app.clock import Clock, utc_now
from app.db import reading, writing
from app.language import lasting
from app.notify import packing, queue
from app.notify.channels import KINDS, Tools, build
from app.notify.channels.base import Channel
from app.notify.links import Links
from app.notify.net import Doors, Wire
from app.notify.parcel import NotSent, Parcel
from app.notify.repository import Row
from app.notify.times import MOST_ATTEMPTS, pause_after
from app.scans.checkpoints import hold
from app.security.secrets import SecretBox
from app.settings import Settings

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
_ELECTION = "notifier"
_ELECTED_FOR = timedelta(seconds=30)


class Notifier:
    """Delivers what is due.

    Args:
        engine: the database.
        links: makes the addresses in messages.
        wire: the way out for HTTP.
        clock: tells the time.
        name: of this worker.
    """

    def __init__(
        self, engine: Engine, links: Links, wire: Wire, *, clock: Clock = utc_now, name: str | None = None
    ) -> None:
        self._engine = engine
        self._links = links
        self._box: SecretBox = links.box
        self._clock = clock
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        # Mail blocks a thread: not one of those that the database is asked from.
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="mail")
        self._tools = Tools(wire, clock, self._threads)
        self._running: set[asyncio.Task[None]] = set()
        self._busy: Counter[int] = Counter()

    async def tick(self, *, elect: bool = True) -> int:
        """Start delivering what is due, as far as each channel has room; gives how many were started.

        Args:
            elect: leave it to another process if one does this already.
        """
        claimed = await asyncio.to_thread(self._claim, elect)
        for channel, rows in claimed:
            self._busy[channel.id] += 1
            task = asyncio.create_task(self._deliver(channel, rows), name=f"delivery {rows[0].id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(claimed)

    async def drain(self) -> int:
        """Deliver what is due until nothing is; gives how many deliveries were tried."""
        tried = 0
        while True:
            started = await self.tick(elect=False)
            tried += started
            if not started and not self._running:
                return tried
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        """Stop. What was under way is sent again once its lease has run out."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def tidy(self, older_than: timedelta) -> int:
        """Delete messages that were delivered long ago; gives how many."""
        with writing(self._engine) as connection:
            return queue.delete_older(connection, self._clock() - older_than)

    def _claim(self, elect: bool) -> list[tuple[Row, list[Row]]]:
        now = self._clock()
        with reading(self._engine) as connection:
            due = queue.channels_due(connection, now)
        room = {row.id: KINDS[row.kind].at_once - self._busy[row.id] for row in due}
        if not any(free > 0 for free in room.values()):
            return []
        claimed: list[tuple[Row, list[Row]]] = []
        with writing(self._engine) as connection:
            if elect and not hold(connection, _ELECTION, self.name, now, _ELECTED_FOR):
                return []
            for row in due:
                if room[row.id] > 0:
                    groups = queue.claim(connection, row.id, self.name, now, LEASE, room[row.id])
                    claimed += [(row, group) for group in groups]
        return claimed

    async def _deliver(self, row: Row, rows: list[Row]) -> None:
        try:
            parcel = await asyncio.to_thread(self._pack, rows)
            if parcel is None:
                return
            ref = await self._open(row).send(parcel)
            await asyncio.to_thread(self._sent, row, rows, ref)
        except NotSent as error:
            await asyncio.to_thread(self._not_sent, row, rows, error)
        except Exception as error:
            log.exception("a delivery failed unexpectedly", channel=row.id, delivery=rows[0].id)
            trouble = NotSent(
                lasting(
                    "something in Penumbra went wrong (%(kind)s); the log says more",
                    kind=type(error).__name__,
                )
            )
            await asyncio.to_thread(self._not_sent, row, rows, trouble)
        finally:
            self._busy[row.id] -= 1

    def _open(self, row: Row) -> Channel[Any]:
        try:
            secrets = self._box.open(row.secrets)
        except ValueError as error:
            raise NotSent(lasting("the channel's secrets: %(error)s", error=error), attention=True) from None
        return build(row.kind, KINDS[row.kind].Config.model_validate({**row.config, **secrets}), self._tools)

    def _pack(self, rows: Sequence[Row]) -> Parcel | None:
        """What to send; None if it is not for sending (any more), which is noted."""
        now = self._clock()
        with writing(self._engine) as connection:
            hindrance = packing.hindrance(connection, rows, now)
            if hindrance is None:
                return packing.pack(rows, self._links, now)
            if isinstance(hindrance, datetime):
                queue.give_back(connection, rows, hindrance)
            else:
                queue.note(connection, rows, state="kept", last_error=hindrance)
        return None

    def _sent(self, row: Row, rows: Sequence[Row], ref: str | None) -> None:
        now = self._clock()
        with writing(self._engine) as connection:
            queue.note(connection, rows, state="sent", sent_at=now, ref=ref, last_error=None)
            queue.channel_health(connection, row.id, health="ok", health_text="", last_sent_at=now)

    def _not_sent(self, row: Row, rows: Sequence[Row], error: NotSent) -> None:
        now = self._clock()
        attempts = max(r.attempts for r in rows)
        dead = not error.again or attempts >= MOST_ATTEMPTS
        wait = pause_after(attempts, random.random())  # noqa: S311 - spreads retries, guards nothing
        if error.pause is not None:
            wait = max(wait, timedelta(seconds=error.pause))
        with writing(self._engine) as connection:
            noted = queue.note(
                connection,
                rows,
                state="dead" if dead else "failed",
                next_at=now + wait,
                last_error=f"{str(error)[:500]}.",
            )
            if noted and (error.again or error.attention):
                health: dict[str, Any] = {
                    "health": "attention" if error.attention else "waiting",
                    "health_text": lasting("The last delivery failed: %(error)s.", error=str(error)[:500]),
                }
                if error.pause is not None:
                    health["paused_until"] = now + timedelta(seconds=error.pause)
                queue.channel_health(connection, row.id, **health)
        log.warning("not delivered", channel=row.name, delivery=rows[0].id, attempts=attempts, dead=dead)


def notifier_of(settings: Settings, engine: Engine, box: SecretBox, *, clock: Clock = utc_now) -> Notifier:
    """The notifier of this installation."""
    return Notifier(engine, Links(box, settings.home_url), wire_of(settings), clock=clock)


def wire_of(settings: Settings) -> Wire:
    """The way out, as the settings allow it."""
    return Wire(
        Doors(
            hosts=settings.words(settings.webhook_hosts),
            local=frozenset(settings.words(settings.local_receivers)),
        )
    )
