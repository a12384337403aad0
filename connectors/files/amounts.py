"""Amounts as banks and people write them: signs, marks, symbols and words round the digits.

What the digits come to in minor units is `connectors.money`'s.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from connectors import money

_SYMBOLS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "฿": "THB", "₫": "VND",
    "₴": "UAH", "₦": "NGN", "₱": "PHP", "₺": "TRY", "ZŁ": "PLN", "KČ": "CZK", "FR.": "CHF", "SFR.": "CHF",
    "US$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "R$": "BRL", "MX$": "MXN", "RS.": "INR", "JP¥": "JPY", "CN¥": "CNY",
}  # fmt: skip
_DOLLARS = frozenset(
    ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP", "TWD", "UYU", "BSD", "BBD", "BMD",
     "BZD", "JMD", "KYD", "TTD", "FJD")
)  # fmt: skip
_SHARED = {
    "$": _DOLLARS,
    "¥": frozenset(("JPY", "CNY", "CNH")),
    "KR": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "KR.": frozenset(("SEK", "NOK", "DKK", "ISK")),
}
"""Symbols of several currencies: they confirm the account's currency, they never choose one."""

_INFLOW = {"CR", "C", "H", "HABEN"}
_OUTFLOW = {"DR", "D", "DB", "S", "SOLL"}
_CLEAN = {
    **dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, " \t\u00a0\u202f\u2009\u2007'\u2019`\u00b4"), None),
}
_BODY = re.compile(r"[.,]?\d(?:[\d.,]*\d)?[.,]?")
_SWISS_ZERO_CENTS = re.compile(r"(?<=\d)[.,]-+$")


class Written(NamedTuple):
    """An amount taken apart, before its decimal mark is known.

    `inflow` is True for CR, False for DR and None where the text says neither.
    """

    body: str
    negative: bool
    inflow: bool | None
    unit: str


class Amount(NamedTuple):
    """An amount as the file states it: signed minor units, the currency, and CR/DR if written."""

    minor: int
    currency: str
    inflow: bool | None = None


@lru_cache(maxsize=4096)
def is_currency(code: str) -> bool:
    """Whether a text is an ISO 4217 code as it stands."""
    try:
        return money.currency_code(code) == code
    except money.UnknownCurrency:
        return False


def parse_minor(amount: Decimal | float | str, currency: str) -> int:
    """An exact amount in major units (text with a decimal point, no grouping) in minor units.

    Raises:
        ValueError: not a number, or more decimals than the currency has; the message continues a
            sentence that names the value.
    """
    try:
        minor = money.to_minor(amount, currency)
    except money.InexactAmount as error:
        raise ValueError(f"has more decimals than {currency} has") from error
    except ValueError as error:
        raise ValueError("is not an amount") from error
    if abs(minor) >= 10**15:
        raise ValueError("is too large to be an amount")
    return minor


@lru_cache(maxsize=32_768)
def take_apart(text: str) -> Written:
    """Split a written amount into digits, sign, direction and currency.

    Understands unicode minus signs, a minus at the end, parentheses for negatives, CR/DR (and the
    German S/H), currency codes and symbols, spaces and apostrophes between thousands.

    Raises:
        ValueError: not an amount; the message continues a sentence that names the value.
    """
    clean = _SWISS_ZERO_CENTS.sub("", text.translate(_CLEAN).upper())
    match = _BODY.search(clean)
    if match is None:
        raise ValueError("is not an amount")
    before, after = clean[: match.start()], clean[match.end() :]
    around = before + after
    opened, closed = before.count("("), after.count(")")
    if (
        any(c.isdigit() for c in around)
        or opened != closed
        or opened > 1
        or around.count("(") + around.count(")") != opened + closed
        or around.count("-") > 1
        or around.count("+") + around.count("-") > 1
    ):
        raise ValueError("is not an amount")
    inflow: bool | None = None
    units = []
    for word in (re.sub(r"[()+\-]", "", part) for part in (before, after)):
        unit, direction = _unit_and_direction(word)
        inflow = direction if direction is not None else inflow
        units.extend([unit] if unit else [])
    if len(set(units)) > 1 and not (len(units) == 2 and any(u in _SHARED for u in units)):
        raise ValueError("names two currencies")
    # "$12.00 USD" is written with both: the code says more than the sign.
    unit = next((u for u in units if u not in _SHARED), units[0] if units else "")
    return Written(match.group(), "-" in around or opened == 1, inflow, unit)


