"""Everything that the page of one review shows, gathered from the services of what it speaks of."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from app.api.state import AppState
from app.catalog import service as catalog
from app.errors import FieldError, Gone, NotFound
from app.policy import service as policy
from app.policy.facts import kinds_of
from app.remediation import service as remediation
from app.remediation.planning import StepKind
from app.remediation.plans import plan_of_review
from app.remediation.schemas import PlanOut, PlanState, StepState
from app.reviews import commands as ask
from app.reviews import reading as read
from app.reviews.answers import ReviewOut
from app.reviews.facing import refusal_of
from app.reviews.setting import setting_of, whole_log
from app.reviews.words import Item, Lane, Standing
from app.security import users
from app.security.privacy import Veil
from app.security.schemas import Caller, Role, Side
from app.web import review_words
from app.web.review_forms import Form, label_of
from app.web.review_turns import SIGN, Turn, beside, lacks_owner, positions, turns_of

CHECKED_AGAINST = {
    Item.INTEGRATION: ("app",),
    Item.SECURITY: ("app", "grant"),
    Item.OPERATIONS: ("app",),
    Item.VENDOR_MANAGEMENT: ("app", "expense"),
    Item.REQUIREMENTS: (),
    Item.OUTCOME_AND_OWNER: (),
    Item.BUDGET: ("expense",),
}
"""Which kinds of evidence are offered for an item."""
_LINES = 60
"""So many lines of the log are shown before the rest is folded away."""


def gather(
    connection: Connection,
    state: AppState,
    caller: Caller,
    review_id: int,
    *,
    form: Form | None = None,
    sent: str = "",
    faults: Sequence[FieldError] = (),
    refused: str = "",
) -> dict[str, Any]:
    """What the page shows.

    Args:
        connection: a reading transaction.
        state: of the application.
        caller: who looks at it.
        review_id: which review.
        form: what was typed into a form that was refused.
        sent: which form that was.
        faults: what was wrong with its fields.
        refused: why it was refused, in a sentence.

    Raises:
        NotFound: there is no such review.
    """
    now = state.clock()
    veil = state.veils.of(connection, caller)
    calendars = state.house.calendars(connection)
    review = read.get_review(connection, review_id, calendars=calendars, now=now)
    log = whole_log(connection, review_id, veil)
    on_table = review.proposal.number if review.proposal else None
    taken = positions(log, on_table)
    terms = [p.terms for p in taken.values()] + ([review.proposal.terms] if review.proposal else [])
    attached = [ref for s in review.sides for i in s.items if i.assessment for ref in i.assessment.evidence]
    setting = setting_of(connection, review.tool.id, terms, attached, veil)
    worded = {
        side: review_words.terms_in_words(p.terms, setting.names, setting.tools) for side, p in taken.items()
    }
    turns = turns_of(review, caller)
    asked = {question.number: question.text for question in review.questions}
    return {
        "review": review,
        "rw": review_words,
        "form": form or Form(()),
        "sent": sent,
        "faults": {fault.field: fault.message for fault in faults},
        "fault_list": list(faults),
        "label_of": label_of,
        "today": now.date(),
        "tomorrow": now.date() + timedelta(days=1),
        "refused": refused,
        "by_side": {side.side.value: side for side in review.sides},
        "turns": turns,
        "stops": {
            turn.side.side.value: _stops(connection, state, review, turn, caller, now) for turn in turns
        },
        "seats": [side for side in Side if caller.sits_with(side)],
        "is_service": caller.user_id is None and caller.may(Role.IT, Role.MARKETING),
        "signers": _signers(connection, review),
        "may_sign": _may_sign(connection, state, review, caller),
        "lacks_owner": lacks_owner(review, owned=setting.owned),
        "positions": {side.value: taken.get(side) for side in Side},
        "worded": {side.value: worded.get(side, []) for side in Side},
        "rows": beside(worded),
        "decided_words": (
            review_words.terms_in_words(review.proposal.terms, setting.names, setting.tools)
            if review.proposal
            else []
        ),
        "setting": setting,
        "offered_for": {item.value: kinds for item, kinds in CHECKED_AGAINST.items()},
        "log": [(event, review_words.happened(event, asked)) for event in reversed(log)],
        "log_shown": _LINES,
        "comments": [event for event in log if event.kind == "commented"],
        **_tool(connection, review, veil, now),
        **_plan(connection, review, caller, veil, now.date()),
    }


def _tool(connection: Connection, review: ReviewOut, veil: Veil, now: datetime) -> dict[str, Any]:
    """What is known of the tool; nothing of one that was merged away."""
    try:
        tool = catalog.get_tool(connection, review.tool.id, veil=veil)
    except Gone:
        return {"tool": None, "permissions": [], "reach": [], "currency": "EUR"}
    facts = policy.facts_of(connection, [review.tool.id], now)[review.tool.id]
    reached = kinds_of(facts.scopes)
    return {
        "tool": tool,
        "permissions": catalog.tool_permissions(connection, review.tool.id),
        "reach": [kind for kind in review_words.REACH if kind in reached],
        "currency": max(tool.spend, key=lambda code: tool.spend[code], default="EUR"),
    }


def _signers(connection: Connection, review: ReviewOut) -> dict[str, Any]:
    """Who turns each side's key, by the policy; the arbiters in a deadlock."""
    return {
        side.value: policy.signers_of(connection, review.lane.value, side.value)
        for side in Side
        if review.closed_at is None
    }


