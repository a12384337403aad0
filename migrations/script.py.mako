"""${message}

Deployment rule: the release before this one must go on working after `upgrade` has run.
"""

import sqlalchemy as sa
from alembic import op

from app.db import BigId, Json, UtcDateTime
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Apply."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take back."""
    ${downgrades if downgrades else "pass"}
