"""The list of tools: every filter, search, sorting and paging; and one tool with all that belongs to it."""

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.api.paging import encode_cursor
from app.catalog.queries import ToolSort
from app.catalog.schemas import ToolItem
from app.db import writing
from app.security.schemas import Role
from tests.support import seed
from tests.support.seed import Company, Seed


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


async def names(client: httpx.AsyncClient, query: str) -> list[str]:
    answer = await client.get(f"/api/v1/tools?{query}")
    assert answer.status_code == 200, answer.text
    return [tool["name"] for tool in answer.json()["items"]]


async def test_a_listed_tool_is_what_the_description_says(
    client: httpx.AsyncClient, company: Company
) -> None:
    body = (await client.get("/api/v1/tools?sort=name&total=true")).json()
    assert body["total"] == 3
    assert [ToolItem.model_validate(item).name for item in body["items"]] == ["Canva", "GitHub", "HubSpot"]
    assert body["items"][2] == {
        "id": company.hubspot,
        "name": "HubSpot",
        "vendor": "HubSpot, Inc.",
        "domain": "hubspot.com",
        "category": "CRM",
        "identity": "identified",
        "evidence": "active",
        "governance": "unreviewed",
        "ownership": "unowned",
        "audience": "marketing",
        "managed": False,
        "shadow": True,
        "flagged": True,
        "people": 2,
        "grant_grade": "high",
        "spend_minor": 9800,
        "spend_currency": "USD",
        "sources": ["cards", "corp"],
        "first_seen": "2026-09-01T08:30:00Z",
        "last_seen": "2026-11-18T09:15:30Z",
        "passed_until": None,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("flagged=true", ["Canva", "HubSpot"]),
        ("flagged=false", ["GitHub"]),
        ("shadow=true&managed=false", ["Canva", "HubSpot"]),
        ("managed=true", ["GitHub"]),
        ("audience=other", ["GitHub"]),
        ("audience=other&audience=marketing", ["Canva", "GitHub", "HubSpot"]),
        ("identity=unidentified", []),
        ("evidence=active&governance=unreviewed&ownership=unowned", ["Canva", "GitHub", "HubSpot"]),
        ("category=CRM&category=Design", ["Canva", "HubSpot"]),
        ("department=Engineering", ["GitHub"]),
        ("department=Engineering&department=Marketing", ["Canva", "GitHub", "HubSpot"]),
        ("min_people=2", ["HubSpot"]),
        ("max_people=1", ["Canva", "GitHub"]),
        ("min_spend=9800", ["HubSpot"]),
        ("max_spend=9799", ["Canva", "GitHub"]),
        ("first_seen_from=2026-09-01&first_seen_to=2026-09-01", ["Canva", "GitHub", "HubSpot"]),
        ("first_seen_from=2026-09-02", []),
        ("last_seen_to=2026-11-17", []),
        ("last_seen_to=2026-11-18", ["Canva", "GitHub", "HubSpot"]),
        ("last_seen_to=9999-12-31", ["Canva", "GitHub", "HubSpot"]),
        ("q=hubspot", ["HubSpot"]),
        ("q=HUBSPOT+8884", ["HubSpot"]),
        ("q=hubspot+canva", []),
        ("q=50%25_off", ["Canva"]),
        ("q=5%25f", []),
        ("q=_", ["Canva"]),
        ("q=off%5Cdeal", ["Canva"]),
    ],
)
async def test_filters(client: httpx.AsyncClient, company: Company, query: str, expected: list[str]) -> None:
    assert await names(client, f"{query}&sort=name") == expected


async def test_names_are_sorted_whatever_their_case(client: httpx.AsyncClient, engine: Engine) -> None:
    with writing(engine) as connection:
        for name in ("Canva", "beehiiv", "Zoom", "Brevo", "ahrefs"):
            Seed(connection).tool(name)
    expected = ["ahrefs", "beehiiv", "Brevo", "Canva", "Zoom"]
    for query, found in (("sort=name", expected), ("sort=-name", expected[::-1])):
        assert await names(client, query) == found
        first = (await client.get(f"/api/v1/tools?{query}&limit=2")).json()
        assert await names(client, f"{query}&cursor={first['next']}") == found[2:]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_cursor_beyond_the_calendar_is_refused(client: httpx.AsyncClient, moment: str) -> None:
    cursor = encode_cursor("tools:last_seen", (moment, 1))
    answer = await client.get(f"/api/v1/tools?sort=last_seen&cursor={cursor}")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:penumbra:problem:bad_cursor")


async def test_the_source_filter_goes_by_id(client: httpx.AsyncClient, company: Company) -> None:
    assert await names(client, f"source={company.ramp}") == ["HubSpot"]
    assert len(await names(client, f"source={company.ramp}&source={company.okta}")) == 3
    assert await names(client, "source=9223372036854775807") == []


