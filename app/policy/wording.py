"""Facts as sentences, for the reasons of a choice. Pure."""

from collections.abc import Callable, Collection

from app.catalog.money import amount, counted
from app.language import lasting
from app.policy.facts import KINDS, SPEND_DAYS, Facts, kinds_of
from app.policy.money import Rates

_AUDIENCE = {
    "marketing": lasting("It is a marketing tool."),
    "other": lasting("It is not a marketing tool."),
    "unsure": lasting("It is not clear whether it is a marketing tool."),
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
        tail = (
            lasting("at least %(n)s", n=f"{at_least:,}")
            if number >= at_least
            else lasting("fewer than %(n)s", n=f"{at_least:,}")
        )
    else:
        assert at_most is not None
        tail = (
            lasting("at most %(n)s", n=f"{at_most:,}")
            if number <= at_most
            else lasting("more than %(n)s", n=f"{at_most:,}")
        )
    return f"{text.removesuffix('.')} ({tail})."


def over_limit(facts: Facts, minor: int, currency: str, rates: Rates, is_over: bool) -> str:
    """What a tool cost beside a limit."""
    limit = amount(minor, currency)
    unknown = rates.unknown(facts.spend)
    if unknown:
        return lasting(
            "It was paid for in %(currency_list)s, for which the policy has no exchange rate: that "
            "counts as over %(limit)s.",
            currency_list=listed(unknown),
            limit=limit,
        )
    paid = rates.written(facts.spend)
    tail = (
        lasting("over %(limit_word)s", limit_word=limit)
        if is_over
        else lasting("no more than %(limit_word)s", limit_word=limit)
    )
    return lasting(
        "It cost %(paid_list)s in %(days)s days, %(tail)s.", paid_list=paid, days=SPEND_DAYS, tail=tail
    )


def _grade(facts: Facts) -> str:
    if facts.grant_grade is None:
        return lasting("It holds no permission to the company's data.")
    return lasting("The gravest of its permissions is graded %(grade_word)s.", grade_word=facts.grant_grade)


def _kinds(facts: Facts) -> str:
    kinds = [words for kind, words in KINDS.items() if kind in kinds_of(facts.scopes)]
    return (
        lasting("Its permissions reach %(kind_list)s.", kind_list=listed(kinds))
        if kinds
        else lasting("Its permissions reach nothing sensitive.")
    )


def _departments(facts: Facts) -> str:
    return (
        lasting("It is used in %(department_list)s.", department_list=listed(list(facts.departments)[:5]))
        if facts.departments
        else lasting("No department is known to use it.")
    )


def _risks(facts: Facts) -> str:
    if not facts.risks:
        return lasting("Nothing warns about it.")
    return lasting(
        "%(warnings_word)s about it: %(first)s",
        warnings_word=counted(len(facts.risks), "warning"),
        first=facts.risks[0].removesuffix(".") + ".",
    )


_SAY: dict[str, Callable[[Facts], str]] = {
    "audience": lambda f: _AUDIENCE.get(
        f.audience, lasting("Its audience is %(audience_word)s.", audience_word=f.audience)
    ),
    "identity": lambda f: (
        lasting("It is known which product it is.")
        if f.identity == "identified"
        else lasting("It is not known which product it is.")
    ),
    "category": lambda f: (
        lasting("Its category is %(category_word)s.", category_word=f.category)
        if f.category
        else lasting("It has no category.")
    ),
    "grant_grade": _grade,
    "governance": lambda f: lasting(
        "It is %(governance_word)s.", governance_word=f.governance.replace("_", " ")
    ),
    "ownership": lambda f: lasting("It is %(ownership_word)s.", ownership_word=f.ownership),
    "evidence": lambda f: lasting("Its evidence is %(evidence_word)s.", evidence_word=f.evidence),
    "managed": lambda f: lasting("IT manages it.") if f.managed else lasting("IT does not manage it."),
    "shadow": lambda f: (
        lasting("It is used in the shadow.") if f.shadow else lasting("It is not used in the shadow.")
    ),
    "flagged": lambda f: (
        lasting("It is flagged for joint review.")
        if f.flagged
        else lasting("It is not flagged for joint review.")
    ),
    "people": lambda f: f"{counted(f.people, 'person uses', 'people use')} it.",
    "departments_count": lambda f: f"{counted(len(f.departments), 'department uses', 'departments use')} it.",
    "risks": _risks,
    "scope_kinds": _kinds,
    "departments": _departments,
}
