"""The company's channels: their health, a test, off and on, away; and what was sent through them."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.db import reading, writing
from app.errors import Conflict, Invalid, PenumbraError
from app.language import _
from app.notify import inbox, service
from app.notify.deliver import wire_of
from app.notify.schemas import ChannelChange, OutboxQuery
from app.notify.topics import TOPICS
from app.security.schemas import Role
from app.security.service import require
from app.web import settings_words
from app.web.access import LoggedIn, Sender
from app.web.rendering import done
from app.web.rooms.channel_form import send_test, shown, stored
from app.web.rooms.settings import show

router = APIRouter(include_in_schema=False)
_SHOWN = 40


# --- the list ----------------------------------------------------------------------------------------


@router.get("/settings/channels")
def channel_list(request: Request, visitor: LoggedIn, state: State) -> HTMLResponse:
    """All channels with their health, and the kinds that could be added."""
    require(visitor.caller, Role.ADMIN)
    with reading(state.engine) as connection:
        channels = service.list_channels(connection, state.secrets)
        veil = state.veils.of(connection, visitor.caller)
        dead = inbox.outbox(connection, OutboxQuery(state="dead"), veil=veil, limit=1)
    values = {
        "channels": channels,
        "kinds": service.kinds().items,
        "has_mail": any(c.kind == "email" and c.enabled for c in channels),
        "dead": bool(dead.items),
        "home": state.settings.home_url,
        "public": bool(state.settings.public_url),
    }
    return show(request, visitor, "settings_channels.html", "channels", values)


# --- what one does with a channel --------------------------------------------------------------------


@router.post("/settings/channels/{channel_id}/test")
async def test(request: Request, sender: Sender, state: State, channel_id: Id) -> Response:
    """Send a test message through a saved channel."""
    require(sender.caller, Role.ADMIN)
    wanted, row = await run_in_threadpool(stored, state, channel_id)
    try:
        prepared = service.prepare_change(row, {}, state.secrets, wire_of(state.settings).doors)
        ref = await send_test(state, sender.caller, row.kind, prepared)
    except PenumbraError as error:
        wanted.refuse(error)
        wanted.may_force = False
        return await run_in_threadpool(shown, request, sender, wanted)
    said = _("The test message arrived at %(name)s.") % {"name": row.name}
    return done(request, f"/settings/channels/{channel_id}", f"{said} ({ref})" if ref else said)


Version = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.post("/settings/channels/{channel_id}/enabled")
def switch(
    request: Request,
    sender: Sender,
    state: State,
    channel_id: Id,
    version: Version,
    enabled: Annotated[bool, Form()] = False,
) -> Response:
    """Switch a channel off, or on again."""
    require(sender.caller, Role.ADMIN)
    with writing(state.engine) as connection:
        changed = service.change(
            connection,
            channel_id,
            version,
            ChannelChange(enabled=enabled),
            None,
            state.secrets,
            actor=sender.caller.actor,
            now=state.clock(),
        )
    said = _("%(name)s is switched on.") if enabled else _("%(name)s is switched off.")
    return done(request, "/settings/channels", said % {"name": changed.name})


@router.post("/settings/channels/{channel_id}/remove")
def remove(
    request: Request,
    sender: Sender,
    state: State,
    channel_id: Id,
    version: Version,
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Remove a channel, if it was ticked that this is meant."""
    require(sender.caller, Role.ADMIN)
    if not sure:
        wanted = stored(state, channel_id)[0]
        wanted.form.problem = _("Tick the box beside the button to remove the channel.")
        wanted.form.status = 422
        return shown(request, sender, wanted)
    with writing(state.engine) as connection:
        service.delete(
            connection, channel_id, version, force=True, actor=sender.caller.actor, now=state.clock()
        )
    return done(request, "/settings/channels", _("The channel is removed."))


# --- what was sent -----------------------------------------------------------------------------------


@router.get("/settings/deliveries")
def deliveries(
    request: Request,
    visitor: LoggedIn,
    state: State,
    standing: Annotated[str, Query(alias="state", max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> HTMLResponse:
    """What was to be told to whom, and whether it arrived."""
    require(visitor.caller, Role.AUDITOR)
    chosen: Any = standing if standing in settings_words.DELIVERY else None
    with reading(state.engine) as connection:
        wanted = OutboxQuery(state=chosen)
        veil = state.veils.of(connection, visitor.caller)
        try:
            found = inbox.outbox(connection, wanted, veil=veil, cursor=cursor, limit=_SHOWN)
        except Invalid:  # an old address
            found = inbox.outbox(connection, wanted, veil=veil, limit=_SHOWN)
    kept = {"state": chosen} if chosen else {}
    values = {
        "deliveries": found.items,
        "chosen": chosen or "",
        "titles": {name: topic.title for name, topic in TOPICS.items()},
        "first": f"/settings/deliveries?{urlencode(kept)}" if cursor else None,
        "following": f"/settings/deliveries?{urlencode({**kept, 'cursor': found.next})}"
        if found.next
        else None,
    }
    return show(request, visitor, "settings_deliveries.html", "deliveries", values)


@router.post("/settings/deliveries/{delivery_id}/retry")
def retry(request: Request, sender: Sender, state: State, delivery_id: Id) -> Response:
    """Send again what failed or was given up."""
    require(sender.caller, Role.ADMIN)
    try:
        with writing(state.engine) as connection:
            inbox.send_again(
                connection,
                delivery_id,
                actor=sender.caller.actor,
                now=state.clock(),
                veil=state.veils.of(connection, sender.caller),
            )
    except Conflict as error:
        return done(request, "/settings/deliveries", error.message)
    return done(request, "/settings/deliveries", _("It is sent again in a moment."))
