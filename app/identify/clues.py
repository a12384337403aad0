"""Read single identifiers: what each one says on its own, before they are weighed together."""

import re
import unicodedata

import msgspec

from app.identify.beside import product_at
from app.identify.classes import CLASSES, REGIONAL, SURROUNDING
from app.identify.clue import Clue
from app.identify.connections import connected, partnered
from app.identify.describing import DESCRIPTIVE, FOREIGN_WORK
from app.identify.index import Index, NameEntry
from app.identify.keys import host_of_name
from app.identify.labels import addressed, read_dressed
from app.identify.legal_forms import strip_company
from app.identify.normalise import (
    LONGEST,
    MOST_TRIMMED,
    bare_span,
    bare_words,
    clean_host,
    fold,
    folded_words,
    spans,
    squash,
    strip_edition,
    trimmed,
    without_directory,
    without_environments,
    without_last,
    without_marketplace,
    without_phrases,
    words_of,
)
from app.identify.records import Product
from app.identify.standing_out import holds_address, of_one_maker, outstanding_in_label
from app.identify.trade_words import PORTAL_NAMES
from app.identify.trust import asks_for_trust
from app.identify.words import COUNTRIES, EDITION, ENVIRONMENT, TRADES, VAGUE_FORMS, word_set

_INVISIBLE = re.compile("(?<=[a-z0-9])[\u00ad\u200b-\u200d\u2060\ufeff]+(?=[a-z0-9])")
_SPACED_OUT = 4
_DIRECTORIES = (" okta", " onelogin", " jumpcloud")
_LOGINS = word_set("login logins")
# "Hootsuite (Acme Germany)" is an instance of Hootsuite; "Mailchimp (exporter by X)" is something else.
_BRACKETS = re.compile(r"(?<=\S)\s*[(\[][^()\[\]]{1,40}[)\]](?=\s|$)")
_TOOL_WORDS = word_set(
    "by for from to via with export exporter import importer sync backup bot plugin integration connector "
    "bridge tool tools unofficial custom migration scraper clone"
)


_IN_FRONT = ENVIRONMENT - {"old"}
"""Environments that stand in front of anything; what is old may be another thing than what is not."""
_FIRST_WORD = re.compile(r"\s*[(\[]?([^\W\d_]+)(?:[)\]]\s*|[\s:|–—-]\W*)(\w.*)", re.DOTALL)


class HostReading(msgspec.Struct, frozen=True, gc=False):
    """A domain identifier read: a product's host, a vendor's shared domain, or somebody else's."""

    clue: Clue | None
    shared: str | None
    foreign: str | None


_NOTHING = HostReading(None, None, None)


def read_host(index: Index, value: str) -> HostReading:
    """Read a `domain` identifier."""
    host = clean_host(value)
    if host is None or index.says_nothing(host):
        return _NOTHING
    hit = index.host(host)
    if hit is not None:
        product, exact = hit
        return HostReading(Clue(product, "domain" if exact else "domain_suffix", False, host), None, None)
    shared = index.shared_parent(host)
    if shared is not None:
        return HostReading(None, shared, None)
    return HostReading(None, None, host)


def read_name(index: Index, label: str) -> Clue | None:
    """Read an `app_name` identifier: the exact name first, then without what surrounds it.

    Returns:
        The clue; a weak one is an ordinary word, which needs a second signal. None if the label names
        no product.
    """
    clue = _read_label(index, label)
    if clue is None:
        behind = _behind_environment(label)
        inner = _read_label(index, behind) if behind is not None else None
        clue = Clue(inner.product, inner.rule, inner.weak, label) if inner is not None else None
    return clue


def _behind_environment(label: str) -> str | None:
    """Give what stands behind an environment in front of a label (`[UAT] Acmely Quarzel`), else None."""
    label = label[:LONGEST]
    found = _FIRST_WORD.match(label if label.isascii() else unicodedata.normalize("NFKC", label))
    return found[2] if found is not None and found[1].casefold() in _IN_FRONT else None


