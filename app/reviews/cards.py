"""The board of reviews, and the promises that decisions hold."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.facts import Grade
from app.catalog.veiled import allow_departments
from app.reviews import page_rows
from app.reviews.answers import Actor, ToolNamed
from app.reviews.card_answers import CardList, CardOut, CardQuery, ConditionItem, ConditionQuery, WaitOut
from app.reviews.clocks import Calendars, clocks_of
from app.reviews.columns import Column, Wait, column_of, step_of, waits_of
from app.reviews.events import Event
from app.reviews.fold import fold
from app.reviews.repository import Row
from app.reviews.views import item_of
from app.reviews.words import ConditionState
from app.security import users
from app.security.privacy import Veil
from app.security.schemas import Caller, Side

MOST = 300
"""So many reviews that go on are looked at, the oldest first, and as many decisions with something to come:
each log is folded, which takes about a millisecond."""


def board(
    connection: Connection, wanted: CardQuery, *, calendars: Calendars, veil: Veil, now: datetime
) -> CardList:
    """All reviews that go on, and the decisions of which something is still to come.

    Args:
        connection: a reading transaction.
        wanted: which ones.
        calendars: when whom works.
        veil: how the caller sees people.
        now: the time.

    Raises:
        Forbidden: the department is too small to be asked about.
    """
    allow_departments([wanted.department] if wanted.department else [], veil)
    lanes = [lane.value for lane in wanted.lane]
    rows = page_rows.open_cards(
        connection,
        waiting_on=[party.value for party in wanted.waiting_on],
        lanes=lanes,
        department=wanted.department,
        limit=MOST + 1,
    )
    logs = page_rows.logs_of(connection, [row.id for row in rows[:MOST]])
    cards = [_open_card(row, logs[row.id], calendars, now) for row in rows[:MOST]]
    running = page_rows.running_cards(
        connection,
        lanes=lanes,
        department=wanted.department,
        sides=[party.value for party in wanted.waiting_on],
        limit=MOST + 1,
    )
    cards += [_running_card(row, now.date()) for row in running[:MOST]]
    if wanted.late is not None:
        cards = [card for card in cards if card.late is wanted.late]
    return CardList(items=cards, more=len(rows) > MOST or len(running) > MOST)


def _open_card(row: Row, events: list[Event], calendars: Calendars, now: datetime) -> CardOut:
    state = fold(events)
    waits = waits_of(state, clocks_of(state, calendars, now), calendars, now)
    column = column_of(state, waits)
    return CardOut(
        **_facts(row),
        column=column,
        step=step_of(state),
        late=column is Column.LATE,
        waits=[_wait_out(wait) for wait in waits],
        missing={side: len(state.missing(side)) for side in Side},
        questions=sum(len(state.open_questions(to=side)) for side in Side),
        proposed=None if state.proposal is None else state.proposal.terms.outcome,
        promises=0,
        promised_by=[],
        next_due=None,
    )


def _running_card(row: Row, today: date) -> CardOut:
    return CardOut(
        **_facts(row),
        column=Column.RUNNING,
        step=Column.RUNNING,
        late=row.next_due is not None and row.next_due < today,
        waits=[],
        missing={},
        questions=0,
        proposed=None,
        promises=row.promises,
        promised_by=[side for side in Side if getattr(row, f"promised_by_{side.value}")],
        next_due=row.next_due,
    )


def _facts(row: Row) -> dict[str, Any]:
    return {
        **item_of(row).model_dump(),
        "category": row.category,
        "people": row.people,
        "grant_grade": Grade(row.grant_grade) if row.grant_grade else None,
        "spend_minor": row.spend_minor,
        "spend_currency": row.spend_currency,
    }


def _wait_out(wait: Wait) -> WaitOut:
    service = wait.clock.service
    return WaitOut(
        party=wait.party,
        since=wait.since,
        lasts_s=int(wait.lasts.total_seconds()),
        waited_s=int(wait.clock.waited.total_seconds()),
        service_s=None if service is None else int(service.total_seconds()),
        due_at=wait.clock.due,
        late=wait.is_late,
    )


def list_conditions(
    connection: Connection, wanted: ConditionQuery, *, caller: Caller
) -> Listing[ConditionItem]:
    """Promises of decisions, those that are due first, first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    after = None
    if wanted.cursor:
        due, review, number = decode_cursor(wanted.cursor, "conditions", (date, int, int))
        after = (due, review, number)
    rows = page_rows.condition_page(
        connection,
        owner=(caller.user_id or 0) if wanted.mine else None,
        sides=[side.value for side in wanted.side],
        states=[state.value for state in wanted.state],
        due_to=wanted.due_to,
        after=after,
        limit=wanted.limit + 1,
    )
    shown = rows[: wanted.limit]
    names = users.names_of(connection, {row.owner_user_id for row in shown})
    items = [
        ConditionItem(
            review=row.review_id,
            tool=ToolNamed(id=row.tool_id, name=row.tool),
            number=row.number,
            side=Side(row.side),
            owner=Actor(user_id=row.owner_user_id, name=names[row.owner_user_id]),
            text=row.text,
            due=row.due,
            state=ConditionState(row.state),
            settled_at=row.settled_at,
        )
        for row in shown
    ]
    following = None
    if len(rows) > wanted.limit:
        last = items[-1]
        following = encode_cursor("conditions", (last.due, last.review, last.number))
    return Listing(items=items, next=following)
