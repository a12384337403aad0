"""What was taught can be taken back: every table is as it was."""

import contextlib
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app.catalog.assess import assess
from app.db import writing
from app.errors import PenumbraError
from app.models import apps, merchants, tools
from tests.teaching.support import KB, World


def deeds(world: World) -> dict[str, tuple[str, int, dict[str, Any]]]:
    """One of each kind, on the company as scanned."""
    tool = {name: world.tool(name)["id"] for name in world.listed()}
    frobnix_app, quibbler = world.app("a2"), world.app("a4")
    return {
        "merge into an unidentified one": ("merge", tool["Quibbler"], {"into": tool["Zzyx Analytics"]}),
        "merge into a known one": ("merge", tool["Zzyx Analytics"], {"into": tool["HubSpot"]}),
        "merge a known one away": ("merge", tool["HubSpot"], {"into": tool["Quibbler"]}),
        "correct to a tool": (
            "correct",
            frobnix_app["tool_id"],
            {"apps": [frobnix_app["id"]], "to": {"tool": tool["HubSpot"]}},
        ),
        "correct to a product that is not there": (
            "correct",
            quibbler["tool_id"],
            {"apps": [quibbler["id"]], "to": {"product": "canva"}},
        ),
        "correct to unidentified": (
            "correct",
            tool["Mailchimp"],
            {"merchants": [world.merchant("Mailchimp")["id"]], "to": {"unidentified": True}},
        ),
        "correct by domain": (
            "correct",
            frobnix_app["tool_id"],
            {"identifiers": [{"kind": "domain", "value": "frobnix.io"}], "to": {"tool": tool["Mailchimp"]}},
        ),
        "split": (
            "split",
            tool["Zzyx Analytics"],
            {
                "merchants": [world.merchant("Zzyx Analytics")["id"]],
                "into": {"new": {"name": "Zzyx Ads", "domain": "zzyx.com"}},
            },
        ),
        "confirm": ("confirm", tool["HubSpot"], {"reason": "we pay for it"}),
        "keep apart": ("keep_apart", tool["HubSpot"], {"tool": tool["Quibbler"]}),
    }


@pytest.mark.parametrize("scanned_between", [False, True])
def test_undoing_leaves_the_database_as_it_was(engine: Engine, scanned_between: bool) -> None:
    world = World(engine)
    world.scan()
    before = world.dump()
    for name, (verb, tool, body) in deeds(world).items():
        taught = world.teach(verb, tool, **body)
        if verb != "keep_apart":
            assert world.dump() != before, name
        if scanned_between:
            while_taught = world.dump()
            world.scan()
            same_but_for_the_scan(while_taught, world.dump(), name)
        world.undo(taught.teaching.id)
        if scanned_between:
            world.scan()
            same_but_for_the_scan(before, world.dump(), name)
        else:
            assert world.dump() == before, name


def same_but_for_the_scan(one: dict[str, Any], other: dict[str, Any], name: str) -> None:
    """Equal but for what tells that there was a scan: its own row, its number, and when it saw things."""
    by_scan = {"generation", "last_seen", "last_scan_at", "last_complete_at", "next_scan_at", "completed_at"}
    for table in one.keys() - {"scans", "stream_states"}:
        stripped = [
            sorted(({k: v for k, v in r.items() if k not in by_scan} for r in rows[table]), key=repr)
            for rows in (one, other)
        ]
        assert stripped[0] == stripped[1], (name, table)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


DEED = st.tuples(
    st.sampled_from(
        ["confirm", "correct", "correct", "split", "split", "merge", "merge", "merge", "undo", "scan"]
    ),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(["tool", "product", "new", "unidentified"]),
)


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # each scan takes a while
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=st.lists(DEED, min_size=1, max_size=8), order=st.randoms(use_true_random=False))
def test_whatever_was_taught_can_be_undone_in_any_order(
    world: World, deeds: list[Any], order: Random
) -> None:
    # One company for all examples: each must leave it as it found it.
    before = world.dump()
    active: list[int] = []
    for verb, one, two, target in deeds:
        if verb == "scan":
            world.scan()
        elif verb == "undo":
            if active:
                world.undo(active.pop(one % len(active)))
        else:
            tool, body = random_deed(world, verb, one, two, target)
            with contextlib.suppress(PenumbraError):  # refused: nothing of it may have been kept
                active.append(world.teach(verb, tool, **body).teaching.id)
    order.shuffle(active)
    for teaching in active:
        world.undo(teaching)
    same_but_for_the_scan(before, world.dump(), str(deeds))


def random_deed(world: World, verb: str, one: int, two: int, target: str) -> tuple[int, dict[str, Any]]:
    """A deed on some evidence of the catalog as it is now."""
    every = sorted(t["id"] for t in world.rows(tools))
    other = every[two % len(every)]
    if verb == "merge":
        return every[one % len(every)], {"into": other}
    subjects = [("apps", a) for a in world.rows(apps)] + [("merchants", m) for m in world.rows(merchants)]
    kind, subject = subjects[one % len(subjects)]
    body: dict[str, Any] = {kind: [subject["id"]]}
    if kind == "apps" and two % 3 == 0:
        named = subject["identifiers"][two % len(subject["identifiers"])]
        body = {"identifiers": [{"kind": named[0], "value": named[1]}]}
    places = {
        "tool": {"tool": other},
        "product": {"product": ["canva", "asana", "mailchimp"][two % 3]},
        "new": {"new": {"name": f"Made {two % 7}"}},
        "unidentified": {"unidentified": True},
    }
    if verb != "confirm":
        body["to" if verb == "correct" else "into"] = places[target]
    return subject["tool_id"], body


def test_when_a_tool_was_first_flagged_outlasts_other_undoings(world: World) -> None:
    mailchimp = world.tool("Mailchimp")
    charge = world.merchant("Mailchimp")["id"]
    first = world.teach("correct", mailchimp["id"], merchants=[charge], to={"product": "canva"})
    canva = world.tool("Canva")
    flagged_at = canva["flagged_at"]
    assert flagged_at == first.teaching.at

    def merged_and_parted() -> None:
        merged = world.teach("merge", world.tool("Quibbler")["id"], into=canva["id"])
        world.undo(merged.teaching.id)

    # Both sides took it up: it waits no more, and it did wait.
    decide(world, canva["id"], governance="sanctioned")
    merged_and_parted()
    assert (world.tool("Canva")["flagged"], world.tool("Canva")["flagged_at"]) == (False, flagged_at)
    # Nobody uses it any more, and what said that it is Canva still holds.
    decide(world, canva["id"], governance="unreviewed")
    world.clock.forward(days=200)
    merged_and_parted()
    assert (world.tool("Canva")["flagged"], world.tool("Canva")["flagged_at"]) == (False, flagged_at)
    # That it is Canva was wrong: then it never waited.
    world.undo(first.teaching.id)
    assert not [t for t in world.rows(tools) if t["name"] == "Canva" and t["flagged_at"] is not None]


def decide(world: World, tool: int, governance: str) -> None:
    with writing(world.engine) as connection:
        connection.execute(sa.update(tools).where(tools.c.id == tool).values(governance=governance))
        assess(connection, KB, [tool], world.clock())
