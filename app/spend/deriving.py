"""Keeps what the charges of tools tell of beside the tools: called whenever a tool's evidence is worked out.

    derive(connection, tool_ids)

Nothing of it depends on the day, so a tool whose charges stay the same keeps its rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among, upsert
from app.models import expenses, merchants, tool_subscriptions
from app.spend.charges import Charge
from app.spend.recurrence import Rise, Subscription, subscriptions

_COLUMNS = ("source_id", "ref", "account_id", "occurred_on", "amount_minor", "currency")
_MORE = ("original_amount_minor", "original_currency", "state", "descriptor", "memo", "refund_of", "replaced")


def derive(connection: Connection, tool_ids: Sequence[int]) -> None:
    """Work out the subscriptions of some tools anew; only rows that change are written.

    Args:
        connection: a writing transaction.
        tool_ids: whose.
    """
    kept: dict[int, list[dict[str, Any]]] = defaultdict(list)
    query = sa.select(tool_subscriptions).where(among(connection, tool_subscriptions.c.tool_id, tool_ids))
    for row in connection.execute(query.order_by(tool_subscriptions.c.number)).mappings():
        kept[row["tool_id"]].append(dict(row))
    charges = _charges_of(connection, tool_ids)
    changed = []
    fresh: list[dict[str, Any]] = []
    for tool_id in tool_ids:
        rows = [_row(tool_id, n, found) for n, found in enumerate(subscriptions(charges.get(tool_id, ())), 1)]
        if rows != kept.get(tool_id, []):
            changed.append(tool_id)
            fresh += rows
    if changed:
        old = among(connection, tool_subscriptions.c.tool_id, changed)
        connection.execute(sa.delete(tool_subscriptions).where(old))
        upsert(connection, tool_subscriptions, fresh, key=("tool_id", "number"))


def _charges_of(connection: Connection, tool_ids: Sequence[int]) -> Mapping[int, Iterable[Charge]]:
    query = (
        sa.select(merchants.c.tool_id, *(expenses.c[name] for name in (*_COLUMNS, *_MORE)))
        .join_from(merchants, expenses, expenses.c.merchant_id == merchants.c.id)
        .where(among(connection, merchants.c.tool_id, tool_ids))
    )
    found: dict[int, list[Charge]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.tool_id].append(
            Charge(
                on=row.occurred_on,
                minor=row.amount_minor,
                currency=row.currency,
                state=row.state,
                source=str(row.source_id),
                payer=str(row.account_id or ""),
                ref=row.ref,
                refund_of=row.refund_of,
                replaced=row.replaced,
                asked_minor=row.original_amount_minor,
                asked_currency=row.original_currency,
                text=f"{row.descriptor or ''} {row.memo or ''}",
            )
        )
    return found


def _row(tool_id: int, number: int, found: Subscription) -> dict[str, Any]:
    return {
        "tool_id": tool_id,
        "number": number,
        "period": found.period.value,
        "currency": found.currency,
        "usual_minor": found.usual_minor,
        "asked_minor": found.asked_minor,
        "asked_currency": found.asked_currency,
        "charges": found.charges,
        "payers": found.payers,
        "first_on": found.first_on,
        "last_on": found.last_on,
        "next_on": found.next_on,
        "ended_after": found.ended_after,
        "confidence": found.confidence,
        "reasons": list(found.reasons),
        "rises": [_rise(rise) for rise in found.rises],
    }


def _rise(rise: Rise) -> dict[str, Any]:
    return {**vars(rise), "on": rise.on.isoformat()}
