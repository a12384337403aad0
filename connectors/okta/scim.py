"""The part of Okta's filter language that a reader meets: comparisons, `and`, `or`, brackets.

Used by the simulator, so that a filter which Okta would refuse is refused in tests too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|([A-Za-z_][A-Za-z0-9_.]*))')


class BadFilter(ValueError):
    """The expression is none that Okta understands."""


def parse(expression: str) -> Test:
    """A test of records from a filter such as `eventType eq "x" or (a.b sw "y" and c gt "z")`.

    Raises:
        BadFilter: it cannot be read, or uses an operator that is not known.
    """
    tokens = list(_tokens(expression))
    test, rest = _either(tokens)
    if rest:
        raise BadFilter(f"unexpected {rest[0][1]!r}")
    return test


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    at = 0
    while expression[at:].strip():
        found = _TOKEN.match(expression, at)
        if found is None:
            raise BadFilter(f"unreadable from {expression[at:]!r}")
        at = found.end()
        opening, closing, quoted, word = found.groups()
        if opening or closing:
            yield "bracket", opening or closing
        elif word is not None:
            yield "word", word
        else:
            yield "value", quoted


Tokens = list[tuple[str, str]]


def _either(tokens: Tokens) -> tuple[Test, Tokens]:
    test, tokens = _both(tokens)
    while tokens and tokens[0][1].lower() == "or" and tokens[0][0] == "word":
        other, tokens = _both(tokens[1:])
        test = _or(test, other)
    return test, tokens


def _both(tokens: Tokens) -> tuple[Test, Tokens]:
    test, tokens = _one(tokens)
    while tokens and tokens[0][1].lower() == "and" and tokens[0][0] == "word":
        other, tokens = _one(tokens[1:])
        test = _and(test, other)
    return test, tokens


def _one(tokens: Tokens) -> tuple[Test, Tokens]:
    if tokens and tokens[0] == ("bracket", "("):
        test, rest = _either(tokens[1:])
        if not rest or rest[0] != ("bracket", ")"):
            raise BadFilter("a bracket is not closed")
        return test, rest[1:]
    if len(tokens) < 3 or [kind for kind, _ in tokens[:3]] != ["word", "word", "value"]:
        raise BadFilter('a comparison reads: property operator "value"')
    path, operator, value = (token for _, token in tokens[:3])
    return _compare(path.split("."), operator.lower(), value), tokens[3:]


def _or(first: Test, second: Test) -> Test:
    return lambda record: first(record) or second(record)


def _and(first: Test, second: Test) -> Test:
    return lambda record: first(record) and second(record)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda found, value: found == value,
    "sw": lambda found, value: found.startswith(value),
    "gt": lambda found, value: found > value,
    "ge": lambda found, value: found >= value,
    "lt": lambda found, value: found < value,
    "le": lambda found, value: found <= value,
}


def _compare(path: list[str], operator: str, value: str) -> Test:
    compare = _OPERATORS.get(operator)
    if compare is None:
        raise BadFilter(f"the operator {operator} is not known")

    def test(record: Mapping[str, Any]) -> bool:
        found: Any = record
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return isinstance(found, str) and compare(found, value)

    return test
