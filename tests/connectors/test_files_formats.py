"""OFX and CAMT: what the formats define, and what banks make of it."""

from datetime import date
from pathlib import Path

import pytest

from connectors.errors import NeedsAdmin
from connectors.files.samples import sample_rows, write_statement
from connectors.observations import ExpenseState
from tests.connectors.files_support import Read, read, read_text

HEAD = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def transaction(**values: str) -> str:
    usual = {
        "TRNTYPE": "DEBIT", "DTPOSTED": "20260115120000[-5:EST]", "TRNAMT": "-12.99", "FITID": "F1",
        "NAME": "CANVA",
    }  # fmt: skip
    fields = {k: v for k, v in {**usual, **values}.items() if v}
    return "<STMTTRN>\n" + "".join(f"<{k}>{v}\n" for k, v in fields.items()) + "</STMTTRN>\n"


def ofx(*transactions: str, card: bool = True, account: str = "4111", currency: str = "USD") -> str:
    kind = "CCSTMTRS" if card else "STMTRS"
    return (
        f"<{kind}><CURDEF>{currency}<CCACCTFROM><ACCTID>{account}</CCACCTFROM>"
        f"<BANKTRANLIST>\n{''.join(transactions)}</BANKTRANLIST></{kind}>"
    )


def read_ofx(folder: Path, *statements: str, **config: object) -> Read:
    return read_text(folder, HEAD + f"<OFX>{''.join(statements)}</OFX>", "a.qfx", **config)


def test_sgml_leaves_need_no_end_tag_and_may_have_one(tmp_path: Path):
    open_ = read_ofx(tmp_path, ofx(transaction(NAME="A &amp; B")))
    closed = read_ofx(tmp_path, ofx(transaction(NAME="A &amp; B</NAME>", TRNAMT="-12.99</TRNAMT>")))
    assert open_.only == closed.only
    assert (open_.only.merchant, open_.only.amount_minor) == ("A & B", 1299)
    assert open_.only.occurred_on == open_.only.posted_on == date(2026, 1, 15)


def test_everything_on_one_line_is_read_too(tmp_path: Path):
    text = (HEAD + f"<OFX>{ofx(transaction(), transaction(FITID='F2'))}</OFX>").replace("\n", "")
    assert len(read_text(tmp_path, text, "a.ofx").by_ref) == 2


def test_xml_and_sgml_of_one_statement_are_one(tmp_path: Path):
    one = read(write_statement(tmp_path / "a.ofx", sample_rows(), "ofx"))
    other = read(write_statement(tmp_path / "a.xml", sample_rows(), "qfx_xml"))
    assert one.by_ref == other.by_ref


def test_xml_with_bare_ampersands_is_read_as_sgml(tmp_path: Path):
    body = ofx(transaction(NAME="BARNES & NOBLE</NAME>"))
    found = read_text(tmp_path, f'<?xml version="1.0"?><?OFX OFXHEADER="200"?><OFX>{body}</OFX>', "a.ofx")
    assert found.only.merchant == "BARNES & NOBLE"


@pytest.mark.parametrize("body", ["<OFX>&a;</OFX>", '<Document xmlns="urn:x:camt.053.001.08">&a;</Document>'])
def test_entity_bombs_are_refused(tmp_path: Path, body: str):
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>{body}'
    with pytest.raises(NeedsAdmin, match="declares XML entities"):
        read_text(tmp_path, bomb)


def test_a_fitid_is_unique_only_per_account_and_may_be_reissued(tmp_path: Path):
    found = read_ofx(
        tmp_path,
        ofx(transaction(), transaction(DTPOSTED="20260215"), transaction(TRNAMT="-5.00")),
        ofx(transaction(), account="4222"),
    )
    assert len(found.by_ref) == 4
    # In files of their own as well, where no counter keeps them apart.
    others = [transaction(), transaction(DTPOSTED="20260215"), transaction(TRNAMT="-5.00")]
    assert len({read_ofx(tmp_path, ofx(one)).only.ref for one in others}) == 3


def test_a_fitid_outlives_a_changed_name(tmp_path: Path):
    before = read_ofx(tmp_path, ofx(transaction(NAME="PENDING CANVA"))).only
    after = read_ofx(tmp_path, ofx(transaction(NAME="CANVA* 04412 SYDNEY"))).only
    assert before.ref == after.ref


