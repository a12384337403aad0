"""A merge loses no ownership, and its undoing brings everything back as it was."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.api.dependencies import etag
from app.catalog.leftovers import forget_tools
from app.claims import rules
from app.claims.fold import Reason
from app.db import writing
from app.errors import Gone
from app.models import tools
from app.security import users
from app.security.schemas import Role, UserIn
from tests.claims.support import Office, User
from tests.conftest import NOW
from tests.teaching.support import World


class Taught(Office):
    """Users over the company of the teachings' tests."""

    def __init__(self, world: World) -> None:
        self.engine = world.engine
        with writing(self.engine) as connection:
            made = [
                users.create_user(
                    connection,
                    UserIn(email=f"{name}@acme.example", name=name, roles=[Role.MARKETING]),
                    actor="test",
                    now=NOW,
                )
                for name in ("Ada", "Ben")
            ]
        self.mara, self.nils = (User(u.id, u.name, Role.MARKETING, u.person_id) for u in made)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_the_one_that_stays_keeps_its_owner_and_the_other_ones_comes_back(world: World) -> None:
    office = Taught(world)
    hubspot, quibbler = world.tool("HubSpot")["id"], world.tool("Quibbler")["id"]
    office.claims(office.mara, hubspot)
    office.claims(office.nils, quibbler)
    office.contests(office.mara, quibbler)
    before = world.dump()
    merged = world.teach("merge", quibbler, into=hubspot)
    assert office.standing(hubspot).owner == office.mara.id
    with pytest.raises(Gone, match="was merged into “HubSpot”"):
        office.act(office.nils, lambda _: rules.attest, tool=quibbler)
    assert office.standing(quibbler).owner == office.nils.id, "on record"
    world.undo(merged.teaching.id)
    assert world.dump() == before
    office.act(office.nils, lambda _: rules.attest, tool=quibbler)


def test_what_was_merged_away_does_not_lapse_until_it_is_back(world: World) -> None:
    office = Taught(world)
    hubspot, quibbler = world.tool("HubSpot")["id"], world.tool("Quibbler")["id"]
    office.claims(office.nils, quibbler)
    merged = world.teach("merge", quibbler, into=hubspot)
    office.loses_access(office.nils)
    assert office.sweeps().lapsed == []
    assert world.tool("HubSpot")["ownership"] == "unowned", "nothing is inherited"
    world.undo(merged.teaching.id)
    assert [x.tool.id for x in office.sweeps().lapsed] == [quibbler]


def test_a_tool_with_a_history_is_not_forgotten(engine: Engine) -> None:
    """It was declined, and then its evidence went: who declined it stays on record."""
    office = Office(engine)
    office.declines(office.mara, reason=Reason.PERSONAL)
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM apps")
        assert forget_tools(connection, [office.hubspot, office.github]) == 1
    assert [t["id"] for t in office.rows(tools)] == [office.hubspot]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is the database's
async def test_the_address_of_a_merged_tool_answers_410(app: FastAPI, world: World) -> None:
    office = Taught(world)
    hubspot, quibbler = world.tool("HubSpot")["id"], world.tool("Quibbler")["id"]
    client: httpx.AsyncClient = office.client(app, office.mara)
    office.claims(office.mara, quibbler)
    world.teach("merge", quibbler, into=hubspot)
    for answer in (
        await client.get(f"/tools/{quibbler}/ownership"),
        await client.get(f"/tools/{quibbler}/likely-owners"),
        await client.post(f"/tools/{quibbler}/ownership/attest", headers={"If-Match": etag(1)}),
    ):
        assert (answer.status_code, answer.json()["links"]["tool"]) == (410, f"/api/v1/tools/{hubspot}")
    assert (await client.get("/claims")).json()["items"] == []
    await client.aclose()
