"""An OpenID provider that lies, forges, rambles or sleeps: nobody gets in, and people get a clear page."""

import time
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy.engine import Engine

from app.main import create_app
from app.security.openid import Identity, LoginRefused, OpenId
from app.security.openid_wire import LoginServiceFailed, Wire
from app.settings import Settings
from tests.conftest import NOW
from tests.support.openid.forged import CLIENT, ISSUER, Forger

DESCRIPTION = "/.well-known/openid-configuration"


class Time:
    def __init__(self) -> None:
        self.now = NOW
        self.ticks = 0.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.ticks

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def forger(clock: Time) -> Forger:
    return Forger(lambda: clock.now.timestamp())


def configured(**more: Any) -> Settings:
    given = {
        "public_url": "http://penumbra.test",
        "oidc_client_id": CLIENT,
        "oidc_issuer": ISSUER,
        "oidc_roles": {"IT": ["it"]},
    }
    return Settings(**{**given, **more})


@pytest.fixture
def provider(forger: Forger, clock: Time) -> OpenId:
    wire = Wire(ISSUER, transport=forger.transport)
    return OpenId(configured(), wire, clock=clock, monotonic=clock.monotonic)


def log_in(provider: OpenId, forger: Forger, **answer: str) -> Identity:
    _, pending = provider.begin("/tools")
    forger.nonce = forger.nonce or pending.nonce
    try:
        return provider.finish(pending, {"state": pending.state, "code": "c", **answer})
    finally:
        forger.nonce = ""


def test_what_is_in_order_is_believed(provider: OpenId, forger: Forger) -> None:
    who = log_in(provider, forger)
    assert (who.issuer, who.subject, who.email, who.verified) == (ISSUER, "mara-1", "mara@acme.example", True)
    assert who.groups == {"IT"}
    assert f"{ISSUER}/userinfo" not in forger.asked  # nothing was missing
    forger.claims = {"groups": None}
    forger.answers["/userinfo"] = httpx.Response(200, json={"sub": "mara-1", "groups": ["Finance", 7]})
    assert log_in(provider, forger).groups == {"Finance"}


@pytest.mark.parametrize(
    ("signed", "more", "verified"),
    [
        ({"email_verified": "true"}, {}, True),
        ({"email_verified": None, "xms_edov": "1"}, {}, True),
        ({"email_verified": False}, {}, False),
        ({"email_verified": None}, {"email": "mara@acme.example", "email_verified": True}, True),
        ({"email_verified": None}, {"email": "her-own@evil.example", "email_verified": True}, False),
        ({"email": None}, {"email": "mara@acme.example"}, False),
        ({"email": None}, {"email": "mara@acme.example", "email_verified": True}, True),
    ],
    ids=str,
)
def test_an_address_is_verified_only_by_what_stands_beside_it(
    provider: OpenId, forger: Forger, signed: dict[str, Any], more: dict[str, Any], verified: bool
) -> None:
    forger.claims = {"groups": None, **signed}
    forger.answers["/userinfo"] = httpx.Response(200, json={"sub": "mara-1", **more})
    who = log_in(provider, forger)
    assert (who.email, who.verified) == ("mara@acme.example", verified)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},  # and nothing says for whom of them
        {"aud": "another-client", "azp": CLIENT},
        {"azp": "another-client"},
        {"exp": NOW.timestamp() - 121},
        {"exp": None},
        {"iat": NOW.timestamp() + 600},
        {"nbf": NOW.timestamp() + 600},
        {"sub": None},
        {"sub": ""},
        {"sub": ["mara-1"]},
        {"at_hash": "of another token"},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_a_token_that_was_meant_for_another_login_is_not_believed(
    provider: OpenId, forger: Forger, claims: dict[str, Any]
) -> None:
    forger.claims = claims
    with pytest.raises(LoginServiceFailed):
        log_in(provider, forger)


