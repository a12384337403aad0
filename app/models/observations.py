"""What scans saw, as the sources told it: people and accounts, apps, assignments, sign-ins, grants, expenses.

Rows are unique by the vendor's own id within a source. `generation` numbers the full reads of a
source: what a complete one did not see again gets `gone_at`.
"""

import sqlalchemy as sa

from app.models.base import BigId, Json, JsonOrNull, bigid, fk, metadata, one_of, when


def _of_administrators(name: str, column: str) -> sa.Index:
    """A small index of the few rows in which an administrator consented for everybody."""
    only = sa.text("consent = 'admin'")
    return sa.Index(name, column, sqlite_where=only, postgresql_where=only)


people = sa.Table(
    "people",
    metadata,
    bigid(),
    sa.Column("email", sa.Text, nullable=True, unique=True),
    sa.Column("name", sa.Text, nullable=True),
    sa.Column("department", sa.Text, nullable=True),
    sa.Column("title", sa.Text, nullable=True),
    sa.Column("manager_email", sa.Text, nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=True),
    when("first_seen"),
    when("last_seen"),
    sa.Index("ix_people_department", "department"),
)

accounts = sa.Table(
    "accounts",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    sa.Column("ref", sa.Text, nullable=False),
    fk("person_id", "people"),
    sa.Column("listed", sa.Boolean, nullable=False),
    sa.Column("details", Json, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    when("first_seen"),
    when("last_seen"),
    when("gone_at", null=True),
    sa.UniqueConstraint("source_id", "ref"),
    sa.Index("ix_accounts_person", "person_id"),
)

apps = sa.Table(
    "apps",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    sa.Column("ref", sa.Text, nullable=False),
    # As for merchants: the tool that holds, and the one that the matcher named (without a foreign key, which
    # SQLite could add only by writing the table anew; `app.catalog.leftovers` keeps what is referred to).
    fk("tool_id", "tools", null=True, cascade=False),
    sa.Column("matched_tool_id", BigId, nullable=True, info={"refers_to": "tools"}),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("listed", sa.Boolean, nullable=False),
    sa.Column("internal", sa.Boolean, nullable=False),
    sa.Column("sign_on", sa.Text, nullable=False),
    sa.Column("provisioning", sa.Boolean, nullable=False),
    sa.Column("self_service", sa.Boolean, nullable=False),
    sa.Column("admin_only", sa.Boolean, nullable=False, default=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("publisher", sa.Text, nullable=True),
    sa.Column("publisher_verified", sa.Boolean, nullable=True),
    sa.Column("identifiers", Json, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("matched", JsonOrNull, nullable=True),
    sa.Column("risks", Json, nullable=False, default=list, server_default="[]"),
    when("created_at", null=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    when("first_seen"),
    when("last_seen"),
    when("gone_at", null=True),
    sa.UniqueConstraint("source_id", "ref"),
    sa.Index("ix_apps_tool", "tool_id"),
    sa.Index("ix_apps_matched", "matched_tool_id"),
)

assignments = sa.Table(
    "assignments",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    fk("app_id", "apps"),
    sa.Column("subject", sa.Text, nullable=False),
    fk("account_id", "accounts", null=True),
    sa.Column("group_name", sa.Text, nullable=True),
    sa.Column("via_group", sa.Boolean, nullable=False),
    sa.Column("self_assigned", sa.Boolean, nullable=False),
    when("assigned_at", null=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    when("first_seen"),
    when("last_seen"),
    when("gone_at", null=True),
    sa.UniqueConstraint("app_id", "subject"),
    sa.Index("ix_assignments_account", "account_id"),
    sa.Index("ix_assignments_source", "source_id", "stream", "generation"),
)

# The busiest table, and the only one without foreign keys: PostgreSQL checks them row by row, which took
# two thirds of the time of storing a page. Its ids are the scan's own, apps and accounts go only with
# their source, and that waits for a page that is being written: see `app.sources.repository.delete`.
sign_in_days = sa.Table(
    "sign_in_days",
    metadata,
    sa.Column("app_id", BigId, primary_key=True, autoincrement=False, info={"refers_to": "apps"}),
    sa.Column("account_id", BigId, primary_key=True, autoincrement=False, info={"refers_to": "accounts"}),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index("ix_sign_in_days_account", "account_id"),
    sqlite_with_rowid=False,
)

recent_events = sa.Table(
    "recent_events",
    metadata,
    sa.Column("source_id", BigId, sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    when("at"),
    sa.Index("ix_recent_events_at", "source_id", "stream", "at"),
    sqlite_with_rowid=False,
)

grants = sa.Table(
    "grants",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    sa.Column("ref", sa.Text, nullable=False),
    fk("app_id", "apps"),
    fk("account_id", "accounts", null=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("grade", sa.Text, nullable=False),
    sa.Column("consent", sa.Text, nullable=False),
    when("granted_at", null=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    when("first_seen"),
    when("last_seen"),
    when("gone_at", null=True),
    sa.UniqueConstraint("source_id", "ref"),
    one_of("consent", "user", "admin"),
    one_of("grade", "high", "medium", "low"),
    sa.Index("ix_grants_app", "app_id"),
    sa.Index("ix_grants_account", "account_id"),
    _of_administrators("ix_grants_admin", "app_id"),
)

consent_events = sa.Table(
    "consent_events",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    sa.Column("event_id", sa.Text, nullable=False),
    fk("app_id", "apps"),
    fk("account_id", "accounts", null=True),
    when("at"),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("consent", sa.Text, nullable=False),
    sa.UniqueConstraint("source_id", "event_id"),
    sa.Index("ix_consent_events_app", "app_id", "at"),
    _of_administrators("ix_consent_events_admin", "at"),
)

expenses = sa.Table(
    "expenses",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    sa.Column("ref", sa.Text, nullable=False),
    fk("merchant_id", "merchants", cascade=False),
    fk("account_id", "accounts", null=True),
    sa.Column("occurred_on", sa.Date, nullable=False),
    sa.Column("posted_on", sa.Date, nullable=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("original_amount_minor", sa.BigInteger, nullable=True),
    sa.Column("original_currency", sa.Text, nullable=True),
    sa.Column("merchant", sa.Text, nullable=False),
    sa.Column("descriptor", sa.Text, nullable=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("mcc", sa.Text, nullable=True),
    sa.Column("category", sa.Text, nullable=True),
    sa.Column("memo", sa.Text, nullable=True),
    sa.Column("department", sa.Text, nullable=True),
    sa.Column("refund_of", sa.Text, nullable=True),
    sa.Column("replaces", sa.Text, nullable=True),
    sa.Column("replaced", sa.Boolean, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    when("first_seen"),
    when("last_seen"),
    sa.UniqueConstraint("source_id", "ref"),
    one_of("state", "pending", "posted", "refund", "declined", "void"),
    sa.Index("ix_expenses_merchant", "merchant_id", "occurred_on"),
    sa.Index("ix_expenses_account", "account_id"),
)
