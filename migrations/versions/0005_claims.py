"""claims: who answers for a tool

An append-only log and what follows from it. Triggers refuse to change or delete what was written.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime

revision = "0005"
down_revision = "0004"

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
    "settled",
    "released",
    "attested",
    "lapsed",
    "steward_named",
    "steward_left",
)
_PARTS = ("owner", "co_owner", "asked", "offered", "contester", "steward")
_REFUSAL = "claim_events is append-only"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "claim_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.CheckConstraint(_one_of("kind", _KINDS), name=op.f("ck_claim_events_kind")),
        _of("claim_events", "tool_id", "tools"),
        _of("claim_events", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_claim_events"),
        sa.UniqueConstraint("tool_id", "seq", name="uq_claim_events_tool_id_seq"),
    )
    op.create_index("ix_claim_events_user", "claim_events", ["user_id"])
    op.create_table(
        "ownerships",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_user_id", BigId, nullable=True),
        sa.Column("steward_user_id", BigId, nullable=True),
        sa.Column("attest_by", UtcDateTime(), nullable=True),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(owner_user_id IS NULL) = (attest_by IS NULL)", name=op.f("ck_ownerships_attest_by")
        ),
        _of("ownerships", "tool_id", "tools"),
        _of("ownerships", "owner_user_id", "users"),
        _of("ownerships", "steward_user_id", "users"),
        sa.PrimaryKeyConstraint("tool_id", name="pk_ownerships"),
    )
    op.create_index("ix_ownerships_attest_by", "ownerships", ["attest_by", "tool_id"])
    op.create_index("ix_ownerships_owner", "ownerships", ["owner_user_id"])
    op.create_table(
        "ownership_people",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.CheckConstraint(_one_of("part", _PARTS), name=op.f("ck_ownership_people_part")),
        _of("ownership_people", "tool_id", "tools"),
        _of("ownership_people", "user_id", "users"),
        sa.PrimaryKeyConstraint("tool_id", "user_id", "part", name="pk_ownership_people"),
    )
    op.create_index("ix_ownership_people_user", "ownership_people", ["user_id"])
    for part in ("owner", "offered", "steward"):
        only = sa.text(f"part = '{part}'")
        op.create_index(
            f"uq_ownership_people_{part}",
            "ownership_people",
            ["tool_id"],
            unique=True,
            sqlite_where=only,
            postgresql_where=only,
        )
    op.create_table(
        "tool_declines",
        sa.Column("tool_id", BigId, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        _of("tool_declines", "tool_id", "tools"),
        sa.PrimaryKeyConstraint("tool_id", "department", name="pk_tool_declines"),
    )
    op.create_index("ix_tool_declines_department", "tool_declines", ["department", "tool_id"])
    _make_append_only()


def downgrade() -> None:
    """Take it back; who owned what is lost."""
    for name in ("tool_declines", "ownership_people", "ownerships", "claim_events"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION claim_events_stay()")
    op.execute("UPDATE tools SET ownership = 'unowned'")


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER claim_events_no_{deed.lower()} BEFORE {deed} ON claim_events "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION claim_events_stay() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER claim_events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION claim_events_stay()"
    )


def _one_of(name: str, values: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(v) for v in values)})"


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete="RESTRICT"
    )
