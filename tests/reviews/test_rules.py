"""Every refusal at its edge, and what the log says where nothing is refused."""

from typing import Any

import pytest

from app.reviews import commands as ask
from app.reviews.events import (
    Decided,
    Dismissed,
    Escalated,
    LaneChanged,
    Migrate,
    Promise,
    Proposed,
    Provisional,
    Retire,
    Sanctioned,
    SanctionedWithConditions,
    Signed,
    Superseded,
    Terms,
    WithdrawalAsked,
    Withdrawn,
)
from app.reviews.rules import Act, Kind
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
    NOBODY,
    TODAY,
    TOMORROW,
    Talk,
    opened,
)

OK = Verdict.OK
LEAN = {IT: (Item.SECURITY,), MARKETING: (Item.BUDGET,)}


def promise(**changed: Any) -> Promise:
    given: dict[str, Any] = {"side": IT, "owner_user_id": IDA, "text": "SSO", "due": TOMORROW}
    return Promise(**{**given, **changed})


def lean(**arbiters: tuple[int, ...]) -> Talk:
    return Talk(opened(LEAN, {side: arbiters.get(side.value, ()) for side in Side}))


def ready(terms: Terms | None = None, **arbiters: tuple[int, ...]) -> Talk:
    talk = lean(**arbiters)
    talk.assess_all()
    talk.propose(terms or Dismissed(reason="no tool"))
    return talk


def decided(*promises: Promise) -> Talk:
    talk = ready(SanctionedWithConditions(conditions=promises))
    talk.sign(IDA)
    talk.sign(MARA)
    return talk


# --- who speaks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ask.Assess(Item.SECURITY, OK),
        ask.Ask(MARKETING, "why?"),
        ask.Comment("hm"),
        ask.Attach("https://acme.example", "page"),
        ask.Propose(Sanctioned(), "so"),
        ask.Sign(1, "yes"),
        ask.Unsign(),
        ask.Dissenting("no"),
        ask.Escalate("stuck"),
        ask.Withdraw("never mind"),
    ],
)
def test_who_sits_on_no_side_says_nothing(command: ask.Command) -> None:
    assert lean().refuses(NOBODY, command).kind is Kind.FORBIDDEN


def test_who_sits_on_both_says_for_which() -> None:
    talk = lean()
    refusal = talk.refuses(BOTH, ask.Comment("hm"))
    assert (refusal.kind, refusal.field) == (Kind.INVALID, "side")
    assert talk.say(BOTH, ask.Comment("hm", MARKETING))[0].side is MARKETING
    assert talk.refuses(IDA, ask.Comment("hm", MARKETING)).kind is Kind.FORBIDDEN


def test_a_side_assesses_its_own_items_of_the_lane() -> None:
    talk = lean()
    assert talk.refuses(MARA, ask.Assess(Item.SECURITY, OK)).kind is Kind.FORBIDDEN
    assert talk.refuses(IDA, ask.Assess(Item.BUDGET, OK)).kind is Kind.FORBIDDEN
    refusal = talk.refuses(IDA, ask.Assess(Item.OPERATIONS, OK))
    assert refusal.field == "item"
    assert "IT it asks for: security." in refusal.why
    talk.say(IDA, ask.Assess(Item.SECURITY, Verdict.BLOCKER))
    talk.say(IGOR, ask.Assess(Item.SECURITY, Verdict.NOT_NEEDED))
    assert talk.state.assessments[Item.SECURITY].user_id == IGOR
    assert talk.state.missing(IT) == []


# --- questions -------------------------------------------------------------------------------


def test_a_question_goes_across_the_table_and_is_answered_once() -> None:
    talk = lean()
    assert talk.refuses(IDA, ask.Ask(IT, "why?")).kind is Kind.FORBIDDEN
    talk.say(IDA, ask.Ask(MARKETING, "why?"))
    number = talk.state.version
    assert talk.refuses(IDA, ask.Answer(number, "so")).kind is Kind.FORBIDDEN
    assert talk.refuses(MARA, ask.WithdrawQuestion(number)).kind is Kind.FORBIDDEN
    assert talk.refuses(MARA, ask.Answer(number + 1, "so")).field == "question"
    assert talk.refuses(IDA, ask.WithdrawQuestion(number + 1)).field == "question"
    talk.say(MARA, ask.Answer(number, "so"))
    assert "answered already" in talk.refuses(MARA, ask.Answer(number, "so")).why
    assert "answered already" in talk.refuses(IDA, ask.WithdrawQuestion(number)).why
    talk.say(IDA, ask.Ask(MARKETING, "really?"))
    talk.say(IGOR, ask.WithdrawQuestion(talk.state.version))
    assert "was withdrawn" in talk.refuses(MARA, ask.Answer(number + 2, "yes")).why


