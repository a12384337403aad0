"""What was learned can be handed on: as records that the knowledge base reads."""

import msgspec
from sqlalchemy.engine import Engine

from app.db import reading
from app.identify import KnowledgeBase, Product, identify
from app.identify.canonical import render
from app.teaching.offers import learned_records
from connectors.identifiers import APP_NAME, DOMAIN, GOOGLE_CLIENT_ID, MERCHANT, Identifier
from tests.teaching.support import KB, World

CLIENT = "9-frob.apps.googleusercontent.com"


def records(world: World) -> dict[str, Product]:
    with reading(world.engine) as connection:
        found = learned_records(connection, KB)
    assert msgspec.json.decode(render(found), type=list[Product]) == found
    return {p.id: p for p in found}


def test_a_known_product_gets_what_was_learned_for_it_and_nothing_it_knows(engine: Engine) -> None:
    world = World(engine)
    assert records(world) == {}
    world.teach("confirm", world.tool("HubSpot")["id"])
    assert records(world) == {}, "its own name is no news"
    hubspot = world.tool("HubSpot")["id"]
    world.teach("correct", world.app("a2")["tool_id"], apps=[world.app("a2")["id"]], to={"tool": hubspot})
    world.teach("merge", world.tool("Zzyx Analytics")["id"], into=hubspot)
    found = records(world)
    assert set(found) == {"hubspot"}
    product = found["hubspot"]
    assert product.client_ids.google == (CLIENT,)
    assert product.descriptors == ("ZZYX ANALYTICS",)
    assert (product.name, product.aliases, product.sources) == ("HubSpot", (), ("own",))


def test_a_new_tool_is_a_whole_record_that_the_matcher_can_use(engine: Engine) -> None:
    world = World(engine)
    made = {"new": {"name": "Frobnix Suite", "domain": "frobnix.io"}}
    apps = [world.app("a2")["id"]]
    world.teach("split", world.app("a2")["tool_id"], apps=apps, into=made)
    suite = world.tool("Frobnix Suite")["id"]
    world.teach("merge", world.tool("Quibbler")["id"], into=suite)
    world.teach(
        "correct",
        world.tool("Zzyx Analytics")["id"],
        merchants=[world.merchant("Zzyx Analytics")["id"]],
        to={"tool": suite},
    )
    record = records(world)["frobnix-suite"]
    assert (record.domain, record.category, record.sources) == ("frobnix.io", "unsorted", ("own",))
    assert record.aliases == ("Quibbler",)
    kb = KnowledgeBase({record.id: record}, KB.categories, KB.resellers, KB.shared_domains)
    for identifier in (
        Identifier(GOOGLE_CLIENT_ID, CLIENT),
        Identifier(APP_NAME, "Quibbler"),
        Identifier(MERCHANT, "ZZYX ANALYTICS 8005551234"),
        Identifier(DOMAIN, "app.frobnix.io"),
    ):
        match = identify(kb, (identifier,))
        assert match is not None, identifier
        assert match.product.id == "frobnix-suite"


def test_what_was_undone_is_not_handed_on(engine: Engine) -> None:
    world = World(engine)
    taught = world.teach("merge", world.tool("Zzyx Analytics")["id"], into=world.tool("HubSpot")["id"])
    assert set(records(world)) == {"hubspot"}
    world.undo(taught.teaching.id)
    assert records(world) == {}
