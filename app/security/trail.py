"""The audit trail as auditors read it."""

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.security import repository
from app.security.schemas import AuditFilter, AuditOut


def audit_page(
    connection: Connection, wanted: AuditFilter, *, cursor: str | None = None, limit: int = 50
) -> Listing[AuditOut]:
    """Lines of the audit trail, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "audit", (int,))[0] if cursor else None
    rows = repository.audit_page(connection, wanted, before=before, limit=limit + 1)
    items = [AuditOut.model_validate(row) for row in rows[:limit]]
    return Listing(items=items, next=encode_cursor("audit", (items[-1].seq,)) if len(rows) > limit else None)
