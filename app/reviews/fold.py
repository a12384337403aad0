"""From a review's log to its state. Pure: the state is nothing but this."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.reviews.events import (
    Answered,
    Asked,
    Assessed,
    Attached,
    Body,
    BrokenLog,
    Commented,
    ConditionKept,
    ConditionMissed,
    ConditionWaived,
    Decided,
    Dissented,
    Escalated,
    Event,
    Expired,
    LaneChanged,
    Opened,
    Proposed,
    Provisional,
    SanctionedWithConditions,
    Signed,
    Superseded,
    Unsigned,
    WithdrawalAsked,
    Withdrawn,
    WithdrewQuestion,
)
from app.reviews.state import (
    Assessment,
    Attachment,
    Condition,
    Dissent,
    Key,
    Proposal,
    Question,
    State,
    Wait,
    arbiters_on,
    waiting_on,
)
from app.reviews.words import ConditionState, Party, Standing
from app.security.schemas import Side

_AFTER_THE_END = (ConditionKept, ConditionMissed, ConditionWaived, Expired, Superseded)


def fold(events: Iterable[Event]) -> State:
    """The state after some events, from the first one on.

    Raises:
        BrokenLog: no review can have written these.
    """
    state: State | None = None
    for event in events:
        state = after(state, event)
    if state is None:
        raise BrokenLog("The log is empty.")
    return state


def after(state: State | None, event: Event) -> State:
    """The state after one more event; `state` is None before the first.

    Raises:
        BrokenLog: the event cannot follow.
    """
    if state is None:
        return _begin(event)
    if event.seq != state.version + 1:
        raise BrokenLog(f"Line {event.seq} follows line {state.version}.")
    if event.at < state.at:
        raise BrokenLog(f"Line {event.seq} is older than the line before it.")
    closing = isinstance(event.body, _AFTER_THE_END)
    if state.is_open == closing or (closing and state.standing is Standing.WITHDRAWN):
        raise BrokenLog(f"Line {event.seq}: this cannot happen to a review that is {state.standing.value}.")
    changed = replace(_apply(state, event, event.body), version=event.seq, at=event.at)
    on, arbiters = waiting_on(changed), arbiters_on(changed)
    if (on, arbiters) != (state.waiting_on, state.waits[-1].arbiters):
        changed = replace(changed, waits=(*changed.waits, Wait(event.at, on, arbiters)))
    return changed


def _begin(event: Event) -> State:
    body = event.body
    if not isinstance(body, Opened) or event.seq != 1:
        raise BrokenLog("A log begins with the opening, as line 1.")
    state = State(
        version=1,
        at=event.at,
        opened_at=event.at,
        lane=body.lane,
        reasons=body.reasons,
        items=body.items,
        service_seconds=body.service_seconds,
        arbiters=body.arbiters,
        arbiter_seconds=body.arbiter_seconds,
    )
    return replace(state, waits=(Wait(event.at, waiting_on(state)),))


def _apply(state: State, event: Event, body: Body) -> State:
    match body:
        case Assessed():
            found = Assessment(
                body.item, body.verdict, body.notes, body.evidence, body.links, event.user_id, event.at
            )
            return replace(state, assessments={**state.assessments, body.item: found})
        case Asked() | Answered() | WithdrewQuestion():
            return _question(state, event, body)
        case Commented():
            return state
        case Attached():
            return replace(state, attachments=(*state.attachments, Attachment(body, event.user_id, event.at)))
        case Proposed():
            made = Proposal(event.seq, body.terms, body.rationale, event.user_id, event.side, event.at)
            return replace(state, proposal=made, keys={}, wants_out={})
        case Signed():
            return _signed(state, event, body)
        case Unsigned():
            return replace(state, keys={s: k for s, k in state.keys.items() if s is not event.side})
        case Dissented():
            said = Dissent(_side(event), event.user_id, body.rationale, body.proposal, event.seq, event.at)
            return replace(state, dissents=(*state.dissents, said))
        case Escalated():
            return replace(state, escalated_at=event.at, keys={})
        case LaneChanged():
            return replace(
                state,
                lane=body.lane,
                reasons=body.reasons,
                items=body.items,
                service_seconds=body.service_seconds,
                arbiters=body.arbiters,
                arbiter_seconds=body.arbiter_seconds,
                keys={s: k for s, k in state.keys.items() if s not in body.voided},
            )
        case Decided():
            return _decided(state, event, body)
        case WithdrawalAsked():
            return replace(state, wants_out={**state.wants_out, _side(event): event.user_id or 0})
        case Withdrawn():
            return replace(state, closed_at=event.at)
        case ConditionKept():
            return _settle(state, event, [body.number], ConditionState.KEPT)
        case ConditionMissed():
            return _settle(state, event, [body.number], ConditionState.MISSED)
        case ConditionWaived():
            return _settle(state, event, [body.number], ConditionState.WAIVED)
        case Expired():
            if state.expires is None:
                raise BrokenLog(f"Line {event.seq}: nothing was to run out.")
            return replace(state, expires=None)
        case Superseded():
            waits = [n for n, c in state.conditions.items() if c.state is ConditionState.OPEN]
            settled = _settle(state, event, waits, ConditionState.WAIVED)
            return replace(settled, superseded_by=body.by, expires=None)
        case Opened():
            raise BrokenLog(f"Line {event.seq}: the review was open already.")


def _side(event: Event) -> Side:
    if event.side is None:
        raise BrokenLog(f"Line {event.seq}: nobody's side is named.")
    return event.side


def _question(state: State, event: Event, body: Asked | Answered | WithdrewQuestion) -> State:
    if isinstance(body, Asked):
        changed = Question(body.question, body.to, body.text, event.user_id, event.at)
    else:
        asked = state.questions.get(body.question)
        if asked is None or not asked.is_open:
            raise BrokenLog(f"Line {event.seq}: there is no open question {body.question}.")
        if isinstance(body, Answered):
            changed = replace(asked, answer=body.text, answered_by=event.user_id, answered_at=event.at)
        else:
            changed = replace(asked, withdrawn=True)
    return replace(state, questions={**state.questions, body.question: changed})


def _signed(state: State, event: Event, body: Signed) -> State:
    side = _side(event)
    if state.proposal is None or body.proposal != state.proposal.seq or event.user_id is None:
        raise BrokenLog(f"Line {event.seq}: a key was turned on nothing, or by nobody.")
    if side in state.keys or any(k.user_id == event.user_id for k in state.keys.values()):
        raise BrokenLog(f"Line {event.seq}: a key was turned twice, or both by one person.")
    key = Key(event.user_id, body.rationale, event.seq, event.at, state.escalated_at is not None)
    return replace(
        state,
        keys={**state.keys, side: key},
        last_signed={**state.last_signed, side: event.seq},
    )


def _decided(state: State, event: Event, body: Decided) -> State:
    signers = {side: key.user_id for side, key in state.keys.items()}
    if set(signers) != set(Side) or signers != body.signers or state.proposal is None:
        raise BrokenLog(f"Line {event.seq}: it was decided without both keys.")
    if body.terms != state.proposal.terms or body.proposal != state.proposal.seq:
        raise BrokenLog(f"Line {event.seq}: what was decided is not what was proposed.")
    terms = body.terms
    promises = terms.conditions if isinstance(terms, SanctionedWithConditions) else ()
    return replace(
        state,
        decision=body,
        closed_at=event.at,
        conditions={n: Condition(n, promise) for n, promise in enumerate(promises, 1)},
        expires=terms.expires if isinstance(terms, Provisional) else None,
    )


def _settle(state: State, event: Event, numbers: Iterable[int], how: ConditionState) -> State:
    changed = dict(state.conditions)
    for number in numbers:
        condition = changed.get(number)
        if condition is None or condition.state is not ConditionState.OPEN:
            raise BrokenLog(f"Line {event.seq}: there is no open condition {number}.")
        changed[number] = replace(condition, state=how, settled_at=event.at)
    return replace(state, conditions=changed)


# --- the rows that are kept beside the log ---------------------------------------------------


def row_of(state: State) -> dict[str, Any]:
    """What the row of `reviews` must say, but for what is set once (id, tool, opening)."""
    on = state.waiting_on
    return {
        "state": state.standing.value,
        "lane": state.lane.value,
        "version": state.version,
        "waiting_on_it": Party.IT in on,
        "waiting_on_marketing": Party.MARKETING in on,
        "waiting_on_arbiters": Party.ARBITERS in on,
        "outcome": state.outcome and state.outcome.value,
        "it_signed_by": _signer(state.keys, Side.IT),
        "marketing_signed_by": _signer(state.keys, Side.MARKETING),
        "expires_on": state.expires,
        "closed_at": state.closed_at,
    }


def _signer(keys: Mapping[Side, Key], side: Side) -> int | None:
    return keys[side].user_id if side in keys else None


def condition_rows(state: State) -> list[dict[str, Any]]:
    """What the rows of `review_conditions` must say, by number."""
    return [
        {
            "number": c.number,
            "side": c.promise.side.value,
            "owner_user_id": c.promise.owner_user_id,
            "text": c.promise.text,
            "due": c.promise.due,
            "state": c.state.value,
            "settled_at": c.settled_at,
        }
        for _, c in sorted(state.conditions.items())
    ]
