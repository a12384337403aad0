"""Read labels that say more than a name: a tagline behind it, a name in brackets, a maker behind "by".

Consent screens and SSO portals are full of them: "Acmely: Grammar Checker", "Brand Portal (Acmely)",
"Acmely Podcast Hosting". What stands beside the name must be harmless: descriptive words. Words of
things that others build round a product, and words that ask for trust, stop the reading.
"""

import re
from itertools import accumulate

from app.identify.beside import Dressed, describes, fits, product_at, read_beside
from app.identify.classes import CLASSES, EDITIONAL, REGIONAL, SURROUNDING
from app.identify.describing import BAIT, DESCRIPTIVE, FOREIGN_WORK, PLUGIN
from app.identify.index import Index, NameEntry
from app.identify.keys import company_key
from app.identify.normalise import bare_words, clean_host, fold, squash, words_of
from app.identify.records import Product
from app.identify.trade_words import DEPARTMENTS, PORTAL_NAMES
from app.identify.trust import asks_for_trust
from app.identify.words import word_set

_LONGEST_OWNER = 3
_LONGEST_ABBREVIATION = 4
_JOINING = word_set("by from formerly ex part of now was previously fka aka a an")
_STRANGE = FOREIGN_WORK | BAIT
_BESIDE = SURROUNDING | REGIONAL | EDITIONAL

_CLOSING = frozenset(")]")
_DASH = re.compile(r"\s+(?:[-‐‑–—|·•:~]+|--)\s+|:\s+|\s*[|—–_]\s*")
_BRACKETED = re.compile(r"(.*?)(?<!\s)\s*+[(\[]([^()\[\]]{2,60})[)\]]")
_OWNER_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,40})[)\]]\s*(.+)")
_LAST_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{1,40}[)\]]$")
_BY = re.compile(r"\s+(?:(?:powered|made|provided|built)\s+)?(?:by|from)\s+")


def read_dressed(index: Index, label: str, folded: str, words: list[str]) -> Dressed | None:
    """Read a label that is no name as a whole.

    Args:
        index: the look-up tables.
        label: as it was typed.
        folded: the label after `fold`.
        words: its words.

    Returns:
        The product with its rule: `maker+name` (the maker, then the name), `titled_name` (a tagline
        follows a dash or colon), `bracketed_name` (a description, then the name), `owned_name` (whose it
        is, a dash, then the name), or one of `read_beside`.
    """
    if len(words) < 2:
        return None
    made = _made_by(index, folded) if "by" in words or "from" in words else None
    if made is not None:
        return made
    if folded == " ".join(words):
        return _without_marks(index, label, folded, words)
    if "(" in folded or "[" in folded or "/" in folded:
        known = _known_twice(index, folded, words)
        if known is not None:
            return known
    if not FOREIGN_WORK.isdisjoint(words) or asks_for_trust(words[1:]):
        return read_beside(index, label, folded, words)
    titled = _titled(index, folded)
    if titled is not None and not titled.weak:
        return titled
    within = _within_maker(index, bare_words(words))
    if within is not None:
        return within
    return _bracketed(index, folded) or read_beside(index, label, folded, words) or titled


def _without_marks(index: Index, label: str, folded: str, words: list[str]) -> Dressed | None:
    """Read a label with nothing but spaces between its words: no tagline and no brackets are to be found."""
    if FOREIGN_WORK.isdisjoint(words) and not asks_for_trust(words[1:]):
        within = _within_maker(index, bare_words(words))
        if within is not None:
            return within
    return read_beside(index, label, folded, words)


def _made_by(index: Index, folded: str) -> Dressed | None:
    """Read a name, then its true maker (`Acmely by Acme Corp`), or what a maker's one product does."""
    parts = _BY.split(folded, maxsplit=1)
    if len(parts) < 2:
        return None
    entry = index.names.get(squash(parts[0]))
    if entry is not None:
        known = company_key(parts[1]) in _makers(entry.product)
        return Dressed(entry.product, "titled_name", False) if known else None
    maker = _named(index, _bare(parts[1]))
    if maker is None or maker.weak or not BAIT.isdisjoint(words_of(parts[0])):
        return None
    return Dressed(maker.product, "bracketed_name", False) if describes(words_of(parts[0])) else None


