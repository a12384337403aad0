"""Who may answer for a tool: from evidence alone, with reasons, the same in any order."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.claims.likely import Somebody, Trace, likely_owners
from app.claims.words import Team, day, found_sentence, times

TODAY = date(2026, 11, 20)
ANNA = Somebody(1, department="Marketing", manager="boss@acme.example", address="anna@acme.example")
BO = Somebody(2, department="Marketing", manager="boss@acme.example", address="bo@acme.example")
CLEO = Somebody(3, department="Sales", manager="sam@acme.example", address="cleo@acme.example")
BOSS = Somebody(4, department="Marketing", address="boss@acme.example")
GONE = Somebody(5, active=False, department="Marketing", manager="boss@acme.example")
BOT = Somebody(6, machine=True, department="Marketing")
EVERYBODY = {p.id: p for p in (ANNA, BO, CLEO, BOSS, GONE, BOT)}


def test_each_reason_is_said_and_weighed() -> None:
    traces = {
        1: Trace(uses=True, first_consent=date(2026, 5, 3), payments=3, paid={"USD": 2940, "EUR": 0}),
        2: Trace(uses=True, first_consent=date(2026, 6, 1), sign_ins=42),
        3: Trace(uses=True, payments=1, paid={"USD": 980}, asked_on=date(2025, 12, 24)),
    }
    found = likely_owners(traces, EVERYBODY, TODAY)
    assert [(s.person, s.score, s.reasons) for s in found] == [
        (
            1,
            0.6,
            (
                "Consented first, on 3 May.",
                "Paid for it three times, 29.40 USD in all.",
                "Is of the team that uses it most (Marketing, 2 people).",
            ),
        ),
        (
            2,
            0.25,
            (
                "Signs in most: 42 times in 30 days.",
                "Is of the team that uses it most (Marketing, 2 people).",
            ),
        ),
        (3, 0.2, ("Asked for access on 24 December 2025.", "Paid for it once, 9.80 USD in all.")),
        (4, 0.15, ("Leads the team that uses it most (Marketing, 2 people).",)),
    ]


def test_who_left_and_what_is_no_person_answers_for_nothing() -> None:
    traces = {
        5: Trace(uses=True, first_consent=date(2026, 1, 1), payments=9, sign_ins=90),
        6: Trace(uses=True, first_consent=date(2026, 1, 1), sign_ins=900),
        2: Trace(uses=True, first_consent=date(2026, 2, 1)),
    }
    assert [s.person for s in likely_owners(traces, EVERYBODY, TODAY)] == [2, 4]


def test_nobody_is_suggested_where_nothing_speaks_for_anybody() -> None:
    assert likely_owners({}, EVERYBODY, TODAY) == []
    assert likely_owners({3: Trace()}, EVERYBODY, TODAY) == []


TRACE = st.builds(
    Trace,
    uses=st.booleans(),
    first_consent=st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 4)),
    payments=st.integers(0, 2),
    sign_ins=st.integers(0, 2),
    asked_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 4)),
)


@given(st.dictionaries(st.sampled_from(sorted(EVERYBODY)), TRACE), st.randoms())
def test_ties_are_broken_the_same_way_in_any_order(traces: dict[int, Trace], dice: Random) -> None:
    expected = likely_owners(traces, EVERYBODY, TODAY)
    shuffled, people = list(traces.items()), list(EVERYBODY.items())
    dice.shuffle(shuffled)
    dice.shuffle(people)
    assert likely_owners(dict(shuffled), dict(people), TODAY) == expected
    assert all(EVERYBODY[s.person].may_answer and s.reasons and 0 < s.score <= 1 for s in expected)
    scores = [s.score for s in expected]
    assert scores == sorted(scores, reverse=True)


def test_what_was_found_in_a_team_is_one_sentence() -> None:
    may = date(2026, 5, 3)
    assert found_sentence(Team(people=20, signed_in=14, payments=3, first_consent=may), None, TODAY) == (
        "Your team paid three times; first consent on 3 May; 14 people last month."
    )
    assert found_sentence(Team(payments=1), "Brand", TODAY) == "Brand paid once."
    assert found_sentence(Team(people=1, first_consent=may - timedelta(days=365)), None, TODAY) == (
        "First consent on 3 May 2025; 1 person of your team in all."
    )
    assert found_sentence(Team(signed_in=2), "Brand", TODAY) == "2 people of Brand last month."
    assert found_sentence(Team(), None, TODAY) == "Your team has it."


def test_numbers_and_days_as_people_say_them() -> None:
    assert [times(n) for n in (1, 2, 3, 10, 11, 1200)] == [
        "once",
        "twice",
        "three times",
        "ten times",
        "11 times",
        "1,200 times",
    ]
    assert day(date(2026, 5, 3), TODAY) == "3 May"
