"""What teaching takes and answers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from app.api.paging import PageQuery
from app.api.schemas import In, Out
from app.catalog.queries import AnyId
from app.language import lasting
from app.teaching.handles import host_of

_MOST = 500


class Verb(StrEnum):
    """What somebody taught."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    MERGE = "merge"
    SPLIT = "split"
    KEEP_APART = "keep_apart"


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError(lasting("write at least one word"))
    return value.strip()


def _host(value: str) -> str:
    host = host_of(value)
    if not host:
        raise ValueError(lasting("write a public host name, such as frobnix.io"))
    return host


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_words)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_words)]
Reason = Annotated[str, Field(max_length=500, description="Why, for those who read it later.")]


class IdentifierIn(In):
    """An identifier of the tool, as its apps and merchants show it."""

    kind: Annotated[str, Field(min_length=1, max_length=100)]
    value: Text


class Evidence(In):
    """Which part of a tool's evidence is spoken of."""

    apps: list[AnyId] = Field(default=[], max_length=_MOST, description="Apps of the tool, by id.")
    merchants: list[AnyId] = Field(default=[], max_length=_MOST, description="Merchants of the tool, by id.")
    identifiers: list[IdentifierIn] = Field(
        default=[], max_length=_MOST, description="Whatever carries one of these, now and later."
    )
    reason: Reason = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was named."""
        return not (self.apps or self.merchants or self.identifiers)


class NewTool(In):
    """A tool that nobody's list has."""

    name: Name
    domain: Annotated[str, Field(max_length=253), AfterValidator(_host)] | None = None


class Target(In):
    """Where evidence belongs; exactly one of these."""

    tool: AnyId | None = Field(default=None, description="A tool of the catalog, by id.")
    product: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="A product of the knowledge base, by id."
    )
    new: NewTool | None = None
    unidentified: bool = Field(default=False, description="A tool that nobody can name yet.")

    @model_validator(mode="after")
    def _one(self) -> "Target":
        given = [self.tool is not None, self.product is not None, self.new is not None, self.unidentified]
        if sum(given) != 1:
            raise ValueError(lasting("give exactly one of tool, product, new, unidentified"))
        return self


class ConfirmIn(Evidence):
    """The tool is right for this evidence; for all it has, if none is named."""


class CorrectIn(Evidence):
    """This evidence is not this tool's, but another one's."""

    to: Target


class SplitIn(Evidence):
    """This evidence is a tool of its own."""

    into: Target


class MergeIn(In):
    """The tool is the same as another one, and becomes part of it."""

    into: AnyId = Field(description="The tool that stays, by id.")
    reason: Reason = ""


class KeepApartIn(In):
    """The tool is not the same as another one: do not suggest it again."""

    tool: AnyId | None = Field(default=None, description="The other tool, by id.")
    product: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Or a product of the knowledge base, by id."
    )
    reason: Reason = ""

    @model_validator(mode="after")
    def _one(self) -> "KeepApartIn":
        if (self.tool is None) == (self.product is None):
            raise ValueError(lasting("give exactly one of tool, product"))
        return self


class UndoIn(In):
    """Take a teaching back."""

    reason: Reason = ""


class ToolRef(Out):
    """A tool as it was called when it was taught; without an id, it is gone."""

    id: int | None
    name: str


class LearnedOut(Out):
    """A handle that was tied to the tool."""

    kind: str
    value: str


class TeachingOut(Out):
    """What somebody taught, and whether it still counts."""

    id: int
    at: datetime
    by: str = Field(description="Who taught it.")
    actor: str
    verb: Verb
    from_tool: ToolRef | None
    to_tool: ToolRef | None
    identifiers: list[LearnedOut]
    reason: str
    undone_at: datetime | None
    undone_by: str | None
    undo_reason: str | None


class Taught(Out):
    """A teaching and what it moved."""

    teaching: TeachingOut
    apps: int = Field(description="How many apps it says something new about, with all their evidence.")
    merchants: int = Field(description="How many merchants, with all that was paid to them.")
    tools: list[int] = Field(description="The tools that changed, by id.")


class TeachingQuery(PageQuery):
    """One page of teachings."""

    tool: AnyId | None = Field(default=None, description="Those from or to this tool.")
    verb: list[Verb] = Field(default=[], max_length=5)
    undone: bool | None = Field(default=None, description="True: those that were taken back.")


class SuggestionOut(Out):
    """Two that look like one; never joined but by a person."""

    tool: ToolRef
    other: ToolRef | None = Field(description="The other tool of the catalog.")
    product: str | None = Field(description="Or a product of the knowledge base that it may be, by id.")
    product_name: str | None
    score: float = Field(description="How much speaks for it, up to 1.")
    reasons: list[str]


class ProductOut(Out):
    """A product of the knowledge base that is no tool of the catalog yet."""

    id: str
    name: str
    vendor: str
    category: str


class Records(Out):
    """Records in the knowledge base's own format, to be looked through and added to it."""

    items: list[dict[str, Any]]
