"""From single reviews to the numbers that both sides see. Pure."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.reviews.answers import ArbitersSpread, LateOut, PromisesKept, Spread
from app.reviews.words import ConditionState, Lane, Party
from app.security.schemas import Side


def spreads(decided: Iterable[tuple[str, Mapping[str, int]]]) -> list[Spread]:
    """Medians and 90th percentiles by lane and party, all lanes together first.

    Arbiters are measured where a review came to them.

    Args:
        decided: of each review its lane and how many seconds it waited on each party.
    """
    found: dict[Lane | None, dict[Party, list[int]]] = defaultdict(lambda: defaultdict(list))
    for lane, waited in decided:
        for party, seconds in waited.items():
            if party == Party.ARBITERS and not seconds:
                continue  # it never came to them
            for group in (None, Lane(lane)):
                found[group][Party(party)].append(seconds)
    return [
        Spread(
            lane=lane,
            party=party,
            reviews=len(found[lane][party]),
            median_s=int(statistics.median(found[lane][party])),
            p90_s=percentile(found[lane][party], 0.9),
        )
        for lane in (None, *Lane)
        for party in Party
        if found[lane][party]
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


def promises(counted: Iterable[tuple[str, str, int]]) -> list[PromisesKept]:
    """How the promises of each side stand.

    Args:
        counted: side, state, and how many.
    """
    found = {(side, state): number for side, state, number in counted}
    return [
        PromisesKept(
            side=side, **{state.value: found.get((side.value, state.value), 0) for state in ConditionState}
        )
        for side in Side
    ]
