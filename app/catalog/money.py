"""Money and counts in words for people. Pure."""

_NO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def decimals(currency: str) -> int:
    """How many digits of a currency's minor unit stand behind the point (ISO 4217)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def amount(minor: int, currency: str) -> str:
    """`123456, "EUR"` as `1,234.56 EUR`."""
    places = decimals(currency)
    whole, rest = divmod(abs(minor), 10**places)
    sign = "−" if minor < 0 else ""
    tail = f".{rest:0{places}d}" if places else ""
    return f"{sign}{whole:,}{tail} {currency}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1, "person", "people"` as `1 person`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
