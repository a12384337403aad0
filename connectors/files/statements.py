"""One file as a statement: what its format is, and its records in order."""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from connectors.errors import NeedsAdmin
from connectors.files.config import FilesConfig
from connectors.files.entries import Item

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_000_000


class Format(StrEnum):
    """What a file is, by its content."""

    CSV = "CSV"
    XLSX = "XLSX"
    OFX = "OFX"
    CAMT = "CAMT"


@dataclass(frozen=True)
class Settings:
    """What reading needs to know beside the file.

    Attributes:
        config: the source's config.
        latest: days after this one are slips of the pen.
    """

    config: FilesConfig
    latest: date


class Statement(ABC):
    """A file that is understood. `items` may be called again and gives the same each time."""

    def __init__(self, path: Path, settings: Settings, digest: str) -> None:
        self.path = path
        self.settings = settings
        self.digest = digest

    @property
    def name(self) -> str:
        """The file's name: how people and cursors call it."""
        return self.path.name

    @property
    @abstractmethod
    def format(self) -> str:
        """The format in a few words, for people."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many records `items` will give."""

    @property
    @abstractmethod
    def has_pending(self) -> bool:
        """Some records are marked as pending."""

    @property
    def columns(self) -> dict[str, str]:
        """Our field to the file's own name for it; empty for formats that define theirs."""
        return {}

    def notes(self) -> list[str]:
        """How the file is read where that was decided from its content, for people."""
        return []

    @abstractmethod
    def items(self) -> Iterator[Item]:
        """Every record in the order of the file."""


def file_digest(path: Path) -> str:
    """A short hash of a file's content, by which a changed file is noticed.

    Raises:
        NeedsAdmin: the file is empty or too large.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise NeedsAdmin(
            f"{path.name} has {size / 1024 / 1024:.0f} MiB; the limit is {MAX_BYTES // 1024 // 1024} MiB: "
            "split it by date."
        )
    if size == 0:
        raise NeedsAdmin(f"{path.name} is empty: download it again.")
    digest = hashlib.blake2b(digest_size=12)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


_CAMT = re.compile(rb"camt\.05[23]\.001\.\d\d|<(\w+:)?BkTo(CstmrStmt|CstmrAcctRpt)\b")
OTHERS = {
    b"%PDF": "a PDF: download the statement as CSV, OFX or XLSX instead",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls) or a protected one: save it as .xlsx or CSV, "
    "without a password",
    b"\x1f\x8b": "compressed: unpack it first",
    b"Rar!": "compressed: unpack it first",
    b"7z\xbc\xaf": "compressed: unpack it first",
    b"\x89PNG": "an image: download the statement as CSV, OFX or XLSX instead",
    b"\xff\xd8\xff": "an image: download the statement as CSV, OFX or XLSX instead",
}
"""What a file is that cannot be read, by how it begins, and what to do."""


def recognise(path: Path) -> Format:
    """The format of a file, by its content; its name is not looked at.

    Raises:
        NeedsAdmin: a format that is not read, with what to do.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(8192)
    for start, what_word in OTHERS.items():
        if head.startswith(start):
            raise NeedsAdmin(f"{path.name} is {what_word}.")
    if head.startswith(b"PK\x03\x04"):
        return Format.XLSX
    # UTF-16 spreads the letters; without zero bytes and marks they can be compared.
    plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    upper = plain[:4096].upper()
    if upper.startswith(b"OFXHEADER") or b"<?OFX" in upper or b"<OFX>" in upper:
        return Format.OFX
    if _CAMT.search(plain):
        return Format.CAMT
    if upper.startswith((b"<!DOCTYPE HTML", b"<HTML", b"<TABLE")):
        raise NeedsAdmin(f"{path.name} is a web page: open it, save it as .xlsx or CSV, and use that file.")
    if plain.startswith(b"<?xml") or re.match(rb"<\w+[ >]", plain):
        raise NeedsAdmin(
            f"{path.name} is XML, but neither CAMT.052/.053 nor OFX: download it as one of these or CSV."
        )
    if plain[:1] in (b"{", b"["):
        raise NeedsAdmin(f"{path.name} is JSON: download it as CSV, XLSX, OFX or CAMT instead.")
    if plain.startswith((b":20:", b"{1:")):
        raise NeedsAdmin(f"{path.name} is MT940: download it as CAMT.053 or CSV instead.")
    return Format.CSV


def open_statement(path: Path, settings: Settings) -> Statement:
    """A file as a statement, of whatever format it is.

    Raises:
        NeedsAdmin: nothing in the file can be understood; says what to set or to do.
        OSError: the file cannot be read.
    """
    from connectors.files.camt import CamtStatement
    from connectors.files.ofx import OfxStatement
    from connectors.files.table_statement import TableStatement

    digest = file_digest(path)
    kind = recognise(path)
    if kind is Format.OFX:
        return OfxStatement(path, settings, digest)
    if kind is Format.CAMT:
        return CamtStatement(path, settings, digest)
    return TableStatement(path, settings, digest, workbook=kind is Format.XLSX)


def too_many_rows(name: str) -> NeedsAdmin:
    """The error for a file beyond the cap on rows."""
    return NeedsAdmin(f"{name} has more than {MAX_ROWS:,} rows: split it by date.")