async def test_the_total_counts_what_the_filters_let_pass(
    client: httpx.AsyncClient, company: Company
) -> None:
    body = (await client.get("/api/v1/tools?flagged=true&limit=1&total=true")).json()
    assert (len(body["items"]), body["total"]) == (1, 2)


@pytest.mark.parametrize("sort", [s.value for s in ToolSort])
async def test_pages_hold_every_tool_once_in_order(
    client: httpx.AsyncClient, engine: Engine, sort: str
) -> None:
    with writing(engine) as connection:
        writer = Seed(connection)
        for number in range(23):  # many ties, so that the id must decide
            writer.tool(
                f"Tool {number % 5}",
                category=None if number % 3 else "CRM",
                people=number % 4,
                spend_minor=(number % 3) * 100 - 100,
                vendor=None if number % 4 else "Acme",
                grant_grade=(None, "low", "high", "medium")[number % 4],
                governance=("unreviewed", "in_review", "retired", "dismissed")[number % 4],
                ownership=("owned", "unowned", "lapsed")[number % 3],
                evidence=("gone", "active")[number % 2],
                audience=("other", "marketing", "unsure")[number % 3],
                first_seen=seed.START.replace(microsecond=number % 2),
            )
    whole = (await client.get(f"/api/v1/tools?sort={sort}&limit=200")).json()["items"]
    assert len(whole) == 23
    pages, cursor = [], ""
    while cursor is not None:
        body = (await client.get(f"/api/v1/tools?sort={sort}&limit=4{cursor and '&cursor=' + cursor}")).json()
        pages += body["items"]
        cursor = body["next"]
    assert pages == whole


@pytest.mark.parametrize(
    ("sort", "fact", "expected"),
    [
        ("-grade", "grant_grade", ["high", "medium", "low", None]),
        ("governance", "governance", ["unreviewed", "in_review", "sanctioned", "dismissed"]),
        ("ownership", "ownership", ["unowned", "lapsed", "claimed", "owned"]),
    ],
)
async def test_words_are_sorted_as_people_rank_them(
    client: httpx.AsyncClient, engine: Engine, sort: str, fact: str, expected: list[str | None]
) -> None:
    with writing(engine) as connection:
        for number, value in enumerate(sorted(expected, key=str)):
            Seed(connection, _count=number).tool(f"Tool {number}", **{fact: value})
    found = (await client.get(f"/api/v1/tools?sort={sort}")).json()["items"]
    assert [tool[fact] for tool in found] == expected


