"""The joint report: one page with the same numbers for the leaders of both sides, of a period they choose."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import State
from app.api.state import AppState
from app.catalog import service as catalog
from app.catalog.facts import Audience
from app.db import reading, writing
from app.errors import Conflict, Invalid, PenumbraError
from app.identify import default_knowledge_base
from app.language import _
from app.reporting import service
from app.reporting.gathering import AHEAD, JointReport, gather
from app.reporting.schemas import ReportMailIn, ReportNowIn
from app.reviews import board
from app.reviews.board_answers import ScoreboardQuery
from app.security.privacy import Veil
from app.security.schemas import Side
from app.spend import reports
from app.spend.periods import add_months
from app.spend.schemas import By, MonthsOut, MonthsQuery
from app.web import report_words, spend_words
from app.web.access import LoggedIn, Sender, Visitor, local_path
from app.web.charts import Chart, Series, lines
from app.web.reader import current
from app.web.rendering import done, page, read_request
from app.web.spend_charts import stacked
from app.web.typed import one_of

router = APIRouter(include_in_schema=False)
_USUAL = "3"
_CHARTED = 12
"""So many months the charts show, and more if the period is longer."""
_MOST = 24


@router.get("/report")
def report(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """Found, decided, waiting, spent, coming, and the scoreboard."""
    return _shown(request, visitor, state, request.query_params)


def _shown(
    request: Request,
    visitor: Visitor,
    state: AppState,
    asked: Mapping[str, str],
    *,
    wrong: Sequence[str] = (),
    status: int = 200,
) -> HTMLResponse:
    now, errors = state.clock(), list(wrong)
    today = now.date()
    try:
        chosen, wanted = _wanted(asked, today)
    except (Invalid, ValidationError):
        errors = [_("That is no period: it must begin before it ends. Here are the last three months.")]
        chosen, wanted = _wanted({}, today)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, visitor.caller)
        found = gather(connection, wanted, now, veil=veil)
        values = _values(connection, found, now, veil)
        is_person = visitor.caller.user_id is not None
        mail = service.subscription(connection, visitor.caller, now) if is_person else None
    values |= {
        "chosen": chosen,
        "errors": errors,
        "mail": mail,
        "may_refuse": any(visitor.caller.sits_with(side) for side in Side),
        "ahead": AHEAD,
        "rw": report_words,
        "sw": spend_words,
    }
    return page(request, "report.html", values, status=status, now=now)


@router.post("/report/mail")
def subscribe(
    request: Request,
    sender: Sender,
    state: State,
    day: Annotated[str, Form(max_length=20)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/report",
) -> Response:
    """Get the report each month from now on, or no more."""
    read_request(request, state.clock())
    target = f"{local_path(next)}#h-mail"
    if not day:
        with writing(state.engine) as connection:
            service.stop(connection, sender.caller, state.clock())
        return done(request, target, _("The report no longer comes by e-mail."))
    try:
        wanted = ReportMailIn(day=int(day))
    except ValueError:  # not a number, or no such day
        said = _("By e-mail: choose a day from 1 to 28, which every month has.")
        return _shown(request, sender, state, {}, wrong=[said], status=422)
    # Nobody typed the locale: it is one that pages are written for, and so mails can be.
    wanted = wanted.model_copy(update={"locale": str(current().locale)})
    try:
        with writing(state.engine) as connection:
            kept = service.subscribe(connection, sender.caller, wanted, state.clock())
    except Conflict as error:
        return _shown(request, sender, state, {}, wrong=[error.message], status=error.status)
    said = _("The report of each month comes by e-mail, the next one on %(day)s.")
    return done(request, target, said % {"day": current().day(kept.next_at)})


@router.post("/report/send")
def send(
    request: Request,
    sender: Sender,
    state: State,
    first: Annotated[str, Form(max_length=20)] = "",
    last: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Mail the reader the report that they look at."""
    read_request(request, state.clock())
    try:
        wanted = ReportNowIn.model_validate({"from": first, "to": last})
        with writing(state.engine) as connection:
            service.send_now(
                connection,
                sender.caller,
                wanted.first,
                wanted.last,
                locale=str(current().locale),
                write=state.write_report,
                veil=state.veils.of(connection, sender.caller),
                now=state.clock(),
            )
    except (Conflict, Invalid, ValidationError) as error:
        known = isinstance(error, PenumbraError)
        said = error.message if known else _("These days are no period.")
        status = error.status if known else 422
        return _shown(request, sender, state, {"from": first, "to": last}, wrong=[said], status=status)
    target = f"/report?{urlencode({'from': first, 'to': last})}#h-mail"
    return done(request, target, _("The report is on its way to you."))


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


def _values(connection: Connection, found: JointReport, now: datetime, veil: Veil) -> dict[str, Any]:
    today = now.date()
    board = found.board
    back = min(max(_months_between(board.since, today) + 1, _CHARTED), _MOST)
    spent = reports.months(
        connection,
        default_knowledge_base(),
        MonthsQuery(months=back, by=By.CATEGORY, audience=Audience.MARKETING),
        today,
        veil=veil,
    )
    currency = _main_currency(spent)
    return {
        "board": board,
        "clocks": found.clocks,
        "decided": found.decided.items,
        "more_decided": found.decided.next is not None,
        "waiting": found.waiting,
        "passes": found.passes,
        "renewals": found.renewals.items,
        "more_renewals": found.renewals.next is not None,
        "promises": found.promises,
        "more_promises": found.more_promises,
        "currency": currency,
        "spent": found.spent,
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


def _adoption(connection: Connection, back: int, today: date) -> Chart:
    """How many marketing tools had been found by the end of each month."""
    months = [add_months(today.replace(day=1), n + 1 - back) for n in range(back)]
    ends = [datetime.combine(add_months(first, 1), time(), UTC) for first in months]
    known = catalog.found_before(connection, ends, audience=Audience.MARKETING)
    return lines(
        [current().month(first) for first in months],
        [Series(_("Marketing tools found"), tuple(known))],
    )
