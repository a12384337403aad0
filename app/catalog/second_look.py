"""Looks once more, at a scan's end, at what is named by an ordinary word alone.

When such an app or charge is met, nothing supports the word yet. By the end of the scan its permissions are
stored, and after some months its charges have a rhythm: that may be the second signal. What had one and has
none any more (the permission was taken back, the charges were refunded) is nobody's again.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog.answers import merchant_texts
from app.catalog.tool_finder import SUPPORTED, UNIDENTIFIED, ToolFinder
from app.db import among
from app.identify import Hints, KnowledgeBase
from app.models import apps, expenses, grants, merchants
from connectors.identifiers import APP_NAME, Identifier

FEWEST_CHARGES = 3
_MONTH = range(25, 37)
"""Days between two monthly charges: weekends, and cards that are charged late."""
_LEAST_ALIKE = 0.8
"""The smallest charge of a rhythm is at least this share of the largest: taxes and rates move a little."""
Row = sa.Row[*tuple[Any, ...]]

_PAID = ("posted", "pending")


def recurs(charges: Sequence[tuple[date, int]]) -> bool:
    """Say whether charges come monthly and alike, as those of a subscription do. Pure.

    At least three must follow each other so, and they must be half of all: a price that changes or a month
    that is left out does not end a subscription.

    Args:
        charges: day and amount in minor units of each, in any order; refunds are passed over.
    """
    paid = sorted((day, amount) for day, amount in charges if amount > 0)
    longest, run = 0, paid[:1]
    for (earlier, _), (later, amount) in pairwise(paid):
        amounts = [a for _, a in run] + [amount]
        if (later - earlier).days not in _MONTH or min(amounts) < _LEAST_ALIKE * max(amounts):
            run = []
        run.append((later, amount))
        longest = max(longest, len(run))
    return longest >= FEWEST_CHARGES and 2 * longest >= len(paid)


def look_again(connection: Connection, kb: KnowledgeBase, source_id: int, at: datetime) -> set[int]:
    """Name what a source's evidence has come to support, and no longer what it has ceased to support.

    Args:
        connection: the transaction that ends the scan; nobody teaches until it ends.
        kb: the knowledge base.
        source_id: whose apps and charges are looked at.
        at: the time.

    Returns:
        The tools that apps and merchants were moved between, by id.
    """
    finder = ToolFinder(kb)
    finder.begin(connection)
    return _apps(connection, finder, source_id, at) | _merchants(connection, finder, source_id, at)


def _said(table: sa.Table) -> sa.ColumnElement[str]:
    """The rule by which the matcher tied a subject, also where a person said otherwise."""
    return sa.func.coalesce(table.c.matched["rule"].as_string(), table.c.rule)


def _apps(connection: Connection, finder: ToolFinder, source_id: int, at: datetime) -> set[int]:
    said = _said(apps)
    granted = sa.exists().where(grants.c.app_id == apps.c.id, grants.c.gone_at.is_(None))
    # What is gone keeps the name it had: nothing more will be seen of it.
    query = sa.select(apps.c.id, apps.c.name, apps.c.identifiers, said.label("said")).where(
        apps.c.source_id == source_id,
        apps.c.gone_at.is_(None),
        sa.or_(said == SUPPORTED, sa.and_(said == UNIDENTIFIED, granted)),
    )
    changed: set[int] = set()
    for row in connection.execute(query.order_by(apps.c.id)).all():
        told = tuple(Identifier(kind, value) for kind, value in row.identifiers)
        identifiers = told or (Identifier(APP_NAME, row.name),)
        if row.said == SUPPORTED or _is_word(finder, identifiers):
            changed |= finder.retie_app(connection, row.id, row.name, identifiers, at)
    return changed


def _merchants(connection: Connection, finder: ToolFinder, source_id: int, at: datetime) -> set[int]:
    said = _said(merchants)
    weak = said.in_((UNIDENTIFIED, SUPPORTED))
    paid = sa.select(expenses.c.merchant_id).where(expenses.c.source_id == source_id)
    keys = sa.select(merchants.c.key).where(weak, merchants.c.id.in_(paid))
    query = sa.select(merchants.c.id, merchants.c.key, said.label("said")).where(
        weak, merchants.c.key.in_(keys)
    )
    changed: set[int] = set()
    rows = connection.execute(query.order_by(merchants.c.key, merchants.c.id)).all()
    texts = _first_texts(connection, [row.id for row in rows])
    for _, of_key in groupby(rows, key=lambda row: row.key):
        merchant = {row.id: row.said for row in of_key if row.id in texts}
        words = [id_ for id_, rule in merchant.items() if rule == SUPPORTED or _is_word(finder, texts[id_])]
        if not words:
            continue
        supported = _supported(finder, _lines(connection, words))
        for id_ in words:
            if supported == (merchant[id_] == UNIDENTIFIED):
                answer = finder.answers.of(texts[id_], Hints(recurring=supported))
                changed |= finder.retie_merchant(connection, id_, answer, at)
    return changed


def _is_word(finder: ToolFinder, identifiers: tuple[Identifier, ...]) -> bool:
    return finder.answers.of(identifiers).word is not None


def _first_texts(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Identifier, ...]]:
    """How the first line of each merchant names it."""
    first = (
        sa.select(sa.func.min(expenses.c.id))
        .where(among(connection, expenses.c.merchant_id, ids))
        .group_by(expenses.c.merchant_id)
    )
    columns = (expenses.c.merchant_id, expenses.c.descriptor, expenses.c.merchant)
    found = connection.execute(sa.select(*columns).where(expenses.c.id.in_(first)))
    return {row.merchant_id: merchant_texts(row.descriptor, row.merchant) for row in found}


def _lines(connection: Connection, ids: Sequence[int]) -> Sequence[Row]:
    columns = ("source_id", "ref", "descriptor", "merchant", "occurred_on", "amount_minor", "currency")
    more = ("state", "mcc", "category", "refund_of", "replaced")
    query = sa.select(*(expenses.c[c] for c in (*columns, *more)))
    wanted = among(connection, expenses.c.merchant_id, sorted(ids))
    return connection.execute(query.where(wanted).order_by(expenses.c.id)).all()


def _supported(finder: ToolFinder, lines: Sequence[Row]) -> bool:
    """Whether a line was filed as software, or all together have the rhythm of a subscription."""
    rhythm = True
    for line in lines:
        hints = Hints(mcc=line.mcc or "", category=line.category or "")
        texts = merchant_texts(line.descriptor, line.merchant)
        if (line.mcc or line.category) and finder.answers.of(texts, hints).match is not None:
            return True
        rhythm = rhythm and finder.answers.of(texts, hints._replace(recurring=True)).match is not None
    return rhythm and any(recurs(charges) for charges in _paid(lines).values())


def _paid(lines: Sequence[Row]) -> dict[str, list[tuple[date, int]]]:
    """The charges that stand, by currency: neither declined nor replaced nor given back in full."""
    given_back: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        if line.state == "refund" and line.refund_of:
            given_back[line.source_id, line.refund_of] -= line.amount_minor
    charges: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for line in lines:
        stands = line.state in _PAID and not line.replaced
        if stands and given_back[line.source_id, line.ref] < line.amount_minor:
            charges[line.currency].append((line.occurred_on, line.amount_minor))
    return charges
