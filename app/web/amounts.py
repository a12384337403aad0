"""Numbers and amounts of money as people type them into forms. Pure."""

import re

from app.catalog.money import decimals

_AMOUNT = re.compile(r"(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d*)?", re.ASCII)


def minor(amount: str, currency: str) -> int | None:
    """An amount as people write it, such as 1200 or 1,200.50, in minor units; None if it is none."""
    if not _AMOUNT.fullmatch(amount):  # a comma before two digits is somebody's decimal point
        return None
    whole, _, rest = amount.replace(",", "").replace(" ", "").partition(".")
    places = decimals(currency.upper())
    if not is_number(whole) or len(whole) > 12 or len(rest) > places or (rest and not is_number(rest)):
        return None
    return int(whole) * 10**places + int(rest.ljust(places, "0") or 0)


def is_number(text: str) -> bool:
    """True for a whole number in plain digits."""
    return text.isascii() and text.isdigit()
