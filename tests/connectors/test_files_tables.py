"""Tables: every issuer's header, encodings, delimiters, signs, dates, and rows gone wrong."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell

from connectors.errors import NeedsAdmin
from connectors.files.entries import LONGEST_MERCHANT
from connectors.files.samples import STYLES, sample_rows, write_statement
from connectors.observations import ExpenseState
from tests.connectors.files_support import read, read_text

AMEX_SHORT = "Date,Description,Amount\n"


@pytest.mark.parametrize("style", STYLES)
def test_every_issuers_statement_is_read_without_any_setting(tmp_path: Path, style: str):
    rows = sample_rows()
    found = read(write_statement(tmp_path / "a", rows, style))
    assert not found.skipped
    assert not found.ignored
    assert [(e.occurred_on, e.amount_minor) for e in found.expenses] == [
        (r.date, r.amount_minor) for r in rows
    ]
    assert [e.descriptor or e.merchant for e in found.expenses] == [r.descriptor for r in rows]
    assert {e.state for e in found.expenses} == {ExpenseState.POSTED, ExpenseState.REFUND}


def test_amex_keeps_the_raw_descriptor_beside_the_description(tmp_path: Path):
    found = read_text(
        tmp_path,
        "Date,Description,Card Member,Account #,Amount,Extended Details,Appears On Your Statement As,Address,"
        "City/State,Zip Code,Country,Reference,Category\n"
        '01/15/2026,Facebook Ads,ANA SILVA,-51002,48.00,"line one\nline two",FACEBK *R3FA8FDGP2,'
        '"1 Hacker Way\n'
        "MENLO PARK\nCA\",,94025,UNITED STATES,'320260150123456789',Business Services-Advertising\n",
    ).only
    assert (found.merchant, found.descriptor) == ("Facebook Ads", "FACEBK *R3FA8FDGP2")
    assert [i.value for i in found.identifiers] == ["Facebook Ads", "FACEBK *R3FA8FDGP2"]
    assert found.category == "Business Services-Advertising"


def test_the_header_beats_the_majority_where_it_is_the_issuers_own(tmp_path: Path):
    header = "Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n"
    only = read_text(tmp_path, header + "01/15/2026,01/16/2026,CANVA,Software,Return,12.99,\n").only
    assert (only.amount_minor, only.state, only.posted_on) == (-1299, ExpenseState.REFUND, date(2026, 1, 16))


def test_a_card_payment_tells_the_sign_and_is_left_out(tmp_path: Path):
    text = (
        AMEX_SHORT
        + "01/15/2026,CANVA,{0}12.99\n01/16/2026,PAYMENT - THANK YOU,{1}500.00\n01/20/2026,X,{1}3.00\n"
    )
    for charge, payment in (("", "-"), ("-", "")):
        found = read_text(tmp_path, text.format(charge, payment))
        assert [e.amount_minor for e in found.expenses] == [1299, -300]
        assert found.ignored == 1


def test_payments_and_charges_of_one_sign_are_refused_until_a_person_says(tmp_path: Path):
    text = AMEX_SHORT + "01/15/2026,CANVA,12.99\n01/16/2026,PAYMENT - THANK YOU,500.00\n"
    with pytest.raises(NeedsAdmin, match=r"charge in Amount is positive or negative.*Set `outflow`"):
        read_text(tmp_path, text)
    assert read_text(tmp_path, text, outflow="positive").only.amount_minor == 1299


def test_as_many_positive_as_negative_is_refused(tmp_path: Path):
    text = AMEX_SHORT + "01/15/2026,CANVA,12.99\n01/16/2026,ZAPIER,-5.00\n"
    with pytest.raises(NeedsAdmin, match="as many amounts are positive as negative"):
        read_text(tmp_path, text)
    assert [e.amount_minor for e in read_text(tmp_path, text, outflow="negative").expenses] == [-1299, 500]


def test_a_column_that_says_debit_or_credit_gives_the_direction(tmp_path: Path):
    header = "Date,Description,Amount,Type\n"
    found = read_text(
        tmp_path, header + "01/15/2026,A,12.99,Debit\n01/16/2026,B,5.00,Credit\n01/17/2026,C,1.00,DR\n"
    )
    assert [e.amount_minor for e in found.expenses] == [1299, -500, 100]
    signed = read_text(tmp_path, header + "01/15/2026,A,-12.99,Debit\n01/16/2026,B,5.00,Credit\n")
    assert [e.amount_minor for e in signed.expenses] == [1299, -500]


def test_cr_and_dr_after_an_amount_give_the_direction(tmp_path: Path):
    found = read_text(
        tmp_path, AMEX_SHORT + "01/15/2026,A,12.99\n01/16/2026,B,5.00 CR\n01/17/2026,C,1.00DR\n"
    )
    assert [e.amount_minor for e in found.expenses] == [1299, -500, 100]


def test_citi_writes_credits_with_a_minus_and_capital_one_without(tmp_path: Path):
    citi = "Status,Date,Description,Debit,Credit\nCleared,01/15/2026,A,12.99,\nCleared,01/16/2026,B,,-5.00\n"
    assert [e.amount_minor for e in read_text(tmp_path, citi).expenses] == [1299, -500]
    capital_one = (
        "Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit\n"
        "2026-01-15,2026-01-16,1234,A,Software,12.99,\n2026-01-16,2026-01-17,1234,B,Software,,5.00\n"
        "2026-01-16,2026-01-17,1234,CAPITAL ONE MOBILE PYMT,Payment/Credit,,900.00\n"
        "2026-01-18,2026-01-17,1234,C,Software,1.00,2.00\n"
    )
    found = read_text(tmp_path, capital_one)
    assert [e.amount_minor for e in found.expenses] == [1299, -500]
    assert found.ignored == 1
    assert found.skipped[0].reason.startswith("both Debit and Credit are filled")


def test_wells_fargo_has_no_header(tmp_path: Path):
    found = read_text(tmp_path, '"11/03/2026","-12.99","*","","CANVA* 04412"\n"11/13/2026","-1","*","","B"\n')
    assert [(e.occurred_on, e.amount_minor) for e in found.expenses] == [
        (date(2026, 11, 3), 1299), (date(2026, 11, 13), 100),
    ]  # fmt: skip


def test_a_file_without_headers_is_read_by_numbered_columns(tmp_path: Path):
    text = "2026-11-03;CANVA;x;12,99\n2026-11-04;ZAPIER;x;1,00\n"
    with pytest.raises(NeedsAdmin, match=r"has no header. Number its columns in `columns`.*date = #1"):
        read_text(tmp_path, text)
    columns = {"date": "#1", "description": "#2", "amount": "#4"}
    assert [e.amount_minor for e in read_text(tmp_path, text, columns=columns).expenses] == [1299, 100]


def test_columns_that_the_file_lacks_are_named(tmp_path: Path):
    with pytest.raises(NeedsAdmin, match=r"has no column for amount = Sum \(setting `columns`\)"):
        read_text(tmp_path, AMEX_SHORT + "01/15/2026,A,1\n", columns={"amount": "Sum"})


def test_days_all_up_to_the_12th_are_refused_until_something_decides(tmp_path: Path):
    header = "When Date,Description,Amount\n".replace("When ", "")
    text = header + "03/04/2026,CANVA,12.99\n"
    with pytest.raises(NeedsAdmin, match=r"Date is written day or month first.*Set `day_first`"):
        read_text(tmp_path, text)
    assert read_text(tmp_path, text, day_first=True).only.occurred_on == date(2026, 4, 3)
    assert read_text(tmp_path, text, day_first=False).only.occurred_on == date(2026, 3, 4)
    # Another statement of the same program, which reaches past the 12th, decides for both.
    (tmp_path / "march.csv").write_text(header + "25/03/2026,CANVA,12.99\n")
    assert {e.occurred_on for e in read(tmp_path).expenses} == {date(2026, 4, 3), date(2026, 3, 25)}
    # One with other headers does not.
    (tmp_path / "march.csv").write_text("Date,Text,Amount\n25/03/2026,CANVA,12.99\n")
    with pytest.raises(NeedsAdmin):
        read(tmp_path)


def test_days_that_contradict_each_other_are_refused(tmp_path: Path):
    with pytest.raises(NeedsAdmin, match="1 dates have the day first and 1 the month"):
        read_text(tmp_path, AMEX_SHORT + "25/03/2026,A,1\n03/25/2026,B,1\n")


def test_equal_day_and_month_need_no_decision(tmp_path: Path):
    assert read_text(tmp_path, AMEX_SHORT + "03/03/2026,A,1\n").only.occurred_on == date(2026, 3, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str):
    text = "Date,Description,Amount\r\n2026-01-15,Café Größe £5,1.00\r\n"
    assert read_text(tmp_path, text.encode(encoding)).only.merchant == "Café Größe £5"


def test_an_encoding_that_cannot_be_recognised_is_set_by_hand(tmp_path: Path):
    text = "Date,Description,Amount\n2026-01-15,カンバ,1.00\n"
    assert read_text(tmp_path, text.encode("shift_jis"), encoding="shift_jis").only.merchant == "カンバ"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_line_ends_are_recognised(tmp_path: Path, delimiter: str, ending: str):
    lines = [["Date", "Description", "Amount"], ["2026-01-15", "A", "1.00"], ["bad", "B", "2.00"]]
    found = read_text(tmp_path, ending.join(delimiter.join(cells) for cells in lines))
    assert found.only.amount_minor == 100
    assert found.skipped[0].ref == "line 3 of statement.csv"


def test_excels_separator_line_is_obeyed(tmp_path: Path):
    assert (
        read_text(tmp_path, "sep=;\nDate;Description;Amount\n2026-01-15;A, B;1,50\n").only.amount_minor == 150
    )


def test_glued_files_bring_headers_marks_and_blank_lines_along(tmp_path: Path):
    one = "Date,Description,Amount\n2026-01-15,Größe,1.00\n\n"
    glued = one.encode() + b"\xef\xbb\xbf" + one.replace("15", "16").encode("utf-8") + one.encode("cp1252")
    found = read_text(tmp_path, glued)
    assert [e.merchant for e in found.expenses] == ["Größe"] * 3
    assert not found.skipped


def test_a_quotation_mark_that_is_never_closed_spoils_one_line_only(tmp_path: Path):
    lines = [f"2026-01-{n % 28 + 1:02},SHOP {n},1.00" for n in range(100)]
    lines[50] = '2026-01-20,"SHOP without end,1.00'
    lines[60] = '2026-01-21,MONITOR 27" LG,1.00'
    found = read_text(tmp_path, AMEX_SHORT + "\n".join(lines))
    assert len(found.expenses) == 100
    assert [e.merchant for e in found.expenses if "MONITOR" in e.merchant] == ['MONITOR 27" LG']


def test_cells_in_quotation_marks_may_span_lines_and_refs_count_lines(tmp_path: Path):
    found = read_text(tmp_path, AMEX_SHORT + '2026-01-15,"A ""B""\nsecond",1.00\nbad,C,2.00\n')
    assert found.only.merchant == 'A "B" second'
    assert found.skipped[0].ref == "line 4 of statement.csv"


def test_cells_that_begin_like_formulas_are_text(tmp_path: Path):
    texts = ["=HYPERLINK(1)", "+1 800 CANVA", "-DASH INC", "@HANDLE"]
    found = read_text(tmp_path, AMEX_SHORT + "".join(f"2026-01-15,{t},1.00\n" for t in texts))
    assert [e.merchant for e in found.expenses] == texts
    guarded = read_text(tmp_path, AMEX_SHORT + '2026-01-15,"=""CANVA""",1.00\n')
    assert guarded.only.merchant == "CANVA"
    bad = read_text(tmp_path, AMEX_SHORT + "2026-01-15,A,=1+1\n2026-01-16,B,1.00\n")
    assert bad.skipped[0].reason.startswith("Amount is “=1+1”, which is not an amount")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("31/02/2026,A,1.00", "Date is “31/02/2026”, which is no day of the calendar with the day first"),
        ("99,A,1.00", "Date is “99”, which is not a date"),
        (",A,1.00", "Date is empty"),
        ("15/01/2062,A,1.00", "lies in the future"),
        ("15/01/0226,A,1.00", "lies too far back"),
        ("15/01/2026,A,12.345", "Amount is “12.345”, which has more decimals than USD has"),
        ("15/01/2026,A,twelve", "Amount is “twelve”, which is not an amount"),
        ("15/01/2026,A,", "Amount is empty"),
        ("15/01/2026,,1.00", "Description is empty"),
        ("15/01/2026,A,€1.00", None),
        ("15/01/2026,ACME, INC,1.00", "it has 4 cells while the header has 3"),
        (f"15/01/2026,A,{'x' * 100}", "x…”, which is not an amount"),
    ],
)
def test_a_bad_row_names_the_column_the_value_and_what_to_do(tmp_path: Path, row: str, says: str | None):
    found = read_text(tmp_path, AMEX_SHORT + "25/01/2026,GOOD,5.00\n" + row + "\n25/01/2026,GOOD,6.50\n")
    good = [e for e in found.expenses if e.merchant == "GOOD"]
    assert [e.amount_minor for e in good] == [500, 650]
    if says is None:
        assert [e.currency for e in found.expenses] == ["USD", "EUR", "USD"]
        return
    (skip,) = found.skipped
    assert says in skip.reason
    assert "scan again" in skip.reason
    assert skip.ref == "line 3 of statement.csv"
    assert len(skip.reason) < 200


