"""A review as it is shown: what follows from its log, with names instead of numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from app.reviews.answers import (
    Actor,
    AssessmentOut,
    AttachmentOut,
    ClockOut,
    ConditionOut,
    DissentOut,
    EventOut,
    ItemOut,
    KeyOut,
    ProposalOut,
    QuestionOut,
    RecordedSide,
    RecordOut,
    ReviewItem,
    ReviewOut,
    SideOut,
    ToolNamed,
)
from app.reviews.clocks import Calendars, Clock, arbiters_clocks, clocks_of
from app.reviews.events import Event, Opened, write
from app.reviews.snapshot import as_seen
from app.reviews.state import Assessment, Condition, Proposal, State
from app.reviews.words import Cause, Lane, Outcome, Party, Standing
from app.security.privacy import Veil
from app.security.schemas import Side

Names = Mapping[int, str]


def people_in(events: list[Event], state: State) -> set[int]:
    """Everybody whom a review names, by user id."""
    found = {e.user_id for e in events if e.user_id is not None}
    found |= {user for users in state.arbiters.values() for user in users}
    return found | {c.promise.owner_user_id for c in state.conditions.values()}


class View:
    """Shows one review.

    Args:
        row: of `reviews`, with the tool's name as `tool`.
        events: its log.
        state: what follows from that.
        names: of everybody in it.
    """

    def __init__(self, row: Any, events: list[Event], state: State, names: Names) -> None:
        self._row = row
        self._events = events
        self._state = state
        self._names = names
        opened = events[0].body
        assert isinstance(opened, Opened)
        self._opened = opened

    def _actor(self, user_id: int | None) -> Actor | None:
        return None if user_id is None else self._named(user_id)

    def _named(self, user_id: int) -> Actor:
        return Actor(user_id=user_id, name=self._names.get(user_id, f"user {user_id}"))

    def whole(self, calendars: Calendars, now: datetime) -> ReviewOut:
        """The review with all that lies on the table."""
        state = self._state
        clocks = clocks_of(state, calendars, now)
        arbiters = arbiters_clocks(state, calendars, now)
        return ReviewOut(
            **item_of(self._row).model_dump(),
            need=self._opened.need,
            reasons=list(state.reasons),
            opened_by=self._actor(self._events[0].user_id),
            previous=self._opened.previous,
            sides=[self._side(side, clocks[Party(side.value)], arbiters[side]) for side in Side],
            arbiters_clock=clock_out(clocks[Party.ARBITERS]),
            proposal=self._proposal(state.proposal) if state.proposal else None,
            questions=self._questions(),
            dissents=self._dissents(),
            attachments=self._attachments(),
            escalated_at=state.escalated_at,
            conditions=self._conditions(),
            expires=state.expires,
            superseded_by=state.superseded_by,
        )

    def record(self, veil: Veil) -> RecordOut:
        """The decision with everything it rests on; the review must be decided."""
        state, decision = self._state, self._state.decision
        assert decision is not None
        assert state.proposal is not None
        assert state.closed_at is not None
        return RecordOut(
            review=self._row.id,
            tool=ToolNamed(id=self._row.tool_id, name=self._row.tool),
            cause=self._opened.cause,
            need=self._opened.need,
            lane=state.lane,
            opened_at=state.opened_at,
            decided_at=state.closed_at,
            outcome=decision.terms.outcome,
            terms=msgspec.to_builtins(decision.terms),
            proposed=self._proposal(state.proposal),
            keys=[key for side in Side if (key := self._key(side)) is not None],
            dissents=self._dissents(),
            sides=[
                RecordedSide(side=side, items=self._items(side), waited_s=decision.waited.get(side.value, 0))
                for side in Side
            ],
            questions=self._questions(),
            attachments=self._attachments(),
            conditions=self._conditions(),
            superseded_by=state.superseded_by,
            evidence=as_seen(decision.evidence, veil),
        )

    def _side(self, side: Side, clock: Clock, arbiters: Clock) -> SideOut:
        return SideOut(
            side=side,
            items=self._items(side),
            key=self._key(side),
            against=self._state.is_against(side),
            wants_out=side in self._state.wants_out,
            arbiters=[self._named(user) for user in self._state.arbiters.get(side, ())],
            clock=clock_out(clock),
            arbiters_clock=clock_out(arbiters),
        )

    def _items(self, side: Side) -> list[ItemOut]:
        found = self._state.assessments
        return [
            ItemOut(item=item, assessment=self._assessment(found.get(item)))
            for item in self._state.items.get(side, ())
        ]

    def _assessment(self, found: Assessment | None) -> AssessmentOut | None:
        if found is None:
            return None
        return AssessmentOut(
            verdict=found.verdict,
            notes=found.notes,
            evidence=list(found.evidence),
            links=list(found.links),
            by=self._actor(found.user_id),
            at=found.at,
        )

    def _key(self, side: Side) -> KeyOut | None:
        key = self._state.keys.get(side)
        if key is None:
            return None
        return KeyOut(
            side=side, by=self._named(key.user_id), at=key.at, rationale=key.rationale, arbiter=key.arbiter
        )

    def _proposal(self, made: Proposal) -> ProposalOut:
        return ProposalOut(
            number=made.seq,
            by=self._actor(made.user_id),
            side=made.side,
            at=made.at,
            terms=msgspec.to_builtins(made.terms),
            rationale=made.rationale,
        )

    def _questions(self) -> list[QuestionOut]:
        return [
            QuestionOut(
                number=q.id,
                to=q.to,
                text=q.text,
                by=self._actor(q.user_id),
                at=q.at,
                answer=q.answer,
                answered_by=self._actor(q.answered_by),
                answered_at=q.answered_at,
                withdrawn=q.withdrawn,
            )
            for q in self._state.questions.values()
        ]

    def _dissents(self) -> list[DissentOut]:
        return [
            DissentOut(
                side=d.side, by=self._actor(d.user_id), at=d.at, proposal=d.proposal, rationale=d.rationale
            )
            for d in self._state.dissents
        ]

    def _attachments(self) -> list[AttachmentOut]:
        return [
            AttachmentOut(link=a.what.link, title=a.what.title, by=self._actor(a.user_id), at=a.at)
            for a in self._state.attachments
        ]

    def _conditions(self) -> list[ConditionOut]:
        return [self._condition(c) for _, c in sorted(self._state.conditions.items())]

    def _condition(self, condition: Condition) -> ConditionOut:
        promise = condition.promise
        return ConditionOut(
            number=condition.number,
            side=promise.side,
            owner=self._named(promise.owner_user_id),
            text=promise.text,
            due=promise.due,
            state=condition.state,
            settled_at=condition.settled_at,
        )


def item_of(row: Any) -> ReviewItem:
    """A review in a list, from its row with the tool's name as `tool`."""
    return ReviewItem(
        id=row.id,
        tool=ToolNamed(id=row.tool_id, name=row.tool),
        cause=Cause(row.cause),
        state=Standing(row.state),
        lane=Lane(row.lane),
        version=row.version,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        waiting_on=[party for party in Party if getattr(row, f"waiting_on_{party.value}")],
        signed=[side for side in Side if getattr(row, f"{side.value}_signed_by") is not None],
        outcome=Outcome(row.outcome) if row.outcome else None,
    )


def clock_out(clock: Clock) -> ClockOut:
    """A clock in whole seconds."""
    left = clock.left
    return ClockOut(
        waited_s=int(clock.waited.total_seconds()),
        not_waited_s=int(clock.not_waited.total_seconds()),
        runs=clock.runs,
        service_s=None if clock.service is None else int(clock.service.total_seconds()),
        left_s=None if left is None else int(left.total_seconds()),
        due_at=clock.due,
    )


def event_out(event: Event, names: Names, veil: Veil) -> EventOut:
    """One line of a log."""
    kind, data = write(event.body)
    data.pop("v")
    if "evidence" in data and isinstance(data["evidence"], dict):
        data["evidence"] = as_seen(data["evidence"], veil)
    by = None if event.user_id is None else Actor(user_id=event.user_id, name=names.get(event.user_id, "?"))
    return EventOut(seq=event.seq, at=event.at, by=by, side=event.side, kind=kind, data=data)
