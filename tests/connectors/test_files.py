"""The files connector as a whole: the contract, and every trap of statement files by its name."""

import asyncio
import contextlib
import errno
import os
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pydantic
import pytest

from connectors.base import CheckReport, Mode
from connectors.conformance import Patience, ReadingCase, reading_suite
from connectors.errors import NeedsAdmin
from connectors.files import statements
from connectors.files.connector import FilesConnector
from connectors.files.preview import preview
from connectors.files.samples import StatementRow, sample_rows, write_samples, write_statement
from connectors.observations import ExpenseState
from tests.connectors.files_support import CONTEXT, NOW, connector, gather, pages_of, read, read_text

HEADER = "Date,Description,Amount\n"


class FilesWithSmallPages(FilesConnector):
    page_rows = 7


@dataclass
class FilesCase(ReadingCase):
    """A folder with a statement of each format, read in pages of seven rows."""

    connector: type[FilesConnector] = FilesWithSmallPages
    folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)

    def __post_init__(self) -> None:
        for number, style in enumerate(("amex", "citi", "xlsx", "ofx", "camt053_08")):
            write_statement(Path(self.folder.name) / f"{number}", sample_rows(number, months=1), style)

    def given(self) -> dict[str, Any]:
        return {"path": self.folder.name, "account": "Card", "currency": "USD"}

    @contextlib.asynccontextmanager
    async def running(self, patience: Patience | None = None) -> AsyncIterator[FilesConnector]:
        config = self.connector.Config.model_validate(self.given())
        async with self.connector(config, CONTEXT) as reader:
            yield reader


SHARED = FilesCase()
TestConformance = reading_suite(lambda: SHARED)


@pytest.fixture(scope="module", autouse=True)
def _remove_the_shared_folder() -> Iterator[None]:
    yield
    SHARED.folder.cleanup()


def check(path: Path, **config: Any) -> CheckReport:
    return asyncio.run(connector(path, **config).check())


def test_the_hard_file(tmp_path: Path):
    """Mixed encodings, decimal commas, parentheses for negatives, a wrong date on line 812, and the
    same file imported twice."""
    lines = [b"Buchungstag;Verwendungszweck;Betrag"]
    for number in range(2, 1001):
        name = "Café Größe" if number % 3 else "CANVA* 04412"
        amount = "(1.234,50)" if number % 100 == 0 else f"{number},25"
        day = "31.02.2026" if number == 812 else f"{number % 28 + 1:02}.{number % 9 + 1:02}.2026"
        lines.append(f"{day};{name} {number};{amount}".encode("cp1252" if number % 2 else "utf-8"))
    (tmp_path / "a.csv").write_bytes(b"\r\n".join(lines))
    found = read(tmp_path, currency="EUR")
    assert len(found.expenses) == 998
    (skip,) = found.skipped
    assert skip.ref == "line 812 of a.csv"
    assert skip.reason.startswith("Buchungstag is “31.02.2026”, which is no day of the calendar")
    assert "correct it in the file" in skip.reason
    by_text = {e.merchant: e for e in found.expenses}
    assert by_text["Café Größe 5"].amount_minor == 525
    assert by_text["Café Größe 8"].amount_minor == 825
    refund = by_text["Café Größe 100"]
    assert (refund.amount_minor, refund.state) == (-123450, ExpenseState.REFUND)
    assert {e.currency for e in found.expenses} == {"EUR"}

    (tmp_path / "a (1).csv").write_bytes((tmp_path / "a.csv").read_bytes())
    twice = read(tmp_path, currency="EUR")
    assert twice.by_ref == found.by_ref
    assert len(twice.expenses) == 2 * 998
    assert read(tmp_path, currency="EUR").by_ref == found.by_ref


def test_config_refuses_what_it_does_not_know():
    for wrong in (
        {"currency": "dollars"}, {"encoding": "klingon"}, {"columns": {"colour": "x"}}, {"account": " "},
        {"outflow": "sideways"}, {"path": ""}, {"base_url": "https://x"},
    ):  # fmt: skip
        with pytest.raises(pydantic.ValidationError):
            FilesConnector.Config.model_validate({"path": "x", "account": "a", "currency": "USD", **wrong})


def test_two_identical_charges_on_one_day_are_two(tmp_path: Path):
    row = "01/15/2026,CANVA,9.99\n"
    found = read_text(tmp_path, HEADER + row + row + "01/16/2026,CANVA,9.99\n")
    assert len(found.by_ref) == 3


