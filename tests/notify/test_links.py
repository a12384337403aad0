"""Links without a login: the question to an adopter, and the end of e-mails."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.errors import Gone, NotFound
from app.main import create_app
from app.models import audit_events, deliveries, messages, subscriptions, tools
from app.notify import packing, queue, repository
from app.notify.deliver import LEASE
from app.notify.links import ASK, UNSUBSCRIBE, Links
from app.notify.outbox import Message, To, put
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.secrets import SecretBox
from app.settings import Settings
from tests.conftest import NOW
from tests.notify.support import Hands
from tests.support import seed

HOME = "http://penumbra.test"


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def app(settings: Settings, engine: Engine, clock: Hands) -> FastAPI:
    return create_app(settings, engine, clock=clock)


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody without an account."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        yield client


@pytest.fixture
def company(engine: Engine, app: FastAPI) -> seed.Company:
    with writing(engine) as connection:
        found = seed.company(connection)
        values = {"config": {"host": "localhost", "sender": "p@acme.example"}, "topics": [], "enabled": True}
        sealed = app.state.penumbra.secrets.seal({})
        more = {"name": "mail", "kind": "email", "secrets": sealed, "created_at": NOW, "updated_at": NOW}
        repository.insert_channel(connection, {**values, **more})
    return found


def mailed(engine: Engine, app: FastAPI, clock: Hands) -> list[Any]:
    """What is due, packed as it would be mailed."""
    links = Links(app.state.penumbra.secrets, HOME)
    with writing(engine) as connection:
        due = queue.channels_due(connection, clock())
        groups = [g for row in due for g in queue.claim(connection, row.id, "test", clock(), LEASE, 50)]
        for group in groups:
            assert queue.note(connection, group, state="sent", sent_at=clock())
        return [packing.pack(group, links, clock()) for group in groups]


async def asked(
    client: httpx.AsyncClient, engine: Engine, app: FastAPI, company: seed.Company, clock: Hands
) -> str:
    answer = await client.post(f"/api/v1/tools/{company.hubspot}/adopters", json={"person_id": company.anna})
    assert answer.status_code == 201, answer.text
    (parcel,) = mailed(engine, app, clock)
    assert (parcel.to.email, parcel.first.title) == ("anna@acme.example", "What is HubSpot for?")
    return parcel.first.link.removeprefix(HOME)


async def test_a_channel_that_gets_everything_gets_nobodys_link(
    client: httpx.AsyncClient, engine: Engine, app: FastAPI, company: seed.Company, clock: Hands
) -> None:
    box = app.state.penumbra.secrets
    with writing(engine) as connection:
        values = {"name": "all", "kind": "webhook", "config": {"url": "https://hooks.acme.example/all"}}
        stored = {"secrets": box.seal({"signing_key": "k" * 24}), "topics": ["*"], "enabled": True}
        times = {"created_at": NOW, "updated_at": NOW}
        repository.insert_channel(connection, {**values, **stored, **times})
    link = await asked(client, engine, app, company, clock)  # which takes no second parcel
    assert link.startswith("/adopter/")
    with reading(engine) as connection:
        (row,) = connection.execute(sa.select(deliveries)).all()
    assert row.person_id == company.anna


async def test_an_adopter_answers_without_an_account(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    engine: Engine,
    app: FastAPI,
    company: seed.Company,
    clock: Hands,
    capsys: pytest.CaptureFixture[str],
) -> None:
    link = await asked(client, engine, app, company, clock)
    page = await stranger.get(link)
    assert page.status_code == 200
    assert "What is HubSpot for?" in page.text
    assert "<script" not in page.text
    assert "Content-Security-Policy" in page.headers
    nothing = await stranger.post(link, data={"comment": "half a thought"})
    assert nothing.status_code == 422
    assert "Choose one of the four" in nothing.text
    assert "half a thought" in nothing.text, "what was written is not lost"
    assert (await stranger.post(link, data={"answer": "trying", "comment": "x" * 2001})).status_code == 422
    said = await stranger.post(
        link, data={"answer": "trying", "comment": "Until <b>March</b>\r\nthen we see"}
    )
    assert said.status_code == 200
    assert "Thank you" in said.text

    (shown,) = (await client.get(f"/api/v1/tools/{company.hubspot}/adopters")).json()["items"]
    assert (shown["answer"], shown["comment"]) == ("trying", "Until <b>March</b>\nthen we see")
    assert shown["person"]["name"] == "Anna Berg"
    again = await stranger.post(link, data={"answer": "personal"})
    assert again.status_code == 409
    assert "Answered already" in again.text
    assert "Thank you" in (await stranger.get(link)).text
    clock.on(days=15)
    assert (await stranger.get(link)).status_code == 410, "even an answered one ends"

    token = link.removeprefix("/adopter/")
    with reading(engine) as connection:
        stored = [connection.execute(sa.select(t)).all() for t in (audit_events, messages, deliveries)]
    assert token not in str(stored)
    assert "then we see" not in str(stored[0]), "people's own words are not in what cannot be deleted"
    assert ("adopter.answer", f"person:{company.anna}") in {(r.action, r.actor) for r in stored[0]}
    assert token not in (await client.get("/api/v1/outbox")).text
    printed = capsys.readouterr()
    assert '"/adopter/*"' in printed.out + printed.err
    assert token not in printed.out + printed.err


async def test_a_link_ends_after_14_days_and_says_so(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    engine: Engine,
    app: FastAPI,
    company: seed.Company,
    clock: Hands,
) -> None:
    link = await asked(client, engine, app, company, clock)
    twice = await client.post(f"/api/v1/tools/{company.hubspot}/adopters", json={"person_id": company.anna})
    assert twice.status_code == 409
    clock.on(days=13, hours=23)
    assert (await stranger.get(link)).status_code == 200
    clock.on(hours=1)
    for answer in (await stranger.get(link), await stranger.post(link, data={"answer": "once"})):
        assert answer.status_code == 410
        assert "This link has ended" in answer.text
    assert (await client.get(f"/api/v1/tools/{company.hubspot}/adopters")).json()["items"][0][
        "answer"
    ] is None
    assert await asked(client, engine, app, company, clock) != link, "after that they may be asked again"


async def test_a_link_is_for_one_thing_and_cannot_be_made(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    engine: Engine,
    app: FastAPI,
    company: seed.Company,
    clock: Hands,
) -> None:
    link = await asked(client, engine, app, company, clock)
    token = link.removeprefix("/adopter/")
    foreign = Links(SecretBox([Fernet.generate_key().decode()]), HOME).signed(
        ASK, "1", NOW + timedelta(days=1)
    )
    sealed = app.state.penumbra.secrets.seal({"signing_key": "x"}).decode().rstrip("=")
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    wrong = [changed, token[:-4], "x", "1", "é", "%00x", "a" * 3000, sealed, foreign.rpartition("/")[2]]
    for text in wrong:
        for path in (f"/adopter/{text}", f"/unsubscribe/{text}"):
            assert (await stranger.get(path)).status_code in {400, 404}, path
            assert (await stranger.post(path, data={"answer": "once"})).status_code in {400, 404}, path
    assert (await stranger.post(f"/unsubscribe/{token}")).status_code == 404, "it is for another purpose"


async def test_who_cannot_be_asked(client: httpx.AsyncClient, engine: Engine, company: seed.Company) -> None:
    with writing(engine) as connection:
        made = seed.Seed(connection)
        stranger, nameless = made.person("Sam", "sam@acme.example"), made.person("Nora")
        account = made.account(company.okta, nameless, ref="nora")
        made.consent(company.okta, 1, account, event_id="nora")
    path = f"/api/v1/tools/{company.hubspot}/adopters"
    assert (await client.post(path, json={"person_id": 987654})).status_code == 404
    for person, reason in (
        (company.leaver, "they have left"),
        (stranger, "nothing ties them to “HubSpot”"),
        (nameless, "the directories know no address of theirs"),
    ):
        answer = await client.post(path, json={"person_id": person})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:penumbra:problem:cannot_be_asked")
        assert answer.json()["errors"] == [{"field": "person_id", "message": reason}]
    assert (await client.get(path)).json() == {"items": []}


async def test_nobody_is_asked_without_a_mail_channel_and_answers_follow_a_merge(
    client: httpx.AsyncClient, engine: Engine, app: FastAPI, company: seed.Company, clock: Hands
) -> None:
    await asked(client, engine, app, company, clock)
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE channels SET enabled = FALSE"))
        connection.execute(
            sa.update(tools).where(tools.c.id == company.hubspot).values(merged_into=company.canva)
        )
    assert (await client.get(f"/api/v1/tools/{company.hubspot}/adopters")).status_code == 410
    assert len((await client.get(f"/api/v1/tools/{company.canva}/adopters")).json()["items"]) == 1
    answer = await client.post(f"/api/v1/tools/{company.canva}/adopters", json={"person_id": company.anna})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:penumbra:problem:no_mail")


async def test_one_click_ends_a_topic_and_another_the_digest(
    stranger: httpx.AsyncClient, engine: Engine, app: FastAPI, company: seed.Company, clock: Hands
) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="mara@acme.example", name="Mara", roles=[Role.MARKETING])
        mara = users.create_user(connection, wanted, actor="test", now=NOW).id
        for topic in ("review.question", "tool.flagged", "tool.flagged"):
            put(connection, Message(topic, "tool:1", To(users=(mara,)), "Title", "", "/tools/1"), NOW)
    (parcel,) = mailed(engine, app, clock)
    link = parcel.unsubscribe.removeprefix(HOME)
    looked = await stranger.get(link)
    assert "The other side asks a question" in looked.text
    assert modes(engine, mara) == {}, "a mail scanner that follows links ends nothing"
    done = await stranger.post(link, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert modes(engine, mara) == {"review.question": "off"}
    assert (await stranger.post(link)).status_code == 200

    clock.on(days=3)
    (digest,) = mailed(engine, app, clock)
    assert (len(digest.items), digest.digest) == (2, True)
    await stranger.post(digest.unsubscribe.removeprefix(HOME))
    after = modes(engine, mara)
    assert after["tool.flagged"] == "off"
    assert "condition.missed" not in after, "what is not in digests goes on"
    clock.on(days=91)
    assert (await stranger.post(link)).status_code == 410


def modes(engine: Engine, user_id: int) -> dict[str, str]:
    with reading(engine) as connection:
        rows = connection.execute(sa.select(subscriptions).where(subscriptions.c.user_id == user_id)).all()
    return {row.topic: row.mode for row in rows}


def test_a_link_holds_its_subject_until_it_ends() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    url = Links(SecretBox([old]), HOME).signed(UNSUBSCRIBE, "7:*", NOW + timedelta(hours=1))
    assert re.fullmatch(rf"{HOME}/unsubscribe/[\w-]+", url)
    token = url.rpartition("/")[2]
    rotated = Links(SecretBox([new, old]), HOME)
    assert rotated.read(token, UNSUBSCRIBE, NOW) == "7:*"
    with pytest.raises(Gone):
        rotated.read(token, UNSUBSCRIBE, NOW + timedelta(hours=1))
    with pytest.raises(NotFound):
        rotated.read(token, ASK, NOW)
    with pytest.raises(NotFound):
        Links(SecretBox([new]), HOME).read(token, UNSUBSCRIBE, NOW)
