"""The list of tools without a browser: what its address says, who may do what, what an error keeps."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.catalog.queries import ToolSort
from app.db import reading, writing
from app.security.schemas import Role
from app.web.tool_columns import COLUMNS, SORTS, USUAL, looks_of
from app.web.tool_filters import VIEWS, chosen, read
from tests.claims.support import Office
from tests.support.seed import Seed
from tests.web.test_pages import form_secret

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Visitors:
    """The office's people, each with a browser of their own."""

    def __init__(self, app: FastAPI, engine: Engine) -> None:
        self.office = Office(engine)
        self.engine = engine
        self._app = app
        self._open: list[httpx.AsyncClient] = []

    async def of(self, who: Any) -> httpx.AsyncClient:
        token = self.office.client(self._app, who).headers["Authorization"].removeprefix("Bearer ")
        return await self.by_token(token)

    async def by_token(self, token: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=True)
        client = httpx.AsyncClient(transport=transport, base_url="http://penumbra.test")
        self._open.append(client)
        assert (await client.post("/login", data={"token": token})).status_code == 303
        return client

    async def close(self) -> None:
        for client in self._open:
            await client.aclose()

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


@pytest.fixture
async def visitors(app: FastAPI, engine: Engine) -> AsyncIterator[Visitors]:
    made = Visitors(app, engine)
    yield made
    await made.close()


async def send(client: httpx.AsyncClient, address: str, **form: Any) -> httpx.Response:
    accept = form.pop("accept", "text/html")
    page = (await client.get("/tools?view=all")).text
    return await client.post(
        address, data={"form_secret": form_secret(page), **form}, headers={"Accept": accept}
    )


def headings(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*><a [^>]*>([^<]+?)\s*<', page)


def alerts(page: httpx.Response) -> list[str]:
    told = page.text.split('id="wrong"')[1].split("</div>")[0]
    return [html.unescape(line) for line in re.findall(r"<li>(.*?)</li>", told)]


def ticked(page: httpx.Response) -> list[str]:
    return re.findall(r'name="tool" value="([\d:]+)" aria-label="[^"]*" checked', page.text)


# --- the address -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "view"),
    [
        ([], "flagged"),
        ([("flagged", "true"), ("audience", "marketing")], "flagged"),
        ([("audience", "marketing"), ("category", "CRM")], "marketing"),
        ([("view", "all"), ("audience", "other")], "all"),
        ([("mine", "true")], "mine"),
        (list(dict(VIEWS[2][2]).items()), "unowned"),
        ([("q", "figma")], "all"),
    ],
)
def test_a_list_that_was_narrowed_down_is_still_that_list(address: list[tuple[str, str]], view: str) -> None:
    assert read(address, me=1).view == view


def test_each_filter_that_is_set_can_be_taken_away() -> None:
    filters = read(
        [
            ("flagged", "true"),
            ("governance", "unreviewed"),
            ("governance", "in_review"),
            ("source", "7"),
            ("min_people", "3"),
            ("first_seen_to", "2026-11-05"),
            ("cursor", "x"),
        ]
    )
    found = {one.text: one.without for one in chosen(filters, {"source": {"7": "Okta of Acme"}})}
    assert list(found) == [
        "Decision: Not decided yet",
        "Decision: Being decided",
        "Seen in: Okta of Acme",
        "People from 3",
        "First seen up to 5 Nov 2026",
    ]
    assert "governance=in_review&source=7" in found["Decision: Not decided yet"]
    assert all("cursor" not in address for address in found.values())
    last = read([("audience", "other")])
    assert last.without("audience") == "/tools?view=all", "not back to what waits for a decision"


def test_what_is_saved_is_compared_by_the_tools_that_it_shows() -> None:
    filters = read([("view", "all"), ("category", "B"), ("category", "A"), ("saved", "3"), ("cursor", "x")])
    text = filters.text(("people",), "tight")
    assert text == "view=all&category=B&category=A&col=name&col=people&density=tight"
    assert not filters.differs("category=A&category=B&sort=-people&col=owner")
    assert filters.differs("category=A")
    assert filters.differs("category=A&category=B&sort=name")


