"""Say when something carries a product's name without being it: a risk to show, never a match.

Consent phishing lives on names that a hurried person reads as the known one: letters of other
alphabets, digits for letters, one letter changed, or the right name under somebody else's domain.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from app.identify.beside import is_distinctive
from app.identify.clues import read_host, read_name
from app.identify.describing import BAIT
from app.identify.index import NameEntry
from app.identify.matcher import identify
from app.identify.normalise import clean_host, fold, registrable_domain, words_of
from app.identify.records import KnowledgeBase, Product
from app.identify.words import NEUTRAL_PUBLISHERS, word_set
from app.language import lasting
from connectors.identifiers import APP_NAME, DOMAIN, PUBLISHER, Identifier

SHORTEST = 6
"""Names with fewer letters resemble too much to say anything."""

_LETTERS = str.maketrans(
    dict(
        pair.split(":")
        for pair in word_set(
            "а:a в:b с:c ԁ:d е:e ё:e ғ:f ԍ:g һ:h і:i ї:i ј:j к:k ӏ:l м:m н:h п:n о:o р:p ԛ:q г:r ѕ:s т:t "
            "у:y ѵ:v ԝ:w ш:w х:x з:3 "
            "α:a β:b γ:y ε:e η:n ι:i κ:k ν:v ο:o ρ:p σ:o τ:t υ:u χ:x ω:w ϲ:c ѡ:w "
            "ı:i ł:l ø:o đ:d ð:d ħ:h ŋ:n ſ:s ɡ:g ɑ:a ʟ:l ᴏ:o"
        )
    )
)
"""Letters of other alphabets by the Latin letter they are read as."""
_DIGITS = str.maketrans("01345789$@!|", "oleastbgsail")
_SHORTEST_BAIT = 5
_SPACED_OUT = 6
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_CAPITAL_I = re.compile(r"(?<=[a-z])I|I(?=[a-z]{2})")


def imitations(kb: KnowledgeBase, identifiers: Sequence[Identifier]) -> tuple[str, ...]:
    """Say which known products an application that is none of them seems to imitate.

    Args:
        kb: the knowledge base.
        identifiers: every handle seen for the one application, in any order.

    Returns:
        One sentence for each thing to look at, in a fixed order; empty if nothing is suspicious or if
        the application is recognised.
    """
    if identify(kb, identifiers) is not None:
        return ()
    found: dict[str, None] = {}
    hosts = [i.value for i in identifiers if i.kind == DOMAIN]
    publishers = [
        i.value
        for i in identifiers
        if i.kind == PUBLISHER and "".join(words_of(fold(i.value))) not in NEUTRAL_PUBLISHERS
    ]
    for kind, value in sorted(set(identifiers)):
        if kind == APP_NAME:
            found.update(dict.fromkeys(_of_name(kb, value.strip(), publishers, hosts)))
        elif kind == DOMAIN:
            found.update(dict.fromkeys(_of_host(kb, value)))
    return tuple(found)


def _of_name(kb: KnowledgeBase, name: str, publishers: list[str], hosts: list[str]) -> Iterator[str]:
    clue = read_name(kb.index, name)
    strangers = [
        lasting("is published by %(publisher)s", publisher=p.strip()) for p in sorted(set(publishers))
    ]
    strangers += [
        lasting("is at home on %(host)s", host=h) for h in sorted({clean_host(h) or h for h in hosts})
    ]
    if clue is not None:
        if strangers and not clue.weak:
            yield lasting(
                "It calls itself “%(name)s” but %(stranger)s, not by the maker of %(product)s.",
                name=name,
                stranger=strangers[0],
                product=clue.product.name,
            )
        return
    for spelling in _spellings(name):
        clue = read_name(kb.index, spelling)
        if clue is not None and not clue.weak:
            yield lasting(
                "“%(name)s” is written to look like %(product)s, with other characters.",
                name=name,
                product=clue.product.name,
            )
            return
    words = words_of(fold(name))
    near = _one_letter_off(kb, "".join(words))
    if near is not None:
        yield lasting("“%(name)s” is one letter away from %(called)s.", name=name, called=_called(near))
        return
    known = kb.index.names.get("".join(w for w in words if w not in BAIT)) if strangers else None
    if known is not None and not known.weak and not BAIT.isdisjoint(words):
        yield lasting(
            "“%(name)s” asks for trust in the name of %(product)s but %(stranger)s.",
            name=name,
            product=known.product.name,
            stranger=strangers[0],
        )


def _of_host(kb: KnowledgeBase, value: str) -> Iterator[str]:
    host = clean_host(value)
    if host is None or read_host(kb.index, host).foreign is None:
        return
    shown = host.encode().decode("idna") if "xn--" in host else host
    domain = registrable_domain(host) or host
    front = host[: -len(domain)].strip(".")
    buried = _owner(kb, front) if "." in front else None
    if buried is not None:
        yield lasting(
            "%(shown)s begins with a domain of %(buried)s but belongs to %(domain)s.",
            shown=shown,
            buried=buried,
            domain=domain,
        )
        return
    labels = shown.removesuffix("." + domain.partition(".")[2]).split(".")
    carried = next((p.name for label in reversed(labels) if (p := _carried(kb, fold(label)))), None)
    carried = carried or _vendor_carried(kb, fold(labels[-1]))
    if carried is not None:
        yield lasting(
            "%(shown)s carries the name of %(carried)s but is no known domain of its maker.",
            shown=shown,
            carried=carried,
        )


def _owner(kb: KnowledgeBase, host: str) -> str | None:
    """Name whose a host is: a product's, or a vendor's that keeps several products on it."""
    found = kb.index.host(host)
    if found is not None:
        return found[0].name
    shared = kb.index.shared_parent(host)
    return sorted(kb.index.makers_on.get(shared, {shared}))[0] if shared is not None else None


def _vendor_carried(kb: KnowledgeBase, label: str) -> str | None:
    """Name the vendor of many products whose domain a label imitates (`google-verify.top`)."""
    words = [w for w in words_of(label) if w not in BAIT] or words_of(label)
    for spelling in dict.fromkeys(("".join(words), *_spellings("".join(words)))):
        shared = f"{spelling}.com"
        # Such a vendor holds its own plain name in every country (`google.pl`).
        if len(spelling) >= SHORTEST and spelling != label and shared in kb.index.shared:
            return _owner(kb, shared)
    return None


def _carried(kb: KnowledgeBase, label: str) -> Product | None:
    """Find the product a domain's label imitates: the same word, one letter off, or a bait beside it."""
    index = kb.index
    words = words_of(label)
    joined = "".join([w for w in words if w not in BAIT] if len(words) > 1 else words)
    for bait in BAIT:  # `acmelylogin`: glued to the name
        if len(bait) >= _SHORTEST_BAIT and (joined.startswith(bait) or joined.endswith(bait)):
            name = joined.removeprefix(bait) if joined.startswith(bait) else joined.removesuffix(bait)
            entry = index.names.get(name)
            if len(name) >= SHORTEST and entry is not None and is_distinctive(entry, [name]):
                return entry.product
    for spelling in dict.fromkeys((joined, *("".join(words_of(s)) for s in _spellings(joined)))):
        if len(spelling) < SHORTEST:
            continue
        product = index.domain_labels.get(spelling)
        if product is not None and not product.common_word:
            return product
        entry = index.names.get(spelling)
        if entry is not None and is_distinctive(entry, [spelling]):
            return entry.product
    near = _one_letter_off(kb, joined)
    return near.product if near else None


