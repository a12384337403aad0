"""What happened in reviews since somebody looked: for pages that stay open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from app.errors import NotFound
from app.language import _
from app.reviews import repository
from app.reviews.answers import EventOut, ToolNamed
from app.reviews.views import event_out
from app.security import users
from app.security.privacy import Veil

MOST = 5
"""So many lines are told; of more the latest."""


@dataclass(frozen=True)
class Told:
    """A line of a review's log, and of which review it is."""

    review: int
    tool: ToolNamed
    event: EventOut


@dataclass(frozen=True)
class News:
    """What is new.

    Attributes:
        mark: by which is asked the next time.
        lines: the latest ones of others, the latest first.
        more: how many there are besides.
    """

    mark: int
    lines: Sequence[Told]
    more: int


def mark_of(connection: Connection, review_id: int | None) -> int:
    """How many lines the log of a review has, or those of all reviews together: it only ever grows.

    Raises:
        NotFound: there is no such review.
    """
    found = repository.lines_written(connection, review_id)
    if found is None:
        raise NotFound(_("There is no review %(review_id)s.", review_id=review_id))
    return found


def news_since(
    connection: Connection, review_id: int | None, mark: int, *, veil: Veil, reader: int | None
) -> News:
    """What others wrote into a review's log since a mark, or into those of all reviews.

    Args:
        connection: a reading transaction.
        review_id: which review; all, if not given.
        mark: as `mark_of` gave it.
        veil: what of people the caller is shown.
        reader: the caller's user id: their own deeds are no news to them.

    Raises:
        NotFound: there is no such review.
    """
    now = mark_of(connection, review_id)
    count = max(now - mark, 0)
    rows: Sequence[Any] = []
    if count:
        rows = repository.latest_lines(connection, review_id, last=count, besides=reader, limit=MOST)
    events = [(row, repository.as_event(row)) for row in rows]
    names = users.names_of(connection, {e.user_id for _, e in events if e.user_id is not None})
    lines = [
        Told(row.review_id, ToolNamed(id=row.tool_id, name=row.tool), event_out(event, names, veil))
        for row, event in events
    ]
    return News(now, lines, rows[0].counted - len(rows) if rows else 0)
