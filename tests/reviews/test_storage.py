"""What the database itself holds of reviews, on both kinds."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import models
from app.catalog.leftovers import forget_tools
from app.db import writing
from app.errors import Gone, PenumbraError
from app.models import review_conditions, review_events, reviews
from app.reviews import commands as ask
from app.reviews.choosing import Choice
from app.reviews.events import Dismissed, Promise, Provisional, Sanctioned, SanctionedWithConditions
from app.reviews.words import ITEMS, Cause, ConditionState, Item, Lane, Verdict
from app.security.schemas import Side
from tests.reviews.desk import Room
from tests.reviews.saying import BOTH, IDA, IGOR, MARA, MAX
from tests.reviews.support import MONDAY, with_arbiters
from tests.reviews.test_any_order import STEPS, all_of

DUE = date(2026, 12, 1)


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def conditions(room: Room, *sides: Side) -> SanctionedWithConditions:
    owner = {Side.IT: room.users["ida"], Side.MARKETING: room.users["mara"]}
    return SanctionedWithConditions(
        conditions=tuple(Promise(side=s, owner_user_id=owner[s], text=f"by {s}", due=DUE) for s in sides)
    )


# --- guards ----------------------------------------------------------------------------------


def test_the_database_itself_refuses_what_must_not_be(room: Room) -> None:
    review = room.decide(Dismissed(reason="no"))
    first = room.open(room.tool())
    row = room.row(first)
    for statement in (
        sa.insert(reviews).values(**{k: v for k, v in row.items() if k != "id"}),
        sa.update(reviews)
        .where(reviews.c.id == review)
        .values(it_signed_by=room.users["bo"], marketing_signed_by=room.users["bo"]),
        sa.update(reviews).where(reviews.c.id == review).values(it_signed_by=None),
        sa.update(reviews).where(reviews.c.id == review).values(outcome=None),
        sa.update(reviews).where(reviews.c.id == review).values(closed_at=None),
        sa.update(reviews).where(reviews.c.id == review).values(outcome="bought"),
        sa.delete(reviews).where(reviews.c.id == review),
        sa.delete(models.tools).where(models.tools.c.id == row["tool_id"]),
        sa.delete(models.users).where(models.users.c.id == room.users["ida"]),
        sa.insert(review_events).values(
            review_id=first, seq=1, at=room.now, kind="commented", data={"text": "me too"}
        ),
    ):
        with pytest.raises(IntegrityError), writing(room.engine) as connection:
            connection.execute(statement)
    for statement in (
        sa.update(review_events).where(review_events.c.review_id == review).values(user_id=room.users["bo"]),
        sa.delete(review_events).where(review_events.c.review_id == review),
    ):
        with pytest.raises(DBAPIError, match="only ever added to"), writing(room.engine) as connection:
            connection.execute(statement)
    assert room.faults() == []


def test_a_row_that_was_tampered_with_is_found(room: Room) -> None:
    one = room.decide(conditions(room, Side.IT))
    two = room.decide(Dismissed(reason="no"))
    three = room.open()
    assert room.faults() == []
    with writing(room.engine) as connection:
        other = {"marketing_signed_by": room.users["max"]}
        connection.execute(sa.update(reviews).where(reviews.c.id == two).values(**other))
        connection.execute(sa.update(review_conditions).values(text="something else"))
        connection.execute(sa.update(reviews).where(reviews.c.id == three).values(waiting_on_it=False))
    assert [f.split(":")[0] for f in room.faults()] == [f"Review {n}" for n in (one, two, three)]
    with writing(room.engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER review_events_no_delete")
        else:
            connection.exec_driver_sql("DROP TRIGGER review_events_append_only ON review_events")
        gone = sa.and_(review_events.c.review_id == two, review_events.c.kind == "signed")
        connection.execute(sa.delete(review_events).where(gone))
    assert any("follows line" in fault for fault in room.faults())


def test_a_tool_that_was_reviewed_is_not_forgotten(room: Room) -> None:
    kept, bare = (room.tool(ownership="unowned") for _ in range(2))
    review = room.open(kept)
    for name in ("ida", "mara"):
        room.say(name, review, ask.Withdraw("never mind"))
    assert room.governance(kept) == "unreviewed"
    with writing(room.engine) as connection:
        assert forget_tools(connection, [kept, bare]) == 1
    assert room.governance(kept) == "unreviewed"


# --- days that pass --------------------------------------------------------------------------


def test_a_promise_that_is_missed_opens_the_review_again_once(room: Room) -> None:
    tool = room.tool()
    review = room.decide(conditions(room, Side.IT, Side.MARKETING, Side.IT), tool)
    room.say("ida", review, ask.Keep(1, "done"))
    room.now = room.now.replace(month=12, day=1)
    assert room.sweep().missed == 0, "the day itself is still good"
    room.now += timedelta(days=1)
    done = room.sweep()
    assert (done.missed, done.expired, len(done.reopened)) == (2, 0, 1)
    states = [c["state"] for c in room.rows(review_conditions)]
    assert states == ["kept", "missed", "missed"]
    again = room.state(done.reopened[0])
    assert again.is_open
    opened = room.rows(review_events)[-1]["data"]
    assert (opened["cause"], opened["previous"]) == ("reopened", review)
    assert "Marketing promised “by marketing” by 2026-12-01" in opened["need"]
    assert room.governance(tool) == "in_review"
    assert room.sweep().model_dump() == {"missed": 0, "expired": 0, "reopened": []}
    assert room.faults() == []
    # What was promised and missed cannot be kept any more; withdrawing gives back what was decided.
    with pytest.raises(PenumbraError, match="missed already"):
        room.say("ida", review, ask.Keep(3))
    for name in ("ida", "mara"):
        room.say(name, done.reopened[0], ask.Withdraw("settled otherwise"))
    assert room.governance(tool) == "sanctioned_with_conditions"


def test_a_provisional_decision_runs_out(room: Room) -> None:
    tool = room.tool()
    review = room.decide(Provisional(expires=DUE, people_cap=3), tool)
    room.now = room.now.replace(month=12, day=2)
    done = room.sweep()
    assert (done.missed, done.expired, len(done.reopened)) == (0, 1, 1)
    assert room.row(review)["expires_on"] is None
    assert room.sweep().expired == 0
    # Nothing holds any more: withdrawing does not bring back what has run out.
    for name in ("ida", "mara"):
        room.say(name, done.reopened[0], ask.Withdraw("nobody needs it"))
    assert room.governance(tool) == "unreviewed"
    assert room.faults() == []


@pytest.mark.parametrize("swept", [True, False])
def test_what_ran_out_while_it_was_under_review_does_not_come_back(room: Room, swept: bool) -> None:
    tool = room.tool()
    room.decide(Provisional(expires=DUE), tool)
    again = room.open(tool, Cause.REOPENED)
    room.now = room.now.replace(month=12, day=2)
    if swept:
        assert (room.sweep().expired, room.sweep().expired) == (1, 0)
    for name in ("ida", "mara"):
        room.say(name, again, ask.Withdraw("it may go on"))
    assert room.governance(tool) == "unreviewed"


def test_what_still_holds_comes_back_when_its_review_is_withdrawn(room: Room) -> None:
    tool = room.tool()
    room.decide(Provisional(expires=DUE), tool)
    again = room.open(tool, Cause.REOPENED)
    room.now = room.now.replace(month=12, day=1)
    for name in ("ida", "mara"):
        room.say(name, again, ask.Withdraw("it may go on"))
    assert room.governance(tool) == "provisional"


def test_what_runs_out_while_it_is_under_review_opens_no_second_one(room: Room) -> None:
    tool = room.tool()
    room.decide(conditions(room, Side.IT), tool)
    room.open(tool, Cause.REOPENED)
    room.now = room.now.replace(month=12, day=2)
    done = room.sweep()
    assert (done.missed, done.reopened) == (1, [])


def test_a_later_decision_replaces_the_promises_of_an_earlier_one(room: Room) -> None:
    tool = room.tool()
    one = room.decide(conditions(room, Side.IT), tool)
    two = room.decide(Provisional(expires=DUE), tool)
    three = room.decide(Sanctioned(), tool)
    assert room.state(one).conditions[1].state is ConditionState.WAIVED
    assert [room.state(n).superseded_by for n in (one, two, three)] == [two, three, None]
    room.now = room.now.replace(month=12, day=2)
    assert room.sweep().model_dump() == {"missed": 0, "expired": 0, "reopened": []}
    assert room.governance(tool) == "sanctioned"
    assert room.faults() == []


def test_a_tool_that_was_merged_away_waits_until_the_merge_is_undone(room: Room) -> None:
    tool, other = room.tool(), room.tool()
    room.decide(conditions(room, Side.IT), tool)
    merged = sa.update(models.tools).where(models.tools.c.id == tool)
    with writing(room.engine) as connection:
        connection.execute(merged.values(merged_into=other))
    room.now = room.now.replace(day=28)
    room.sweep()
    assert "condition.due" not in [m["topic"] for m in room.rows(models.messages)]
    room.now = room.now.replace(month=12, day=2)
    assert room.sweep().missed == 0
    with writing(room.engine) as connection:
        connection.execute(merged.values(merged_into=None))
    assert room.sweep().missed == 1


def test_the_review_of_a_tool_that_was_merged_away_can_only_be_ended(room: Room) -> None:
    tool, other = room.tool(), room.tool()
    review = room.ready(Dismissed(reason="no"), tool)
    with writing(room.engine) as connection:
        merged = sa.update(models.tools).where(models.tools.c.id == tool)
        connection.execute(merged.values(merged_into=other))
    with pytest.raises(Gone):
        room.sign("ida", review)
    assert room.say("mara", review, ask.Withdraw("it is the same tool")).closed_at is not None
    assert room.governance(tool) == "unreviewed"


# --- lanes -----------------------------------------------------------------------------------


def test_policy_may_choose_another_lane_and_says_so(room: Room) -> None:
    review = room.ready(Dismissed(reason="no"))
    room.sign("ida", review)
    with room.desk() as desk:
        assert not desk.change_lane(review), "nothing changed"
    full = Choice(
        lane=Lane.FULL,
        reasons=("It reads everybody's mail.",),
        items={Side.IT: ITEMS[Side.IT], Side.MARKETING: (Item.BUDGET,)},
        service_seconds={Side.IT: 60, Side.MARKETING: 60},
        arbiters={Side.IT: (room.users["igor"],), Side.MARKETING: (room.users["max"],)},
    )
    room.house = type(room.house)(choose=lambda *_: full)
    with room.desk() as desk:
        assert desk.change_lane(review)
        assert not desk.change_lane(review)
    row = room.row(review)
    assert (row["lane"], row["it_signed_by"], row["waiting_on_it"]) == ("full", None, True)
    assert room.faults() == []


# --- any order -------------------------------------------------------------------------------

NAMES = {IDA: "ida", IGOR: "igor", MARA: "mara", MAX: "max", BOTH: "bo", 6: "rita"}


def of_the_lane(command: ask.Command) -> bool:
    return not isinstance(command, ask.Assess) or command.item in {Item.SECURITY, Item.BUDGET}


@settings(
    max_examples=6,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_the_row_is_what_the_log_says(room: Room, steps: list[Any]) -> None:
    """One company for all examples: each takes a tool of its own."""
    users = room.users
    room.house = with_arbiters(it=(users["igor"], users["bo"]), marketing=(users["max"], users["bo"]))
    room.now = MONDAY
    review = room.open()
    for (verb, one, two), _known, minutes in steps[:8]:
        room.now += timedelta(minutes=minutes)
        said: list[tuple[int, Any]] = []
        if verb == "say":
            said = [(one, two)]
        elif verb == "assess all":
            side = {Side.IT: IDA, Side.MARKETING: MARA}[one]
            said = [(side, lambda _s, i=i: ask.Assess(i, Verdict.OK)) for i in (Item.SECURITY, Item.BUDGET)]
        elif verb != "lane":
            said = [x for x in all_of(verb, one, two) if of_the_lane(x[1](room.state(review)))]
        for user, make in said:
            try:
                room.say(NAMES[user], review, make(room.state(review)))
            except PenumbraError:
                continue
    assert room.faults() == []
