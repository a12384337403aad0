"""Tells stored English sentences in another language: each is recognised by the text it was made from.

A sentence is looked for among the texts of the catalog that are marked as kept: whole, or with something in
its holes, or as several sentences one after the other. What stands in a hole is told in the same way: a
date, a number, a list, words that are kept themselves; a name stays as it is.
"""

import re
from datetime import date
from functools import cache, cached_property, lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, get_decimal_symbol

from app.language.catalogs import lasting_texts

_HOLE = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAY = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)})(?: (\d{{4}}))?")
_ISO = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})")
_QUOTED = re.compile(r"“[^“”]*”")
_ENDS = re.compile(r"(?<=[.!?…”]) +")
_DIGITS = r"\d[\d,.]*"
"""What a hole called `n` takes."""
_SUM = re.compile(r"([−-]?)(\d{1,3}(?:,\d{3})*)(?:\.(\d+))? ([A-Z]{3})")
_JOINED = re.compile(r"(, | and |; )")
BOTH = "%(words)s and %(last)s"
"""How the last word of a list is joined to the others."""
_LEAST = 4
"""So many letters a text needs outside of its holes before a sentence is recognised by them."""
_FRAGMENT = 12
"""With fewer letters outside of its holes, what begins small is looked for in the holes of others only."""
_CLOSED = re.compile(r"_word\d*$")
"""How holes are called that take only what is told itself: a kept text, a number, a day, a sum, a code."""
_OWN = re.compile(r"_said\d*$")
"""How holes are called that take somebody's own words, which nobody tells in words of ours."""
_CODE = re.compile(r"[A-Z]{2}-[A-Z]+")
"""A category of the landscape, which is written by its code."""
_LONGEST = 600
_MOST_SENTENCES = 12
_DEEPEST = 4
"""So many holes deep a text is looked for in the hole of another."""


class _Form:
    """One text with holes, ready to be recognised.

    `close` lets nothing into a hole that looks like the end of a sentence and the beginning of another;
    `wide` lets in whatever there is.
    """

    def __init__(self, text: str, told: str) -> None:
        parts = _HOLE.split(text)
        self.fixed = sum(len(part) for part in parts[::2])
        self.begins = parts[0].replace("%%", "%")
        self.told = told
        self.ends = text.endswith(".")
        letters = sum(ch.isalpha() for part in parts[::2] for ch in part)
        self.counts = letters >= _LEAST
        holes = parts[1::2]
        self.fragment = (
            letters < _FRAGMENT
            and text[:1].islower()
            and not all(hole == "n" or _CLOSED.search(hole) for hole in holes)
        )
        self.last = parts[-2] if len(parts) > 1 and not parts[-1] else None
        self._parts = parts
        self._between = [part.replace("%%", "%") for part in parts[::2]]

    def may_be(self, text: str) -> bool:
        """Whether all words of the form stand in a text, in order: cheap to ask before a pattern is tried."""
        *before, end = self._between
        at = 0
        for words in before:
            at = text.find(words, at)
            if at < 0:
                return False
            at += len(words) + 1  # a hole is never empty
        return text.endswith(end) and at <= len(text) - len(end)

    @cached_property
    def close(self) -> re.Pattern[str]:
        return re.compile(_pattern(self._parts, r"(?:(?![.!?] [A-ZÄÖÜ“]).)+?"), re.DOTALL)

    @cached_property
    def wide(self) -> re.Pattern[str]:
        return re.compile(_pattern(self._parts, ".+?"), re.DOTALL)


def _pattern(parts: list[str], hole: str) -> str:
    pattern, named = "", set[str]()
    for at, part in enumerate(parts):
        if at % 2 == 0:
            pattern += re.escape(part.replace("%%", "%"))
        elif part in named:
            pattern += f"(?P={part})"
        else:
            named.add(part)
            pattern += f"(?P<{part}>{_DIGITS if part == 'n' else hole})"
    return pattern


@cache
def _known(locale: str) -> dict[str, str]:
    return lasting_texts(_language(locale))


def _language(locale: str) -> str:
    return locale[:2]


@cache
def _forms(language: str) -> dict[str, tuple[_Form, ...]]:
    """The texts with holes by their first letter, the one with most words of its own first."""
    found: dict[str, list[_Form]] = {}
    for text, told in lasting_texts(language).items():
        if _HOLE.search(text):
            form = _Form(text, told)
            if form.counts:
                found.setdefault(form.begins[:1], []).append(form)
    return {first: tuple(sorted(some, key=lambda f: -f.fixed)) for first, some in found.items()}


def retell(text: str, locale: str) -> str:
    """A stored text in another language; as it is where it is of no text that we keep.

    Args:
        text: one or several sentences, as `lasting` made them.
        locale: what to tell it in: a language (`de`), or a language with how days, numbers and sums are
            written (`de_AT`). `en` leaves all as it is stored; `en_US` writes only the days anew.
    """
    return text if locale == "en" or not text or len(text) > _LONGEST else _retell(text, locale)


