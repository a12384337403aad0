"""The scoreboard as it is read: the numbers of a period, of the one before, and the list behind each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from sqlalchemy.engine import Connection

from app.api import PREFIX
from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.veiled import allow_departments
from app.errors import FieldError, Invalid
from app.language import _
from app.reviews import alone, board_reviews, board_rows, measures
from app.reviews.answers import ToolNamed
from app.reviews.board_answers import (
    CountedOut,
    CountedQuery,
    Period,
    PromisesCounted,
    PromisesKept,
    Scoreboard,
    ScoreboardQuery,
    Share,
    Spread,
    Time,
)
from app.reviews.measures import Counting, Days, Number
from app.reviews.scoreboard import (
    OVER,
    arbiters_spreads,
    grouped,
    late,
    part_of,
    promises_of,
    spreads,
    time_of,
)
from app.reviews.words import Lane, Party
from app.security.privacy import Veil
from app.security.schemas import Side

_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)
_TIMES = (Number.FLAGGED, Number.CLAIMED, Number.DECIDED)
_SHARES = (Number.CLAIMED_SHARE, Number.JOINTLY_DECIDED)
_VACUUM = (Number.BOUGHT_UNDECIDED, Number.APPROVED_ALONE, Number.ONE_SIDE)
_PROMISES = (
    Number.PROMISES_OPEN,
    Number.PROMISES_KEPT,
    Number.PROMISES_MISSED,
    Number.PROMISES_WAIVED,
)


@dataclass(frozen=True)
class Standing:
    """The part of the scoreboard that needs no look at every tool; the fields are the scoreboard's."""

    since: date
    open_reviews: int
    waiting_on: dict[Party, int]
    waited: dict[Party, Spread]
    conditions: dict[Side, PromisesKept]
    tools_decided: int
    tools_decided_jointly: int


def scoreboard(connection: Connection, wanted: ScoreboardQuery, now: datetime, *, veil: Veil) -> Scoreboard:
    """The numbers that both sides see.

    Args:
        connection: a reading transaction.
        wanted: which period, and whose tools; 12 months and everybody's, if not given.
        now: the time.
        veil: what of people the caller is shown.

    Raises:
        Forbidden: the department is too small to be asked about.
        Invalid: the days are not a period.
    """
    allow_departments([wanted.department] if wanted.department else [], veil)
    days = days_of(wanted, now.date())
    board = _Board(connection, days, wanted.department, now)
    waiting = board_reviews.waiting(connection, wanted.department)
    decided, jointly, passed = board_reviews.decisions(connection, wanted.department)
    before = days.before
    return Scoreboard(
        since=days.first,
        until=days.last,
        before=Period(since=before.first, until=before.last),
        department=wanted.department,
        times=[board.time(number) for number in _TIMES],
        waited=board.waited(),
        arbiters=arbiters_spreads(board_reviews.arbiters_waited(connection, days, wanted.department)),
        late=late(board_reviews.noted_late(connection, days, wanted.department)),
        decided=board_reviews.outcomes(connection, days, wanted.department),
        decided_before=board_reviews.outcomes(connection, before, wanted.department),
        open_reviews=waiting["all"],
        waiting_on={party: waiting[party.value] for party in Party},
        shares=[board.share(number) for number in _SHARES],
        vacuum=[board.share(number) for number in _VACUUM],
        unreviewed_spend=board.share(Number.UNREVIEWED_SPEND),
        conditions=[board.promises(side) for side in Side],
        tools_decided=decided,
        tools_decided_jointly=jointly,
        tools_passed_by_policy=passed,
    )


def standing(connection: Connection, now: datetime) -> Standing:
    """What the front door shows of the scoreboard: quick, however many tools there are."""
    board = _Board(connection, days_of(ScoreboardQuery(), now.date()), None, now)
    waiting = board_reviews.waiting(connection, None)
    decided, jointly, _passed = board_reviews.decisions(connection, None)
    return Standing(
        since=board.days.first,
        open_reviews=waiting["all"],
        waiting_on={party: waiting[party.value] for party in Party},
        waited={spread.party: spread for spread in board.waited() if spread.lane is None},
        conditions={side: board.promises(side) for side in Side},
        tools_decided=decided,
        tools_decided_jointly=jointly,
    )


