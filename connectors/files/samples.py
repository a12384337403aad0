"""Statement files as the issuers write them: for the demo, for tests, and to try the reader.

`write_statement` writes given rows in one style; `write_samples` fills a folder with a seeded set.
What a style cannot carry (most banks leave out the card holder, the category code and pending
charges) is lost in it, as it is in life: `STYLES` says what each keeps.
"""

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from connectors.money import to_major


@dataclass(frozen=True)
class StatementRow:
    """One line to write: outflow positive, a refund negative, in minor units."""

    date: date
    amount_minor: int
    descriptor: str
    currency: str = "USD"
    pending: bool = False
    mcc: str | None = None
    person: str | None = None

    @property
    def amount(self) -> Decimal:
        """The amount in major units, outflow positive."""
        return to_major(self.amount_minor, self.currency)


@dataclass(frozen=True)
class Style:
    """How one issuer or format writes a statement.

    Attributes:
        suffix: the usual ending of the file's name.
        write: rows to bytes.
        keeps: which of currency, pending, mcc and person come through (date, amount and text do).
        widest: characters of the descriptor that come through.
    """

    suffix: str
    write: Callable[[Sequence[StatementRow]], bytes]
    keeps: frozenset[str] = frozenset()
    widest: int = 200


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


def _us(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def _table(
    rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8", preamble: str = ""
) -> bytes:
    text = io.StringIO()
    text.write(preamble)
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def _csv(
    header: str, cells: Callable[[StatementRow], Sequence[str]], **kwargs: str
) -> Callable[[Sequence[StatementRow]], bytes]:
    def write(rows: Sequence[StatementRow]) -> bytes:
        names = [header.split(",")] if header else []
        return _table([*names, *(cells(r) for r in rows)], **kwargs)

    return write


def _debit_credit(row: StatementRow, credit_sign: int = 1) -> tuple[str, str]:
    if row.amount_minor < 0:
        return "", _plain(-row.amount * credit_sign)
    return _plain(row.amount), ""


def _comma(amount: Decimal) -> str:
    """1.234,50 and, for a refund, (1.234,50)."""
    text = f"{abs(amount):,f}".translate(str.maketrans(",.", ".,"))
    return f"({text})" if amount < 0 else text


def _xlsx(rows: Sequence[StatementRow]) -> bytes:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    book.create_sheet("Summary").append(["Card activity", "Export"])
    sheet = book.create_sheet("Transactions")
    sheet.append(["Date", "Merchant", "Amount", "Currency", "MCC", "Employee", "Status"])
    for row in rows:
        merchant = WriteOnlyCell(sheet, row.descriptor)
        merchant.data_type = "s"  # a text that begins with = is no formula
        status = "Pending" if row.pending else "Cleared"
        sheet.append([row.date, merchant, float(row.amount), row.currency, row.mcc, row.person, status])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fitid(row: StatementRow, number: int) -> str:
    return f"{row.date:%Y%m%d}{number:05d}{abs(row.amount_minor)}"


def _numbered(rows: Sequence[StatementRow]) -> list[tuple[int, StatementRow]]:
    """Each row with its number among the rows of its day: the same in every slice by days."""
    seen: dict[date, int] = {}
    numbered = []
    for row in rows:
        seen[row.date] = seen.get(row.date, 0) + 1
        numbered.append((seen[row.date], row))
    return numbered


_OFX_SGML = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\nCHARSET:NONE\nCOMPRESSION:NONE\n\n"
_OFX_XML = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"?>\n'


def _ofx(rows: Sequence[StatementRow], *, xml: bool) -> bytes:
    def leaf(tag: str, value: str) -> str:
        return f"<{tag}>{escape(value)}" + (f"</{tag}>" if xml else "") + "\n"

    currency = rows[0].currency if rows else "USD"
    parts = [_OFX_XML if xml else _OFX_SGML, "<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS>\n"]
    parts += [leaf("CURDEF", currency), "<CCACCTFROM>", leaf("ACCTID", "4000123412341234"), "</CCACCTFROM>\n"]
    parts.append("<BANKTRANLIST>\n")
    for number, row in _numbered(rows):
        name, rest = row.descriptor[:32], row.descriptor[32:]
        parts.append("<STMTTRN>\n" + leaf("TRNTYPE", "DEBIT" if row.amount_minor > 0 else "CREDIT"))
        parts.append(
            leaf("DTPOSTED", f"{row.date:%Y%m%d}120000[-5:EST]") + leaf("TRNAMT", _plain(-row.amount))
        )
        parts.append(leaf("FITID", _fitid(row, number)) + (leaf("SIC", row.mcc) if row.mcc else ""))
        parts.append(leaf("NAME", name) + (leaf("MEMO", row.descriptor) if rest else "") + "</STMTTRN>\n")
    parts.append("</BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>\n")
    return "".join(parts).encode()


def _camt(rows: Sequence[StatementRow], *, version: str, report: bool = False) -> bytes:
    root, body = ("BkToCstmrAcctRpt", "Rpt") if report else ("BkToCstmrStmt", "Stmt")
    message = f"camt.05{2 if report else 3}.001.{version}"
    new = version >= "08"
    currency = rows[0].currency if rows else "EUR"
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{message}">'
        f"<{root}><{body}><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>{currency}</Ccy></Acct>\n"
    ]
    for number, row in _numbered(rows):
        out, party = row.amount_minor > 0, "Cdtr" if row.amount_minor > 0 else "Dbtr"
        code = "PDNG" if row.pending else "BOOK"
        name = f"<Nm>{escape(row.descriptor)}</Nm>"
        mcc = f"<CardTx><POI><MrchntCtgyCd>{row.mcc}</MrchntCtgyCd></POI></CardTx>" if row.mcc else ""
        parts.append(
            f'<Ntry><Amt Ccy="{row.currency}">{_plain(abs(row.amount))}</Amt>'
            f"<CdtDbtInd>{'DBIT' if out else 'CRDT'}</CdtDbtInd>"
            + (f"<Sts><Cd>{code}</Cd></Sts>" if new else f"<Sts>{code}</Sts>")
            + f"<BookgDt><Dt>{row.date}</Dt></BookgDt><ValDt><Dt>{row.date}</Dt></ValDt>"
            + f"<AcctSvcrRef>{_fitid(row, number)}</AcctSvcrRef>"
            + "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>CCRD</Cd><SubFmlyCd>POSD</SubFmlyCd></Fmly>"
            + "</Domn></BkTxCd>"
            + "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
            + f"<RltdPties><{party}>{f'<Pty>{name}</Pty>' if new else name}</{party}></RltdPties>"
            + f"<RmtInf><Ustrd>{escape(row.descriptor)}</Ustrd></RmtInf>{mcc}</TxDtls></NtryDtls></Ntry>\n"
        )
    parts.append(f"</{body}></{root}></Document>\n")
    return "".join(parts).encode()


