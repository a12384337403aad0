"""Short ways to write logs and commands in tests of the pure parts."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.reviews import commands as ask
from app.reviews.events import (
    Body,
    Dismissed,
    Event,
    Opened,
    Promise,
    SanctionedWithConditions,
    Terms,
)
from app.reviews.fold import after
from app.reviews.rules import decide
from app.reviews.ruling import Act, Facts, Refusal, Who
from app.reviews.state import State
from app.reviews.words import ITEMS, Cause, Item, Lane, Verdict
from app.security.schemas import Side

IT, MARKETING = Side.IT, Side.MARKETING
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = START.date()
TOMORROW = date(2026, 11, 24)
DISMISSED = Dismissed(reason="Not a tool.")
IDA, IGOR, MARA, MAX, BOTH, NOBODY = 1, 2, 3, 4, 5, 6
SIDES = {
    IDA: frozenset({IT}),
    IGOR: frozenset({IT}),
    MARA: frozenset({MARKETING}),
    MAX: frozenset({MARKETING}),
    BOTH: frozenset({IT, MARKETING}),
    NOBODY: frozenset[Side](),
}


def facts(**changed: Any) -> Facts:
    given: dict[str, Any] = {
        "today": TODAY,
        "tool_id": 1,
        "owned": True,
        "users": {user: sides for user, sides in SIDES.items() if user != NOBODY},
        "targets": {1: "in_review", 2: "sanctioned", 3: "unreviewed", 4: "sanctioned_with_conditions"},
    }
    return Facts(**{**given, **changed})


def opened(
    items: Mapping[Side, tuple[Item, ...]] = ITEMS, arbiters: Mapping[Side, tuple[int, ...]] | None = None
) -> Opened:
    return Opened(
        cause=Cause.FLAG,
        need="",
        lane=Lane.STANDARD,
        reasons=(),
        items=dict(items),
        service_seconds={IT: 144_000, MARKETING: 144_000},
        arbiters=dict(arbiters or {}),
        governance="unreviewed",
    )


class Talk:
    """A review without a database."""

    def __init__(self, first: Opened | None = None) -> None:
        self.now = START
        self.log = [Event(1, START, None, None, first or opened())]
        self.state: State = after(None, self.log[0])

    def put(self, acts: Iterable[Act], user: int | None) -> None:
        for act in acts:
            event = Event(self.state.version + 1, self.now, user if act.side else None, act.side, act.body)
            self.state = after(self.state, event)
            self.log.append(event)

    def system(self, body: Body) -> None:
        self.put([Act(None, body)], None)

    def say(self, user: int, command: ask.Command, **known: Any) -> list[Act]:
        acts = decide(self.state, Who(user, SIDES[user]), command, facts(**known))
        self.put(acts, user)
        return acts

    def refuses(self, user: int, command: ask.Command, **known: Any) -> Refusal:
        before = self.state
        with pytest.raises(Refusal) as refused:
            self.say(user, command, **known)
        assert self.state is before
        assert refused.value.why.endswith(".")
        return refused.value

    def wait(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def assess_all(self, *sides: Side, verdict: Verdict = Verdict.OK) -> None:
        who = {IT: IDA, MARKETING: MARA}
        for side in sides or tuple(Side):
            for item in self.state.items[side]:
                self.say(who[side], ask.Assess(item, verdict))

    def propose(self, terms: Terms = DISMISSED, user: int = IDA, side: Side | None = None) -> int:
        self.say(user, ask.Propose(terms, "It fits.", side))
        return self.on_table

    def sign(self, user: int, side: Side | None = None, **known: Any) -> list[Act]:
        return self.say(user, ask.Sign(self.on_table, "Agreed.", side), **known)

    @property
    def on_table(self) -> int:
        assert self.state.proposal is not None
        return self.state.proposal.seq


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
