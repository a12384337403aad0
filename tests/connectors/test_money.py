from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import (
    InexactAmount,
    UnknownCurrency,
    currency_code,
    exponent,
    format_money,
    from_minor,
    to_major,
    to_minor,
)

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KRW", "KWD", "BHD", "CLF", "HUF", "HRK"])
# Up to 10 billion major units: beyond 15 digits a float itself no longer holds the cents.
MINOR = st.integers(-(10**12), 10**12)


@given(MINOR, CURRENCIES)
def test_decimal_text_and_float_give_the_same_minor_units(minor: int, currency: str):
    major = to_major(minor, currency)
    assert to_minor(major, currency) == minor
    assert to_minor(f"{major:f}", currency) == minor
    assert to_minor(float(major), currency) == minor


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=30))
def test_the_noise_of_binary_sums_is_removed(cents: list[int]):
    assert to_minor(sum(c / 100 for c in cents), "USD") == sum(cents)


@given(MINOR, CURRENCIES)
def test_what_people_read_is_what_was_counted(minor: int, currency: str):
    amount, code = format_money(minor, currency).split(" ")
    assert code == currency
    assert to_minor(amount.replace(",", ""), currency) == minor


@given(MINOR, CURRENCIES)
def test_the_vendors_own_rate_gives_the_same_as_the_standard(minor: int, currency: str):
    assert from_minor(minor, currency) == minor
    assert from_minor(minor, currency, rate=10 ** exponent(currency)) == minor


@given(st.integers(-(10**9), 10**9), CURRENCIES, st.integers(1, 5))
def test_a_rate_finer_than_the_standard_is_scaled_exactly(minor: int, currency: str, finer: int):
    assert from_minor(minor * 10**finer, currency, rate=10 ** (exponent(currency) + finer)) == minor


@given(st.decimals(-(10**9), 10**9, places=6, allow_nan=False), CURRENCIES)
def test_rounding_is_never_off_by_more_than_half_a_minor_unit(amount: Decimal, currency: str):
    rounded = to_minor(amount, currency, rounded=True)
    assert abs(Decimal(rounded) - amount.scaleb(exponent(currency))) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (19.99, "USD", 1999),
        (1.1 + 2.2, "USD", 330),
        ("-0.29", "EUR", -29),
        (".5", "USD", 50),
        ("7.", "USD", 700),
        ("+12.50 ", "USD", 1250),
        ("12.500", "USD", 1250),
        (1200, "JPY", 1200),
        (1200.0, "JPY", 1200),
        ("1.234", "KWD", 1234),
        (1e16, "JPY", 10**16),
        (1e-07, "USD", 0),
        (0, "USD", 0),
    ],
)
def test_amounts_in_major_units(amount, currency, minor):
    assert to_minor(amount, currency) == minor


def test_yen_have_no_cents_and_dinars_have_mills():
    assert [exponent(c) for c in ("JPY", "KRW", "USD", "KWD", "BHD", "CLF")] == [0, 0, 2, 3, 3, 4]


def test_a_rate_that_contradicts_the_standard_is_believed():
    # 1200 yen, written by a vendor that counts every currency in hundredths.
    assert from_minor(120_000, "JPY", rate=100) == 1200


@pytest.mark.parametrize("amount", ["12.345", Decimal("0.001"), 12.345])
def test_more_decimals_than_the_currency_has_are_refused_unless_rounding_is_wanted(amount):
    with pytest.raises(InexactAmount):
        to_minor(amount, "USD")
    assert to_minor(amount, "USD", rounded=True) == round(Decimal(str(amount)) * 100)


@pytest.mark.parametrize(
    "amount", ["", "1,234.50", "1 000", "1_000", "1e3", "NaN", "Infinity", "--1", "١٢", float("nan"), True]
)
def test_what_is_no_plain_number_is_refused(amount):
    with pytest.raises(ValueError, match=r"not a|not an"):
        to_minor(amount, "USD")


@pytest.mark.parametrize("rate", [0, -100])
def test_a_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(ValueError, match="conversion rate"):
        from_minor(100, "USD", rate=rate)


@pytest.mark.parametrize("code", ["", "US", "XAU", "XXX", "DOLLAR", "U$D"])
def test_what_is_no_currency_is_refused(code):
    with pytest.raises(UnknownCurrency):
        exponent(code)


def test_codes_are_read_in_any_case():
    assert currency_code(" usd ") == "USD"
    assert format_money(-123450, "usd") == "-1,234.50 USD"
    assert format_money(-1200, "JPY") == "-1,200 JPY"
