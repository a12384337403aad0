"""Policies, version by version, what they say should be decided on again, and what they let pass."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when

# Append-only: a version is only switched on and off. While none is on, the shipped policy holds.
policies = sa.Table(
    "policies",
    metadata,
    bigid(),
    sa.Column("version", sa.Integer, nullable=False, unique=True),
    when("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    # When it was switched on last; None if it never was.
    when("active_from", null=True),
    sa.Index(
        "uq_policies_active",
        "active",
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    ),
    sa.Index("ix_policies_user", "user_id"),
)

# Why a decision should be opened again: one row a tool and cause until it is settled.
policy_alerts = sa.Table(
    "policy_alerts",
    metadata,
    bigid(),
    fk("tool_id", "tools"),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    # Whether it opens the decision again, or was only told.
    sa.Column("opens", sa.Boolean, nullable=False, server_default=sa.true()),
    when("raised_at"),
    when("settled_at", null=True),
    one_of(
        "cause",
        "new_scope",
        "people",
        "spend",
        "condition_missed",
        "renewal",
        "owner_gone",
        "publisher_changed",
    ),
    sa.Index(
        "uq_policy_alerts_standing",
        "tool_id",
        "cause",
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    ),
    sa.Index("ix_policy_alerts_tool", "tool_id"),
)

# Tools that a version of the policy lets be used for a while without a review. One stands a tool; a version
# gives a tool one, unless it was taken back because another version was switched on ('policy').
passes = sa.Table(
    "passes",
    metadata,
    bigid(),
    fk("tool_id", "tools", cascade=False),
    sa.Column("policy_version", sa.Integer, nullable=False),
    # Which of that version's passes it is, from 0.
    sa.Column("rule", sa.Integer, nullable=False),
    when("given_at"),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("people_cap", sa.Integer, nullable=False),
    sa.Column("spend_cap_minor", sa.BigInteger, nullable=True),
    sa.Column("currency", sa.Text, nullable=True),
    sa.Column("reasons", Json, nullable=False),
    when("ended_at", null=True),
    sa.Column("end_cause", sa.Text, nullable=True),
    sa.Column("end_reason", sa.Text, nullable=True),
    sa.Column("ended_by", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=True),
    sa.Column("ended_side", sa.Text, nullable=True),
    # The review that followed, or took its place.
    sa.Column("review_id", BigId, sa.ForeignKey("reviews.id", ondelete="RESTRICT"), nullable=True),
    one_of("end_cause", "expired", "people", "spend", "unfit", "policy", "refused", "review"),
    one_of("ended_side", "it", "marketing"),
    sa.CheckConstraint(
        "(ended_at IS NULL) = (end_cause IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)", name="ended"
    ),
    sa.CheckConstraint("(spend_cap_minor IS NULL) = (currency IS NULL)", name="spend"),
    sa.Index(
        "uq_passes_standing",
        "tool_id",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
    sa.Index(
        "uq_passes_once",
        "tool_id",
        "policy_version",
        unique=True,
        sqlite_where=sa.text("end_cause IS NULL OR end_cause <> 'policy'"),
        postgresql_where=sa.text("end_cause IS NULL OR end_cause <> 'policy'"),
    ),
    sa.Index("ix_passes_tool", "tool_id", "id"),
)
