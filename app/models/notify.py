"""What people and systems are told: channels, preferences, the outbox, and adopters' answers."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when

channels = sa.Table(
    "channels",
    metadata,
    bigid(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("config", Json, nullable=False),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    # Which topics it gets without being named: `review.decided`, or `review.*`.
    sa.Column("topics", Json, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("health", sa.Text, nullable=False, server_default="new"),
    sa.Column("health_text", sa.Text, nullable=False, server_default=""),
    when("last_sent_at", null=True),
    # Until then nothing is sent there: the receiver asked for a pause.
    when("paused_until", null=True),
    when("created_at"),
    when("updated_at"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    one_of("kind", "email", "slack", "teams", "webhook", "jira", "servicenow"),
    one_of("health", "new", "ok", "waiting", "attention"),
)

notification_preferences = sa.Table(
    "notification_preferences",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("timezone", sa.Text, nullable=False),
    # Minutes after midnight in that time zone; equal means none.
    sa.Column("quiet_from", sa.Integer, nullable=False),
    sa.Column("quiet_until", sa.Integer, nullable=False),
    sa.Column("digest_day", sa.Integer, nullable=False),
    sa.Column("digest_minute", sa.Integer, nullable=False),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("mode", sa.Text, nullable=False),
    one_of("mode", "now", "digest", "off"),
)

messages = sa.Table(
    "messages",
    metadata,
    bigid(),
    # Known outside by this: receivers that see it twice can tell.
    sa.Column("uid", sa.Text, nullable=False, unique=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    # From this character on the text is somebody's own words, which are in no language of ours.
    sa.Column("words_at", sa.Integer, nullable=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("dedupe_key", sa.Text, nullable=True),
    # The key while no second message with it may be put: unique, so the database decides.
    sa.Column("open_key", sa.Text, nullable=True, unique=True),
    when("quiet_until", null=True),
    when("created_at"),
    sa.Index("ix_messages_created", "created_at"),
    sa.Index("ix_messages_subject", "subject"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    bigid(),
    fk("message_id", "messages"),
    # None: in the recipient's inbox only.
    fk("channel_id", "channels", null=True),
    fk("user_id", "users", null=True),
    fk("person_id", "people", null=True),
    sa.Column("digest", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    when("next_at"),
    sa.Column("lease_owner", sa.Text, nullable=True),
    when("lease_until", null=True),
    # Counts every claim: a worker that was overtaken cannot note what it did.
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_error", sa.Text, nullable=True),
    # What the receiver calls it: a ticket's number.
    sa.Column("ref", sa.Text, nullable=True),
    when("created_at"),
    when("sent_at", null=True),
    one_of("state", "queued", "sending", "sent", "failed", "dead", "kept"),
    sa.Index("ix_deliveries_due", "channel_id", "state", "next_at"),
    sa.Index("ix_deliveries_message", "message_id"),
    sa.Index("ix_deliveries_user", "user_id", "id"),
    sa.Index("ix_deliveries_person", "person_id"),
)

# One row for each time somebody was asked; `answer` is empty until they say.
adopter_answers = sa.Table(
    "adopter_answers",
    metadata,
    bigid(),
    fk("tool_id", "tools"),
    fk("person_id", "people"),
    when("asked_at"),
    sa.Column("asked_by", sa.Text, nullable=False),
    when("expires_at"),
    sa.Column("answer", sa.Text, nullable=True),
    sa.Column("comment", sa.Text, nullable=True),
    when("answered_at", null=True),
    one_of("answer", "adopted", "trying", "once", "personal"),
    sa.Index("ix_adopter_answers_tool", "tool_id", "id"),
    sa.Index("ix_adopter_answers_person", "person_id"),
)