def _spellings(text: str) -> Iterator[str]:
    """List what a text could be read as, with look-alike characters replaced."""
    with_l = _CAPITAL_I.sub("l", text)
    if with_l != text:
        yield with_l
    if len(text) > _SPACED_OUT and all(len(word) == 1 for word in text.split()):
        yield text.replace(" ", "")
    if not text.isascii():
        yield "".join(ch for ch in text if unicodedata.category(ch) != "Cf")
    plain = "".join(ch for ch in unicodedata.normalize("NFKD", fold(text)) if not unicodedata.combining(ch))
    plain = plain.translate(_LETTERS)
    yield plain
    yield plain.translate(_DIGITS)
    yield plain.replace("1", "i").translate(_DIGITS)
    for pair, letter in _PAIRS:
        if pair in plain:
            yield plain.replace(pair, letter)


def _called(entry: NameEntry) -> str:
    """Write a name, with its product where that is called otherwise."""
    name = entry.product.name
    return name if entry.rule == "name" else f"{entry.written} ({name})"


def _one_letter_off(kb: KnowledgeBase, joined: str) -> NameEntry | None:
    """Find the coined name that differs by one letter added, lost, changed or swapped with the next."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(joined) < SHORTEST or joined in kb.index.names:
        return None
    near = process.extractOne(joined, kb.index.coined, scorer=OSA.distance, score_cutoff=1)
    return kb.index.names.get(near[0]) if near else None