def list_counted(
    connection: Connection, wanted: CountedQuery, now: datetime, *, veil: Veil
) -> Listing[CountedOut]:
    """What a number of the scoreboard counts, the latest first.

    Raises:
        Forbidden: the department is too small to be asked about.
        Invalid: the days are not a period, or the cursor is not one of this list.
    """
    allow_departments([wanted.department] if wanted.department else [], veil)
    days = days_of(wanted, now.date())
    found = _Board(connection, days, wanted.department, now).counting(wanted.number, days, wanted.side)
    keyed = sorted(((i.at, i.tool_id, i.review or 0, i.number), i) for i in found.items)
    keyed.reverse()
    kind = f"counted:{wanted.number.value}"
    if wanted.cursor:
        last = decode_cursor(wanted.cursor, kind, (datetime, int, int, int))
        keyed = [(key, item) for key, item in keyed if key < last]
    page = keyed[: wanted.limit]
    names = board_rows.names(connection, [item.tool_id for _, item in page])
    items = [
        CountedOut(
            tool=ToolNamed(id=i.tool_id, name=names[i.tool_id]),
            at=i.at,
            what=i.what,
            took_s=i.seconds,
            review=i.review,
            times=i.times,
            spend_minor=dict(i.spend),
        )
        for _, i in page
    ]
    following = encode_cursor(kind, page[-1][0]) if len(keyed) > wanted.limit else None
    return Listing(items=items, next=following)


def days_of(wanted: ScoreboardQuery, today: date) -> Days:
    """The period that is asked for.

    Raises:
        Invalid: it ends before it begins, or a day is given twice or beyond what anybody has seen.
    """
    if wanted.since is not None and wanted.first is not None:
        raise _refused("since", _("Say `from` or `since`, not both: they mean the same."))
    first = wanted.first or wanted.since
    last = wanted.last or max(today, first or today)
    if first is None:
        first = last - timedelta(days=measures.YEAR - 1)
    for name, day in (("from", first), ("to", last)):
        if not _EARLIEST <= day <= _LATEST:
            text = _(
                "%(day)s is no day of this scoreboard: it knows %(first)s to %(last)s.",
                day=day,
                first=_EARLIEST,
                last=_LATEST,
            )
            raise _refused(name, text)
    if last < first:
        text = _("The period ends on %(last)s, before it begins on %(first)s.", last=last, first=first)
        raise _refused("to", text)
    return Days(first, last)


def _refused(field: str, message: str) -> Invalid:
    return Invalid(message, fields=[FieldError(field, message)])


