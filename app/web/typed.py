"""What people type into forms, read: amounts and whole numbers. Pure."""

import re
from collections.abc import Collection
from decimal import Decimal

from app.catalog.money import decimals

_AMOUNT = re.compile(r"(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d*)?", re.ASCII)


def minor_of(text: str, currency: str) -> int | None:
    """An amount as people write it, `1,200.50`, in minor units; None if it is none."""
    if not _AMOUNT.fullmatch(text):  # a comma before two digits is somebody's decimal point
        return None
    whole, _, rest = text.replace(",", "").replace(" ", "").partition(".")
    places = decimals(currency.upper())
    if len(whole) > 12 or len(rest) > places:
        return None
    return int(whole) * 10**places + int(rest.ljust(places, "0") or 0)


def typed_amount(minor: int, currency: str) -> str:
    """Minor units as `minor_of` reads them: `1200.50`."""
    return f"{Decimal(minor).scaleb(-decimals(currency)):f}"


def is_number(text: str) -> bool:
    """True for a whole number such as 12."""
    return text.isascii() and text.isdigit()


def one_of(text: str, values: Collection[str], usual: str) -> str:
    """`text` if it is one of the values that there are, else the usual one."""
    return text if text in values else usual
