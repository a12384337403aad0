"""The page for asking, without a browser: who may send what, and what is escaped."""

from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading
from app.models import requests
from app.security.schemas import Role
from tests.requests.support import Company
from tests.web.test_pages import form_secret

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


@pytest.fixture
async def mara(app: FastAPI, company: Company) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody in marketing."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as client:
        await client.post("/login", data={"token": company.tokens["mara"]})
        yield client


def stored(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(requests.c.state).order_by(requests.c.id)))


async def test_the_page_asks_for_a_login_and_leads_back(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/ask?what=Brevo")
    assert answer.headers["location"] == "/login?next=/ask%3Fwhat%3DBrevo"


async def test_a_request_is_sent_by_our_own_form_only(mara: httpx.AsyncClient, engine: Engine) -> None:
    page = (await mara.get("/ask?what=Brevo")).text
    form = {"what": "Brevo", "need": "News", "form_secret": form_secret(page)}
    assert (await mara.post("/ask", data={**form, "form_secret": "x"})).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await mara.post("/ask", data=form, headers=foreign)).status_code == 403
    assert stored(engine) == []
    sent = await mara.post("/ask", data=form)
    assert sent.status_code == 303
    one = sent.headers["location"]
    assert "Brevo" in (await mara.get(one)).text
    for verb in ("withdraw", "review"):
        assert (await mara.post(f"{one}/{verb}", data={"form_secret": "x"})).status_code == 403
    assert stored(engine) == ["open"]
    assert (await mara.post(f"{one}/withdraw", data=form)).status_code == 303
    assert stored(engine) == ["withdrawn"]
    assert "Take it back" not in (await mara.get(one)).text


async def test_what_is_typed_is_shown_as_text(mara: httpx.AsyncClient) -> None:
    evil = '"><script>alert(1)</script>'
    page = await mara.get("/ask", params={"what": evil})
    assert (page.status_code, "<script>alert" in page.text) == (200, False)
    data = {"what": evil, "need": evil, "form_secret": form_secret(page.text)}
    sent = await mara.post("/ask", data=data)
    for address in (sent.headers["location"], "/ask"):
        assert "<script>alert" not in (await mara.get(address)).text


@pytest.mark.parametrize("what", ["", " ", "x" * 3000, "%00", "\u202e", "https://[", "'; DROP TABLE tools"])
async def test_whatever_is_typed_the_page_answers(mara: httpx.AsyncClient, what: str) -> None:
    assert (await mara.get("/ask", params={"what": what})).status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"need": " "}, "What it is for"),
        ({"lacked": "An API"}, "What you tried: choose the tool"),
        ({"tried": "²", "lacked": "An API"}, "What you tried: choose the tool"),
        ({"tried": "987654", "lacked": "An API"}, "there is no tool 987654"),
        ({"people": "many"}, "How many people: write a number"),
        ({"people": "0"}, "How many people"),
        ({"cost": "1.234"}, "What it would cost: write an amount"),
        ({"cost": "12,50"}, "What it would cost: write an amount"),
        ({"cost": "1.200,50"}, "What it would cost: write an amount"),
        ({"cost": "5", "currency": "euro"}, "Currency"),
        ({"cost": "5", "currency": ""}, "Currency"),
    ],
)
async def test_a_wrong_form_comes_back_as_it_was_filled_in(
    mara: httpx.AsyncClient, engine: Engine, change: dict[str, str], said: str
) -> None:
    secret = form_secret((await mara.get("/ask?what=Brevo")).text)
    form = {"what": "Brevo", "need": "For the dealers", "form_secret": secret, **change}
    answer = await mara.post("/ask", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    if "need" not in change:
        assert "For the dealers" in answer.text
    assert stored(engine) == []


async def test_each_sees_what_is_theirs_to_do(
    app: FastAPI, mara: httpx.AsyncClient, company: Company, tokens: dict[Role, str]
) -> None:
    secret = form_secret((await mara.get("/ask?what=Brevo")).text)
    data = {"what": "Brevo", "need": "News", "form_secret": secret}
    one = (await mara.post("/ask", data=data)).headers["location"]
    assert "What people wait for" in (await mara.get("/ask")).text
    for token, may_ask, may_review in (
        (company.tokens["rudi"], True, False),
        (company.tokens["ida"], True, True),
        (tokens[Role.MARKETING], False, False),
    ):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as client:
            await client.post("/login", data={"token": token})
            page = (await client.get("/ask?what=Brevo")).text
            assert ("What is it for?" in page) is may_ask
            assert ("What people wait for" in page) is may_review
            shown = (await client.get(one)).text
            assert ("Open the review" in shown) is may_review
            assert "Take it back" not in shown
            taking = await client.post(f"{one}/withdraw", data={"form_secret": form_secret(page)})
            assert taking.status_code == 403
