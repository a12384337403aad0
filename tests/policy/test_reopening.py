"""What opens a decision again, at the edges, and that a cause is told once."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.policy.facts import Facts
from app.policy.reading import shipped
from app.policy.reopening import Agreed, CauseKind, reopens
from tests.policy.support import FILES, MAIL, facts, policy

TODAY = date(2026, 11, 20)
WAS = facts(
    people=10,
    spend={"EUR": 100_000},
    scopes=frozenset({MAIL}),
    publishers=frozenset({"Linktree Pty Ltd"}),
    ownership="owned",
    governance="sanctioned",
)
AGREED = Agreed.on(WAS)


def told(now: Facts, before: Agreed = AGREED, **changes: Any) -> dict[str, str]:
    made = policy(changes.pop("changes", None))
    return {c.kind.value: c.sentence for c in reopens(made, before, now, today=TODAY, **changes)}


def test_nothing_new_opens_nothing() -> None:
    assert told(WAS) == {}


@pytest.mark.parametrize(
    ("now", "cause", "sentence"),
    [
        (
            {"scopes": frozenset({MAIL, FILES})},
            "new_scope",
            "Since the decision it may also read all your files.",
        ),
        ({"people": 15}, "people", "15 people use it; the decision was for 10."),
        (
            {"spend": {"EUR": 110_001}},
            "spend",
            "It cost 1,100.01 EUR in 90 days; 1,000.00 EUR was agreed.",
        ),
        (
            {"missed_conditions": ("SSO by 1 November", "A budget")},
            "condition_missed",
            "A condition was missed: SSO by 1 November, and 1 other.",
        ),
        ({"renews_on": date(2027, 1, 19)}, "renewal", "It renews in 60 days, on 19 January 2027."),
        ({"renews_on": TODAY}, "renewal", "It renews today, on 20 November 2026."),
        ({"ownership": "lapsed"}, "owner_gone", "Nobody answers for it any more: its ownership has lapsed."),
        (
            {"publishers": frozenset({"Other Corp"})},
            "publisher_changed",
            "It is now published by Other Corp; it was by Linktree Pty Ltd.",
        ),
    ],
)
def test_each_cause_has_its_sentence(now: dict[str, Any], cause: str, sentence: str) -> None:
    assert told(replace(WAS, **now)) == {cause: sentence}
    # Once it stands it is not told again; and a policy that leaves it out never tells it.
    assert told(replace(WAS, **now), standing={CauseKind(cause)}) == {}
    left_out = {"renewal": "renewal_days"}.get(cause, cause)
    assert told(replace(WAS, **now), changes={f"reopen.{left_out}": None}) == {}


@pytest.mark.parametrize(
    "now",
    [
        {"people": 14},
        {"people": 1},
        {"spend": {"EUR": 110_000}},
        {"spend": {"USD": 122_222}},  # 1,099.998 EUR
        {"spend": {}},
        {"scopes": frozenset()},
        {"scopes": frozenset({MAIL})},
        {"renews_on": date(2027, 1, 20)},
        {"renews_on": TODAY - timedelta(days=1)},
        {"ownership": "claimed"},
        {"publishers": frozenset()},
        {"publishers": frozenset({"LINKTREE PTY LTD"})},
    ],
)
def test_what_does_not_count(now: dict[str, Any]) -> None:
    assert told(replace(WAS, **now)) == {}


def test_half_as_many_again_is_much_only_from_some_people_on() -> None:
    few = Agreed.on(replace(WAS, people=2))
    assert told(replace(WAS, people=6), few) == {}
    assert list(told(replace(WAS, people=7), few)) == ["people"]


def test_what_was_agreed_goes_before_what_was() -> None:
    capped = Agreed.on(WAS, people_cap=100, spend_cap={"USD": 1_000_000})
    assert told(replace(WAS, people=100, spend={"EUR": 900_000}), capped) == {}
    assert list(told(replace(WAS, people=150, spend={"EUR": 1_000_000}), capped)) == ["people", "spend"]


@pytest.mark.parametrize("changes", [None, {"reopen": {}}])
def test_a_cap_is_a_cap_whatever_growth_the_policy_lets_pass(changes: dict[str, Any] | None) -> None:
    capped = Agreed.on(WAS, people_cap=1000, spend_cap={"EUR": 200_000})
    at_the_cap = replace(WAS, people=1000, spend={"EUR": 200_000})
    assert told(at_the_cap, capped, changes=changes) == {}
    above = replace(WAS, people=1001, spend={"EUR": 200_001})
    for before in (capped, Agreed.of(json.loads(json.dumps(capped.plain())))):
        assert told(above, before, changes=changes) == {
            "people": "1,001 people use it; the decision was for 1,000.",
            "spend": "It cost 2,000.01 EUR in 90 days; 2,000.00 EUR was agreed.",
        }


def test_what_was_agreed_before_caps_were_told_apart_is_still_read() -> None:
    plain = {k: v for k, v in AGREED.plain().items() if not k.endswith("_capped")}
    assert Agreed.of(plain) == AGREED


def test_a_currency_without_a_rate_is_compared_with_itself() -> None:
    agreed = Agreed.on(replace(WAS, spend={"XAF": 1_000, "EUR": 100_000}))
    assert told(replace(WAS, spend={"XAF": 1_100, "EUR": 100_000}), agreed) == {}
    said = told(replace(WAS, spend={"XAF": 1_101}), agreed)["spend"]
    assert said.startswith(
        "It cost 1,101 XAF in 90 days; 1,000 XAF was agreed, and the policy has no exchange"
    )


def test_who_never_was_there_is_not_gone() -> None:
    orphan = Agreed.on(replace(WAS, ownership="unowned"))
    assert told(replace(WAS, ownership="lapsed"), orphan) == {}


def test_what_was_agreed_is_kept_with_the_decision() -> None:
    capped = Agreed.on(WAS, people_cap=100, spend_cap={"USD": 1_000_000})
    for agreed in (AGREED, capped, Agreed(spend={})):
        assert Agreed.of(json.loads(json.dumps(agreed.plain()))) == agreed


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 100),
    st.integers(0, 100),
    st.dictionaries(st.sampled_from(["EUR", "USD", "XAF"]), st.integers(-1000, 10**6)),
    st.frozensets(st.sampled_from([MAIL, FILES])),
    st.sets(st.sampled_from(list(CauseKind))),
)
def test_causes_are_told_once_and_growing_never_takes_one_back(
    people: int, more: int, spend: dict[str, int], scopes: frozenset[str], standing: set[CauseKind]
) -> None:
    now = replace(WAS, people=people, spend=spend, scopes=scopes)
    all_ = reopens(shipped(), AGREED, now, today=TODAY)
    assert len({c.kind for c in all_}) == len(all_)
    left = reopens(shipped(), AGREED, now, today=TODAY, standing=standing)
    assert left == [c for c in all_ if c.kind not in standing]
    grown = replace(now, people=people + more, spend={**spend, "EUR": spend.get("EUR", 0) + more})
    assert {c.kind for c in all_} <= {c.kind for c in reopens(shipped(), AGREED, grown, today=TODAY)}
