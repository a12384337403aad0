"""Amounts, days and headers: one cell at a time."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.amounts import currency_code, decimal_mark, parse_amount, parse_minor, take_apart
from connectors.files.columns import find_header, normalise, read_header
from connectors.files.dates import day_first_evidence, excel_day, is_ambiguous, parse_date
from connectors.files.kinds import left_out
from connectors.money import exponent, to_major


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("12,50", "EUR", 1250),
        ("1,234.56", "USD", 123456),
        ("1.234,56", "EUR", 123456),
        ("1 234,56", "EUR", 123456),
        ("1\u00a0234,56", "EUR", 123456),
        ("1\u202f234,56", "EUR", 123456),
        ("1'234.56", "CHF", 123456),
        ("1’234.56", "CHF", 123456),
        ("1,00,000.00", "INR", 10_000_000),
        ("(12.50)", "USD", -1250),
        ("($12.50)", "USD", -1250),
        ("-12.50", "USD", -1250),
        ("\u221212.50", "USD", -1250),
        ("\u201312.50", "USD", -1250),
        ("12.50-", "USD", -1250),
        ("-$12.50", "USD", -1250),
        ("$-12.50", "USD", -1250),
        ("US$ 12.50", "USD", 1250),
        ("+12.50", "USD", 1250),
        ("12.5", "USD", 1250),
        ("12", "USD", 1200),
        (".99", "USD", 99),
        ("12.–", "CHF", 1200),
        ("12.50 EUR", "EUR", 1250),
        ("EUR12.50", "EUR", 1250),
        ("$12.50 USD", "USD", 1250),
        ("¥1,234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("1,234", "USD", 123400),
        ("1.234", "EUR", 123400),
        ("0.00", "USD", 0),
    ],
)
def test_amounts_as_banks_write_them(text: str, currency: str, minor: int):
    amount = parse_amount(text, currency, None)
    assert (amount.minor, amount.currency) == (minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12.50.00", "1,2,3", "12-50", "--12", "(12.50", "12.50)", "12 apples", "1.23,4,5",
     "=1+1", "12.345", "1e5", "€12 USD", "N/A", "12/50", "((12))", "-+12", "9" * 20],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(ValueError, match=r"amount|decimals|currencies|is in|large"):
        parse_amount(text, "USD", ".", given=True)


def test_cr_and_dr_state_the_direction():
    assert take_apart("12.50 CR").inflow is True
    assert take_apart("12.50CR").inflow is True
    assert take_apart("12.50 DR").inflow is False
    assert take_apart("12,50 H").inflow is True
    assert take_apart("12,50 S").inflow is False
    assert take_apart("12.50 USD").inflow is None
    assert take_apart("USD 12.50CR") == ("12.50", False, True, "USD")


def test_a_symbol_of_one_currency_says_it_and_a_shared_one_only_confirms():
    assert parse_amount("€12.50", "USD", None).currency == "EUR"
    assert parse_amount("$12.50", "CAD", None).currency == "CAD"
    with pytest.raises(ValueError, match="belongs to several currencies"):
        parse_amount("$12.50", "EUR", None)
    with pytest.raises(ValueError, match="while the currency of the row is USD"):
        parse_amount("€12.50", "USD", None, given=True)
    assert currency_code(" eur ") == "EUR"
    assert currency_code("£") == "GBP"
    with pytest.raises(ValueError, match="ISO 4217"):
        currency_code("EURO")


def test_a_clear_amount_needs_no_file_to_be_read():
    assert parse_amount("12,50", "EUR", ".").minor == 1250
    assert parse_amount("1,234.50", "EUR", ",").minor == 123450


def test_a_doubtful_amount_follows_the_file():
    assert parse_amount("1,234", "EUR", ".").minor == 123400
    assert parse_amount("1,230", "EUR", ",").minor == 123
    with pytest.raises(ValueError, match="more decimals than EUR"):
        parse_amount("1,234", "EUR", ",")
    assert [decimal_mark(t) for t in ("1,234", "1.234", "12,5", "1.234.567", "0.123", "7")] == [
        None, None, ",", ",", ".", None,
    ]  # fmt: skip


CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"])


@given(minor=st.integers(-(10**12), 10**12), currency=CURRENCIES, comma=st.booleans(), form=st.integers(0, 4))
def test_amounts_come_back_however_they_are_written(minor: int, currency: str, comma: bool, form: int):
    decimals = exponent(currency)
    text = f"{abs(to_major(minor, currency)):,.{decimals}f}"
    if comma:
        text = text.translate(str.maketrans(",.", ".,"))
    if minor < 0:
        text = [f"-{text}", f"({text})", f"{text}-", f"\u2212{text} {currency}", f"{currency} ({text})"][form]
    assert parse_amount(text, currency, "," if comma else ".").minor == minor


@given(st.decimals(allow_nan=True, allow_infinity=True), CURRENCIES)
def test_any_decimal_is_read_exactly_or_refused(value: Decimal, currency: str):
    try:
        minor = parse_minor(value, currency)
    except ValueError:
        return
    assert to_major(minor, currency) == value


@given(st.text(max_size=20))
def test_no_text_breaks_the_readers(text: str):
    for reader in (lambda: parse_amount(text, "USD", None), lambda: parse_date(text, True)):
        # Anything but a ValueError fails the test.
        with contextlib.suppress(ValueError):
            reader()


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("2026-11-03", None, date(2026, 11, 3)),
        ("2026/11/03", None, date(2026, 11, 3)),
        ("2026-11-03T23:30:00Z", None, date(2026, 11, 3)),
        ("2026-11-03 09:30:00", None, date(2026, 11, 3)),
        ("20261103", None, date(2026, 11, 3)),
        ("20261103120000", None, date(2026, 11, 3)),
        ("03/11/2026", True, date(2026, 11, 3)),
        ("03/11/2026", False, date(2026, 3, 11)),
        ("3/11/26", True, date(2026, 11, 3)),
        ("03.11.2026", None, date(2026, 11, 3)),
        ("03-11-26", True, date(2026, 11, 3)),
        ("25/12/2026", None, date(2026, 12, 25)),
        ("12/25/2026", None, date(2026, 12, 25)),
        ("3 Nov 2026", None, date(2026, 11, 3)),
        ("03-Nov-26", None, date(2026, 11, 3)),
        ("Nov 3, 2026", None, date(2026, 11, 3)),
        ("Nov. 3, 2026", None, date(2026, 11, 3)),
        ("November 3rd, 2026", None, date(2026, 11, 3)),
        ("Tue, 3 Nov 2026", None, date(2026, 11, 3)),
        ("Tuesday, November 3, 2026", None, date(2026, 11, 3)),
        ("3. März 2026", None, date(2026, 3, 3)),
        ("3 août 2026", None, date(2026, 8, 3)),
        ("2026 Nov 3", None, date(2026, 11, 3)),
    ],
)
def test_days_as_banks_write_them(text: str, day_first: bool | None, day: date):
    assert parse_date(text, day_first) == day


@pytest.mark.parametrize(
    "text",
    ["", "31/02/2026", "13/25/2026", "2026-13-01", "00/00/0000", "01/01/0001", "yesterday", "12",
     "3 Foo 2026",     "12.50", "123/1/2026", "20261399", "-", "1/1/1926"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str):
    with pytest.raises(ValueError, match=r"date|calendar|far back"):
        parse_date(text, True)


def test_only_a_value_above_12_or_a_dot_tells_the_order():
    assert day_first_evidence("13/01/2026") is True
    assert day_first_evidence("01/13/2026") is False
    assert day_first_evidence("03.04.2026") is True
    assert day_first_evidence("03/04/2026") is None
    assert day_first_evidence("2026-01-13") is None
    assert is_ambiguous("03/04/2026")
    assert not is_ambiguous("03/03/2026")
    assert not is_ambiguous("3 Nov 2026")


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.booleans())
def test_days_come_back_in_both_orders(day: date, day_first: bool):
    assert parse_date(day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y"), day_first) == day
    assert parse_date(day.isoformat(), day_first) == day


def test_spreadsheet_serial_numbers_are_days():
    assert excel_day(46329) == date(2026, 11, 3)
    assert excel_day(46329.75) == date(2026, 11, 3)
    assert excel_day(44867, from_1904=True) == date(2026, 11, 3)
    with pytest.raises(ValueError, match="not a date"):
        excel_day(12.5)


def test_headers_are_found_without_case_accents_and_punctuation():
    assert normalise("Date d'opération") == "date d operation"
    assert normalise("Card No.") == "card no"
    header = read_header(["DATE D'OPÉRATION", "Libellé", "Montant (EUR)"], 0, {})
    assert header is not None
    assert header.understood() == {
        "date": "DATE D'OPÉRATION", "description": "Libellé", "amount": "Montant (EUR)",
    }  # fmt: skip
    assert header.currency == "EUR"


def test_the_header_may_stand_within_the_first_40_rows():
    preamble = [["Statement of account", "Jan 2026"]] * 39
    header = ["Date", "Description", "Amount"]
    found = find_header([*preamble, header], {})
    assert found is not None
    assert found.index == 39
    assert find_header([*preamble, ["one more"], header], {}) is None


def test_the_persons_columns_come_before_what_is_known():
    rows = [["Date", "Settled", "Description", "What", "Amount"]]
    found = find_header(rows, {"date": "settled", "description": "What"})
    assert found is not None
    assert found.understood() == {"date": "Settled", "description": "What", "amount": "Amount"}


@pytest.mark.parametrize(
    ("text", "inflow"),
    [
        ("PAYMENT - THANK YOU", True),
        ("Payment Thank You-Mobile", True),
        ("AUTOPAY PAYMENT - THANK YOU", True),
        ("ONLINE PAYMENT", True),
        ("AUTOPAY 999990", True),
        ("CAPITAL ONE MOBILE PMT", False),
        ("CHASE CREDIT CRD AUTOPAY", False),
        ("TRANSFER TO SAVINGS", False),
        ("Online Transfer from CHK ...1234", True),
        ("INTEREST CHARGED ON PURCHASES", False),
        ("PURCHASE INTEREST CHARGE", False),
        ("Interest Paid", True),
        ("ANNUAL MEMBERSHIP FEE", False),
        ("FOREIGN TRANSACTION FEE", False),
        ("LATE FEE", False),
        ("MONTHLY SERVICE FEE", False),
        ("SERVICE CHARGE", False),
        ("DIRECT DEPOSIT ACME", True),
    ],
)
def test_payments_transfers_interest_and_fees_are_left_out(text: str, inflow: bool):
    assert left_out(text, inflow=inflow)


@pytest.mark.parametrize(
    "text",
    [
        "ZAPIER.COM/CHARGE", "PINTEREST ADS", "TRANSFERWISE INC", "WETRANSFER PLUS", "FEEDLY PRO",
        "CHARGEBEE INC", "PAYMENTUS CORP", "STRIPE PAYMENTS UK", "INTERESTING MEDIA", "CHARGEPOINT",
        "RECURRING PAYMENT AUTHORIZED ON 08/21 CANVA.COM", "PAYPAL INST XFER CANVA", "AUTOPILOT HQ",
        "AMERICAN MARKETING ASSN ANNUAL FEE", "COFFEE FEE ROASTERS", "ACCOUNT-BASED MARKETING FEES LLC",
        "PURCHASE AUTHORIZED ON 08/21 ZAPIER.COM/CHARGE",
    ],
)  # fmt: skip
def test_zapier_charge_is_no_fee_and_pinterest_no_interest(text: str):
    assert not left_out(text, inflow=False)


def test_the_banks_own_words_for_a_line_count_too():
    assert left_out("ACME", inflow=False, kind="Fee")
    assert left_out("ACME", inflow=True, kind="Payment")
    assert not left_out("ACME", inflow=False, kind="Payment")
    assert left_out("ACME", inflow=False, category="Fees & Adjustments")
    assert left_out("ACME", inflow=True, category="Payments and Credits")
    assert left_out("ATM 123", inflow=False, mcc="6011")
    assert not left_out("CANVA", inflow=True, kind="Return", category="Software")
