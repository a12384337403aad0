"""The policy over HTTP: who may what, and the errors."""

from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.policy import service
from app.policy.reading import plain, shipped
from app.policy.reopening import Agreed
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.policy.support import document
from tests.support import seed

AT = "/api/v1/policies"
OURS = document({"lanes.fast.it.hours": 4})


@pytest.fixture
def database_url(tmp_path: Any, sqlite_template: Any) -> str:
    """One kind of database: what differs between the two is asked of the service."""
    path = tmp_path / "penumbra.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def company(engine: Engine) -> seed.Company:
    with writing(engine) as connection:
        return seed.company(connection)


async def test_a_policy_is_written_tried_and_switched_on(
    client: httpx.AsyncClient, engine: Engine, company: seed.Company
) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="mara@acme.example", name="Mara", roles=[Role.ADMIN])
        mara = users.create_user(connection, wanted, actor="test", now=NOW).id
        text = create_token(connection, "mara", Role.ADMIN, user_id=mara, actor="test", now=NOW)[1]
    client.headers["Authorization"] = f"Bearer {text}"
    tried = await client.post(f"{AT}/simulate", json={"document": OURS})
    assert tried.status_code == 200
    assert tried.json()["by_kind"] == {"lane": 0, "pass": 0, "reopening": 0, "service": 1}
    assert [item["name"] for item in tried.json()["items"]] == ["Canva"]
    made = await client.post(AT, json={"document": OURS, "note": "IT is faster now."})
    assert made.status_code == 201
    assert made.headers["Location"] == f"{AT}/1"
    assert made.json()["by"] == {"user_id": mara, "name": "Mara"}
    assert (made.json()["active"], made.json()["document"]) == (False, OURS)
    assert (await client.get(f"{AT}/current")).json()["version"] == 0
    on = await client.post(f"{AT}/1/activate")
    assert (on.status_code, on.json()["active"]) == (200, True)
    assert (await client.get(f"{AT}/current")).json() == on.json() == (await client.get(f"{AT}/1")).json()
    again = await client.post(f"{AT}/1/activate")
    assert (again.status_code, again.json()["detail"]) == (409, "Version 1 of the policy is active already.")
    listed = (await client.get(AT)).json()["items"]
    assert [(p["version"], p["active"], p["by"] and p["by"]["name"]) for p in listed] == [
        (1, True, "Mara"),
        (0, False, None),
    ]
    assert "document" not in listed[0]
    lane = (await client.get(f"/api/v1/tools/{company.canva}/lane")).json()
    assert (lane["policy"], lane["lane"], lane["it"]["service_seconds"]) == (1, "fast", 4 * 3600)


async def test_everybody_hears_a_tools_lane_and_why(
    anonymous: httpx.AsyncClient, engine: Engine, tokens: dict[Role, str], company: seed.Company
) -> None:
    anonymous.headers["Authorization"] = f"Bearer {tokens[Role.READER]}"
    with writing(engine) as connection:
        service.look_again(connection, {company.hubspot: Agreed(people=9, spend={"USD": 10**6})}, NOW)
    lane = (await anonymous.get(f"/api/v1/tools/{company.hubspot}/lane")).json()
    assert lane["lane"] == "full"
    assert lane["reasons"] == [
        "It can reach what would hurt most if it were lost or misused.",
        "Its permissions reach e-mail.",
    ]
    assert lane["it"]["items"] == ["integration", "security", "operations", "vendor_management"]
    assert lane["marketing"]["signers"] == {"roles": ["marketing"], "groups": [], "people": []}
    assert lane["provisional"] is None
    assert [a["cause"] for a in lane["alerts"]] == ["new_scope"]
    canva = (await anonymous.get(f"/api/v1/tools/{company.canva}/lane")).json()
    assert canva["provisional"]["spend_cap"] == {"minor": 25_000, "currency": "EUR"}
    assert (await anonymous.get("/api/v1/tools/999/lane")).status_code == 404
    shown = (await anonymous.get(f"{AT}/0")).json()
    assert (shown["document"], shown["active"]) == (plain(shipped()), True)
    assert (await anonymous.get(f"{AT}/7")).status_code == 404


@pytest.mark.parametrize("where", ["", "/simulate"])
async def test_a_wrong_policy_is_refused_by_its_path(client: httpx.AsyncClient, where: str) -> None:
    wrong = document({"lanes.fast.it.signers.0": "boss", "currency": "EUR"})
    body = {"document": wrong} if where else {"document": wrong, "note": "Try."}
    answer = await client.post(AT + where, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "field": "document.lanes.fast.it.signers.0",
            "message": "'boss' is neither the role 'it' nor a group: add it to groups",
        }
    ]
    assert (await client.get(AT)).json()["items"][0]["version"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"document": OURS}, "note"),
        ({"document": OURS, "note": ""}, "note"),
        ({"document": [], "note": "x"}, "document"),
        ({"document": OURS, "note": "x", "active": True}, "active"),
    ],
)
async def test_a_body_is_closed(client: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    answer = await client.post(AT, json=body)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


async def test_only_administrators_set_a_policy_and_both_sides_may_try_one(
    anonymous: httpx.AsyncClient, tokens: dict[Role, str]
) -> None:
    for role in Role:
        anonymous.headers["Authorization"] = f"Bearer {tokens[role]}"
        tried = await anonymous.post(f"{AT}/simulate", json={"document": OURS, "days": 30})
        assert tried.status_code == (200 if role in {Role.MARKETING, Role.IT, Role.ADMIN} else 403), role
        made = await anonymous.post(AT, json={"document": OURS, "note": "Mine."})
        assert made.status_code == (201 if role is Role.ADMIN else 403), role
        assert (await anonymous.get(f"{AT}/current")).status_code == 200


async def test_the_addresses_say_what_they_answer_to(client: httpx.AsyncClient) -> None:
    answer = await client.put(f"{AT}/simulate")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert (await client.put(f"{AT}/1")).headers["Allow"] == "GET"
