"""Add one record to the data files: where it goes, whether it may, and how the file then reads."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from app.identify.canonical import render
from app.identify.contents import Contents, Entry, Finding
from app.identify.lint import lint
from app.identify.normalise import fold
from app.identify.records import KnowledgeBaseError, Product


class Addition(NamedTuple):
    """A record ready to be added: its file, how the file then reads, and what speaks against it."""

    file: str
    product: Product
    text: str
    findings: list[Finding]


def make_record(contents: Contents, given: Mapping[str, Any]) -> Entry:
    """Make a record from what a person said, filling in what follows from it.

    Args:
        contents: the folder it is meant for.
        given: the fields by name, at least `name`, `domain` and `category`; empty ones are left out.
            The id is made from the name, the vendor is called like the product, the audience is the
            category's usual one, and the source is `own`, unless said otherwise.

    Returns:
        The record with the file it belongs to.

    Raises:
        KnowledgeBaseError: there is no such category, or a field is not what it must be.
    """
    category = str(given["category"]).removeprefix("other/").removeprefix("marketing/")
    heading = contents.categories.get(category.upper())
    category = heading.code if heading else category.lower()
    file = f"{'marketing' if heading else 'other'}/{category}.json"
    if file not in contents.texts:
        areas = sorted(
            name.removeprefix("other/").removesuffix(".json") for name in contents.texts if name[0] == "o"
        )
        raise KnowledgeBaseError(
            f"there is no category {given['category']!r}; use a heading of the landscape "
            f"({', '.join(sorted(contents.categories))}) or one of {', '.join(areas)}"
        )
    filled = {
        "id": re.sub(r"[^a-z0-9]+", "-", fold(str(given["name"]))).strip("-"),
        "vendor": given["name"],
        "audience": heading.audience if heading else "other",
        "sources": ("own",),
    }
    filled |= {field: value for field, value in given.items() if value}
    filled["category"] = category
    try:
        return Entry(file, msgspec.convert(filled, Product))
    except msgspec.ValidationError as error:
        raise KnowledgeBaseError(f"the record cannot be used: {error}") from error


def add_record(contents: Contents, entry: Entry) -> Addition:
    """Work out what adding a record would give, and whether it may be added.

    Args:
        contents: the folder's contents.
        entry: the record with its file.

    Returns:
        The addition. Its findings are those the folder does not have without the record; with any, the
        record must not be added.

    Raises:
        KnowledgeBaseError: another record of the file cannot be read, so the file cannot be written.
    """
    for broken in contents.unreadable:
        if broken.file == entry.file:
            raise KnowledgeBaseError(f"{contents.folder / entry.file} must be mended first: {broken}")
    wider = contents.having(entry)
    text = render([e.product for e in wider.entries if e.file == entry.file])
    before = set(lint(contents))
    wider = wider._replace(texts={**wider.texts, entry.file: text})
    findings = [finding for finding in lint(wider) if finding not in before]
    return Addition(entry.file, entry.product, text, findings)
