"""Users and the audit trail over HTTP."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection
from starlette.responses import StreamingResponse

from app.api import PREFIX, export
from app.api.dependencies import Admin, Auditor, Database, Id, Reader, State
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.db import reading, writing
from app.security import audit, service, sessions, trail, users
from app.security.schemas import (
    AuditFilter,
    AuditOut,
    AuditQuery,
    ChainOut,
    ChainQuery,
    Ended,
    Me,
    SessionOut,
    TokenIn,
    TokenMade,
    TokenOut,
    UserChange,
    UserIn,
    UserOut,
)

router = APIRouter(prefix=PREFIX, tags=["access"])


@router.get("/me")
async def get_me(caller: Reader) -> Me:
    """Who is asking, and what they may do."""
    return Me(
        name=caller.name, roles=sorted(caller.roles), user_id=caller.user_id, expires_at=caller.expires_at
    )


@router.get("/me/sessions")
def list_own_sessions(caller: Reader, state: State) -> Listing[SessionOut]:
    """Where one is logged in to the pages."""
    with reading(state.engine) as connection:
        items = sessions.list_sessions(connection, caller, idle=state.sessions.idle, now=state.clock())
    return Listing(items=items)


@router.delete("/me/sessions")
def end_own_sessions(caller: Reader, state: State) -> Ended:
    """Log out everywhere."""
    with writing(state.engine) as connection:
        ended = sessions.end_all_own(connection, caller, now=state.clock())
    state.sessions.forget()
    return Ended(ended=ended)


@router.delete("/me/sessions/{session_id}", status_code=204, responses=documented(404))
def end_own_session(caller: Reader, state: State, session_id: Id) -> None:
    """End one login to the pages."""
    with writing(state.engine) as connection:
        sessions.end_own(connection, caller, session_id, now=state.clock())
    state.sessions.forget()


@router.get("/me/tokens")
def list_own_tokens(caller: Reader, database: Database) -> Listing[TokenOut]:
    """One's own tokens, the newest first, also those that ended."""
    with reading(database) as connection:
        return Listing(items=service.own_tokens(connection, caller))


@router.post("/me/tokens", status_code=201, responses=documented(409))
def create_own_token(caller: Reader, state: State, body: TokenIn) -> TokenMade:
    """Make a token of one's own; its text is shown this once."""
    with writing(state.engine) as connection:
        made = service.create_own_token(connection, caller, body, now=state.clock())
    return _made(*made)


@router.delete("/me/tokens/{token_id}", status_code=204, responses=documented(404))
def end_own_token(caller: Reader, state: State, token_id: Id) -> None:
    """End one of one's own tokens; it is refused within five seconds."""
    with writing(state.engine) as connection:
        service.end_token(connection, token_id, owner=caller, actor=caller.actor, now=state.clock())


def _made(token: service.Token, text: str) -> TokenMade:
    return TokenMade(**TokenOut.model_validate(token).model_dump(), token=text)


@router.get("/tokens", openapi_extra=described(PageQuery))
def list_tokens(request: Request, _caller: Auditor, database: Database) -> Listing[TokenOut]:
    """Everybody's tokens, the newest first; never their text."""
    page = read_query(PageQuery, request)
    with reading(database) as connection:
        return service.tokens_page(connection, cursor=page.cursor, limit=page.limit)


@router.post("/tokens", status_code=201, responses=documented(409))
def create_token(caller: Admin, state: State, body: TokenIn) -> TokenMade:
    """Make a token for a service; its text is shown this once."""
    with writing(state.engine) as connection:
        made = service.create_token(
            connection, body.name, body.role, days=body.days, actor=caller.actor, now=state.clock()
        )
    return _made(*made)


@router.delete("/tokens/{token_id}", status_code=204, responses=documented(404))
def end_token(caller: Admin, state: State, token_id: Id) -> None:
    """End anybody's token; it is refused within five seconds."""
    with writing(state.engine) as connection:
        service.end_token(connection, token_id, actor=caller.actor, now=state.clock())


@router.delete("/users/{user_id}/sessions", responses=documented(404))
def end_sessions_of(caller: Admin, state: State, user_id: Id) -> Ended:
    """Log somebody out everywhere."""
    with writing(state.engine) as connection:
        ended = sessions.end_all_of(connection, user_id, actor=caller.actor, now=state.clock())
    state.sessions.forget()
    return Ended(ended=ended)


@router.get("/users", openapi_extra=described(PageQuery))
def list_users(request: Request, caller: Auditor, state: State) -> Listing[UserOut]:
    """Everybody who may log in."""
    page = read_query(PageQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        found = users.list_users(connection, cursor=page.cursor, limit=page.limit)
    return found.model_copy(update={"items": [users.as_seen(user, veil) for user in found.items]})


@router.post("/users", status_code=201, responses=documented(409))
def create_user(caller: Admin, state: State, response: Response, body: UserIn) -> UserOut:
    """Let somebody log in."""
    with writing(state.engine) as connection:
        made = users.create_user(connection, body, actor=caller.actor, now=state.clock())
        user = users.as_seen(made, state.veils.of(connection, caller))
    response.headers["Location"] = f"{PREFIX}/users/{user.id}"
    return user


@router.get("/users/{user_id}", responses=documented(404))
def get_user(caller: Auditor, state: State, user_id: Id) -> UserOut:
    """One user."""
    with reading(state.engine) as connection:
        return users.as_seen(users.get_user(connection, user_id), state.veils.of(connection, caller))


@router.patch("/users/{user_id}", responses=documented(404))
def change_user(caller: Admin, state: State, user_id: Id, body: UserChange) -> UserOut:
    """Change a user's name or roles, who they are in the directories, or whether they may log in at all."""
    with writing(state.engine) as connection:
        user = users.change_user(connection, user_id, body, actor=caller.actor, now=state.clock())
        return users.as_seen(user, state.veils.of(connection, caller))


@router.get("/audit", openapi_extra=described(AuditQuery))
def list_audit(request: Request, caller: Auditor, state: State) -> Listing[AuditOut]:
    """Who did what to which thing, the newest first."""
    query = read_query(AuditQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return trail.audit_page(connection, query, veil=veil, cursor=query.cursor, limit=query.limit)


@router.get("/audit/export", response_class=StreamingResponse, openapi_extra=described(AuditFilter))
async def export_audit(request: Request, caller: Auditor, state: State) -> StreamingResponse:
    """The audit trail as a JSON array, the newest line first."""
    wanted = read_query(AuditFilter, request)

    def fetch(connection: Connection, cursor: str | None) -> export.Batch:
        veil = state.veils.of(connection, caller)
        page = trail.audit_page(connection, wanted, veil=veil, cursor=cursor, limit=export.BATCH)
        return [item.model_dump() for item in page.items], page.next

    return export.as_json(state.engine, "audit", fetch)


@router.get("/audit/verify", openapi_extra=described(ChainQuery))
def verify_audit(request: Request, _caller: Auditor, database: Database) -> ChainOut:
    """Look through the audit trail's chain for lines that were changed, taken out or moved."""
    query = read_query(ChainQuery, request)
    with reading(database) as connection:
        verdict = audit.verify(connection, known_head=query.head)
    return ChainOut(whole=not verdict.faults, lines=verdict.lines, head=verdict.head, faults=verdict.faults)