def test_overlapping_files_come_to_the_larger_count_not_the_sum(tmp_path: Path):
    row = "01/15/2026,CANVA,9.99\n"
    (tmp_path / "morning.csv").write_text(HEADER + row)
    (tmp_path / "night.csv").write_text(HEADER + row + row + "01/16/2026,ZAPIER.COM/CHARGE,20.00\n")
    assert len(read(tmp_path).by_ref) == 3


def test_the_account_is_part_of_the_key(tmp_path: Path):
    path = write_statement(tmp_path / "a.csv", sample_rows(), "chase_card")
    one, other = read(path, account="One"), read(path, account="Other")
    assert not set(one.by_ref) & set(other.by_ref)
    assert set(read(path, account=" ONE ").by_ref) == set(one.by_ref)


def test_spacing_and_case_of_a_descriptor_do_not_make_another_charge(tmp_path: Path):
    one = read_text(tmp_path, HEADER + "01/15/2026,FACEBK  *R3FA8,9.99\n").only
    other = read_text(tmp_path, HEADER + "01/15/2026,facebk *r3fa8,9.99\n").only
    assert one.ref == other.ref
    assert one.merchant == "FACEBK  *R3FA8"


def test_a_pending_charge_that_clears_is_the_same_expense_whatever_the_files_order(tmp_path: Path):
    rows = [StatementRow(date(2026, 10, 20), 1999, "CANVA SYDNEY", pending=True)]
    cleared = [StatementRow(date(2026, 10, 20), 1999, "CANVA SYDNEY")]
    for before, after in (("a.csv", "b.csv"), ("b.csv", "a.csv")):
        write_statement(tmp_path / before, rows, "citi")
        alone = read(tmp_path / before)
        assert alone.only.state is ExpenseState.PENDING
        write_statement(tmp_path / after, cleared, "citi")
        (expense,) = read(tmp_path).by_ref.values()
        assert (expense.state, expense.ref) == (ExpenseState.POSTED, alone.only.ref)


def test_declined_and_voided_lines_say_so(tmp_path: Path):
    found = read_text(
        tmp_path,
        "Date,Merchant,Amount,Status\n2026-01-15,A,1.00,Declined\n2026-01-16,B,1.00,Voided\n2026-01-17,C,1.00,Fine\n",
    )
    assert [e.state for e in found.expenses] == [
        ExpenseState.DECLINED, ExpenseState.VOID, ExpenseState.POSTED,
    ]  # fmt: skip


def test_people_are_mentioned_before_their_charges(tmp_path: Path):
    path = write_statement(tmp_path / "a.csv", sample_rows(), "amex")
    found = read(path, page_rows=10)
    for page in found.pages:
        known = set()
        for o in page.observations:
            known |= {o.ref} if o in found.people else set()
            assert getattr(o, "person_ref", None) is None or o.person_ref in known
    assert {p.name for p in found.people} == {"Ana Silva", "Ben Okafor", "Chiara Rossi"}
    assert all(p.mention for p in found.people)
    mailed = read_text(tmp_path, "Date,Merchant,Amount,User\n2026-01-15,A,1.00,Ana@Acme.com\n", "b.csv")
    assert (mailed.people[0].ref, mailed.people[0].email) == ("email:ana@acme.com", "Ana@Acme.com")
    assert mailed.only.person_ref == "email:ana@acme.com"


def test_a_scan_goes_on_in_the_middle_of_a_file_with_the_same_occurrence_numbers(tmp_path: Path):
    (tmp_path / "a.csv").write_text(HEADER + "01/15/2026,CANVA,9.99\n" * 9)
    (tmp_path / "b.csv").write_text(HEADER + "01/16/2026,ZAPIER,9.99\n" * 5)
    whole = read(tmp_path, page_rows=4)
    assert [len(p.observations) for p in whole.pages] == [4, 4, 1, 4, 1]
    assert whole.pages[0].expected == 14
    for at, page in enumerate(whole.pages[:-1]):
        rest = read(tmp_path, cursor=page.cursor, page_rows=4)
        done = gather(whole.pages[: at + 1])
        assert [e.ref for e in done.expenses + rest.expenses] == [e.ref for e in whole.expenses]


def test_a_finished_scan_is_followed_by_one_that_reads_everything(tmp_path: Path):
    write_samples(tmp_path)
    whole = read(tmp_path)
    assert whole.pages[-1].cursor["end"] is True
    assert len(read(tmp_path, cursor=whole.pages[-1].cursor).expenses) == len(whole.expenses)
    (stream,) = connector(tmp_path).streams()
    assert stream.mode is Mode.WINDOW


