"""The catalog's contents with natural keys in place of ids, so that two databases can be compared."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading
from app.models import metadata

_LEFT_OUT = {
    # A scan that goes on after a crash cuts its pages elsewhere: their number, and how often something
    # was named again, say how the reading went. What was new, left out and skipped must agree.
    "scans": {"id", "lease_owner", "lease_until", "fence", "pages", "known"},
    "sources": {"id", "config", "secrets"},
    # Of rows with the ids that a database happened to give them.
    "tool_subscriptions": {"digest"},
    "api_tokens": None,
    "audit_events": None,
    "audit_head": None,
    "audit_looks": None,
    "messages": None,
    "deliveries": None,
    "leases": None,
    "due_ticks": None,
}
"""Columns that say how the work was done and not what was found; None: the whole table."""


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows, sorted, with references resolved to what they name."""
    with reading(engine) as connection:
        tables = {
            t.name: [dict(r) for r in connection.execute(sa.select(t)).mappings()]
            for t in metadata.sorted_tables
        }
    names: dict[str, dict[int, str]] = {}
    names["sources"] = {r["id"]: r["name"] for r in tables["sources"]}
    names["scans"] = {
        r["id"]: f"{names['sources'][r['source_id']]}#{r['generation']}" for r in tables["scans"]
    }
    names["tools"] = {r["id"]: r["key"] for r in tables["tools"]}
    names["apps"] = {r["id"]: f"{names['sources'][r['source_id']]}/{r['ref']}" for r in tables["apps"]}
    names["accounts"] = {
        r["id"]: f"{names['sources'][r['source_id']]}/{r['ref']}" for r in tables["accounts"]
    }
    person_accounts: dict[int, list[str]] = {}
    for r in tables["accounts"]:
        person_accounts.setdefault(r["person_id"], []).append(names["accounts"][r["id"]])
    names["people"] = {
        r["id"]: r["email"] or "+".join(sorted(person_accounts.get(r["id"], []))) for r in tables["people"]
    }
    found = {}
    for table in metadata.sorted_tables:
        left_out = _LEFT_OUT.get(table.name, {"id"})
        if left_out is None:
            continue
        rows = [
            tuple(_value(table, c, r, names) for c in table.columns if c.name not in left_out)
            for r in tables[table.name]
        ]
        found[table.name] = sorted(rows, key=repr)
    return found


def _value(
    table: sa.Table, column: sa.Column[Any], row: dict[str, Any], names: dict[str, dict[int, str]]
) -> Any:
    value = row[column.name]
    if value is None:
        return None
    if table.name == "assignments" and column.name == "subject" and value.startswith("account:"):
        return names["accounts"][int(value.removeprefix("account:"))]
    if "refers_to" in column.info:
        return names[column.info["refers_to"]][value]
    for key in column.foreign_keys:
        return names[key.column.table.name][value]
    return value


def differences(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> list[str]:
    """What the two do not have in common, a line a row."""
    lines = []
    for table in sorted(one.keys() | other.keys()):
        left, right = one.get(table, []), other.get(table, [])
        lines += [f"{table}: only in the first: {r}" for r in left if r not in right]
        lines += [f"{table}: only in the second: {r}" for r in right if r not in left]
        if len(left) != len(right):
            lines.append(f"{table}: {len(left)} rows in the first, {len(right)} in the second")
    return lines
