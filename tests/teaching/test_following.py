"""What was taught holds: for what was seen, for what is seen later, and until somebody takes it back."""

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.errors import Conflict, Gone, Invalid, PreconditionFailed
from app.models import apps, audit_events, expenses, merchants, teachings, tools
from app.sources import service as sources
from app.teaching.schemas import ConfirmIn
from app.teaching.service import Classroom
from connectors.base import Mode
from connectors.identifiers import GOOGLE_CLIENT_ID, Identifier
from connectors.observations import AppSeen, GrantSeen, SignOn
from tests.support.scanning import NOW
from tests.support.scripted import scripted
from tests.teaching.support import KB, PEOPLE, World, app, charge

NEW = {"name": "Quibbler Pro", "domain": "quibbler.com"}
CLIENT = "9-frob.apps.googleusercontent.com"


def named(kind: str, value: str) -> dict[str, str]:
    return {"kind": kind, "value": value}


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_correcting_an_app_moves_all_its_evidence_past_and_future(world: World) -> None:
    wrong = world.app("a2")["tool_id"]
    right = world.tool("HubSpot")["id"]
    taught = world.teach(
        "correct", wrong, apps=[world.app("a2")["id"]], to={"tool": right}, reason="It is HubSpot's old name."
    )
    assert (taught.apps, taught.merchants) == (1, 0)
    assert [tuple(i)[1] for i in taught.teaching.identifiers[0]] == [GOOGLE_CLIENT_ID, CLIENT]
    moved = world.app("a2")
    assert (moved["tool_id"], moved["rule"], moved["confidence"]) == (right, "taught", 1.0)
    assert moved["why"] == "Corrected by ada on 20 November 2026: It is HubSpot's old name."
    assert moved["matched"]["rule"] == "unidentified"
    assert world.tool("HubSpot")["grant_grade"] == "high", "the grant came along"
    # Another source meets the same client: nobody has to say it again.
    google, seen = scripted(
        world.engine, "google", clock=world.clock, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT
    )
    named = AppSeen(
        ref="x9",
        name="FRBNX",
        identifiers=(Identifier(GOOGLE_CLIENT_ID, CLIENT),),
        sign_on=SignOn.CONSENT,
    )
    seen.pages |= {
        "people": [PEOPLE],
        "apps": [[named, GrantSeen(ref="g9", app_ref="x9", person_ref="u2", scopes=("email",))]],
    }
    google.scan()
    assert world.app("x9")["tool_id"] == right
    assert world.tool("HubSpot")["people"] == 2
    world.undo(taught.teaching.id)
    assert world.app("x9")["tool_id"] != right
    assert world.app("x9")["rule"] == "unidentified"


def test_correcting_a_merchant_moves_what_was_paid_and_what_will_be(world: World) -> None:
    zzyx, hubspot = world.tool("Zzyx Analytics"), world.tool("HubSpot")
    world.teach(
        "correct", zzyx["id"], merchants=[world.merchant("Zzyx Analytics")["id"]], to={"tool": hubspot["id"]}
    )
    assert world.tool("HubSpot")["spend_minor"] == 9900 + 700 + 800
    world.paid.pages["charges"] = [
        [
            charge("c6", "PAYPAL *ZZYX ANALYTICS 4029357733", 1000),
            # Nothing here says software; but somebody said what this merchant is.
            charge("c7", "Zzyx Analytics", 2000, mcc="7011"),
            charge("c8", "Hotel Adlon", 3000, mcc="7011"),
        ]
    ]
    world.cards.scan()
    assert world.tool("HubSpot")["spend_minor"] == 9900 + 700 + 800 + 1000 + 2000
    assert {e["ref"] for e in world.rows(expenses)} == {"c1", "c2", "c3", "c4", "c5", "c6", "c7"}
    assert "Zzyx Analytics" not in world.listed(), "nothing is left of it; it is kept for the way back"


