"""Runs short work where it is, and longer work in a thread.

Handing a page of 50 rows to a thread and back costs more than reading it from SQLite does, and the
two threads then fight for the interpreter's lock at every row. So work that was quick the last time
runs right away; whatever took longer, or was never seen, goes to a thread, where it holds up nobody.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")
QUICK_SECONDS = 0.003
_REMEMBERED = 512


class Quick:
    """Remembers which work was quick."""

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        """Measure by `clock`: the thread's own time, so that a busy machine does not mislead."""
        self._clock = clock
        self._quick: OrderedDict[Hashable, bool] = OrderedDict()

    async def run(self, shape: Hashable | None, work: Callable[[], T]) -> T:
        """Do `work`; `shape` says what its duration depends on, None means always in a thread."""
        if shape is None:
            return await run_in_threadpool(work)
        if self._quick.get(shape):
            return self._timed(shape, work)
        return await run_in_threadpool(self._timed, shape, work)

    def _timed(self, shape: Hashable, work: Callable[[], T]) -> T:
        began = self._clock()
        result = work()
        self._quick[shape] = self._clock() - began < QUICK_SECONDS
        if len(self._quick) > _REMEMBERED:
            self._quick.popitem(last=False)
        return result
