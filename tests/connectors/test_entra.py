"""The Entra ID connector against its simulator: the contract, tokens, the check."""

import asyncio
from datetime import UTC, datetime, timedelta

import pydantic
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from connectors.base import Context
from connectors.conformance import Case, Patience, conformance_suite
from connectors.entra.auth import scope_of
from connectors.entra.connector import EntraConfig, EntraConnector
from connectors.entra.simulator import EntraSimulator, sample_world
from connectors.entra.simulator_auth import Certificate
from connectors.errors import NeedsAdmin, NotAvailable, RetryLater, VendorChanged
from connectors.observations import PersonSeen
from connectors.simulation import Fault, serve
from tests.connectors.entra_support import (
    CLIENT,
    NOW,
    SECRET,
    config_for,
    read,
    seen,
    simulator,
    targets,
    use,
)

# The suite runs by the real clock, so its world ends now.
SUITE_NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
THUMBPRINT = "A1B2C3D4E5F60718293A4B5C6D7E8F9012345678"


def case() -> Case:
    sim = EntraSimulator(sample_world(SUITE_NOW), client_id=CLIENT, client_secret=SECRET, page_limit=2)
    return Case(EntraConnector, sim, config_for, (SECRET, "simulated.graph.token"), renewable=True)


TestConformance = conformance_suite(case)


async def check(connector: EntraConnector):
    return await connector.check()


def private(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate() -> Certificate:
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(public.decode(), THUMBPRINT)


# Tokens ------------------------------------------------------------------------------------------


def test_a_certificate_signs_in_instead_of_a_secret():
    sim = simulator(certificate=certificate())
    spaced = ":".join(THUMBPRINT[i : i + 2].lower() for i in range(0, 40, 2))
    given = {"client_secret": None, "certificate_key": private(), "certificate_thumbprint": spaced}
    assert seen(read(sim, "people", **given), PersonSeen)


def test_a_key_that_does_not_belong_to_the_certificate_is_refused():
    sim = simulator(certificate=certificate())
    other = private(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    given = {"client_secret": None, "certificate_key": other, "certificate_thumbprint": THUMBPRINT}
    with pytest.raises(NeedsAdmin, match="AADSTS700027"):
        read(sim, "people", **given)


def test_a_wrong_secret_asks_a_person_and_says_what_to_paste():
    with pytest.raises(NeedsAdmin, match="paste the secret's value, not its ID") as caught:
        use(simulator(), check, client_secret="not-the-secret")
    assert "not-the-secret" not in str(caught.value)


def test_an_unknown_client_or_tenant_asks_a_person():
    with pytest.raises(NeedsAdmin, match="AADSTS700016"):
        use(simulator(), check, client_id="someone-else")
    with pytest.raises(NeedsAdmin, match="check tenant_id"):
        use(simulator(), check, tenant_id="another.example")


def test_the_token_service_is_retried_as_every_vendor_is():
    sim, patience = simulator(), Patience()
    sim.app.faults.append(Fault("oauth2/v2.0/token", status=503, headers={"Retry-After": "7"}))
    assert use(sim, check, patience=patience).ok
    assert any(7 <= s < 8 for s in patience.slept)
    sim.app.faults.append(Fault("oauth2/v2.0/token", times=None, status=500))
    with pytest.raises(RetryLater):
        use(sim, check)


def test_a_discovery_document_cannot_send_the_secret_to_another_host():
    sim = simulator()
    sim.app.faults.append(
        Fault(
            "openid-configuration",
            change=lambda a, _: {**a, "token_endpoint": "https://evil.example/t/oauth2/v2.0/token"},
        )
    )
    with pytest.raises(VendorChanged, match=r"evil\.example"):
        use(sim, check)


def test_one_token_serves_all_requests_until_it_is_about_to_end():
    sim, patience = simulator(), Patience()

    async def work(connector: EntraConnector) -> int:
        await connector.check()
        before = len(targets(sim, "oauth2/v2.0/token"))
        patience.now += 3600
        await connector.check()
        return before

    assert use(sim, work, patience=patience) == 1
    assert len(targets(sim, "oauth2/v2.0/token")) == 2


def test_a_national_cloud_is_its_own_audience():
    assert scope_of("https://graph.microsoft.us") == "https://graph.microsoft.us/.default"
    assert scope_of("http://127.0.0.1:8080") == "https://graph.microsoft.com/.default"


def test_reading_does_not_block_the_event_loop_while_a_token_is_fetched():
    """msal is synchronous; a slow sign-in service must not hold up everything else."""
    ticks = 0

    async def run() -> None:
        nonlocal ticks
        arrived = asyncio.Event()
        sim = simulator()
        inner = sim.app

        async def slow(scope, receive, send):
            if scope["type"] == "http" and scope["path"].endswith("/token"):
                await asyncio.sleep(0.2)
            await inner(scope, receive, send)

        async def tick() -> None:
            nonlocal ticks
            while not arrived.is_set():
                ticks += 1
                await asyncio.sleep(0.01)

        with serve(slow) as url:
            config = EntraConfig.model_validate(config_for(url))
            async with EntraConnector(config, Context(now=lambda: NOW)) as connector:
                ticking = asyncio.create_task(tick())
                await connector.check()
                arrived.set()
                await ticking

    asyncio.run(run())
    assert ticks >= 10


# The config --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"client_secret": None}, "either client_secret or certificate_key"),
        ({"certificate_key": private(), "certificate_thumbprint": THUMBPRINT}, "not both"),
        ({"client_secret": None, "certificate_key": private()}, "belong together"),
        ({"client_secret": None, "certificate_key": "k"}, "no private key in PEM form"),
        ({"client_secret": None, "certificate_key": private(OTHER_KEY)}, "RSA certificates only"),
        ({"certificate_thumbprint": THUMBPRINT}, "belong together"),
        ({"tenant_id": "common"}, "one tenant"),
        ({"tenant_id": "a/b"}, "GUID or one of its domains"),
        ({"token_url": "https://login.microsoftonline.com/tenant"}, "without the tenant"),
        ({"certificate_thumbprint": "abc"}, "40 hexadecimal"),
        ({"first_days": 31}, "less than or equal to 30"),
    ],
)
def test_the_config_says_what_is_wrong(changes, says):
    with pytest.raises(pydantic.ValidationError, match=says):
        EntraConfig.model_validate(config_for("https://graph.microsoft.com", **changes))


