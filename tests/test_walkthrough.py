"""The whole of it, as two people live through it: found, claimed, reviewed, decided, broken, retired, ended.

Over the API alone, by two people who logged in through a real OpenID provider, against a Google that answers
over real HTTP. Scans and nights are run when their time has come, as `penumbra serve` runs them.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Connection, Engine

from app.api.state import AppState
from app.clock import utc_now
from app.db import reading
from app.identify import default_knowledge_base
from app.main import create_app
from app.reviews.replay import replay
from app.scans.runner import Runner
from app.scans.schedule import Schedule
from app.settings import Settings
from app.sources import service as sources
from connectors.base import Connector, Context
from connectors.conformance import Patience
from connectors.google_workspace.sample import DRIVE, PROFILE, activity, consent, token, user
from connectors.google_workspace.simulator import GoogleWorkspaceSimulator, GoogleWorld, make_service_account
from connectors.simulation import serve
from tests.support import openid
from tests.support.openid import Provider
from tests.support.scanning import Clock

MAILCHIMP = "512340987612-mailchimp7q2.apps.googleusercontent.com"
CALENDAR = "771234500123-calendar9x.apps.googleusercontent.com"
CONTACTS = "https://www.googleapis.com/auth/contacts.readonly"
ROLES = {"Marketing operations": ["marketing"], "IT security": ["it"], "Auditors": ["auditor"]}
GROUPS = {"mara": "Marketing operations", "ida": "IT security", "ada": "Auditors"}
Json = dict[str, Any]


def google_world(now: datetime) -> GoogleWorld:
    """Three of marketing let Mailchimp read their contacts, and one of them another app too."""

    def person(number: int, name: str, department: str, **more: Any) -> Json:
        return user(number, name, organizations=[{"department": department, "primary": True}], **more)

    marketing = [
        person(n, name, "Marketing") for n, name in enumerate(("Mara Lind", "Tom Berg", "Lea Roy"), 2)
    ]
    admin = person(1, "Ida Holm", "IT", isDelegatedAdmin=True)
    held = {each["primaryEmail"]: [token(MAILCHIMP, "Mailchimp", CONTACTS, PROFILE)] for each in marketing}
    held[marketing[0]["primaryEmail"]].append(token(CALENDAR, "Team Calendar", DRIVE))
    log = [
        activity(
            "token", now - timedelta(days=20 - n), who, consent("authorize", MAILCHIMP, "Mailchimp", CONTACTS)
        )
        for n, who in enumerate(marketing)
    ]
    return GoogleWorld("C1", [admin, *marketing], held, {"token": log, "saml": [], "admin": []})


@dataclass
class Story:
    """The company, its clock, and what its people do over the API."""

    app: FastAPI
    engine: Engine
    clock: Clock
    google: GoogleWorld
    google_url: str
    provider: Provider
    people: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def state(self) -> AppState:
        return self.app.state.penumbra

    def client(self, **more: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url=openid.HOME, **more)

    async def log_in(self, name: str, full_name: str) -> None:
        """Log in at the provider, and make a token on the account page, as a person would."""
        claims = {
            "sub": f"{name}-1",
            "email": f"{full_name.replace(' ', '.').lower()}@acme.example",
            "email_verified": True,
            "name": full_name,
            "groups": [GROUPS[name], "Everybody"],
        }
        async with self.client() as browser:
            begun = await browser.get("/login/openid", params={"next": "/account"})
            back = await browser.get(self.provider.log_in(begun.headers["location"], claims))
            assert (back.status_code, back.headers["location"]) == (303, "/account"), back.text
            page = (await browser.get("/account")).text
            form = {
                "form_secret": page.split('name="form_secret" value="')[1].split('"')[0],
                "name": f"walk-through of {name}",
                "role": ROLES[GROUPS[name]][0],
            }
            made = await browser.post("/account/tokens", data=form)
            assert made.status_code == 201, made.text
        text = re.search(r"<code>(pen_[^<]+)</code>", made.text)
        assert text is not None
        self.people[name] = self.client(headers={"Authorization": f"Bearer {text[1]}"})
        me = await self.get(name, "/me")
        assert (me["name"], me["roles"]) == (full_name, ROLES[GROUPS[name]])
        self.ids[name] = me["user_id"]

    async def get(self, name: str, address: str) -> Json:
        answer = await self.people[name].get(f"/api/v1{address}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self, name: str, address: str, body: Json | None = None, *, at: int | None = None, status: int = 200
    ) -> Json:
        headers = {} if at is None else {"If-Match": f'"v{at}"'}
        answer = await self.people[name].post(f"/api/v1{address}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    @property
    def runner(self) -> Runner:
        def load(connection: Connection, source_id: int) -> Connector[Any]:
            row = sources.get_source(connection, source_id)
            return sources.load_connector(row, self.state.context, self.state.secrets)

        return Runner(self.engine, default_knowledge_base(), load, clock=self.clock)

    async def scan(self, source: int) -> Json:
        """Ida asks for a scan, and it is run."""
        scan = await self.post("ida", f"/sources/{source}/scans", status=202)
        runner = self.runner
        taken = runner.claim(scan["id"])
        assert taken is not None
        await runner.run(taken)
        return await self.get("ida", f"/scans/{scan['id']}")

    async def night(self) -> None:
        """What `penumbra serve` does every night."""
        schedule = Schedule(
            self.runner, at_once=1, personal_data_days=400, clock=self.clock, house=self.state.house
        )
        await schedule.tidy()

    def may_still(self, client: str) -> set[str]:
        """Whose account an app may reach, asked of Google itself."""
        return {
            who.partition("@")[0]
            for who, held in self.google.tokens.items()
            if any(each["clientId"] == client for each in held)
        }


@dataclass
class Table:
    """One review, at which people act one after the other."""

    story: Story
    review: Json

    @property
    def address(self) -> str:
        return f"/reviews/{self.review['id']}"

    async def act(self, name: str, verb: str, *, status: int = 200, **body: Any) -> Json:
        answer = await self.story.post(
            name, f"{self.address}/{verb}", body, at=self.review["version"], status=status
        )
        if status == 200:
            self.review = answer
        return answer

    async def assess(self, name: str, side: str, **more: Any) -> None:
        for item in self.side(side)["items"]:
            await self.act(name, "assess", item=item["item"], verdict="ok", **more)

    async def wait(self, **amount: float) -> None:
        self.story.clock.forward(**amount)
        self.review = await self.story.get("mara", self.address)

    def side(self, side: str) -> Json:
        return next(s for s in self.review["sides"] if s["side"] == side)

    def waited(self) -> dict[str, int]:
        return {side: self.side(side)["clock"]["waited_s"] for side in ("it", "marketing")}


@pytest.fixture
async def story(engine: Engine, settings: Settings, openid_provider: Provider) -> AsyncIterator[Story]:
    clock = Clock(utc_now())  # the real time at first, which the provider's tokens have
    world, account, patience = google_world(clock()), make_service_account(), Patience()
    simulator = GoogleWorkspaceSimulator(
        world, service_account_email=account.email, public_key_pem=account.public_key_pem, now=clock
    )
    told = openid.connected(settings.model_copy(update={"may_revoke": True}), openid_provider, ROLES)
    context = Context(now=clock, sleep=patience.sleep, monotonic=patience.monotonic)
    app = create_app(told, engine, context=context, clock=clock)
    with serve(simulator.app) as url:
        story = Story(app, engine, clock, world, url, openid_provider)
        yield story
        for client in story.people.values():
            await client.aclose()


def next_monday_at_nine(now: datetime) -> datetime:
    day = now.date() + timedelta(days=7 - now.weekday())
    return datetime.combine(day, time(9), now.tzinfo)


async def test_two_people_decide_on_a_tool_and_end_it(story: Story) -> None:
    clock = story.clock
    for name, full_name in (("ida", "Ida Holm"), ("mara", "Mara Lind"), ("ada", "Ada Frey")):
        await story.log_in(name, full_name)
    clock.now = next_monday_at_nine(clock())
    source = await connect(story)
    tool = await found_and_claimed(story, source)
    first = await questioned(story, tool)
    await decided_with_a_condition(story, tool, first)
    second = await missed_and_opened_again(story, tool, first)
    await decided_to_retire(story, tool, second)
    await ended(story, tool, second, source)
    await whole_trail(story, tool, (first.review["id"], second.review["id"]))


async def connect(story: Story) -> int:
    """Ida connects Google, and allows this source to end access."""
    config = {
        "base_url": story.google_url,
        "token_url": f"{story.google_url}/token",
        "service_account": make_service_account().key_file,
        "admin_email": "ida.holm@acme.example",
        "may_revoke": True,
    }
    body = {"name": "google", "connector": "google_workspace", "config": config}
    return (await story.post("ida", "/sources", body, status=201))["id"]


async def found_and_claimed(story: Story, source: int) -> int:
    """A scan finds Mailchimp; it is flagged; Mara sees it under her team's, and claims it."""
    assert (await story.scan(source))["state"] == "complete"
    flagged = (await story.get("mara", "/tools?flagged=true"))["items"]
    assert [(t["name"], t["people"], t["governance"], t["ownership"]) for t in flagged] == [
        ("Mailchimp", 3, "unreviewed", "unowned")
    ]
    tool: int = flagged[0]["id"]
    mine = next(i for i in (await story.get("mara", "/claims/found"))["items"] if i["tool"]["id"] == tool)
    sentence = r"First consent on \d+ [A-Z][a-z]+( \d{4})?; 3 people of your team in all\."
    assert re.fullmatch(sentence, mine["sentence"]), mine["sentence"]
    owned = await story.post("mara", f"/tools/{tool}/ownership/claim", at=mine["version"])
    assert owned["owner"]["user_id"] == story.ids["mara"]
    assert (await story.get("ida", f"/tools/{tool}"))["ownership"] == "owned"
    return tool


