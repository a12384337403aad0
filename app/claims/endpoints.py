"""Claims over HTTP: who answers for a tool, and what was found in a team."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.api import PREFIX
from app.api.dependencies import (
    Database,
    Id,
    IfMatch,
    It,
    Reader,
    State,
    Teacher,
    etag,
    expected_version,
)
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.api.state import AppState
from app.claims import found, rules, view
from app.claims.schemas import (
    AnswerIn,
    BulkIn,
    BulkOut,
    ClaimQuery,
    ContestIn,
    DeclineIn,
    Found,
    FoundQuery,
    HandOverIn,
    HistoryQuery,
    LikelyList,
    OwnershipDetail,
    OwnershipOut,
    RefuseIn,
    ReleaseIn,
    SettleIn,
    StewardIn,
    YieldIn,
)
from app.claims.service import Desk, Rule, Setting
from app.db import reading, writing
from app.security.schemas import Caller

router = APIRouter(prefix=PREFIX, tags=["claims"])
_ETAG = {200: {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}}
_DEED = {**_ETAG, **documented(404, 409, 410, 412, 428)}
EitherSide = Teacher
"""Marketing claims its tools, IT others; which of them may do what, the rules say."""


def _setting(state: AppState) -> Setting:
    return Setting(state.settings.attest_days, state.reassess)


class _Counter:
    """Takes one deed over HTTP: the tool, the version that was read, and the answer's ETag."""

    def __init__(self, state: State, response: Response, tool_id: Id, if_match: IfMatch = None) -> None:
        self._state = state
        self._response = response
        self._tool = tool_id
        self._if_match = if_match

    def do(self, caller: Caller, verb: str, rule: Callable[[Desk], Rule]) -> OwnershipOut:
        """Do it in one transaction; `rule` gets the desk, to look up who was named."""
        version = expected_version(self._if_match)  # not before the body was looked at
        with writing(self._state.engine) as connection:
            desk = Desk(connection, caller, _setting(self._state), now=self._state.clock())
            done = desk.act(self._tool, version, verb, rule)
        self._response.headers["ETag"] = etag(done.version)
        return done


Counter = Annotated[_Counter, Depends()]


@router.get("/claims", openapi_extra=described(ClaimQuery))
def list_claims(request: Request, caller: Reader, state: State) -> Listing[OwnershipOut]:
    """Tools that have or had an owner, or have a steward, by id."""
    query = read_query(ClaimQuery, request)
    with reading(state.engine) as connection:
        return view.claim_list(connection, query, caller, state.clock())


