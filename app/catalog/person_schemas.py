"""People of the directories and what they use, as they cross the edge of `catalog`."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from app.api.schemas import In, Out
from app.catalog.facts import Grade


class PersonRef(Out):
    """Somebody, in short."""

    id: int
    name: str | None = Field(description="A pseudonym, to whoever does not see names.")
    email: str | None
    department: str | None
    active: bool | None = Field(description="False: has left; null: not known.")


class UserOut(PersonRef):
    """Somebody who uses a tool, and how we know."""

    signs_in: bool
    granted: bool = Field(description="Has let it act in their name.")
    assigned: bool = Field(description="Has been given it in person.")
    paid: bool
    last_at: datetime = Field(description="The latest of these.")


class PersonOut(PersonRef):
    """A person as the directory knows them."""

    title: str | None
    manager_email: str | None
    kind: str
    tools_used: int = Field(description="How many tools they use now.")
    permissions: int = Field(description="How many permissions are in force in their name.")
    grade: Grade | None = Field(description="The worst of these.")
    access: bool = Field(description="A permission, or access that was given to them, is in force.")
    first_seen: datetime
    last_seen: datetime


class AccountOut(Out):
    """A person's account at one source."""

    source: str
    ref: str | None = Field(description="Null to whoever does not see names.")
    listed: bool
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None


class RevealIn(In):
    """Why somebody's name is needed."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S"), AfterValidator(str.strip)]


class Revealed(Out):
    """A name, shown this once."""

    pseudonym: str
    person: PersonRef


class UsedTool(Out):
    """A tool that a person uses."""

    id: int
    name: str
    signs_in: bool
    granted: bool
    assigned: bool
    paid: bool
    first_on: date = Field(description="The first trace of it, as far back as is kept.")
    last_at: datetime


class AccessKind(StrEnum):
    """How somebody may enter a tool."""

    GRANT = "grant"
    """It may act in their name."""
    ASSIGNED = "assigned"
    """It was given to them."""
    GROUP = "group"
    """It was given to a group that they are in."""


class AccessOut(Out):
    """One thing in force by which somebody, or a tool in their name, has access."""

    kind: AccessKind
    tool_id: int | None
    name: str
    app: str
    source: str
    connector: str
    since: datetime


class PersonDetail(PersonOut):
    """A person with accounts and tools."""

    accounts: list[AccountOut]
    tools: list[UsedTool]
    accesses: list[AccessOut] = Field(description="What is in force, which is what to end once they left.")


class PeopleNumbers(Out):
    """How many people there are."""

    here: int
    left: int
    left_with_access: int
