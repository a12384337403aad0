"""The pages of settings without a browser: users, tokens, channels, what the machine was told."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.main import create_app
from app.models import channels, deliveries, users
from app.notify.outbox import Message, To, put
from app.security import users as people_here
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.notify.support import Site as Receivers
from tests.notify.support import receiving
from tests.security.test_sessions import browsing
from tests.support.seed import Seed
from tests.web.test_pages import form_secret

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = "a-key-of-more-than-24-characters"


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    with receiving() as site:
        yield site


@pytest.fixture
def settings(tmp_path: Path, database_url: str, receivers: Receivers) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        local_receivers=receivers.host,
        oidc_client_secret="not-to-be-seen",  # type: ignore[arg-type]
    )


@pytest.fixture
async def admin(app: FastAPI, engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an administrator, who is a person."""
    with writing(engine) as connection:
        wanted = UserIn(email="ada@acme.example", name="Ada", roles=[Role.ADMIN])
        ada = people_here.create_user(connection, wanted, actor="test", now=NOW).id
        _, text = create_token(connection, "ada", Role.ADMIN, user_id=ada, actor="test", now=NOW)
    async with browsing(app, text) as client:
        yield client


def user(engine: Engine, email: str) -> sa.Row[tuple[object, ...]]:
    with reading(engine) as connection:
        return connection.execute(sa.select(users).where(users.c.email == email)).one()


async def test_somebody_is_let_in_changed_and_shut_out(admin: httpx.AsyncClient, engine: Engine) -> None:
    with writing(engine) as connection:
        person = Seed(connection).person("Mara Lind", "mara.lind@acme.example", department="Marketing")
    secret = form_secret((await admin.get("/settings")).text)
    form = {"form_secret": secret, "email": "mara@acme.example", "name": "Mara", "roles": ["marketing"]}
    made = await admin.post("/settings/users", data=form)
    row = user(engine, "mara@acme.example")
    one = f"/settings/users/{row.id}"
    assert made.headers["location"] == one
    assert (row.roles, row.person_id) == (["marketing"], None)
    assert "Now: nobody." in (await admin.get(one)).text

    changed = {"form_secret": secret, "name": "Mara L.", "roles": ["marketing", "auditor"]}
    assert (await admin.post(one, data={**changed, "person": " Mara.Lind@acme.example "})).status_code == 303
    row = user(engine, "mara@acme.example")
    assert (row.name, row.roles, row.person_id) == ("Mara L.", ["auditor", "marketing"], person)
    page = (await admin.get(one)).text
    assert "Now: Mara Lind, Marketing." in page
    assert f'href="/people/{person}"' in page
    unknown = await admin.post(one, data={**changed, "person": "nobody@acme.example"})
    assert (unknown.status_code, "know nobody with the address" in unknown.text) == (404, True)
    assert (await admin.post(one, data={**changed, "person": "-"})).status_code == 303
    assert user(engine, "mara@acme.example").person_id is None

    assert (await admin.post(f"{one}/access", data={"form_secret": secret})).status_code == 303
    assert user(engine, "mara@acme.example").active is False
    assert "No access" in (await admin.get("/settings?q=mara")).text
    await admin.post(f"{one}/access", data={"form_secret": secret, "active": "true"})
    assert user(engine, "mara@acme.example").active is True
    assert (await admin.post(f"{one}/logout", data={"form_secret": secret})).status_code == 303


@ONE
async def test_wrong_users_come_back_as_they_were_typed(admin: httpx.AsyncClient, engine: Engine) -> None:
    secret = form_secret((await admin.get("/settings")).text)
    form = {"form_secret": secret, "email": "x@acme.example", "name": "<b>Xaver", "roles": "it"}
    for change, status, said in (
        ({"email": "nobody"}, 422, "Write an e-mail address."),
        ({"name": " "}, 422, "Write a name."),
        ({"roles": "king"}, 422, "Choose roles from the list."),
        ({"email": "ADA@acme.example"}, 409, "There is a user with the address"),
    ):
        answer = await admin.post("/settings/users", data={**form, **change})
        assert (answer.status_code, said in answer.text) == (status, True), change
        if "name" not in change:
            assert 'value="&lt;b&gt;Xaver"' in answer.text
    own = f"/settings/users/{user(engine, 'ada@acme.example').id}"
    answer = await admin.post(own, data={"form_secret": secret, "name": "Ada", "roles": "it"})
    assert (answer.status_code, "from yourself" in answer.text) == (422, True)
    answer = await admin.post(f"{own}/access", data={"form_secret": secret})
    assert answer.status_code == 422
    assert "Nobody is called that" in (await admin.get("/settings?q=100%25")).text


