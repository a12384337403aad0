"""The connector for files: every statement in a folder, read once a scan."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import ClassVar

from connectors.base import (
    CheckReport,
    Connector,
    Cursor,
    Manifest,
    Mode,
    Page,
    Signal,
    SkippedRecord,
    Stream,
)
from connectors.errors import NeedsAdmin
from connectors.files.config import FilesConfig
from connectors.files.entries import Entry, Keyed, expense_of, keyed, person_of
from connectors.files.statements import Settings, Statement, open_statement
from connectors.files.survey import latest_day
from connectors.files.table_statement import TableStatement
from connectors.observations import ExpenseSeen, ExpenseState, Observation

_LEFTOVERS = ("~$", ".")
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp")


@dataclass
class Folder:
    """The files of one source, opened: those that are understood, and why the others are not."""

    statements: list[Statement] = field(default_factory=list)
    refused: dict[str, NeedsAdmin] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)

    def refusal(self) -> NeedsAdmin:
        """One error for all the files that cannot be read."""
        reasons = [str(error) for error in self.refused.values()]
        more = f" And {len(reasons) - 3} more files." if len(reasons) > 3 else ""
        return NeedsAdmin(" ".join(reasons[:3]) + more)


class FilesConnector(Connector[FilesConfig]):
    """Reads card statements, bank exports and expense exports from a file or folder."""

    manifest: ClassVar[Manifest] = Manifest(
        name="files",
        title="Statement and expense files",
        summary="Reads charges from card statements, bank exports and expense exports that were downloaded.",
        signals=(Signal.EXPENSES,),
        permissions=(),
        lag=timedelta(days=31),
        budgets={},
        documentation=(
            "https://www.rfc-editor.org/rfc/rfc4180",
            "https://financialdataexchange.org/ofx",
            "https://www.iso20022.org/iso-20022-message-definitions",
        ),
        not_seen="Files know nothing of what was bought after their last day, and most banks leave pending "
        "charges and the card holder out.",
    )
    Config = FilesConfig
    page_rows: ClassVar[int] = 1000
    """Rows of a file that make one page."""

    def streams(self) -> Sequence[Stream]:
        """One stream: a file says what was bought, and its silence says nothing."""
        return (Stream("expenses", Signal.EXPENSES, Mode.WINDOW, self._pages),)

    async def check(self) -> CheckReport:
        """Read every file and say, in plain words, what is in it and what cannot be used.

        Raises:
            NeedsAdmin: the path is wrong, or no file can be read.
        """
        return await asyncio.to_thread(self._check)

    def _check(self) -> CheckReport:
        folder = open_folder(self.config, self.context.now().date())
        if not folder.statements:
            raise folder.refusal()
        notes, warnings = [], [str(error) for error in folder.refused.values()]
        by_digest: dict[str, str] = {}
        for statement in folder.statements:
            summary = summarise(statement)
            notes.append(summary.sentence)
            if summary.skipped:
                warnings.append(summary.problem)
            twin = by_digest.setdefault(statement.digest, statement.name)
            if twin != statement.name:
                notes.append(f"{statement.name} has the same content as {twin}; it adds nothing.")
        if folder.passed_over:
            notes.append(f"Passed over as hidden or unfinished: {', '.join(folder.passed_over)}.")
        return CheckReport(
            account=" ".join(self.config.account.casefold().split()),
            account_name=self.config.account,
            notes=notes,
            warnings=warnings,
        )

    async def _pages(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        folder = await asyncio.to_thread(open_folder, self.config, self.context.now().date())
        account = self.config.account
        cleared = await asyncio.to_thread(_cleared_keys, folder.statements, account)
        begin, row = _position(cursor, folder, self.config)
        todo = folder.statements[begin:]
        expected = sum(s.rows for s in folder.statements)
        for index, statement in enumerate(todo, start=begin):
            place: Cursor = {
                "file": statement.name,
                "digest": statement.digest,
                "before": _fingerprint(folder.statements[:index], self.config),
            }
            with closing(_records(statement, account)) as records:
                await asyncio.to_thread(_drop, records, row)
                ahead: list[Keyed] = []
                while True:
                    batch = ahead + await asyncio.to_thread(_take, records, self.page_rows + 1 - len(ahead))
                    batch, ahead = batch[: self.page_rows], batch[self.page_rows :]
                    row += len(batch)
                    end = not ahead and statement is todo[-1]
                    moved = {**place, "row": row, **({"end": True} if end else {})}
                    last = end and not folder.refused
                    yield _page(batch, moved, cleared, last=last, expected=expected)
                    if not ahead:
                        break
            row = 0
        if folder.refused:
            # All that can be read was read; the scan is not complete before a person has acted.
            raise folder.refusal()


def open_folder(config: FilesConfig, today: date) -> Folder:
    """Open the file, or every file of the folder in the order of their names.

    Raises:
        NeedsAdmin: the path does not exist, cannot be read, or holds no file.
    """
    path = Path(config.path).expanduser()
    try:
        if path.is_dir():
            found = sorted((p for p in path.iterdir() if p.is_file()), key=lambda p: p.name)
        elif path.is_file():
            found = [path]
        else:
            raise NeedsAdmin(f"There is no file or folder {config.path}: correct `path`.")
    except OSError as error:
        raise NeedsAdmin(
            f"{config.path} cannot be read ({error.strerror}): correct `path` or its rights."
        ) from error
    folder = Folder()
    settings = Settings(config, latest_day(today))
    for file in found:
        if path.is_dir() and (file.name.startswith(_LEFTOVERS) or file.name.lower().endswith(_UNFINISHED)):
            folder.passed_over.append(file.name)
            continue
        try:
            folder.statements.append(open_statement(file, settings))
        except NeedsAdmin as error:
            folder.refused[file.name] = error
        except OSError as error:
            folder.refused[file.name] = NeedsAdmin(f"{file.name} cannot be read: {error.strerror}.")
    _complete(folder)
    if not folder.statements and not folder.refused:
        raise NeedsAdmin(f"There is no file in {config.path}: put statements into it, or correct `path`.")
    return folder


def _complete(folder: Folder) -> None:
    """Let files with the same headers answer what one of them leaves open; refuse what stays open."""
    tables = [s for s in folder.statements if isinstance(s, TableStatement)]
    for table in tables:
        if table.decisions.open:
            table.complete([t.decisions for t in tables if t is not table and t.signature == table.signature])
    for table in tables:
        try:
            table.require_understood()
        except NeedsAdmin as error:
            folder.statements.remove(table)
            folder.refused[table.name] = error


def _position(cursor: Cursor | None, folder: Folder, config: FilesConfig) -> tuple[int, int]:
    """Where to go on: which statement, and how many of its rows were read.

    Reading begins anew after a scan that read everything, and when a file that was passed is new or
    changed or the config is another. A file that changed while it was read is begun again.
    """
    if not cursor or cursor.get("end"):
        return 0, 0
    for index, statement in enumerate(folder.statements):
        if statement.name == cursor.get("file"):
            if cursor.get("before") != _fingerprint(folder.statements[:index], config):
                return 0, 0
            return index, int(cursor.get("row", 0)) if statement.digest == cursor.get("digest") else 0
    return 0, 0


def _fingerprint(statements: Sequence[Statement], config: FilesConfig) -> str:
    """A short hash of what was read already, and how."""
    digest = hashlib.blake2b(config.model_dump_json().encode(), digest_size=12)
    for statement in statements:
        digest.update(f"{statement.name}\x1f{statement.digest}\x1f".encode())
    return digest.hexdigest()


def _records(statement: Statement, account: str) -> Generator[Keyed, None, None]:
    with closing(keyed(statement.items(), account)) as records:
        yield from records


def _drop(records: Iterator[Keyed], count: int) -> None:
    # Read and forgotten: the occurrence counters must have seen them.
    for _ in islice(records, count):
        pass


def _take(records: Iterator[Keyed], count: int) -> list[Keyed]:
    return list(islice(records, count))


def _cleared_keys(statements: Sequence[Statement], account: str) -> frozenset[str]:
    """References that are pending in one file and cleared in another, whatever the files' order."""
    pending: set[str] = set()
    for statement in statements:
        if statement.has_pending:
            with closing(_records(statement, account)) as records:
                pending.update(r.ref for r in records if _is_pending(r))
    if not pending:
        return frozenset()
    cleared: set[str] = set()
    for statement in statements:
        with closing(_records(statement, account)) as records:
            cleared.update(r.ref for r in records if r.ref in pending and not _is_pending(r))
    return frozenset(cleared)


def _is_pending(record: Keyed) -> bool:
    return isinstance(record.item, Entry) and record.item.state is ExpenseState.PENDING


def _page(
    batch: Sequence[Keyed], cursor: Cursor, cleared: frozenset[str], *, last: bool, expected: int
) -> Page:
    people: dict[str, Observation] = {}
    expenses: list[ExpenseSeen] = []
    skipped: list[SkippedRecord] = []
    ignored = 0
    for record in batch:
        if isinstance(record.item, SkippedRecord):
            skipped.append(record.item)
        elif record.item is None or (record.ref in cleared and _is_pending(record)):
            ignored += 1
        else:
            if (person := person_of(record.item)) is not None:
                people.setdefault(person.ref, person)
            expenses.append(expense_of(record.item, record.ref))
    observations: list[Observation] = [*people.values(), *expenses]
    return Page(observations, cursor, last=last, skipped=skipped, ignored=ignored, expected=expected)


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
