"""What is done after a decision to stop using a tool: plans, and their steps one by one."""

import sqlalchemy as sa

from app.models.base import BigId, bigid, fk, metadata, one_of, when

remediation_plans = sa.Table(
    "remediation_plans",
    metadata,
    bigid(),
    fk("review_id", "reviews", cascade=False),
    fk("tool_id", "tools", cascade=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    when("made_at"),
    sa.Column("it_confirmed_by", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=True),
    sa.Column("marketing_confirmed_by", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=True),
    # Whoever carries a plan out renews this; a process that died lets go of it.
    when("lease_until", null=True),
    when("finished_at", null=True),
    one_of("state", "proposed", "confirmed", "done", "cancelled"),
    sa.CheckConstraint("it_confirmed_by <> marketing_confirmed_by", name="two_people"),
    sa.CheckConstraint(
        "state NOT IN ('confirmed', 'done') "
        "OR (it_confirmed_by IS NOT NULL AND marketing_confirmed_by IS NOT NULL)",
        name="both_sides",
    ),
    sa.Index(
        "uq_remediation_plans_one",
        "review_id",
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    ),
    sa.Index("ix_remediation_plans_tool", "tool_id"),
)

# A step keeps the vendor's own ids, so that it can be carried out, and told of, after its grant is gone here.
remediation_steps = sa.Table(
    "remediation_steps",
    metadata,
    sa.Column("plan_id", BigId, sa.ForeignKey("remediation_plans.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("source_id", BigId, sa.ForeignKey("sources.id", ondelete="SET NULL"), nullable=True),
    sa.Column("grant_ref", sa.Text, nullable=True),
    sa.Column("app_ref", sa.Text, nullable=True),
    sa.Column("person_ref", sa.Text, nullable=True),
    sa.Column("person_id", BigId, sa.ForeignKey("people.id", ondelete="SET NULL"), nullable=True),
    sa.Column("due", sa.Date, nullable=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("result", sa.Text, nullable=True),
    when("settled_at", null=True),
    sa.Column("settled_by", sa.Text, nullable=True),
    one_of("kind", "revoke", "task"),
    one_of("state", "planned", "done", "failed"),
    sa.Index("ix_remediation_steps_source", "source_id"),
    sa.Index("ix_remediation_steps_person", "person_id"),
)
