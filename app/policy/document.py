"""The policy as a document: what may stand in it, and what must fit together. Pure."""

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from app.language import lasting
from app.policy.conditions import Condition
from app.policy.hours import WEEKDAYS, BadHours, Calendar, read_day, read_span, read_zone
from app.policy.money import Rates
from app.policy.parts import Currency, Email, Money, Part, Sentence, Word

SideName = Literal["it", "marketing"]
LaneName = Literal["fast", "standard", "full"]
SIDES: tuple[SideName, ...] = ("it", "marketing")
LANES: tuple[LaneName, ...] = ("fast", "standard", "full")
"""From the lightest to the heaviest."""
ItItem = Literal["integration", "security", "operations", "vendor_management"]
MarketingItem = Literal["requirements", "outcome_and_owner", "budget"]
Hours = Annotated[float, Field(gt=0, le=2000, description="Business hours.")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Item = TypeVar("Item")
P = TypeVar("P")


def seconds(hours: float) -> int:
    """Business hours as seconds."""
    return round(hours * 3600)


class CalendarRules(Part):
    """When a side works."""

    zone: Annotated[Word, Field(description="A time zone, such as Europe/Berlin.")]
    hours: Annotated[
        dict[Weekday, Annotated[list[Word], Field(max_length=12)]],
        Field(description="For each weekday the spans of local time in which the side works: 09:00-17:00."),
    ]
    holidays: Annotated[
        list[Word], Field(max_length=2000, description="Days without hours, as 2026-12-25.")
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_hours(self) -> Self:
        if not any(self.hours.values()):
            raise ValueError(
                lasting("hours: a side that never works can answer nothing: give at least one span")
            )
        if sum(end - start for spans in self.calendar.hours.values() for start, end in spans) < 60:
            raise ValueError(
                lasting("hours: a side works at least an hour a week: less, and nothing is ever due")
            )
        return self

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        read_zone(value)
        return value

    @field_validator("holidays")
    @classmethod
    def _days(cls, value: list[str]) -> list[str]:
        for day in value:
            read_day(day)
        return value

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar that these rules describe."""
        spans = {}
        for day, texts in self.hours.items():
            try:
                spans[WEEKDAYS.index(day)] = [read_span(text) for text in texts]
            except BadHours as error:
                raise BadHours(f"hours.{day}: {error}") from error
        return Calendar(read_zone(self.zone), spans, {read_day(day) for day in self.holidays})


class Sides(Part, Generic[P]):
    """The same for both sides of the table."""

    it: P
    marketing: P

    def of(self, side: SideName) -> P:
        """What is this side's."""
        return self.it if side == "it" else self.marketing


class SideRules(Part):
    """What holds for a side in every lane."""

    calendar: CalendarRules
    arbiters: Annotated[list[Email], Field(max_length=50)] = Field(default_factory=list)
    arbiter_hours: Annotated[Hours, Field(description="Business hours that an arbiter has.")] = 16


class LaneSide(Part, Generic[Item]):
    """What a lane asks of one side."""

    items: Annotated[list[Item], Field(min_length=1, description="What the side must assess.")]
    hours: Annotated[Hours, Field(description="The service level: business hours that the side has.")]
    signers: Annotated[
        list[Word],
        Field(
            min_length=1,
            max_length=20,
            description="Who may turn the side's key: the side's role, or groups of people who have it.",
        ),
    ]

    @field_validator("items")
    @classmethod
    def _each_once(cls, value: list[Item]) -> list[Item]:
        if len(set(value)) != len(value):
            raise ValueError(lasting("an item stands there twice"))
        return value


class Lane(Part):
    """How heavy a review is."""

    it: LaneSide[ItItem]
    marketing: LaneSide[MarketingItem]


class Lanes(Part):
    """The three lanes."""

    fast: Lane
    standard: Lane
    full: Lane

    def of(self, name: LaneName) -> Lane:
        """The lane of this name."""
        return {"fast": self.fast, "standard": self.standard, "full": self.full}[name]


class Rule(Part):
    """Which tools take a lane."""

    lane: LaneName
    because: Annotated[Sentence, Field(description="Why, in a sentence that both sides will read.")]
    when: Condition


class PassRule(Part):
    """Which tools may be used provisionally without a review, for how long and how far."""

    because: Sentence
    when: Condition
    days: Annotated[int, Field(ge=1, le=366)]
    people_cap: Annotated[int, Field(ge=1, le=10**6, description="More people than this end it.")]
    spend_cap: Annotated[Money | None, Field(description="More spend in 90 days than this ends it.")] = None
    automatic: Annotated[
        bool, Field(description="Flagged tools get it by themselves; else it is only shown with the lane.")
    ] = False


class PeopleGrowth(Part):
    """How many more people open a decision again; both must hold."""

    percent: Annotated[int, Field(ge=1, le=10_000)]
    at_least: Annotated[int, Field(ge=1, le=10**6, description="So many more people, at the least.")] = 1


class SpendGrowth(Part):
    """How much more spend than was agreed opens a decision again; both must hold."""

    percent: Annotated[int, Field(ge=0, le=10_000)] = 0
    at_least: Annotated[Money | None, Field(description="So much more, at the least.")] = None


class Reopen(Part):
    """What opens a decision again; a cause that is left out does not."""

    new_scope: Annotated[bool, Field(description="A permission graded high that was not there.")] = False
    people: PeopleGrowth | None = None
    spend: SpendGrowth | None = None
    condition_missed: bool = False
    renewal_days: Annotated[int | None, Field(ge=1, le=366, description="A renewal so many days ahead.")] = (
        None
    )
    owner_gone: bool = False
    publisher_changed: bool = False


class Policy(Part):
    """All rules of a company for its joint reviews."""

    format: Annotated[Literal[1], Field(description="Of this document.")]
    currency: Annotated[Currency, Field(description="In which amounts are compared.")]
    rates: Annotated[
        dict[Currency, Annotated[float, Field(gt=0, le=10**6)]],
        Field(
            max_length=200,
            description="What one unit of another currency is worth. Fixed here and never fetched; "
            "a currency without a rate counts as over every limit.",
        ),
    ] = Field(default_factory=dict)
    groups: Annotated[
        dict[Word, Annotated[list[Email], Field(min_length=1, max_length=500)]],
        Field(max_length=100, description="Groups of people who may sign, by name."),
    ] = Field(default_factory=dict)
    sides: Sides[SideRules]
    lanes: Lanes
    rules: Annotated[
        list[Rule],
        Field(max_length=100, description="In order: the first that holds says the lane; none: standard."),
    ] = Field(default_factory=list)
    passes: Annotated[list[PassRule], Field(max_length=50)] = Field(default_factory=list)
    reopen: Reopen = Reopen()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> list[str]:
        faults = [
            lasting("groups.%(name)s: a group cannot be called like a role", name=name)
            for name in self.groups
            if name in SIDES
        ]
        if self.rates.get(self.currency, 1) != 1:
            faults.append(
                lasting(
                    "rates.%(currency)s: is the policy's own currency and worth 1: take the rate out",
                    currency=self.currency,
                )
            )
        for lane in LANES:
            for side in SIDES:
                signers = getattr(self.lanes.of(lane), side).signers
                faults += [
                    lasting(
                        "lanes.%(lane)s.%(side)s.signers.%(at)s: '%(name)s' is neither the role '%(side)s' "
                        "nor a group: add it to groups",
                        lane=lane,
                        side=side,
                        at=at,
                        name=name,
                    )
                    for at, name in enumerate(signers)
                    if name != side and name not in self.groups
                ]
        known = {self.currency, *self.rates}
        faults += [
            lasting(
                "%(where)s: there is no rate for %(currency)s: add it to rates, or write the limit "
                "in %(own)s",
                where=where,
                currency=money.currency,
                own=self.currency,
            )
            for where, money in self._amounts()
            if money.currency not in known
        ]
        return faults

    def _amounts(self) -> list[tuple[str, Money]]:
        found = [(f"rules.{n}.when", m) for n, r in enumerate(self.rules) for m in r.when.money()]
        for n, rule in enumerate(self.passes):
            found += [(f"passes.{n}.when", m) for m in rule.when.money()]
            found += [(f"passes.{n}.spend_cap", m) for m in [rule.spend_cap] if m]
        growth = self.reopen.spend
        if growth and growth.at_least:
            found.append(("reopen.spend.at_least", growth.at_least))
        return found

    @cached_property
    def exchange(self) -> Rates:
        """Its exchange rates, ready for adding up."""
        return Rates(self.currency, self.rates)

    def calendar(self, side: SideName) -> Calendar:
        """When a side works."""
        return self.sides.of(side).calendar.calendar

    def service(self, lane: LaneName, side: SideName) -> timedelta:
        """The business time that a side has in a lane."""
        return timedelta(seconds=seconds(getattr(self.lanes.of(lane), side).hours))
