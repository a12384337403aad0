"""Claims: who answers for a tool, who takes it over, and who may settle it.

Each deed runs in the caller's one transaction, in which nobody else changes the tool or teaches: its line of
the log, what follows from it, the tool's facts and the audit trail change together or not at all.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from app.catalog.facts import Audience
from app.catalog.service import Reassess, live_tool
from app.claims import repository, rules, view
from app.claims.case import Because, Case, Deed, Person, Refused
from app.claims.fold import Event, Standing, after, fold
from app.claims.schemas import BulkAnswer, BulkClaim, BulkIn, BulkOut, DeclineIn, OwnershipOut, SettleIn
from app.claims.telling import tell, tell_claimed
from app.errors import Conflict, FieldError, Forbidden, Invalid, PenumbraError, PreconditionFailed
from app.language import _
from app.security import audit, users
from app.security.schemas import Caller, Role, Side
from app.teaching.repository import keep_out_teachers

Rule = Callable[[Case], Deed]
T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """What a desk works with: how long an owner's word holds, and how a tool's facts are worked out."""

    attest_days: int
    reassess: Reassess


class Desk:
    """Where one person deals with claims: the transaction, who it is, and when.

    Args:
        connection: a writing transaction, opened at the edge.
        caller: who acts.
        setting: what it works with.
        now: the time.
    """

    def __init__(self, connection: Connection, caller: Caller, setting: Setting, *, now: datetime) -> None:
        self._connection = connection
        self._caller = caller
        self._setting = setting
        self._now = now
        self._actor: Person | None = None
        keep_out_teachers(connection)

    def act(
        self, tool_id: int, version: int | None, verb: str, ruling: Callable[["Desk"], Rule]
    ) -> OwnershipOut:
        """Do one thing to a tool's ownership.

        Args:
            tool_id: which tool.
            version: of its ownership, as it was read; 0 where there was none; None: whatever it is now.
            verb: what is done, for the audit trail.
            ruling: gives the rule that says what comes of it, made at this desk.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            Forbidden: it takes somebody else.
            PreconditionFailed: the ownership changed since it was read.
            Conflict: as things stand it may not be.
            Invalid: somebody or something that was named will not do.
        """
        repository.lock_tools(self._connection, [tool_id])
        standing = self._do(tool_id, version, verb, ruling(self))
        self._setting.reassess(self._connection, [tool_id], self._now)
        return view.ownership(self._connection, tool_id, standing)

    def naming(self, rule: Callable[[Case, Person], Deed], user_id: int, field: str) -> Rule:
        """A rule about somebody who was named in a field."""
        return lambda case: rule(case, self._named(user_id, field))

    def naming_steward(self, user_id: int | None) -> Rule:
        """The rule by which a steward is named; nobody, to leave the tool without one."""
        return lambda case: rules.steward(case, None if user_id is None else self._named(user_id, "user"))

    def yielding(self, user_id: int | None) -> Rule:
        """The rule by which a tool is yielded; to the one who contests it, if nobody is named."""

        def rule(case: Case) -> Deed:
            contesters = case.standing.contesters
            to = contesters[0] if user_id is None and len(contesters) == 1 else user_id
            return rules.yield_to(case, None if to is None else self._named(to, "to"))

        return rule

    def settling(self, wanted: SettleIn) -> Rule:
        """The rule by which a contest is settled."""

        def rule(case: Case) -> Deed:
            winner = self._named(wanted.for_user, "for_user")
            voters = people_of(self._connection, [n.user_id for n in case.standing.named])
            return rules.settle(case, winner, wanted.reason, wanted.side and wanted.side.value, voters)

        return rule

    def declining(self, wanted: DeclineIn) -> Rule:
        """The rule by which a tool is declined."""

        def rule(case: Case) -> Deed:
            note = wanted.note.strip()
            deed = rules.decline(case, wanted.department, wanted.reason, note, wanted.duplicate_of)
            if not case.actor.departments and not repository.is_department(
                self._connection, deed.data["department"]
            ):
                raise _refused("department", _("nobody belongs to a department of this name"))
            if wanted.duplicate_of is not None:
                self._check_other(wanted.duplicate_of)
            return deed

        return rule

    def many(self, wanted: BulkIn) -> BulkOut:
        """Claim or decline many tools; what is refused keeps nothing else from being done."""
        repository.lock_tools(self._connection, [item.tool for item in wanted.items])
        answers, changed, claimed = [], set(), {}
        for item in wanted.items:
            rule = rules.claim if isinstance(item, BulkClaim) else self.declining(item)
            version, ownership, error = None, None, None
            try:
                with self._connection.begin_nested():
                    standing = self._do(item.tool, item.version, item.do, rule, told=False)
            except PenumbraError as refused:
                error = refused
            else:
                changed.add(item.tool)
                if isinstance(item, BulkClaim):
                    claimed[item.tool] = standing
                version, ownership = standing.version, standing.ownership
            answers.append(
                BulkAnswer(
                    tool=item.tool,
                    status=error.status if error else 200,
                    message=error.message if error else None,
                    version=version,
                    ownership=ownership,
                )
            )
        if claimed:
            tell_claimed(self._connection, claimed, self._person().departments, self._now)
        self._setting.reassess(self._connection, sorted(changed), self._now)
        return BulkOut(done=sum(a.status == 200 for a in answers), items=answers)

    # --- what all share ----------------------------------------------------------------------

    def _do(self, tool_id: int, version: int | None, verb: str, rule: Rule, *, told: bool = True) -> Standing:
        tool = live_tool(self._connection, tool_id)
        actor = self._person()
        standing = fold(repository.logs_of(self._connection, [tool_id])[tool_id])
        case = Case(
            tool_id=tool_id,
            tool=tool.name,
            audience=Audience(tool.audience),
            standing=standing,
            actor=actor,
            until=self._now + timedelta(days=self._setting.attest_days),
            names=users.names_of(self._connection, standing.people),
        )
        try:
            deed = rule(case)
        except Refused as refused:
            if refused.because is Because.RIGHTS:
                raise Forbidden(str(refused)) from refused
            self._check_version(version, standing)
            if refused.because is Because.STATE:
                raise Conflict(str(refused)) from refused
            raise _refused(refused.fault, str(refused)) from refused
        self._check_version(version, standing)
        return write(
            self._connection,
            tool_id,
            standing,
            deed,
            self._caller.actor,
            verb,
            actor.id,
            self._now,
            told=told,
        )

    def _check_version(self, version: int | None, standing: Standing) -> None:
        if version is not None and version != standing.version:
            raise PreconditionFailed(
                _(
                    "Who owns this tool changed since you opened it. Open it again to see who does now, then "
                    "do this once more."
                ),
                version=standing.version,
            )

    def _named(self, user_id: int, field: str) -> Person:
        found = people_of(self._connection, [user_id]).get(user_id)
        if found is None:
            raise _refused(field, _("there is no user %(user_id)s", user_id=user_id))
        return found

    def _person(self) -> Person:
        if self._actor is None:
            self._actor = acting(self._connection, self._caller)
        return self._actor

    def _check_other(self, tool_id: int) -> None:
        other = repository.tools_by_id(self._connection, [tool_id]).get(tool_id)
        if other is None:
            raise _refused("duplicate_of", _("there is no tool %(tool_id)s", tool_id=tool_id))
        if other.merged_into is not None:
            text = _("“%(name)s” was merged into another tool: name that one", name=other.name)
            raise _refused("duplicate_of", text)


def write(
    connection: Connection,
    tool_id: int,
    standing: Standing,
    deed: Deed,
    actor: str,
    verb: str,
    user_id: int | None,
    now: datetime,
    *,
    told: bool = True,
) -> Standing:
    """Write a deed to a tool's log, with what follows from it and a line of the audit trail.

    Args:
        connection: a transaction that has locked the tool.
        tool_id: which tool.
        standing: what holds before.
        deed: what is to be written.
        actor: who acts, for the audit trail.
        verb: what is done, for the audit trail.
        user_id: the same as a user; None for the sweep.
        now: the time.
        told: whom it concerns is told; else the caller does that, for many at once.

    Returns:
        What holds then.
    """
    event = Event(standing.version + 1, now, user_id, deed.kind, deed.data)
    changed = after(standing, event)
    repository.append(connection, tool_id, event, changed)
    name = repository.tools_by_id(connection, [tool_id])[tool_id].name
    if told:
        tell(connection, tool_id, name, deed, standing, changed, now)
    was, became = _plain(standing), _plain(changed)
    differs = sorted(name for name in was if was[name] != became[name])
    audit.record(
        connection,
        actor,
        f"ownership.{verb}",
        f"tool:{tool_id}",
        {"event": event.seq, "kind": deed.kind.value, **deed.data},
        before={name: was[name] for name in differs},
        after={name: became[name] for name in differs},
        at=now,
    )
    return changed


def _plain(standing: Standing) -> dict[str, Any]:
    return {
        "ownership": standing.ownership.value,
        "owner": standing.owner,
        "co_owners": list(standing.co_owners),
        "asked": list(standing.asked),
        "offered_to": standing.offered_to,
        "contesters": list(standing.contesters),
        "declined_by": [d.department for d in standing.declines],
        "steward": standing.steward,
        "attest_by": standing.attest_by and standing.attest_by.isoformat(),
    }


def _refused(field: str, message: str) -> Invalid:
    sentence = message if message.endswith(".") else f"{field}: {message}."
    return Invalid(sentence, fields=[FieldError(field, message)])


def people_of(connection: Connection, user_ids: Iterable[int]) -> dict[int, Person]:
    """Users as the rules see them, by id."""
    return {
        row.id: Person(
            id=row.id,
            name=row.name,
            sides=frozenset(s.value for s in Side if s.value in row.roles),
            here=row.here,
        )
        for row in repository.users_with_people(connection, set(user_ids))
    }


def acting(connection: Connection, caller: Caller) -> Person:
    """Who acts, as the rules see them.

    Raises:
        Forbidden: it is a service.
    """
    if caller.user_id is None:
        raise Forbidden(_("This takes a person; '%(name)s' is a service.", name=caller.name))
    return Person(
        id=caller.user_id,
        name=caller.name,
        sides=frozenset(s.value for s in Side if caller.sits_with(s)),
        admin=Role.ADMIN in caller.roles,
        departments=tuple(departments_of(connection, caller)),
    )


def departments_of(connection: Connection, caller: Caller) -> list[str]:
    """The caller's department, and those of the people who report to them; none, where that is not known."""
    found: Collection[Any] = ()
    if caller.user_id is not None:
        found = repository.users_with_people(connection, [caller.user_id])
    for row in found:
        led = repository.departments_led_by(connection, row.address)
        return list(dict.fromkeys([*([row.department] if row.department else []), *led]))
    return []
