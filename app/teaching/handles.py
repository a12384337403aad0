"""The handles by which people teach: identifiers in the form in which they are compared. Pure.

A subject (an app, or a merchant with its expenses) has handles. Somebody who says "this is that tool" ties
some of them to the tool, and every subject that carries one follows, in this scan and in later ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from app.catalog.merchant_key import merchant_of
from app.identify import KnowledgeBase, normalise_name, registrable_domain
from connectors.identifiers import (
    APP_NAME,
    DOMAIN,
    ENTRA_APP_ID,
    MERCHANT,
    OKTA_APP_KEY,
    PUBLISHER,
    Identifier,
)

_RANKS = {OKTA_APP_KEY: 1, DOMAIN: 2, APP_NAME: 3, MERCHANT: 4}
_KEYED = ("name:", "domain:", "reseller:", "merchant:")
"""How the keys of merchants begin; anything else is a line of a statement."""


PRODUCT = "product"
"""The kind under which a teaching names a product of the knowledge base that a tool is not."""


class Handle(NamedTuple):
    """A kind of identifier, and its value as it is compared."""

    kind: str
    value: str


def rank(handle: Handle) -> tuple[int, int]:
    """How much a handle says, the least number first: ids, Okta's key, longer hosts, names, merchants."""
    length = len(handle.value) if handle.kind == DOMAIN else 0
    return _RANKS.get(handle.kind, 0), -length


def handle_of(kind: str, value: str) -> Handle | None:
    """One identifier as a handle; None if nothing comparable is left of it, or nothing is taught by it.

    Args:
        kind: as connectors name it.
        value: as a source or a person wrote it.
    """
    text = value.strip()
    if kind == PUBLISHER:  # one maker has many tools
        return None
    if kind == DOMAIN:
        text = host_of(text)
    elif kind == APP_NAME:
        text = normalise_name(text).replace(" ", "")
    elif kind == MERCHANT:
        text = text if text.startswith(_KEYED) else merchant_of((Identifier(MERCHANT, text),))[0]
        text = "" if text == "unnamed" else text
    elif kind in {OKTA_APP_KEY, ENTRA_APP_ID}:
        text = text.lower()
    return Handle(kind, text) if text else None


def app_handles(identifiers: Iterable[Sequence[str]], name: str) -> list[Handle]:
    """Every handle of an app; its name counts where no identifier names it.

    Args:
        identifiers: pairs of kind and value, as sources reported them.
        name: what the app is called.
    """
    pairs = [(i[0], i[1]) for i in identifiers]
    if not any(kind == APP_NAME for kind, _ in pairs):
        pairs.append((APP_NAME, name))
    found: dict[Handle, None] = {}
    for kind, value in pairs:
        handle = handle_of(kind, value)
        if handle is not None:
            found.update(dict.fromkeys(_wider(handle)))
    return list(found)


def merchant_handles(key: str) -> list[Handle]:
    """The handles of a merchant: its key, and the address that its lines print."""
    found = [Handle(MERCHANT, key)]
    kind, _, value = key.partition(":")
    return found + (_wider(Handle(DOMAIN, value)) if kind == "domain" else [])


def learned_from(kb: KnowledgeBase, handles: Sequence[Handle]) -> list[Handle]:
    """Which handles of an app stand for it when a person points at the app as a whole: the most telling.

    Its ids if it has any, else Okta's key, else its domain, else its name. A domain is learned as the
    maker registered it, so that its other hosts follow, unless several makers or products share it.
    """
    ordered = sorted(handles, key=rank)
    if not ordered:
        return []
    best = rank(ordered[0])[0]
    if best != _RANKS[DOMAIN]:
        return sorted({h for h in ordered if rank(h)[0] == best})
    hosts = {h.value for h in ordered if h.kind == DOMAIN}
    return sorted({Handle(DOMAIN, _own_domain(kb, host)) for host in _longest(hosts)})


def host_of(text: str) -> str:
    """The bare host name of an address, a host or an e-mail address; empty if it is none."""
    address = text.strip().lower()
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    host = host.strip(".").removeprefix("www.")
    return host if registrable_domain(host) else ""


def _wider(handle: Handle) -> list[Handle]:
    """A host with everything above it down to what its maker registered; any other handle alone."""
    top = registrable_domain(handle.value) if handle.kind == DOMAIN else None
    if top is None:
        return [handle]
    found, host = [handle], handle.value
    while host != top and "." in host:
        host = host.partition(".")[2]
        found.append(Handle(DOMAIN, host))
    return found


def _longest(hosts: set[str]) -> list[str]:
    return sorted(h for h in hosts if not any(o != h and o.endswith(f".{h}") for o in hosts))


def _own_domain(kb: KnowledgeBase, host: str) -> str:
    top = registrable_domain(host) or host
    if top in kb.shared_domains or products_at(kb, top) > 1:
        return host
    return top


def products_at(kb: KnowledgeBase, domain: str) -> int:
    """How many products have a host under a registrable domain."""
    return _homes(kb).get(domain, 0)


@lru_cache(maxsize=2)
def _homes(kb: KnowledgeBase) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for product in kb.products.values():
        counts.update({registrable_domain(host) or host for host in (product.domain, *product.domains)})
    return counts
