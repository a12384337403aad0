"""The geometry of the charts: bars and lines in a field of 100 by 100, drawn by `charts.html`. Pure.

The field is stretched to the room that it gets; words and numbers stand beside it as text, so that they are
as large on a phone as on a wide screen. Every chart carries its values, which are shown as a table too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_GAP = 0.28
"""How much of a column's width stays empty."""


@dataclass(frozen=True)
class Series:
    """One named row of values, one for each column."""

    name: str
    values: tuple[float, ...]

    @property
    def total(self) -> float:
        """All values together."""
        return sum(self.values)


@dataclass(frozen=True)
class Rect:
    """One piece of a bar; `series` and `column` say of what."""

    x: float
    y: float
    width: float
    height: float
    series: int
    column: int


@dataclass(frozen=True)
class Chart:
    """A chart ready to be drawn.

    Attributes:
        columns: what stands below, from left to right.
        series: the values.
        ticks: what stands at the left, from the top down to 0.
        rects: the bars' pieces; empty for lines.
        lines: for each series the points of its line, as SVG writes them; empty for bars.
    """

    columns: tuple[str, ...]
    series: tuple[Series, ...]
    ticks: tuple[float, ...]
    rects: tuple[Rect, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True if there is nothing to see."""
        return not any(any(one.values) for one in self.series)


def bars(columns: Sequence[str], series: Sequence[Series]) -> Chart:
    """Bars, the series on top of one another; values below 0 count as 0.

    Raises:
        ValueError: a series has more or fewer values than there are columns.
    """
    _check(columns, series)
    sums = [sum(max(one.values[at], 0) for one in series) for at in range(len(columns))]
    ticks = _ticks(max(sums, default=0))
    wide = 100 / max(len(columns), 1)
    rects: list[Rect] = []
    for at in range(len(columns)):
        top = 100.0
        for place, one in enumerate(series):
            high = 100 * max(one.values[at], 0) / ticks[0]
            if high:
                top -= high
                left = wide * (at + _GAP / 2)
                rects.append(
                    Rect(
                        round(left, 2), round(top, 2), round(wide * (1 - _GAP), 2), round(high, 2), place, at
                    )
                )
    return Chart(tuple(columns), tuple(series), ticks, rects=tuple(rects))


def lines(columns: Sequence[str], series: Sequence[Series]) -> Chart:
    """Lines from the first column to the last.

    Raises:
        ValueError: a series has more or fewer values than there are columns.
    """
    _check(columns, series)
    ticks = _ticks(max((value for one in series for value in one.values), default=0))
    wide = 100 / max(len(columns), 1)
    drawn = tuple(
        " ".join(
            f"{round(wide * (at + 0.5), 2)},{round(100 - 100 * max(value, 0) / ticks[0], 2)}"
            for at, value in enumerate(one.values)
        )
        for one in series
    )
    return Chart(tuple(columns), tuple(series), ticks, lines=drawn)


def largest(series: Sequence[Series], keep: int, others: str) -> list[Series]:
    """The largest series, the rest together under one name: more than a handful cannot be told apart."""
    ordered = sorted(series, key=lambda one: (-one.total, one.name))
    if len(ordered) <= keep:
        return ordered
    rest = ordered[keep - 1 :]
    together = tuple(sum(values) for values in zip(*(one.values for one in rest), strict=True))
    return [*ordered[: keep - 1], Series(others, together)]


def _check(columns: Sequence[str], series: Sequence[Series]) -> None:
    if any(len(one.values) != len(columns) for one in series):
        raise ValueError("each series needs one value for each column")


def _ticks(top: float) -> tuple[float, ...]:
    """Five round numbers from at least `top` down to 0."""
    if top < 1e-300:  # a quarter of less may be 0 to the machine
        return (4, 3, 2, 1, 0)
    step = top / 4
    power = 10 ** math.floor(math.log10(step))
    nice = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= step * 0.999999)
    nice = max(nice, 1) if top >= 1 else nice
    return tuple(nice * n for n in (4, 3, 2, 1, 0))
