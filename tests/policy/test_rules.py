"""Which lane, which pass, and why: at the edges of each condition, and for any tool and policy."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.policy.document import LANES
from app.policy.facts import Facts, kinds_of, sensitive
from app.policy.reading import shipped
from app.policy.rules import NO_RULE, choose, lane_of, pass_of, passes
from tests.policy.support import FILES, MAIL, facts, policy


def lane_when(when: dict[str, Any], tool: Facts) -> bool:
    """Whether a rule with this condition holds."""
    rule = {"lane": "full", "because": "It does.", "when": when}
    return choose(policy({"rules": [rule]}), tool).lane == "full"


@pytest.mark.parametrize(
    ("when", "holds", "holds_not"),
    [
        ({"fact": "people", "at_least": 10}, {"people": 10}, {"people": 9}),
        ({"fact": "people", "at_most": 10}, {"people": 10}, {"people": 11}),
        ({"fact": "risks", "at_least": 1}, {"risks": ("It looks like Slack.",)}, {"risks": ()}),
        ({"fact": "audience", "is": "marketing"}, {"audience": "marketing"}, {"audience": "unsure"}),
        ({"fact": "grant_grade", "is": ["none", "low"]}, {"grant_grade": None}, {"grant_grade": "medium"}),
        ({"fact": "category", "is": "none"}, {"category": None}, {"category": "CRM"}),
        ({"fact": "managed", "is": "no"}, {"managed": False}, {"managed": True}),
        ({"fact": "flagged", "is": "yes"}, {"flagged": True}, {"flagged": False}),
        ({"fact": "departments", "includes": "legal"}, {"departments": {"Legal": 1}}, {"departments": {}}),
        ({"fact": "departments_count", "at_least": 2}, {"departments": {"A": 1, "B": 1}}, {}),
        ({"fact": "scope_kinds", "includes": ["mail"]}, {"scopes": {MAIL}}, {"scopes": {FILES}}),
        ({"not": {"fact": "people", "at_least": 10}}, {"people": 9}, {"people": 10}),
        (
            {"any": [{"fact": "people", "at_least": 10}, {"fact": "managed", "is": "yes"}]},
            {"managed": True},
            {"people": 9},
        ),
        (
            {"all": [{"fact": "people", "at_least": 10}, {"fact": "managed", "is": "yes"}]},
            {"managed": True, "people": 10},
            {"managed": True},
        ),
    ],
)
def test_conditions_at_their_edges(
    when: dict[str, Any], holds: dict[str, Any], holds_not: dict[str, Any]
) -> None:
    assert lane_when(when, facts(**holds))
    assert not lane_when(when, facts(**holds_not))


OVER = {"fact": "spend", "over": {"minor": 10_000, "currency": "EUR"}}
UP_TO = {"fact": "spend", "up_to": {"minor": 10_000, "currency": "EUR"}}


@pytest.mark.parametrize(
    ("spend", "over"),
    [
        ({}, False),
        ({"EUR": 10_000}, False),
        ({"EUR": 10_001}, True),
        ({"USD": 11_111}, False),  # 99.999 EUR at 0.9
        ({"USD": 11_112}, True),
        ({"EUR": 5_000, "USD": 5_556}, True),
        ({"EUR": 11_000, "USD": -2_000}, False),
        ({"JPY": 16_666}, False),  # yen have no cents: 99.996 EUR
        ({"JPY": 16_667}, True),
        ({"XAF": 1}, True),  # no rate: over every limit
        ({"XAF": -500}, False),  # but what was only given back is not
    ],
)
def test_spend_is_compared_in_any_currency(spend: dict[str, int], over: bool) -> None:
    assert lane_when(OVER, facts(spend=spend)) is over
    assert lane_when(UP_TO, facts(spend=spend)) is not over


def test_a_currency_without_a_rate_is_named() -> None:
    choice = choose(shipped(), facts(spend={"XAF": 500, "EUR": 1}))
    assert choice.lane == "full"
    assert choice.reasons[1] == (
        "It was paid for in XAF, for which the policy has no exchange rate: "
        "that counts as over 10,000.00 EUR."
    )


def test_the_first_rule_that_holds_wins_and_else_standard() -> None:
    always = {"fact": "people", "at_least": 0}
    rules = [
        {"lane": "fast", "because": "Never.", "when": {"not": always}},
        {"lane": "full", "because": "First.", "when": always},
        {"lane": "fast", "because": "Second.", "when": always},
    ]
    choice = choose(policy({"rules": rules}), facts())
    assert (choice.lane, choice.rule, choice.reasons) == (
        "full",
        1,
        ("First.", "3 people use it (at least 0)."),
    )
    choice = choose(policy({"rules": []}), facts())
    assert (choice.lane, choice.rule, choice.reasons) == ("standard", None, (NO_RULE,))


def test_the_reasons_are_those_that_decided() -> None:
    when = {
        "all": [
            {"any": [{"fact": "people", "at_least": 50}, {"fact": "scope_kinds", "includes": ["files"]}]},
            {"not": {"all": [{"fact": "managed", "is": "yes"}, {"fact": "audience", "is": "marketing"}]}},
        ]
    }
    rule = {"lane": "full", "because": "So.", "when": when}
    tool = facts(scopes=frozenset({FILES, MAIL}), people=49)
    assert choose(policy({"rules": [rule]}), tool).reasons == (
        "So.",
        "Its permissions reach e-mail and files.",
        "IT does not manage it.",
    )


def test_a_lane_says_what_is_asked_of_each_side() -> None:
    made = policy(
        {
            "groups": {"leads": ["Ann@acme.example", "ben@acme.example"]},
            "lanes.fast.it.signers": ["leads"],
            "sides.marketing.arbiters": ["CMO@acme.example"],
        }
    )
    choice = choose(made, facts())
    assert choice.lane == "fast"
    assert choice.it.items == ("security",)
    assert choice.marketing.items == ("outcome_and_owner",)
    assert choice.it.service_seconds == choice.of("marketing").service_seconds == 8 * 3600
    assert choice.marketing.arbiters == ("cmo@acme.example",)
    assert choice.it.arbiters == ()
    assert choice.it.signers.allow(["marketing"], "ANN@acme.example ")
    assert not choice.it.signers.allow(["it"], "carl@acme.example")
    assert choice.marketing.signers.allow(["marketing"], "carl@acme.example")
    assert not choice.marketing.signers.allow(["it"], "carl@acme.example")


@pytest.mark.parametrize(
    ("values", "given"),
    [
        ({}, True),
        ({"people": 10}, True),
        ({"people": 11}, False),
        ({"spend": {"EUR": 25_000}}, True),
        ({"spend": {"EUR": 25_001}}, False),
        ({"spend": {"XAF": 1}}, False),
        ({"grant_grade": "medium"}, False),
        ({"risks": ("It looks like Slack.",)}, False),
        ({"audience": "unsure"}, False),
        ({"identity": "unidentified"}, False),
        ({"governance": "in_review"}, False),
        ({"governance": "retired"}, False),
    ],
)
def test_harmless_tools_get_a_pass(values: dict[str, Any], given: bool) -> None:
    found = passes(shipped(), facts(**values))
    assert (found is not None) is given
    if found:
        assert (found.days, found.people_cap) == (90, 10)
        assert found.spend_cap
        assert (found.spend_cap.minor, found.spend_cap.currency) == (25_000, "EUR")
        assert "Nothing warns about it." in found.reasons


def test_permissions_are_told_apart_by_their_parts() -> None:
    assert kinds_of({MAIL, "Files.ReadWrite.All", "Mail.Read", "https://mail.google.com/"}) == {
        "mail",
        "files",
    }
    assert kinds_of({"https://evil.example/auth/drive", "drivel.read"}) == {"other"}
    assert kinds_of({"https://www.googleapis.com/auth/adwords"}) == {"advertising"}
    assert sensitive({MAIL, "openid", "Files.Read", "Calendars.Read"}) == {MAIL, "Files.Read"}


TOOLS = st.builds(
    facts,
    audience=st.sampled_from(["marketing", "other", "unsure"]),
    identity=st.sampled_from(["identified", "unidentified"]),
    grant_grade=st.sampled_from([None, "low", "medium", "high"]),
    scopes=st.frozensets(st.sampled_from([MAIL, FILES, "Chat.Read"])),
    people=st.integers(0, 300),
    spend=st.dictionaries(st.sampled_from(["EUR", "USD", "XAF", "JPY"]), st.integers(-(10**7), 10**7)),
    risks=st.lists(st.just("It looks like Slack."), max_size=2).map(tuple),
    governance=st.sampled_from(["unreviewed", "in_review", "sanctioned"]),
    departments=st.dictionaries(st.sampled_from(["Marketing", "Sales"]), st.integers(1, 5)),
    managed=st.booleans(),
)
LEAVES = st.one_of(
    st.builds(lambda n: {"fact": "people", "at_least": n}, st.integers(0, 300)),
    st.builds(
        lambda n, c: {"fact": "spend", "up_to": {"minor": n, "currency": c}},
        st.integers(0, 10**7),
        st.sampled_from(["EUR", "JPY"]),
    ),
    st.sampled_from(
        [{"fact": "managed", "is": "yes"}, {"fact": "scope_kinds", "includes": ["mail"]}, dict(OVER)]
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


def truth(when: dict[str, Any], tool: Facts) -> bool:
    """What a condition means, worked out from what it is made of."""
    if "any" in when:
        return any(truth(part, tool) for part in when["any"])
    if "all" in when:
        return all(truth(part, tool) for part in when["all"])
    return not truth(when["not"], tool) if "not" in when else lane_when(when, tool)


@settings(max_examples=40, deadline=None)
@given(CONDITIONS, TOOLS)
def test_conditions_are_what_they_are_made_of(when: dict[str, Any], tool: Facts) -> None:
    made = policy({"rules": [{"lane": "full", "because": "So.", "when": when}]})
    choice = choose(made, tool)
    assert (choice.lane == "full") is truth(when, tool)
    assert choice.lane in LANES
    assert len(set(choice.reasons)) == len(choice.reasons)
    assert all(reason.endswith(".") for reason in choice.reasons)
    opposite = policy({"rules": [{"lane": "full", "because": "So.", "when": {"not": when}}]})
    assert (choose(opposite, tool).lane == "full") is not truth(when, tool)


@settings(max_examples=60, deadline=None)
@given(TOOLS)
def test_the_short_answer_is_the_long_one(tool: Facts) -> None:
    choice, given_ = choose(shipped(), tool), passes(shipped(), tool)
    assert lane_of(shipped(), tool) == (choice.lane, choice.rule)
    assert pass_of(shipped(), tool) == (given_.rule if given_ else None)
    if given_ and not tool.scopes:  # a tool with them is graded high, and gets none
        assert choice.lane == "fast", "what may be used without a review is never what needs a heavy one"
