"""Logging in by a real OpenID provider: who is let in, as whom, and what a forger gets."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.main import create_app
from app.models import audit_events, sessions, user_identities, users
from app.security import users as people
from app.security.schemas import Role, UserChange, UserIn
from app.security.service import create_token
from app.settings import Settings
from app.web.sessions import BEGUN, COOKIE
from tests.conftest import NOW
from tests.support import openid
from tests.support.openid import Provider

MARA = {"sub": "mara-1", "email": "Mara@acme.example", "email_verified": True, "name": "Mara"}
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what has little to do with the database."""
ROLES: dict[str, Any] = {"Marketing ops": ["marketing"], "IT": ["it"], "Owners": ["admin", "it"]}


def mara(*groups: str, **changed: Any) -> dict[str, Any]:
    return {**MARA, "groups": list(groups), **changed}


@pytest.fixture
def settings(settings: Settings, openid_provider: Provider) -> Settings:
    return openid.connected(settings, openid_provider, ROLES)


@pytest.fixture
def app(settings: Settings, engine: Engine) -> FastAPI:
    return create_app(settings, engine)  # at the real time, which the provider's tokens have


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=True), base_url=openid.HOME
    ) as client:
        yield client


@pytest.fixture
def log_in(browser: httpx.AsyncClient, openid_provider: Provider) -> Any:
    async def log_in(claims: dict[str, Any] | None, target: str = "/tools") -> httpx.Response:
        begun = await browser.get("/login/openid", params={"next": target})
        assert begun.status_code == 303, begun.text
        back = openid_provider.log_in(begun.headers["location"], claims)
        return await browser.get(back)

    return log_in


def stored(engine: Engine, *columns: Any) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(*columns)).all())


