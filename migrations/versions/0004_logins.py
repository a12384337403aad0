"""logins: who people are at the OpenID provider, their sessions, the first day's link

Sessions were kept in memory until now: everybody logs in again after this.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "user_identities",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_user_identities_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_user_identities_issuer_subject"),
    )
    op.create_index("ix_user_identities_user", "user_identities", ["user_id"])
    op.create_table(
        "sessions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("form_secret", sa.Text(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("token_id", BigId, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id_token", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('openid', 'token', 'link')", name=op.f("ck_sessions_kind")),
        sa.CheckConstraint("user_id IS NOT NULL OR token_id IS NOT NULL", name=op.f("ck_sessions_whose")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_tokens.id"], name="fk_sessions_token_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user_id"])
    op.create_index("ix_sessions_token", "sessions", ["token_id"])
    op.create_index("ix_sessions_ends", "sessions", ["ends_at"])
    op.create_table(
        "first_links",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_first_links"),
        sa.UniqueConstraint("digest", name="uq_first_links_digest"),
    )


def downgrade() -> None:
    """Take it back; everybody is logged out, and people are tied to their provider anew."""
    op.drop_table("first_links")
    op.drop_table("sessions")
    op.drop_table("user_identities")
