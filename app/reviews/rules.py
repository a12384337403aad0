"""Who may do what to a review, and what comes of it. Pure: state and command in, events or a refusal out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.language import N_, _
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
from app.reviews.promises import settle
from app.reviews.ruling import Act, Facts, Kind, Refusal, Who, must_sit
from app.reviews.state import State
from app.reviews.terms import problem_of
from app.reviews.words import Item, side_of, started
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
        return settle(state, who, command)
    if not state.is_open:
        raise Refusal(
            _(
                "This review was %(state)s already; nothing more can be said in it.",
                state=_(state.standing.value),
            )
        )
    return _RULES[type(command)](state, who, command, facts)


def _acting(who: Who, wanted: Side | None) -> Side:
    """For which side somebody speaks."""
    if wanted is not None:
        must_sit(who, wanted)
        return wanted
    if not who.sides:
        raise Refusal(_("This takes a person of IT's or of marketing's side."), Kind.FORBIDDEN)
    if len(who.sides) > 1:
        raise Refusal(_("You sit on both sides: say for which one you speak."), Kind.INVALID, "side")
    return next(iter(who.sides))


def _must_decide_for(state: State, who: Who, side: Side) -> None:
    """In a deadlock only the named arbiters go on."""
    if state.escalated_at is not None and who.user_id not in state.arbiters.get(side, ()):
        raise Refusal(
            _(
                "The review was handed to arbiters: only those named for %(side)s do this now. You "
                "may still comment, and say for the record that you are against it.",
                side=_(side.words),
            ),
            Kind.FORBIDDEN,
        )


def _items(items: Sequence[Item]) -> str:
    return ", ".join(_(item.words) for item in items)


# --- assessing and asking --------------------------------------------------------------------


def _assess(state: State, who: Who, command: Assess, _facts: Facts) -> list[Act]:
    side = side_of(command.item)
    must_sit(who, side)
    if command.item not in state.items.get(side, ()):
        raise Refusal(
            _(
                "The %(lane)s lane does not ask for “%(item)s”; of %(side)s it asks for: %(items)s.",
                lane=_(state.lane.value),
                item=_(command.item.words),
                side=_(side.words),
                items=_items(state.items.get(side, ())) or _("nothing"),
            ),
            Kind.INVALID,
            "item",
        )
    _key_must_be_off(state, side, N_("assess anew"))
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
        raise Refusal(
            _(
                "%(side)s's key is turned: take it back before you %(what)s.",
                side=_(started(side)),
                what=_(what),
            )
        )


def _ask(state: State, who: Who, command: Ask, _facts: Facts) -> list[Act]:
    side = command.to.other
    must_sit(who, side)
    _key_must_be_off(state, side, N_("ask"))
    return [Act(side, Asked(question=state.version + 1, to=command.to, text=command.text))]


def _answer(state: State, who: Who, command: Answer, _facts: Facts) -> list[Act]:
    asked = state.questions.get(command.question)
    if asked is None:
        raise Refusal(
            _("There is no question %(question)s.", question=command.question), Kind.INVALID, "question"
        )
    must_sit(who, asked.to)
    _must_be_open(state, command.question)
    return [Act(asked.to, Answered(question=asked.id, text=command.text))]


def _withdraw_question(state: State, who: Who, command: WithdrawQuestion, _facts: Facts) -> list[Act]:
    asked = state.questions.get(command.question)
    if asked is None:
        raise Refusal(
            _("There is no question %(question)s.", question=command.question), Kind.INVALID, "question"
        )
    must_sit(who, asked.to.other)
    _must_be_open(state, command.question)
    return [Act(asked.to.other, WithdrewQuestion(question=asked.id))]


def _must_be_open(state: State, number: int) -> None:
    asked = state.questions[number]
    if asked.withdrawn:
        raise Refusal(_("Question %(number)s was withdrawn.", number=number))
    if not asked.is_open:
        raise Refusal(
            _("Question %(number)s was answered already; a comment can add to the answer.", number=number)
        )


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
            _(
                "The policy names who turns %(side)s's key in the %(lane)s lane, and not you.",
                side=_(side.words),
                lane=_(state.lane.value),
            ),
            Kind.FORBIDDEN,
        )
    proposal = state.proposal
    if proposal is None:
        raise Refusal(_("Nothing was proposed yet: propose an outcome first."))
    if command.proposal != proposal.seq:
        raise Refusal(
            _("Another proposal lies on the table now, number %(seq)s: read it first.", seq=proposal.seq),
            Kind.CONFLICT,
            "proposal",
        )
    if side in state.keys:
        raise Refusal(_("%(side)s's key is turned already.", side=_(started(side))))
    if any(key.user_id == who.user_id for key in state.keys.values()):
        raise Refusal(
            _("You turned %(side)s's key: the other one takes another person.", side=_(side.other.words)),
            Kind.FORBIDDEN,
        )
    if missing := state.missing(side):
        raise Refusal(
            _("%(side)s has not assessed yet: %(items)s.", side=_(started(side)), items=_items(missing))
        )
    if own := state.open_questions(to=side.other):
        raise Refusal(
            _(
                "%(side)s asked something that is not answered yet (question %(id)s): wait for "
                "the answer, or withdraw the question.",
                side=_(started(side)),
                id=own[0].id,
            )
        )
    if proposal.sanctions and (blockers := state.blockers(side)):
        raise Refusal(
            _(
                "%(side)s found a blocker (%(items)s): assess it anew, or propose an outcome that "
                "does not sanction the tool.",
                side=_(started(side)),
                items=_items(blockers),
            )
        )
    if proposal.sanctions and not facts.owned and (side is Side.MARKETING or Side.MARKETING in state.keys):
        raise Refusal(
            _("The tool has no owner: marketing must name one before it can be sanctioned.")
            if side is Side.MARKETING
            else _(
                "The tool has lost its owner since marketing turned its key: marketing must name one first."
            )
        )
    problem = problem_of(proposal.terms, facts.today, facts.tool_id, facts.users, facts.targets)
    if problem is not None:
        raise Refusal(_("The proposal no longer holds: %(why)s Propose it anew.", why=problem.why))
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
        raise Refusal(_("%(side)s's key is not turned.", side=_(started(side))))
    return [Act(side, Unsigned(reason=command.reason))]


def _dissent(state: State, who: Who, command: Dissenting, _facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    if state.proposal is None:
        raise Refusal(_("Nothing was proposed yet that one could be against; a comment can say it."))
    if any(key.user_id == who.user_id for key in state.keys.values()):
        raise Refusal(_("You turned a key on this proposal: take it back before you say you are against it."))
    return [Act(side, Dissented(proposal=state.proposal.seq, rationale=command.rationale))]


# --- ending otherwise ------------------------------------------------------------------------


def _escalate(state: State, who: Who, command: Escalate, facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    if state.escalated_at is not None:
        raise Refusal(_("The review lies with the arbiters already."))
    if not facts.over_twice and not state.are_both_against():
        raise Refusal(
            _(
                "A review goes to the arbiters when both sides, by two people, have said that they "
                "are against what was proposed, or when a side has taken more than twice its time. "
                "Neither is so."
            )
        )
    for each in Side:
        if not state.arbiters.get(each):
            raise Refusal(
                _(
                    "Nobody is named who could decide for %(side)s: an administrator names arbiters for "
                    "both sides in the policy, and the review takes them up when its lane is chosen anew.",
                    side=_(each.words),
                )
            )
    if len({user for each in Side for user in state.arbiters[each]}) < 2:
        raise Refusal(_("The same one person is named as both arbiters: it takes two."))
    return [Act(side, Escalated(reason=command.reason, voided=_turned(state)))]


def _withdraw(state: State, who: Who, command: Withdraw, facts: Facts) -> list[Act]:
    side = _acting(who, command.side)
    if facts.tool_gone:
        return [Act(side, Withdrawn(reason=command.reason))]
    _must_decide_for(state, who, side)
    if side in state.wants_out:
        raise Refusal(
            _(
                "%(side)s has asked for that already; %(other)s has not.",
                side=_(started(side)),
                other=_(side.other.words),
            )
        )
    if state.wants_out.get(side.other) == who.user_id:
        raise Refusal(
            _(
                "You asked for it on behalf of %(side)s: the other side takes another person.",
                side=_(side.other.words),
            ),
            Kind.FORBIDDEN,
        )
    asked = Act(side, WithdrawalAsked(reason=command.reason))
    if side.other not in state.wants_out:
        return [asked]
    return [asked, Act(None, Withdrawn(reason=command.reason))]


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
