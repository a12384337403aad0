"""What was taught can be taken back: every table is as it was."""

from typing import Any

import pytest
from sqlalchemy.engine import Engine

from tests.teaching.support import World


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
