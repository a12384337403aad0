"""API tokens and the audit trail."""

import sqlalchemy as sa

from app.models.base import Json, bigid, metadata, one_of, when

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    bigid(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    when("created_at"),
    when("expires_at"),
    when("last_used_at", null=True),
    when("revoked_at", null=True),
    one_of("role", "reader", "marketing", "it", "admin"),
)

audit_events = sa.Table(
    "audit_events",
    metadata,
    bigid(),
    when("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Index("ix_audit_events_object", "object", "id"),
)
