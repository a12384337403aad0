"""What claims take and answer."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.api.paging import NO_NUL, PageQuery, Query
from app.api.schemas import In, Out, Whole
from app.catalog.facts import Audience, Evidence, Ownership
from app.catalog.person_schemas import PersonRef
from app.claims.fold import Kind, Reason
from app.language import lasting
from app.security.schemas import Side

MOST_AT_ONCE = 200


def _no_nul(value: str | None) -> str | None:
    if value and "\x00" in value:
        raise ValueError(lasting("must not contain a NUL character"))
    return value


Words = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S"), AfterValidator(str.strip)]


BodyId = Annotated[int, Field(ge=1, le=2**53), Whole]
"""An id in a body; JSON's numbers are exact up to here."""
Note = Annotated[str, Field(max_length=500)]
UserId = Annotated[BodyId, Field(description="A user, by id.")]


# --- what comes in ---------------------------------------------------------------------------


class DeclineIn(In):
    """The tool is none of your department's."""

    reason: Reason = Field(strict=False)
    department: Words | None = Field(
        default=None, description="Which of your departments; may be left out if there is only one."
    )
    note: Note = ""
    duplicate_of: BodyId | None = Field(default=None, description="With `duplicate`: of which tool, by id.")


class HandOverIn(In):
    """Somebody else shall own it, if they accept."""

    to: UserId


class AnswerIn(In):
    """Without `user`: your answer to what was offered to you."""

    user: UserId | None = Field(default=None, description="Who asked to co-own it, by id.")


class RefuseIn(AnswerIn):
    """As for accepting, with a reason."""

    reason: Note = ""


class ContestIn(In):
    """It is yours, though somebody else holds it."""

    reason: Words


class YieldIn(In):
    """Somebody who contests it shall have it."""

    to: UserId | None = Field(default=None, description="To whom; may be left out if only one contests it.")


class SettleIn(In):
    """Whose it is."""

    for_user: UserId
    reason: Words
    side: Side | None = Field(
        default=None,
        strict=False,
        description="For which side you speak; needed only if you sit on both. An administrator who leaves "
        "it out decides alone.",
    )


class ReleaseIn(In):
    """You let go; or, with `co_owner`, somebody's part in it ends."""

    reason: Note = ""
    co_owner: UserId | None = None


class StewardIn(In):
    """Who in IT looks after it."""

    user: UserId | None = Field(description="Null: nobody any more.")


Version = Annotated[
    int,
    Field(ge=0, le=2**31 - 1, description="Of its ownership, as it was read; 0 where there was none."),
    Whole,
]


class BulkClaim(In):
    """You answer for this one."""

    do: Literal["claim"]
    tool: BodyId
    version: Version


class BulkDecline(DeclineIn):
    """This one is none of your department's."""

    do: Literal["decline"]
    tool: BodyId
    version: Version


class BulkIn(In):
    """Claim or decline many tools; each is answered by itself."""

    items: list[Annotated[BulkClaim | BulkDecline, Field(discriminator="do")]] = Field(
        min_length=1, max_length=MOST_AT_ONCE
    )


# --- what goes out ---------------------------------------------------------------------------


class UserRef(Out):
    """Somebody who logs in."""

    user_id: int
    name: str


class ToolRef(Out):
    """A tool in short."""

    id: int
    name: str
    audience: Audience


class HeldTool(Out):
    """A tool that somebody answers for."""

    id: int
    name: str
    part: Literal["owner", "co_owner", "steward"]


class ContestOut(Out):
    """Somebody says that the tool is theirs."""

    by: UserRef
    reason: str
    since: datetime


class NamedOut(Out):
    """Whom a side named as the owner; when the other one names the same, that is settled."""

    side: Side
    by: UserRef
    for_user: UserRef
    reason: str
    since: datetime


class DeclineOut(Out):
    """A department does not want it in its list."""

    department: str
    by: UserRef
    reason: Reason
    note: str
    duplicate_of: int | None
    since: datetime


