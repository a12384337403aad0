"""The first reading of a table: what its dates, amounts and words say about how to read it."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from connectors.files.amounts import decimal_mark, majority_mark, take_apart
from connectors.files.columns import Header, normalise
from connectors.files.config import FilesConfig
from connectors.files.dates import day_first_evidence, is_ambiguous
from connectors.files.kinds import is_card_payment, left_out
from connectors.files.tables import cell_text

OUT_WORDS = frozenset(
    ("debit", "dr", "d", "db", "soll", "s", "af", "sale", "purchase", "charge", "withdrawal", "out",
     "outflow", "uit", "debito", "addebito", "cargo")
)  # fmt: skip
IN_WORDS = frozenset(
    ("credit", "cr", "c", "haben", "h", "bij", "return", "refund", "in", "inflow", "abono",
     "accredito", "credito")
)  # fmt: skip
PENDING_WORDS = frozenset(
    ("pending", "authorized", "authorised", "authorization", "authorisation", "processing", "in progress",
     "temporary", "memo posted", "vorgemerkt", "en attente", "pendiente")
)  # fmt: skip

_TEXTS = ("descriptor", "description", "payee", "merchant")

Outflow = Literal["positive", "negative", "words"]


@dataclass(frozen=True)
class Decisions:
    """How a table is read; None marks what its content leaves open.

    Attributes:
        day_first: the order of day and month.
        mark: the decimal mark, for amounts that leave a doubt on their own.
        outflow: the sign of a charge, or "words" where a column says debit or credit.
    """

    day_first: bool | None
    mark: str | None
    outflow: Outflow | None
    dates_open: bool = False
    why_dates: str = ""
    why_outflow: str = ""

    @property
    def open(self) -> bool:
        """Something must still come from another file of the same shape, or from a person."""
        return self.dates_open or self.outflow is None

    def completed(self, other: "Decisions") -> "Decisions":
        """These decisions with what is open taken from those of a file with the same headers."""
        mine = self
        if self.dates_open and other.day_first is not None and not other.dates_open:
            mine = replace(mine, day_first=other.day_first, dates_open=False)
        if self.outflow is None and other.outflow is not None:
            mine = replace(mine, outflow=other.outflow)
        return mine


@dataclass
class Survey:
    """Counts over the rows of one table; `decide` draws the conclusions."""

    header: Header
    day_first: int = 0
    month_first: int = 0
    ambiguous: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    positive: int = 0
    negative: int = 0
    thanks_positive: int = 0
    thanks_negative: int = 0
    out_words: Counter[bool] = field(default_factory=Counter)
    in_words: Counter[bool] = field(default_factory=Counter)
    wordless: int = 0
    pending: bool = False

    def see(self, cells: list[Any]) -> None:
        """Count one data row."""
        for name in ("date", "posted"):
            self._see_date(self._cell(cells, name))
        for name in ("amount", "debit", "credit"):
            if name in self.header.fields:
                signed = name == "amount" and self.header.outflow is None
                self._see_amount(self._cell(cells, name), cells if signed else None)
        if not self.pending and cell_text(self._cell(cells, "status")).casefold() in PENDING_WORDS:
            self.pending = True

    def _cell(self, cells: list[Any], name: str) -> Any:
        position = self.header.fields.get(name)
        return cells[position] if position is not None and position < len(cells) else None

    def _see_date(self, cell: Any) -> None:
        if not isinstance(cell, str):
            return
        text = cell.strip()
        evidence = day_first_evidence(text)
        if evidence is True:
            self.day_first += 1
        elif evidence is False:
            self.month_first += 1
        elif is_ambiguous(text):
            self.ambiguous += 1

    def _see_amount(self, cell: Any, cells: list[Any] | None) -> None:
        negative: bool
        if isinstance(cell, bool) or cell is None:
            return
        if isinstance(cell, int | float):
            if not cell:
                return
            negative = cell < 0
        else:
            try:
                written = take_apart(cell_text(cell))
            except ValueError:
                return
            if (mark := decimal_mark(written.body)) is not None:
                self.marks[mark] += 1
            # CR and DR say the direction themselves, and a zero has no sign.
            if written.inflow is not None or not written.body.strip("0.,"):
                return
            negative = written.negative
        if cells is not None:
            self._see_sign(cells, negative=negative)

    def _see_sign(self, cells: list[Any], *, negative: bool) -> None:
        text = cell_text(
            next(
                (
                    c
                    for n in ("descriptor", "description", "payee", "merchant")
                    if (c := self._cell(cells, n))
                ),
                None,
            )
        )
        word = normalise(cell_text(self._cell(cells, "type")))
        if not word or word not in OUT_WORDS | IN_WORDS:
            # Barclays keeps the direction in its Category.
            word = normalise(cell_text(self._cell(cells, "category")))
        if word in OUT_WORDS:
            self.out_words[negative] += 1
        elif word in IN_WORDS:
            self.in_words[negative] += 1
        else:
            self.wordless += 1
        if is_card_payment(text):
            if negative:
                self.thanks_negative += 1
            else:
                self.thanks_positive += 1
        elif not left_out(text, inflow=False):
            if negative:
                self.negative += 1
            else:
                self.positive += 1

    def decide(self, config: FilesConfig) -> Decisions:
        """What the rows say, after what the person set."""
        day_first, dates_open, why_dates = self._order(config)
        outflow, why_outflow = self._outflow(config)
        return Decisions(
            day_first, majority_mark(self.marks.items()), outflow, dates_open, why_dates, why_outflow
        )

    def _order(self, config: FilesConfig) -> tuple[bool | None, bool, str]:
        if config.day_first is not None:
            return config.day_first, False, ""
        day, month = self.day_first, self.month_first
        if day and month and min(day, month) * 5 >= max(day, month):
            return None, True, f"{day} dates have the day first and {month} the month"
        if day or month:
            return day > month, False, ""
        # A day and month of the same number read the same both ways.
        return None, self.ambiguous > 0, "no day in it is later than the 12th"

    def _outflow(self, config: FilesConfig) -> tuple[Outflow | None, str]:
        if config.outflow != "auto":
            return config.outflow, ""
        if "amount" not in self.header.fields:
            return "positive", ""
        if self.header.outflow is not None:
            return ("positive" if self.header.outflow == "positive" else "negative"), ""
        out, into = self.out_words, self.in_words
        words = sum(out.values()) + sum(into.values())
        if words > self.wordless:
            if not out[True] and not into[True]:
                return "words", ""
            votes = (out[True] + into[False]) - (out[False] + into[True])
            if votes:
                return ("negative" if votes > 0 else "positive"), ""
        # An issuer's thanks for a payment is money in: charges have the other sign.
        if bool(self.thanks_positive) != bool(self.thanks_negative):
            outflow: Outflow = "negative" if self.thanks_positive else "positive"
            agree, against = (
                (self.negative, self.positive) if outflow == "negative" else (self.positive, self.negative)
            )
            if agree or not against:
                return outflow, ""
            return None, "its payments and its charges have the same sign"
        if self.positive == self.negative:
            if not self.positive:
                return "positive", ""
            return None, "as many amounts are positive as negative"
        return ("positive" if self.positive > self.negative else "negative"), ""


def latest_day(today: date) -> date:
    """The last day that a line can carry: exports run ahead by value dates, never by a year."""
    return date(today.year + 1, today.month, min(today.day, 28))
