"""Logs that no review wrote, whom a review waits on, and how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reviews import commands as ask
from app.reviews.clocks import (
    OFFICE,
    OFFICE_HOURS,
    clock_of,
    clocks_of,
    office_hours_after,
    office_hours_between,
)
from app.reviews.events import (
    Answered,
    Body,
    BrokenLog,
    Commented,
    ConditionKept,
    Decided,
    Dismissed,
    Event,
    Expired,
    Sanctioned,
    Signed,
    read,
)
from app.reviews.fold import after, fold
from app.reviews.words import Item, Party, Verdict
from app.security.schemas import Side
from tests.reviews.saying import DISMISSED, IDA, IT, MARA, MARKETING, START, Talk, lean, opened, ready

# --- logs ------------------------------------------------------------------------------------


def forged(talk: Talk, body: Body, **changed: Any) -> Event:
    given: dict[str, Any] = {
        "seq": talk.state.version + 1,
        "at": talk.now,
        "user_id": IDA,
        "side": IT,
        "body": body,
    }
    return Event(**{**given, **changed})


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (Commented(text="hm"), {"seq": 9}),
        (Commented(text="hm"), {"at": START - timedelta(seconds=1)}),
        (opened(), {}),
        (Answered(question=3, text="so"), {}),
        (Signed(proposal=99, rationale="yes"), {}),
        (Signed(proposal=4, rationale="yes"), {"user_id": None}),
        (Signed(proposal=4, rationale="yes"), {"side": None}),
        (Signed(proposal=4, rationale="yes"), {"side": MARKETING, "user_id": MARA}),
        (Signed(proposal=4, rationale="yes"), {"user_id": MARA}),
        (Decided(proposal=4, terms=DISMISSED, signers={IT: IDA, MARKETING: MARA}), {}),
        (ConditionKept(number=1), {}),
        (Expired(), {}),
    ],
)
def test_a_log_that_no_review_wrote_is_not_believed(body: Body, changed: dict[str, Any]) -> None:
    talk = ready()
    talk.sign(MARA)
    with pytest.raises(BrokenLog):
        after(talk.state, forged(talk, body, **changed))


def test_a_decision_other_than_the_proposal_is_not_believed() -> None:
    talk = ready()
    talk.sign(MARA)
    signed = talk.log[-1]
    talk.sign(IDA)
    log = talk.log[:-1]
    assert log[-2] == signed
    for terms, signers, number in (
        (Sanctioned(), {IT: IDA, MARKETING: MARA}, talk.on_table),
        (Dismissed(reason="no tool"), {IT: IDA, MARKETING: IDA}, talk.on_table),
        (Dismissed(reason="no tool"), {IT: IDA, MARKETING: MARA}, 2),
    ):
        body = Decided(proposal=number, terms=terms, signers=signers)
        with pytest.raises(BrokenLog):
            fold([*log, Event(len(log) + 1, talk.now, None, None, body)])
    assert fold(talk.log).decision is not None


def test_a_log_begins_with_its_opening() -> None:
    with pytest.raises(BrokenLog):
        fold([])
    with pytest.raises(BrokenLog):
        fold([Event(1, START, IDA, IT, Commented(text="hm"))])
    with pytest.raises(BrokenLog):
        fold([Event(2, START, IDA, IT, opened())])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("sung", {"v": 1}),
        ("commented", {"v": 2, "text": "hm"}),
        ("commented", {"v": 1}),
        ("asked", {"to": "us"}),
    ],
)
def test_an_event_of_another_release_is_not_guessed_at(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(BrokenLog):
        read(kind, data)


# --- whom it waits on ------------------------------------------------------------------------


def on(talk: Talk) -> set[str]:
    return {party.value for party in talk.state.waiting_on}


def test_whom_a_review_waits_on() -> None:
    talk = lean(it=(2,), marketing=(4,))
    assert on(talk) == {"it", "marketing"}
    talk.assess_all(IT)
    assert on(talk) == {"marketing"}, "IT has done what is IT's"
    talk.say(MARA, ask.Ask(IT, "why?"))
    assert on(talk) == {"it"}, "who asks waits, who is asked is waited on"
    talk.say(IDA, ask.Ask(MARKETING, "why not?"))
    assert on(talk) == {"it", "marketing"}, "both are asked"
    first, second = sorted(talk.state.questions)
    talk.say(IDA, ask.Answer(first, "so"))
    assert on(talk) == {"marketing"}
    talk.say(MARA, ask.Answer(second, "so"))
    talk.assess_all(MARKETING)
    assert on(talk) == {"it", "marketing"}, "either may propose"
    talk.propose(user=MARA)
    assert on(talk) == {"it", "marketing"}
    talk.sign(MARA)
    assert on(talk) == {"it"}
    talk.say(IDA, ask.Ask(MARKETING, "sure?"))
    assert on(talk) == {"marketing"}, "also whose key is turned"
    talk.say(IDA, ask.Escalate("stuck"), over_twice=frozenset({IT}))
    assert on(talk) == {"arbiters"}
    talk.say(MARA, ask.Answer(max(talk.state.questions), "yes"))
    talk.sign(2)
    talk.sign(4)
    assert on(talk) == set()


# --- clocks ----------------------------------------------------------------------------------

HOUR = timedelta(hours=1)


def test_a_question_moves_the_clock_across_the_table() -> None:
    talk = lean()  # Monday, 9 o'clock
    talk.assess_all(MARKETING)
    talk.wait(hours=2)
    talk.say(IDA, ask.Ask(MARKETING, "why?"))
    talk.wait(hours=3)
    talk.say(MARA, ask.Answer(talk.state.version, "so"))
    talk.wait(hours=27)  # to Tuesday 17
    clocks = clocks_of(talk.state, OFFICE_HOURS, talk.now)
    assert clocks[Party.IT].waited == (2 + 3 + 8) * HOUR
    assert clocks[Party.MARKETING].waited == 3 * HOUR
    assert clocks[Party.MARKETING].not_waited == 13 * HOUR
    assert (clocks[Party.IT].runs, clocks[Party.MARKETING].runs) == (True, False)
    assert clocks[Party.IT].left == (40 - 13) * HOUR
    # 27 hours on from Tuesday evening: Wednesday, Thursday, Friday, and three hours of Monday.
    assert clocks[Party.IT].due == datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert clocks[Party.MARKETING].due is None


def test_twice_the_time_and_a_second_more() -> None:
    talk = lean()
    talk.now = office_hours_after(START, 80 * HOUR)
    clock = clock_of(talk.state, Party.IT, OFFICE, talk.now)
    assert (clock.waited, clock.over_twice, clock.due) == (80 * HOUR, False, None)
    assert clock.left == -40 * HOUR
    talk.now = office_hours_after(START, 80 * HOUR + timedelta(seconds=1))
    assert clock_of(talk.state, Party.IT, OFFICE, talk.now).over_twice


def test_clocks_stand_still_once_it_is_decided() -> None:
    talk = ready()
    talk.wait(hours=1)
    talk.sign(IDA)
    talk.sign(MARA)
    talk.wait(days=30)
    for clock in clocks_of(talk.state, OFFICE_HOURS, talk.now).values():
        assert (clock.elapsed, clock.runs) == (HOUR, False)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23 09:00", "2026-11-23 17:00", 8),
        ("2026-11-23 00:00", "2026-11-23 23:00", 8),
        ("2026-11-27 16:00", "2026-11-30 10:00", 2),
        ("2026-11-28 10:00", "2026-11-29 18:00", 0),
        ("2026-11-23 12:00", "2026-12-07 12:00", 80),
        ("2026-11-24 12:00", "2026-11-23 12:00", 0),
    ],
)
def test_office_hours(start: str, end: str, hours: int) -> None:
    one, other = (datetime.fromisoformat(x).replace(tzinfo=UTC) for x in (start, end))
    assert office_hours_between(one, other) == hours * HOUR


MOMENT = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=60, deadline=None, database=None)
@given(moments=st.lists(MOMENT, min_size=3, max_size=3), minutes=st.integers(0, 5000))
def test_office_hours_add_up(moments: list[datetime], minutes: int) -> None:
    a, b, c = sorted(moments)
    assert office_hours_between(a, b) + office_hours_between(b, c) == office_hours_between(a, c)
    slow = sum(
        9 <= (a + timedelta(hours=h)).hour < 17 and (a + timedelta(hours=h)).weekday() < 5 for h in range(100)
    )
    whole = a.replace(minute=0, second=0, microsecond=0)
    assert office_hours_between(whole, whole + timedelta(hours=100)) == slow * HOUR
    amount = timedelta(minutes=minutes)
    assert office_hours_between(a, office_hours_after(a, amount)) == amount


def test_the_lane_may_ask_nothing_of_a_side() -> None:
    talk = Talk(opened({IT: (), MARKETING: (Item.BUDGET,)}))
    assert on(talk) == {"marketing"}
    talk.say(MARA, ask.Assess(Item.BUDGET, Verdict.OK))
    talk.propose()
    talk.sign(IDA)
    talk.sign(MARA)
    assert set(talk.state.keys) == set(Side)
