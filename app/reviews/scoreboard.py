"""From single reviews to the numbers that both sides see. Pure."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.reviews.answers import PromisesKept, Spread
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
