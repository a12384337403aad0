"""What can happen in a review, each with what is kept of it. Pure.

Events are never changed once written, so a kind may only gain fields that have a default; anything else is
a new version of that kind (`v`), which `read` must then tell apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args

import msgspec

from app.reviews.words import Cause, Item, Lane, Outcome, Verdict
from app.security.schemas import Side


class BrokenLog(ValueError):
    """A log that no review can have written."""


# --- outcomes with their terms ---------------------------------------------------------------


class _Terms(msgspec.Struct, frozen=True, tag_field="outcome", kw_only=True):
    @property
    def outcome(self) -> Outcome:
        """Which outcome it is."""
        return Outcome(str(type(self).__struct_config__.tag))


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A condition: what a side promises, who sees to it, and by which day."""

    side: Side
    owner_user_id: int
    text: str
    due: date


class Sanctioned(_Terms, frozen=True, tag="sanctioned"):
    """The company uses it."""


class SanctionedWithConditions(_Terms, frozen=True, tag="sanctioned_with_conditions"):
    """The company uses it, and somebody promises something."""

    conditions: tuple[Promise, ...]


class Provisional(_Terms, frozen=True, tag="provisional"):
    """The company uses it through a day, and no further than the caps."""

    expires: date
    spend_cap_minor: int | None = None
    currency: str | None = None
    people_cap: int | None = None


class Migrate(_Terms, frozen=True, tag="migrate"):
    """Another tool is used instead, by a day."""

    to_tool_id: int
    by: date


class Retire(_Terms, frozen=True, tag="retire"):
    """It is no longer used, by a day."""

    plan: str
    by: date


class Dismissed(_Terms, frozen=True, tag="dismissed"):
    """It is not a tool, or not for the two sides to govern."""

    reason: str


Terms = Sanctioned | SanctionedWithConditions | Provisional | Migrate | Retire | Dismissed


# --- events ----------------------------------------------------------------------------------


class _Body(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    v: int = 1


class Opened(_Body, frozen=True, tag="opened"):
    """A review begins; `governance` is what held before, and holds again if it is withdrawn."""

    cause: Cause
    need: str
    lane: Lane
    reasons: tuple[str, ...]
    items: dict[Side, tuple[Item, ...]]
    service_seconds: dict[Side, int]
    arbiters: dict[Side, tuple[int, ...]]
    governance: str
    previous: int | None = None
    arbiter_seconds: dict[Side, int] = {}


class Assessed(_Body, frozen=True, tag="assessed"):
    """A side said what it found about one of its items; `evidence` names rows such as `grant:12`."""

    item: Item
    verdict: Verdict
    notes: str = ""
    evidence: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Asked(_Body, frozen=True, tag="asked"):
    """A side asked the other one; `question` is the number by which it is answered."""

    question: int
    to: Side
    text: str


class Answered(_Body, frozen=True, tag="answered"):
    """The asked side answered."""

    question: int
    text: str


class WithdrewQuestion(_Body, frozen=True, tag="withdrew_question"):
    """The asking side no longer needs to know."""

    question: int


class Commented(_Body, frozen=True, tag="commented"):
    """Somebody said something."""

    text: str


class Attached(_Body, frozen=True, tag="attached"):
    """Somebody laid a link on the table."""

    link: str
    title: str


class Proposed(_Body, frozen=True, tag="proposed"):
    """Somebody proposed an outcome; keys that lay on an earlier proposal are `voided`."""

    terms: Terms
    rationale: str
    voided: tuple[Side, ...] = ()


class Signed(_Body, frozen=True, tag="signed"):
    """A side turned its key on the proposal with that number."""

    proposal: int
    rationale: str


class Unsigned(_Body, frozen=True, tag="unsigned"):
    """A side took its key back."""

    reason: str = ""


class Dissented(_Body, frozen=True, tag="dissented"):
    """Somebody is against the proposal with that number."""

    proposal: int
    rationale: str


class Escalated(_Body, frozen=True, tag="escalated"):
    """The sides cannot agree; from here on their arbiters sign, and keys turned before are `voided`."""

    reason: str
    voided: tuple[Side, ...] = ()


class Decided(_Body, frozen=True, tag="decided"):
    """Both keys lie on one proposal. `evidence` is what was known then; `waited`, business seconds.

    `arbiters_waited` is those of each side's arbiters, where the review came to them.
    """

    proposal: int
    terms: Terms
    signers: dict[Side, int]
    evidence: dict[str, Any] = {}
    waited: dict[str, int] = {}
    arbiters_waited: dict[str, int] = {}


class LaneChanged(_Body, frozen=True, tag="lane_changed"):
    """Policy chose another lane; keys of sides that must assess more are `voided`."""

    lane: Lane
    reasons: tuple[str, ...]
    items: dict[Side, tuple[Item, ...]]
    service_seconds: dict[Side, int]
    arbiters: dict[Side, tuple[int, ...]]
    voided: tuple[Side, ...] = ()
    arbiter_seconds: dict[Side, int] = {}


class WithdrawalAsked(_Body, frozen=True, tag="withdrawal_asked"):
    """A side wants the review to end without a decision."""

    reason: str


class Withdrawn(_Body, frozen=True, tag="withdrawn"):
    """The review ended without a decision."""

    reason: str


class ConditionKept(_Body, frozen=True, tag="condition_kept"):
    """The promising side says that it kept its promise."""

    number: int
    note: str = ""


class ConditionMissed(_Body, frozen=True, tag="condition_missed"):
    """The day passed, and nobody had said that the promise was kept."""

    number: int


class ConditionWaived(_Body, frozen=True, tag="condition_waived"):
    """The side that was promised something no longer asks for it."""

    number: int
    reason: str


class Expired(_Body, frozen=True, tag="expired"):
    """The provisional decision ran out."""


class Superseded(_Body, frozen=True, tag="superseded"):
    """A later review decided anew: nothing of this decision is waited for any more."""

    by: int


Body = (
    Opened
    | Assessed
    | Asked
    | Answered
    | WithdrewQuestion
    | Commented
    | Attached
    | Proposed
    | Signed
    | Unsigned
    | Dissented
    | Escalated
    | Decided
    | LaneChanged
    | WithdrawalAsked
    | Withdrawn
    | ConditionKept
    | ConditionMissed
    | ConditionWaived
    | Expired
    | Superseded
)
KINDS: Mapping[str, int] = {str(kind.__struct_config__.tag): 1 for kind in get_args(Body)}
"""Every kind of event with its newest version."""


@dataclass(frozen=True)
class Event:
    """One line of a review's log.

    Attributes:
        seq: 1, 2, 3 … within the review.
        at: when; never before the line above.
        user_id: who; None for the system.
        side: for which side they spoke.
        body: what happened.
    """

    seq: int
    at: datetime
    user_id: int | None
    side: Side | None
    body: Body


def write(body: Body) -> tuple[str, dict[str, Any]]:
    """An event's kind and its data as they are stored."""
    data = msgspec.to_builtins(body, str_keys=True)
    return data.pop("kind"), data


def read(kind: str, data: Mapping[str, Any]) -> Body:
    """What `write` wrote.

    Raises:
        BrokenLog: a kind or version that this release does not know, or data that does not fit it.
    """
    if data.get("v", 1) > KINDS.get(kind, 0):
        raise BrokenLog(f"An event “{kind}” of version {data.get('v', 1)} was written by a newer release.")
    try:
        return msgspec.convert({**data, "kind": kind}, Body, str_keys=True)
    except msgspec.ValidationError as error:
        raise BrokenLog(f"An event “{kind}” cannot be read: {error}") from error
