"""Name what nobody knows, so that the same unknown application seen twice becomes one tool."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from app.identify.merchants import company_name, name_words, read_statement, unwrap
from app.identify.normalise import (
    clean_host,
    fold,
    is_noise,
    normalise_name,
    registrable_domain,
    squash,
    words_of,
)
from app.identify.records import KnowledgeBase, Reseller, Sells, default_knowledge_base
from app.identify.words import NEUTRAL_DOMAINS
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier

SHORTEST_LABEL = 3
"""A printed domain's own label has at least so many characters."""


class Unknown(NamedTuple):
    """A tool nobody knows: a name to show, a key that stays the same, its domain if one was seen.

    `reseller` is true for a charge that names only a wallet or store: what was bought is not known; and
    `sells` then says what that one sells, "" otherwise.
    """

    name: str
    key: str
    domain: str | None
    reseller: bool
    sells: Sells | Literal[""] = ""


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
    merchant, printed, reseller = _merchant(kb, merchants)
    domain = domain or printed
    shown = name or merchant
    if domain:
        return Unknown(shown or domain, f"domain:{domain}", domain, False)
    key = _name_key(identifiers) or (squash(fold(merchant)) if merchant else "")
    if key:
        return Unknown(shown or key, f"name:{key}", None, False)
    if reseller:
        shown = f"{reseller.name} (product not named)"
        return Unknown(shown, f"reseller:{reseller.id}", None, True, reseller.sells)
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


def _merchant(kb: KnowledgeBase, descriptors: Sequence[str]) -> tuple[str, str | None, Reseller | None]:
    """Give the seller's name and printed domain of the first line that has one, else the bare reseller."""
    reseller: Reseller | None = None
    for descriptor in descriptors:
        statement = read_statement(descriptor, kb.index.prefixes)
        if statement.reseller is not None and statement.reseller.sells in {"tickets", "meals"}:
            # What the expense system calls the merchant is then the shop's own name, not a tool's.
            return "", None, statement.reseller
        body = statement.body if statement.reseller else unwrap(descriptor)
        if statement.reseller is not None:
            spoken = name_words(body) if body else []
            if not statement.reseller.names_seller or all(is_noise(word) for word in spoken):
                reseller = reseller or statement.reseller
                continue
        words = company_name(body) if body else []
        if reseller is not None and "".join(words) == squash(fold(reseller.name)):
            continue
        if words:
            domain = _printed_domain(kb, statement.hosts)
            words = _without_host(words, domain) if domain else words
            return " ".join(_title(w) for w in dict.fromkeys(words)), domain, None
    return "", None, reseller


def _printed_domain(kb: KnowledgeBase, hosts: Sequence[str]) -> str | None:
    """Give the first registrable domain on a statement line that may be the merchant's own."""
    for host in hosts:
        domain = registrable_domain(host)
        # `DR.MED` and `ST.CO` are abbreviations, not addresses.
        if domain is None or len(domain.partition(".")[0]) < SHORTEST_LABEL or domain in NEUTRAL_DOMAINS:
            continue
        if domain not in kb.shared_domains and domain not in kb.index.reseller_hosts:
            return domain
    return None


def _without_host(words: list[str], domain: str) -> list[str]:
    """Take the end of the domain off a merchant's name: `frobnicator io` is called Frobnicator."""
    label, _, ending = domain.partition(".")
    name, suffix = squash(label), words_of(ending)
    for at in range(len(words) - len(suffix), 0, -1):
        if words[at : at + len(suffix)] != suffix:
            continue
        for start in range(at):
            if "".join(words[start:at]) == name:
                return words[:start] or words[start:at]
    return words


def _title(word: str) -> str:
    return word if any(ch.isdigit() for ch in word) else word.capitalize()


def _first(identifiers: Sequence[Identifier], kind: str, show: Callable[[str], str]) -> str:
    for identifier in identifiers:
        if identifier.kind == kind and identifier.value.strip():
            return show(identifier.value)
    return ""
