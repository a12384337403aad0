"""All names in the knowledge base by their comparison keys, with what each leads to."""

from collections.abc import Iterable, Mapping
from itertools import repeat

import msgspec

from app.identify.keys import companies_words, name_key, name_keys
from app.identify.normalise import squash
from app.identify.records import Product
from app.identify.words import PROTOCOL

SHORTEST_LABEL = 4
"""A domain's label identifies only from this length on."""


class NameEntry(msgspec.Struct, frozen=True, gc=False):
    """What a name leads to. A weak name is an ordinary word and needs a second signal."""

    product: Product
    rule: str
    weak: bool
    written: str


_Tier = tuple[list[str], list[NameEntry]]
"""Comparison keys, and beside each what it leads to."""


def name_tiers(products: list[Product]) -> tuple[_Tier, ...]:
    """List all names, those that say more in a tier before the others."""
    names = [product.name for product in products]
    bares = name_keys(names)
    guards = {p.id: _Guard(p, bare) for p, bare in zip(products, bares, strict=True) if _is_guarded(p)}
    weak = {id_ for id_, guard in guards.items() if guard.weak}
    weaks = [product.id in weak for product in products]
    return (
        (bares, list(map(NameEntry, products, repeat("name"), weaks, names))),
        _further("alias", [(p, name) for p in products for name in p.aliases], guards),
        _further("alias", [(p, name) for p in products for name in p.oauth_names], guards),
        _further("former_name", [(p, name) for p in products for name in p.former_names], guards),
        _companies([(p, name) for p in products for name in p.legal_names], guards),
        _behind_makers(products, bares, guards),
    )


def _is_guarded(product: Product) -> bool:
    return product.common_word or bool(product.guarded)


class _Guard:
    """Which names of a product are ordinary words."""

    def __init__(self, product: Product, bare: str) -> None:
        self.keys = frozenset(map(name_key, product.guarded))
        self.weak = product.common_word or bare in self.keys
        self.bare = bare

    def holds(self, key: str) -> bool:
        """Say whether a name is ordinary: listed, or the product's own ordinary name once more."""
        return key in self.keys or (self.weak and _is_bare(key, self.bare))

    def forbids(self, key: str) -> bool:
        """Say whether a company's name without its form is one of the ordinary names themselves."""
        return key in self.keys or (self.weak and key == self.bare)


_Guards = Mapping[str, _Guard]


def _further(rule: str, named: list[tuple[Product, str]], guards: _Guards) -> _Tier:
    keys = name_keys([written for _, written in named])
    return keys, [
        NameEntry(p, rule, p.id in guards and guards[p.id].holds(key), written)
        for key, (p, written) in zip(keys, named, strict=True)
    ]


def _companies(named: list[tuple[Product, str]], guards: _Guards) -> _Tier:
    """List companies' names, as they are written and without their legal form."""
    keys: list[str] = []
    entries: list[NameEntry] = []
    names = [name for _, name in named]
    for whole, company, (product, name) in zip(name_keys(names), companies_words(names), named, strict=True):
        guard = guards.get(product.id)
        keys.append(whole)
        entries.append(NameEntry(product, "legal_name", guard is not None and whole in guard.keys, name))
        key = "".join(company)
        if key != whole:
            # "Degree" alone is a word; "Degree, Inc." is the maker of Lattice.
            alone = len(company) == 1 or (guard is not None and guard.forbids(key))
            keys.append(key)
            entries.append(NameEntry(product, "legal_name", alone, name))
    return keys, entries


def _behind_makers(products: list[Product], bares: list[str], guards: _Guards) -> _Tier:
    """List names with the maker's in front, of products that do not say themselves who makes them."""
    others = [(p, bare) for p, bare in zip(products, bares, strict=True) if p.vendor != p.name]
    vendors = name_keys([product.vendor for product, _ in others])
    named = [
        (vendor, product, written)
        for vendor, (product, bare) in zip(vendors, others, strict=True)
        if not bare.startswith(vendor)
        for written in (product.name, *product.aliases, *product.former_names)
    ]
    behind = [
        (vendor + key, product, written)
        for key, (vendor, product, written) in zip(
            name_keys([written for _, _, written in named]), named, strict=True
        )
        if not key.startswith(vendor)  # else it says already who makes it
    ]
    return [key for key, _, _ in behind], [
        NameEntry(p, "name", p.id in guards and key in guards[p.id].keys, f"{p.vendor} {written}")
        for key, p, written in behind
    ]


def _is_bare(key: str, bare: str) -> bool:
    """Say whether a name is another one, with a way of signing on or not (`Word (SAML)`): it says no more."""
    return key.startswith(bare) and (key == bare or key[len(bare) :] in PROTOCOL)


def domain_labels(products: Iterable[Product], shared: frozenset[str]) -> dict[str, Product | None]:
    """Map the first label of each home domain to its product (`acmely` of acmely.com), if only one has it."""
    found: dict[str, Product | None] = {}
    for product in products:
        label = squash(product.domain.partition(".")[0])
        if product.domain not in shared and len(label) >= SHORTEST_LABEL:
            found[label] = None if label in found else product
    return found
