"""What marketing ops see of their own departments, and how they claim or decline it."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import audit_events, claim_events, people, tools, users
from app.security import service as security
from app.security.schemas import Role
from tests.claims.support import Office
from tests.conftest import NOW
from tests.support.seed import Seed

TODAY = NOW.date()
MAIL = "https://www.googleapis.com/auth/gmail.readonly"


class Found(Office):
    """The same company with evidence: HubSpot in two teams, Canva in one, GitHub in marketing too."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        with writing(engine) as connection:
            seed = Seed(connection, _count=1000)
            boss = "bea@acme.example"
            bea = seed.person("Bea", boss, department="Management")
            connection.execute(
                sa.update(people)
                .where(people.c.email == "mara@acme.example")
                .values(manager_email=boss.upper())
            )
            mara, nils = self.mara.person, self.nils.person
            assert mara is not None
            assert nils is not None
            left = seed.person("Lee", "lee@acme.example", department="Marketing", active=False)
            self.accounts = {p: seed.account(self.source, p) for p in (mara, nils, left, bea)}
            of_mara, of_nils, of_left = (self.accounts[p] for p in (mara, nils, left))
            crm = seed.app(self.source, self.hubspot, "HubSpot")
            seed.consent(self.source, crm, of_left, MAIL, at=NOW.replace(month=5, day=3))
            seed.grant(self.source, crm, of_mara, MAIL, granted_at=NOW.replace(month=6, day=1))
            seed.sign_ins(crm, of_mara, TODAY - timedelta(days=2), count=5)
            seed.sign_ins(crm, of_mara, TODAY - timedelta(days=40), count=50)
            seed.sign_ins(crm, of_nils, TODAY - timedelta(days=3), count=2)
            for month in (8, 9, 10):
                seed.expense(
                    self.source, self.hubspot, of_mara, occurred_on=date(2026, month, 5), department=None
                )
            seed.expense(
                self.source, self.hubspot, None, amount_minor=-900, state="refund", department="Marketing"
            )
            seed.expense(self.source, self.hubspot, of_mara, state="declined", department=None)
            seed.expense(self.source, self.hubspot, of_nils, currency="EUR", department="Brand")
            self.canva = seed.tool("Canva", key="kb:canva")
            design = seed.app(self.source, self.canva, "Canva")
            seed.assignment(self.source, design, of_mara, self_assigned=True)
            code = seed.app(self.source, self.github, "GitHub")
            for account in (of_mara, self.accounts[bea]):
                seed.sign_ins(code, account, TODAY)
            seed.link(self.hubspot, departments={"Marketing": 1, "Brand": 1})
            seed.link(self.canva, departments={"Marketing": 1})
            seed.link(self.github, departments={"Marketing": 4, "Management": 1})


@pytest.fixture
def office(engine: Engine) -> Found:
    return Found(engine)


async def found(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/claims/found", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_marketing_sees_what_was_found_in_its_team_with_the_evidence(
    app: FastAPI, office: Found
) -> None:
    mara = office.client(app, office.mara)
    items = await found(mara)
    assert [i["tool"]["name"] for i in items] == ["HubSpot", "Canva", "GitHub"], "marketing's first"
    hubspot = items[0]
    likely = hubspot.pop("likely_owner")
    assert hubspot == {
        "tool": {"id": office.hubspot, "name": "HubSpot", "audience": "marketing"},
        "evidence": "active",
        "ownership": "unowned",
        "version": 0,
        "departments": ["Marketing"],
        "sentence": "Your team paid three times; first consent on 3 May; 1 person last month.",
        "people": 1,
        "signed_in": 1,
        "sign_ins": 5,
        "fewer_than": None,
        "first_consent": "2026-05-03",
        "payments": 3,
        "paid": {"USD": 3 * 4900 - 900},
        "last_payment": "2026-10-05",
    }
    assert (likely["person"]["name"], likely["user_id"]) == ("Mara", office.mara.id)
    assert likely["reasons"][:2] == [
        "Consented first, on 1 June.",
        "Paid for it three times, 147.00 USD in all.",
    ]
    nils = office.client(app, office.nils)
    assert [(i["tool"]["name"], i["paid"]) for i in await found(nils)] == [("HubSpot", {"EUR": 4900})]
    items = (await nils.get(f"/tools/{office.canva}/likely-owners")).json()["items"]
    assert [(i["person"]["name"], i["reasons"]) for i in items] == [
        (
            "Mara",
            ["Asked for access on 1 September.", "Is of the team that uses it most (Marketing, 1 person)."],
        ),
        ("Bea", ["Leads the team that uses it most (Marketing, 1 person)."]),
    ]
    assert items[1]["user_id"] is None
    assert (await nils.get("/tools/987654/likely-owners")).status_code == 404


