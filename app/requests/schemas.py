"""What asking takes and answers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from app.api.paging import NO_NUL, PageQuery, Query
from app.api.schemas import In, Out, Whole
from app.catalog.facts import Governance
from app.language import lasting
from app.requests.naming import LONGEST
from app.security.schemas import Side


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError(lasting("write at least one word"))
    return value.strip()


What = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, pattern=r"\S", description="A name, or an address of the tool."),
    AfterValidator(_words),
]
Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S"), AfterValidator(_words)]


class State(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


class Known(StrEnum):
    """Who knows the tool."""

    CATALOG = "catalog"
    KNOWLEDGE_BASE = "knowledge_base"
    UNKNOWN = "unknown"


class MayUse(StrEnum):
    """What is the answer, in one word."""

    YES = "yes"
    WITH_CONDITIONS = "with_conditions"
    FOR_NOW = "for_now"
    WAIT = "wait"
    NO = "no"
    SET_ASIDE = "set_aside"
    UNDECIDED = "undecided"


# --- what comes in -----------------------------------------------------------------------------


class TriedIn(In):
    """A tool of the catalog that does not do."""

    tool: Annotated[int, Field(ge=1, le=2**53, description="The tool, by id."), Whole]
    lacked: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S"), AfterValidator(_words)]


class SpendIn(In):
    """What it would cost a year."""

    minor: Annotated[int, Field(ge=0, le=2**53, description="In minor units: cents."), Whole]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", max_length=3, examples=["EUR"])]


class RequestIn(In):
    """What somebody would like to use."""

    what: What
    need: Words = Field(description="What it is for, in your own words.")
    tried: list[TriedIn] = Field(default=[], max_length=20)
    people: Annotated[int, Field(ge=1, le=1_000_000), Whole] | None = Field(
        default=None, description="How many people would use it."
    )
    spend: SpendIn | None = None


class AnswerQuery(Query):
    """What is asked about."""

    what: str = Field(
        min_length=1,
        max_length=LONGEST,
        json_schema_extra=NO_NUL,
        description="A name, or an address of the tool.",
    )

    @field_validator("what", mode="after")
    @classmethod
    def _text(cls, value: str) -> str:
        if "\x00" in value:
            raise ValueError(lasting("must not contain a NUL character"))
        return value


class RequestQuery(PageQuery):
    """Which requests."""

    mine: bool = Field(default=False, description="Only your own.")
    state: State | None = None


# --- the answer --------------------------------------------------------------------------------


class ToolRef(Out):
    """A tool, named."""

    tool_id: int
    name: str


class Identity(Out):
    """Which tool it is, and who knows it."""

    known: Known
    name: str
    vendor: str | None
    domain: str | None
    product: str | None = Field(description="Id in the knowledge base.")
    tool_id: int | None = Field(description="Id in the catalog.")
    certain: bool = Field(description="False: it is the likely one, not the only possible one.")
    category: str | None
    category_name: str | None
    why: str
    reasons: tuple[str, ...] = Field(description="What else speaks for it, as sentences.")


class Condition(Out):
    """Something that was promised and is still to be kept."""

    side: Side
    text: str
    due: date


class Standing(Out):
    """What the company has decided."""

    may_use: MayUse
    governance: Governance | None = Field(description="None: it is not in the catalog.")
    words: str
    why: str
    review: int | None = Field(description="The review that decided it, or in which it is being decided.")
    waiting_on: list[str] = Field(description="Whom an open review waits for: it, marketing, arbiters.")
    conditions: list[Condition]
    expires_on: date | None
    instead: ToolRef | None = Field(description="What to use instead.")


class ContactOut(Out):
    """Somebody to ask."""

    name: str
    email: str | None
    part: str


class Owners(Out):
    """Who answers for it."""

    people: list[ContactOut]
    words: str


class Overlapping(Out):
    """A tool of the same kind that the company has."""

    tool_id: int
    name: str
    governance: Governance
    people: int
    spend_minor: int = Field(description="Of 12 months, in minor units of the tool's main currency.")
    currency: str | None
    why: str


class Overlap(Out):
    """What the company has already of that kind, the sanctioned first."""

    words: str
    count: int
    paid: int = Field(description="How many of them are paid for.")
    tools: list[Overlapping] = Field(description="The first ten.")


class History(Out):
    """How long this company's own reviews of that lane took, in calendar days, over the last year."""

    reviews: int
    median_days: int
    p90_days: int


class Road(Out):
    """How it would be decided, and how long that is likely to take."""

    lane: str
    words: str
    reasons: tuple[str, ...]
    history: History | None = Field(description="None: fewer than three reviews were decided.")
    decided: int = Field(description="How many reviews of this lane were decided in the last 365 days.")
    service_seconds: dict[Side, int] = Field(description="Business time that each side may take.")


class AnswerOut(Out):
    """What the company knows of a tool that somebody would like to use."""

    what: str
    headline: str
    identity: Identity
    renamed: str | None = Field(description="That the product has another name now.")
    warnings: list[str] = Field(description="What it seems to imitate, and what is risky about it.")
    standing: Standing
    owners: Owners
    overlap: Overlap
    road: Road | None = Field(description="None: there is nothing to decide.")


# --- requests ----------------------------------------------------------------------------------


class UserRef(Out):
    """Who did something."""

    user_id: int
    name: str


class TriedOut(Out):
    """A tool that did not do."""

    tool_id: int
    name: str
    governance: str = Field(description="What held of it when that was said.")
    lacked: str


class Spend(Out):
    """Money a year."""

    minor: int
    currency: str


class RequestItem(Out):
    """Something somebody would like to use."""

    id: int
    at: datetime
    by: UserRef
    what: str
    name: str
    product: str | None
    domain: str | None
    category: str | None
    tool_id: int | None
    need: str
    tried: list[TriedOut]
    people: int | None
    spend: Spend | None
    state: State
    review: int | None


class RequestOut(RequestItem):
    """A request with what holds of its tool now."""

    answer: AnswerOut


class Lacking(Out):
    """What somebody missed."""

    request: int
    at: datetime
    lacked: str
    need: str


class TriedTool(Out):
    """A tool that was tried, and what it lacked; the newest words first."""

    tool_id: int
    name: str
    governance: str
    times: int
    lacked: list[Lacking]


class Need(Out):
    """Needs of one category that what the company has does not meet."""

    category: str | None
    category_name: str
    count: int = Field(description="Of requests.")
    tools: list[TriedTool]
