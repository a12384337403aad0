"""Contracts, what the charges of a tool tell of, and what renews.

For others: `renewal_days`, when tools renew next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.facts import Governance
from app.catalog.service import live_tool
from app.catalog.veiled import allow_departments
from app.errors import FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from app.language import _
from app.security import audit
from app.security.privacy import Veil
from app.security.schemas import Caller, Role
from app.spend import repository
from app.spend.partners import OwnersOf
from app.spend.renewals import Contract, Expected, Per, Renewal, first_days, renewals
from app.spend.repository import Row
from app.spend.schemas import (
    ActorOut,
    ContractChange,
    ContractIn,
    ContractOut,
    RenewalFilter,
    RenewalOut,
    RiseOut,
    SubscriptionOut,
    ToolRef,
    ToolSubscriptions,
)

_NEEDED = ("starts_on", "term_months", "auto_renews", "amount_minor", "currency", "per")
"""What a contract cannot be without."""
_SAID = (*_NEEDED, "vendor_ref", "ends_on", "renews_on", "notice_days", "seats", "note")


@dataclass(frozen=True)
class Desk:
    """Where contracts are entered: by whom, when, and who owns which tool."""

    connection: Connection
    caller: Caller
    owners_of: OwnersOf
    now: datetime

    def enter(self, tool_id: int, wanted: ContractIn) -> ContractOut:
        """Enter a contract of a tool.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            Forbidden: the caller is of neither side, and not an owner of the tool.
            Invalid: the days do not fit together.
        """
        repository.lock_tool(self.connection, tool_id)
        live_tool(self.connection, tool_id)
        self._must_be_allowed(tool_id)
        values = wanted.model_dump()
        _check(values)
        contract_id = repository.insert_contract(
            self.connection,
            tool_id=tool_id,
            **_stored(values),
            actor=self.caller.actor,
            user_id=self.caller.user_id,
            version=1,
            created_at=self.now,
            updated_at=self.now,
        )
        self._note("create", contract_id, after={"tool_id": tool_id, **values})
        return get_contract(self.connection, contract_id, self.now.date())

    def change(self, contract_id: int, version: int, wanted: ContractChange) -> ContractOut:
        """Change a contract.

        Raises:
            NotFound: there is no such contract.
            Forbidden: see `enter`.
            PreconditionFailed: somebody else changed it meanwhile.
            Invalid: something that is needed would be taken away, or the days do not fit together.
        """
        row = self._at_version(contract_id, version)
        given = {name: getattr(wanted, name) for name in wanted.model_fields_set}
        if missing := [name for name in _NEEDED if name in given and given[name] is None]:
            raise Invalid(
                _("A contract cannot be without this."),
                fields=[FieldError(name, _("leave it out to keep what is there")) for name in missing],
            )
        before = {name: getattr(row, name) for name in _SAID}
        _check({**before, **given})
        changed = {name: value for name, value in given.items() if before[name] != value}
        if not changed:
            return _contract(row, self._tools(row), self.now.date())
        if not repository.change_contract(
            self.connection, contract_id, version, **_stored(changed), updated_at=self.now
        ):
            raise _changed_meanwhile(contract_id)
        self._note("change", contract_id, before={name: before[name] for name in changed}, after=changed)
        return get_contract(self.connection, contract_id, self.now.date())

    def remove(self, contract_id: int, version: int) -> None:
        """Take a contract away; the audit trail keeps what it was.

        Raises:
            NotFound, Forbidden, PreconditionFailed: see `change`.
        """
        row = self._at_version(contract_id, version)
        if not repository.delete_contract(self.connection, contract_id, version):
            raise _changed_meanwhile(contract_id)
        before = {"tool_id": row.tool_id, **{name: getattr(row, name) for name in _SAID}}
        self._note("delete", contract_id, before=before)

    def _at_version(self, contract_id: int, version: int) -> Row:
        row = repository.contract(self.connection, contract_id, lock=True)
        if row is None:
            raise _no_contract(contract_id)
        self._must_be_allowed(_final(self.connection, row.tool_id))
        if row.version != version:
            raise _changed_meanwhile(contract_id)
        return row

    def _must_be_allowed(self, tool_id: int) -> None:
        if not may_enter(self.connection, self.caller, self.owners_of, tool_id):
            raise Forbidden(_("Contracts are entered by IT, by marketing, and by the owner of the tool."))

    def _tools(self, row: Row) -> Mapping[int, ToolRef]:
        return _refs(self.connection, [row.tool_id])

    def _note(self, verb: str, contract_id: int, **states: Mapping[str, Any]) -> None:
        thing = f"contract:{contract_id}"
        audit.record(self.connection, self.caller.actor, f"contract.{verb}", thing, at=self.now, **states)


def _check(values: Mapping[str, Any]) -> None:
    """Refuse days that do not fit together.

    Raises:
        Invalid: names the field.
    """
    starts, ends, renews = values["starts_on"], values["ends_on"], values["renews_on"]
    wrong = []
    if ends is not None and ends < starts:
        wrong.append(FieldError("ends_on", _("is before its first day, %(starts)s", starts=starts)))
    if renews is not None and renews <= starts:
        wrong.append(FieldError("renews_on", _("is not after its first day, %(starts)s", starts=starts)))
    if wrong:
        raise Invalid(_("The days of the contract do not fit together."), fields=wrong)


def _final(connection: Connection, tool_id: int) -> int:
    return repository.merged(connection).get(tool_id, tool_id)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Per) else value for name, value in values.items()}


def _no_contract(contract_id: int) -> NotFound:
    return NotFound(_("There is no contract %(contract_id)s.", contract_id=contract_id))


def _changed_meanwhile(contract_id: int) -> PreconditionFailed:
    return PreconditionFailed(
        _(
            "Contract %(contract_id)s was changed meanwhile: open it again, then decide.",
            contract_id=contract_id,
        )
    )


# --- reading -----------------------------------------------------------------------------------


def get_contract(connection: Connection, contract_id: int, today: date) -> ContractOut:
    """One contract.

    Raises:
        NotFound: there is none.
    """
    row = repository.contract(connection, contract_id)
    if row is None:
        raise _no_contract(contract_id)
    return _contract(row, _refs(connection, [row.tool_id]), today)


def list_contracts(
    connection: Connection, today: date, *, cursor: str | None = None, limit: int = 50
) -> Listing[ContractOut]:
    """All contracts, the one entered last first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "contracts", (int,))[0] if cursor else None
    rows = repository.contract_page(connection, before=before, limit=limit + 1)
    refs = _refs(connection, [row.tool_id for row in rows[:limit]])
    items = [_contract(row, refs, today) for row in rows[:limit]]
    following = encode_cursor("contracts", (items[-1].id,)) if len(rows) > limit else None
    return Listing(items=items, next=following)