def test_clocks_may_differ_by_two_minutes(provider: OpenId, forger: Forger) -> None:
    forger.claims = {"iat": NOW.timestamp() + 100, "exp": NOW.timestamp() - 100}
    assert log_in(provider, forger).subject == "mara-1"


def test_a_token_that_somebody_else_signed_is_not_believed(provider: OpenId, forger: Forger) -> None:
    forger.signed_by = "second"
    forger.header = {"kid": "first"}
    with pytest.raises(LoginServiceFailed):
        log_in(provider, forger)
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "x", "iat": 1, "exp": 9e9, "nonce": "n"}
    public = httpx.Client(transport=forger.transport).get(f"{ISSUER}/keys").content
    by_public_key = jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public))
    unsigned = "eyJhbGciOiJub25lIn0." + by_public_key.split(".")[1] + "."
    forger.nonce = "n"
    for text in (by_public_key, unsigned, "a.b.c", "", "ü", 7):
        token = orjson.dumps({"id_token": text, "access_token": "opaque"})
        forger.answers["/token"] = httpx.Response(200, content=token)
        with pytest.raises(LoginServiceFailed):
            log_in(provider, forger)


def test_a_new_key_is_learnt_when_a_token_is_signed_with_it(
    provider: OpenId, forger: Forger, clock: Time
) -> None:
    log_in(provider, forger)
    log_in(provider, forger)
    assert forger.asked.count(f"{ISSUER}/keys") == 1
    forger.key = forger.signed_by = "second"
    assert log_in(provider, forger).subject == "mara-1"
    assert forger.asked.count(f"{ISSUER}/keys") == 2
    clock.pass_(3601)
    log_in(provider, forger)
    assert forger.asked.count(f"{ISSUER}{DESCRIPTION}") == 2


@pytest.mark.parametrize(
    "name",
    ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"],
)
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x",
        "http://id.acme.example/x",
        "https://id.acme.example:8443/x",
        "https://id.acme.example@evil.example/x",
        "https://evil@id.acme.example/x",
        "//id.acme.example/x",
        "https://id.acme.example.evil.example/",
        "file:///etc/passwd",
        "https://[",
        7,
    ],
)
def test_no_request_goes_to_a_host_that_was_not_configured(
    provider: OpenId, forger: Forger, name: str, address: Any
) -> None:
    forger.metadata[name] = address
    forger.claims = {"groups": None}  # so that the userinfo endpoint is needed
    if name == "end_session_endpoint":
        assert provider.leave("token") is None
    elif name == "userinfo_endpoint":
        assert log_in(provider, forger).groups == frozenset()
    else:
        with pytest.raises(LoginServiceFailed):
            log_in(provider, forger)
    assert all(asked.startswith(f"{ISSUER}/") for asked in forger.asked)


def test_a_listed_host_is_asked_and_redirects_are_not_followed(forger: Forger, clock: Time) -> None:
    forger.metadata["jwks_uri"] = "https://keys.acme.example/keys"
    wire = Wire(ISSUER, frozenset({"keys.acme.example"}), transport=forger.transport)
    provider = OpenId(configured(), wire, clock=clock, monotonic=clock.monotonic)
    assert log_in(provider, forger).subject == "mara-1"
    forger.answers["/token"] = httpx.Response(302, headers={"Location": "https://evil.example/token"})
    with pytest.raises(LoginServiceFailed):
        log_in(provider, forger)
    assert not any("evil" in asked for asked in forger.asked)


@pytest.mark.parametrize("path", [DESCRIPTION, "/keys", "/token", "/userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>Down for repairs</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, json=["a", "list"]),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, json={"keys": [{"kty": "RSA"}], "issuer": 7, "sub": 7}),
        httpx.Response(500, json={}),
        httpx.Response(200, content=b" " * (1024 * 1024 + 1)),
    ],
    ids=["html", "empty", "list", "bytes", "nonsense", "error", "huge"],
)
def test_garbage_is_an_error_with_a_name(
    provider: OpenId, forger: Forger, path: str, answer: httpx.Response
) -> None:
    forger.claims = {"groups": None}
    forger.answers[path] = answer
    with pytest.raises(LoginServiceFailed):
        log_in(provider, forger)


