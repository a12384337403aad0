"""The geometry of the charts: nothing is lost, nothing leaves the field."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.web import charts
from app.web.charts import Series

values = st.floats(0, 1e9, allow_nan=False)
tables = st.integers(1, 24).flatmap(
    lambda columns: st.lists(
        st.lists(values, min_size=columns, max_size=columns).map(tuple), min_size=1, max_size=6
    )
)


@given(tables)
@example([(5e-324,)])  # of which a quarter is 0
def test_bars_are_as_high_as_their_values_and_stay_in_the_field(rows: list[tuple[float, ...]]) -> None:
    series = [Series(f"s{n}", row) for n, row in enumerate(rows)]
    chart = charts.bars([str(n) for n in range(len(rows[0]))], series)
    assert chart.ticks[0] >= max(sum(column) for column in zip(*rows, strict=True)) * 0.999
    assert list(chart.ticks) == sorted(chart.ticks, reverse=True)
    assert chart.ticks[-1] == 0
    for r in chart.rects:
        assert -0.1 <= r.y <= 100
        assert 0 <= r.x <= r.x + r.width <= 100.1
        assert r.height == pytest.approx(100 * rows[r.series][r.column] / chart.ticks[0], abs=0.01)
    assert chart.empty == (not any(map(any, rows)))


@given(tables)
def test_a_line_has_a_point_for_each_column(rows: list[tuple[float, ...]]) -> None:
    chart = charts.lines([str(n) for n in range(len(rows[0]))], [Series("a", row) for row in rows])
    for points in chart.lines:
        pairs = [tuple(map(float, point.split(","))) for point in points.split()]
        assert len(pairs) == len(rows[0])
        assert all(0 <= x <= 100 and -0.1 <= y <= 100 for x, y in pairs)


@given(tables, st.integers(2, 5))
def test_small_series_go_together_and_nothing_is_lost(rows: list[tuple[float, ...]], keep: int) -> None:
    series = [Series(f"s{n}", row) for n, row in enumerate(rows)]
    kept = charts.largest(series, keep, "Other")
    assert len(kept) <= max(keep, 1)
    assert sum(one.total for one in kept) == pytest.approx(sum(one.total for one in series))


def test_series_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one value for each column"):
        charts.bars(["a"], [Series("x", (1, 2))])
