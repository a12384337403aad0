"""What a file gives, for people: the sentence of a check, and a preview before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.base import SkippedRecord
from connectors.errors import NeedsAdmin
from connectors.files.config import FilesConfig
from connectors.files.entries import Entry, expense_of, keyed
from connectors.files.folder import open_folder
from connectors.files.statements import Format, Statement, recognise
from connectors.files.tables import open_csv, open_xlsx
from connectors.observations import ExpenseSeen

SHOWN = 20
"""Rows that a preview shows as they were understood, and as they stand in the file."""


@dataclass(frozen=True)
class Summary:
    """What one file gives, counted by reading all of it."""

    name: str
    format: str
    charges: int
    ignored: int
    skipped: int
    first: date | None
    last: date | None
    sentence: str
    problem: str


def summarise(statement: Statement) -> Summary:
    """Read a whole statement and put into words what is in it."""
    charges = ignored = skipped = 0
    first: date | None = None
    last: date | None = None
    problem = ""
    for item in statement.items():
        if isinstance(item, Entry):
            charges += 1
            first = item.occurred_on if first is None else min(first, item.occurred_on)
            last = item.occurred_on if last is None else max(last, item.occurred_on)
        elif item is None:
            ignored += 1
        else:
            skipped += 1
            problem = problem or f"{item.ref}: {item.reason}"
    period = f" from {first} to {last}" if first else ""
    rows = "1 row" if statement.rows == 1 else f"{statement.rows} rows"
    parts = [f"{statement.name}: {statement.format}, {rows}{period}; {charges} are charges or refunds"]
    if ignored:
        parts.append(f"{ignored} are payments, transfers, interest or fees and are left out")
    if statement.columns:
        parts.append(
            "read " + ", ".join(f"{ours} from {theirs}" for ours, theirs in statement.columns.items())
        )
    parts += statement.notes()
    if skipped:
        problem = (
            f"{statement.name}: {'1 row' if skipped == 1 else f'{skipped} rows'} cannot be used. {problem}."
        )
    return Summary(
        statement.name,
        statement.format,
        charges,
        ignored,
        skipped,
        first,
        last,
        "; ".join(parts) + ".",
        problem,
    )


@dataclass(frozen=True)
class Preview:
    """One file as it would be read.

    Attributes:
        name: the file's name.
        format: what it was recognised as; empty when it was not.
        columns: our field to the file's header; empty for formats that define theirs.
        notes: what was decided from the content, in a few words each.
        summary: the whole in one sentence; empty when the file is not understood.
        charges: the first charges and refunds, as they would be stored.
        skipped: the first rows that cannot be used, with the reason.
        rows, ignored, bad: how many there are in the whole file.
        first, last: days of the first and the last charge.
        raw: the first rows of a table as they stand, to choose columns by.
        problem: why nothing can be read and what to set; None when it can.
    """

    name: str
    format: str = ""
    columns: dict[str, str] | None = None
    notes: Sequence[str] = ()
    summary: str = ""
    charges: Sequence[ExpenseSeen] = ()
    skipped: Sequence[SkippedRecord] = ()
    rows: int = 0
    ignored: int = 0
    bad: int = 0
    first: date | None = None
    last: date | None = None
    raw: Sequence[Sequence[str]] = ()
    problem: str | None = None


def preview(path: Path, config: FilesConfig, *, today: date) -> Preview:
    """Read one file as `config` says and show what came of it; nothing is stored.

    Args:
        path: the file, wherever `config.path` points.
        config: the account, currency and columns to read it with.
        today: days too far beyond it are slips of the pen.

    Raises:
        NeedsAdmin: there is no such file. A file that is not understood gives a preview with a
            `problem` instead.
    """
    if not path.is_file():
        raise NeedsAdmin(f"There is no file {path}.")
    folder = open_folder(config.model_copy(update={"path": str(path)}), today)
    if not folder.statements:
        return Preview(path.name, columns={}, raw=_raw(path, config), problem=str(folder.refusal()))
    statement = folder.statements[0]
    charges: list[ExpenseSeen] = []
    skipped: list[SkippedRecord] = []
    for record in keyed(statement.items(), config.account):
        if isinstance(record.item, Entry) and len(charges) < SHOWN:
            charges.append(expense_of(record.item, record.ref))
        elif isinstance(record.item, SkippedRecord) and len(skipped) < SHOWN:
            skipped.append(record.item)
    counted = summarise(statement)
    return Preview(
        statement.name,
        statement.format,
        statement.columns,
        statement.notes(),
        counted.sentence,
        charges,
        skipped,
        statement.rows,
        counted.ignored,
        counted.skipped,
        counted.first,
        counted.last,
        _raw(path, config),
    )


def _raw(path: Path, config: FilesConfig) -> list[list[str]]:
    """The first rows of a table; none where the file is no table or cannot be opened."""
    try:
        kind = recognise(path)
        if kind is Format.CSV:
            table, _ = open_csv(path, config.encoding, config.columns)
        elif kind is Format.XLSX:
            table, _ = open_xlsx(path, config.columns)
        else:
            return []
        return table.head(SHOWN)
    except (NeedsAdmin, OSError):
        return []
