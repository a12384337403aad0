"""The words that are a product's own: of its category, its vendor, its other names."""

from functools import cached_property

from app.identify.index import Index
from app.identify.normalise import fold, words_of
from app.identify.records import Product
from app.identify.trade_words import ACRONYMS, AREA_WORDS
from app.identify.words import EDITION, ENVIRONMENT, PROTOCOL, REGION, TRADES, word_set

_ALWAYS_STRANGE = word_set(
    "by from via login logins signin verify confirm suspended unlock recovery update account password"
)
"""Strange behind the name of a product that is itself a bridge, a backup or a help desk, too."""
_BESIDE_ANYTHING = EDITION | ENVIRONMENT | PROTOCOL | REGION


class OwnWords:
    """The words by which products of one's kind are told, and those of its other names."""

    def __init__(self, index: Index, product: Product) -> None:
        self._product = product
        self._category = index.categories.get(product.category)

    @cached_property
    def _area(self) -> frozenset[str]:
        return AREA_WORDS.get(self._product.category, frozenset())

    @cached_property
    def _names(self) -> list[str]:
        product = self._product
        return [product.name, product.vendor, *product.aliases, *product.oauth_names]

    @cached_property
    def _all_names(self) -> str:
        return " ".join(self._names).lower()

    def tells(self, word: str) -> bool:
        """Say whether a word alone tells the kind, and is none by which shops call themselves."""
        if self._category is not None and word in self._category.words:
            return word not in TRADES
        return word in self._area and word in ACRONYMS

    def has(self, word: str) -> bool:
        """Say whether a word is one of them."""
        if word in _ALWAYS_STRANGE:
            return False
        category = self._category
        if category is not None and (word in category.words or word in category.tagline):
            return True
        if word in self._area:
            return True
        # Most words are not there, and to see that costs less than to take the names apart.
        if word not in self._all_names or word in _BESIDE_ANYTHING:
            return False
        return any(word in words_of(fold(name)) for name in self._names)
