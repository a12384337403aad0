"""Who may say that a promise of a decision was kept, or let somebody off. Pure."""

from app.language import _
from app.reviews.commands import Keep, Waive
from app.reviews.events import ConditionKept, ConditionWaived
from app.reviews.ruling import Act, Kind, Refusal, Who, must_sit
from app.reviews.state import Condition, State
from app.reviews.words import ConditionState, Standing, started


def settle(state: State, who: Who, command: Keep | Waive) -> list[Act]:
    """What comes of saying that a promise was kept, or need not be.

    Args:
        state: of the review.
        who: the person.
        command: what they say.

    Raises:
        Refusal: nothing was promised, it is settled already, or it is not theirs to say.
    """
    if state.standing is not Standing.DECIDED:
        raise Refusal(_("Nothing was decided yet, so nothing was promised."))
    condition = state.conditions.get(command.number)
    if condition is None:
        raise Refusal(
            _("The decision has no condition %(number)s.", number=command.number), Kind.INVALID, "number"
        )
    side = condition.promise.side
    if isinstance(command, Keep):
        must_sit(who, side)
        _must_be_unsettled(condition)
        return [Act(side, ConditionKept(number=command.number, note=command.note))]
    if side.other not in who.sides:
        raise Refusal(
            _(
                "%(side)s promised it to %(other)s: only a person of that side can let %(own)s off.",
                side=_(started(side)),
                other=_(side.other.words),
                own=_(side.words),
            ),
            Kind.FORBIDDEN,
        )
    if condition.promise.owner_user_id == who.user_id:
        raise Refusal(_("You promised this yourself: another person must let you off."), Kind.FORBIDDEN)
    _must_be_unsettled(condition)
    return [Act(side.other, ConditionWaived(number=command.number, reason=command.reason))]


def _must_be_unsettled(condition: Condition) -> None:
    if condition.state is ConditionState.WAIVED:
        raise Refusal(_("Condition %(number)s was waived already.", number=condition.number))
    if condition.state is not ConditionState.OPEN:
        raise Refusal(
            _(
                "Condition %(number)s was %(state)s already.",
                number=condition.number,
                state=_(condition.state.value),
            )
        )
