"""Claims over HTTP, as the people of a company: claimed, declined, handed over, contested, settled."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.models import audit_events
from tests.claims.support import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


async def post(client: httpx.AsyncClient, tool: int, verb: str, body: Any = None, *, version: int) -> Any:
    return await client.post(
        f"/tools/{tool}/ownership/{verb}", json=body, headers={"If-Match": f'"v{version}"'}
    )


async def done(client: httpx.AsyncClient, tool: int, verb: str, body: Any = None, *, version: int) -> Any:
    answer = await post(client, tool, verb, body, version=version)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"v{version + 1}"'
    return answer.json()


async def test_a_tool_is_claimed_handed_over_and_contested(app: FastAPI, office: Office) -> None:
    mara, nils, adam = (office.client(app, who) for who in (office.mara, office.nils, office.adam))
    tool = office.hubspot
    nobody = await mara.get(f"/tools/{tool}/ownership")
    assert (nobody.json()["ownership"], nobody.headers["ETag"]) == ("unowned", '"v0"')

    claimed = await done(mara, tool, "claim", version=0)
    assert claimed["owner"] == {"user_id": office.mara.id, "name": "Mara"}
    assert (claimed["ownership"], claimed["attest_by"]) == ("owned", "2027-05-19T12:00:00Z")
    assert (await mara.get(f"/tools/{tool}")).json()["ownership"] == "owned"

    offered = await done(mara, tool, "hand-over", {"to": office.nils.id}, version=1)
    assert (offered["ownership"], offered["owner"]["name"]) == ("claimed", "Mara")
    accepted = await done(nils, tool, "accept", {}, version=2)
    assert (accepted["ownership"], accepted["owner"]["name"]) == ("owned", "Nils")

    refused = await post(mara, tool, "claim", version=3)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Nils owns “HubSpot”: contest it or ask to co-own it."
    contested = await done(mara, tool, "contest", {"reason": "We pay for it"}, version=3)
    assert (contested["ownership"], contested["owner"]["name"]) == ("claimed", "Nils")
    assert [c["by"]["name"] for c in contested["contests"]] == ["Mara"]
    open_ones = (await mara.get("/claims", params={"contested": True})).json()["items"]
    assert [i["tool"]["name"] for i in open_ones] == ["HubSpot"]

    wanted = {"for_user": office.mara.id, "reason": "Her team uses it"}
    assert (await post(mara, tool, "settle", wanted, version=4)).status_code == 403
    settled = await done(adam, tool, "settle", wanted, version=4)
    assert (settled["ownership"], settled["owner"]["name"], settled["contests"]) == ("owned", "Mara", [])

    shown = (await nils.get(f"/tools/{tool}/ownership")).json()
    assert [line["text"] for line in shown["history"]] == [
        "Adam settled it: it goes to Mara: Her team uses it.",
        "Mara contested it: We pay for it.",
        "Nils accepted it from Mara.",
        "Mara offered it to Nils.",
        "Mara claimed it.",
    ]
    earlier = (await nils.get(f"/tools/{tool}/ownership", params={"before": 3})).json()
    assert [line["seq"] for line in earlier["history"]] == [2, 1]
    lines = [r for r in office.rows(audit_events) if r["object"] == f"tool:{tool}"]
    assert [line["action"].removeprefix("ownership.") for line in lines] == [
        "claim",
        "hand-over",
        "accept",
        "contest",
        "settle",
    ]
    assert (lines[0]["before"]["owner"], lines[0]["after"]["owner"]) == (None, office.mara.id)
    assert lines[0]["actor"] == f"user:{office.mara.id}"