def test_a_missing_or_zero_fitid_falls_back_to_the_text(tmp_path: Path):
    found = read_ofx(
        tmp_path, ofx(transaction(FITID="0"), transaction(FITID="0", NAME="ZAPIER"), transaction(FITID=""))
    )
    assert len(found.by_ref) == 3
    assert sorted(e.ref.rpartition("-")[2] for e in found.expenses) == ["1", "1", "2"]


def test_name_is_cut_at_32_characters_and_memo_holds_the_rest(tmp_path: Path):
    whole = "GOOGLE *ADS9561378913 CC@GOOGLE.COM CA"
    for memo in (whole, whole[32:]):
        only = read_ofx(tmp_path, ofx(transaction(NAME=whole[:32], MEMO=memo))).only
        assert only.descriptor == whole
    noted = read_ofx(tmp_path, ofx(transaction(NAME="CANVA", MEMO="Card 1234"))).only
    assert (noted.merchant, noted.descriptor, noted.memo) == ("CANVA", "CANVA Card 1234", "Card 1234")
    assert read_ofx(tmp_path, ofx(transaction(NAME="", MEMO="CANVA"))).only.merchant == "CANVA"


def test_sic_is_the_merchant_category_code(tmp_path: Path):
    assert read_ofx(tmp_path, ofx(transaction(SIC="5734"))).only.mcc == "5734"
    assert read_ofx(tmp_path, ofx(transaction(SIC="742"))).only.mcc == "0742"


def test_the_day_of_purchase_and_the_payee_come_first(tmp_path: Path):
    payee = "<PAYEE><NAME>Canva Pty<CITY>Sydney</PAYEE>\n</STMTTRN>"
    found = read_ofx(tmp_path, ofx(transaction(DTUSER="20260113", NAME="").replace("</STMTTRN>", payee))).only
    assert (found.occurred_on, found.posted_on) == (date(2026, 1, 13), date(2026, 1, 15))
    assert found.merchant == "Canva Pty"


def test_ofx_leaves_out_what_is_no_purchase(tmp_path: Path):
    left_out = [transaction(TRNTYPE=t) for t in ("FEE", "INT", "XFER", "SRVCHG", "ATM", "CASH", "DIV")]
    payment = transaction(TRNTYPE="PAYMENT", TRNAMT="500.00", NAME="ACME")
    found = read_ofx(tmp_path, ofx(*left_out, payment, transaction(NAME="ZAPIER.COM/CHARGE")))
    assert (found.only.merchant, found.ignored) == ("ZAPIER.COM/CHARGE", 8)
    bill = transaction(TRNTYPE="PAYMENT", TRNAMT="-500.00", NAME="HUBSPOT")
    assert read_ofx(tmp_path, ofx(bill, card=False)).only.amount_minor == 50000


def test_a_bank_that_turns_the_sign_round_is_noticed(tmp_path: Path):
    turned = ofx(transaction(TRNAMT="12.99"), transaction(TRNTYPE="CREDIT", TRNAMT="-5.00", FITID="F2"))
    assert [e.amount_minor for e in read_ofx(tmp_path, turned).expenses] == [1299, -500]
    assert [e.state for e in read_ofx(tmp_path, turned).expenses] == [
        ExpenseState.POSTED,
        ExpenseState.REFUND,
    ]
    assert read_ofx(tmp_path, turned, outflow="negative").expenses[0].amount_minor == -1299


def test_pending_transactions_of_ofx_are_pending(tmp_path: Path):
    text = transaction(DTPOSTED="", DTTRAN="20260115", FITID="").replace("STMTTRN>", "STMTTRNP>")
    only = read_ofx(tmp_path, ofx(text)).only
    assert (only.state, only.posted_on, only.occurred_on) == (ExpenseState.PENDING, None, date(2026, 1, 15))


def test_ofx_currencies(tmp_path: Path):
    foreign = transaction().replace("</STMTTRN>", "<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY></STMTTRN>")
    converted = transaction(FITID="F2").replace(
        "</STMTTRN>", "<ORIGCURRENCY><CURRATE>1.1<CURSYM>EUR</ORIGCURRENCY></STMTTRN>"
    )
    found = read_ofx(
        tmp_path, ofx(foreign, converted, transaction(FITID="F3", TRNAMT="-12,99"), currency="GBP")
    )
    assert [e.currency for e in found.expenses] == ["EUR", "GBP", "GBP"]
    assert {e.amount_minor for e in found.expenses} == {1299}
    assert read_ofx(tmp_path, ofx(transaction(), currency="")).only.currency == "USD"


