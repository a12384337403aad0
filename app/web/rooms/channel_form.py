"""Setting up a channel and changing one: a test message is sent before it is saved."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading, writing
from app.errors import NotFound, PenumbraError
from app.language import _
from app.notify import inbox, service
from app.notify.channels import KINDS
from app.notify.deliver import wire_of
from app.notify.parcel import Address
from app.notify.schemas import ChannelChange, ChannelIn, ChannelOut, KindOut
from app.notify.topics import ADOPTER_ASK, CHANNEL_TEST, TOPICS
from app.security.schemas import Caller, Role
from app.security.service import require
from app.sources.config import Prepared
from app.web.access import LoggedIn, Sender, Visitor
from app.web.config_forms import ConfigForm, changes, checked, given, take
from app.web.rendering import done
from app.web.rooms.settings import show
from app.web.schema_forms import inputs

router = APIRouter(include_in_schema=False)


@dataclass
class ChannelForm:
    """The form, what it is for, and what the channel gets by itself."""

    kind: KindOut
    form: ConfigForm
    channel: ChannelOut | None = None
    topics: list[str] = field(default_factory=list)
    may_force: bool = False

    def refuse(self, error: PenumbraError) -> None:
        """Show what is wrong; a channel that did not take the test may be saved all the same."""
        self.form.refuse(error)
        self.may_force = error.code == "test_failed"
        if self.may_force:
            self.form.problem = error.message


def groups() -> list[str]:
    """What a channel can be told of, by group: what stands before the dot of topics."""
    private = {ADOPTER_ASK, CHANNEL_TEST}
    return list(dict.fromkeys(name.partition(".")[0] for name in TOPICS if name not in private))


def _new(kind: str) -> ChannelForm:
    found = next((one for one in service.kinds().items if one.kind == kind), None)
    if found is None:
        raise NotFound(
            _(
                "There is no kind of channel '%(kind)s'; there are: %(kinds)s.",
                kind=kind,
                kinds=", ".join(KINDS),
            )
        )
    fields = inputs(found.config_schema, found.secret_fields)
    return ChannelForm(found, ConfigForm(f"channel:{kind}", fields, KINDS[kind].Config))


def stored(state: AppState, channel_id: int) -> tuple[ChannelForm, Any]:
    """The form of a stored channel, and its row.

    Raises:
        NotFound: there is none.
    """
    with reading(state.engine) as connection:
        row = service.get_channel(connection, channel_id)
        channel = service.shown(connection, row, state.secrets)
    wanted = _new(row.kind)
    wanted.channel, wanted.topics = channel, list(channel.topics)
    form = wanted.form
    form.key, form.name, form.version = f"channel:{channel_id}", channel.name, channel.version
    form.public, form.stored = channel.config, channel.secrets_set
    form.fill()
    return wanted, row


def shown(request: Request, visitor: Visitor, wanted: ChannelForm) -> HTMLResponse:
    """The page of a channel's form."""
    values = {
        "form": wanted.form,
        "kind": wanted.kind,
        "channel": wanted.channel,
        "topics": wanted.topics,
        "may_force": wanted.may_force,
        "groups": groups(),
    }
    return show(request, visitor, "settings_channel.html", "channels", values, status=wanted.form.status)


async def send_test(state: AppState, caller: Caller, kind: str, prepared: Prepared) -> str | None:
    """Send a test message, an e-mail to whoever asks for it; what the receiver calls it.

    Raises:
        Invalid: the receiver refuses it, or may not be reached.
        VendorFailed: the receiver does not answer as it should.
    """

    def mailbox() -> Address | None:
        if caller.user_id is None:
            return None
        with reading(state.engine) as connection:
            return inbox.mailbox(connection, caller.user_id)

    return await service.try_out(
        kind,
        prepared,
        wire_of(state.settings),
        to=await run_in_threadpool(mailbox),
        home=state.settings.home_url,
        now=state.clock(),
    )


