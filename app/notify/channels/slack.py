"""Slack: an incoming webhook, or a bot's `chat.postMessage`."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from app.language import lasting
from app.notify.channels.base import Channel, ChannelConfig, short
from app.notify.net import Doors, json_body, refused
from app.notify.parcel import Item, NotSent, Parcel

_WEBHOOKS = ("hooks.slack.com", "hooks.slack-gov.com")
_API = ("slack.com", "slack-gov.com")
_BUSY = {
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
_NEEDS_ADMIN = {
    "account_inactive",
    "channel_not_found",
    "ekm_access_denied",
    "invalid_auth",
    "is_archived",
    "missing_scope",
    "not_authed",
    "not_in_channel",
    "restricted_action",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
}


class SlackConfig(ChannelConfig):
    """Either `webhook_url`, or `bot_token` with `channel`."""

    webhook_url: SecretStr | None = Field(
        default=None,
        title="Webhook address",
        description="The address of an incoming webhook; whoever has it can post, so it is a secret.",
    )
    bot_token: SecretStr | None = Field(
        default=None, title="Bot token", description="A bot's token (xoxb-…) with the scope chat:write."
    )
    channel: str | None = Field(
        default=None, max_length=100, description="The channel's id (C0123456789); the bot must be in it."
    )
    api_url: str = Field(default="https://slack.com/api", max_length=500, title="Address of Slack")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.webhook_url is None) == (self.bot_token is None):
            raise ValueError(lasting("give either webhook_url, or bot_token with channel"))
        if self.bot_token is not None and not self.channel:
            raise ValueError(lasting("a bot needs the channel that it posts to"))
        return self

    def refusals(self, doors: Doors) -> dict[str, str]:
        """What is wrong with the addresses."""
        secret = self.webhook_url.get_secret_value() if self.webhook_url else None
        return _wrong(doors, [("webhook_url", secret, _WEBHOOKS), ("api_url", self.api_url, _API)])


def _wrong(doors: Doors, addresses: list[tuple[str, str | None, tuple[str, ...]]]) -> dict[str, str]:
    found = {}
    for field, url, suffixes in addresses:
        try:
            if url is not None:
                doors.check(url, suffixes)
        except ValueError as error:
            found[field] = str(error)
    return found


class SlackChannel(Channel[SlackConfig]):
    """Posts each message into one Slack channel."""

    Config: ClassVar = SlackConfig
    title: ClassVar = "Slack"
    summary: ClassVar = "Posts each message into one Slack channel, by an incoming webhook or as a bot."
    at_once: ClassVar = 1  # Slack takes about one message a second for each channel

    async def send(self, parcel: Parcel) -> str | None:
        """Post a message; a bot's answer names its time stamp."""
        body = {
            "text": short(_escaped(f"{parcel.first.title}: {parcel.first.text}"), 3000),
            "blocks": _blocks(parcel.first),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if self.config.webhook_url is not None:
            return await self._by_webhook(self.config.webhook_url.get_secret_value(), body)
        return await self._by_bot(body)

    async def _by_webhook(self, url: str, body: dict[str, object]) -> None:
        reply = await self.tools.wire.send(
            "POST",
            url,
            body=json_body(body),
            headers={"Content-Type": "application/json"},
            suffixes=_WEBHOOKS,
        )
        if not reply.ok or reply.body.strip() not in {b"ok", b""}:
            # Slack says why in one word: no_service, channel_is_archived, invalid_blocks.
            word = reply.body[:60].decode("ascii", "replace")
            detail = word if word.replace("_", "").isalnum() else ""
            raise (
                refused("Slack", reply, detail)
                if not reply.ok
                else NotSent(lasting("Slack's answer is not its usual one"))
            )

    async def _by_bot(self, body: dict[str, object]) -> str | None:
        token = self.config.bot_token
        assert token is not None
        reply = await self.tools.wire.send(
            "POST",
            f"{self.config.api_url.rstrip('/')}/chat.postMessage",
            body=json_body({**body, "channel": self.config.channel}),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Authorization": f"Bearer {token.get_secret_value()}",
            },
            suffixes=_API,
        )
        if not reply.ok:
            raise refused("Slack", reply)
        answer = reply.json()
        if not isinstance(answer, dict):
            raise NotSent(lasting("Slack's answer is not its usual one"))
        if answer.get("ok") is True:  # a refusal is a 200 as well
            return str(answer.get("ts") or "") or None
        word = str(answer.get("error"))[:60]
        if word in _BUSY:
            raise NotSent(
                lasting("Slack is busy (%(word)s)", word=word), pause=60 if "rate" in word else None
            )
        if word in _NEEDS_ADMIN:
            raise NotSent(
                lasting("Slack refuses (%(word)s): check the bot's token, scopes and channel", word=word),
                attention=True,
            )
        raise NotSent(lasting("Slack will not take this message (%(word)s)", word=word), again=False)


def _escaped(text: str) -> str:
    """Text in which nobody can write a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(item: Item) -> list[dict[str, object]]:
    # The title is plain text, so that no character of it is read as formatting.
    made: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": short(item.title, 150), "emoji": False}}
    ]
    if item.text:
        words = {"type": "plain_text", "text": short(item.text, 3000), "emoji": False}
        made.append({"type": "section", "text": words})
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open in Penumbra"}, "url": item.link}
    return [*made, {"type": "actions", "elements": [button]}]
