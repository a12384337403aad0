"""What is done to many tools of the list at once: claimed, declined, put under review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.engine import Connection

from app.api.state import AppState
from app.claims.schemas import MOST_AT_ONCE, BulkIn
from app.claims.service import Desk as ClaimDesk
from app.claims.service import Setting
from app.errors import Forbidden, Invalid, PenumbraError, field_errors
from app.language import N_, _
from app.reviews.many import Began, open_many, propose_to_set_aside
from app.reviews.service import Desk as ReviewDesk
from app.security.schemas import Caller, Side
from app.web.words import counted

REASONS = {
    "not_ours": N_("Another team uses it"),
    "personal": N_("Somebody uses it privately"),
    "unknown": N_("Nobody here knows it"),
}
"""Why tools are declined together; what a single one duplicates is said on its own page."""
DEEDS = ("claim", "decline", "review", "aside")


@dataclass(frozen=True)
class Wanted:
    """What is to be done to some tools.

    Attributes:
        do: one of `DEEDS`.
        tools: the tools, each with the version of its ownership as it was read.
        sent: what else the form says.
    """

    do: str
    tools: Mapping[int, int]
    sent: Mapping[str, str]

    def text(self, name: str) -> str:
        """A field of the form."""
        return self.sent.get(name, "").strip()


@dataclass(frozen=True)
class Outcome:
    """What came of it: how many were done in a sentence, and the others by tool with why not."""

    done: int
    said: str
    refused: Mapping[int, str]


def wanted_of(form: Sequence[tuple[str, str]]) -> Wanted:
    """What a form asks for.

    Raises:
        Invalid: no tool was chosen, too many were, or it does not say what to do.
    """
    fields = dict(form)
    if "claim" in fields:  # the button of one row
        do, texts = "claim", [fields["claim"]]
    else:
        do, texts = fields.get("do", ""), [value for name, value in form if name == "tool"]
    tools = dict(_key(text) for text in texts)
    if do not in DEEDS:
        raise Invalid(_("Say what to do with the tools: claim them, decline them, or start their reviews."))
    if not tools:
        raise Invalid(_("Choose at least one tool: tick the box before its name."))
    if len(tools) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s tools at once.") % {"most": MOST_AT_ONCE})
    return Wanted(do, tools, fields)


def _key(text: str) -> tuple[int, int]:
    tool, _sep, version = text.partition(":")
    if not (tool.isascii() and tool.isdigit() and version.isascii() and version.isdigit()):
        raise Invalid(_("This form is no longer valid: open the page again and send it once more."))
    if len(tool) > 15 or len(version) > 9 or tool == "0":
        raise Invalid(_("This form is no longer valid: open the page again and send it once more."))
    return int(tool), int(version)


def carry_out(
    connection: Connection, state: AppState, caller: Caller, wanted: Wanted, now: datetime
) -> Outcome:
    """Do it; what is refused for one tool keeps none of the others from being done.

    Args:
        connection: a writing transaction.
        state: of the application.
        caller: who asks for it.
        wanted: what they ask for.
        now: the time.

    Raises:
        Forbidden: it takes a person, or one of a side.
        Invalid: something that the form must say is missing; the message names it.
    """
    if not any(caller.sits_with(side) for side in Side):
        raise Forbidden(_("This takes a person of IT or of marketing, logged in as themselves."))
    if wanted.do in {"claim", "decline"}:
        return _claims(connection, state, caller, wanted, now)
    desk = ReviewDesk(connection, actor=caller.actor, now=now, reassess=state.reassess, house=state.house)
    if wanted.do == "review":
        began = open_many(connection, desk, caller, list(wanted.tools), _cut(wanted.text("need")))
        return _reviews(began, counted(_ok(began), "%(num)s review began.", "%(num)s reviews began."))
    reason = _cut(wanted.text("why"))
    if not reason:
        raise Invalid(_("Say why the tools should be set aside: both sides read it before they sign."))
    side = Side(wanted.text("side")) if wanted.text("side") in set(Side) else None
    began = propose_to_set_aside(connection, desk, caller, list(wanted.tools), reason, side)
    said = counted(
        _ok(began),
        "It is proposed to set %(num)s tool aside: that takes both keys.",
        "It is proposed to set %(num)s tools aside: that takes both keys.",
    )
    return _reviews(began, said)


def _claims(
    connection: Connection, state: AppState, caller: Caller, wanted: Wanted, now: datetime
) -> Outcome:
    more: dict[str, Any] = {}
    if wanted.do == "decline":
        if wanted.text("reason") not in REASONS:
            raise Invalid(_("Say why the tools are not yours."))
        more = {"reason": wanted.text("reason"), "note": wanted.text("note")[:500]}
        more["department"] = wanted.text("department") or None
    items = [{"do": wanted.do, "tool": t, "version": v, **more} for t, v in wanted.tools.items()]
    try:
        asked = BulkIn.model_validate({"items": items})
    except ValidationError as error:
        raise Invalid(field_errors(error.errors())[0].message) from error
    desk = ClaimDesk(connection, caller, Setting(state.settings.attest_days, state.reassess), now=now)
    answer = desk.many(asked)
    refused = {a.tool: _why(a.status, a.message or "") for a in answer.items if a.status != 200}
    if wanted.do == "claim":
        said = counted(answer.done, "%(num)s tool is yours now.", "%(num)s tools are yours now.")
    else:
        said = counted(
            answer.done,
            "%(num)s tool is no longer offered to your department.",
            "%(num)s tools are no longer offered to your department.",
        )
    return Outcome(answer.done, said, refused)


def _ok(began: Sequence[Began]) -> int:
    return sum(one.error is None for one in began)


def _reviews(began: Sequence[Began], said: str) -> Outcome:
    refused = {one.tool_id: _reason(one.error) for one in began if one.error is not None}
    return Outcome(_ok(began), said, refused)


def _reason(error: PenumbraError) -> str:
    return _why(error.status, error.message)


def _why(status: int, message: str) -> str:
    if status == 412:
        return _("Somebody changed its owner while you were reading: look at it again.")
    return message


def _cut(text: str) -> str:
    return text[:4000]
