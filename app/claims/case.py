"""How things stand when somebody wants something of a tool's ownership, and what may come of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.catalog.facts import Audience
from app.claims.fold import Kind, Standing


class Because(StrEnum):
    """What stands in the way."""

    RIGHTS = "rights"
    STATE = "state"
    INPUT = "input"


class Refused(Exception):
    """It may not be.

    Attributes:
        because: whether it is the person, how things stand, or what was given.
        fault: which field is to blame, if it is what was given.
    """

    def __init__(self, message: str, because: Because = Because.STATE, fault: str = "") -> None:
        super().__init__(message)
        self.because = because
        self.fault = fault


@dataclass(frozen=True)
class Person:
    """A user as the rules see them.

    Attributes:
        id: of the user.
        name: for sentences.
        sides: at which sides of the table they sit, `it` and `marketing`.
        admin: whether they may settle what others contest.
        here: whether they may log in, and have not left.
        departments: their own one, and those of the people who report to them.
    """

    id: int
    name: str
    sides: frozenset[str]
    admin: bool = False
    here: bool = True
    departments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """How things stand when somebody wants something.

    Attributes:
        tool_id: which tool.
        tool: its name.
        audience: whose tool it is.
        standing: who owns it now.
        actor: who wants something.
        until: until when a word that is given now holds.
        names: of the users who have a part in it.
    """

    tool_id: int
    tool: str
    audience: Audience
    standing: Standing
    actor: Person
    until: datetime
    names: Mapping[int, str] = field(default_factory=dict)

    def name(self, user: int | None) -> str:
        """A user's name for a sentence."""
        return "Nobody" if user is None else self.names.get(user, f"User {user}")

    @property
    def is_owner(self) -> bool:
        """Whether the actor owns the tool."""
        return self.standing.owner == self.actor.id

    @property
    def holds(self) -> bool:
        """Whether the actor owns or co-owns it."""
        return self.is_owner or self.actor.id in self.standing.co_owners


@dataclass(frozen=True)
class Deed:
    """What is to be written to the log."""

    kind: Kind
    data: dict[str, Any]
