"""Who takes the money for others: a line that says no more than his name does not say for what."""

from app.identify.index import Index
from app.identify.leftover import ends_a_line
from app.identify.normalise import fold, squash
from app.identify.records import Product
from app.identify.words import word_set

_FEES = word_set("fee fees")
"""What who takes money for others is paid for it himself."""
_LONGEST = 4


def is_seller(index: Index, product: Product) -> bool:
    """Say whether a product's maker takes money for others: its name says who was paid through, not whom.

    Args:
        index: the look-up tables.
        product: what a line names.
    """
    return squash(fold(product.name)) in index.tills


def is_bare_seller(index: Index, product: Product, words: list[str]) -> bool:
    """Say whether a line says no more than who takes the money (`ACMEPAY LTD`, not `ACMEPAY RADAR`).

    Args:
        index: the look-up tables.
        product: what the line names.
        words: the words of the line.
    """
    if not is_seller(index, product):
        return False
    seller = squash(fold(product.name))
    for at in range(len(words)):
        key = ""
        for size, word in enumerate(words[at : at + _LONGEST], start=at + 1):
            key += word
            if key == seller and words[size : size + 1] and words[size] in _FEES:
                return False
            further = key.removeprefix(seller)
            if further in {"", key} or ends_a_line(word):
                continue
            entry = index.names.get(key)
            if entry is not None and entry.product is product and entry.rule != "legal_name":
                return False
    return True
