"""The joint report: one page with the same numbers for the leaders of both sides, of a period they choose."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse

from app.api.dependencies import State
from app.catalog import service as catalog
from app.catalog.facts import Audience
from app.db import reading
from app.errors import Invalid
from app.identify import default_knowledge_base
from app.policy.pass_view import list_passes
from app.policy.schemas import PassQuery
from app.reviews import board
from app.reviews import reading as reviews
from app.reviews.board_answers import Scoreboard, ScoreboardQuery, Spread
from app.reviews.schemas import ReviewQuery
from app.reviews.words import Lane, Party, Standing
from app.security.privacy import Veil
from app.security.schemas import Side
from app.spend import reports
from app.spend import service as spend
from app.spend.periods import add_months
from app.spend.schemas import By, MonthsOut, MonthsQuery, RenewalFilter
from app.web import report_words, spend_words
from app.web.access import LoggedIn
from app.web.charts import Chart, Series, lines
from app.web.reader import _, current
from app.web.rendering import page
from app.web.spend_charts import stacked
from app.web.typed import one_of

router = APIRouter(include_in_schema=False)
_SHOWN = 10
_DECIDED_SHOWN = 25
_AHEAD = 90
_USUAL = "3"
_CHARTED = 12
"""So many months the charts show, and more if the period is longer."""
_MOST = 24


@router.get("/report")
def report(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """Found, decided, waiting, spent, coming, and the scoreboard."""
    now, errors = state.clock(), []
    today = now.date()
    try:
        chosen, wanted = _wanted(request.query_params, today)
    except (Invalid, ValidationError):
        errors = [_("That is no period: it must begin before it ends. Here are the last three months.")]
        chosen, wanted = _wanted({}, today)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        found = board.scoreboard(connection, wanted, now, veil=veil)
        values = _values(connection, found, now, veil)
    values |= {
        "chosen": chosen,
        "errors": errors,
        "may_refuse": any(visitor.caller.sits_with(side) for side in Side),
        "ahead": _AHEAD,
        "rw": report_words,
        "sw": spend_words,
    }
    return page(request, "report.html", values, now=now)


def _wanted(asked: Mapping[str, str], today: date) -> tuple[str, ScoreboardQuery]:
    """Which ready-made period it is, if it is one, and its days.

    Raises:
        Invalid, ValidationError: the days are none, or no period.
    """
    first, last = asked.get("from", ""), asked.get("to", "")
    if first or last:
        wanted = ScoreboardQuery.model_validate(
            {name: text for name, text in (("from", first), ("to", last)) if text}
        )
        board.days_of(wanted, today)
        return "", wanted
    months = one_of(asked.get("months", ""), report_words.PERIODS, _USUAL)
    since = add_months(today, -int(months)) + timedelta(days=1)
    return months, ScoreboardQuery.model_validate({"from": since.isoformat(), "to": today.isoformat()})


def _values(connection: Connection, found: Scoreboard, now: datetime, veil: Veil) -> dict[str, Any]:
    today = now.date()
    back = min(max(_months_between(found.since, today) + 1, _CHARTED), _MOST)
    spent = reports.months(
        connection,
        default_knowledge_base(),
        MonthsQuery(months=back, by=By.CATEGORY, audience=Audience.MARKETING),
        today,
        veil=veil,
    )
    currency = _main_currency(spent)
    decided = reviews.list_reviews(
        connection,
        ReviewQuery(state=[Standing.DECIDED], closed_from=found.since, closed_to=found.until),
        limit=_DECIDED_SHOWN,
    )
    paid = reports.spent_between(connection, found.since, found.until, audience=Audience.MARKETING)
    going = [s for s in Standing if s not in {Standing.DECIDED, Standing.WITHDRAWN}]
    renewals = spend.list_renewals(
        connection, RenewalFilter(within_days=_AHEAD), today, veil=veil, limit=_SHOWN
    )
    promises = reviews.promises_due(connection, now, now + timedelta(days=_AHEAD))
    return {
        "board": found,
        "clocks": _clocks(found.waited),
        "decided": decided.items,
        "more_decided": decided.next is not None,
        "waiting": {
            party: reviews.list_reviews(
                connection, ReviewQuery(state=going, waiting_on=[party]), limit=_SHOWN
            )
            for party in (Party.IT, Party.MARKETING)
        },
        "passes": list_passes(connection, PassQuery(standing=True, limit=_SHOWN)),
        "renewals": renewals.items,
        "more_renewals": renewals.next is not None,
        "promises": promises[:_SHOWN],
        "more_promises": len(promises) > _SHOWN,
        "currency": currency,
        "spent": {code: minor for code, minor in paid.items() if minor > 0},
        "spend_chart": stacked(spent, currency),
        "adoption": _adoption(connection, back, today),
    }


def _months_between(first: date, last: date) -> int:
    return max((last.year - first.year) * 12 + last.month - first.month, 0)


def _main_currency(spent: MonthsOut) -> str:
    """The one most was spent in."""
    totals: dict[str, int] = {}
    for row in spent.rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.total_minor
    return max(totals, key=lambda code: (totals[code], code)) if totals else "EUR"


def _clocks(spreads: Sequence[Spread]) -> list[tuple[Lane | None, dict[Party, Spread]]]:
    """The waits by lane, all lanes first, and in each by party."""
    found: dict[Lane | None, dict[Party, Spread]] = {}
    for spread in spreads:
        found.setdefault(spread.lane, {})[spread.party] = spread
    return list(found.items())


def _adoption(connection: Connection, back: int, today: date) -> Chart:
    """How many marketing tools had been found by the end of each month."""
    months = [add_months(today.replace(day=1), n + 1 - back) for n in range(back)]
    ends = [datetime.combine(add_months(first, 1), time(), UTC) for first in months]
    known = catalog.found_before(connection, ends, audience=Audience.MARKETING)
    return lines(
        [current().month(first) for first in months],
        [Series(_("Marketing tools found"), tuple(known))],
    )
