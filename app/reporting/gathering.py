"""What the joint report tells of a period: the same numbers on the page and in the e-mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.api.schemas import Listing
from app.catalog.facts import Audience
from app.policy.pass_view import list_passes
from app.policy.schemas import GivenPass, PassQuery
from app.reviews import board
from app.reviews import reading as reviews
from app.reviews.answers import PromiseDue, ReviewItem
from app.reviews.board_answers import Scoreboard, ScoreboardQuery, Spread
from app.reviews.schemas import ReviewQuery
from app.reviews.words import Lane, Party, Standing
from app.security.privacy import Veil
from app.spend import reports
from app.spend import service as spend
from app.spend.schemas import RenewalFilter, RenewalOut

AHEAD = 90
"""So many days ahead it says what is coming."""
_SHOWN = 10
_DECIDED_SHOWN = 25


@dataclass(frozen=True)
class JointReport:
    """Found, decided, waiting, spent, coming, and the scoreboard.

    Attributes:
        board: the scoreboard of the period.
        spent: on marketing tools in the period, by currency.
        decided: the reviews decided in the period, the latest first.
        waiting: what waits on each side now.
        passes: what the policy allows for now, without a decision.
        renewals: what renews in the next `AHEAD` days.
        promises: those that fall due in that time.
        more_promises: there are more than are given.
    """

    board: Scoreboard
    spent: Mapping[str, int]
    decided: Listing[ReviewItem]
    waiting: Mapping[Party, Listing[ReviewItem]]
    passes: Listing[GivenPass]
    renewals: Listing[RenewalOut]
    promises: Sequence[PromiseDue]
    more_promises: bool

    @property
    def clocks(self) -> list[tuple[Lane | None, dict[Party, Spread]]]:
        """The waits by lane, all lanes first, and in each by party."""
        found: dict[Lane | None, dict[Party, Spread]] = {}
        for spread in self.board.waited:
            found.setdefault(spread.lane, {})[spread.party] = spread
        return list(found.items())


def gather(connection: Connection, wanted: ScoreboardQuery, now: datetime, *, veil: Veil) -> JointReport:
    """The report of a period.

    Args:
        connection: a reading transaction.
        wanted: which days.
        now: the time.
        veil: what of people its reader is shown.

    Raises:
        Invalid: the days are not a period.
    """
    today = now.date()
    found = board.scoreboard(connection, wanted, now, veil=veil)
    paid = reports.spent_between(connection, found.since, found.until, audience=Audience.MARKETING)
    going = [s for s in Standing if s not in {Standing.DECIDED, Standing.WITHDRAWN}]
    decided = ReviewQuery(state=[Standing.DECIDED], closed_from=found.since, closed_to=found.until)
    promises = reviews.promises_due(connection, now, now + timedelta(days=AHEAD))
    return JointReport(
        board=found,
        spent={code: minor for code, minor in paid.items() if minor > 0},
        decided=reviews.list_reviews(connection, decided, limit=_DECIDED_SHOWN),
        waiting={
            party: reviews.list_reviews(
                connection, ReviewQuery(state=going, waiting_on=[party]), limit=_SHOWN
            )
            for party in (Party.IT, Party.MARKETING)
        },
        passes=list_passes(connection, PassQuery(standing=True, limit=_SHOWN)),
        renewals=spend.list_renewals(
            connection, RenewalFilter(within_days=AHEAD), today, veil=veil, limit=_SHOWN
        ),
        promises=promises[:_SHOWN],
        more_promises=len(promises) > _SHOWN,
    )
