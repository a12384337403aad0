"""Where a review stands on the board, and how long it has waited on whom. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.reviews.clocks import Calendars, Clock
from app.reviews.state import State
from app.reviews.words import Party, Standing


class Column(StrEnum):
    """The columns of the board, in the order in which a review passes them; what is late stands apart."""

    LATE = "late"
    """A side has used up its time, or the arbiters have it."""
    ASKED = "asked"
    """Opened, and nobody has said anything about it."""
    ASSESSING = "assessing"
    """The sides assess it; nothing is proposed."""
    KEYS = "keys"
    """An outcome is proposed, and a key is missing."""
    RUNNING = "running"
    """Decided, and something of the decision is still to come."""


@dataclass(frozen=True)
class Wait:
    """That a review waits on somebody now.

    Attributes:
        party: on whom.
        since: from when on without a break.
        lasts: the business time since then.
        clock: all that it has waited on them.
    """

    party: Party
    since: datetime
    lasts: timedelta
    clock: Clock

    @property
    def is_late(self) -> bool:
        """Whether they have used up the time that they may take."""
        return self.clock.left is not None and self.clock.left < timedelta(0)


def waits_of(
    state: State, clocks: Mapping[Party, Clock], calendars: Calendars, now: datetime
) -> tuple[Wait, ...]:
    """On whom an open review waits now, who has waited longest first."""
    found: list[Wait] = []
    for party in Party:
        if not clocks[party].runs:
            continue
        since = state.opened_at
        for wait in reversed(state.waits):
            if party not in wait.on:
                break
            since = wait.since
        found.append(Wait(party, since, calendars[party].between(since, now), clocks[party]))
    return tuple(sorted(found, key=lambda wait: wait.since))


def column_of(state: State, waits: tuple[Wait, ...]) -> Column:
    """In which column an open review stands."""
    if state.standing is Standing.DEADLOCK or any(wait.is_late for wait in waits):
        return Column.LATE
    return step_of(state)


def step_of(state: State) -> Column:
    """How far an open review is, late or not."""
    if state.proposal is not None:
        return Column.KEYS
    return Column.ASSESSING if state.assessments else Column.ASKED
