"""Facts as sentences, for the reasons of a choice. Pure."""

from collections.abc import Callable, Collection

from app.catalog.money import amount, counted
from app.policy.facts import KINDS, SPEND_DAYS, Facts, kinds_of
from app.policy.money import Rates

_AUDIENCE = {
    "marketing": "It is a marketing tool.",
    "other": "It is not a marketing tool.",
    "unsure": "It is not clear whether it is a marketing tool.",
}


def listed(words: Collection[str]) -> str:
    """Words as a list in a sentence."""
    texts = list(words)
    return ", ".join(texts[:-1]) + f" and {texts[-1]}" if len(texts) > 1 else "".join(texts)


def of_fact(fact: str, facts: Facts) -> str:
    """What a fact of this tool is, as a sentence."""
    return _SAY[fact](facts)


def compared(text: str, number: int, at_least: int | None, at_most: int | None) -> str:
    """A sentence about a number, with what it was compared with."""
    if number == 0:
        return text
    if at_least is not None:
        tail = f"at least {at_least:,}" if number >= at_least else f"fewer than {at_least:,}"
    else:
        assert at_most is not None
        tail = f"at most {at_most:,}" if number <= at_most else f"more than {at_most:,}"
    return f"{text.removesuffix('.')} ({tail})."


def over_limit(facts: Facts, minor: int, currency: str, rates: Rates, is_over: bool) -> str:
    """What a tool cost beside a limit."""
    limit = amount(minor, currency)
    unknown = rates.unknown(facts.spend)
    if unknown:
        return (
            f"It was paid for in {listed(unknown)}, for which the policy has no exchange rate: "
            f"that counts as over {limit}."
        )
    paid = rates.written(facts.spend)
    tail = f"over {limit}" if is_over else f"no more than {limit}"
    return f"It cost {paid} in {SPEND_DAYS} days, {tail}."


def _grade(facts: Facts) -> str:
    if facts.grant_grade is None:
        return "It holds no permission to the company's data."
    return f"The gravest of its permissions is graded {facts.grant_grade}."


def _kinds(facts: Facts) -> str:
    kinds = [words for kind, words in KINDS.items() if kind in kinds_of(facts.scopes)]
    return f"Its permissions reach {listed(kinds)}." if kinds else "Its permissions reach nothing sensitive."


def _departments(facts: Facts) -> str:
    return (
        f"It is used in {listed(list(facts.departments)[:5])}."
        if facts.departments
        else "No department is known to use it."
    )


def _risks(facts: Facts) -> str:
    if not facts.risks:
        return "Nothing warns about it."
    return f"{counted(len(facts.risks), 'warning')} about it: {facts.risks[0].removesuffix('.')}."


_SAY: dict[str, Callable[[Facts], str]] = {
    "audience": lambda f: _AUDIENCE.get(f.audience, f"Its audience is {f.audience}."),
    "identity": lambda f: (
        "It is known which product it is."
        if f.identity == "identified"
        else "It is not known which product it is."
    ),
    "category": lambda f: f"Its category is {f.category}." if f.category else "It has no category.",
    "grant_grade": _grade,
    "governance": lambda f: f"It is {f.governance.replace('_', ' ')}.",
    "ownership": lambda f: f"It is {f.ownership}.",
    "evidence": lambda f: f"Its evidence is {f.evidence}.",
    "managed": lambda f: "IT manages it." if f.managed else "IT does not manage it.",
    "shadow": lambda f: "It is used in the shadow." if f.shadow else "It is not used in the shadow.",
    "flagged": lambda f: (
        "It is flagged for joint review." if f.flagged else "It is not flagged for joint review."
    ),
    "people": lambda f: f"{counted(f.people, 'person uses', 'people use')} it.",
    "departments_count": lambda f: f"{counted(len(f.departments), 'department uses', 'departments use')} it.",
    "risks": _risks,
    "scope_kinds": _kinds,
    "departments": _departments,
}
