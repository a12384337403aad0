"""One tool over the last twelve months: who used it, who was new, what it cost."""

from collections import defaultdict
from datetime import UTC, date, datetime

from sqlalchemy.engine import Connection

from app.catalog import monthly
from app.catalog.schemas import MonthList, MonthOut
from app.catalog.service import live_tool

MONTHS = 12


def tool_months(connection: Connection, tool_id: int, *, now: datetime) -> MonthList:
    """A tool month by month, the earliest first; the month of `now` is the last one.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    live_tool(connection, tool_id)
    months = last_months(now.astimezone(UTC).date(), MONTHS)
    people: dict[str, set[int]] = defaultdict(set)
    first: dict[int, str] = {}
    for month, person in monthly.users_by_month(connection, tool_id):
        people[month].add(person)
        first[person] = min(month, first.get(person, month))
    spend: dict[str, dict[str, int]] = defaultdict(dict)
    for row in monthly.spend_by_month(connection, tool_id, months[0]):
        spend[row.month][row.currency] = int(row.amount)
    return MonthList(
        items=[
            MonthOut(
                month=day,
                people=len(people[key]),
                new_people=sum(first[person] == key for person in people[key]),
                spend=spend[key],
            )
            for day in months
            for key in (f"{day:%Y-%m}",)
        ]
    )


def last_months(today: date, number: int) -> list[date]:
    """The first days of the last months, that of `today` the last one."""
    count = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(count - number + 1, count + 1)]