def may_enter(connection: Connection, caller: Caller, owners_of: OwnersOf, tool_id: int) -> bool:
    """Whether somebody may enter contracts of a tool: the sides, and whoever owns it."""
    if caller.may(Role.MARKETING, Role.IT):
        return True
    owners = owners_of(connection, [tool_id]).get(tool_id, ())
    return caller.user_id is not None and caller.user_id in {owner.user_id for owner in owners}


def _refs(connection: Connection, tool_ids: Sequence[int]) -> dict[int, ToolRef]:
    """The tools that some tools are now, in short."""
    into = repository.merged(connection)
    now = {tool_id: into.get(tool_id, tool_id) for tool_id in tool_ids}
    rows = repository.tools_by_id(connection, now.values())
    return {tool_id: ToolRef(id=final, name=rows[final].name) for tool_id, final in now.items()}


def _contract(row: Row, tools: Mapping[int, ToolRef], today: date) -> ContractOut:
    terms = _terms(row)
    return ContractOut.model_validate(
        {
            **row._mapping,
            "tool": tools[row.tool_id],
            "stands": terms.stands(today),
            "next_on": terms.next_on(today),
            "by": ActorOut(user_id=row.user_id, name=row.user_name or row.actor),
        }
    )


def _terms(row: Row, tool_id: int | None = None) -> Contract:
    return Contract(
        id=row.id,
        tool_id=row.tool_id if tool_id is None else tool_id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        renews_on=row.renews_on,
        term_months=row.term_months,
        notice_days=row.notice_days,
        auto_renews=row.auto_renews,
        amount_minor=row.amount_minor,
        currency=row.currency,
        per=Per(row.per),
        vendor_ref=row.vendor_ref,
    )


