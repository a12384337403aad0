"""How long the company's own reviews took. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

FEWEST = 3
"""Fewer reviews than this say nothing."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Spread:
    """Calendar days from opened to closed: of half of the reviews at most `median`, of 9 in 10 `p90`."""

    reviews: int
    median_days: int
    p90_days: int


def spread(durations: Iterable[timedelta]) -> Spread | None:
    """The spread of some durations, in whole days begun; None if there are fewer than three."""
    days = sorted(max(1, math.ceil(d / _DAY)) for d in durations)
    if len(days) < FEWEST:
        return None
    return Spread(len(days), _rank(days, 50), _rank(days, 90))


def _rank(days: Sequence[int], percent: int) -> int:
    """The nearest rank: a duration that really occurred."""
    return days[max(0, -(-percent * len(days) // 100) - 1)]
