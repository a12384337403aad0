"""Subscriptions that charges tell of, contracts that people entered, and which renewals were told."""

import sqlalchemy as sa

from app.models.base import BigId, Json, bigid, fk, metadata, one_of, when

# Worked out from a tool's charges whenever the tool is (`app.catalog.assess`), and never changed by hand.
tool_subscriptions = sa.Table(
    "tool_subscriptions",
    metadata,
    sa.Column("tool_id", BigId, sa.ForeignKey("tools.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("usual_minor", sa.BigInteger, nullable=False),
    sa.Column("asked_minor", sa.BigInteger, nullable=True),
    sa.Column("asked_currency", sa.Text, nullable=True),
    sa.Column("charges", sa.Integer, nullable=False),
    sa.Column("payers", sa.Integer, nullable=False),
    sa.Column("first_on", sa.Date, nullable=False),
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("next_on", sa.Date, nullable=True),
    sa.Column("ended_after", sa.Date, nullable=True),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("rises", Json, nullable=False),
    # Of the charges that this was read from: while it stays, nothing is worked out anew.
    sa.Column("digest", sa.Text, nullable=False),
    one_of("period", "weekly", "four_weekly", "monthly", "quarterly", "yearly", "usage", "one_off"),
    sa.Index("ix_tool_subscriptions_next", "period", "next_on"),
)

contracts = sa.Table(
    "contracts",
    metadata,
    bigid(),
    fk("tool_id", "tools", cascade=False),
    sa.Column("vendor_ref", sa.Text, nullable=True),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=True),
    sa.Column("renews_on", sa.Date, nullable=True),
    sa.Column("term_months", sa.Integer, nullable=False),
    sa.Column("notice_days", sa.Integer, nullable=True),
    sa.Column("auto_renews", sa.Boolean, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("per", sa.Text, nullable=False),
    sa.Column("seats", sa.Integer, nullable=True),
    sa.Column("note", sa.Text, nullable=True),
    sa.Column("actor", sa.Text, nullable=False),
    fk("user_id", "users", null=True, cascade=False),
    sa.Column("version", sa.Integer, nullable=False),
    when("created_at"),
    when("updated_at"),
    one_of("per", "monthly", "quarterly", "yearly", "once"),
    sa.CheckConstraint("ends_on >= starts_on", name="ends_on"),
    sa.CheckConstraint("renews_on > starts_on", name="renews_on"),
    sa.CheckConstraint("term_months BETWEEN 1 AND 120", name="term_months"),
    sa.Index("ix_contracts_tool", "tool_id"),
    sa.Index("ix_contracts_user", "user_id"),
)

# Which renewals were told, and how far ahead: once each.
renewal_notices = sa.Table(
    "renewal_notices",
    metadata,
    sa.Column("tool_id", BigId, sa.ForeignKey("tools.id", ondelete="CASCADE"), primary_key=True),
    # Which renewal of the tool: `contract:7`, or `charges` for one that only its charges tell of.
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("renews_on", sa.Date, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    when("told_at"),
    one_of("stage", "sixty_days", "thirty_days", "last_day"),
)
