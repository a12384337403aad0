"""What may stand beside a product's name in a label: behind it what it does, before it whose it is.

A name that is so much its product's own (`is_distinctive`) keeps its meaning beside words of the trade. A
name that is also a word needs words of its own trade, or words of its own other names. Words by which
look-alikes ask for trust, and words of what others build round a product, stop the reading, unless the
product is itself such a thing.
"""

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from app.identify.classes import (
    AREA,
    BAITING,
    BUSINESS,
    CLASSES,
    DESCRIBING,
    FOREIGN,
    LEGAL,
    REGIONAL,
    SOFTWARE,
    STATE,
    SURROUNDING,
    VAGUE,
)
from app.identify.describing import BAIT, DESCRIPTIVE, EVENT_WORDS, FOREIGN_WORK, ORDINARY, PLUGIN
from app.identify.fame import is_known, is_met_everywhere
from app.identify.index import Index, NameEntry
from app.identify.keys import host_of_name
from app.identify.normalise import LONGEST, fold, without_marketplace, words_of
from app.identify.own_words import OwnWords
from app.identify.records import Product
from app.identify.trade_words import DEPARTMENTS, SHOP_WORDS
from app.identify.trust import TRAPS, asks_for_trust, asks_in_other_script, lures
from app.identify.words import REGION, word_set

SHORTEST_COINED = 5
"""A single coined word leads a label only from this length on."""
SHORTEST_KNOWN = 3
"""The same of a product that everybody knows, before words that are all explained."""
LONGEST_NAME = 4
_LONGEST_OWNER = 3
_LONGEST_INITIALS = 5
_MOST_PRODUCTS = 4
"""A maker of more products gives each a name of its own; an unknown one is none of those known."""
_LAST_LATIN = "\u024f"
_LAST_ALIKE = 0x58F
"""The last letter of the Latin, Greek, Cyrillic and Armenian blocks."""
_ALIKE = re.compile(
    "[\u1200-\u139f\u13a0-\u169f\u1c80-\u1c8f\u1d00-\u1fff\u2c60-\u2cff\u2de0-\u2dff"
    "\ua4d0-\ua4ff\ua640-\ua69f\ua720-\ua7ff\uab30-\uabbf\U00010280-\U0001057f]"
)
"""Their later blocks, and scripts whose letters look Latin: Cherokee, Coptic, Lisu and old ones."""
_EXPLAINED = DESCRIBING | SOFTWARE | SURROUNDING | REGIONAL | AREA
_BEHIND = SURROUNDING | REGIONAL
_STRANGE = FOREIGN_WORK | BAIT
_NO_OWNER = _STRANGE | PLUGIN
_MISUSED = _STRANGE | PLUGIN | EVENT_WORDS
_SHORTEST_PART = 3
"""Fewer letters are no part's name (`SharePoint-ss`), but they may be a country (`Acmely dk`)."""
_ACCOUNT = word_set("account accounts")
_PARTS = word_set("department departments dept division team teams")
"""What companies are made of."""
_USERS = word_set(
    "advertisers agencies business businesses companies creators education enterprise freelancers marketers "
    "marketing nonprofits publishers sales schools small startups teams"
)
"""Whom makers sell an edition to."""
_NUMBERED = REGION | {"ap", "dc"}
_LONGEST_ABBREVIATION = 4
_OF = word_set("de von of di da do du del")
_CONVINCING = 2
"""So many words of its own trade or names tell a name that is an ordinary word."""


class Dressed(msgspec.Struct, frozen=True, gc=False):
    """A product read out of a label: by which rule, and whether it still needs a second signal."""

    product: Product
    rule: str
    weak: bool


class _Tail(msgspec.Struct, frozen=True):
    """Words beside a name: which of them nobody knows, and how well the others fit the product.

    `convincing` are words of its own, `trade` any that only the software trade uses.
    """

    unknown: list[str]
    convincing: bool
    trade: bool


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


def is_famous(entry: NameEntry, words: Sequence[str]) -> bool:
    """Say whether a name is sure beside words that are all explained: distinctive, or known to everybody."""
    if is_distinctive(entry, words):
        return True
    key = "".join(words)
    return (
        not entry.weak
        and entry.rule in {"name", "alias"}
        and len(words) == 1
        and len(key) >= SHORTEST_KNOWN
        and key not in ORDINARY
        and key not in DESCRIPTIVE
        and is_met_everywhere(entry.product)
    )


