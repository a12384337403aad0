"""Policies as they are kept, and what the active one says about tools.

For others: `current`, `calendar_of`, `signers_of`, `choose_for`, `pass_for`, `facts_of`; and `look_again`
with `settle_alerts` for what opens a decision again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing, check_storable
from app.catalog.service import live_tool
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.policy import gathering, pass_view, repository
from app.policy.document import LaneName, Policy, SideName
from app.policy.facts import Facts
from app.policy.hours import Calendar
from app.policy.reading import plain, read, shipped
from app.policy.reopening import Agreed, Cause, CauseKind, reopens
from app.policy.rules import Choice, Pass, Signers, choose, passes, terms_of
from app.policy.schemas import ActorOut, AlertOut, LaneOut, PolicyOut, PolicyRef
from app.security import audit, users

SHIPPED = 0
"""The version of the policy that is shipped: it is always there, and holds while no other is switched on."""
SHIPPED_NOTE = "The policy that is shipped."
_LARGEST = 2**31 - 1

facts_of = gathering.facts_of


@dataclass(frozen=True)
class Current:
    """The policy that holds."""

    version: int
    policy: Policy


def current(connection: Connection) -> Current:
    """The policy that holds: the one that is switched on, else the shipped one."""
    row = repository.active_policy(connection)
    return Current(SHIPPED, shipped()) if row is None else Current(row.version, _policy(row.document))


def policy_at(connection: Connection, version: int) -> Policy:
    """One version of the policy.

    Raises:
        NotFound: there is none.
    """
    row = None if version == SHIPPED else repository.policy(connection, version)
    if row is None and version != SHIPPED:
        raise NotFound(_("There is no version %(version)s of the policy.", version=version))
    return shipped() if row is None else _policy(row.document)


def calendar_of(connection: Connection, side: SideName) -> Calendar:
    """When a side works, by the policy that holds."""
    return current(connection).policy.calendar(side)


def signers_of(connection: Connection, lane: LaneName, side: SideName) -> Signers:
    """Who may turn a side's key in a lane, by the policy that holds."""
    return terms_of(current(connection).policy, lane, side).signers


def choose_for(connection: Connection, tool_id: int, now: datetime) -> Choice:
    """The lane of a tool's review, why, and what it asks of each side.

    Raises:
        NotFound: there is no such tool.
        Gone: it was merged into another one.
    """
    return choose(current(connection).policy, _facts(connection, tool_id, now))


def pass_for(connection: Connection, tool_id: int, now: datetime) -> Pass | None:
    """The provisional pass that a tool may have without a review; None if it needs one.

    Raises:
        NotFound: there is no such tool.
        Gone: it was merged into another one.
    """
    return passes(current(connection).policy, _facts(connection, tool_id, now))


def lane_for(connection: Connection, tool_id: int, now: datetime) -> LaneOut:
    """All that the policy says about a tool.

    Raises:
        NotFound: there is no such tool.
        Gone: it was merged into another one.
    """
    facts, held = _facts(connection, tool_id, now), current(connection)
    choice, given = choose(held.policy, facts), passes(held.policy, facts)
    return LaneOut.model_validate(
        {
            **vars(choice),
            "tool_id": tool_id,
            "policy": held.version,
            "provisional": given,
            "given": pass_view.standing_pass(connection, tool_id),
            "alerts": standing_alerts(connection, tool_id),
        }
    )


def _facts(connection: Connection, tool_id: int, now: datetime) -> Facts:
    live_tool(connection, tool_id)
    return facts_of(connection, [tool_id], now)[tool_id]


# --- versions ----------------------------------------------------------------------------------


