"""Which name stands at the front of a statement text, or behind a company there that nobody knows.

The longest name that the text begins with is taken whose remaining words are all explained.
"""

from app.identify.beside import is_distinctive, is_famous
from app.identify.classes import CLASSES, LEGAL
from app.identify.clue import Clue
from app.identify.cut_names import GLUED_FORMS, SHORTEST_SOLD
from app.identify.index import SHORTEST_GLUED_NAME, Index, NameEntry
from app.identify.leftover import explained
from app.identify.merchants import statement_words
from app.identify.normalise import fold, words_of
from app.identify.words import LEGAL_FORMS, word_set

LONGEST_COMPANY = 4
SHORTEST_WITH_STAR = 8
_LONGEST_PART = 3
"""So many letters has a part of a product that its maker prints before the star."""
_FEWEST_WITH_COMPANY = 2
_GLUED_WORDS = GLUED_FORMS | word_set(
    "annual business enterprise invoice membership monthly plus premium pro product subscription subscr team "
    "teams trial yearly"
)
_SELLERS = word_set(
    "adyen avangate braintree chargebee cleverbridge fastspring fsprg gocardless gumroad klarna mollie "
    "paddle paddlenet recurly stripe"
)
"""Who takes the money for others, as clerks write it without the star."""


def named(
    index: Index,
    words: list[str],
    descriptor: str,
    *,
    cut: bool,
    dressed: bool = True,
    fronts: list[tuple[NameEntry, int, int]] | None = None,
) -> Clue | None:
    """Find the longest name in front whose remaining words are explained; else the longest weak one.

    Args:
        index: the look-up tables.
        words: the text's words.
        descriptor: the whole line, for the clue.
        cut: whether the last word may be cut off at the line's end.
        dressed: whether words for what the product does may follow.
        fronts: what `Index.in_front` says of the words, if that is known.

    Returns:
        The clue; None if no name stands there, or too much behind it.
    """
    if not words:
        return None
    weak: Clue | None = None
    if fronts is None:
        fronts = index.in_front(words)
    for entry, at, length in fronts:
        if at == 1 and length < len(words[0]) and not _runs_on(entry, words[0], length):
            continue
        if at > 1 and words[at - 1] == "and" and words_of(fold(entry.written))[-1] != "and":
            continue  # `RIVERS & CO` does not begin with Riversand
        reading = explained(index, entry, words[:at], words[at:], cut=cut, dressed=dressed)
        if reading is None:
            continue
        rule, is_weak = reading
        if not is_weak:
            return Clue(entry.product, rule, False, descriptor)
        weak = weak or Clue(entry.product, rule, True, descriptor)
    return weak


def named_elsewhere(index: Index, body: str, words: list[str], descriptor: str) -> Clue | None:
    """Read a name before a star nobody knows, said twice, or behind its maker (`INTUIT LTD MAILCHIMP`).

    Args:
        index: the look-up tables.
        body: the line without what stands in front of the merchant.
        words: its words, two or more.
        descriptor: the whole line, for the clue.

    Returns:
        The clue; None if no name stands there either.
    """
    if words[0] in _SELLERS:
        found = named(index, words[1:], descriptor, cut=False, dressed=False)
        if found is not None and not found.weak and not found.product.common_word:
            return found
    if body.find("*", 1) > 0:
        front = statement_words(body.partition("*")[0])
        found = named(index, front, descriptor, cut=False, dressed=False)
        if found is not None and not found.weak:
            return found
        entry = index.names.get(front[0]) if len(front) == len(("name", "part")) else None
        if entry is not None and len(front[1]) <= _LONGEST_PART and is_famous(entry, front[:1]):
            return Clue(entry.product, "merchant_prefix", False, descriptor)  # `ACMELY SN *6108`
    if words[0] == words[1]:
        return named(index, words[1:], descriptor, cut=False)
    if len(words) > _FEWEST_WITH_COMPANY and not LEGAL_FORMS.isdisjoint(words):
        found = _behind_company(index, words, descriptor)
        if found is not None:
            return found
    lengths = index.maker_lengths(words[0])
    if not lengths >> len(words[0]):
        return None
    for end in range(min(3, len(words) - 1), 0, -1):
        maker = "".join(words[:end])
        makers = index.makers.get(maker) if lengths >> len(maker) & 1 else None
        if not makers:
            continue
        rest = words[end:]
        while len(rest) > 1 and CLASSES.get(rest[0], 0) & LEGAL:
            rest = rest[1:]
        found = named(index, rest, descriptor, cut=False)
        if found is not None and found.product.vendor in makers:
            return found.but(rule="merchant_name")
    return None


def _behind_company(index: Index, words: list[str], descriptor: str) -> Clue | None:
    """Read a coined name behind the company that nobody knows as its maker (`NORTHWIND GMBH ACMELY ULM`)."""
    for at in range(1, min(LONGEST_COMPANY, len(words) - 1)):
        if CLASSES.get(words[at], 0) & LEGAL:
            found = named(index, words[at + 1 :], descriptor, cut=False, dressed=False)
            if found is None or found.weak or found.product.common_word:
                return None
            return found if len(found.product.name) >= SHORTEST_GLUED_NAME else None
    return None


def _runs_on(entry: NameEntry, word: str, length: int) -> bool:
    """Say whether a name runs on into a reference or a legal form (`DROPBOX8H3BF9F4L6NH`, `ACMELYINC`)."""
    tail = word[length:]
    if length < SHORTEST_GLUED_NAME or not is_distinctive(entry, [word[:length]]):
        return False
    return _is_glued(tail, length) or tail.isdigit() or (len(tail) >= 6 and sum(map(str.isdigit, tail)) >= 2)


def _is_glued(tail: str, length: int) -> bool:
    """Say whether what a name runs on into is legal forms and words of a plan or a bill (`GMBHBUSINESS`).

    One letter that a star left may stand before a word, behind a long name (`ACMELYVIEWVPRODUCT`).
    """
    if tail in _GLUED_WORDS:
        return True
    for word in _GLUED_WORDS:
        if tail.startswith(word) and _is_glued(tail[len(word) :], 0):
            return True
    return length >= SHORTEST_WITH_STAR and len(tail) > SHORTEST_SOLD and tail[1:] in _GLUED_WORDS
