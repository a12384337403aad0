"""What is known of a tool at one moment, as it is kept with a decision: people are counted, never named."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from app.catalog import service as catalog
from app.catalog.veiled import by_department
from app.security.privacy import OPEN, Veil

_FACTS = (
    "name",
    "vendor",
    "domain",
    "category",
    "identity",
    "evidence",
    "ownership",
    "audience",
    "managed",
    "managed_reasons",
    "shadow",
    "people",
    "people_gone",
    "grant_grade",
    "risk_reasons",
    "on_it_list",
    "first_seen",
    "last_seen",
)


def evidence_now(connection: Connection, tool_id: int, now: datetime) -> dict[str, Any]:
    """What is known of a tool now: facts, people by department, permissions, spend, sources.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    tool = catalog.get_tool(connection, tool_id, veil=OPEN)
    may = catalog.tool_permissions(connection, tool_id)
    known = {
        "at": now,
        "tool": {name: getattr(tool, name) for name in _FACTS},
        "people_by_department": {d.department: d.people for d in tool.departments},
        "may": [
            {"words": p.words, "grade": p.grade, "people": p.people, "everybody": p.everybody} for p in may
        ],
        "spend_12_months_minor": tool.spend,
        "sources": [
            {"name": s.name, "connector": s.connector, "last_complete_at": s.last_complete_at}
            for s in tool.sources
        ],
    }
    return orjson.loads(orjson.dumps(known))


def as_seen(evidence: dict[str, Any], veil: Veil) -> dict[str, Any]:
    """What was kept with a decision, without the counts by department that a caller is not shown."""
    counts = evidence.get("people_by_department")
    if veil.is_open or not counts:
        return evidence
    return {**evidence, "people_by_department": by_department(counts, veil)}
