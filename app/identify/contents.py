"""A data folder read file by file and record by record, so that every mistake in it can be named."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from app.identify.records import (
    DATA_FOLDER,
    WORDS_FILE,
    Category,
    KnowledgeBase,
    KnowledgeBaseError,
    Product,
    Reseller,
    read_file,
    read_words,
)

SOURCES_FILE = "SOURCES.md"


class Finding(NamedTuple):
    """One thing that is not as it must be: where, by which check, and what to do about it."""

    file: str
    record: str
    check: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.record}: {self.message}" if self.record else f"{self.file}: {self.message}"
        )


class Entry(NamedTuple):
    """A record with the file it stands in (`marketing/CE-SEO.json`)."""

    file: str
    product: Product


class Contents(NamedTuple):
    """Everything in a data folder.

    `texts` holds the record files as they are written, `entries` the records that could be read,
    `unreadable` what is wrong with the others. `words` are the ordinary words, `sources` the ids that a
    record may name as its sources.
    """

    folder: Path
    texts: dict[str, str]
    entries: list[Entry]
    unreadable: list[Finding]
    categories: dict[str, Category]
    resellers: tuple[Reseller, ...]
    shared: tuple[str, ...]
    sources: frozenset[str]
    words: frozenset[str]

    def base(self) -> KnowledgeBase:
        """Make the knowledge base of these contents; the last record of an id counts."""
        products = {entry.product.id: entry.product for entry in self.entries}
        return KnowledgeBase(products, self.categories, self.resellers, frozenset(self.shared), self.words)

    def having(self, added: Entry) -> "Contents":
        """Give the same contents with one record more."""
        return self._replace(entries=[*self.entries, added])


def read_contents(folder: Path | None = None) -> Contents:
    """Read a data folder, going on past records that cannot be used.

    Args:
        folder: the folder; the shipped data if None.

    Returns:
        Its contents.

    Raises:
        KnowledgeBaseError: the folder is none, or one of the small files beside the records cannot be used.
    """
    folder = folder or DATA_FOLDER
    paths = sorted([*folder.glob("marketing/*.json"), *folder.glob("other/*.json")])
    if not paths:
        raise KnowledgeBaseError(
            f"{folder} is no data folder: it has no marketing/*.json; name the folder that holds marketing/"
        )
    texts: dict[str, str] = {}
    entries: list[Entry] = []
    unreadable: list[Finding] = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            texts[name] = path.read_text(encoding="utf-8")
            records = msgspec.json.decode(texts[name], type=list[Any])
        except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
            unreadable.append(Finding(name, "", "schema", f"cannot be read as a list of records: {error}"))
            continue
        for at, record in enumerate(records, start=1):
            try:
                entries.append(Entry(name, msgspec.convert(record, Product)))
            except msgspec.ValidationError as error:
                called = record.get("id") if isinstance(record, dict) else None
                unreadable.append(
                    Finding(name, str(called or f"record {at}"), "schema", f"{error}; correct it")
                )
    return Contents(
        folder,
        texts,
        entries,
        unreadable,
        {c.code: c for c in read_file(folder / "taxonomy.json", tuple[Category, ...])},
        read_file(folder / "resellers.json", tuple[Reseller, ...]),
        read_file(folder / "shared_domains.json", tuple[str, ...]),
        frozenset(re.findall(r"^\| `([a-z0-9-]+)`", _text(folder / SOURCES_FILE), re.MULTILINE)),
        read_words(folder / WORDS_FILE),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"{path}: {error}") from error
