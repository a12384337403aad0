"""The notifier's beat: delivers what is due while this process serves."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from app.notify.deliver import Notifier

log = structlog.get_logger(__name__)


class Beat:
    """Runs a notifier until closed; of several processes one delivers at a time.

    Args:
        notifier: delivers.
        keep_days: how long delivered messages are kept.
        beat: how often to look.
        post: puts what is due by the calendar into the outbox, and gives how much; several processes may.
    """

    def __init__(
        self,
        notifier: Notifier,
        *,
        keep_days: int,
        beat: timedelta = timedelta(seconds=2),
        post: Callable[[], int] = lambda: 0,
    ) -> None:
        self._notifier = notifier
        self._keep = timedelta(days=keep_days)
        self._beat = beat
        self._post = post
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin; must be called inside a running event loop."""
        self._scheduler.add_job(
            self._notifier.tick,
            "interval",
            seconds=self._beat.total_seconds(),
            max_instances=1,
            coalesce=True,
        )
        self._scheduler.add_job(self._tidy, "cron", hour=3, minute=43, coalesce=True, misfire_grace_time=3600)
        self._scheduler.add_job(
            self._put_due, "cron", minute="*/10", coalesce=True, max_instances=1, misfire_grace_time=600
        )
        self._scheduler.start()

    async def close(self) -> None:
        """Stop; what was under way is sent again later."""
        self._scheduler.shutdown(wait=False)
        await self._notifier.close()

    async def _put_due(self) -> None:
        put = await asyncio.to_thread(self._post)
        if put:
            log.info("put into the outbox", messages=put)

    async def _tidy(self) -> None:
        gone = await asyncio.to_thread(self._notifier.tidy, self._keep)
        log.info("old messages deleted", messages=gone)
