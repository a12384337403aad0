"""The scan engine: pages of one source become observations, a checkpoint behind each page.

A page's rows and the checkpoint that covers them are one transaction, under the scan's fence. Killed
at any point, the scan is taken over when its lease has run out, goes on from its checkpoints, and
the catalog ends the same. Nothing is marked gone but by a complete scan.
"""

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from app.catalog.assess import assess
from app.catalog.evidence import tools_of_source
from app.catalog.leftovers import settle, touched_by
from app.catalog.recorder import Recorder
from app.catalog.second_look import look_again
from app.catalog.tool_finder import ToolFinder
from app.clock import Clock, utc_now
from app.db import writing
from app.identify import KnowledgeBase
from app.language import lasting
from app.policy.granting import sweep as sweep_passes
from app.scans import checkpoints
from app.scans.checkpoints import LeaseLost
from app.scans.news import tell_flagged
from app.scans.outcome import Problem, conclude, problem_of
from app.security.users import follow_directory
from app.teaching.repository import keep_out_teachers
from connectors.base import Connector, Cursor, Mode, Page, Stream
from connectors.errors import ConnectorError, NeedsAdmin, NotAvailable, RetryLater, VendorChanged

log = structlog.get_logger(__name__)

Load = Callable[[Connection, int], Connector[Any]]
"""Builds the connector of a source (by id) with its secrets, inside a transaction."""

T = TypeVar("T")

_AHEAD = 2
"""Pages read ahead while one is stored."""

_DEADLOCK_TRIES = 5


