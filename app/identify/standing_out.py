"""Coined names that stand out wherever they stand: among words of a line or a label that no rule foresaw.

The other rules explain every word beside a name. These come last; they ask less of the words and more of the
name: it must be long, coined, and listed as no word of any language. What stands beside it must not make it
another company's: no shop's word, no word of the language, no other maker's name, no legal form behind a
word that nobody knows.
"""

import re
from collections.abc import Callable

from app.identify.bank_words import BANK_TOKENS
from app.identify.classes import (
    AREA,
    CLASSES,
    DESCRIBING,
    EDITIONAL,
    EVENT,
    FOREIGN,
    LEGAL,
    PART,
    PLACED,
    REGIONAL,
    SOFTWARE,
    SURROUNDING,
)
from app.identify.describing import FOREIGN_WORK, ORDINARY, PLUGIN
from app.identify.fame import is_known
from app.identify.index import Index, NameEntry
from app.identify.leftover import IN_COMPANY_NAMES, ends_a_line, is_shop_s
from app.identify.normalise import fold, squash, words_of
from app.identify.trade_words import BILLED_WORDS, SHOP_WORDS
from app.identify.trust import TRAPS, asks_for_trust, lures
from app.identify.words import word_set

SHORTEST = 6
"""A name stands out only from so many letters on."""
_PLATFORMS = word_set("facebook instagram linkedin pinterest tiktok whatsapp youtube")
"""In a label they are what something works with; a bill with their name is theirs."""
_LONGEST_LINE, _LONGEST_LABEL = 12, 9
"""Texts of more words are sentences, in which a name may be anybody's."""
_MOST_BANK_WORDS = 8
_MOST_LETTERS = 3
"""A date has so many letters beside its digits."""
_BESIDE = DESCRIBING | AREA | PART | PLACED | SOFTWARE
_BILLED = BILLED_WORDS - IN_COMPANY_NAMES
_MOST_UNKNOWN = 2
_MOST_BEFORE = 1
_ADDRESS = re.compile(r"[a-z0-9-]\.[a-z]{2,}(?![a-z.])|@")
_JOINING = word_set("for by from with and to of in on as at")
_LONGEST_PART = 4
_JOINED = 12
"""A name of two words counts as one from so many letters on, written together."""


def bank_words_end(pieces: list[str]) -> int:
    """Count the words in front of a line that banks print there, one by one.

    Args:
        pieces: the folded line, split at spaces.
    """
    at = 0
    while at < min(len(pieces) - 1, _MOST_BANK_WORDS) and is_banks(pieces[at]):
        at += 1
    return at


def is_banks(piece: str) -> bool:
    """Say whether a word in front of a line is a bank's: a word of its own, a number, a hidden card."""
    words = words_of(piece)
    return all(w in BANK_TOKENS or _is_number(w) or (len(w) == 1 < len(words)) for w in words)


def _is_number(word: str) -> bool:
    """Say whether a word is a number, a date or a hidden card: `5402xxxx`, `12mar24`."""
    return any(map(str.isdigit, word)) and sum(map(str.isalpha, word.replace("x", ""))) <= _MOST_LETTERS


def outstanding(index: Index, text: str, words: list[str]) -> NameEntry | None:
    """Give the coined name of one word that stands out on a statement line.

    Args:
        index: the look-up tables.
        text: the folded line.
        words: its words.
    """
    if len(words) > _LONGEST_LINE:
        return None
    return _alone(
        index, text, words, _PLATFORMS, lambda entry, at: _fits(index, entry, words[:at], words[at + 1 :])
    )


def outstanding_in_label(index: Index, text: str, words: list[str]) -> NameEntry | None:
    """Give the coined name of one word that stands out in a label of an application.

    Args:
        index: the look-up tables.
        text: the folded label.
        words: its words.
    """
    if len(words) > _LONGEST_LABEL or not FOREIGN_WORK.isdisjoint(words):
        return None
    if asks_for_trust(words) or lures(words):
        return None
    return _alone(index, text, words, frozenset(), lambda _, at: _fits_label(index, words, at))


def _alone(
    index: Index,
    text: str,
    words: list[str],
    platforms: frozenset[str],
    fits: Callable[[NameEntry, int], bool],
) -> NameEntry | None:
    """Give the first coined name among words, if no other maker's is there and what is beside each fits it.

    Args:
        index: the look-up tables.
        text: the folded text.
        words: its words.
        platforms: names that count as coined here, though others work with what they name.
        fits: whether the words round the one at a place leave the name its product's.
    """
    if index.names.keys().isdisjoint(words) or holds_address(text):
        return None
    found: NameEntry | None = None
    for at, word in enumerate(words):
        entry = index.names.get(word)
        if entry is None or not _is_coined(index, entry, word, platforms):
            continue
        if found is not None and found.product.vendor != entry.product.vendor:
            return None
        if not fits(entry, at):
            return None
        found = found or entry
    return found