async def test_who_has_no_department_names_one_and_a_team_is_also_who_reports_to_somebody(
    app: FastAPI, office: Found
) -> None:
    olga = office.client(app, office.olga)
    asked = await olga.get("/claims/found")
    assert (asked.status_code, asked.json()["errors"][0]["field"]) == (409, "department")
    assert [i["sentence"] for i in await found(olga, department="Brand")] == [
        "Brand paid once; 1 person last month."
    ]
    assert await found(olga, department="No such") == []
    refused = await olga.post(
        f"/tools/{office.hubspot}/ownership/decline",
        json={"reason": "unknown", "department": "No such"},
        headers={"If-Match": '"v0"'},
    )
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "department")
    with writing(office.engine) as connection:
        bea = sa.select(people.c.id).where(people.c.email == "bea@acme.example").scalar_subquery()
        values = {"person_id": bea, "email": "b@acme.example", "name": "Bea"}
        connection.execute(sa.update(users).where(users.c.id == office.olga.id).values(**values))
    items = await found(olga)
    assert [(i["tool"]["name"], i["departments"]) for i in items] == [
        ("HubSpot", ["Management", "Marketing"]),
        ("Canva", ["Management", "Marketing"]),
        ("GitHub", ["Management", "Marketing"]),
    ]
    assert items[2]["people"] == 2


async def test_what_a_team_declined_it_sees_no_more_and_others_do(app: FastAPI, office: Found) -> None:
    mara, nils = office.client(app, office.mara), office.client(app, office.nils)
    answer = await mara.post(
        f"/tools/{office.hubspot}/ownership/decline",
        json={"reason": "duplicate", "duplicate_of": office.canva, "note": "We moved"},
        headers={"If-Match": '"v0"'},
    )
    assert answer.status_code == 200, answer.text
    [declined] = answer.json()["declines"]
    assert (declined["department"], declined["duplicate_of"], declined["by"]["name"]) == (
        "Marketing",
        office.canva,
        "Mara",
    )
    assert answer.json()["ownership"] == "unowned"
    assert [i["tool"]["name"] for i in await found(mara)] == ["Canva", "GitHub"]
    assert [i["tool"]["name"] for i in await found(nils)] == ["HubSpot"]
    office.claims(office.mara)  # she thought better of it
    assert office.standing().declines == ()


