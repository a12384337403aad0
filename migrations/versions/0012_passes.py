"""passes: tools that the policy lets be used for a while

Also who was reminded of a review, and that both sides may settle a contest together.

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0012"
down_revision = "0011"

_KINDS = (
    "claimed",
    "declined",
    "handed_over",
    "accepted",
    "refused",
    "co_own_asked",
    "co_owner_added",
    "co_owner_left",
    "contested",
    "named",
    "settled",
    "released",
    "attested",
    "lapsed",
    "steward_named",
    "steward_left",
)
_REFUSAL = "claim_events is append-only"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "passes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("people_cap", sa.Integer(), nullable=False),
        sa.Column("spend_cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_cause", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_by", BigId, nullable=True),
        sa.Column("ended_side", sa.Text(), nullable=True),
        sa.Column("review_id", BigId, nullable=True),
        sa.CheckConstraint(
            "end_cause IN ('expired', 'people', 'spend', 'unfit', 'policy', 'refused', 'review')",
            name=op.f("ck_passes_end_cause"),
        ),
        sa.CheckConstraint("ended_side IN ('it', 'marketing')", name=op.f("ck_passes_ended_side")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_cause IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)",
            name=op.f("ck_passes_ended"),
        ),
        sa.CheckConstraint("(spend_cap_minor IS NULL) = (currency IS NULL)", name=op.f("ck_passes_spend")),
        sa.ForeignKeyConstraint(["tool_id"], ["tools.id"], name="fk_passes_tool_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name="fk_passes_ended_by", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_passes_review_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passes"),
    )
    standing = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_passes_standing",
        "passes",
        ["tool_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    once = sa.text("end_cause IS NULL OR end_cause <> 'policy'")
    op.create_index(
        "uq_passes_once",
        "passes",
        ["tool_id", "policy_version"],
        unique=True,
        sqlite_where=once,
        postgresql_where=once,
    )
    op.create_index("ix_passes_tool", "passes", ["tool_id", "id"])
    op.add_column("policy_alerts", sa.Column("opens", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "review_reminders",
        sa.Column("review_id", BigId, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("arbiters", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("side IN ('it', 'marketing')", name=op.f("ck_review_reminders_side")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name="fk_review_reminders_review_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("review_id", "side", "arbiters", name="pk_review_reminders"),
    )
    op.create_index("ix_review_reminders_at", "review_reminders", ["at"])
    _let_sides_name_an_owner()


def downgrade() -> None:
    """Take it back; who had a pass is lost, and a tool that has one waits for a review again.

    What claims may say stays as wide as it is: lines that were written stay.
    """
    op.execute(
        "UPDATE tools SET governance = 'unreviewed' WHERE governance = 'provisional' "
        "AND EXISTS (SELECT 1 FROM passes WHERE passes.tool_id = tools.id AND passes.ended_at IS NULL)"
    )
    op.drop_table("passes")
    op.drop_table("review_reminders")
    op.drop_column("policy_alerts", "opens")


def _let_sides_name_an_owner() -> None:
    """Take one more kind of line into the log of claims, which nothing refers to."""
    condition = f"kind IN ({', '.join(repr(kind) for kind in _KINDS)})"
    name = op.f("ck_claim_events_kind")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "claim_events", type_="check")
        op.create_check_constraint(name, "claim_events", condition)
        return
    # SQLite builds the table anew, and its triggers with it.
    for deed in ("update", "delete"):
        op.execute(f"DROP TRIGGER claim_events_no_{deed}")
    with op.batch_alter_table("claim_events") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, condition)
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER claim_events_no_{deed.lower()} BEFORE {deed} ON claim_events "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
