"""Which expenses are for software or advertising at all: the rest is counted and forgotten.

A merchant that the knowledge base names is kept without asking here. This decides about merchants
nobody knows: a hotel must not become a tool, and a new tool must not be lost. Merchant category
codes are ISO 18245.
"""

from app.identify import Unknown, registrable_domain
from connectors.observations import ExpenseSeen

SOFTWARE_MCC = frozenset(
    {"4816", "5045", "5734", "5815", "5816", "5817", "5818", "5968", "7311", "7372", "7379"}
)
"""Software and digital goods, network services, subscriptions, advertising, data processing."""

_WORDS = frozenset(
    {
        "advertising",
        "apps",
        "cloud",
        "digital",
        "hosting",
        "licence",
        "licences",
        "license",
        "licenses",
        "marketing",
        "saas",
        "software",
        "subscription",
        "subscriptions",
        "werbung",
        "lizenzen",
    }
)


def is_for_software(expense: ExpenseSeen, unknown: Unknown) -> bool:
    """Whether an expense of an unknown merchant is worth keeping as evidence of a tool.

    Args:
        expense: as the source reported it.
        unknown: what identification could say about the merchant.
    """
    words = {w.strip(".,&/()-") for w in (expense.category or "").lower().split()}
    if words & _WORDS:
        return True
    if expense.mcc:
        return expense.mcc.zfill(4) in SOFTWARE_MCC
    # No code and no category, as in most bank files: an address as the merchant's name
    # ("FROBNICATOR.IO") is how software is billed; anything else is not kept.
    return not unknown.reseller and any(
        "." in word.strip(".") and registrable_domain(word) is not None
        for word in (expense.descriptor or expense.merchant).lower().split()
    )
