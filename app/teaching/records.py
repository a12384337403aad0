"""What was learned as records of the knowledge base: for a known product its new handles, for a new tool a
whole record that somebody should look through before it is added. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from app.identify import KnowledgeBase, Product, registrable_domain
from app.identify.records import ClientIds
from app.teaching.handles import Handle
from connectors.identifiers import APP_NAME, DOMAIN, ENTRA_APP_ID, GOOGLE_CLIENT_ID, MERCHANT, OKTA_APP_KEY

UNSORTED = "unsorted"
"""The category of a new record: a person has to choose one."""


@dataclass(frozen=True)
class TaughtTool:
    """A tool that people taught something about, and what they did."""

    key: str
    name: str
    vendor: str | None
    domain: str | None
    category: str | None
    audience: str
    handles: frozenset[Handle] = frozenset()
    shown: Mapping[Handle, str] = field(default_factory=dict)
    """How names and merchants are written, where they are compared in another form."""


def records_of(tools: Iterable[TaughtTool], kb: KnowledgeBase) -> list[Product]:
    """One record a tool, by id; a known product of which nothing new was learned has none.

    Args:
        tools: with the handles that people tied to them.
        kb: what is known already.
    """
    found: dict[str, Product] = {}
    for tool in tools:
        product = kb.products.get(tool.key.removeprefix("kb:")) if tool.key.startswith("kb:") else None
        record = _record(tool, product, kb)
        if product is None or _says_something(record):
            found[_free(record.id, found)] = record
    return [msgspec.structs.replace(record, id=id_) for id_, record in sorted(found.items())]


def _record(tool: TaughtTool, product: Product | None, kb: KnowledgeBase) -> Product:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for handle in sorted(tool.handles):
        by_kind[handle.kind].append(tool.shown.get(handle, handle.value))
    # A line that prints an address is known by the address, and a bare reseller says nothing of a product.
    merchants = [h for h in sorted(tool.handles) if h.kind == MERCHANT]
    addresses = [h.value.partition(":")[2] for h in merchants if h.value.startswith("domain:")]
    lines = [tool.shown.get(h, h.value.partition(":")[2]) for h in merchants if h.value.startswith("name:")]
    domains = [d for d in (*by_kind[DOMAIN], *addresses) if registrable_domain(d) not in kb.shared_domains]
    home = product.domain if product else (tool.domain or next(iter(domains), ""))
    known = _known(product) | {_plain(tool.name), home}
    return Product(
        id=product.id if product else _slug(tool.name),
        name=product.name if product else tool.name,
        vendor=product.vendor if product else (tool.vendor or tool.name),
        domain=home,
        category=product.category if product else (tool.category or UNSORTED),
        audience=product.audience if product else ("marketing" if tool.audience == "marketing" else "other"),
        aliases=_new(by_kind[APP_NAME], known),
        domains=_new(domains, known),
        okta_keys=_new(by_kind[OKTA_APP_KEY], known),
        client_ids=ClientIds(
            google=_new(by_kind[GOOGLE_CLIENT_ID], known), entra=_new(by_kind[ENTRA_APP_ID], known)
        ),
        descriptors=_new([line.upper() for line in lines], known),
        sources=("own",),
    )


def _known(product: Product | None) -> set[str]:
    if product is None:
        return set()
    names = (
        *product.aliases,
        *product.former_names,
        *product.legal_names,
        *product.descriptors,
        product.name,
    )
    ids = (*product.client_ids.google, *product.client_ids.entra, *product.okta_keys, *product.domains)
    return {_plain(name) for name in names} | set(ids)


def _new(values: Iterable[str], known: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v not in known and _plain(v) not in known))


def _says_something(record: Product) -> bool:
    ids = (*record.client_ids.google, *record.client_ids.entra, *record.okta_keys)
    return bool(record.aliases or record.domains or record.descriptors or ids)


def _plain(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def _free(id_: str, taken: Mapping[str, object]) -> str:
    number, free = 2, id_
    while free in taken:
        free, number = f"{id_}-{number}", number + 1
    return free
