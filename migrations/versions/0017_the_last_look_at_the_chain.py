"""what the last look through the audit trail's chain found

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_looks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("lines", BigId, nullable=False),
        sa.Column("seq", BigId, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("compared", sa.Boolean(), nullable=False),
        sa.Column("faults", Json, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_looks_one")),
        sa.PrimaryKeyConstraint("id", name="pk_audit_looks"),
    )


def downgrade() -> None:
    """Take it back; the chain can be looked through again at any time."""
    op.drop_table("audit_looks")
