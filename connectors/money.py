"""Exact money: from what vendors and files write to integer minor units, and back to text.

Nothing here divides by 100. How many decimals a currency has comes from ISO 4217 (yen none, Kuwaiti
dinars three), decimals are read as decimals, and binary floating point is read through its shortest
decimal form, so that 19.99 is 1999 cents and not 1998.
"""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
        "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL "
        "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR "
        "PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
        "TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217 list one, by number of decimals. Metals, funds and test codes have none and are left out."""

_WITHDRAWN = {
    0: "BYR",
    2: "ANG BGN CUC HRK LTL LVL MRO SLL STD VEF ZMK ZWL",
}
"""ISO 4217 list three, the codes withdrawn since 2013: old statements still carry them."""

_EXPONENT = {
    code: exponent
    for table in (_WITHDRAWN, _EXPONENTS)
    for exponent, codes in table.items()
    for code in codes.split()
}

_PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_WIDE = Context(prec=60)
# Sums that a vendor made in binary floating point are off by less than this part of a minor unit.
_NOISE = Decimal("0.001")


class UnknownCurrency(ValueError):
    """A code that ISO 4217 does not list as money; the message names it."""


class InexactAmount(ValueError):
    """An amount with more decimals than its currency has."""


def currency_code(value: str) -> str:
    """The ISO 4217 code that `value` spells, in capitals and without spaces around it.

    Raises:
        UnknownCurrency: no such code.
    """
    code = value.strip().upper()
    if code not in _EXPONENT:
        raise UnknownCurrency(f"{value!r} is not a currency code of ISO 4217")
    return code


def exponent(currency: str) -> int:
    """How many decimals a currency has (USD 2, JPY 0, KWD 3).

    Raises:
        UnknownCurrency: no such code.
    """
    return _EXPONENT[currency_code(currency)]


def to_minor(amount: str | int | float | Decimal, currency: str, *, rounded: bool = False) -> int:
    """Minor units of an amount given in major units: `to_minor("12.5", "USD")` is 1250.

    Args:
        amount: a plain decimal text (sign, ASCII digits, one point; no grouping, no exponent), an
            integer, a Decimal, or a float, which is taken for the shortest decimal that reads back
            as the same float.
        currency: ISO 4217 code.
        rounded: accept more decimals than the currency has and round half to even; otherwise only
            the noise of binary sums is removed, from floats alone.

    Raises:
        UnknownCurrency: no such code.
        InexactAmount: more decimals than the currency has.
        ValueError: not a finite number.
    """
    exact = _decimal(amount).scaleb(exponent(currency), _WIDE)
    return _whole(exact, rounded, noisy=isinstance(amount, float), shown=f"{amount} {currency}")


def from_minor(
    amount: int | float | Decimal | str,
    currency: str,
    *,
    rate: int | float | Decimal | None = None,
    rounded: bool = False,
) -> int:
    """Minor units by ISO 4217 of an amount that a vendor gives in its own minor units.

    Args:
        amount: the vendor's number of minor units; a whole number, however it is typed.
        currency: ISO 4217 code.
        rate: how many of the vendor's minor units make one major unit (Ramp's
            `minor_unit_conversion_rate`); None when the vendor follows ISO 4217.
        rounded: as for `to_minor`.

    Raises:
        UnknownCurrency: no such code.
        InexactAmount: the amount is no whole number of the currency's minor units.
        ValueError: not a finite number, or a rate that is not positive.
    """
    number, scale = _decimal(amount), Decimal(10) ** exponent(currency)
    divisor = scale if rate is None else _decimal(rate)
    if divisor <= 0:
        raise ValueError(f"{rate} minor units to a major unit is no conversion rate")
    exact = _WIDE.divide(_WIDE.multiply(number, scale), divisor)
    return _whole(exact, rounded, noisy=False, shown=f"{amount} at {rate} to 1 {currency}")


def to_major(minor: int, currency: str) -> Decimal:
    """The amount in major units, exact, with as many decimals as the currency has.

    Raises:
        UnknownCurrency: no such code.
    """
    return Decimal(minor).scaleb(-exponent(currency), _WIDE)


def format_money(minor: int, currency: str) -> str:
    """An amount for people: `1,234.50 USD`, `-1,200 JPY`.

    Raises:
        UnknownCurrency: no such code.
    """
    return f"{to_major(minor, currency):,.{exponent(currency)}f} {currency_code(currency)}"


def _decimal(value: str | int | float | Decimal) -> Decimal:
    if isinstance(value, bool):
        raise ValueError(f"{value} is not an amount")  # noqa: TRY004 - callers catch one error for bad data
    if isinstance(value, str):
        text = value.strip()
        if not _PLAIN.fullmatch(text):
            raise ValueError(f"{value!r} is not a plain decimal number")
        return Decimal(text)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return number


def _whole(exact: Decimal, rounded: bool, *, noisy: bool, shown: str) -> int:
    nearest = exact.to_integral_value(ROUND_HALF_EVEN)
    off = abs(exact - nearest)
    if off and not rounded and not (noisy and off < _NOISE):
        raise InexactAmount(f"{shown} is not a whole number of minor units")
    return int(nearest)
