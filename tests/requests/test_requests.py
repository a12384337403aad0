"""Requests over the API: asked, read, withdrawn, reviewed; on both databases, and by several at once."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from app import models
from app.api.state import reassess
from app.catalog.leftovers import all_tools, forget_tools
from app.catalog.tool_finder import ToolFinder
from app.db import writing
from app.errors import Conflict
from app.identify import default_knowledge_base
from app.joining import house_rules, partners
from app.requests import service
from app.security.schemas import Caller, Role
from app.security.service import Gate, create_token
from connectors.identifiers import APP_NAME, DOMAIN, Identifier
from connectors.observations import AppSeen
from tests.conftest import NOW
from tests.requests.support import EMAIL, Company, code

LENT = partners(house_rules(), reassess)


class People:
    """A company, and clients of the API by the name of who asks."""

    def __init__(self, company: Company, client: httpx.AsyncClient) -> None:
        self.company = company
        self._client = client

    async def get(self, who: str, address: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.company.tokens[who]}"}
        return await self._client.get(f"/api/v1{address}", headers=headers)

    async def post(self, who: str, address: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.company.tokens[who]}"}
        return await self._client.post(f"/api/v1{address}", json=body, headers=headers)

    async def ask(self, who: str, what: str, need: str = "It is needed.", **more: Any) -> dict[str, Any]:
        answer = await self.post(who, "/requests", {"what": what, "need": need, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def caller(self, who: str) -> Caller:
        return Gate(self.company.engine, clock=lambda: NOW).verify(self.company.tokens[who])


@pytest.fixture
async def people(app: FastAPI, engine: Engine) -> AsyncIterator[People]:
    """People of a company, with the whole of Penumbra."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://penumbra.test"
    ) as client:
        yield People(Company(engine), client)


async def test_what_was_asked_is_kept_with_its_answer_and_audited(people: People) -> None:
    company = people.company
    brevo = company.product("brevo", governance="sanctioned", people=3)
    made = await people.ask(
        "mara",
        " https://mailchimp.com/pricing ",
        "Newsletters\nto dealers",
        tried=[{"tool": brevo, "lacked": "No API"}],
        people=4,
        spend={"minor": 120_000, "currency": "EUR"},
    )
    assert made["by"] == {"user_id": company.users["mara"], "name": "Mara"}
    assert (made["what"], made["need"]) == ("https://mailchimp.com/pricing", "Newsletters\nto dealers")
    assert (made["product"], made["tool_id"], made["state"]) == ("mailchimp", None, "open")
    assert made["category"] == EMAIL
    assert made["tried"] == [
        {"tool_id": brevo, "name": "Brevo", "governance": "sanctioned", "lacked": "No API"}
    ]
    assert (made["people"], made["spend"]) == (4, {"minor": 120_000, "currency": "EUR"})
    asked = (await people.get("rudi", "/requests/answer?what=mailchimp.com")).json()
    # The lane depends on people and spend, which only the request names.
    same = {k: v for k, v in asked.items() if k not in {"what", "road"}}
    assert same == {k: v for k, v in made["answer"].items() if k not in {"what", "road"}}
    assert "4 people use it (at most 10)." in made["answer"]["road"]["reasons"]
    read = await people.get("otto", f"/requests/{made['id']}")
    assert read.json() == made
    assert company.count(models.tools) == 1, "asking makes no tool"
    (line,) = [r for r in company.rows(models.audit_events) if r["action"] == "request.create"]
    assert line["actor"] == f"user:{company.users['mara']}"
    assert line["object"] == f"request:{made['id']}"
    assert line["after"]["need"] == "Newsletters\nto dealers"


