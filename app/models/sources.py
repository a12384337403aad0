"""Sources, their scans, and where each stream stands."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when

sources = sa.Table(
    "sources",
    metadata,
    bigid(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("connector", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("account_name", sa.Text, nullable=False, server_default=""),
    sa.Column("config", Json, nullable=False),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    sa.Column("schedule_minutes", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("health", sa.Text, nullable=False, server_default="new"),
    sa.Column("health_text", sa.Text, nullable=False, server_default=""),
    when("last_complete_at", null=True),
    when("next_scan_at", null=True),
    when("created_at"),
    when("updated_at"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("connector", "account"),
    one_of("health", "new", "ok", "waiting", "attention"),
)

scans = sa.Table(
    "scans",
    metadata,
    bigid(),
    fk("source_id", "sources"),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    when("requested_at"),
    when("started_at", null=True),
    when("ended_at", null=True),
    sa.Column("lease_owner", sa.Text, nullable=True),
    when("lease_until", null=True),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("stop_requested", sa.Boolean, nullable=False, default=False),
    sa.Column("stream", sa.Text, nullable=True),
    sa.Column("pages", sa.Integer, nullable=False, server_default="0"),
    sa.Column("new", sa.Integer, nullable=False, server_default="0"),
    sa.Column("known", sa.Integer, nullable=False, server_default="0"),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ignored", sa.Integer, nullable=False, server_default="0"),
    sa.Column("expected", sa.Integer, nullable=True),
    sa.Column("tools_new", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tools_matched", sa.Integer, nullable=False, server_default="0"),
    sa.Column("gone", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error_kind", sa.Text, nullable=True),
    sa.Column("error", sa.Text, nullable=True),
    sa.Column("error_permission", sa.Text, nullable=True),
    when("resume_at", null=True),
    sa.Column("notes", Json, nullable=False),
    one_of("trigger", "schedule", "hand", "api"),
    one_of("state", "queued", "running", "complete", "partial", "failed"),
    sa.Index("ix_scans_source", "source_id", "id"),
    # One scan a source: a second one cannot be queued or running beside it.
    sa.Index(
        "uq_scans_active",
        "source_id",
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    ),
)

stream_states = sa.Table(
    "stream_states",
    metadata,
    sa.Column(
        "source_id", BigId, sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True, nullable=False
    ),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("cursor", Json, nullable=True),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0"),
    when("newest_at", null=True),
    when("completed_at", null=True),
)

scan_skips = sa.Table(
    "scan_skips",
    metadata,
    bigid(),
    fk("scan_id", "scans"),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("ix_scan_skips_scan", "scan_id"),
)

due_ticks = sa.Table(
    "due_ticks",
    metadata,
    sa.Column("source_id", BigId, sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("due_at", sa.Text, primary_key=True),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    when("until"),
)