@dataclass
class _Board:
    """The rows of a period and of the one before, each read when the first number needs them."""

    connection: Connection
    days: Days
    department: str | None
    now: datetime

    # --- numbers -------------------------------------------------------------------------------

    def time(self, number: Number) -> Time:
        """How long it took to a step, in both periods."""
        now, before = (time_of(number, self.counting(number, d), self._link(number, d)) for d in self._both)
        return Time(number=number, over=OVER[number], now=now, before=before)

    def share(self, number: Number) -> Share:
        """How many of how many, in both periods."""
        now, before = (part_of(number, self.counting(number, d), self._link(number, d)) for d in self._both)
        return Share(number=number, over=OVER[number], now=now, before=before)

    def promises(self, side: Side) -> PromisesKept:
        """How a side's promises stand, in both periods."""
        now, before = (self._promises(side, d) for d in self._both)
        links = {
            n.value.removeprefix("promises_"): self._link(n, self.days, side=side.value) for n in _PROMISES
        }
        return PromisesKept(**now.model_dump(), side=side, before=before, counted=links)

    def _promises(self, side: Side, days: Days) -> PromisesCounted:
        return promises_of({n: len(self._promised[days][n, side].items) for n in _PROMISES})

    def waited(self) -> list[Spread]:
        """How long decided reviews waited on whom, in both periods."""
        rows = board_reviews.waited(self.connection, self.days.before.start, self.days.end, self.department)
        now, before = (grouped((lane, w) for at, lane, w in rows if d.holds(at)) for d in self._both)

        def link(lane: Lane | None, earlier: bool) -> str:
            days = self.days.before if earlier else self.days
            query = {"state": "decided", "closed_from": days.first, "closed_to": days.last}
            lanes = {"lane": lane.value} if lane else {}
            theirs = {"department": self.department} if self.department else {}
            return f"{PREFIX}/reviews?{urlencode({**query, **lanes, **theirs})}"

        return spreads(now, before, link)

    def counting(self, number: Number, days: Days, side: Side | None = None) -> Counting:
        """What a number counts in the period or in the one before."""
        if number in _TIMES:
            return measures.reached(self._moments, number, days)
        if number in _PROMISES:
            sides = (side,) if side else tuple(Side)
            found = [self._promised[days][number, s] for s in sides]
            return Counting(tuple(i for f in found for i in f.items), sum(f.over for f in found))
        made: dict[Number, Callable[[], Counting]] = {
            Number.CLAIMED_SHARE: lambda: measures.claimed(self._deeds, *self._in_use[days], days),
            Number.JOINTLY_DECIDED: lambda: measures.jointly_decided(self._spells, *self._in_use[days], days),
            Number.BOUGHT_UNDECIDED: lambda: alone.bought_undecided(self._charges, self._spells, days),
            Number.APPROVED_ALONE: lambda: alone.approved_alone(
                self._approvals, self._spells, self._ours, days
            ),
            Number.ONE_SIDE: lambda: alone.one_side(self._deeds, self._spells, self._in_use[days][0], days),
            Number.UNREVIEWED_SPEND: lambda: alone.unreviewed_spend(self._charges, self._spells, days),
        }
        return made[number]()

    def _link(self, number: Number, days: Days, **more: str) -> str:
        theirs = {"department": self.department} if self.department else {}
        query = {"number": number.value, "from": days.first, "to": days.last, **theirs, **more}
        return f"{PREFIX}/reviews/scoreboard/counted?{urlencode(query)}"

    # --- rows ----------------------------------------------------------------------------------

    @property
    def _both(self) -> tuple[Days, Days]:
        return self.days, self.days.before

    @cached_property
    def _moments(self) -> list[measures.Moments]:
        return board_rows.moments(self.connection, self.days.before.start, self.department)

    @cached_property
    def _promised(self) -> dict[Days, dict[tuple[Number, Side], Counting]]:
        found = board_reviews.promised(self.connection, self.department)
        return {days: measures.promises(found, days) for days in self._both}

    @cached_property
    def _deeds(self) -> dict[int, list[measures.Deed]]:
        return board_rows.deeds(self.connection)

    @cached_property
    def _spells(self) -> dict[int, list[measures.Spell]]:
        return board_rows.spells(self.connection)

    @cached_property
    def _ours(self) -> frozenset[int]:
        return board_rows.reviewed(self.connection, self.department)

    @cached_property
    def _charges(self) -> list[alone.Charges]:
        windows = [window for d in self._both for window in (d, d.year)]
        return board_rows.charges(self.connection, windows, self.department)

    @cached_property
    def _approvals(self) -> list[alone.Approval]:
        return board_rows.approvals(self.connection, self.days.before.start, self.days.end, self.department)

    @cached_property
    def _in_use(self) -> dict[Days, tuple[frozenset[int], int]]:
        """By period, which tools with a log or a review are in use at its end, and how many are at all."""
        ends = [min(d.end, self.now) for d in self._both]
        counts = board_rows.count_in_use(self.connection, ends, self.department)
        known = board_rows.known_in_use(self.connection, ends, self.department)
        return dict(zip(self._both, zip(known, counts, strict=True), strict=True))
