"""Who takes the money for others: a line that says no more than his name does not say for what."""

from app.identify.classes import CLASSES, NOISE
from app.identify.clue import Clue
from app.identify.front_names import LONGEST_COMPANY, named
from app.identify.index import Index
from app.identify.leftover import ends_a_line, explained
from app.identify.merchants import Statement, statement_words
from app.identify.normalise import fold, squash, words_of
from app.identify.records import Product, Reseller
from app.identify.words import word_set

_FEES = word_set("fee fees")
"""What who takes money for others is paid for it himself."""
_LONGEST = 4
_OF_A_BANK = word_set("bank payments financial services")


def is_seller(index: Index, product: Product) -> bool:
    """Say whether a product's maker takes money for others: its name says who was paid through, not whom.

    Args:
        index: the look-up tables.
        product: what a line names.
    """
    return product.id in index.seller_ids


def through_seller(index: Index, clue: Clue, words: list[str]) -> Clue | None:
    """Read a line that names who takes the money: for a part of his own, or for a name behind his.

    Args:
        index: the look-up tables.
        clue: what says who takes the money.
        words: the words of the line.

    Returns:
        The clue if the line tells the seller's own part (`ACMEPAY RADAR`); one of what is sold
        (`ACMEPAY LTD ACMELY`); None if the line says no more than who was paid through.
    """
    seller = squash(fold(clue.product.name))
    if _tells_a_part(index, clue.product, seller, words):
        return clue
    if seller not in words:
        return None
    rest = words[words.index(seller) + 1 :]
    while rest and (ends_a_line(rest[0]) or rest[0] in _OF_A_BANK):
        rest = rest[1:]
    found = named(index, rest, clue.detail, cut=False, dressed=False)
    if found is None or found.weak or found.product.common_word or is_seller(index, found.product):
        return None
    return found


def _tells_a_part(index: Index, product: Product, seller: str, words: list[str]) -> bool:
    """Say whether a line holds a longer name of a seller than its own, or what itself is paid for."""
    for at in range(len(words)):
        key = ""
        for end, word in enumerate(words[at : at + _LONGEST], start=at + 1):
            key += word
            if key == seller and end < len(words) and words[end] in _FEES:
                return True
            further = key.removeprefix(seller)
            if further in {"", key} or ends_a_line(word):
                continue
            entry = index.names.get(key)
            if entry is not None and entry.product is product and entry.rule != "legal_name":
                return True
    return False


def seller_itself(index: Index, statement: Statement, reseller: Reseller, descriptor: str) -> Clue | None:
    """Read a seller of tickets that bills for itself: `EB EVENTSHOP INVOICE` is no ticket."""
    words = statement_words(statement.body)
    entry = index.names.get(words[0]) if len(words) > 1 else None
    if entry is None or entry.weak or not all(CLASSES.get(w, 0) & NOISE for w in words[1:]):
        return None
    own = fold(reseller.name).startswith(fold(entry.product.name))
    return Clue(entry.product, "merchant_name", False, descriptor) if own else None


def of_store(index: Index, statement: Statement, words: list[str]) -> Product | None:
    """Read what a store makes itself, called with the store's name in front (`BIGSHOP *DRIVE`)."""
    front = words_of(statement.text.removesuffix(statement.body))
    for end in range(min(len(words), LONGEST_COMPANY), 0, -1):
        entry = index.names.get("".join([*front, *words[:end]])) if front else None
        if entry is not None and not entry.weak:
            found = explained(index, entry, [*front, *words[:end]], words[end:], cut=False, dressed=False)
            return entry.product if found is not None and not found[1] else None
    return None
