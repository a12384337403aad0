"""Tables as rows of cells: CSV in any encoding and delimiter, and XLSX workbooks.

CSV is streamed: one line at a time is held, however large the file is.
"""

import codecs
import csv
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from connectors.errors import NeedsAdmin
from connectors.files.columns import HEADER_WITHIN, Header, find_header

DELIMITERS = ",;\t|"
MAX_UNPACKED = 512 * 1024 * 1024
"""A workbook is a zip: how large it may become when unpacked."""
MAX_SHARED_TEXT = 128 * 1024 * 1024
"""The texts that cells share are held in memory: how large they may be."""
_LONGEST_RECORD = 40
"""Lines that one quoted cell may span before the quotation mark counts as a slip."""

_LONGEST_CELL = 100_000


class Row(NamedTuple):
    """One row: the line (or spreadsheet row) it begins on, from 1, and its cells.

    CSV cells are text; spreadsheet cells may be None, numbers, dates or booleans.
    """

    line: int
    cells: list[Any]


def cell_text(cell: Any) -> str:
    """A cell as text, without spaces around it. `="0123"`, Excel's way to keep text, is unwrapped.

    Nothing is ever evaluated: any other cell that begins with = + - @ is the text it is.
    """
    if isinstance(cell, str):
        text = cell.strip()
        if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
            return text[2:-1].strip()
        return text
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return str(cell)


class Table(ABC):
    """Rows that can be read again and again."""

    place = "line"
    """What a row's number counts, for people: a line or a row."""
    delimiter: str | None = None
    encodings: tuple[str, ...] = ()
    from_1904 = False

    @abstractmethod
    def rows(self) -> Generator[Row, None, None]:
        """All rows from the top, preamble and header included; blank ones may be left out."""

    def head(self, count: int = HEADER_WITHIN) -> list[list[str]]:
        """The first rows as text."""
        with closing(self.rows()) as rows:
            return [[cell_text(c) for c in row.cells] for row in islice(rows, count)]


class CsvTable(Table):
    """A text table. Lines are decoded one by one, because files are glued together from others."""

    def __init__(self, path: Path, delimiter: str, encoding: str | None) -> None:
        self.path = path
        self.delimiter = delimiter
        self.encoding = encoding

    def rows(self) -> Generator[Row, None, None]:
        """All rows; a cell in quotation marks may span lines."""
        with closing(lines_of(self.path, self.encoding)) as lines:
            yield from self._records(lines)

    def _records(self, lines: Iterator[tuple[int, str]]) -> Generator[Row, None, None]:
        ahead: list[tuple[int, str]] = []
        while True:
            number, text = ahead.pop(0) if ahead else next(lines, (0, ""))
            if not number:
                return
            if number == 1 and text.lower().startswith("sep=") and len(text) <= 6:
                continue
            if text.count('"') % 2 and self._is_open(text):
                more = ahead + list(islice(lines, max(0, _LONGEST_RECORD - len(ahead))))
                joined, used = self._join(text, more)
                ahead = more[used:]
                # Never closed: take the mark as text, so that one slip does not swallow the file.
                text = joined if used else text.replace('"', "")
            if text.strip():
                yield Row(number, self._split(text))

    def _split(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self.delimiter or ","), [])
        except csv.Error:
            return text.replace('"', "").split(self.delimiter or ",")

    def _join(self, text: str, more: Sequence[tuple[int, str]]) -> tuple[str, int]:
        for used, (_, following) in enumerate(more, start=1):
            if len(text) > _LONGEST_CELL:
                break
            text = f"{text}\n{following}"
            if following.count('"') % 2 and not self._is_open(text):
                return text, used
        return text, 0

    def _is_open(self, text: str) -> bool:
        quoted, may_open = False, True
        ends = (self.delimiter, "\n", '"', "")
        for index, char in enumerate(text):
            if char == '"' and quoted:
                # A mark closes only before the end of a cell: 27" LG is text. Right after a closing
                # one it reopens: "" is a mark inside the cell.
                if text[index + 1 : index + 2] in ends:
                    quoted, may_open = False, True
            elif char == '"':
                quoted, may_open = may_open, False
            elif not quoted:
                may_open = char == self.delimiter or char == "\n"
        return quoted


def lines_of(path: Path, encoding: str | None) -> Generator[tuple[int, str], None, None]:
    """The lines of a text file with their numbers from 1, whatever the line ends and encodings.

    Without `encoding` each line is UTF-8 if it can be, else Windows-1252; UTF-16 is recognised by
    its byte order mark or its zero bytes.
    """
    with path.open("rb") as file:
        wide = _wide(file.read(4096))
        if encoding and codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
            wide = encoding
        file.seek(0)
        if wide:
            with open(file.fileno(), encoding=wide, errors="replace", newline=None, closefd=False) as text:
                for number, line in enumerate(text, start=1):
                    yield number, line.rstrip("\n").lstrip("\ufeff").replace("\x00", "")
            return
        number = 0
        for raw in file:
            # Old Mac files and some web exports end lines with a bare carriage return.
            for part in raw.rstrip(b"\r\n").split(b"\r"):
                number += 1
                yield number, decode_line(part, encoding)


