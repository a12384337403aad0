"""Names of which a network, a bank or a wallet left only the beginning, and names behind a reseller."""

from app.identify.beside import is_distinctive
from app.identify.classes import CLASSES, LEGAL, NOISE
from app.identify.index import SHORTEST_CUT_NAME, SHORTEST_GLUED_NAME, Index, NameEntry
from app.identify.leftover import ENDS
from app.identify.legal_forms import strip_company
from app.identify.merchants import Statement
from app.identify.normalise import fold, is_reference, words_of
from app.identify.records import Product
from app.identify.words import word_set

SHORTEST_SOLD = 5
SHORTEST_SOLD_CUT = 9
SHORTEST_LONE_CUT = 10
FEW_LETTERS = 2
NEARLY_CUT = 20
"""A line of so many characters may be as long as the network prints."""
_MOST_CUT_WORDS = 2
_LONGEST_CUT = 4
_VOWELS = frozenset("aeiouy")
_SHORTEST_CUT_WORD = 3
_LEAST_OF_SECOND = 2
"""So many letters of a name's second word are there before it is completed."""
_NAME_ENDINGS = word_set("com net org co uk de")
GLUED_FORMS = word_set(
    "inc incorporated llc ltd limited gmbh bv sas srl corp corporation sdnbhd pteltd ptyltd "
    "ptylimited oy ab plc com io"
)
"""Legal forms as they run into a name."""


def sold_by(index: Index, statement: Statement, words: list[str]) -> Product | None:
    """Read what stands behind a reseller: an ordinary word too, if that one sells nothing but software.

    A wallet glues the legal form to the name and cuts both (`ACMELYSDN`): that is read as well.
    """
    last = len(words)
    while last > 1 and (CLASSES.get(words[last - 1], 0) & ENDS or is_reference(words[last - 1])):
        last -= 1
    kept = strip_company(words[:last])
    key = "".join(kept)
    entry = index.names.get(key)
    software = statement.reseller is not None and statement.reseller.sells == "software"
    if entry is not None and software:
        return entry.product
    if entry is not None:
        return None
    if len(kept) != 1:
        return _before_cut_words(index, kept)
    for length in index.lengths_at(key, key):
        size = len(key) - length
        if size < 1 or length < SHORTEST_SOLD:
            continue
        entry = index.names.get(key[:length])
        if entry is not None and is_distinctive(entry, [key[:length]]) and _is_cut_form(key, size):
            return entry.product
    return None


def _before_cut_words(index: Index, words: list[str]) -> Product | None:
    """Read a coined name before words of which a wallet left some consonants (`ACMELY MKPL EN`)."""
    entry = index.names.get(words[0])
    if entry is None or not is_distinctive(entry, words[:1]) or len(words) > _MOST_CUT_WORDS + 1:
        return None
    cut = all(
        w.isalpha() and len(w) <= _LONGEST_CUT and (len(w) <= FEW_LETTERS or _VOWELS.isdisjoint(w))
        for w in words[1:]
    )
    return entry.product if cut and not index.may_name(words[1:]) else None


def _is_cut_form(key: str, size: int) -> bool:
    """Say whether a key ends in a legal form or the beginning of one; a short name needs more of it."""
    tail = key[-size:]
    if len(key) - size < SHORTEST_GLUED_NAME + 1 and size < _SHORTEST_CUT_WORD + 1:
        return False
    return any(form.startswith(tail) for form in GLUED_FORMS)


def cut_anywhere(index: Index, words: list[str]) -> Product | None:
    """Complete a coined name of several words that some bank cut inside its last one (`ACMELY BUSINE`)."""
    key, last = "".join(words), words[-1]
    if len(key) < SHORTEST_LONE_CUT or len(last) < _SHORTEST_CUT_WORD or index.is_ordinary(last):
        return None
    if index.is_ordinary(words[0]) or CLASSES.get(words[0], 0) or CLASSES.get(last, 0):
        return None
    entry = index.completed(key)
    if entry is None or entry.weak or not _was_cut(entry, words):
        return None
    return entry.product if len(words_of(fold(entry.written))) == len(words) else None


def completed(index: Index, words: list[str], joined: str, processed: bool) -> Product | None:
    """Complete a name the network cut at 22 or 25 characters, or a wallet at about 12."""
    shortest = SHORTEST_SOLD_CUT if processed else SHORTEST_CUT_NAME
    if not index.lengths(joined) >> max(shortest, len(words[0])):
        return None
    last = len(words)
    while last > 1 and (CLASSES.get(words[last - 1], 0) & NOISE or is_reference(words[last - 1])):
        last -= 1
    texts = [words]
    # Before a legal form or an ending like `.COM` nothing was cut off.
    whole = last == len(words) or CLASSES.get(words[last], 0) & LEGAL or words[last] in _NAME_ENDINGS
    if not whole and (processed or len(" ".join(words[:last])) >= NEARLY_CUT - 2):
        texts.append(words[:last])
    for text in texts:
        key = "".join(text)
        entry = index.completed(key) if len(key) >= shortest else None
        if entry is not None and _was_cut(entry, text):
            return entry.product
    return None


def _was_cut(entry: NameEntry, text: list[str]) -> bool:
    """Say whether a text is a longer name cut off: inside a word, spaced as it is, not in its first word.

    `INDEPENDENT` is no Independent Analytics, and `FREE LANCE` no Freelancer.
    """
    whole = words_of(fold(entry.written))
    if len(text) > 1 and text[:-1] != whole[: len(text) - 1]:
        return False
    key, joined = "".join(text), ""
    if len(whole) > 1 and len(key) < len(whole[0]) + _LEAST_OF_SECOND:
        return False
    for word in whole:
        joined += word
        if len(joined) >= len(key):
            break
    return joined != key and text[-1] not in _NAME_ENDINGS
