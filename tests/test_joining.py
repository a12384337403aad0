"""The parts together: the policy leads reviews, decisions are opened again, and whom it concerns is told."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.api.state import reassess
from app.db import writing
from app.joining import house_rules, partners
from app.policy import service as policy_service
from app.requests.partners import Subject
from app.reviews.sweeping import sweep
from app.security.schemas import Role
from app.settings import Settings
from tests.policy.support import policy
from tests.reviews.support import MONDAY, Review, Table, table_of


def told(table: Table) -> list[tuple[str, str]]:
    """Topics and titles of what was put into the outbox, in order."""
    return [(m["topic"], m["title"]) for m in sorted(table.rows(models.messages), key=lambda m: m["id"])]


def heard(table: Table, topic: str) -> set[str]:
    """Who got the messages of a topic."""
    names = {id_: name for name, id_ in table.users.items()}
    wanted = {m["id"] for m in table.rows(models.messages) if m["topic"] == topic}
    return {names[d["user_id"]] for d in table.rows(models.deliveries) if d["message_id"] in wanted}


@pytest.fixture
def table(engine: Engine, settings: Settings):
    with table_of(engine, settings, house_rules()) as made:
        yield made


def sweep_at(table: Table) -> Any:
    with writing(table.engine) as connection:
        return sweep(connection, table.now, reassess=reassess, house=house_rules())


def test_the_policy_chooses_the_lane_and_what_it_asks(table: Table) -> None:
    grave = Review(table, table.company.hubspot)
    shown = grave.last
    lane = table.clients["mara"].get(f"/api/v1/tools/{table.company.hubspot}/lane").json()
    assert shown["lane"] == lane["lane"] != "fast"
    assert shown["reasons"] == lane["reasons"]


def test_whom_it_concerns_is_told(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    review.ok("ida", "ask", to="marketing", text="Whose data goes in?")
    question = review.last["questions"][0]["number"]
    review.ok("mara", "answer", question=question, text="Our dealers'.")
    assert [(topic, title.partition(": ")[2]) for topic, title in told(table)] == [
        ("review.opened", "a joint review was opened"),
        ("review.question", "IT asks a question"),
        ("review.waiting", "your question was answered"),
    ]
    assert heard(table, "review.opened") == {"ida", "mara"}
    assert heard(table, "review.question") == {"mara"}
    assert heard(table, "review.waiting") == {"ida"}


def test_a_decision_is_opened_again_once_when_the_tool_outgrows_it(table: Table) -> None:
    tool = table.company.hubspot
    table.set_tool(tool, people=8, ownership="owned")
    review = Review(table, tool)
    review.decide(outcome="sanctioned")
    assert table.tool(tool)["governance"] == "sanctioned"
    assert sweep_at(table).reopened == []
    table.pass_time(days=40)
    table.set_tool(tool, people=30)
    (again,) = sweep_at(table).reopened
    assert table.tool(tool)["governance"] == "in_review"
    second = next(r for r in table.rows(models.reviews) if r["id"] == again)
    assert (second["cause"], second["state"]) == ("reopened", "open")
    assert [title for topic, title in told(table) if topic == "review.reopened"] == [
        "HubSpot CRM: the decision was opened again"
    ]
    assert sweep_at(table).reopened == []
    assert table.logs_hold() == 2


def test_a_retired_tool_that_is_used_again_is_looked_at_again(table: Table) -> None:
    tool = table.company.hubspot
    review = Review(table, tool)
    review.decide(outcome="retire", plan="Move to Brevo.", by="2026-12-24")
    values = {
        "review_id": review.id,
        "tool_id": tool,
        "state": "done",
        "version": 1,
        "made_by": "test",
        "made_at": table.now,
        "it_confirmed_by": table.users["ida"],
        "marketing_confirmed_by": table.users["mara"],
        "finished_at": table.now,
    }
    with writing(table.engine) as connection:
        connection.execute(sa.insert(models.remediation_plans).values(**values))
    table.set_tool(tool, governance="retired", evidence="active", last_seen=table.now)
    assert sweep_at(table).reopened == []
    table.set_tool(tool, last_seen=table.now + timedelta(days=3))
    table.pass_time(days=4)
    (again,) = sweep_at(table).reopened
    opened = [title for topic, title in told(table) if topic == "review.reopened"]
    assert len(opened) == 1
    assert again != review.id
    assert sweep_at(table).reopened == []


def test_a_promise_is_remembered_before_its_day_and_once(table: Table) -> None:
    tool = table.company.hubspot
    table.set_tool(tool, ownership="owned")
    review = Review(table, tool)
    due = (table.now + timedelta(days=20)).date().isoformat()
    promise = {"side": "it", "owner_user_id": table.users["ida"], "text": "Single sign-on", "due": due}
    review.decide(outcome="sanctioned_with_conditions", conditions=[promise])
    sweep_at(table)
    table.pass_time(days=14)
    sweep_at(table)
    table.pass_time(hours=1)
    sweep_at(table)
    reminders = [title for topic, title in told(table) if topic == "condition.due"]
    assert reminders == [f"HubSpot CRM: what you promised is due on {due}"]
    assert heard(table, "condition.due") == {"ida"}
    table.pass_time(days=10)
    assert sweep_at(table).missed == 1
    assert heard(table, "condition.missed") == {"ida", "mara"}


def test_a_claim_that_is_contested_is_told_to_its_holder(table: Table) -> None:
    mara, zoe = table.person("mara", Role.MARKETING), table.person("zoe", Role.MARKETING)
    address = f"/api/v1/tools/{table.company.hubspot}/ownership"
    claimed = mara.post(f"{address}/claim", json={}, headers={"If-Match": '"v0"'})
    assert claimed.status_code == 200, claimed.text
    contested = zoe.post(
        f"{address}/contest", json={"reason": "We pay for it."}, headers={"If-Match": claimed.headers["ETag"]}
    )
    assert contested.status_code == 200, contested.text
    assert told(table) == [
        ("claim.made", "Mara answers for HubSpot now"),
        ("claim.contested", "HubSpot CRM: somebody says it is theirs"),
    ]
    assert heard(table, "claim.contested") == {"mara"}


def test_a_scan_tells_once_what_it_flagged(engine: Engine) -> None:
    from app.scans.news import tell_flagged
    from tests.support import seed
    from tests.support.scanning import NOW

    with writing(engine) as connection:
        made = seed.Seed(connection)
        for name in ("Brevo", "Canva"):
            made.tool(name, flagged=True, flagged_at=NOW)
        made.tool("Older", flagged=True, flagged_at=NOW - timedelta(days=1))
        for _ in range(2):
            tell_flagged(connection, 7, NOW)
        (message,) = connection.execute(sa.select(models.messages)).all()
    assert message.title == "2 tools wait for a joint review"
    assert "Brevo, Canva." in message.text


@pytest.mark.parametrize(("product", "lane"), [("brevo", "fast"), (None, "standard")])
def test_what_nobody_knows_is_not_promised_the_fast_lane(
    engine: Engine, product: str | None, lane: str
) -> None:
    lent = partners(house_rules(), reassess)
    with writing(engine) as connection:
        chosen = lent.lane_of(connection, Subject(None, product, None), MONDAY)
    assert chosen.lane == lane


def switch_on(table: Table, changes: dict[str, Any]) -> None:
    with writing(table.engine) as connection:
        made = policy_service.create(
            connection, policy(changes), "for this test", actor="test", user_id=None, now=table.now
        )
        policy_service.activate(connection, made.version, actor="test", now=table.now)


def test_only_whom_the_policy_names_turns_a_key(table: Table) -> None:
    switch_on(
        table,
        {
            "groups": {"leads": ["Igor@Acme.example"]},
            **{f"lanes.{lane}.it.signers": ["leads"] for lane in ("fast", "standard", "full")},
        },
    )
    review = Review(table, table.company.hubspot)
    table.person("igor", Role.IT)
    review.assess_all()
    number = review.propose()
    refusal = review.refused(403, "ida", "sign", proposal=number, rationale="Fine.")
    assert "names who turns IT's key" in refusal["detail"]
    review.sign("igor", number)
    assert review.sign("mara", number)["state"] == "decided"
    assert [key["by"]["name"] for key in (side["key"] for side in review.see()["sides"])] == ["Igor", "Mara"]


def test_a_review_that_is_open_takes_up_arbiters_who_are_named_later(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    table.person("igor", Role.IT)
    table.person("zoe", Role.MARKETING)
    table.person("rita", Role.READER)
    number = review.propose()
    for name in ("ida", "mara"):
        review.ok(name, "dissent", rationale="No.")
    assert "Nobody is named" in review.refused(409, "ida", "escalate", reason="Stuck.")["detail"]
    sweep_at(table)
    assert review.see()["version"] == review.last["version"], "nothing changed"
    arbiters = {"it": ["igor@acme.example", "rita@acme.example"], "marketing": ["zoe@acme.example"]}
    switch_on(table, {f"sides.{side}.arbiters": named for side, named in arbiters.items()})
    sweep_at(table)
    review.last = review.see()
    assert [[a["name"] for a in side["arbiters"]] for side in review.last["sides"]] == [["Igor"], ["Zoe"]]
    review.ok("ida", "escalate", reason="Stuck.")
    review.assess_all()
    review.sign("igor", number)
    # Who is taken out of the policy arbitrates no longer, and their key is void.
    switch_on(
        table, {"sides.it.arbiters": ["ida@acme.example"], "sides.marketing.arbiters": ["zoe@acme.example"]}
    )
    sweep_at(table)
    review.last = review.see()
    assert review.last["signed"] == []
    review.refused(403, "igor", "sign", proposal=number, rationale="Again.")
    review.sign("ida", number)
    assert review.sign("zoe", number)["state"] == "decided"
    assert table.logs_hold() == 1


def test_other_numbers_in_the_reasons_are_no_news(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    people = table.tool(table.company.hubspot)["people"]
    table.set_tool(table.company.hubspot, people=people + 1)
    sweep_at(table)
    assert review.see()["version"] == 1


def test_what_ran_out_and_what_was_outgrown_are_told_together(table: Table) -> None:
    tool = table.company.hubspot
    table.set_tool(tool, people=8, ownership="owned")
    expires = (table.now + timedelta(days=5)).date().isoformat()
    Review(table, tool).decide(outcome="provisional", expires=expires)
    table.pass_time(days=6)
    table.set_tool(tool, people=30)
    (again,) = sweep_at(table).reopened
    need = table.clients["mara"].get(f"/api/v1/reviews/{again}").json()["need"]
    assert "provisionally through" in need
    assert "30 people use it; the decision was for 2." in need
    assert sweep_at(table).reopened == []


def test_a_wish_to_end_is_told_to_the_other_side(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    review.ok("ida", "withdraw", reason="Nobody needs it.")
    assert told(table)[-1] == ("review.waiting", "HubSpot CRM: IT asks to end the review without a decision")
    assert heard(table, "review.waiting") == {"mara"}
    review.ok("mara", "withdraw", reason="So it is.")
    assert [topic for topic, _ in told(table)].count("review.waiting") == 1


@pytest.mark.parametrize("winner", ["mara", "zoe"])
def test_all_who_contested_a_tool_hear_whose_it_is(table: Table, winner: str) -> None:
    for name in ("mara", "zoe", "yuri"):
        table.person(name, Role.MARKETING)
    table.person("ada", Role.ADMIN)
    at = 0

    def do(name: str, verb: str, **body: Any) -> None:
        nonlocal at
        address = f"/api/v1/tools/{table.company.hubspot}/ownership/{verb}"
        answer = table.clients[name].post(address, json=body, headers={"If-Match": f'"v{at}"'})
        assert answer.status_code == 200, answer.text
        at = answer.json()["version"]

    do("mara", "claim")
    do("zoe", "contest", reason="We pay for it.")
    do("yuri", "contest", reason="We run it.")
    do("ada", "settle", for_user=table.users[winner], reason="By the contract.")
    settled = next(m["id"] for m in table.rows(models.messages) if "was settled" in m["title"])
    people = {d["user_id"] for d in table.rows(models.deliveries) if d["message_id"] == settled}
    assert people == {table.users[name] for name in ("mara", "zoe", "yuri")}
