"""The schedule: which sources are due, and running what is queued, in this process.

APScheduler keeps the beat. One process at a time holds the scheduler's lease and queues what is
due (a unique row per due moment makes a second one harmless); every process runs queued scans and
takes over those whose runner died.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.engine import Connection, Engine

from app.catalog.assess import assess
from app.catalog.leftovers import Touched, all_tools, settle
from app.claims.sweep import sweep
from app.clock import Clock, utc_now
from app.db import reading, writing
from app.models import consent_events, expenses, sign_in_days
from app.policy.granting import sweep_all as sweep_passes
from app.policy.schemas import PassSweep
from app.reviews.answers import Swept
from app.reviews.choosing import HouseRules
from app.reviews.sweeping import sweep as sweep_reviews
from app.scans import checkpoints
from app.scans.runner import Runner
from app.scans.service import ScanActive, request_scan
from app.spend.partners import OwnersOf, nobody
from app.spend.reminding import remind
from app.teaching.repository import keep_out_teachers

log = structlog.get_logger(__name__)

_SCHEDULER = "scheduler"
_TOOLS_AT_ONCE = 400
"""Looked at in one transaction, so that pages are stored in between."""


class Schedule:
    """Queues due scans and runs queued ones until closed.

    Args:
        runner: runs the scans.
        at_once: how many at the same time.
        personal_data_days: how long sign-in counts, consents and expenses are kept.
        beat: how often to look.
        house: how the company holds its reviews.
        owners_of: who owns which tool.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        at_once: int,
        personal_data_days: int,
        clock: Clock = utc_now,
        beat: timedelta = timedelta(seconds=2),
        house: HouseRules | None = None,
        owners_of: OwnersOf = nobody,
    ) -> None:
        self._runner = runner
        self._engine: Engine = runner.engine
        self._at_once = at_once
        self._keep = timedelta(days=personal_data_days)
        self._clock = clock
        self._beat = beat
        self._house = house or HouseRules()
        self._owners_of = owners_of
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin; must be called inside a running event loop."""
        self._scheduler.add_job(
            self.tick, "interval", seconds=self._beat.total_seconds(), max_instances=1, coalesce=True
        )
        self._scheduler.add_job(
            self.look_through_reviews, "cron", minute=41, coalesce=True, misfire_grace_time=1800
        )
        self._scheduler.add_job(
            self.look_through_renewals, "cron", minute=51, coalesce=True, misfire_grace_time=1800
        )
        self._scheduler.add_job(self.tidy, "cron", hour=3, minute=17, coalesce=True, misfire_grace_time=3600)
        self._scheduler.start()

    async def close(self) -> None:
        """Stop; running scans are left at their last checkpoint and go on when somebody takes them."""
        self._scheduler.shutdown(wait=False)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def tick(self) -> None:
        """One beat: queue what is due, then start what is queued while there is room."""
        await asyncio.to_thread(self._queue_due)
        while len(self._running) < self._at_once:
            scan = await asyncio.to_thread(self._runner.claim)
            if scan is None:
                return
            task = asyncio.create_task(self._runner.run(scan), name=f"scan {scan['id']}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def tidy(self) -> None:
        """Once a day: delete personal data that is older than it may be kept, look at all tools again, end
        ownerships whose owner left or did not attest in time, and give and end passes of the policy.

        Time alone makes a tool dormant and its spend a thing of last year, also where no scan looks.
        """
        rows = await asyncio.to_thread(self._delete_older)
        gone = await asyncio.to_thread(self._settle_all)
        lapsed = await asyncio.to_thread(self._sweep_claims)
        passed = await asyncio.to_thread(self._sweep_passes)
        await self.look_through_reviews()
        await self.look_through_renewals()
        log.info("old personal data deleted", rows=rows, tools=gone)
        log.info("ownership looked through", lapsed=lapsed)
        log.info("passes looked through", given=len(passed.given), ended=len(passed.ended))

    async def look_through_reviews(self) -> None:
        """Every hour: note promises that were missed and decisions that ran out or no longer fit."""
        done = await asyncio.to_thread(self._sweep_reviews)
        log.info(
            "reviews looked through", missed=done.missed, expired=done.expired, reopened=len(done.reopened)
        )

    async def look_through_renewals(self) -> None:
        """Every hour: tell what renews soon, each renewal once for each stage."""
        told = await asyncio.to_thread(self._remind_of_renewals)
        log.info("renewals looked through", told=told)

    def _delete_older(self) -> int:
        with writing(self._engine) as connection:
            return delete_older(connection, self._clock() - self._keep)

    def _settle_all(self) -> int:
        with reading(self._engine) as connection:
            ids = all_tools(connection)
        gone = 0
        for start in range(0, len(ids), _TOOLS_AT_ONCE):
            some = Touched(set(ids[start : start + _TOOLS_AT_ONCE]), set())
            with writing(self._engine) as connection:
                keep_out_teachers(connection)
                gone += settle(connection, self._runner.kb, some, self._clock())
        return gone

    def _sweep_claims(self) -> int:
        with writing(self._engine) as connection:
            found = sweep(connection, actor="system", now=self._clock(), reassess=self._reassess)
        return len(found.lapsed)

    def _sweep_passes(self) -> PassSweep:
        with writing(self._engine) as connection:
            return sweep_passes(connection, self._clock(), reassess=self._reassess)

    def _sweep_reviews(self) -> Swept:
        with writing(self._engine) as connection:
            return sweep_reviews(connection, self._clock(), reassess=self._reassess, house=self._house)

    def _remind_of_renewals(self) -> int:
        with writing(self._engine) as connection:
            return remind(connection, self._clock(), owners_of=self._owners_of)

    def _reassess(self, connection: Connection, ids: Sequence[int], now: datetime) -> int:
        return assess(connection, self._runner.kb, ids, now)

    def _queue_due(self) -> None:
        now = self._clock()
        with writing(self._engine) as connection:
            lease = max(timedelta(seconds=10), self._beat * 5)
            if not checkpoints.hold(connection, _SCHEDULER, self._runner.name, now, lease):
                return
            for source_id, due in checkpoints.due_sources(connection, now):
                if not checkpoints.take_tick(connection, source_id, due):
                    continue
                try:
                    request_scan(connection, source_id, "schedule", now)
                except ScanActive:
                    log.info("source is being scanned already", source=source_id)


def delete_older(connection: Connection, before: datetime) -> int:
    """Delete sign-in counts, consents and expenses from before a moment; gives how many rows."""
    rows = 0
    for table, column, value in (
        (sign_in_days, sign_in_days.c.day, before.date()),
        (consent_events, consent_events.c.at, before),
        (expenses, expenses.c.occurred_on, before.date()),
    ):
        rows += connection.execute(sa.delete(table).where(column < value)).rowcount
    return rows
