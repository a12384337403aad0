"""What one identifier says on its own, and how sure each way of reading makes us."""

from itertools import pairwise

import msgspec

from app.identify.records import Product

SCORES = {
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
    "label": 0.7,
    "portal_name": 0.62,
    "titled_name": 0.84,
    "maker+name": 0.84,
    "bracketed_name": 0.8,
    "owned_name": 0.7,
    "name+word": 0.78,
    "leading_name": 0.72,
    "product_line": 0.6,
    "merchant_prefix": 0.65,
    "several_names": 0.7,
    "outstanding": 0.6,
}
"""How the rules rank when they speak alone; signals that agree add to it."""


_CURVE = (
    (0.0, 0.5),
    (0.6, 0.85),
    (0.7, 0.88),
    (0.78, 0.93),
    (0.86, 0.955),
    (0.9, 0.97),
    (0.95, 0.98),
    (0.99, 0.99),
    (1.0, 0.99),
)
"""Scores with the share of right answers that was measured for them on the half that rules are tuned on,
rounded down where rows were few."""


def calibrated(score: float) -> float:
    """Give how often answers with a score are right: what is shown to people as confidence.

    Args:
        score: of a rule, with what agreement added; 0 to 1.
    """
    for (low, at_low), (high, at_high) in pairwise(_CURVE):
        if score <= high:
            return round(at_low + (at_high - at_low) * (score - low) / (high - low), 3)
    return _CURVE[-1][1]


CONFIDENCE = {rule: calibrated(score) for rule, score in SCORES.items()}
"""How sure each rule makes us when it speaks alone."""


class Clue(msgspec.Struct, frozen=True, gc=False):
    """What one identifier says: a product by a rule. A weak clue counts only with a second signal."""

    product: Product
    rule: str
    weak: bool
    detail: str

    def but(self, *, rule: str | None = None, weak: bool = False) -> "Clue":
        """Give the same clue by another rule, made sure by something else unless said otherwise."""
        return Clue(self.product, rule or self.rule, weak, self.detail)
