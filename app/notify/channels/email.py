"""E-mail through an SMTP server: text and HTML, nothing that tells who read it, one click to end it."""

import asyncio
import hashlib
import smtplib
import socket
import ssl
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from pydantic import Field, SecretStr, field_validator, model_validator

from app.language import lasting
from app.notify.channels.base import Channel, ChannelConfig, short
from app.notify.parcel import Address, NotSent, Parcel, Table
from connectors.base import MANY_LINES

_TIMEOUT = 15.0
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "mail"),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def lined(table: Table) -> list[str]:
    """A table as lines of plain text, its columns one below the other."""
    if not table.rows:
        return []
    rows = [table.head, *table.rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.head))]

    def line(row: list[str]) -> str:
        cells = (
            text.rjust(width) if at in table.numbers else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return [line(row) for row in rows]


_templates.filters["lined"] = lined


class EmailConfig(ChannelConfig):
    """An SMTP server that takes mail from us."""

    host: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[A-Za-z0-9.:-]+$",
        title="Mail server",
        examples=["smtp.acme.com"],
    )
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        title="Encryption",
        description="`starttls` (port 587), `tls` (port 465), or `none`, for a relay on this machine.",
    )
    username: str | None = Field(default=None, max_length=254, title="User name")
    password: SecretStr | None = Field(default=None, max_length=500)
    sender: str = Field(
        max_length=254,
        pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+$",
        title="Sender's address",
        examples=["penumbra@acme.com"],
    )
    sender_name: str = Field(default="Penumbra", min_length=1, max_length=100, title="Sender's name")
    trusted_ca: str | None = Field(
        default=None,
        max_length=20_000,
        title="Certificates of your own authority",
        json_schema_extra=MANY_LINES,
        description="Certificates (PEM) of a private authority that signed the server's certificate.",
    )

    @field_validator("sender")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            MailAddress(addr_spec=value)
        except (ValueError, IndexError, MessageError) as error:
            raise ValueError(lasting("this is not an e-mail address")) from error
        return value

    @field_validator("trusted_ca")
    @classmethod
    def _certificates(cls, value: str | None) -> str | None:
        if value:
            try:
                ssl.create_default_context(cadata=value)
            except (ssl.SSLError, ValueError) as error:
                raise ValueError(lasting("this is not a certificate in PEM form")) from error
        return value

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.password is not None and not self.username:
            raise ValueError(lasting("a password needs a username"))
        if self.password is not None and self.security == "none":
            raise ValueError(lasting("without TLS the password would be sent in clear text"))
        return self


class EmailChannel(Channel[EmailConfig]):
    """Mails people what concerns them."""

    Config: ClassVar = EmailConfig
    title: ClassVar = "E-mail"
    summary: ClassVar = "Mails each person what concerns them, at once or as a weekly digest."
    at_once: ClassVar = 4

    async def send(self, parcel: Parcel) -> None:
        """Mail a message or a digest to one person."""
        if parcel.to is None:
            raise NotSent(lasting("there is nobody to mail this to"), again=False)
        message = letter(self.config, parcel, parcel.to)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.tools.threads, self._hand_over, message, parcel.to.email)

    def _hand_over(self, message: EmailMessage, to: str) -> None:
        config = self.config
        try:
            with self._connected() as server:
                if config.username and config.password is not None:
                    server.login(config.username, config.password.get_secret_value())
                server.send_message(message, config.sender, [to])
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(
                lasting("the mail server refuses the password (%(code)s)", code=error.smtp_code),
                attention=True,
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0] if error.recipients else 550
            raise NotSent(
                lasting("the mail server refuses the recipient (%(code)s)", code=code), again=code < 500
            ) from None
        except smtplib.SMTPSenderRefused as error:
            raise NotSent(
                lasting("the mail server refuses our address (%(code)s)", code=error.smtp_code),
                attention=True,
            ) from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(
                lasting("the mail server answered %(code)s", code=error.smtp_code),
                again=error.smtp_code < 500 or not isinstance(error, smtplib.SMTPDataError),
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise NotSent(
                lasting("the mail server does not offer what the settings ask for"), attention=True
            ) from None
        except ssl.SSLCertVerificationError:
            raise NotSent(
                lasting("the mail server's certificate cannot be trusted"), attention=True
            ) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise NotSent(
                lasting("the mail server could not be reached (%(kind)s)", kind=type(error).__name__)
            ) from None

    def _connected(self) -> smtplib.SMTP:
        config = self.config
        local = socket.gethostname() if socket.gethostname().isascii() else "localhost"
        trust = ssl.create_default_context(cadata=config.trusted_ca)
        if config.security == "tls":
            return smtplib.SMTP_SSL(config.host, config.port, local, timeout=_TIMEOUT, context=trust)
        server = smtplib.SMTP(config.host, config.port, local, timeout=_TIMEOUT)
        if config.security == "starttls":
            try:
                server.starttls(context=trust)
            except BaseException:
                server.close()
                raise
        return server


def letter(config: EmailConfig, parcel: Parcel, to: Address) -> EmailMessage:
    """The e-mail for a parcel.

    Raises:
        NotSent: the recipient's address is none that mail can go to.
    """
    host = config.sender.rpartition("@")[2]
    subject = parcel.chrome.subject if parcel.digest else parcel.first.title
    values = {
        "items": parcel.items,
        "digest": parcel.digest,
        "chrome": parcel.chrome,
        "unsubscribe": parcel.unsubscribe,
        "home": _origin(parcel.first.link),
    }
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = MailAddress(_line(to.name), addr_spec=to.email)
        message["From"] = MailAddress(_line(config.sender_name), addr_spec=config.sender)
        message["Subject"] = short(_line(subject), 200)
    except (ValueError, IndexError, MessageError):
        raise NotSent(
            lasting("the recipient's address is not one that mail can go to"), again=False
        ) from None
    message["Date"] = format_datetime(parcel.created_at)
    # The same at every attempt: a mailbox that got it twice shows it once.
    message["Message-ID"] = f"<{hashlib.sha256(parcel.uid.encode()).hexdigest()[:40]}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    if parcel.unsubscribe:
        message["List-Unsubscribe"] = f"<{parcel.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_templates.get_template("letter.txt").render(values))
    message.add_alternative(_templates.get_template("letter.html").render(values), subtype="html")
    return message


def _line(text: str) -> str:
    """One line without control characters: nobody adds a header through a tool's name."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"
