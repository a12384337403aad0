"""What would come of a teaching is told as it would come, and nothing of it stays."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, trying
from app.errors import Invalid
from app.models import audit_events, teachings, tools
from app.security.privacy import OPEN
from app.teaching.schemas import MergeIn, SplitIn, Taught, UndoIn
from app.teaching.service import Classroom
from app.teaching.trying import Trial, try_out
from tests.teaching.support import KB, World


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def tried(world: World, teach: Callable[[Classroom], Taught]) -> Trial:
    with trying(world.engine) as connection:
        room = Classroom(connection, KB, actor="token:ada", now=world.clock())
        return try_out(connection, lambda: teach(room), veil=OPEN)


def everything(world: World) -> dict[str, Any]:
    with reading(world.engine) as connection:
        versions = connection.execute(sa.select(tools.c.id, tools.c.version).order_by(tools.c.id)).all()
        grown = [
            connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in (teachings, audit_events)
        ]
    return {"versions": versions, "grown": grown, **world.dump()}


def test_a_merge_is_foretold_and_leaves_no_trace(world: World) -> None:
    crm, frobnix = world.tool("Frobnix CRM"), world.tool("Quibbler")
    before = everything(world)
    version = frobnix["version"]
    trial = tried(world, lambda room: room.merge(frobnix["id"], version, MergeIn(into=crm["id"])))
    assert everything(world) == before

    gone, kept = sorted(trial.changes, key=lambda change: change.after is not None)
    assert (gone.id, gone.name, gone.before is not None) == (frobnix["id"], "Quibbler", True)
    assert [(m.kind, m.name, m.to) for m in trial.moves] == [("app", "Quibbler", kept.name)]
    assert kept.before is not None
    assert kept.after is not None

    world.teach("merge", frobnix["id"], into=crm["id"])
    assert world.tool(kept.name)["people"] == kept.after.people
    assert len(kept.after.apps) == len(kept.before.apps) + 1


def test_a_new_tool_and_its_end_are_foretold(world: World) -> None:
    crm, app = world.tool("Frobnix CRM"), world.app("a3")
    wanted = SplitIn.model_validate({"apps": [app["id"]], "into": {"new": {"name": "Frobnix Free"}}})
    holder = app["tool_id"]
    version = next(t["version"] for t in world.rows(tools) if t["id"] == holder)
    trial = tried(world, lambda room: room.split(holder, version, wanted))
    born = [c for c in trial.changes if c.before is None]
    assert [c.name for c in born] == ["Frobnix Free"]
    assert "Frobnix Free" not in world.listed()

    taught = world.teach("split", holder, apps=[app["id"]], into={"new": {"name": "Frobnix Free"}})
    back = tried(world, lambda room: room.undo(taught.teaching.id, UndoIn()))
    assert [c.name for c in back.changes if c.after is None] == ["Frobnix Free"]
    assert "Frobnix Free" in world.listed()
    assert crm["id"]


def test_what_may_not_be_is_refused_as_it_would_be(world: World) -> None:
    crm = world.tool("Frobnix CRM")
    with pytest.raises(Invalid, match="into itself"):
        tried(world, lambda room: room.merge(crm["id"], crm["version"], MergeIn(into=crm["id"])))