def test_a_merged_tool_is_part_of_the_other_for_good(world: World) -> None:
    quibbler, zzyx = world.tool("Quibbler"), world.tool("Zzyx Analytics")
    taught = world.teach("merge", quibbler["id"], into=zzyx["id"], reason="one vendor")
    assert world.app("a4")["why"] == "Merged from “Quibbler” by ada on 20 November 2026: one vendor."
    assert "Quibbler" not in world.listed()
    assert world.tool("Zzyx Analytics")["sources"] == ["cards", "sso"]
    world.seen.pages["apps"][0].append(app("a5", "Quibbler", "quibbler.example.com"))
    world.scan()
    assert world.app("a5")["tool_id"] == zzyx["id"]
    assert len([t for t in world.rows(tools) if t["name"] == "Quibbler"]) == 1
    world.undo(taught.teaching.id)
    assert {a["tool_id"] for a in (world.app("a4"), world.app("a5"))} == {quibbler["id"]}


def test_merges_are_followed_and_never_go_round(world: World) -> None:
    one, two, three = (world.tool(n)["id"] for n in ("Quibbler", "Zzyx Analytics", "Mailchimp"))
    first = world.teach("merge", one, into=two)
    second = world.teach("merge", two, into=three)
    assert world.app("a4")["tool_id"] == three
    with pytest.raises(Gone, match=r"merged into “Mailchimp” \(tool") as gone:
        world.teach("merge", one, into=three)
    assert gone.value.links["tool"].endswith(f"/tools/{three}")
    with pytest.raises(Conflict, match="merged into “Mailchimp”"):
        world.teach("merge", three, into=one)
    with pytest.raises(Invalid, match="into itself"):
        world.teach("merge", three, into=three)
    world.undo(first.teaching.id)
    assert (world.app("a4")["tool_id"], world.merchant("Zzyx Analytics")["tool_id"]) == (one, three)
    world.undo(second.teaching.id)
    assert world.merchant("Zzyx Analytics")["tool_id"] == two
    with pytest.raises(Conflict, match="undone already, by ben"):
        world.undo(second.teaching.id)


def test_a_taught_handle_beats_a_merge_and_the_more_telling_one_beats_the_newer(world: World) -> None:
    frobnix = world.app("a2")["tool_id"]
    hubspot, quibbler = world.tool("HubSpot")["id"], world.tool("Quibbler")["id"]
    world.teach("confirm", frobnix, apps=[world.app("a2")["id"]])
    by_domain = {"identifiers": [{"kind": "domain", "value": "frobnix.io"}], "to": {"tool": quibbler}}
    by_name = {"identifiers": [{"kind": "app_name", "value": "Frobnix CRM"}], "to": {"tool": quibbler}}
    with pytest.raises(Conflict, match="earlier teaching"):
        world.teach("correct", frobnix, **by_name)
    taught = world.teach("correct", frobnix, **by_domain)
    assert world.app("a2")["tool_id"] == frobnix, "its id was confirmed, which says more than a domain"
    assert world.merchant("Frobnix")["tool_id"] == quibbler, "the line that prints the domain follows it"
    assert (taught.apps, taught.merchants) == (0, 1)
    world.teach("merge", frobnix, into=hubspot)
    assert world.app("a2")["tool_id"] == hubspot, "what a tool was confirmed for goes with it"
    assert world.merchant("Frobnix")["tool_id"] == quibbler


def test_the_newest_of_equal_teachings_wins_and_the_older_comes_back(world: World) -> None:
    app_id = world.app("a4")["id"]
    first = world.teach("correct", world.app("a4")["tool_id"], apps=[app_id], to={"product": "canva"})
    second = world.teach("correct", world.app("a4")["tool_id"], apps=[app_id], to={"product": "asana"})
    assert world.app("a4")["tool_id"] == world.tool("Asana")["id"]
    assert "Canva" not in {t["name"] for t in world.rows(tools) if t["listed"] and t["sources"]}
    world.undo(second.teaching.id)
    assert world.app("a4")["tool_id"] == world.tool("Canva")["id"]
    assert "Asana" not in {t["name"] for t in world.rows(tools)}
    world.undo(first.teaching.id)
    assert world.app("a4")["tool_id"] == world.tool("Quibbler")["id"]


