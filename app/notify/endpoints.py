"""Channels, the outbox, one's own notifications and adopters' answers over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api import PREFIX
from app.api.dependencies import (
    Admin,
    Auditor,
    Database,
    Id,
    IfMatch,
    Reader,
    State,
    Teacher,
    etag,
    expected_version,
)
from app.api.paging import PageQuery
from app.api.problems import documented
from app.api.query import described, read_query
from app.api.schemas import Listing
from app.api.state import AppState
from app.db import reading, writing
from app.notify import adopters, inbox, service
from app.notify.deliver import wire_of
from app.notify.parcel import Address
from app.notify.schemas import (
    AdopterList,
    AdopterOut,
    AskIn,
    ChannelChange,
    ChannelIn,
    ChannelList,
    ChannelOut,
    DeliveryOut,
    KindList,
    NotificationOut,
    OutboxQuery,
    PreferencesChange,
    PreferencesOut,
    Tried,
)
from app.security.schemas import Caller
from app.sources.config import Prepared

router = APIRouter(prefix=PREFIX, tags=["notifications"])
_ETAG = {"headers": {"ETag": {"description": "The version.", "schema": {"type": "string"}}}}
_CREATED = {201: {"headers": {"Location": {"schema": {"type": "string"}}, **_ETAG["headers"]}}}
Force = Annotated[bool, Query(description="Save without sending a test message first.")]


def _mailbox(state: AppState, caller: Caller) -> Address | None:
    if caller.user_id is None:
        return None
    with reading(state.engine) as connection:
        return inbox.mailbox(connection, caller.user_id)


async def _try(state: AppState, caller: Caller, kind: str, prepared: Prepared) -> str | None:
    return await service.try_out(
        kind,
        prepared,
        wire_of(state.settings),
        to=await run_in_threadpool(_mailbox, state, caller),
        home=state.settings.home_url,
        now=state.clock(),
    )


@router.get("/channel-kinds")
def list_channel_kinds(_caller: Admin) -> KindList:
    """What kinds of channels there are and how each is set up; and all topics."""
    return service.kinds()


@router.get("/channels")
def list_channels(_caller: Admin, state: State) -> ChannelList:
    """All channels with their health."""
    with reading(state.engine) as connection:
        return ChannelList(items=service.list_channels(connection, state.secrets))


@router.post("/channels", status_code=201, responses={**_CREATED, **documented(409, 502)})
async def create_channel(
    caller: Admin, state: State, response: Response, body: ChannelIn, force: Force = False
) -> ChannelOut:
    """Add a channel. A test message is sent first, and it is saved only if that arrives."""
    prepared = service.prepare_new(body.kind, body.config, wire_of(state.settings).doors)
    if not force:
        await _try(state, caller, body.kind, prepared)

    def save() -> ChannelOut:
        with writing(state.engine) as connection:
            return service.create(
                connection, body, prepared, state.secrets, actor=caller.actor, now=state.clock()
            )

    channel = await run_in_threadpool(save)
    response.headers["Location"] = f"{PREFIX}/channels/{channel.id}"
    response.headers["ETag"] = etag(channel.version)
    return channel


@router.get("/channels/{channel_id}", responses={200: _ETAG, **documented(404)})
def get_channel(_caller: Admin, state: State, response: Response, channel_id: Id) -> ChannelOut:
    """One channel; its ETag is what a change must send as If-Match."""
    with reading(state.engine) as connection:
        channel = service.shown(connection, service.get_channel(connection, channel_id), state.secrets)
    response.headers["ETag"] = etag(channel.version)
    return channel


@router.patch("/channels/{channel_id}", responses={200: _ETAG, **documented(404, 409, 412, 428, 502)})
async def change_channel(
    caller: Admin,
    state: State,
    response: Response,
    channel_id: Id,
    body: ChannelChange,
    if_match: IfMatch = None,
    force: Force = False,
) -> ChannelOut:
    """Change a channel. Secrets that are left out are kept; changed settings are tried first."""
    version = expected_version(if_match)

    def read() -> Any:
        with reading(state.engine) as connection:
            return service.at_version(service.get_channel(connection, channel_id), version)

    row = await run_in_threadpool(read)
    prepared = None
    if body.config is not None:
        prepared = service.prepare_change(row, body.config, state.secrets, wire_of(state.settings).doors)
        if not force:
            await _try(state, caller, row.kind, prepared)

    def save() -> ChannelOut:
        with writing(state.engine) as connection:
            return service.change(
                connection,
                channel_id,
                version,
                body,
                prepared,
                state.secrets,
                actor=caller.actor,
                now=state.clock(),
            )

    channel = await run_in_threadpool(save)
    response.headers["ETag"] = etag(channel.version)
    return channel


@router.delete("/channels/{channel_id}", status_code=204, responses=documented(404, 409, 412, 428))
def delete_channel(
    caller: Admin,
    state: State,
    channel_id: Id,
    if_match: IfMatch = None,
    force: bool = Query(False, description="Also if deliveries that wait for it are lost."),
) -> None:
    """Remove a channel with the record of what went through it."""
    version = expected_version(if_match)
    with writing(state.engine) as connection:
        service.delete(connection, channel_id, version, force=force, actor=caller.actor, now=state.clock())


@router.post("/channels/{channel_id}/test", responses=documented(404, 409, 502))
async def test_channel(caller: Admin, state: State, channel_id: Id) -> Tried:
    """Send a test message through a saved channel."""

    def read() -> Any:
        with reading(state.engine) as connection:
            return service.get_channel(connection, channel_id)

    row = await run_in_threadpool(read)
    prepared = service.prepare_change(row, {}, state.secrets, wire_of(state.settings).doors)
    return Tried(ref=await _try(state, caller, row.kind, prepared))


@router.get("/outbox", openapi_extra=described(OutboxQuery))
def list_outbox(request: Request, caller: Auditor, state: State) -> Listing[DeliveryOut]:
    """What was to be told to whom, and whether it arrived; the newest first."""
    query = read_query(OutboxQuery, request)
    with reading(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return inbox.outbox(connection, query, veil=veil, cursor=query.cursor, limit=query.limit)


@router.post("/outbox/{delivery_id}/retry", responses=documented(404, 409))
def retry_delivery(caller: Admin, state: State, delivery_id: Id) -> DeliveryOut:
    """Send again what failed or was put aside; a webhook also what it has had."""
    with writing(state.engine) as connection:
        veil = state.veils.of(connection, caller)
        return inbox.send_again(connection, delivery_id, actor=caller.actor, now=state.clock(), veil=veil)


@router.get("/me/notifications", openapi_extra=described(PageQuery))
def list_notifications(request: Request, caller: Reader, database: Database) -> Listing[NotificationOut]:
    """What you were told, the newest first, also where nothing was mailed."""
    page = read_query(PageQuery, request)
    with reading(database) as connection:
        return inbox.notifications(connection, caller, cursor=page.cursor, limit=page.limit)


@router.get("/me/preferences")
def get_preferences(caller: Reader, database: Database) -> PreferencesOut:
    """When and how you want to hear of things."""
    with reading(database) as connection:
        return inbox.preferences(connection, caller)


@router.patch("/me/preferences")
def change_preferences(caller: Reader, state: State, body: PreferencesChange) -> PreferencesOut:
    """Change when and how you want to hear of things."""
    with writing(state.engine) as connection:
        return inbox.change_preferences(connection, caller, body, state.clock())


@router.get("/tools/{tool_id}/adopters", responses=documented(404, 410))
def list_adopters(caller: Reader, state: State, tool_id: Id) -> AdopterList:
    """Who was asked what the tool is for, and what they said."""
    with reading(state.engine) as connection:
        return adopters.adopters(connection, tool_id, veil=state.veils.of(connection, caller))


@router.post("/tools/{tool_id}/adopters", status_code=201, responses=documented(404, 409, 410))
def ask_adopter(caller: Teacher, state: State, tool_id: Id, body: AskIn) -> AdopterOut:
    """Ask somebody who adopted the tool what it is for: by e-mail, with a link that needs no account."""
    with writing(state.engine) as connection:
        return adopters.ask_adopter(
            connection,
            tool_id,
            body.person_id,
            actor=caller.actor,
            now=state.clock(),
            veil=state.veils.of(connection, caller),
        )
