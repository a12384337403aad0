"""Labelled rows: what people or systems call a product, beside what it is, for measuring the matcher.

The columns of such a file, and how they are counted, are described in `docs/accuracy.md`.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier

KINDS = {"sso_label": APP_NAME, "oauth_app": APP_NAME, "domain": DOMAIN, "merchant": MERCHANT}
"""The kinds of rows, and the kind of identifier each is read as."""

KNOWN_TIERS = ("head", "torso", "tail")
"""How well known the expected product is."""
FOREIGN_TIERS = ("noise", "lookalike", "reseller")
"""What a row is in which nothing may be recognised."""
TIERS = KNOWN_TIERS + FOREIGN_TIERS
HALVES = ("tune", "report")
"""The half that rules may be tuned on, and the half that is held back and reported."""

_ALIASES = {
    "sso": "sso_label",
    "label": "sso_label",
    "app_name": "sso_label",
    "oauth": "oauth_app",
    "consent": "oauth_app",
    "app": "oauth_app",
    "client": "oauth_app",
    "host": "domain",
    "hostname": "domain",
    "url": "domain",
    "statement": "merchant",
    "descriptor": "merchant",
    "expense": "merchant",
}
_SPELLINGS = {
    "value": ("value", "descriptor"),
    "expected_name": ("expected_name", "canonical_vendor"),
    "expected_domain": ("expected_domain", "vendor_domain"),
}
_FOREIGN_LINES = {"non_saas": "noise", "lookalike": "lookalike", "ambiguous": "reseller"}
"""In a file of descriptors the column `kind` says what a line is; of these nothing may be recognised."""
_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


class LabelledFileError(ValueError):
    """A labelled file cannot be used; the message names file, line and column and says what to do."""


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One row: a handle as it was seen, what else stood beside it, and what is right.

    `expected_name` and `expected_domain` are both empty if nothing may be recognised; `is_marketing` is
    None where people would disagree, `real` is None where the file does not say whether the handle was
    seen in the world.
    """

    line: int
    kind: str
    value: str
    publisher: str = ""
    mcc: str = ""
    category: str = ""
    expected_name: str = ""
    expected_domain: str = ""
    is_marketing: bool | None = None
    tier: str = ""
    half: str = ""
    real: bool | None = None

    @property
    def expects(self) -> bool:
        """Whether a product must be recognised."""
        return bool(self.expected_name or self.expected_domain)

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The row as an observation would carry it: its handle, and the publisher if one is named."""
        handle = Identifier(KINDS[self.kind], self.value)
        return (handle, Identifier(PUBLISHER, self.publisher)) if self.publisher else (handle,)


def read_labelled(path: Path) -> list[LabelledRow]:
    """Read a labelled CSV file.

    Args:
        path: the file; UTF-8, with a line of column names.

    Returns:
        Its rows in their order, at least one.

    Raises:
        LabelledFileError: the file cannot be read, a column is missing, or a cell is not what it must be.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return list(parse_labelled(stream, str(path)))
    except OSError as error:
        raise LabelledFileError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LabelledFileError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from error


def parse_labelled(lines: Iterable[str], name: str) -> Iterator[LabelledRow]:
    """Read labelled rows from the lines of a CSV file.

    Args:
        lines: the lines, column names first.
        name: how the file is called in errors.

    Yields:
        The rows in their order.

    Raises:
        LabelledFileError: as `read_labelled`; also for a file without rows.
    """
    reader = csv.DictReader(lines, strict=True)
    try:
        columns = list(reader.fieldnames or [])
        cells = _Cells(name, columns)
        found = False
        for row in reader:
            found = True
            yield cells.row(reader.line_num, row)
    except csv.Error as error:
        raise LabelledFileError(
            f"{name}, line {reader.reader.line_num}: {error}; save it as plain CSV"
        ) from error
    if not found:
        raise LabelledFileError(f"{name} has no rows; write one handle a line below the column names")


class _Cells:
    """Reads the cells of one file's rows, by whichever spelling its columns have."""

    def __init__(self, name: str, columns: list[str]) -> None:
        self._name = name
        self._spelled = {
            column: next((s for s in spellings if s in columns), "")
            for column, spellings in _SPELLINGS.items()
        }
        shown = ", ".join(columns) or "none"
        if not self._spelled["value"]:
            raise LabelledFileError(f"{name} has no column named value; it has: {shown}")
        # A file of descriptors is a file of statement lines; its column `kind` means something else.
        self._merchants = self._spelled["value"] == "descriptor"
        if not self._merchants and "kind" not in columns:
            raise LabelledFileError(f"{name} has no column named kind; it has: {shown}")
        if not (self._spelled["expected_name"] or self._spelled["expected_domain"]):
            raise LabelledFileError(
                f"{name} has no column named expected_name or expected_domain, so nothing can be right or "
                f"wrong; it has: {shown}"
            )

    def row(self, line: int, cells: Mapping[str | None, str | list[str] | None]) -> LabelledRow:
        if None in cells:
            self._refuse(
                line, "the row", "has more cells than there are columns; put text with commas in quotes"
            )

        def text(column: str) -> str:
            value = cells.get(self._spelled.get(column, column)) if column else None
            return value.strip() if isinstance(value, str) else ""

        value = text("value")
        if not value:
            self._refuse(line, self._spelled["value"], "is empty; write the name, host or statement line")
        foreign = _FOREIGN_LINES.get(text("kind").removesuffix("_invented").removesuffix("_real"), "")
        foreign = foreign if self._merchants else ""
        return LabelledRow(
            line=line,
            kind=self._kind(line, text("kind")),
            value=value,
            publisher=text("publisher"),
            mcc=text("mcc"),
            category=text("category"),
            expected_name="" if foreign else text("expected_name"),
            expected_domain="" if foreign else text("expected_domain"),
            is_marketing=self._flag(line, "is_marketing", text("is_marketing")),
            tier=foreign or self._one_of(line, "tier", text("tier"), TIERS),
            half=self._one_of(line, "half", text("half"), HALVES),
            real=self._flag(line, "real", text("real")),
        )

    def _kind(self, line: int, written: str) -> str:
        if self._merchants:
            return "merchant"
        kind = written.lower().replace(" ", "_").replace("-", "_")
        kind = _ALIASES.get(kind, kind)
        if kind not in KINDS:
            self._refuse(line, "kind", f"is {written!r}; use one of {', '.join(KINDS)}")
        return kind

    def _flag(self, line: int, column: str, written: str) -> bool | None:
        folded = written.lower()
        if folded in _YES or folded in _NO:
            return folded in _YES
        if folded:
            self._refuse(line, column, f"is {written!r}; write 1, 0, or nothing where it cannot be said")
        return None

    def _one_of(self, line: int, column: str, written: str, allowed: tuple[str, ...]) -> str:
        folded = written.lower()
        if folded and folded not in allowed:
            self._refuse(line, column, f"is {written!r}; use one of {', '.join(allowed)}, or nothing")
        return folded

    def _refuse(self, line: int, column: str, what: str) -> NoReturn:
        raise LabelledFileError(f"{self._name}, line {line}: {column} {what}")
