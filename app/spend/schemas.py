"""What spend takes and answers."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from app.api.paging import PageQuery, Query, Text
from app.api.schemas import In, Out, Whole
from app.catalog.facts import Audience, Evidence, Governance
from app.language import lasting
from app.spend.periods import Period
from app.spend.renewals import Per

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not _DAY.fullmatch(value):
            raise ValueError(lasting("write a day as 2026-11-30"))
        return date.fromisoformat(value)
    return value


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError(lasting("write at least one word"))
    return value.strip()


DayIn = Annotated[date, BeforeValidator(_day)]
Cents = Annotated[int, Field(ge=0, le=2**53, description="In minor units: cents."), Whole]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", max_length=3, examples=["EUR"])]
AnyPer = Annotated[Per, Field(strict=False, description="For how long the amount is.")]
Term = Annotated[int, Field(ge=1, le=120, description="For so many months it renews."), Whole]
Notice = Annotated[int, Field(ge=0, le=730), Whole]
Seats = Annotated[int, Field(ge=1, le=1_000_000), Whole]
Reference = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(_words)]
Note = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S"), AfterValidator(_words)]


class ContractIn(In):
    """A contract as it was signed."""

    vendor_ref: Reference | None = Field(default=None, description="What the vendor calls it.")
    starts_on: DayIn
    ends_on: DayIn | None = Field(default=None, description="Its last day, if one is agreed.")
    renews_on: DayIn | None = Field(
        default=None, description="When it renews; left out, its last day stands for that."
    )
    term_months: Term = 12
    notice_days: Notice | None = Field(
        default=None, description="So long before it renews notice must be given."
    )
    auto_renews: bool = Field(
        default=True, description="It goes on unless somebody gives notice; false: it ends."
    )
    amount_minor: Cents
    currency: Currency
    per: AnyPer = Per.YEARLY
    seats: Seats | None = None
    note: Note | None = None


class ContractChange(In):
    """What may be changed about a contract; what is left out stays, and null takes away what may be away."""

    vendor_ref: Reference | None = None
    starts_on: DayIn | None = None
    ends_on: DayIn | None = None
    renews_on: DayIn | None = None
    term_months: Term | None = None
    notice_days: Notice | None = None
    auto_renews: bool | None = None
    amount_minor: Cents | None = None
    currency: Currency | None = None
    per: AnyPer | None = None
    seats: Seats | None = None
    note: Note | None = None


# --- what is asked -----------------------------------------------------------------------------


class RenewalFilter(Query):
    """Which renewals."""

    within_days: int = Field(default=90, ge=0, le=3650, description="From today on.")
    department: list[Text] = Field(default=[], max_length=50, description="Of tools these departments use.")
    governance: list[Governance] = Field(default=[], max_length=50)

    @field_validator("department", mode="after")
    @classmethod
    def _text(cls, value: list[str]) -> list[str]:
        if any("\x00" in text for text in value):
            raise ValueError(lasting("must not contain a NUL character"))
        return value


class RenewalQuery(RenewalFilter, PageQuery):
    """One page of the renewals."""


class By(StrEnum):
    """What spend is told apart by."""

    TOTAL = "total"
    CATEGORY = "category"
    DEPARTMENT = "department"


class MonthsQuery(Query):
    """Which months, and told apart by what."""

    months: int = Field(default=12, ge=1, le=24, description="So many, this one included.")
    by: By = By.TOTAL
    audience: Audience | None = Field(default=None, description="Only tools for these.")


class UnreviewedQuery(PageQuery):
    """One page of the tools that cost money and nobody decided on."""

    audience: Audience | None = Field(default=None, description="Only tools for these.")


class RisesQuery(Query):
    """Which price rises."""

    audience: Audience | None = Field(default=None, description="Only tools for these.")
    limit: int = Field(default=50, ge=1, le=200, description="How many to give at most.")


class OverlapQuery(Query):
    """Which tools the capability map is of."""

    audience: Audience | None = Field(default=None, description="Only tools for these.")


# --- answers -----------------------------------------------------------------------------------


class ActorOut(Out):
    """Who did something."""

    user_id: int | None = Field(description="None: a service.")
    name: str


class ToolRef(Out):
    """A tool, named."""

    id: int
    name: str


class RiseOut(Out):
    """The price went up and stayed there."""

    on: date
    before_minor: int
    after_minor: int
    currency: str
    percent: int


class SubscriptionOut(Out):
    """What charges tell of: paid again and again, or not (`one_off`)."""

    number: int
    period: Period
    currency: str
    usual_minor: int = Field(description="What one charge is, lately; of `usage`, what a month is.")
    asked_minor: int | None = Field(description="The price as asked for, where that is another currency.")
    asked_currency: str | None
    charges: int
    payers: int = Field(description="How many people or accounts paid it.")
    first_on: date
    last_on: date
    next_on: date | None = Field(description="When the next charge is expected; null once it has ended.")
    ended: bool = Field(description="No charge came for a period and a half.")
    confidence: float
    reasons: list[str]
    rises: list[RiseOut]
    under_contract: bool = Field(description="A contract of the tool stands over it.")


class ContractOut(Out):
    """A contract that somebody entered."""

    id: int
    tool: ToolRef
    vendor_ref: str | None
    starts_on: date
    ends_on: date | None
    renews_on: date | None = Field(description="As it was entered; `next_on` is the next such day.")
    term_months: int
    notice_days: int | None
    auto_renews: bool
    amount_minor: int
    currency: str
    per: Per
    seats: int | None
    note: str | None
    stands: bool = Field(description="It has begun and is not over.")
    next_on: date | None = Field(description="The next day on which it renews or ends.")
    by: ActorOut = Field(description="Who entered it.")
    version: int
    created_at: datetime
    updated_at: datetime


class RenewalOut(Out):
    """Something that renews."""

    tool: ToolRef
    governance: Governance
    on: date
    days: int = Field(description="From today on.")
    notice_by: date = Field(description="The last day to give notice.")
    notice_known: bool = Field(description="False: nobody wrote down how long; it is the day before then.")
    auto_renews: bool = Field(description="False: it ends unless somebody renews it.")
    amount_minor: int
    currency: str
    per: Per
    contract: int | None = Field(description="The contract that says so; null: the charges do.")
    confidence: float
    why: str


class ToolSubscriptions(Out):
    """What a tool costs again and again."""

    tool: ToolRef
    renewal: RenewalOut | None = Field(description="The next one.")
    contracts: list[ContractOut]
    subscriptions: list[SubscriptionOut]


class MonthRow(Out):
    """One line of the months."""

    key: str | None = Field(
        description="Category or department; null: it has none, or all together. Departments that are too "
        "small to be shown stand together as “Other departments”."
    )
    name: str
    currency: str
    total_minor: int
    minor: list[int] = Field(description="Charges less refunds of each month, in the order of `months`.")


class MonthsOut(Out):
    """What was spent, month by month; the currencies apart."""

    by: By
    months: list[str] = Field(description="The oldest first; the last one is not over.", examples=["2026-11"])
    rows: list[MonthRow] = Field(description="The most expensive first within a currency.")


class Money(Out):
    """An amount."""

    currency: str
    minor: int


class UnreviewedOut(Out):
    """A tool that costs money, and nobody decided on it."""

    tool: ToolRef
    governance: Governance
    audience: Audience
    category: str | None
    flagged: bool
    people: int
    first_seen: datetime
    spend: list[Money] = Field(description="Charges less refunds of 12 months.")


class RisenOut(RiseOut):
    """A price that went up, and of which tool."""

    tool: ToolRef
    period: Period


class RisesOut(Out):
    """Prices that went up."""

    items: list[RisenOut]


class UnreviewedList(Out):
    """What was spent in 12 months on tools that nobody decided on."""

    items: list[UnreviewedOut]
    next: str | None = Field(default=None, description="Cursor of the next page; null on the last one.")
    totals: list[Money] = Field(description="Of all such tools, not of this page.")


class FieldOut(Out):
    """One category of the capability map."""

    category: str
    category_name: str
    tools: int = Field(description="In use.")
    people: int = Field(description="Who use any of them.")
    several: int = Field(description="Who use more than one of them.")
    spend: list[Money] = Field(description="Of 12 months.")
    sanctioned: list[ToolRef] = Field(description="Decided for, in use or not.")
    shadow: list[ToolRef] = Field(description="In use, and nobody decided on them.")


class CapabilityMap(Out):
    """What the company has for what."""

    items: list[FieldOut]
    without_category: int = Field(description="Tools in use of which nobody knows what they are for.")


class Shared(Out):
    """Another tool of the category, and how many people use both."""

    tool: ToolRef
    people: int


class BesideOut(Out):
    """One tool beside the others of its category."""

    tool: ToolRef
    evidence: Evidence
    governance: Governance
    shadow: bool
    people: int
    shared_people: int = Field(description="Who use another one of them too.")
    shared_with: list[Shared] = Field(description="The first five.")
    spend: list[Money] = Field(description="Of 12 months.")
    owners: list[ActorOut]
    renews_on: date | None


class CategoryOverlap(Out):
    """The tools of one category, side by side."""

    category: str
    category_name: str
    people: int
    several: int
    spend: list[Money]
    tools: list[BesideOut]
    count: int = Field(description="How many tools it has.")
