"""The page of one tool without a browser: who may do what, what is kept when it goes wrong, escaping."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.api.state import reassess
from app.db import reading, writing
from app.models import claim_events, teachings
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.support import seed
from tests.support.seed import Company, Seed

TABS = ("overview", "people", "permissions", "cost", "evidence", "history")
Enter = Callable[..., "asynccontextmanager[Person]"]


class Person:
    """Somebody's browser."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.secret = ""

    async def see(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        found = re.search(r'name="form_secret" value="([^"]+)"', answer.text)
        self.secret = found[1] if found else self.secret
        return answer.text

    async def send(self, path: str, **form: object) -> httpx.Response:
        if not self.secret:
            await self.see("/account")
        return await self.client.post(path, data={"form_secret": self.secret, **form})

    async def does(self, path: str, **form: object) -> str:
        """Send a form that is followed; what is said then."""
        answer = await self.send(path, **form)
        assert answer.status_code == 303, answer.text
        page = (await self.client.get(answer.headers["location"])).text
        said = re.search(r'<p class="said-once" role="status">.*?</svg>\s*(.*?)</p>', page, re.DOTALL)
        assert said is not None, page
        return said[1]


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


@pytest.fixture
def enter(app: FastAPI, engine: Engine) -> Enter:
    """Log somebody in, by name and role; `of=""` for a service."""

    @asynccontextmanager
    async def entered(name: str, role: Role, *, person: bool = True) -> AsyncIterator[Person]:
        with writing(engine) as connection:
            user = None
            if person:
                wanted = UserIn(email=f"{name.lower()}@acme.example", name=name, roles=[role])
                user = users.create_user(connection, wanted, actor="test", now=NOW).id
            text = create_token(connection, name, role, user_id=user, actor="test", now=NOW)[1]
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://penumbra.test"
        ) as client:
            assert (await client.post("/login", data={"token": text})).status_code == 303
            yield Person(client)

    return entered


