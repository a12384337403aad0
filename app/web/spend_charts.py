"""What was spent, made ready for the charts: one currency at a time. Pure."""

from datetime import date

from app.language import _
from app.security.privacy import OTHERS
from app.spend.schemas import MonthsOut
from app.web.charts import Chart, Series, bars, largest
from app.web.reader import current
from app.web.words import category

MOST = 6
"""So many colours can be told apart."""


def stacked(spent: MonthsOut, currency: str, *, key_words: bool = True) -> Chart:
    """Spend by month, the largest categories on top of one another."""
    series = [
        Series(category(row.key) if key_words else row.name, tuple(row.minor))
        for row in spent.rows
        if row.currency == currency and any(minor > 0 for minor in row.minor)
    ]
    return bars(
        [current().month(date.fromisoformat(f"{month}-01")) for month in spent.months],
        largest(series, MOST, _("Everything else")),
    )


def by_department(spent: MonthsOut, currency: str) -> list[tuple[str, int, None]]:
    """Spend of the whole time by department, the most first."""
    found: dict[str, int] = {}
    for row in spent.rows:
        if row.currency != currency or row.total_minor <= 0:
            continue
        if row.key is None:
            name = _("No department")
        elif row.key == OTHERS:
            name = _("Small departments")
        else:
            name = row.key
        found[name] = found.get(name, 0) + row.total_minor
    return [(name, minor, None) for name, minor in sorted(found.items(), key=lambda i: (-i[1], i[0]))]