def test_bad_ofx_transactions_are_named_by_line(tmp_path: Path):
    bad = [transaction(DTPOSTED="20260231"), transaction(TRNAMT="lots"), transaction(DTPOSTED=""),
           transaction(NAME=""), transaction(DTPOSTED="20620101"),
           transaction(DTPOSTED="00010101")]  # fmt: skip
    found = read_ofx(tmp_path, ofx(transaction(), *bad))
    assert len(found.expenses) == 1
    assert found.skipped[0].ref == "line 15 of a.qfx"
    reasons = [s.reason for s in found.skipped]
    assert reasons[0].startswith("DTPOSTED is “20260231”, which is no day of the calendar: correct it")
    assert reasons[1].startswith("TRNAMT is “lots”, which is not an amount")
    assert [r.split(":")[0] for r in reasons[2:]] == [
        "DTPOSTED is missing", "NAME and MEMO are empty",
        "DTPOSTED is “2062-01-01”, which lies in the future",
        "DTPOSTED is “00010101”, which lies too far back to be right",
    ]  # fmt: skip
    with pytest.raises(NeedsAdmin, match="none of its transactions can be read"):
        read_ofx(tmp_path, ofx(*bad))
    assert read_ofx(tmp_path, ofx()).expenses == []


def entry(
    amount: str = "12.99",
    side: str = "DBIT",
    status: str = "BOOK",
    body: str = "",
    ref: str = "R1",
    extra: str = "",
) -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{extra}<Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-01-15</Dt></BookgDt>"
        + (f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else "")
        + (body or "<AddtlNtryInf>CANVA SYDNEY</AddtlNtryInf>")
        + "</Ntry>"
    )


def details(*parts: str) -> str:
    return "<NtryDtls>" + "".join(f"<TxDtls>{p}</TxDtls>" for p in parts) + "</NtryDtls>"


def read_camt(folder: Path, *entries: str, iban: str = "DE02", version: str = "053.001.02") -> Read:
    return read_text(
        folder,
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}">'
        f"<BkToCstmrStmt><Stmt><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>",
        "a.xml",
        currency="EUR",
    )


def test_camt_states(tmp_path: Path):
    found = read_camt(
        tmp_path, entry(), entry(status="PDNG", ref="R2"), entry(status="INFO", ref="R3"),
        entry(status="<Cd>PDNG</Cd>", ref="R4"), entry(side="CRDT", ref="R5"),
    )  # fmt: skip
    assert [e.state for e in found.expenses] == [
        ExpenseState.POSTED, ExpenseState.PENDING, ExpenseState.PENDING, ExpenseState.REFUND,
    ]  # fmt: skip
    assert found.ignored == 1
    assert found.expenses[1].posted_on is None
    assert found.expenses[3].amount_minor == -1299


def test_version_08_moves_the_name_under_party(tmp_path: Path):
    old = details("<RltdPties><Cdtr><Nm>Canva</Nm></Cdtr></RltdPties><RmtInf><Ustrd>INV 1</Ustrd></RmtInf>")
    new = old.replace("<Nm>Canva</Nm>", "<Pty><Nm>Canva</Nm></Pty>")
    one = read_camt(tmp_path, entry(body=old)).only
    assert (one.merchant, one.descriptor) == ("Canva", "INV 1")
    assert read_camt(tmp_path, entry(body=new), version="053.001.08").only == one


def test_the_seller_stands_behind_the_wallet_that_collects(tmp_path: Path):
    body = details(
        "<RltdPties><Cdtr><Nm>PayPal Europe</Nm></Cdtr><UltmtCdtr><Nm>Canva Pty</Nm></UltmtCdtr></RltdPties>"
    )
    assert read_camt(tmp_path, entry(body=body)).only.merchant == "Canva Pty"


def test_a_refund_names_who_pays_it(tmp_path: Path):
    body = details("<RltdPties><Dbtr><Nm>Canva</Nm></Dbtr><Cdtr><Nm>Us Ltd</Nm></Cdtr></RltdPties>")
    assert read_camt(tmp_path, entry(side="CRDT", body=body)).only.merchant == "Canva"


