"""The reviews of many tools at once: each answered by itself, and nothing set aside by one person alone."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.models import audit_events, reviews, tools
from app.reviews import commands as ask
from app.reviews.events import Dismissed
from app.reviews.many import open_many, propose_to_set_aside
from app.reviews.service import Desk
from app.reviews.words import Cause, Standing
from app.security.schemas import Side
from tests.reviews.desk import Room, settled


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def test_each_tool_is_answered_by_itself(room: Room, engine: Engine) -> None:
    free, taken, other = room.tool(), room.tool(), room.tool(flagged=False)
    there = room.open(taken)
    with writing(engine) as connection:
        caller = room.caller("mara")
        desk = Desk(connection, actor=caller.actor, now=room.now, reassess=settled, house=room.house)
        began = open_many(connection, desk, caller, [other, taken, free, 987_654, free], "Let us look")
    by_tool = {b.tool_id: b for b in began}
    assert len(began) == 4
    assert isinstance(by_tool[taken].error, Conflict)
    assert isinstance(by_tool[987_654].error, NotFound)
    with reading(engine) as connection:
        rows = {row.tool_id: row for row in connection.execute(sa.select(reviews))}
        lines = connection.scalars(
            sa.select(audit_events.c.object).where(audit_events.c.action == "review.opened")
        ).all()
    assert {t: (r.id, r.cause) for t, r in rows.items()} == {
        free: (by_tool[free].review_id, Cause.FLAG),
        other: (by_tool[other].review_id, Cause.CLAIM),
        taken: (there, Cause.REQUEST),
    }
    assert len(lines) == 3, "what was refused left no line"


def test_setting_aside_is_a_proposal_that_waits_for_both_keys(room: Room, engine: Engine) -> None:
    one, two = room.tool(), room.tool()
    with writing(engine) as connection:
        caller = room.caller("ida")
        desk = Desk(connection, actor=caller.actor, now=room.now, reassess=settled, house=room.house)
        began = propose_to_set_aside(connection, desk, caller, [one, two], "It is a typing error", None)
    for each in began:
        assert each.review_id is not None
        state = room.state(each.review_id)
        assert state.standing is Standing.OPEN
        assert state.keys == {}
        assert state.proposal is not None
        assert state.proposal.terms == Dismissed(reason="It is a typing error")
    with reading(engine) as connection:
        governance = connection.scalars(sa.select(tools.c.governance).where(tools.c.id.in_([one, two])))
        assert set(governance) == {"in_review"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_sits_on_both_sides_says_for_which_one_they_speak(room: Room, engine: Engine) -> None:
    tool = room.tool()
    bo, rita = room.caller("bo"), room.caller("rita")
    with writing(engine) as connection:
        desk = Desk(connection, actor=bo.actor, now=room.now, reassess=settled, house=room.house)
        with pytest.raises(Invalid, match="both sides"):
            propose_to_set_aside(connection, desk, bo, [tool], "no", None)
        with pytest.raises(Forbidden):
            propose_to_set_aside(connection, desk, rita, [tool], "no", None)
        with pytest.raises(Forbidden):
            propose_to_set_aside(connection, desk, room.caller("ida"), [tool], "no", Side.MARKETING)
        began = propose_to_set_aside(connection, desk, bo, [tool], "no", Side.IT)
    review = began[0].review_id
    assert review is not None
    assert room.state(review).proposal is not None
    room.say("mara", review, ask.Comment("Agreed"))
