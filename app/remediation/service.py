"""After the decision: a plan of what to end, confirmed by each side, and the tasks that people do.

Carrying a confirmed plan out at the vendors is in `carrying_out`.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from app.catalog.service import Reassess
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from app.language import _, lasting
from app.notify.outbox import Message, To, put
from app.remediation import repository
from app.remediation.planning import (
    LiveApp,
    LiveGrant,
    Payment,
    Source,
    Step,
    is_finished,
    plan,
)
from app.remediation.plans import get_plan
from app.remediation.schemas import (
    DoneIn,
    PlanIn,
    PlanOut,
    PlanState,
    StepState,
)
from app.security import audit
from app.security.privacy import Veil
from app.security.schemas import Caller, Side
from app.sources.installed import connector_class

ENDING = {"migrate", "retire", "dismissed"}
"""Outcomes after which there is something to end."""
_PAID_WITHIN = timedelta(days=120)


def make_plan(
    connection: Connection,
    review_id: int,
    wanted: PlanIn,
    *,
    caller: Caller,
    revoking: bool,
    now: datetime,
    veil: Veil,
) -> PlanOut:
    """Write down what there is to end after a decision. Nothing is ended by it: it is the dry run.

    Args:
        connection: a writing transaction.
        review_id: whose decision.
        wanted: by when.
        caller: a person of either side.
        revoking: whether this installation may end access at all.
        now: the time.
        veil: how the caller sees people.

    Raises:
        NotFound: there is no such review.
        Forbidden: the caller is not a person of either side.
        Conflict: it has not decided to stop using the tool, was decided anew since, or has a plan already.
        Invalid: the day is past.
    """
    review = repository.review(connection, review_id, lock=True)
    if review is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    side_of(caller)
    if review.state != "decided" or review.outcome not in ENDING:
        raise Conflict(
            _("This review has not decided to stop using %(tool)s.", tool=review.tool), code="not_decided"
        )
    still_holds(connection, review.tool_id, review_id)
    if repository.plan_of(connection, review_id) is not None:
        raise Conflict(_("There is a plan already; cancel it to make another."), code="planned")
    if wanted.due < now.date():
        raise Invalid(_("The day is past."), fields=[FieldError("due", _("choose a day to come"))])
    steps = _steps(connection, review, due=wanted.due, revoking=revoking, now=now)
    plan_id = repository.insert_plan(
        connection,
        [_row(step) for step in steps],
        review_id=review_id,
        tool_id=review.tool_id,
        state=PlanState.PROPOSED.value,
        version=1,
        made_by=caller.actor,
        made_at=now,
    )
    audit.record(
        connection,
        caller.actor,
        "remediation.plan",
        f"remediation:{plan_id}",
        {"review": review_id, "tool": review.tool_id, "steps": len(steps)},
        at=now,
    )
    message = Message(
        topic="remediation.confirm",
        subject=f"remediation:{plan_id}",
        to=To(sides=tuple(Side)),
        title=lasting(
            "%(tool)s: what is to be ended waits for a confirmation by each side", tool=review.tool
        ),
        text=lasting("%(n)s step, to be done by %(due_word)s.", n=1, due_word=wanted.due)
        if len(steps) == 1
        else lasting("%(n)s steps, to be done by %(due_word)s.", n=len(steps), due_word=wanted.due),
        path=f"/reviews/{review_id}#plan",
        data={"plan": plan_id, "review": review_id, "tool": review.tool_id},
        dedupe_key=f"remediation:{plan_id}",
    )
    put(connection, message, now)
    return get_plan(connection, plan_id, veil=veil)


def _steps(
    connection: Connection, review: repository.Row, *, due: date, revoking: bool, now: datetime
) -> list[Step]:
    sources = {row.id: _source(row) for row in repository.all_sources(connection)}
    grants = [
        LiveGrant(
            id=row.id,
            source=sources[row.source_id],
            stream=row.stream,
            ref=row.ref,
            app=row.app,
            app_ref=row.app_ref,
            person_id=row.person_id,
            person_ref=row.person_ref,
        )
        for row in repository.live_grants(connection, review.tool_id)
    ]
    apps = [
        LiveApp(sources[row.source_id], row.name, row.people)
        for row in repository.live_apps(connection, review.tool_id)
    ]
    since = now.date() - _PAID_WITHIN
    paid = [
        Payment(row.name, row.last_on, row.charges)
        for row in repository.payments(connection, review.tool_id, since)
    ]
    return plan(review.tool, grants, apps, paid, due=due, revoking=revoking)


def _source(row: repository.Row) -> Source:
    try:
        manifest = connector_class(row.connector).manifest
    except NotFound:  # no longer installed: its grants are for people to end
        return Source(row.id, row.name, row.connector, frozenset(), allowed=False)
    allowed = bool(row.config.get("may_revoke"))
    return Source(row.id, row.name, manifest.title, manifest.revocable, allowed=allowed)


def _row(step: Step) -> dict[str, Any]:
    grant = step.grant
    return {
        "kind": step.kind.value,
        "what": step.what,
        "how": step.how,
        "due": step.due,
        "source_id": grant.source.id if grant else None,
        "grant_ref": grant.ref if grant else None,
        "app_ref": grant.app_ref if grant else None,
        "person_ref": grant.person_ref if grant else None,
        "person_id": grant.person_id if grant else None,
        "state": StepState.PLANNED.value,
        "attempts": 0,
    }


def still_holds(connection: Connection, tool_id: int, review_id: int) -> None:
    """Let a decision pass that is the last one on its tool.

    Raises:
        Conflict: a later review decided anew.
    """
    later = repository.decided_since(connection, tool_id, review_id)
    if later is not None:
        raise Conflict(
            _("Review %(later)s has decided anew since: this no longer holds.", later=later),
            code="decided_anew",
        )


def side_of(caller: Caller) -> Side:
    """On which side of the table a caller sits; IT's, if they have both roles.

    Raises:
        Forbidden: not a person, or of neither side.
    """
    for side in Side:
        if caller.sits_with(side):
            return side
    raise Forbidden(_("This takes a person of IT or of marketing, logged in as themselves."))


def confirm(
    connection: Connection, plan_id: int, version: int, *, caller: Caller, now: datetime, veil: Veil
) -> PlanOut:
    """Say for one's side that the plan may be carried out; when both have, it may.

    Raises:
        NotFound: there is no such plan.
        Forbidden: the caller is not a person of either side.
        Conflict: it is not waiting for this side, the other side's person is the same one, or the decision
            no longer holds.
        PreconditionFailed: it changed since it was read.
    """
    row = _at_version(connection, plan_id, version)
    confirmed = {Side.IT: row.it_confirmed_by, Side.MARKETING: row.marketing_confirmed_by}
    open_sides = [side for side in Side if caller.sits_with(side) and confirmed[side] is None]
    side = open_sides[0] if open_sides else side_of(caller)
    if row.state != PlanState.PROPOSED:
        raise Conflict(
            _("This plan is %(state)s; it is no longer to be confirmed.", state=_(row.state)),
            code="not_proposed",
        )
    if confirmed[side] is not None:
        raise Conflict(
            _("Somebody of %(side)s confirmed it already.", side=_(side.words)), code="confirmed_already"
        )
    if confirmed[side.other] == caller.user_id:
        raise Conflict(_("Each side confirms by its own person; you did for the other."), code="same_person")
    still_holds(connection, row.tool_id, row.review_id)
    values: dict[str, Any] = {f"{side.value}_confirmed_by": caller.user_id}
    if confirmed[side.other] is not None:
        values["state"] = PlanState.CONFIRMED.value
    repository.update_plan(connection, plan_id, **values)
    detail = {"side": side.value}
    audit.record(connection, caller.actor, "remediation.confirm", f"remediation:{plan_id}", detail, at=now)
    return get_plan(connection, plan_id, veil=veil)


def cancel(
    connection: Connection, plan_id: int, version: int, *, caller: Caller, now: datetime, veil: Veil
) -> PlanOut:
    """Give a plan up; what was ended already stays ended.

    Raises:
        NotFound: there is no such plan.
        Forbidden: the caller is not a person of either side.
        Conflict: it is done or cancelled.
        PreconditionFailed: it changed since it was read.
    """
    row = _at_version(connection, plan_id, version)
    side_of(caller)
    if row.state not in {PlanState.PROPOSED, PlanState.CONFIRMED}:
        raise Conflict(_("This plan is %(state)s already.", state=_(row.state)), code="not_open")
    repository.update_plan(connection, plan_id, state=PlanState.CANCELLED.value, finished_at=now)
    audit.record(connection, caller.actor, "remediation.cancel", f"remediation:{plan_id}", at=now)
    return get_plan(connection, plan_id, veil=veil)


def task_done(
    connection: Connection,
    plan_id: int,
    number: int,
    wanted: DoneIn,
    *,
    caller: Caller,
    now: datetime,
    reassess: Reassess,
    veil: Veil,
) -> PlanOut:
    """Say that a task was done; the last one finishes the plan.

    Raises:
        NotFound: there is no such plan or step.
        Forbidden: the caller is not a person of either side.
        Conflict: the plan is not confirmed, the step is Penumbra's, or it is done.
    """
    row = repository.plan(connection, plan_id, lock=True)
    step = repository.step(connection, plan_id, number) if row else None
    if row is None or step is None:
        raise NotFound(_("There is no step %(number)s of plan %(plan_id)s.", number=number, plan_id=plan_id))
    side_of(caller)
    if row.state != PlanState.CONFIRMED:
        raise Conflict(_("Both sides must confirm the plan first."), code="not_confirmed")
    if step.state == StepState.DONE:
        raise Conflict(_("This step is done."), code="done")
    if step.kind == "revoke" and step.state != StepState.FAILED:
        raise Conflict(_("Penumbra does this step itself; a person does if that failed."), code="not_a_task")
    repository.update_step(
        connection,
        plan_id,
        number,
        state=StepState.DONE.value,
        result=wanted.note,
        settled_at=now,
        settled_by=caller.actor,
    )
    repository.update_plan(connection, plan_id)
    detail = {"step": number, "what": step.what, "note": wanted.note}
    audit.record(connection, caller.actor, "remediation.task", f"remediation:{plan_id}", detail, at=now)
    finish_if_done(connection, plan_id, actor=caller.actor, now=now, reassess=reassess)
    return get_plan(connection, plan_id, veil=veil)


def finish_if_done(
    connection: Connection, plan_id: int, *, actor: str, now: datetime, reassess: Reassess
) -> None:
    """Close a plan whose steps are all done; a tool that is still to be retired is retired then."""
    row = repository.plan(connection, plan_id)
    if row is None or row.state != PlanState.CONFIRMED:
        return
    if not is_finished(repository.step_states(connection, plan_id)):
        return
    repository.update_plan(connection, plan_id, state=PlanState.DONE.value, finished_at=now, lease_until=None)
    audit.record(connection, actor, "remediation.finish", f"remediation:{plan_id}", at=now)
    later = repository.decided_since(connection, row.tool_id, row.review_id)
    ended = row.outcome in {"retire", "migrate"} and later is None
    if ended and repository.retire(connection, row.tool_id, now):
        audit.record(
            connection,
            actor,
            "tool.governance",
            f"tool:{row.tool_id}",
            before={"governance": "retiring"},
            after={"governance": "retired"},
            at=now,
        )
        reassess(connection, [row.tool_id], now)


def _at_version(connection: Connection, plan_id: int, version: int) -> repository.Row:
    row = repository.plan(connection, plan_id, lock=True)
    if row is None:
        raise NotFound(_("There is no plan %(plan_id)s.", plan_id=plan_id))
    if row.version != version:
        raise PreconditionFailed(
            _(
                "This plan was changed since you opened it. Open it again to see what is new, then "
                "do this once more."
            ),
            version=row.version,
        )
    return row