def tool_subscriptions(connection: Connection, tool_id: int, today: date) -> ToolSubscriptions:
    """What a tool costs again and again: its contracts, and what its charges tell of.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    tool = live_tool(connection, tool_id)
    parts = [old for old, now in repository.merged(connection).items() if now == tool_id]
    rows = repository.contracts_of(connection, [tool_id, *parts])
    ref = ToolRef(id=tool_id, name=tool.name)
    refs = dict.fromkeys([tool_id, *parts], ref)
    covered = any(_terms(row).stands(today) for row in rows)
    found = [_subscription(row, today, covered) for row in repository.subscriptions_of(connection, tool_id)]
    next_ones = upcoming(connection, today, None, tool_ids=[tool_id])
    return ToolSubscriptions(
        tool=ref,
        renewal=_renewal(next_ones[0], ref, tool.governance, today) if next_ones else None,
        contracts=[_contract(row, refs, today) for row in rows],
        subscriptions=found,
    )


def _subscription(row: Row, today: date, covered: bool) -> SubscriptionOut:
    ended = row.ended_after is not None and today > row.ended_after
    return SubscriptionOut.model_validate(
        {
            **row._mapping,
            "next_on": None if ended else row.next_on,
            "ended": ended,
            "rises": [RiseOut.model_validate(rise) for rise in row.rises],
            "under_contract": covered,
        }
    )


# --- renewals ----------------------------------------------------------------------------------


def upcoming(
    connection: Connection, today: date, until: date | None, *, tool_ids: Sequence[int] | None = None
) -> list[Renewal]:
    """What renews from today on, by day; a tool that was merged away counts as what it is now.

    Args:
        connection: a transaction.
        today: the day.
        until: the last day that matters; all, if not given.
        tool_ids: of which tools; of all, if not given.
    """
    into = repository.merged(connection)
    parts = None
    if tool_ids is not None:
        wanted = set(tool_ids)
        parts = sorted(wanted | {old for old, now in into.items() if now in wanted})
    rows = repository.contracts_of(connection, parts)
    contracts = [_terms(row, into.get(row.tool_id, row.tool_id)) for row in rows]
    expected = [
        Expected(row.tool_id, row.next_on, row.last_on, row.usual_minor, row.currency, row.confidence)
        for row in repository.yearly(connection, today, until, parts)
    ]
    return renewals(contracts, expected, today, until=until)


def renewal_days(connection: Connection, tool_ids: Sequence[int], today: date) -> dict[int, date]:
    """The day on which tools renew next; those of which nobody knows are missing."""
    wanted = set(tool_ids)
    return {id_: day for id_, day in first_days(upcoming(connection, today, None)).items() if id_ in wanted}


def list_renewals(
    connection: Connection,
    wanted: RenewalFilter,
    today: date,
    *,
    veil: Veil,
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[RenewalOut]:
    """What renews within some days, the next one first.

    Args:
        connection: a reading transaction.
        wanted: which renewals.
        today: the day.
        veil: what of people the caller is shown.
        cursor: where the page begins; at the beginning, if not given.
        limit: how many at most.

    Raises:
        Forbidden: they are asked for by a department that is too small for this caller.
        Invalid: the cursor is not one of this list.
    """
    allow_departments(wanted.department, veil)
    after = decode_cursor(cursor, "renewals", (date, int, int, str, int)) if cursor else None
    until = date.fromordinal(min(today.toordinal() + wanted.within_days, date.max.toordinal()))
    found = upcoming(connection, today, until)
    tools = repository.tools_by_id(
        connection,
        [renewal.tool_id for renewal in found],
        departments=wanted.department,
        governance=[value.value for value in wanted.governance],
    )
    rest = [r for r in found if r.tool_id in tools and (after is None or r.place > after)]
    items = [
        _renewal(r, ToolRef(id=r.tool_id, name=tools[r.tool_id].name), tools[r.tool_id].governance, today)
        for r in rest[:limit]
    ]
    following = None
    if len(rest) > limit:
        day, *others = rest[limit - 1].place
        following = encode_cursor("renewals", (day.isoformat(), *others))
    return Listing(items=items, next=following)


def _renewal(renewal: Renewal, tool: ToolRef, governance: str, today: date) -> RenewalOut:
    return RenewalOut(
        tool=tool,
        governance=Governance(governance),
        on=renewal.on,
        days=(renewal.on - today).days,
        notice_by=renewal.notice_by,
        notice_known=renewal.notice_known,
        auto_renews=renewal.auto_renews,
        amount_minor=renewal.amount_minor,
        currency=renewal.currency,
        per=renewal.per,
        contract=renewal.contract_id,
        confidence=renewal.confidence,
        why=renewal.why,
    )