def test_every_order_has_words_and_every_column_can_be_chosen() -> None:
    assert set(SORTS) == {sort.value for sort in ToolSort}
    assert {column.sort for column in COLUMNS.values() if column.sort} <= {s.removeprefix("-") for s in SORTS}
    assert looks_of((), "", "").columns == USUAL
    assert looks_of(("name",), "", "people~tight").columns == ()
    kept = looks_of((), "", "people.owner.nonsense~tight")
    assert (kept.columns, kept.density, kept.cookie) == (("owner", "people"), "tight", "owner.people~tight")
    assert looks_of(("vendor",), "roomy", kept.cookie).cookie == "vendor~roomy"
    assert looks_of((), "x", "?~?") == looks_of((), "", "")


# --- what is shown ---------------------------------------------------------------------------


@ONE
async def test_columns_are_kept_in_the_address_and_remembered(visitors: Visitors) -> None:
    mara = await visitors.of(visitors.office.mara)
    answer = await mara.get("/tools?view=all&col=name&col=vendor&col=nonsense&density=tight&remember=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/tools?view=all&col=name&col=vendor&col=nonsense&density=tight"
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = (await mara.get("/tools?view=all")).text
    assert headings(page) == ["Tool", "Made by"]
    assert 'class="data list tight"' in page
    page = (await mara.get("/tools?view=all&col=people&density=roomy")).text
    assert headings(page) == ["Tool", "People"]


@ONE
async def test_the_file_has_the_filters_and_columns_as_shown_and_no_formulas(
    visitors: Visitors, engine: Engine
) -> None:
    evil = '=HYPERLINK("https://evil.example")'
    with writing(engine) as connection:
        seed = Seed(connection, _count=50)
        seed.tool(evil, vendor="@SUM(A1)", category="CRM", spend_minor=-1250, spend_currency="JPY", people=3)
        seed.tool("Elsewhere", category="Design")
    visitors.office.claims(visitors.office.mara)
    mara = await visitors.of(visitors.office.mara)
    answer = await mara.get("/tools.csv?category=CRM&col=name&col=vendor&col=spend&col=last_seen&view=all")
    assert answer.headers["content-disposition"] == 'attachment; filename="tools.csv"'
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["Tool", "Category", "Spend, 12 months", "Currency", "Last seen", "Made by"],
        ["'" + evil, "Crm", "-1250", "JPY", "2026-11-18T09:15:30Z", "'@SUM(A1)"],
    ]
    lines = list(csv.reader(io.StringIO((await mara.get("/tools.csv?q=hubspot&col=owner")).text)))
    assert lines[1] == ["HubSpot", "No category yet", "Mara"]
    german = await mara.get("/tools.csv?q=hubspot", headers={"Accept-Language": "de"})
    assert german.text.count("\n") == 2
    mara.cookies.clear()
    assert (await mara.get("/tools.csv")).headers["location"].startswith("/login")


@ONE
async def test_a_part_of_the_page_is_the_same_list(visitors: Visitors) -> None:
    mara = await visitors.of(visitors.office.mara)
    part = await mara.get("/tools/part?q=hubspot&min_people=lots")
    assert part.status_code == 200
    assert "<html" not in part.text
    for id_ in ("views", "facets", "found", "actions", "results", "wrong"):
        assert part.text.count(f'id="{id_}"') == 1, id_
    assert "<b>1 tool</b>" in part.text
    assert f"/tools/{visitors.office.hubspot}" in part.text


@ONE
async def test_each_role_sees_what_it_may_do(visitors: Visitors, tokens: dict[Role, str]) -> None:
    office = visitors.office
    mara = (await (await visitors.of(office.mara)).get("/tools?view=all")).text
    ida = (await (await visitors.of(office.ida)).get("/tools?view=all")).text
    adam = (await (await visitors.of(office.adam)).get("/tools?view=all")).text
    claim = 'name="claim" value="{}:0"'
    assert claim.format(office.hubspot) in mara
    assert claim.format(office.github) in mara
    assert claim.format(office.hubspot) not in ida, "IT owns no marketing tool"
    assert claim.format(office.github) in ida
    assert 'id="bar"' in ida
    for page in (adam, (await (await visitors.by_token(tokens[Role.READER])).get("/tools?view=all")).text):
        assert 'name="claim"' not in page
        assert 'id="bar"' not in page
    machine = await visitors.by_token(tokens[Role.IT])
    assert "takes a person" in (await machine.get("/tools?view=all")).text
    refused = await send(machine, "/tools/bulk", do="claim", tool=f"{office.github}:0")
    assert (refused.status_code, "This takes a person" in refused.text) == (403, True)


