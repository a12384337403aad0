"""What crosses the edge of `notify`."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from babel.localedata import locale_identifiers
from pydantic import AfterValidator, Field

from app.api.paging import NO_NUL, PageQuery, Text
from app.api.schemas import In, Out, Whole
from app.catalog.person_schemas import PersonRef
from app.language import lasting

Kind = Literal["email", "slack", "teams", "webhook", "jira", "servicenow"]
State = Literal["queued", "sending", "sent", "failed", "dead", "kept"]
ModeName = Literal["now", "digest", "off"]
DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Answer = Literal["adopted", "trying", "once", "personal"]

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$",
        description="How people call this channel; letters, digits, spaces and . _ -",
        examples=["marketing-ops"],
    ),
]
Config = Annotated[
    dict[str, Any],
    Field(
        description="The channel's settings, secrets among them; GET /channel-kinds describes them.",
        examples=[{"url": "https://hooks.acme.example/penumbra", "signing_key": "…"}],
        max_length=100,
    ),
]
Pattern = Annotated[str, Field(min_length=1, max_length=80, json_schema_extra=NO_NUL)]
Topics = Annotated[
    list[Pattern],
    Field(
        max_length=50,
        description="What this channel gets by itself: `review.decided`, `review.*`, or `*`. An e-mail "
        "channel gets nothing by itself: it carries what people are told.",
        examples=[["review.*"]],
    ),
]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["20:00"])]


# With a country, or with a part of the world: `en_150` is the English of Europe.
_LOCALES = sorted(one for one in locale_identifiers() if re.fullmatch(r"(en|de)(_([A-Z]{2}|[0-9]{3}))?", one))


def _known(locale: str) -> str:
    if locale not in _LOCALES:
        raise ValueError(lasting("write one such as en_GB or de_DE"))
    return locale


Locale = Annotated[
    str, AfterValidator(_known), Field(examples=["de_DE"], json_schema_extra={"enum": [*_LOCALES]})
]
"""A language that Penumbra writes, and where it is read."""


class ChannelIn(In):
    """A channel to add."""

    name: Name
    kind: Kind
    config: Config
    topics: Topics = Field(default_factory=list)
    enabled: bool = True


class ChannelChange(In):
    """What to change of a channel; what is left out stays. In `config`, null removes a field."""

    name: Name | None = None
    config: Config | None = None
    topics: Topics | None = None
    enabled: bool | None = None


class ChannelOut(Out):
    """A channel, without its secrets."""

    id: int
    name: str
    kind: Kind
    config: dict[str, Any]
    secrets_set: list[str] = Field(description="Names of the secrets that are stored.")
    topics: list[str]
    enabled: bool
    health: Literal["new", "ok", "waiting", "attention"]
    health_text: str
    waiting: int = Field(description="How many deliveries wait for it.")
    last_sent_at: datetime | None
    paused_until: datetime | None = Field(description="The receiver asked for a pause until then.")
    created_at: datetime
    updated_at: datetime
    version: int


class ChannelList(Out):
    """All channels."""

    items: list[ChannelOut]


class KindOut(Out):
    """A kind of channel."""

    kind: Kind
    title: str
    summary: str
    config_schema: dict[str, Any] = Field(description="JSON schema of `config`.")
    secret_fields: list[str]


class TopicOut(Out):
    """Something that can be told."""

    topic: str
    title: str
    mode: ModeName = Field(description="How people hear of it who have not chosen.")
    urgent: bool = Field(description="Passes quiet hours.")


class KindList(Out):
    """All kinds of channels, and all topics."""

    items: list[KindOut]
    topics: list[TopicOut]


class Tried(Out):
    """A test message was taken by the receiver."""

    ok: bool = True
    ref: str | None = Field(description="What the receiver calls it, such as a ticket's number.")


class OutboxQuery(PageQuery):
    """Which deliveries."""

    state: State | None = Field(default=None, description="`dead` are those that were put aside.")
    topic: Text | None = Field(default=None, examples=["review.question"])
    subject: Text | None = Field(default=None, examples=["review:12"])
    channel_id: int | None = Field(default=None, ge=1, le=2**63 - 1)


class UserRef(Out):
    """A user, by name."""

    user_id: int
    name: str


class DeliveryOut(Out):
    """One message on its way to one receiver."""

    id: int
    message: str = Field(description="Id of the message; receivers see it as `id`.")
    topic: str
    subject: str
    title: str
    channel_id: int | None
    channel: str | None
    kind: Kind | None
    user: UserRef | None
    person_id: int | None
    digest: bool
    state: State = Field(
        description="`failed` is tried again at `next_at`, `dead` is not; `kept` is only in the inbox."
    )
    attempts: int
    next_at: datetime | None
    last_error: str | None
    ref: str | None = Field(description="What the receiver calls it, such as a ticket's number.")
    created_at: datetime
    sent_at: datetime | None


class NotificationOut(Out):
    """Something you were told."""

    id: int
    topic: str
    subject: str
    title: str
    text: str
    path: str = Field(description="Where the one click leads.")
    state: State
    created_at: datetime


class TopicChoice(TopicOut):
    """How you hear of a topic."""

    chosen: bool = Field(description="False: you have not chosen; it is as for everybody.")


class PreferencesOut(Out):
    """When and how you want to hear of things."""

    timezone: str
    quiet_from: str
    quiet_until: str = Field(description="As `quiet_from`: there are no quiet hours.")
    digest_day: DayName
    digest_time: str
    locale: str | None = Field(
        description="In which language you are written to, and how days and numbers are written; null: it is "
        "not known, and you are written to in English."
    )
    topics: list[TopicChoice]


class PreferencesChange(In):
    """What to change; what is left out stays."""

    timezone: Annotated[
        str | None, Field(max_length=64, examples=["Europe/Berlin"], json_schema_extra=NO_NUL)
    ] = None
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None
    digest_day: DayName | None = None
    digest_time: Clock | None = None
    locale: Locale | None = Field(default=None, description="In which language you are written to.")
    topics: Annotated[
        dict[str, ModeName] | None, Field(max_length=100, examples=[{"review.waiting": "now"}])
    ] = None


class AskIn(In):
    """Whom to ask."""

    person_id: Annotated[int, Field(ge=1, le=2**53 - 1), Whole]


class AdopterOut(Out):
    """Somebody who was asked what a tool is for, and what they said."""

    id: int
    person: PersonRef | None
    answer: Answer | None = Field(description="null: not answered (yet).")
    comment: str | None
    asked_at: datetime
    expires_at: datetime = Field(description="The link in the message works until then.")
    answered_at: datetime | None


class AdopterList(Out):
    """All who were asked about a tool, the last one first."""

    items: list[AdopterOut]
