"""Reviews as they are read: one, its log, its record, and lists."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.veiled import allow_departments
from app.errors import NotFound
from app.language import _
from app.reviews import due, repository
from app.reviews.answers import EventOut, PromiseDue, RecordOut, ReviewItem, ReviewOut, ToolNamed
from app.reviews.clocks import Calendars
from app.reviews.fold import fold
from app.reviews.schemas import ReviewQuery
from app.reviews.views import View, event_out, item_of, people_in
from app.security import users
from app.security.privacy import OPEN, Veil
from app.security.schemas import Caller, Side


def get_review(connection: Connection, review_id: int, *, calendars: Calendars, now: datetime) -> ReviewOut:
    """One review with all that lies on the table.

    Raises:
        NotFound: there is none.
    """
    return _view(connection, review_id).whole(calendars, now)


def version_of(connection: Connection, review_id: int) -> int:
    """How many lines a review's log has.

    Raises:
        NotFound: there is no such review.
    """
    row = repository.review(connection, review_id)
    if row is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    return row.version


def get_record(connection: Connection, review_id: int, *, veil: Veil) -> RecordOut:
    """The decision of a review with everything it rests on.

    Raises:
        NotFound: there is no such review, or it has not been decided.
    """
    row = repository.review_with_tool(connection, review_id)
    if row is not None and row.state != "decided":
        raise NotFound(
            _(
                "Review %(review_id)s has no decision: it is %(state)s.",
                review_id=review_id,
                state=_(row.state),
            )
        )
    return _view(connection, review_id).record(veil)


def _view(connection: Connection, review_id: int) -> View:
    row = repository.review_with_tool(connection, review_id)
    if row is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    events = repository.events_of(connection, review_id)
    state = fold(events)
    return View(row, events, state, users.names_of(connection, people_in(events, state)))


def list_reviews(
    connection: Connection,
    wanted: ReviewQuery,
    *,
    caller: Caller | None = None,
    cursor: str | None = None,
    limit: int = 50,
    veil: Veil = OPEN,
) -> Listing[ReviewItem]:
    """Reviews, the newest first.

    Raises:
        Forbidden: the department is too small to be asked about by who looks through `veil`.
        Invalid: the cursor is not one of this list.
    """
    allow_departments([wanted.department] if wanted.department else [], veil)
    before = decode_cursor(cursor, "reviews", (int,))[0] if cursor else None
    mine = (caller.user_id if caller and caller.user_id is not None else 0) if wanted.mine else None
    rows = repository.review_page(
        connection,
        states=[s.value for s in wanted.state],
        lanes=[x.value for x in wanted.lane],
        waiting_on=[p.value for p in wanted.waiting_on],
        tool_id=wanted.tool,
        department=wanted.department,
        closed_from=wanted.closed_from,
        closed_to=wanted.closed_to,
        took_part=mine,
        outcomes=[o.value for o in wanted.outcome],
        words=wanted.q.lower().split(),
        before=before,
        limit=limit + 1,
    )
    items = [item_of(row) for row in rows[:limit]]
    return Listing(items=items, next=encode_cursor("reviews", (items[-1].id,)) if len(rows) > limit else None)


def list_events(
    connection: Connection, review_id: int, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[EventOut]:
    """A review's log, the first line first.

    Raises:
        NotFound: there is no such review.
        Invalid: the cursor is not one of this list.
    """
    if repository.review(connection, review_id) is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    last = decode_cursor(cursor, "review_events", (int,))[0] if cursor else 0
    events = repository.event_page(connection, review_id, after=last, limit=limit + 1)
    shown = events[:limit]
    names = users.names_of(connection, {e.user_id for e in shown if e.user_id is not None})
    following = encode_cursor("review_events", (shown[-1].seq,)) if len(events) > limit else None
    return Listing(items=[event_out(e, names, veil) for e in shown], next=following)


def promises_due(
    connection: Connection, now: datetime, until: datetime, *, sides: Collection[Side] = ()
) -> list[PromiseDue]:
    """Promises that are open and due until a day, the next one first; of some sides, or of both."""
    rows = due.due_soon(connection, now.date(), until.date())
    wanted = [row for row in rows if not sides or Side(row.side) in sides]
    names = users.names_of(connection, {row.owner_user_id for row in wanted})
    return [
        PromiseDue(
            review_id=row.review_id,
            number=row.number,
            tool=ToolNamed(id=row.tool_id, name=row.tool),
            side=Side(row.side),
            owner=names.get(row.owner_user_id, ""),
            text=row.text,
            due=row.due,
        )
        for row in wanted
    ]
