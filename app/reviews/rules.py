"""Who may do what to a review, and what comes of it. Pure: state and command in, events or a refusal out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.reviews.commands import (
    Answer,
    Ask,
    Assess,
    Attach,
    Command,
    Comment,
    Dissenting,
    Escalate,
    Keep,
    Propose,
    Sign,
    Unsign,
    Waive,
    Withdraw,
    WithdrawQuestion,
)
from app.reviews.events import (
    Answered,
    Asked,
    Assessed,
    Attached,
    Commented,
    ConditionKept,
    ConditionWaived,
    Decided,
    Dissented,
    Escalated,
    Proposed,
    Signed,
    Unsigned,
    WithdrawalAsked,
    Withdrawn,
    WithdrewQuestion,
)
from app.reviews.ruling import Act, Facts, Kind, Refusal, Who
from app.reviews.state import Condition, State
from app.reviews.terms import problem_of
from app.reviews.words import ConditionState, Item, Standing, side_of, started
from app.security.schemas import Side


def decide(state: State, who: Who, command: Command, facts: Facts) -> list[Act]:
    """What comes of a command.

    Args:
        state: of the review.
        who: the person.
        command: what they ask.
        facts: what must be known beside the log.

    Returns:
        The events to append, in their order. A `Decided` among them lacks its evidence.

    Raises:
        Refusal: nothing may come of it.
    """
    if isinstance(command, Keep | Waive):
        return _settle(state, who, command)
    if not state.is_open:
        raise Refusal(f"This review was {state.standing.value} already; nothing more can be said in it.")
    return _RULES[type(command)](state, who, command, facts)


def _acting(who: Who, wanted: Side | None) -> Side:
    """For which side somebody speaks."""
    if wanted is not None:
        _must_sit(who, wanted)
        return wanted
    if not who.sides:
        raise Refusal("This takes a person of IT's or of marketing's side.", Kind.FORBIDDEN)
    if len(who.sides) > 1:
        raise Refusal("You sit on both sides: say for which one you speak.", Kind.INVALID, "side")
    return next(iter(who.sides))


def _must_sit(who: Who, side: Side) -> None:
    if side not in who.sides:
        raise Refusal(f"This takes a person of {side.words}'s side.", Kind.FORBIDDEN)


def _must_decide_for(state: State, who: Who, side: Side) -> None:
    """In a deadlock only the named arbiters go on."""
    if state.escalated_at is not None and who.user_id not in state.arbiters.get(side, ()):
        raise Refusal(
            f"The review was handed to arbiters: only those named for {side.words} do this now. "
            "You may still comment, and say for the record that you are against it.",
            Kind.FORBIDDEN,
        )


def _items(items: Sequence[Item]) -> str:
    return ", ".join(item.words for item in items)


# --- assessing and asking --------------------------------------------------------------------


def _assess(state: State, who: Who, command: Assess, _facts: Facts) -> list[Act]:
    side = side_of(command.item)
    _must_sit(who, side)
    if command.item not in state.items.get(side, ()):
        raise Refusal(
            f"The {state.lane.value} lane does not ask for “{command.item.words}”; "
            f"of {side.words} it asks for: {_items(state.items.get(side, ())) or 'nothing'}.",
            Kind.INVALID,
            "item",
        )
    _key_must_be_off(state, side, "assess anew")
    body = Assessed(
        item=command.item,
        verdict=command.verdict,
        notes=command.notes,
        evidence=command.evidence,
        links=command.links,
    )
    return [Act(side, body)]


def _key_must_be_off(state: State, side: Side, what: str) -> None:
    if side in state.keys:
        raise Refusal(f"{started(side)}'s key is turned: take it back before you {what}.")


def _ask(state: State, who: Who, command: Ask, _facts: Facts) -> list[Act]:
    side = command.to.other
    _must_sit(who, side)
    _key_must_be_off(state, side, "ask")
    return [Act(side, Asked(question=state.version + 1, to=command.to, text=command.text))]


def _answer(state: State, who: Who, command: Answer, _facts: Facts) -> list[Act]:
    asked = state.questions.get(command.question)
    if asked is None:
        raise Refusal(f"There is no question {command.question}.", Kind.INVALID, "question")
    _must_sit(who, asked.to)
    _must_be_open(state, command.question)
    return [Act(asked.to, Answered(question=asked.id, text=command.text))]


def _withdraw_question(state: State, who: Who, command: WithdrawQuestion, _facts: Facts) -> list[Act]:
    asked = state.questions.get(command.question)
    if asked is None:
        raise Refusal(f"There is no question {command.question}.", Kind.INVALID, "question")
    _must_sit(who, asked.to.other)
    _must_be_open(state, command.question)
    return [Act(asked.to.other, WithdrewQuestion(question=asked.id))]


def _must_be_open(state: State, number: int) -> None:
    asked = state.questions[number]
    if asked.withdrawn:
        raise Refusal(f"Question {number} was withdrawn.")
    if not asked.is_open:
        raise Refusal(f"Question {number} was answered already; a comment can add to the answer.")


def _comment(_state: State, who: Who, command: Comment, _facts: Facts) -> list[Act]:
    return [Act(_acting(who, command.side), Commented(text=command.text))]


def _attach(_state: State, who: Who, command: Attach, _facts: Facts) -> list[Act]:
    return [Act(_acting(who, command.side), Attached(link=command.link, title=command.title))]


# --- proposing and signing -------------------------------------------------------------------


def _propose(state: State, who: Who, command: Propose, facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    _must_decide_for(state, who, side)
    problem = problem_of(command.terms, facts.today, facts.tool_id, facts.users, facts.targets)
    if problem is not None:
        raise Refusal(problem.why, Kind.INVALID, problem.field)
    body = Proposed(terms=command.terms, rationale=command.rationale, voided=_turned(state))
    return [Act(side, body)]


def _turned(state: State) -> tuple[Side, ...]:
    return tuple(side for side in Side if side in state.keys)


def _sign(state: State, who: Who, command: Sign, facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    _must_decide_for(state, who, side)
    if state.escalated_at is None and side in facts.may_not_sign:  # arbiters are named one by one
        raise Refusal(
            f"The policy names who turns {side.words}'s key in the {state.lane.value} lane, and not you.",
            Kind.FORBIDDEN,
        )
    proposal = state.proposal
    if proposal is None:
        raise Refusal("Nothing was proposed yet: propose an outcome first.")
    if command.proposal != proposal.seq:
        raise Refusal(
            f"Another proposal lies on the table now, number {proposal.seq}: read it first.",
            Kind.CONFLICT,
            "proposal",
        )
    if side in state.keys:
        raise Refusal(f"{started(side)}'s key is turned already.")
    if any(key.user_id == who.user_id for key in state.keys.values()):
        raise Refusal(
            f"You turned {side.other.words}'s key: the other one takes another person.", Kind.FORBIDDEN
        )
    if missing := state.missing(side):
        raise Refusal(f"{started(side)} has not assessed yet: {_items(missing)}.")
    if own := state.open_questions(to=side.other):
        raise Refusal(
            f"{started(side)} asked something that is not answered yet (question {own[0].id}): "
            "wait for the answer, or withdraw the question."
        )
    if proposal.sanctions and (blockers := state.blockers(side)):
        raise Refusal(
            f"{started(side)} found a blocker ({_items(blockers)}): assess it anew, or propose "
            "an outcome that does not sanction the tool."
        )
    if proposal.sanctions and not facts.owned and (side is Side.MARKETING or Side.MARKETING in state.keys):
        raise Refusal(
            "The tool has no owner: marketing must name one before it can be sanctioned."
            if side is Side.MARKETING
            else "The tool has lost its owner since marketing turned its key: marketing must name one first."
        )
    problem = problem_of(proposal.terms, facts.today, facts.tool_id, facts.users, facts.targets)
    if problem is not None:
        raise Refusal(f"The proposal no longer holds: {problem.why} Propose it anew.")
    acts = [Act(side, Signed(proposal=proposal.seq, rationale=command.rationale))]
    if side.other in state.keys:
        signers = {side: who.user_id, side.other: state.keys[side.other].user_id}
        decided = Decided(
            proposal=proposal.seq,
            terms=proposal.terms,
            signers={each: signers[each] for each in Side},
        )
        acts.append(Act(None, decided))
    return acts


def _unsign(state: State, who: Who, command: Unsign, _facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    _must_decide_for(state, who, side)
    if side not in state.keys:
        raise Refusal(f"{started(side)}'s key is not turned.")
    return [Act(side, Unsigned(reason=command.reason))]


def _dissent(state: State, who: Who, command: Dissenting, _facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    if state.proposal is None:
        raise Refusal("Nothing was proposed yet that one could be against; a comment can say it.")
    if any(key.user_id == who.user_id for key in state.keys.values()):
        raise Refusal("You turned a key on this proposal: take it back before you say you are against it.")
    return [Act(side, Dissented(proposal=state.proposal.seq, rationale=command.rationale))]


# --- ending otherwise ------------------------------------------------------------------------


def _escalate(state: State, who: Who, command: Escalate, facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    if state.escalated_at is not None:
        raise Refusal("The review lies with the arbiters already.")
    if not facts.over_twice and not state.are_both_against():
        raise Refusal(
            "A review goes to the arbiters when both sides, by two people, have said that they are against "
            "what was proposed, or when a side has taken more than twice its time. Neither is so."
        )
    for each in Side:
        if not state.arbiters.get(each):
            raise Refusal(
                f"Nobody is named who could decide for {each.words}: an administrator names arbiters for "
                "both sides in the policy, and the review takes them up when its lane is chosen anew."
            )
    if len({user for each in Side for user in state.arbiters[each]}) < 2:
        raise Refusal("The same one person is named as both arbiters: it takes two.")
    return [Act(side, Escalated(reason=command.reason, voided=_turned(state)))]


def _withdraw(state: State, who: Who, command: Withdraw, facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    if facts.tool_gone:
        return [Act(side, Withdrawn(reason=command.reason))]
    _must_decide_for(state, who, side)
    if side in state.wants_out:
        raise Refusal(f"{started(side)} has asked for that already; {side.other.words} has not.")
    if state.wants_out.get(side.other) == who.user_id:
        raise Refusal(
            f"You asked for it on behalf of {side.other.words}: the other side takes another person.",
            Kind.FORBIDDEN,
        )
    asked = Act(side, WithdrawalAsked(reason=command.reason))
    if side.other not in state.wants_out:
        return [asked]
    return [asked, Act(None, Withdrawn(reason=command.reason))]


# --- conditions ------------------------------------------------------------------------------


def _settle(state: State, who: Who, command: Keep | Waive) -> list[Act]:
    if state.standing is not Standing.DECIDED:
        raise Refusal("Nothing was decided yet, so nothing was promised.")
    condition = state.conditions.get(command.number)
    if condition is None:
        raise Refusal(f"The decision has no condition {command.number}.", Kind.INVALID, "number")
    side = condition.promise.side
    if isinstance(command, Keep):
        _must_sit(who, side)
        _must_be_unsettled(condition)
        return [Act(side, ConditionKept(number=command.number, note=command.note))]
    if side.other not in who.sides:
        raise Refusal(
            f"{started(side)} promised it to {side.other.words}: only a person of that side can "
            f"let {side.words} off.",
            Kind.FORBIDDEN,
        )
    if condition.promise.owner_user_id == who.user_id:
        raise Refusal("You promised this yourself: another person must let you off.", Kind.FORBIDDEN)
    _must_be_unsettled(condition)
    return [Act(side.other, ConditionWaived(number=command.number, reason=command.reason))]


def _must_be_unsettled(condition: Condition) -> None:
    if condition.state is not ConditionState.OPEN:
        raise Refusal(f"Condition {condition.number} was {condition.state.value} already.")


_RULES: Mapping[type, Callable[[State, Who, Any, Facts], list[Act]]] = {
    Assess: _assess,
    Ask: _ask,
    Answer: _answer,
    WithdrawQuestion: _withdraw_question,
    Comment: _comment,
    Attach: _attach,
    Propose: _propose,
    Sign: _sign,
    Unsign: _unsign,
    Dissenting: _dissent,
    Escalate: _escalate,
    Withdraw: _withdraw,
}
