"""Deadlocks, endings without a decision, promises, and lanes: every refusal at its edge."""

import pytest

from app.reviews import commands as ask
from app.reviews.events import (
    Escalated,
    LaneChanged,
    Retire,
    Sanctioned,
    Superseded,
    WithdrawalAsked,
    Withdrawn,
)
from app.reviews.ruling import Act, Kind
from app.reviews.words import ITEMS, ConditionState, Item, Lane, Standing, Verdict
from app.security.schemas import Side
from tests.reviews.saying import (
    BOTH,
    IDA,
    IGOR,
    IT,
    MARA,
    MARKETING,
    MAX,
    TOMORROW,
    decided,
    lean,
    promise,
    ready,
)

OK = Verdict.OK

# --- deadlock --------------------------------------------------------------------------------


def test_a_review_goes_to_arbiters_for_a_reason() -> None:
    talk = ready(it=(IGOR,), marketing=(MAX,))
    assert "Neither is so." in talk.refuses(IDA, ask.Escalate("stuck")).why
    talk.say(MARA, ask.Dissenting("no"))
    assert "Neither is so." in talk.refuses(IDA, ask.Escalate("stuck")).why
    talk.propose(Retire(plan="stop", by=TOMORROW), MARA)
    talk.say(IDA, ask.Dissenting("no"))  # each is against the other one's proposal
    talk.say(IDA, ask.Escalate("stuck"))
    assert talk.state.standing is Standing.DEADLOCK
    assert "already" in talk.refuses(MARA, ask.Escalate("stuck")).why
    slow = ready(it=(IGOR,), marketing=(MAX,))
    slow.sign(IDA)
    acts = slow.say(IDA, ask.Escalate("they do not answer"), over_twice=frozenset({MARKETING}))
    assert isinstance(acts[0].body, Escalated)
    assert acts[0].body.voided == (IT,)


def test_one_person_with_both_roles_is_not_two_sides_that_disagree() -> None:
    talk = ready(it=(IGOR,), marketing=(MAX,))
    for side in Side:
        talk.say(BOTH, ask.Dissenting("no", side))
    assert all(talk.state.is_against(side) for side in Side)
    assert "by two people" in talk.refuses(BOTH, ask.Escalate("stuck", IT)).why
    talk.say(MARA, ask.Dissenting("no"))
    talk.say(BOTH, ask.Escalate("stuck", IT))
    assert talk.state.standing is Standing.DEADLOCK


@pytest.mark.parametrize(
    ("arbiters", "says"),
    [
        ({}, "for IT"),
        ({"it": (IGOR,)}, "for marketing"),
        ({"it": (BOTH,), "marketing": (BOTH,)}, "it takes two"),
    ],
)
def test_without_two_arbiters_nothing_is_handed_over(arbiters: dict[str, tuple[int, ...]], says: str) -> None:
    refusal = ready(**arbiters).refuses(IDA, ask.Escalate("stuck"), over_twice=frozenset({IT}))
    assert says in refusal.why


def test_in_a_deadlock_only_arbiters_decide_and_all_may_comment() -> None:
    talk = ready(it=(IGOR, BOTH), marketing=(MAX, BOTH))
    number = talk.on_table
    talk.say(IDA, ask.Escalate("stuck"), over_twice=frozenset({IT}))
    for who in (IDA, MARA):
        for command in (
            ask.Sign(number, "yes"),
            ask.Propose(Sanctioned(), "so"),
            ask.Unsign(),
            ask.Withdraw("never mind"),
        ):
            refusal = talk.refuses(who, command)
            assert (refusal.kind, "arbiters" in refusal.why) == (Kind.FORBIDDEN, True)
        talk.say(who, ask.Comment("listen"))
        talk.say(who, ask.Dissenting("still against it"))
    talk.sign(BOTH, MARKETING)
    assert talk.refuses(BOTH, ask.Sign(number, "yes", IT)).kind is Kind.FORBIDDEN
    talk.sign(IGOR)
    assert talk.state.standing is Standing.DECIDED
    assert [talk.state.keys[side].arbiter for side in Side] == [True, True]


def test_an_arbiter_of_one_side_does_not_decide_for_the_other() -> None:
    talk = ready(it=(BOTH,), marketing=(MAX,))
    talk.say(IDA, ask.Escalate("stuck"), over_twice=frozenset({IT}))
    number = talk.on_table
    assert talk.refuses(BOTH, ask.Sign(number, "yes", MARKETING)).kind is Kind.FORBIDDEN


