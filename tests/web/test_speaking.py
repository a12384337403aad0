"""A German reader is answered in German, an API in English, and nothing German is stored."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from app.language.catalogs import catalog
from tests.security.test_sessions import browsing
from tests.support import fake_connector
from tests.support.fake_connector import SECRET
from tests.support.seed import Seed
from tests.web.review_table import Client, Table, all_fine, send, shown
from tests.web.test_pages import form_secret

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GERMAN = {"Accept-Language": "de-DE,de;q=0.9"}


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_connector.install(monkeypatch)


@pytest.fixture
async def table(app: FastAPI, engine: Engine) -> AsyncIterator[Table]:
    made = Table(app, engine)
    yield made
    for client in made.open:
        await client.aclose()


async def german(table: Table, who: str) -> Client:
    client = await table.browser(who)
    client.headers.update(GERMAN)
    return client


async def test_an_error_page_is_in_the_readers_language(table: Table) -> None:
    ida = await german(table, "ida")
    for address, title, said in (
        ("/tools/987654", "Nicht gefunden", "Es gibt kein Tool 987654."),
        ("/reviews/987654", "Nicht gefunden", "Es gibt keine Prüfung 987654."),
        ("/no/such/place", "Nicht gefunden", "Unter dieser Adresse gibt es nichts."),
    ):
        answer = await ida.get(address)
        assert (answer.status_code, f"<h1>{title}</h1>" in answer.text) == (404, True)
        assert said in answer.text
    ida.headers["Accept-Language"] = "en"
    assert "There is no tool 987654." in (await ida.get("/tools/987654")).text


async def test_who_is_not_logged_in_is_refused_in_their_language(app: FastAPI) -> None:
    async with browsing(app, **GERMAN) as nobody:
        refused = await nobody.post("/login", data={"token": "pen_nonsense"})
        assert (refused.status_code, "Das Token ist hier nicht bekannt." in refused.text) == (401, True)


@pytest.mark.usefixtures("acme")
async def test_refusals_and_faults_of_fields_are_in_the_readers_language(table: Table) -> None:
    mara, ida = await german(table, "mara"), await german(table, "ida")
    tool = table.company.hubspot
    page = await shown(mara, f"/tools/{tool}")
    first = await mara.post(f"/tools/{tool}/claim", data={"form_secret": form_secret(page)})
    assert first.status_code == 303
    page = await shown(ida, f"/tools/{tool}")
    late = await ida.post(f"/tools/{tool}/claim", data={"form_secret": form_secret(page)})
    assert re.findall(r'<p class="error">(.*?)</p>', late.text) == [
        "Mara ist verantwortlich für „HubSpot CRM“: Bitte das Tool beanspruchen oder um Mitverantwortung "
        "bitten."
    ]
    review = await table.start(ida, tool)
    refused = await send(ida, review, "answer", question="77", text="x")
    assert "Es gibt keine Frage 77." in refused.text
    refused = await send(ida, review, "attach", link="https://x.example", title=" ")
    assert "bitte mindestens ein Wort schreiben" in refused.text
    page = await shown(ida, "/sources/new/acme")
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    wrong = {**form, "name": "corp", "minutes": "360", "c.token": SECRET, "c.days": "999", "do": "check"}
    assert "Bitte eine Zahl bis 365 angeben" in (await ida.post("/sources/new/acme", data=wrong)).text


async def test_reasons_permissions_and_health_are_told_in_the_readers_language(
    table: Table, engine: Engine
) -> None:
    with writing(engine) as connection:
        tool = Seed(connection).tool(
            "Frob",
            flagged_reasons=["It is in use (last seen 05 March 2026)."],
            risk_reasons=["“Frob” is one letter away from Frop."],
        )
        connection.execute(
            sa.update(models.sources).values(health_text="Read completely.", health="ok", enabled=True)
        )
    ida = await german(table, "ida")
    page = await shown(ida, f"/tools/{tool}")
    assert "Es ist im Einsatz (zuletzt gesehen am 5. März 2026)." in page
    assert "„Frob“ ist nur einen Buchstaben von Frop entfernt." in page
    grants = await shown(ida, "/grants")
    assert ("lesen" in grants, "read all your" in grants) == (True, False)
    assert "Vollständig gelesen" in await shown(ida, "/sources")
    assert "Die Adresse, unter der man sich anmeldet" in await shown(ida, "/sources/new/okta")
    asked = await shown(ida, "/ask?what=Frobnix+Unheard")
    assert "Hier kennt es noch niemand" in asked
    assert "Über Frobnix Unheard hat noch niemand entschieden: Bitte vor dem Kauf fragen." in asked
    policy = await shown(ida, "/policy")
    assert "Etwas warnt davor, und das muss zuerst geklärt werden." in policy


async def test_the_api_answers_in_english_whatever_is_accepted(
    table: Table, client: httpx.AsyncClient
) -> None:
    gone = await client.get("/api/v1/tools/987654", headers=GERMAN)
    assert gone.json()["detail"] == "There is no tool 987654."
    wrong = await client.get("/api/v1/tools?limit=0", headers=GERMAN)
    assert wrong.json()["errors"][0]["message"] == "Input should be greater than or equal to 1"
    tool = (await client.get(f"/api/v1/tools/{table.company.hubspot}", headers=GERMAN)).json()
    assert all(reason.isascii() for reason in tool["flagged_reasons"])
    answer = (await client.get("/api/v1/requests/answer?what=Frobnix", headers=GERMAN)).json()
    assert answer["headline"] == "Nobody has decided on Frobnix yet: ask before you buy it."


def german_pieces() -> list[str]:
    """What no English text holds: the German texts, and what stands in them between two holes."""
    held = catalog("de")._catalog.items()  # type: ignore[attr-defined]
    pairs = [(str(said), str(text)) for said, text in held if said and text and isinstance(text, str)]
    pieces = {
        piece.strip() for _said, text in pairs for piece in re.split(r"%\(\w+\)s|%%", text) if len(piece) > 11
    }
    english = "\n".join(said for said, _text in pairs)
    return sorted(piece for piece in pieces if piece not in english and " " in piece)


def everything_stored(engine: Engine) -> str:
    with reading(engine) as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        rows = [row for table in tables.sorted_tables for row in connection.execute(sa.select(table))]
    return "\n".join(str(value) for row in rows for value in row if isinstance(value, str | dict | list))


@pytest.mark.usefixtures("acme")
async def test_nothing_german_is_stored_when_a_german_acts(table: Table, engine: Engine) -> None:
    company = table.company
    ida, mara = await german(table, "ida"), await german(table, "mara")

    async def does(client: Client, page: str, address: str, status: int = 303, **form: str) -> None:
        secret = form_secret(await shown(client, page))
        sent = await client.post(address, data={"form_secret": secret, **form})
        assert sent.status_code == status, sent.text

    await does(mara, f"/tools/{company.hubspot}", f"/tools/{company.hubspot}/claim")
    await does(mara, "/ask?what=Frobnix", "/ask", what="Frobnix", need="News")
    await does(
        ida,
        f"/tools/{company.canva}/merge",
        f"/tools/{company.canva}/merge",
        into=str(company.hubspot),
        version="1",
    )
    review = await table.start(mara, company.hubspot)
    for client in (ida, mara):
        fine = all_fine(await shown(client, review))
        assert (await send(client, review, "assess", **fine)).status_code == 303
    assert (await send(ida, review, "comment", text="Fine.")).status_code == 303
    terms = {"outcome": "retire", "plan": "Stop.", "retire_by": "2027-03-01", "rationale": "So."}
    assert (await send(mara, review, "propose", **terms)).status_code == 303
    for client in (ida, mara):
        number = re.search(r'name="proposal" value="(\d+)"', await shown(client, review))
        assert number
        signed = await send(client, review, "sign", proposal=number[1], rationale="Yes.")
        assert signed.status_code == 303, signed.text
    planned = await send(ida, review, "plan/make", plan_due="2027-02-01")
    assert planned.status_code == 303, planned.text
    page = await shown(ida, "/sources/new/acme")
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form |= {"name": "corp2", "minutes": "360", "c.token": SECRET, "do": "check"}
    checked = await ida.post("/sources/new/acme", data=form)
    draft = checked.text.split('name="draft" value="')[1].split('"', maxsplit=1)[0]
    saved = await ida.post("/sources/new/acme", data={**form, "c.token": "", "draft": draft, "do": "save"})
    assert saved.status_code == 303, saved.text

    stored = everything_stored(engine)
    assert "corp2" in stored
    assert len(german_pieces()) > 2000
    assert [piece for piece in german_pieces() if piece in stored] == []


def test_the_search_for_german_finds_it(engine: Engine) -> None:
    with writing(engine) as connection:
        Seed(connection).tool("Frob", flagged_reasons=["Es ist ein Marketing-Tool."])
    stored = everything_stored(engine)
    assert [piece for piece in german_pieces() if piece in stored] == [
        "Es ist ein Marketing-Tool.",
        "ein Marketing-Tool",
    ]
