"""What is to be written to a tool's log because time went by or people left. Pure."""

from collections.abc import Collection
from datetime import datetime

from app.claims.case import Deed
from app.claims.fold import Cause, How, Kind, Standing


def overdue(standing: Standing, gone: Collection[int], now: datetime) -> Deed | None:
    """The next thing to be written because time went by or people left; None once all is written.

    Args:
        standing: who owns the tool now.
        gone: the users who may no longer log in, or have left the company.
        now: the time.
    """
    if standing.owner is not None and standing.attest_by is not None:
        left = standing.owner in gone
        if left or standing.attest_by < now:
            told = {*standing.co_owners, *standing.asked, *standing.contesters}
            return Deed(
                Kind.LAPSED,
                {
                    "cause": (Cause.OWNER_GONE if left else Cause.NOT_ATTESTED).value,
                    "owner": standing.owner,
                    "attest_by": standing.attest_by.isoformat(),
                    "co_owners": list(standing.co_owners),
                    "steward": standing.steward,
                    "tell": sorted({*told, *(() if left else (standing.owner,))} - set(gone)),
                },
            )
    for user in standing.co_owners:
        if user in gone:
            return Deed(Kind.CO_OWNER_LEFT, {"user": user, "reason": "", "cause": "gone"})
    for user in standing.asked:
        if user in gone:
            return Deed(Kind.REFUSED, {"what": "co_own", "user": user, "reason": "gone"})
    for user in standing.contesters:
        if user in gone:
            return Deed(
                Kind.SETTLED,
                {
                    "for": standing.owner,
                    "by": How.WITHDRAWN.value,
                    "contester": user,
                    "before": standing.owner,
                    "reason": "gone",
                },
            )
    if standing.offered_to in gone:
        return Deed(Kind.REFUSED, {"what": "hand_over", "user": standing.offered_to, "reason": "gone"})
    if standing.steward in gone:
        return Deed(Kind.STEWARD_LEFT, {"user": standing.steward, "cause": "gone"})
    return None