@router.get("/settings/channels/new/{kind}")
def new_form(request: Request, visitor: LoggedIn, kind: str) -> HTMLResponse:
    """The form for a new channel."""
    require(visitor.caller, Role.ADMIN)
    wanted = _new(kind)
    wanted.form.fill()
    return shown(request, visitor, wanted)


@router.post("/settings/channels/new/{kind}")
async def send_new(request: Request, sender: Sender, state: State, kind: str) -> Response:
    """Send a test message through a new channel, and save it if that arrives."""
    require(sender.caller, Role.ADMIN)
    wanted = _new(kind)
    sent = await given(request)
    wanted.topics = await _topics(request)
    try:
        config = {n: v for n, v in take(wanted.form, sent, sender, state).items() if v is not None}
        channel = checked(
            lambda: ChannelIn(
                name=wanted.form.name, kind=wanted.kind.kind, config=config, topics=wanted.topics
            )
        )
        prepared = service.prepare_new(kind, config, wire_of(state.settings).doors)
        if sent.get("do") != "force":
            await send_test(state, sender.caller, kind, prepared)
        return await run_in_threadpool(_save_new, request, sender, state, channel, prepared)
    except PenumbraError as error:
        wanted.refuse(error)
    return await run_in_threadpool(shown, request, sender, wanted)


async def _topics(request: Request) -> list[str]:
    found = (await request.form()).getlist("topics")
    return [str(topic)[:80].replace("\x00", "") for topic in found if topic]


def _save_new(
    request: Request, sender: Visitor, state: AppState, wanted: ChannelIn, prepared: Prepared
) -> Response:
    with writing(state.engine) as connection:
        made = service.create(
            connection, wanted, prepared, state.secrets, actor=sender.caller.actor, now=state.clock()
        )
    return done(request, "/settings/channels", _("%(name)s is set up.") % {"name": made.name})


@router.get("/settings/channels/{channel_id}")
def edit_form(request: Request, visitor: LoggedIn, state: State, channel_id: Id) -> HTMLResponse:
    """One channel: its settings, what it gets, and how it stands."""
    require(visitor.caller, Role.ADMIN)
    return shown(request, visitor, stored(state, channel_id)[0])


@router.post("/settings/channels/{channel_id}")
async def send_edit(request: Request, sender: Sender, state: State, channel_id: Id) -> Response:
    """Change a channel; changed settings are tried first."""
    require(sender.caller, Role.ADMIN)
    wanted, row = await run_in_threadpool(stored, state, channel_id)
    sent = await given(request)
    wanted.topics = await _topics(request)
    form = wanted.form
    try:
        config = changes(form, take(form, sent, sender, state))
        change = checked(
            lambda: ChannelChange(
                name=form.name if form.name != row.name else None,
                topics=wanted.topics if wanted.topics != row.topics else None,
                config=config or None,
            )
        )
        prepared = None
        if config:
            doors = wire_of(state.settings).doors
            prepared = service.prepare_change(row, config, state.secrets, doors)
            if sent.get("do") != "force":
                await send_test(state, sender.caller, row.kind, prepared)
        return await run_in_threadpool(_save_edit, request, sender, state, wanted, change, prepared)
    except PenumbraError as error:
        wanted.refuse(error)
    return await run_in_threadpool(shown, request, sender, wanted)


def _save_edit(
    request: Request,
    sender: Visitor,
    state: AppState,
    wanted: ChannelForm,
    change: ChannelChange,
    prepared: Prepared | None,
) -> Response:
    assert wanted.channel is not None
    with writing(state.engine) as connection:
        changed = service.change(
            connection,
            wanted.channel.id,
            wanted.form.version,
            change,
            prepared,
            state.secrets,
            actor=sender.caller.actor,
            now=state.clock(),
        )
    return done(request, "/settings/channels", _("%(name)s is saved.") % {"name": changed.name})