async def questioned(story: Story, tool: int) -> Table:
    """Ida opens the review; both assess; what she asks stops her side's clock and starts Mara's."""
    opened = await story.post(
        "ida", f"/tools/{tool}/reviews", {"cause": "flag", "need": "Who needs it?"}, status=201
    )
    table = Table(story, opened)
    assert (await story.get("ida", f"/tools/{tool}"))["governance"] == "in_review"
    grants = (await story.get("ida", f"/grants?tool={tool}"))["items"]
    evidence = [{"kind": "grant", "id": each["id"]} for each in grants]
    assert len(evidence) == 3
    await table.assess("ida", "it", evidence=evidence, notes="It reads contacts.")
    assert table.review["waiting_on"] == ["marketing"]
    await table.assess("mara", "marketing", links=["https://acme.example/newsletter"])
    assert table.review["waiting_on"] == ["it", "marketing"], "both may propose"
    await table.wait(hours=1)
    assert table.waited() == {"it": 3600, "marketing": 3600}

    await table.act("ida", "ask", to="marketing", text="Whose contacts does it hold?")
    assert table.review["waiting_on"] == ["marketing"]
    assert [table.side(s)["clock"]["runs"] for s in ("it", "marketing")] == [False, True]
    await table.wait(hours=2)
    assert table.waited() == {"it": 3600, "marketing": 3 * 3600}, "the seconds are marketing's"
    question = table.review["questions"][0]["number"]
    await table.act("mara", "answer", question=question, text="Subscribers only.")
    assert table.review["waiting_on"] == ["it", "marketing"]
    return table


