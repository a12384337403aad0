"""The scoreboard in plain words, line by line."""

from collections.abc import Iterator

from app.catalog.money import amount, counted
from app.reviews.board_answers import Part, PromisesKept, Scoreboard, Share, Span, Spread
from app.reviews.measures import Number
from app.reviews.words import Party

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_NAMES = {
    Number.FLAGGED: "to the first flag",
    Number.CLAIMED: "to the first claim",
    Number.DECIDED: "to the first decision of both",
    Number.CLAIMED_SHARE: "have an owner",
    Number.JOINTLY_DECIDED: "decided on by both sides",
    Number.BOUGHT_UNDECIDED: "paid for while undecided",
    Number.APPROVED_ALONE: "let in by old means",
    Number.ONE_SIDE: "with one side present",
    Number.UNREVIEWED_SPEND: "spend while undecided",
}
_NOTHING = "nothing to count"
_PARTIES = {Party.IT: "IT", Party.MARKETING: "marketing", Party.ARBITERS: "arbiters"}


def lines(board: Scoreboard) -> Iterator[str]:
    """Each line of the scoreboard; what is in brackets is the period before."""
    whose = f", tools of {board.department}" if board.department else ""
    yield f"{board.since} to {board.until}{whose}; in brackets: {board.before.since} to {board.before.until}"
    yield ""
    yield "From the first evidence, in days of the calendar:"
    for time in board.times:
        yield f"  {_NAMES[time.number]}: {_span(time.now)} [{_span(time.before, short=True)}]"
    yield "Waited for, in business time, in decided reviews:"
    yield from (f"  {_spread(spread)}" for spread in board.waited)
    if not board.waited:
        yield "  No review was decided in these days."
    waits = ", ".join(f"{_PARTIES[party]} {number}" for party, number in board.waiting_on.items())
    yield f"Reviews that go on: {board.open_reviews} (waiting on: {waits})"
    yield "Marketing tools in use:"
    yield from (_share(share) for share in board.shares)
    yield "In a vacuum:"
    yield from (_share(share) for share in board.vacuum)
    yield "Over 12 months:"
    yield _share(board.unreviewed_spend)
    yield "Promises:"
    yield from (f"  {_promises(promises)}" for promises in board.conditions)
    decided = counted(board.tools_decided, "tool")
    yield f"Decided on in any way: {decided}, {board.tools_decided_jointly} by a joint review"


def lasting(seconds: int) -> str:
    """A length of time as people say it: `3 days`, `5 hours`, `20 minutes`."""
    for length, one in ((_DAY, "day"), (_HOUR, "hour")):
        if seconds >= 2 * length:
            return counted(round(seconds / length), one)
    return counted(round(seconds / _MINUTE), "minute")


def worked(seconds: int) -> str:
    """A length of business time: in hours, since nobody's day has 24."""
    return counted(round(seconds / _HOUR), "hour") if seconds >= _HOUR else lasting(seconds)


def _span(span: Span, *, short: bool = False) -> str:
    if span.median_s is None or span.p90_s is None:
        return _NOTHING if short else span.why or _NOTHING
    return f"half within {lasting(span.median_s)}, nine of ten within {lasting(span.p90_s)} (of {span.n})"


def _spread(spread: Spread) -> str:
    lane = f"{spread.lane.value} lane" if spread.lane else "all lanes"
    before = spread.before
    was = worked(before.median_s) if before.median_s is not None else _NOTHING
    return (
        f"{_PARTIES[spread.party]}, {lane}: half within {worked(spread.median_s)}, "
        f"nine of ten within {worked(spread.p90_s)} (of {spread.reviews}) [{was}]"
    )


def _share(share: Share) -> str:
    return f"  {_NAMES[share.number]}: {_part(share.now)} [{_part(share.before, short=True)}]"


def _part(part: Part, *, short: bool = False) -> str:
    if part.share is None:
        return _NOTHING if short else part.why or _NOTHING
    spend = ", ".join(amount(minor, currency) for currency, minor in part.spend_minor.items())
    return f"{part.count} of {part.n} ({part.share:.0%}){f', {spend}' if spend else ''}"


def _promises(kept: PromisesKept) -> str:
    before = kept.before
    settled = f"{kept.kept} kept, {kept.missed} missed, {kept.waived} waived, {kept.open} open"
    was = f"{before.kept} kept, {before.missed} missed"
    return f"{_PARTIES[Party(kept.side.value)]}: {settled} [{was}]"
