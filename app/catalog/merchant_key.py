"""What all expenses of one merchant share: the key of the subject that they hang on. Pure."""

from collections.abc import Sequence

from app.identify import Unknown, describe_unknown
from connectors.identifiers import Identifier


def merchant_of(identifiers: Sequence[Identifier]) -> tuple[str, str]:
    """The merchant behind the lines of one expense: its key, and its name as shown.

    Args:
        identifiers: the merchant texts of the expense, the card network's first.

    Returns:
        Such as `("name:frobnix", "Frobnix")`. References, places, legal forms and processors are not part
        of it; where a line prints an address that is the key, and where it names only a reseller, the
        reseller is.
    """
    return merchant_from(describe_unknown(identifiers))


def merchant_from(unknown: Unknown) -> tuple[str, str]:
    """The same from a description that was made already."""
    return unknown.key, unknown.name