class OwnershipOut(Out):
    """Who answers for a tool."""

    tool: ToolRef
    version: int = Field(description='What `If-Match` names, as `"v3"`; 0 before anything happened.')
    ownership: Ownership
    owner: UserRef | None
    co_owners: list[UserRef]
    steward: UserRef | None = Field(description="Who in IT looks after it.")
    attest_by: datetime | None = Field(description="Until when the owner's word holds.")
    offered_to: UserRef | None = Field(description="Who may accept it from its owner.")
    asked: list[UserRef] = Field(description="Who asked to co-own it.")
    contests: list[ContestOut]
    named: list[NamedOut] = Field(description="Whom the sides named so far to settle that.")
    declines: list[DeclineOut]


class HistoryLine(Out):
    """Something that happened."""

    seq: int
    at: datetime
    by: UserRef | None = Field(description="Null: nobody's deed; time went by, or somebody left.")
    kind: Kind
    text: str = Field(description="The same as a sentence.")
    data: dict[str, Any]


class OwnershipDetail(OwnershipOut):
    """Who answers for a tool, and how that came."""

    history: list[HistoryLine] = Field(description="The newest first.")
    earlier: int | None = Field(description="`before` of the next page of the history; null on the last one.")


class HistoryQuery(Query):
    """Which part of the history."""

    before: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="Lines with a lower number.")] = None


class ClaimQuery(PageQuery):
    """Which ownerships; every filter that is given must hold."""

    mine: bool | None = Field(
        default=None, description="True: in which you have a part, whichever; false: in which you have none."
    )
    contested: bool | None = None
    lapsing: Annotated[
        int | None, Field(ge=1, le=3650, description="The owner's word ends within so many days.")
    ] = None


class FoundQuery(PageQuery):
    """Whose team."""

    department: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            json_schema_extra=NO_NUL,
            description="Needed where your own department is not known.",
        ),
        AfterValidator(_no_nul),
    ] = None


class LikelyOwner(Out):
    """Somebody who may answer for the tool, and why."""

    person: PersonRef
    user_id: int | None = Field(
        description="Null: they cannot log in yet, or their name is not shown to you."
    )
    score: float = Field(description="How much speaks for them, up to 1.")
    reasons: list[str]


class LikelyList(Out):
    """Who may answer for a tool, the likeliest first."""

    items: list[LikelyOwner]


class Found(Out):
    """A tool of your team that nobody answers for, and what is known about it."""

    tool: ToolRef
    evidence: Evidence
    ownership: Ownership
    version: int = Field(description="Of its ownership.")
    departments: list[str] = Field(description="Which of your departments it was found in.")
    sentence: str = Field(description="What was found, in short.")
    people: int | None = Field(description="Of your team, who use it. Null: fewer than `fewer_than`.")
    signed_in: int | None = Field(description="Of your team, who signed in within 30 days.")
    sign_ins: int | None = Field(description="Your team's sign-ins within 30 days.")
    fewer_than: int | None = Field(default=None, description="Where small counts are not shown.")
    first_consent: date | None
    payments: int | None = Field(description="How often your team paid, within 12 months.")
    paid: dict[str, int] | None = Field(description="Minor units by currency, refunds taken off.")
    last_payment: date | None
    likely_owner: LikelyOwner | None


class BulkAnswer(Out):
    """What became of one tool."""

    tool: int
    status: int = Field(description="As the single request would have been answered; 200: done.")
    message: str | None = Field(description="Why not.")
    version: int | None = Field(description="Of its ownership now.")
    ownership: Ownership | None


class BulkOut(Out):
    """What became of each, in the order in which they were given."""

    done: int
    items: list[BulkAnswer]


class Lapse(Out):
    """An ownership that ended by itself."""

    tool: ToolRef
    cause: str
    owner: UserRef
    tell: list[UserRef] = Field(description="Whom it concerns, of those who are still here.")


class Sweep(Out):
    """What the sweep found."""

    lapsed: list[Lapse]
    parts_ended: int = Field(description="Co-owners, stewards, offers and contests of people who are gone.")
