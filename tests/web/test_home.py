"""The front door without a browser: what is asked of whom, and what can be done about it from there."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import writing
from tests.conftest import NOW
from tests.support.seed import Seed
from tests.web.review_table import Table, send, shown
from tests.web.test_pages import form_secret


@pytest.fixture
async def table(app: FastAPI, engine: Engine) -> AsyncIterator[Table]:
    made = Table(app, engine)
    with writing(engine) as connection:
        seed = Seed(connection, _count=600)
        seed.person("Mara", "mara@acme.example", department="Marketing")
        connection.execute(sa.update(models.tools).values(ownership="unowned"))
        seed.tool("Loom", first_seen=NOW - timedelta(days=2), search="loom")
        seed.source("broken", "files", health="attention", health_text="There is <no> file.")
    yield made
    for client in made.open:
        await client.aclose()


async def test_a_tool_is_declined_from_home_with_a_reason(table: Table) -> None:
    mara, canva = await table.browser("mara"), table.company.canva
    page = await shown(mara, "/")
    box = page.split(f'action="/tools/{canva}/decline"')[1].split("</form>")[0]
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', box))
    assert sent["department"] == "Marketing"
    assert re.findall(r'name="reason" value="(\w+)"', box) == ["not_ours", "personal", "unknown"]
    answer = await mara.post(f"/tools/{canva}/decline", data={**sent, "reason": "not_ours"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = await shown(mara, "/")
    assert "is no longer offered to Marketing." in page
    assert f'action="/tools/{canva}/decline"' not in page
    # It can be taken back: whoever declined it may still claim it.
    form = {"form_secret": form_secret(page), "next": "/"}
    assert (await mara.post(f"/tools/{canva}/claim", data=form)).status_code == 303


async def test_what_is_asked_stands_in_the_row(table: Table) -> None:
    ida, mara = await table.browser("ida"), await table.browser("mara")
    review = await table.start(ida, table.company.hubspot)
    assert "Say what marketing finds" in await shown(mara, "/")
    await send(ida, review, "ask", to="marketing", text="Whose <b>contacts</b>?")
    page = await shown(mara, "/")
    assert "IT asks you something: “Whose &lt;b&gt;contacts&lt;/b&gt;?”" in page
    assert f'href="{review}">Answer<' in page
    assert f'href="{review}"' not in await shown(ida, "/"), "it waits on marketing alone"
    # Who sits on neither side reads for whom it waits.
    page = await shown(await table.browser("rita"), "/")
    assert "Waiting on Marketing" in page
    assert "IT asks you something" not in page


async def test_what_renews_stands_at_the_door(table: Table) -> None:
    mara = await table.browser("mara")
    assert "Nothing renews, as far as we know." in await shown(mara, "/")
    entered = {"starts_on": "2026-01-15", "renews_on": "2027-01-15", "notice_days": "30", "amount": "12000"}
    page = await shown(mara, f"/spend/contracts/new?tool={table.company.hubspot}")
    form = {**entered, "currency": "EUR", "per": "yearly", "term_months": "12", "auto_renews": "true"}
    form |= {"tool_id": str(table.company.hubspot), "form_secret": form_secret(page)}
    sent = await mara.post("/spend/contracts", data=form)
    assert sent.status_code == 303, sent.text
    page = html.unescape(await shown(mara, "/"))
    assert "€12,000 " in page
    assert "notice by 16 Dec 2026" in page


async def test_each_does_only_what_they_may(table: Table) -> None:
    pages = {who: await shown(await table.browser(who), "/") for who in ("ida", "mara", "rita", "a service")}
    may_review = {who for who, page in pages.items() if re.search(r'href="/tools/\d+/review"', page)}
    assert may_review == {"ida", "mara"}
    may_check = {who for who, page in pages.items() if re.search(r'action="/sources/\d+/check"', page)}
    assert may_check == {"ida", "a service"}
    assert "There is &lt;no&gt; file." in pages["ida"]
    assert {who for who, page in pages.items() if "/decline" in page} == {"mara"}
