"""Remediation over HTTP."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from app.api import PREFIX
from app.api.dependencies import Database, Id, IfMatch, It, Reader, State, Teacher, etag, expected_version
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.db import reading, writing
from app.remediation import carrying_out, plans, service
from app.remediation.schemas import DoneIn, PlanIn, PlanItem, PlanOut, PlanQuery
from app.sources import service as sources
from connectors.base import Connector

router = APIRouter(prefix=PREFIX, tags=["remediation"])
_ETAG = {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}


def _shown(response: Response, plan: PlanOut) -> PlanOut:
    response.headers["ETag"] = etag(plan.version)
    return plan


@router.post(
    "/reviews/{review_id}/remediation", status_code=201, responses={201: _ETAG, **documented(404, 409)}
)
def make_plan(caller: Teacher, state: State, response: Response, review_id: Id, body: PlanIn) -> PlanOut:
    """Write down what there is to end after a decision. Nothing is ended by it: it is the dry run."""
    with writing(state.engine) as connection:
        plan = service.make_plan(
            connection,
            review_id,
            body,
            caller=caller,
            revoking=state.settings.may_revoke,
            now=state.clock(),
            veil=state.veils.of(connection, caller),
        )
    response.headers["Location"] = f"{PREFIX}/remediations/{plan.id}"
    return _shown(response, plan)


@router.get("/reviews/{review_id}/remediation", responses={200: _ETAG, **documented(404)})
def get_plan_of_review(caller: Reader, state: State, response: Response, review_id: Id) -> PlanOut:
    """What is being done after a decision."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return _shown(response, plans.plan_of_review(connection, review_id, veil=veil))


@router.get("/remediations", openapi_extra=described(PlanQuery))
def list_plans(request: Request, _caller: Reader, database: Database) -> Listing[PlanItem]:
    """Plans, the newest first."""
    query = read_query(PlanQuery, request)
    with reading(database) as connection:
        return plans.list_plans(connection, query)


@router.get("/remediations/{plan_id}", responses={200: _ETAG, **documented(404)})
def get_plan(caller: Reader, state: State, response: Response, plan_id: Id) -> PlanOut:
    """One plan with its steps."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return _shown(response, plans.get_plan(connection, plan_id, veil=veil))


@router.post("/remediations/{plan_id}/confirm", responses={200: _ETAG, **documented(404, 409, 412, 428)})
def confirm_plan(
    caller: Teacher, state: State, response: Response, plan_id: Id, if_match: IfMatch = None
) -> PlanOut:
    """Say for one's side that the plan may be carried out; it takes a person of each side."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        plan = service.confirm(connection, plan_id, version, caller=caller, now=state.clock(), veil=veil)
    return _shown(response, plan)


@router.post("/remediations/{plan_id}/cancel", responses={200: _ETAG, **documented(404, 409, 412, 428)})
def cancel_plan(
    caller: Teacher, state: State, response: Response, plan_id: Id, if_match: IfMatch = None
) -> PlanOut:
    """Give a plan up; what was ended already stays ended."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        plan = service.cancel(connection, plan_id, version, caller=caller, now=state.clock(), veil=veil)
    return _shown(response, plan)


@router.post("/remediations/{plan_id}/run", responses={200: _ETAG, **documented(404, 409)})
async def run_plan(caller: It, state: State, response: Response, plan_id: Id) -> PlanOut:
    """End the access that a confirmed plan lists, for up to 20 seconds; call again for what is left."""

    def load(connection: Connection, source_id: int) -> Connector:
        row = sources.get_source(connection, source_id)
        return sources.load_connector(row, state.context, state.secrets)

    plan = await carrying_out.carry_out(
        state.engine,
        plan_id,
        load,
        actor=caller.actor,
        clock=state.clock,
        reassess=state.reassess,
        revoking=state.settings.may_revoke,
        veiled=state.veil_of(caller),
    )
    return _shown(response, plan)


@router.post("/remediations/{plan_id}/steps/{number}/done", responses={200: _ETAG, **documented(404, 409)})
def task_done(
    caller: Teacher, state: State, response: Response, plan_id: Id, number: Id, body: DoneIn
) -> PlanOut:
    """Say that a task was done, and how; the last one finishes the plan."""
    with writing(state.engine) as connection:
        plan = service.task_done(
            connection,
            plan_id,
            number,
            body,
            caller=caller,
            now=state.clock(),
            reassess=state.reassess,
            veil=state.veils.of(connection, caller),
        )
    return _shown(response, plan)
