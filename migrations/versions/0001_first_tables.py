"""first tables

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "api_tokens",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("role IN ('reader', 'marketing', 'it', 'admin')", name=op.f("ck_api_tokens_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_api_tokens_name")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index("ix_audit_events_object", ["object", "id"], unique=False)

    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "people",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("manager_email", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index("ix_people_department", ["department"], unique=False)

    op.create_table(
        "sign_in_days",
        sa.Column("app_id", BigId, autoincrement=False, nullable=False),
        sa.Column("account_id", BigId, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "account_id", "day", name=op.f("pk_sign_in_days")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sign_in_days", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_days_account", ["account_id"], unique=False)

    op.create_table(
        "sources",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("account_name", sa.Text(), server_default="", nullable=False),
        sa.Column("config", Json, nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("schedule_minutes", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("health", sa.Text(), server_default="new", nullable=False),
        sa.Column("health_text", sa.Text(), server_default="", nullable=False),
        sa.Column("last_complete_at", UtcDateTime(), nullable=True),
        sa.Column("next_scan_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("health IN ('new', 'ok', 'waiting', 'attention')", name=op.f("ck_sources_health")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("connector", "account", name=op.f("uq_sources_connector_account")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "tools",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("governance", sa.Text(), nullable=False),
        sa.Column("ownership", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("audience_reasons", Json, nullable=False),
        sa.Column("managed", sa.Boolean(), nullable=False),
        sa.Column("managed_reasons", Json, nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("shadow_reasons", Json, nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("flagged_reasons", Json, nullable=False),
        sa.Column("flagged_at", UtcDateTime(), nullable=True),
        sa.Column("on_it_list", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("people_gone", sa.Integer(), nullable=False),
        sa.Column("grant_grade", sa.Text(), nullable=True),
        sa.Column("spend_minor", sa.BigInteger(), nullable=False),
        sa.Column("spend_currency", sa.Text(), nullable=True),
        sa.Column("spend", Json, nullable=False),
        sa.Column("departments", Json, nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("audience IN ('marketing', 'other', 'unsure')", name=op.f("ck_tools_audience")),
        sa.CheckConstraint("evidence IN ('active', 'dormant', 'gone')", name=op.f("ck_tools_evidence")),
        sa.CheckConstraint(
            "governance IN ('unreviewed', 'in_review', 'sanctioned', 'sanctioned_with_conditions', 'provisional', 'retiring', 'retired', 'dismissed')",
            name=op.f("ck_tools_governance"),
        ),
        sa.CheckConstraint("identity IN ('identified', 'unidentified')", name=op.f("ck_tools_identity")),
        sa.CheckConstraint(
            "ownership IN ('unowned', 'claimed', 'owned', 'lapsed')", name=op.f("ck_tools_ownership")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tools")),
        sa.UniqueConstraint("key", name=op.f("uq_tools_key")),
    )
    with op.batch_alter_table("tools", schema=None) as batch_op:
        batch_op.create_index("ix_tools_first_seen", ["first_seen", "id"], unique=False)
        batch_op.create_index("ix_tools_flagged", ["flagged", "people", "id"], unique=False)
        batch_op.create_index("ix_tools_last_seen", ["last_seen", "id"], unique=False)
        batch_op.create_index("ix_tools_people", ["people", "id"], unique=False)
        batch_op.create_index("ix_tools_sort_name", ["sort_name", "id"], unique=False)
        batch_op.create_index("ix_tools_spend", ["spend_minor", "id"], unique=False)

    op.create_table(
        "accounts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_accounts_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_accounts_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("source_id", "ref", name=op.f("uq_accounts_source_id_ref")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index("ix_accounts_person", ["person_id"], unique=False)

    op.create_table(
        "apps",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("tool_id", BigId, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("sign_on", sa.Text(), nullable=False),
        sa.Column("provisioning", sa.Boolean(), nullable=False),
        sa.Column("self_service", sa.Boolean(), nullable=False),
        sa.Column("admin_only", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("publisher_verified", sa.Boolean(), nullable=True),
        sa.Column("identifiers", Json, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_apps_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name=op.f("fk_apps_tool_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apps")),
        sa.UniqueConstraint("source_id", "ref", name=op.f("uq_apps_source_id_ref")),
    )
    with op.batch_alter_table("apps", schema=None) as batch_op:
        batch_op.create_index("ix_apps_tool", ["tool_id"], unique=False)

    op.create_table(
        "due_ticks",
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_due_ticks_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "due_at", name=op.f("pk_due_ticks")),
    )
    op.create_table(
        "recent_events",
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_recent_events_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "stream", "event_id", name=op.f("pk_recent_events")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("recent_events", schema=None) as batch_op:
        batch_op.create_index("ix_recent_events_at", ["source_id", "stream", "at"], unique=False)

    op.create_table(
        "scans",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stop_requested", sa.Boolean(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("known", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ignored", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("tools_new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tools_matched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_kind", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_permission", sa.Text(), nullable=True),
        sa.Column("resume_at", UtcDateTime(), nullable=True),
        sa.Column("notes", Json, nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'complete', 'partial', 'failed')", name=op.f("ck_scans_state")
        ),
        sa.CheckConstraint("trigger IN ('schedule', 'hand', 'api')", name=op.f("ck_scans_trigger")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_scans_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )
    with op.batch_alter_table("scans", schema=None) as batch_op:
        batch_op.create_index("ix_scans_source", ["source_id", "id"], unique=False)
        batch_op.create_index(
            "uq_scans_active",
            ["source_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )

    op.create_table(
        "stream_states",
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("cursor", Json, nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("newest_at", UtcDateTime(), nullable=True),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_stream_states_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "stream", name=op.f("pk_stream_states")),
    )
    op.create_table(
        "tool_departments",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name=op.f("fk_tool_departments_tool_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tool_id", "department", name=op.f("pk_tool_departments")),
    )
    with op.batch_alter_table("tool_departments", schema=None) as batch_op:
        batch_op.create_index("ix_tool_departments_department", ["department", "tool_id"], unique=False)

    op.create_table(
        "tool_identifiers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name=op.f("fk_tool_identifiers_tool_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_tool_identifiers")),
    )
    with op.batch_alter_table("tool_identifiers", schema=None) as batch_op:
        batch_op.create_index("ix_tool_identifiers_tool", ["tool_id"], unique=False)

    op.create_table(
        "tool_sources",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_tool_sources_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name=op.f("fk_tool_sources_tool_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tool_id", "source_id", name=op.f("pk_tool_sources")),
    )
    with op.batch_alter_table("tool_sources", schema=None) as batch_op:
        batch_op.create_index("ix_tool_sources_source", ["source_id", "tool_id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("app_id", BigId, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("via_group", sa.Boolean(), nullable=False),
        sa.Column("self_assigned", sa.Boolean(), nullable=False),
        sa.Column("assigned_at", UtcDateTime(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_assignments_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_id"], ["apps.id"], name=op.f("fk_assignments_app_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_assignments_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("app_id", "subject", name=op.f("uq_assignments_app_id_subject")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index("ix_assignments_account", ["account_id"], unique=False)
        batch_op.create_index("ix_assignments_source", ["source_id", "stream", "generation"], unique=False)

    op.create_table(
        "consent_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("app_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_consent_events_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_id"], ["apps.id"], name=op.f("fk_consent_events_app_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_consent_events_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_events")),
        sa.UniqueConstraint("source_id", "event_id", name=op.f("uq_consent_events_source_id_event_id")),
    )
    with op.batch_alter_table("consent_events", schema=None) as batch_op:
        batch_op.create_index("ix_consent_events_app", ["app_id", "at"], unique=False)

    op.create_table(
        "expenses",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("original_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("original_currency", sa.Text(), nullable=True),
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("descriptor", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mcc", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("refund_of", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'posted', 'refund', 'declined', 'void')", name=op.f("ck_expenses_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_expenses_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_expenses_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name=op.f("fk_expenses_tool_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expenses")),
        sa.UniqueConstraint("source_id", "ref", name=op.f("uq_expenses_source_id_ref")),
    )
    with op.batch_alter_table("expenses", schema=None) as batch_op:
        batch_op.create_index("ix_expenses_account", ["account_id"], unique=False)
        batch_op.create_index("ix_expenses_tool", ["tool_id", "occurred_on"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("app_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("consent IN ('user', 'admin')", name=op.f("ck_grants_consent")),
        sa.CheckConstraint("grade IN ('high', 'medium', 'low')", name=op.f("ck_grants_grade")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_grants_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_grants_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_grants_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("source_id", "ref", name=op.f("uq_grants_source_id_ref")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("ix_grants_account", ["account_id"], unique=False)
        batch_op.create_index("ix_grants_app", ["app_id"], unique=False)

    op.create_table(
        "scan_skips",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("scan_id", BigId, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scans.id"], name=op.f("fk_scan_skips_scan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_skips")),
    )
    with op.batch_alter_table("scan_skips", schema=None) as batch_op:
        batch_op.create_index("ix_scan_skips_scan", ["scan_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("scan_skips", schema=None) as batch_op:
        batch_op.drop_index("ix_scan_skips_scan")

    op.drop_table("scan_skips")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("ix_grants_app")
        batch_op.drop_index("ix_grants_account")

    op.drop_table("grants")
    with op.batch_alter_table("expenses", schema=None) as batch_op:
        batch_op.drop_index("ix_expenses_tool")
        batch_op.drop_index("ix_expenses_account")

    op.drop_table("expenses")
    with op.batch_alter_table("consent_events", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_events_app")

    op.drop_table("consent_events")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index("ix_assignments_source")
        batch_op.drop_index("ix_assignments_account")

    op.drop_table("assignments")
    with op.batch_alter_table("tool_sources", schema=None) as batch_op:
        batch_op.drop_index("ix_tool_sources_source")

    op.drop_table("tool_sources")
    with op.batch_alter_table("tool_identifiers", schema=None) as batch_op:
        batch_op.drop_index("ix_tool_identifiers_tool")

    op.drop_table("tool_identifiers")
    with op.batch_alter_table("tool_departments", schema=None) as batch_op:
        batch_op.drop_index("ix_tool_departments_department")

    op.drop_table("tool_departments")
    op.drop_table("stream_states")
    with op.batch_alter_table("scans", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_scans_active",
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )
        batch_op.drop_index("ix_scans_source")

    op.drop_table("scans")
    with op.batch_alter_table("recent_events", schema=None) as batch_op:
        batch_op.drop_index("ix_recent_events_at")

    op.drop_table("recent_events")
    op.drop_table("due_ticks")
    with op.batch_alter_table("apps", schema=None) as batch_op:
        batch_op.drop_index("ix_apps_tool")

    op.drop_table("apps")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index("ix_accounts_person")

    op.drop_table("accounts")
    with op.batch_alter_table("tools", schema=None) as batch_op:
        batch_op.drop_index("ix_tools_spend")
        batch_op.drop_index("ix_tools_sort_name")
        batch_op.drop_index("ix_tools_people")
        batch_op.drop_index("ix_tools_last_seen")
        batch_op.drop_index("ix_tools_flagged")
        batch_op.drop_index("ix_tools_first_seen")

    op.drop_table("tools")
    op.drop_table("sources")
    with op.batch_alter_table("sign_in_days", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_days_account")

    op.drop_table("sign_in_days")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index("ix_people_department")

    op.drop_table("people")
    op.drop_table("leases")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_events_object")

    op.drop_table("audit_events")
    op.drop_table("api_tokens")