def test_totals_below_the_table_are_left_out(tmp_path: Path):
    found = read_text(
        tmp_path, AMEX_SHORT + "25/01/2026,A,5.00\nTotal,,5.00\n,Closing balance,5.00\nEnd of report\n"
    )
    assert (len(found.expenses), found.ignored, found.skipped) == (1, 3, [])


def test_currency_comes_from_the_row_then_the_cell_then_the_header_then_the_source(tmp_path: Path):
    rows = (
        "Date,Description,Amount,Currency\n2026-01-15,A,1.00,GBP\n2026-01-15,B,€1.00,\n2026-01-15,C,1.00,\n"
    )
    assert [e.currency for e in read_text(tmp_path, rows).expenses] == ["GBP", "EUR", "USD"]
    headed = read_text(tmp_path, "Date,Description,Amount (CHF)\n2026-01-15,A,1.00\n")
    assert headed.only.currency == "CHF"
    yen = read_text(
        tmp_path, "Date,Description,Amount,Currency\n2026-01-15,A,1500,JPY\n2026-01-15,B,1,EURO\n"
    )
    assert (yen.only.amount_minor, yen.only.currency) == (1500, "JPY")
    assert yen.skipped[0].reason.startswith("Currency is “EURO”, which is not an ISO 4217 currency code")


