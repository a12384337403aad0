"""What a page of reviews is told while it lies open: by version, without one's own deeds, escaped."""

from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import sessions
from app.security.sessions import IDLE
from tests.conftest import NOW
from tests.web.review_table import Table, all_fine, send, shown


@pytest.fixture
async def table(app: FastAPI, engine: Engine) -> AsyncIterator[Table]:
    table = Table(app, engine)
    yield table
    for client in table.open:
        await client.aclose()


async def news(client: httpx.AsyncClient, path: str, tag: str = "", after: int = 0) -> httpx.Response:
    headers = {"If-None-Match": tag} if tag else {}
    return await client.get(f"{path}/news", params={"after": after}, headers=headers)


async def test_news_are_told_to_the_others_once(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(mara, table.company.hubspot, "For <b>posters</b>")
    page = await shown(ida, review)
    assert f'data-news="{review}/news?after=1"' in page
    assert 'data-tag="&#34;1&#34;"' in page or 'data-tag="&quot;1&quot;"' in page
    assert (await news(ida, review, '"1"')).status_code == 304
    assert (await news(ida, "/reviews", '"1"')).status_code == 304
    done = await send(mara, review, "assess", **all_fine(await shown(mara, review)))
    assert done.status_code == 303
    for path, name in ((review, ""), ("/reviews", " – Hubspot")):
        told = await news(ida, path, '"1"', after=1)
        assert told.status_code == 200
        assert told.headers["etag"] != '"1"'
        assert "<b>Mara</b> (Marketing) assessed" in told.text
        assert name.lower() in told.text.lower()
        assert "data-show" in told.text
        assert (await news(ida, path, told.headers["etag"])).status_code == 304
        own = await news(mara, path, '"1"', after=1)
        assert (own.status_code, own.text.strip()) == (200, ""), "one’s own deeds are no news"
    assert (await news(ida, "/reviews/999")).status_code == 404
    assert (await ida.get(f"{review}/news?after=x")).status_code == 422


async def test_the_page_works_without_it_and_names_the_version_it_shows(table: Table) -> None:
    ida = await table.browser("ida")
    assert 'data-news="/reviews/news?after=0"' in (await ida.get("/reviews")).text
    stranger = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=table.app), base_url="http://penumbra.test"
    )
    answer = await stranger.get("/reviews/news")
    assert answer.status_code == 303, "nobody is told who is not logged in"
    await stranger.aclose()


async def test_a_colleague_is_told_of_however_much_one_did_since(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(mara, table.company.hubspot)
    assert (await send(ida, review, "comment", text="I am looking.")).status_code == 303
    for n in range(6):
        assert (await send(mara, review, "comment", text=f"Thought {n}.")).status_code == 303
    for path in (review, "/reviews"):
        told = (await news(mara, path, after=1)).text
        assert "<b>Ida</b> (IT)" in told
        assert "more" not in told, "one’s own deeds are not counted"
        told = (await news(ida, path, after=1)).text
        assert told.count("<b>Mara</b>") == 5
        assert "and 1 more" in told
        assert (await news(ida, path, after=6)).text.count("<b>Mara</b>") == 2


async def test_a_page_that_only_lies_open_is_logged_out_in_the_end(table: Table, engine: Engine) -> None:
    ida = await table.browser("ida")
    half_gone = NOW - IDLE / 2

    def seen() -> list[object]:
        with reading(engine) as connection:
            return list(connection.scalars(sa.select(sessions.c.last_seen_at)))

    table.app.state.penumbra.sessions.forget()
    with writing(engine) as connection:
        connection.execute(sa.update(sessions).values(last_seen_at=half_gone))
    assert (await news(ida, "/reviews")).status_code == 200
    assert seen() == [half_gone]
    with writing(engine) as connection:
        connection.execute(sa.update(sessions).values(last_seen_at=NOW - IDLE))
    assert (await news(ida, "/reviews")).status_code == 303
    assert (await ida.get("/reviews")).status_code == 303
