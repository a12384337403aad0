"""The whole of it, as two people live through it: found, claimed, reviewed, decided, broken, retired, ended.

Over the API alone, by two people who logged in through a real OpenID provider, against a Google that answers
over real HTTP. Scans and nights are run when their time has come, as `penumbra serve` runs them.
"""

import re
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy.engine import Engine

from app.clock import utc_now
from app.db import reading
from app.main import create_app
from app.reviews.replay import replay
from app.settings import Settings
from connectors.base import Context
from connectors.conformance import Patience
from connectors.google_workspace.simulator import GoogleWorkspaceSimulator, make_service_account
from connectors.simulation import serve
from tests.support import openid
from tests.support.openid import Provider
from tests.support.scanning import Clock
from tests.support.story import CALENDAR, MAILCHIMP, ROLES, Json, Story, Table, google_world


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
    await story.night()
    await story.night()
    opened = (await story.get("ida", reopened))["items"]
    assert len(opened) == 1, "a second night changes nothing"
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