@lru_cache(maxsize=20_000)
def _retell(text: str, locale: str) -> str:
    whole = _one(text, locale) or _alone(text, locale)
    if whole is not None:
        return whole
    sentences = _ENDS.split(text)
    if 1 < len(sentences) <= _MOST_SENTENCES:
        told = " ".join(_several(sentences, locale))
        if told != text:
            return told
    return _one(text, locale, wide=True) or text


def _several(sentences: list[str], locale: str) -> list[str]:
    """Each sentence told; a kept text may be several sentences long."""
    told: list[str] = []
    at = 0
    while at < len(sentences):
        for end in range(len(sentences), at, -1):
            piece = " ".join(sentences[at:end])
            found = _one(piece, locale)
            if found is not None or end == at + 1:
                told.append(found or piece)
                at = end
                break
    return told


def _one(text: str, locale: str, *, wide: bool = False, depth: int = 0) -> str | None:
    """What is one kept text, told; None if it is none. `depth` says in how many holes of others it stands."""
    known = _known(locale)
    if text in known:
        return known[text].replace("%%", "%")
    if text.endswith(".") and text[:-1] in known:
        return known[text[:-1]].replace("%%", "%") + "."
    if depth > _DEEPEST:
        return None
    forms = _forms(_language(locale))
    for form in (*forms.get(text[:1], ()), *forms.get("", ())):
        if not text.startswith(form.begins) or (form.fragment and not depth):
            continue
        clause = text.endswith(".") and not form.ends  # one that became a sentence
        piece = text[:-1] if clause else text
        found = form.may_be(piece) and (form.wide if wide else form.close).fullmatch(piece)
        if found:
            values = {n: _value(n, value, locale, depth + 1) for n, value in found.groupdict().items()}
            if clause and form.last:  # the full stop may be that of the last value
                whole = _one(f"{found[form.last]}.", locale, depth=depth + 1)
                clause, values[form.last] = whole is None, whole or values[form.last]
            if None not in values.values():
                return form.told % values + ("." if clause else "")
    return None


def _alone(text: str, locale: str) -> str | None:
    """A number, a day or a sum as the language writes it; None if the text is none of these."""
    if _NUMBER.fullmatch(text):
        return format_decimal(int(text.replace(",", "")), locale=Locale.parse(locale))
    if _language(locale) == "de" and _QUOTED.fullmatch(text):
        return f"„{text[1:-1]}“"
    money = _SUM.fullmatch(text)
    return _money(money, locale) if money is not None else _day_of(text, locale)


def _value(name: str, value: str, locale: str, depth: int) -> str | None:
    """What stands in a hole, told; None if it may not stand there."""
    if _OWN.search(name):
        return value
    alone = _alone(value, locale)
    if alone is not None:
        return alone
    if name.endswith("list"):
        return _list(value, locale, depth)
    known = _one(value, locale, depth=depth)
    if known is None and _CLOSED.search(name) and not _CODE.fullmatch(value):
        return None
    return known or value


def _money(found: re.Match[str], locale: str) -> str:
    """`1,234.56 EUR` as the language writes numbers."""
    sign, whole, rest, currency = found.groups()
    point = get_decimal_symbol(Locale.parse(locale))
    told = format_decimal(int(whole.replace(",", "")), locale=Locale.parse(locale))
    return f"{sign}{told}{point + rest if rest else ''} {currency}"


def _day_of(text: str, locale: str) -> str | None:
    """`5 October 2026` as the language writes it; None if the text is no day."""
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _day(int(iso[3]), int(iso[2]), iso[1], locale)
    day = _DAY.fullmatch(text)
    return None if day is None else _day(int(day[1]), _MONTHS.index(day[2]) + 1, day[3], locale)


def _day(number: int, month: int, year: str | None, locale: str) -> str:
    try:
        when = date(int(year or 2000), month, number)
    except ValueError:  # no such day: somebody's own words
        return f"{number} {_MONTHS[month - 1]} {year or ''}".strip()
    known = Locale.parse(locale)
    return format_date(when, "long", known) if year else format_skeleton("MMMMd", when, locale=known)


def _list(value: str, locale: str, depth: int) -> str:
    """`a, b and c` with each word told; one that is a lasting text itself is not taken apart."""
    if _language(locale) == "en":
        return value
    pieces = _JOINED.split(value)
    told: list[str] = []
    at = 0
    while at < len(pieces):
        for end in range(len(pieces), at, -2):
            text = "".join(pieces[at:end])
            known = _known(locale).get(text)
            found = _value("", text, locale, depth + 1) if end == at + 1 else known
            if found is not None:
                told.append(found)
                at = end + 1
                break
    joined = ", ".join(told[:-1])
    both = _known(locale).get(BOTH, BOTH)
    return both % {"words": joined, "last": told[-1]} if joined else told[-1]