def _may_sign(connection: Connection, state: AppState, review: ReviewOut, caller: Caller) -> dict[str, bool]:
    if review.state is Standing.DEADLOCK:
        return {s.side.value: any(a.user_id == caller.user_id for a in s.arbiters) for s in review.sides}
    may = state.house.may_sign
    return {
        side.value: caller.sits_with(side) and may(connection, Lane(review.lane), side, caller)
        for side in Side
    }


def _stops(
    connection: Connection, state: AppState, review: ReviewOut, turn: Turn, caller: Caller, now: datetime
) -> str | None:
    """What keeps the reader from turning their side's key, once nothing of theirs is left to assess."""
    if turn.kind != SIGN or turn.missing or review.proposal is None:
        return None
    side = turn.side.side
    command = ask.Sign(review.proposal.number, "…", side)
    return refusal_of(connection, state.house, review.id, command, caller, side, now)


def _plan(
    connection: Connection, review: ReviewOut, caller: Caller, veil: Veil, today: date
) -> dict[str, Any]:
    """What is being ended after the decision, and what the reader may do about it."""
    outcome = review.outcome.value if review.outcome else None
    if outcome not in remediation.ENDING:
        return {"ends": False}
    plan: PlanOut | None
    try:
        plan = plan_of_review(connection, review.id, veil=veil)
    except NotFound:
        plan = None
    ids = {} if plan is None else {Side.IT: plan.it_confirmed_by, Side.MARKETING: plan.marketing_confirmed_by}
    names = users.names_of(connection, {id_ for id_ in ids.values() if id_ is not None})
    confirms = [
        side
        for side, by in ids.items()
        if plan is not None
        and plan.state is PlanState.PROPOSED
        and by is None
        and caller.sits_with(side)
        and ids[side.other] != caller.user_id
    ]
    return {
        "ends": True,
        "plan": plan,
        "confirmed_by": {side.value: names.get(by) if by is not None else None for side, by in ids.items()},
        "confirms": confirms,
        "may_run": caller.may(Role.IT),
        "revocations_left": plan is not None
        and any(s.kind is StepKind.REVOKE and s.state is not StepState.DONE for s in plan.steps),
        "ends_by": _ends_by(review, today),
    }


def _ends_by(review: ReviewOut, today: date) -> str:
    """The day that the decision names, if it is still to come: by then people should have done their part."""
    by = review.proposal.terms.get("by", "") if review.proposal else ""
    return by if by and by >= today.isoformat() else ""
