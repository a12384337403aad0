"""how often somebody was reminded of a review

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    op.add_column("review_reminders", sa.Column("times", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Take it back; who was reminded stays known, and how often does not."""
    op.drop_column("review_reminders", "times")
