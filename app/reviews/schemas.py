"""What reviews take over HTTP, and turn into commands."""

import re
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field

from app.api.paging import NO_NUL, Day, PageQuery, Text
from app.api.schemas import In
from app.catalog.queries import AnyId
from app.language import lasting
from app.reviews import commands as ask
from app.reviews.events import Terms
from app.reviews.words import Cause, Item, Lane, Outcome, Party, Standing, Verdict
from app.security.schemas import Side

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError(lasting("write at least one word"))
    return value.strip()


def day_of(value: Any) -> Any:
    """A day as forms and JSON write it; anything but a text is left as it is.

    Raises:
        ValueError: it is not written so, or there is no such day.
    """
    if isinstance(value, str):
        if not _DAY.fullmatch(value):
            raise ValueError(lasting("write a day as 2026-11-30"))
        return date.fromisoformat(value)
    return value


def no_nul(value: str) -> str:
    """A text that every database can compare.

    Raises:
        ValueError: there is a NUL character in it.
    """
    if "\x00" in value:
        raise ValueError(lasting("must not contain a NUL character"))
    return value


Department = Annotated[Text, AfterValidator(no_nul)]
Search = Annotated[str, Field(max_length=200, json_schema_extra=NO_NUL), AfterValidator(no_nul)]
Words = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_words)]
Notes = Annotated[str, Field(max_length=4000)]
Link = Annotated[
    str,
    Field(max_length=2000, pattern=r"^https://[^\s@/\\]+(/[^\s]*)?$", description="An address with https."),
]
FutureDay = Annotated[
    date, BeforeValidator(day_of), Field(description="A day to come, written as 2026-11-30.")
]
AnySide = Annotated[Side, Field(strict=False)]
ForSide = Annotated[
    Side | None,
    Field(strict=False, description="For which side you speak; needed only if you sit on both."),
]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Cents = Annotated[int, Field(ge=1, le=2**53)]


# --- outcomes with their terms ---------------------------------------------------------------


class PromiseIn(In):
    """What a side promises, who sees to it, and by when."""

    side: AnySide
    owner_user_id: AnyId = Field(description="A user of that side.")
    text: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_words)]
    due: FutureDay


class SanctionedIn(In):
    """The company uses it."""

    outcome: Literal["sanctioned"]


class SanctionedWithConditionsIn(In):
    """The company uses it, and somebody promises something."""

    outcome: Literal["sanctioned_with_conditions"]
    conditions: Annotated[list[PromiseIn], Field(min_length=1, max_length=20)]


class ProvisionalIn(In):
    """The company uses it through a day, and no further than the caps."""

    outcome: Literal["provisional"]
    expires: FutureDay
    spend_cap_minor: Cents | None = Field(default=None, description="In minor units of `currency`.")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    people_cap: Number | None = None


class MigrateIn(In):
    """Another tool, one that is sanctioned, is used instead."""

    outcome: Literal["migrate"]
    to_tool_id: AnyId
    by: FutureDay


class RetireIn(In):
    """It is no longer used after a day."""

    outcome: Literal["retire"]
    plan: Words
    by: FutureDay


class DismissedIn(In):
    """It is not a tool, or not for the two sides to govern."""

    outcome: Literal["dismissed"]
    reason: Words


TermsIn = Annotated[
    SanctionedIn | SanctionedWithConditionsIn | ProvisionalIn | MigrateIn | RetireIn | DismissedIn,
    Field(discriminator="outcome"),
]


# --- what people ask -------------------------------------------------------------------------


class OpenIn(In):
    """Open the joint review of a tool."""

    cause: Annotated[Cause, Field(strict=False)] = Cause.REQUEST
    need: Notes = Field(default="", description="What the tool is needed for, or why it is looked at again.")


class EvidenceIn(In):
    """Something in the catalog that speaks for what was found."""

    kind: Literal["app", "grant", "expense"]
    id: AnyId


class AssessIn(In):
    """What your side found about one of its items."""

    item: Annotated[Item, Field(strict=False)]
    verdict: Annotated[Verdict, Field(strict=False)]
    notes: Notes = ""
    evidence: list[EvidenceIn] = Field(default=[], max_length=50)
    links: list[Link] = Field(default=[], max_length=20)

    def command(self) -> ask.Command:
        """What is asked."""
        refs = tuple(dict.fromkeys(f"{e.kind}:{e.id}" for e in self.evidence))
        return ask.Assess(self.item, self.verdict, self.notes.strip(), refs, tuple(self.links))


class AskIn(In):
    """A question to the other side; it stops your clock and starts theirs."""

    to: AnySide
    text: Words

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Ask(self.to, self.text)


class AnswerIn(In):
    """An answer to the other side."""

    question: Number
    text: Words

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Answer(self.question, self.text)


class WithdrawQuestionIn(In):
    """Your side no longer needs to know."""

    question: Number

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.WithdrawQuestion(self.question)


class CommentIn(In):
    """Something to be said."""

    text: Words
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Comment(self.text, self.side)


class AttachIn(In):
    """A link to be looked at."""

    link: Link
    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_words)]
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Attach(self.link, self.title, self.side)


class ProposeIn(In):
    """An outcome, and why."""

    terms: TermsIn
    rationale: Words
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        terms = msgspec.convert(self.terms.model_dump(mode="json"), Terms)
        return ask.Propose(terms, self.rationale, self.side)


class SignIn(In):
    """Your side's key, turned on a proposal."""

    proposal: Number = Field(description="The number of the proposal that you have read.")
    rationale: Words
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Sign(self.proposal, self.rationale, self.side)


class UnsignIn(In):
    """Your side's key, taken back."""

    reason: Notes = ""
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Unsign(self.reason.strip(), self.side)


class DissentIn(In):
    """Why you are against the proposal; it is kept with the decision."""

    rationale: Words
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Dissenting(self.rationale, self.side)


class EscalateIn(In):
    """Why the arbiters must decide."""

    reason: Words
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Escalate(self.reason, self.side)


class WithdrawIn(In):
    """Why the review should end without a decision."""

    reason: Words
    side: ForSide = None

    def command(self) -> ask.Command:
        """What is asked."""
        return ask.Withdraw(self.reason, self.side)


class KeepIn(In):
    """How the promise was kept."""

    note: Notes = ""

    def command(self, number: int) -> ask.Command:
        """What is asked."""
        return ask.Keep(number, self.note.strip())


class WaiveIn(In):
    """Why the promise is no longer asked for."""

    reason: Words

    def command(self, number: int) -> ask.Command:
        """What is asked."""
        return ask.Waive(number, self.reason)


# --- lists -----------------------------------------------------------------------------------


class ReviewQuery(PageQuery):
    """One page of reviews; every filter that is given must hold, a repeated one means any of its values."""

    state: list[Standing] = Field(default=[], max_length=4)
    lane: list[Lane] = Field(default=[], max_length=3)
    waiting_on: list[Party] = Field(default=[], max_length=3, description="Who must act now.")
    tool: AnyId | None = Field(default=None, description="Of this tool, by id.")
    outcome: list[Outcome] = Field(default=[], max_length=6, description="What was decided.")
    q: Search = Field(default="", description="Words that must all occur in what the tool is found by.")
    department: Department | None = Field(default=None, description="Of tools that this department uses.")
    closed_from: Day | None = None
    closed_to: Day | None = Field(default=None, description="This day included.")
    mine: bool = Field(default=False, description="In which you took part, or promised something.")
