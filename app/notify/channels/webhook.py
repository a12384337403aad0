"""Signed webhooks, for programs of one's own.

Each request carries `Penumbra-Signature: t=…,v1=…`: HMAC-SHA256 over `timestamp.body`. While a key is changed
there are two `v1`, one of each key, so that a receiver may change at any time.
"""

import hashlib
import hmac
from typing import ClassVar

from pydantic import Field, SecretStr

from app.notify.channels.base import Channel, ChannelConfig
from app.notify.net import Doors, json_body, refused
from app.notify.parcel import Parcel


class WebhookConfig(ChannelConfig):
    """A receiver of one's own."""

    url: str = Field(
        max_length=2000,
        title="Address",
        description="Where to send; its host must be listed in PENUMBRA_WEBHOOK_HOSTS. It is shown, so put "
        "no secret into it.",
        examples=["https://hooks.acme.com/penumbra"],
    )
    signing_key: SecretStr = Field(
        min_length=24,
        max_length=200,
        title="Signing key",
        description="Signs each request; 24 characters or more.",
    )
    previous_key: SecretStr | None = Field(
        default=None,
        max_length=200,
        title="Previous key",
        description="Signs too, until it is removed; a changed signing_key leaves the old one here.",
    )

    def refusals(self, doors: Doors) -> dict[str, str]:
        """What is wrong with the address."""
        try:
            doors.check(self.url)
        except ValueError as error:
            return {"url": str(error)}
        return {}


class WebhookChannel(Channel[WebhookConfig]):
    """Sends each message as signed JSON."""

    Config: ClassVar = WebhookConfig
    title: ClassVar = "Webhook"
    summary: ClassVar = "Sends each message as JSON with a signature to a receiver of your own."

    async def send(self, parcel: Parcel) -> None:
        """Send a message; any 2xx says that the receiver has it."""
        item = parcel.first
        body = json_body(
            {
                "id": parcel.uid,
                "delivery": parcel.delivery,
                "topic": item.topic,
                "subject": item.subject,
                "title": item.title,
                "text": item.text,
                "link": item.link,
                "data": parcel.data,
                "created_at": parcel.created_at.isoformat(),
            }
        )
        moment = int(self.tools.now().timestamp())
        keys = [k.get_secret_value() for k in (self.config.signing_key, self.config.previous_key) if k]
        reply = await self.tools.wire.send(
            "POST",
            self.config.url,
            body=body,
            headers={
                "Content-Type": "application/json",
                "Penumbra-Delivery": str(parcel.delivery),
                "Penumbra-Topic": item.topic,
                "Penumbra-Signature": signature(keys, moment, body),
            },
        )
        if not reply.ok:
            raise refused("the receiver", reply)


def signature(keys: list[str], moment: int, body: bytes) -> str:
    """The header that proves who sent a body, and when."""
    signed = f"{moment}.".encode() + body
    made = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={moment}", *(f"v1={m}" for m in made)])
