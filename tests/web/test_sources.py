"""The pages of sources and scans without a browser: who may do what, what is kept, what is never shown."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import audit_events, scans, sessions, sources
from app.security.schemas import Role
from app.security.sessions import IDLE
from tests.conftest import NOW
from tests.security.test_sessions import browsing
from tests.support import fake_connector, seed
from tests.support.fake_connector import SECRET, AcmeConnector
from tests.support.seed import Seed
from tests.web.test_pages import form_secret

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_connector.install(monkeypatch)


@pytest.fixture
async def it(app: FastAPI, tokens: dict[Role, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody in IT."""
    async with browsing(app, tokens[Role.IT]) as client:
        yield client


async def form(client: httpx.AsyncClient, address: str = "/sources/new/acme") -> dict[str, str]:
    text = (await client.get(address)).text
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    return {**found, "name": "corp", "minutes": "360", "c.token": SECRET, "do": "check"}


def draft(text: str) -> str:
    return text.split('name="draft" value="')[1].split('"', maxsplit=1)[0]


def stored(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(sources)).all())


async def test_a_source_is_checked_shown_and_saved_with_the_secret_kept_sealed(
    it: httpx.AsyncClient, engine: Engine
) -> None:
    checked = await it.post("/sources/new/acme", data=await form(it))
    assert checked.status_code == 200
    assert "It works: Acme of tests answered" in checked.text
    assert "Missing, and can be left out." in checked.text  # the permission that is optional
    assert SECRET not in checked.text
    assert stored(engine) == []

    again = {**await form(it), "c.token": "", "draft": draft(checked.text), "do": "save"}
    saved = await it.post("/sources/new/acme", data=again)
    assert saved.headers["location"].startswith("/scans/")
    row = stored(engine)[0]
    assert (row.name, row.account, row.config) == ("corp", "org-1", {})
    assert AcmeConnector.checked[-1]["token"] == SECRET
    with reading(engine) as connection:
        assert connection.scalar(sa.select(scans.c.trigger)) == "hand"
        actions = connection.scalars(sa.select(audit_events.c.action).order_by(audit_events.c.seq)).all()
        assert actions[-2:] == ["source.create", "scan.request"]
    for address in ("/sources", f"/sources/{row.id}", f"/sources/{row.id}/edit"):
        assert SECRET not in (await it.get(address)).text


@ONE
async def test_a_kept_secret_goes_to_no_other_host_login_or_form(
    app: FastAPI, it: httpx.AsyncClient, tokens: dict[Role, str], engine: Engine
) -> None:
    checked = await it.post("/sources/new/acme", data=await form(it))
    kept = draft(checked.text)
    moved = {**await form(it), "c.token": "", "draft": kept, "c.base_url": "https://evil.example"}
    for _attempt in range(2):  # what comes back does not forget where the secret belongs
        answer = await it.post("/sources/new/acme", data=moved)
        assert (answer.status_code, "because the address changed" in answer.text) == (422, True)
        moved["draft"] = draft(answer.text)
    half = {**moved, "c.spare": "another"}
    answer = await it.post("/sources/new/acme", data=half)
    assert answer.status_code == 422
    answer = await it.post("/sources/new/acme", data={**half, "draft": draft(answer.text)})
    assert answer.status_code == 422
    async with browsing(app, tokens[Role.ADMIN]) as other:
        theirs = {**await form(other), "c.token": "", "draft": kept}
        answer = await other.post("/sources/new/acme", data=theirs)
        assert (answer.status_code, "Fill this in." in answer.text) == (422, True)
    answer = await it.post("/sources/new/acme", data={**await form(it), "c.token": "", "draft": "made up"})
    assert answer.status_code == 422
    assert all(c["base_url"] == "https://api.acme.example" for c in AcmeConnector.checked)
    assert stored(engine) == []


