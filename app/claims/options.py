"""What somebody may do to a tool's ownership as it stands: each rule is asked. Pure."""

from collections.abc import Callable, Iterable, Iterator

from app.claims import rules
from app.claims.case import Case, Person, Refused
from app.claims.fold import Reason

_SOMEBODY = Person(id=0, name="somebody", sides=frozenset((rules.IT, rules.MARKETING)))
_A_DEPARTMENT = "some department"

CLAIM, DECLINE, HAND_OVER, ACCEPT, REFUSE = "claim", "decline", "hand-over", "accept", "refuse"
TAKE_BACK, CO_OWN, ANSWER_ASKER, STOP_ASKING = "take-back", "co-own", "answer-asker", "stop-asking"
CONTEST, YIELD, WITHDRAW, SETTLE = "contest", "yield", "withdraw", "settle"
ATTEST, RELEASE, END_PART, STEWARD = "attest", "release", "end-part", "steward"


def possible(case: Case) -> frozenset[str]:
    """What the actor may do, whomever they would name where somebody has to be named.

    Args:
        case: how things stand.

    Returns:
        The deeds by their names above. `refuse` is turning down what was offered, `take-back` taking one's
        offer back, `answer-asker` letting somebody co-own or not, `stop-asking` asking to no longer.
    """
    return frozenset(name for name, attempts in _attempts(case) if any(_passes(a) for a in attempts))


def _attempts(case: Case) -> Iterator[tuple[str, Iterable[Callable[[], object]]]]:
    standing, me = case.standing, case.actor.id
    yield CLAIM, [lambda: rules.claim(case)]
    departments = case.actor.departments or (_A_DEPARTMENT,)
    reasons = (Reason.NOT_OURS, Reason.PERSONAL)  # one of them may have been given already
    yield (
        DECLINE,
        [lambda d=d, r=r: rules.decline(case, d, r, "", None) for d in departments for r in reasons],
    )
    yield HAND_OVER, [lambda: rules.hand_over(case, _SOMEBODY)]
    yield ACCEPT, [lambda: rules.accept(case, None)]
    if standing.offered_to is not None:
        yield TAKE_BACK if case.is_owner else REFUSE, [lambda: rules.refuse(case, None, "")]
    yield CO_OWN, [lambda: rules.co_own(case)]
    asked_of_me = [user for user in standing.asked if user != me]
    yield ANSWER_ASKER, [lambda u=u: rules.accept(case, u) for u in asked_of_me]
    if me in standing.asked:
        yield STOP_ASKING, [lambda: rules.refuse(case, me, "")]
    yield CONTEST, [lambda: rules.contest(case, "")]
    contesters = [Person(u, case.name(u), _SOMEBODY.sides) for u in standing.contesters]
    yield YIELD, [lambda p=p: rules.yield_to(case, p) for p in contesters]
    yield WITHDRAW, [lambda: rules.withdraw(case)]
    sides = (None, rules.IT, rules.MARKETING)
    yield SETTLE, [lambda p=p, s=s: rules.settle(case, p, "", s) for p in contesters for s in sides]
    yield ATTEST, [lambda: rules.attest(case)]
    yield RELEASE, [lambda: rules.release(case, "")]
    yield END_PART, [lambda u=u: rules.release(case, "", u) for u in standing.co_owners if u != me]
    yield STEWARD, [lambda: rules.steward(case, _SOMEBODY)]


def _passes(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except Refused:
        return False
    return True
