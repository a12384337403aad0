"""Every refusal at its edge, and what the log says where nothing is refused."""

import pytest

from app.reviews import commands as ask
from app.reviews.events import (
    Decided,
    Dismissed,
    Migrate,
    Proposed,
    Provisional,
    Retire,
    Sanctioned,
    SanctionedWithConditions,
    Signed,
    Terms,
)
from app.reviews.ruling import Kind
from app.reviews.words import Item, Standing, Verdict
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
    lean,
    promise,
    ready,
)

OK = Verdict.OK
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
