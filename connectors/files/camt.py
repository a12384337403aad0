"""CAMT.053 statements and CAMT.052 reports of ISO 20022, versions .02 to .08 and later.

Versions move things: from .03 on `Sts` holds a `Cd`, and from .08 on `Nm` stands under `Pty`.
Namespaces are passed over, so that all versions are read by one reader.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from connectors.base import SkippedRecord
from connectors.errors import NeedsAdmin
from connectors.files import statements
from connectors.files.amounts import is_currency, parse_minor
from connectors.files.dates import EARLIEST
from connectors.files.entries import Entry, Item, mcc_of, one_line, shortened
from connectors.files.kinds import left_out
from connectors.files.statements import Settings, Statement, too_many_rows
from connectors.observations import ExpenseState

_NO_ID = {"", "NOTPROVIDED", "NONREF", "NONE"}
_OWN_MONEY = frozenset({("RCDT", None), ("ICDT", "BOOK"), ("MDOP", "CHRG"), ("MDOP", "INTR"),
                        ("MCOP", "CHRG"), ("MCOP", "INTR"), ("CNTR", None), ("CCRD", "CWDL"),
                        ("CCRD", "CDPT")})  # fmt: skip
_CHARGES = frozenset({"CHRG", "INTR", "FEES"})
"""Families and sub-families of bank transactions that are no purchases: money received from
others, transfers between own accounts, charges, interest, cash over the counter and at machines."""


class Detail(NamedTuple):
    """One charge to read: the entry, one of its transactions (or None), and where it stands."""

    place: str
    entry: Element
    detail: Element | None
    account: str
    currency: str
    batched: bool = False


class CamtStatement(Statement):
    """A CAMT file; the direction of every amount is stated by the format."""

    def __init__(self, path: Path, settings: Settings, digest: str) -> None:
        super().__init__(path, settings, digest)
        self._rows = 0
        self._pending = False
        self._message = "CAMT"
        bad: list[SkippedRecord] = []
        with closing(self._details()) as details:
            for one in details:
                self._rows += 1
                if self._rows > statements.MAX_ROWS:
                    raise too_many_rows(path.name)
                self._pending = self._pending or _status(one.entry) == "PDNG"
                item = self._read(one) if len(bad) == self._rows - 1 else None
                bad.extend([item] if isinstance(item, SkippedRecord) else [])
        if bad and len(bad) == self._rows:
            raise NeedsAdmin(
                f"{self.name}: none of its entries can be read. "
                f"{bad[0].ref}: {bad[0].reason}. Download it again."
            )

    @property
    def format(self) -> str:
        """The message's name and version, such as CAMT.053.001.08."""
        return self._message

    @property
    def rows(self) -> int:
        """Entries, and transactions within batched entries."""
        return self._rows

    @property
    def has_pending(self) -> bool:
        """Some entries have the status PDNG."""
        return self._pending

    def items(self) -> Iterator[Item]:
        """Every entry, or every transaction of a batch, in the order of the file."""
        with closing(self._details()) as details:
            for one in details:
                yield self._read(one)

    def _details(self) -> Generator[Detail, None, None]:
        account, currency, number = "", "", 0
        try:
            with self.path.open("rb") as file:
                for event, element in iterparse(file, events=("start", "end"), forbid_dtd=False):
                    tag = _tag(element)
                    if event == "start":
                        if tag == "Document" and "camt." in element.tag:
                            self._message = element.tag.partition("}")[0].rpartition(":")[2].upper()
                        elif tag in ("Stmt", "Rpt"):
                            account, currency = "", ""
                    elif tag == "Acct" and not account:
                        account = _text(element, "Id/IBAN") or _text(element, "Id/Othr/Id")
                        currency = _text(element, "Ccy")
                    elif tag == "Ntry":
                        number += 1
                        yield from _parts(element, f"entry {number} of {self.name}", account, currency)
                        element.clear()
        except DefusedXmlException as error:
            raise NeedsAdmin(
                f"{self.name} declares XML entities, which no statement needs: it is refused."
            ) from error
        except ParseError as error:
            raise NeedsAdmin(f"{self.name} is cut off or damaged ({error}): download it again.") from error

    def _read(self, one: Detail) -> Item:
        try:
            return self._entry(one)
        except ValueError as error:
            return SkippedRecord(ref=one.place, reason=f"{error}: correct it in the file and scan again")

    def _entry(self, one: Detail) -> Entry | None:
        entry, detail = one.entry, one.detail
        status = _status(entry)
        if status == "INFO":
            return None  # told for information; the amount was not booked
        inflow = _text(entry, "CdtDbtInd") == "CRDT"
        reversal = _text(entry, "RvslInd") in ("true", "1")
        posted = _day(entry, "BookgDt")
        initiated = _day(detail, "RltdDts/TxDtTm", "RltdDts/AccptncDtTm") if detail is not None else None
        day = initiated or posted or _day(entry, "ValDt")
        if day is None:
            raise ValueError("BookgDt and ValDt are missing")
        if day > self.settings.latest:
            raise ValueError(f"BookgDt is {shortened(str(day))}, which lies in the future")
        minor, currency, original = _amounts(one, self.settings.config.currency)
        minor = -minor if inflow else minor
        texts = [
            _text(detail, "RmtInf/Ustrd", every=True),
            _text(detail, "AddtlTxInf"),
            _text(entry, "AddtlNtryInf"),
        ]
        descriptor = next((t for t in texts if t), "")
        merchant = _counterparty(detail, inflow=inflow) or descriptor
        if not merchant:
            raise ValueError("it names no counterparty and has no text")
        mcc = mcc_of(_anywhere(detail if detail is not None else entry, "MrchntCtgyCd"))
        if _is_own_money(entry, detail, inflow=inflow, reversal=reversal) or left_out(
            descriptor or merchant, inflow=inflow, mcc=mcc
        ):
            return None
        pending = status == "PDNG"
        state = ExpenseState.REFUND if minor < 0 else ExpenseState.POSTED
        return Entry(
            occurred_on=day,
            posted_on=None if pending else posted,
            amount_minor=minor,
            currency=currency,
            merchant=merchant,
            descriptor=descriptor or merchant,
            state=ExpenseState.PENDING if pending else state,
            vendor_id=_vendor_id(one),
            original_amount_minor=None if original is None else (-original[0] if minor < 0 else original[0]),
            original_currency=None if original is None else original[1],
            mcc=mcc,
        )