async def test_the_answers_questions_are_asked_of_both_databases(people: People) -> None:
    company = people.company
    own = company.tool("Frobnix", domain="frobnix.io", category=EMAIL, people=2, governance="in_review")
    company.review(own, "open", waiting=("it",))
    with writing(company.engine) as connection:
        owned = {"kind": "unknown.domain", "value": "frobnix.io", "tool_id": own, "rule": "x"}
        connection.execute(sa.insert(models.tool_identifiers).values(**owned, first_seen=NOW))
    mailchimp = company.product(
        "mailchimp", governance="sanctioned_with_conditions", spend_minor=5, spend_currency="EUR"
    )
    for days in (1, 2, 9):
        review = company.review(mailchimp, days=days, terms={"outcome": "sanctioned"}, rationale="Good.")
    company.condition(review, "it", "Single sign-on", date(2027, 3, 1))
    for what in ("frobnix", "app.frobnix.io/x"):
        found = (await people.get("rudi", f"/requests/answer?what={what}")).json()
        assert found["identity"]["tool_id"] == own
        assert found["standing"]["waiting_on"] == ["it"]
        assert [t["name"] for t in found["overlap"]["tools"]] == ["Mailchimp"]
        assert found["road"]["history"] == {"reviews": 3, "median_days": 2, "p90_days": 9}
    found = (await people.get("rudi", "/requests/answer?what=Mailchimp")).json()
    assert [c["text"] for c in found["standing"]["conditions"]] == ["Single sign-on"]
    assert found["standing"]["why"].endswith(": Good.")


async def test_bad_requests_are_refused_by_field(people: People) -> None:
    gone = people.company.tool("Gone", merged_into=people.company.tool("Kept"))
    fine = {"what": "Brevo", "need": "x"}
    for change, status, field in (
        ({"what": "  "}, 422, "what"),
        ({"need": ""}, 422, "need"),
        ({"what": "a\x00b"}, 422, "body"),
        ({"what": "x" * 501}, 422, "what"),
        ({"people": 0}, 422, "people"),
        ({"spend": {"minor": 5}}, 422, "spend.currency"),
        ({"spend": {"minor": 5, "currency": "eur"}}, 422, "spend.currency"),
        ({"tried": [{"tool": 987654, "lacked": "x"}]}, 422, "tried.0.tool"),
        ({"tried": [{"tool": gone, "lacked": "x"}]}, 409, "tried.0.tool"),
        ({"state": "reviewed"}, 422, "state"),
        ({"user_id": 1}, 422, "user_id"),
    ):
        answer = await people.post("mara", "/requests", {**fine, **change})
        assert answer.status_code == status, (change, answer.text)
        assert field in [e["field"] for e in answer.json()["errors"]], (change, answer.text)
    for query in ("", "what=", "what=a%00b", "what=a&wat=b"):
        refused = await people.get("mara", f"/requests/answer?{query}")
        assert refused.status_code in {400, 422}, query
    assert people.company.count(models.requests) == 0


async def test_only_people_ask_and_only_who_asked_takes_it_back(people: People) -> None:
    company = people.company
    with writing(company.engine) as connection:
        company.tokens["robot"] = create_token(connection, "robot", Role.IT, actor="test", now=NOW)[1]
    refused = await people.post("robot", "/requests", {"what": "Brevo", "need": "x"})
    assert (refused.status_code, code(refused)) == (403, "forbidden")
    made = await people.ask("rudi", "Brevo")
    address = f"/requests/{made['id']}/withdraw"
    for who in ("mara", "root", "robot"):
        assert (await people.post(who, address)).status_code == 403, who
    assert (await people.post("rudi", address)).json()["state"] == "withdrawn"
    again = await people.post("rudi", address)
    assert (again.status_code, code(again)) == (409, "not_open")
    review = await people.post("ida", f"/requests/{made['id']}/review")
    assert (review.status_code, code(review)) == (409, "not_open")
    assert [r["action"] for r in company.rows(models.audit_events)].count("request.withdraw") == 1


async def test_requests_are_listed_newest_first_all_or_ones_own(people: People) -> None:
    ids = [(await people.ask(who, "Brevo"))["id"] for who in ("mara", "rudi", "mara")]
    await people.post("mara", f"/requests/{ids[0]}/withdraw")

    async def listed(query: str, who: str = "mara") -> list[int]:
        return [r["id"] for r in (await people.get(who, f"/requests?{query}")).json()["items"]]

    assert await listed("") == [ids[2], ids[1], ids[0]]
    assert await listed("mine=true") == [ids[2], ids[0]]
    assert await listed("mine=true", "ida") == []
    assert await listed("state=open") == [ids[2], ids[1]]
    page = (await people.get("mara", "/requests?limit=2")).json()
    assert await listed(f"limit=2&cursor={page['next']}") == [ids[0]]
    assert (await people.get("mara", "/requests?cursor=x")).status_code == 422
    assert (await people.get("mara", "/requests?state=gone")).status_code == 422


