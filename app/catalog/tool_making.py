"""Makes tools: the first row of a product, of a stranger, or of what a person named."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.db import upsert
from app.identify import Product, Unknown
from app.models import tools
from app.models.catalog import sort_name


def make_tool(connection: Connection, key: str, at: datetime, *, name: str, **facts: Any) -> tuple[int, bool]:
    """The tool of a key: its id, and whether it was made now because there was none."""
    by_key = sa.select(tools.c.id).where(tools.c.key == key)
    found = connection.scalar(by_key)
    if found is not None:
        return found, False
    named = {"name": name, "sort_name": sort_name(name)}
    upsert(connection, tools, [{"key": key, **named, **_UNASSESSED, **facts, **_seen(at)}], key=("key",))
    found = connection.scalar(by_key)
    assert found is not None
    return found, True


def facts_of_product(product: Product) -> dict[str, Any]:
    """What `make_tool` is told of a product that the knowledge base has."""
    facts = {name: getattr(product, name) for name in ("name", "vendor", "domain", "category")}
    return {**facts, "identity": "identified"}


def facts_of_unknown(unknown: Unknown) -> dict[str, Any]:
    """What `make_tool` is told of a tool that nobody can name."""
    nothing = {"vendor": None, "category": None}
    return {"name": unknown.name, "domain": unknown.domain, "identity": "unidentified", **nothing}


def _seen(at: datetime) -> dict[str, Any]:
    return {"first_seen": at, "last_seen": at, "updated_at": at}


_UNASSESSED: dict[str, Any] = {
    "evidence": "active",
    "governance": "unreviewed",
    "ownership": "unowned",
    "audience": "unsure",
    "audience_reasons": [],
    "managed": False,
    "managed_reasons": [],
    "shadow": False,
    "shadow_reasons": [],
    "flagged": False,
    "flagged_reasons": [],
    "flagged_at": None,
    "on_it_list": False,
    "people": 0,
    "people_gone": 0,
    "grant_grade": None,
    "spend_minor": 0,
    "spend_currency": None,
    "spend": {},
    "departments": [],
    "sources": [],
    "search": "",
    "version": 1,
}
"""A tool as it is made, before the scan's end works out its facts."""