def test_split_makes_a_tool_of_its_own(world: World) -> None:
    world.teach("merge", world.tool("Quibbler")["id"], into=world.tool("HubSpot")["id"])
    hubspot = world.tool("HubSpot")
    world.teach(
        "split",
        hubspot["id"],
        apps=[world.app("a4")["id"]],
        into={"new": NEW},
    )
    made = world.tool("Quibbler Pro")
    assert (made["domain"], made["identity"], made["people"], made["listed"]) == (
        "quibbler.com",
        "identified",
        1,
        True,
    )
    assert world.app("a4")["tool_id"] == made["id"]
    world.scan()
    assert world.tool("Quibbler Pro")["people"] == 1


def test_a_tool_with_taught_facts_outlives_its_evidence(world: World) -> None:
    taught = world.teach(
        "split",
        world.tool("Quibbler")["id"],
        apps=[world.app("a4")["id"]],
        into={"new": {"name": "Quibbler Pro"}},
    )
    world.seen.pages["apps"] = [[a for a in world.seen.pages["apps"][0] if a.ref not in {"a4", "g4"}]]
    source = world.sso.source()
    with writing(world.engine) as connection:
        sources.delete(
            connection,
            source["id"],
            source["version"],
            kb=KB,
            actor="test",
            now=world.clock(),
        )
    assert "Quibbler Pro" in {t["name"] for t in world.rows(tools)}
    world.undo(taught.teaching.id)
    assert not {"Quibbler Pro", "Quibbler"} & {t["name"] for t in world.rows(tools) if t["listed"]}


def test_what_is_not_the_tools_is_refused_by_name(world: World) -> None:
    hubspot = world.tool("HubSpot")
    other = world.app("a4")["id"]
    cases = [
        ({"apps": [other], "to": {"unidentified": True}}, "apps.0"),
        ({"merchants": [10**6], "to": {"unidentified": True}}, "merchants.0"),
        (
            {
                "identifiers": [{"kind": "domain", "value": "quibbler.example.com"}],
                "to": {"product": "canva"},
            },
            "identifiers.0",
        ),
        (
            {"identifiers": [named("publisher", "HubSpot")], "to": {"product": "canva"}},
            "identifiers.0",
        ),
        ({"apps": [world.app("a1")["id"]], "to": {"product": "no-such-product"}}, "to.product"),
        ({"apps": [world.app("a1")["id"]], "to": {"tool": 10**6}}, "to.tool"),
        ({"apps": [world.app("a1")["id"]], "to": {"tool": hubspot["id"]}}, "to"),
        ({"to": {"product": "canva"}}, "apps"),
    ]
    before = world.dump()
    for body, field in cases:
        with pytest.raises(Invalid) as refused:
            world.teach("correct", hubspot["id"], **body)
        assert [f.field for f in refused.value.fields] == [field], body
    assert world.dump() == before
    assert world.rows(teachings) == []


def test_nobody_teaches_over_what_they_have_not_read(world: World) -> None:
    tool = world.tool("HubSpot")
    world.teach("confirm", tool["id"])
    with writing(world.engine) as connection:
        room = Classroom(connection, KB, actor="token:x", now=world.clock())
        with pytest.raises(PreconditionFailed, match="tool was changed since you opened it"):
            room.confirm(tool["id"], tool["version"], ConfirmIn())


def test_all_lines_of_a_merchant_share_one_row_and_its_surest_reason(world: World) -> None:
    world.paid.pages["charges"] = [
        [
            charge("m1", "MAILCHIMP ATLANTA GA", 100),
            charge("m2", "INTUIT *MAILCHIMP 8005551234", 200, occurred_on=NOW.date() - timedelta(days=2)),
            charge("m3", "Mailchimp", 300),
        ]
    ]
    world.cards.scan()
    rows = [m for m in world.rows(merchants) if m["tool_id"] == world.tool("Mailchimp")["id"]]
    by_key = {m["key"] for m in rows}
    assert len(by_key) == len(rows)
    assert len(rows) <= 2
    for scanner, _ in world.scanners():
        scanner.scan()
    assert rows == [m for m in world.rows(merchants) if m["tool_id"] == world.tool("Mailchimp")["id"]]
    assert [a["name"] for a in world.rows(apps) if a["tool_id"] is None] == []


