"""Checks across records: a handle that two products own leads to neither."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.identify.contents import Contents, Entry, Finding
from app.identify.keys import company_key
from app.identify.merchants import prefix_forms
from app.identify.normalise import fold, squash
from app.identify.records import Product, Reseller


class _Claim(NamedTuple):
    """One product's claim to a handle: `what` it is to that product, as it is written there."""

    entry: Entry
    what: str
    written: str


Claims = dict[str, list[_Claim]]


def lint_owners(contents: Contents) -> Iterator[Finding]:
    """Find ids, hosts, keys, client ids, descriptors and names that two records own.

    Args:
        contents: a data folder's contents.

    Yields:
        One finding for each further owner; its message names the first.
    """
    yield from _ids(contents.entries)
    shared = frozenset(contents.shared)
    yield from _twice(
        "host",
        _gather(
            (h, e, "host", h)
            for e in contents.entries
            for h in (*e.product.hosts, *e.product.hosting_domains)
            if h not in shared
        ),
    )
    yield from _twice(
        "okta_key",
        _gather((fold(k), e, "Okta key", k) for e in contents.entries for k in e.product.okta_keys),
    )
    yield from _twice(
        "client_id",
        _gather(
            (fold(c), e, "client id", c)
            for e in contents.entries
            for c in (*e.product.client_ids.google, *e.product.client_ids.entra)
        ),
    )
    yield from _twice(
        "descriptor",
        _gather(
            (squash(fold(d)), e, "descriptor", d) for e in contents.entries for d in e.product.descriptors
        ),
    )
    yield from _prefixes(contents)
    yield from _names(contents)


def names_of(product: Product) -> Iterator[tuple[str, str]]:
    """List every name that a product is called by, legal names left out, with what it is to it."""
    yield "name", product.name
    for what, names in (
        ("alias", product.aliases),
        ("name on consent screens", product.oauth_names),
        ("former name", product.former_names),
    ):
        for name in names:
            yield what, name


def _gather(handles: Iterable[tuple[str, Entry, str, str]]) -> Claims:
    claims: Claims = {}
    for key, entry, what, written in handles:
        claims.setdefault(key, []).append(_Claim(entry, what, written))
    return claims


def _twice(check: str, claims: Claims) -> Iterator[Finding]:
    for owners in claims.values():
        first = owners[0]
        for claim in owners[1:]:
            if claim.entry.product.id != first.entry.product.id:
                yield _owned(check, claim, first)


def _owned(check: str, claim: _Claim, first: _Claim) -> Finding:
    other = first.entry
    message = (
        f"the {claim.what} {claim.written!r} is also {_a(first)} of {other.product.name} "
        f"({other.product.id} in {other.file}); leave it to one of them"
    )
    if check == "legal_name":
        message += ", or give both the same vendor or owner"
    return Finding(claim.entry.file, claim.entry.product.id, check, message)


def _a(claim: _Claim) -> str:
    return f"an {claim.what}" if claim.what[0] in "aO" else f"a {claim.what}"


def _ids(entries: Iterable[Entry]) -> Iterator[Finding]:
    seen: dict[str, Entry] = {}
    for entry in entries:
        first = seen.setdefault(entry.product.id, entry)
        if first is not entry:
            message = f"the id is used in {first.file} as well; give this record another"
            yield Finding(entry.file, entry.product.id, "id", message)


def _prefixes(contents: Contents) -> Iterator[Finding]:
    """Find statement prefixes that are printed alike although they are written differently."""
    entries = {entry.product.id: entry for entry in contents.entries}
    forms = prefix_forms((e.product for e in contents.entries), contents.resellers)
    products: dict[str, Product] = {}
    resellers: dict[str, Reseller] = {}
    for text, owner in sorted(forms, key=lambda row: (row[0], row[1].id)):
        if isinstance(owner, Product):
            first = products.setdefault(text, owner)
            if first.id != owner.id and not _same_descriptor(first, owner):
                message = (
                    f"one of its descriptors is printed as {text!r}, and so is one of {first.name} "
                    f"({first.id}); make it longer"
                )
                yield Finding(entries[owner.id].file, owner.id, "descriptor", message)
        elif resellers.setdefault(text, owner).id != owner.id:
            message = f"the prefix {text!r} also belongs to {resellers[text].id}; leave it to one of them"
            yield Finding("resellers.json", owner.id, "descriptor", message)


def _same_descriptor(one: Product, other: Product) -> bool:
    """Say whether two products write the same descriptor, which is found already."""
    return not {squash(fold(d)) for d in one.descriptors}.isdisjoint(
        squash(fold(d)) for d in other.descriptors
    )


def _names(contents: Contents) -> Iterator[Finding]:
    claims = _gather(
        (squash(fold(name)), entry, what, name)
        for entry in contents.entries
        for what, name in names_of(entry.product)
    )
    yield from _twice("name", {key: sorted(owners, key=_rank) for key, owners in claims.items()})
    for entry in contents.entries:
        for legal in entry.product.legal_names:
            for claim in claims.get(company_key(legal), ()):
                other = claim.entry.product
                if claim.what == "name" and not _related(other, entry.product) and not other.common_word:
                    yield _owned("legal_name", _Claim(entry, "legal name", legal), claim)
    makers = _gather(
        (squash(fold(legal)), entry, "legal name", legal)
        for entry in contents.entries
        for legal in entry.product.legal_names
    )
    for owners in makers.values():
        for claim in owners[1:]:
            if not _related(claim.entry.product, owners[0].entry.product):
                yield _owned("legal_name", claim, owners[0])


def _rank(claim: _Claim) -> int:
    return ("name", "alias", "name on consent screens", "former name").index(claim.what)


def _related(one: Product, other: Product) -> bool:
    """Say whether one company stands behind two products: as their vendor, or as the owner of either."""
    mine = {company_key(name) for name in (one.vendor, one.owner) if name}
    return not mine.isdisjoint(company_key(name) for name in (other.vendor, other.owner) if name)