def _makers(product: Product) -> set[str]:
    names = (product.vendor, product.owner, *product.publishers, *product.legal_names)
    return {company_key(name) for name in names if name}


def _titled(index: Index, folded: str) -> Dressed | None:
    """Read the part before a dash, bar or colon as the name, else the last part behind a description."""
    parts = [part for part in _DASH.split(folded) if part]
    if len(parts) < 2 and folded.count("-") == 1 and folded.partition("-")[0] in PORTAL_NAMES:
        parts = folded.split("-")
    if len(parts) < 2 and " / " in folded:
        front, _, tail = folded.partition(" / ")
        other = any(not entry.weak for entry, _, _ in index.names_within(words_of(tail)))
        parts = parts if other else [front, tail]
    if len(parts) < 2:
        found = _OWNER_IN_BRACKETS.fullmatch(folded)
        return _owned(index, found[1], found[2]) if found else None
    entry = _named(index, parts[0])
    if entry is not None:
        tail = " ".join(parts[1:])
        if entry.weak and _of_company(index, entry, tail):
            return Dressed(entry.product, "portal_name", False)
        return Dressed(entry.product, "titled_name", entry.weak and not _hinted(index, entry.product, tail))
    front = words_of(parts[0])
    if "(" in parts[0]:
        known = _known_twice(index, parts[0], front)
        if known is not None:
            return known
    lead = read_beside(index, parts[0], parts[0], front) if len(front) > 1 else None
    if lead is not None and lead.rule == "leading_name":
        return Dressed(lead.product, "titled_name", False)
    last = _named(index, parts[-1])
    if last is not None and not last.weak and describes(words_of(" ".join(parts[:-1]))):
        return Dressed(last.product, "bracketed_name", False)
    while len(parts) > 2 and all(CLASSES.get(word, 0) & _BESIDE for word in words_of(parts[-1])):
        parts = parts[:-1]
    return _owned(index, parts[0], parts[1]) if len(parts) == 2 else None


def _of_company(index: Index, entry: NameEntry, tail: str) -> bool:
    """Say whether behind a word that means one product at work stands only which part of a company has it."""
    if squash(fold(entry.written)) not in PORTAL_NAMES:
        return False
    return all(_is_department(word) or _is_abbreviation(index, word) for word in words_of(tail))


def _is_abbreviation(index: Index, word: str) -> bool:
    """Say whether a word is what a company shortens a part of it to, or itself (`BU2`, `SDR`, `NWT`)."""
    letters = word.rstrip("0123456789")
    if len(letters) > _LONGEST_ABBREVIATION or not letters.isalpha() or not letters.isascii():
        return False
    return word not in CLASSES and not index.is_ordinary(word) and word not in index.names


def _is_department(word: str) -> bool:
    """Say whether a word is a department, a region, an environment, or two departments written as one."""
    if word in DEPARTMENTS or CLASSES.get(word, 0) & (SURROUNDING | REGIONAL):
        return True
    return any(word[:at] in DEPARTMENTS and word[at:] in DEPARTMENTS for at in range(2, len(word) - 1))


def _owned(index: Index, owner: str, part: str) -> Dressed | None:
    """Read a sure name that stands apart behind its owner's: `Northwind - Acmely (Prod)`."""
    entry = _named(index, _bare(part))
    front = words_of(owner)
    if entry is None or entry.weak or entry.rule == "legal_name" or entry.product.common_word:
        return None
    if squash(fold(entry.written)) in DESCRIPTIVE or not 0 < len(front) <= _LONGEST_OWNER:
        return None
    if not PLUGIN.isdisjoint(front) or index.may_name(front):
        return None
    return Dressed(entry.product, "owned_name", False)


def _bare(part: str) -> str:
    """Take an environment, a region and brackets off the end of a part of a label."""
    words = words_of(_LAST_BRACKETS.sub("", part))
    return " ".join(bare_words(words)) if words else part


def _hinted(index: Index, product: Product, text: str) -> bool:
    """Say whether a text has a word by which products of this one's category describe themselves."""
    category = index.categories.get(product.category)
    hints = set(category.words + category.tagline) if category else set()
    return not hints.isdisjoint(words_of(text))


