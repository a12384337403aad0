"""the joint report by e-mail: who gets it, on which day, and of which month they had it last

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, UtcDateTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "report_subscriptions",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("sent_for", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_report_subscriptions_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_report_subscriptions"),
        sa.CheckConstraint("day BETWEEN 1 AND 28", name="ck_report_subscriptions_report_day"),
    )


def downgrade() -> None:
    """Take it back; who wanted the report by e-mail has to say so again."""
    op.drop_table("report_subscriptions")