def read_beside(index: Index, label: str, folded: str, words: list[str]) -> Dressed | None:
    """Read a label that begins or ends with a name.

    Args:
        index: the look-up tables.
        label: as it was typed.
        folded: the label after `fold`.
        words: its words.

    Returns:
        The product with its rule: `leading_name` (a sure name, then words of the trade), `name+word` (an
        ordinary word, then words of its own trade), `owned_name` (whose it is, then a sure name),
        `product_line` (a sure name before one word nobody knows).
    """
    first, *rest = folded.split(maxsplit=1) if "." in folded else [""]
    product = product_at(index, first.strip(",;:")) if rest and "." in first else None
    if product is not None and fits(index, product, words_of(rest[0])):
        return Dressed(product, "leading_name", False)
    line: Dressed | None = None
    for cut in range(min(len(words) - 1, LONGEST_NAME), 0, -1):
        entry = index.names.get("".join(words[:cut]))
        if entry is None:
            continue
        famous = is_famous(entry, words[:cut])
        tail = _weighed(index, entry.product, words[cut:], famous)
        if tail is None:
            continue
        found = _leading(folded, entry, words[:cut], words[cut:], tail, famous)
        if found is not None:
            return found
        if (is_distinctive(entry, words[:cut]) or _is_ordinary(entry, words[:cut])) and _only_abbreviated(
            index, label, tail.unknown, famous
        ):
            return Dressed(entry.product, "leading_name", False)
        line = line or _product_line(index, folded, entry, words[:cut], words[cut:], tail)
    return _ending(index, label, words) or line


def _leading(
    folded: str, entry: NameEntry, name: list[str], rest: list[str], tail: _Tail, famous: bool
) -> Dressed | None:
    """Read a name that only words follow which fit it."""
    if tail.unknown:
        return None
    # Words of another script say what it is for; they make no other Latin name of an ordinary one.
    other = not entry.weak and any(map(is_of_other_script, rest))
    if other or famous or (tail.trade and _is_ordinary(entry, name)):
        return Dressed(entry.product, "leading_name", False)
    # A marketplace says nothing: everything may be listed there.
    if tail.convincing and entry.rule in {"name", "alias"} and without_marketplace(folded) == folded:
        return Dressed(entry.product, "name+word", False)
    return None


def _only_abbreviated(index: Index, label: str, unknown: list[str], famous: bool) -> bool:
    """Say whether all that nobody knows is a company's abbreviation behind a dash (`ACMELY-IDN-PRD`).

    Behind a sure name it may stand without one, if its capitals say what it is (`Acmely NWT Shop`).
    """
    before = "-_([ " if famous and not label.isupper() else "-_(["
    for word in unknown:
        at = label.find(word.upper())
        if len(word) > _LONGEST_ABBREVIATION or at < 1 or label[at - 1] not in before:
            return False
        if index.is_ordinary(word) or index.may_name([word]):
            return False
    return bool(unknown)


def _ending(index: Index, label: str, words: list[str]) -> Dressed | None:
    """Read a name behind its owner's (`ABC Acmely`, `Northwind GmbH Acmely`) or behind a department's."""
    last = len(words)
    # A team's account is a company's.
    teams = not _PARTS.isdisjoint(words)
    while last > 1 and (
        words[last - 1].isdigit()
        or CLASSES.get(words[last - 1], 0) & _BEHIND
        or (teams and words[last - 1] in _ACCOUNT)
    ):
        last -= 1
    for cut in range(max(1, last - LONGEST_NAME), min(last, _LONGEST_OWNER + 1)):
        name = words[cut:last]
        entry = index.names.get("".join(name))
        if entry is None or entry.weak:
            continue
        famous = is_famous(entry, name)
        if famous or _is_ordinary(entry, name):
            owned = (famous and words[cut - 1] in _PARTS and _is_part_of_company(words[:cut])) or (
                _NO_OWNER.isdisjoint(words[:cut])
                and _is_owner(index, label, words[:cut], famous, known=is_met_everywhere(entry.product))
            )
            return Dressed(entry.product, "owned_name", False) if owned else None
    return None


def _is_ordinary(entry: NameEntry, words: list[str]) -> bool:
    """Say whether a name is sure when it stands apart, yet a word that other names may end in."""
    return not entry.weak and "".join(words) in ORDINARY


def _is_owner(index: Index, label: str, front: list[str], famous: bool, *, known: bool) -> bool:
    """Say whether words before a name are a company's: its initials, its legal form, a part of it.

    Where all is written in capitals, a dash tells initials from words, before a name people know, unless
    they are a word themselves.
    """
    if front == ["my"]:
        return True
    if famous and all(w in DEPARTMENTS or CLASSES.get(w, 0) & (AREA | _BEHIND) for w in front):
        return True
    if famous and front[-1] in _OF and describes(front):
        return True
    last = CLASSES.get(front[-1], 0)
    if len(front) > 1 and (front[-1] == "s" or (last & LEGAL and not last & VAGUE)):
        return not index.may_name(front)
    initials = unicodedata.normalize("NFKC", label[:LONGEST]).split(maxsplit=1)[0].strip("[]()|:,-_")
    shouted = label.isupper()
    if "-" in initials and initials.isupper() and known and famous:
        initials = initials.partition("-")[0]
        shouted = front[0] in CLASSES or index.is_ordinary(front[0])
    return (
        len(front) == 1
        and initials.isupper()
        and initials.isalpha()
        and not shouted
        and front[0] not in TRAPS
        and len(initials) <= _LONGEST_INITIALS
        and fold(initials) == front[0]
        and not index.may_name(front)
    )


