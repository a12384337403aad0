"""Which column is what: headers of card statements, bank exports and expense tools."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.errors import NeedsAdmin
from connectors.files.amounts import is_currency, take_apart
from connectors.files.dates import parse_date
from connectors.files.headers import FIELDS, LAYOUTS, PROCUREMENT

HEADER_WITHIN = 40
"""How many rows of preamble (bank name, period, balance) may stand before the header."""

_RANKS = {name: {header: rank for rank, header in enumerate(known)} for name, known in FIELDS.items()}
_TEXTS = {"description", "merchant", "payee", "descriptor"}
_MONEY_FIELDS = {"amount", "debit", "credit"}


@dataclass(frozen=True)
class Header:
    """What the columns of one table mean.

    Attributes:
        index: how many rows stand before the header; the header's own position.
        names: the header cells as written; `column 1`… where the file has none.
        fields: our field to the column's position.
        layout: the issuer, where the header is known to be its own.
        outflow: the sign that issuer gives to a charge.
        currency: named in the header of the amount ("Amount (EUR)").
        headerless: the row at `index` is data already.
    """

    index: int
    names: tuple[str, ...]
    fields: Mapping[str, int]
    layout: str | None = None
    outflow: str | None = None
    currency: str | None = None
    headerless: bool = False
    normal: tuple[str, ...] = field(default=(), compare=False)

    def name(self, our_field: str) -> str:
        """The header under which the file has one of our fields."""
        return self.names[self.fields[our_field]]

    def understood(self) -> dict[str, str]:
        """Our field to the file's header."""
        return {name: self.names[position] for name, position in self.fields.items()}