@ONE
async def test_empty_lists_say_why_and_what_to_do(
    visitors: Visitors, engine: Engine, anonymous: httpx.AsyncClient
) -> None:
    mara = await visitors.of(visitors.office.mara)
    for address, heading in (
        ("/tools?mine=true", "No tool is yours yet"),
        ("/tools?q=nothing+of+the+kind", "No tool fits"),
        ("/tools?mine=true&q=x", "Search all tools for “x”"),
    ):
        assert heading in (await mara.get(address)).text, address
    with writing(engine) as connection:
        connection.execute(sa.update(models.tools).values(flagged=False))
    assert "Nothing waits for a decision" in (await mara.get("/tools")).text
    with writing(engine) as connection:
        connection.execute(sa.update(models.tools).values(listed=False))
    assert "No tool has been found yet" in (await mara.get("/tools")).text
    assert "adds it under “Sources”" in (await mara.get("/tools")).text
    ida = await visitors.of(visitors.office.ida)
    assert "Look at the sources" in (await ida.get("/tools")).text


# --- many at once ----------------------------------------------------------------------------


async def test_what_is_refused_is_said_and_stays_ticked(visitors: Visitors) -> None:
    office = visitors.office
    office.claims(office.nils, office.github)
    mara = await visitors.of(office.mara)
    both = [f"{office.hubspot}:0", f"{office.github}:0"]
    answer = await send(mara, "/tools/bulk", do="claim", tool=both, next="/tools?view=all&sort=name")
    assert answer.status_code == 409
    assert alerts(answer) == [
        "1 tool is yours now.",
        "GitHub: Somebody changed its owner while you were reading: look at it again.",
    ]
    assert ticked(answer) == [f"{office.github}:1"], "at the version that is there now"
    assert office.standing(office.hubspot).owner == office.mara.id
    again = await send(mara, "/tools/bulk", do="claim", tool=f"{office.github}:1", accept="application/json")
    assert again.json() == {
        "done": 0,
        "said": "0 tools are yours now.",
        "refused": [
            {
                "tool": office.github,
                "message": "GitHub: Nils owns “GitHub”: contest it or ask to co-own it.",
            }
        ],
    }
    assert [e["kind"] for e in visitors.rows(models.claim_events)] == ["claimed", "claimed"]


async def test_declining_and_setting_aside_keep_what_was_typed(visitors: Visitors) -> None:
    office = visitors.office
    olga = await visitors.of(office.olga)  # nobody knows her department
    form = {"do": "decline", "tool": f"{office.hubspot}:0", "reason": "personal", "note": "hers & alone"}
    answer = await send(olga, "/tools/bulk", **form)
    assert answer.status_code == 409
    assert alerts(answer) == ["HubSpot: Say for which department."]
    assert "hers &amp; alone</textarea>" in answer.text
    assert '<option value="personal" selected>' in answer.text
    done = await send(olga, "/tools/bulk", **form, department="Brand", next="/tools?view=all")
    assert (done.status_code, done.headers["location"]) == (303, "/tools?view=all")
    assert [d.note for d in office.standing().declines] == ["hers & alone"]

    answer = await send(olga, "/tools/bulk", do="aside", tool=f"{office.hubspot}:1", why=" ")
    assert answer.status_code == 422
    assert alerts(answer) == ["Say why the tools should be set aside: both sides read it before they sign."]
    assert ticked(answer) == [f"{office.hubspot}:1"]
    assert (
        await send(olga, "/tools/bulk", do="aside", tool=f"{office.hubspot}:1", why="No tool")
    ).status_code == 303
    (review,) = visitors.rows(models.reviews)
    assert (review["tool_id"], review["state"]) == (office.hubspot, "open")
    assert [e["kind"] for e in visitors.rows(models.review_events)] == ["opened", "proposed"]
    again = await send(olga, "/tools/bulk", do="review", tool=f"{office.hubspot}:1")
    assert "is under review already" in alerts(again)[0]