def test_nobody_signs_before_what_they_asked_is_settled() -> None:
    talk = ready()
    talk.say(IDA, ask.Ask(MARKETING, "why?"))
    number = talk.state.version
    assert f"question {number}" in talk.refuses(IGOR, ask.Sign(talk.on_table, "yes")).why
    talk.sign(MARA)  # who was asked may sign: the other side has the answer to wait for
    talk.say(MARA, ask.Answer(number, "so"))
    talk.sign(IGOR)
    assert talk.state.standing is Standing.DECIDED


# --- proposing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (SanctionedWithConditions(conditions=()), "terms.conditions"),
        (SanctionedWithConditions(conditions=(promise(due=TODAY),)), "terms.conditions.0.due"),
        (
            SanctionedWithConditions(conditions=(promise(), promise(owner_user_id=MARA))),
            "terms.conditions.1.owner_user_id",
        ),
        (
            SanctionedWithConditions(conditions=(promise(owner_user_id=99),)),
            "terms.conditions.0.owner_user_id",
        ),
        (Provisional(expires=TODAY), "terms.expires"),
        (Provisional(expires=TOMORROW, spend_cap_minor=5), "terms.currency"),
        (Provisional(expires=TOMORROW, currency="EUR"), "terms.currency"),
        (Migrate(to_tool_id=1, by=TOMORROW), "terms.to_tool_id"),
        (Migrate(to_tool_id=9, by=TOMORROW), "terms.to_tool_id"),
        (Migrate(to_tool_id=3, by=TOMORROW), "terms.to_tool_id"),
        (Migrate(to_tool_id=2, by=TODAY), "terms.by"),
        (Retire(plan="stop", by=TODAY), "terms.by"),
    ],
)
def test_terms_that_cannot_be_agreed_on(terms: Terms, field: str) -> None:
    refusal = lean().refuses(IDA, ask.Propose(terms, "so"))
    assert (refusal.kind, refusal.field) == (Kind.INVALID, field)


@pytest.mark.parametrize(
    "terms",
    [
        Sanctioned(),
        SanctionedWithConditions(conditions=(promise(), promise(side=MARKETING, owner_user_id=MARA))),
        Provisional(expires=TOMORROW, spend_cap_minor=5, currency="EUR", people_cap=1),
        Migrate(to_tool_id=2, by=TOMORROW),
        Migrate(to_tool_id=4, by=TOMORROW),
        Retire(plan="stop", by=TOMORROW),
        Dismissed(reason="no tool"),
    ],
)
@pytest.mark.parametrize("who", [IDA, MARA])
def test_either_side_proposes_any_outcome_and_both_decide(terms: Terms, who: int) -> None:
    talk = lean()
    talk.propose(terms, who)  # before anything is assessed, too
    talk.assess_all()
    talk.sign(MARA)
    acts = talk.sign(IDA)
    assert isinstance(acts[0].body, Signed)
    assert isinstance(acts[1].body, Decided)
    assert acts[1].body.signers == {IT: IDA, MARKETING: MARA}
    assert talk.state.outcome is terms.outcome


def test_a_new_proposal_voids_the_keys_and_says_so() -> None:
    talk = ready()
    first = talk.state.proposal
    talk.sign(IDA)
    acts = talk.say(MARA, ask.Propose(Retire(plan="stop", by=TOMORROW), "better"))
    assert isinstance(acts[0].body, Proposed)
    assert acts[0].body.voided == (IT,)
    assert talk.state.keys == {}
    assert first is not None
    refusal = talk.refuses(MARA, ask.Sign(first.seq, "yes"))
    assert (refusal.kind, refusal.field) == (Kind.CONFLICT, "proposal")


# --- the keys --------------------------------------------------------------------------------


def test_a_key_is_turned_on_something_and_after_the_work() -> None:
    talk = lean()
    assert "Nothing was proposed" in talk.refuses(IDA, ask.Sign(1, "yes")).why
    number = talk.propose()
    assert "IT has not assessed yet: security." in talk.refuses(IDA, ask.Sign(number, "yes")).why
    talk.assess_all(IT)
    talk.sign(IDA)
    assert "Marketing has not assessed yet" in talk.refuses(MARA, ask.Sign(number, "yes")).why