def list_policies(
    connection: Connection, *, cursor: str | None = None, limit: int = 50
) -> Listing[PolicyRef]:
    """All versions, the newest first; the shipped one is the last.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "policies", (int,))[0] if cursor else None
    rows = repository.policies_page(connection, before=_within(before), limit=limit + 1)
    names = users.names_of(connection, {r.user_id for r in rows if r.user_id is not None})
    items = [PolicyRef.model_validate(_shown(row, names)) for row in rows]
    if len(items) <= limit and before != SHIPPED:
        active = repository.active_policy(connection) is None
        items.append(PolicyRef.model_validate(_shipped_shown(active)))
    following = encode_cursor("policies", (items[limit - 1].version,)) if len(items) > limit else None
    return Listing(items=items[:limit], next=following)


def _within(before: int | None) -> int | None:
    return None if before is None else max(-_LARGEST, min(before, _LARGEST))


def get_policy(connection: Connection, version: int) -> PolicyOut:
    """One version with its document.

    Raises:
        NotFound: there is none.
    """
    if version == SHIPPED:
        active = repository.active_policy(connection) is None
        return PolicyOut.model_validate({**_shipped_shown(active), "document": plain(shipped())})
    row = repository.policy(connection, version) if version <= _LARGEST else None
    if row is None:
        raise NotFound(_("There is no version %(version)s of the policy.", version=version))
    names = users.names_of(connection, {row.user_id} if row.user_id is not None else set())
    return PolicyOut.model_validate({**_shown(row, names), "document": row.document})


def _shown(row: repository.Row, names: Mapping[int, str]) -> dict[str, Any]:
    name = names.get(row.user_id, row.actor)
    return {**row._mapping, "by": ActorOut(user_id=row.user_id, name=name)}


def _shipped_shown(active: bool) -> dict[str, Any]:
    return {
        "version": SHIPPED,
        "note": SHIPPED_NOTE,
        "at": None,
        "by": None,
        "active": active,
        "active_from": None,
    }


def create(
    connection: Connection, policy: Policy, note: str, *, actor: str, user_id: int | None, now: datetime
) -> PolicyOut:
    """Keep a new version. It is not switched on by that.

    Raises:
        Invalid: the note is empty or too long, or a text in the policy cannot be stored.
    """
    note = note.strip()
    if not 1 <= len(note) <= 500:
        raise Invalid(
            _("Say in a note why the policy is changed."),
            fields=[FieldError("note", _("1 to 500 characters"))],
        )
    document = plain(policy)
    try:
        check_storable([note, document])
    except ValueError as error:
        raise Invalid(_("The policy %(error)s.", error=error)) from error
    repository.change_alone(connection)
    version = repository.last_version(connection) + 1
    repository.insert_policy(
        connection, version=version, at=now, actor=actor, user_id=user_id, note=note, document=document
    )
    audit.record(
        connection,
        actor,
        "policy.create",
        f"policy:{version}",
        {"note": note},
        after={"document": document},
        at=now,
    )
    return get_policy(connection, version)


def activate(connection: Connection, version: int, *, actor: str, now: datetime) -> PolicyOut:
    """Switch a version on, and off whichever was on.

    Raises:
        NotFound: there is no such version.
        Conflict: it is on already.
    """
    repository.change_alone(connection)
    wanted = get_policy(connection, version)
    if wanted.active:
        raise Conflict(_("Version %(version)s of the policy is active already.", version=version))
    before = current(connection).version
    repository.switch_off(connection)
    if version != SHIPPED:
        repository.switch_on(connection, version, now)
    audit.record(
        connection,
        actor,
        "policy.activate",
        f"policy:{version}",
        before={"active": before},
        after={"active": version},
        at=now,
    )
    return get_policy(connection, version)


def _policy(document: Mapping[str, Any]) -> Policy:
    return _read_once(orjson.dumps(document))


@lru_cache(maxsize=32)
def _read_once(text: bytes) -> Policy:
    # A policy remembers what is made of it: calendars, tests, rates.
    return read(orjson.loads(text))


# --- what opens a decision again -----------------------------------------------------------------


def look_again(
    connection: Connection,
    agreed: Mapping[int, Agreed],
    now: datetime,
    *,
    missed: Mapping[int, Sequence[str]] | None = None,
    renewals: Mapping[int, date] | None = None,
) -> dict[int, list[Cause]]:
    """Look whether decisions should be opened again, and keep an alert for each new cause.

    A cause is told once a tool, until `settle_alerts` says that it is settled: looking again tells nothing.

    Args:
        connection: a writing transaction.
        agreed: what was decided on, by tool.
        now: the time.
        missed: the missed conditions of these decisions, in words.
        renewals: the day on which a tool renews.

    Returns:
        What is new, by tool; a tool without anything new is missing.
    """
    policy = current(connection).policy
    standing: dict[int, set[CauseKind]] = {}
    for row in repository.standing_alerts(connection, list(agreed)):
        if not row.opens:
            continue  # it was told, and opens nothing so far
        standing.setdefault(row.tool_id, set()).add(CauseKind(row.cause))
    found: dict[int, list[Cause]] = {}
    for tool_id, facts in facts_of(connection, list(agreed), now).items():
        known = replace(
            facts,
            missed_conditions=tuple((missed or {}).get(tool_id, ())),
            renews_on=(renewals or {}).get(tool_id),
        )
        for cause in reopens(
            policy, agreed[tool_id], known, today=now.date(), standing=standing.get(tool_id, ())
        ):
            new = repository.insert_alert(
                connection,
                tool_id=tool_id,
                cause=cause.kind.value,
                sentence=cause.sentence,
                opens=True,
                raised_at=now,
            )
            if new:
                found.setdefault(tool_id, []).append(cause)
    return found


def standing_alerts(connection: Connection, tool_id: int) -> list[AlertOut]:
    """Why a tool's decision should be opened again, as far as that is not settled; the oldest first."""
    return [AlertOut.model_validate(row) for row in repository.standing_alerts(connection, [tool_id])]


def settle_alerts(
    connection: Connection,
    tool_id: int,
    *,
    actor: str,
    now: datetime,
    causes: Sequence[CauseKind] | None = None,
) -> list[CauseKind]:
    """Say that causes are settled: from now on they are told again.

    Args:
        connection: a writing transaction.
        tool_id: of which tool.
        actor: who says so, for the audit trail.
        now: the time.
        causes: which ones; all that stand, if not given.

    Returns:
        What was settled by this; empty if nothing stood.
    """
    wanted = None if causes is None else [cause.value for cause in causes]
    settled = repository.settle_alerts(connection, tool_id, now, wanted)
    if settled:
        audit.record(connection, actor, "alert.settle", f"tool:{tool_id}", {"causes": settled}, at=now)
    return [CauseKind(cause) for cause in settled]
