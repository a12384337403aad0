"""What stands behind a merchant's name on a statement line: every word of it has to be explained."""

from app.identify.beside import is_distinctive
from app.identify.classes import (
    AREA,
    CLASSES,
    DESCRIBING,
    EVENT,
    LEGAL,
    NOISE,
    PART,
    PLACED,
    PLAN_WORD,
    STATE,
    VAGUE,
)
from app.identify.index import Index, NameEntry
from app.identify.normalise import fold, is_reference, join_legal_forms, words_of
from app.identify.records import Product
from app.identify.words import TRADES, word_set

ENDS = NOISE | LEGAL | PLAN_WORD
"""Kinds of words that may stand at the end of any line: of the payment, a legal form, a place, a plan."""

SHORTEST_CITY_NAME = 6
_COMPANY_KINDS = word_set("technologies technology software")
_STRONG = ("merchant_name", False)
_USUAL_FORMS = word_set("inc incorporated")
_FORMS = {"incorporated": "inc", "limited": "ltd", "corporation": "corp"}


def explained(
    index: Index, entry: NameEntry, name: list[str], rest: list[str], *, cut: bool, dressed: bool
) -> tuple[str, bool] | None:
    """Explain all words behind a name.

    Args:
        index: the look-up tables.
        entry: what the name leads to.
        name: the name's words.
        rest: the words behind it.
        cut: whether the last word may be cut off at the line's end.
        dressed: whether words for what the product does may follow.

    Returns:
        The rule and whether the name still is too weak alone; None if a word is not explained, so
        that it is another merchant.
    """
    if not rest:
        return "merchant_name", entry.weak
    if rest[0] == "and" and not CLASSES.get(name[-1], 0) & LEGAL:
        return None  # `MILLER & CO`, `ACMELY & SONS`: a partnership of that name
    first = CLASSES.get(rest[0], 0)
    if first & LEGAL and "and" in rest[1:2] and not is_distinctive(entry, name):
        return None  # `ACTON GMBH & CO KG`
    if first & LEGAL and (
        not entry.weak or (_incorporated(entry.product, "".join(name), rest[0]) and _only_a_place(rest))
    ):
        return _STRONG
    if all(map(ends_a_line, rest)):
        return "merchant_name", entry.weak
    own = index.category_words.get(entry.product.category, frozenset())
    distinctive = is_distinctive(entry, name)
    described = worded = False
    unknown: list[int] = []
    at, last = 0, len(rest) - 1
    while at <= last:
        word = rest[at]
        bits = CLASSES.get(word, 0)
        if bits & LEGAL and not bits & VAGUE and distinctive and not unknown and not described:
            return _STRONG
        if (bits & AREA or word in _COMPANY_KINDS) and distinctive and at == 0:
            return _STRONG
        if ends_a_line(word) or (distinctive and (bits & PLACED or (bits & PART and at == 0))):
            pass
        elif word in own and not (entry.weak and word in TRADES):
            worded = True
        elif dressed and bits & DESCRIBING and not bits & EVENT:
            described = True
        elif word == name[0] and rest[at : at + len(name)] == name:
            at += len(name) - 1
        elif cut and at == last and index.begins_known_word(word):
            pass
        else:
            unknown.append(at)
        at += 1
    if unknown:
        return _STRONG if _same_or_in_a_city(index, entry, name, rest, unknown, distinctive) else None
    if described:
        return ("leading_name", False) if distinctive else None
    if worded and entry.rule in {"name", "alias"}:
        return "name+word", False
    if worded:
        return None
    return "merchant_name", entry.weak


def _incorporated(product: Product, name: str, form: str) -> bool:
    """Say whether a legal form is that of the product's company: behind an ordinary word any other is not.

    `HARBOR GMBH` is no Harbor Inc. Where no company is written down, only an `inc` is believed.
    """
    if CLASSES.get(form, 0) & VAGUE:
        return False
    if not product.legal_names:
        return form in _USUAL_FORMS
    known = (words_of(join_legal_forms(fold(legal))) for legal in product.legal_names)
    forms = {words[-1] for words in known if "".join(words).startswith(name)}
    return _FORMS.get(form, form) in {_FORMS.get(word, word) for word in forms}


def _only_a_place(rest: list[str]) -> bool:
    """Say whether behind a legal form comes nothing but the payment and a place, a small one included."""
    left = [at for at, word in enumerate(rest) if not ends_a_line(word)]
    return not left or (len(left) == 1 and CLASSES.get(rest[left[0]], 0) in {0, PLACED})


def ends_a_line(word: str) -> bool:
    """Say whether a word is one of the payment, of a company's form, or of a place."""
    return bool(CLASSES.get(word, 0) & ENDS) or len(word) == 1 or is_reference(word)


def _same_or_in_a_city(
    index: Index, entry: NameEntry, name: list[str], rest: list[str], unknown: list[int], distinctive: bool
) -> bool:
    """Say whether the unexplained words are the product once more, or a city nobody listed.

    A city is believed in one unknown word before a state or country, behind a coined name.
    """
    end = len(rest)
    while end and ends_a_line(rest[end - 1]):
        end -= 1
    if not entry.weak and end:
        again = "".join(rest[:end])
        second = index.names.get(again)
        if second is not None and second.product is entry.product:
            return True
        if entry.product.vendor in index.makers.get(again, ()):
            return True
    if not distinctive or len(unknown) > 1 or sum(map(len, name)) < SHORTEST_CITY_NAME:
        return False
    at = unknown[0]
    return at == len(rest) - 2 and bool(CLASSES.get(rest[-1], 0) & STATE)