def runner_name() -> str:
    """A name for this process as a holder of leases, unique on all machines."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(name: str) -> bool:
    """Whether a runner of this machine has ended; others are given the time of their lease.

    Containers may share a host name: a wrong answer costs a page's work, as fencing keeps the two
    runners apart.
    """
    host, _, rest = name.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@dataclass
class Progress:
    """How far a running scan is, for whoever shows it."""

    scan_id: int
    source_id: int
    stream: str = ""
    pages: int = 0
    observations: int = 0
    expected: int | None = None
    notes: list[str] = field(default_factory=list)


class Stopped(Exception):
    """A person asked the scan to stop."""


class Runner:
    """Runs scans, one at a time per call of `run`; several may run at once.

    Args:
        engine: the database.
        kb: the knowledge base.
        load: builds connectors.
        clock: the time.
        lease: how long a scan is ours without a sign of life.
        on_progress: called after every stored page.
    """

    def __init__(
        self,
        engine: Engine,
        kb: KnowledgeBase,
        load: Load,
        *,
        clock: Clock = utc_now,
        lease: timedelta = timedelta(seconds=60),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.engine = engine
        self.name = runner_name()
        self.kb = kb
        self._load = load
        self._clock = clock
        self._lease = lease
        self._on_progress = on_progress

    def claim(self, scan_id: int | None = None) -> dict[str, Any] | None:
        """Take the given scan, or the next one that waits; None when there is nothing to take."""
        now = self._clock()
        with writing(self.engine) as connection:
            return checkpoints.claim(
                connection, self.name, now, self._lease, scan_id=scan_id, is_dead=is_dead
            )

    async def run(self, scan: dict[str, Any]) -> None:
        """Run a claimed scan to its end, whatever that is; the outcome is in its row.

        A lost lease ends it silently: the scan belongs to another runner by then.
        """
        try:
            await self._run(scan)
        except LeaseLost:
            log.warning("scan taken over by another runner", scan=scan["id"])

    async def _run(self, scan: dict[str, Any]) -> None:
        problems: list[Problem] = []
        streams: list[Stream] = []
        progress = Progress(scan["id"], scan["source_id"])
        heart = asyncio.create_task(self._keep_alive(scan))
        try:
            connector = await self._write(lambda c: self._load(c, scan["source_id"]))
            async with connector:
                streams = list(connector.streams())
                recorder = Recorder(
                    scan["source_id"], scan["generation"], scan["started_at"], ToolFinder(self.kb)
                )
                for stream in streams:
                    problem = await self._stream(scan, stream, recorder, progress, heart)
                    if problem is None:
                        continue
                    problems.append(problem)
                    if problem.ends_scan:
                        break
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a connector does, the scan must end
            problems.append(self._unexpected(error, scan, ""))
        finally:
            heart.cancel()
            with contextlib.suppress(asyncio.CancelledError, LeaseLost, Stopped):
                await heart
        await asyncio.to_thread(self._conclude, scan, streams, problems, progress)

    async def _stream(
        self,
        scan: dict[str, Any],
        stream: Stream,
        recorder: Recorder,
        progress: Progress,
        heart: "asyncio.Task[None]",
    ) -> Problem | None:
        """Read one stream to its end; gives the problem that kept it from there, if any."""
        state = await self._write(lambda c: checkpoints.stream_state(c, scan["source_id"], stream.name))
        current = state is not None and state["generation"] == scan["generation"]
        if state is not None and current and state["done"]:
            return None
        resumed = bool(current and state and state["cursor"])
        cursor = state["cursor"] if state and (current or stream.mode is not Mode.SNAPSHOT) else None
        newest = state["newest_at"] if state else None
        unread = state["skipped"] if state and current else 0
        position = _Position(cursor, newest, unread)
        progress.stream = stream.name
        try:
            try:
                await self._pages(scan, stream, position, recorder, progress, heart)
            except VendorChanged:
                # A vendor may forget where an interrupted list was: begin the list again, once.
                if not (resumed and stream.mode is Mode.SNAPSHOT and position.pages == 0):
                    raise
                position.cursor = None
                await self._pages(scan, stream, position, recorder, progress, heart)
        except NotAvailable as error:
            if not stream.optional:
                return problem_of(error, stream.name)
            progress.notes.append(str(error))
            await self._write(lambda c: self._pass_over(c, scan, stream))
            return None
        except (NeedsAdmin, RetryLater, VendorChanged) as error:
            return problem_of(error, stream.name)
        except Stopped:
            return Problem(
                "stopped",
                lasting("The scan was stopped by hand; it goes on where it was."),
                stream.name,
            )
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - one broken stream must not hide the others
            return self._unexpected(error, scan, stream.name)
        return None

    def _pass_over(self, connection: Connection, scan: dict[str, Any], stream: Stream) -> None:
        checkpoints.renew(connection, scan["id"], scan["fence"], self._clock() + self._lease)
        checkpoints.pass_over(connection, scan, stream)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction of its own, off the event loop."""

        def run() -> T:
            with writing(self.engine) as connection:
                return work(connection)

        return await asyncio.to_thread(run)

    async def _pages(
        self,
        scan: dict[str, Any],
        stream: Stream,
        position: "_Position",
        recorder: Recorder,
        progress: Progress,
        heart: "asyncio.Task[None]",
    ) -> None:
        ended = False
        async with contextlib.aclosing(_read_ahead(stream.pages(position.cursor))) as pages:
            async for page in pages:
                if heart.done():
                    heart.result()
                if ended:
                    raise VendorChanged(
                        lasting("stream %(name)s went on after its last page", name=stream.name)
                    )
                stop = await asyncio.to_thread(self._store, scan, stream, position, recorder, page)
                position.pages += 1
                position.cursor = page.cursor
                ended = page.last
                progress.pages += 1
                progress.observations += len(page.observations)
                progress.expected = page.expected
                if self._on_progress is not None:
                    self._on_progress(progress)
                if stop:
                    raise Stopped
        if not ended:
            raise VendorChanged(lasting("stream %(name)s ended without saying so", name=stream.name))

    def _store(
        self, scan: dict[str, Any], stream: Stream, position: "_Position", recorder: Recorder, page: Page
    ) -> bool:
        """Store one page and its checkpoint in one transaction; gives whether to stop."""
        for attempt in range(_DEADLOCK_TRIES):
            now = self._clock()
            try:
                with writing(self.engine) as connection:
                    stop = checkpoints.renew(connection, scan["id"], scan["fence"], now + self._lease)
                    counts, newest = recorder.record(connection, stream, page, position.newest)
                    checkpoints.checkpoint(
                        connection,
                        scan,
                        stream,
                        cursor=page.cursor,
                        last=page.last,
                        newest=newest,
                        unread=position.unread + len(page.skipped),
                        counts=counts,
                        expected=page.expected,
                        now=now,
                    )
            except (OperationalError, IntegrityError):
                # Two scans wrote the same people or tools in another order: one of them tries again. Or a
                # tool or person that this scan remembers went away with its last evidence.
                recorder.forget()
                if attempt == _DEADLOCK_TRIES - 1:
                    raise
                continue
            except BaseException:
                recorder.forget()
                raise
            position.newest = newest
            position.unread += len(page.skipped)
            return stop
        raise AssertionError("unreachable")

    async def _keep_alive(self, scan: dict[str, Any]) -> None:
        """Renew the lease while the vendor is slow; ends by raising when it is lost."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            until = self._clock() + self._lease
            try:
                await self._write(
                    partial(checkpoints.renew, scan_id=scan["id"], fence=scan["fence"], until=until)
                )
            except OperationalError as error:
                # A busy or restarting database costs one beat of three; the fence guards the rest.
                log.warning("lease could not be renewed", scan=scan["id"], error=type(error).__name__)

    def _unexpected(self, error: Exception, scan: dict[str, Any], stream: str) -> Problem:
        log.exception(
            "scan met an unexpected error", scan=scan["id"], stream=stream, error=type(error).__name__
        )
        what = str(error) if isinstance(error, ConnectorError) else type(error).__name__
        return Problem(
            "unexpected",
            lasting(
                "Something in Penumbra went wrong (%(what)s); the log has the details. Nothing read is lost.",
                what=what,
            ),
            stream,
        )

    def _conclude(
        self, scan: dict[str, Any], streams: list[Stream], problems: list[Problem], progress: Progress
    ) -> None:
        now = self._clock()
        for attempt in range(_DEADLOCK_TRIES):
            try:
                with writing(self.engine) as connection:
                    checkpoints.renew(connection, scan["id"], scan["fence"], now + self._lease)
                    keep_out_teachers(connection)
                    gone = 0
                    if not problems:
                        gone = checkpoints.mark_gone(connection, scan, streams, now)
                    checkpoints.mark_replaced(connection, scan["source_id"])
                    moved = look_again(connection, self.kb, scan["source_id"], now)
                    tool_ids = tools_of_source(connection, scan["source_id"])
                    touched = touched_by(connection, scan["source_id"])
                    touched.tools.update(moved)
                    settle(connection, self.kb, touched, now)
                    sweep_passes(connection, now, reassess=self._reassess, tool_ids=touched.tools)
                    tell_flagged(connection, scan["id"], now)
                    follow_directory(connection, now)
                    conclude(connection, scan, problems, progress.notes, gone, len(tool_ids), now)
                return
            except (OperationalError, IntegrityError):
                if attempt == _DEADLOCK_TRIES - 1:
                    raise

    def _reassess(self, connection: Connection, ids: Sequence[int], now: datetime) -> int:
        return assess(connection, self.kb, ids, now)


@dataclass
class _Position:
    cursor: Cursor | None
    newest: datetime | None
    unread: int
    pages: int = 0


async def _read_ahead(pages: AsyncIterator[Page]) -> AsyncGenerator[Page]:
    """Yield pages while the next ones are already being read."""
    queue: asyncio.Queue[Page | BaseException | None] = asyncio.Queue(maxsize=_AHEAD)

    async def read() -> None:
        try:
            async for page in pages:
                await queue.put(page)
            await queue.put(None)
        except Exception as error:  # noqa: BLE001 - handed over to whoever consumes the pages
            await queue.put(error)

    task = asyncio.create_task(read())
    try:
        while (item := await queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
