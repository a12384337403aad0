"""What one identifier says on its own, and how sure each way of reading makes us."""

from typing import NamedTuple

from app.identify.records import Product

CONFIDENCE = {
    "client_id": 0.99,
    "okta_key": 0.97,
    "domain": 0.95,
    "domain_suffix": 0.94,
    "vendor_domain": 0.6,
    "descriptor": 0.92,
    "name": 0.9,
    "publisher+name": 0.9,
    "publisher": 0.7,
    "domain+name": 0.9,
    "alias": 0.88,
    "former_name": 0.86,
    "legal_name": 0.85,
    "merchant_domain": 0.86,
    "merchant_name": 0.82,
    "supported_name": 0.8,
    "titled_name": 0.84,
    "bracketed_name": 0.8,
    "owned_name": 0.7,
    "name+word": 0.78,
    "leading_name": 0.72,
    "product_line": 0.6,
    "merchant_prefix": 0.65,
}
"""How sure each rule makes us when it speaks alone; signals that agree add to it."""


class Clue(NamedTuple):
    """What one identifier says: a product by a rule. A weak clue counts only with a second signal."""

    product: Product
    rule: str
    weak: bool
    detail: str