async def test_somebody_logs_in_and_out(
    browser: httpx.AsyncClient, engine: Engine, log_in: Any, openid_provider: Provider
) -> None:
    page = (await browser.get("/login?next=/tools%3Fq%3Da")).text
    assert 'href="/login/openid?next=%2Ftools%3Fq%3Da"' in page
    answer = await log_in(mara("Marketing ops", "Everybody"), "/tools?q=a")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tools?q=a")
    page = (await browser.get("/tools")).text
    assert "Mara</span>" in page
    assert stored(engine, users.c.email, users.c.name, users.c.roles, users.c.active) == [
        ("mara@acme.example", "Mara", ["marketing"], True)
    ]
    assert stored(engine, user_identities.c.issuer, user_identities.c.subject) == [
        (openid_provider.issuer, "mara-1")
    ]
    actions = {row.action for row in stored(engine, audit_events.c.action)}
    assert {"user.create", "user.tie", "session.begin"} <= actions

    form = {"form_secret": page.split('name="form_secret" value="')[1].split('"')[0]}
    gone = await browser.post("/logout", data=form)
    onward = gone.text.split("0; url=")[1].split('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(onward).query)
    assert asked["post_logout_redirect_uri"] == ["http://penumbra.test/login"]
    # The provider takes hint and address as they are, and would not take another address.
    assert openid_provider.browser.get(onward).status_code == 200
    assert openid_provider.browser.get(onward.replace("penumbra.test", "evil.example")).status_code == 400
    assert stored(engine, sessions.c.id) == []
    assert (await browser.get("/tools")).status_code == 303


@ONE
async def test_log_out_works_though_the_secret_key_was_changed(
    browser: httpx.AsyncClient, engine: Engine, log_in: Any
) -> None:
    await log_in(mara("IT"))
    with writing(engine) as connection:
        connection.execute(sa.update(sessions).values(id_token=b"sealed by another key"))
    form = {
        "form_secret": (await browser.get("/tools")).text.split('name="form_secret" value="')[1].split('"')[0]
    }
    gone = await browser.post("/logout", data=form)
    assert (gone.status_code, "id_token_hint" in gone.text) == (200, False)
    assert stored(engine, sessions.c.id) == []


@ONE
async def test_the_request_has_pkce_state_and_nonce_and_the_cookie_tells_nothing(
    browser: httpx.AsyncClient,
) -> None:
    begun = await browser.get("/login/openid", params={"next": "https://evil.example/"})
    asked = {k: v[0] for k, v in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    assert asked["redirect_uri"] == "http://penumbra.test/login/openid/back"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/login/openid/back" in cookie
    assert asked["state"] not in cookie
    assert asked["nonce"] not in cookie


@ONE
async def test_a_login_never_leads_elsewhere(log_in: Any) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = await log_in(mara("IT"), target)
        assert answer.headers["location"] == "/"


@ONE
async def test_a_forged_state_and_a_login_begun_elsewhere_are_refused(
    browser: httpx.AsyncClient, engine: Engine, openid_provider: Provider
) -> None:
    begun = await browser.get("/login/openid")
    back = openid_provider.log_in(begun.headers["location"], mara("IT"))
    state = parse_qs(urlsplit(back).query)["state"][0]
    forged = await browser.get(back.replace(state, "x" * len(state)))
    assert (forged.status_code, "not begun in this browser" in forged.text) == (403, True)
    # The victim of a login forgery has another browser, or none of our cookies at all.
    browser.cookies.clear()
    assert (await browser.get(back)).status_code == 403
    await browser.get("/login/openid")
    assert (await browser.get(back)).status_code == 403
    browser.cookies.set(BEGUN, "made-up", path="/login/openid/back")
    assert (await browser.get(back)).status_code == 403
    assert stored(engine, users.c.id) == []
    assert stored(engine, sessions.c.id) == []


@ONE
async def test_a_code_works_once(
    browser: httpx.AsyncClient, engine: Engine, openid_provider: Provider
) -> None:
    begun = await browser.get("/login/openid")
    kept = browser.cookies[BEGUN]
    back = openid_provider.log_in(begun.headers["location"], mara("IT"))
    assert (await browser.get(back)).status_code == 303
    first = stored(engine, sessions.c.id)
    browser.cookies.clear()
    browser.cookies.set(BEGUN, kept, path="/login/openid/back")
    replayed = await browser.get(back)
    assert (replayed.status_code, "used already" in replayed.text) == (403, True)
    assert COOKIE not in browser.cookies
    assert stored(engine, sessions.c.id) == first


@ONE
async def test_who_cancels_gets_a_clear_page(log_in: Any) -> None:
    answer = await log_in(None)
    assert (answer.status_code, "did not let you in, or you cancelled" in answer.text) == (403, True)
    assert "as the test wished" not in answer.text  # what stands in an address is not shown as ours


async def test_the_first_login_ties_to_the_user_with_the_same_address(
    browser: httpx.AsyncClient, engine: Engine, log_in: Any
) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="mara@acme.example", name="M.", roles=[Role.READER])
        made = people.create_user(connection, wanted, actor="test", now=NOW)
    # Whoever may write any address into an account of their own must not become its owner.
    for claims in (mara("IT", email_verified=False), mara("IT", email=None)):
        answer = await log_in({k: v for k, v in claims.items() if v is not None})
        assert (answer.status_code, "does not vouch" in answer.text) == (403, True)
    assert stored(engine, user_identities.c.id) == []
    assert (await log_in(mara("IT"))).status_code == 303
    assert stored(engine, users.c.id, users.c.roles) == [(made.id, ["it"])]
    # From now on the account counts, whatever becomes of the address.
    assert (await log_in(mara("IT", email="new@acme.example", email_verified=False))).status_code == 303
    assert len(stored(engine, users.c.id)) == 1
    # The address was given to somebody else.
    answer = await log_in(mara("IT", sub="another"))
    assert (answer.status_code, "belongs to another account" in answer.text) == (403, True)
    with writing(engine) as connection:
        assert people.forget_logins(connection, made.id, actor="test", now=NOW) == 1
    assert (await log_in(mara("IT", sub="another"))).status_code == 303


async def test_roles_follow_the_groups_at_each_login(
    browser: httpx.AsyncClient, engine: Engine, log_in: Any, app: FastAPI
) -> None:
    await log_in(mara("Marketing ops"))
    user = stored(engine, users.c.id)[0].id
    with writing(engine) as connection:
        _, text = create_token(connection, "hers", Role.MARKETING, user_id=user, actor="test")
    await log_in(mara("Owners"))
    assert stored(engine, users.c.roles) == [(["admin", "it"],)]
    await log_in(mara("IT"))
    assert stored(engine, users.c.roles) == [(["it"],)]
    asked = await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {text}"})
    assert (asked.status_code, "no longer has the role" in asked.text) == (401, True)
    # No group left: no role, and with it go the sessions that are open.
    answer = await log_in(mara("Everybody"))
    assert (answer.status_code, "None of your groups" in answer.text) == (403, True)
    assert stored(engine, users.c.roles) == [([],)]
    assert stored(engine, sessions.c.id) == []


@ONE
async def test_who_is_in_no_listed_group_is_refused_or_reads(
    engine: Engine, settings: Settings, log_in: Any, app: FastAPI
) -> None:
    answer = await log_in(mara("Everybody"))
    assert (answer.status_code, "None of your groups" in answer.text) == (403, True)
    assert stored(engine, users.c.id) == []
    object.__setattr__(
        app.state.penumbra, "settings", settings.model_copy(update={"oidc_default_role": "reader"})
    )
    assert (await log_in(mara("Everybody"))).status_code == 303
    assert stored(engine, users.c.roles) == [(["reader"],)]


@ONE
async def test_without_mapped_groups_roles_are_given_here(
    engine: Engine, settings: Settings, log_in: Any, app: FastAPI
) -> None:
    object.__setattr__(app.state.penumbra, "settings", settings.model_copy(update={"oidc_roles": {}}))
    assert (await log_in(mara())).status_code == 403
    with writing(engine) as connection:
        wanted = UserIn(email="mara@acme.example", name="M.", roles=[Role.AUDITOR])
        people.create_user(connection, wanted, actor="test", now=NOW)
    assert (await log_in(mara("IT"))).status_code == 303
    assert stored(engine, users.c.roles) == [(["auditor"],)]


@ONE
async def test_who_was_made_inactive_stays_out(
    browser: httpx.AsyncClient, engine: Engine, log_in: Any
) -> None:
    await log_in(mara("IT"))
    with writing(engine) as connection:
        user = connection.scalar(sa.select(users.c.id))
        assert user is not None
        people.change_user(connection, user, UserChange(active=False), actor="test", now=NOW)
    assert stored(engine, sessions.c.id) == []
    answer = await log_in(mara("IT"))
    assert (answer.status_code, "no longer have access" in answer.text) == (403, True)


@ONE
async def test_each_login_has_an_id_of_its_own(
    browser: httpx.AsyncClient, engine: Engine, log_in: Any
) -> None:
    """Whoever planted an id, or kept an old one, has nothing of the login that follows."""
    browser.cookies.set(COOKIE, "planted")
    await log_in(mara("IT"))
    first = browser.cookies.get(COOKIE, domain="penumbra.test") or ""
    await log_in(mara("IT"))
    second = browser.cookies.get(COOKIE, domain="penumbra.test") or ""
    assert len({"planted", first, second}) == 3
    assert len(stored(engine, sessions.c.id)) == 1
    for old, status in (("planted", 303), (first, 303), (second, 200)):
        answer = await browser.get("/tools", headers={"Cookie": f"{COOKIE}={old}"})
        assert answer.status_code == status, old
