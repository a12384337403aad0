"""E-mail, to a real SMTP server on loopback."""

import email
import email.policy
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError
from sqlalchemy.engine import Engine

from app.notify.channels.base import Tools
from app.notify.channels.email import EmailChannel, EmailConfig
from app.notify.net import Doors, Wire
from app.notify.outbox import To
from app.notify.parcel import Address, Item, NotSent, Parcel
from app.security.schemas import Role
from tests.conftest import NOW
from tests.notify.support import Post

PASSWORD = "mail-password"


class Sink:
    """Takes mail, and refuses it when told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse_recipient = ""
        self.refuse_data = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse_data:
            return self.refuse_data
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


class Served(Controller):
    """A server on a port that the system chose."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler = Sink()
    controller = Served(handler, hostname="127.0.0.1", port=0)
    controller.start()
    yield handler, controller.port
    controller.stop()


def config(port: int, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port, "security": "none", "sender": "penumbra@acme.example", **more}


def sender(port: int, **more: Any) -> EmailChannel:
    return EmailChannel(EmailConfig(**config(port, **more)), Tools(Wire(Doors())))


def parcel(title: str = "Mara asks", name: str = "Ian", to: str = "ian@acme.example") -> Parcel:
    item = Item("review.question", "review:12", title, "Does it need SSO?", "https://p.example/reviews/12")
    return Parcel("u1", 7, (item,), NOW, to=Address(to, name), unsubscribe="https://p.example/unsubscribe/x")


async def test_a_question_is_mailed_as_text_and_html(engine: Engine, sink: tuple[Sink, int]) -> None:
    post = Post(engine)
    ian = post.user("Ian", Role.IT)
    post.channel("email", config(sink[1]))
    post.put(
        "review.question",
        To(users=(ian,)),
        title="Mara asks about <b>HubSpot</b>",
        text="Who runs it?\nSee notes.",
    )
    await post.deliver()
    (mail,) = sink[0].mails
    assert mail["To"] == "Ian <ian@acme.example>"
    assert mail["From"] == "Penumbra <penumbra@acme.example>"
    assert mail["Subject"] == "Mara asks about <b>HubSpot</b>"
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None  # noqa: PT018
    assert "Who runs it?" in text.get_content()
    assert "https://penumbra.acme.example/reviews/12" in text.get_content()
    assert "&lt;b&gt;HubSpot&lt;/b&gt;" in html.get_content()
    assert "<img" not in html.get_content(), "nothing tells who read it"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<https://penumbra.acme.example/unsubscribe/")
    assert post.states() == ["sent"]


async def test_a_week_comes_in_one_mail(engine: Engine, sink: tuple[Sink, int]) -> None:
    post = Post(engine)
    mara, mo = post.user("Mara", Role.MARKETING), post.user("Mo", Role.MARKETING)
    post.channel("email", config(sink[1]))
    for n in range(30):
        post.put("tool.flagged", To(users=(mara,)), title=f"Tool {n:02d} was flagged")
    post.put("tool.flagged", To(users=(mo,)), title="Another tool")
    assert await post.deliver() == 0
    post.clock.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    await post.deliver()
    mails = {m["To"]: m for m in sink[0].mails}
    assert len(sink[0].mails) == 2
    assert mails["Mara <mara@acme.example>"]["Subject"] == "Penumbra: 30 things to look at"
    body = mails["Mara <mara@acme.example>"].get_body(("plain",))
    assert body is not None
    assert all(f"Tool {n:02d} was flagged" in body.get_content() for n in range(30))
    assert set(post.states()) == {"sent"}


async def test_the_same_letter_keeps_its_id_so_that_a_mailbox_shows_it_once(sink: tuple[Sink, int]) -> None:
    await sender(sink[1]).send(parcel())
    await sender(sink[1]).send(parcel())
    assert len({m["Message-ID"] for m in sink[0].mails}) == 1


async def test_nobody_adds_a_header_through_a_name(sink: tuple[Sink, int]) -> None:
    await sender(sink[1]).send(parcel("Tool\r\nBcc: evil@evil.example\r\n\r\nbody", "Ian\r\nX-Evil: 1"))
    (mail,) = sink[0].mails
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["Subject"] == "Tool Bcc: evil@evil.example body"
    for address in ("ian@acme.example\r\nBcc: x@y", "", "@", "no address", "a@b@c", "<script>"):
        with pytest.raises(NotSent) as refusal:
            await sender(sink[1]).send(parcel(to=address))
        assert not refusal.value.again
    assert len(sink[0].mails) == 1


@pytest.mark.parametrize(
    ("refusal", "again"),
    [("550 5.1.1 nobody here", False), ("450 4.2.1 greylisted, come back", True)],
)
async def test_a_refused_recipient(sink: tuple[Sink, int], refusal: str, again: bool) -> None:
    sink[0].refuse_recipient = refusal
    with pytest.raises(NotSent, match=rf"refuses the recipient \({refusal[:3]}\)") as error:
        await sender(sink[1]).send(parcel())
    assert error.value.again is again


@pytest.mark.parametrize(("refusal", "again"), [("554 5.7.1 spam", False), ("452 4.3.1 out of space", True)])
async def test_a_refused_letter(sink: tuple[Sink, int], refusal: str, again: bool) -> None:
    sink[0].refuse_data = refusal
    with pytest.raises(NotSent, match=refusal[:3]) as error:
        await sender(sink[1]).send(parcel())
    assert error.value.again is again


async def test_a_server_that_is_down_is_tried_later() -> None:
    with pytest.raises(NotSent, match="could not be reached") as error:
        await sender(1).send(parcel())
    assert error.value.again


async def test_a_server_without_tls_gets_no_password(sink: tuple[Sink, int]) -> None:
    with pytest.raises(NotSent, match="does not offer") as error:
        await sender(sink[1], security="starttls", username="penumbra", password=PASSWORD).send(parcel())
    assert error.value.attention
    assert sink[0].mails == []
    with pytest.raises(ValidationError, match="clear text"):
        EmailConfig(**config(25, username="penumbra", password=PASSWORD))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is inside TLS already
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_with_tls_the_certificate_is_checked_and_the_login_works(security: str, tmp_path: Any) -> None:
    certificate, context = _certificate(tmp_path)
    logins: list[tuple[bytes, bytes]] = []

    def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        logins.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    handler = Sink()
    offered = {"tls_context": context, "require_starttls": True}
    tls = {"ssl_context": context} if security == "tls" else offered
    more = {"authenticator": login, "auth_required": True, "auth_require_tls": security == "starttls"}
    controller = Served(handler, hostname="127.0.0.1", port=0, **tls, **more)
    controller.start()
    try:
        port = controller.port
        known = {"security": security, "username": "penumbra", "trusted_ca": certificate}
        await sender(port, password=PASSWORD, **known).send(parcel())
        assert logins == [(b"penumbra", PASSWORD.encode())]
        with pytest.raises(NotSent, match="refuses the password") as wrong:
            await sender(port, password="wrong", **known).send(parcel())
        assert wrong.value.attention
        tried = len(logins)
        with pytest.raises(NotSent, match="certificate cannot be trusted"):
            await sender(port, security=security, username="penumbra", password=PASSWORD).send(parcel())
        assert len(handler.mails) == 1
        assert len(logins) == tried, "who cannot be trusted gets no password"
    finally:
        controller.stop()


def _certificate(folder: Any) -> tuple[str, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + secret)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    return pem.decode(), context
