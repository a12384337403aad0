"""Which expenses are for software or advertising at all: the rest is counted and forgotten.

A merchant that the knowledge base names is kept without asking here. This decides about merchants
nobody knows: a hotel must not become a tool, and a new tool must not be lost. Merchant category
codes are ISO 18245.
"""

from app.catalog.answers import Answer
from app.identify import SOFTWARE_MCC, Unknown, registrable_domain
from connectors.observations import ExpenseSeen

_ONLY_SOFTWARE_MCC = SOFTWARE_MCC - {"5045", "5968", "7311"}
"""Of these, the codes under which nothing but software and digital goods is filed."""

_SOFTWARE_WORDS = frozenset(
    {
        "apps",
        "cloud",
        "hosting",
        "licence",
        "licences",
        "license",
        "licenses",
        "lizenzen",
        "saas",
        "software",
        "subscription",
        "subscriptions",
    }
)
_WORDS = _SOFTWARE_WORDS | frozenset(
    {
        "advertising",
        "digital",
        "marketing",
        "werbung",
    }
)


def is_kept(expense: ExpenseSeen, answer: Answer) -> bool:
    """Whether an expense is stored at all, if no person said what its merchant is.

    Args:
        expense: as the source reported it.
        answer: what identification said of its merchant.
    """
    return answer.match is not None or is_a_word(expense, answer) or is_for_software(expense, answer.unknown)


def is_a_word(expense: ExpenseSeen, answer: Answer) -> bool:
    """Whether an ordinary word that is a product's name is all that there is: nobody filed the expense.

    Such a one is kept, and waits for a rhythm: see `app.catalog.second_look`.
    """
    return answer.word is not None and not expense.mcc and not expense.category


def is_for_software(expense: ExpenseSeen, unknown: Unknown) -> bool:
    """Whether an expense of an unknown merchant is worth keeping as evidence of a tool.

    Args:
        expense: as the source reported it.
        unknown: what identification could say about the merchant.
    """
    words = {w.strip(".,&/()-") for w in (expense.category or "").lower().split()}
    if unknown.reseller:
        return _is_software_through_reseller(expense, unknown, words)
    if words & _WORDS:
        return True
    if expense.mcc:
        return expense.mcc.zfill(4) in SOFTWARE_MCC
    # No code and no category, as in most bank files: an address as the merchant's name
    # ("FROBNICATOR.IO") is how software is billed; anything else is not kept.
    return any(
        "." in word.strip(".") and registrable_domain(word) is not None
        for word in (expense.descriptor or expense.merchant).lower().split()
    )


def _is_software_through_reseller(expense: ExpenseSeen, unknown: Unknown, words: set[str]) -> bool:
    """Whether a bare reseller sold software.

    A merchant of record or an app store sells nothing else. A wallet, a till or a marketplace sells
    anything, so that the expense itself must say software; a ticket or a meal is never a tool.
    """
    if unknown.sells in {"software", "apps"}:
        return True
    if unknown.sells != "anything":
        return False
    return bool(words & _SOFTWARE_WORDS) or (expense.mcc or "").zfill(4) in _ONLY_SOFTWARE_MCC
