"""How people come in: who they are at the OpenID provider, their logins, and the first day's link."""

import sqlalchemy as sa

from app.models.base import BigId, bigid, fk, metadata, one_of, when

# Somebody's account at an OpenID provider: what a login is known by, since addresses change hands.
user_identities = sa.Table(
    "user_identities",
    metadata,
    bigid(),
    fk("user_id", "users"),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    when("created_at"),
    sa.UniqueConstraint("issuer", "subject", name="uq_user_identities_issuer_subject"),
    sa.Index("ix_user_identities_user", "user_id"),
)

# One browser's login. Who ends it deletes it; the audit trail keeps that it was there.
sessions = sa.Table(
    "sessions",
    metadata,
    bigid(),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("form_secret", sa.Text, nullable=False),
    # Whose it is: a user, or a service that logged in by its token. A login by token ends with the token.
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    sa.Column("token_id", BigId, sa.ForeignKey("api_tokens.id", ondelete="CASCADE"), nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    # The provider's ID token, sealed: some providers want it back before they log somebody out.
    sa.Column("id_token", sa.LargeBinary, nullable=True),
    sa.Column("address", sa.Text, nullable=True),
    sa.Column("user_agent", sa.Text, nullable=True),
    when("created_at"),
    when("last_seen_at"),
    when("ends_at"),
    one_of("kind", "openid", "token", "link"),
    sa.CheckConstraint("user_id IS NOT NULL OR token_id IS NOT NULL", name="whose"),
    sa.Index("ix_sessions_user", "user_id"),
    sa.Index("ix_sessions_token", "token_id"),
    sa.Index("ix_sessions_ends", "ends_at"),
)

# The first day's link, by which the first administrator logs in, once.
first_links = sa.Table(
    "first_links",
    metadata,
    bigid(),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    when("created_at"),
    when("ends_at"),
    when("used_at", null=True),
)