@ONE
@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"c.token": ""}, 422, "Fill this in."),
        ({"c.days": "many"}, 422, "Write a whole number."),
        ({"c.days": "999"}, 422, "less than or equal to 365"),
        ({"c.base_url": "ftp://x"}, 422, "Write a whole address"),
        ({"name": "<b>"}, 422, "letters, digits, spaces"),
        ({"c.token": "bad"}, 422, "make a new one under Settings"),
        ({"c.token": "later"}, 503, "Acme is busy."),
        ({"c.token": "changed"}, 502, "no longer has the shape"),
        ({"c.token": "poor", "do": "save"}, 422, "a permission is missing"),
    ],
)
async def test_a_wrong_form_comes_back_as_it_was_filled_in(
    it: httpx.AsyncClient, engine: Engine, change: dict[str, str], status: int, said: str
) -> None:
    answer = await it.post("/sources/new/acme", data={**await form(it), "c.days": "30", **change})
    assert answer.status_code == status
    assert said in answer.text
    assert "Nothing was saved" in answer.text
    assert f'name="c.days" type="text" value="{change.get("c.days", "30")}"' in answer.text
    if "name" not in change:
        assert 'value="corp"' in answer.text
    assert "<b>" not in answer.text.split("<main", 1)[1].replace("<b>There.", "").replace("<b>Missing", "")
    assert stored(engine) == []


@ONE
async def test_what_is_missing_can_be_left_out_on_purpose(it: httpx.AsyncClient, engine: Engine) -> None:
    poor = {**await form(it), "c.token": "poor"}
    answer = await it.post("/sources/new/acme", data=poor)
    assert "something is missing" in answer.text
    assert "Tick it." in answer.text
    assert (await it.post("/sources/new/acme", data={**poor, "do": "force"})).status_code == 303
    assert len(stored(engine)) == 1


@ONE
async def test_a_source_is_changed_with_its_secrets_kept_or_taken_out(
    it: httpx.AsyncClient, engine: Engine
) -> None:
    await it.post("/sources/new/acme", data={**await form(it), "c.spare": "second", "do": "save"})
    asked = len(AcmeConnector.checked)
    edit = f"/sources/{stored(engine)[0].id}/edit"
    page = (await it.get(edit)).text
    assert page.count("Kept; type to replace it") == 2
    assert "Take out the stored one (Spare)" in page
    assert "Take out the stored one (Token)" not in page  # it is needed
    sent = {**await form(it, edit), "c.token": "", "name": "headquarters", "do": "save"}
    assert (await it.post(edit, data=sent)).status_code == 303
    assert stored(engine)[0].name == "headquarters"
    assert len(AcmeConnector.checked) == asked  # a name alone needs no check

    stale = await it.post(edit, data={**sent, "name": "other"})
    assert (stale.status_code, "Somebody changed this source" in stale.text) == (412, True)
    assert 'value="other"' in stale.text

    sent = {**await form(it, edit), "c.token": "", "name": "headquarters", "c.days": "7", "do": "save"}
    assert (await it.post(edit, data={**sent, "forget.spare": "1"})).status_code == 303
    assert AcmeConnector.checked[-1] == {"base_url": "https://api.acme.example", "token": SECRET, "days": 7}
    page = (await it.get(edit.removesuffix("/edit"))).text
    assert page.count("Stored, and never shown") == 1
    sent = {
        **await form(it, edit),
        "c.token": "",
        "name": "headquarters",
        "c.base_url": "https://evil.example",
    }
    answer = await it.post(edit, data=sent)
    assert (answer.status_code, "because the address changed" in answer.text) == (422, True)
    sent = {**await form(it, edit), "c.token": "other", "name": "headquarters", "do": "save"}
    answer = await it.post(edit, data=sent)
    assert (answer.status_code, "reach another account" in answer.text) == (409, True)


@ONE
async def test_who_is_not_it_sees_and_changes_nothing(
    app: FastAPI, it: httpx.AsyncClient, tokens: dict[Role, str], engine: Engine
) -> None:
    await it.post("/sources/new/acme", data={**await form(it), "do": "save"})
    row = stored(engine)[0]
    one = f"/sources/{row.id}"
    for role in (Role.READER, Role.MARKETING, Role.AUDITOR):
        async with browsing(app, tokens[role]) as client:
            shown = (await client.get(one)).text
            assert "acme" in shown
            for button in ("Read now", "Pause", "Remove", "Check the permissions", "/edit"):
                assert button not in shown
            assert "Add a source" not in (await client.get("/sources")).text
            secret = {"form_secret": form_secret(shown), "version": "1", "name": "corp"}
            for address in ("/sources/new", "/sources/new/acme", f"{one}/edit", f"{one}/remove"):
                assert (await client.get(address)).status_code == 403, address
            for address in (
                "/sources/new/acme",
                *(f"{one}/{verb}" for verb in ("edit", "check", "scan", "schedule", "remove")),
                "/scans/1/stop",
            ):
                assert (await client.post(address, data=secret)).status_code == 403, address
    forged = {"form_secret": "x", "version": "1", "name": "corp"}
    for verb in ("edit", "check", "scan", "schedule", "remove"):
        assert (await it.post(f"{one}/{verb}", data=forged)).status_code == 403
    assert stored(engine)[0].version == row.version


