"""The connector for files: every statement in a folder, read once a scan."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import islice
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
from connectors.errors import RetryLater
from connectors.files.config import FilesConfig
from connectors.files.entries import Entry, Keyed, expense_of, keyed, person_of
from connectors.files.folder import Folder, open_folder
from connectors.files.preview import summarise
from connectors.files.statements import Statement
from connectors.observations import ExpenseSeen, ExpenseState, Observation


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
    return keyed(statement.items(), account)


def _drop(records: Iterator[Keyed], count: int) -> None:
    # Read and forgotten: the occurrence counters must have seen them.
    while count > 0 and (dropped := _take(records, min(count, 1000))):
        count -= len(dropped)


def _take(records: Iterator[Keyed], count: int) -> list[Keyed]:
    try:
        return list(islice(records, count))
    except OSError as error:
        raise RetryLater(f"A file went away while it was read ({error.strerror}).", seconds=300) from error


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
