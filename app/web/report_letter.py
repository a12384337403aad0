"""The joint report as an e-mail: a few lines and its numbers as tables, in its reader's language."""

from dataclasses import asdict
from datetime import datetime

from babel import Locale

from app.language import _
from app.notify.parcel import Chrome, Table
from app.reporting.gathering import AHEAD, JointReport
from app.reporting.service import Letter
from app.reviews.board_answers import Part, Share, Spread
from app.reviews.words import Party
from app.spend.schemas import RenewalOut
from app.web import report_words, spend_words, words
from app.web.reader import Reader, current, writing_for
from app.web.words import counted

_DECIDED = 10


def write(report: JointReport, locale: str, now: datetime) -> Letter:
    """The e-mail for somebody.

    Args:
        report: what it tells.
        locale: in which language, and how numbers are written: `de_AT`.
        now: the time.
    """
    known = Locale.parse(locale)
    with writing_for(Reader(known.language, known, now)):
        return _letter(report)


def _letter(report: JointReport) -> Letter:
    board, reader = report.board, current()
    days = {"first": reader.day(board.since), "last": reader.day(board.until)}
    decided, passed = sum(board.decided.values()), board.tools_passed_by_policy
    glance = [
        [_("Marketing tools seen for the first time"), reader.number(board.times[0].now.n)],
        [_("Reviews decided by both sides"), reader.number(decided)],
        [_("Reviews under way now"), reader.number(board.open_reviews)],
        [_("Tools allowed by the policy, without a decision"), reader.number(passed)],
        [_("Spent on marketing tools"), reader.sums(report.spent)],
    ]
    tables = [
        Table(_("At a glance"), ["", _("Number")], glance, numbers=[1]),
        _together(report),
        _waited(report),
        _decisions(report),
        *(_waiting(report, party) for party in (Party.IT, Party.MARKETING)),
        _passes(report),
        _renewals(report),
        _promises(report),
    ]
    chrome = Chrome(
        language=reader.language,
        open_it=_("Open the report in Penumbra"),
        from_here=_("Penumbra at"),
        no_more=_("No more mail like this"),
    )
    lines = [
        _("%(first)s to %(last)s: the same numbers for IT and for marketing.") % days,
        counted(decided, "%(num)s review was decided,", "%(num)s reviews were decided,")
        + " "
        + counted(board.open_reviews, "%(num)s is under way.", "%(num)s are under way."),
    ]
    return Letter(
        title=_("Joint report, %(first)s to %(last)s") % days,
        text="\n".join(lines),
        data={"tables": [asdict(table) for table in tables], "chrome": asdict(chrome)},
    )


def _together(report: JointReport) -> Table:
    board = report.board
    shares: list[Share] = [*board.shares, *board.vacuum, board.unreviewed_spend]
    rows = [[_(report_words.SHARES[s.number]), _part(s.now), _part(s.before)] for s in shares]
    days = {"first": current().day(board.before.since), "last": current().day(board.before.until)}
    note = _("“Before” is as many days right before this time: %(first)s to %(last)s.") % days
    return Table(
        _("How we work together"),
        [_("Marketing tools that …"), _("Now"), _("Before")],
        rows,
        note,
        numbers=[1, 2],
    )


def _part(part: Part) -> str:
    if not part.n:
        return "–"
    of = {"count": current().number(part.count), "all": current().number(part.n)}
    return f"{current().percent(part.share)} ({_('%(count)s of %(all)s') % of})"


def _waited(report: JointReport) -> Table:
    rows = [
        [
            _(words.LANE[lane.value]) if lane else _("All lanes"),
            *(_median(by.get(party)) for party in (Party.IT, Party.MARKETING)),
        ]
        for lane, by in report.clocks
    ]
    empty = _("No review was decided in this time, so nothing was waited for to the end.")
    return Table(
        _("How long reviews waited on each side"),
        [_("Business time, half within"), _("IT"), _("Marketing")],
        rows,
        "" if rows else empty,
        numbers=[1, 2],
    )


def _median(spread: Spread | None) -> str:
    return "–" if spread is None else current().duration(spread.median_s)


def _decisions(report: JointReport) -> Table:
    found = report.decided.items[:_DECIDED]
    rows = [
        [r.tool.name, _(words.OUTCOME[r.outcome.value]) if r.outcome else "", current().day(r.closed_at)]
        for r in found
    ]
    more = report.decided.next is not None or len(report.decided.items) > _DECIDED
    note = _("No review was decided in this time.") if not rows else _more(more)
    return Table(_("Decided"), [_("Tool"), _("Outcome"), _("Day")], rows, note, numbers=[2])


def _waiting(report: JointReport, party: Party) -> Table:
    found = report.waiting[party]
    rows = [[r.tool.name, _(words.LANE[r.lane.value]), current().day(r.opened_at)] for r in found.items]
    heading = _("Waiting on IT") if party is Party.IT else _("Waiting on marketing")
    note = _("Nothing waits here.") if not rows else _more(found.next is not None)
    return Table(heading, [_("Tool"), _("Lane"), _("Opened")], rows, note, numbers=[2])


def _passes(report: JointReport) -> Table:
    rows = [
        [
            p.tool.name,
            counted(p.people_cap, "%(num)s person", "%(num)s people"),
            current().money(p.spend_cap.minor, p.spend_cap.currency, round_up=True) if p.spend_cap else "–",
            current().day(p.expires_on),
        ]
        for p in report.passes.items
    ]
    note = _("The policy allows no tool without a decision.") if not rows else _more(report.passes.next)
    head = [_("Tool"), _("At most"), _("Spend in 90 days at most"), _("Until")]
    return Table(_("Allowed by the policy, without a decision"), head, rows, note, numbers=[2, 3])


def _renewals(report: JointReport) -> Table:
    rows = [
        [
            r.tool.name,
            current().day(r.on),
            current().day(r.notice_by) if r.notice_known else _("not known"),
            _price(r),
        ]
        for r in report.renewals.items
    ]
    heading = _("Renewals in %(days)s days") % {"days": AHEAD}
    note = _("Nothing renews, as far as we know.") if not rows else _more(report.renewals.next)
    return Table(heading, [_("Tool"), _("Renews"), _("Notice by"), _("Price")], rows, note, numbers=[1, 2, 3])


def _price(renewal: RenewalOut) -> str:
    amount = current().money(renewal.amount_minor, renewal.currency, round_up=True)
    return f"{amount} {_(spend_words.PER[renewal.per.value])}"


def _promises(report: JointReport) -> Table:
    rows = [
        [
            p.text,
            p.tool.name,
            ", ".join(filter(None, (_(words.PARTY[p.side.value]), p.owner))),
            current().day(p.due),
        ]
        for p in report.promises
    ]
    heading = _("Promises due in %(days)s days") % {"days": AHEAD}
    note = _("No promise falls due.") if not rows else _more(report.more_promises)
    return Table(heading, [_("Promise"), _("Tool"), _("Whose"), _("Due")], rows, note, numbers=[3])


def _more(more: object) -> str:
    return _("There are more: see the report in Penumbra.") if more else ""
