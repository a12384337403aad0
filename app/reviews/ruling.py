"""What the rules take beside the state, and what they give: events to be written, or a refusal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.language import _
from app.reviews.events import Body
from app.security.schemas import Side


class Kind(StrEnum):
    """What sort of refusal it is."""

    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    INVALID = "invalid"


class Refusal(Exception):
    """A command that comes to nothing.

    Attributes:
        why: a sentence that says what to do instead.
        kind: not theirs to do, not possible now, or a wrong value.
        field: which part of the command is to blame, if one is.
    """

    def __init__(self, why: str, kind: Kind = Kind.CONFLICT, field: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind
        self.field = field


@dataclass(frozen=True)
class Who:
    """A person and the sides they sit on."""

    user_id: int
    sides: frozenset[Side]


@dataclass(frozen=True)
class Facts:
    """What the rules must know beside the log.

    Attributes:
        today: the day.
        tool_id: which tool the review is about.
        owned: the tool has an owner in the business.
        tool_gone: nothing is seen of the tool any more, or it was merged into another one.
        over_twice: the sides that took more than twice their time.
        may_not_sign: the sides whose key the company does not let this person turn, though they sit there.
        users: the sides of each active user that the command or the proposal names.
        targets: the governance of each tool that the command or the proposal names.
    """

    today: date
    tool_id: int
    owned: bool = False
    tool_gone: bool = False
    over_twice: frozenset[Side] = frozenset()
    may_not_sign: frozenset[Side] = frozenset()
    users: Mapping[int, frozenset[Side]] = field(default_factory=dict)
    targets: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """An event to be written, and for which side."""

    side: Side | None
    body: Body


def must_sit(who: Who, side: Side) -> None:
    """Let pass whoever sits on a side.

    Raises:
        Refusal: they do not.
    """
    if side not in who.sides:
        raise Refusal(_("This takes a person of %(side)s's side.", side=_(side.words)), Kind.FORBIDDEN)
