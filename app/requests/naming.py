"""Reads what a person typed, a name or an address: as a product, a stranger, or a look-alike. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from app.identify import (
    KnowledgeBase,
    Match,
    Product,
    Unknown,
    describe_unknown,
    identify,
    imitations,
    registrable_domain,
)
from app.identify.clues import read_name
from app.identify.normalise import clean_host, fold, squash
from connectors.identifiers import APP_NAME, DOMAIN, Identifier

LONGEST = 500
_AROUND = "<>()[]{}\"'“”‘’«»,;!"
_PARTS = re.compile(r"[/?#=&]+")
_MOST_PARTS = 8


@dataclass(frozen=True)
class Asked:
    """What a person means.

    Attributes:
        what: as they typed it, on one line.
        name: what to call it.
        domain: the maker's, if an address was given.
        identifiers: what was typed as typed handles.
        product: the knowledge base's product, if it is one.
        certain: the product is meant, not merely likely.
        why: how that is known, as a sentence.
        renamed: that the product is called otherwise now, as a sentence; else empty.
        warnings: what it seems to imitate, in sentences.
        unknown: how a stranger is described.
    """

    what: str
    name: str
    domain: str | None
    identifiers: tuple[Identifier, ...]
    product: Product | None
    certain: bool
    why: str
    renamed: str
    warnings: tuple[str, ...]
    unknown: Unknown


def read(kb: KnowledgeBase, typed: str) -> Asked:
    """Read what a person typed; any text will do.

    Args:
        kb: the knowledge base.
        typed: a name, a host, an address with a path, or a name and an address.
    """
    what = one_line(typed)
    words, address = _parts(what)
    identifiers = tuple(
        Identifier(kind, value) for kind, value in ((APP_NAME, words), (DOMAIN, address)) if value
    ) or (Identifier(APP_NAME, what),)
    unknown = describe_unknown(identifiers, kb)
    found = _product(kb, words, address, identifiers)
    if found is None:
        return Asked(
            what=what,
            name=words or unknown.name,
            domain=unknown.domain,
            identifiers=identifiers,
            product=None,
            certain=False,
            why="The knowledge base does not have it.",
            renamed="",
            warnings=imitations(kb, identifiers),
            unknown=unknown,
        )
    product, certain, why = found
    return Asked(
        what=what,
        name=product.name,
        domain=unknown.domain or product.domain,
        identifiers=identifiers,
        product=product,
        certain=certain,
        why=why,
        renamed=_renamed(product, words, address),
        warnings=(),
        unknown=unknown,
    )


def one_line(typed: str) -> str:
    """A text on one line that any database can hold, cut to 500 characters."""
    kept = "".join(" " if unicodedata.category(ch) in {"Cc", "Cs", "Zl", "Zp"} else ch for ch in typed)
    return " ".join(kept.split())[:LONGEST].strip()


def _parts(what: str) -> tuple[str, str]:
    """The words, and the first address among them."""
    address, words = "", []
    for token in what.split():
        bare = token.strip(_AROUND).rstrip(".:")
        if not address and bare and clean_host(bare) and registrable_domain(bare):
            address = bare
        else:
            words.append(token)
    return " ".join(words), address


def _product(
    kb: KnowledgeBase, words: str, address: str, identifiers: tuple[Identifier, ...]
) -> tuple[Product, bool, str] | None:
    match: Match | None = identify(kb, identifiers)
    if match is not None:
        return match.product, True, _why(match, address)
    if words and not address:
        clue = read_name(kb.index, words)
        if clue is not None:
            # Somebody who asks for a tool by an ordinary word means the tool, most likely.
            name = clue.product.name
            why = f"“{words}” is an ordinary word; most likely {name} by {clue.product.vendor} is meant."
            return clue.product, False, why
    if address and not words:
        return _named_in_path(kb, address)
    return None


def _why(match: Match, address: str) -> str:
    host = clean_host(address) if address else None
    return match.why.replace(address, host) if host else match.why


def _named_in_path(kb: KnowledgeBase, address: str) -> tuple[Product, bool, str] | None:
    """Read a shop's address by the product that its path names (`…/detail/grammarly/…`)."""
    host = clean_host(address)
    if describe_unknown((Identifier(DOMAIN, address),), kb).domain is not None:
        return None  # a maker's own host: what its path names is not this tool
    rest = address.split("://", 1)[-1]
    for part in _PARTS.split(rest)[1:_MOST_PARTS]:
        clue = read_name(kb.index, part.replace("-", " ").replace("_", " "))
        if clue is not None and not clue.weak:
            return clue.product, False, f"The address at {host} names {clue.product.name}."
    return None


def _renamed(product: Product, words: str, address: str) -> str:
    former = {squash(fold(name)): name for name in product.former_names}
    former.pop(squash(fold(product.name)), None)
    domain = registrable_domain(address) if address else None
    label = domain.partition(".")[0] if domain else ""
    for said in (squash(fold(words)), squash(fold(label))):
        if said and said in former:
            return f"{former[said]} is called {product.name} now."
    return ""
