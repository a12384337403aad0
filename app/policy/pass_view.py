"""Passes as both sides see them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.policy import pass_queries
from app.policy.parts import Money
from app.policy.passing import EndCause, Given
from app.policy.schemas import ActorOut, EndedOut, GivenPass, PassQuery, ToolNamed
from app.security.schemas import Side


def given_of(row: Any) -> Given:
    """A pass from its row."""
    cap = None if row.currency is None else Money(minor=row.spend_cap_minor, currency=row.currency)
    return Given(row.policy_version, row.rule, row.expires_on, row.people_cap, cap)


def standing_pass(connection: Connection, tool_id: int) -> GivenPass | None:
    """The pass that a tool has now."""
    rows = pass_queries.page(connection, standing=True, tool_id=tool_id, before=None, limit=1)
    return shown(rows[0]) if rows else None


def standing_passes(connection: Connection, tool_ids: Collection[int]) -> dict[int, GivenPass]:
    """The passes that some tools have now, by tool; those without one are missing."""
    return {row.tool_id: shown(row) for row in pass_queries.shown_standing(connection, tool_ids)}


def list_passes(connection: Connection, wanted: PassQuery) -> Listing[GivenPass]:
    """Passes, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(wanted.cursor, "passes", (int,))[0] if wanted.cursor else None
    rows = pass_queries.page(
        connection, standing=wanted.standing, tool_id=wanted.tool, before=before, limit=wanted.limit + 1
    )
    items = [shown(row) for row in rows[: wanted.limit]]
    following = encode_cursor("passes", (items[-1].id,)) if len(rows) > wanted.limit else None
    return Listing(items=items, next=following)


def shown(row: Any) -> GivenPass:
    """A pass as both sides see it."""
    ended = None
    if row.ended_at is not None:
        by = None if row.ended_by is None else ActorOut(user_id=row.ended_by, name=row.ender)
        ended = EndedOut(
            at=row.ended_at,
            cause=EndCause(row.end_cause),
            reason=row.end_reason,
            by=by,
            side=None if row.ended_side is None else Side(row.ended_side),
        )
    return GivenPass(
        id=row.id,
        tool=ToolNamed(id=row.tool_id, name=row.tool),
        policy=row.policy_version,
        rule=row.rule,
        because=next(iter(row.reasons), ""),
        given_at=row.given_at,
        expires_on=row.expires_on,
        people_cap=row.people_cap,
        people=row.people,
        spend_cap=given_of(row).spend_cap,
        reasons=list(row.reasons),
        ended=ended,
        review=row.review_id,
    )