_AMEX = (
    "Date,Description,Card Member,Account #,Amount,Extended Details,Appears On Your Statement As,Address,"
    "City/State,Zip Code,Country,Reference,Category"
)
_CAMT_KEEPS = frozenset({"pending", "mcc"})
_COUNCIL = (
    "TRANS DATE,TRANS VAT DESC,ORIGINAL GROSS AMT,ORIGINAL CUR,BILLING GROSS AMT,BILLING CUR CODE,"
    "MERCHANT NAME,CARD NUMBER,TRANS CAC CODE 1,TRANS CAC DESC 1,Directorate"
)

STYLES: dict[str, Style] = {
    "amex": Style(
        ".csv",
        _csv(
            _AMEX,
            lambda r: [
                _us(r.date), r.descriptor, r.person or "", "-51002", _plain(r.amount), "", r.descriptor,
                "", "", "", "", "", "Business Services-Advertising Services",
            ],
        ),
        frozenset({"person"}),
    ),
    "amex_short": Style(
        ".csv", _csv("Date,Description,Amount", lambda r: [_us(r.date), r.descriptor, _plain(r.amount)])
    ),
    "chase_card": Style(
        ".csv",
        _csv(
            "Transaction Date,Post Date,Description,Category,Type,Amount,Memo",
            lambda r: [
                _us(r.date), _us(r.date), r.descriptor, "Professional Services",
                "Sale" if r.amount_minor > 0 else "Return", _plain(-r.amount), "",
            ],
        ),
    ),
    "chase_bank": Style(
        ".csv",
        _csv(
            "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #",
            lambda r: [
                "DEBIT" if r.amount_minor > 0 else "CREDIT", _us(r.date), r.descriptor, _plain(-r.amount),
                "DEBIT_CARD", "1000.00", "",
            ],
        ),
    ),
    "capital_one": Style(
        ".csv",
        _csv(
            "Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit",
            lambda r: [
                r.date.isoformat(), r.date.isoformat(), "1234", r.descriptor, "Merchandise",
                *_debit_credit(r),
            ],
        ),
    ),
    "citi": Style(
        ".csv",
        _csv(
            "Status,Date,Description,Debit,Credit",
            lambda r: [
                "Pending" if r.pending else "Cleared", _us(r.date), r.descriptor,
                *_debit_credit(r, credit_sign=-1),
            ],
        ),
        frozenset({"pending"}),
    ),
    "discover": Style(
        ".csv",
        _csv(
            "Trans. Date,Post Date,Description,Amount,Category",
            lambda r: [_us(r.date), _us(r.date), r.descriptor, _plain(r.amount), "Merchandise"],
        ),
    ),
    "barclays_us": Style(
        ".csv",
        _csv(
            "Transaction Date,Description,Category,Amount",
            lambda r: [
                _us(r.date), r.descriptor, "DEBIT" if r.amount_minor > 0 else "CREDIT", _plain(-r.amount),
            ],
            preamble="Barclays Bank Delaware\r\nAccount Number: XXXXXXXXXXXX1234\r\n"
            "Account Balance:   $1,204.55\r\n\r\n",
        ),
    ),
    "bofa_card": Style(
        ".csv",
        _csv(
            "Posted Date,Reference Number,Payee,Address,Amount",
            lambda r: [_us(r.date), "", r.descriptor, "", _plain(-r.amount)],
        ),
    ),
    "wells_fargo": Style(
        ".csv", _csv("", lambda r: [_us(r.date), _plain(-r.amount), "*", "", r.descriptor])
    ),
    "council": Style(
        ".csv",
        _csv(
            _COUNCIL,
            lambda r: [
                r.date.strftime("%d/%m/%Y"), "Standard", _plain(r.amount), r.currency, _plain(r.amount),
                r.currency, r.descriptor, "************1234", "LH10", "Marketing", "Communications",
            ],
        ),
        frozenset({"currency"}),
    ),
    "bank_eu": Style(
        ".csv",
        _csv(
            "Buchungstag,Wertstellung,Verwendungszweck,Betrag,Währung",
            lambda r: [
                r.date.strftime("%d.%m.%Y"), r.date.strftime("%d.%m.%Y"), r.descriptor, _comma(r.amount),
                r.currency,
            ],
            delimiter=";",
            encoding="cp1252",
        ),
        frozenset({"currency"}),
    ),
    "expense_export": Style(
        ".csv",
        _csv(
            "Timestamp,Merchant,Amount,Currency,MCC,Employee Email,Status",
            lambda r: [
                f"{r.date} 09:30:00", r.descriptor, _plain(r.amount), r.currency, r.mcc or "", r.person or "",
                "Pending" if r.pending else "Approved",
            ],
            encoding="utf-8-sig",
        ),
        frozenset({"currency", "pending", "mcc", "person"}),
    ),
    "utf16_tabs": Style(
        ".txt",
        _csv(
            "Date,Description,Debit,Credit,Currency",
            lambda r: [r.date.isoformat(), r.descriptor, *_debit_credit(r), r.currency],
            delimiter="\t",
            encoding="utf-16",
        ),
        frozenset({"currency"}),
    ),
    "xlsx": Style(".xlsx", _xlsx, frozenset({"currency", "pending", "mcc", "person"})),
    "ofx": Style(".ofx", lambda rows: _ofx(rows, xml=False), frozenset({"mcc"})),
    "qfx_xml": Style(".qfx", lambda rows: _ofx(rows, xml=True), frozenset({"mcc"})),
    "camt053": Style(".xml", lambda rows: _camt(rows, version="02"), _CAMT_KEEPS),
    "camt053_08": Style(".xml", lambda rows: _camt(rows, version="08"), _CAMT_KEEPS),
    "camt052": Style(".xml", lambda rows: _camt(rows, version="08", report=True), _CAMT_KEEPS),
}  # fmt: skip
"""Every style by name. Styles that do not keep the currency write amounts of one currency only."""