def _parts(entry: Element, place: str, account: str, currency: str) -> Iterator[Detail]:
    """An entry, or each transaction of a batch whose amounts add up to the entry's."""
    details = [e for group in _children(entry, "NtryDtls") for e in _children(group, "TxDtls")]
    if len(details) > 1:
        amounts = [a for d in details if (a := _detail_amount(d)) is not None]
        total = _amount(_child(entry, "Amt"))
        whole = len(amounts) == len(details) and {a[1] for a in amounts} == {total[1] if total else ""}
        if whole and total is not None and sum((a[0] for a in amounts), Decimal(0)) == total[0]:
            for number, detail in enumerate(details, start=1):
                part = f"transaction {number} of {place}"
                yield Detail(part, entry, detail, account, currency, batched=True)
            return
    yield Detail(place, entry, details[0] if len(details) == 1 else None, account, currency)


def _amounts(one: Detail, default: str) -> tuple[int, str, tuple[int, str] | None]:
    """The unsigned amount in the account's currency, and the merchant's amount if it differs."""
    found = _detail_amount(one.detail) if one.batched else _amount(_child(one.entry, "Amt"))
    if found is None:
        raise ValueError("Amt is missing or is no amount")
    currency = found[1] or one.currency or default
    if not is_currency(currency):
        raise ValueError(f"Ccy is {shortened(currency)}, which is not an ISO 4217 code")
    try:
        minor = parse_minor(found[0], currency)
    except ValueError as error:
        raise ValueError(f"Amt is {shortened(str(found[0]))}, which {error}") from error
    for owner in (one.detail, None if one.batched else one.entry):
        instructed = _amount(_find(owner, "AmtDtls/InstdAmt/Amt"))
        if instructed is not None and is_currency(instructed[1]) and instructed[1] != currency:
            try:
                return minor, currency, (parse_minor(instructed[0], instructed[1]), instructed[1])
            except ValueError:
                break  # an original amount is a help and no reason to lose the entry
    return minor, currency, None


