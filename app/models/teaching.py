"""What people taught: an append-only list. One that was undone stays, and no longer counts."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, metadata, one_of, when


def _tool(name: str) -> sa.Column[int]:
    # A tool that only a teaching had made goes with its undoing; what was taught stays on record.
    return sa.Column(name, BigId, sa.ForeignKey("tools.id", ondelete="SET NULL"), nullable=True)


teachings = sa.Table(
    "teachings",
    metadata,
    bigid(),
    when("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    _tool("from_tool_id"),
    _tool("to_tool_id"),
    sa.Column("from_name", sa.Text, nullable=True),
    sa.Column("to_name", sa.Text, nullable=True),
    sa.Column("identifiers", Json, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    when("undone_at", null=True),
    sa.Column("undone_by", sa.Text, nullable=True),
    sa.Column("undo_reason", sa.Text, nullable=True),
    one_of("verb", "confirm", "correct", "merge", "split", "keep_apart"),
    sa.Index("ix_teachings_from_tool", "from_tool_id"),
    sa.Index("ix_teachings_to_tool", "to_tool_id"),
)