def of_one_maker(index: Index, words: list[str]) -> NameEntry | None:
    """Read a label that lists several products of one maker (`Acmely & Acmechart (Acme Cloud)`).

    Returns:
        What the first of the names leads to; None if anything else is named, or only one is.
    """
    if len(words) > _LONGEST_LABEL or not FOREIGN_WORK.isdisjoint(words) or asks_for_trust(words):
        return None
    found: list[NameEntry] = []
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + _LONGEST_PART), at, -1):
            entry = index.names.get("".join(words[at:end]))
            if entry is not None and not entry.weak:
                found.append(entry)
                at = end
                break
        else:
            if not CLASSES.get(words[at], 0) and words[at] != "and":
                return None
            at += 1
    first = found[0] if len(found) > 1 else None
    alike = first is not None and all(e.product.vendor == first.product.vendor for e in found)
    return first if alike else None


def _fits_label(index: Index, words: list[str], at: int) -> bool:
    """Say whether what stands beside a name leaves it the product's: whose it is before it, or what it is."""
    front, rest = words[:at], words[at + 1 :]
    if any(w in index.names and not CLASSES.get(w, 0) for w in (*front, *rest)):
        return False  # another product's name
    if any((other := index.names.get(w)) is not None and is_known(other.product) for w in front):
        return False
    if _unknown(rest) or not SHOP_WORDS.isdisjoint(words) or words[-1] in _JOINING:
        return False
    if not PLUGIN.isdisjoint(front):
        return False
    before = _unknown(front)
    if not before:
        return True
    # Whose it is, if what stands behind says that it is somebody's copy: `Northwind Acmely Enterprise`.
    told = any(CLASSES.get(w, 0) & (SURROUNDING | REGIONAL | EDITIONAL) for w in rest)
    if not told or len(before) > _MOST_BEFORE or not TRAPS.isdisjoint(before):
        return False
    return not any(map(index.is_ordinary, before))


def holds_address(text: str) -> bool:
    """Say whether a text holds an address: anybody may have registered it, and may call it anything."""
    return ("." in text or "@" in text) and _ADDRESS.search(text) is not None


def _unknown(words: list[str]) -> list[str]:
    """List the words of a label that say neither what software is nor whose copy of it."""
    return [w for w in words if not (CLASSES.get(w, 0) or w.isdigit() or len(w) == 1)]


def _is_coined(index: Index, entry: NameEntry, word: str, platforms: frozenset[str]) -> bool:
    """Say whether a word is nothing but the name of a product, wherever it stands."""
    return (
        len(word) >= SHORTEST
        and not entry.weak
        and entry.rule in {"name", "alias", "former_name"}
        and ((word not in CLASSES and word not in ORDINARY) or word in platforms)
        and word.isalpha()
        and not index.is_ordinary(word)
        and not entry.product.common_word
        and entry.product.domain not in index.reseller_hosts
        and squash(fold(entry.product.name)) not in index.sellers
        and (len(word) >= _JOINED or len(words_of(fold(entry.written))) == 1)
    )


def _fits(index: Index, entry: NameEntry, front: list[str], rest: list[str]) -> bool:
    """Say whether no word of a line makes it another merchant's than the one the name stands for."""
    before = [w for w in front if not is_banks(w) and not ends_a_line(w)]
    behind = [w for w in rest if not (ends_a_line(w) or CLASSES.get(w, 0) & _BESIDE or w in _BILLED)]
    unknown = [*before, *behind]
    software = any(CLASSES.get(w, 0) & (DESCRIBING | SOFTWARE) or w in BILLED_WORDS for w in rest)
    if len(before) > _MOST_BEFORE or len(unknown) > (_MOST_UNKNOWN if software else 1):
        return False
    if "and" in front or "and" in rest or any(CLASSES.get(w, 0) & (EVENT | FOREIGN) for w in rest):
        return False
    if any(map(is_shop_s, (*rest, *before))) or any(map(index.is_ordinary, unknown)):
        return False
    if any(_is_another_s(index, entry, w) for w in unknown):
        return False
    # `QUARZEL ACMELY LTD` is a company of that whole name.
    return not (unknown and any(CLASSES.get(w, 0) & LEGAL for w in (*front, *rest)))


def _is_another_s(index: Index, entry: NameEntry, word: str) -> bool:
    """Say whether a word is another maker's name or a product's of another maker."""
    other = index.names.get(word)
    if other is not None and not other.weak and other.product.vendor != entry.product.vendor:
        return True
    makers = index.makers.get(word)
    return bool(makers) and entry.product.vendor not in makers
