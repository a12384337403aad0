"""Name what nobody knows, so that the same unknown application seen twice becomes one tool."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.identify.merchants import name_words, read_statement, unwrap
from app.identify.normalise import (
    clean_host,
    fold,
    is_noise,
    normalise_name,
    registrable_domain,
    squash,
    strip_company,
)
from app.identify.records import KnowledgeBase, Reseller, default_knowledge_base
from app.identify.words import NEUTRAL_DOMAINS
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier


class Unknown(NamedTuple):
    """A tool nobody knows: a name to show, a key that stays the same, its domain if one was seen.

    `reseller` is true for a charge that names only a wallet or store: what was bought is not known.
    """

    name: str
    key: str
    domain: str | None
    reseller: bool


def describe_unknown(identifiers: Sequence[Identifier], kb: KnowledgeBase | None = None) -> Unknown:
    """Give an unknown application a presentable name and a stable key.

    Args:
        identifiers: every handle seen for the one application; may be empty.
        kb: the knowledge base, for its shared domains and resellers; the shipped one if None.

    Returns:
        The description. The key is made from the domain if there is one, else from the name or the
        merchant, else from the handle itself.
    """
    kb = kb or default_knowledge_base()
    domain = _domain(kb, identifiers)
    name = _first(identifiers, APP_NAME, _shown_name)
    merchants = [i.value for i in identifiers if i.kind == MERCHANT]
    merchant, reseller = _merchant(kb, merchants)
    shown = name or merchant
    if domain:
        return Unknown(shown or domain, f"domain:{domain}", domain, False)
    key = _name_key(identifiers) or (squash(fold(merchant)) if merchant else "")
    if key:
        return Unknown(shown or key, f"name:{key}", None, False)
    if reseller:
        return Unknown(f"{reseller.name} (product not named)", f"reseller:{reseller.id}", None, True)
    for identifier in identifiers:
        value = identifier.value.strip()
        if value and identifier.kind not in {APP_NAME, MERCHANT, PUBLISHER}:
            shown = clean_host(value) or value if identifier.kind == DOMAIN else value
            return Unknown(shown, f"{identifier.kind}:{fold(shown)}", None, False)
    publisher = _first(identifiers, PUBLISHER, str.strip)
    if publisher:
        return Unknown(f"Application by {publisher}", f"publisher:{squash(fold(publisher))}", None, False)
    return Unknown("Unnamed application", "unnamed", None, False)


def _domain(kb: KnowledgeBase, identifiers: Sequence[Identifier]) -> str | None:
    """Pick the maker's domain; the first in the alphabet of several, so that order does not matter."""
    found = set()
    for identifier in identifiers:
        if identifier.kind != DOMAIN:
            continue
        domain = registrable_domain(identifier.value)
        host = clean_host(identifier.value)
        if not domain or not host or domain in kb.shared_domains or domain in kb.index.reseller_hosts:
            continue
        if domain not in NEUTRAL_DOMAINS and host not in NEUTRAL_DOMAINS:
            found.add(domain)
    return min(found) if found else None


def _name_key(identifiers: Sequence[Identifier]) -> str:
    keys = {squash(normalise_name(i.value)) for i in identifiers if i.kind == APP_NAME}
    keys.discard("")
    return min(keys) if keys else ""


def _shown_name(label: str) -> str:
    """Show a label as its owner wrote it, without environment words and legal forms."""
    kept = normalise_name(label).split()
    written, at = [], 0
    for word in label.replace("_", " ").split():
        bare = squash(fold(word))
        if at < len(kept) and bare and "".join(kept[at:]).startswith(bare):
            written.append(word.strip(",;:-–—()[]|"))
            while at < len(kept) and bare.startswith(kept[at]):
                bare = bare[len(kept[at]) :]
                at += 1
    return " ".join(w for w in written if w) if at == len(kept) else " ".join(kept)


def _merchant(kb: KnowledgeBase, descriptors: Sequence[str]) -> tuple[str, Reseller | None]:
    """Give the seller's name of the first line that has one, and the reseller of a line that has none."""
    reseller: Reseller | None = None
    for descriptor in descriptors:
        statement = read_statement(descriptor, kb.index.prefixes)
        words = strip_company(name_words(statement.body)) if statement.body else []
        if statement.reseller is None:
            words = strip_company(name_words(unwrap(descriptor)))
        elif not statement.reseller.names_seller or all(is_noise(word) for word in words):
            reseller = reseller or statement.reseller
            continue
        if words:
            return " ".join(_title(w) for w in dict.fromkeys(words)), None
    return "", reseller


def _title(word: str) -> str:
    return word if any(ch.isdigit() for ch in word) else word.capitalize()


def _first(identifiers: Sequence[Identifier], kind: str, show: Callable[[str], str]) -> str:
    for identifier in identifiers:
        if identifier.kind == kind and identifier.value.strip():
            return show(identifier.value)
    return ""
