"""A review over the API: opened, assessed, asked, decided, read."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.db import writing
from app.reviews.choosing import HouseRules
from app.security.schemas import Role, Side
from app.security.service import create_token
from app.settings import Settings
from tests.reviews.support import Review, Table, table_of, with_arbiters
from tests.support.serving import caller


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Iterator[Table]:
    with table_of(engine, settings) as table:
        yield table
        table.logs_hold()


def test_two_people_of_two_sides_decide(table: Table) -> None:
    tool = table.company.hubspot
    table.set_tool(tool, ownership="owned")
    table.lend(HouseRules())
    review = Review(table, tool, cause="flag")
    assert table.tool(tool)["governance"] == "in_review"
    assert not table.tool(tool)["flagged"], "what is under review is no longer waiting for one"
    assert review.last["waiting_on"] == ["it", "marketing"]
    grant = table.rows(models.grants)[0]["id"]
    review.ok(
        "ida",
        "assess",
        item="security",
        verdict="concern",
        notes="It reads mail.",
        evidence=[{"kind": "grant", "id": grant}],
        links=["https://hubspot.com/trust"],
    )
    review.assess_all()
    review.ok("ida", "ask", to="marketing", text="Who needs the mailbox?")
    question = review.last["questions"][0]["number"]
    table.pass_time(hours=3)
    review.ok("mara", "answer", question=question, text="Nobody any more.")
    review.ok("mara", "attach", link="https://acme.example/bid", title="The bid")
    number = review.propose(
        "mara",
        outcome="sanctioned_with_conditions",
        conditions=[
            {"side": "it", "owner_user_id": table.users["ida"], "text": "SSO", "due": "2026-12-31"},
        ],
    )
    seen = review.sign("ida", number)
    assert (seen["signed"], seen["waiting_on"], seen["state"]) == (["it"], ["marketing"], "open")
    assert review.side("marketing")["clock"]["waited_s"] == 3 * 3600
    table.person("max", Role.MARKETING)
    review.ok("max", "dissent", rationale="Too dear.")
    seen = review.sign("mara", number)
    assert (seen["state"], seen["outcome"], seen["waiting_on"]) == (
        "decided",
        "sanctioned_with_conditions",
        [],
    )
    assert table.tool(tool)["governance"] == "sanctioned_with_conditions"
    assert not table.tool(tool)["shadow"]
    assert table.logs_hold() == 1

    mara = table.clients["mara"]
    record = mara.get(f"/api/v1/reviews/{review.id}/record").json()
    assert [(k["side"], k["by"]["name"], k["rationale"]) for k in record["keys"]] == [
        ("it", "Ida", "ida agrees."),
        ("marketing", "Mara", "mara agrees."),
    ]
    assert [(d["by"]["name"], d["rationale"]) for d in record["dissents"]] == [("Max", "Too dear.")]
    assert record["conditions"][0]["owner"] == {"user_id": table.users["ida"], "name": "Ida"}
    assert [s["waited_s"] for s in record["sides"]] == [0, 3 * 3600]
    known = record["evidence"]
    assert known["tool"]["name"] == "HubSpot CRM"
    assert known["people_by_department"] == {"Marketing": 2}
    assert known["spend_12_months_minor"] == {"EUR": -1250, "USD": 9800}
    assert any("mail" in p["words"] for p in known["may"])
    assert {s["name"] for s in known["sources"]} == {"corp", "cards"}
    assert not any(name in str(known) for name in ("Anna", "Lee", "anna@"))
    # What was known then stays, whatever is learned later.
    table.set_tool(tool, people=99)
    assert mara.get(f"/api/v1/reviews/{review.id}/record").json() == record

    first = mara.get(f"/api/v1/reviews/{review.id}/events?limit=5").json()
    rest = mara.get(f"/api/v1/reviews/{review.id}/events?cursor={first['next']}").json()
    log = first["items"] + rest["items"]
    assert [e["seq"] for e in log] == list(range(1, seen["version"] + 1))
    assert (log[0]["kind"], log[0]["by"]["name"], log[0]["side"]) == ("opened", "Mara", "marketing")
    assert (log[-1]["kind"], log[-1]["by"]) == ("decided", None)
    lines = [r for r in table.rows(models.audit_events) if r["object"] == f"review:{review.id}"]
    assert len(lines) == len(log), "each event has its line in the audit trail"
    assert lines[-1]["actor"] == f"user:{table.users['mara']}"
    turned = next(line for line in lines if line["action"] == "review.signed")
    assert turned["before"] == {"version": number, "waiting_on_it": True, "it_signed_by": None}
    assert turned["after"]["it_signed_by"] == table.users["ida"]


def test_reviews_are_listed_by_what_is_asked_for(table: Table) -> None:
    one = Review(table, table.company.hubspot)
    two = Review(table, table.company.canva)
    two.decide()
    three = Review(table, table.company.github)
    three.assess_all(Side.IT)
    client = table.person("max", Role.MARKETING)
    client.post(
        f"/api/v1/reviews/{one.id}/comment",
        json={"text": "Mine."},
        headers={"If-Match": f'"v{one.see()["version"]}"'},
    )

    def listed(query: str) -> list[int]:
        answer = client.get(f"/api/v1/reviews?{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert listed("") == [three.id, two.id, one.id]
    assert listed("state=open") == [three.id, one.id]
    assert listed("state=decided&state=deadlock") == [two.id]
    assert listed("waiting_on=it") == [one.id]
    assert listed("waiting_on=it&waiting_on=marketing") == [three.id, one.id]
    assert listed("lane=full") == []
    assert listed(f"tool={table.company.canva}") == [two.id]
    assert listed("mine=true") == [one.id]
    page = client.get("/api/v1/reviews?limit=2").json()
    assert [i["id"] for i in client.get(f"/api/v1/reviews?cursor={page['next']}").json()["items"]] == [one.id]
    assert client.get("/api/v1/reviews?state=closed").status_code == 422


def test_whoever_may_not_is_told_so_after_the_thing_was_found(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    admin = table.person("ada", Role.ADMIN)
    with writing(table.engine) as connection:
        _, text = create_token(connection, "a service", Role.IT, actor="test", now=table.now)
    service = caller(table.url, text)
    for client in (admin, service):
        for address in (
            f"/api/v1/reviews/{review.id}/comment",
            f"/api/v1/tools/{table.company.canva}/reviews",
        ):
            body = {"text": "hm"} if "comment" in address else {}
            answer = client.post(address, json=body, headers={"If-Match": '"v1"'})
            assert answer.status_code == 403, answer.text
        missing = client.post(
            "/api/v1/reviews/987/comment", json={"text": "hm"}, headers={"If-Match": '"v1"'}
        )
        assert missing.status_code == 404
    service.close()
    table.person("rita", Role.READER)
    review.refused(403, "rita", "comment", text="hm")
    assert review.see("rita")["id"] == review.id
    # Somebody with both roles holds a token of each, and is one person all the same.
    table.person("bo", Role.IT, Role.MARKETING)
    table.clients["bo as marketing"] = table.client_of("bo", Role.MARKETING)
    review.assess_all()
    number = review.propose("bo")
    review.sign("bo", number)
    refused = review.refused(403, "bo as marketing", "sign", proposal=number, rationale="both")
    assert "another person" in refused["detail"]


def test_what_is_wrong_is_named(table: Table) -> None:
    review = Review(table, table.company.hubspot)
    table.person("ida", Role.IT)
    ida = table.clients["ida"]
    address = f"/api/v1/reviews/{review.id}/comment"
    assert ida.post(address, json={"text": "hm"}).status_code == 428
    assert ida.post(address, json={"text": "hm"}, headers={"If-Match": '"v7"'}).status_code == 412
    for verb, body, field in (
        ("comment", {"text": " "}, "text"),
        ("comment", {"text": "a\0b"}, ""),
        ("comment", {"text": "hm", "user_id": 1}, "user_id"),
        ("attach", {"link": "http://acme.example", "title": "page"}, "link"),
        ("attach", {"link": "https://me:secret@acme.example/", "title": "page"}, "link"),
        ("assess", {"item": "colour", "verdict": "ok"}, "item"),
        (
            "assess",
            {"item": "security", "verdict": "ok", "evidence": [{"kind": "app", "id": 99}]},
            "evidence",
        ),
        ("propose", {"terms": {"outcome": "bought"}, "rationale": "so"}, "terms"),
        ("propose", {"terms": {"outcome": "retire", "plan": "p", "by": "soon"}, "rationale": "s"}, "terms"),
        (
            "propose",
            {"terms": {"outcome": "retire", "plan": "p", "by": "2026-11-23"}, "rationale": "s"},
            "terms.by",
        ),
        (
            "propose",
            {
                "terms": {"outcome": "migrate", "to_tool_id": review.tool, "by": "2027-01-01"},
                "rationale": "s",
            },
            "terms.to_tool_id",
        ),
        ("answer", {"question": 3, "text": "so"}, "question"),
    ):
        problem = review.refused(422, "ida", verb, **body)
        assert any(e["field"].startswith(field) for e in problem["errors"]), problem
    problem = review.refused(409, "ida", "sign", proposal=1, rationale="yes")
    assert problem["type"].endswith("conflict")
    assert (
        ida.post(
            f"/api/v1/reviews/{review.id}/conditions/1/keep", json={}, headers={"If-Match": '"v1"'}
        ).status_code
        == 409
    )
    assert ida.get(f"/api/v1/reviews/{review.id}/record").status_code == 404
    open_again = ida.post(f"/api/v1/tools/{review.tool}/reviews", json={})
    assert open_again.status_code == 409
    assert open_again.json()["links"] == {"review": f"/api/v1/reviews/{review.id}"}
    anew = ida.post(f"/api/v1/tools/{table.company.canva}/reviews", json={"cause": "reopened"})
    assert (anew.status_code, anew.json()["errors"][0]["field"]) == (422, "cause")
    assert ida.post("/api/v1/tools/987/reviews", json={}).status_code == 404


def test_what_is_decided_is_what_holds_of_the_tool(table: Table) -> None:
    hubspot, canva, github = table.company.hubspot, table.company.canva, table.company.github
    for tool, terms, governance in (
        (hubspot, {"outcome": "sanctioned"}, "sanctioned"),
        (canva, {"outcome": "migrate", "to_tool_id": hubspot, "by": "2027-01-01"}, "retiring"),
        (canva, {"outcome": "retire", "plan": "stop", "by": "2027-01-01"}, "retiring"),
        (github, {"outcome": "dismissed", "reason": "not marketing's"}, "dismissed"),
        (github, {"outcome": "provisional", "expires": "2026-12-24", "people_cap": 3}, "provisional"),
    ):
        table.set_tool(tool, ownership="owned")
        before = table.tool(tool)["version"]
        review = Review(table, tool)
        assert review.decide(**terms)["outcome"] == terms["outcome"]
        after = table.tool(tool)
        assert after["governance"] == governance
        assert after["version"] > before
    assert review.see()["previous"] == review.id - 1
    assert review.see()["expires"] == "2026-12-24"
    # Withdrawing gives back what held before; both sides must ask.
    again = Review(table, github, cause="reopened")
    assert table.tool(github)["governance"] == "in_review"
    again.ok("ida", "withdraw", reason="never mind")
    assert again.last["state"] == "open"
    again.ok("mara", "withdraw", reason="agreed")
    assert again.last["state"] == "withdrawn"
    assert table.tool(github)["governance"] == "provisional"
    assert table.logs_hold() == 6


def test_a_merged_tool_keeps_its_review_and_gets_none(table: Table) -> None:
    hubspot, canva = table.company.hubspot, table.company.canva
    review = Review(table, canva)
    dump = {name: table.rows(t) for name, t in models.metadata.tables.items() if name.startswith("review")}
    taught = table.clients["ida"].post(
        f"/api/v1/tools/{canva}/merge",
        json={"into": hubspot},
        headers={"If-Match": f'"v{table.tool(canva)["version"]}"'},
    )
    assert taught.status_code == 201, taught.text
    answer = table.clients["ida"].post(f"/api/v1/tools/{canva}/reviews", json={})
    assert (answer.status_code, answer.json()["links"]) == (410, {"tool": f"/api/v1/tools/{hubspot}"})
    review.refused(410, "mara", "comment", text="hm")
    assert review.see()["state"] == "open"
    undone = table.clients["ida"].post(
        f"/api/v1/teachings/{taught.json()['teaching']['id']}/undo", json={"reason": ""}
    )
    assert undone.status_code == 200, undone.text
    assert {name: table.rows(models.metadata.tables[name]) for name in dump} == dump
    assert table.tool(canva)["governance"] == "in_review"
    table.set_tool(canva, evidence="gone")
    review.ok("ida", "withdraw", reason="Nobody uses it any more.")
    assert table.tool(canva)["governance"] == "unreviewed"


def test_a_deadlock_is_for_the_arbiters(table: Table) -> None:
    table.person("ivo", Role.IT)
    table.person("mia", Role.MARKETING)
    review = Review(table, table.company.hubspot)
    refusal = review.refused(409, "ida", "escalate", reason="slow")
    assert "Neither is so" in refusal["detail"]
    table.pass_time(days=15)  # more than ten business days
    refusal = review.refused(409, "ida", "escalate", reason="slow")
    assert "Nobody is named" in refusal["detail"]
    table.lend(with_arbiters(it=(table.users["ivo"],), marketing=(table.users["mia"],)))
    second = Review(table, table.company.canva)
    second.refused(409, "ida", "escalate", reason="slow")
    second.assess_all()
    number = second.propose()
    table.pass_time(days=15)
    assert second.side("it")["clock"]["left_s"] < 0
    second.ok("mara", "escalate", reason="They take ages.")
    assert second.last["waiting_on"] == ["arbiters"]
    assert second.last["sides"][0]["arbiters"] == [{"user_id": table.users["ivo"], "name": "Ivo"}]
    second.refused(403, "ida", "sign", proposal=number, rationale="yes")
    second.sign("ivo", number)
    table.pass_time(hours=2)
    assert second.sign("mia", number)["state"] == "decided"
    assert second.last["arbiters_clock"]["waited_s"] == 2 * 3600
    assert table.logs_hold() == 2


def test_the_scoreboard_shows_both_sides_the_same(table: Table) -> None:
    for tool, hours in ((table.company.hubspot, 1), (table.company.canva, 4)):
        review = Review(table, tool)
        review.assess_all(Side.IT)
        table.pass_time(hours=hours)
        review.assess_all(Side.MARKETING)
        number = review.propose()
        review.sign("ida", number)
        review.sign("mara", number)
    Review(table, table.company.github)
    answers = [table.clients[n].get("/api/v1/reviews/scoreboard") for n in ("ida", "mara")]
    assert answers[0].content == answers[1].content
    board = answers[0].json()
    spread = {(s["lane"], s["party"]): (s["reviews"], s["median_s"], s["p90_s"]) for s in board["waited"]}
    assert spread[None, "it"] == spread["standard", "it"] == (2, 0, 0)
    assert spread["standard", "marketing"] == (2, 9000, 4 * 3600)
    assert ("standard", "arbiters") not in spread, "it never came to them"
    assert board["decided"] == {"dismissed": 2}
    assert (board["open_reviews"], board["waiting_on"]) == (1, {"it": 1, "marketing": 1, "arbiters": 0})
    assert (board["tools_decided"], board["tools_decided_jointly"]) == (2, 2)
    with writing(table.engine) as connection:
        connection.execute(
            sa.update(models.tools)
            .where(models.tools.c.id == table.company.canva)
            .values(governance="sanctioned")
        )
    later = table.clients["ida"].get("/api/v1/reviews/scoreboard?since=2026-11-24").json()
    assert (later["waited"], later["decided"]) == ([], {})
