"""The audit trail's page without a browser: searched, in words, its chain looked through, taken along."""

from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import writing
from app.models import audit_events
from app.security import audit, users
from app.security.schemas import Role, UserIn
from app.web.audit_words import ACTION, GROUP
from tests.conftest import NOW
from tests.security.test_sessions import browsing
from tests.support.seed import Seed
from tests.web.test_pages import form_secret

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def auditor(app: FastAPI, tokens: dict[Role, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(app, tokens[Role.AUDITOR]) as client:
        yield client


def story(engine: Engine) -> int:
    """Mara puts a tool under another decision, a script asks for a scan; her user's id."""
    with writing(engine) as connection:
        wanted = UserIn(email="mara@acme.example", name="Mara <Lind>", roles=[Role.MARKETING])
        mara = users.create_user(connection, wanted, actor="cli:root", now=NOW).id
        tool = Seed(connection).tool("HubSpot & Co")
        audit.record(
            connection,
            f"user:{mara}",
            "tool.governance",
            f"tool:{tool}",
            before={"governance": "unreviewed", "owner": None},
            after={"governance": "sanctioned", "owner": mara},
            at=NOW,
        )
        audit.record(connection, "token:nightly", "scan.request", "source:7", {"scan": 3}, at=NOW)
        audit.record(connection, "system", "brand.new_thing", "thing:x", {"odd": [1, {"a": True}]}, at=NOW)
    return mara


async def test_lines_are_searched_and_told_in_words(auditor: httpx.AsyncClient, engine: Engine) -> None:
    mara = story(engine)
    page = (await auditor.get("/audit")).text
    for said in (
        "Mara &lt;Lind&gt;",
        "HubSpot &amp; Co",
        "What holds of a tool changed",
        "<del>Not decided yet</del> → <ins>Approved</ins>",
        "<del>nothing</del> → <ins>Mara &lt;Lind&gt;</ins>",
        "nightly, a service",
        "root, on the machine",
        "brand.new thing",
        "A: yes",
    ):
        assert said in page, said

    async def found(**query: str) -> list[str]:
        text = (await auditor.get("/audit", params=query)).text
        return [a for a in (*ACTION, "brand.new_thing") if f"<code>{a} " in text]

    assert await found(who="mara") == ["tool.governance"]
    assert await found(who="MARA@acme") == ["tool.governance"]
    assert await found(actor=f"user:{mara}") == ["tool.governance"]
    assert await found(who="nightly") == ["scan.request"]
    assert await found(who="system") == ["brand.new_thing"]
    assert await found(who="nobody at all") == []
    assert await found(what="scan.*") == ["scan.request"]
    assert await found(what="scan.stop") == []
    assert await found(object="tool:1") == ["tool.governance"]
    assert await found(object="http://penumbra.test/tools/1?x=1") == ["tool.governance"]
    assert await found(object="/sources/7/edit") == ["scan.request"]
    assert await found(who="mara", what="scan.*") == []
    assert await found(since="2026-11-21", who="mara") == []
    assert await found(until="2026-11-21", who="mara") == ["tool.governance"]
    wrong = await auditor.get("/audit?object=%5B%5B&since=soon&cursor=x")
    assert "Write what it was done to" in wrong.text
    assert "Choose days from the calendar" in wrong.text
    assert "That page is no longer there" in wrong.text
    assert "No line fits" in (await auditor.get("/audit?who=nobody+at+all")).text


@ONE
async def test_pages_go_on_with_the_filters_kept(auditor: httpx.AsyncClient, engine: Engine) -> None:
    with writing(engine) as connection:
        for number in range(60):
            audit.record(connection, "system", "scan.request", f"source:{number}", at=NOW)
    first = (await auditor.get("/audit?what=scan.request")).text
    following = first.split('rel="next" href="')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")
    assert "what=scan.request" in following
    second = (await auditor.get(following)).text
    assert second.count("<code>scan.request ") == 10
    assert "First page" in second


@ONE
async def test_the_chain_is_looked_through(auditor: httpx.AsyncClient, engine: Engine) -> None:
    story(engine)
    shown = (await auditor.get("/audit/chain")).text
    assert "Nobody has looked through the trail yet" in shown
    form = {"form_secret": form_secret(shown)}

    async def look(**more: str) -> httpx.Response:
        return await auditor.post("/audit/chain", data={**form, **more}, follow_redirects=True)

    shown = (await look()).text
    assert "Untouched" in shown
    assert "Nothing was written since." in shown
    head = shown.split("<p><code>")[1].split("<", maxsplit=1)[0]
    assert "still in the chain" in (await look(head=head.upper())).text
    assert "The trail was touched" in (await look(head=f"{'0' * 63}1")).text
    refused = await look(head="abc")
    assert (refused.status_code, 'value="abc"' in refused.text) == (422, True)
    assert "The trail was touched" in (await auditor.get("/audit/chain")).text, "what was found last stays"
    assert "Untouched" in (await look()).text
    with writing(engine) as connection:
        audit.record(connection, "test", "thing.do", "thing:1", at=NOW)
        connection.execute(sa.update(audit_events).where(audit_events.c.seq == 2).values(actor="somebody"))
    shown = (await auditor.get("/audit/chain")).text
    assert "Untouched" in shown, "opening the page reads no line"
    assert "Since then 1 line was written" in shown
    assert "Line 2 was changed" in (await look()).text


@ONE
async def test_the_export_is_what_the_filters_show(auditor: httpx.AsyncClient, engine: Engine) -> None:
    story(engine)
    shown = (await auditor.get("/audit?who=mara&what=tool.*")).text
    address = shown.split('href="/audit/export?')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")
    answer = await auditor.get(f"/audit/export?{address}")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.json"'
    assert [line["action"] for line in orjson.loads(answer.content)] == ["tool.governance"]
    assert len(orjson.loads((await auditor.get("/audit/export")).content)) > 3


@ONE
async def test_only_auditors_and_administrators_read_it(app: FastAPI, tokens: dict[Role, str]) -> None:
    for role in Role:
        may = role in {Role.AUDITOR, Role.ADMIN}
        async with browsing(app, tokens[role]) as client:
            for address in ("/audit", "/audit/chain", "/audit/export"):
                assert (await client.get(address)).status_code == (200 if may else 403), (role, address)
            assert ('href="/audit"' in (await client.get("/account")).text) is may
    async with browsing(app) as nobody:
        assert (await nobody.get("/audit")).headers["location"] == "/login?next=/audit"


def test_each_action_in_words_is_of_a_group_that_can_be_chosen() -> None:
    assert {a.partition(".")[0] for a in ACTION} - set(GROUP) == {"first_link", "alert"}
