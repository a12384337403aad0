"""What crosses the edge of `policy`."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api.paging import PageQuery
from app.api.schemas import In, Out
from app.catalog.queries import AnyId
from app.policy.document import LaneName
from app.policy.parts import Money
from app.policy.passing import EndCause
from app.policy.reopening import CauseKind
from app.security.schemas import Side

Note = Annotated[str, Field(min_length=1, max_length=500, description="Why, for those who read it later.")]
DAYS = 90
# Described in docs/policy.md, and read by `app.policy.reading`, whose errors say more than a schema's would.
Document = Annotated[
    dict[str, Any],
    Field(description="The policy, as `GET /policies/current` shows one.", examples=[{"format": 1}]),
]


class PolicyIn(In):
    """A new version, not yet switched on."""

    note: Note
    document: Document


class SimulateIn(In):
    """A policy to try."""

    document: Document
    days: Annotated[int, Field(ge=1, le=366, description="So far back.")] = DAYS


class ActorOut(Out):
    """Who did something."""

    user_id: int | None = Field(description="None: a service, or the command line.")
    name: str


class PolicyRef(Out):
    """A version without its document."""

    version: int = Field(description="0 is the one that is shipped.")
    note: str
    at: datetime | None = Field(description="When it was written; None for the shipped one.")
    by: ActorOut | None
    active: bool
    active_from: datetime | None = Field(description="When it was switched on last.")


class PolicyOut(PolicyRef):
    """A version with its document."""

    document: Document


class SignersOut(Out):
    """Who may turn a side's key, if they sit on the side."""

    roles: tuple[str, ...]
    groups: tuple[str, ...]
    people: tuple[str, ...] = Field(description="The addresses of those groups.")


class TermsOut(Out):
    """What a lane asks of a side."""

    items: tuple[str, ...]
    service_seconds: int = Field(description="Business time of the side.")
    signers: SignersOut
    arbiters: tuple[str, ...]
    arbiter_seconds: int


class PassOut(Out):
    """A tool may be used for a while without a review."""

    days: int
    people_cap: int
    spend_cap: Money | None
    reasons: tuple[str, ...]
    automatic: bool = Field(description="A flagged tool gets it by itself.")


class ToolNamed(Out):
    """The tool in short."""

    id: int
    name: str


class EndedOut(Out):
    """How a pass ended."""

    at: datetime
    cause: EndCause
    reason: str
    by: ActorOut | None = Field(description="Who refused it; null: it followed by itself.")
    side: Side | None = Field(description="For which side they spoke; null too if they sit on both.")


class GivenPass(Out):
    """A tool may be used for now, since the policy says so. Nobody decided on it."""

    id: int
    tool: ToolNamed
    policy: int = Field(description="The version of the policy that gave it.")
    rule: int = Field(description="Which of that version's `passes` it is, from 0.")
    because: str = Field(description="What that rule says, in its own words.")
    given_at: datetime
    expires_on: date = Field(description="The last day on which it holds.")
    people_cap: int
    people: int = Field(description="Who use the tool now.")
    spend_cap: Money | None = Field(description="Of 90 days.")
    reasons: list[str]
    ended: EndedOut | None = Field(description="Null: it stands.")
    review: int | None = Field(description="The review that followed.")


class PassQuery(PageQuery):
    """One page of passes; every filter that is given must hold."""

    standing: bool | None = Field(default=None, description="True: those that hold; false: those that ended.")
    tool: AnyId | None = Field(default=None, description="Of this tool, by id.")


class RefuseIn(In):
    """Why the tool needs a review."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class PassSweep(Out):
    """What became of passes."""

    policy: int = Field(description="The version that holds.")
    given: list[int] = Field(description="Tools that got a pass, by id.")
    ended: list[int] = Field(description="Tools whose pass ended.")


class AlertOut(Out):
    """What changed since the decision; it stands until a new one settles it."""

    cause: CauseKind
    sentence: str
    opens: bool = Field(description="It opens the decision again; else it was only told.")
    raised_at: datetime


class LaneOut(Out):
    """Which lane a tool's review takes, and why."""

    tool_id: int
    policy: int = Field(description="The policy's version.")
    lane: LaneName
    reasons: tuple[str, ...]
    it: TermsOut
    marketing: TermsOut
    provisional: PassOut | None = Field(description="None: it may not be used without a review.")
    given: GivenPass | None = Field(description="The pass that it has now, which either side can refuse.")
    alerts: list[AlertOut]


class BySide(Out):
    """Something for each side."""

    it: int
    marketing: int


class ByLane(Out):
    """Something for each lane."""

    fast: int
    standard: int
    full: int


class TallyOut(Out):
    """What one policy does to all tools of the period."""

    lanes: ByLane
    passes: int = Field(description="Tools that may have a provisional pass.")
    given: int = Field(description="Of these, tools that would have got it by themselves.")
    reopened: int = Field(description="Tools whose decision would be opened again.")
    causes: dict[CauseKind, int]
    service_seconds: BySide = Field(description="Business time for all these reviews together.")


class CauseOut(Out):
    """Why a decision would be opened again."""

    kind: CauseKind
    sentence: str


class VerdictOut(Out):
    """What one policy does to a tool."""

    lane: LaneName
    reasons: tuple[str, ...]
    provisional: PassOut | None
    causes: tuple[CauseOut, ...]
    service_seconds: BySide


class DifferenceOut(Out):
    """A tool to which the two policies do not do the same."""

    tool_id: int
    name: str
    what: tuple[Literal["lane", "pass", "reopening", "service"], ...]
    active: VerdictOut
    changed: VerdictOut


class KindsOut(Out):
    """How many tools differ in what."""

    lane: int
    pass_: int = Field(alias="pass", serialization_alias="pass")
    reopening: int
    service: int


class SimulationOut(Out):
    """What a changed policy would have done beside what the active one did. Nothing was written."""

    since: datetime
    until: datetime
    policy: int = Field(description="The version that is active.")
    tools: int = Field(description="Tools flagged or decided on, and seen in the period.")
    compared: int = Field(
        description="Of these, tools that were there when the period began: what they were then is taken as "
        "what was agreed."
    )
    differing: int
    by_kind: KindsOut
    active: TallyOut
    changed: TallyOut
    items: list[DifferenceOut] = Field(description="The first 50, the most used ones first.")
