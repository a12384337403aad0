"""What the scoreboard answers: each number with what it is counted over, the time before, and its list."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.api.paging import Day, PageQuery, Query, Text
from app.api.schemas import Out
from app.reviews.answers import ToolNamed
from app.reviews.measures import Number
from app.reviews.words import Lane, Party
from app.security.schemas import Side

Link = Annotated[str, Field(description="The list of what is counted: ask the API for this address.")]
Why = Annotated[str | None, Field(description="Why there is no number, where there is none.")]


class ScoreboardQuery(Query):
    """Over which time, and whose tools."""

    since: Day | None = Field(default=None, description="Another word for `from`.")
    first: Day | None = Field(
        default=None, alias="from", description="The first day; 12 months up to the last one, if not given."
    )
    last: Day | None = Field(default=None, alias="to", description="The last day, included; today.")
    department: Text | None = Field(default=None, description="Only tools that this department uses.")


class CountedQuery(ScoreboardQuery, PageQuery):
    """One page of what is counted in a number."""

    number: Number
    side: Side | None = Field(default=None, description="Of promises: whose.")


class Period(Out):
    """Both days included."""

    since: date
    until: date


class Span(Out):
    """How long something took."""

    n: int = Field(description="How many were measured.")
    median_s: int | None
    p90_s: int | None = Field(description="Nine of ten took no longer.")
    why: Why
    counted: Link


class Time(Out):
    """How long it took from the first evidence of a tool, in seconds of the calendar."""

    number: Number
    over: str = Field(description="What is measured.")
    now: Span
    before: Span


class Part(Out):
    """So many of so many."""

    count: int
    n: int = Field(description="Of how many.")
    share: float | None
    times: int = Field(description="How often it happened to those that are counted.")
    spend_minor: dict[str, int] = Field(description="What that cost, in minor units by currency.")
    why: Why
    counted: Link


class Share(Out):
    """A part of something, now and in the period before."""

    number: Number
    over: str = Field(description="What is counted, and over what.")
    now: Part
    before: Part


class Spread(Out):
    """How long decided reviews waited on a party, in seconds of business time."""

    lane: Lane | None = Field(description="Null: all lanes.")
    party: Party
    reviews: int
    median_s: int
    p90_s: int = Field(description="Nine of ten took no longer.")
    counted: Link
    before: Span


class ArbitersSpread(Out):
    """How long a side's arbiters took, in seconds of business time by that side's calendar."""

    side: Side
    reviews: int = Field(description="Decided in a deadlock.")
    median_s: int
    p90_s: int = Field(description="Nine of ten took no longer.")


class LateOut(Out):
    """How many reviews waited longer than was agreed, by the reminders that were sent."""

    side: Side
    reviews: int = Field(description="On the side.")
    arbiters: int = Field(description="On who arbitrates for it.")


class PromisesCounted(Out):
    """How a side's promises stand: settled within a period, and open at its end."""

    open: int
    kept: int
    missed: int
    waived: int
    n: int = Field(description="How many were settled.")
    kept_share: float | None
    why: Why


class PromisesKept(PromisesCounted):
    """How a side's promises stand, and stood in the period before."""

    side: Side
    before: PromisesCounted
    counted: dict[str, str] = Field(description="The list of each, by how they stand.")


class Scoreboard(Out):
    """The same numbers for both sides."""

    since: date
    until: date
    before: Period = Field(description="The period that this one is compared with.")
    department: str | None
    times: list[Time]
    waited: list[Spread]
    arbiters: list[ArbitersSpread] = Field(description="A side whose arbiters decided nothing is left out.")
    late: list[LateOut] = Field(description="Noted in the period.")
    decided: dict[str, int] = Field(description="Reviews decided in the period, by outcome.")
    decided_before: dict[str, int] = Field(description="The same in the period before.")
    open_reviews: int
    waiting_on: dict[Party, int] = Field(description="How many open reviews wait on each now.")
    shares: list[Share] = Field(description="Of the marketing tools in use at the end of the period.")
    vacuum: list[Share] = Field(description="What one side did without the other.")
    unreviewed_spend: Share
    conditions: list[PromisesKept]
    tools_decided: int = Field(description="Tools that are decided on now, in any way.")
    tools_decided_jointly: int = Field(description="Of these, those that a joint review decided on.")
    tools_passed_by_policy: int = Field(
        description="Tools that the policy lets be used for now; nobody decided on them, and they are not "
        "among those that are decided on."
    )


class CountedOut(Out):
    """One thing that a number counts."""

    tool: ToolNamed
    at: datetime = Field(
        description="When it happened; the last day of the period for what is true at its end."
    )
    what: str
    took_s: int | None = Field(description="How long it took from the first evidence.")
    review: int | None
    times: int
    spend_minor: dict[str, int]
