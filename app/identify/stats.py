"""How much the knowledge base holds: counted, so that a page can say it and a gap can be seen."""

from collections import Counter
from typing import Any

from app.identify.contents import Contents

_FIELDS = (
    *("aliases", "former_names", "legal_names", "oauth_names", "domains", "login_hosts", "tenant_hosts"),
    *("sending_domains", "asset_domains", "publishers", "okta_keys", "client_ids", "descriptors", "owner"),
    *("pricing", "common_word", "guarded"),
)


def stats(contents: Contents) -> dict[str, Any]:
    """Count what a data folder holds.

    Args:
        contents: the folder's contents.

    Returns:
        `products`, `vendors`, `audience`, `landscape` (each heading with its code, name and products),
        `areas` (products outside the landscape), `fields` (how many records have each), `values` (how many
        names, hosts, descriptors and client ids there are), `head`, and `sources`.
    """
    products = [entry.product for entry in contents.entries]
    by_category = Counter(product.category for product in products)
    return {
        "products": len(products),
        "vendors": len({product.vendor for product in products}),
        "audience": dict(Counter(product.audience for product in products).most_common()),
        "landscape": [
            {"code": code, "name": category.name, "products": by_category[code]}
            for code, category in sorted(contents.categories.items())
        ],
        "areas": {a: n for a, n in sorted(by_category.items()) if a not in contents.categories},
        "fields": {field: sum(_filled(product, field) for product in products) for field in _FIELDS},
        "values": {
            "names": sum(1 + len(p.aliases) + len(p.former_names) + len(p.oauth_names) for p in products),
            "legal_names": sum(len(p.legal_names) for p in products),
            "hosts": sum(len(p.hosts) for p in products),
            "descriptors": sum(len(p.descriptors) for p in products),
            "client_ids": sum(len(p.client_ids.google) + len(p.client_ids.entra) for p in products),
        },
        "head": sum(product.tier == "head" for product in products),
        "sources": dict(Counter(source for p in products for source in p.sources).most_common()),
    }


def _filled(product: Any, field: str) -> bool:
    if field == "client_ids":
        return bool(product.client_ids.google or product.client_ids.entra)
    return bool(getattr(product, field))