def _read_label(index: Index, label: str) -> Clue | None:
    """Read a label as `read_name` does, but for an environment in front of more than a name."""
    folded, words = folded_words(label)
    if not words:
        return None
    if (len(words[0]) == 1 or not folded.isascii()) and _is_disguised(folded, words):
        return None
    entry = index.names.get("".join(words))
    if entry is not None and len(words) > 1 and _joins_surroundings(index, entry, folded, words):
        entry = None  # `Solo_dev`
    if entry is not None and not entry.weak:
        return Clue(entry.product, entry.rule, False, label)
    weak = _alone(entry, label) if entry else None
    if weak is not None and not weak.weak:
        return weak
    if "." in folded:
        host = host_of_name(_without_environments(folded) if " " in folded else folded)
        if host is not None:
            read = read_host(index, host)
            if read.clue is not None:
                return read.clue
            if read.foreign and " " not in folded and "-" in host.rpartition(".")[0]:
                return None  # `acmely-tenant.com` can be registered by anybody
    elif not index.may_name(words):
        return _by_its_label(index, words, label)
    if "azure" in folded or "entra" in folded or " via " in folded or folded.endswith(_DIRECTORIES):
        shorter = without_directory(folded)
        signed = _read_label(index, shorter) if shorter != folded else None
        if signed is not None:
            return Clue(signed.product, signed.rule, signed.weak, label)
    entry = _without_surroundings(index, folded, words)
    if entry is None and "login" in folded:
        entry = _signed_on(index, words)
    if entry is not None:
        return Clue(entry.product, entry.rule, False, label)
    clue = _longer_label(index, folded, words, label, weak) or _by_its_label(index, words, label)
    if clue is None:
        clue = _unforeseen(index, folded, words, label)
    return clue


def _unforeseen(index: Index, folded: str, words: list[str], label: str) -> Clue | None:
    """Read a label that no rule foresaw: by a name that stands out, or by several of one maker."""
    text = without_marketplace(folded, words)
    core = words if text == folded else words_of(text)
    entry = outstanding_in_label(index, text, core)
    if entry is not None:
        return Clue(entry.product, "outstanding", False, label)
    entry = of_one_maker(index, core)
    return Clue(entry.product, "several_names", False, label) if entry is not None else None


def _by_its_label(index: Index, words: list[str], label: str) -> Clue | None:
    """Read one word that is the label of a product's own domain (`Getacmely`), among environments or not."""
    if index.made_up_labels.keys().isdisjoint(words):
        return None
    bare = bare_words(words)
    product = index.made_up_labels.get(bare[0]) if len(bare) == 1 else None
    return Clue(product, "label", False, label) if product is not None else None


def _is_disguised(folded: str, words: list[str]) -> bool:
    """Say whether letters are held apart: by characters that nobody sees, or by a space after each."""
    if len(words) >= _SPACED_OUT and len(words[0]) == 1 and all(len(word) == 1 for word in words):
        return True
    return not folded.isascii() and _INVISIBLE.search(folded) is not None


def _without_environments(folded: str) -> str:
    """Take environments and dashes off an address that stands among them (`Test acmely.co.uk`)."""
    pieces = [(piece, piece.strip("()[]-–—|")) for piece in folded.split()]
    return " ".join(p for p, bare in pieces if bare and not CLASSES.get(bare, 0) & (SURROUNDING | REGIONAL))


def _joins_surroundings(index: Index, entry: NameEntry, folded: str, words: list[str]) -> bool:
    """Say whether a name came about by joining another one to an environment (`Solo_dev`, `Test Box`)."""
    if not (CLASSES.get(words[0], 0) | CLASSES.get(words[-1], 0)) & SURROUNDING:
        return False
    written = fold(entry.written)
    as_words = written.split() if "." in written and "." not in folded else words_of(written)
    if len(as_words) >= len(words):
        return False
    if "." in written and "." not in folded:
        return True  # `Mail SSO` is no mails.so
    kept = bare_words(words)
    return len(kept) < len(words) and "".join(kept) in index.names


