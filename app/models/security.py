"""Who may come in: users and API tokens; and the audit trail."""

import sqlalchemy as sa

from app.models.base import BigId, Json, JsonOrNull, bigid, metadata, one_of, when

# Somebody who logs in. `person_id` is who that is in the directories; who is gone there loses access here.
users = sa.Table(
    "users",
    metadata,
    bigid(),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("person_id", BigId, sa.ForeignKey("people.id", ondelete="SET NULL"), nullable=True),
    when("created_at"),
    when("last_login_at", null=True),
    # In which language they are written to, and how numbers and dates are written: `de_AT`; None: not known.
    sa.Column("locale", sa.Text, nullable=True),
    sa.Index("ix_users_person", "person_id"),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    bigid(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    # Whose token it is; None for a service. A person's token may do what its role says while they have it.
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    when("created_at"),
    when("expires_at"),
    when("last_used_at", null=True),
    when("revoked_at", null=True),
    one_of("role", "reader", "marketing", "it", "admin", "auditor"),
    sa.Index("ix_api_tokens_user", "user_id"),
)

# Append-only. Each line carries the hash of the one before it, so that a line that was changed, taken out or
# moved is found; `audit_head` holds where the chain ends.
audit_events = sa.Table(
    "audit_events",
    metadata,
    bigid(),
    sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
    when("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=True),
    sa.Column("before", JsonOrNull, nullable=True),
    sa.Column("after", JsonOrNull, nullable=True),
    sa.Column("detail", Json, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("ix_audit_events_object", "object", "id"),
    sa.Index(
        "ix_audit_events_on_it_list",
        "at",
        sqlite_where=sa.text("action = 'tool.on_it_list'"),
        postgresql_where=sa.text("action = 'tool.on_it_list'"),
    ),
)

# What the last look through the whole chain found, by a person or a command. It tells when that was; whether
# the chain holds is never taken from here, but worked out from the lines.
audit_looks = sa.Table(
    "audit_looks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    when("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("lines", BigId, nullable=False),
    sa.Column("seq", BigId, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("compared", sa.Boolean, nullable=False),
    sa.Column("faults", Json, nullable=False),
    sa.CheckConstraint("id = 1", name="one"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.CheckConstraint("id = 1", name="one"),
)
