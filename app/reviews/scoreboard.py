"""From what was counted to the numbers that both sides see. Pure."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from app.reviews.board_answers import ArbitersSpread, LateOut, Part, PromisesCounted, Span, Spread
from app.reviews.measures import Counting, Number, sums
from app.reviews.words import Lane, Party
from app.security.schemas import Side

Waits = dict[tuple[Lane | None, Party], list[int]]

OVER = {
    Number.FLAGGED: "tools that were flagged for the first time in the period",
    Number.CLAIMED: "tools that were claimed for the first time in the period",
    Number.DECIDED: "tools that were decided on for the first time in the period",
    Number.CLAIMED_SHARE: "tools with an owner, of the marketing tools in use at the end of the period",
    Number.JOINTLY_DECIDED: (
        "tools on which a decision of both sides holds, of the marketing tools in use at the end of the "
        "period"
    ),
    Number.BOUGHT_UNDECIDED: (
        "marketing tools that were paid for while unreviewed or under review, of those paid for in the period"
    ),
    Number.APPROVED_ALONE: (
        "marketing tools let in by IT's list, an administrator's consent or a teaching and not by a review, "
        "of those let in so or decided on in the period"
    ),
    Number.ONE_SIDE: (
        "marketing tools at which only one side is present, of those with an owner or a steward at the end "
        "of the period"
    ),
    Number.UNREVIEWED_SPEND: (
        "marketing tools not decided on at the end of the period, of those that cost something in the "
        "12 months up to then"
    ),
}
"""What each number counts, as it is read after “so many of so many”."""

_NONE = {
    Number.FLAGGED: "No tool was flagged for the first time in these days.",
    Number.CLAIMED: "No tool was claimed for the first time in these days.",
    Number.DECIDED: "No tool was decided on for the first time in these days.",
    Number.CLAIMED_SHARE: "No marketing tool was in use on the last day.",
    Number.JOINTLY_DECIDED: "No marketing tool was in use on the last day.",
    Number.BOUGHT_UNDECIDED: "No marketing tool was paid for in these days.",
    Number.APPROVED_ALONE: "No marketing tool was let in or decided on in these days.",
    Number.ONE_SIDE: "No marketing tool had an owner or a steward on the last day.",
    Number.UNREVIEWED_SPEND: "No marketing tool cost anything in the 12 months up to the last day.",
}


def span(seconds: Sequence[int], why: str, counted: str) -> Span:
    """Median and 90th percentile; without anything measured, the reason instead."""
    if not seconds:
        return Span(n=0, median_s=None, p90_s=None, why=why, counted=counted)
    return Span(
        n=len(seconds),
        median_s=int(statistics.median(seconds)),
        p90_s=percentile(seconds, 0.9),
        why=None,
        counted=counted,
    )


def time_of(number: Number, found: Counting, counted: str) -> Span:
    """How long what was counted took."""
    return span([i.seconds for i in found.items if i.seconds is not None], _NONE[number], counted)


def part_of(number: Number, found: Counting, counted: str) -> Part:
    """How many count, and which share that is; of nothing, there is no share."""
    count = len(found.items)
    return Part(
        count=count,
        n=found.over,
        share=share(count, found.over),
        times=sum(i.times for i in found.items),
        spend_minor=sums(found.items),
        why=None if found.over else _NONE[number],
        counted=counted,
    )


def share(count: int, over: int) -> float | None:
    """A share, to four digits; None of nothing."""
    return round(count / over, 4) if over else None


def grouped(decided: Iterable[tuple[str, Mapping[str, int]]]) -> Waits:
    """Business seconds by lane and party, all lanes together under None.

    Arbiters are measured where a review came to them.

    Args:
        decided: of each review its lane and how many seconds it waited on each party.
    """
    found: Waits = defaultdict(list)
    for lane, waited in decided:
        for party, seconds in waited.items():
            if party == Party.ARBITERS and not seconds:
                continue  # it never came to them
            for group in (None, Lane(lane)):
                found[group, Party(party)].append(seconds)
    return found


def spreads(now: Waits, before: Waits, link: Callable[[Lane | None, bool], str]) -> list[Spread]:
    """Medians and 90th percentiles by lane and party, all lanes together first.

    Args:
        now: of the period.
        before: of the one before.
        link: gives the list of a lane's reviews, of the period before if that is said.
    """
    return [
        Spread(
            lane=lane,
            party=party,
            reviews=len(now[lane, party]),
            median_s=int(statistics.median(now[lane, party])),
            p90_s=percentile(now[lane, party], 0.9),
            counted=link(lane, False),
            before=span(before.get((lane, party), []), "No such review was decided then.", link(lane, True)),
        )
        for lane in (None, *Lane)
        for party in Party
        if now.get((lane, party))
    ]


def arbiters_spreads(decided: Iterable[Mapping[str, int]]) -> list[ArbitersSpread]:
    """Medians and 90th percentiles of each side's arbiters.

    Args:
        decided: of each review how many seconds it waited on the arbiters of each side; empty where it never
            came to them.
    """
    found: dict[Side, list[int]] = defaultdict(list)
    for waited in decided:
        for side, seconds in waited.items():
            found[Side(side)].append(seconds)
    return [
        ArbitersSpread(
            side=side,
            reviews=len(found[side]),
            median_s=int(statistics.median(found[side])),
            p90_s=percentile(found[side], 0.9),
        )
        for side in Side
        if found[side]
    ]


def late(noted: Iterable[tuple[str, bool]]) -> list[LateOut]:
    """How many reviews waited too long on whom.

    Args:
        noted: the side of each note, and whether it is about who arbitrates for it.
    """
    count = Counter(noted)
    return [
        LateOut(side=side, reviews=count[side.value, False], arbiters=count[side.value, True])
        for side in Side
    ]


def percentile(values: Sequence[int], share: float) -> int:
    """The smallest of some values that at least `share` of them do not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def promises_of(counts: Mapping[Number, int]) -> PromisesCounted:
    """How promises stand, from how many stand how."""
    kept, missed, waived = (
        counts[n] for n in (Number.PROMISES_KEPT, Number.PROMISES_MISSED, Number.PROMISES_WAIVED)
    )
    settled = kept + missed + waived
    return PromisesCounted(
        open=counts[Number.PROMISES_OPEN],
        kept=kept,
        missed=missed,
        waived=waived,
        n=settled,
        kept_share=share(kept, settled),
        why=None if settled else "No promise was settled in these days.",
    )