def test_the_vendor_addresses_are_defaults():
    config = EntraConfig(tenant_id="acme.onmicrosoft.com", client_id=CLIENT, client_secret=SECRET)  # type: ignore[arg-type]
    assert config.base_url == "https://graph.microsoft.com"
    assert config.token_url == "https://login.microsoftonline.com"
    assert config.first_days == 30


# The check ---------------------------------------------------------------------------------------


def test_check_names_the_tenant_even_when_a_domain_was_configured():
    report = use(simulator(), check)
    assert report.account == sample_world(NOW).tenant_id
    assert report.account_name == "Simulated tenant"
    assert not report.warnings


def test_check_says_where_to_grant_what_is_missing():
    sim = simulator()
    sim.deny("AuditLog.Read.All")
    report = use(sim, check)
    assert not report.ok
    audit = next(p for p in report.permissions if p.name == "AuditLog.Read.All")
    assert "consents, sign-ins" in audit.detail
    assert "Application permissions > AuditLog.Read.All" in audit.detail
    assert next(p for p in report.permissions if p.name == "Directory.Read.All").granted


def test_without_a_p1_licence_the_check_warns_and_the_stream_is_not_available():
    sim = simulator(premium=False)
    report = use(sim, check)
    assert report.ok
    assert any("P1 or P2" in w for w in report.warnings)
    with pytest.raises(NotAvailable, match="P1 or P2"):
        read(sim, "sign_ins")
    assert read(sim, "consents")[-1].last  # the audit log needs no licence
    optional = use(sim, _streams)
    assert optional["sign_ins"].optional
    assert not optional["people"].optional


async def _streams(connector: EntraConnector):
    return {s.name: s for s in connector.streams()}


def test_sign_ins_need_the_directory_permission_too_and_the_refusal_names_it():
    """Graph looks a licence up in the directory; narrower permissions suffice for all the rest."""
    sim = simulator()
    sim.deny("Directory.Read.All")
    sim.grant("User.Read.All", "Application.Read.All", "Organization.Read.All")
    report = use(sim, check)
    directory = next(p for p in report.permissions if p.name == "Directory.Read.All")
    assert not directory.granted
    assert "OAuth grants, sign-ins" in directory.detail
    assert "users" not in directory.detail


def test_every_request_tells_graph_that_it_may_wait():
    sim = simulator()
    priorities: set[str | None] = set()

    async def watching(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith("/v1.0/"):
            priorities.add(dict(scope["headers"]).get(b"x-ms-throttle-priority", b"").decode())
        await sim.app(scope, receive, send)

    use(sim, check, app=watching)
    assert priorities == {"low"}


def test_budgets_are_those_that_the_vendor_allows():
    budgets = EntraConnector.manifest.budgets
    assert (budgets["reports"].requests, budgets["reports"].seconds) == (5, 10)
    assert timedelta(0) < EntraConnector.manifest.lag < timedelta(days=1)
