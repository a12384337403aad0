"""The joint report by e-mail: who gets it, what is due, and sending one now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from app.errors import Conflict, Forbidden
from app.language import USUAL_LOCALE, _
from app.notify import inbox
from app.notify.outbox import Message, To, put
from app.notify.topics import REPORT_ASKED, REPORT_MONTHLY, Mode
from app.policy import service as policy
from app.policy.hours import Calendar
from app.reporting import repository
from app.reporting.gathering import JointReport, gather
from app.reporting.periods import due, last_of, month_before, next_sending
from app.reporting.schemas import ReportMailIn, ReportMailOut, ReportSentOut
from app.reviews.board_answers import ScoreboardQuery
from app.security import audit, users
from app.security.privacy import Veil
from app.security.schemas import Caller, Role, Side

_AGAIN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Letter:
    """The report as it is mailed: a subject, a few lines, its tables as `app.notify.parcel` reads them."""

    title: str
    text: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Due:
    """The report of the month that begins on `month`, due for somebody."""

    user_id: int
    caller: Caller
    month: date
    locale: str


Write = Callable[[JointReport, str, datetime], Letter]
"""Writes a report for a locale."""
Told = dict[tuple[date, bool], JointReport]
"""Reports by the first day of their month, and by whether their reader sees everything."""


def subscription(connection: Connection, caller: Caller, now: datetime) -> ReportMailOut:
    """Whether and when the caller gets the report.

    Raises:
        Forbidden: the caller is a service.
    """
    user_id = _person(caller)
    calendar = _calendar(connection, caller)
    goes_out = inbox.mail_goes_out(connection)
    row = repository.subscription(connection, user_id)
    if row is not None and inbox.mode_of(connection, user_id, REPORT_MONTHLY) is Mode.OFF:
        row = None
    return ReportMailOut(
        day=row.day if row else None,
        locale=_locale(connection, user_id, row) if row else None,
        next_at=next_sending(now, row.day, calendar) if row and goes_out else None,
        timezone=calendar.zone.key,
        mail_goes_out=goes_out,
    )


def subscribe(connection: Connection, caller: Caller, wanted: ReportMailIn, now: datetime) -> ReportMailOut:
    """Send the caller the report each month from now on; what is due already is not sent again.

    Raises:
        Conflict: no mail goes out here.
        Forbidden: the caller is a service.
    """
    user_id = _person(caller)
    _with_mail(connection)
    before = repository.subscription(connection, user_id)
    if wanted.locale is not None:  # whoever chooses it for the report chooses it for all mail
        users.write_in(connection, user_id, wanted.locale)
    locale = _locale(connection, user_id, before)
    calendar = _calendar(connection, caller)
    repository.save(
        connection,
        {
            "user_id": user_id,
            "day": wanted.day,
            "locale": locale,
            "sent_for": due(now, wanted.day, calendar),
            "created_at": now,
            "updated_at": now,
        },
    )
    inbox.choose_mode(connection, user_id, REPORT_MONTHLY, Mode.NOW)
    audit.record(
        connection,
        caller.actor,
        "report.subscribe",
        f"user:{user_id}",
        before={"day": before.day} if before else None,
        after={"day": wanted.day},
        at=now,
    )
    return subscription(connection, caller, now)


def stop(connection: Connection, caller: Caller, now: datetime) -> None:
    """Send the caller no report any more; doing it twice is no error.

    Raises:
        Forbidden: the caller is a service.
    """
    user_id = _person(caller)
    if repository.delete(connection, user_id):
        audit.record(connection, caller.actor, "report.unsubscribe", f"user:{user_id}", at=now)


def send_now(
    connection: Connection,
    caller: Caller,
    first: date | None,
    last: date | None,
    *,
    locale: str | None,
    write: Write,
    veil: Veil,
    now: datetime,
) -> ReportSentOut:
    """Mail the caller the report of some days at once, quiet hours or not.

    Args:
        connection: a writing transaction.
        caller: who asks for it, and gets it.
        first: the first day; of the last full month, if neither is given.
        last: the last day.
        locale: for whom it is written; as the monthly one, else English.
        write: writes it.
        veil: what of people the caller is shown.
        now: the time.

    Raises:
        Conflict: no mail goes out here, or the same one was asked for a moment ago.
        Forbidden: the caller is a service.
        Invalid: the days are not a period.
    """
    user_id = _person(caller)
    _with_mail(connection)
    before = repository.subscription(connection, user_id)
    written_for = locale or _locale(connection, user_id, before)
    if first is None and last is None:
        first = month_before(now.date())
        last = last_of(first)
    wanted = ScoreboardQuery.model_validate({"from": first, "to": last})
    report = gather(connection, wanted, now, veil=veil)
    since, until = report.board.since, report.board.until
    key = f"report:now:{user_id}:{since}:{until}"
    message = _message(REPORT_ASKED, user_id, report, write(report, written_for, now), key)
    if put(connection, message, now) is None:
        raise Conflict(_("This report is on its way to you already."), code="on_its_way")
    return ReportSentOut(since=since, until=until)


def find_due(connection: Connection, now: datetime) -> list[Due]:
    """The reports that are due, and who gets them.

    Args:
        connection: a reading transaction.
        now: the time.
    """
    found = []
    for row in repository.subscribers(connection, month_before(now.date() + timedelta(days=1))):
        roles = frozenset(Role(role) for role in row.roles)
        if not roles:
            continue  # may read nothing here, the report neither
        caller = Caller(row.name, roles, now, user_id=row.user_id, person_id=row.person_id)
        month = due(now, row.day, _calendar(connection, caller))
        if month > row.sent_for:
            found.append(Due(row.user_id, caller, month, row.locale))
    return found


def put_due(connection: Connection, one: Due, told: Told, *, write: Write, veil: Veil, now: datetime) -> bool:
    """Put one report that is due into the outbox, each month's once for each person.

    Args:
        connection: a writing transaction.
        one: of `find_due`.
        told: the reports that were gathered for others just now; this one is added.
        write: writes it.
        veil: what of people its reader is shown.
        now: the time.

    Returns:
        False if it was put already, or is not wanted any more.
    """
    if not repository.take(connection, one.user_id, one.month):
        return False
    if inbox.mode_of(connection, one.user_id, REPORT_MONTHLY) is Mode.OFF:
        return False
    # Nothing in it is of one person: who sees as much as another reads the same.
    report = told.get((one.month, veil.is_open))
    if report is None:
        wanted = ScoreboardQuery.model_validate({"from": one.month, "to": last_of(one.month)})
        report = told[one.month, veil.is_open] = gather(connection, wanted, now, veil=veil)
    put(connection, _message(REPORT_MONTHLY, one.user_id, report, write(report, one.locale, now)), now)
    return True


def _locale(connection: Connection, user_id: int, row: repository.Row | None) -> str:
    """For whom somebody's report is written: as they chose last, be it with the report or for all mail."""
    return users.locale_of(connection, user_id) or (row.locale if row else USUAL_LOCALE)


def _message(
    topic: str, user_id: int, report: JointReport, letter: Letter, key: str | None = None
) -> Message:
    since, until = report.board.since, report.board.until
    return Message(
        topic=topic,
        subject=f"report:{since}:{until}",
        to=To(users=(user_id,)),
        title=letter.title,
        text=letter.text,
        path=f"/report?from={since}&to={until}",
        data=letter.data,
        dedupe_key=key,
        quiet=_AGAIN_AFTER,
    )


def _calendar(connection: Connection, caller: Caller) -> Calendar:
    """By whose working days somebody's month is counted: their side's; who sits on neither, marketing's."""
    only_it = caller.sits_with(Side.IT) and not caller.sits_with(Side.MARKETING)
    return policy.calendar_of(connection, "it" if only_it else "marketing")


def _person(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden(_("This is about a person's mail, and this token is that of a service."))
    return caller.user_id


def _with_mail(connection: Connection) -> None:
    if not inbox.mail_goes_out(connection):
        raise Conflict(_("No e-mail goes out from here: no e-mail channel is set up."), code="no_mail")