def test_council_cards_give_department_ledger_and_original_amount(tmp_path: Path):
    found = read_text(
        tmp_path,
        "TRANS DATE,TRANS VAT DESC,ORIGINAL GROSS AMT,ORIGINAL CUR,BILLING GROSS AMT,BILLING CUR CODE,"
        "MERCHANT NAME,CARD NUMBER,TRANS CAC CODE 1,TRANS CAC DESC 1,Directorate\n"
        "15/01/2026,VZ,49.00,USD,39.10,GBP,mailchimp *monthly,************1234,L1,Advertising,Culture\n",
    ).only
    assert (found.amount_minor, found.currency) == (3910, "GBP")
    assert (found.original_amount_minor, found.original_currency) == (4900, "USD")
    assert (found.merchant, found.category, found.department) == (
        "mailchimp *monthly",
        "Advertising",
        "Culture",
    )


def test_in_an_expense_export_the_description_is_the_employees_memo(tmp_path: Path):
    found = read_text(
        tmp_path,
        "Timestamp,Merchant,Amount,MCC,Category,Description,Original Currency,Original Amount\n"
        "2026-01-15 10:00:00,Canva,12.99,5734,Software,for the fair,EUR,11.90\n",
    ).only
    assert (found.merchant, found.descriptor, found.memo) == ("Canva", None, "for the fair")
    assert (found.mcc, found.category) == ("5734", "Software")
    assert (found.original_amount_minor, found.original_currency) == (1190, "EUR")


