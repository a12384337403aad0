"""policies, and what they say should be decided on again"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0007"
down_revision = "0006"

_CAUSES = "cause IN ('new_scope', 'people', 'spend', 'condition_missed', 'renewal', 'owner_gone', 'publisher_changed')"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "policies",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", Json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("active_from", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_policies_user_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
        sa.UniqueConstraint("version", name="uq_policies_version"),
    )
    active = sa.text("active")
    op.create_index(
        "uq_policies_active",
        "policies",
        ["active"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_index("ix_policies_user", "policies", ["user_id"])
    op.create_table(
        "policy_alerts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(_CAUSES, name=op.f("ck_policy_alerts_cause")),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name="fk_policy_alerts_tool_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_policy_alerts"),
    )
    standing = sa.text("settled_at IS NULL")
    op.create_index(
        "uq_policy_alerts_standing",
        "policy_alerts",
        ["tool_id", "cause"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index("ix_policy_alerts_tool", "policy_alerts", ["tool_id"])


def downgrade() -> None:
    """Take it back; policies that the company wrote are lost."""
    op.drop_table("policy_alerts")
    op.drop_table("policies")