@ONE
async def test_a_services_token_is_shown_once_and_ended(admin: httpx.AsyncClient, app: FastAPI) -> None:
    secret = form_secret((await admin.get("/settings/tokens")).text)
    form = {"form_secret": secret, "name": "nightly export", "role": "reader", "days": "30"}
    made = await admin.post("/settings/tokens", data=form)
    text = re.findall(r"<code>(pen_[\w-]{43})</code>", made.text)[0]
    auth = {"Authorization": f"Bearer {text}"}
    assert (await admin.get("/api/v1/me", headers=auth)).json()["roles"] == ["reader"]
    page = (await admin.get("/settings/tokens")).text
    assert text not in page
    for change, status in (({"days": "many"}, 422), ({"days": "999"}, 422), ({}, 409), ({"role": "x"}, 422)):
        answer = await admin.post("/settings/tokens", data={**form, **change})
        assert (answer.status_code, 'role="alert"' in answer.text) == (status, True), change
    address = re.findall(r'action="(/settings/tokens/\d+/end)"', page)[0]
    assert (await admin.post(address, data={"form_secret": secret})).status_code == 303
    assert "Ended" in (await admin.get("/settings/tokens")).text


async def test_a_channel_is_tried_saved_changed_and_removed(
    admin: httpx.AsyncClient, engine: Engine, receivers: Receivers
) -> None:
    page = (await admin.get("/settings/channels/new/webhook")).text
    form = {
        "form_secret": form_secret(page),
        "name": "decisions",
        "c.url": f"{receivers.url}/hook",
        "c.signing_key": KEY,
        "topics": ["review.*", "source.*"],
        "do": "save",
    }
    wrong = await admin.post("/settings/channels/new/webhook", data={**form, "c.url": "https://10.0.0.1/x"})
    assert wrong.status_code == 422
    assert "Nothing was saved" in wrong.text
    assert KEY not in wrong.text
    kept = wrong.text.split('name="draft" value="')[1].split('"', maxsplit=1)[0]
    moved = await admin.post(
        "/settings/channels/new/webhook", data={**form, "c.signing_key": "", "draft": kept}
    )
    assert (moved.status_code, "because the address changed" in moved.text) == (422, True)
    assert (await admin.post("/settings/channels/new/webhook", data=form)).status_code == 303
    assert len(receivers.got.hooks) == 1
    with reading(engine) as connection:
        row = connection.execute(sa.select(channels)).one()
    assert (row.name, row.topics) == ("decisions", ["review.*", "source.*"])
    one = f"/settings/channels/{row.id}"
    page = (await admin.get(one)).text
    assert KEY not in page
    assert "Kept; type to replace it" in page

    edit = {**form, "c.signing_key": "", "version": "1", "topics": "*", "name": "all of it"}
    assert (await admin.post(one, data=edit)).status_code == 303
    assert len(receivers.got.hooks) == 1  # its settings are as they were
    assert (await admin.post(f"{one}/test", data=form)).headers["location"] == one
    assert len(receivers.got.hooks) == 2
    off = {"form_secret": form["form_secret"], "version": "2"}
    assert (await admin.post(f"{one}/enabled", data=off)).status_code == 303
    assert "Switched off" in (await admin.get("/settings/channels")).text
    unsure = await admin.post(f"{one}/remove", data={**off, "version": "3"})
    assert (unsure.status_code, "Tick the box" in unsure.text) == (422, True)
    gone = await admin.post(f"{one}/remove", data={**off, "version": "3", "sure": "true"})
    assert gone.status_code == 303
    with reading(engine) as connection:
        assert connection.execute(sa.select(channels)).all() == []


