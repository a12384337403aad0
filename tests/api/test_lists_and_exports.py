"""People, grants, expenses, departments, categories, and all lists as files."""

import csv
import io
from datetime import date

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from tests.support import seed
from tests.support.seed import Company, Seed


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


async def items(client: httpx.AsyncClient, address: str) -> list[dict]:
    answer = await client.get(f"/api/v1{address}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_grants_of_people_who_left(client: httpx.AsyncClient, company: Company) -> None:
    left = await items(client, "/grants?leavers=true")
    assert [g["person"]["name"] for g in left] == ["Lee Dorn"]
    assert len(await items(client, "/grants?leavers=false")) == 1
    assert len(await items(client, "/grants?live=false")) == 1
    assert len(await items(client, "/grants?grade=high&consent=user")) == 2
    assert await items(client, f"/grants?tool={company.github}") == []
    assert await items(client, f"/grants?source={company.ramp}") == []


async def test_grants_by_what_they_allow_and_how_they_are_used(
    client: httpx.AsyncClient, company: Company, engine: Engine
) -> None:
    with writing(engine) as connection:
        writer = Seed(connection, _count=5000)
        bo = writer.person("Bea Old")
        account, other = writer.account(company.okta, bo), writer.account(company.ramp, bo)
        odd = writer.app(company.okta, company.canva, "Odd", publisher="Odd Ltd", publisher_verified=False)
        web = writer.app(company.okta, company.canva, "Odd on the web")
        nameless = writer.app(company.okta, None, "Of no tool")
        drive = writer.grant(company.okta, odd, account, "https://www.googleapis.com/auth/drive")
        all_ = writer.grant(company.okta, odd, None, "Mail.Send", consent="admin")
        none = writer.grant(company.okta, nameless, account, "openid", grade="low")

    async def ids(query: str) -> list[int]:
        return [g["id"] for g in await items(client, f"/grants?{query}")]

    assert await ids("verified=false") == [all_, drive]
    assert await ids("verified=true") == []
    assert await ids("everybody=true") == [all_]
    assert len(await ids("everybody=false")) == 4
    assert await ids(f"person={bo}") == [none, drive]
    assert await ids("allows=DELETE+files") == [drive]
    assert await ids("allows=mail.send") == [all_]
    assert await ids("allows=%25") == []
    assert len(await ids("permission=read+all+your+e-mail")) == 2
    assert await ids("permission=read+all+your") == []
    assert await ids("data=files&data=ads") == [drive]
    assert await ids("data=files&allows=e-mail") == []
    assert len(await ids("data=mail")) == 3
    page = (await client.get("/api/v1/grants?data=mail&limit=1")).json()
    assert len(await ids(f"data=mail&cursor={page['next']}")) == 2

    # A sign-in to another app of the tool counts, by another account of the person too; so does, for what is
    # for everybody, anybody's. What was given on a day is not unused before it.
    assert set(await ids("unused_since=2026-10-01")) >= {all_, drive, none}
    assert await ids("unused_since=2026-09-04&everybody=true") == []
    with writing(engine) as connection:
        Seed(connection).sign_ins(web, other, date(2026, 10, 1))
    assert none in await ids("unused_since=2026-10-01")
    assert not {all_, drive} & set(await ids("unused_since=2026-10-01"))
    assert {all_, drive} < set(await ids("unused_since=2026-10-02"))
    used = {g["id"]: g["last_used_on"] for g in await items(client, "/grants")}
    assert (used[drive], used[all_], used[none]) == ("2026-10-01", "2026-10-01", None)
    with writing(engine) as connection:
        Seed(connection).sign_ins(nameless, account, date(2026, 10, 5))
    assert none not in await ids("unused_since=2026-10-02")
    found = {g["id"]: g for g in await items(client, "/grants")}
    assert found[none]["last_used_on"] == "2026-10-05"
    assert (found[drive]["publisher"], found[drive]["publisher_verified"]) == ("Odd Ltd", False)


async def test_people_by_what_they_use_and_allow(
    client: httpx.AsyncClient, company: Company, engine: Engine
) -> None:
    with writing(engine) as connection:
        writer = Seed(connection, _count=5000)
        gone = writer.person("Zed Gone", active=False)
        idle = writer.person("Ida Idle")
        account = writer.account(company.okta, gone)
        app = writer.app(company.okta, company.github, "GitHub too")
        writer.assignment(company.okta, app, account, via_group=True)
        for _ in range(2):
            writer.grant(company.okta, app, writer.account(company.okta, idle), "openid", grade="low")

    async def names(query: str) -> list[str]:
        return [p["name"] for p in await items(client, f"/people?{query}")]

    assert await names("active=false&access=true") == ["Lee Dorn", "Zed Gone"]
    assert await names("access=false") == []
    assert await names("sort=-grade") == ["Lee Dorn", "Anna Berg", "Ida Idle", "Zed Gone", "Bo Chen"]
    assert (await names("sort=-tools"))[0] == "Anna Berg"
    for sort in ("name", "-tools", "-grade"):
        whole, cursor, seen = await names(f"sort={sort}"), "", []
        while cursor is not None:
            page = (await client.get(f"/api/v1/people?limit=2&sort={sort}{cursor}")).json()
            seen += [p["name"] for p in page["items"]]
            cursor = page["next"] and f"&cursor={page['next']}"
        assert seen == whole
    anna = (await client.get(f"/api/v1/people/{company.anna}")).json()
    assert (anna["tools_used"], anna["permissions"], anna["grade"], anna["access"]) == (2, 1, "high", True)
    assert {t["name"]: t["first_on"] for t in anna["tools"]} == {
        "HubSpot": "2026-09-04",
        "Canva": "2026-09-01",
    }
    assert [(a["kind"], a["name"]) for a in anna["accesses"]] == [("assigned", "Canva"), ("grant", "HubSpot")]
    left = (await client.get(f"/api/v1/people/{gone}")).json()
    assert [(a["kind"], a["source"]) for a in left["accesses"]] == [("group", "corp")]
    assert (await items(client, "/people?q=bo+chen&sort=-tools"))[0]["tools_used"] == 1


async def test_expenses(client: httpx.AsyncClient, company: Company) -> None:
    whole = await items(client, "/expenses")
    assert [e["occurred_on"] for e in whole] == ["2026-11-05", "2026-10-05", "2026-10-05"]
    assert [e["amount_minor"] for e in await items(client, "/expenses?state=refund")] == [-1250]
    assert len(await items(client, "/expenses?occurred_from=2026-11-05&occurred_to=2026-11-05")) == 1
    assert len(await items(client, f"/expenses?person={company.anna}")) == 2
    first = (await client.get("/api/v1/expenses?limit=2")).json()
    rest = await items(client, f"/expenses?limit=2&cursor={first['next']}")
    assert first["items"] + rest == whole


async def test_people(client: httpx.AsyncClient, company: Company) -> None:
    assert [p["name"] for p in await items(client, "/people")] == ["Anna Berg", "Bo Chen", "Lee Dorn"]
    assert [p["name"] for p in await items(client, "/people?active=false")] == ["Lee Dorn"]
    assert [p["name"] for p in await items(client, "/people?q=BERG+anna@")] == ["Anna Berg"]
    assert await items(client, "/people?q=%25") == []
    first = (await client.get("/api/v1/people?limit=1&department=Marketing")).json()
    rest = await items(client, f"/people?limit=1&department=Marketing&cursor={first['next']}")
    assert [p["name"] for p in first["items"] + rest] == ["Anna Berg", "Lee Dorn"]
    anna = (await client.get(f"/api/v1/people/{company.anna}")).json()
    assert [a["source"] for a in anna["accounts"]] == ["cards", "corp"]
    assert {t["name"] for t in anna["tools"]} == {"HubSpot", "Canva"}
    assert (await client.get("/api/v1/people/999")).status_code == 404


async def test_departments_and_categories(client: httpx.AsyncClient, company: Company) -> None:
    assert await items(client, "/departments") == [
        {"name": "Engineering", "people": 1, "fewer_than": None, "tools": 1},
        {"name": "Marketing", "people": 1, "fewer_than": None, "tools": 2},
    ]
    assert await items(client, "/categories") == [
        {"name": "CRM", "tools": 1, "flagged": 1},
        {"name": "Design", "tools": 1, "flagged": 1},
        {"name": "Engineering", "tools": 1, "flagged": 0},
    ]


async def rows(client: httpx.AsyncClient, address: str) -> list[dict[str, str]]:
    answer = await client.get(f"/api/v1{address}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_exports_hold_what_the_filters_let_pass(client: httpx.AsyncClient, company: Company) -> None:
    assert [t["name"] for t in await rows(client, "/tools.csv?flagged=true&sort=name")] == [
        "Canva",
        "HubSpot",
    ]
    tools = (await client.get("/api/v1/tools.json?sort=name")).json()
    assert tools == (await client.get("/api/v1/tools?sort=name")).json()["items"]
    assert (await client.get("/api/v1/tools.json?q=nothing+there")).json() == []
    assert (await client.get("/api/v1/tools.csv?limit=3")).status_code == 422
    assert [p["email"] for p in await rows(client, "/people.csv?active=false")] == ["lee@acme.example"]
    grants = await rows(client, "/grants.csv?leavers=true")
    assert (grants[0]["person_name"], grants[0]["may"]) == ("Lee Dorn", "read all your e-mail")
    assert len((await client.get("/api/v1/grants.json")).json()) == 2
    assert len((await client.get("/api/v1/people.json")).json()) == 3
    charges = await rows(client, "/expenses.csv")
    assert [c["amount"] for c in charges] == ["49.00", "-12.50", "49.00"]


async def test_an_export_is_longer_than_a_page(client: httpx.AsyncClient, engine: Engine) -> None:
    with writing(engine) as connection:
        writer = Seed(connection)
        for number in range(1003):
            writer.person(f"Person {number:04}")
    assert len(await rows(client, "/people.csv")) == 1003


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
async def test_a_csv_cell_is_never_a_formula(client: httpx.AsyncClient, engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        Seed(connection).tool(name)
    assert [t["name"] for t in await rows(client, "/tools.csv")] == ["'" + name]


@pytest.mark.parametrize(
    "address", ["/scans", "/scans/1/skipped", "/tools/1/evidence", "/tools/1/people", "/grants", "/people"]
)
async def test_a_misspelt_parameter_is_never_ignored(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"/api/v1{address}?limmit=5")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limmit"
