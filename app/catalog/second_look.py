"""Looks once more, at a scan's end, at what is named by an ordinary word alone.

When such an app or charge is met, nothing supports the word yet. By the end of the scan its permissions are
stored, and after some months its charges have a rhythm: that may be the second signal.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.tool_finder import ToolFinder, named_by_word
from app.identify import Hints, KnowledgeBase
from app.models import apps, expenses, grants, merchants
from connectors.identifiers import MERCHANT, Identifier

FEWEST_CHARGES = 3
_MONTH = range(25, 37)
"""Days between two monthly charges: weekends, and cards that are charged late."""
_LEAST_ALIKE = 0.8
"""The smallest charge of a rhythm is at least this share of the largest: taxes and rates move a little."""


def recurs(charges: Sequence[tuple[date, int]]) -> bool:
    """Say whether charges come monthly and alike, as those of a subscription do. Pure.

    Args:
        charges: day and amount in minor units of each, in any order; refunds are passed over.
    """
    paid = sorted((day, amount) for day, amount in charges if amount > 0)
    if len(paid) < FEWEST_CHARGES:
        return False
    amounts = [amount for _, amount in paid]
    if min(amounts) < _LEAST_ALIKE * max(amounts):
        return False
    return all((later - earlier).days in _MONTH for (earlier, _), (later, _) in pairwise(paid))


def look_again(connection: Connection, kb: KnowledgeBase, source_id: int, at: datetime) -> int:
    """Name what a source's evidence has come to support.

    Args:
        connection: the transaction that ends the scan; nobody teaches until it ends.
        kb: the knowledge base.
        source_id: whose apps and charges are looked at.
        at: the time.

    Returns:
        How many apps and merchants were named.
    """
    finder = ToolFinder(kb)
    finder.begin(connection)
    return _apps(connection, kb, finder, source_id, at) + _merchants(connection, kb, finder, source_id, at)


def _apps(connection: Connection, kb: KnowledgeBase, finder: ToolFinder, source_id: int, at: datetime) -> int:
    query = sa.select(apps.c.id, apps.c.name, apps.c.identifiers).where(
        apps.c.source_id == source_id,
        apps.c.rule == "unidentified",
        sa.exists().where(grants.c.app_id == apps.c.id),
    )
    named = 0
    for row in connection.execute(query.order_by(apps.c.id)).all():
        identifiers = tuple(Identifier(kind, value) for kind, value in row.identifiers)
        if named_by_word(kb, identifiers):
            hints = Hints(scopes=finder.scopes_of(connection, row.id))
            named += finder.retie_app(connection, row.id, row.name, identifiers, hints, at)
    return named


def _merchants(
    connection: Connection, kb: KnowledgeBase, finder: ToolFinder, source_id: int, at: datetime
) -> int:
    paid = sa.exists().where(expenses.c.merchant_id == merchants.c.id, expenses.c.source_id == source_id)
    unnamed = sa.select(merchants.c.id, merchants.c.key).where(merchants.c.rule == "unidentified", paid)
    named = 0
    for merchant_id, key in connection.execute(unnamed.order_by(merchants.c.id)).all():
        columns = (
            expenses.c.descriptor,
            expenses.c.merchant,
            expenses.c.occurred_on,
            expenses.c.amount_minor,
            expenses.c.mcc,
            expenses.c.category,
        )
        rows = connection.execute(
            sa.select(*columns).where(expenses.c.merchant_id == merchant_id).order_by(expenses.c.id)
        ).all()
        texts = dict.fromkeys(t for t in (rows[0].descriptor, rows[0].merchant) if t)
        identifiers = tuple(Identifier(MERCHANT, text) for text in texts)
        if named_by_word(kb, identifiers) and recurs([(r.occurred_on, r.amount_minor) for r in rows]):
            hints = Hints(mcc=rows[0].mcc or "", category=rows[0].category or "", recurring=True)
            named += finder.retie_merchant(connection, merchant_id, key, identifiers, hints, at)
    return named
