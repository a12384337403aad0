"""What identification says of a set of handles: a product, or a stranger and which product it may be."""

from dataclasses import dataclass

from app.identify import (
    NO_HINTS,
    Hints,
    KnowledgeBase,
    Match,
    Product,
    Unknown,
    describe_unknown,
    identify,
    imitations,
)
from connectors.identifiers import MERCHANT, Identifier
from connectors.observations import ExpenseSeen

_REMEMBERED = 50_000
_EVERYTHING = Hints(scopes=("https://www.googleapis.com/auth/adwords",), recurring=True)
"""All that can support an ordinary word."""


@dataclass(frozen=True)
class Answer:
    """What identification said of some identifiers: a product or a stranger, and what warns about it.

    `word` is the product of a stranger that is called by an ordinary word: it may be that one, once
    something beside the word says so.
    """

    match: Match | None
    unknown: Unknown
    risks: tuple[str, ...]
    word: Product | None


class Answers:
    """Remembers answers for as long as it lives.

    Args:
        kb: the knowledge base that is asked.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._known: dict[tuple[tuple[Identifier, ...], Hints], Answer] = {}

    def of(self, identifiers: tuple[Identifier, ...], hints: Hints = NO_HINTS) -> Answer:
        """What identification says.

        Args:
            identifiers: every handle of the one app or charge.
            hints: what is known beside them.
        """
        answer = self._known.get((identifiers, hints))
        if answer is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            answer = self._known[identifiers, hints] = self._ask(identifiers, hints)
        return answer

    def of_expense(self, expense: ExpenseSeen) -> Answer:
        """What identification says of an expense: its merchant's texts, and how it is filed."""
        identifiers = expense.identifiers or merchant_texts(expense.descriptor, expense.merchant)
        return self.of(identifiers, Hints(mcc=expense.mcc or "", category=expense.category or ""))

    def _ask(self, identifiers: tuple[Identifier, ...], hints: Hints) -> Answer:
        unknown = describe_unknown(identifiers)
        match = identify(self._kb, identifiers, hints)
        if match is not None:
            return Answer(match, unknown, (), None)
        word = identify(self._kb, identifiers, _EVERYTHING)
        return Answer(None, unknown, imitations(self._kb, identifiers), word.product if word else None)


def merchant_texts(descriptor: str | None, merchant: str) -> tuple[Identifier, ...]:
    """What names the merchant of an expense, the card network's text first."""
    return tuple(Identifier(MERCHANT, text) for text in dict.fromkeys((descriptor, merchant)) if text)
