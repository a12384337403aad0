"""The one source that the benchmarks' rows are said to come from."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import sources


def okta_source(connection: Connection, now: datetime, *, account: str = "1", enabled: bool = False) -> int:
    """Add an Okta source that nobody reads; gives its id."""
    made = connection.execute(
        sa.insert(sources).values(
            name="okta",
            connector="okta",
            account=account,
            config={},
            secrets=b"",
            schedule_minutes=60,
            enabled=enabled,
            created_at=now,
            updated_at=now,
        )
    )
    assert made.inserted_primary_key
    return made.inserted_primary_key[0]
