"""Claims: an append-only log of who answers for a tool, and what follows from it, kept beside it."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when


def _user(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), nullable=null)


def _part_of_tool() -> sa.Column[int]:
    return sa.Column("tool_id", BigId, sa.ForeignKey("tools.id", ondelete="RESTRICT"), primary_key=True)


# Triggers of the migration refuse every change and deletion, on both databases.
claim_events = sa.Table(
    "claim_events",
    metadata,
    bigid(),
    fk("tool_id", "tools", cascade=False),
    sa.Column("seq", sa.Integer, nullable=False),
    when("at"),
    # Nobody: what the sweep found.
    _user("user_id", null=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.UniqueConstraint("tool_id", "seq"),
    one_of(
        "kind",
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
    ),
    sa.Index("ix_claim_events_user", "user_id"),
)

# What the log comes to: one row a tool that has a log. `version` is the number of its last event.
ownerships = sa.Table(
    "ownerships",
    metadata,
    _part_of_tool(),
    sa.Column("version", sa.Integer, nullable=False),
    _user("owner_user_id", null=True),
    _user("steward_user_id", null=True),
    when("attest_by", null=True),
    sa.Column("contested", sa.Boolean, nullable=False),
    sa.CheckConstraint("(owner_user_id IS NULL) = (attest_by IS NULL)", name="attest_by"),
    sa.Index("ix_ownerships_attest_by", "attest_by", "tool_id"),
    sa.Index("ix_ownerships_owner", "owner_user_id"),
)

# The same by person: who has which part in which tool. No tool has two owners, nor two stewards.
ownership_people = sa.Table(
    "ownership_people",
    metadata,
    _part_of_tool(),
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="RESTRICT"), primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    one_of("part", "owner", "co_owner", "asked", "offered", "contester", "steward"),
    sa.Index("ix_ownership_people_user", "user_id"),
    *(
        sa.Index(
            f"uq_ownership_people_{part}",
            "tool_id",
            unique=True,
            sqlite_where=sa.text(f"part = '{part}'"),
            postgresql_where=sa.text(f"part = '{part}'"),
        )
        for part in ("owner", "offered", "steward")
    ),
)

# Where a tool was declined, so that it is not offered there again.
tool_declines = sa.Table(
    "tool_declines",
    metadata,
    _part_of_tool(),
    sa.Column("department", sa.Text, primary_key=True),
    sa.Index("ix_tool_declines_department", "department", "tool_id"),
)
