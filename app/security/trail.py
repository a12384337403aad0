"""The audit trail as auditors read it."""

from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.security import audit_queries
from app.security.privacy import Veil
from app.security.schemas import AuditFilter, AuditOut


def audit_page(
    connection: Connection, wanted: AuditFilter, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[AuditOut]:
    """Lines of the audit trail, the newest first.

    Who does not see names sees neither addresses in them, but those of people who log in, nor which user is
    which person. A line's hash covers it as it was written.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "audit", (int,))[0] if cursor else None
    rows = audit_queries.audit_page(connection, wanted, before=before, limit=limit + 1)
    items = [_shown(row, veil) for row in rows[:limit]]
    return Listing(items=items, next=encode_cursor("audit", (items[-1].seq,)) if len(rows) > limit else None)


def _shown(row: Any, veil: Veil) -> AuditOut:
    values = dict(row._mapping)
    if not veil.is_open:
        for name in ("before", "after", "detail"):
            values[name] = veil.record(values[name])
            if values[name] and "person_id" in values[name] and row.object.startswith("user:"):
                values[name] = {**values[name], "person_id": None}
    return AuditOut.model_validate(values)
