"""Works out, after a scan, what holds for people and tools: the last step before anybody sees them.

People are merged from their accounts, tools get their evidence, audience, people, spend and flags.
Only rows that change are written, and their version counts up.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.catalog import evidence as read
from app.catalog.judge import AppFacts, ToolFacts, judge
from app.clock import start_of
from app.db import among, upsert
from app.identify import AudienceSignals, KnowledgeBase, audience, describe_unknown
from app.models import tool_departments, tool_sources, tools
from app.models.catalog import sort_name
from app.spend.deriving import derive
from connectors.identifiers import MERCHANT, Identifier

_CHUNK = 400
SPEND_PERIOD = timedelta(days=365)
USE_PERIOD = timedelta(days=90)


def assess(connection: Connection, kb: KnowledgeBase, tool_ids: Iterable[int], now: datetime) -> int:
    """Work out the facts of some tools again; gives how many changed."""
    ids = sorted(set(tool_ids))
    return sum(_assess(connection, kb, ids[i : i + _CHUNK], now) for i in range(0, len(ids), _CHUNK))


def _assess(connection: Connection, kb: KnowledgeBase, ids: Sequence[int], now: datetime) -> int:
    today = now.date()
    # Locked before anything is read about them: of two scans that end at once, the second one waits, and
    # then sees what the first one changed.
    query = sa.select(tools).where(among(connection, tools.c.id, ids)).order_by(tools.c.id)
    locked = connection.execute(query.with_for_update(key_share=True)).mappings()
    stored = {row["id"]: dict(row) for row in locked}
    apps = read.apps_of(connection, ids)
    users = read.people_of(connection, ids, today - USE_PERIOD, today - SPEND_PERIOD)
    grants = read.grants_of(connection, ids)
    money = read.spend_of(connection, ids, today - SPEND_PERIOD)
    for_now = [id_ for id_, row in stored.items() if row["governance"] == "provisional"]
    passed = read.passed_of(connection, for_now)
    departments_rows: list[dict[str, Any]] = []
    source_rows: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for id_, row in stored.items():
        own_apps = apps.get(id_, [])
        people = users.get(id_, {})
        spend = money.get(id_, read.Spend())
        departments = _departments(people.values())
        sources = sorted({a.source for a in own_apps} | spend.sources)
        product = kb.products.get(row["key"].removeprefix("kb:")) if row["key"].startswith("kb:") else None
        opinion = audience(
            product,
            AudienceSignals(
                departments=departments,
                people=len(people),
                scopes=tuple(sorted(grants[id_].scopes)) if id_ in grants else (),
                mcc=tuple(sorted(spend.mccs)),
                accounts=tuple(sorted(spend.categories)),
                name=row["name"],
                domain=row["domain"] or "",
                unresolved=row["key"].startswith("unknown:reseller:"),
                names=tuple(sorted({a.name for a in own_apps} | spend.merchants)),
            ),
        )
        facts = ToolFacts(
            audience=opinion.value,
            governance=row["governance"],
            on_it_list=row["on_it_list"],
            apps=[_facts(a) for a in own_apps],
            last_expense=spend.last,
            passed=id_ in passed,
        )
        verdict = judge(facts, now)
        name = row["name"] if product else _presentable(row["name"], own_apps, spend)
        main = max(spend.by_currency.items(), key=lambda item: (item[1], item[0]), default=(None, 0))
        firsts = [a.first_seen for a in own_apps] + ([start_of(spend.first)] if spend.first else [])
        search = _search(name, row, own_apps, spend, product)
        after = {
            **row,
            "name": name,
            "sort_name": sort_name(name),
            "evidence": verdict.evidence,
            "audience": opinion.value,
            "audience_reasons": list(opinion.reasons),
            "managed": verdict.managed,
            "managed_reasons": verdict.managed_reasons,
            "shadow": verdict.shadow,
            "shadow_reasons": verdict.shadow_reasons,
            "flagged": verdict.flagged,
            "flagged_reasons": verdict.flagged_reasons,
            "flagged_at": row["flagged_at"] or (now if verdict.flagged else None),
            "people": len(people),
            "people_gone": sum(p.active is False for p in people.values()),
            "grant_grade": grants[id_].grade if id_ in grants else None,
            "spend_minor": main[1],
            "spend_currency": main[0],
            "spend": dict(sorted(spend.by_currency.items())),
            "departments": [
                {"department": d, "people": n}
                for d, n in sorted(departments.items(), key=lambda item: (-item[1], item[0]))
            ],
            "sources": sources,
            "first_seen": min(firsts, default=row["first_seen"]),
            "last_seen": verdict.last_seen or max((a.last_seen for a in own_apps), default=row["last_seen"]),
            "search": search,
            "risk_reasons": sorted({risk for a in own_apps for risk in a.risks}),
            "listed": _is_listed(row, bool(own_apps or spend.sources)),
        }
        departments_rows += [
            {"tool_id": id_, "department": d, "people": n} for d, n in sorted(departments.items())
        ]
        source_ids = {a.source_id for a in own_apps} | spend.source_ids
        source_rows += [{"tool_id": id_, "source_id": s} for s in sorted(source_ids)]
        if _comparable(after) != _comparable(row):
            changed.append({**after, "version": row["version"] + 1, "updated_at": now})
    kept = {"id", "key", "governance", "ownership", "on_it_list", "merged_into"}
    if changed:
        update = tuple(c for c in changed[0] if c not in kept)
        upsert(connection, tools, changed, key=("id",), update=update)
    for table, rows, key in (
        (tool_departments, departments_rows, ("tool_id", "department")),
        (tool_sources, source_rows, ("tool_id", "source_id")),
    ):
        connection.execute(sa.delete(table).where(among(connection, table.c.tool_id, ids)))
        upsert(connection, table, rows, key=key)
    derive(connection, list(stored))
    return len(changed)


def _is_listed(row: dict[str, Any], has_evidence: bool) -> bool:
    """Whether a tool is shown: not one that was merged away, or whose evidence people gave to another."""
    decided = row["governance"] != "unreviewed" or row["ownership"] != "unowned" or row["on_it_list"]
    return row["merged_into"] is None and (has_evidence or decided)


def _facts(app: read.AppRow) -> AppFacts:
    return AppFacts(
        source=app.source,
        name=app.name,
        live=app.live,
        listed=app.listed,
        sign_on=app.sign_on,
        provisioning=app.provisioning,
        admin_only=app.admin_only,
        groups=app.groups,
        admin_grants=app.admin_grants,
        last_event=app.last_event,
        last_seen=app.last_seen,
        live_grants=app.live_grants,
    )


def _departments(people: Iterable[read.User]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for person in people:
        if person.department:
            counts[person.department] += 1
    return dict(counts)


def _presentable(name: str, own_apps: Sequence[read.AppRow], spend: read.Spend) -> str:
    """The name of an unidentified tool: the same whichever source was scanned first.

    What only a person's word ties to it does not rename it.
    """
    names = {a.name for a in own_apps if a.by_matcher} or {
        describe_unknown(tuple(Identifier(MERCHANT, text) for text in line)).name for line in spend.lines
    }
    return min(names, key=lambda n: (len(n), n), default=name)


def _search(
    name: str, row: dict[str, Any], own_apps: Sequence[read.AppRow], spend: read.Spend, product: Any
) -> str:
    words = {name, row["vendor"] or "", row["domain"] or "", *(a.name for a in own_apps), *spend.merchants}
    if product is not None:
        words |= set(product.aliases) | set(product.former_names)
    return " ".join(sorted({w.lower() for w in words if w}))[:4000]


def _comparable(row: dict[str, Any]) -> bytes:
    return orjson.dumps({str(k): v for k, v in row.items() if k not in {"version", "updated_at"}})
