"""users, and the audit trail's chain

Tokens may belong to people. Each line of the audit trail carries the hash of the one before it; the lines
that are there already are joined to the chain as they stand.

The release before this one cannot write to the audit trail afterwards: stop it before upgrading.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from app.db import BigId, Json, JsonOrNull, UtcDateTime
from app.security.audit import START, digest

revision = "0003"
down_revision = "0002"

_ROLES = "role IN ('reader', 'marketing', 'it', 'admin', 'auditor')"
_OLD_ROLES = "role IN ('reader', 'marketing', 'it', 'admin')"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "users",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_login_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_users_person_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_index("ix_users_person", "users", ["person_id"])
    with op.batch_alter_table("api_tokens") as batch:
        batch.add_column(sa.Column("user_id", BigId, nullable=True))
        _change_check(batch, _ROLES)
        batch.create_foreign_key("fk_api_tokens_user_id", "users", ["user_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_api_tokens_user", "api_tokens", ["user_id"])
    with op.batch_alter_table("audit_events") as batch:
        batch.add_column(sa.Column("seq", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("origin", sa.Text(), nullable=True))
        batch.add_column(sa.Column("before", JsonOrNull, nullable=True))
        batch.add_column(sa.Column("after", JsonOrNull, nullable=True))
        batch.add_column(sa.Column("hash", sa.Text(), nullable=True))
    seq, last = _chain()
    with op.batch_alter_table("audit_events") as batch:
        batch.alter_column("seq", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("hash", existing_type=sa.Text(), nullable=False)
        batch.create_unique_constraint("uq_audit_events_seq", ["seq"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one")),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": seq, "hash": last}])


def downgrade() -> None:
    """Take it back; users are lost with their tokens, and so is what only newer lines of the trail say."""
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_events") as batch:
        batch.drop_constraint("uq_audit_events_seq", type_="unique")
        for name in ("hash", "after", "before", "origin", "seq"):
            batch.drop_column(name)
    op.execute("DELETE FROM api_tokens WHERE user_id IS NOT NULL OR role = 'auditor'")
    op.drop_index("ix_api_tokens_user", "api_tokens")
    with op.batch_alter_table("api_tokens") as batch:
        batch.drop_constraint("fk_api_tokens_user_id", type_="foreignkey")
        _change_check(batch, _OLD_ROLES)
        batch.drop_column("user_id")
    op.drop_table("users")


def _chain() -> tuple[int, str]:
    """Join the lines that are there; the number and the hash of the last one."""
    bind = op.get_bind()
    events = sa.table(
        "audit_events",
        *(sa.column(n) for n in ("id", "seq", "actor", "action", "object", "hash")),
        sa.column("at", UtcDateTime()),
        sa.column("detail", Json),
    )
    seq, last = 0, START
    for row in bind.execute(sa.select(events).order_by(events.c.id)).mappings().all():
        seq, last = (
            seq + 1,
            digest(seq + 1, {**row, "origin": None, "before": None, "after": None}, last),
        )
        bind.execute(sa.update(events).where(events.c.id == row["id"]).values(seq=seq, hash=last))
    return seq, last


def _change_check(batch: BatchOperations, condition: str) -> None:
    batch.drop_constraint(op.f("ck_api_tokens_role"), type_="check")
    batch.create_check_constraint(op.f("ck_api_tokens_role"), condition)