def test_pointing_at_an_app_takes_nothing_that_only_shares_its_name(world: World) -> None:
    google, seen = scripted(
        world.engine, "google", clock=world.clock, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT
    )
    named_so = [
        app("b1", "Apollo"),
        app("b2", "Apollo", "apollo.io"),
    ]
    seen.pages |= {"people": [PEOPLE], "apps": [named_so]}
    google.scan()
    plain, maker = world.app("b1")["tool_id"], world.app("b2")["tool_id"]
    assert plain != maker
    confirmed = world.teach("confirm", plain)
    assert (confirmed.apps, world.app("b2")["tool_id"]) == (1, maker)
    moved = world.teach("correct", plain, apps=[world.app("b1")["id"]], to={"product": "canva"})
    assert (moved.apps, world.app("b2")["tool_id"]) == (1, maker)
    named_so.append(app("b4", "Apollo"))
    google.scan()
    assert world.app("b4")["tool_id"] == world.app("b1")["tool_id"], "what is nobody's otherwise follows"
    assert world.app("b2")["tool_id"] == maker
    by_name = {"identifiers": [named("app_name", "Apollo")], "to": {"tool": world.tool("HubSpot")["id"]}}
    assert world.teach("correct", maker, **by_name).apps == 3, "a name that a person gives is meant as such"
    for teaching in world.rows(teachings):
        world.undo(teaching["id"])
    assert {world.app(r)["tool_id"] for r in ("b1", "b4")} == {plain}
    assert world.app("b2")["tool_id"] == maker


def test_a_tool_that_only_narrows_a_teaching_is_kept(world: World) -> None:
    google, seen = scripted(
        world.engine, "google", clock=world.clock, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT
    )
    plain, maker = app("b1", "Apollo"), app("b2", "Apollo", "apollo.io")
    seen.pages |= {"people": [PEOPLE], "apps": [[plain, maker]]}
    google.scan()
    nobodys, hubspot = world.app("b1")["tool_id"], world.tool("HubSpot")["id"]
    own = {"apps": [world.app("b1")["id"]]}
    first = world.teach("correct", nobodys, **own, to={"new": {"name": "Apollo Rooms"}})
    world.teach("correct", world.app("b1")["tool_id"], **own, to={"tool": hubspot})
    world.undo(first.teaching.id)
    source = google.source()
    with writing(world.engine) as connection:
        sources.delete(connection, source["id"], source["version"], kb=KB, actor="test", now=world.clock())
    again, seen = scripted(world.engine, "entra", clock=world.clock, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT)
    seen.pages |= {"people": [PEOPLE], "apps": [[plain, maker]]}
    again.scan()
    assert world.app("b1")["tool_id"] == hubspot
    assert world.app("b2")["rule"] == "domain"


def test_what_was_kept_only_for_a_teaching_goes_with_it(world: World) -> None:
    zzyx = world.tool("Zzyx Analytics")["id"]
    own = {"merchants": [world.merchant("Zzyx Analytics")["id"]]}
    one = world.teach("correct", zzyx, **own, to={"tool": world.tool("HubSpot")["id"]})
    two = world.teach("confirm", world.tool("HubSpot")["id"], **own)
    stored = world.paid.pages["charges"][0]
    lunch = charge("c7", "Zzyx Analytics", 2000, mcc="5812")
    world.paid.pages["charges"] = [[*stored, lunch, charge("c8", "Zzyx Analytics", 900)]]
    world.cards.scan()
    assert "c7" in {e["ref"] for e in world.rows(expenses)}
    world.undo(one.teaching.id)
    assert "c7" in {e["ref"] for e in world.rows(expenses)}, "the other teaching still says what it is"
    world.undo(two.teaching.id)
    assert {e["ref"] for e in world.rows(expenses)} == {"c1", "c2", "c3", "c4", "c5", "c8"}
    assert world.tool("Zzyx Analytics")["spend_minor"] == 700 + 800 + 900
    assert [a["detail"].get("expenses_forgotten") for a in world.rows(audit_events)[-2:]] == [None, 1]
