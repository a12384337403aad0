"""Reviews: opened, talked about, decided; what was promised, kept.

Each runs in the caller's one transaction: the log, what is kept beside it, the tool's facts and the audit
trail change together or not at all. Locks are taken in one order (an open review, its tool, older reviews),
so that nobody waits in a circle.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from app.api import PREFIX
from app.catalog.facts import Governance
from app.catalog.service import Reassess, live_tool
from app.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, PenumbraError, PreconditionFailed
from app.language import _
from app.reviews import commands as ask
from app.reviews import repository
from app.reviews.choosing import HouseRules, caps_of
from app.reviews.clocks import arbiters_clocks, clocks_of
from app.reviews.events import (
    Body,
    Decided,
    Event,
    LaneChanged,
    Opened,
    Superseded,
    Withdrawn,
)
from app.reviews.facing import facts_for
from app.reviews.fold import after, condition_rows, fold, row_of
from app.reviews.repository import Row
from app.reviews.rules import decide
from app.reviews.ruling import Act, Kind, Refusal, Who
from app.reviews.snapshot import evidence_now
from app.reviews.state import State
from app.reviews.telling import tell
from app.reviews.words import Cause, Outcome
from app.security import audit
from app.security.schemas import Caller, Side

GOVERNANCE = {
    Outcome.SANCTIONED: Governance.SANCTIONED,
    Outcome.SANCTIONED_WITH_CONDITIONS: Governance.SANCTIONED_WITH_CONDITIONS,
    Outcome.PROVISIONAL: Governance.PROVISIONAL,
    Outcome.MIGRATE: Governance.RETIRING,
    Outcome.RETIRE: Governance.RETIRING,
    Outcome.DISMISSED: Governance.DISMISSED,
}
"""What a tool is once an outcome was decided."""

_REFUSALS: dict[Kind, type[PenumbraError]] = {
    Kind.FORBIDDEN: Forbidden,
    Kind.CONFLICT: Conflict,
    Kind.INVALID: Invalid,
}
SYSTEM = "system"


class Desk:
    """Where reviews are held: the transaction, who acts, and when.

    Args:
        connection: a writing transaction, opened at the edge.
        actor: who acts, for the audit trail.
        now: the time.
        reassess: works out again what follows from a tool's governance.
        house: how the company chooses lanes, and when its people work.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        actor: str,
        now: datetime,
        reassess: Reassess,
        house: HouseRules,
    ) -> None:
        self._connection = connection
        self._actor = actor
        self._now = now
        self._reassess = reassess
        self._house = house

    # --- opening -------------------------------------------------------------------------------

    def open_by(self, caller: Caller, tool_id: int, cause: Cause, need: str, because: str = "") -> int:
        """Open the review of a tool on behalf of a person of either side; gives its id.

        Args:
            caller: the person.
            tool_id: the tool.
            cause: why.
            need: what they say.
            because: a sentence of ours that stands before it.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            Forbidden: not a person of a side.
            Conflict: the tool has an open review.
            Invalid: it is to be re-opened, and nothing was decided before.
        """
        live_tool(self._connection, tool_id)
        who = who_is(caller)
        decided = repository.last_review(self._connection, tool_id, decided=True)
        if cause is Cause.REOPENED and decided is None:
            raise Invalid(
                _("Nothing was decided on this tool that could be opened again."),
                fields=[FieldError("cause", _("say flag, claim or request"))],
            )
        side = next(iter(who.sides)) if len(who.sides) == 1 else None
        return self.open(tool_id, cause, need, because=because, user_id=who.user_id, side=side)

    def open(
        self,
        tool_id: int,
        cause: Cause,
        need: str,
        *,
        because: str = "",
        user_id: int | None = None,
        side: Side | None = None,
        ran_out: bool = False,
    ) -> int:
        """Open the review of a tool; gives its id.

        Args:
            tool_id: the tool.
            cause: why.
            need: what it is needed for, in the words of whoever opens it; or what happened.
            because: a sentence of ours that stands before somebody's words.
            user_id: who opens it; None: it follows by itself.
            side: for which side they speak.
            ran_out: the last decision no longer holds, so that withdrawing does not bring it back.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            Conflict: the tool has an open review.
        """
        live_tool(self._connection, tool_id)
        repository.lock_tool(self._connection, tool_id)
        tool = live_tool(self._connection, tool_id)
        there = repository.open_review(self._connection, tool_id)
        if there is not None:
            raise Conflict(
                _("“%(name)s” is under review already, in review %(there)s.", name=tool.name, there=there),
                code="open_review",
                links={"review": f"{PREFIX}/reviews/{there}"},
            )
        choice = self._house.choose(self._connection, tool_id, self._now)
        undecided = ran_out or tool.governance == Governance.IN_REVIEW
        body = Opened(
            cause=cause,
            need=f"{because} {need.strip()}".strip(),
            lane=choice.lane,
            reasons=choice.reasons,
            items=dict(choice.items),
            service_seconds=dict(choice.service_seconds),
            arbiters=dict(choice.arbiters),
            arbiter_seconds=dict(choice.arbiter_seconds),
            governance=Governance.UNREVIEWED.value if undecided else tool.governance,
            previous=repository.last_review(self._connection, tool_id),
        )
        event = Event(1, self._now, user_id, side, body)
        state = after(None, event)
        review_id = repository.insert_review(
            self._connection,
            tool_id=tool_id,
            opened_at=self._now,
            cause=cause.value,
            **row_of(state),
        )
        repository.append(self._connection, review_id, event)
        self._audit(review_id, event, None, state)
        tell(self._connection, review_id, event, state, because)
        self._house.begun(self._connection, tool_id, review_id, self._actor, self._now)
        self._govern(tool, Governance.IN_REVIEW.value)
        return review_id

    # --- what people ask -----------------------------------------------------------------------

    def act(self, caller: Caller, review_id: int, version: int, command: ask.Command) -> int:
        """Do what a person asks of a review; gives the version that it is at then.

        Raises:
            NotFound: there is no such review.
            Forbidden: not a person of a side, or not theirs to do.
            PreconditionFailed: something happened in it since it was read.
            Gone: its tool was merged into another one.
            Conflict, Invalid: the rules refuse it; the message says what to do.
        """
        row = self._locked(review_id)
        who = who_is(caller)
        if row.version != version:
            raise PreconditionFailed(
                _(
                    "Something happened in this review since you opened it. Open it again to see what is "
                    "new, then do this once more."
                ),
                version=row.version,
            )
        events = repository.events_of(self._connection, review_id)
        state = fold(events)
        if state.is_open and isinstance(command, ask.Sign | ask.Withdraw):
            repository.lock_tool(self._connection, row.tool_id)
        if not isinstance(command, ask.Withdraw):  # once it is locked: nobody can merge it away any more
            live_tool(self._connection, row.tool_id)
        tool = repository.tool(self._connection, row.tool_id)
        assert tool is not None
        if isinstance(command, ask.Assess):
            self._check_evidence(row.tool_id, command)
        try:
            acts = decide(
                state,
                who,
                command,
                facts_for(self._connection, self._house, state, tool, command, caller, self._now),
            )
        except Refusal as refusal:
            fields = [FieldError(refusal.field, refusal.why)] if refusal.field else []
            raise _REFUSALS[refusal.kind](refusal.why, fields=fields) from refusal
        state = self._write(review_id, state, acts, user_id=who.user_id)
        if any(isinstance(act.body, Decided) for act in acts):
            self._close_earlier(row.tool_id, review_id)
            self._house.settle(self._connection, row.tool_id, self._actor, self._now)
            assert state.outcome is not None
            self._govern(tool, GOVERNANCE[state.outcome].value)
        elif any(isinstance(act.body, Withdrawn) for act in acts):
            opened = events[0].body
            assert isinstance(opened, Opened)
            if tool.governance == Governance.IN_REVIEW:
                self._govern(tool, self._before(row.tool_id, opened))
        return state.version

    def _before(self, tool_id: int, opened: Opened) -> str:
        """What a tool is again when its review is withdrawn; what ran out meanwhile does not come back."""
        if opened.governance != Governance.PROVISIONAL:
            return opened.governance
        decided = repository.last_review(self._connection, tool_id, decided=True)
        row = None if decided is None else repository.review(self._connection, decided)
        holds = row is not None and row.expires_on is not None and row.expires_on >= self._now.date()
        return opened.governance if holds else Governance.UNREVIEWED.value

    def _locked(self, review_id: int) -> Row:
        row = repository.review(self._connection, review_id, lock=True)
        if row is None:
            raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
        return row

    def _check_evidence(self, tool_id: int, command: ask.Assess) -> None:
        wanted: dict[str, list[int]] = {}
        for ref in command.evidence:
            kind, _colon, number = ref.partition(":")
            wanted.setdefault(kind, []).append(int(number))
        for kind, ids in wanted.items():
            own = repository.evidence_of_tool(self._connection, tool_id, kind, ids)
            if strange := [id_ for id_ in ids if id_ not in own]:
                raise Invalid(
                    _(
                        "The tool has no %(kind)s %(id)s: attach evidence of this tool only.",
                        kind=_(kind),
                        id=strange[0],
                    ),
                    fields=[
                        FieldError(
                            "evidence",
                            _("%(kind)s %(id)s is not the tool's", kind=_(kind), id=strange[0]),
                        )
                    ],
                )

    # --- what follows by itself ----------------------------------------------------------------

    def change_lane(self, review_id: int) -> bool:
        """Choose the lane of an open review anew; True if that changed what it asks, or of whom.

        Keys of sides that must assess more than before are voided, and keys of who arbitrates no longer.
        Other reasons alone change nothing: they count people and money, which move every day.

        Raises:
            NotFound: there is no such review.
        """
        return self.with_lane(review_id)[1]

    def with_lane(self, review_id: int) -> tuple[State, bool]:
        """As `change_lane`; gives what the review is then too, so that nobody need read its log again."""
        row = self._locked(review_id)
        state = fold(repository.events_of(self._connection, review_id))
        live_tool(self._connection, row.tool_id)
        if not state.is_open:
            return state, False
        choice = self._house.choose(self._connection, row.tool_id, self._now)
        more = {s for s in Side if set(choice.items.get(s, ())) - set(state.items.get(s, ()))}
        if state.escalated_at is not None:
            more |= {s for s, key in state.keys.items() if key.user_id not in choice.arbiters.get(s, ())}
        body = LaneChanged(
            lane=choice.lane,
            reasons=choice.reasons,
            items=dict(choice.items),
            service_seconds=dict(choice.service_seconds),
            arbiters=dict(choice.arbiters),
            arbiter_seconds=dict(choice.arbiter_seconds),
            voided=tuple(side for side in Side if side in more and side in state.keys),
        )
        same = ["lane", "items", "service_seconds", "arbiters"]
        if state.arbiter_seconds or state.escalated_at is not None:  # logs of before do not name them
            same.append("arbiter_seconds")
        if all(getattr(body, name) == getattr(state, name) for name in same):
            return state, False
        return self._write(review_id, state, [Act(None, body)]), True

    def append(self, review_id: int, state: State, bodies: Sequence[Body]) -> State:
        """Write what follows by itself into the log of a review that this transaction holds."""
        return self._write(review_id, state, [Act(None, body) for body in bodies])

    def _close_earlier(self, tool_id: int, review_id: int) -> None:
        """Wait for nothing any more that an earlier decision on the tool promised."""
        for earlier in repository.decided_before(self._connection, tool_id, review_id):
            state = fold(repository.events_of(self._connection, earlier))
            self.append(earlier, state, [Superseded(by=review_id)])

    # --- what all share ------------------------------------------------------------------------

    def _write(
        self, review_id: int, state: State, acts: Sequence[Act], *, user_id: int | None = None
    ) -> State:
        at = max(self._now, state.at)
        for act in acts:
            body = act.body
            if isinstance(body, Decided):
                body = self._completed(review_id, state, body)
            # What follows from a deed is nobody's deed.
            event = Event(state.version + 1, at, user_id if act.side else None, act.side, body)
            before, state = state, after(state, event)
            repository.append(self._connection, review_id, event)
            self._audit(review_id, event, before, state)
            tell(self._connection, review_id, event, state)
        repository.update_review(self._connection, review_id, row_of(state))
        repository.write_conditions(self._connection, review_id, condition_rows(state))
        return state

    def _completed(self, review_id: int, state: State, body: Decided) -> Decided:
        """A decision with what was known then, and how long it was waited for."""
        row = repository.review(self._connection, review_id)
        assert row is not None
        calendars = self._house.calendars(self._connection)
        clocks = clocks_of(state, calendars, self._now)
        by_side = arbiters_clocks(state, calendars, self._now) if state.escalated_at is not None else {}
        agreed = self._house.agree(self._connection, row.tool_id, caps_of(body.terms), self._now)
        return msgspec.structs.replace(
            body,
            evidence={**evidence_now(self._connection, row.tool_id, self._now), "agreed": agreed},
            waited={party.value: int(clock.waited.total_seconds()) for party, clock in clocks.items()},
            arbiters_waited={side.value: int(c.waited.total_seconds()) for side, c in by_side.items()},
        )

    def _govern(self, tool: Row, governance: str) -> None:
        repository.set_governance(self._connection, tool.id, governance, self._now)
        audit.record(
            self._connection,
            self._actor,
            "tool.governance",
            f"tool:{tool.id}",
            before={"governance": tool.governance},
            after={"governance": governance},
            at=self._now,
        )
        self._reassess(self._connection, [tool.id], self._now)

    def _audit(self, review_id: int, event: Event, before: State | None, now_is: State) -> None:
        kind = str(type(event.body).__struct_config__.tag)
        was, is_ = row_of(before) if before else {}, row_of(now_is)
        changed = [name for name in is_ if was.get(name) != is_[name]]
        audit.record(
            self._connection,
            self._actor,
            f"review.{kind}",
            f"review:{review_id}",
            {"seq": event.seq, "side": event.side and event.side.value},
            before={name: was[name] for name in changed} if before else None,
            after={name: is_[name] for name in changed},
            at=self._now,
        )


def who_is(caller: Caller) -> Who:
    """The person behind a caller and the sides they sit on.

    Raises:
        Forbidden: a service, or somebody who sits on neither side.
    """
    sides = frozenset(side for side in Side if caller.sits_with(side))
    if caller.user_id is None:
        raise Forbidden(_("Only people act in a review: use a token of your own, not a service's."))
    if not sides:
        raise Forbidden(_("This takes a person of IT's or of marketing's side."))
    return Who(caller.user_id, sides)