def _product_line(
    index: Index, folded: str, entry: NameEntry, name: list[str], rest: list[str], tail: _Tail
) -> Dressed | None:
    """Read a coined name before one word alone that nobody knows: a part of it (`Acmely Quarzel`).

    A dash without spaces says that the word is a company's, behind a name that is also a word, too.
    """
    product = entry.product
    rest = [w for w in rest if not CLASSES.get(w, 0) & _BEHIND]
    if len(rest) != 1 or not tail.unknown:
        return None
    dashed = _is_ordinary(entry, name) and f"{name[-1]}-{rest[0]}" in folded
    if not dashed and not is_famous(entry, name):
        return None
    if entry.written == product.vendor and len(index.made_by[product.vendor]) > _MOST_PRODUCTS:
        return None
    word = tail.unknown[0]
    if len(word) < _SHORTEST_PART and not CLASSES.get(word, 0) & STATE:
        return None
    if not _is_plain(word) or word in SHOP_WORDS:
        return None
    if index.is_ordinary(word) or not _MISUSED.isdisjoint(rest):
        return None
    return None if _names_others(index, rest, product) else Dressed(product, "product_line", False)


def fits(index: Index, product: Product, words: Sequence[str]) -> bool:
    """Say whether all words beside a product's name say what it does, and none asks for trust."""
    tail = _weighed(index, product, words, True)
    return tail is not None and not tail.unknown


def _weighed(index: Index, product: Product, words: Sequence[str], famous: bool) -> _Tail | None:
    """Weigh the words beside a name; None if one of them makes it somebody else's.

    Which words are the product's own is asked where it matters: not of a word that may stand beside a
    famous name anyway.
    """
    own = OwnWords(index, product)
    if famous and lures(words) and not all(map(own.has, words)):
        return None
    told: set[str] = set()
    sure = False
    unknown: list[str] = []
    for at, word in enumerate(words):
        bits = CLASSES.get(word, 0)
        if famous and bits & (_EXPLAINED | BUSINESS) and not bits & (FOREIGN | BAITING) and word != "for":
            continue
        if word != "for" and own.has(word):
            told.add(word)
            sure = sure or own.tells(word)
        elif bits & (FOREIGN | BAITING):
            brought_in = famous and word == "import" and at == len(words) - 1
            if (bits & FOREIGN and not brought_in) or asks_for_trust([word], words):
                return None
        elif word == "for":
            used_by = words[at + 1 :]
            if _is_platform(index, product, used_by):
                return _Tail(unknown, True, True)
            if used_by and (_USERS.issuperset(used_by) or (famous and DEPARTMENTS.issuperset(used_by))):
                told.add(word)
            elif not (famous and _is_part_of_company(used_by)):
                return None
            break
        elif is_of_other_script(word):
            if asks_in_other_script(word):
                return None
        elif not (bits & _EXPLAINED or word.isdigit() or _is_numbered(word)):
            unknown.append(word)
    trade = bool(told) or any(CLASSES.get(word, 0) & SOFTWARE for word in words)
    return _Tail(unknown, sure or len(told) >= _CONVINCING, trade)


def _is_part_of_company(words: Sequence[str]) -> bool:
    """Say whether words say which part of a company uses it (`Security Department Resources`)."""
    return not _PARTS.isdisjoint(words) and all(
        CLASSES.get(w, 0) & _EXPLAINED and not CLASSES.get(w, 0) & FOREIGN for w in words
    )


def _is_numbered(word: str) -> bool:
    """Say whether a word is a numbered region or data centre (`eu1`, `dc2`)."""
    return word[-1].isdigit() and word.rstrip("0123456789") in _NUMBERED


def _is_platform(index: Index, product: Product, words: Sequence[str]) -> bool:
    """Say whether words name another, well-known product that this one works with (`Acmely for Bigshop`)."""
    entry = index.names.get("".join(words))
    return (
        entry is not None
        and not entry.weak
        and entry.product.vendor != product.vendor
        and is_known(entry.product)
    )


def product_at(index: Index, text: str) -> Product | None:
    """Give the product whose host name a text is."""
    host = host_of_name(text)
    hit = index.host(host) if host else None
    return hit[0] if hit else None


def _names_others(index: Index, words: list[str], product: Product) -> bool:
    """Say whether words surely name a product of another maker."""
    return any(not e.weak and e.product.vendor != product.vendor for e, _, _ in index.names_within(words))


def describes(words: Sequence[str]) -> bool:
    """Say whether words only describe what a name is used for, and not something that plugs into it."""
    return bool(words) and all(w in DESCRIPTIVE or w == "for" for w in words) and PLUGIN.isdisjoint(words)


def _is_plain(word: str) -> bool:
    """Say whether a word is written in Latin letters, a number behind them or not: `F0nts`, `tν` imitate."""
    letters = word.rstrip("0123456789")
    return (letters.isalpha() or not letters) and max(word) <= _LAST_LATIN


def is_of_other_script(word: str) -> bool:
    """Say whether a word is in a script of which no letter looks Latin: it describes, it does not imitate."""
    return ord(min(word)) > _LAST_ALIKE and _ALIKE.search(word) is None
