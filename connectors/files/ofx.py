"""OFX and QFX statements: SGML of version 1.x, where leaves are never closed, and XML of 2.x."""

import html
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from connectors.base import SkippedRecord
from connectors.errors import NeedsAdmin
from connectors.files import statements
from connectors.files.amounts import decimal_mark, is_currency, parse_amount, take_apart
from connectors.files.dates import EARLIEST
from connectors.files.entries import Entry, Item, is_plausible_id, mcc_of, one_line, shortened
from connectors.files.kinds import left_out
from connectors.files.statements import Settings, Statement, too_many_rows
from connectors.files.tables import lines_of
from connectors.observations import ExpenseState

_TAG = re.compile(r"<(/?)([A-Za-z0-9._]+)(?:\s[^<>]*)?>([^<]*)")
_NAME_WIDTH = 32
_OUT_TYPES = frozenset({"DEBIT", "POS", "CHECK", "DIRECTDEBIT", "REPEATPMT"})


class Record(NamedTuple):
    """One STMTTRN (or STMTTRNP, a pending one) with the account it stands in."""

    number: int
    place: str
    values: dict[str, str]
    account: str
    currency: str
    card: bool
    pending: bool


class OfxStatement(Statement):
    """An OFX file; amounts are negative for money out unless its debits say otherwise."""

    def __init__(self, path: Path, settings: Settings, digest: str) -> None:
        super().__init__(path, settings, digest)
        self._xml = _is_xml(path) and self._is_well_formed()
        self._rows = 0
        self._pending = False
        votes = {True: 0, False: 0}
        for record in self._records():
            self._rows += 1
            if self._rows > statements.MAX_ROWS:
                raise too_many_rows(path.name)
            self._pending = self._pending or record.pending
            if record.values.get("TRNTYPE", "").upper() in _OUT_TYPES:
                try:
                    votes[take_apart(record.values.get("TRNAMT", "")).negative] += 1
                except ValueError:
                    continue
        self.outflow: Literal["positive", "negative"] = (
            "positive" if votes[False] > votes[True] else "negative"
        )
        if settings.config.outflow != "auto":
            self.outflow = settings.config.outflow
        self._refuse_unreadable()

    def _is_well_formed(self) -> bool:
        """False for XML with bare ampersands and unclosed tags, which reads well enough as SGML."""
        try:
            for _ in _xml_events(self.path):
                pass
        except DefusedXmlException as error:
            raise NeedsAdmin(
                f"{self.name} declares XML entities, which no statement needs: it is refused."
            ) from error
        except ParseError:
            return False
        return True

    def _refuse_unreadable(self) -> None:
        bad: SkippedRecord | None = None
        for item in self.items():
            if not isinstance(item, SkippedRecord):
                return
            bad = bad or item
        if bad is not None:
            raise NeedsAdmin(
                f"{self.name}: none of its transactions can be read. "
                f"{bad.ref}: {bad.reason}. Download it again."
            )

    @property
    def format(self) -> str:
        """OFX, whichever syntax."""
        return "OFX"

    @property
    def rows(self) -> int:
        """Transactions."""
        return self._rows

    @property
    def has_pending(self) -> bool:
        """The bank lists transactions that have not cleared."""
        return self._pending

    def notes(self) -> list[str]:
        """The sign of charges, where it is not the usual one."""
        return ["charges are positive"] if self.outflow == "positive" else []

    def items(self) -> Iterator[Item]:
        """Every transaction in the order of the file."""
        for record in self._records():
            yield self._read(record)

    def _records(self) -> Generator[Record, None, None]:
        if self._xml:
            yield from _collect(_xml_events(self.path), "transaction")
            return
        yield from _collect(_sgml_events(self.path, self.settings.config.encoding), "line")

    def _read(self, record: Record) -> Item:
        ref = f"{record.place} of {self.name}"
        try:
            return self._entry(record)
        except ValueError as error:
            return SkippedRecord(ref=ref, reason=f"{error}: correct it in the file and scan again")

    def _entry(self, record: Record) -> Entry | None:
        values = record.values
        posted = _day(values, "DTPOSTED", "DTTRAN")
        initiated = _day(values, "DTUSER")
        day = initiated or posted
        if day is None:
            raise ValueError("DTPOSTED is missing")
        if day > self.settings.latest:
            raise ValueError(f"DTPOSTED is {shortened(str(day))}, which lies in the future")
        name = one_line(values.get("PAYEE.NAME") or values.get("NAME", ""))
        memo = one_line(values.get("MEMO", ""))
        merchant, descriptor = _texts(name, memo)
        if not merchant:
            raise ValueError("NAME and MEMO are empty")
        # CURRENCY says that the amount is in another currency; ORIGCURRENCY that it was converted.
        currency = values.get("CURRENCY.CURSYM") or record.currency or self.settings.config.currency
        if not is_currency(currency):
            raise ValueError(f"the currency is {shortened(currency)}, which is not an ISO 4217 code")
        minor = self._minor(values.get("TRNAMT", ""), currency)
        kind = values.get("TRNTYPE", "").upper()
        mcc = mcc_of(values.get("SIC", ""))
        # On a bank account PAYMENT is a bill that was paid; on a card it pays the card.
        kind = "" if kind == "PAYMENT" and not record.card else kind
        if left_out(descriptor, inflow=minor < 0, kind=kind, mcc=mcc):
            return None
        state = ExpenseState.REFUND if minor < 0 else ExpenseState.POSTED
        fitid = values.get("FITID", "").strip()
        return Entry(
            occurred_on=day,
            posted_on=None if record.pending else posted,
            amount_minor=minor,
            currency=currency,
            merchant=merchant,
            descriptor=descriptor,
            state=ExpenseState.PENDING if record.pending else state,
            vendor_id=f"{record.account}/{fitid}" if fitid.strip("0") else "",
            reference=values.get("REFNUM", "") if is_plausible_id(values.get("REFNUM", "")) else "",
            mcc=mcc,
            memo=memo if memo and memo not in (merchant, descriptor) else None,
        )

    def _minor(self, text: str, currency: str) -> int:
        try:
            mark = decimal_mark(take_apart(text).body) or "."
            amount = parse_amount(text, currency, mark, given=True)
        except ValueError as error:
            raise ValueError(f"TRNAMT is {shortened(text)}, which {error}") from error
        return amount.minor if self.outflow == "positive" else -amount.minor


