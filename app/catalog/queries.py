"""The parameters of the catalog's lists: what may be filtered, sorted and paged."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from app.api.paging import NO_NUL, Day, PageQuery, Query, Text
from app.catalog.facts import Audience, Evidence, ExpenseState, Governance, Grade, Identity, Ownership
from app.identify.scope_data import DataKind
from app.language import lasting

_BIG = 2**63 - 1
_INT = 2**31 - 1


class ToolSort(StrEnum):
    """Orders of the list of tools; a minus means descending."""

    NAME = "name"
    NAME_DOWN = "-name"
    PEOPLE = "people"
    PEOPLE_DOWN = "-people"
    SPEND = "spend"
    SPEND_DOWN = "-spend"
    FIRST_SEEN = "first_seen"
    FIRST_SEEN_DOWN = "-first_seen"
    LAST_SEEN = "last_seen"
    LAST_SEEN_DOWN = "-last_seen"
    CATEGORY = "category"
    CATEGORY_DOWN = "-category"
    VENDOR = "vendor"
    VENDOR_DOWN = "-vendor"
    GRADE = "grade"
    GRADE_DOWN = "-grade"
    GOVERNANCE = "governance"
    GOVERNANCE_DOWN = "-governance"
    OWNERSHIP = "ownership"
    OWNERSHIP_DOWN = "-ownership"
    EVIDENCE = "evidence"
    EVIDENCE_DOWN = "-evidence"
    AUDIENCE = "audience"
    AUDIENCE_DOWN = "-audience"


Count = Annotated[int, Field(ge=0, le=_INT)]
Money = Annotated[int, Field(ge=-_BIG, le=_BIG)]
AnyId = Annotated[int, Field(ge=1, le=_BIG)]


class ToolFilter(Query):
    """Which tools; every filter that is given must hold. A repeated one means any of its values."""

    q: str = Field(
        default="",
        max_length=200,
        json_schema_extra=NO_NUL,
        description="Words that must all occur in the names, domains or labels.",
    )
    identity: list[Identity] = Field(default=[], max_length=50)
    evidence: list[Evidence] = Field(default=[], max_length=50)
    governance: list[Governance] = Field(default=[], max_length=50)
    ownership: list[Ownership] = Field(default=[], max_length=50)
    audience: list[Audience] = Field(default=[], max_length=50)
    managed: bool | None = Field(default=None, description="Managed by IT.")
    shadow: bool | None = Field(default=None, description="In use, undecided and not managed by IT.")
    flagged: bool | None = Field(default=None, description="A marketing tool that waits for a joint review.")
    grade: list[Literal["high", "medium", "low", "none"]] = Field(
        default=[], max_length=4, description="The worst of what it may do in somebody's name."
    )
    owner: list[AnyId] = Field(
        default=[], max_length=50, description="Owned or co-owned by these users, by id."
    )
    category: list[Text] = Field(default=[], max_length=50)
    department: list[Text] = Field(default=[], max_length=50, description="Used by these departments.")
    source: list[AnyId] = Field(default=[], max_length=50, description="Seen by these sources, by id.")
    min_people: Count | None = None
    max_people: Count | None = None
    min_spend: Money | None = Field(
        default=None, description="In minor units of the tool's main currency, over 12 months."
    )
    max_spend: Money | None = None
    first_seen_from: Day | None = None
    first_seen_to: Day | None = Field(default=None, description="This day included.")
    last_seen_from: Day | None = None
    last_seen_to: Day | None = Field(default=None, description="This day included.")
    sort: ToolSort = ToolSort.PEOPLE_DOWN

    @field_validator("q", "category", "department", mode="after")
    @classmethod
    def _text(cls, value: Any) -> Any:
        for text in [value] if isinstance(value, str) else value:
            if "\x00" in text:
                raise ValueError(lasting("must not contain a NUL character"))
        return value


class ToolQuery(ToolFilter, PageQuery):
    """One page of the list of tools."""

    total: bool = Field(default=False, description="Also count all that match.")


class GrantFilter(Query):
    """Which grants."""

    tool: AnyId | None = None
    source: AnyId | None = None
    grade: list[Grade] = Field(default=[], max_length=3)
    consent: Literal["user", "admin"] | None = None
    leavers: bool | None = Field(default=None, description="True: of people who left; false: of all others.")
    live: bool | None = Field(default=True, description="True: still in force; false: gone.")
    person: AnyId | None = Field(default=None, description="In this person's name.")
    everybody: bool | None = Field(
        default=None, description="True: for everybody at once; false: in one person's name."
    )
    verified: bool | None = Field(
        default=None, description="Whether the vendor vouches for the app's publisher, where it says so."
    )
    unused_since: Day | None = Field(
        default=None, description="Given before this day, and no sign-in of the person was seen since."
    )
    allows: str = Field(
        default="",
        max_length=200,
        json_schema_extra=NO_NUL,
        description="Words that all occur in one permission, in plain words or in its technical name.",
    )
    permission: str = Field(
        default="", max_length=200, json_schema_extra=NO_NUL, description="One permission, in plain words."
    )
    data: list[DataKind] = Field(default=[], max_length=20, description="Which data a permission reaches.")

    @field_validator("allows", "permission")
    @classmethod
    def _text(cls, value: str) -> str:
        if "\x00" in value:
            raise ValueError(lasting("must not contain a NUL character"))
        return value


class GrantQuery(GrantFilter, PageQuery):
    """One page of grants."""


class ExpenseFilter(Query):
    """Which expenses."""

    tool: AnyId | None = None
    person: AnyId | None = Field(default=None, description="Paid by this person.")
    source: AnyId | None = None
    state: list[ExpenseState] = Field(default=[], max_length=5)
    occurred_from: Day | None = None
    occurred_to: Day | None = Field(default=None, description="This day included.")


class ExpenseQuery(ExpenseFilter, PageQuery):
    """One page of expenses."""


class PeopleSort(StrEnum):
    """Orders of the list of people."""

    NAME = "name"
    TOOLS = "-tools"
    GRADE = "-grade"


class PeopleFilter(Query):
    """Which people."""

    q: str = Field(
        default="", max_length=200, json_schema_extra=NO_NUL, description="Part of a name or e-mail address."
    )
    department: list[Text] = Field(default=[], max_length=50)
    active: bool | None = Field(default=None, description="False: those who have left.")
    kind: list[Literal["employee", "contractor", "guest", "service"]] = Field(default=[], max_length=4)
    access: bool | None = Field(
        default=None,
        description="True: a permission is in force in their name, or access that was given to them is.",
    )
    sort: PeopleSort = Field(
        default=PeopleSort.NAME,
        description="By name, by how many tools they use, or by the gravest that is allowed in their name.",
    )

    @field_validator("q")
    @classmethod
    def _text(cls, value: str) -> str:
        if "\x00" in value:
            raise ValueError(lasting("must not contain a NUL character"))
        return value


class PeopleQuery(PeopleFilter, PageQuery):
    """One page of people."""
