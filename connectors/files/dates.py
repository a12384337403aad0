"""Days as statements write them, and what a column of them says about their order."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

_NUMERIC = re.compile(r"(\d{1,4})([./\- ])(\d{1,2})\2(\d{4}|\d{1,2})(?=$|[T ,])")
_COMPACT = re.compile(r"(\d{8})(?=$|[T ]|\d{6})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ \-./]*([^\W\d_]+)[ \-./,]*(\d{4}|\d{2})(?=$|[T ,])")
_MONTH_DAY = re.compile(r"([^\W\d_]+)[ \-.]*(\d{1,2})(?:st|nd|rd|th)?[ ,\-]+(\d{4}|\d{2})(?=$|[T ,])")
_YEAR_MONTH = re.compile(r"(\d{4})[ \-./]*([^\W\d_]+)[ \-./]*(\d{1,2})(?=$|[T ,])")
_WEEKDAY = re.compile(r"^([^\W\d_]{2,10})[.,]* +(?=\d|[^\W\d_])")

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan january januar janvier enero ene gennaio gen januari jän",
            "feb february februar février févr fév febrero febbraio februari",
            "mar march märz mär mrz mars marzo maart mrt",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag mei",
            "jun june juni juin junio giugno giu",
            "jul july juli juillet juil julio luglio lug",
            "aug august août agosto ago augustus",
            "sep sept september septembre septiembre settembre set",
            "oct october oktober okt octobre octubre ottobre ott",
            "nov november novembre noviembre",
            "dec december dezember dez décembre déc diciembre dic dicembre",
        ),
        start=1,
    )
    for name in names.split()
}

EARLIEST = date(1990, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_EPOCH_1904 = date(1904, 1, 1)


@lru_cache(maxsize=32_768)
def day_first_evidence(text: str) -> bool | None:
    """What one written day says about the order: True day first, False month first, None nothing.

    Dots are day first by convention everywhere they are used (03.04.2026).
    """
    match = _NUMERIC.match(text)
    if match is None or len(match[1]) > 2:
        return None
    first, second = int(match[1]), int(match[3])
    if match[2] == "." and first <= 31 and second <= 12:
        return True
    if first > 12 >= second and first <= 31:
        return True
    if second > 12 >= first and second <= 31:
        return False
    return None


@lru_cache(maxsize=32_768)
def is_ambiguous(text: str) -> bool:
    """True where the order of day and month changes which day it is."""
    match = _NUMERIC.match(text)
    if match is None or len(match[1]) > 2 or match[2] == ".":
        return False
    return int(match[1]) != int(match[3]) and 1 <= int(match[1]) <= 12 and 1 <= int(match[3]) <= 12


@lru_cache(maxsize=32_768)
def parse_date(text: str, day_first: bool | None) -> date:
    """Read one written day; a time of day after it is passed over.

    Args:
        text: without spaces around it.
        day_first: the order of day and month in this file; None: not needed, or dots only.

    Raises:
        ValueError: not a day of the calendar; the message continues a sentence that names it.
    """
    if (weekday := _WEEKDAY.match(text)) and weekday[1].casefold() not in _MONTHS:
        text = text[weekday.end() :]
    if match := _NUMERIC.match(text):
        first, mark, second, third = match[1], match[2], int(match[3]), match[4]
        if len(first) == 4:
            return _day(int(first), second, int(third))
        if len(first) == 3:
            raise ValueError("is not a date")
        if day_first is None:
            day_first = mark == "." or day_first_evidence(text) is not False
        day, month = (int(first), second) if day_first else (second, int(first))
        return _day(_year(third), month, day)
    if match := _COMPACT.match(text):
        digits = match[1]
        if digits[:2] in ("19", "20"):
            return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        raise ValueError("is not a date")
    if match := _YEAR_MONTH.match(text):
        return _day(int(match[1]), _month(match[2]), int(match[3]))
    if match := _DAY_MONTH.match(text):
        return _day(_year(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_DAY.match(text):
        return _day(_year(match[3]), _month(match[1]), int(match[2]))
    raise ValueError("is not a date")


def excel_day(serial: float, *, from_1904: bool = False) -> date:
    """The day that a spreadsheet's serial number stands for.

    Raises:
        ValueError: the number is no plausible day.
    """
    if not 20_000 <= serial <= 80_000:
        raise ValueError("is not a date")
    return (_EXCEL_EPOCH_1904 if from_1904 else _EXCEL_EPOCH) + timedelta(days=int(serial))


def as_day(value: date) -> date:
    """A day, also from a date with a time."""
    return value.date() if isinstance(value, datetime) else value


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(name: str) -> int:
    found = _MONTHS.get(name.casefold())
    if found is None:
        raise ValueError("is not a date")
    return found


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise ValueError("is no day of the calendar") from error
    if found < EARLIEST:
        raise ValueError("lies too far back to be right")
    return found
