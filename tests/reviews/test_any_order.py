"""Whatever random people ask in whatever order: nothing happens without its rights."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.reviews import commands as ask
from app.reviews.clocks import OFFICE, Calendar, clocks_of
from app.reviews.events import (
    Answered,
    Asked,
    Assessed,
    Decided,
    Dismissed,
    Escalated,
    Event,
    LaneChanged,
    Migrate,
    Promise,
    Proposed,
    Provisional,
    Retire,
    Sanctioned,
    SanctionedWithConditions,
    Signed,
    Unsigned,
    Withdrawn,
    WithdrewQuestion,
    read,
    write,
)
from app.reviews.fold import condition_rows, fold, row_of
from app.reviews.ruling import Act, Refusal
from app.reviews.state import State
from app.reviews.words import ITEMS, Item, Lane, Party, Verdict, side_of
from app.security.schemas import Side
from tests.reviews.saying import BOTH, IDA, IGOR, IT, MARA, MARKETING, MAX, SIDES, TOMORROW, Talk, opened

ARBITERS = {IT: (IGOR, BOTH), MARKETING: (MAX, BOTH)}
TERMS = [
    Sanctioned(),
    SanctionedWithConditions(
        conditions=(
            Promise(side=IT, owner_user_id=IDA, text="SSO", due=TOMORROW),
            Promise(side=MARKETING, owner_user_id=MARA, text="owner", due=TOMORROW),
        )
    ),
    Provisional(expires=TOMORROW, people_cap=5),
    Migrate(to_tool_id=2, by=TOMORROW),
    Migrate(to_tool_id=1, by=TOMORROW),
    Retire(plan="stop", by=TOMORROW),
    Dismissed(reason="no tool"),
]
SIDE = st.sampled_from([None, IT, MARKETING])
WHO = st.sampled_from([IDA, IDA, MARA, MARA, IGOR, MAX, BOTH, 6])
SLOW = {"owned": True, "tool_gone": False, "over_twice": frozenset({IT})}
Make = Callable[[State], ask.Command]


def _number(state: State, at: int) -> int:
    known = sorted(state.questions)
    return known[at % len(known)] if known and at % 4 else at


COMMANDS: st.SearchStrategy[Make] = st.one_of(
    st.builds(
        lambda item, verdict: lambda _s: ask.Assess(item, verdict),
        st.sampled_from(Item),
        st.sampled_from(Verdict),
    ),
    st.builds(lambda side: lambda _s: ask.Ask(side, "why?"), st.sampled_from(Side)),
    st.builds(lambda n: lambda s: ask.Answer(_number(s, n), "so"), st.integers(1, 30)),
    st.builds(lambda n: lambda s: ask.WithdrawQuestion(_number(s, n)), st.integers(1, 30)),
    st.builds(lambda side: lambda _s: ask.Comment("hm", side), SIDE),
    st.builds(lambda terms, side: lambda _s: ask.Propose(terms, "so", side), st.sampled_from(TERMS), SIDE),
    st.builds(lambda side: lambda s: ask.Sign(s.proposal.seq if s.proposal else 1, "yes", side), SIDE),
    st.builds(lambda side: lambda s: ask.Sign(s.proposal.seq if s.proposal else 1, "yes", side), SIDE),
    st.builds(lambda side: lambda _s: ask.Unsign("", side), SIDE),
    st.builds(lambda side: lambda _s: ask.Dissenting("no", side), SIDE),
    st.builds(lambda side: lambda _s: ask.Escalate("stuck", side), SIDE),
    st.builds(lambda side: lambda _s: ask.Withdraw("never mind", side), SIDE),
    st.builds(lambda n: lambda _s: ask.Keep(n), st.integers(1, 3)),
    st.builds(lambda n: lambda _s: ask.Waive(n, "fine"), st.integers(1, 3)),
)
STEP = st.one_of(
    st.tuples(st.just("say"), WHO, COMMANDS),
    st.tuples(st.just("say"), WHO, COMMANDS),
    st.tuples(st.just("say"), WHO, COMMANDS),
    st.tuples(st.just("assess all"), st.sampled_from(Side), st.sampled_from([Verdict.OK, Verdict.CONCERN])),
    st.tuples(st.just("lane"), st.sampled_from([0, 1, 4]), st.none()),
    st.tuples(st.just("agree"), st.sampled_from(TERMS), st.permutations([IDA, MARA, BOTH])),
    st.tuples(st.just("give up"), st.just(TERMS[0]), st.permutations([IDA, MARA, BOTH])),
    st.tuples(st.just("talk"), st.just(TERMS[0]), st.permutations([IDA, MARA, BOTH])),
    st.tuples(st.just("fall out"), st.sampled_from(TERMS), st.permutations([IGOR, MAX, BOTH])),
)
KNOWN = st.fixed_dictionaries(
    {
        "owned": st.sampled_from([True, True, False]),
        "tool_gone": st.sampled_from([False] * 9 + [True]),
        "over_twice": st.sampled_from([frozenset(), frozenset(), frozenset({IT})]),
    }
)
STEPS = st.lists(st.tuples(STEP, KNOWN, st.integers(0, 3000)), min_size=3, max_size=40)


def round_the_clock(start: Any, end: Any) -> timedelta:
    return max(end - start, timedelta(0))


def all_of(verb: str, terms: Any, people: list[int]) -> list[tuple[int, Make]]:
    """What leads to a decision, or past a deadlock to one, if nothing is in its way."""
    first, second, third = people
    if verb == "give up":
        return [(user, lambda _s, user=user: ask.Withdraw("no", _side_of(user))) for user in people[:2]]
    if verb == "talk":
        asking = [(first, lambda _s, to=to: ask.Ask(to, "why?")) for to in Side]
        return [*asking, (second, lambda s: ask.Answer(max(s.questions, default=1), "so"))]
    sides = {user: next(iter(SIDES[user])) if user != BOTH else None for user in people}
    other = {first: second, second: first, third: first}
    said: list[tuple[int, Make]] = [
        ({IT: IDA, MARKETING: MARA}[side_of(item)], lambda _s, item=item: ask.Assess(item, Verdict.OK))
        for item in Item
    ]
    if verb == "fall out":
        said += [(IDA, lambda _s: ask.Dissenting("no")), (MARA, lambda _s: ask.Dissenting("no"))]
        said += [(IDA, lambda _s: ask.Escalate("stuck"))]

    def side(user: int) -> Side | None:
        across = sides[other[user]]
        return sides[user] or (across.other if across else None)

    said += [(first, lambda _s: ask.Propose(terms, "so", side(first)))]
    for user in people:
        said += [
            (user, lambda s, user=user: ask.Sign(s.proposal.seq if s.proposal else 1, "yes", side(user)))
        ]
    return said


def _side_of(user: int) -> Side | None:
    return IT if user == BOTH else None


def try_all(talk: Talk, said: list[tuple[int, Make]], known: Any) -> None:
    for user, make in said:
        with contextlib.suppress(Refusal):
            talk.say(user, make(talk.state), **known)


def play(steps: list[Any]) -> Talk:
    talk = Talk(opened({IT: ITEMS[IT][:2], MARKETING: ITEMS[MARKETING][:1]}, ARBITERS))
    for (verb, one, two), known, minutes in steps:
        talk.wait(minutes=minutes)
        # The day of the promises stays the same day after: dates have tests of their own.
        if verb == "say":
            try:
                talk.say(one, two(talk.state), **known)
            except Refusal:
                continue
        elif verb in {"agree", "fall out", "give up", "talk"}:
            try_all(talk, all_of(verb, one, two), known)
        elif talk.state.is_open and verb == "assess all" and one not in talk.state.keys:
            talk.assess_all(one, verdict=two)
        elif talk.state.is_open and verb == "lane":
            items = {IT: ITEMS[IT][:one], MARKETING: ITEMS[MARKETING][:one]}
            more = [s for s in Side if set(items[s]) - set(talk.state.items[s])]
            body = LaneChanged(
                lane=Lane.FULL,
                reasons=(),
                items=items,
                service_seconds={IT: 60, MARKETING: 60},
                arbiters=ARBITERS,
                voided=tuple(s for s in more if s in talk.state.keys),
            )
            talk.put([Act(None, body)], None)
    return talk


def keys_by_the_log(log: list[Event]) -> dict[Side, int]:
    """Who holds which key, told from the log alone."""
    keys: dict[Side, int] = {}
    for event in log:
        match event.body:
            case Proposed() | Escalated():
                keys = {}
            case Signed():
                assert event.side is not None
                assert event.side not in keys
                assert event.user_id is not None
                keys[event.side] = event.user_id
            case Unsigned():
                assert event.side is not None
                del keys[event.side]
            case LaneChanged():
                keys = {s: u for s, u in keys.items() if s not in event.body.voided}
    return keys


def test_nothing_happens_without_its_rights() -> None:
    found: set[str] = set()

    @settings(max_examples=100, deadline=None, database=None)
    @given(steps=STEPS)
    @example(steps=[])
    @example(steps=[(("agree", TERMS[-1], [IDA, MARA, BOTH]), SLOW, 0)])
    @example(steps=[(("give up", TERMS[-1], [IDA, MARA, BOTH]), SLOW, 0)])
    @example(steps=[(("say", IDA, lambda _s: ask.Escalate("stuck")), SLOW, 0)])
    def look(steps: list[Any]) -> None:
        talk = play(steps)
        found.add(talk.state.standing.value)
        has_its_rights(talk)

    look()
    assert found == {"open", "decided", "deadlock", "withdrawn"}, "people who never agree prove nothing"


def has_its_rights(talk: Talk) -> None:
    log, state = talk.log, talk.state
    escalated = False
    asked: dict[int, Side] = {}
    for event in log[1:]:
        body = event.body
        if event.user_id is not None:
            assert event.side in SIDES[event.user_id], "who speaks for a side sits on it"
        else:
            assert isinstance(body, Decided | LaneChanged | Withdrawn), "only these follow by themselves"
        if isinstance(body, Assessed):
            assert side_of(body.item) is event.side
        if isinstance(body, Asked):
            assert event.side is body.to.other
            asked[body.question] = body.to
        if isinstance(body, Answered):
            assert event.side is asked[body.question]
        if isinstance(body, WithdrewQuestion):
            assert event.side is asked[body.question].other
        if escalated and isinstance(body, Signed | Proposed | Unsigned):
            assert event.side is not None
            assert event.user_id in ARBITERS[event.side]
        escalated = escalated or isinstance(body, Escalated)
    if state.decision is not None:
        decided_at = next(i for i, e in enumerate(log) if isinstance(e.body, Decided))
        keys = keys_by_the_log(log[:decided_at])
        assert set(keys) == {IT, MARKETING}
        assert keys[IT] != keys[MARKETING]
        assert keys == state.decision.signers
        before = fold(log[:decided_at])
        assert before.proposal is not None
        assert before.proposal.terms == state.decision.terms
        for side in Side:
            assert not before.missing(side)
            assert not before.open_questions(to=side)
            assert not (before.proposal.sanctions and before.blockers(side))
    elif state.closed_at is not None:
        asked_for = [e.side for e in log if e.body.__struct_config__.tag == "withdrawal_asked"]
        one_sided = log[-1].side is not None
        assert one_sided or {IT, MARKETING} <= set(asked_for)


@settings(max_examples=40, deadline=None, database=None)
@given(steps=STEPS)
def test_any_beginning_of_a_log_is_a_review(steps: list[Any]) -> None:
    talk = play(steps)
    for length in range(1, len(talk.log) + 1):
        events = [Event(e.seq, e.at, e.user_id, e.side, read(*write(e.body))) for e in talk.log[:length]]
        state = fold(events)
        row = row_of(state)
        assert row["version"] == length
        assert (row["closed_at"] is None) == (row["state"] in {"open", "deadlock"})
        waiting = [row[f"waiting_on_{p.value}"] for p in Party]
        signers = [row["it_signed_by"], row["marketing_signed_by"]]
        assert None in signers or signers[0] != signers[1]
        # Both keys lie only where the decision follows in the same breath.
        both = None not in signers
        assert any(waiting) == (state.is_open and not both), "open, it waits on somebody; closed, on nobody"
        if row["state"] == "decided":
            assert both
        elif both:
            assert isinstance(talk.log[length].body, Decided)
    assert fold(talk.log) == talk.state
    assert [c["number"] for c in condition_rows(talk.state)] == list(range(1, len(talk.state.conditions) + 1))


@settings(max_examples=40, deadline=None, database=None)
@given(steps=STEPS, more=st.integers(0, 20_000))
def test_what_was_waited_and_what_was_not_is_what_went_by(steps: list[Any], more: int) -> None:
    talk = play(steps)
    now = talk.now + timedelta(minutes=more)
    calendars = {Party.IT: OFFICE, Party.MARKETING: Calendar(round_the_clock), Party.ARBITERS: OFFICE}
    clocks = clocks_of(talk.state, calendars, now)
    end = talk.state.closed_at or now
    for party, clock in clocks.items():
        assert clock.waited + clock.not_waited == calendars[party].between(talk.log[0].at, end)
        assert clock.waited >= timedelta(0)
        assert clock.runs == (talk.state.is_open and party in talk.state.waiting_on)
        if clock.due is not None:
            assert clock.left is not None
            assert calendars[party].between(max(now, talk.state.at), clock.due) == clock.left
    if talk.state.is_open:
        between = calendars[Party.MARKETING].between(talk.log[0].at, now)
        shared = clocks[Party.MARKETING].waited
        assert shared <= between