async def test_unmet_needs_are_told_by_category_and_tool(people: People) -> None:
    company = people.company
    brevo = company.product("brevo", governance="sanctioned")
    crm = company.tool("Our CRM", category="SR-CRM")
    await people.ask("mara", "Mailchimp", "news", tried=[{"tool": brevo, "lacked": "No API"}])
    await people.ask(
        "rudi", "Mailchimp", tried=[{"tool": brevo, "lacked": "Too dear"}, {"tool": crm, "lacked": "x"}]
    )
    await people.ask("rudi", "Quuxly", tried=[{"tool": crm, "lacked": "Everything"}])
    taken_back = await people.ask("rudi", "Mailchimp", tried=[{"tool": crm, "lacked": "y"}])
    await people.post("rudi", f"/requests/{taken_back['id']}/withdraw")
    await people.ask("mara", "HubSpot")
    with writing(company.engine) as connection:
        connection.execute(sa.delete(models.tools).where(models.tools.c.id == crm))
    found = (await people.get("ida", "/requests/needs")).json()["items"]
    assert [(n["category_name"], n["count"]) for n in found] == [
        ("Email Marketing", 2),
        ("No category yet", 1),
    ]
    first, second = found[0]["tools"]
    assert (first["name"], first["governance"], first["times"]) == ("Brevo", "sanctioned", 2)
    assert [(w["lacked"], w["need"]) for w in first["lacked"]] == [
        ("Too dear", "It is needed."),
        ("No API", "news"),
    ]
    assert (second["name"], second["times"]) == ("Our CRM", 1), "its name is kept when it goes"


async def test_a_tool_that_is_asked_for_stays_until_nobody_waits(people: People) -> None:
    tool = people.company.tool("Frobnix", domain="frobnix.io", flagged=False)
    made = await people.ask("mara", "Frobnix")
    assert made["tool_id"] == tool
    with writing(people.company.engine) as connection:
        assert forget_tools(connection, [tool]) == 0
    await people.post("mara", f"/requests/{made['id']}/withdraw")
    with writing(people.company.engine) as connection:
        assert forget_tools(connection, [tool]) == 1
    left = (await people.get("mara", f"/requests/{made['id']}")).json()
    assert (left["tool_id"], left["name"]) == (None, "Frobnix")
    assert left["answer"]["identity"]["known"] == "unknown"


# --- becoming a review -------------------------------------------------------------------------