@router.get("/claims/found", responses=documented(409), openapi_extra=described(FoundQuery))
def list_found(request: Request, caller: Reader, state: State) -> Listing[Found]:
    """What was found in your departments and nobody answers for, with the evidence in short.

    Your departments are your own and those of the people who report to you. Marketing's tools come first,
    then those that most of your people use.
    """
    query = read_query(FoundQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return found.found_in_team(connection, query, caller, state.clock(), veil=veil)


@router.post("/claims/bulk")
def claim_many(caller: EitherSide, state: State, body: BulkIn) -> BulkOut:
    """Claim or decline up to 200 tools; each is answered by itself, and none stands in another's way."""
    with writing(state.engine) as connection:
        return Desk(connection, caller, _setting(state), now=state.clock()).many(body)


@router.get("/tools/{tool_id}/likely-owners", responses=documented(404, 410))
def list_likely_owners(caller: Reader, state: State, tool_id: Id) -> LikelyList:
    """Who may answer for a tool, with the reasons, the likeliest first."""
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return found.likely_owners_of(connection, tool_id, state.clock(), veil=veil)


@router.get(
    "/tools/{tool_id}/ownership",
    responses={**_ETAG, **documented(404, 410)},
    openapi_extra=described(HistoryQuery),
)
def get_ownership(
    request: Request, _caller: Reader, database: Database, response: Response, tool_id: Id
) -> OwnershipDetail:
    """Who answers for a tool, and how that came."""
    query = read_query(HistoryQuery, request)
    with reading(database) as connection:
        detail = view.detail(connection, tool_id, before=query.before)
    response.headers["ETag"] = etag(detail.version)
    return detail


@router.post("/tools/{tool_id}/ownership/claim", responses=_DEED)
def claim(caller: EitherSide, counter: Counter) -> OwnershipOut:
    """Answer for a tool that nobody answers for."""
    return counter.do(caller, "claim", lambda _: rules.claim)


@router.post("/tools/{tool_id}/ownership/decline", responses=_DEED)
def decline(caller: EitherSide, counter: Counter, body: DeclineIn) -> OwnershipOut:
    """Say that a tool is none of your department's; it is no longer offered there."""
    return counter.do(caller, "decline", lambda desk: desk.declining(body))


@router.post("/tools/{tool_id}/ownership/hand-over", responses=_DEED)
def hand_over(caller: EitherSide, counter: Counter, body: HandOverIn) -> OwnershipOut:
    """Offer your tool to somebody; it stays yours until they accept."""
    return counter.do(caller, "hand-over", lambda desk: desk.naming(rules.hand_over, body.to, "to"))


@router.post("/tools/{tool_id}/ownership/accept", responses=_DEED)
def accept(caller: EitherSide, counter: Counter, body: AnswerIn) -> OwnershipOut:
    """Take the tool that was offered to you; or, with `user`, let somebody co-own yours who asked to."""
    return counter.do(caller, "accept", lambda _: lambda case: rules.accept(case, body.user))


@router.post("/tools/{tool_id}/ownership/refuse", responses=_DEED)
def refuse(caller: EitherSide, counter: Counter, body: RefuseIn) -> OwnershipOut:
    """Turn down what was offered to you, or take your offer back; with `user`, who asked to co-own yours."""
    reason = body.reason.strip()
    return counter.do(caller, "refuse", lambda _: lambda case: rules.refuse(case, body.user, reason))


@router.post("/tools/{tool_id}/ownership/co-own", responses=_DEED)
def co_own(caller: EitherSide, counter: Counter) -> OwnershipOut:
    """Ask whoever holds the tool to share it with you."""
    return counter.do(caller, "co-own", lambda _: rules.co_own)


@router.post("/tools/{tool_id}/ownership/contest", responses=_DEED)
def contest(caller: EitherSide, counter: Counter, body: ContestIn) -> OwnershipOut:
    """Say that the tool is yours, though somebody else holds it. They hold it until that is settled."""
    return counter.do(caller, "contest", lambda _: lambda case: rules.contest(case, body.reason))


@router.post("/tools/{tool_id}/ownership/yield", responses=_DEED)
def yield_it(caller: EitherSide, counter: Counter, body: YieldIn) -> OwnershipOut:
    """Give your tool to somebody who contests it."""
    return counter.do(caller, "yield", lambda desk: desk.yielding(body.to))


@router.post("/tools/{tool_id}/ownership/withdraw", responses=_DEED)
def withdraw(caller: EitherSide, counter: Counter) -> OwnershipOut:
    """Contest the tool no longer."""
    return counter.do(caller, "withdraw", lambda _: rules.withdraw)


@router.post("/tools/{tool_id}/ownership/settle", responses=_DEED)
def settle(caller: EitherSide, counter: Counter, body: SettleIn) -> OwnershipOut:
    """Say whose the tool is, as somebody who neither holds nor contests it.

    Once a person of IT and one of marketing name the same owner it is settled; an administrator needs nobody.
    """
    return counter.do(caller, "settle", lambda desk: desk.settling(body))


@router.post("/tools/{tool_id}/ownership/release", responses=_DEED)
def release(caller: EitherSide, counter: Counter, body: ReleaseIn) -> OwnershipOut:
    """Let go of your tool, or of your part in it; with `co_owner`, end a co-owner's part in yours."""
    reason = body.reason.strip()
    return counter.do(caller, "release", lambda _: lambda case: rules.release(case, reason, body.co_owner))


@router.post("/tools/{tool_id}/ownership/attest", responses=_DEED)
def attest(caller: EitherSide, counter: Counter) -> OwnershipOut:
    """Say again that you answer for the tool."""
    return counter.do(caller, "attest", lambda _: rules.attest)


@router.post("/tools/{tool_id}/ownership/steward", responses=_DEED)
def steward(caller: It, counter: Counter, body: StewardIn) -> OwnershipOut:
    """Name who in IT looks after the tool; null, to leave it without one."""
    return counter.do(caller, "steward", lambda desk: desk.naming_steward(body.user))