async def test_a_cursor_is_not_shaken_by_inserts(
    client: httpx.AsyncClient, engine: Engine, company: Company
) -> None:
    first = (await client.get("/api/v1/tools?sort=name&limit=1")).json()
    with writing(engine) as connection:
        Seed(connection).tool("Aardvark")
        Seed(connection).tool("Figma")
    rest = (await client.get(f"/api/v1/tools?sort=name&cursor={first['next']}")).json()
    assert [t["name"] for t in rest["items"]] == ["Figma", "GitHub", "HubSpot"]


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyJ0b29sczpuYW1lIl0", "%F0%9F%92%A9", "W251bGxd"])
async def test_a_cursor_that_was_not_given_out_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(f"/api/v1/tools?sort=name&cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


async def test_a_cursor_of_another_sorting_is_refused(client: httpx.AsyncClient, company: Company) -> None:
    cursor = (await client.get("/api/v1/tools?sort=name&limit=1")).json()["next"]
    answer = await client.get(f"/api/v1/tools?sort=-name&cursor={cursor}")
    assert answer.status_code == 422
    assert "another list or sorting" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("min_people=99999999999999999999999", "min_people"),
        ("min_spend=1e400", "min_spend"),
        ("flagged=perhaps", "flagged"),
        ("flaged=true", "flaged"),
        ("sort=price", "sort"),
        ("limit=1&limit=2", "limit"),
        ("first_seen_from=0", "first_seen_from"),
        ("first_seen_from=2026-02-30", "first_seen_from"),
        ("source=0", "source.0"),
        ("governance=approved", "governance.0"),
    ],
)
async def test_a_wrong_parameter_is_named(client: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await client.get(f"/api/v1/tools?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field


async def test_nul_and_broken_utf8_in_an_address_do_no_harm(
    client: httpx.AsyncClient, company: Company
) -> None:
    assert (await client.get("/api/v1/tools?q=a%00b")).status_code == 400
    assert (await client.get("/api/v1/tools?q=%ff%fe")).status_code == 200
    assert (await client.get("/api/v1/tools?category=%ed%a0%80")).status_code == 200


async def test_one_tool_shows_every_fact_with_its_reasons(
    client: httpx.AsyncClient, company: Company
) -> None:
    answer = await client.get(f"/api/v1/tools/{company.hubspot}")
    body = answer.json()
    assert answer.headers["etag"] == '"v1"'
    assert body["audience_reasons"] == ["The knowledge base lists it as a marketing tool."]
    assert body["spend"] == {"USD": 9800, "EUR": 1250}
    assert [s["name"] for s in body["sources"]] == ["cards", "corp"]
    assert body["departments"] == [{"department": "Marketing", "people": 2, "fewer_than": None}]
    assert [(a["name"], a["rule"], a["source"]) for a in body["apps"]] == [
        ("HubSpot CRM", "exact name", "corp")
    ]
    assert body["identifiers"][0]["value"] == "hubspot.com"
    assert (await client.get("/api/v1/tools/424242")).status_code == 404
    assert (await client.get(f"/api/v1/tools/{2**63}")).status_code == 422


async def test_evidence_is_one_timeline_in_pages(client: httpx.AsyncClient, company: Company) -> None:
    address = f"/api/v1/tools/{company.hubspot}/evidence"
    whole = (await client.get(address)).json()["items"]
    assert [e["kind"] for e in whole] == [
        "sign_in",
        "sign_in",
        "sign_in",
        "expense",
        "expense",
        "expense",
        "consent",
        "grant",
        "grant",
        "app",
    ]
    assert whole[0]["text"] == "1 person signed in 2 times."
    assert whole[0]["at"] == "2026-11-18T00:00:00Z"
    assert whole[3]["text"] == "A charge of 49.00 USD by “HUBSPOT INC”, paid by Anna Berg."
    assert whole[5]["text"] == "A refund of 12.50 EUR by “PayPal *Hubspot”."
    assert whole[6]["text"] == "Anna Berg allowed it to read all your e-mail."
    assert whole[8]["person"]["active"] is False
    pages, cursor = [], ""
    while cursor is not None:
        body = (await client.get(f"{address}?limit=3{cursor and '&cursor=' + cursor}")).json()
        pages += body["items"]
        cursor = body["next"]
    assert pages == whole


async def test_group_assignments_are_summed_up(client: httpx.AsyncClient, company: Company) -> None:
    items = (await client.get(f"/api/v1/tools/{company.github}/evidence")).json()["items"]
    assert "Given to 1 person and 1 group." in [e["text"] for e in items]
    items = (await client.get(f"/api/v1/tools/{company.canva}/evidence")).json()["items"]
    assert "Given to 1 person; 1 person added it by themselves." in [e["text"] for e in items]


async def test_the_people_of_a_tool_say_how_we_know(client: httpx.AsyncClient, company: Company) -> None:
    address = f"/api/v1/tools/{company.hubspot}/people"
    people = (await client.get(address)).json()["items"]
    anna = next(p for p in people if p["name"] == "Anna Berg")
    assert (anna["signs_in"], anna["granted"], anna["assigned"], anna["paid"]) == (True, True, False, True)
    assert {p["name"] for p in people} == {"Anna Berg", "Lee Dorn"}
    first = (await client.get(f"{address}?limit=1")).json()
    second = (await client.get(f"{address}?limit=1&cursor={first['next']}")).json()
    assert first["items"] + second["items"] == people
    # Reached through a group alone, nobody uses it.
    assert [
        p["name"] for p in (await client.get(f"/api/v1/tools/{company.github}/people")).json()["items"]
    ] == ["Bo Chen"]


async def test_grants_of_a_tool_are_in_plain_words(client: httpx.AsyncClient, company: Company) -> None:
    grants = (await client.get(f"/api/v1/tools/{company.hubspot}/grants")).json()["items"]
    assert [s["words"] for s in grants[1]["scopes"]] == [
        "read all your e-mail",
        "know who you are when you sign in",
    ]
    assert (await client.get(f"/api/v1/tools/{company.canva}/grants")).json()["items"] == []


async def test_it_puts_a_tool_on_its_list_and_what_follows_is_worked_out(
    client: httpx.AsyncClient, company: Company, tokens: dict[Role, str]
) -> None:
    address = f"/api/v1/tools/{company.canva}"
    body = {"on_it_list": True}
    assert (await client.patch(address, json=body)).status_code == 428
    stale = await client.patch(address, json=body, headers={"If-Match": '"v7"'})
    assert stale.status_code == 412
    assert stale.json()["detail"].endswith("then do this once more. (It is at v1 now.)")
    assert (await client.patch(address, json=body, headers={"If-Match": "nonsense"})).status_code == 412
    marketing = {"Authorization": f"Bearer {tokens[Role.MARKETING]}", "If-Match": '"v1"'}
    assert (await client.patch(address, json=body, headers=marketing)).status_code == 403
    wrong = await client.patch(address, json={"governance": "sanctioned"}, headers={"If-Match": '"v1"'})
    assert {e["field"] for e in wrong.json()["errors"]} == {"on_it_list", "governance"}
    it = {"Authorization": f"Bearer {tokens[Role.IT]}", "If-Match": '"v1"'}
    answer = await client.patch(address, json=body, headers=it)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["on_it_list"], answer.json()["managed"], answer.json()["shadow"]) == (
        True,
        True,
        False,
    )
    assert answer.headers["etag"] == f'"v{answer.json()["version"]}"' != '"v1"'
