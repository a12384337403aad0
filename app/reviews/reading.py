"""Reviews as they are read: one, its log, its record, lists, and the scoreboard."""

from datetime import date, datetime, timedelta

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.clock import start_of
from app.errors import NotFound
from app.reviews import repository
from app.reviews.answers import EventOut, RecordOut, ReviewItem, ReviewOut, Scoreboard
from app.reviews.clocks import Calendars
from app.reviews.fold import fold
from app.reviews.schemas import ReviewQuery
from app.reviews.scoreboard import arbiters_spreads, late, promises, spreads
from app.reviews.views import View, event_out, item_of, people_in
from app.reviews.words import Party
from app.security import users
from app.security.schemas import Caller

SCOREBOARD_PERIOD = timedelta(days=365)


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
        raise NotFound(f"There is no review {review_id}.")
    return row.version


def get_record(connection: Connection, review_id: int) -> RecordOut:
    """The decision of a review with everything it rests on.

    Raises:
        NotFound: there is no such review, or it has not been decided.
    """
    row = repository.review_with_tool(connection, review_id)
    if row is not None and row.state != "decided":
        raise NotFound(f"Review {review_id} has no decision: it is {row.state}.")
    return _view(connection, review_id).record()


def _view(connection: Connection, review_id: int) -> View:
    row = repository.review_with_tool(connection, review_id)
    if row is None:
        raise NotFound(f"There is no review {review_id}.")
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
) -> Listing[ReviewItem]:
    """Reviews, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "reviews", (int,))[0] if cursor else None
    mine = (caller.user_id if caller and caller.user_id is not None else 0) if wanted.mine else None
    rows = repository.review_page(
        connection,
        states=[s.value for s in wanted.state],
        lanes=[x.value for x in wanted.lane],
        waiting_on=[p.value for p in wanted.waiting_on],
        tool_id=wanted.tool,
        took_part=mine,
        before=before,
        limit=limit + 1,
    )
    items = [item_of(row) for row in rows[:limit]]
    return Listing(items=items, next=encode_cursor("reviews", (items[-1].id,)) if len(rows) > limit else None)


def list_events(
    connection: Connection, review_id: int, *, cursor: str | None = None, limit: int = 50
) -> Listing[EventOut]:
    """A review's log, the first line first.

    Raises:
        NotFound: there is no such review.
        Invalid: the cursor is not one of this list.
    """
    if repository.review(connection, review_id) is None:
        raise NotFound(f"There is no review {review_id}.")
    last = decode_cursor(cursor, "review_events", (int,))[0] if cursor else 0
    events = repository.event_page(connection, review_id, after=last, limit=limit + 1)
    shown = events[:limit]
    names = users.names_of(connection, {e.user_id for e in shown if e.user_id is not None})
    following = encode_cursor("review_events", (shown[-1].seq,)) if len(events) > limit else None
    return Listing(items=[event_out(e, names) for e in shown], next=following)


def scoreboard(connection: Connection, *, since: date | None, now: datetime) -> Scoreboard:
    """The numbers that both sides see.

    Args:
        connection: a reading transaction.
        since: from which day on decisions count; a year ago, if not given.
        now: the time.
    """
    day = since or (now - SCOREBOARD_PERIOD).date()
    start = start_of(day)
    waiting = repository.counted_waiting(connection)
    decided, jointly, passed = repository.counted_decisions(connection)
    return Scoreboard(
        since=day,
        waited=spreads(repository.waited_of_decided(connection, start)),
        arbiters=arbiters_spreads(repository.arbiters_waited(connection, start)),
        late=late(repository.noted_late(connection, start)),
        decided=repository.counted_outcomes(connection, start),
        open_reviews=waiting["all"],
        waiting_on={party: waiting[party.value] for party in Party},
        conditions=promises(repository.counted_conditions(connection, start)),
        tools_decided=decided,
        tools_decided_jointly=jointly,
        tools_passed_by_policy=passed,
    )