def test_a_batch_is_read_by_transaction_when_the_amounts_add_up(tmp_path: Path):
    def part(name: str, amount: str) -> str:
        return (
            f"<Refs><EndToEndId>{name}-1</EndToEndId></Refs>"
            f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>'
            f"<RltdPties><Cdtr><Nm>{name}</Nm></Cdtr></RltdPties>"
        )

    batch = entry("30.00", body=details(part("Canva", "10.00"), part("Hotjar", "20.00")))
    found = read_camt(tmp_path, batch)
    assert [(e.merchant, e.amount_minor) for e in found.expenses] == [("Canva", 1000), ("Hotjar", 2000)]
    assert len(found.by_ref) == 2
    partial = entry(
        "31.00",
        body=details(part("Canva", "10.00"), part("Hotjar", "20.00")) + "<AddtlNtryInf>BATCH</AddtlNtryInf>",
    )
    assert read_camt(tmp_path, partial).only.amount_minor == 3100


def test_what_the_merchant_charged_in_its_own_money_is_kept(tmp_path: Path):
    body = details(
        '<AmtDtls><InstdAmt><Amt Ccy="USD">14.00</Amt></InstdAmt></AmtDtls>'
        "<RmtInf><Ustrd>CANVA</Ustrd></RmtInf>"
    )
    only = read_camt(tmp_path, entry(body=body)).only
    assert (only.amount_minor, only.original_amount_minor, only.original_currency) == (1299, 1400, "USD")


def test_camt_leaves_out_what_is_no_purchase(tmp_path: Path):
    def coded(family: str, sub: str, side: str = "DBIT") -> str:
        code = f"<Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly>"
        code = f"<BkTxCd><Domn><Cd>PMNT</Cd>{code}</Domn></BkTxCd>"
        return entry(side=side, body=code + "<AddtlNtryInf>ACME</AddtlNtryInf>", ref=f"{family}{sub}{side}")

    reversal = "<RvslInd>true</RvslInd>"
    found = read_camt(
        tmp_path, coded("RCDT", "ESCT", "CRDT"), coded("ICDT", "BOOK"), coded("MDOP", "CHRG"),
        coded("CCRD", "CWDL"),
        coded("RDDT", "ESDD"), coded("ICDT", "ESCT"), entry(side="DBIT", extra=reversal, ref="X1"),
        entry(side="CRDT", extra=reversal, ref="X2"),
    )  # fmt: skip
    assert found.ignored == 5
    assert [e.amount_minor for e in found.expenses] == [1299, 1299, -1299]


def test_the_banks_reference_is_the_key_and_notprovided_is_none(tmp_path: Path):
    named = "<AddtlNtryInf>ANOTHER TEXT</AddtlNtryInf>"
    assert read_camt(tmp_path, entry()).only.ref == read_camt(tmp_path, entry(body=named)).only.ref
    assert read_camt(tmp_path, entry()).only.ref != read_camt(tmp_path, entry(), iban="DE99").only.ref
    without = [entry(ref="NOTPROVIDED"), entry(ref="NOTPROVIDED", body=named), entry(ref="")]
    found = read_camt(tmp_path, *without)
    assert sorted(e.ref.rpartition("-")[2] for e in found.expenses) == ["1", "1", "2"]


def test_bad_camt_entries_are_named_by_number(tmp_path: Path):
    wrong_day = entry(ref="R2").replace("2026-01-15", "2026-02-31")
    no_day = entry(ref="R3").replace("<BookgDt><Dt>2026-01-15</Dt></BookgDt>", "")
    found = read_camt(
        tmp_path, entry(), wrong_day, no_day, entry("12.999"), entry("much"), entry(body="<AcctSvcrRef/>"),
        entry().replace("2026-01-15", "2062-01-15"), entry().replace('"EUR"', '"EURO"'),
        entry().replace("2026-01-15", "1826-01-15"),
    )  # fmt: skip
    assert len(found.expenses) == 1
    assert [s.ref for s in found.skipped] == [f"entry {n} of a.xml" for n in range(2, 10)]
    assert [s.reason.split(":")[0] for s in found.skipped] == [
        "BookgDt is “2026-02-31”, which is no day of the calendar", "BookgDt and ValDt are missing",
        "Amt is “12.999”, which has more decimals than EUR has", "Amt is missing or is no amount",
        "it names no counterparty and has no text", "BookgDt is “2062-01-15”, which lies in the future",
        "Ccy is “EURO”, which is not an ISO 4217 code",
        "BookgDt is “1826-01-15”, which lies too far back to be right",
    ]  # fmt: skip
    with pytest.raises(NeedsAdmin, match="none of its entries can be read"):
        read_camt(tmp_path, wrong_day)


def test_a_camt_file_that_is_cut_off_needs_an_admin(tmp_path: Path):
    path = write_statement(tmp_path / "a.xml", sample_rows(), "camt053")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(NeedsAdmin, match="is cut off or damaged"):
        read(path)