@ONE
@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "claim"}, "Choose at least one tool"),
        ({"do": "burn", "tool": "1:0"}, "Say what to do"),
        ({"do": "claim", "tool": "1"}, "no longer valid"),
        ({"do": "claim", "tool": "1:x"}, "no longer valid"),
        ({"do": "claim", "tool": f"{10**20}:0"}, "no longer valid"),
        ({"do": "decline", "tool": "1:0", "reason": "duplicate"}, "Say why the tools are not yours"),
        ({"do": "claim", "tool": [f"{n}:0" for n in range(1, 202)]}, "At most 200"),
    ],
)
async def test_a_form_that_cannot_be_right_does_nothing(
    visitors: Visitors, form: dict[str, Any], said: str
) -> None:
    mara = await visitors.of(visitors.office.mara)
    answer = await send(mara, "/tools/bulk", **form)
    assert answer.status_code == 422
    assert said in alerts(answer)[0]
    quick = await send(mara, "/tools/bulk", **form, accept="application/json")
    assert (quick.status_code, quick.json()["done"]) == (422, 0)
    assert said in quick.json()["said"]
    assert visitors.rows(models.claim_events) == []


@ONE
async def test_a_form_from_elsewhere_does_nothing_and_leads_nowhere_else(visitors: Visitors) -> None:
    office = visitors.office
    mara = await visitors.of(office.mara)
    form = {"do": "claim", "tool": f"{office.hubspot}:0", "next": "https://evil.example/"}
    assert (await mara.post("/tools/bulk", data={**form, "form_secret": "guess"})).status_code == 403
    assert office.standing().owner is None
    done = await send(mara, "/tools/bulk", **form)
    assert done.headers["location"] == "/"
    assert (await mara.get("/tools/bulk")).headers["location"] == "/tools"


# --- saved lists -----------------------------------------------------------------------------


async def test_a_list_is_saved_opened_changed_and_removed(visitors: Visitors) -> None:
    office = visitors.office
    mara, nils = await visitors.of(office.mara), await visitors.of(office.nils)
    text = "view=all&category=CRM&col=name&col=people&density=tight"
    made = await send(mara, "/tools/views", name="CRM <b>", query=text)
    assert made.status_code == 303
    link = made.headers["location"]
    page = (await mara.get(link)).text
    assert "The list “CRM &lt;b&gt;” is saved." in page
    assert "CRM <b>" not in page
    assert 'name="col" value="people" checked' in page
    assert 'name="col" value="owner" >' in page
    assert 'aria-current="page" title="Saved by you">CRM &lt;b&gt;' in page
    assert "Save the changes" not in page
    changed = (await mara.get(f"{link}&view=all&category=CRM&sort=name")).text
    assert "Save the changes" in changed

    closed = await nils.get(link)
    assert "no longer there, or its maker does not share it" in alerts(closed)[0]
    id_ = link.rpartition("=")[2]
    assert (await send(nils, f"/tools/views/{id_}", do="keep", query="")).status_code == 404
    assert (
        await send(mara, f"/tools/views/{id_}", do="change", name="CRM", shared="true")
    ).status_code == 303
    opened = (await nils.get(link)).text
    assert 'title="Saved by Mara">CRM' in opened
    assert "Save this list" in opened
    assert (await send(nils, f"/tools/views/{id_}", do="remove")).status_code == 403

    kept = await send(mara, f"/tools/views/{id_}", do="keep", query="audience=other")
    assert kept.headers["location"] == link
    assert visitors.rows(models.saved_views)[0]["query"] == "audience=other"
    assert "GitHub" in (await nils.get(link)).text
    assert (await send(mara, f"/tools/views/{id_}", do="remove")).headers["location"] == "/tools"
    assert visitors.rows(models.saved_views) == []


@ONE
async def test_a_list_that_cannot_be_saved_is_told_with_what_was_typed(visitors: Visitors) -> None:
    mara = await visitors.of(visitors.office.mara)
    assert (await send(mara, "/tools/views", name="Mine", query="q=a")).status_code == 303
    again = await send(mara, "/tools/views", name="Mine", query="q=hubspot", shared="true")
    assert again.status_code == 409
    assert alerts(again) == ["You have a list called “Mine” already."]
    assert 'id="again-name" name="name" maxlength="80" required value="Mine"' in again.text
    assert "<b>1 tool</b>" in again.text, "the list that was to be saved"
    assert (await send(mara, "/tools/views", name=" ", query="q=a")).status_code == 422
    assert (await send(mara, "/tools/views", name="x", query="evil=1")).status_code == 422
