"""What holds of a tool's ownership: a fold of its log. Pure: no database, no clock of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.catalog.facts import Ownership


class Kind(StrEnum):
    """What happened."""

    CLAIMED = "claimed"
    DECLINED = "declined"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CO_OWN_ASKED = "co_own_asked"
    CO_OWNER_ADDED = "co_owner_added"
    CO_OWNER_LEFT = "co_owner_left"
    CONTESTED = "contested"
    NAMED = "named"
    SETTLED = "settled"
    RELEASED = "released"
    ATTESTED = "attested"
    LAPSED = "lapsed"
    STEWARD_NAMED = "steward_named"
    STEWARD_LEFT = "steward_left"


class Reason(StrEnum):
    """Why somebody declined a tool."""

    NOT_OURS = "not_ours"
    PERSONAL = "personal"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"


class How(StrEnum):
    """How a contest ended."""

    YIELDED = "yielded"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    AGREED = "agreed"
    """By both sides: a person of each named the same owner."""


class Cause(StrEnum):
    """Why ownership lapsed."""

    OWNER_GONE = "owner_gone"
    NOT_ATTESTED = "not_attested"


@dataclass(frozen=True)
class Event:
    """One line of the log.

    Attributes:
        seq: its number in the tool's log, from 1 on.
        at: when.
        user_id: who; None for the sweep.
        kind: what happened.
        data: the rest. Users are ids, moments are ISO 8601.
    """

    seq: int
    at: datetime
    user_id: int | None
    kind: Kind
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Contest:
    """Somebody who says that the tool is theirs, while somebody else holds it."""

    user_id: int
    reason: str
    since: datetime


@dataclass(frozen=True)
class Named:
    """Whom a side of the table named as the owner of a contested tool; it takes both sides to settle that."""

    side: str
    user_id: int
    for_user: int
    reason: str
    since: datetime


@dataclass(frozen=True)
class Decline:
    """A department that does not want the tool in its list."""

    department: str
    user_id: int
    reason: Reason
    note: str
    duplicate_of: int | None
    since: datetime


@dataclass(frozen=True)
class Standing:
    """What holds of one tool.

    Attributes:
        version: the number of the last event; 0 before the first.
        owner: who answers for it.
        co_owners: who may do what the owner may, but give it away.
        asked: who asked to be a co-owner and has no answer yet.
        offered_to: to whom the owner wants to hand it over.
        contests: who says that it is theirs.
        named: whom each side named as its owner, while it is contested.
        declines: which departments do not want to see it.
        steward: who in IT looks after it.
        attest_by: until when the owner's word holds.
        lapsed: it had an owner once, and lost them without a deed of theirs.
    """

    version: int = 0
    owner: int | None = None
    co_owners: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()
    offered_to: int | None = None
    contests: tuple[Contest, ...] = ()
    named: tuple[Named, ...] = ()
    declines: tuple[Decline, ...] = ()
    steward: int | None = None
    attest_by: datetime | None = None
    lapsed: bool = False

    @property
    def ownership(self) -> Ownership:
        """The fact of the tool."""
        if self.owner is None:
            return Ownership.LAPSED if self.lapsed else Ownership.UNOWNED
        if self.contests or self.offered_to is not None:
            return Ownership.CLAIMED
        return Ownership.OWNED

    @property
    def contesters(self) -> tuple[int, ...]:
        """Who says that it is theirs."""
        return tuple(c.user_id for c in self.contests)

    @property
    def parts(self) -> list[tuple[int, str]]:
        """Who has which part in it, as (user, part)."""
        found = [(user, "co_owner") for user in self.co_owners]
        found += [(user, "asked") for user in self.asked]
        found += [(user, "contester") for user in self.contesters]
        alone = (("owner", self.owner), ("offered", self.offered_to), ("steward", self.steward))
        found += [(user, part) for part, user in alone if user is not None]
        return sorted(found)

    @property
    def people(self) -> set[int]:
        """Everybody who has a part in it, declined it, or named an owner."""
        others = {d.user_id for d in self.declines} | {n.user_id for n in self.named}
        return {user for user, _ in self.parts} | others


NOTHING = Standing()
"""Before the first event."""


def fold(events: Iterable[Event]) -> Standing:
    """What a log comes to.

    Raises:
        ValueError: an event is missing or stands elsewhere.
    """
    standing = NOTHING
    for event in events:
        standing = after(standing, event)
    return standing


def after(before: Standing, event: Event) -> Standing:
    """What holds after one more event.

    Raises:
        ValueError: it is not the next one.
    """
    if event.seq != before.version + 1:
        raise ValueError(f"after event {before.version} comes no event {event.seq}")
    return replace(_after(before, event), version=event.seq)


def _after(s: Standing, event: Event) -> Standing:
    data, who = event.data, event.user_id
    match event.kind:
        case Kind.CLAIMED:
            claimed = replace(_owned(s, who, data), asked=(), lapsed=False)
            theirs = set(data["departments"])
            return replace(claimed, declines=tuple(d for d in s.declines if d.department not in theirs))
        case Kind.DECLINED:
            assert who is not None
            declined = Decline(
                department=data["department"],
                user_id=who,
                reason=Reason(data["reason"]),
                note=data["note"],
                duplicate_of=data["duplicate_of"],
                since=event.at,
            )
            others = tuple(d for d in s.declines if d.department != declined.department)
            return replace(s, declines=(*others, declined))
        case Kind.HANDED_OVER:
            return replace(s, offered_to=data["to"])
        case Kind.ACCEPTED:
            return _owned(s, who, data)
        case Kind.REFUSED:
            if data["what"] == "co_own":
                return replace(s, asked=_without(s.asked, data["user"]))
            return replace(s, offered_to=None)
        case Kind.CO_OWN_ASKED:
            assert who is not None
            return replace(s, asked=(*s.asked, who))
        case Kind.CO_OWNER_ADDED:
            user = data["user"]
            return replace(s, asked=_without(s.asked, user), co_owners=(*s.co_owners, user))
        case Kind.CO_OWNER_LEFT:
            return replace(s, co_owners=_without(s.co_owners, data["user"]))
        case Kind.CONTESTED:
            assert who is not None
            # Whoever named an owner before did not know of this one.
            return replace(s, contests=(*s.contests, Contest(who, data["reason"], event.at)), named=())
        case Kind.NAMED:
            assert who is not None
            named = Named(data["side"], who, data["for"], data["reason"], event.at)
            return replace(s, named=(*(n for n in s.named if n.side != named.side), named))
        case Kind.SETTLED:
            return _settled(s, data)
        case Kind.RELEASED:
            return _ownerless(s)
        case Kind.LAPSED:
            return replace(_ownerless(s), lapsed=True)
        case Kind.ATTESTED:
            return replace(s, attest_by=_moment(data["until"]))
        case Kind.STEWARD_NAMED:
            return replace(s, steward=data["user"])
        case Kind.STEWARD_LEFT:
            return replace(s, steward=None)


def _settled(s: Standing, data: Mapping[str, Any]) -> Standing:
    ended = {data["contester"]} if data["contester"] is not None else set(s.contesters)
    rest = replace(s, contests=tuple(c for c in s.contests if c.user_id not in ended), named=())
    return rest if data["for"] == s.owner else _owned(rest, data["for"], data)


def _owned(s: Standing, owner: int | None, data: Mapping[str, Any]) -> Standing:
    """Somebody else answers for it: what was open with the one before is not open with them."""
    return replace(
        s,
        owner=owner,
        co_owners=_without(s.co_owners, owner),
        asked=_without(s.asked, owner),
        contests=tuple(c for c in s.contests if c.user_id != owner),
        named=(),
        offered_to=None,
        attest_by=_moment(data["until"]),
    )


def _ownerless(s: Standing) -> Standing:
    return replace(
        s, owner=None, co_owners=(), asked=(), contests=(), named=(), offered_to=None, attest_by=None
    )


def _without(users: tuple[int, ...], user: int | None) -> tuple[int, ...]:
    return tuple(u for u in users if u != user)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
