"""Teaching over HTTP: who may, what is answered, and what readers of a merged tool are told."""

import re

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.security.schemas import Role
from tests.support import seed
from tests.support.seed import Company


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


async def teach(client: httpx.AsyncClient, path: str, **body: object) -> httpx.Response:
    tool = (await client.get(f"/api/v1{path.rpartition('/')[0]}")).headers.get("etag", '"v1"')
    return await client.post(f"/api/v1{path}", json=body, headers={"If-Match": tool})


async def taught(client: httpx.AsyncClient, path: str, **body: object) -> dict:
    answer = await teach(client, path, **body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/teachings/{answer.json()['teaching']['id']}"
    return answer.json()


async def test_a_correction_says_who_what_and_why(client: httpx.AsyncClient, company: Company) -> None:
    tool = (await client.get(f"/api/v1/tools/{company.hubspot}")).json()
    assert {m["rule"] for m in tool["merchants"]} == {"merchant"}
    body = {"apps": [tool["apps"][0]["id"]], "to": {"tool": company.canva}, "reason": "wrong app"}
    done = await taught(client, f"/tools/{company.hubspot}/correct", **body)
    assert (done["apps"], done["merchants"]) == (1, 0)
    assert done["tools"] == sorted([company.hubspot, company.canva])
    assert done["teaching"]["by"] == "admin token"
    assert done["teaching"]["from_tool"] == {"id": company.hubspot, "name": "HubSpot"}
    canva = (await client.get(f"/api/v1/tools/{company.canva}")).json()
    moved = next(a for a in canva["apps"] if a["name"] == "HubSpot CRM")
    assert moved["why"] == "Corrected by admin token on 20 November 2026: wrong app."
    learned = [i for i in canva["identifiers"] if i["rule"] == "taught"]
    assert [(i["kind"], i["value"], i["taught_by"], i["teaching"]) for i in learned] == [
        ("app_name", "hubspotcrm", "admin token", done["teaching"]["id"])
    ]
    evidence = (await client.get(f"/api/v1/tools/{company.canva}/evidence")).json()["items"]
    assert {e["rule"] for e in evidence if e["app"] == "HubSpot CRM"} == {"taught"}
    listed = (await client.get(f"/api/v1/teachings?tool={company.canva}&verb=correct&undone=false")).json()
    assert listed["items"] == [done["teaching"]]
    undone = await client.post(
        f"/api/v1/teachings/{done['teaching']['id']}/undo", json={"reason": "it was right"}
    )
    assert undone.json()["teaching"]["undone_by"] == "admin token"
    assert (await client.get("/api/v1/teachings?undone=false")).json()["items"] == []
    again = await client.post(f"/api/v1/teachings/{done['teaching']['id']}/undo", json={})
    assert (again.status_code, again.json()["type"]) == (409, "urn:penumbra:problem:conflict")


async def test_a_merged_tool_is_hidden_and_its_addresses_name_the_other(
    client: httpx.AsyncClient, company: Company
) -> None:
    done = await taught(client, f"/tools/{company.canva}/merge", into=company.hubspot)
    for path in ("", "/evidence", "/people", "/grants", "/expenses"):
        answer = await client.get(f"/api/v1/tools/{company.canva}{path}")
        assert answer.status_code == 410, path
        assert answer.json()["type"] == "urn:penumbra:problem:merged"
        assert answer.json()["links"] == {"tool": f"/api/v1/tools/{company.hubspot}"}
        assert "“Canva” (tool 2) was merged into “HubSpot" in answer.json()["detail"]
    listed = (await client.get("/api/v1/tools?total=true&sort=name")).json()
    assert [t["name"] for t in listed["items"]] == ["GitHub", "HubSpot CRM"]
    assert listed["total"] == 2
    assert "Canva" not in (await client.get("/api/v1/tools.csv")).text
    assert [c["name"] for c in (await client.get("/api/v1/categories")).json()["items"]] == [
        "CRM",
        "Engineering",
    ]
    answer = await teach(client, f"/tools/{company.github}/merge", into=company.canva)
    assert answer.status_code == 409
    assert [e["field"] for e in answer.json()["errors"]] == ["into"]
    assert answer.json()["links"] == {"tool": f"/api/v1/tools/{company.hubspot}"}
    await client.post(f"/api/v1/teachings/{done['teaching']['id']}/undo", json={})
    assert (await client.get(f"/api/v1/tools/{company.canva}")).status_code == 200


async def test_both_sides_teach_and_readers_do_not(
    anonymous: httpx.AsyncClient, company: Company, tokens: dict[Role, str]
) -> None:
    for role, status in ((Role.READER, 403), (Role.MARKETING, 201), (Role.IT, 201)):
        anonymous.headers["Authorization"] = f"Bearer {tokens[role]}"
        answer = await teach(anonymous, f"/tools/{company.hubspot}/confirm", reason="ours")
        assert answer.status_code == status, (role, answer.text)
        if status == 403:
            assert re.search("'marketing' or 'it'", answer.json()["detail"])


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("correct", {"apps": [1]}, "to"),
        ("correct", {"apps": [1], "to": {}}, "to"),
        ("correct", {"apps": [1], "to": {"tool": 1, "product": "canva"}}, "to"),
        ("split", {"apps": [1], "into": {"new": {"name": "   "}}}, "into.new.name"),
        ("split", {"apps": [1], "into": {"new": {"name": "X", "domain": "no host"}}}, "into.new.domain"),
        ("merge", {"into": 0}, "into"),
        ("merge", {}, "into"),
        ("confirm", {"app": [1]}, "app"),
        ("keep-apart", {}, "body"),
    ],
)
async def test_a_wrong_body_is_told_which_field(
    client: httpx.AsyncClient, company: Company, verb: str, body: dict, field: str
) -> None:
    answer = await teach(client, f"/tools/{company.hubspot}/{verb}", **body)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


async def test_a_change_needs_the_version_that_was_read(client: httpx.AsyncClient, company: Company) -> None:
    path = f"/api/v1/tools/{company.hubspot}/confirm"
    assert (await client.post(path, json={})).status_code == 428
    assert (await client.post(path, json={}, headers={"If-Match": '"v7"'})).status_code == 412
