"""Channels: tried before they are saved, sealed, changed, removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, VendorFailed
from app.language import _, lasting, retold, retold_for
from app.notify import repository
from app.notify.channels import KINDS, Tools, build
from app.notify.net import Doors, Wire
from app.notify.packing import around
from app.notify.parcel import Address, Chrome, Item, NotSent, Parcel
from app.notify.repository import Row
from app.notify.schemas import ChannelChange, ChannelIn, ChannelOut, KindList, KindOut, TopicOut
from app.notify.topics import CHANNEL_TEST, TOPICS, known_pattern
from app.security import audit
from app.security.secrets import SecretBox
from app.sources.config import Prepared, merge, prepare, secret_fields


def kinds() -> KindList:
    """All kinds of channels with their settings, and all topics."""
    return KindList(
        items=[
            KindOut(
                kind=kind,  # type: ignore[arg-type]
                title=made.title,
                summary=made.summary,
                config_schema=made.Config.model_json_schema(),
                secret_fields=sorted(secret_fields(made.Config)),
            )
            for kind, made in KINDS.items()
        ],
        topics=[
            TopicOut(topic=t.name, title=t.title, mode=t.mode.value, urgent=t.urgent) for t in TOPICS.values()
        ],
    )


def prepare_new(kind: str, config: Mapping[str, Any], doors: Doors) -> Prepared:
    """A new channel's settings, found valid.

    Raises:
        Invalid: names each wrong field as `config.<field>`.
    """
    return _allowed(prepare(KINDS[kind].Config, config), doors)


def prepare_change(row: Row, changes: Mapping[str, Any], box: SecretBox, doors: Doors) -> Prepared:
    """A stored channel's settings with changes laid over them; secrets that are left out are kept.

    A changed signing key leaves the old one as the previous key, so that receivers may follow later.

    Raises:
        Invalid: names each wrong field.
        Conflict: the stored secrets cannot be opened and were not all given again.
    """
    kind = KINDS[row.kind].Config
    try:
        stored = box.open(row.secrets)
    except ValueError as error:
        if not secret_fields(kind) <= set(changes):
            raise Conflict(_("The stored secrets cannot be opened any more: give them all again.")) from error
        stored = {}
    changes = dict(changes)
    old = stored.get("signing_key")
    if old and changes.get("signing_key") not in {None, old}:
        changes.setdefault("previous_key", old)
    moved = [n for n in ("host", "port") if n in changes and changes[n] != row.config.get(n)]
    if moved and "password" in stored and "password" not in changes:
        again = FieldError("config.password", _("give this again, because the server changed"))
        raise Invalid(
            _("Another mail server: give the password again, so that the stored one is not sent there."),
            fields=[again],
        )
    return _allowed(prepare(kind, merge(kind, row.config, stored, changes)), doors)


def _allowed(prepared: Prepared, doors: Doors) -> Prepared:
    wrong = [FieldError(f"config.{n}", retold(text)) for n, text in prepared.config.refusals(doors).items()]  # type: ignore[attr-defined]
    if wrong:
        raise Invalid(
            "; ".join(f"{f.field}: {f.message}" for f in wrong) + ".", code="host_refused", fields=wrong
        )
    return prepared


async def try_out(
    kind: str, prepared: Prepared, wire: Wire, *, to: Address | None, home: str, now: datetime
) -> str | None:
    """Send a test message; what the receiver calls it. Holds no transaction: a receiver may take its time.

    Args:
        kind: of the channel.
        prepared: its settings.
        wire: the way out.
        to: whom an e-mail goes to; None: to its own sender.
        home: where people reach Penumbra.
        now: the time.

    Raises:
        Invalid: the receiver refuses it, or may not be reached.
        VendorFailed: the receiver does not answer as it should.
    """
    if kind == "email" and to is None:
        to = Address(prepared.config.sender, "Penumbra")  # type: ignore[attr-defined]
    title = lasting("Penumbra can reach you here")
    text = lasting(
        "Somebody set up this channel, and this is what messages will look like. There is nothing to do."
    )
    chrome = Chrome()
    if kind == "email" and to is not None:  # a person reads it
        title, text, chrome = retold_for(title, to.locale), retold_for(text, to.locale), around(to)
    item = Item(CHANNEL_TEST, "channel:test", title, text, f"{home}/tools", chrome=chrome)
    moment = int(now.timestamp() * 1000)
    parcel = Parcel(f"test{moment}", 0, (item,), now, to=to, chrome=chrome)
    try:
        return await build(kind, prepared.config, Tools(wire, lambda: now)).send(parcel)  # type: ignore[arg-type]
    except NotSent as error:
        message = _("The test message was not delivered: %(error)s.", error=retold(str(error)))
        if error.attention or not error.again:
            raise Invalid(
                message, code="test_failed", fields=[FieldError("config", retold(str(error)))]
            ) from None
        raise VendorFailed(message, code="test_failed") from None


def list_channels(connection: Connection, box: SecretBox) -> list[ChannelOut]:
    """All channels by name."""
    return [shown(connection, row, box) for row in repository.all_channels(connection)]


def get_channel(connection: Connection, channel_id: int) -> Row:
    """The stored row of a channel.

    Raises:
        NotFound: there is none.
    """
    row = repository.channel(connection, channel_id)
    if row is None:
        raise NotFound(_("There is no channel %(channel_id)s.", channel_id=channel_id))
    return row


def shown(connection: Connection, row: Row, box: SecretBox) -> ChannelOut:
    """A channel as it may be shown."""
    try:
        names = sorted(box.open(row.secrets))
    except ValueError:
        names = []
    waiting = repository.waiting_at(connection, row.id)
    return ChannelOut.model_validate({**row._mapping, "secrets_set": names, "waiting": waiting})


def at_version(row: Row, version: int) -> Row:
    """Let a row pass if it has this version.

    Raises:
        PreconditionFailed: it has another.
    """
    if row.version != version:
        raise _stale(row.version)
    return row


def _stale(version: int | None = None) -> PreconditionFailed:
    return PreconditionFailed(
        _(
            "Somebody changed this channel since you opened it. Open it again to see what is new, then "
            "do this once more."
        ),
        version=version,
    )


def create(
    connection: Connection,
    wanted: ChannelIn,
    prepared: Prepared,
    box: SecretBox,
    *,
    actor: str,
    now: datetime,
) -> ChannelOut:
    """Save a channel.

    Raises:
        Conflict: the name is taken.
        Invalid: one of the topics can never be.
    """
    _check_topics(wanted.kind, wanted.topics)
    if repository.channel_named(connection, wanted.name):
        raise Conflict(_("There is a channel named '%(name)s' already.", name=wanted.name), code="name_taken")
    shown_values = {
        "name": wanted.name,
        "kind": wanted.kind,
        "config": prepared.public,
        "topics": wanted.topics,
        "enabled": wanted.enabled,
    }
    values = {
        **shown_values,
        "secrets": box.seal(_plain(prepared.secrets)),
        "created_at": now,
        "updated_at": now,
    }
    try:
        channel_id = repository.insert_channel(connection, values)
    except IntegrityError as error:  # somebody else was faster
        raise Conflict(
            _("A channel with this name was added at the same moment."), code="name_taken"
        ) from error
    audit.record(connection, actor, "channel.create", f"channel:{channel_id}", after=shown_values, at=now)
    return shown(connection, get_channel(connection, channel_id), box)


def change(
    connection: Connection,
    channel_id: int,
    version: int,
    wanted: ChannelChange,
    prepared: Prepared | None,
    box: SecretBox,
    *,
    actor: str,
    now: datetime,
) -> ChannelOut:
    """Change a channel; changed settings come prepared.

    Raises:
        NotFound, PreconditionFailed: it is gone, or not the version that was read.
        Conflict: the name is taken.
        Invalid: one of the topics can never be.
    """
    row = at_version(get_channel(connection, channel_id), version)
    values: dict[str, Any] = {
        name: value
        for name in ("name", "topics", "enabled")
        if (value := getattr(wanted, name)) is not None and value != getattr(row, name)
    }
    _check_topics(row.kind, values.get("topics", []))
    if "name" in values and repository.channel_named(connection, values["name"]):
        raise Conflict(
            _("There is a channel named '%(name)s' already.", name=values["name"]), code="name_taken"
        )
    detail: dict[str, Any] = {}
    stored: dict[str, Any] = {"updated_at": now}
    if prepared is not None:
        values["config"] = prepared.public
        stored |= {"secrets": box.seal(_plain(prepared.secrets)), "paused_until": None}
        detail["fields"] = sorted(wanted.config or {})  # names only: a value may be a secret
    if not repository.update_channel(connection, channel_id, version, {**values, **stored}):
        raise _stale()
    before = {name: getattr(row, name) for name in values}
    audit.record(
        connection,
        actor,
        "channel.change",
        f"channel:{channel_id}",
        detail,
        before=before,
        after=values,
        at=now,
    )
    return shown(connection, get_channel(connection, channel_id), box)


def delete(
    connection: Connection, channel_id: int, version: int, *, force: bool, actor: str, now: datetime
) -> None:
    """Remove a channel with the record of what went through it.

    Raises:
        NotFound, PreconditionFailed: it is gone, or not the version that was read.
        Conflict: something waits to be delivered through it, and `force` was not said.
    """
    row = at_version(get_channel(connection, channel_id), version)
    waiting = repository.waiting_at(connection, channel_id)
    if waiting and not force:
        raise Conflict(
            _(
                "%(waiting)s deliveries wait for this channel and would be lost: mend it, or "
                "remove it all the same (in the API: ?force=true).",
                waiting=waiting,
            ),
            code="deliveries_waiting",
        )
    if not repository.delete_channel(connection, channel_id, version):
        raise _stale()
    before = {"name": row.name, "kind": row.kind, "config": row.config, "topics": row.topics}
    audit.record(
        connection, actor, "channel.delete", f"channel:{channel_id}", {"lost": waiting}, before=before, at=now
    )


def _check_topics(kind: str, patterns: list[str]) -> None:
    unknown = [p for p in patterns if not known_pattern(p)]
    if unknown:
        what = FieldError(
            "topics",
            _(
                "%(unknown)s: there is no such topic; write one, `review.*` or `*`",
                unknown=", ".join(unknown)[:200],
            ),
        )
        raise Invalid(_("There is no such topic."), fields=[what])
    if patterns and kind == "email":
        what = FieldError(
            "topics", _("an e-mail channel carries what people are told, and gets nothing by itself")
        )
        raise Invalid(_("An e-mail channel has no topics."), fields=[what])


def _plain(secrets: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v.get_secret_value() if isinstance(v, SecretStr) else v for n, v in secrets.items()}