def _detail_amount(detail: Element | None) -> tuple[Decimal, str] | None:
    # .02 has the amount under AmtDtls/TxAmt; later versions also directly.
    return _amount(_find(detail, "Amt")) or _amount(_find(detail, "AmtDtls/TxAmt/Amt"))


def _amount(element: Element | None) -> tuple[Decimal, str] | None:
    if element is None or not element.text:
        return None
    try:
        value = Decimal(element.text.strip())
    except ArithmeticError:
        return None
    return (value, element.get("Ccy", "").upper()) if value.is_finite() else None


def _counterparty(detail: Element | None, *, inflow: bool) -> str:
    # Who really sells stands behind the wallet or payment company that collects.
    roles = ("UltmtDbtr", "Dbtr") if inflow else ("UltmtCdtr", "Cdtr")
    for role in (*roles, "TradgPty", "Prtry"):
        party = _find(detail, f"RltdPties/{role}")
        name = _text(party, "Nm") or _text(party, "Pty/Nm") or _text(party, "Pty/Pty/Nm")
        if name:
            return name
    return ""


def _is_own_money(entry: Element, detail: Element | None, *, inflow: bool, reversal: bool) -> bool:
    if reversal:
        # What was taken back: of a charge it is a refund, of money received it is no charge.
        return not inflow
    for owner in (detail, entry):
        family = _text(owner, "BkTxCd/Domn/Fmly/Cd")
        if family:
            sub = _text(owner, "BkTxCd/Domn/Fmly/SubFmlyCd")
            return (family, None) in _OWN_MONEY or (family, sub) in _OWN_MONEY or sub in _CHARGES
    return False


def _vendor_id(one: Detail) -> str:
    own = [_text(one.entry, "AcctSvcrRef")]
    if one.detail is not None:
        names = ("AcctSvcrRef", "TxId", "EndToEndId", "InstrId")
        own += [_text(one.detail, f"Refs/{name}") for name in names]
    ids = [i for i in dict.fromkeys(own) if i.upper() not in _NO_ID]
    # The end-to-end id is the sender's and may repeat; alone it does not tell entries apart.
    bank_made = own[0].upper() not in _NO_ID or (len(own) > 1 and own[1].upper() not in _NO_ID)
    return "/".join([one.account, *ids]) if bank_made else ""


def _status(entry: Element) -> str:
    return _text(entry, "Sts/Cd") or _text(entry, "Sts")


def _day(owner: Element | None, *paths: str) -> date | None:
    for path in paths:
        text = _text(owner, f"{path}/Dt") or _text(owner, f"{path}/DtTm") or _text(owner, path)
        if text:
            try:
                day = date.fromisoformat(text[:10])
            except ValueError as error:
                raise ValueError(f"{path} is {shortened(text)}, which is no day of the calendar") from error
            if day < EARLIEST:
                raise ValueError(f"{path} is {shortened(text)}, which lies too far back to be right")
            return day
    return None


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if _tag(child) == name]


def _child(element: Element | None, name: str) -> Element | None:
    return None if element is None else next((c for c in element if _tag(c) == name), None)


def _find(element: Element | None, path: str) -> Element | None:
    for name in path.split("/"):
        element = _child(element, name)
    return element


def _text(element: Element | None, path: str, *, every: bool = False) -> str:
    """The text at a path of child names; `every` joins all siblings at its end."""
    parents, _, last = path.rpartition("/")
    owner = _find(element, parents) if parents else element
    if owner is None:
        return ""
    texts = [one_line(c.text or "") for c in owner if _tag(c) == last]
    return " ".join(t for t in texts if t) if every else next((t for t in texts if t), "")


def _anywhere(element: Element, name: str) -> str:
    return next((e.text or "" for e in element.iter() if _tag(e) == name), "")
