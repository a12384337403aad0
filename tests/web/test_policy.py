"""The policy's pages as HTML, and what they call its parts."""

import pytest

from app.db import make_engine
from app.policy.document import Policy
from app.policy.reading import line_of, parse, shipped_text
from app.web import policy_words
from app.web.kept import Kept

TEXT = """format: 1
groups:
  a.b: [x@example.com]
  "a": {b: 1}
rules:
  - lane: full
    because: Why
  - lane: fast
    when:
      all:
        - {fact: people, at_most: 1}
        - fact: spend
          up_to: {minor: -1, currency: EUR}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("format", 1),
        ("groups.a.b", 3),
        ("groups.a.b.0", 3),
        ("rules.0.because", 7),
        ("rules.0.when", 6),
        ("rules.1.when.all.1.up_to.minor", 13),
        ("rules.7.lane", 5),
        ("nothing.there", None),
        ("", None),
    ],
)
def test_a_path_leads_to_its_line(path: str, line: int | None) -> None:
    assert line_of(TEXT, path) == line


@pytest.mark.parametrize("text", ["", "a: [", "a: &x 1\nb: *x", "{" * 2000, "x" * 1_000_001, "- 1", "\x00"])
def test_a_text_that_cannot_be_read_has_no_lines(text: str) -> None:
    assert line_of(text, "a.b") is None


def _policy(**parts: str) -> Policy:
    text = shipped_text()
    for old, new in parts.items():
        text = text.replace({"hours": "fri: [09:00-17:00]", "signers": "signers: [it]"}[old], new)
    return parse(text)


def test_a_week_says_days_with_the_same_hours_together() -> None:
    found = policy_words.week(_policy(hours="fri: [09:00-12:00, 13:00-15:00]").sides.it.calendar)
    assert found == [
        ("Mon – Thu", "09:00–17:00"),
        ("Fri", "09:00–12:00, 13:00–15:00"),
        ("Sat – Sun", "no hours"),
    ]


def test_conditions_are_said_in_words() -> None:
    rules = parse(shipped_text()).rules
    said = [policy_words.leaf(part) for rule in rules for part in (rule.when.inner or [rule.when])]
    assert "Spend in 90 days: more than €10,000" in said
    assert "People: at least 100" in said
    assert "Strongest permission: No permission or Low impact" in said
    assert any(text.startswith("Its permissions reach: e-mail, files") for text in said)


def test_an_answer_is_kept_for_a_while_for_each_database() -> None:
    time, made = [0.0], []
    kept: Kept[int] = Kept(60, most=2, clock=lambda: time[0])
    one, other = make_engine("sqlite://"), make_engine("sqlite://")

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [kept.get(one, "a", make), kept.get(one, "a", make), kept.get(other, "a", make)] == [0, 0, 1]
    time[0] = 60
    assert kept.get(one, "a", make) == 2
    assert [kept.get(one, "b", make), kept.get(one, "c", make)] == [3, 4]
    assert kept.get(one, "a", make) == 5, "no more than two are kept"
