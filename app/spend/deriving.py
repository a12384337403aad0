"""Keeps what the charges of tools tell of beside the tools: called whenever a tool's evidence is worked out.

    derive(connection, tool_ids)

Nothing of it depends on the day, so a tool whose charges stay the same keeps its rows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import among, upsert
from app.models import expenses, merchants, tool_subscriptions
from app.spend.charges import Charge
from app.spend.recurrence import Rise, Subscription, subscriptions

_READING = 2
"""Count it up when charges are read in another way: every tool is worked out anew then, once."""
_COLUMNS = ("source_id", "ref", "account_id", "occurred_on", "amount_minor", "currency")
_MORE = ("original_amount_minor", "original_currency", "state", "descriptor", "memo", "refund_of", "replaced")


def derive(connection: Connection, tool_ids: Sequence[int]) -> None:
    """Work out the subscriptions of those tools whose charges changed.

    Args:
        connection: a writing transaction.
        tool_ids: whose.
    """
    of_tools = among(connection, tool_subscriptions.c.tool_id, tool_ids)
    known = sa.select(tool_subscriptions.c.tool_id, tool_subscriptions.c.digest).where(of_tools).distinct()
    digests = {row.tool_id: row.digest for row in connection.execute(known)}
    charges = _charges_of(connection, tool_ids)
    changed: list[int] = []
    fresh: list[dict[str, Any]] = []
    for tool_id in tool_ids:
        own = charges.get(tool_id, [])
        digest = _digest(own) if own else None
        if digest == digests.get(tool_id):
            continue
        changed.append(tool_id)
        found = subscriptions(own)
        fresh += [_row(tool_id, n, one, digest or "") for n, one in enumerate(found, 1)]
    if changed:
        old = among(connection, tool_subscriptions.c.tool_id, changed)
        connection.execute(sa.delete(tool_subscriptions).where(old))
        upsert(connection, tool_subscriptions, fresh, key=("tool_id", "number"))


def _charges_of(connection: Connection, tool_ids: Sequence[int]) -> Mapping[int, list[Charge]]:
    query = (
        sa.select(merchants.c.tool_id, *(expenses.c[name] for name in (*_COLUMNS, *_MORE)))
        .join_from(merchants, expenses, expenses.c.merchant_id == merchants.c.id)
        .where(among(connection, merchants.c.tool_id, tool_ids))
        .order_by(expenses.c.id)
    )
    found: dict[int, list[Charge]] = defaultdict(list)
    # All at once and taken apart by place: a tool may have hundreds of thousands of charges.
    rows: Any = connection.execute(query).all()
    for row in rows:
        tool_id, source_id, ref, account_id, on, minor, currency, asked_minor, asked_currency, *more = row
        state, descriptor, memo, refund_of, replaced = more
        charge = Charge(
            on=on,
            minor=minor,
            currency=currency,
            state=state,
            source=str(source_id),
            payer=str(account_id or ""),
            ref=ref,
            refund_of=refund_of,
            replaced=replaced,
            asked_minor=asked_minor,
            asked_currency=asked_currency,
            text=f"{descriptor or ''} {memo or ''}",
        )
        found[tool_id].append(charge)
    return found


def _digest(charges: Sequence[Charge]) -> str:
    written = msgspec.msgpack.encode((_READING, charges))
    return hashlib.blake2b(written, digest_size=16).hexdigest()


def _row(tool_id: int, number: int, found: Subscription, digest: str) -> dict[str, Any]:
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
        "digest": digest,
    }


def _rise(rise: Rise) -> dict[str, Any]:
    return {**vars(rise), "on": rise.on.isoformat()}