async def decided_with_a_condition(story: Story, tool: int, table: Table) -> None:
    """Mara proposes, IT promises; neither alone decides, and no second key is turned by the same person."""
    due = (story.clock() + timedelta(days=10)).date().isoformat()
    promise = {"side": "it", "owner_user_id": story.ids["ida"], "text": "Put it behind SSO.", "due": due}
    terms = {"outcome": "sanctioned_with_conditions", "conditions": [promise]}
    await table.act("mara", "propose", terms=terms, rationale="The newsletter lives there.")
    number = table.review["proposal"]["number"]
    await table.act("ida", "sign", proposal=number, rationale="Fine behind SSO.")
    assert (table.review["state"], table.review["signed"], table.review["waiting_on"]) == (
        "open",
        ["it"],
        ["marketing"],
    )
    assert (await story.get("ida", f"/tools/{tool}"))["governance"] == "in_review", "one key decides nothing"
    await table.act("ida", "sign", proposal=number, rationale="Twice.", status=409)
    await table.act("ida", "sign", proposal=number, rationale="For both.", side="marketing", status=403)
    undecided = await story.people["ida"].get(f"/api/v1{table.address}/record")
    assert undecided.status_code == 404
    await table.act("mara", "sign", proposal=number, rationale="We keep our newsletter.")
    assert (table.review["state"], table.review["outcome"]) == ("decided", "sanctioned_with_conditions")
    assert (await story.get("mara", f"/tools/{tool}"))["governance"] == "sanctioned_with_conditions"

    record = await story.get("mara", f"{table.address}/record")
    assert [(k["side"], k["by"]["name"], k["rationale"]) for k in record["keys"]] == [
        ("it", "Ida Holm", "Fine behind SSO."),
        ("marketing", "Mara Lind", "We keep our newsletter."),
    ]
    kept = record["conditions"][0]
    assert (kept["text"], kept["due"], kept["owner"]["name"], kept["state"]) == (
        "Put it behind SSO.",
        due,
        "Ida Holm",
        "open",
    )
    assert record["questions"][0]["answer"] == "Subscribers only."
    assert record["evidence"]["people_by_department"] == {"Marketing": 3}