@ONE
async def test_a_source_is_paused_checked_and_read_now(it: httpx.AsyncClient, engine: Engine) -> None:
    await it.post("/sources/new/acme", data={**await form(it), "do": "save"})
    one = f"/sources/{stored(engine)[0].id}"
    sent = {"form_secret": form_secret((await it.get(one)).text), "version": "1"}
    assert (await it.post(f"{one}/schedule", data=sent)).headers["location"] == one
    assert stored(engine)[0].enabled is False
    stale = await it.post(f"{one}/schedule", data=sent, headers={"Referer": f"http://penumbra.test{one}"})
    assert stale.status_code == 412  # not what was read
    assert "Somebody changed this source since you opened it. Open it again to see" in stale.text
    assert f'href="{one}">Open it again</a>' in stale.text
    away = await it.post(f"{one}/schedule", data=sent, headers={"Referer": "https://evil.example/x"})
    assert (away.status_code, "evil.example" in away.text) == (412, False)
    assert "Paused" in (await it.get("/sources")).text
    await it.post(f"{one}/schedule", data={**sent, "version": "2", "enabled": "true"})
    assert stored(engine)[0].enabled is True

    running = await it.post(f"{one}/scan", data=sent)  # one is queued since it was added
    assert running.headers["location"] == "/scans/1"
    assert (await it.post("/scans/1/stop", data=sent)).status_code == 303
    assert "It stops after the page" in (await it.get("/scans/1")).text
    blocked = await it.post(f"{one}/remove", data={**sent, "version": "3", "name": "corp"})
    assert (blocked.status_code, "stop it first" in blocked.text or "Stop that first" in blocked.text) == (
        409,
        True,
    )
    checked = await it.post(f"{one}/check", data=sent)
    assert "It works: Acme of tests answered" in checked.text


async def test_what_would_go_is_counted_and_goes_only_by_name(it: httpx.AsyncClient, engine: Engine) -> None:
    with writing(engine) as connection:
        writer = Seed(connection)
        here, there = writer.source("cards"), writer.source("corp")
        alone, shared, kept = (
            writer.tool("Alone"),
            writer.tool("Shared"),
            writer.tool("Kept", on_it_list=True),
        )
        for tool, where in ((alone, (here,)), (shared, (here, there)), (kept, (here,))):
            writer.link(tool, sources=where)
        person, both = writer.person("Anna", "anna@acme.example"), writer.person("Bo", "bo@acme.example")
        there_now = {"active": True, "kind": "employee"}
        writer.account(here, person, details=there_now)
        writer.account(here, both, details=there_now)
        writer.account(there, both, details=there_now)
        listed = writer.app(here, alone, "Alone")
        writer.grant(here, listed, None, "email")
        writer.expense(here, alone)
    page = (await it.get(f"/sources/{here}/remove")).text
    for said in ("1 tool</b>", "1 more stays", "1 person</b>", "of 2 accounts", "1 permission", "1 payment"):
        assert said in page, said
    sent = {"form_secret": form_secret(page), "version": "1", "name": "Cards "}
    wrong = await it.post(f"/sources/{here}/remove", data=sent)
    assert (wrong.status_code, "Type the name cards" in wrong.text) == (422, True)
    gone = await it.post(f"/sources/{here}/remove", data={**sent, "name": "cards"})
    assert gone.headers["location"] == "/sources"
    assert [row.name for row in stored(engine)] == ["corp"]


