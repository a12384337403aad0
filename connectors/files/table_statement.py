"""CSV and XLSX statements: rows to entries, and bad rows to sentences that say what to do."""

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from connectors.base import SkippedRecord
from connectors.errors import NeedsAdmin, SkipRecord
from connectors.files import statements
from connectors.files.amounts import Amount, currency_code, parse_amount, parse_minor
from connectors.files.columns import Header, normalise, not_understood
from connectors.files.dates import as_day, excel_day, parse_date
from connectors.files.entries import Entry, Item, mcc_of, one_line, shortened
from connectors.files.kinds import left_out
from connectors.files.statements import Settings, Statement, too_many_rows
from connectors.files.survey import IN_WORDS, OUT_WORDS, PENDING_WORDS, Decisions, Survey
from connectors.files.tables import Row, Table, cell_text, encodings_seen, open_csv, open_xlsx
from connectors.observations import ExpenseState

_SAMPLE = 200
_TOTALS = (
    "total", "totals", "grand total", "sub total", "subtotal", "sum", "opening balance", "closing balance",
    "beginning balance", "ending balance", "balance", "anfangssaldo", "endsaldo", "saldo", "solde", "summe",
    "gesamt", "end of report", "number of transactions",
)  # fmt: skip
_STATES = {
    **dict.fromkeys(PENDING_WORDS, ExpenseState.PENDING),
    **dict.fromkeys(("declined", "failed"), ExpenseState.DECLINED),
    **dict.fromkeys(("void", "voided", "reversed", "reverted", "cancelled", "canceled"), ExpenseState.VOID),
}
_FIX = "correct it in the file and scan again"


class TableStatement(Statement):
    """A table whose columns are understood. Opening it reads it once, to decide how to read it."""

    def __init__(self, path: Path, settings: Settings, digest: str, *, workbook: bool) -> None:
        super().__init__(path, settings, digest)
        config = settings.config
        table: Table
        if workbook:
            table, header = open_xlsx(path, config.columns)
        else:
            table, header = open_csv(path, config.encoding, config.columns)
        if header is None:
            raise not_understood(path.name, table.head(), config.columns)
        self.workbook = workbook
        self.table = table
        self.header: Header = header
        self._rows = 0
        self._sample: list[Row] = []
        survey = Survey(header)
        with closing(self._data()) as data:
            for row in data:
                self._rows += 1
                if self._rows > statements.MAX_ROWS:
                    raise too_many_rows(path.name)
                if self._rows <= _SAMPLE:
                    self._sample.append(row)
                survey.see(row.cells)
        self._pending = survey.pending
        self.decisions: Decisions = survey.decide(config)

    @property
    def format(self) -> str:
        """CSV or XLSX, with the issuer where the header is its own."""
        kind = "XLSX" if self.workbook else "CSV"
        return f"{kind} ({self.header.layout})" if self.header.layout else kind

    @property
    def rows(self) -> int:
        """Rows below the header."""
        return self._rows

    @property
    def has_pending(self) -> bool:
        """A status column says so."""
        return self._pending

    @property
    def columns(self) -> dict[str, str]:
        """Our field to the file's header."""
        return self.header.understood()

    @property
    def signature(self) -> tuple[str, ...]:
        """The headers: files that share them are written by the same program."""
        return self.header.normal

    def notes(self) -> list[str]:
        """Delimiter, encodings, order of dates, decimal mark and sign, as decided."""
        notes = []
        if self.table.delimiter is not None:
            marks = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
            notes.append(f"cells are separated by {marks.get(self.table.delimiter, self.table.delimiter)}")
            seen = encodings_seen(self.path, self.settings.config.encoding)
            if seen != ("ascii",):
                notes.append("text is " + " and ".join(seen))
        if self.decisions.day_first is not None:
            notes.append("dates have the " + ("day first" if self.decisions.day_first else "month first"))
        if self.decisions.mark == ",":
            notes.append("decimals follow a comma")
        if "amount" in self.header.fields:
            notes.append(
                "a column says debit or credit"
                if self.decisions.outflow == "words"
                else f"charges are {self.decisions.outflow}"
            )
        return notes

    def complete(self, others: list[Decisions]) -> None:
        """Take what this file leaves open from other files with the same headers, if they agree."""
        for question in ("day_first", "outflow"):
            answers = [d for d in others if getattr(d, question) is not None]
            if len({getattr(d, question) for d in answers}) == 1:
                self.decisions = self.decisions.completed(answers[0])

    def require_understood(self) -> None:
        """Refuse the file where something is left open or none of its first rows can be read.

        Raises:
            NeedsAdmin: says what to set.
        """
        if self.decisions.dates_open:
            raise NeedsAdmin(
                f"{self.name}: whether {self.header.name('date')} is written day or month first cannot "
                f"be told ({self.decisions.why_dates}). Set `day_first`."
            )
        if self.decisions.outflow is None:
            raise NeedsAdmin(
                f"{self.name}: whether a charge in {self.header.name('amount')} is positive or negative "
                f"cannot be told ({self.decisions.why_outflow}). Set `outflow`."
            )
        read = [self._read(row) for row in self._sample]
        bad = [item for item in read if isinstance(item, SkippedRecord)]
        if bad and len(bad) == len(read):
            raise NeedsAdmin(
                f"{self.name}: none of its rows can be read. {bad[0].ref}: {bad[0].reason}. Read were "
                + ", ".join(f"{ours} from {theirs}" for ours, theirs in self.columns.items())
                + ". Set `columns`, `day_first` or `encoding` where that is wrong."
            )

    def items(self) -> Iterator[Item]:
        """Every row below the header."""
        with closing(self._data()) as data:
            for row in data:
                yield self._read(row)

    def _data(self) -> Generator[Row, None, None]:
        """The rows below the header, without blank ones and repeated headers."""
        names = [n.strip() for n in self.header.names]
        with closing(self.table.rows()) as rows:
            for index, row in enumerate(rows):
                if index < self.header.index or (index == self.header.index and not self.header.headerless):
                    continue
                if not any(cell_text(c) for c in row.cells):
                    continue
                first = cell_text(row.cells[0])
                if first == names[0] and [cell_text(c) for c in row.cells] == names:
                    continue  # files glued together bring their headers along
                yield row

    def _read(self, row: Row) -> Item:
        try:
            return _RowReader(self, row).entry()
        except SkipRecord as error:
            return SkippedRecord(ref=error.ref, reason=str(error))


