"""The catalog: tools and their identifiers, and what is worked out about each tool after a scan."""

from typing import Any

import sqlalchemy as sa

from app.models.base import BigId, Json, JsonOrNull, bigid, fk, metadata, one_of, when


def sort_name(name: str) -> str:
    """What a tool is sorted by: its name whatever its case, so that `beehiiv` comes before `Brevo`."""
    return name.casefold()


def _sort_name(context: Any) -> str:
    return sort_name(context.get_current_parameters()["name"])


tools = sa.Table(
    "tools",
    metadata,
    bigid(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sort_name", sa.Text, nullable=False, default=_sort_name),
    sa.Column("vendor", sa.Text, nullable=True),
    sa.Column("domain", sa.Text, nullable=True),
    sa.Column("category", sa.Text, nullable=True),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("governance", sa.Text, nullable=False),
    sa.Column("ownership", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("audience_reasons", Json, nullable=False),
    sa.Column("managed", sa.Boolean, nullable=False),
    sa.Column("managed_reasons", Json, nullable=False),
    sa.Column("shadow", sa.Boolean, nullable=False),
    sa.Column("shadow_reasons", Json, nullable=False),
    sa.Column("flagged", sa.Boolean, nullable=False),
    sa.Column("flagged_reasons", Json, nullable=False),
    when("flagged_at", null=True),
    sa.Column("on_it_list", sa.Boolean, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("people_gone", sa.Integer, nullable=False),
    sa.Column("grant_grade", sa.Text, nullable=True),
    sa.Column("spend_minor", sa.BigInteger, nullable=False),
    sa.Column("spend_currency", sa.Text, nullable=True),
    sa.Column("spend", Json, nullable=False),
    sa.Column("departments", Json, nullable=False),
    sa.Column("sources", Json, nullable=False),
    when("first_seen"),
    when("last_seen"),
    sa.Column("search", sa.Text, nullable=False),
    sa.Column("risk_reasons", Json, nullable=False, default=list, server_default="[]"),
    # No foreign key: SQLite can add one only by writing the table anew. `app.catalog.leftovers` keeps what
    # is referred to.
    sa.Column("merged_into", BigId, nullable=True, info={"refers_to": "tools"}),
    # False: kept for what refers to it, shown to nobody. It was merged away, or no evidence is left of it
    # (a person said that all of it is another tool's). Such a tool is never flagged and never shadow.
    sa.Column("listed", sa.Boolean, nullable=False, default=True, server_default=sa.true()),
    sa.Column("version", sa.Integer, nullable=False),
    when("updated_at"),
    one_of("identity", "identified", "unidentified"),
    one_of("evidence", "active", "dormant", "gone"),
    one_of(
        "governance",
        "unreviewed",
        "in_review",
        "sanctioned",
        "sanctioned_with_conditions",
        "provisional",
        "retiring",
        "retired",
        "dismissed",
    ),
    one_of("ownership", "unowned", "claimed", "owned", "lapsed"),
    one_of("audience", "marketing", "other", "unsure"),
    sa.Index("ix_tools_sort_name", "sort_name", "id"),
    sa.Index("ix_tools_last_seen", "last_seen", "id"),
    sa.Index("ix_tools_first_seen", "first_seen", "id"),
    sa.Index("ix_tools_people", "people", "id"),
    sa.Index("ix_tools_spend", "spend_minor", "id"),
    sa.Index("ix_tools_flagged", "flagged", "people", "id"),
    sa.Index("ix_tools_merged_into", "merged_into"),
)

# What an expense is tied to: one row for each merchant and each answer of the matcher. `tool_id` is the tool
# that holds, `matched_tool_id` the one the matcher named. Where a person said otherwise, `rule`,
# `confidence` and `why` are theirs, and `matched` keeps the matcher's.
merchants = sa.Table(
    "merchants",
    metadata,
    bigid(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    fk("matched_tool_id", "tools", cascade=False),
    fk("tool_id", "tools", cascade=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("matched", JsonOrNull, nullable=True),
    when("first_seen"),
    sa.UniqueConstraint("key", "matched_tool_id"),
    sa.Index("ix_merchants_tool", "tool_id"),
    sa.Index("ix_merchants_matched", "matched_tool_id"),
)

tool_identifiers = sa.Table(
    "tool_identifiers",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    fk("tool_id", "tools"),
    sa.Column("rule", sa.Text, nullable=False),
    when("first_seen"),
    sa.Index("ix_tool_identifiers_tool", "tool_id"),
)

tool_departments = sa.Table(
    "tool_departments",
    metadata,
    sa.Column("tool_id", BigId, sa.ForeignKey("tools.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("department", sa.Text, primary_key=True),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Index("ix_tool_departments_department", "department", "tool_id"),
)

tool_sources = sa.Table(
    "tool_sources",
    metadata,
    sa.Column("tool_id", BigId, sa.ForeignKey("tools.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("source_id", BigId, sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    sa.Index("ix_tool_sources_source", "source_id", "tool_id"),
)