@ONE
async def test_scans_are_narrowed_and_told_in_words(it: httpx.AsyncClient, engine: Engine) -> None:
    assert "Nothing was read yet" in (await it.get("/scans")).text
    with writing(engine) as connection:
        company = seed.company(connection)
        writer = Seed(connection)
        failed = writer.scan(
            company.ramp,
            "failed",
            error="The token is refused: make a new one.",
            error_permission="bills:read",
            error_kind="needs_admin",
        )
        stopped = writer.scan(company.okta, "partial", error="Stopped by hand.", error_kind="stopped")
    assert "The token is refused" in (await it.get("/scans?state=failed")).text
    only = (await it.get(f"/scans?source={company.ramp}&state=complete")).text
    assert "No scan fits" in only
    wrong = (await it.get("/scans?source=many&state=odd&cursor=x")).text
    assert "A filter in this address is not possible" in wrong
    assert "That page is no longer there" in (await it.get("/scans?cursor=abc")).text
    page = (await it.get(f"/scans/{failed}")).text
    assert "bills:read" in page
    assert "Read again" in page
    with writing(engine) as connection:
        connection.execute(sa.update(scans).where(scans.c.id == stopped).values(ended_at=seed.LATER))
    assert "The next scan goes on" not in (await it.get(f"/scans/{stopped}")).text  # that was days ago
    with writing(engine) as connection:
        connection.execute(sa.update(scans).where(scans.c.id == stopped).values(ended_at=NOW))
    for address in (f"/scans/{stopped}", f"/sources/{company.okta}"):
        assert "Go on reading" in (await it.get(address)).text
    assert (await it.get("/scans/999")).status_code == 404
    assert (await it.get("/scans/999/now")).status_code == 404


@ONE
async def test_watching_a_scan_keeps_no_login_alive(
    it: httpx.AsyncClient, app: FastAPI, engine: Engine
) -> None:
    with writing(engine) as connection:
        scan = Seed(connection).scan(Seed(connection).source("corp", "acme"), "running")
    by_script = {"Penumbra-By-Itself": "1"}
    followed = [
        (f"/scans/{scan}/now", {}),  # nothing but the script asks for this
        (f"/scans/{scan}", by_script),
        ("/scans", by_script),
        ("/sources", by_script),
    ]

    def login_seen(at: datetime | None = None) -> datetime | None:
        app.state.penumbra.sessions.forget()
        with writing(engine) as connection:
            if at:
                connection.execute(sa.update(sessions).values(last_seen_at=at))
            return connection.scalar(sa.select(sessions.c.last_seen_at))

    half_gone = NOW - IDLE / 2
    for address, headers in followed:
        login_seen(at=half_gone)
        answer = await it.get(address, headers=headers)
        assert answer.status_code == 200
        assert f'data-live="{address}"' in answer.text or address == f"/scans/{scan}"
        assert login_seen() == half_gone, address
    for address in (f"/scans/{scan}", "/scans", "/sources"):  # somebody pressed something
        login_seen(at=half_gone)
        assert (await it.get(address)).status_code == 200
        assert login_seen() == NOW, address
    secret = form_secret((await it.get("/sources")).text)
    login_seen(at=half_gone)
    pressed = await it.post(f"/scans/{scan}/stop", data={"form_secret": secret}, headers=by_script)
    assert pressed.status_code == 303
    assert login_seen() == NOW, "a form is sent by somebody"
    login_seen(at=NOW - IDLE)
    for address, headers in followed:
        assert (await it.get(address, headers=headers)).headers["location"].startswith("/login")


@ONE
async def test_nothing_connected_says_what_to_do(
    it: httpx.AsyncClient, app: FastAPI, tokens: dict[Role, str]
) -> None:
    page = (await it.get("/sources")).text
    assert "Nothing is connected yet" in page
    assert "/sources/new" in page
    async with browsing(app, tokens[Role.MARKETING]) as client:
        assert "Somebody of IT adds it here." in (await client.get("/sources")).text


@ONE
async def test_what_a_vendor_or_source_says_is_text(it: httpx.AsyncClient, engine: Engine) -> None:
    evil = "<script>alert(1)</script>"
    with writing(engine) as connection:
        writer = Seed(connection)
        source = writer.source("corp", "acme", account_name=evil, health="attention", health_text=evil)
        scan = writer.scan(source, "partial", error=evil, notes=[evil], skipped=1)
        writer.skip(scan, ref=evil, reason=evil)
        gone = writer.source("old", "no-longer-here", config={"base_url": evil})
    addresses = ["/sources", f"/sources/{source}", "/scans", f"/scans/{scan}", f"/scans/{scan}/now"]
    for address in (*addresses, f"/sources/{gone}"):
        answer = await it.get(address)
        assert answer.status_code == 200, address
        assert "<script>alert" not in answer.text
    assert "is no longer installed" in (await it.get(f"/sources/{gone}")).text