def _unit_and_direction(word: str) -> tuple[str, bool | None]:
    if word in _INFLOW:
        return "", True
    if word in _OUTFLOW:
        return "", False
    if _is_unit(word):
        return _SYMBOLS.get(word, word), None
    for ending, inflow in (("CR", True), ("DR", False)):
        if word.endswith(ending) and _is_unit(word[:-2]):
            return _SYMBOLS.get(word[:-2], word[:-2]), inflow
    raise ValueError("is not an amount")


def _is_unit(word: str) -> bool:
    return not word or is_currency(word) or word in _SYMBOLS or word in _SHARED


def decimal_mark(body: str) -> str | None:
    """Which of '.' and ',' is the decimal mark, where the digits leave no doubt; None otherwise."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    if points + commas == 0:
        return None
    mark = "." if points else ","
    if points + commas > 1:
        return "," if mark == "." else "."
    whole, _, decimals = body.partition(mark)
    if len(decimals) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return mark
    return None


def _exact(body: str, mark: str) -> Decimal:
    whole, found, decimals = body.partition(mark)
    groups = re.split(r"[.,]", whole)
    if mark in decimals or "," in decimals or "." in decimals:
        raise ValueError("is not an amount")
    # Thousands, and the Indian two-digit groups (1,00,000.00); anything else is a slip of the pen.
    if len(groups) > 1 and not (
        1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(g) in (2, 3) for g in groups[1:])
    ):
        raise ValueError("is not an amount")
    return Decimal("".join(groups) + ("." + decimals if found and decimals else "") or "0")


def parse_amount(text: str, currency: str, mark: str | None, *, given: bool = False) -> Amount:
    """Read one written amount.

    Args:
        text: the cell.
        currency: the row's currency.
        mark: the file's decimal mark, used only where the value alone leaves a doubt.
        given: the row itself names its currency, so that a symbol may not change it.

    Raises:
        ValueError: the message continues a sentence that names the value.
    """
    written = take_apart(text)
    if written.unit in _SHARED:
        if currency not in _SHARED[written.unit]:
            raise ValueError(f"is not in {currency}, and its sign belongs to several currencies")
    elif written.unit and written.unit != currency:
        if given:
            raise ValueError(f"is in {written.unit}, while the currency of the row is {currency}")
        currency = written.unit
    own = decimal_mark(written.body) or mark
    if own is None:
        # "1,234" with nothing else to go by: three decimals exist in a few currencies only.
        present = "," if "," in written.body else "."
        own = present if money.exponent(currency) == 3 else ("." if present == "," else ",")
    minor = parse_minor(_exact(written.body, own), currency)
    return Amount(-minor if written.negative else minor, currency, written.inflow)


def currency_code(text: str) -> str:
    """The ISO 4217 code that a currency cell states, by code or by a symbol of one currency only.

    Raises:
        ValueError: it states none.
    """
    word = text.strip().upper()
    code = _SYMBOLS.get(word, word)
    if not is_currency(code):
        raise ValueError("is not an ISO 4217 currency code")
    return code


def majority_mark(marks: Iterable[tuple[str, int]]) -> str | None:
    """The decimal mark most values agree on; None when there is no evidence or it is even."""
    votes = dict(marks)
    points, commas = votes.get(".", 0), votes.get(",", 0)
    return None if points == commas else "." if points > commas else ","
