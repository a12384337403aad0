"""What reviews answer."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from app.api.schemas import Out
from app.reviews.words import Cause, ConditionState, Item, Lane, Outcome, Party, Standing, Verdict
from app.security.schemas import Side


class Actor(Out):
    """Somebody who acted."""

    user_id: int
    name: str


class ToolNamed(Out):
    """The tool in short."""

    id: int
    name: str


class ReviewItem(Out):
    """A review in a list."""

    id: int
    tool: ToolNamed
    cause: Cause
    state: Standing
    lane: Lane
    version: int
    opened_at: datetime
    closed_at: datetime | None
    waiting_on: list[Party] = Field(description="Who must act now.")
    signed: list[Side] = Field(description="Whose key is turned.")
    outcome: Outcome | None


class PromiseDue(Out):
    """A promise that is open, and by when it was made."""

    review_id: int
    number: int
    tool: ToolNamed
    side: Side
    owner: str
    text: str
    due: date


class AssessmentOut(Out):
    """What a side found about an item."""

    verdict: Verdict
    notes: str
    evidence: list[str] = Field(description="Rows of the catalog, such as `grant:12`.")
    links: list[str]
    by: Actor | None
    at: datetime


class ItemOut(Out):
    """An item that a side assesses."""

    item: Item
    assessment: AssessmentOut | None


class KeyOut(Out):
    """A key that is turned."""

    side: Side
    by: Actor
    at: datetime
    rationale: str
    arbiter: bool = Field(description="Turned by an arbiter, after the sides could not agree.")


class ClockOut(Out):
    """Business time, in seconds."""

    waited_s: int = Field(description="While the review waited on it.")
    not_waited_s: int
    runs: bool
    service_s: int | None = Field(description="How long it may be waited on.")
    left_s: int | None = Field(description="Of that; below zero when it is overdrawn.")
    due_at: datetime | None = Field(description="When that is used up, if the clock goes on running.")


class SideOut(Out):
    """One side of the table."""

    side: Side
    items: list[ItemOut]
    key: KeyOut | None
    against: bool = Field(description="Somebody of it is against the proposal, and it has not signed since.")
    wants_out: bool = Field(description="It asked to end the review without a decision.")
    arbiters: list[Actor]
    clock: ClockOut
    arbiters_clock: ClockOut = Field(
        description="Of who arbitrates for it, by its calendar: from the deadlock until their key turns."
    )


class ProposalOut(Out):
    """What lies on the table."""

    number: int = Field(description="Say it when you sign.")
    by: Actor | None
    side: Side | None
    at: datetime
    terms: dict[str, Any]
    rationale: str


class QuestionOut(Out):
    """A question to a side."""

    number: int
    to: Side
    text: str
    by: Actor | None
    at: datetime
    answer: str | None
    answered_by: Actor | None
    answered_at: datetime | None
    withdrawn: bool


class DissentOut(Out):
    """Somebody who was against a proposal."""

    side: Side
    by: Actor | None
    at: datetime
    proposal: int
    rationale: str


class AttachmentOut(Out):
    """A link on the table."""

    link: str
    title: str
    by: Actor | None
    at: datetime


class ConditionOut(Out):
    """A promise of the decision."""

    number: int
    side: Side
    owner: Actor
    text: str
    due: date
    state: ConditionState
    settled_at: datetime | None


class ReviewOut(ReviewItem):
    """One review with all that lies on the table."""

    need: str
    reasons: list[str] = Field(description="Why it takes this lane.")
    opened_by: Actor | None
    previous: int | None = Field(description="The review before it of the same tool.")
    sides: list[SideOut]
    arbiters_clock: ClockOut = Field(description="Of both sides' arbiters together, by IT's calendar.")
    proposal: ProposalOut | None
    questions: list[QuestionOut]
    dissents: list[DissentOut]
    attachments: list[AttachmentOut]
    escalated_at: datetime | None
    conditions: list[ConditionOut]
    expires: date | None = Field(description="Through which day a provisional decision holds.")
    superseded_by: int | None = Field(description="The review that decided anew.")


class EventOut(Out):
    """One line of a review's log."""

    seq: int
    at: datetime
    by: Actor | None = Field(description="Null: it followed by itself.")
    side: Side | None
    kind: str
    data: dict[str, Any]


class RecordedSide(Out):
    """What a side found, and how long the review had waited on it."""

    side: Side
    items: list[ItemOut]
    waited_s: int = Field(description="In business time.")


class RecordOut(Out):
    """A decision with everything it rests on."""

    review: int
    tool: ToolNamed
    cause: Cause
    need: str
    lane: Lane
    opened_at: datetime
    decided_at: datetime
    outcome: Outcome
    terms: dict[str, Any]
    proposed: ProposalOut
    keys: list[KeyOut]
    dissents: list[DissentOut]
    sides: list[RecordedSide]
    questions: list[QuestionOut]
    attachments: list[AttachmentOut]
    conditions: list[ConditionOut]
    superseded_by: int | None
    evidence: dict[str, Any] = Field(
        description="What was known when the second key was turned; people are counted, never named."
    )


class Swept(Out):
    """What had run out."""

    missed: int = Field(description="Conditions whose day had passed.")
    expired: int = Field(description="Provisional decisions that had run out.")
    reopened: list[int] = Field(description="The reviews that were opened because of it.")
