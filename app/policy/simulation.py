"""What a changed policy would have done to the last weeks, beside what the active one did. It only reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from app.policy import gathering, pass_queries
from app.policy.comparing import Comparison, Difference, Seen, Tally, Verdict, compare
from app.policy.document import LANES, SIDES, Policy
from app.policy.passing import as_without
from app.policy.reopening import Agreed
from app.policy.schemas import DAYS, SimulationOut
from app.policy.service import current

RenewalsOf = Callable[[Connection, Sequence[int], date], Mapping[int, date]]
"""The day on which some tools renew next; those of which nobody knows are missing."""


def nothing_renews(_connection: Connection, _tool_ids: Sequence[int], _today: date) -> Mapping[int, date]:
    """Nobody knows of any renewal."""
    return {}


def simulate(
    connection: Connection,
    changed: Policy,
    now: datetime,
    days: int = DAYS,
    *,
    agreed: Mapping[int, Agreed] | None = None,
    renewals_of: RenewalsOf = nothing_renews,
) -> SimulationOut:
    """Try a policy on the tools that were flagged or decided on and seen in the period.

    Lanes and passes are by the tools as they are. What would have been opened again is by the change since
    what was agreed: what `agreed` says, else how the tool was when the period began.

    Args:
        connection: a reading transaction; nothing is written.
        changed: the policy to try.
        now: the time, and the end of the period.
        days: how long the period is.
        agreed: what was decided on, by tool, where that is known.
        renewals_of: on which day tools renew next.
    """
    since = now - timedelta(days=days)
    held = current(connection)
    asked = gathering.tools_in_question(connection, since)
    facts = gathering.facts_of(connection, list(asked), now)
    # What has a pass of the active policy now is looked at as if neither had given it one.
    for id_ in pass_queries.with_pass(connection, list(asked)):
        facts[id_] = as_without(facts[id_])
    barred = pass_queries.barred(connection, list(asked))
    old = [id_ for id_, there in asked.items() if there]
    renewals = renewals_of(connection, list(asked), now.date())
    then = gathering.then(connection, old, since, now)
    seen = []
    for tool_id, fact in facts.items():
        tool = replace(fact, renews_on=renewals.get(tool_id))
        known = (agreed or {}).get(tool_id)
        if known is not None:
            seen.append(Seen(tool, known, barred=tool_id in barred))
        elif asked[tool_id]:
            as_it_was = Agreed(
                scopes=then.scopes.get(tool_id, frozenset()),
                people=then.people.get(tool_id, 0),
                spend=then.spend.get(tool_id, {}),
                publishers=then.publishers.get(tool_id, frozenset()),
            )
            # Both counts are of as many weeks.
            seen.append(Seen(tool, as_it_was, then.people_now.get(tool_id, 0), tool_id in barred))
        else:
            seen.append(Seen(tool, barred=tool_id in barred))
    result = compare(held.policy, changed, seen, today=now.date())
    return _out(result, since, now, held.version)


def _out(result: Comparison, since: datetime, until: datetime, version: int) -> SimulationOut:
    kinds = ("lane", "pass", "reopening", "service")
    return SimulationOut.model_validate(
        {
            "since": since,
            "until": until,
            "policy": version,
            "tools": result.tools,
            "compared": result.compared,
            "differing": result.differing,
            "by_kind": {kind: result.by_kind[kind] for kind in kinds},
            "active": _tally(result.active),
            "changed": _tally(result.changed),
            "items": [_difference(d) for d in result.first],
        }
    )


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "lanes": {lane: tally.lanes[lane] for lane in LANES},
        "passes": tally.passes,
        "given": tally.given,
        "reopened": tally.reopened,
        "causes": dict(tally.causes),
        "service_seconds": {side: tally.service_seconds[side] for side in SIDES},
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "tool_id": difference.tool_id,
        "name": difference.name,
        "what": difference.what,
        "active": _verdict(difference.active),
        "changed": _verdict(difference.changed),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "lane": verdict.lane,
        "reasons": verdict.reasons,
        "provisional": verdict.given,
        "causes": verdict.causes,
        "service_seconds": verdict.service_seconds,
    }