def test_nobody_turns_a_key_twice_nor_both() -> None:
    talk = ready()
    number = talk.on_table
    talk.sign(BOTH, IT)
    refusal = talk.refuses(BOTH, ask.Sign(number, "yes", MARKETING))
    assert (refusal.kind, "another person" in refusal.why) == (Kind.FORBIDDEN, True)
    assert "IT's key is turned already." in talk.refuses(IDA, ask.Sign(number, "yes")).why
    talk.sign(MAX)
    assert talk.state.standing is Standing.DECIDED


def test_a_blocker_of_the_own_side_forbids_sanctioning_and_nothing_else() -> None:
    for terms, allowed in (
        (Sanctioned(), False),
        (SanctionedWithConditions(conditions=(promise(),)), False),
        (Provisional(expires=TOMORROW), False),
        (Retire(plan="stop", by=TOMORROW), True),
        (Migrate(to_tool_id=2, by=TOMORROW), True),
        (Dismissed(reason="no"), True),
    ):
        talk = ready(terms)
        talk.assess_all(IT, verdict=Verdict.BLOCKER)
        talk.sign(MARA)  # the other side's blocker is the other side's to judge
        if allowed:
            talk.sign(IDA)
        else:
            refusal = talk.refuses(IDA, ask.Sign(talk.on_table, "yes"))
            assert "IT found a blocker (security)" in refusal.why


def test_marketing_sanctions_only_what_has_an_owner() -> None:
    talk = ready(Sanctioned())
    number = talk.on_table
    assert "has no owner" in talk.refuses(MARA, ask.Sign(number, "yes"), owned=False).why
    talk.sign(IDA, owned=False)  # IT does not answer for that
    talk.sign(MARA, owned=True)
    assert talk.state.standing is Standing.DECIDED
    talk = ready(Sanctioned())
    talk.sign(MARA)
    number = talk.on_table
    assert "lost its owner" in talk.refuses(IDA, ask.Sign(number, "yes"), owned=False).why
    talk = ready(Dismissed(reason="no"))
    talk.sign(MARA, owned=False)


def test_what_was_proposed_must_still_hold_when_it_is_signed() -> None:
    for terms in (
        Provisional(expires=TOMORROW),
        Retire(plan="stop", by=TOMORROW),
        SanctionedWithConditions(conditions=(promise(),)),
    ):
        talk = ready(terms)
        number = talk.on_table
        refusal = talk.refuses(IDA, ask.Sign(number, "yes"), today=TOMORROW)
        assert (refusal.kind, "no longer holds" in refusal.why) == (Kind.CONFLICT, True)
    talk = ready(Migrate(to_tool_id=2, by=TOMORROW))
    number = talk.on_table
    assert "not sanctioned" in talk.refuses(IDA, ask.Sign(number, "yes"), targets={2: "retiring"}).why
    talk = ready(SanctionedWithConditions(conditions=(promise(),)))
    assert talk.refuses(IDA, ask.Sign(number, "yes"), users={}).kind is Kind.CONFLICT


def test_while_a_key_is_turned_its_side_neither_assesses_nor_asks() -> None:
    talk = ready()
    talk.sign(IDA)
    assert "take it back" in talk.refuses(IGOR, ask.Assess(Item.SECURITY, Verdict.BLOCKER)).why
    assert "take it back" in talk.refuses(IGOR, ask.Ask(MARKETING, "why?")).why
    talk.say(MARA, ask.Assess(Item.BUDGET, Verdict.CONCERN))
    talk.say(MARA, ask.Ask(IT, "why?"))
    talk.say(IGOR, ask.Answer(talk.state.version, "so"))
    assert "not turned" in talk.refuses(MARA, ask.Unsign()).why
    talk.say(IGOR, ask.Unsign("not yet"))
    assert talk.state.keys == {}
    talk.say(IGOR, ask.Assess(Item.SECURITY, Verdict.BLOCKER))


def test_dissent_is_kept_with_the_decision() -> None:
    talk = lean()
    talk.assess_all()
    assert "Nothing was proposed" in talk.refuses(IGOR, ask.Dissenting("no")).why
    talk.propose()
    talk.sign(IDA)
    assert "take it back" in talk.refuses(IDA, ask.Dissenting("no")).why
    talk.say(IGOR, ask.Dissenting("I see it otherwise"))
    assert not talk.state.is_against(IT), "IT's key is turned all the same"
    talk.sign(MARA)
    assert [d.rationale for d in talk.state.dissents] == ["I see it otherwise"]


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