def test_beside_a_memo_column_the_description_is_the_statements(tmp_path: Path):
    header = "Date,Posted date,Description,Merchant,Amount,Memo,Email\n"
    found = read_text(tmp_path, header + ",2026-01-16,CANVA* 04412,Canva,12.99,logo,ana@acme.com\n").only
    assert (found.merchant, found.descriptor, found.memo) == ("Canva", "CANVA* 04412", "logo")
    assert found.occurred_on == date(2026, 1, 16)


def test_a_memo_is_the_text_where_there_is_no_other(tmp_path: Path):
    text = (
        "Number,Date,Account,Amount,Subcategory,Memo\n,15/01/2026,20-00-00,-12.99,Card Purchase,CANVA BCC\n"
    )
    assert read_text(tmp_path, text).only.merchant == "CANVA BCC"


def test_money_received_on_a_bank_account_is_no_refund_where_the_bank_says_so(tmp_path: Path):
    header = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
    rows = "DEBIT,01/15/2026,HUBSPOT,-890.00,ACH_DEBIT,1.00,,\n"
    rows += "CREDIT,01/16/2026,ACME,5000.00,ACH_CREDIT,1.00,,\n"
    found = read_text(tmp_path, header + rows)
    assert (found.only.amount_minor, found.ignored) == (89000, 1)