@lru_cache(maxsize=4096)
def normalise(header: str) -> str:
    """A header without case, accents and punctuation: `Date d'opération` is `date d operation`."""
    plain = unicodedata.normalize("NFKD", header.replace("ß", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _without_currency(name: str) -> tuple[str, str | None]:
    words = name.split()
    if len(words) > 1 and is_currency(words[-1].upper()):
        code = words.pop().upper()
        if len(words) > 1 and words[-1] == "in":
            words.pop()
        return " ".join(words), code
    return name, None


def read_header(cells: Sequence[str], index: int, wanted: Mapping[str, str]) -> Header | None:
    """What a row means if it is the header, else None.

    Args:
        cells: the row.
        index: its position, kept in the answer.
        wanted: the person's own choice, our field to header; it comes before what is known.
    """
    normal = tuple(normalise(c) for c in cells)
    fields: dict[str, int] = {}
    for name, chosen in wanted.items():
        position = _chosen(chosen, normal)
        if position is None:
            return None
        fields[name] = position
    currency: str | None = None
    used = set(fields.values())
    for name, ranks in _RANKS.items():
        if name in fields:
            continue
        candidates = []
        for position, header in enumerate(normal):
            if position in used or not header:
                continue
            plain, code = _without_currency(header) if name in _MONEY_FIELDS else (header, None)
            rank = ranks.get(header, ranks.get(plain))
            if rank is not None:
                candidates.append((rank, position, code))
        if candidates:
            _, position, code = min(candidates)
            fields[name] = position
            used.add(position)
            currency = currency or code
    if "date" not in fields and "posted" in fields:
        fields["date"] = fields.pop("posted")
    if "memo" in fields and not _TEXTS & set(fields):
        fields["description"] = fields.pop("memo")  # Barclays UK has no other text
    if not _is_enough(fields):
        return None
    layout, outflow = _layout(normal)
    return Header(index, tuple(c.strip() for c in cells), fields, layout, outflow, currency, normal=normal)


def _chosen(header: str, normal: Sequence[str]) -> int | None:
    if re.fullmatch(r"#[1-9]\d{0,2}", header):
        position = int(header[1:]) - 1
        return position if position < len(normal) else None
    name = normalise(header)
    return normal.index(name) if name in normal else None


def _is_enough(fields: Mapping[str, int]) -> bool:
    return (
        "date" in fields and bool({"amount", "debit", "credit"} & set(fields)) and bool(_TEXTS & set(fields))
    )


def _layout(normal: tuple[str, ...]) -> tuple[str | None, str | None]:
    if set(normal) >= PROCUREMENT:
        return "procurement card", "positive"
    for headers, (issuer, outflow) in LAYOUTS.items():
        if normal[: len(headers)] == headers and (
            len(normal) == len(headers) or issuer == "American Express"
        ):
            return issuer, outflow
    return None, None


def find_header(rows: Sequence[Sequence[str]], wanted: Mapping[str, str]) -> Header | None:
    """The header among the first rows of a table; None where there is none to be recognised.

    A table without headers is understood when the person numbered its columns, or when it has the
    five columns of a Wells Fargo export (day, amount, `*`, empty, text).
    """
    head = rows[:HEADER_WITHIN]
    if wanted and all(header.startswith("#") for header in wanted.values()):
        return _numbered(head, wanted)
    for index, cells in enumerate(head):
        # A row of one or two cells is preamble, whatever its words.
        if sum(1 for c in cells if c.strip()) >= 3 and (found := read_header(cells, index, wanted)):
            return found
    if not wanted:
        for index, cells in enumerate(head):
            if _is_wells_fargo(cells):
                names = tuple(f"column {n}" for n in range(1, 6))
                fields = {"date": 0, "amount": 1, "description": 4}
                return Header(index, names, fields, "Wells Fargo", "negative", headerless=True, normal=names)
    return None


def _numbered(head: Sequence[Sequence[str]], wanted: Mapping[str, str]) -> Header | None:
    positions = {name: int(header[1:]) - 1 for name, header in wanted.items() if header[1:].isdigit()}
    if len(positions) != len(wanted) or not _is_enough(positions):
        return None
    for index, cells in enumerate(head):
        if len(cells) > max(positions.values()) and _is_day(cells[positions["date"]].strip()):
            names = tuple(f"column {n}" for n in range(1, len(cells) + 1))
            return Header(index, names, positions, headerless=True, normal=names)
    return None


def _is_wells_fargo(cells: Sequence[str]) -> bool:
    if len(cells) != 5 or cells[2].strip() not in {"*", ""} or not cells[4].strip():
        return False
    return _is_day(cells[0].strip()) and _is_number(cells[1].strip())


def _is_day(text: str) -> bool:
    try:
        parse_date(text, None)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    try:
        take_apart(text)
    except ValueError:
        return False
    return True


def not_understood(name: str, rows: Sequence[Sequence[str]], wanted: Mapping[str, str]) -> NeedsAdmin:
    """The error for a table whose columns are not recognised: what it has, and what to set."""
    fullest = max(rows[:HEADER_WITHIN], key=lambda cells: sum(1 for c in cells if c.strip()), default=())
    found = ", ".join(c.strip()[:40] for c in fullest if c.strip())[:400] or "nothing"
    if wanted:
        have = {normalise(c) for cells in rows[:HEADER_WITHIN] for c in cells}
        missing = [
            f"{ours} = {theirs}"
            for ours, theirs in wanted.items()
            if not theirs.startswith("#") and normalise(theirs) not in have
        ]
        if missing:
            return NeedsAdmin(
                f"{name} has no column for {'; '.join(missing)} (setting `columns`). "
                f"Its fullest row reads: {found}."
            )
    if rows and any(_is_day(cell.strip()) for cell in rows[0]):
        return NeedsAdmin(
            f"{name}: the table has no header. Number its columns in `columns`, for example date = #1, "
            f"description = #2, amount = #3. Its fullest row reads: {found}."
        )
    return NeedsAdmin(
        f"{name}: the columns are not recognised. A table needs a date, a description and an amount "
        f"(or debit and credit). Its fullest row reads: {found}. Set `columns` to say which "
        "header is which, for example date, description and amount."
    )
