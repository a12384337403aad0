"""Who reads a page: their language, and how money, numbers and times are written for them.

The reader of the running request is kept in a context variable, so that templates, macros and words need
not hand it on. Their language is set with it, for whatever writes sentences below the pages.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import parse_locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from app.catalog.money import decimals
from app.language import LANGUAGES, _, speak, spoken

_USUAL = {"en": "en_GB", "de": "de_DE"}
"""How dates and numbers are written for those whose browser names a language, but no country."""


@dataclass(frozen=True)
class Reader:
    """How one reader wants to be written to.

    Attributes:
        language: whose texts they read: one of `LANGUAGES`.
        locale: how they write dates and numbers.
        now: the moment that "yesterday" is seen from, in UTC.
    """

    language: str
    locale: Locale
    now: datetime

    def money(self, minor: int, currency: str, *, round_up: bool = False) -> str:
        """`123456, "EUR"` as `€1,234.56`; whole units with `round_up` where cents only make noise."""
        places = decimals(currency)
        value = Decimal(minor).scaleb(-places)
        if round_up and (not value or abs(value) >= 100):
            return format_currency(
                round(value), currency, locale=self.locale, format=_whole(self.locale), currency_digits=False
            )
        return format_currency(value, currency, locale=self.locale, currency_digits=True)

    def sums(self, by_currency: Mapping[str, int], *, round_up: bool = False) -> str:
        """All currencies in one line, the largest first; a dash if there are none."""
        largest = sorted(by_currency.items(), key=lambda item: (-item[1], item[0]))
        if not largest:
            return "–"
        (code, minor), *others = largest
        line = self.money(minor, code, round_up=round_up)
        for code, minor in others:
            line += f" {'−' if minor < 0 else '+'} {self.money(abs(minor), code, round_up=round_up)}"
        return line

    def number(self, value: float) -> str:
        """`1234` as `1,234`."""
        return format_decimal(value, locale=self.locale)

    def percent(self, share: float | None) -> str:
        """`0.256` as `26 %`; a dash for None."""
        return "–" if share is None else format_percent(share, locale=self.locale)

    def day(self, moment: date | datetime | None) -> str:
        """`5 Oct 2026`, in UTC; a dash for None."""
        if moment is None:
            return "–"
        when = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
        return format_date(when, "medium", locale=self.locale)

    def month(self, first: date) -> str:
        """`Oct 2026`."""
        return format_date(first, "MMM y", locale=self.locale)

    def moment(self, moment: date | datetime | None) -> str:
        """The exact time, in UTC; of a day, the day; a dash for None."""
        if not isinstance(moment, datetime):
            return self.day(moment)
        return format_datetime(moment.astimezone(UTC), "medium", locale=self.locale) + " UTC"

    def relative(self, moment: date | datetime | None) -> str:
        """How long ago, or how far ahead, as people say it: `3 days ago`, `in 2 weeks`, `yesterday`."""
        if moment is None:
            return _("never")
        is_moment = isinstance(moment, datetime)
        today = self.now.astimezone(UTC).date()
        days = ((moment.astimezone(UTC).date() if is_moment else moment) - today).days
        if days == 0 and is_moment:
            away = moment - self.now
            if abs(away) < timedelta(minutes=1):
                return _("just now")
            return format_timedelta(away, add_direction=True, locale=self.locale, threshold=1)
        near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}
        if days in near:
            return near[days]
        if abs(days) < 45:
            return format_timedelta(
                timedelta(days=days), granularity="day", threshold=60, add_direction=True, locale=self.locale
            )
        return format_timedelta(timedelta(days=days), add_direction=True, locale=self.locale, threshold=1.3)

    def duration(self, seconds: float | None) -> str:
        """A span of time in its largest unit: `5 hours`; a dash for None."""
        if seconds is None:
            return "–"
        return format_timedelta(timedelta(seconds=seconds), locale=self.locale, threshold=1.4)


def reader_of(chosen: str | None, accepted: str, now: datetime) -> Reader:
    """The reader behind a request.

    Args:
        chosen: the language that they picked themselves, if any.
        accepted: the browser's `Accept-Language`.
        now: the moment of the request.
    """
    tags = _accepted(accepted[:500])
    known = chosen if chosen in LANGUAGES else None
    language = known or next((tag[:2] for tag in tags if tag[:2] in LANGUAGES), "en")
    return Reader(language, _locale(language, tags), now)


def usual_locale(language: str) -> str:
    """How days and numbers are written for those of whom a language is known, but no country."""
    return _USUAL[language]


def locale_named(chosen: str | None, accepted: str, now: datetime) -> str | None:
    """For which locale a reader's browser asks; None if it names no language that pages are written in.

    Args:
        chosen: see `reader_of`.
        accepted: see `reader_of`.
        now: the moment of the request.
    """
    if chosen not in LANGUAGES and not any(tag[:2] in LANGUAGES for tag in _accepted(accepted[:500])):
        return None
    return str(reader_of(chosen, accepted, now).locale)


@lru_cache(maxsize=64)
def _accepted(header: str) -> tuple[str, ...]:
    """The tags of an `Accept-Language` header, the most wanted first."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        tag, _sep, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip().lower()))
        except ValueError:
            continue
    return tuple(tag for _weight, _place, tag in sorted(weighed) if tag)


@lru_cache(maxsize=64)
def _locale(language: str, tags: tuple[str, ...]) -> Locale:
    for tag in tags:
        if not tag.startswith(f"{language}-"):
            continue
        try:
            country = parse_locale(tag, sep="-")[1]
            if country:
                return Locale(language, country)
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(_USUAL[language])


@lru_cache(maxsize=64)
def _whole(locale: Locale) -> str:
    """The locale's way to write money, without the digits behind the point."""
    return locale.currency_formats["standard"].pattern.replace(".00", "")


_nobody = Reader("en", Locale.parse("en_GB"), datetime(1970, 1, 1, tzinfo=UTC))
_current: ContextVar[Reader] = ContextVar("reader", default=_nobody)


def current() -> Reader:
    """Who reads what is being written; outside a request, somebody English."""
    return _current.get()


def read_by(reader: Reader) -> None:
    """From here on in this request, write for `reader`, whoever writes."""
    _current.set(reader)
    speak(reader.language)


@contextmanager
def writing_for(reader: Reader) -> Iterator[None]:
    """Write for `reader` inside the block, and afterwards for whoever was written for before."""
    token = _current.set(reader)
    try:
        with spoken(reader.language):
            yield
    finally:
        _current.reset(token)
