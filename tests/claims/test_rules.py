"""Whatever people do in whatever order: one owner, who wanted to be it, and a log that can be replayed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import product

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app.catalog.facts import Audience, Ownership
from app.claims import repository, rules
from app.claims.case import Because, Case, Deed, Person, Refused
from app.claims.fold import NOTHING, Event, Kind, Reason, Standing, after, fold
from app.claims.overdue import overdue
from app.claims.service import write
from app.claims.words import happened
from app.db import reading, writing
from app.models import claim_events, ownership_people, ownerships, tool_declines, tools
from tests.claims.support import Office
from tests.conftest import NOW
from tests.support.seed import Seed

PEOPLE = {
    1: Person(1, "Mara", frozenset({"marketing"}), departments=("Marketing",)),
    2: Person(2, "Nils", frozenset({"marketing"}), departments=("Brand",)),
    3: Person(3, "Olga", frozenset({"marketing"}), departments=("Marketing", "Events")),
    4: Person(4, "Ida", frozenset({"it"})),
    5: Person(5, "Ivan", frozenset({"it", "marketing"})),
    6: Person(6, "Adam", frozenset(), admin=True),
}
Command = tuple[str, int, int, bool]
VERBS: dict[str, Callable[[Case, Person], Deed]] = {
    "claim": lambda case, _: rules.claim(case),
    "decline": lambda case, _: rules.decline(case, "Marketing", Reason.NOT_OURS, "", None),
    "hand over": rules.hand_over,
    "accept": lambda case, _: rules.accept(case, None),
    "let co-own": lambda case, other: rules.accept(case, other.id),
    "refuse": lambda case, _: rules.refuse(case, None, "no"),
    "refuse to share": lambda case, other: rules.refuse(case, other.id, "no"),
    "co-own": lambda case, _: rules.co_own(case),
    "contest": lambda case, _: rules.contest(case, "ours"),
    "yield": rules.yield_to,
    "withdraw": lambda case, _: rules.withdraw(case),
    "settle": lambda case, other: rules.settle(case, other, "so it is", voters=PEOPLE),
    "settle for IT": lambda case, other: rules.settle(case, other, "so it is", "it", PEOPLE),
    "settle for marketing": lambda case, other: rules.settle(case, other, "so it is", "marketing", PEOPLE),
    "release": lambda case, _: rules.release(case, "done with it"),
    "end part": lambda case, other: rules.release(case, "", other.id),
    "attest": lambda case, _: rules.attest(case),
    "steward": rules.steward,
    "no steward": lambda case, _: rules.steward(case, None),
}
WHO = st.sampled_from(sorted(PEOPLE))
OFTEN = ["claim", "claim", "contest", "co-own", "hand over", "accept", "accept", "sweep"]
COMMANDS = st.lists(
    # Mostly done by somebody who may, so that logs grow long; else by whoever it is, to be refused.
    st.tuples(st.sampled_from([*OFTEN, *VERBS]), WHO, WHO, st.sampled_from([True, True, True, False])),
    min_size=20,
    max_size=40,
)


def deed_of(
    standing: Standing, command: Command, now: datetime, audience: Audience
) -> tuple[int | None, Deed] | None:
    """What comes of a command; None if it is refused."""
    verb, one, other, by_who_may = command
    if verb == "sweep":
        deed = overdue(standing, {other}, now + timedelta(days=40 * one))
        return None if deed is None else (None, deed)
    count = len(PEOPLE)
    turns = product(range(count), repeat=2) if by_who_may else [(0, 0)]
    for turn, other_turn in turns:
        who, whom = (one + turn - 1) % count + 1, (other + other_turn - 1) % count + 1
        case = Case(9, "HubSpot", audience, standing, PEOPLE[who], now + timedelta(days=180), {})
        with suppress(Refused):
            return who, VERBS[verb](case, PEOPLE[whom])
    return None


def check(standing: Standing, log: list[Event]) -> None:
    wanted_it = {e.user_id for e in log if e.kind in {Kind.CLAIMED, Kind.ACCEPTED, Kind.CONTESTED}}
    assert standing.owner is None or standing.owner in wanted_it
    assert set(standing.co_owners) <= {e.user_id for e in log if e.kind is Kind.CO_OWN_ASKED}
    named = [*standing.co_owners, *standing.asked]
    assert len(named) == len(set(named))
    assert standing.owner not in {*named, *standing.contesters, standing.offered_to} - {None}
    assert len(set(standing.contesters)) == len(standing.contests)
    assert not standing.named or standing.contests
    assert len({n.side for n in standing.named}) == len(standing.named)
    assert {n.for_user for n in standing.named} <= {standing.owner, *standing.contesters}
    if standing.owner is None:
        assert standing.parts in ([], [(standing.steward, "steward")])
    assert (standing.attest_by is None) == (standing.owner is None)
    expected = {
        (False, False): {Ownership.UNOWNED, Ownership.LAPSED},
        (True, False): {Ownership.OWNED},
        (True, True): {Ownership.CLAIMED},
    }[standing.owner is not None, bool(standing.contests) or standing.offered_to is not None]
    assert standing.ownership in expected


@given(COMMANDS, st.sampled_from(Audience))
def test_any_order_of_deeds_leaves_one_owner_who_wanted_to_be_it(
    commands: list[Command], audience: Audience
) -> None:
    standing, log = NOTHING, []
    for number, command in enumerate(commands):
        now = NOW + timedelta(days=number)
        found = deed_of(standing, command, now, audience)
        if found is None:
            continue
        user, deed = found
        data = orjson.loads(orjson.dumps(deed.data))
        log.append(Event(len(log) + 1, now, user, deed.kind, data))
        before, standing = standing, after(standing, log[-1])
        check(standing, log)
        if standing.owner != before.owner and standing.owner is not None:
            assert rules.may_own(PEOPLE[standing.owner], audience)
        if deed.kind is Kind.HANDED_OVER:
            assert standing.owner == before.owner, "it stays with the owner until it is accepted"
        if deed.kind is Kind.CONTESTED:
            assert (standing.owner, standing.co_owners) == (before.owner, before.co_owners)
        if standing.steward not in {before.steward, None}:
            assert user is not None
            assert "it" in PEOPLE[user].sides & PEOPLE[standing.steward].sides
        assert happened(log[-1], lambda u: f"user {u}").endswith(".")
    assert fold(log) == standing
    for end in range(len(log)):
        check(fold(log[:end]), log[:end])


@given(COMMANDS, st.sets(st.sampled_from(sorted(PEOPLE))), st.integers(0, 400))
def test_the_sweep_ends_and_leaves_nobody_who_is_gone(
    commands: list[Command], gone: set[int], days: int
) -> None:
    standing = NOTHING
    for command in commands:
        found = deed_of(standing, command, NOW, Audience.MARKETING)
        if found is not None:
            standing = after(
                standing, Event(standing.version + 1, NOW, found[0], found[1].kind, found[1].data)
            )
    later = NOW + timedelta(days=days)
    for _ in range(50):
        deed = overdue(standing, gone, later)
        if deed is None:
            break
        standing = after(standing, Event(standing.version + 1, later, None, deed.kind, deed.data))
    assert overdue(standing, gone, later) is None
    assert not {user for user, _ in standing.parts} & gone
    assert standing.attest_by is None or standing.attest_by >= later


@given(COMMANDS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_replaying_the_log_gives_the_rows(engine: Engine, commands: list[Command]) -> None:
    with reading(engine) as connection:
        known = connection.scalar(sa.select(sa.func.count()).select_from(tools)) or 0
    if not known:
        Office(engine)  # its users have the ids of PEOPLE
    with writing(engine) as connection:
        tool = Seed(connection).tool("HubSpot", key=f"another:{known}")
        standing = NOTHING
        for number, command in enumerate(commands):
            now = NOW + timedelta(days=number, microseconds=number)
            found = deed_of(standing, command, now, Audience.OTHER)
            if found is not None:
                standing = write(connection, tool, standing, found[1], "test", "test", found[0], now)
    with reading(engine) as connection:
        replayed = fold(repository.logs_of(connection, [tool])[tool])
        assert replayed == standing
        if standing.version:
            row = (
                connection.execute(sa.select(ownerships).where(ownerships.c.tool_id == tool)).mappings().one()
            )
            assert dict(row) == repository.row_of(tool, replayed)
        parts = sa.select(ownership_people.c.user_id, ownership_people.c.part)
        found_parts = connection.execute(parts.where(ownership_people.c.tool_id == tool)).all()
        assert sorted(tuple(p) for p in found_parts) == replayed.parts
        declined = sa.select(tool_declines.c.department).where(tool_declines.c.tool_id == tool)
        assert set(connection.scalars(declined)) == {d.department for d in replayed.declines}
        fact = connection.scalar(sa.select(tools.c.ownership).where(tools.c.id == tool))
        assert fact == replayed.ownership


# --- who may ---------------------------------------------------------------------------------


def refusal(
    verb: str, standing: Standing, who: int, other: int = 1, audience: Audience = Audience.MARKETING
) -> str:
    case = Case(9, "HubSpot", audience, standing, PEOPLE[who], NOW, {i: p.name for i, p in PEOPLE.items()})
    try:
        VERBS[verb](case, PEOPLE[other])
    except Refused as refused:
        return f"{refused.because.value}: {refused}"
    return ""


OWNED = Standing(version=4, owner=1, co_owners=(3,), asked=(5,), attest_by=NOW)
OFFERED = Standing(version=4, owner=1, co_owners=(3,), offered_to=2, attest_by=NOW)


def contested() -> Standing:
    made = Event(1, NOW, 1, Kind.CLAIMED, {"until": NOW.isoformat(), "departments": []})
    return fold([made, Event(2, NOW, 2, Kind.CONTESTED, {"reason": "ours", "against": 1})])


@pytest.mark.parametrize(
    ("verb", "standing", "other", "may"),
    [
        ("claim", NOTHING, 1, {1, 2, 3, 5}),
        ("decline", NOTHING, 1, {1, 3, 5}),
        ("co-own", OWNED, 1, {2}),
        ("contest", OWNED, 1, {2, 3, 5}),
        ("hand over", OWNED, 2, {1}),
        ("let co-own", OWNED, 5, {1, 3}),
        ("refuse to share", OWNED, 5, {1, 3, 5}),
        ("end part", OWNED, 3, {1, 3}),
        ("release", OWNED, 1, {1, 3}),
        ("attest", OWNED, 1, {1, 3}),
        ("accept", OFFERED, 1, {2}),
        ("refuse", OFFERED, 1, {1, 2}),
        ("yield", contested(), 2, {1}),
        ("withdraw", contested(), 1, {2}),
        ("settle", contested(), 2, {3, 4, 6}),
        ("settle for IT", contested(), 2, {4, 5}),
        ("settle for marketing", contested(), 2, {3, 5}),
        ("steward", OWNED, 4, {4, 5}),
    ],
)
def test_who_may(verb: str, standing: Standing, other: int, may: set[int]) -> None:
    assert {who for who in PEOPLE if not refusal(verb, standing, who, other)} == may


def test_it_owns_no_marketing_tool_and_marketing_any() -> None:
    for audience in Audience:
        may = {who for who in PEOPLE if not refusal("claim", NOTHING, who, audience=audience)}
        assert may == ({1, 2, 3, 5} if audience is Audience.MARKETING else {1, 2, 3, 4, 5})


@pytest.mark.parametrize(
    ("verb", "standing", "who", "other", "sentence"),
    [
        ("claim", OWNED, 2, 1, "state: Mara owns “HubSpot”: contest it or ask to co-own it."),
        (
            "claim",
            NOTHING,
            4,
            1,
            "rights: “HubSpot” is a marketing tool: somebody of marketing owns it, IT names its steward.",
        ),
        ("hand over", OWNED, 3, 2, "rights: Mara owns “HubSpot”, and only the owner may hand it over."),
        ("hand over", OWNED, 1, 4, "input: Ida cannot own “HubSpot”: that takes the role 'marketing'."),
        (
            "hand over",
            contested(),
            1,
            3,
            "state: “HubSpot” is contested: yield it, or have that settled first.",
        ),
        ("release", contested(), 1, 1, "state: Nils contests “HubSpot”: yield it instead."),
        ("contest", NOTHING, 2, 1, "state: Nobody owns “HubSpot”: claim it."),
        ("settle", OWNED, 6, 1, "state: Nobody contests “HubSpot”: there is nothing to settle."),
        ("settle", contested(), 6, 3, "input: Olga neither holds nor contests “HubSpot”."),
        ("decline", NOTHING, 2, 1, "input: You can decline for your own departments only: Brand."),
        ("steward", OWNED, 4, 1, "input: Mara is not of IT, and a steward must be."),
    ],
)
def test_a_refusal_says_what_to_do(
    verb: str, standing: Standing, who: int, other: int, sentence: str
) -> None:
    assert refusal(verb, standing, who, other) == sentence


def test_an_administrator_who_is_a_party_settles_nothing() -> None:
    judge = Person(2, "Nils", frozenset({"marketing"}), admin=True)
    case = Case(9, "HubSpot", Audience.MARKETING, contested(), judge, NOW, {})
    with pytest.raises(Refused, match="party") as refused:
        rules.settle(case, PEOPLE[2], "mine")
    assert refused.value.because is Because.RIGHTS


# --- what was written stays ------------------------------------------------------------------


def test_the_database_itself_keeps_the_log_and_knows_one_owner(engine: Engine) -> None:
    office = Office(engine)
    office.claims(office.mara)
    for statement in (sa.update(claim_events).values(user_id=None), sa.delete(claim_events)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine) as connection:
            connection.execute(statement)
    assert office.standing().owner == office.mara.id
    for part in ("owner", "offered", "steward"):
        rows = [{"tool_id": office.github, "user_id": u.id, "part": part} for u in (office.mara, office.nils)]
        with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
            connection.execute(sa.insert(ownership_people), rows)


def test_a_gap_in_the_log_is_an_error() -> None:
    with pytest.raises(ValueError, match="after event 0 comes no event 2"):
        fold([Event(2, NOW, 1, Kind.ATTESTED, {"until": NOW.isoformat()})])
