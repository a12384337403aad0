"""joint reviews

Each review is a log of events. Triggers refuse to change or delete a line of it; what follows from the log is
kept beside it in `reviews` and `review_conditions`.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0006"
down_revision = "0003"

_SAYS = "the log of a review is only ever added to"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "reviews",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("waiting_on_it", sa.Boolean(), nullable=False),
        sa.Column("waiting_on_marketing", sa.Boolean(), nullable=False),
        sa.Column("waiting_on_arbiters", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("it_signed_by", BigId, nullable=True),
        sa.Column("marketing_signed_by", BigId, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (state IN ('open', 'deadlock'))", name=op.f("ck_reviews_closed")
        ),
        sa.CheckConstraint(
            "cause IN ('flag', 'claim', 'request', 'reopened')", name=op.f("ck_reviews_cause")
        ),
        sa.CheckConstraint("lane IN ('fast', 'standard', 'full')", name=op.f("ck_reviews_lane")),
        sa.CheckConstraint(
            "outcome IN ('sanctioned', 'sanctioned_with_conditions', 'provisional', 'migrate', 'retire', 'dismissed')",
            name=op.f("ck_reviews_outcome"),
        ),
        sa.CheckConstraint(
            "state <> 'decided' OR (it_signed_by IS NOT NULL AND marketing_signed_by IS NOT NULL AND outcome IS NOT NULL)",
            name=op.f("ck_reviews_both_keys"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'deadlock', 'decided', 'withdrawn')", name=op.f("ck_reviews_state")
        ),
        sa.CheckConstraint("it_signed_by <> marketing_signed_by", name=op.f("ck_reviews_two_people")),
        sa.ForeignKeyConstraint(
            ["it_signed_by"], ["users.id"], name=op.f("fk_reviews_it_signed_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["marketing_signed_by"],
            ["users.id"],
            name=op.f("fk_reviews_marketing_signed_by"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name=op.f("fk_reviews_tool_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_expires", "reviews", ["expires_on"])
    op.create_index("ix_reviews_state", "reviews", ["state", "id"])
    op.create_index("ix_reviews_tool", "reviews", ["tool_id", "id"])
    op.create_index(
        "uq_reviews_one_open",
        "reviews",
        ["tool_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )

    op.create_table(
        "review_conditions",
        sa.Column("review_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("owner_user_id", BigId, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (state = 'open')", name=op.f("ck_review_conditions_settled")
        ),
        sa.CheckConstraint("side IN ('it', 'marketing')", name=op.f("ck_review_conditions_side")),
        sa.CheckConstraint(
            "state IN ('open', 'kept', 'missed', 'waived')", name=op.f("ck_review_conditions_state")
        ),
        sa.ForeignKeyConstraint(
            ["owner_user_id"],
            ["users.id"],
            name=op.f("fk_review_conditions_owner_user_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_review_conditions_review_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("review_id", "number", name=op.f("pk_review_conditions")),
    )
    op.create_index("ix_review_conditions_due", "review_conditions", ["state", "due"])

    op.create_table(
        "review_events",
        sa.Column("review_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.CheckConstraint("side IN ('it', 'marketing')", name=op.f("ck_review_events_side")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_review_events_seq")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_review_events_review_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_review_events_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("review_id", "seq", name=op.f("pk_review_events")),
    )
    op.create_index("ix_review_events_user", "review_events", ["user_id", "review_id"])
    _protect()


def downgrade() -> None:
    """Take it back; all reviews are lost."""
    op.drop_table("review_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION review_events_append_only()")
    op.drop_table("review_conditions")
    op.drop_table("reviews")


def _protect() -> None:
    """Let the database itself refuse to change what was said."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER review_events_no_{verb.lower()} BEFORE {verb} ON review_events "
                f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION review_events_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER review_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION review_events_append_only()"
    )
