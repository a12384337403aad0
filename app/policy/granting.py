"""Passes as they are given, ended and refused. Only the two keys decide; a pass is the policy's word for now.

For others: `sweep` after a scan and every night, `end_for_review` when a review is opened.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from app.catalog.service import Reassess, live_tool
from app.errors import Conflict, Forbidden
from app.language import _, lasting
from app.notify.outbox import Message, To, put
from app.policy import gathering, pass_queries, service
from app.policy.pass_view import given_of, shown
from app.policy.passing import EndCause, Ending, ends, gives
from app.policy.rules import Pass
from app.policy.schemas import GivenPass, PassSweep
from app.security import audit
from app.security.schemas import Caller, Side
from app.teaching.repository import keep_out_teachers

OpenReview = Callable[..., int]
"""Opens the review of a tool: `(connection, tool_id, *, cause, need, because, caller, now) -> id`."""
_NAMED = 10
UNREVIEWED, PROVISIONAL = "unreviewed", "provisional"


def sweep(
    connection: Connection,
    now: datetime,
    *,
    reassess: Reassess,
    tool_ids: Collection[int] | None = None,
) -> PassSweep:
    """End the passes that hold no longer, and give those that the policy in force gives. Twice is once.

    Args:
        connection: a writing transaction that keeps teachers out.
        now: the time; a day has passed when the next one has begun in UTC.
        reassess: works out again what follows from a tool's governance.
        tool_ids: only these tools; all, if not given.
    """
    held = service.current(connection)
    ended = _end_over(connection, held, now, tool_ids)
    given = _give(connection, held, now, tool_ids)
    changed = sorted({*ended, *given})
    if changed:
        reassess(connection, changed, now)
    return PassSweep(policy=held.version, given=sorted(given), ended=sorted(ended))


def sweep_all(connection: Connection, now: datetime, *, reassess: Reassess) -> PassSweep:
    """As `sweep`, for all tools, and with teachers kept out meanwhile."""
    keep_out_teachers(connection)
    return sweep(connection, now, reassess=reassess)


def _give(
    connection: Connection, held: service.Current, now: datetime, tool_ids: Collection[int] | None
) -> list[int]:
    if not any(rule.automatic for rule in held.policy.passes):
        return []
    found = _fitting(connection, held, now, tool_ids)
    if not found:
        return []
    # Once more behind the locks: somebody may have opened a review meanwhile.
    pass_queries.lock_tools(connection, found)
    found = _fitting(connection, held, now, list(found))
    rows = [
        {
            "tool_id": tool_id,
            "policy_version": held.version,
            "rule": fit.rule,
            "given_at": now,
            "expires_on": now.date() + timedelta(days=fit.days),
            "people_cap": fit.people_cap,
            "spend_cap_minor": fit.spend_cap and fit.spend_cap.minor,
            "currency": fit.spend_cap and fit.spend_cap.currency,
            "reasons": list(fit.reasons),
        }
        for tool_id, (_, fit) in found.items()
    ]
    if not rows:
        return []
    pass_queries.insert(connection, rows)
    pass_queries.set_governance(connection, list(found), PROVISIONAL, now)
    for row in rows:
        audit.record(
            connection,
            f"policy:{held.version}",
            "pass.give",
            f"tool:{row['tool_id']}",
            {"reasons": row["reasons"]},
            before={"governance": UNREVIEWED},
            after={
                "governance": PROVISIONAL,
                **{name: row[name] for name in ("expires_on", "people_cap", "spend_cap_minor", "currency")},
            },
            at=now,
        )
    _tell_given(connection, held.version, {tool_id: name for tool_id, (name, _) in found.items()}, now)
    return list(found)


def _fitting(
    connection: Connection, held: service.Current, now: datetime, tool_ids: Collection[int] | None
) -> dict[int, tuple[str, Pass]]:
    """The tools that get a pass, by id: each with its name and what it gets."""
    ids = pass_queries.passable(connection, held.version, tool_ids)
    found = {}
    for tool_id, facts in gathering.facts_of(connection, ids, now).items() if ids else ():
        fit = gives(held.policy, facts)
        if fit is not None:
            found[tool_id] = (facts.name, fit)
    return dict(sorted(found.items()))


def _end_over(
    connection: Connection, held: service.Current, now: datetime, tool_ids: Collection[int] | None
) -> list[int]:
    rows = pass_queries.standing(connection, tool_ids)
    if not rows:
        return []
    ids = [row.tool_id for row in rows]
    pass_queries.lock_tools(connection, ids)
    rows = pass_queries.standing(connection, ids)
    facts = gathering.facts_of(connection, [row.tool_id for row in rows], now)
    told: dict[int, tuple[str, str]] = {}
    for row in rows:
        if row.governance != PROVISIONAL:
            continue  # it is being decided, or was: whoever did that ended the pass
        ending = ends(
            given_of(row),
            by=service.policy_at(connection, row.policy_version),
            held=held.policy,
            held_version=held.version,
            facts=facts[row.tool_id],
            today=now.date(),
        )
        if ending is None:
            continue
        _end(connection, row, ending, f"policy:{row.policy_version}", now)
        told[row.tool_id] = (row.tool, ending.reason)
    if told:
        pass_queries.set_governance(connection, list(told), UNREVIEWED, now)
        _tell_ended(connection, told, now)
    return list(told)


def _end(
    connection: Connection,
    row: Any,
    ending: Ending,
    actor: str,
    now: datetime,
    *,
    governance: str | None = UNREVIEWED,
    **values: Any,
) -> None:
    pass_queries.end(connection, row.id, now, ending.cause.value, ending.reason, **values)
    audit.record(
        connection,
        actor,
        "pass.refuse" if ending.cause is EndCause.REFUSED else "pass.end",
        f"tool:{row.tool_id}",
        {"pass": row.id, "cause": ending.cause.value, "reason": ending.reason},
        before={"governance": row.governance} if governance else None,
        after={"governance": governance} if governance else None,
        at=now,
    )


def end_for_review(connection: Connection, tool_id: int, review_id: int, actor: str, now: datetime) -> None:
    """End a tool's pass, if it has one, because a review of it was opened. The tool's governance is theirs.

    Args:
        connection: the transaction that opened the review, and has locked the tool.
        tool_id: which tool.
        review_id: the review.
        actor: who opened it, for the audit trail.
        now: the time.
    """
    for row in pass_queries.standing(connection, [tool_id]):
        ending = Ending(
            EndCause.REVIEW,
            lasting("Review %(review_id)s was opened, which decides on it.", review_id=review_id),
        )
        _end(connection, row, ending, actor, now, governance=None, review_id=review_id)


def refuse(
    connection: Connection,
    tool_id: int,
    reason: str,
    *,
    caller: Caller,
    now: datetime,
    open_review: OpenReview,
) -> GivenPass:
    """Refuse a tool's pass on behalf of a side: it ends, a review is opened, and it never gets one again.

    Args:
        connection: a writing transaction.
        tool_id: which tool.
        reason: why, for the other side.
        caller: a person of either side.
        now: the time.
        open_review: opens the review.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
        Forbidden: the caller is not a person of a side.
        Conflict: the tool has no pass.
    """
    tool = live_tool(connection, tool_id)
    sides = [side for side in Side if caller.sits_with(side)]
    if not sides:
        raise Forbidden(_("This takes a person of IT or of marketing, logged in as themselves."))
    keep_out_teachers(connection)
    pass_queries.lock_tools(connection, [tool_id])
    live_tool(connection, tool_id)
    rows = pass_queries.standing(connection, [tool_id])
    if not rows:
        raise Conflict(_("“%(name)s” has no pass that could be refused.", name=tool.name), code="no_pass")
    (row,) = rows
    reason = reason.strip()
    side = sides[0] if len(sides) == 1 else None
    ending = Ending(EndCause.REFUSED, reason)
    _end(
        connection,
        row,
        ending,
        caller.actor,
        now,
        ended_by=caller.user_id,
        ended_side=side and side.value,
    )
    # The review gives back what was before it if it is withdrawn: nothing that was decided.
    pass_queries.set_governance(connection, [tool_id], UNREVIEWED, now)
    who = side.words if side else lasting("A person of both sides")
    need = lasting(
        "%(who)s refused the pass that version %(version)s of the policy gave.",
        who=who[0].upper() + who[1:],
        version=row.policy_version,
    )
    review_id = open_review(
        connection, tool_id, cause="flag", need=reason, because=need, caller=caller, now=now
    )
    pass_queries.set_review(connection, row.id, review_id)
    return shown(pass_queries.one(connection, row.id))


# --- telling -----------------------------------------------------------------------------------


def _tell_given(connection: Connection, version: int, names: Mapping[int, str], now: datetime) -> None:
    one = len(names) == 1
    first = next(iter(names))
    what = next(iter(names.values())) if one else lasting("%(n)s tools", n=len(names))
    message = Message(
        topic="pass.given",
        subject=f"policy:{version}",
        to=To(sides=tuple(Side)),
        title=lasting("%(what)s may be used for now without a review, by the policy", what=what),
        text=_given_text(version, list(names.values())),
        path=f"/tools/{first}" if one else "/tools?governance=provisional",
        data={"policy": version, "tools": list(names)},
    )
    put(connection, message, now)


def _tell_ended(connection: Connection, told: Mapping[int, tuple[str, str]], now: datetime) -> None:
    one = len(told) == 1
    first, (name, reason) = next(iter(told.items()))
    shown_ = list(told.values())[:_NAMED]
    lines = [
        lasting("%(tool_said)s has no pass any more: %(why)s", tool_said=name, why=why)
        for name, why in shown_
    ]
    if len(told) > _NAMED:
        lines.append(lasting("And %(n)s more.", n=len(told) - _NAMED))
    message = Message(
        topic="pass.ended",
        subject=f"tool:{first}" if one else "passes",
        to=To(sides=tuple(Side)),
        title=lasting("%(name)s waits for a joint review again", name=name)
        if one
        else lasting("%(n)s passes of the policy ended", n=len(told)),
        text=reason if one else "\n".join(lines),
        path=f"/tools/{first}" if one else "/tools?flagged=true",
        data={"tools": list(told)},
    )
    put(connection, message, now)


def _given_text(version: int, names: Sequence[str]) -> str:
    said, more = ", ".join(names[:_NAMED]), len(names) - _NAMED
    if more > 0:
        passes = lasting(
            "Version %(version)s of the policy passes %(names_said)s and %(n)s more.",
            version=version,
            names_said=said,
            n=more,
        )
    else:
        passes = lasting(
            "Version %(version)s of the policy passes %(names_said)s.", version=version, names_said=said
        )
    return " ".join((passes, lasting("Either side can refuse a pass; a review is opened then.")))
