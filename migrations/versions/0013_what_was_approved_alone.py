"""scoreboard: small indexes of what was approved by old means

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_INDEXES = (
    ("ix_grants_admin", "grants", "app_id", "consent = 'admin'"),
    ("ix_consent_events_admin", "consent_events", "at", "consent = 'admin'"),
    ("ix_audit_events_on_it_list", "audit_events", "at", "action = 'tool.on_it_list'"),
)


def upgrade() -> None:
    """Apply."""
    for name, table, column, only in _INDEXES:
        where = sa.text(only)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take it back; nothing is lost."""
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table_name=table)
