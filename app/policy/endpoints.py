"""Policy over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app.api import PREFIX
from app.api.dependencies import Admin, Database, Id, Reader, State, Teacher
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.db import reading, writing
from app.policy import granting, pass_view, service
from app.policy.reading import read
from app.policy.schemas import (
    GivenPass,
    LaneOut,
    PassQuery,
    PolicyIn,
    PolicyOut,
    PolicyRef,
    RefuseIn,
    SimulateIn,
    SimulationOut,
)
from app.policy.simulation import simulate

router = APIRouter(prefix=PREFIX, tags=["policy"])
Version = Annotated[int, Path(ge=0, le=2**31 - 1, description="0 is the policy that is shipped.")]
BothSides = Teacher
"""Whoever sits at the table may try a policy; setting one is for administrators."""
_LOCATION: dict[int | str, dict[str, Any]] = {201: {"headers": {"Location": {"schema": {"type": "string"}}}}}


@router.get("/policies", openapi_extra=described(PageQuery))
def list_policies(request: Request, _caller: Reader, database: Database) -> Listing[PolicyRef]:
    """All versions of the policy, the newest first; the last one is the shipped one."""
    page = read_query(PageQuery, request)
    with reading(database) as connection:
        return service.list_policies(connection, cursor=page.cursor, limit=page.limit)


@router.post("/policies", status_code=201, responses=_LOCATION)
def create_policy(caller: Admin, state: State, response: Response, body: PolicyIn) -> PolicyOut:
    """Keep a new version of the policy. Try it, and then switch it on."""
    policy = read(body.document, under=("document",))
    with writing(state.engine) as connection:
        made = service.create(
            connection,
            policy,
            body.note,
            actor=caller.actor,
            user_id=caller.user_id,
            now=state.clock(),
        )
    response.headers["Location"] = f"{PREFIX}/policies/{made.version}"
    return made


@router.get("/policies/current")
def get_current_policy(_caller: Reader, database: Database) -> PolicyOut:
    """The policy that holds."""
    with reading(database) as connection:
        return service.get_policy(connection, service.current(connection).version)


@router.post("/policies/simulate")
def simulate_policy(_caller: BothSides, state: State, body: SimulateIn) -> SimulationOut:
    """What a policy would have done to the last weeks, beside what the active one did. Nothing is written."""
    policy = read(body.document, under=("document",))
    with reading(state.engine) as connection:
        return simulate(connection, policy, state.clock(), body.days, renewals_of=state.renewals_of)


@router.get("/policies/{version:int}", responses=documented(404))
def get_policy(_caller: Reader, database: Database, version: Version) -> PolicyOut:
    """One version of the policy."""
    with reading(database) as connection:
        return service.get_policy(connection, version)


@router.post("/policies/{version:int}/activate", responses=documented(404, 409))
def activate_policy(caller: Admin, state: State, version: Version) -> PolicyOut:
    """Switch a version on, and off whichever was on."""
    with writing(state.engine) as connection:
        return service.activate(connection, version, actor=caller.actor, now=state.clock())


@router.get("/tools/{tool_id}/lane", responses=documented(404, 410))
def get_lane(_caller: Reader, state: State, tool_id: Id) -> LaneOut:
    """Which lane a tool's review takes and why, what it asks of each side, and what stands against it."""
    with reading(state.engine) as connection:
        return service.lane_for(connection, tool_id, state.clock())


@router.get("/passes", openapi_extra=described(PassQuery))
def list_passes(request: Request, _caller: Reader, database: Database) -> Listing[GivenPass]:
    """What the policy lets be used for now without a review, and what it did, the newest first."""
    query = read_query(PassQuery, request)
    with reading(database) as connection:
        return pass_view.list_passes(connection, query)


@router.post("/tools/{tool_id}/pass/refuse", responses=documented(404, 409, 410))
def refuse_pass(caller: BothSides, state: State, tool_id: Id, body: RefuseIn) -> GivenPass:
    """Refuse the pass that the policy gave a tool: it ends, a review is opened, and it gets no other."""
    with writing(state.engine) as connection:
        return granting.refuse(
            connection,
            tool_id,
            body.reason,
            caller=caller,
            now=state.clock(),
            open_review=state.partners.open_review,
        )