def test_a_provider_that_failed_is_left_alone_for_a_moment(
    provider: OpenId, forger: Forger, clock: Time
) -> None:
    forger.answers[DESCRIPTION] = httpx.Response(503)
    for _ in range(3):
        with pytest.raises(LoginServiceFailed):
            provider.begin("/")
    assert len(forger.asked) == 1
    forger.answers.clear()
    clock.pass_(5)
    provider.begin("/")


def test_one_that_drips_is_given_up(forger: Forger) -> None:
    def drip(_request: httpx.Request) -> httpx.Response:
        def content() -> Any:
            while True:
                time.sleep(0.02)
                yield b" "

        return httpx.Response(200, content=content())

    forger.answers[DESCRIPTION] = drip
    provider = OpenId(configured(), Wire(ISSUER, transport=forger.transport, seconds=0.1), clock=lambda: NOW)
    began = time.monotonic()
    with pytest.raises(LoginServiceFailed):
        provider.begin("/")
    assert time.monotonic() - began < 5


def test_an_answer_from_another_provider_or_too_late_is_refused(
    provider: OpenId, forger: Forger, clock: Time
) -> None:
    for answer in ({"iss": "https://evil.example"}, {"state": "another"}, {"code": ""}, {"error": "x"}):
        with pytest.raises(LoginRefused):
            log_in(provider, forger, **answer)
    forger.metadata["authorization_response_iss_parameter_supported"] = True
    clock.pass_(3601)
    with pytest.raises(LoginRefused, match="another login service"):
        log_in(provider, forger)
    assert log_in(provider, forger, iss=ISSUER).subject == "mara-1"
    _, pending = provider.begin("/")
    clock.pass_(601)
    with pytest.raises(LoginRefused, match="too long"):
        provider.finish(pending, {"state": pending.state, "code": "c", "iss": ISSUER})


def test_more_groups_than_fit_are_not_taken_for_none(provider: OpenId, forger: Forger) -> None:
    forger.claims = {"groups": None, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}
    with pytest.raises(LoginRefused, match="more groups"):
        log_in(provider, forger)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_people_get_a_page_and_no_traceback(
    engine: Engine, settings: Settings, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("too slow", request=request)

    forger.answers[DESCRIPTION] = refuse
    app = create_app(
        settings.model_copy(update=configured().model_dump(exclude={"data_dir", "database_url"})), engine
    )
    wire = Wire(ISSUER, transport=forger.transport)
    object.__setattr__(app.state.penumbra, "openid", OpenId(configured(), wire))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as browser:
        for _ in range(2):
            answer = await browser.get("/login/openid")
            assert answer.status_code == 502
            assert "does not answer as it should" in answer.text
            assert "Log in with your company account" in answer.text  # to try again
            assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"oidc_issuer": "http://id.acme.example"}, "https"),
        ({"oidc_issuer": "id.acme.example"}, "https://host"),
        ({"public_url": ""}, "PENUMBRA_PUBLIC_URL"),
        ({"oidc_client_id": ""}, "PENUMBRA_OIDC_CLIENT_ID"),
        ({"public_url": "https://acme.example/penumbra"}, "without a path"),
        ({"oidc_roles": "{nonsense"}, "JSON"),
        ({"oidc_roles": '{"IT": ["king"]}'}, "'it'"),
        ({"oidc_hosts": "https://keys.acme.example/"}, "hosts only"),
        ({"oidc_default_role": "admin"}, "reader"),
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        configured(**wrong)


def test_settings_are_read_from_text() -> None:
    read = configured(oidc_roles='{"IT": ["it"]}', oidc_hosts="a.example, B.example ,")
    assert (read.oidc_roles, read.oidc_hosts) == ({"IT": ["it"]}, {"a.example", "b.example"})
    assert (read.cookies_are_secure, configured(public_url="https://p.example").cookies_are_secure) == (
        False,
        True,
    )
