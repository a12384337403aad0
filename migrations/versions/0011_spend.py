"""spend: subscriptions that charges tell of, contracts, and which renewals were told

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tool_subscriptions",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("usual_minor", sa.BigInteger(), nullable=False),
        sa.Column("asked_minor", sa.BigInteger(), nullable=True),
        sa.Column("asked_currency", sa.Text(), nullable=True),
        sa.Column("charges", sa.Integer(), nullable=False),
        sa.Column("payers", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("ended_after", sa.Date(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("rises", Json, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "period IN ('weekly', 'four_weekly', 'monthly', 'quarterly', 'yearly', 'usage', 'one_off')",
            name=op.f("ck_tool_subscriptions_period"),
        ),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name="fk_tool_subscriptions_tool_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tool_id", "number", name="pk_tool_subscriptions"),
    )
    op.create_index("ix_tool_subscriptions_next", "tool_subscriptions", ["period", "next_on"])
    op.create_table(
        "contracts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("vendor_ref", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=True),
        sa.Column("auto_renews", sa.Boolean(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "per IN ('monthly', 'quarterly', 'yearly', 'once')", name=op.f("ck_contracts_per")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_contracts_ends_on")),
        sa.CheckConstraint("renews_on > starts_on", name=op.f("ck_contracts_renews_on")),
        sa.CheckConstraint("term_months BETWEEN 1 AND 120", name=op.f("ck_contracts_term_months")),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_contracts_tool_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_contracts_user_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_contracts"),
    )
    op.create_index("ix_contracts_tool", "contracts", ["tool_id"])
    op.create_index("ix_contracts_user", "contracts", ["user_id"])
    op.create_table(
        "renewal_notices",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('sixty_days', 'thirty_days', 'last_day')", name=op.f("ck_renewal_notices_stage")
        ),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name="fk_renewal_notices_tool_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tool_id", "what", "renews_on", "stage", name="pk_renewal_notices"),
    )


def downgrade() -> None:
    """Take it back; contracts that people entered are lost."""
    op.drop_table("renewal_notices")
    op.drop_table("contracts")
    op.drop_table("tool_subscriptions")
