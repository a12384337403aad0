"""Who answers for a tool: claimed, declined, shared, handed over, contested, settled, let go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from app.api.dependencies import Id, State
from app.api.state import AppState
from app.claims import rules
from app.claims.schemas import ContestIn, DeclineIn, OwnershipOut, SettleIn
from app.claims.service import Desk, Rule, Setting
from app.db import writing
from app.errors import Conflict, FieldError, Forbidden, Invalid, PreconditionFailed, field_errors
from app.language import N_, _
from app.web.access import Sender, Visitor, local_path
from app.web.rendering import done, read_request
from app.web.tool_page import Problem, show

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=2000)]
Body = TypeVar("Body", DeclineIn, ContestIn, SettleIn)
_FIELDS = {
    "reason": N_("Reason"),
    "department": N_("Department"),
    "duplicate_of": N_("The other tool"),
    "note": N_("Note"),
    "to": N_("To whom"),
    "user": N_("Who"),
    "for_user": N_("Whose it is"),
    "co_owner": N_("Who"),
}


@dataclass(frozen=True)
class _Counter:
    """One form about a tool's owner: followed, or shown again with what is wrong."""

    request: Request
    visitor: Visitor
    state: AppState
    tool: int
    version: int | None
    target: str

    def do(
        self,
        verb: str,
        rule: Callable[[Desk], Rule],
        said: Callable[[OwnershipOut], str],
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """Do it in one transaction, and say what was done."""
        caller, state = self.visitor.caller, self.state
        if caller.user_id is None:
            raise Forbidden(
                _("This takes a person who is logged in as themselves; this login is that of a service.")
            )
        try:
            with writing(state.engine) as connection:
                setting = Setting(state.settings.attest_days, state.reassess)
                desk = Desk(connection, caller, setting, now=state.clock())
                owned = desk.act(self.tool, self.version, verb, rule)
        except (Conflict, Invalid, PreconditionFailed) as error:
            problem = Problem(verb, _sentences(error), dict(typed or {}), error.status)
            return show(self.request, self.visitor, state, self.tool, problem=problem)
        return done(self.request, self.target, said(owned))


def _sentences(error: Conflict | Invalid | PreconditionFailed) -> list[str]:
    named = [f for f in error.fields if f.field in _FIELDS and not f.message.endswith(".")]
    if not named:
        return [error.message]
    return [f"{_(_FIELDS[f.field])}: {f.message}." for f in named]


def _counter(
    request: Request,
    sender: Sender,
    state: State,
    tool_id: Id,
    version: Annotated[int | None, Form(ge=0, le=2**31 - 1)] = None,
    next: Text = "",
) -> _Counter:
    read_request(request, state.clock())
    target = local_path(next) if next else f"/tools/{tool_id}"
    return _Counter(request, sender, state, tool_id, version, target)


Counter = Annotated[_Counter, Depends(_counter)]


def _id(text: str, field: str) -> int:
    """A chosen entry's id.

    Raises:
        Invalid: nothing was chosen.
    """
    if text.isascii() and text.isdigit() and 0 < int(text) < 2**53:
        return int(text)
    raise Invalid(_("Choose somebody."), fields=[FieldError(field, _("choose one of the list"))])


def _maybe(text: str, field: str) -> int | None:
    return _id(text, field) if text else None


@router.post("/tools/{tool_id}/claim")
def claim(counter: Counter) -> Response:
    """Answer for a tool that nobody answers for."""

    def said(owned: OwnershipOut) -> str:
        return _("You answer for %(tool)s now.") % {"tool": owned.tool.name}

    return counter.do("claim", lambda _desk: rules.claim, said)


@router.post("/tools/{tool_id}/decline")
def decline(
    counter: Counter, reason: Text = "", department: Text = "", note: Text = "", duplicate_of: Text = ""
) -> Response:
    """Say that a tool is none of a department's."""
    typed = {"reason": reason, "department": department, "note": note, "duplicate_of": duplicate_of}

    def rule(desk: Desk) -> Rule:
        body: dict[str, object] = {"reason": reason, "note": note.strip(), "department": department or None}
        if reason == "duplicate":
            body["duplicate_of"] = _maybe(duplicate_of, "duplicate_of")
        return desk.declining(_read(DeclineIn, body))

    def said(owned: OwnershipOut) -> str:
        holes = {"tool": owned.tool.name, "department": owned.declines[-1].department}
        return _("%(tool)s is no longer offered to %(department)s.") % holes

    return counter.do("decline", rule, said, typed)


def _read(kind: type[Body], body: dict[str, object]) -> Body:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise _missing(error) from error


def _missing(error: ValidationError) -> Invalid:
    return Invalid(_("Something is missing."), fields=field_errors(error.errors(include_url=False)))


@router.post("/tools/{tool_id}/hand-over")
def hand_over(counter: Counter, to: Text = "") -> Response:
    """Offer one's tool to somebody."""

    def said(owned: OwnershipOut) -> str:
        name = owned.offered_to.name if owned.offered_to else "?"
        return _("It is offered to %(name)s, and yours until they accept.") % {"name": name}

    return counter.do(
        "hand-over", lambda desk: desk.naming(rules.hand_over, _id(to, "to"), "to"), said, {"to": to}
    )


@router.post("/tools/{tool_id}/accept")
def accept(counter: Counter, user: Text = "") -> Response:
    """Take what was offered; or let somebody co-own."""

    def said(owned: OwnershipOut) -> str:
        if user:
            return _("They co-own it now.")
        return _("You answer for %(tool)s now.") % {"tool": owned.tool.name}

    return counter.do("accept", lambda _desk: lambda case: rules.accept(case, _maybe(user, "user")), said)


@router.post("/tools/{tool_id}/refuse")
def refuse(counter: Counter, user: Text = "", reason: Text = "") -> Response:
    """Turn down what was offered, take an offer back, or turn down who asked to co-own."""

    def said(_owned: OwnershipOut) -> str:
        return _("It stays as it was.")

    def rule(_desk: Desk) -> Rule:
        return lambda case: rules.refuse(case, _maybe(user, "user"), reason.strip()[:500])

    return counter.do("refuse", rule, said, {"reason": reason, "user": user})


@router.post("/tools/{tool_id}/co-own")
def co_own(counter: Counter) -> Response:
    """Ask to share a tool."""

    def said(owned: OwnershipOut) -> str:
        return _("%(name)s is asked to share it with you.") % {
            "name": owned.owner.name if owned.owner else "?"
        }

    return counter.do("co-own", lambda _desk: rules.co_own, said)


@router.post("/tools/{tool_id}/contest")
def contest(counter: Counter, reason: Text = "") -> Response:
    """Say that a tool is one's own though somebody else holds it."""

    def said(owned: OwnershipOut) -> str:
        return _("%(name)s is told that you claim it too.") % {
            "name": owned.owner.name if owned.owner else "?"
        }

    def rule(_desk: Desk) -> Rule:
        given = _read(ContestIn, {"reason": reason})
        return lambda case: rules.contest(case, given.reason)

    return counter.do("contest", rule, said, {"reason": reason})


@router.post("/tools/{tool_id}/yield")
def yield_it(counter: Counter, to: Text = "") -> Response:
    """Give one's tool to somebody who contests it."""

    def said(owned: OwnershipOut) -> str:
        return _("%(name)s answers for it now.") % {"name": owned.owner.name if owned.owner else "?"}

    return counter.do("yield", lambda desk: desk.yielding(_maybe(to, "to")), said, {"to": to})


@router.post("/tools/{tool_id}/withdraw")
def withdraw(counter: Counter) -> Response:
    """Contest a tool no longer."""

    def said(owned: OwnershipOut) -> str:
        return _("It stays with %(name)s.") % {"name": owned.owner.name if owned.owner else "?"}

    return counter.do("withdraw", lambda _desk: rules.withdraw, said)


@router.post("/tools/{tool_id}/settle")
def settle(counter: Counter, for_user: Text = "", reason: Text = "") -> Response:
    """Decide whose a contested tool is."""

    def said(owned: OwnershipOut) -> str:
        if owned.contests:
            return _("Your word is kept: it is settled when the other side names the same person.")
        return _("Settled: %(name)s answers for it.") % {"name": owned.owner.name if owned.owner else "?"}

    def rule(desk: Desk) -> Rule:
        given = _read(SettleIn, {"for_user": _id(for_user, "for_user"), "reason": reason})
        return desk.settling(given)

    return counter.do("settle", rule, said, {"for_user": for_user, "reason": reason})


@router.post("/tools/{tool_id}/release")
def release(counter: Counter, reason: Text = "", co_owner: Text = "") -> Response:
    """Let go of a tool, or of one's part; or end a co-owner's part."""

    def said(owned: OwnershipOut) -> str:
        if owned.owner is None:
            return _("Nobody answers for it now.")
        return _("%(name)s answers for it.") % {"name": owned.owner.name}

    def rule(_desk: Desk) -> Rule:
        return lambda case: rules.release(case, reason.strip()[:500], _maybe(co_owner, "co_owner"))

    return counter.do("release", rule, said, {"reason": reason})


@router.post("/tools/{tool_id}/attest")
def attest(counter: Counter) -> Response:
    """Say again that one answers for a tool."""

    def said(_owned: OwnershipOut) -> str:
        return _("Thank you: you still answer for it.")

    return counter.do("attest", lambda _desk: rules.attest, said)


@router.post("/tools/{tool_id}/steward")
def steward(counter: Counter, user: Text = "") -> Response:
    """Name who in IT looks after a tool; nobody, to leave it without one."""

    def said(owned: OwnershipOut) -> str:
        if owned.steward is None:
            return _("Nobody in IT looks after it now.")
        return _("%(name)s looks after it for IT now.") % {"name": owned.steward.name}

    return counter.do("steward", lambda desk: desk.naming_steward(_maybe(user, "user")), said, {"user": user})