def _texts(name: str, memo: str) -> tuple[str, str]:
    """Merchant and descriptor: NAME is cut at 32 characters and MEMO may hold all or the rest."""
    if not name or memo.upper().startswith(name.upper()):
        return (memo or name), (memo or name)
    if not memo:
        return name, name
    glue = "" if len(name) >= _NAME_WIDTH else " "
    return name, f"{name}{glue}{memo}"


def _day(values: dict[str, str], *names: str) -> date | None:
    for name in names:
        text = values.get(name, "").strip()
        if not text:
            continue
        # The day as the bank states it; the time and zone after it ([-5:EST]) do not move it.
        try:
            day = datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007
        except ValueError as error:
            raise ValueError(f"{name} is {shortened(text)}, which is no day of the calendar") from error
        if day < EARLIEST:
            raise ValueError(f"{name} is {shortened(text)}, which lies too far back to be right")
        return day
    return None


Event = tuple[str, str, str, int]
"""(`open`, `close` or `leaf`; the tag; the text of a leaf; the line)."""


def _collect(events: Iterator[Event], unit: str) -> Iterator[Record]:
    """Gather transactions from events of either syntax."""
    account, currency, card, number = "", "", False, 0
    values: dict[str, str] | None = None
    start, pending = 0, False
    group = ""
    for kind, tag, text, line in events:
        if kind == "open" and tag in ("STMTRS", "CCSTMTRS"):
            account, currency, card = "", "", tag == "CCSTMTRS"
        elif kind == "open" and tag in ("STMTTRN", "STMTTRNP"):
            values, start, pending, group = {}, line, tag == "STMTTRNP", ""
        elif kind == "close" and tag in ("STMTTRN", "STMTTRNP") and values is not None:
            number += 1
            place = f"line {start}" if unit == "line" else f"transaction {number}"
            yield Record(number, place, values, account, currency, card, pending)
            values = None
        elif kind == "open" and values is not None and tag in ("PAYEE", "CURRENCY", "ORIGCURRENCY"):
            group = f"{tag}."
        elif kind == "close" and f"{tag}." == group:
            group = ""
        elif kind == "leaf" and values is not None:
            values.setdefault(group + tag, text)
        elif kind == "leaf" and tag == "CURDEF":
            currency = text.upper()
        elif kind == "leaf" and tag == "ACCTID" and not account:
            account = text


def _sgml_events(path: Path, encoding: str | None) -> Iterator[Event]:
    """Events of SGML: a tag with text after it is a leaf, whether or not it is closed."""
    with closing(lines_of(path, encoding)) as lines:
        for number, line in lines:
            for closes, tag, text in _TAG.findall(line):
                value = html.unescape(text).replace("\u00a0", " ").strip()
                if closes:
                    yield "close", tag.upper(), "", number
                elif value:
                    yield "leaf", tag.upper(), value, number
                else:
                    yield "open", tag.upper(), "", number


def _xml_events(path: Path) -> Iterator[Event]:
    with path.open("rb") as file:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=False):
            tag = element.tag.rpartition("}")[2].upper()
            if event == "start":
                yield "open", tag, "", 0
            elif len(element):
                yield "close", tag, "", 0
                element.clear()
            elif element.text and element.text.strip():
                yield "leaf", tag, element.text.strip(), 0
            else:
                yield "close", tag, "", 0


def _is_xml(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(256).lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml")
