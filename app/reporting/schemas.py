"""What crosses the edge of `reporting`."""

import re
from datetime import date, datetime
from typing import Annotated

from babel.localedata import locale_identifiers
from pydantic import AfterValidator, Field

from app.api.paging import Day
from app.api.schemas import In, Out, Whole
from app.language import lasting

InDay = Annotated[Day, Field(strict=False)]
# With a country, or with a part of the world: `en_150` is the English of Europe.
_LOCALES = sorted(one for one in locale_identifiers() if re.fullmatch(r"(en|de)(_([A-Z]{2}|[0-9]{3}))?", one))


def _known(locale: str) -> str:
    if locale not in _LOCALES:
        raise ValueError(lasting("write one such as en_GB or de_DE"))
    return locale


Locale = Annotated[
    str, AfterValidator(_known), Field(examples=["de_DE"], json_schema_extra={"enum": [*_LOCALES]})
]
"""A language that Penumbra writes, and where it is read."""


class ReportMailIn(In):
    """The report by e-mail, each month."""

    day: Annotated[
        int,
        Field(
            ge=1,
            le=28,
            description="Of each month. It is sent as work begins on it, or on the next working day, by the "
            "calendar of your side.",
        ),
        Whole,
    ]
    locale: Locale | None = Field(
        default=None, description="In which language, and how numbers are written; as before, else English."
    )


class ReportMailOut(Out):
    """Whether and when the caller gets the report by e-mail."""

    day: int | None = Field(description="Of each month; null: they do not get it.")
    locale: str | None
    next_at: datetime | None = Field(description="When the next one is sent; null: none is.")
    timezone: str = Field(description="Of the calendar that the day is taken from.")
    mail_goes_out: bool = Field(description="Whether people get e-mail from here at all.")


class ReportNowIn(In):
    """Of which days; the last full month, if not given."""

    first: InDay | None = Field(default=None, alias="from", description="The first day.")
    last: InDay | None = Field(default=None, alias="to", description="The last day, included.")
    locale: Locale | None = Field(
        default=None, description="In which language; as the monthly one, else English."
    )


class ReportSentOut(Out):
    """It is on its way."""

    since: date
    until: date
