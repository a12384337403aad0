"""requests: what people ask for before buying it

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "requests",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("tool_id", BigId, nullable=True),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("tried", Json, nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("spend_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("review_id", BigId, nullable=True),
        sa.CheckConstraint("state IN ('open', 'reviewed', 'withdrawn')", name=op.f("ck_requests_state")),
        sa.CheckConstraint(
            "(state = 'reviewed') = (review_id IS NOT NULL)", name=op.f("ck_requests_reviewed")
        ),
        sa.CheckConstraint("(spend_minor IS NULL) = (currency IS NULL)", name=op.f("ck_requests_spend")),
        sa.CheckConstraint("people >= 1", name=op.f("ck_requests_people")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_requests_user_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_requests_tool_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_requests_review_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_user", "requests", ["user_id", "id"])
    op.create_index("ix_requests_tool", "requests", ["tool_id"])
    op.create_index("ix_requests_review", "requests", ["review_id"])
    op.create_index("ix_requests_state", "requests", ["state", "id"])


def downgrade() -> None:
    """Take it back; what people asked for is lost."""
    op.drop_table("requests")
