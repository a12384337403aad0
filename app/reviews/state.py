"""What follows from a review's log, as values. Pure; `fold` makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.reviews.events import Attached, Decided, Promise, Terms
from app.reviews.words import SANCTIONING, ConditionState, Item, Lane, Outcome, Party, Standing, Verdict
from app.security.schemas import Side


@dataclass(frozen=True)
class Assessment:
    """What a side found about one of its items."""

    item: Item
    verdict: Verdict
    notes: str
    evidence: tuple[str, ...]
    links: tuple[str, ...]
    user_id: int | None
    at: datetime


@dataclass(frozen=True)
class Question:
    """What a side asked the other one."""

    id: int
    to: Side
    text: str
    user_id: int | None
    at: datetime
    answer: str | None = None
    answered_by: int | None = None
    answered_at: datetime | None = None
    withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for the answer."""
        return self.answered_at is None and not self.withdrawn


@dataclass(frozen=True)
class Proposal:
    """What lies on the table."""

    seq: int
    terms: Terms
    rationale: str
    user_id: int | None
    side: Side | None
    at: datetime

    @property
    def sanctions(self) -> bool:
        """Whether the company may use the tool then."""
        return self.terms.outcome in SANCTIONING


@dataclass(frozen=True)
class Key:
    """A key that is turned."""

    user_id: int
    rationale: str
    seq: int
    at: datetime
    arbiter: bool


@dataclass(frozen=True)
class Dissent:
    """Somebody who is against a proposal."""

    side: Side
    user_id: int | None
    rationale: str
    proposal: int
    seq: int
    at: datetime


@dataclass(frozen=True)
class Attachment:
    """A link that somebody laid on the table."""

    what: Attached
    user_id: int | None
    at: datetime


@dataclass(frozen=True)
class Condition:
    """A promise of the decision and how it stands."""

    number: int
    promise: Promise
    state: ConditionState = ConditionState.OPEN
    settled_at: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """From when on a review waits on whom; if on arbiters, on those of which sides."""

    since: datetime
    on: frozenset[Party]
    arbiters: frozenset[Side] = frozenset()


@dataclass(frozen=True)
class State:
    """Everything that holds of a review after some number of events."""

    version: int
    at: datetime
    opened_at: datetime
    lane: Lane
    reasons: tuple[str, ...]
    items: Mapping[Side, tuple[Item, ...]]
    service_seconds: Mapping[Side, int]
    arbiters: Mapping[Side, tuple[int, ...]]
    arbiter_seconds: Mapping[Side, int] = field(default_factory=dict)
    assessments: Mapping[Item, Assessment] = field(default_factory=dict)
    questions: Mapping[int, Question] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    proposal: Proposal | None = None
    keys: Mapping[Side, Key] = field(default_factory=dict)
    last_signed: Mapping[Side, int] = field(default_factory=dict)
    dissents: tuple[Dissent, ...] = ()
    wants_out: Mapping[Side, int] = field(default_factory=dict)
    escalated_at: datetime | None = None
    decision: Decided | None = None
    closed_at: datetime | None = None
    conditions: Mapping[int, Condition] = field(default_factory=dict)
    expires: date | None = None
    superseded_by: int | None = None
    waits: tuple[Wait, ...] = ()

    @property
    def standing(self) -> Standing:
        """Where the review stands."""
        if self.decision is not None:
            return Standing.DECIDED
        if self.closed_at is not None:
            return Standing.WITHDRAWN
        return Standing.OPEN if self.escalated_at is None else Standing.DEADLOCK

    @property
    def outcome(self) -> Outcome | None:
        """What was decided."""
        return None if self.decision is None else self.decision.terms.outcome

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.closed_at is None

    @property
    def waiting_on(self) -> frozenset[Party]:
        """Who must act now."""
        return self.waits[-1].on

    def missing(self, side: Side) -> list[Item]:
        """Which items of the lane a side has not assessed yet."""
        return [item for item in self.items.get(side, ()) if item not in self.assessments]

    def blockers(self, side: Side) -> list[Item]:
        """Which items of the lane a side found to stand in the way."""
        own = self.items.get(side, ())
        return [i for i in own if i in self.assessments and self.assessments[i].verdict is Verdict.BLOCKER]

    def open_questions(self, *, to: Side) -> list[Question]:
        """What a side was asked and nobody answered."""
        return [q for q in self.questions.values() if q.to is to and q.is_open]

    def is_against(self, side: Side) -> bool:
        """Whether somebody of a side dissented, and the side has not turned its key since."""
        return bool(self._against(side))

    def are_both_against(self) -> bool:
        """Whether both sides are against it, by two people; one with both roles is one of them."""
        each = [self._against(side) for side in Side]
        return all(each) and len(frozenset().union(*each)) > 1

    def _against(self, side: Side) -> frozenset[int | None]:
        since = self.last_signed.get(side, 0)
        if side in self.keys:
            return frozenset()
        return frozenset(d.user_id for d in self.dissents if d.side is side and d.seq > since)


def waiting_on(state: State) -> frozenset[Party]:
    """Who must act: nobody once both keys are turned or it is closed, else somebody always.

    Before there is a proposal, a side whose items are not complete; if both are complete, either may propose.
    Then each side without its key. A question stops the clock of who asks and starts that of who is asked.
    """
    if not state.is_open or len(state.keys) == len(Side):
        return frozenset()
    if state.escalated_at is not None:
        return frozenset({Party.ARBITERS})
    if state.proposal is None:
        at_it = {side for side in Side if state.missing(side)} or set(Side)
    else:
        at_it = {side for side in Side if side not in state.keys}
    asked = {side for side in Side if state.open_questions(to=side)}
    asking = {side.other for side in asked}
    return frozenset(Party(side.value) for side in Side if side in asked or (side in at_it - asking))


def arbiters_on(state: State) -> frozenset[Side]:
    """For which sides the arbiters must act: in a deadlock, those whose key is not turned."""
    if Party.ARBITERS not in waiting_on(state):
        return frozenset()
    return frozenset(side for side in Side if side not in state.keys)
