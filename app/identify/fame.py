"""How well a product is known: what people know is imitated, and meant by a word that others use too."""

from app.identify.records import Product

_MANY_HANDLES = 6
"""So many names and lines has what people meet everywhere."""


def is_known(product: Product) -> bool:
    """Say whether a product is among the best known, or listed by an identity provider or card network."""
    listed = product.okta_keys or product.client_ids.google or product.client_ids.entra
    return product.tier == "head" or bool(listed)


def is_met_everywhere(product: Product) -> bool:
    """Say whether a product is known, or has so many names and lines that people must have met it."""
    handles = len(product.aliases) + len(product.former_names) + len(product.descriptors)
    return handles >= _MANY_HANDLES or is_known(product)
