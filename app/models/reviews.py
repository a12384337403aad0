"""Joint reviews: the log of each, and beside it what follows from the log."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when

# All but `id`, `tool_id`, `opened_at` and `cause` is kept for looking things up: it is what the log says, and
# `app.reviews.replay` compares the two. `version` counts the events.
reviews = sa.Table(
    "reviews",
    metadata,
    bigid(),
    fk("tool_id", "tools", cascade=False),
    when("opened_at"),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("waiting_on_it", sa.Boolean, nullable=False),
    sa.Column("waiting_on_marketing", sa.Boolean, nullable=False),
    sa.Column("waiting_on_arbiters", sa.Boolean, nullable=False),
    sa.Column("outcome", sa.Text, nullable=True),
    sa.Column("it_signed_by", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=True),
    sa.Column("marketing_signed_by", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=True),
    # Through which day a provisional decision holds, until it ran out or another decision took its place.
    sa.Column("expires_on", sa.Date, nullable=True),
    when("closed_at", null=True),
    one_of("cause", "flag", "claim", "request", "reopened"),
    one_of("state", "open", "deadlock", "decided", "withdrawn"),
    one_of("lane", "fast", "standard", "full"),
    one_of(
        "outcome",
        "sanctioned",
        "sanctioned_with_conditions",
        "provisional",
        "migrate",
        "retire",
        "dismissed",
    ),
    sa.CheckConstraint("it_signed_by <> marketing_signed_by", name="two_people"),
    sa.CheckConstraint(
        "state <> 'decided' OR (it_signed_by IS NOT NULL AND marketing_signed_by IS NOT NULL "
        "AND outcome IS NOT NULL)",
        name="both_keys",
    ),
    sa.CheckConstraint("(closed_at IS NULL) = (state IN ('open', 'deadlock'))", name="closed"),
    sa.Index(
        "uq_reviews_one_open",
        "tool_id",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
    sa.Index("ix_reviews_tool", "tool_id", "id"),
    sa.Index("ix_reviews_state", "state", "id"),
    sa.Index("ix_reviews_expires", "expires_on"),
)

# Append-only: triggers refuse to change or delete a row.
review_events = sa.Table(
    "review_events",
    metadata,
    sa.Column("review_id", BigId, sa.ForeignKey("reviews.id", ondelete="RESTRICT"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    when("at"),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=True),
    sa.Column("side", sa.Text, nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False),
    one_of("side", "it", "marketing"),
    sa.CheckConstraint("seq >= 1", name="seq"),
    sa.Index("ix_review_events_user", "user_id", "review_id"),
)

review_conditions = sa.Table(
    "review_conditions",
    metadata,
    sa.Column("review_id", BigId, sa.ForeignKey("reviews.id", ondelete="RESTRICT"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("owner_user_id", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("due", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    when("settled_at", null=True),
    one_of("side", "it", "marketing"),
    one_of("state", "open", "kept", "missed", "waived"),
    sa.CheckConstraint("(settled_at IS NULL) = (state = 'open')", name="settled"),
    sa.Index("ix_review_conditions_due", "state", "due"),
)

# Who was reminded that a review waits on them for longer than was agreed: a side, or who arbitrates for it.
review_reminders = sa.Table(
    "review_reminders",
    metadata,
    sa.Column("review_id", BigId, sa.ForeignKey("reviews.id", ondelete="RESTRICT"), primary_key=True),
    sa.Column("side", sa.Text, primary_key=True),
    sa.Column("arbiters", sa.Boolean, primary_key=True),
    when("at"),  # the first time
    sa.Column("times", sa.Integer, nullable=False, server_default="1"),
    one_of("side", "it", "marketing"),
    sa.Index("ix_review_reminders_at", "at"),
)
