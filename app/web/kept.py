"""Answers that take long to work out, kept for a minute."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by what was asked, each kept for some seconds; those of one database apart from another's.

    Args:
        seconds: how long an answer is kept.
        most: so many answers at most are kept of one database.
        clock: seconds that go on.
    """

    def __init__(self, seconds: float = 60, most: int = 20, clock: Callable[[], float] = monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._answers: WeakKeyDictionary[Engine, dict[Hashable, tuple[float, T]]] = WeakKeyDictionary()
        self._lock = Lock()

    def get(self, engine: Engine, asked: Hashable, make: Callable[[], T]) -> T:
        """The answer that is kept, else what `make` gives, which is then kept."""
        now = self._clock()
        with self._lock:
            held = self._answers.setdefault(engine, {})
            kept = held.get(asked)
            if kept is not None and now - kept[0] < self._seconds:
                return kept[1]
        made = make()
        with self._lock:
            held[asked] = (self._clock(), made)
            while len(held) > self._most:
                held.pop(next(iter(held)))
        return made
