"""What the catalog's reading side answers, and the little that it takes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from app.api.schemas import In, Out
from app.catalog.facts import Audience, Evidence, ExpenseState, Governance, Grade, Identity, Ownership
from app.catalog.person_schemas import PersonRef


class ToolItem(Out):
    """A tool in a list."""

    model_config = ConfigDict(extra="forbid")

    id: int
    name: str
    vendor: str | None
    domain: str | None
    category: str | None
    identity: Identity
    evidence: Evidence
    governance: Governance
    passed_until: date | None = Field(
        default=None,
        description="The policy lets it be used through this day, and nobody decided on it: see "
        "`GET /passes?tool=`. Null: what `governance` says was decided by people.",
    )
    ownership: Ownership
    audience: Audience
    managed: bool
    shadow: bool
    flagged: bool
    people: int = Field(description="People who use it now.")
    grant_grade: Grade | None = Field(description="The worst of what it may do in somebody's name.")
    spend_minor: int = Field(description="Over 12 months, in minor units of `spend_currency`.")
    spend_currency: str | None
    sources: list[str]
    first_seen: datetime
    last_seen: datetime


class ToolList(Out):
    """One page of tools."""

    items: list[ToolItem]
    next: str | None
    total: int | None


class DepartmentCount(Out):
    """How many people of a department use a tool."""

    department: str
    people: int | None = Field(description="Null: fewer than `fewer_than`.")
    fewer_than: int | None = Field(default=None, description="Where small counts are not shown.")


class IdentifierOut(Out):
    """A handle by which this tool is known."""

    kind: str
    value: str
    rule: str = Field(description="Which rule tied it to the tool; `taught` where a person did.")
    taught_by: str | None = Field(default=None, description="Who taught it.")
    teaching: int | None = Field(default=None, description="By which teaching, which can be undone.")
    first_seen: datetime


class AppOut(Out):
    """An app of a source behind this tool, and why it is taken for it."""

    id: int
    source_id: int
    source: str
    ref: str
    name: str
    sign_on: str
    provisioning: bool
    self_service: bool
    active: bool
    listed: bool
    internal: bool
    publisher: str | None
    publisher_verified: bool | None
    facts: dict[str, Any]
    rule: str = Field(description="Which rule ties it to the tool; `taught` where a person said so.")
    confidence: float
    why: str
    risks: list[str] = Field(description="What warns about this app.")
    created_at: datetime | None
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None


class MerchantOut(Out):
    """A merchant behind this tool, with all that was paid to it, and why it is taken for it."""

    id: int
    key: str = Field(description="What all its lines share.")
    name: str
    rule: str = Field(description="Which rule ties it to the tool; `taught` where a person said so.")
    confidence: float
    why: str
    first_seen: datetime


class SourceSeen(Out):
    """A source that has evidence of a tool, and when it was last read completely."""

    id: int
    name: str
    connector: str
    last_complete_at: datetime | None


class ToolOut(Out):
    """One tool with all its facts, and the reasons of each."""

    id: int
    key: str
    name: str
    vendor: str | None
    domain: str | None
    category: str | None
    identity: Identity
    evidence: Evidence
    governance: Governance
    passed_until: date | None = Field(
        default=None,
        description="The policy lets it be used through this day, and nobody decided on it: see "
        "`GET /passes?tool=`. Null: what `governance` says was decided by people.",
    )
    ownership: Ownership
    audience: Audience
    audience_reasons: list[str]
    managed: bool
    managed_reasons: list[str]
    shadow: bool
    shadow_reasons: list[str]
    flagged: bool
    flagged_reasons: list[str]
    flagged_at: datetime | None
    risk_reasons: list[str] = Field(description="What warns about its apps.")
    on_it_list: bool
    people: int
    people_gone: int = Field(description="Of these, how many have left.")
    grant_grade: Grade | None
    spend: dict[str, int] = Field(description="Minor units by currency, over 12 months.")
    departments: list[DepartmentCount]
    sources: list[SourceSeen]
    apps: list[AppOut]
    merchants: list[MerchantOut]
    identifiers: list[IdentifierOut]
    first_seen: datetime
    last_seen: datetime
    updated_at: datetime
    version: int


class ToolChange(In):
    """What a person may set on a tool by hand."""

    on_it_list: bool = Field(description="On IT's own list of managed tools.")


class EvidenceKind(StrEnum):
    """What sort of evidence a line of the timeline is."""

    APP = "app"
    ASSIGNMENT = "assignment"
    SIGN_IN = "sign_in"
    CONSENT = "consent"
    GRANT = "grant"
    EXPENSE = "expense"


class EvidenceOut(Out):
    """One piece of evidence, as a line of the timeline."""

    kind: EvidenceKind
    id: int
    at: datetime = Field(description="When it happened; first seen, where that is not known.")
    text: str = Field(description="What was seen, in one sentence.")
    source: str
    app: str | None
    person: PersonRef | None
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    rule: str = Field(description="Which rule tied it to the tool.")
    confidence: float
    why: str
    app_id: int | None = Field(description="The app that it hangs on: what a correction names.")
    merchant_id: int | None = Field(description="Or the merchant.")
    detail: dict[str, Any]


class MonthOut(Out):
    """A tool in one month."""

    month: date = Field(description="Its first day.")
    people: int = Field(description="People who were seen using it.")
    new_people: int = Field(description="Of these, who had not been seen using it before.")
    spend: dict[str, int] = Field(description="Posted charges less refunds, minor units by currency.")


class MonthList(Out):
    """A tool month by month, the earliest first; the last one is not over."""

    items: list[MonthOut]


class ExpenseOut(Out):
    """A charge and why it is taken for this tool's."""

    id: int
    tool_id: int
    tool: str
    source: str
    person: PersonRef | None
    occurred_on: date
    posted_on: date | None
    amount_minor: int
    currency: str
    original_amount_minor: int | None
    original_currency: str | None
    merchant: str
    descriptor: str | None
    state: ExpenseState
    mcc: str | None
    category: str | None
    memo: str | None
    department: str | None
    replaced: bool = Field(description="Another charge stands for this one now.")
    rule: str
    confidence: float
    why: str
    first_seen: datetime
    last_seen: datetime


class DepartmentOut(Out):
    """A department with its people and the tools they use."""

    name: str
    people: int | None = Field(description="Null: fewer than `fewer_than`.")
    fewer_than: int | None = Field(default=None, description="Where small counts are not shown.")
    tools: int | None = Field(description="Null where the department is that small.")


class DepartmentList(Out):
    """All departments."""

    items: list[DepartmentOut]


class CategoryOut(Out):
    """A category with its tools."""

    name: str
    tools: int
    flagged: int


class CategoryList(Out):
    """All categories that occur."""

    items: list[CategoryOut]


@dataclass(frozen=True)
class CatalogNumbers:
    """Counts of tools as (fact, value, count)."""

    facts: list[tuple[str, str, int]]
