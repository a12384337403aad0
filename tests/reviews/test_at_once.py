"""Two clients at once: no key is lost, and no second review is opened."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine

from app.errors import Conflict, PenumbraError, PreconditionFailed
from app.models import reviews
from app.reviews import commands as ask
from app.reviews.events import Dismissed, Promise, SanctionedWithConditions
from app.reviews.words import Cause, Standing
from app.security.schemas import Side
from tests.reviews.desk import Room
from tests.reviews.test_storage import DUE

TIMES = 4


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def at_once(*works: Callable[[], object]) -> list[PenumbraError | None]:
    """Begin all in the same moment; what each was refused with."""
    gate = threading.Barrier(len(works))
    ends: list[PenumbraError | None] = [None] * len(works)
    broken: list[BaseException] = []

    def run(at: int) -> None:
        gate.wait(10)
        try:
            works[at]()
        except PenumbraError as error:
            ends[at] = error
        except BaseException as error:  # noqa: BLE001 - told to the test, whatever it is
            broken.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert broken == []
    return ends


def test_two_who_sign_at_once_lose_no_key(room: Room) -> None:
    for _ in range(TIMES):
        review = room.ready(Dismissed(reason="no"))
        version = room.row(review)["version"]
        sign = ask.Sign(version, "yes")
        ends = at_once(
            lambda r=review, v=version, s=sign: room.say("ida", r, s, v),
            lambda r=review, v=version, s=sign: room.say("mara", r, s, v),
        )
        late = [error for error in ends if error is not None]
        assert [type(error) for error in late] == [PreconditionFailed], "one had to read it again"
        assert len(room.state(review).keys) == 1
        loser = ("ida", "mara")[ends.index(late[0])]
        assert room.say(loser, review, sign).standing is Standing.DECIDED
    assert room.faults() == []


def test_two_who_open_at_once_open_one(room: Room) -> None:
    for _ in range(TIMES):
        tool = room.tool()

        def open_it(tool: int = tool) -> int:
            with room.desk() as desk:
                return desk.open_by(room.caller("mara"), tool, Cause.REQUEST, "")

        ends = at_once(open_it, open_it, open_it)
        assert [type(e) for e in ends if e is not None] == [Conflict, Conflict]
        assert sum(row["tool_id"] == tool for row in room.rows(reviews)) == 1
    assert room.faults() == []


def test_a_decision_and_the_sweep_do_not_wait_for_each_other_for_ever(room: Room) -> None:
    for _ in range(TIMES):
        tool = room.tool()
        promise = Promise(side=Side.IT, owner_user_id=room.users["ida"], text="SSO", due=DUE)
        first = room.decide(SanctionedWithConditions(conditions=(promise,)), tool)
        second = room.ready(Dismissed(reason="no"), tool)
        room.sign("ida", second)
        before, room.now = room.now, room.now.replace(month=12, day=2)
        ends = at_once(lambda s=second: room.sign("mara", s), room.sweep)
        assert ends == [None, None]
        room.now = before
        assert room.state(second).standing is Standing.DECIDED
        assert room.state(first).superseded_by in {second, None}
    assert room.faults() == []
