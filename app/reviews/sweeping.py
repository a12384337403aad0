"""What days passing does to decisions: promises are missed, provisional decisions run out."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.catalog.service import Reassess
from app.language import lasting
from app.notify.outbox import Message, To, put
from app.reviews import due, repository
from app.reviews.answers import Swept
from app.reviews.choosing import HouseRules
from app.reviews.events import Body, ConditionMissed, Expired
from app.reviews.fold import fold
from app.reviews.late import remind_late
from app.reviews.service import SYSTEM, Desk
from app.reviews.state import State
from app.reviews.words import Cause, ConditionState, started
from app.teaching.repository import keep_out_teachers

_NEAR = timedelta(days=7)
"""So long before its day somebody is reminded of a promise."""


def sweep(
    connection: Connection,
    now: datetime,
    *,
    reassess: Reassess,
    house: HouseRules,
    actor: str = SYSTEM,
) -> Swept:
    """Note what has run out by now, and open the tools' reviews again. Doing it twice changes nothing.

    Open reviews take up the policy that holds, with its lanes and its arbiters.

    Args:
        connection: a writing transaction.
        now: the time; a day has passed when the next one has begun in UTC.
        reassess: works out again what follows from a tool's governance.
        house: how the company chooses lanes, and when its people work.
        actor: who lets it run, for the audit trail.
    """
    keep_out_teachers(connection)  # so that no tool is merged away meanwhile
    due.sweep_alone(connection)
    desk = Desk(connection, actor=actor, now=now, reassess=reassess, house=house)
    for review_id in due.open_of_live_tools(connection):
        state, _changed = desk.with_lane(review_id)
        remind_late(connection, review_id, state, now, house)
    causes = dict(house.look_again(connection, dict(due.agreed_on(connection)), now))
    house.watch(connection, dict(due.agreed_on(connection, due.DECIDED)), now)
    for row in due.used_after_retiring(connection):
        causes[row.id] = [
            lasting(
                "It was retired, and has been used again: last on %(day)s.",
                day=f"{row.last_seen:%-d %B %Y}",
            )
        ]
    ended: dict[int, list[int]] = {}
    for tool_id, review_id in due.overdue(connection, now.date()):
        ended.setdefault(tool_id, []).append(review_id)
    found = _Found()
    for tool_id in sorted({*ended, *causes}):
        # In the order of their ids, as whoever locks several tools does.
        repository.lock_tool(connection, tool_id)
        tool = repository.tool(connection, tool_id)
        if tool is None or tool.merged_into is not None:
            continue
        why, ran_out = [], False
        for review_id in ended.get(tool_id, ()):
            sentences, over = _end(connection, desk, review_id, now, found)
            why += sentences
            ran_out = ran_out or over
        why += causes.get(tool_id, ())
        if why and repository.open_review(connection, tool_id) is None:
            found.reopened.append(desk.open(tool_id, Cause.REOPENED, " ".join(why), ran_out=ran_out))
    _remind(connection, now)
    return Swept(missed=found.missed, expired=found.expired, reopened=found.reopened)


@dataclass
class _Found:
    missed: int = 0
    expired: int = 0
    reopened: list[int] = field(default_factory=list)


def _end(
    connection: Connection, desk: Desk, review_id: int, now: datetime, found: _Found
) -> tuple[list[str], bool]:
    """Write what has run out of one decision; in sentences, and whether the decision itself did."""
    row = repository.review(connection, review_id, lock=True)
    if row is None:
        return [], False
    state = fold(repository.events_of(connection, review_id))
    late, why = _late(state, now)
    if not late:  # somebody was faster
        return [], False
    desk.append(review_id, state, late)
    ran_out = any(isinstance(body, Expired) for body in late)
    found.missed += len(late) - ran_out
    found.expired += ran_out
    return [lasting("Review %(n)s: %(why)s", n=review_id, why=" ".join(why))], ran_out


def _remind(connection: Connection, now: datetime) -> None:
    """Tell those who promised something that its day is near, once a promise."""
    for row in due.due_soon(connection, now.date(), now.date() + _NEAR):
        message = Message(
            topic="condition.due",
            subject=f"review:{row.review_id}",
            to=To(users=(row.owner_user_id,)),
            title=lasting("%(tool)s: what you promised is due on %(due)s", tool=row.tool, due=row.due),
            text="",
            words=row.text,
            path=f"/reviews/{row.review_id}#conditions",
            data={"review": row.review_id, "condition": row.number},
            dedupe_key=f"review:{row.review_id}:condition:{row.number}:due",
            quiet=2 * _NEAR,
        )
        put(connection, message, now)


def _late(state: State, now: datetime) -> tuple[list[Body], list[str]]:
    """What has run out of a decision, and in sentences."""
    late: list[Body] = []
    why: list[str] = []
    for number, condition in sorted(state.conditions.items()):
        promise = condition.promise
        if condition.state is ConditionState.OPEN and promise.due < now.date():
            late.append(ConditionMissed(number=number))
            why.append(
                lasting(
                    "%(side)s promised “%(what_said)s” by %(due)s, and nobody has said that it was kept.",
                    side=started(promise.side),
                    what_said=promise.text,
                    due=promise.due,
                )
            )
    if state.expires is not None and state.expires < now.date():
        late.append(Expired())
        why.append(lasting("It was sanctioned provisionally through %(expires)s.", expires=state.expires))
    return late, why
