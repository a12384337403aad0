"""Read labels that say more than a name: a tagline behind it, a name in brackets, a maker behind "by".

Consent screens and SSO portals are full of them: "Acmely: Grammar Checker", "Brand Portal (Acmely)",
"Acmely Podcast Hosting". What stands beside the name must be harmless: descriptive words. Words of
things that others build round a product, and words that ask for trust, stop the reading.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.identify.describing import BAIT, DESCRIPTIVE, EVENT_WORDS, FOREIGN_WORK, ORDINARY, PLUGIN
from app.identify.index import Index, NameEntry, company_key, host_of_name
from app.identify.normalise import fold, squash, words_of
from app.identify.records import Product
from app.identify.words import word_set

SHORTEST_COINED = 5
"""A single coined word leads a label only from this length on."""
_LONGEST_NAME = 4
_LONGEST_OWNER = 2
_LONGEST_LINE = 3
_MOST_PRODUCTS = 4
"""A maker of more products gives each a name of its own; an unknown one is none of those known."""
_LAST_LATIN = "\u024f"
_LAST_ALIKE = 0x58F
"""The last letter of the Latin, Greek, Cyrillic and Armenian blocks."""
_STRANGE = FOREIGN_WORK | BAIT | PLUGIN | EVENT_WORDS
_JOINING = word_set("by from formerly ex part of now was previously fka aka a an")

_DASH = re.compile(r"\s+(?:[-–—|·•:~]+|--)\s+|:\s+|\s*[|—–]\s*")
_BRACKETED = re.compile(r"(.*?)\s*[(\[]([^()\[\]]{2,60})[)\]]")
_BY = re.compile(r"\s+(?:by|from)\s+")


class Dressed(NamedTuple):
    """A product read out of a label: by which rule, and whether it still needs a second signal."""

    product: Product
    rule: str
    weak: bool


def read_dressed(index: Index, folded: str, words: list[str]) -> Dressed | None:
    """Read a folded label that is no name as a whole.

    Args:
        index: the look-up tables.
        folded: the label after `fold`.
        words: its words.

    Returns:
        The product with its rule: `maker+name` (the maker, then the name), `titled_name` (a tagline
        follows a dash or colon), `bracketed_name`
        (a description, then the name), `owned_name` (whose it is, a dash, then a coined name),
        `leading_name` (a coined name, then descriptive words only).
    """
    if len(words) < 2:
        return None
    made = _made_by(index, folded) if "by" in words or "from" in words else None
    if made is not None:
        return made
    if folded[-1] in ")]" or "/" in folded:
        known = _known_twice(index, folded)
        if known is not None:
            return known
    if not FOREIGN_WORK.isdisjoint(words) or not BAIT.isdisjoint(words[1:]):
        return None
    titled = _titled(index, folded)
    if titled is not None and not titled.weak:
        return titled
    within = _within_maker(index, words)
    if within is not None:
        return within
    return _bracketed(index, folded) or _leading(index, folded, words) or titled


def is_distinctive(entry: NameEntry, words: Sequence[str]) -> bool:
    """Say whether a name is so much a product's own that further words leave no doubt about it.

    Args:
        entry: what the name leads to.
        words: the name's words as they stand in the text.
    """
    if entry.weak or entry.rule == "legal_name":
        return False
    key = "".join(words)
    if key in ORDINARY or key in DESCRIPTIVE:
        return False
    if all(w in DESCRIPTIVE for w in words) and not fold(entry.product.vendor).startswith(words[0]):
        return False
    if len(words) == 1:
        return len(key) >= SHORTEST_COINED and not key.isdigit()
    if len(words) > len(words_of(fold(entry.written))):
        return False  # `Photo Room Booking` is about rooms, not PhotoRoom
    return len(key) > SHORTEST_COINED


def _made_by(index: Index, folded: str) -> Dressed | None:
    """Read `Acmely by Acme Corp`: a name, then its true maker."""
    parts = _BY.split(folded, maxsplit=1)
    entry = index.names.get(squash(parts[0])) if len(parts) == 2 else None
    if entry is None or company_key(parts[1]) not in _makers(entry.product):
        return None
    return Dressed(entry.product, "titled_name", False)


def _makers(product: Product) -> set[str]:
    names = (product.vendor, product.owner, *product.publishers, *product.legal_names)
    return {company_key(name) for name in names if name}


def _titled(index: Index, folded: str) -> Dressed | None:
    """Read the part before a dash, bar or colon as the name, else the last part behind a description."""
    parts = [part for part in _DASH.split(folded) if part]
    if len(parts) < 2:
        return None
    entry = _named(index, parts[0])
    if entry is not None:
        tail = " ".join(parts[1:])
        return Dressed(entry.product, "titled_name", entry.weak and not _hinted(index, entry.product, tail))
    last = _named(index, parts[-1])
    if last is not None and not last.weak and _describes(words_of(" ".join(parts[:-1]))):
        return Dressed(last.product, "bracketed_name", False)
    if last is not None and len(parts) == 2 and is_distinctive(last, words_of(parts[1])):
        owner = words_of(parts[0])
        if len(owner) <= _LONGEST_OWNER and PLUGIN.isdisjoint(owner) and not index.may_name(owner):
            return Dressed(last.product, "owned_name", False)
    return None


def _hinted(index: Index, product: Product, text: str) -> bool:
    """Say whether a text has a word by which products of this one's category describe themselves."""
    category = index.categories.get(product.category)
    hints = set(category.words + category.tagline) if category else set()
    return not hints.isdisjoint(words_of(text))


def _named(index: Index, part: str) -> NameEntry | None:
    """Read a part as an exact name; a product's own host name is as good."""
    entry = index.names.get(squash(part))
    if entry is None or entry.weak:
        product = _at_host(index, part)
        if product is not None:
            return NameEntry(product, "name", False, part)
    return entry if entry is None or entry.rule != "legal_name" or not entry.weak else None


