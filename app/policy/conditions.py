"""Conditions of rules: what a tool must be like, and the sentences that say why one holds. Pure."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.catalog.facts import Audience, Evidence, Governance, Identity, Ownership
from app.language import lasting
from app.policy.facts import KINDS, Facts, kinds_of
from app.policy.money import Rates
from app.policy.parts import Money, Part, Words
from app.policy.wording import compared, of_fact, over_limit

Test = Callable[[Facts, Rates], bool]
_YES_NO = {"yes": True, "no": False}
_WORDS: dict[str, frozenset[str] | None] = {
    "audience": frozenset(Audience),
    "identity": frozenset(Identity),
    "category": None,
    "grant_grade": frozenset({"high", "medium", "low", "none"}),
    "governance": frozenset(Governance),
    "ownership": frozenset(Ownership),
    "evidence": frozenset(Evidence),
}
"""Facts that are one word, and which words there are; None: any."""
_ANSWERS = frozenset({"managed", "shadow", "flagged"})
_NUMBERS = frozenset({"people", "departments_count", "risks"})
_SETS: dict[str, frozenset[str] | None] = {"scope_kinds": frozenset(KINDS), "departments": None}

Fact = Literal[
    "audience",
    "identity",
    "category",
    "grant_grade",
    "governance",
    "ownership",
    "evidence",
    "managed",
    "shadow",
    "flagged",
    "people",
    "departments_count",
    "risks",
    "scope_kinds",
    "departments",
    "spend",
]
DEEPEST = 8
"""How deep conditions may stand in each other."""
_Count = Annotated[int, Field(ge=0, le=10**9)]
_Parts = Annotated[list["Condition"], Field(min_length=1, max_length=50)]


class Condition(Part):
    """One fact compared with something, or several conditions together.

    Give exactly one of `fact`, `any`, `all`, `not`. A fact takes one comparison:

    - `is` for words and for yes or no: one of these;
    - `includes` for lists: at least one of these;
    - `at_least` and `at_most` for numbers;
    - `over` and `up_to` for spend.
    """

    fact: Fact | None = None
    is_: Words | None = Field(default=None, alias="is")
    includes: Words | None = None
    at_least: _Count | None = None
    at_most: _Count | None = None
    over: Money | None = None
    up_to: Money | None = None
    any_: _Parts | None = Field(default=None, alias="any")
    all_: _Parts | None = Field(default=None, alias="all")
    not_: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        kinds = {"fact": self.fact, "any": self.any_, "all": self.all_, "not": self.not_}
        given = [name for name, value in kinds.items() if value is not None]
        if len(given) != 1:
            raise ValueError(lasting("give exactly one of fact, any, all, not"))
        comparisons = self._comparisons
        if self.fact is None:
            if comparisons:
                raise ValueError(
                    lasting("'%(fact)s' belongs to a fact: write it beside 'fact'", fact=comparisons[0])
                )
            if self.depth > DEEPEST:
                raise ValueError(
                    lasting(
                        "conditions stand in each other more than %(most)s deep: make two rules", most=DEEPEST
                    )
                )
            return self
        allowed = _comparisons_of(self.fact)
        if len(comparisons) != 1 or comparisons[0] not in allowed:
            raise ValueError(
                lasting("'%(fact)s' takes one of %(allowed)s", fact=self.fact, allowed=", ".join(allowed))
            )
        self._check_words()
        return self

    @property
    def _comparisons(self) -> list[str]:
        values = {
            "is": self.is_,
            "includes": self.includes,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "over": self.over,
            "up_to": self.up_to,
        }
        return [name for name, value in values.items() if value is not None]

    def _check_words(self) -> None:
        known = {**_WORDS, **_SETS, **dict.fromkeys(_ANSWERS, frozenset(_YES_NO))}.get(str(self.fact))
        for word in self.is_ or self.includes or ():
            if known is not None and word not in known:
                raise ValueError(
                    lasting(
                        "'%(fact)s' is never '%(word)s'; it may be %(known)s",
                        fact=self.fact,
                        word=word,
                        known=", ".join(sorted(known)),
                    )
                )

    @property
    def inner(self) -> list["Condition"]:
        """The conditions that stand in this one."""
        return [*(self.any_ or ()), *(self.all_ or ()), *([self.not_] if self.not_ else ())]

    @cached_property
    def depth(self) -> int:
        """How deep conditions stand in this one."""
        return 1 + max((c.depth for c in self.inner), default=0)

    def money(self) -> list[Money]:
        """Every amount in it."""
        own = [m for m in (self.over, self.up_to) if m]
        return own + [m for c in self.inner for m in c.money()]

    @cached_property
    def holds(self) -> Test:
        """The test of a tool's facts; made once, since it is asked of thousands of tools."""
        if self.any_ is not None:
            parts = [c.holds for c in self.any_]
            return lambda facts, rates: any(part(facts, rates) for part in parts)
        if self.all_ is not None:
            parts = [c.holds for c in self.all_]
            return lambda facts, rates: all(part(facts, rates) for part in parts)
        if self.not_ is not None:
            part = self.not_.holds
            return lambda facts, rates: not part(facts, rates)
        return self._test_of_fact()

    def _test_of_fact(self) -> Test:
        fact = str(self.fact)
        if fact in _ANSWERS:
            wanted = {_YES_NO[word] for word in self.is_ or ()}
            return lambda facts, _: getattr(facts, fact) in wanted
        if fact in _WORDS:
            words = frozenset(self.is_ or ())
            return lambda facts, _: (getattr(facts, fact) or "none") in words
        if fact in _SETS:
            return _includes(fact, frozenset(w.casefold() for w in self.includes or ()))
        if fact in _NUMBERS:
            number = _number_of(fact)
            low, high = self.at_least, self.at_most
            if low is not None:
                return lambda facts, _: number(facts) >= low
            assert high is not None
            return lambda facts, _: number(facts) <= high
        limit = self.over or self.up_to
        assert limit is not None
        if self.over is not None:
            return lambda facts, rates: is_over(facts, limit, rates)
        return lambda facts, rates: not is_over(facts, limit, rates)

    def why(self, facts: Facts, rates: Rates) -> list[str]:
        """The sentences that say why it holds for this tool, or why it does not; each once."""
        if self.fact is None:
            here = self.holds(facts, rates)
            # Those speak that decide: what holds says why `any` does, what fails says why `all` does not.
            inner = self.inner if self.not_ else [c for c in self.inner if c.holds(facts, rates) is here]
            return list(dict.fromkeys(s for c in inner for s in c.why(facts, rates)))
        limit = self.over or self.up_to
        if limit is not None:
            return [over_limit(facts, limit.minor, limit.currency, rates, is_over(facts, limit, rates))]
        text = of_fact(self.fact, facts)
        number = _number_of(self.fact)(facts) if self.fact in _NUMBERS else None
        return [text if number is None else compared(text, number, self.at_least, self.at_most)]


def is_over(facts: Facts, limit: Money, rates: Rates) -> bool:
    """True if a tool cost more than `limit`; a currency without a rate counts as more."""
    if not facts.spend:
        return False
    total = rates.total(facts.spend)
    return total is None or total > rates.worth(limit.minor, limit.currency)


def _comparisons_of(fact: str) -> tuple[str, ...]:
    if fact in _SETS:
        return ("includes",)
    if fact in _NUMBERS:
        return ("at_least", "at_most")
    return ("over", "up_to") if fact == "spend" else ("is",)


def _number_of(fact: str) -> Callable[[Facts], int]:
    if fact == "people":
        return lambda facts: facts.people
    if fact == "risks":
        return lambda facts: len(facts.risks)
    return lambda facts: len(facts.departments)


def _includes(fact: str, wanted: frozenset[str]) -> Test:
    if fact == "scope_kinds":
        return lambda facts, _: bool(facts.scopes) and not wanted.isdisjoint(kinds_of(facts.scopes))
    return lambda facts, _: any(name.casefold() in wanted for name in facts.departments)