def _named(index: Index, part: str) -> NameEntry | None:
    """Read a part as an exact name; a product's own host name is as good."""
    entry = index.names.get(squash(part))
    if entry is None or entry.weak:
        product = product_at(index, part)
        if product is not None:
            return NameEntry(product, "name", False, part)
    return entry if entry is None or entry.rule != "legal_name" or not entry.weak else None


def _bracketed(index: Index, folded: str) -> Dressed | None:
    """Read `Brand Portal (Acmely)`: a description, then the name in brackets."""
    found = _BRACKETED.fullmatch(folded) if folded[-1:] in _CLOSING else None
    if found is None:
        return None
    entry = _named(index, found[1])
    if entry is not None and entry.weak and _of_company(index, entry, found[2]):
        return Dressed(entry.product, "portal_name", False)
    if entry is not None:
        return Dressed(
            entry.product, "titled_name", entry.weak and not _hinted(index, entry.product, found[2])
        )
    entry = _named(index, found[2])
    if entry is None or entry.weak or not describes(words_of(found[1])):
        return None
    return Dressed(entry.product, "bracketed_name", False)


def addressed(index: Index, folded: str) -> Product | None:
    """Read a label with its product's own address in brackets (`Acme Administration (https://acme.com)`).

    Args:
        index: the look-up tables.
        folded: the label after `fold`.

    Returns:
        The product at home there, if the label has a name of its maker's before it and asks for no
            trust; else None.
    """
    found = _BRACKETED.fullmatch(folded)
    host = clean_host(found[2]) if found is not None and "." in found[2] else None
    hit = index.host(host) if host is not None else None
    if found is None or hit is None:
        return None
    words = words_of(found[1])
    if asks_for_trust(words) or not FOREIGN_WORK.isdisjoint(words):
        return None
    named = any(e.product.vendor == hit[0].vendor for e, _, _ in index.names_within(words))
    return hit[0] if named else None


def _known_twice(index: Index, folded: str, words: list[str]) -> Dressed | None:
    """Read a name with its maker or another name beside it: `Acmely (by Acme Corp)`, `Acmely / Oldname`."""
    if "/" in folded:
        parts = [part.strip() for part in folded.split("/")]
        entries = [_named(index, part) for part in parts]
        first = entries[0]
        if first is not None and all(e and e.product.vendor == first.product.vendor for e in entries):
            return Dressed(first.product, "titled_name", False)
    found = _BRACKETED.fullmatch(_until_brackets(folded))
    entry = _named(index, found[1]) if found else None
    if found is not None and entry is not None and _same(index, entry, found[2]):
        return Dressed(entry.product, "titled_name", False)
    if not _STRANGE.isdisjoint(words):
        return None
    return _by_two_names(index, words)


def _until_brackets(folded: str) -> str:
    """Take environments and ways of signing on off behind the last brackets (`Acmely (Acme) SSO`)."""
    text, bracket, behind = folded.rpartition(")")
    if bracket and all(CLASSES.get(word, 0) & (SURROUNDING | REGIONAL) for word in words_of(behind)):
        return text + bracket
    return folded


def _by_two_names(index: Index, words: list[str]) -> Dressed | None:
    """Read a label that begins with a name and holds another one of the product: `Word (Oldname) Suite`."""
    if not any(index.names.get(key) for key in accumulate(words)):
        return None
    first = None
    for entry, at, end in index.names_within(words):
        if first is None:
            if at:
                return None
            first = (entry, end)
            continue
        front, behind = first
        other = at >= behind and entry.product is front.product and entry.written != front.written
        if other and not (entry.weak and front.weak):
            return Dressed(entry.product, "titled_name", False)
    return None


def _same(index: Index, entry: NameEntry, text: str) -> bool:
    """Say whether a text names the product by another name, or its maker (`by Acme`, `formerly Oldname`)."""
    words = words_of(text)
    while len(words) > 1 and words[0] in _JOINING:
        words = words[1:]
    other = index.names.get("".join(words))
    if other is not None and other.product is entry.product and not other.weak:
        return True
    return company_key(" ".join(words)) in _makers(entry.product)


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
            if end == len(words) or fits(index, entry.product, words[end:]):
                return Dressed(entry.product, "maker+name", False)
    return None
