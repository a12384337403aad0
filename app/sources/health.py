"""How a source stands, in a sentence for people. Pure."""

from typing import Any

import sqlalchemy as sa


def health_sentence(row: sa.Row[*tuple[Any, ...]]) -> str:
    """In one sentence how a source stands, and what a person must do."""
    if row.health_text:
        return row.health_text
    if not row.enabled:
        return "Switched off: it is read only when somebody starts a scan."
    if row.health == "new":
        return "Not read yet; the first scan is waiting its turn."
    if row.last_complete_at is not None:
        return f"Read completely on {row.last_complete_at:%-d %B %Y at %H:%M} UTC."
    return "Never read completely so far."
