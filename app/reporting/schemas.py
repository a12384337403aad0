"""What crosses the edge of `reporting`."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.api.paging import Day
from app.api.schemas import In, Out, Whole
from app.notify.schemas import Locale

InDay = Annotated[Day, Field(strict=False)]


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
