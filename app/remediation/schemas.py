"""What remediation takes and answers."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.api.paging import PageQuery
from app.api.schemas import In, Out
from app.catalog.person_schemas import PersonRef
from app.remediation.planning import StepKind
from app.teaching.schemas import Text


class PlanState(StrEnum):
    """Where a plan stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    """Where a step stands."""

    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"


class PlanIn(In):
    """What a plan needs beside the decision."""

    due: Annotated[date, Field(strict=False, description="By when people should have done their tasks.")]


class DoneIn(In):
    """What somebody says who did a task."""

    note: Text


class PlanQuery(PageQuery):
    """Which plans."""

    state: PlanState | None = None


class StepOut(Out):
    """One thing to do."""

    number: int
    kind: StepKind
    what: str
    how: str
    source: str | None
    person: PersonRef | None = Field(description="Whose access it is.")
    due: date | None
    state: StepState
    attempts: int
    result: str | None = Field(description="What came of it, or what kept it from being done.")
    settled_at: datetime | None
    settled_by: str | None


class PlanOut(Out):
    """What it takes to stop using a tool, and how far that is."""

    id: int
    review: int
    tool_id: int
    tool: str
    state: PlanState
    version: int
    made_by: str
    made_at: datetime
    it_confirmed_by: int | None = Field(description="The user of IT who confirmed it.")
    marketing_confirmed_by: int | None = Field(description="The user of marketing who confirmed it.")
    finished_at: datetime | None
    left: int = Field(description="How many steps are not done yet.")
    steps: list[StepOut]


class PlanItem(Out):
    """A plan in a list."""

    id: int
    review: int
    tool_id: int
    tool: str
    state: PlanState
    left: int