async def missed_and_opened_again(story: Story, tool: int, table: Table) -> Table:
    """The day comes and goes, nobody says that the promise was kept: the review is opened again."""
    reopened = f"/reviews?state=open&tool={tool}"
    await table.wait(days=10)
    await story.night()
    assert (await story.get("ida", reopened))["items"] == [], "the day itself is still in time"
    await table.wait(days=1)
    for _ in range(2):  # a second night changes nothing
        await story.night()
        opened = (await story.get("ida", reopened))["items"]
        assert len(opened) == 1
    assert (await story.get("mara", table.address))["conditions"][0]["state"] == "missed"
    again = await story.get("mara", f"/reviews/{opened[0]['id']}")
    assert (again["cause"], again["previous"], again["opened_by"]) == ("reopened", table.review["id"], None)
    assert "Put it behind SSO." in again["need"]
    assert (await story.get("mara", f"/tools/{tool}"))["governance"] == "in_review"
    return Table(story, again)


async def decided_to_retire(story: Story, tool: int, table: Table) -> None:
    """In the second review they decide to stop using it."""
    await table.assess("ida", "it")
    await table.assess("mara", "marketing")
    by = (story.clock() + timedelta(days=30)).date().isoformat()
    terms = {"outcome": "retire", "plan": "The newsletter moves to HubSpot.", "by": by}
    await table.act("ida", "propose", terms=terms, rationale="It has no SSO at our plan.")
    number = table.review["proposal"]["number"]
    await table.act("mara", "sign", proposal=number, rationale="We have moved.")
    await table.act("ida", "sign", proposal=number, rationale="Then we end the access.")
    assert table.review["outcome"] == "retire"
    assert (await story.get("mara", f"/tools/{tool}"))["governance"] == "retiring"