def _without_surroundings(index: Index, folded: str, words: list[str]) -> NameEntry | None:
    """Take environment words off both ends, one by one: a name may itself end in such a word."""
    if not words:
        return None
    names, count = index.names, len(words)
    start, last = bare_span(words)
    if start or count - last >= MOST_TRIMMED:
        for start, end in spans(words):
            entry = names.get("".join(words[start:end]))
            if entry is not None and not entry.weak:
                joined = end - start > 1 and _joins_surroundings(index, entry, folded, words[start:end])
                return None if joined else entry
        return None
    key, end = "".join(words), count
    while True:
        entry = names.get(key)
        if entry is not None and not entry.weak:
            return None if end > 1 and _joins_surroundings(index, entry, folded, words[:end]) else entry
        if end == last:
            return None
        end -= 1
        key = key[: -len(words[end])]


def _signed_on(index: Index, words: list[str]) -> NameEntry | None:
    """Read a name before `login` and a way of signing on, an environment or a country beside it.

    A login alone asks for trust; who wrote `Acmely Login (SSO)` or `Acmely DE Login` keeps several apart.
    """
    end, login, told = len(words), False, False
    while end > 1:
        word = words[end - 1]
        beside = bool(CLASSES.get(word, 0) & (SURROUNDING | REGIONAL)) or word in COUNTRIES
        if not beside and word not in _LOGINS:
            break
        login, told = login or word in _LOGINS, told or beside
        end -= 1
    entry = index.names.get("".join(words[:end])) if login and told else None
    return entry if entry is not None and not entry.weak and entry.rule != "legal_name" else None


def _is_harmless(index: Index, folded: str) -> bool:
    """Say whether brackets hold nothing that makes the label somebody else's.

    That is what asks for trust, what others build, an address, and another product's name.
    """
    inside = " ".join(_BRACKETS.findall(folded))
    words = words_of(inside)
    if asks_for_trust(words) or not FOREIGN_WORK.isdisjoint(words) or holds_address(inside):
        return False
    return not any(not entry.weak for entry, _, _ in index.names_within(words))


def _longer_label(index: Index, folded: str, words: list[str], label: str, weak: Clue | None) -> Clue | None:
    """Read a label with a marketplace, brackets, an edition, a legal form or a tagline beside the name."""
    last = without_last(folded)
    bare = without_phrases(last, words)
    text, core = folded, words
    shorter_ones = (last, without_marketplace(last, words))
    if bare != last:  # a name may hold such a phrase itself: met before it is cut
        shorter_ones = (*shorter_ones, bare, without_marketplace(bare, words))
    for shorter in shorter_ones:
        if shorter == text:
            continue
        text, core = shorter, words_of(shorter)
        product = product_at(index, shorter)
        if product is not None:
            return Clue(product, "domain", False, label)
        entry = _without_surroundings(index, shorter, core)
        if entry is not None:
            return Clue(entry.product, entry.rule, False, label)
    unbracketed: str | None = None
    if ("(" in folded or "[" in folded) and _TOOL_WORDS.isdisjoint(words) and _is_harmless(index, folded):
        unbracketed = _BRACKETS.sub(" ", folded)
        named = _without_surroundings(index, unbracketed, words_of(unbracketed))
        if named is not None:
            return Clue(named.product, named.rule, False, label)
    if "." in folded and folded[-1] in ")]":
        at_home = addressed(index, folded)
        if at_home is not None:
            return Clue(at_home, "domain", False, label)
    plugged = connected(index, core or words) or partnered(index, words)
    if plugged is not None:
        return Clue(plugged.product, "portal_name" if plugged.weak else "leading_name", False, label)
    core = without_environments(core or words_of(bare))
    for end in range(len(core), len(strip_edition(core)) - 1, -1):
        found = _read_words(index, core[:end], label)
        if found is not None and not found.weak:
            return found
        weak = weak or found
    dressed = read_dressed(index, label, bare, words if bare == folded else words_of(bare))
    if dressed is None and unbracketed is not None and " " in unbracketed.strip():
        dressed = read_dressed(index, label, unbracketed.strip(), words_of(unbracketed))
    if dressed is None and weak is not None and len(core) < len(words):
        dressed = read_dressed(index, label, " ".join(core), core)
    if dressed is None:
        return weak
    clue = Clue(dressed.product, dressed.rule, dressed.weak, label)
    return clue if not clue.weak else weak or clue


