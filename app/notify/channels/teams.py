"""Microsoft Teams: a Workflows webhook that posts an Adaptive Card.

The connectors of Office 365 have ended; what takes their place is a flow with the trigger "When a Teams
webhook request is received". It answers 202 as soon as it has the request.
"""

from typing import Any, ClassVar

from pydantic import Field, SecretStr

from app.language import lasting
from app.notify.channels.base import Channel, ChannelConfig, short
from app.notify.net import Doors, json_body, refused
from app.notify.parcel import Item, NotSent, Parcel

_FLOWS = (".api.powerplatform.com", ".logic.azure.com", ".api.powerplatform.us", ".api.powerplatform.cn")
_MOST_BYTES = 28 * 1024
"""A larger message is refused by Teams after the flow has accepted it, where nobody sees it."""


class TeamsConfig(ChannelConfig):
    """A flow's address."""

    webhook_url: SecretStr = Field(
        title="Address of the flow",
        description="The address that the flow shows once it is saved; whoever has it can post.",
    )

    def refusals(self, doors: Doors) -> dict[str, str]:
        """What is wrong with the address."""
        url = self.webhook_url.get_secret_value()
        if ".webhook.office.com" in url:
            text = lasting(
                "connectors of Office 365 have ended: make a flow in Workflows and take its address"
            )
            return {"webhook_url": text}
        try:
            doors.check(url, _FLOWS)
        except ValueError as error:
            return {"webhook_url": str(error)}
        return {}


class TeamsChannel(Channel[TeamsConfig]):
    """Posts each message into a Teams channel or chat."""

    Config: ClassVar = TeamsConfig
    title: ClassVar = "Microsoft Teams"
    summary: ClassVar = "Posts each message as a card into a channel or chat, through a flow in Workflows."
    at_once: ClassVar = 2  # Teams takes four requests a second

    async def send(self, parcel: Parcel) -> None:
        """Post a card."""
        body = json_body(_envelope(parcel.first, 6000))
        if len(body) > _MOST_BYTES:
            body = json_body(_envelope(parcel.first, 1500))
        reply = await self.tools.wire.send(
            "POST",
            self.config.webhook_url.get_secret_value(),
            body=body,
            headers={"Content-Type": "application/json"},
            suffixes=_FLOWS,
        )
        if not reply.ok:
            raise refused("Teams", reply)
        answer = reply.json()
        if isinstance(answer, dict) and answer.get("error"):  # a flow that is switched off or broken
            raise NotSent(lasting("the flow answered with an error: look at its run history"), attention=True)


def _envelope(item: Item, most: int) -> dict[str, Any]:
    blocks = [{"type": "TextBlock", "text": _plain(short(item.title, 300)), "weight": "Bolder", "wrap": True}]
    if item.text:
        blocks.append({"type": "TextBlock", "text": _plain(short(item.text, most)), "wrap": True})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Penumbra", "url": item.link}],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str) -> str:
    """Text without what a card would read as Markdown: a link that somebody wrote into a tool's name."""
    for mark in "\\[]*_`":
        text = text.replace(mark, "\\" + mark)
    return text
