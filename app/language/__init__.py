"""The language of whoever reads what is being written.

`_` translates at once: for what is shown and then forgotten, such as a refusal. `N_` only marks a text that
is translated where it is shown. `lasting` makes a text that is stored or handed on: it is English, whoever
causes it, and `retold` gives it in the reader's language when it is read.

The language of the running request stands in a context variable. The pages set it; the API, the command
line and jobs never do, and write English. Mail is told in the language of whoever gets it (`spoken`,
`retold_for`) when it is sent. One text is stored so: the mailed joint report is worded in its reader's
language, whoever causes it, and is kept so among the messages.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from babel import Locale
from babel.numbers import format_decimal

from app.language.catalogs import LANGUAGES, catalog
from app.language.retelling import retell

__all__ = [
    "LANGUAGES",
    "N_",
    "USUAL_LOCALE",
    "_",
    "count",
    "figure",
    "language",
    "lasting",
    "listing",
    "ngettext",
    "retold",
    "retold_for",
    "speak",
    "spoken",
]

USUAL_LOCALE = "en_GB"
"""How is written to those of whom no language is known: in English, as texts are stored."""

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """What is being written in: one of `LANGUAGES`; English outside of a page."""
    return _language.get()


def speak(code: str) -> None:
    """From here on in this request, write in the language with this code."""
    _language.set(code)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Write in the language with this code for a while."""
    before = _language.set(code)
    try:
        yield
    finally:
        _language.reset(before)


def _(text: str, **values: object) -> str:
    """`text` in the reader's language, with `values` in its holes: `_("Look at %(name)s", name=…)`.

    Never for a text that is stored: it would stand there in the language of whoever caused it.
    """
    said = catalog(_language.get()).gettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, number: float) -> str:
    """The form for `number` in the reader's language; `%(num)s` in it becomes the number."""
    form = int(number) if number == int(number) else 2  # half an hour takes the form of many
    return catalog(_language.get()).ngettext(one, many, form)


def figure(number: int) -> str:
    """`1234` as the language writes it: `1,234`."""
    return f"{number:,}" if language() == "en" else format_decimal(number, locale=Locale.parse(language()))


def count(number: int, one: str, many: str) -> str:
    """`1 tool`, `2 tools`: the form for `number`, which stands in it for `%(num)s`."""
    return ngettext(one, many, number) % {"num": figure(number)}


def listing(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return _("%(most)s and %(last)s", most=", ".join(words[:-1]), last=words[-1])


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a text that is only marked
    """`text`, marked for translation where it is shown."""
    return text


def lasting(text: str, **values: object) -> str:
    """`text` in English, with `values` in its holes: for what is stored, and read with `retold`.

    A hole whose name ends in `list` takes words joined as a list: `a, b and c`.
    """
    return text % values if values else text


def retold(text: str) -> str:
    """A text that `lasting` made, in the reader's language; any other text as it is."""
    return retell(text, _language.get())


def retold_for(text: str, locale: str) -> str:
    """A text of one or several lines, each made by `lasting`, for somebody who is not reading just now.

    Args:
        text: as it is stored.
        locale: in which language, and how days, numbers and sums are written: `de_AT`.
    """
    return "\n".join(retell(line, locale) for line in text.split("\n"))