def read_okta_key(index: Index, key: str) -> Clue | None:
    """Read an `okta.app_key`: a listed key, else a key that is a product's name or its domain's label.

    Okta makes its catalogue keys of the product's name (`acmely`, `acme_board`), sometimes with the
    sign-on behind it. A key that is an ordinary word needs a second signal.
    """
    folded = fold(key)
    product = index.okta.get(folded)
    if product is not None:
        return Clue(product, "okta_key", False, key)
    for words in trimmed(words_of(folded)):
        name = "".join(words)
        entry = index.names.get(name)
        if entry is not None and entry.rule in {"name", "alias", "former_name"}:
            return Clue(entry.product, "okta_key", entry.weak or entry.product.common_word, key)
        product = index.domain_labels.get(name)
        if product is not None:
            return Clue(product, "okta_key", product.common_word, key)
    return None


def _read_words(index: Index, words: list[str], label: str) -> Clue | None:
    """Try a name's words as they are, as a company, as a domain with the dot lost, with a product word."""
    key = "".join(words)
    entry = index.names.get(key)
    if entry is not None and not entry.weak:
        return Clue(entry.product, entry.rule, False, label)
    weak = _alone(entry, label) if entry else None
    company = strip_company(words)
    if len(company) < len(words):
        legal = index.names.get("".join(company))
        if legal is not None and not (legal.weak and VAGUE_FORMS.issuperset(words[len(company) :])):
            return Clue(legal.product, "legal_name", False, label)
    if len(words) >= 2:
        front = index.names.get(key[: -len(words[-1])])
        dotted = _dotted(index, words, key) or _by_domain_label(index, key, front)
        if dotted is not None:
            return Clue(dotted, "domain", False, label)
        worded = _with_product_word(index, front, words[-1], label) if front is not None else None
        if worded is not None:
            return worded
    return weak


def _by_domain_label(index: Index, key: str, front: NameEntry | None) -> Product | None:
    """Read `Upword App` as the product Upword at home on upwordapp.io: the label is its domain's."""
    product = index.domain_labels.get(key) if front is not None else None
    return product if front is not None and front.product is product else None


def _dotted(index: Index, words: list[str], key: str) -> Product | None:
    """Read `Apollo IO` as apollo.io: the last word must complete a listed domain."""
    ending = words[-1]
    if len(words) > 3 or len(ending) > 4 or ending in EDITION or ending in ENVIRONMENT:
        return None
    if ending in DESCRIPTIVE and ending != "ai":  # `Page Link`, `Company Site`: words, not a lost dot
        return None
    return index.hosts.get(f"{key[: -len(ending)]}.{ending}")


def _with_product_word(index: Index, front: NameEntry, word: str, label: str) -> Clue | None:
    """Read `Drift Chat`: a name and then a word of the product's own category."""
    if front.rule not in {"name", "alias"} or (front.weak and (word in EDITION or word in TRADES)):
        return None
    allowed = index.category_words.get(front.product.category, frozenset())
    return Clue(front.product, "name+word", False, label) if word in allowed else None


def _alone(entry: NameEntry, label: str) -> Clue:
    """Read an ordinary word that is the whole label: of some nearly everybody means the one product."""
    if entry.rule == "name" and squash(fold(entry.written)) in PORTAL_NAMES:
        return Clue(entry.product, "portal_name", False, label)
    return Clue(entry.product, entry.rule, True, label)
