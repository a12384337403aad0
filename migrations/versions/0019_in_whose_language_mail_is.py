"""in whose language people are written to

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply; who gets the joint report has chosen a language with it."""
    op.add_column("messages", sa.Column("words_at", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("locale", sa.Text(), nullable=True))
    chosen = "(SELECT locale FROM report_subscriptions WHERE user_id = users.id)"
    op.execute(f"UPDATE users SET locale = {chosen}")


def downgrade() -> None:
    """Take it back; mails are English again, but for the report."""
    op.drop_column("users", "locale")
    op.drop_column("messages", "words_at")