# --- ending ----------------------------------------------------------------------------------


def test_it_takes_both_sides_to_end_without_a_decision() -> None:
    talk = lean()
    acts = talk.say(BOTH, ask.Withdraw("never mind", IT))
    assert [type(act.body) for act in acts] == [WithdrawalAsked]
    assert "IT has asked" in talk.refuses(IDA, ask.Withdraw("please")).why
    assert talk.refuses(BOTH, ask.Withdraw("please", MARKETING)).kind is Kind.FORBIDDEN
    acts = talk.say(MARA, ask.Withdraw("agreed"))
    assert [type(act.body) for act in acts] == [WithdrawalAsked, Withdrawn]
    assert acts[1].side is None
    assert "withdrawn already" in talk.refuses(IDA, ask.Comment("hm")).why


def test_a_proposal_takes_back_the_wish_to_end() -> None:
    talk = lean()
    talk.say(IDA, ask.Withdraw("never mind"))
    talk.propose(user=MARA)
    talk.say(MARA, ask.Withdraw("well, then"))
    assert talk.state.is_open


def test_a_tool_that_is_gone_needs_no_decision() -> None:
    talk = lean()
    talk.say(IDA, ask.Withdraw("it is gone"), tool_gone=True)
    assert talk.state.standing is Standing.WITHDRAWN


@pytest.mark.parametrize("who", [IDA, MARA])
def test_after_the_end_nothing_is_said(who: int) -> None:
    talk = ready()
    talk.sign(IDA)
    talk.sign(MARA)
    for command in (
        ask.Assess(Item.SECURITY, OK),
        ask.Comment("hm"),
        ask.Propose(Sanctioned(), "so"),
        ask.Sign(1, "yes"),
        ask.Unsign(),
        ask.Withdraw("no"),
    ):
        assert "decided already" in talk.refuses(who, command).why


# --- conditions ------------------------------------------------------------------------------


def test_who_promised_keeps_and_who_was_promised_waives() -> None:
    talk = decided(promise(), promise(side=MARKETING, owner_user_id=MARA))
    assert talk.refuses(MARA, ask.Keep(1)).kind is Kind.FORBIDDEN
    assert talk.refuses(IDA, ask.Waive(1, "fine")).kind is Kind.FORBIDDEN
    assert talk.refuses(IDA, ask.Keep(3)).field == "number"
    talk.say(IGOR, ask.Keep(1, "done"))
    assert "kept already" in talk.refuses(IDA, ask.Keep(1)).why
    assert "kept already" in talk.refuses(MARA, ask.Waive(1, "fine")).why
    talk.say(IDA, ask.Waive(2, "fine"))
    assert [c.state for c in talk.state.conditions.values()] == [ConditionState.KEPT, ConditionState.WAIVED]
    assert "Nothing was decided" in ready().refuses(IDA, ask.Keep(1)).why


def test_nobody_lets_themselves_off_a_promise() -> None:
    talk = decided(promise(owner_user_id=BOTH))
    assert talk.refuses(BOTH, ask.Waive(1, "fine")).kind is Kind.FORBIDDEN
    talk.say(MARA, ask.Waive(1, "fine"))
    assert talk.state.conditions[1].state is ConditionState.WAIVED


def test_a_later_decision_lets_everybody_off() -> None:
    talk = decided(promise(), promise())
    talk.say(IDA, ask.Keep(1))
    talk.system(Superseded(by=8))
    assert [c.state for c in talk.state.conditions.values()] == [ConditionState.KEPT, ConditionState.WAIVED]
    assert talk.state.superseded_by == 8


# --- lanes -----------------------------------------------------------------------------------


def test_a_heavier_lane_voids_the_key_of_whoever_must_do_more() -> None:
    talk = ready()
    talk.sign(IDA)
    body = LaneChanged(
        lane=Lane.FULL,
        reasons=("It reads everybody's mail.",),
        items={IT: ITEMS[IT], MARKETING: (Item.BUDGET,)},
        service_seconds={IT: 1, MARKETING: 1},
        arbiters={},
        voided=(IT,),
    )
    talk.put([Act(None, body)], None)
    assert talk.state.keys == {}
    assert talk.state.missing(IT) == [Item.INTEGRATION, Item.OPERATIONS, Item.VENDOR_MANAGEMENT]
    assert talk.state.lane is Lane.FULL