def test_a_reference_separates_charges_but_a_row_number_does_not(tmp_path: Path):
    header = "Posted Date,Reference Number,Payee,Address,Amount\n"
    row = "01/15/2026,{},CANVA,,-9.99\n"
    real = read_text(tmp_path, header + row.format("24692166014100123") + row.format("24692166014100456"))
    assert {e.ref.rpartition("-")[2] for e in real.expenses} == {"1"}
    first = read_text(tmp_path, header + row.format("00017"))
    later = read_text(tmp_path, header + row.format("00003"))
    assert first.only.ref == later.only.ref


def test_no_card_number_is_kept(tmp_path: Path):
    header = "Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit\n"
    only = read_text(tmp_path, header + "2026-01-15,2026-01-16,4111111111111111,A,Software,1.00,\n").only
    assert "4111" not in repr(only)


def test_long_text_is_cut(tmp_path: Path):
    only = read_text(tmp_path, AMEX_SHORT + f"2026-01-15,{'A' * 3000},1.00\n").only
    assert len(only.merchant) == LONGEST_MERCHANT
    assert len(only.descriptor or "") == 500


def _book(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_workbooks_hold_numbers_dates_and_texts(tmp_path: Path):
    rows: list[list[object]] = [
        ["Acme card", None, None, None], ["Date", "Description", "Amount", "MCC"],
        [date(2026, 1, 15), "A", 19.990000000000002, 742],
        [datetime(2026, 1, 16, 9), "B", "1.234,50", "5734"],  # noqa: DTZ001 - spreadsheets know no zones

        [46041, "C", -5, None], ["17.01.2026", "D", 1, None], ["nonsense", "E", 1, None],
        [None, None, None, None],
        [date(2026, 1, 20), "F", True, None], [date(2026, 1, 20), 7372.0, 2, None],
    ]  # fmt: skip
    found = read(_book(tmp_path / "a.xlsx", rows))
    assert [(e.occurred_on.day, e.merchant, e.amount_minor, e.mcc) for e in found.expenses] == [
        (15, "A", 1999, "0742"), (16, "B", 123450, "5734"), (19, "C", -500, None), (17, "D", 100, None),
        (20, "7372", 200, None),
    ]  # fmt: skip
    assert [s.ref for s in found.skipped] == ["row 7 of a.xlsx", "row 9 of a.xlsx"]


def test_formulas_are_never_evaluated(tmp_path: Path):
    rows: list[list[object]] = [
        ["Date", "Description", "Amount"], [date(2026, 1, 15), "A", 1], [date(2026, 1, 15), "=1+1", "=2+2"],
    ]  # fmt: skip
    found = read(_book(tmp_path / "a.xlsx", rows))
    assert found.only.merchant == "A"
    assert found.skipped[0].reason.startswith("Amount is empty")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    cell = WriteOnlyCell(sheet, "=HYPERLINK(1)")
    cell.data_type = "s"
    sheet.append(["Date", "Description", "Amount"])
    sheet.append([date(2026, 1, 15), cell, 1])
    book.save(tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx").only.merchant == "=HYPERLINK(1)"


def test_a_workbook_that_is_cut_off_needs_an_admin(tmp_path: Path):
    path = write_statement(tmp_path / "a.xlsx", sample_rows(), "xlsx")
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(NeedsAdmin, match="damaged or protected workbook"):
        read(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write_statement(tmp_path / "a.xlsx", sample_rows(), "xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", "x" * 100)
    for limit in ("MAX_UNPACKED", "MAX_SHARED_TEXT"):
        with monkeypatch.context() as patch:
            patch.setattr(f"connectors.files.tables.{limit}", 10)
            with pytest.raises(NeedsAdmin, match="unpacks to more than"):
                read(path)
