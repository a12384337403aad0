"""Who gets the joint report by e-mail, and of which month they had it last."""

import sqlalchemy as sa

from app.models.base import BigId, metadata, when

report_subscriptions = sa.Table(
    "report_subscriptions",
    metadata,
    sa.Column("user_id", BigId, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # Of each month, by the calendar of the person's side.
    sa.Column("day", sa.Integer, nullable=False),
    # In which language, and how numbers and dates are written: `de_AT`.
    sa.Column("locale", sa.Text, nullable=False),
    # The first day of the last month that was sent, or that was over when they began.
    sa.Column("sent_for", sa.Date, nullable=False),
    when("created_at"),
    when("updated_at"),
    sa.CheckConstraint("day BETWEEN 1 AND 28", name="report_day"),
)
