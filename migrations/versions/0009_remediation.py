"""remediation: what is done after a decision to stop using a tool

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "remediation_plans",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("review_id", BigId, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("it_confirmed_by", BigId, nullable=True),
        sa.Column("marketing_confirmed_by", BigId, nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'done', 'cancelled')",
            name=op.f("ck_remediation_plans_state"),
        ),
        sa.CheckConstraint(
            "it_confirmed_by <> marketing_confirmed_by", name=op.f("ck_remediation_plans_two_people")
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'done') "
            "OR (it_confirmed_by IS NOT NULL AND marketing_confirmed_by IS NOT NULL)",
            name=op.f("ck_remediation_plans_both_sides"),
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_remediation_plans_review_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["tool_id"], ["tools.id"], name="fk_remediation_plans_tool_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["it_confirmed_by"],
            ["users.id"],
            name="fk_remediation_plans_it_confirmed_by",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["marketing_confirmed_by"],
            ["users.id"],
            name="fk_remediation_plans_marketing_confirmed_by",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_remediation_plans"),
    )
    op.create_index("ix_remediation_plans_tool", "remediation_plans", ["tool_id"])
    op.create_index(
        "uq_remediation_plans_one",
        "remediation_plans",
        ["review_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "remediation_steps",
        sa.Column("plan_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("source_id", BigId, nullable=True),
        sa.Column("grant_ref", sa.Text(), nullable=True),
        sa.Column("app_ref", sa.Text(), nullable=True),
        sa.Column("person_ref", sa.Text(), nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('revoke', 'task')", name=op.f("ck_remediation_steps_kind")),
        sa.CheckConstraint("state IN ('planned', 'done', 'failed')", name=op.f("ck_remediation_steps_state")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["remediation_plans.id"], name="fk_remediation_steps_plan_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="fk_remediation_steps_source_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_remediation_steps_person_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_remediation_steps"),
    )
    op.create_index("ix_remediation_steps_source", "remediation_steps", ["source_id"])
    op.create_index("ix_remediation_steps_person", "remediation_steps", ["person_id"])


def downgrade() -> None:
    """Take it back; plans are lost, and what they ended stays ended."""
    op.drop_table("remediation_steps")
    op.drop_table("remediation_plans")
