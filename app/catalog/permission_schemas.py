"""What tools may do in people's names, as it crosses the edge of `catalog`."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from app.api.schemas import Out
from app.catalog.facts import Grade
from app.catalog.person_schemas import PersonRef
from app.identify.scope_data import DataKind


class ScopeOut(Out):
    """One permission in plain words."""

    scope: str = Field(description="As the vendor spells it.")
    words: str = Field(description="The end of the sentence “it may …”.")
    grade: Grade


class PermissionOut(Out):
    """Something a tool may do, over all its grants together."""

    words: str
    grade: Grade
    scopes: list[str]
    people: int = Field(description="In how many people's names.")
    everybody: bool = Field(description="An administrator allowed it for everybody.")


class GrantOut(Out):
    """What a tool may do in somebody's name, or in everybody's."""

    id: int
    tool_id: int | None
    tool: str | None
    app: str
    source: str
    person: PersonRef | None = Field(description="Null: everybody.")
    scopes: list[ScopeOut]
    grade: Grade
    consent: Literal["user", "admin"]
    publisher: str | None = Field(description="Who made the app, as the vendor of the directory names them.")
    publisher_verified: bool | None = Field(description="Null: the vendor does not say.")
    granted_at: datetime | None
    first_seen: datetime
    last_seen: datetime
    last_used_on: date | None = Field(
        description="The person's last sign-in to the tool that was seen; anybody's, if it is for everybody."
    )
    gone_at: datetime | None


class GrantNumbers(Out):
    """How many grants there are, and how many deserve a look, by why."""

    all: int
    high: int
    leavers: int
    everybody: int
    unverified: int


class AllowedTool(Out):
    """A tool with all that it was allowed."""

    tool_id: int | None = Field(description="Null: nobody knows which tool this app is.")
    name: str
    grade: Grade
    grants: int
    leavers: int
    everybody: bool
    may: list[str]


class AllowedThing(Out):
    """Something that tools were allowed."""

    words: str
    grade: Grade
    data: DataKind
    grants: int
    leavers: int
    everybody: bool
    tools: int
    most: list[tuple[int | None, str]] = Field(description="The tools that were allowed it most often.")


class Reach(Out):
    """What a tool may do with one kind of data."""

    grade: Grade
    may: list[str]


class ReachRow(Out):
    """A tool with the kinds of data that it reaches."""

    tool_id: int | None
    name: str
    grants: int
    reaches: dict[DataKind, Reach]


class ReachMap(Out):
    """Which tools reach which data."""

    kinds: list[DataKind]
    rows: list[ReachRow]
    tools: int = Field(description="How many there are, those not shown counted too.")
