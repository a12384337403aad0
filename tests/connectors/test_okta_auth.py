"""How the Okta connector authenticates, and what it says when that fails."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pydantic
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from connectors.conformance import Patience
from connectors.errors import NeedsAdmin, NotAvailable, RetryLater
from connectors.okta import auth
from connectors.okta.auth import b64, load_key, public_jwk
from connectors.okta.connector import OktaConnector
from connectors.okta.sample import sample_world
from connectors.okta.simulator import OktaSimulator
from connectors.simulation import Fault, serve
from tests.connectors.okta_support import CLIENT, EC_KEY, RSA_KEY, TOKEN, connected, pem, read, read_from

ORG = "https://acme.okta.com"


def config(**given: Any) -> Any:
    return OktaConnector.Config.model_validate({"base_url": ORG, **given})


def service(key: Any, **more: Any) -> OktaSimulator:
    return OktaSimulator(sample_world(), tokens=(), clients={CLIENT: key.public_key()}, **more)


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def ec_jwk(key: ec.EllipticCurvePrivateKey) -> str:
    return json.dumps({**public_jwk(key), "d": number(key.private_numbers().private_value), "kid": "k1"})


def rsa_jwk(key: rsa.RSAPrivateKey) -> str:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    fields = {"n": public.n, "e": public.e, "d": numbers.d}
    return json.dumps({"kty": "RSA", "kid": "k2", **{name: number(v) for name, v in fields.items()}})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"client_id": CLIENT},
        {"private_key": pem(EC_KEY)},
        {"api_token": TOKEN, "client_id": CLIENT, "private_key": pem(EC_KEY)},
        {"api_token": ""},
    ],
)
def test_exactly_one_credential_is_accepted(given: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError, match="give either api_token"):
        config(**given)


def test_the_org_must_be_named() -> None:
    with pytest.raises(pydantic.ValidationError, match="base_url"):
        OktaConnector.Config.model_validate({"api_token": TOKEN})


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://acme-admin.okta.com", "https://acme.okta.com"),
        ("https://acme.okta.com/api/v1", "https://acme.okta.com"),
    ],
)
def test_a_wrong_address_is_answered_with_the_right_one(url: str, hint: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=hint):
        OktaConnector.Config.model_validate({"base_url": url, "api_token": TOKEN})


@pytest.mark.parametrize("key", ["nonsense", "{}", '{"kty":"oct","k":"c2VjcmV0"}', pem(RSA_KEY)[:200]])
def test_what_is_no_private_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="no private key") as caught:
        config(client_id=CLIENT, private_key=key)
    assert key not in str(caught.value)


def test_keys_of_other_kinds_are_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="P-256"):
        config(client_id=CLIENT, private_key=pem(ec.generate_private_key(ec.SECP384R1())))


@pytest.mark.parametrize(
    ("text", "key", "kid"),
    [
        (pem(RSA_KEY), RSA_KEY, None),
        (pem(EC_KEY).replace("\n", "\\n"), EC_KEY, None),
        (ec_jwk(EC_KEY), EC_KEY, "k1"),
        (rsa_jwk(RSA_KEY), RSA_KEY, "k2"),
    ],
)
def test_keys_are_read_from_pem_and_jwk(text: str, key: Any, kid: str | None) -> None:
    loaded, found = load_key(text)
    assert loaded.public_key() == key.public_key()
    assert found == kid


@pytest.mark.parametrize("text", [pem(RSA_KEY), rsa_jwk(RSA_KEY), pem(EC_KEY), ec_jwk(EC_KEY)])
async def test_private_key_jwt_is_signed_with_rs256_and_es256(text: str) -> None:
    key = RSA_KEY if text in {pem(RSA_KEY), rsa_jwk(RSA_KEY)} else EC_KEY
    async with connected(service(key), client_id=CLIENT, private_key=text) as connector:
        report = await connector.check()
    assert report.ok


async def test_another_key_is_refused_with_what_to_check() -> None:
    with pytest.raises(NeedsAdmin, match=r"invalid_client.*client_id"):
        await read_from(service(RSA_KEY), "people", client_id=CLIENT, private_key=pem(EC_KEY))


async def test_a_token_is_asked_for_once_and_used_for_the_whole_scan() -> None:
    sim = service(RSA_KEY, page_limit=2)
    await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY))
    assert [r.target for r in sim.app.requests].count("/oauth2/v1/token") == 1


async def test_a_bearer_token_that_ends_is_renewed_in_the_middle_of_a_scan() -> None:
    sim = service(RSA_KEY, page_limit=2)
    ends = Fault(r"^/api/v1/users\?", after=1, then=sim.expire_tokens, change=lambda answer, _: answer)
    sim.app.faults.append(ends)
    pages = await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY))
    assert pages[-1].last
    assert [r.target for r in sim.app.requests].count("/oauth2/v1/token") == 2
    assert all((r.authorization or "").startswith("Bearer ") for r in sim.app.requests if "/api/" in r.target)


async def test_a_scope_that_is_not_granted_costs_only_what_it_is_for() -> None:
    sim = service(RSA_KEY)
    sim.deny("okta.logs.read")
    async with connected(sim, client_id=CLIENT, private_key=pem(RSA_KEY)) as connector:
        report = await connector.check()
        assert {p.name: p.granted for p in report.permissions} == {
            "okta.users.read": True,
            "okta.apps.read": True,
            "okta.logs.read": False,
            "okta.oauthIntegrations.read": True,
        }
        assert await read(connector, "people")
        with pytest.raises(NeedsAdmin, match="Okta API Scopes") as caught:
            await read(connector, "sign_ins")
    assert caught.value.permission == "okta.logs.read"


async def test_no_scope_at_all_names_every_scope() -> None:
    sim = service(RSA_KEY)
    for permission in OktaConnector.manifest.permissions:
        sim.deny(permission.name)
    with pytest.raises(NeedsAdmin, match=r"okta\.apps\.read") as caught:
        await read_from(sim, "apps", client_id=CLIENT, private_key=pem(RSA_KEY))
    assert "okta.users.read" in (caught.value.permission or "")


async def test_a_scope_without_an_admin_role_says_that_the_role_is_missing() -> None:
    sim = service(RSA_KEY)
    body = {"errorCode": "E0000006", "errorSummary": "You do not have permission"}
    sim.app.faults.append(Fault(r"^/api/v1/users", status=403, body=body))
    with pytest.raises(NeedsAdmin, match="Read-only Administrator") as caught:
        await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY))
    assert caught.value.permission == "okta.users.read"


async def test_a_missing_feature_is_not_available_and_asks_nobody() -> None:
    sim = OktaSimulator(sample_world(), tokens=(TOKEN,))
    sim.app.faults.append(Fault(r"/grants", status=401, body={"errorCode": "E0000015"}, times=None))
    with pytest.raises(NotAvailable):
        await read_from(sim, "grants")


async def test_a_revoked_api_token_is_a_matter_for_a_person() -> None:
    sim = OktaSimulator(sample_world(), tokens=("another",))
    async with connected(sim) as connector:
        with pytest.raises(NeedsAdmin, match="renew"):
            await connector.check()


async def test_dpop_is_used_where_the_app_asks_for_it_and_the_nonce_is_given_back() -> None:
    sim = service(RSA_KEY, dpop=True)
    async with connected(sim, client_id=CLIENT, private_key=pem(RSA_KEY)) as connector:
        assert (await connector.check()).ok
    statuses = [r.status for r in sim.app.requests if r.target == "/oauth2/v1/token"]
    # Without a proof, with a proof but no nonce, with both.
    assert statuses == [400, 400, 200]
    assert all((r.authorization or "").startswith("DPoP ") for r in sim.app.requests if "/api/" in r.target)


async def test_every_dpop_proof_is_new_also_when_a_request_is_repeated() -> None:
    sim = service(RSA_KEY, dpop=True, page_limit=2)
    sim.app.faults.append(Fault(r"^/api/v1/users\?", after=1, times=2, status=503))
    pages = await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY))
    assert pages[-1].last


async def test_a_nonce_asked_for_in_the_middle_of_a_scan_is_given() -> None:
    sim = service(RSA_KEY, dpop=True, page_limit=2)
    asks = {"dpop-nonce": "another-nonce", "www-authenticate": 'DPoP error="use_dpop_nonce"'}
    sim.app.faults.append(
        Fault(r"^/api/v1/users\?", after=1, status=401, headers=asks, body={"errorCode": "E0000011"})
    )
    pages = await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY))
    assert pages[-1].last
    # The token was good: only the proof had to be made anew.
    assert [r.target for r in sim.app.requests].count("/oauth2/v1/token") == 3


async def test_dpop_that_cannot_be_satisfied_tells_how_to_switch_it_off() -> None:
    sim = service(RSA_KEY, dpop=True)
    body = {"error": "invalid_dpop_proof", "error_description": "The DPoP proof JWT is not valid."}
    sim.app.faults.append(Fault("^/oauth2/v1/token", times=None, status=400, body=body))
    with pytest.raises(NeedsAdmin, match="Demonstrating Proof of Possession"):
        await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY))


async def test_the_assertion_is_short_lived_and_addressed_to_the_org() -> None:
    sim = service(RSA_KEY)
    bodies: list[bytes] = []
    real = sim._server.token

    def spy(body: bytes, url: str, proof: str | None) -> dict[str, Any]:
        bodies.append(body)
        return real(body, url, proof)

    sim._server.token = spy  # type: ignore[method-assign]
    await read_from(sim, "people", client_id=CLIENT, private_key=pem(RSA_KEY), key_id="kid-7")
    form = {k: v[0] for k, v in parse_qs(bodies[0].decode()).items()}
    header, claims = (json.loads(auth.unb64(part)) for part in form["client_assertion"].split(".")[:2])
    assert header["kid"] == "kid-7"
    assert claims["aud"].endswith("/oauth2/v1/token")
    assert claims["iss"] == claims["sub"] == CLIENT
    assert claims["exp"] - claims["iat"] <= 3600
    assert set(form["scope"].split()) == {p.name for p in OktaConnector.manifest.permissions}


async def test_a_429_has_no_retry_after_and_its_reset_is_read_by_the_answers_clock() -> None:
    sim = OktaSimulator(sample_world(), tokens=(TOKEN,), page_limit=3)
    patience = Patience()
    headers = {
        "x-rate-limit-limit": "600",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(time.time()) + 17),
    }
    sim.app.faults.append(
        Fault(r"^/api/v1/users\?", status=429, headers=headers, body={"errorCode": "E0000047"})
    )
    # This machine's clock is years off; the answer's Date header is not.
    context = replace(patience.context(), now=lambda: datetime(2001, 1, 1, tzinfo=UTC))
    with serve(sim.app) as url:
        given = OktaConnector.Config.model_validate({"base_url": url, "api_token": TOKEN})
        async with OktaConnector(given, context) as connector:
            pages = await read(connector, "people")
    assert pages[-1].last
    assert any(14 <= s < 19 for s in patience.slept), patience.slept


async def test_a_concurrency_429_is_backed_off_from_and_its_reset_is_only_a_suggestion() -> None:
    sim = OktaSimulator(sample_world(), tokens=(TOKEN,), page_limit=3)
    patience = Patience()
    headers = {
        "x-rate-limit-limit": "0",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": "99999999999",
    }
    sim.app.faults.append(
        Fault(r"^/api/v1/users\?", status=429, headers=headers, body={"errorCode": "E0000047"})
    )
    async with connected(sim, patience) as connector:
        pages = await read(connector, "people")
    assert pages[-1].last
    assert 0 < sum(patience.slept) < 2


async def test_the_simulators_rate_limits_are_kept_by_waiting_for_the_window() -> None:
    patience = Patience()
    sim = OktaSimulator(
        sample_world(),
        tokens=(TOKEN,),
        page_limit=1,
        rate_limits=True,
        monotonic=lambda: patience.now,
    )
    assert sim.limits is not None
    sim.limits["users"] = 4
    # A window of a minute, told in whole seconds by two clocks, may ask for a little more than one.
    context = replace(patience.context(), longest_wait=70.0)
    with serve(sim.app) as url:
        given = {"base_url": url, "api_token": TOKEN, "rate_share": 1000}
        async with OktaConnector(OktaConnector.Config.model_validate(given), context) as connector:
            pages = await read(connector, "people")
    assert len(pages) == 9
    refused = [r for r in sim.app.requests if r.status == 429]
    assert refused
    assert sum(patience.slept) > 60


async def test_the_log_is_asked_at_most_sixty_times_a_minute() -> None:
    budget = OktaConnector.manifest.budgets["logs"]
    assert (budget.requests, budget.seconds) == (60, 60)


async def test_a_reset_far_away_puts_the_scan_off() -> None:
    sim = OktaSimulator(sample_world(), tokens=(TOKEN,))
    headers = {
        "x-rate-limit-limit": "600",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": "99999999999",
    }
    sim.app.faults.append(Fault(r"^/api/v1/apps", times=None, status=429, headers=headers))
    with pytest.raises(RetryLater):
        await read_from(sim, "apps")
