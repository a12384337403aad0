"""How a source stands, in a sentence for people. Pure."""

from typing import Any

import sqlalchemy as sa

from app.language import lasting


def health_sentence(row: sa.Row[*tuple[Any, ...]]) -> str:
    """In one sentence how a source stands, and what a person must do."""
    if row.health_text:
        return row.health_text
    if not row.enabled:
        return lasting("Switched off: it is read only when somebody starts a scan.")
    if row.health == "new":
        return lasting("Not read yet; the first scan is waiting its turn.")
    if row.last_complete_at is not None:
        return lasting(
            "Read completely on %(day)s at %(time)s UTC.",
            day=f"{row.last_complete_at:%-d %B %Y}",
            time=f"{row.last_complete_at:%H:%M}",
        )
    return lasting("Never read completely so far.")
