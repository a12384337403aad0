"""Plans of what to end, as they are shown."""

from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.veiled import person_ref
from app.errors import NotFound
from app.language import _
from app.remediation import repository
from app.remediation.planning import StepKind
from app.remediation.schemas import PlanItem, PlanOut, PlanQuery, PlanState, StepOut, StepState
from app.security.privacy import Veil


def get_plan(connection: Connection, plan_id: int, *, veil: Veil) -> PlanOut:
    """A plan with its steps.

    Whose access it is that a person has to end is shown to IT by name, from when both sides have confirmed
    the plan until it is done.

    Raises:
        NotFound: there is none.
    """
    row = repository.plan(connection, plan_id)
    if row is None:
        raise NotFound(_("There is no plan %(plan_id)s.", plan_id=plan_id))
    steps = [
        _shown(step, veil.lifted() if veil.carries_out and _by_hand(row, step) else veil)
        for step in repository.steps(connection, plan_id)
    ]
    return PlanOut.model_validate(
        {**row._mapping, "review": row.review_id, "left": _left(s.state for s in steps), "steps": steps}
    )


def _by_hand(row: repository.Row, step: repository.Row) -> bool:
    """Whether somebody has to end this person's access now, and needs to know whose it is."""
    theirs = step.kind == StepKind.TASK or step.state == StepState.FAILED
    return row.state == PlanState.CONFIRMED and theirs and step.state != StepState.DONE


def _shown(step: repository.Row, veil: Veil) -> StepOut:
    return StepOut.model_validate(
        {
            **step._mapping,
            "person": person_ref(step, veil),
            "result": veil.text(step.result, step.person_name),
        }
    )


def _left(states: Any) -> int:
    return sum(state != StepState.DONE for state in states)


def plan_of_review(connection: Connection, review_id: int, *, veil: Veil) -> PlanOut:
    """The plan of a review.

    Raises:
        NotFound: there is no such review, or it has no plan.
    """
    if repository.review(connection, review_id) is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    plan_id = repository.plan_of(connection, review_id)
    if plan_id is None:
        raise NotFound(_("Review %(review_id)s has no plan.", review_id=review_id))
    return get_plan(connection, plan_id, veil=veil)


def list_plans(connection: Connection, wanted: PlanQuery) -> Listing[PlanItem]:
    """Plans, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(wanted.cursor, "remediations", (int,))[0] if wanted.cursor else None
    state = wanted.state.value if wanted.state else None
    rows = repository.plans(connection, state, before=before, limit=wanted.limit + 1)
    items = [PlanItem.model_validate(row) for row in rows[: wanted.limit]]
    following = encode_cursor("remediations", (items[-1].id,)) if len(rows) > wanted.limit else None
    return Listing(items=items, next=following)
