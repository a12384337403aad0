"""Reading a policy: what is wrong is named by its line or path, and with what to do."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Invalid
from app.policy.reading import parse, plain, read, shipped, shipped_text, written
from tests.policy.support import document

DEEP: dict[str, Any] = {"fact": "managed", "is": "yes"}
for _ in range(9):
    DEEP = {"not": DEEP}
WHEN = "rules.0.when"


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"format": 2}, "format", "should be 1"),
        ({"lanes": None}, "lanes", "required"),
        ({"lanse": {}}, "", "there is no 'lanse' here; do you mean 'lanes'?"),
        ({"rules.0.wehn": {}}, "rules.0", "do you mean 'when'?"),
        ({WHEN: {}}, WHEN, "exactly one of fact, any, all, not"),
        ({WHEN: {"fact": "people"}}, WHEN, "'people' takes one of at_least, at_most"),
        ({WHEN: {"fact": "people", "is": "3"}}, WHEN, "'people' takes one of at_least, at_most"),
        ({WHEN: {"fact": "people", "at_least": 1, "at_most": 2}}, WHEN, "takes one of"),
        ({WHEN: {"fact": "people", "at_least": "3"}}, f"{WHEN}.at_least", "valid integer"),
        ({WHEN: {"fact": "managed", "is": "perhaps"}}, WHEN, "it may be no, yes"),
        ({WHEN: {"fact": "evidence", "is": "lively"}}, WHEN, "it may be active, dormant, gone"),
        ({WHEN: {"all": [], "any": []}}, f"{WHEN}.any", "at least 1 item"),
        ({WHEN: {"any": [{"fact": "risks", "at_least": 1}], "is": "x"}}, WHEN, "'is' belongs to a fact"),
        ({WHEN: DEEP}, f"{WHEN}.not", "more than 8 deep"),
        (
            {WHEN: {"fact": "spend", "over": {"minor": 5, "currency": "XAF"}}},
            WHEN,
            "there is no rate for XAF: add it to rates, or write the limit in EUR",
        ),
        ({"passes.0.spend_cap.currency": "XAF"}, "passes.0.spend_cap", "there is no rate for XAF"),
        ({"reopen.spend.at_least.currency": "XAF"}, "reopen.spend.at_least", "there is no rate for XAF"),
        ({"rates.USD": 0}, "rates.USD", "greater than 0"),
        ({"rates.EUR": 2}, "rates.EUR", "take the rate out"),
        ({"rates.euro": 2}, "rates.euro.[key]", "pattern"),
        ({"groups.it": ["a@b.example"]}, "groups.it", "cannot be called like a role"),
        ({"lanes.fast.it.signers.0": "boss"}, "lanes.fast.it.signers.0", "add it to groups"),
        ({"lanes.fast.it.signers.0": "marketing"}, "lanes.fast.it.signers.0", "neither the role 'it'"),
        ({"lanes.fast.it.items": ["security", "security"]}, "lanes.fast.it.items", "stands there twice"),
        ({"lanes.fast.it.items.0": "budget"}, "lanes.fast.it.items.0", "'integration', 'security'"),
        ({"lanes.full.marketing.hours": 0}, "lanes.full.marketing.hours", "greater than 0"),
        ({"sides.it.calendar.zone": "Mars"}, "sides.it.calendar.zone", "such as Europe/Berlin"),
        ({"sides.it.calendar.hours": {}}, "sides.it.calendar", "give at least one span"),
        (
            {"sides.it.calendar.hours": {"mon": ["09:00-09:59"]}},
            "sides.it.calendar",
            "at least an hour a week",
        ),
        ({"sides.it.calendar.hours.mon": ["22:00-06:00"]}, "sides.it.calendar.hours.mon", "22:00-24:00"),
        ({"sides.it.calendar.hours.mon": ["09:00-12:00", "11:00-13:00"]}, "sides.it.calendar", "overlap"),
        ({"sides.it.calendar.holidays": ["25.12.2026"]}, "sides.it.calendar.holidays", "2026-12-25"),
        ({"sides.it.arbiters": ["nobody"]}, "sides.it.arbiters.0", "pattern"),
    ],
)
def test_a_fault_is_named_by_its_path(changes: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(document(changes))
    found = {fault.field: fault.message for fault in caught.value.fields}
    assert path in found
    assert said in found[path]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format: 1\nrules: [", "line 2"),
        ("format: 1\nrates: {}\nrates: {}", "line 3: 'rates' is given twice"),
        ("a: &x [1]\nb: *x", "line 2: write it out: a policy has no aliases"),
        ("1: 2", "line 1: a name must be a text"),
        ("- format", "must be a mapping"),
        ("", "must be a mapping"),
        ("!!python/object/apply:os.system ['true']", "line 1"),
        ("a: \x07", "characters that no text has"),
        ("[" * 1500, "nested too deeply"),
        ("a" * 1_000_001, "longer than a million"),
    ],
)
def test_a_text_that_cannot_be_read_says_where(text: str, said: str) -> None:
    with pytest.raises(Invalid, match="policy") as caught:
        parse(text)
    assert said in str(caught.value)


def test_words_are_words() -> None:
    """What YAML of old makes numbers, days and truths of: times after ten, dates, NO and yes."""
    text = (
        shipped_text()
        .replace("09:00-17:00", "13:30-17:30")
        .replace("holidays: []  ", "holidays: [2026-12-25]")
    )
    assert parse(text).sides.it.calendar.holidays == ["2026-12-25"]
    assert parse(text.replace("is: active", "is: 'active'")) == parse(text)


def test_the_shipped_policy_is_whole() -> None:
    made = shipped()
    assert {rule.lane for rule in made.rules} == {"fast", "full"}
    assert made.passes
    assert None not in vars(made.reopen).values(), "every cause is looked for"
    assert made.calendar("it").hours


def test_json_is_yaml_and_what_is_written_is_read_again() -> None:
    assert parse(json.dumps(plain(shipped()))) == shipped()
    assert parse(written(shipped())) == shipped()
    assert read(plain(shipped())) == shipped()


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        *("format", "currency", "rates", "rates.USD", "groups", "sides.it", "sides.it.calendar"),
        *("sides.it.calendar.zone", "sides.it.calendar.hours", "sides.it.calendar.hours.mon", "lanes.fast"),
        *(
            "sides.it.calendar.holidays",
            "lanes.fast.it.items",
            "lanes.fast.it.signers",
            "lanes.fast.it.hours",
        ),
        *("rules", "rules.0", "rules.0.when", "rules.0.when.includes", "passes.0.spend_cap", "reopen"),
    ]
)


OPTIONAL = {"rates.USD", "rules.0.when.includes", "passes.0.spend_cap", "sides.it.calendar.holidays"} | {
    "sides.it.calendar.hours.mon"
}


@settings(max_examples=120, deadline=None)
@given(PATHS, VALUES)
def test_whatever_is_sent_is_a_policy_or_a_named_fault(path: str, value: Any) -> None:
    try:
        made = read({**document({path: value}), **({path: value} if "." not in path else {})})
    except Invalid as error:
        faults = [fault.message for fault in error.fields]
    else:
        faults = []
        assert read(plain(made)) == made, "what is stored is read again as it was"
    # The shipped policy with nothing at all at one of these paths is none.
    assert value is not None or faults or path in OPTIONAL
    assert all(faults)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_whatever_text_is_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid, match="policy"):
        parse(text)