BAD_DECLINES: list[tuple[dict[str, Any], str]] = [
    ({"reason": "duplicate"}, "duplicate_of"),
    ({"reason": "duplicate", "duplicate_of": 987654}, "duplicate_of"),
    ({"reason": "not_ours", "duplicate_of": 1}, "duplicate_of"),
    ({"reason": "not_ours", "department": "Brand"}, "department"),
    ({"reason": "boring"}, "reason"),
    ({"reason": "not_ours", "nonsense": 1}, "nonsense"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is the database's
async def test_a_decline_that_says_too_little_or_too_much_is_refused(app: FastAPI, office: Found) -> None:
    mara = office.client(app, office.mara)
    for wanted, field in BAD_DECLINES:
        address = f"/tools/{office.hubspot}/ownership/decline"
        answer = await mara.post(address, json=wanted, headers={"If-Match": '"v0"'})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), wanted
    assert office.standing().version == 0


async def test_owned_tools_are_not_offered_and_lapsed_ones_are_again(app: FastAPI, office: Found) -> None:
    nils = office.client(app, office.nils)
    office.claims(office.mara)
    assert await found(nils) == []
    office.sweeps(NOW + timedelta(days=181))
    assert [(i["ownership"], i["version"]) for i in await found(nils)] == [("lapsed", 2)]


async def test_the_list_goes_on_where_it_ended_and_asks_few_questions(app: FastAPI, office: Found) -> None:
    with writing(office.engine) as connection:
        seed = Seed(connection, _count=5000)
        for n in range(60):
            tool = seed.tool(f"Tool {n}", audience="marketing" if n % 2 else "unsure")
            code = seed.app(office.source, tool, f"Tool {n}")
            seed.sign_ins(code, office.accounts[office.mara.person or 0], TODAY, count=n + 1)
            seed.link(tool, departments={"Marketing": n % 5 + 1})
    mara = office.client(app, office.mara)
    every = [i["tool"]["id"] for i in await found(mara, limit=200)]
    assert len(every) == 63
    asked: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    pages, cursor = [], None
    while True:
        query = {"limit": 25} | ({"cursor": cursor} if cursor else {})
        body = (await mara.get("/claims/found", params=query)).json()
        pages.append([i["tool"]["id"] for i in body["items"]])
        cursor = body["next"]
        if cursor is None:
            break
    assert [id_ for page in pages for id_ in page] == every
    assert [len(page) for page in pages] == [25, 25, 13]
    assert len([q for q in asked if q.startswith("SELECT")]) <= 3 * 15
    wrong = await mara.get("/claims/found", params={"cursor": "nonsense"})
    assert wrong.status_code == 422


# --- many at once ----------------------------------------------------------------------------


async def test_many_are_claimed_and_each_is_answered(app: FastAPI, office: Found) -> None:
    office.claims(office.nils)
    mara = office.client(app, office.mara)
    items = [(office.hubspot, 1), (office.canva, 0), (987654, 0), (office.github, 7), (office.canva, 0)]
    body = {"items": [{"do": "claim", "tool": t, "version": v} for t, v in items]}
    answer = (await mara.post("/claims/bulk", json=body)).json()
    assert [(i["tool"], i["status"], i["version"]) for i in answer["items"]] == [
        (office.hubspot, 409, None),
        (office.canva, 200, 1),
        (987654, 404, None),
        (office.github, 412, None),
        (office.canva, 412, None),
    ]
    assert answer["done"] == 1
    lines = [r["object"] for r in office.rows(audit_events) if r["action"] == "ownership.claim"]
    assert lines == [f"tool:{office.canva}"], "what was refused leaves no trace"
    assert [r["tool_id"] for r in office.rows(claim_events)] == [office.hubspot, office.canva]
    assert answer["items"][0]["message"] == "Nils owns “HubSpot”: contest it or ask to co-own it."
    mine = (await mara.get("/claims", params={"mine": True})).json()["items"]
    assert [(i["tool"]["id"], i["ownership"]) for i in mine] == [(office.canva, "owned")]
    others = (await mara.get("/claims", params={"mine": False})).json()["items"]
    assert [i["tool"]["id"] for i in others] == [office.hubspot]


async def test_some_are_claimed_and_others_declined(app: FastAPI, office: Found) -> None:
    mara = office.client(app, office.mara)
    declined = {"do": "decline", "version": 0, "reason": "not_ours"}
    items = [
        {"do": "claim", "tool": office.canva, "version": 0},
        {**declined, "tool": office.github},
        {**declined, "tool": office.hubspot, "reason": "duplicate", "duplicate_of": office.hubspot},
        {**declined, "tool": office.hubspot, "department": "Brand"},
    ]
    answer = (await mara.post("/claims/bulk", json={"items": items})).json()
    assert [i["status"] for i in answer["items"]] == [200, 200, 422, 422]
    assert [i["tool"]["name"] for i in await found(mara)] == ["HubSpot"]
    for wrong in ([], items[:1] * 201, [{**declined, "do": "claim", "tool": 1}], [{**items[0], "do": "own"}]):
        assert (await mara.post("/claims/bulk", json={"items": wrong})).status_code == 422


async def test_the_list_of_claims_can_be_narrowed(app: FastAPI, office: Found) -> None:
    office.claims(office.mara, now=NOW - timedelta(days=170))
    office.claims(office.nils, office.canva)
    office.contests(office.mara, office.canva)
    mara = office.client(app, office.mara)

    async def names(**query: Any) -> list[str]:
        return [i["tool"]["name"] for i in (await mara.get("/claims", params=query)).json()["items"]]

    assert await names() == ["HubSpot", "Canva"]
    assert await names(lapsing=30) == ["HubSpot"]
    assert await names(lapsing=5) == []
    assert await names(contested=True) == ["Canva"]
    assert await names(contested=False) == ["HubSpot"]
    assert await names(mine=True) == ["HubSpot", "Canva"]
    assert await names(mine=True, contested=True, lapsing=30) == []
    first = (await mara.get("/claims", params={"limit": 1})).json()
    assert [i["tool"]["name"] for i in first["items"]] == ["HubSpot"]
    assert await names(limit=1, cursor=first["next"]) == ["Canva"]


# --- who may, over the API -------------------------------------------------------------------

VERBS: dict[str, Any] = {
    "claim": None,
    "decline": {"reason": "unknown", "department": "Marketing"},
    "hand-over": {"to": 1},
    "accept": {},
    "refuse": {},
    "co-own": None,
    "contest": {"reason": "ours"},
    "yield": {"to": 1},
    "withdraw": None,
    "settle": {"for_user": 1, "reason": "so"},
    "release": {},
    "attest": None,
    "steward": {"user": None},
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is the database's
async def test_a_service_claims_nothing_whatever_its_role(
    anonymous: httpx.AsyncClient, office: Found, tokens: dict[Role, str]
) -> None:
    for role, (verb, body) in product(Role, VERBS.items()):
        anonymous.headers["Authorization"] = f"Bearer {tokens[role]}"
        address = f"/api/v1/tools/{office.hubspot}/ownership/{verb}"
        answer = await anonymous.post(address, json=body, headers={"If-Match": '"v0"'})
        assert answer.status_code == 403, (role, verb, answer.text)
    assert (await anonymous.get("/api/v1/claims", params={"mine": True})).json()["items"] == []
    assert office.standing().version == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is the database's
async def test_who_may_not_or_has_not_read_it_changes_nothing(app: FastAPI, office: Found) -> None:
    adam = office.client(app, office.adam)
    for verb in ("claim", "decline", "co-own", "contest", "steward"):
        address = f"/tools/{office.hubspot}/ownership/{verb}"
        answer = await adam.post(address, json=VERBS[verb], headers={"If-Match": '"v0"'})
        assert answer.status_code == 403, (verb, answer.text)
    missing = await adam.post("/tools/987654/ownership/claim", headers={"If-Match": '"v0"'})
    assert missing.status_code == 404

    mara = office.client(app, office.mara)
    address = f"/tools/{office.hubspot}/ownership/claim"
    assert (await mara.post(address)).status_code == 428
    for wrong in ('"v1"', "nonsense", "*"):
        assert (await mara.post(address, headers={"If-Match": wrong})).status_code == 412
    with reading(office.engine) as connection:
        owned = sa.select(tools.c.ownership).where(tools.c.id == office.hubspot)
        assert connection.scalar(owned) == "unowned"
    with writing(office.engine) as connection:
        _, text = security.create_token(
            connection, "reading", Role.READER, user_id=office.mara.id, actor="test", now=NOW
        )
    mara.headers["Authorization"] = f"Bearer {text}"
    answer = await mara.post(f"/tools/{office.hubspot}/ownership/claim", headers={"If-Match": '"v0"'})
    assert answer.status_code == 403
    assert (await mara.get(f"/tools/{office.hubspot}/ownership")).status_code == 200