@ONE
async def test_a_channel_that_does_not_answer_may_be_saved_all_the_same(
    admin: httpx.AsyncClient, engine: Engine, receivers: Receivers
) -> None:
    page = (await admin.get("/settings/channels/new/webhook")).text
    form = {"form_secret": form_secret(page), "name": "later", "c.signing_key": KEY, "do": "save"}
    form["c.url"] = f"{receivers.url}/nothing-here"
    answer = await admin.post("/settings/channels/new/webhook", data=form)
    assert "The test message was not delivered" in answer.text
    assert "Save all the same" in answer.text
    kept = answer.text.split('name="draft" value="')[1].split('"', maxsplit=1)[0]
    again = {**form, "c.signing_key": "", "draft": kept, "do": "force"}
    assert (await admin.post("/settings/channels/new/webhook", data=again)).status_code == 303
    assert (await admin.get("/settings/channels/new/pigeon")).status_code == 404
    assert (await admin.get("/settings/channels/99")).status_code == 404

    with writing(engine) as connection:
        message = Message(
            topic="source.attention",
            subject="source:1",
            to=To(),
            title="<b>corp</b> needs attention",
            text="It does.",
            path="/sources/1",
        )
        channel = connection.scalar(sa.select(channels.c.id))
        connection.execute(sa.update(channels).values(topics=["*"]))
        put(connection, message, NOW)
        connection.execute(sa.update(deliveries).values(state="dead", attempts=12, last_error="no such host"))
    assert channel is not None
    assert "given up after many tries" in (await admin.get("/settings/channels")).text
    dead = (await admin.get("/settings/deliveries?state=dead")).text
    assert "&lt;b&gt;corp&lt;/b&gt; needs attention" in dead
    assert "no such host" in dead
    address = re.findall(r'action="(/settings/deliveries/\d+/retry)"', dead)[0]
    await admin.post(address, data={"form_secret": form["form_secret"]})
    assert "Nothing of that kind" in (await admin.get("/settings/deliveries?state=dead")).text
    assert "Waiting" in (await admin.get("/settings/deliveries?state=nonsense&cursor=x")).text


@ONE
async def test_what_the_machine_was_told_is_shown_without_secrets(
    admin: httpx.AsyncClient, settings: Settings
) -> None:
    page = (await admin.get("/settings/system")).text
    assert "not-to-be-seen" not in page
    assert "set, not shown" in page
    assert "PENUMBRA_LOCAL_RECEIVERS" in page
    assert "400 days" in page
    for one in settings.told():
        assert one.variable in page


def test_a_databases_address_is_told_without_its_password() -> None:
    told = Settings(database_url="postgresql://me:pass@db.acme.example:5432/penumbra?password=pass").told()
    found = {one.variable: one for one in told}
    assert found["PENUMBRA_DATABASE_URL"].value == "postgresql://db.acme.example:5432/penumbra"
    assert not any("pass" in one.value for one in told)
    assert (found["PENUMBRA_SECRET_KEY"].secret, found["PENUMBRA_SECRET_KEY"].given) == (True, False)


@ONE
async def test_roles_see_and_change_what_is_theirs(
    app: FastAPI, admin: httpx.AsyncClient, tokens: dict[Role, str], engine: Engine
) -> None:
    ada = user(engine, "ada@acme.example").id
    read = [
        "/settings",
        f"/settings/users/{ada}",
        "/settings/tokens",
        "/settings/deliveries",
        "/settings/system",
    ]
    hers = ["/settings/channels", "/settings/channels/new/email", "/settings/channels/1"]
    writes = [
        "/settings/users",
        f"/settings/users/{ada}",
        f"/settings/users/{ada}/access",
        f"/settings/users/{ada}/logout",
        "/settings/tokens",
        "/settings/tokens/1/end",
        "/settings/channels/new/webhook",
        *(f"/settings/channels/1{rest}" for rest in ("", "/test", "/enabled", "/remove")),
        "/settings/deliveries/1/retry",
    ]
    for role in (Role.READER, Role.MARKETING, Role.IT, Role.AUDITOR):
        async with browsing(app, tokens[role]) as client:
            may = 200 if role is Role.AUDITOR else 403
            assert [(await client.get(a)).status_code for a in read] == [may] * len(read), role
            assert [(await client.get(a)).status_code for a in hers] == [403] * len(hers), role
            home = (await client.get("/account")).text
            assert ('href="/settings"' in home) is (role is Role.AUDITOR)
            sent = {"form_secret": form_secret(home), "version": "1"}
            for address in writes:
                assert (await client.post(address, data=sent)).status_code == 403, (role, address)
            assert "Let somebody in" not in (await client.get("/settings")).text
    for address in writes:
        assert (await admin.post(address, data={"form_secret": "x", "version": "1"})).status_code == 403


@ONE
async def test_an_empty_house_says_what_to_do(
    settings: Settings, engine: Engine, tokens: dict[Role, str]
) -> None:
    async with browsing(create_app(settings, engine, clock=lambda: NOW), tokens[Role.ADMIN]) as client:
        assert "Nobody may log in yet" in (await client.get("/settings")).text
        assert "Begin with e-mail" in (await client.get("/settings/channels")).text
        assert "Nothing was sent yet" in (await client.get("/settings/deliveries")).text
        assert "Nothing yet" not in (await client.get("/account")).text  # a service is told nothing
