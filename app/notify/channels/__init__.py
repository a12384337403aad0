"""What carries a message out of the house: one module a kind, behind one small protocol.

    channel = build("slack", config, tools)
    ref = await channel.send(parcel)

`send` returns what the receiver calls it (or None), or raises `NotSent`. It has no database and keeps
nothing; sending twice is possible, and a channel that can find its first try does so.
"""

from types import MappingProxyType
from typing import Any

from app.notify.channels.base import Channel, ChannelConfig, Tools
from app.notify.channels.email import EmailChannel
from app.notify.channels.jira import JiraChannel
from app.notify.channels.servicenow import ServiceNowChannel
from app.notify.channels.slack import SlackChannel
from app.notify.channels.teams import TeamsChannel
from app.notify.channels.webhook import WebhookChannel

KINDS: MappingProxyType[str, type[Channel[Any]]] = MappingProxyType(
    {
        "email": EmailChannel,
        "slack": SlackChannel,
        "teams": TeamsChannel,
        "webhook": WebhookChannel,
        "jira": JiraChannel,
        "servicenow": ServiceNowChannel,
    }
)

__all__ = ["KINDS", "Channel", "ChannelConfig", "Tools", "build"]


def build(kind: str, config: ChannelConfig, tools: Tools) -> Channel[Any]:
    """A channel, ready to send."""
    return KINDS[kind](config, tools)