async def ended(story: Story, tool: int, table: Table, source: int) -> None:
    """Both confirm the plan; then the access is gone at Google, the tasks are done, the tool is retired."""
    due = (story.clock() + timedelta(days=14)).date().isoformat()
    plan = await story.post("ida", f"{table.address}/remediation", {"due": due}, status=201)
    address = f"/remediations/{plan['id']}"
    by_penumbra = [s for s in plan["steps"] if s["kind"] == "revoke"]
    everybody = {"mara.lind", "tom.berg", "lea.roy"}
    assert {s["person"]["email"].partition("@")[0] for s in by_penumbra} == everybody
    plan = await story.post("ida", f"{address}/confirm", at=plan["version"])
    await story.post("ida", f"{address}/run", status=409)
    await story.post("ida", f"{address}/confirm", at=plan["version"], status=409)
    assert story.may_still(MAILCHIMP) == everybody, "one side alone ends nothing"
    await story.post("mara", f"{address}/confirm", at=plan["version"])

    plan = await story.post("ida", f"{address}/run")
    assert story.may_still(MAILCHIMP) == set()
    assert story.may_still(CALENDAR) == {"mara.lind"}, "nothing else was ended"
    tasks = [s for s in plan["steps"] if s["state"] != "done"]
    assert tasks
    assert {s["kind"] for s in tasks} == {"task"}
    for step in tasks:
        done = f"{address}/steps/{step['number']}/done"
        plan = await story.post("mara", done, {"note": "The lists are exported."})
    assert (plan["state"], plan["left"]) == ("done", 0)
    assert (await story.get("mara", f"/tools/{tool}"))["governance"] == "retired"

    assert len((await story.get("ida", f"/grants?tool={tool}"))["items"]) == 3, "as the last scan saw it"
    story.clock.forward(hours=1)
    assert (await story.scan(source))["state"] == "complete"
    assert (await story.get("ida", f"/grants?tool={tool}"))["items"] == []
    gone = (await story.get("ida", f"/grants?tool={tool}&live=false"))["items"]
    assert {g["person"]["email"].partition("@")[0] for g in gone} == everybody
    now = await story.get("ida", f"/tools/{tool}")
    assert (now["governance"], now["flagged"], now["grant_grade"]) == ("retired", False, None)


async def whole_trail(story: Story, tool: int, reviews: tuple[int, int]) -> None:
    """The auditor finds the trail whole, and both people's deeds in it; nobody else may look."""
    refused = await story.people["mara"].get("/api/v1/audit/verify")
    assert refused.status_code == 403
    verdict = await story.get("ada", "/audit/verify")
    assert (verdict["whole"], verdict["faults"]) == (True, [])
    lines: list[Json] = []
    cursor = ""
    while True:
        page = await story.get("ada", f"/audit?limit=200{cursor}")
        lines += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(lines) == verdict["lines"]

    def deeds(actor: str) -> set[tuple[str, str]]:
        return {(line["action"], line["object"]) for line in lines if line["actor"] == actor}

    first, second = (f"review:{number}" for number in reviews)
    of_mara, of_ida = (deeds(f"user:{story.ids[name]}") for name in ("mara", "ida"))
    for deeds_of_one in (of_mara, of_ida):
        assert {"session.begin", "token.create"} <= {action for action, _ in deeds_of_one}
    assert {
        ("ownership.claim", f"tool:{tool}"),
        ("review.answered", first),
        ("review.proposed", first),
        ("review.signed", first),
        ("review.signed", second),
        ("remediation.confirm", "remediation:1"),
        ("remediation.task", "remediation:1"),
    } <= of_mara
    assert {
        ("source.create", "source:1"),
        ("review.opened", first),
        ("review.asked", first),
        ("review.signed", first),
        ("review.proposed", second),
        ("review.signed", second),
        ("remediation.plan", "remediation:1"),
        ("remediation.confirm", "remediation:1"),
        ("remediation.revoke", "remediation:1"),
    } <= of_ida
    assert {("review.condition_missed", first), ("review.opened", second)} <= deeds("system")
    with reading(story.engine) as connection:
        assert replay(connection) == (2, [])
