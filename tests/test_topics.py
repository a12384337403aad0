"""Who hears of what nobody says aloud: time that is over, tools that change, requests that are answered."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.api.state import AppState, reassess
from app.db import writing
from app.joining import house_rules, partners
from app.policy import service as policy_service
from app.policy.reopening import CauseKind
from app.security.schemas import Role
from app.settings import Settings
from tests.policy.support import MAIL
from tests.reviews.support import Review, Table, table_of
from tests.support.seed import Seed
from tests.test_joining import heard, sweep_at, switch_on, told


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Any:
    with table_of(engine, settings, house_rules()) as made:
        yield made


def titles(table: Table, topic: str) -> list[str]:
    return [title for t, title in told(table) if t == topic]


# --- reviews that wait too long ----------------------------------------------------------------


def test_a_side_that_takes_too_long_hears_it_once_and_so_does_the_owner(table: Table) -> None:
    zoe = table.person("zoe", Role.MARKETING)
    claimed = zoe.post(
        f"/api/v1/tools/{table.company.hubspot}/ownership/claim", json={}, headers={"If-Match": '"v0"'}
    )
    assert claimed.status_code == 200, claimed.text
    review = Review(table, table.company.hubspot)
    table.pass_time(days=8)  # six of the seven business days
    sweep_at(table)
    assert titles(table, "review.late") == []
    table.pass_time(days=2)
    for _ in range(2):
        sweep_at(table)
    assert titles(table, "review.late") == [
        "HubSpot CRM: the review has waited on IT for longer than was agreed",
        "HubSpot CRM: the review has waited on marketing for longer than was agreed",
    ]
    messages = {m["title"]: m for m in table.rows(models.messages) if m["topic"] == "review.late"}
    of_it, of_marketing = (
        {d["user_id"] for d in table.rows(models.deliveries) if d["message_id"] == m["id"]}
        for m in messages.values()
    )
    assert of_it == {table.users["ida"], table.users["zoe"]}, "its side, and who owns the tool"
    assert of_marketing == {table.users["mara"], table.users["zoe"]}
    assert review.see()["version"] == 1, "nobody did anything, so the log says nothing"
    table.pass_time(days=30)
    sweep_at(table)
    assert len(titles(table, "review.late")) == 2
    board = table.clients["ida"].get("/api/v1/reviews/scoreboard").json()
    assert board["late"] == [
        {"side": "it", "reviews": 1, "arbiters": 0},
        {"side": "marketing", "reviews": 1, "arbiters": 0},
    ]


def test_who_was_asked_is_told_what_they_are_waited_on_for(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    review.ok("ida", "ask", to="marketing", text="Whose data goes in?")
    table.pass_time(days=20)
    sweep_at(table)
    (message,) = [m for m in table.rows(models.messages) if m["topic"] == "review.late"]
    assert message["text"] == "IT asked: Whose data goes in?"
    assert heard(table, "review.late") == {"mara"}


def in_a_deadlock(table: Table) -> tuple[Review, int]:
    table.person("igor", Role.IT)
    table.person("zoe", Role.MARKETING)
    switch_on(
        table,
        {
            "sides.it.arbiters": ["igor@acme.example"],
            "sides.marketing.arbiters": ["zoe@acme.example"],
            "sides.it.arbiter_hours": 8,
            "sides.marketing.arbiter_hours": 24,
            # Marketing works in the evening: its arbiters' time is not IT's.
            **{
                f"sides.marketing.calendar.hours.{day}": ["17:00-21:00"]
                for day in ("mon", "tue", "wed", "thu", "fri")
            },
        },
    )
    review = Review(table, table.company.hubspot)
    review.assess_all()
    number = review.propose()
    for name in ("ida", "mara"):
        review.ok(name, "dissent", rationale="No.")
    review.ok("ida", "escalate", reason="Stuck.")
    return review, number


def test_arbiters_have_their_own_time_and_are_reminded(table: Table) -> None:
    review, number = in_a_deadlock(table)
    table.pass_time(days=1)
    clocks = [side["arbiters_clock"] for side in review.see()["sides"]]
    assert [(c["waited_s"], c["service_s"], c["left_s"], c["runs"]) for c in clocks] == [
        (8 * 3600, 8 * 3600, 0, True),
        (4 * 3600, 24 * 3600, 20 * 3600, True),
    ]
    assert clocks[1]["due_at"] == "2026-11-30T21:00:00Z"
    sweep_at(table)
    assert titles(table, "review.late") == [], "all of it is used, and no more"
    table.pass_time(hours=1)
    for _ in range(2):
        sweep_at(table)
    assert titles(table, "review.late") == [
        "HubSpot CRM: the review has waited on IT's arbiters for longer than was agreed"
    ]
    assert heard(table, "review.late") == {"igor"}
    review.last = review.see()
    review.sign("igor", number)
    table.pass_time(days=1)
    it, marketing = (side["arbiters_clock"] for side in review.see()["sides"])
    assert (it["runs"], it["waited_s"], it["left_s"]) == (False, 9 * 3600, -3600)
    assert (marketing["runs"], marketing["waited_s"]) == (True, 8 * 3600)
    assert review.sign("zoe", number)["state"] == "decided"
    board = table.clients["ida"].get("/api/v1/reviews/scoreboard").json()
    assert board["arbiters"] == [
        {"side": "it", "reviews": 1, "median_s": 9 * 3600, "p90_s": 9 * 3600},
        {"side": "marketing", "reviews": 1, "median_s": 8 * 3600, "p90_s": 8 * 3600},
    ]
    assert board["late"][0] == {"side": "it", "reviews": 0, "arbiters": 1}
    assert table.logs_hold() == 1


def test_arbiters_are_reminded_again_each_time_that_their_time_has_gone_by(table: Table) -> None:
    first = "HubSpot CRM: the review has waited on IT's arbiters for longer than was agreed"
    again = "HubSpot CRM: the review still waits on IT's arbiters, for much longer than was agreed"
    review, number = in_a_deadlock(table)
    table.pass_time(days=1, hours=1)  # nine of its eight business hours
    sweep_at(table)
    assert titles(table, "review.late") == [first]
    (noted,) = table.rows(models.review_reminders)
    table.pass_time(hours=6)
    sweep_at(table)
    assert titles(table, "review.late") == [first]
    table.pass_time(hours=1)  # sixteen: the end of Tuesday
    for _ in range(2):
        sweep_at(table)
    assert titles(table, "review.late") == [first, again]
    table.pass_time(days=2, hours=1)  # nobody looked for two working days: one reminder makes up for them
    for _ in range(2):
        sweep_at(table)
    assert titles(table, "review.late") == [first, again, again]
    assert heard(table, "review.late") == {"igor"}
    assert table.rows(models.review_reminders) == [{**noted, "times": 4}], "when it was first stays"
    board = table.clients["ida"].get("/api/v1/reviews/scoreboard").json()
    assert board["late"][0] == {"side": "it", "reviews": 0, "arbiters": 1}, (
        "it is late once, however often told"
    )
    review.last = review.see()
    review.sign("igor", number)
    table.pass_time(days=2)
    sweep_at(table)
    assert [title for title in titles(table, "review.late") if "IT's" in title] == [first, again, again]
    assert table.logs_hold() == 1


def test_arbiters_with_little_time_are_not_reminded_every_hour(table: Table) -> None:
    table.person("igor", Role.IT)
    table.person("zoe", Role.MARKETING)
    switch_on(
        table,
        {
            "sides.it.arbiters": ["igor@acme.example"],
            "sides.marketing.arbiters": ["zoe@acme.example"],
            "sides.it.arbiter_hours": 0.0001,
        },
    )
    review = Review(table, table.company.hubspot)
    review.assess_all()
    review.propose()
    for name in ("ida", "mara"):
        review.ok(name, "dissent", rationale="No.")
    review.ok("ida", "escalate", reason="Stuck.")
    for _ in range(8):
        table.pass_time(hours=1)
        sweep_at(table)
    assert len(titles(table, "review.late")) == 2  # at ten, and a business day later
    table.pass_time(hours=15)
    sweep_at(table)
    assert len(titles(table, "review.late")) == 2


def test_arbiters_who_never_had_it_have_no_time(table: Table) -> None:
    Review(table, table.company.hubspot).decide()
    assert table.clients["ida"].get("/api/v1/reviews/scoreboard").json()["arbiters"] == []


# --- tools that change -------------------------------------------------------------------------


def gains_mail(table: Table, tool: int) -> None:
    with writing(table.engine) as connection:
        made = Seed(connection, 500)
        app = made.app(table.company.okta, tool, "More")
        account = connection.scalar(sa.select(models.accounts.c.id).limit(1))
        made.grant(table.company.okta, app, account, MAIL)


def test_what_opens_a_decision_again_is_told_by_that_alone(table: Table) -> None:
    tool = table.company.canva
    table.set_tool(tool, ownership="owned")
    Review(table, tool).decide(outcome="sanctioned")
    gains_mail(table, tool)
    assert len(sweep_at(table).reopened) == 1
    sweep_at(table)
    assert len(titles(table, "review.reopened")) == 1
    assert titles(table, "tool.changed") == []


def test_what_the_policy_leaves_out_is_told_once_and_opens_nothing(table: Table) -> None:
    tool = table.company.canva
    table.set_tool(tool, ownership="owned")
    switch_on(table, {"reopen": {}})
    Review(table, tool).decide(outcome="sanctioned")
    assert sweep_at(table).reopened == []
    assert titles(table, "tool.changed") == []
    gains_mail(table, tool)
    table.set_tool(tool, people=40)
    for _ in range(2):
        assert sweep_at(table).reopened == []
    (message,) = [m for m in table.rows(models.messages) if m["topic"] == "tool.changed"]
    assert "Since the decision it may also" in message["text"]
    assert "40 people use it; the decision was for 1." in message["text"]
    assert heard(table, "tool.changed") == {"ida", "mara"}
    assert [a["opens"] for a in table.rows(models.policy_alerts)] == [False, False]
    alerts = table.clients["mara"].get(f"/api/v1/tools/{tool}/lane").json()["alerts"]
    assert {a["cause"] for a in alerts} == {CauseKind.NEW_SCOPE, CauseKind.PEOPLE}
    # A policy that opens a decision again for it does so, though it was told.
    switch_on(table, {})
    assert len(sweep_at(table).reopened) == 1
    assert [a["opens"] for a in table.rows(models.policy_alerts)] == [True, True]
    assert sweep_at(table).reopened == []


def test_a_tool_that_changes_while_it_is_decided_on_anew_is_told_to_those_who_do(table: Table) -> None:
    tool = table.company.canva
    table.set_tool(tool, ownership="owned")
    Review(table, tool).decide(outcome="sanctioned")
    again = Review(table, tool, cause="reopened")
    gains_mail(table, tool)
    assert sweep_at(table).reopened == []
    assert len(titles(table, "tool.changed")) == 1
    # Withdrawn, what was told does not stand in the way of opening it again.
    again.last = again.see()
    for name in ("ida", "mara"):
        again.ok(name, "withdraw", reason="Nothing to see.")
    assert len(sweep_at(table).reopened) == 1


def test_a_tool_that_was_dismissed_and_grows_is_told(table: Table) -> None:
    tool = table.company.canva
    Review(table, tool).decide()
    table.set_tool(tool, people=30)
    sweep_at(table)
    assert titles(table, "tool.changed") == ["Canva Teams is no longer what was decided on"]
    with writing(table.engine) as connection:
        policy_service.settle_alerts(connection, tool, actor="test", now=table.now)


# --- requests ----------------------------------------------------------------------------------


def lend(table: Table) -> None:
    state: AppState = table.app.state.penumbra
    object.__setattr__(state, "partners", partners(house_rules(), reassess))


def asks(table: Table, name: str, what: str = "HubSpot") -> int:
    answer = table.person(name, Role.READER).post(
        "/api/v1/requests", json={"what": what, "need": f"{name.title()} writes to dealers."}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_who_asked_hears_that_it_is_reviewed_and_what_is_decided(table: Table) -> None:
    lend(table)
    table.set_tool(table.company.hubspot, key="kb:hubspot")
    first, second = asks(table, "rita"), asks(table, "nora")
    table.person("ida", Role.IT)
    mara = table.person("mara", Role.MARKETING)
    made = mara.post(f"/api/v1/requests/{first}/review")
    assert made.status_code == 200, made.text
    review = Review(table, table.company.hubspot, id=made.json()["review"])
    assert len(titles(table, "request.answered")) == 1
    assert heard(table, "request.answered") == {"rita", "nora"}, "who joined it too"
    late = asks(table, "olaf")
    refused = mara.post(f"/api/v1/requests/{late}/review")
    assert (refused.status_code, "join the request to it" in refused.json()["detail"]) == (409, True)
    assert table.clients["olaf"].post(f"/api/v1/requests/{late}/join").status_code == 403
    joined = mara.post(f"/api/v1/requests/{late}/join")
    assert (joined.status_code, joined.json()["review"]) == (200, review.id), joined.text
    assert heard(table, "request.answered") == {"rita", "nora", "olaf"}
    log = mara.get(f"/api/v1/reviews/{review.id}/events").json()["items"]
    assert log[-1]["data"]["text"] == "Olaf asks for it too: Olaf writes to dealers."
    assert mara.post(f"/api/v1/requests/{late}/join").status_code == 409
    review.last = review.see()
    review.decide()
    decided = titles(table, "request.answered")[-1]
    assert decided.endswith(", which you asked for: decided, dismissed")
    ids = {m["id"] for m in table.rows(models.messages) if m["title"] == decided}
    people = {d["user_id"] for d in table.rows(models.deliveries) if d["message_id"] in ids}
    assert people == {table.users[name] for name in ("rita", "nora", "olaf")}
    assert table.rows(models.requests)[1]["id"] == second
    alone = mara.post(f"/api/v1/requests/{asks(table, 'rita', 'Brevo')}/join")
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:penumbra:problem:no_review")


def test_who_asked_hears_when_nothing_is_decided(table: Table) -> None:
    lend(table)
    table.set_tool(table.company.hubspot, key="kb:hubspot")
    table.person("ida", Role.IT)
    asked = asks(table, "rita")
    made = table.person("mara", Role.MARKETING).post(f"/api/v1/requests/{asked}/review").json()
    review = Review(table, table.company.hubspot, id=made["review"])
    review.last = review.see()
    for name in ("ida", "mara"):
        review.ok(name, "withdraw", reason="Nobody needs it.")
    assert titles(table, "request.answered")[-1].endswith("the review ended without a decision")