def count(engine: Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


async def test_each_role_reads_each_tab(company: Company, enter: Enter) -> None:
    for role in (Role.READER, Role.MARKETING, Role.IT, Role.AUDITOR, Role.ADMIN):
        async with enter(role.value.title(), role) as who:
            for tool in (company.hubspot, company.github):
                for tab in TABS:
                    page = await who.see(f"/tools/{tool}?tab={tab}")
                    assert "<h1>" in page
                    if role in {Role.READER, Role.AUDITOR}:
                        assert f'action="/tools/{tool}' not in page, "nothing is offered that is refused"
                        assert "/correct" not in page
    async with enter("Rosa", Role.READER) as who:
        assert "Why it waits for a decision" in await who.see(f"/tools/{company.hubspot}?tab=nonsense")
        for tab in TABS:
            assert "<h1>" in await who.see(f"/tools/{company.hubspot}?tab={tab}&cursor=old")
        for path in ("merge", "correct", "undo/1"):
            await who.see(f"/tools/{company.hubspot}/{path}", 403)


async def test_empty_tabs_say_why_and_what_to_do(engine: Engine, enter: Enter) -> None:
    with writing(engine) as connection:
        bare = Seed(connection).tool("Bare", flagged_reasons=[])
    async with enter("Ivo", Role.IT) as ivo:
        told = {
            "overview": "No payment was seen. It may be free",
            "people": "Names come from sign-in systems",
            "permissions": "Permissions come from Google",
            "cost": "paid in a way that no source shows",
            "evidence": "There is no evidence left",
            "history": "It was first seen on",
        }
        for tab, text in told.items():
            assert text in await ivo.see(f"/tools/{bare}?tab={tab}")


async def test_claiming_from_elsewhere_leads_back_and_never_to_another_site(
    company: Company, enter: Enter, engine: Engine
) -> None:
    async with enter("Mara", Role.MARKETING) as mara:
        home = await mara.send(f"/tools/{company.hubspot}/claim", next="/?a=b")
        assert (home.status_code, home.headers["location"]) == (303, "/?a=b")
        away = await mara.send(f"/tools/{company.canva}/claim", next="https://evil.example", version="0")
        assert away.headers["location"] == "/"
    assert count(engine, claim_events) == 2
    async with enter("Nils", Role.MARKETING) as nils:
        late = await nils.send(f"/tools/{company.hubspot}/claim")
        assert late.status_code == 409
        assert "Mara owns “HubSpot CRM”: contest it or ask to co-own it." in late.text
        assert "Mara does." in late.text, "the page shows what holds now"
        stale = await nils.send(f"/tools/{company.canva}/contest", version="0", reason="It is <ours>")
        assert stale.status_code == 412
        assert "Who owns this tool changed since you opened it. Open it again" in stale.text
        assert "now.)" not in stale.text, "a version’s number is for programs"
        assert "It is &lt;ours&gt;</textarea>" in stale.text, "what was typed is kept"
        empty = await nils.send(f"/tools/{company.canva}/contest", reason=" ")
        assert (empty.status_code, "Reason: " in empty.text) == (422, True)


async def test_who_may_not_is_told_kindly(company: Company, enter: Enter) -> None:
    async with enter("robot", Role.MARKETING, person=False) as robot:
        page = await robot.see(f"/tools/{company.hubspot}")
        assert "A person claims it, logged in as themselves" in page
        refused = await robot.send(f"/tools/{company.hubspot}/claim")
        assert refused.status_code == 403
        assert "This takes a person who is logged in as themselves" in refused.text
    async with enter("Rosa", Role.READER) as rosa:
        for deed in ("claim", "co-own", "attest", "release", "accept", "withdraw"):
            assert (await rosa.send(f"/tools/{company.hubspot}/{deed}")).status_code in {403, 409}, deed
        for path in ("confirm", "merge", "correct", "keep-apart", "undo/1"):
            form = {"version": "1", "into": str(company.canva), "other": str(company.canva)}
            answer = await rosa.send(f"/tools/{company.hubspot}/{path}", **form)
            assert answer.status_code == 403, path


async def test_declining_asks_for_what_is_missing(company: Company, enter: Enter) -> None:
    async with enter("Mara", Role.MARKETING) as mara:
        page = await mara.see(f"/tools/{company.hubspot}")
        assert "For which department?" in page, "hers is not in the directory"
        answer = await mara.send(
            f"/tools/{company.hubspot}/decline", reason="unknown", note="Never heard of it"
        )
        assert answer.status_code == 422
        assert "Say for which department" in answer.text
        assert "Never heard of it</textarea>" in answer.text
        assert '<option value="unknown" selected>' in answer.text
        wrong = await mara.send(f"/tools/{company.hubspot}/decline", reason="because", department="Marketing")
        assert (wrong.status_code, "Reason: " in wrong.text) == (422, True)
        said = await mara.does(f"/tools/{company.hubspot}/decline", reason="unknown", department="Marketing")
        assert said == "HubSpot CRM is no longer offered to Marketing."


async def test_a_steward_and_a_shared_tool(company: Company, enter: Enter) -> None:
    async with enter("Mara", Role.MARKETING) as mara, enter("Nils", Role.MARKETING) as nils:
        address = f"/tools/{company.hubspot}"
        await mara.does(f"{address}/claim")
        assert await nils.does(f"{address}/co-own") == "Mara is asked to share it with you."
        page = await mara.see(address)
        asker = re.search(r'name="user" value="(\d+)"', page)
        assert asker is not None
        assert await mara.does(f"{address}/accept", user=asker[1]) == "They co-own it now."
        assert "Together with" in await nils.see(address)
        assert await nils.does(f"{address}/release") == "Mara answers for it."
        nobody = await mara.send(f"{address}/hand-over", to="")
        assert (nobody.status_code, "To whom: choose one of the list." in nobody.text) == (422, True)
        assert await mara.does(f"{address}/attest") == "Thank you: you still answer for it."
        assert await mara.does(f"{address}/release", reason="Moved on") == "Nobody answers for it now."
    async with enter("Ivo", Role.IT) as ivo:
        page = await ivo.see(address)
        me = re.search(r'<select id="steward-user".*?value="(\d+)" selected', page, re.DOTALL)
        assert me is not None
        assert await ivo.does(f"{address}/steward", user=me[1]) == "Ivo looks after it for IT now."


async def test_what_would_move_is_shown_and_only_then_done(
    company: Company, enter: Enter, engine: Engine
) -> None:
    async with enter("Ivo", Role.IT) as ivo:
        address = f"/tools/{company.canva}"
        page = await ivo.see(f"{address}/merge?q=hubspot&into={company.hubspot}")
        assert "Canva becomes part of HubSpot" in page
        assert "“Canva Teams” in corp → HubSpot" in page
        assert count(engine, teachings) == 0
        assert (
            "changed since"
            in (await ivo.send(f"{address}/merge", into=str(company.hubspot), version="9")).text
        )
        assert "into itself" in await ivo.see(f"{address}/merge?into={company.canva}", 422)
        assert "there is no tool 9999" in await ivo.see(f"{address}/merge?into=9999", 422)
        assert "No other tool has these words" in await ivo.see(f"{address}/merge?q=%3Cb%3E")
        said = await ivo.does(f"{address}/merge", into=str(company.hubspot), version="1")
        assert said == "“Canva” is part of “HubSpot” now. You can undo that under Evidence."
        assert (await ivo.client.get(f"{address}/merge")).headers["location"] == f"/tools/{company.hubspot}"

        link = re.search(
            rf'href="(/tools/{company.hubspot}/undo/\d+)"',
            await ivo.see(f"/tools/{company.hubspot}?tab=evidence"),
        )
        assert link is not None
        undo = link[1]
        assert "Ivo said that “Canva” is the same as “HubSpot”." in await ivo.see(undo)
        assert await ivo.does(undo, reason="They are two") == "That is undone: everything is where it was."
        assert "was undone already" in await ivo.see(undo, 422)
        again = await ivo.send(undo)
        assert (again.status_code, "was undone already" in again.text) == (409, True)
        assert "Ivo took that back" in await ivo.see(f"/tools/{company.hubspot}?tab=history")
        await ivo.see(f"/tools/{company.hubspot}/undo/77", 404)


async def test_this_is_wrong_in_every_way(company: Company, enter: Enter, engine: Engine) -> None:
    async with enter("Ivo", Role.IT) as ivo:
        address = f"/tools/{company.hubspot}"
        page = await ivo.see(f"{address}?tab=evidence")
        app = re.search(r"correct\?app=(\d+)", page)
        assert app is not None
        app_id = app[1]
        assert "tick at least one" in await ivo.see(f"{address}/correct?to=unknown", 422)
        assert "Say what it is instead" in await ivo.see(f"{address}/correct?app={app_id}&to=what", 422)
        assert "Name: " in await ivo.see(f"{address}/correct?app={app_id}&to=new&name=+", 422)
        wrong = await ivo.see(f"{address}/correct?app={app_id}&to=new&name=Hub&domain=not%20one", 422)
        assert "Web address: write a public host name" in wrong
        assert 'value="not one"' in wrong
        assert "not evidence of" in await ivo.see(f"{address}/correct?app=999&to=unknown", 422)
        found = await ivo.see(f"{address}/correct?app={app_id}&q=mailchi")
        assert 'value="product:mailchimp"' in found
        shown = await ivo.see(f"{address}/correct?app={app_id}&to=product:mailchimp")
        assert "“HubSpot CRM” in corp → Mailchimp" in shown
        assert count(engine, teachings) == 0
        version = re.search(r'name="version" value="(\d+)"', shown)
        assert version is not None
        form = {"app": app_id, "to": "new", "name": "Hub", "version": version[1]}
        assert (
            await ivo.does(f"{address}/correct", **form)
            == "It belongs to “Hub” now. You can undo that under Evidence."
        )
        late = await ivo.send(f"{address}/correct", **form)
        assert late.status_code == 412


async def test_right_apart_and_asked(company: Company, enter: Enter) -> None:
    async with enter("Ivo", Role.IT) as ivo:
        address = f"/tools/{company.canva}"
        said = await ivo.does(f"{address}/confirm", version="1", app="2")
        assert said.startswith("Thank you: it stays so")
        assert "Said by a person" in await ivo.see(f"{address}?tab=evidence")
        stale = await ivo.send(f"{address}/confirm", version="1", app="2")
        assert (stale.status_code, "tool was changed since you opened it. Open it again" in stale.text) == (
            412,
            True,
        )
        apart = await ivo.does(f"/tools/{company.hubspot}/keep-apart", version="1", other=str(company.canva))
        assert apart == "They are kept apart, and not suggested again."
        nobody = await ivo.send(f"{address}/ask", person=str(company.anna))
        assert (nobody.status_code, "No e-mail channel is set up" in nobody.text) == (409, True)


async def test_names_from_vendors_are_text_on_every_tab(engine: Engine, enter: Enter) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    with writing(engine) as connection:
        writer = Seed(connection)
        tool = writer.tool(evil, vendor=evil, category=evil, flagged_reasons=[evil], risk_reasons=[evil])
        source = writer.source()
        app = writer.app(source, tool, evil, why=evil, publisher=evil, risks=[evil])
        account = writer.account(source, writer.person(evil, department=evil))
        writer.grant(source, app, account, evil)
        writer.expense(source, tool, account, merchant=evil, department=evil)
        writer.link(tool, sources=(source,), departments={evil: 1})
    async with enter("Ivo", Role.IT) as ivo:
        pages = [f"/tools/{tool}?tab={tab}" for tab in TABS]
        for address in (
            *pages,
            f"/tools/{tool}/merge?q=%3Cscript%3E",
            f"/tools/{tool}/correct?app={app}&q=%3Cscript%3E",
        ):
            text = await ivo.see(address)
            assert "<script>alert" not in text
            assert "<img src=x" not in text
            assert "&lt;script&gt;" in text


async def test_what_is_paid_again_and_again(
    company: Company, enter: Enter, engine: Engine, client: httpx.AsyncClient
) -> None:
    with writing(engine) as connection:
        writer = Seed(connection, _count=100)
        source = writer.source("bank", "ramp")
        monthly = writer.tool("Monthly", category="CE-EMAIL")
        for month in range(3, 12):
            day = date(2026, month, 9)
            writer.expense(source, monthly, occurred_on=day, amount_minor=3000, merchant="MONTHLY INC")
        reassess(connection, [monthly], NOW)
    async with enter("Ivo", Role.IT) as ivo, enter("Rosa", Role.READER) as rosa:
        page = await ivo.see(f"/tools/{monthly}")
        assert "next expected on" in page
        assert f'href="/spend/contracts/new?tool={monthly}"' in page
        assert "/spend/contracts/new" not in await rosa.see(f"/tools/{monthly}")

        terms = {
            "starts_on": "2026-03-01",
            "renews_on": "2027-03-01",
            "term_months": 12,
            "auto_renews": True,
            "notice_days": 30,
        }
        price = {"amount_minor": 240_000, "currency": "EUR", "per": "yearly", "seats": 25}
        made = await client.post(f"/api/v1/tools/{company.canva}/contracts", json={**terms, **price})
        assert made.status_code == 201, made.text
        for tab in ("overview", "cost"):
            text = " ".join(
                re.sub(r"<[^>]+>", " ", await rosa.see(f"/tools/{company.canva}?tab={tab}")).split()
            )
            assert "By contract €2,400 a year for 25 seats" in text
            assert "Renews 1 Mar 2027" in text
            assert "Last day to give notice 30 Jan 2027" in text
