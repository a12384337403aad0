"""Policies, version by version, and what they say should be decided on again."""

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