async def test_a_person_of_a_side_turns_it_into_a_review_with_the_need(people: People) -> None:
    company = people.company
    made = await people.ask("rudi", "Mailchimp", "Newsletters to dealers")
    other = await people.ask("mara", "mailchimp.com")
    await people.ask("mara", "Brevo")
    address = f"/requests/{made['id']}/review"
    assert [(await people.post(who, address)).status_code for who in ("rudi", "otto", "root")] == [403] * 3
    done = (await people.post("mara", address)).json()
    (tool,) = company.rows(models.tools)
    (review,) = company.rows(models.reviews)
    assert (done["state"], done["review"], done["tool_id"]) == ("reviewed", review["id"], tool["id"])
    assert (tool["key"], tool["name"], tool["listed"]) == ("kb:mailchimp", "Mailchimp", True)
    assert (tool["evidence"], tool["shadow"], tool["audience"]) == ("dormant", False, "marketing")
    assert (review["cause"], review["tool_id"]) == ("request", tool["id"])
    (event,) = company.rows(models.review_events)
    assert event["data"]["need"] == "Newsletters to dealers"
    assert done["answer"]["standing"]["may_use"] == "wait"
    joined = (await people.get("mara", f"/requests/{other['id']}")).json()
    assert (joined["state"], joined["review"]) == ("reviewed", review["id"]), "same tool, same review"
    states = [r["state"] for r in company.rows(models.requests)]
    assert states == ["reviewed", "reviewed", "open"]
    again = await people.post("ida", address)
    assert (again.status_code, code(again)) == (409, "not_open")
    assert again.json()["links"]["review"] == f"/api/v1/reviews/{review['id']}"
    later = await people.ask("rudi", "Mailchimp")
    refused = await people.post("ida", f"/requests/{later['id']}/review")
    assert (refused.status_code, code(refused)) == (409, "open_review")
    assert f"in review {review['id']}" in refused.json()["detail"]
    assert [r["action"] for r in company.rows(models.audit_events)].count("request.review") == 2
    with writing(company.engine) as connection:
        assert forget_tools(connection, all_tools(connection)) == 0, "a tool in review stays"


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("Quuxly https://app.quuxly.io/x", [Identifier(APP_NAME, "Quuxly"), Identifier(DOMAIN, "quuxly.io")]),
        ("https://app.quuxly.io/x", [Identifier(DOMAIN, "login.quuxly.io")]),
        ("Quuxly", [Identifier(APP_NAME, "Quuxly - Prod")]),
        ("Segment", [Identifier(DOMAIN, "segment.com")]),
    ],
)
async def test_later_evidence_joins_the_tool_that_was_made(
    people: People, what: str, seen: list[Identifier]
) -> None:
    made = await people.ask("mara", what)
    done = (await people.post("mara", f"/requests/{made['id']}/review")).json()
    finder = ToolFinder(default_knowledge_base())
    with writing(people.company.engine) as connection:
        finder.begin(connection)
        app = AppSeen(ref="1", name="An app", identifiers=tuple(seen))
        assert finder.for_app(connection, app, NOW).tool_id == done["tool_id"]
    assert finder.made == 0


async def test_a_tool_that_came_into_the_catalog_meanwhile_is_the_one_reviewed(people: People) -> None:
    made = await people.ask("mara", "Mailchimp")
    tool = people.company.product("mailchimp")
    done = (await people.post("ida", f"/requests/{made['id']}/review")).json()
    assert done["tool_id"] == tool


async def test_two_who_open_the_review_at_once_open_one(people: People) -> None:
    made = await people.ask("rudi", "Quuxly")
    counter = service.Counter(default_knowledge_base(), LENT, NOW)
    callers = [people.caller(who) for who in ("ida", "mara")] * 2

    def turn(caller: Caller) -> str:
        try:
            with writing(people.company.engine) as connection:
                service.review(connection, counter, made["id"], caller=caller, reassess=reassess)
        except Conflict as error:
            return error.code
        return "reviewed"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(turn, callers))
    assert outcomes == ["not_open", "not_open", "not_open", "reviewed"]
    assert people.company.count(models.reviews) == 1


async def test_two_requests_for_one_tool_turned_at_once_open_one_review(people: People) -> None:
    ids = [(await people.ask(who, "Quuxly"))["id"] for who in ("rudi", "mara")]
    counter = service.Counter(default_knowledge_base(), LENT, NOW)
    caller = people.caller("ida")

    def turn(id_: int) -> str:
        try:
            with writing(people.company.engine) as connection:
                service.review(connection, counter, id_, caller=caller, reassess=reassess)
        except Conflict as error:
            return error.code
        return "reviewed"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(turn, ids))
    assert people.company.count(models.reviews) == 1
    assert outcomes.count("reviewed") == 1


def test_the_table_holds_what_it_must(engine: Engine) -> None:
    company = Company(engine)
    fine = {
        "at": NOW,
        "user_id": company.users["mara"],
        "what": "x",
        "name": "x",
        "need": "x",
        "tried": [],
        "state": "open",
    }
    for change in (
        {"state": "reviewed"},
        {"state": "lost"},
        {"spend_minor": 5},
        {"people": 0},
        {"user_id": 987654},
    ):
        with pytest.raises(IntegrityError), writing(engine) as connection:
            connection.execute(sa.insert(models.requests).values(**{**fine, **change}))
    with writing(engine) as connection:
        connection.execute(sa.insert(models.requests).values(**fine))