def test_a_file_that_changed_while_a_scan_was_broken_off_is_read_again(tmp_path: Path):
    text = HEADER + "01/15/2026,CANVA,9.99\n" * 6
    (tmp_path / "b.csv").write_text(text)
    (tmp_path / "c.csv").write_text(text)
    cursor = read(tmp_path, page_rows=4).pages[0].cursor
    assert len(read(tmp_path, cursor=cursor).expenses) == 2 + 6
    (tmp_path / "b.csv").write_text(text + "01/17/2026,ZAPIER,1.00\n")
    assert len(read(tmp_path, cursor=cursor).expenses) == 7 + 6
    # A file that was passed is new: nothing may be missed.
    cursor = read(tmp_path, page_rows=4).pages[0].cursor
    (tmp_path / "a.csv").write_text(HEADER + "01/18/2026,HOTJAR,1.00\n")
    assert len(read(tmp_path, cursor=cursor).expenses) == 1 + 7 + 6
    # Read in another way: all of it.
    cursor = read(tmp_path, page_rows=4).pages[-2].cursor
    assert len(read(tmp_path, cursor=cursor, outflow="negative").expenses) == 1 + 7 + 6


def test_one_unreadable_file_stops_no_other_and_ends_in_needs_admin(tmp_path: Path):
    write_statement(tmp_path / "a.csv", sample_rows(), "chase_card")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 ...")
    write_statement(tmp_path / "c.ofx", sample_rows(), "ofx")
    reader = connector(tmp_path)
    seen = []

    async def scan() -> None:
        async for page in reader.streams()[0].pages(None):
            seen.append(page)

    with pytest.raises(NeedsAdmin, match=r"b\.pdf is a PDF: download the statement as CSV"):
        asyncio.run(scan())
    assert len(gather(seen).expenses) == 2 * len(sample_rows())
    assert not any(page.last for page in seen)
    # Everything readable was read: the next scan begins anew and sees files put in between.
    (tmp_path / "b.pdf").unlink()
    write_statement(tmp_path / "aa.csv", sample_rows(), "discover")
    again = read(tmp_path, cursor=seen[-1].cursor)
    assert len(again.expenses) == 3 * len(sample_rows())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"\x89PNG\r\n", "an image"),
        (b"<!DOCTYPE html><html><table>", "a web page"),
        (b'<?xml version="1.0"?><feed></feed>', "neither CAMT"),
        (b'{"transactions": []}', "is JSON"),
        (b":20:STARTUMSE\r\n:25:12345", "is MT940"),
        (b"PK\x03\x04 not really a zip", "damaged or protected workbook"),
        (b"Dear customer,\nyour statement is ready.\n", "the columns are not recognised"),
        (b"One,Two,Three\n1,2,3\n", r"Its fullest row reads: One, Two, Three\. Set `columns`"),
        (b"Date,Description,Amount\nx,y,z\nx,y,z\nx,y,z\n", "none of its rows can be read"),
    ],
)
def test_a_file_of_which_nothing_is_understood_needs_an_admin(tmp_path: Path, content: bytes, says: str):
    with pytest.raises(NeedsAdmin, match=says):
        read_text(tmp_path, content, "statement.bin")


def test_a_wrong_path_and_an_empty_folder_need_an_admin(tmp_path: Path):
    with pytest.raises(NeedsAdmin, match="There is no file or folder"):
        read(tmp_path / "nowhere")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "~$open.xlsx").write_bytes(b"x")
    (tmp_path / "new.csv.part").write_bytes(b"x")
    with pytest.raises(NeedsAdmin, match="There is no file in"):
        read(tmp_path)


def test_a_file_without_read_permission_needs_an_admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_statement(tmp_path / "a.csv", sample_rows(), "amex")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    # Permissions on the file itself would not stop tests that run as root.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(NeedsAdmin, match=r"a\.csv cannot be read"):
        read(tmp_path)


def test_a_file_with_a_header_only_is_a_statement_without_charges(tmp_path: Path):
    found = read_text(tmp_path, HEADER)
    assert not found.expenses
    assert [p.last for p in found.pages] == [True]


def test_size_and_rows_are_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a.csv", "a.ofx", "a.xml"):
        style = {"a.csv": "amex_short", "a.ofx": "ofx", "a.xml": "camt053"}[name]
        path = write_statement(tmp_path / name, sample_rows(), style)
        with monkeypatch.context() as patch:
            patch.setattr(statements, "MAX_ROWS", 10)
            with pytest.raises(NeedsAdmin, match=r"has more than 10 rows: split it by date"):
                read(path)
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(statements.MAX_BYTES + 1)
    with pytest.raises(NeedsAdmin, match=r"has 64 MiB; the limit is 64 MiB: split it by date"):
        read(tmp_path / "large.csv")