def write_statement(path: Path, rows: Sequence[StatementRow], style: str) -> Path:
    """Write rows as one statement file.

    Args:
        path: the file to write.
        rows: in the order in which they should stand.
        style: a key of `STYLES`.

    Raises:
        KeyError: there is no such style; the message lists those there are.
    """
    if style not in STYLES:
        raise KeyError(f"there is no style {style!r}; there are: {', '.join(STYLES)}")
    path.write_bytes(STYLES[style].write(rows))
    return path


MERCHANTS: tuple[tuple[str, int, str], ...] = (
    ("INTUIT *MAILCHIMP 8005551234 GA", 10_500, "7372"),
    ("FACEBK *R3FA8FDGP2 650-5434000 CA", 48_211, "7311"),
    ("GOOGLE *ADS9561378913 CC@GOOGLE.COM", 150_000, "7311"),
    ("CANVA* 04412-77812 SYDNEY", 1_299, "5734"),
    ("ZAPIER.COM/CHARGE", 7_350, "5734"),
    ("HUBSPOT INC CAMBRIDGE MA", 89_000, "5734"),
    ("PADDLE.NET* HOTJAR LONDON", 3_900, "5817"),
    ("LINKEDIN-387*1234567 LNKD.IN/BILL", 60_000, "7311"),
    ("FS *BUZZSUMO FSPRG.COM", 19_900, "5817"),
    ("UNITED AIRLINES 0162341234567", 42_380, "3000"),
    ("BLUE BOTTLE COFFEE SAN FRANCISCO", 640, "5814"),
)
"""Descriptor, usual amount in minor units and category code of the sample charges."""

PEOPLE = ("Ana Silva", "Ben Okafor", "Chiara Rossi")


def sample_rows(seed: int = 7, months: int = 3, currency: str = "USD") -> list[StatementRow]:
    """A few months of card charges, with a refund each month; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - dice of a sample, not secret
    rows: list[StatementRow] = []
    for month in range(months):
        start = date(2026, 7, 1) + timedelta(days=31 * month)
        for descriptor, amount, mcc in MERCHANTS:
            day = start + timedelta(days=dice.randrange(28))
            rows.append(StatementRow(day, amount, descriptor, currency, mcc=mcc, person=dice.choice(PEOPLE)))
        rows.append(
            StatementRow(
                start + timedelta(days=20), -1_299, "CANVA* 04412-77812 SYDNEY", currency, mcc="5734"
            )
        )
    return sorted(rows, key=lambda r: (r.date, r.descriptor, r.amount_minor))


def write_samples(folder: Path, seed: int = 7) -> list[Path]:
    """Write one statement of every style into a folder; returns the files in the order of STYLES."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        write_statement(folder / f"{name}{style.suffix}", sample_rows(seed), name)
        for name, style in STYLES.items()
    ]
