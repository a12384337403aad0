"""What the board of reviews and the list of promises take and answer."""

from datetime import date, datetime

from pydantic import Field

from app.api.paging import Day, PageQuery, Query
from app.api.schemas import Out
from app.catalog.facts import Grade
from app.reviews.answers import Actor, ReviewItem, ToolNamed
from app.reviews.columns import Column
from app.reviews.schemas import AnySide, Department
from app.reviews.words import ConditionState, Lane, Outcome, Party
from app.security.schemas import Side


class WaitOut(Out):
    """That a review waits on somebody now; times are business time, in seconds."""

    party: Party
    since: datetime = Field(description="From when on without a break.")
    lasts_s: int = Field(description="Since then.")
    waited_s: int = Field(description="All together.")
    service_s: int | None = Field(description="How long it may be waited on.")
    due_at: datetime | None = Field(description="When that is used up, if the clock goes on running.")
    late: bool


class CardOut(ReviewItem):
    """A review on the board, with what one wants to know of its tool."""

    column: Column
    step: Column = Field(description="How far it is, late or not.")
    late: bool
    waits: list[WaitOut] = Field(description="On whom it waits now, who has waited longest first.")
    missing: dict[Side, int] = Field(description="How many items each side has not assessed.")
    questions: int = Field(description="How many are not answered.")
    proposed: Outcome | None
    promises: int = Field(description="How many of the decision's conditions are open.")
    promised_by: list[Side]
    next_due: date | None = Field(description="The next of their days, or when a provisional decision ends.")
    category: str | None
    people: int
    grant_grade: Grade | None
    spend_minor: int
    spend_currency: str | None


class CardList(Out):
    """The board: all that goes on."""

    items: list[CardOut]
    more: bool = Field(description="There are more than are looked at: narrow it down.")


class CardQuery(Query):
    """Which cards; every filter that is given must hold, a repeated one means any of its values."""

    waiting_on: list[Party] = Field(default=[], max_length=3, description="Who must act now.")
    lane: list[Lane] = Field(default=[], max_length=3)
    department: Department | None = Field(default=None, description="Of tools that this department uses.")
    late: bool | None = Field(default=None, description="A side has used up its time.")


class ConditionItem(Out):
    """A promise of a decision, in a list."""

    review: int
    tool: ToolNamed
    number: int
    side: Side
    owner: Actor
    text: str
    due: date
    state: ConditionState
    settled_at: datetime | None


class ConditionQuery(PageQuery):
    """Which promises; every filter that is given must hold."""

    mine: bool = Field(default=False, description="That you promised.")
    side: list[AnySide] = Field(default=[], max_length=2)
    state: list[ConditionState] = Field(default=[ConditionState.OPEN], max_length=4)
    due_to: Day | None = Field(default=None, description="Due on this day or before.")