def test_check_says_in_plain_words_what_each_file_gives(tmp_path: Path):
    write_statement(tmp_path / "amex.csv", sample_rows(), "amex")
    (tmp_path / "copy.csv").write_bytes((tmp_path / "amex.csv").read_bytes())
    (tmp_path / "eu.csv").write_text(
        "Datum;Verwendungszweck;Betrag\n15.01.2026;CANVA;-1.234,50\n32.01.2026;ZAPIER;-1,00\n"
        "20.01.2026;Payment - thank you;5,00\n"
    )
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    (tmp_path / ".hidden").write_bytes(b"x")
    report = check(tmp_path, account="Corporate  Card")
    assert (report.account, report.account_name, report.permissions) == (
        "corporate card", "Corporate  Card", [],
    )  # fmt: skip
    text = "\n".join(report.notes)
    assert "amex.csv: CSV (American Express), 36 rows from 2026-07-02 to 2026-09-27" in text
    assert "person from Card Member" in text
    assert "dates have the month first; charges are positive" in text
    assert "copy.csv has the same content as amex.csv" in text
    assert "eu.csv: CSV, 3 rows from 2026-01-15 to 2026-01-15; 1 are charges or refunds" in text
    assert "1 are payments, transfers, interest or fees and are left out" in text
    assert "cells are separated by semicolons; dates have the day first; decimals follow a comma" in text
    assert "Passed over as hidden or unfinished: .hidden." in text
    warnings = "\n".join(report.warnings)
    assert "eu.csv: 1 row cannot be used. line 3 of eu.csv: Datum is “32.01.2026”" in warnings
    assert "scan.pdf is a PDF" in warnings
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "x.pdf").write_bytes(b"%PDF")
    with pytest.raises(NeedsAdmin, match="is a PDF"):
        check(tmp_path / "only")


def test_preview_shows_rows_as_they_would_be_read(tmp_path: Path):
    config = FilesConnector.Config(path="elsewhere", account="Card", currency="USD")
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "13/01/2026,CANVA,9.99\n40/01/2026,ZAPIER,1.00\n14/01/2026,ANNUAL FEE,95.00\n")
    shown = preview(path, config, today=NOW.date())
    assert shown.problem is None
    assert shown.columns == {"date": "Date", "description": "Description", "amount": "Amount"}
    assert [(e.merchant, e.amount_minor) for e in shown.charges] == [("CANVA", 999)]
    assert [s.ref for s in shown.skipped] == ["line 3 of a.csv"]
    assert (shown.rows, shown.ignored, shown.bad) == (3, 1, 1)
    assert shown.first == shown.last == date(2026, 1, 13)
    assert shown.raw[1] == ["13/01/2026", "CANVA", "9.99"]
    assert shown.charges[0].ref == read(path, account="Card").only.ref

    path.write_text("When,What,How much\n2026-01-13,CANVA,9.99\n")
    lost = preview(path, config, today=NOW.date())
    assert lost.problem is not None
    assert "Set `columns`" in lost.problem
    assert lost.raw == [["When", "What", "How much"], ["2026-01-13", "CANVA", "9.99"]]
    columns = {"date": "When", "description": "What", "amount": "How much"}
    mended = preview(path, config.model_copy(update={"columns": columns}), today=NOW.date())
    assert [e.amount_minor for e in mended.charges] == [999]
    with pytest.raises(NeedsAdmin):
        preview(tmp_path / "nowhere.csv", config, today=NOW.date())


def test_memory_stays_flat_for_csv(tmp_path: Path):
    def peak(rows: int) -> int:
        with (tmp_path / "a.csv").open("w") as file:
            file.write(HEADER)
            file.writelines(
                f"01/{n % 28 + 1:02}/2026,SHOP {n % 100} {'x' * 4000},{n}.25\n" for n in range(rows)
            )

        async def scan() -> int:
            count = 0
            async for page in connector(tmp_path, page_rows=100).streams()[0].pages(None):
                count += len(page.observations)
            return count

        tracemalloc.start()
        assert asyncio.run(scan()) == rows
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    small, large = peak(500), peak(2_500)
    # The file is 8 MB larger; what grows is the counters of 64 bytes a row, and the caches of cells.
    assert large - small < 2_000_000, (small, large)


def test_reading_does_not_hold_up_the_event_loop(tmp_path: Path):
    write_statement(tmp_path / "a.xlsx", sample_rows(months=6) * 10, "xlsx")

    async def scan() -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        clock = asyncio.create_task(tick())
        await pages_of(connector(tmp_path))
        clock.cancel()
        return ticks

    assert asyncio.run(scan()) > 3