def _at_host(index: Index, text: str) -> Product | None:
    host = host_of_name(text)
    hit = index.host(host) if host else None
    return hit[0] if hit else None


def _bracketed(index: Index, folded: str) -> Dressed | None:
    """Read `Brand Portal (Acmely)`: a description, then the name in brackets."""
    found = _BRACKETED.fullmatch(folded)
    if found is None:
        return None
    entry = _named(index, found[1])
    if entry is not None:
        return Dressed(
            entry.product, "titled_name", entry.weak and not _hinted(index, entry.product, found[2])
        )
    entry = _named(index, found[2])
    if entry is None or entry.weak or not _describes(words_of(found[1])):
        return None
    return Dressed(entry.product, "bracketed_name", False)


def _known_twice(index: Index, folded: str) -> Dressed | None:
    """Read a name with its maker or another name beside it: `Acmely (by Acme Corp)`, `Acmely / Oldname`."""
    if "/" in folded:
        parts = [part.strip() for part in folded.split("/")]
        entries = [_named(index, part) for part in parts]
        first = entries[0]
        if first is None or any(e is None or e.product.vendor != first.product.vendor for e in entries):
            return None
        return Dressed(first.product, "titled_name", False)
    found = _BRACKETED.fullmatch(folded)
    entry = _named(index, found[1]) if found else None
    if found is None or entry is None or not _same(index, entry, found[2]):
        return None
    return Dressed(entry.product, "titled_name", False)


def _same(index: Index, entry: NameEntry, text: str) -> bool:
    """Say whether a text names the product by another name, or its maker (`by Acme`, `formerly Oldname`)."""
    words = words_of(text)
    while len(words) > 1 and words[0] in _JOINING:
        words = words[1:]
    other = index.names.get("".join(words))
    if other is not None and other.product is entry.product and not other.weak:
        return True
    return company_key(" ".join(words)) in _makers(entry.product)


def _describes(words: Sequence[str]) -> bool:
    """Say whether words only describe what a name is used for, and not something that plugs into it."""
    return bool(words) and all(w in DESCRIPTIVE or w == "for" for w in words) and PLUGIN.isdisjoint(words)


def _leading(index: Index, folded: str, words: list[str]) -> Dressed | None:
    """Read a distinctive name, or a product's host name, that only descriptive words follow."""
    first, _, rest = folded.partition(" ")
    product = _at_host(index, first.strip(",;:")) if rest and "." in first else None
    if product is not None and _follows(index, product, words_of(rest)):
        return Dressed(product, "leading_name", False)
    for cut in range(min(len(words) - 1, _LONGEST_NAME), 0, -1):
        entry = index.names.get("".join(words[:cut]))
        if entry is None or entry.weak:
            continue
        # Words of another script say what it is for; they make no other Latin name of an ordinary one.
        sure = is_distinctive(entry, words[:cut]) or any(map(_other_script, words[cut:]))
        if sure and _follows(index, entry.product, words[cut:]):
            return Dressed(entry.product, "leading_name", False)
    return _product_line(index, words)


def _product_line(index: Index, words: list[str]) -> Dressed | None:
    """Read a coined name before one word nobody knows: a part of the product has it (`Acmely Journeys`)."""
    for cut in range(min(len(words) - 1, _LONGEST_NAME), 0, -1):
        entry = index.names.get("".join(words[:cut]))
        tail = words[cut:]
        if entry is None or not is_distinctive(entry, words[:cut]) or len(tail) > _LONGEST_LINE:
            continue
        if len(index.made_by[entry.product.vendor]) > _MOST_PRODUCTS:
            continue
        unknown = [word for word in tail if word not in DESCRIPTIVE]
        if len(unknown) != 1 or not _is_plain(unknown[0]):
            continue
        if _STRANGE.isdisjoint(tail) and not _names_others(index, tail, entry.product):
            return Dressed(entry.product, "product_line", False)
    return None


def _names_others(index: Index, words: list[str], product: Product) -> bool:
    """Say whether words surely name a product of another maker."""
    return any(not e.weak and e.product.vendor != product.vendor for e, _, _ in index.names_within(words))


def _within_maker(index: Index, words: list[str]) -> Dressed | None:
    """Read a product behind its maker or behind another name of the same maker (`Acme Acmely Sandbox`)."""
    for cut in range(min(len(words) - 1, _LONGEST_OWNER + 1), 0, -1):
        makers = index.makers.get("".join(words[:cut]))
        if not makers:
            continue
        for end in range(len(words), cut, -1):
            entry = index.names.get("".join(words[cut:end]))
            if entry is None or entry.product.vendor not in makers or entry.rule == "legal_name":
                continue
            if end == len(words) or _follows(index, entry.product, words[end:]):
                return Dressed(entry.product, "maker+name", False)
    return None


def _is_plain(word: str) -> bool:
    """Say whether a word is written in Latin letters, a number behind them or not: `F0nts`, `tν` imitate."""
    letters = word.rstrip("0123456789")
    return (letters.isalpha() or not letters) and max(word) <= _LAST_LATIN


def _follows(index: Index, product: Product, tail: Sequence[str]) -> bool:
    own = index.category_words.get(product.category, frozenset())
    maker = words_of(fold(product.vendor))
    if tail[-1:] == ["for"]:
        return False
    return all(w in DESCRIPTIVE or w in own or w in maker or w == "for" or _other_script(w) for w in tail)


def _other_script(word: str) -> bool:
    """Say whether a word is in a script of which no letter looks Latin: it describes, it does not imitate."""
    return ord(min(word)) > _LAST_ALIKE
