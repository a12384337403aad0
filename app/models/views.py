"""Lists of tools that people keep under a name."""

import sqlalchemy as sa

from app.models.base import bigid, fk, metadata, when

# `query` is what stands behind the question mark of the list's address. A shared one is seen by everybody,
# and still changed by its maker alone.
saved_views = sa.Table(
    "saved_views",
    metadata,
    bigid(),
    fk("user_id", "users"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    when("created_at"),
    when("updated_at"),
    sa.UniqueConstraint("user_id", "name"),
    sa.Index("ix_saved_views_shared", "shared"),
)
