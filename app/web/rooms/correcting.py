"""“This is wrong”: evidence given to the tool that it belongs to, after one has seen what would move."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from sqlalchemy.engine import Connection
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.db import reading
from app.errors import FieldError, Invalid, PenumbraError
from app.identify import default_knowledge_base
from app.language import _
from app.security.schemas import Role
from app.security.service import require
from app.teaching import offers
from app.teaching.schemas import CorrectIn, SplitIn, Taught
from app.teaching.service import Classroom
from app.teaching.trying import Trial
from app.web import tool_words
from app.web.access import LoggedIn, Sender, Visitor
from app.web.rendering import done, page, read_request
from app.web.teaching import (
    ManyOf,
    Text,
    Version,
    Word,
    named,
    opened,
    said,
    teach,
    tried,
    version_of,
)

router = APIRouter(include_in_schema=False)
AnyOf = Annotated[list[int], Query(max_length=500)]


@dataclass
class _Wrong:
    """What somebody says is wrong about a tool's evidence.

    Attributes:
        apps: which apps it is about.
        merchants: which merchants.
        to: `tool:7`, `product:hubspot`, `new`, or `unknown`; empty, as long as nothing was chosen.
        name: of the new tool.
        domain: where it is at home.
        reason: why, for those who read it later.
    """

    apps: list[int] = field(default_factory=list)
    merchants: list[int] = field(default_factory=list)
    to: str = ""
    name: str = ""
    domain: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no evidence was named."""
        return not (self.apps or self.merchants)

    def teach(self, room: Classroom, tool_id: int, version: int) -> Taught:
        """Say so.

        Raises:
            Invalid: it says nothing that can be followed.
            PenumbraError: whatever the teaching raises.
        """
        if self.is_empty:
            raise Invalid(_("Say which of it is wrong: tick at least one."))
        evidence = {"apps": self.apps, "merchants": self.merchants, "reason": self.reason[:500]}
        kind, _sep, value = self.to.partition(":")
        target: dict[str, Any]
        if kind == "tool" and value.isascii() and value.isdigit() and len(value) < 16:
            target = {"tool": int(value)}
        elif kind == "product" and value:
            target = {"product": value[:100]}
        elif kind == "new":
            target = {"new": {"name": self.name.strip(), "domain": self.domain.strip() or None}}
        elif kind == "unknown":
            target = {"unidentified": True}
        else:
            raise Invalid(_("Say what it is instead."))
        try:
            if kind in {"new", "unknown"}:
                return room.split(tool_id, version, SplitIn.model_validate({**evidence, "into": target}))
            return room.correct(tool_id, version, CorrectIn.model_validate({**evidence, "to": target}))
        except ValidationError as error:
            raise _unfit(error) from error


def _unfit(error: ValidationError) -> Invalid:
    names = {"name": _("Name"), "domain": _("Web address"), "reason": _("Why")}
    said = [
        f"{names.get(str(e['loc'][-1]), str(e['loc'][-1]))}: {e['msg'].removeprefix('Value error, ')}."
        for e in error.errors(include_url=False, include_context=False)
    ]
    return Invalid(" ".join(said), fields=[FieldError("to", each) for each in said])


@router.get("/tools/{tool_id}/correct")
def choose_what_is_wrong(
    request: Request,
    visitor: LoggedIn,
    state: State,
    tool_id: Id,
    app: AnyOf = [],  # noqa: B006 - FastAPI reads it, and gives each request its own
    merchant: AnyOf = [],  # noqa: B006
    to: Word = "",
    name: Word = "",
    domain: Word = "",
    q: Word = "",
) -> Response:
    """Say which evidence is not this tool's and what it is instead, and see what would move."""
    wrong = _Wrong(app, merchant, to, name, domain)
    return _wrong_page(request, visitor, state, tool_id, wrong, q, [])


def _wrong_page(
    request: Request,
    visitor: Visitor,
    state: AppState,
    tool_id: int,
    wrong: _Wrong,
    q: str,
    errors: list[str],
    *,
    status: int = 422,
) -> Response:
    tool = opened(request, visitor, state, tool_id)
    if isinstance(tool, Response):
        return tool
    trial: Trial | None = None
    if wrong.to:

        def lesson(room: Classroom, connection: Connection) -> Taught:
            return wrong.teach(room, tool_id, version_of(connection, tool_id))

        trial, refused = tried(state, visitor, lesson)
        errors = errors or refused
    with reading(state.engine) as connection:
        found = named(connection, visitor, state, tool_id, q)
        products = offers.products_named(connection, default_knowledge_base(), q)
    values = {
        "tool": tool,
        "tw": tool_words,
        "wrong": wrong,
        "q": q,
        "found": found,
        "products": products,
        "trial": trial,
        "errors": errors,
    }
    return page(request, "tool_correct.html", values, status=status if errors else 200, now=state.clock())


@router.post("/tools/{tool_id}/correct")
def correct(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Version,
    app: ManyOf = [],  # noqa: B006
    merchant: ManyOf = [],  # noqa: B006
    to: Text = "",
    name: Text = "",
    domain: Text = "",
    reason: Text = "",
) -> Response:
    """Give evidence to the tool that it belongs to."""
    require(sender.caller, Role.MARKETING, Role.IT)
    read_request(request, state.clock())
    wrong = _Wrong(app, merchant, to, name, domain, reason)
    taught = teach(state, sender, lambda room: wrong.teach(room, tool_id, version))
    if isinstance(taught, PenumbraError):
        return _wrong_page(request, sender, state, tool_id, wrong, "", [taught.message], status=taught.status)
    return done(request, f"/tools/{tool_id}?tab=evidence", said(taught))
