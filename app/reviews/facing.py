"""What the rules must know beside a review's log, as it is now."""

from datetime import datetime

from sqlalchemy.engine import Connection

from app.catalog.facts import Evidence
from app.errors import NotFound
from app.language import _
from app.reviews import commands as ask
from app.reviews import repository
from app.reviews.choosing import HouseRules
from app.reviews.clocks import clocks_of
from app.reviews.events import Migrate, SanctionedWithConditions, Terms
from app.reviews.fold import fold
from app.reviews.repository import Row
from app.reviews.rules import decide
from app.reviews.ruling import Facts, Refusal, Who
from app.reviews.state import State
from app.reviews.words import Party
from app.security.schemas import Caller, Side


def facts_for(
    connection: Connection,
    house: HouseRules,
    state: State,
    tool: Row,
    command: ask.Command,
    caller: Caller,
    now: datetime,
) -> Facts:
    """What the rules must know for a command.

    Args:
        connection: inside a transaction.
        house: the company's rules.
        state: of the review.
        tool: its row.
        command: what is asked.
        caller: who asks it.
        now: the time.
    """
    terms: list[Terms] = []
    if isinstance(command, ask.Propose):
        terms.append(command.terms)
    elif isinstance(command, ask.Sign) and state.proposal is not None:
        terms.append(state.proposal.terms)
    users = [p.owner_user_id for t in terms if isinstance(t, SanctionedWithConditions) for p in t.conditions]
    targets = [t.to_tool_id for t in terms if isinstance(t, Migrate)]
    found = repository.tools_by_id(connection, targets)
    clocks = clocks_of(state, house.calendars(connection), now)
    may_not_sign: frozenset[Side] = frozenset()
    if isinstance(command, ask.Sign):
        may_not_sign = frozenset(
            side for side in Side if not house.may_sign(connection, state.lane, side, caller)
        )
    return Facts(
        today=now.date(),
        tool_id=tool.id,
        owned=tool.ownership == "owned",
        tool_gone=tool.merged_into is not None or tool.evidence == Evidence.GONE,
        over_twice=frozenset(side for side in Side if clocks[Party(side.value)].over_twice),
        may_not_sign=may_not_sign,
        users=repository.sides_of_users(connection, users),
        targets={id_: t.governance for id_, t in found.items() if t.merged_into is None},
    )


def refusal_of(
    connection: Connection,
    house: HouseRules,
    review_id: int,
    command: ask.Command,
    caller: Caller,
    side: Side,
    now: datetime,
) -> str | None:
    """Why a command of somebody who sits on a side would be refused now; None if it would not.

    Args:
        connection: inside a transaction; nothing is written.
        house: the company's rules.
        review_id: which review.
        command: what would be asked.
        caller: who would ask it; a person.
        side: on which side they sit.
        now: the time.

    Raises:
        NotFound: there is no such review.
    """
    row = repository.review(connection, review_id)
    if row is None or caller.user_id is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    tool = repository.tool(connection, row.tool_id)
    assert tool is not None
    state = fold(repository.events_of(connection, review_id))
    facts = facts_for(connection, house, state, tool, command, caller, now)
    try:
        decide(state, Who(caller.user_id, frozenset({side})), command, facts)
    except Refusal as refusal:
        return refusal.why
    return None