def decode_line(raw: bytes, encoding: str | None = None) -> str:
    """One line as text: the given encoding if it fits, else UTF-8, else Windows-1252."""
    for candidate in (encoding, "utf-8"):
        if candidate:
            try:
                return raw.decode(candidate).lstrip("\ufeff").replace("\x00", "")
            except UnicodeDecodeError:
                continue
    try:
        return raw.decode("cp1252").replace("\x00", "")
    except UnicodeDecodeError:
        return raw.decode("latin-1").replace("\x00", "")


def _wide(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and even < odd // 10:
        return "utf-16-le"
    if even > len(head) // 4 and odd < even // 10:
        return "utf-16-be"
    return None


def encodings_seen(path: Path, encoding: str | None) -> tuple[str, ...]:
    """Which encodings the lines of a text file are in, for people."""
    with path.open("rb") as file:
        if wide := _wide(file.read(4096)):
            return (wide,)
        file.seek(0)
        seen: Counter[str] = Counter()
        for raw in file:
            if raw.isascii():
                continue
            try:
                raw.decode(encoding or "utf-8")
                seen[encoding or "utf-8"] += 1
            except UnicodeDecodeError:
                seen["cp1252"] += 1
    return tuple(seen) or ("ascii",)


def open_csv(path: Path, encoding: str | None, wanted: dict[str, str]) -> tuple[CsvTable, Header | None]:
    """A CSV file with the delimiter under which its columns are understood (None: under none)."""
    with closing(lines_of(path, encoding)) as lines:
        sample = [text for _, text in islice(lines, 60)]
    first = sample[0].lower() if sample else ""
    hint = first[4:5] if first.startswith("sep=") and len(first) <= 6 else ""
    candidates = [hint] if hint else sorted(DELIMITERS, key=lambda d: -_fit(sample, d))
    for delimiter in candidates:
        table = CsvTable(path, delimiter, encoding)
        if header := find_header(table.head(), wanted):
            return table, header
    return CsvTable(path, candidates[0], encoding), None


def _fit(sample: Sequence[str], delimiter: str) -> int:
    widths = Counter(text.count(delimiter) + 1 for text in sample if delimiter in text)
    return max((width * count for width, count in widths.items()), default=0)


class XlsxTable(Table):
    """One sheet of a workbook, streamed; formulas give the value that was stored with them."""

    place = "row"

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self.sheet = sheet

    def rows(self) -> Generator[Row, None, None]:
        """All rows that have a filled cell.

        Raises:
            NeedsAdmin: the sheet is damaged.
        """
        try:
            with _workbook(self.path) as workbook:
                self.from_1904 = workbook.epoch.year == 1904
                sheet = workbook[self.sheet]
                # Exporters write wrong dimensions; trusting them would cut the sheet off.
                sheet.reset_dimensions()
                for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                    if any(c is not None and c != "" for c in cells):
                        yield Row(number, list(cells))
        except _DAMAGE as error:
            raise _damaged(self.path) from error


# ParseError, what expat says of cut XML, is a SyntaxError; RuntimeError is what zip encryption gives.
_DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, SyntaxError, RuntimeError)


def _damaged(path: Path) -> NeedsAdmin:
    return NeedsAdmin(f"{path.name} is a damaged or protected workbook: open it and save it as .xlsx or CSV.")


@contextmanager
def _workbook(path: Path) -> Generator[Any, None, None]:
    import openpyxl

    # An open file, because by name openpyxl refuses what does not end in .xlsx.
    with path.open("rb") as file:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield workbook
        finally:
            workbook.close()


def open_xlsx(path: Path, wanted: dict[str, str]) -> tuple[Table, Header | None]:
    """The first sheet of a workbook whose columns are understood, else the first sheet.

    Raises:
        NeedsAdmin: the workbook is damaged, protected, empty or would unpack to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            if sum(sizes.values()) > MAX_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > MAX_SHARED_TEXT:
                raise NeedsAdmin(f"{path.name} unpacks to more than can be read: split it by date.")
        with _workbook(path) as workbook:
            names = [sheet.title for sheet in workbook.worksheets]
        tables = [XlsxTable(path, name) for name in names]
        for table in tables:
            if header := find_header(table.head(), wanted):
                return table, header
    except _DAMAGE as error:
        raise _damaged(path) from error
    if not tables:
        raise NeedsAdmin(f"{path.name} is a workbook without sheets.")
    return tables[0], None