class _RowReader:
    """Reads one row; keeps what its messages need."""

    def __init__(self, statement: TableStatement, row: Row) -> None:
        self.header = statement.header
        self.decisions = statement.decisions
        self.settings = statement.settings
        self.cells = row.cells
        self.from_1904 = statement.table.from_1904
        cells = row.cells
        # Each cell is made text once; most of the time of reading goes into this.
        self.texts = {
            name: one_line(cell_text(cells[position]))
            for name, position in self.header.fields.items()
            if position < len(cells)
        }
        self.ref = f"{statement.table.place} {row.line} of {statement.name}"

    def skip(self, message: str) -> SkipRecord:
        return SkipRecord(message, ref=self.ref)

    def cell(self, name: str) -> Any:
        position = self.header.fields.get(name)
        return self.cells[position] if position is not None and position < len(self.cells) else None

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def entry(self) -> Entry | None:
        width = len(self.header.names)
        if self._is_total():
            return None
        if len(self.cells) > width and any(cell_text(c) for c in self.cells[width:]):
            raise self.skip(
                f"it has {len(self.cells)} cells while the header has {width}: put text that contains the "
                f"separator into quotation marks and scan again"
            )
        merchant = self.text("merchant") or self.text("payee") or self.text("description")
        # Beside a merchant, and without a column for memos, the description is what an employee wrote.
        spoken = bool(self.text("merchant")) and "memo" not in self.header.fields
        descriptor = self.text("descriptor") or ("" if spoken else self.text("description"))
        merchant = merchant or descriptor
        posted = self._posted()
        day = posted if posted is not None and not self.text("date") else self._day("date")
        amount = self._amount()
        if not merchant:
            names = [
                self.header.name(n) for n in ("merchant", "payee", "description") if n in self.header.fields
            ]
            raise self.skip(f"{' and '.join(names) or 'the text'} is empty: {_FIX}")
        mcc = mcc_of(self.text("mcc"))
        minor = amount.minor
        if left_out(
            descriptor or merchant,
            inflow=minor < 0,
            kind=self.text("type"),
            category=self.text("category"),
            mcc=mcc,
        ):
            return None
        state = _STATES.get(self.text("status").casefold())
        original = self._original(minor)
        person, email = self._person()
        memo = self.text("description") if spoken else self.text("memo")
        return Entry(
            occurred_on=day,
            posted_on=posted,
            amount_minor=minor,
            currency=amount.currency,
            merchant=merchant,
            descriptor=descriptor,
            state=state or (ExpenseState.REFUND if minor < 0 else ExpenseState.POSTED),
            reference=self.text("reference").strip("'\" "),
            original_amount_minor=original.minor if original else None,
            original_currency=original.currency if original else None,
            mcc=mcc,
            category=self.text("category") or None,
            memo=memo or None,
            department=self.text("department") or None,
            person=person,
            email=email,
        )

    def _is_total(self) -> bool:
        """A line of totals or balances below the table, not a row of it."""
        if self.text("date") and self.text("date")[0].isdigit():
            return False
        words = next((cell_text(c) for c in self.cells if cell_text(c)), "")
        plain = normalise(words)
        return any(plain == t or plain.startswith(t + " ") for t in _TOTALS)

    def _person(self) -> tuple[str | None, str | None]:
        person, email = self.text("person"), self.text("email")
        # Exports write a name where the header says e-mail, and the other way round.
        if not email and person.count("@") == 1 and " " not in person:
            person, email = "", person
        elif email and "@" not in email:
            person, email = person or email, ""
        return person or None, email or None

    def _day(self, name: str) -> date:
        cell, label = self.cell(name), self.header.name(name)
        try:
            if isinstance(cell, date):
                day = as_day(cell)
            elif isinstance(cell, int | float) and not isinstance(cell, bool) and cell < 100_000:
                day = excel_day(cell, from_1904=self.from_1904)
            else:
                text = cell_text(cell)
                if not text:
                    raise self.skip(f"{label} is empty: {_FIX}")
                day = parse_date(text, self.decisions.day_first)
            if day > self.settings.latest:
                raise ValueError("lies in the future")
        except ValueError as error:
            hint = ""
            if self.decisions.day_first is not None and str(error) == "is no day of the calendar":
                hint = f" with the {'day' if self.decisions.day_first else 'month'} first"
            raise self.skip(
                f"{label} is {shortened(cell_text(cell))}, which {error}{hint}: {_FIX}"
            ) from error
        return day

    def _posted(self) -> date | None:
        # The day of posting is a help and no reason to lose a row.
        if not self.text("posted"):
            return None
        try:
            return self._day("posted")
        except SkipRecord:
            return None

    def _currency(self) -> tuple[str, bool]:
        text = self.text("currency")
        if text:
            try:
                return currency_code(text), True
            except ValueError as error:
                label = self.header.name("currency")
                raise self.skip(f"{label} is {shortened(text)}, which {error}: {_FIX}") from error
        if self.header.currency is not None:
            return self.header.currency, True
        return self.settings.config.currency, False

    def _money(self, name: str, currency: str, *, given: bool) -> Amount | None:
        """The amount in a column; None where the cell is empty.

        Raises:
            SkipRecord: the cell is no amount.
        """
        cell = self.cell(name)
        text = cell_text(cell)
        if not text or text in {"-", "–", "—"}:
            return None
        try:
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                return Amount(parse_minor(cell, currency), currency)
            return parse_amount(text, currency, self.decisions.mark, given=given)
        except ValueError as error:
            raise self.skip(
                f"{self.header.name(name)} is {shortened(text)}, which {error}: {_FIX}"
            ) from error

    def _amount(self) -> Amount:
        """The row's amount with outflow positive."""
        currency, given = self._currency()
        if "amount" in self.header.fields:
            amount = self._money("amount", currency, given=given)
            if amount is not None:
                return amount._replace(minor=self._outflow(amount))
        debit = self._money("debit", currency, given=given) if "debit" in self.header.fields else None
        credit = self._money("credit", currency, given=given) if "credit" in self.header.fields else None
        if debit and debit.minor and credit and credit.minor:
            raise self.skip(
                f"both {self.header.name('debit')} and {self.header.name('credit')} are filled: {_FIX}"
            )
        if debit and (debit.minor or not credit):
            return debit._replace(minor=abs(debit.minor))
        if credit:
            # Citi writes its credits with a minus, Capital One without.
            return credit._replace(minor=-abs(credit.minor))
        names = [self.header.name(n) for n in ("amount", "debit", "credit") if n in self.header.fields]
        raise self.skip(f"{' and '.join(names)} is empty: {_FIX}")

    def _outflow(self, amount: Amount) -> int:
        if amount.inflow is not None:
            return -abs(amount.minor) if amount.inflow else abs(amount.minor)
        if self.decisions.outflow == "words":
            words = {normalise(self.text("type")), normalise(self.text("category"))}
            if words & IN_WORDS and not words & OUT_WORDS:
                return -amount.minor
            return amount.minor
        return amount.minor if self.decisions.outflow == "positive" else -amount.minor

    def _original(self, minor: int) -> Amount | None:
        """What the merchant charged in its own currency, where the file says so usably."""
        text = self.text("original_currency")
        if not text or "original_amount" not in self.header.fields:
            return None
        try:
            amount = self._money("original_amount", currency_code(text), given=True)
        except (SkipRecord, ValueError):
            return None
        if amount is None:
            return None
        return amount._replace(minor=-abs(amount.minor) if minor < 0 else abs(amount.minor))
