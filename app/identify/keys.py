"""Comparison keys: names and companies that are written differently and are the same have the same key."""

import re
from collections.abc import Sequence

from app.identify.classes import CLASSES, LEGAL
from app.identify.legal_forms import join_legal_forms, strip_company, without_foreign_forms
from app.identify.normalise import LONGEST, clean_host, fold, fold_many, squash, words_of

_SMALL = bytes(ord(chr(code).lower()) for code in range(128)) + bytes(128)
_DROPPED = bytes(code for code in range(128) if not chr(code).isalnum() and chr(code) != "\n")
"""What a key keeps of no ASCII text; a line's end stands between the names that are read at once."""


_APART = bytes(ord(c.lower()) if (c := chr(code)).isalnum() or c == "\n" else ord(" ") for code in range(128))
_APART += bytes(128)
"""Small letters and digits; all else in an ASCII text stands between words."""
_NOT_PLAIN = re.compile(rf"[./&]| [oO]|[sS][pP] [zZ]|.{{{LONGEST + 1}}}", re.DOTALL)
"""What legal forms written with dots or spaces have, and what is not read to its end."""
_DBA = re.compile(
    r"[\s,(](?:d\s?/?\s?b\s?/?\s?a|d\.b\.a\.?|doing business as|trading as|t/as?)[\s:]", re.IGNORECASE
)


def name_key(name: str) -> str:
    """Reduce a product's name to its comparison key: `Sprout Social` and `sproutsocial` are one."""
    plain = name.lower().replace(" ", "")
    return plain if plain.isalnum() and plain.isascii() else squash(fold(name))


def name_keys(names: Sequence[str]) -> list[str]:
    """Do to many names what `name_key` does to one, in a fraction of the time: the ASCII ones as one text.

    Args:
        names: as they are written.

    Returns:
        Their keys, in the same order.
    """
    text = "\n".join([name if name.isascii() and len(name) <= LONGEST else "" for name in names])
    keys = text.replace("&", "and").encode().translate(_SMALL, _DROPPED).decode().split("\n")
    if len(keys) != len(names):
        return [name_key(name) for name in names]  # one of them holds a line's end
    others = [at for at, key in enumerate(keys) if not key and len(names[at]) <= LONGEST]
    for at, folded in zip(others, fold_many([names[at] for at in others]), strict=True):
        keys[at] = squash(folded)
    if not all(keys):
        keys = [key or name_key(name) for key, name in zip(keys, names, strict=True)]
    return keys


def company_key(name: str) -> str:
    """Reduce a company's name to its comparison key: `Twilio, Inc.` and `twilio` are one."""
    folded = name.lower()
    plain = folded.replace(" ", "")
    if plain.isalnum() and plain.isascii() and not CLASSES.get(folded.rpartition(" ")[2], 0) & LEGAL:
        return plain
    return "".join(company_words(name))


def companies_in(publisher: str) -> list[str]:
    """List the names in a publisher's that is two: `Acme Holdings LLC dba Acmely` gives both."""
    publisher = publisher[:LONGEST]
    parts = _DBA.split(publisher, maxsplit=1)
    return [part.strip(" ,()") for part in parts if part.strip(" ,()")] or [publisher]


def company_words(name: str) -> list[str]:
    """Split a company's name into folded words without its legal form."""
    folded = fold(name)
    if not folded.isascii():
        folded = without_foreign_forms(folded)
    return strip_company(words_of(join_legal_forms(folded)))


def companies_words(names: Sequence[str]) -> list[list[str]]:
    """Do to many names what `company_words` does to one: the plain ones are split as one text.

    Args:
        names: companies' names as they are written.

    Returns:
        Their words without their legal forms, in the same order.
    """
    plain = [name if name.isascii() and not _NOT_PLAIN.search(name) else "" for name in names]
    lines = "\n".join(plain).encode().translate(_APART).decode().split("\n")
    if len(lines) != len(names):
        return [company_words(name) for name in names]
    return [
        strip_company(line.split()) if line else company_words(name)
        for name, line in zip(names, lines, strict=True)
    ]


def host_of_name(text: str) -> str | None:
    """Read a display name that is itself a host name (`Later.com`); None for ordinary names."""
    return clean_host(text) if "." in text and " " not in text.strip() else None
