"""Carrying a confirmed plan out: one grant after the other is ended at its vendor.

Each result is stored in a transaction of its own before the next vendor is asked, and ending a grant twice
does no harm: killed anywhere, a plan is simply carried out again from the first step that is not done.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection, Engine
from starlette.concurrency import run_in_threadpool

from app.catalog.service import Reassess
from app.clock import Clock
from app.db import reading, writing
from app.errors import Conflict, NotFound, PenumbraError
from app.language import _
from app.remediation import repository
from app.remediation.plans import get_plan
from app.remediation.schemas import PlanOut, StepState
from app.remediation.service import finish_if_done, still_holds
from app.security import audit
from app.security.privacy import Veil
from connectors.base import Connector, GrantRef
from connectors.errors import ConnectorError

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""For so long a plan is left alone after its process died. One step at a vendor takes less."""
VeilOf = Callable[[Connection], Veil]
LoadConnector = Callable[[Connection, int], Connector[Any]]


async def carry_out(
    engine: Engine,
    plan_id: int,
    load: LoadConnector,
    *,
    actor: str,
    clock: Clock,
    reassess: Reassess,
    revoking: bool,
    veiled: VeilOf,
    budget: timedelta = timedelta(seconds=20),
) -> PlanOut:
    """End the grants of a confirmed plan, for as long as `budget` allows; call again for the rest.

    A step that fails is noted with the reason, and the next one is taken; calling again tries it again.

    Args:
        engine: the database.
        plan_id: which plan.
        load: gives the connector of a source.
        actor: who asked for it, for the audit trail.
        clock: tells the time.
        reassess: works out a tool's facts again.
        revoking: whether this installation may end access at all.
        veiled: how whoever asked sees people.
        budget: how long to go on taking further steps.

    Raises:
        NotFound: there is no such plan.
        Conflict: it is not confirmed by both sides, the decision no longer holds, this installation may not
            end access, or somebody is carrying it out.
    """
    started = clock()
    held = await run_in_threadpool(_begin, engine, plan_id, clock, revoking)
    number = 0
    try:
        async with AsyncExitStack() as open_connectors:
            connectors: dict[int, Connector[Any]] = {}
            while clock() - started < budget:
                until = clock() + LEASE
                step = await run_in_threadpool(_next, engine, plan_id, number, held, until)
                if step is None:
                    break
                held = until
                number = step.number
                done, words = await _end(engine, step, load, connectors, open_connectors)
                await run_in_threadpool(_note, engine, step, done, words, actor, clock, reassess)
    finally:
        await run_in_threadpool(_let_go, engine, plan_id, held)
    return await run_in_threadpool(_shown, engine, plan_id, veiled)


async def _end(
    engine: Engine,
    step: repository.Row,
    load: LoadConnector,
    connectors: dict[int, Connector[Any]],
    open_connectors: AsyncExitStack,
) -> tuple[bool, str]:
    """Whether the step is done, and what a person should know."""
    if step.source_id is None:
        return False, "The source of this access was removed: end it at the vendor, and say so here."

    def loaded() -> Connector[Any]:
        with reading(engine) as connection:
            return load(connection, step.source_id)

    try:
        if step.source_id not in connectors:
            connector = await run_in_threadpool(loaded)
            connectors[step.source_id] = await open_connectors.enter_async_context(connector)
        grant = GrantRef(step.grant_ref, step.app_ref, step.person_ref)
        ended = await connectors[step.source_id].revoke(grant)
    except (ConnectorError, PenumbraError) as error:
        return False, str(error)
    except Exception as error:  # of one source; the steps at others are not to wait for it
        log.exception("a grant could not be ended", plan=step.plan_id, step=step.number)
        return False, f"Something in Penumbra went wrong ({type(error).__name__}); the log says more."
    return True, f"It had ended before. {ended.words}" if ended.already else ended.words


def _begin(engine: Engine, plan_id: int, clock: Clock, revoking: bool) -> datetime:
    now = clock()
    with writing(engine) as connection:
        row = repository.plan(connection, plan_id)
        if row is None:
            raise NotFound(_("There is no plan %(plan_id)s.", plan_id=plan_id))
        if row.state != "confirmed":
            raise Conflict(
                _(
                    "This plan is %(state)s: it is carried out once both sides have confirmed it.",
                    state=_(row.state),
                ),
                code="not_confirmed",
            )
        still_holds(connection, row.tool_id, row.review_id)
        if not revoking:
            raise Conflict(
                _(
                    "This installation may not end access: set PENUMBRA_MAY_REVOKE, or cancel the plan "
                    "and make another, in which people do it."
                ),
                code="not_allowed",
            )
        if not repository.take_lease(connection, plan_id, now, now + LEASE):
            raise Conflict(_("This plan is being carried out at this moment."), code="busy")
    return now + LEASE


def _next(engine: Engine, plan_id: int, after: int, held: datetime, until: datetime) -> repository.Row | None:
    """The next step; None if there is none, or the plan was cancelled, overtaken or decided anew."""
    with writing(engine) as connection:
        row = repository.plan(connection, plan_id)
        if row is None or repository.decided_since(connection, row.tool_id, row.review_id) is not None:
            return None
        step = repository.next_revocation(connection, plan_id, after)
        if step is None or not repository.hold_lease(connection, plan_id, held, until):
            return None
        return step


def _note(
    engine: Engine,
    step: repository.Row,
    done: bool,
    words: str,
    actor: str,
    clock: Clock,
    reassess: Reassess,
) -> None:
    now = clock()
    with writing(engine) as connection:
        # Locked first, as by whoever says that a task was done: of two last steps one sees the other.
        repository.plan(connection, step.plan_id, lock=True)
        known = repository.step(connection, step.plan_id, step.number)
        if known is None or known.state == StepState.DONE:  # a person said so meanwhile
            return
        repository.update_step(
            connection,
            step.plan_id,
            step.number,
            state=(StepState.DONE if done else StepState.FAILED).value,
            attempts=step.attempts + 1,
            result=words,
            settled_at=now if done else None,
            settled_by=actor if done else None,
        )
        repository.update_plan(connection, step.plan_id)
        detail = {"step": step.number, "grant": step.grant_ref, "source": step.source_id, "result": words}
        action = "remediation.revoke" if done else "remediation.revoke_failed"
        audit.record(connection, actor, action, f"remediation:{step.plan_id}", detail, at=now)
        finish_if_done(connection, step.plan_id, actor=actor, now=now, reassess=reassess)


def _let_go(engine: Engine, plan_id: int, held: datetime) -> None:
    with writing(engine) as connection:
        repository.hold_lease(connection, plan_id, held, None)


def _shown(engine: Engine, plan_id: int, veiled: VeilOf) -> PlanOut:
    with reading(engine) as connection:
        return get_plan(connection, plan_id, veil=veiled(connection))
