"""What saved lists take and answer."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from app.api.schemas import In, Out
from app.catalog.queries import ToolFilter
from app.language import lasting

OWN = ("view", "mine", "col", "density")
"""Parameters of the page that are no filters of the catalog: the ready-made list, the reader's own tools,
the columns, and how close the rows stand."""
PARAMETERS = (*ToolFilter.model_fields, *OWN)
LONGEST = 2000
_ONE = f"(?:{'|'.join(PARAMETERS)})=[^&#\\s\\x00]*"


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError(lasting("write at least one word"))
    return value.strip()


Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S"), AfterValidator(_words)]
QueryText = Annotated[
    str,
    Field(
        max_length=LONGEST,
        pattern=f"^(?:{_ONE}(?:&{_ONE})*)?$",
        description="What stands behind the question mark of the list's address on the page.",
        examples=["audience=marketing&governance=unreviewed&sort=-spend"],
    ),
]


class ViewIn(In):
    """Keep a list under a name."""

    name: Name
    query: QueryText = ""
    shared: bool = Field(default=False, description="Everybody sees it; takes the role marketing or it.")


class ViewChange(In):
    """What is to be different; the rest stays."""

    name: Name | None = None
    query: QueryText | None = None
    shared: bool | None = None


class ViewUser(Out):
    """Who keeps a list."""

    user_id: int
    name: str


class ViewOut(Out):
    """A list that somebody keeps."""

    id: int
    name: str
    query: str
    shared: bool
    by: ViewUser
    own: bool = Field(description="The caller's own.")
    link: str = Field(description="Where it opens.")
    created_at: datetime
    updated_at: datetime
