"""What people asked for before buying it."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when

# A request keeps what was asked for in its own words: its tool may be in the catalog, get there later, or go.
requests = sa.Table(
    "requests",
    metadata,
    bigid(),
    when("at"),
    fk("user_id", "users", cascade=False),
    sa.Column("what", sa.Text, nullable=False),
    # A product of the knowledge base, by id.
    sa.Column("product", sa.Text, nullable=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=True),
    sa.Column("category", sa.Text, nullable=True),
    sa.Column("tool_id", BigId, sa.ForeignKey("tools.id", ondelete="SET NULL"), nullable=True),
    sa.Column("need", sa.Text, nullable=False),
    sa.Column("tried", Json, nullable=False),
    sa.Column("people", sa.Integer, nullable=True),
    sa.Column("spend_minor", sa.BigInteger, nullable=True),
    sa.Column("currency", sa.Text, nullable=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("review_id", BigId, sa.ForeignKey("reviews.id", ondelete="RESTRICT"), nullable=True),
    one_of("state", "open", "reviewed", "withdrawn"),
    sa.CheckConstraint("(state = 'reviewed') = (review_id IS NOT NULL)", name="reviewed"),
    sa.CheckConstraint("(spend_minor IS NULL) = (currency IS NULL)", name="spend"),
    sa.CheckConstraint("people >= 1", name="people"),
    sa.Index("ix_requests_user", "user_id", "id"),
    sa.Index("ix_requests_tool", "tool_id"),
    sa.Index("ix_requests_review", "review_id"),
    sa.Index("ix_requests_state", "state", "id"),
)
