"""People of the directories as they are read: the list of all, and one with accounts and tools."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog import person_queries, repository
from app.catalog.person_schemas import AccessOut, PeopleNumbers, PersonDetail, PersonOut, UsedTool
from app.catalog.queries import PeopleFilter, PeopleSort
from app.catalog.service import periods
from app.catalog.veiled import account, allow_departments, person_values
from app.clock import start_of
from app.errors import NotFound
from app.language import _
from app.security.privacy import Veil


def list_people(
    connection: Connection,
    wanted: PeopleFilter,
    *,
    now: datetime,
    veil: Veil,
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[PersonOut]:
    """People by name, or by what they use or allow; to whoever does not see names by id, and by pseudonym.

    Raises:
        Forbidden: they are asked for by a department that is too small for this caller.
        Invalid: the cursor is not one of this list.
    """
    # To whoever does not see names, neither the order nor the cursor nor what a search finds may tell one.
    allow_departments(wanted.department, veil)
    only = None if veil.is_open else _by_pseudonym(connection, wanted.q, veil)
    if wanted.sort is not PeopleSort.NAME:
        return _by_score(connection, wanted, now, veil, only=only, cursor=cursor, limit=limit)
    if veil.is_open:
        named = decode_cursor(cursor, "people", (str, int)) if cursor else None
        rows = person_queries.people_list(connection, wanted, after=named, limit=limit + 1)
        key = ("people", lambda row: (row.label, row.id))
    else:
        after = decode_cursor(cursor, "people_veiled", (int,))[0] if cursor else None
        rows = person_queries.people_by_order(connection, wanted, only=only, after=after, limit=limit + 1)
        key = ("people_veiled", lambda row: (row.id,))
    following = encode_cursor(key[0], key[1](rows[limit - 1])) if len(rows) > limit else None
    return Listing(items=_shown(connection, rows[:limit], now, veil), next=following)


def _by_pseudonym(connection: Connection, q: str, veil: Veil) -> list[int] | None:
    """Whom a search by pseudonym finds; None if nothing is searched for."""
    words = q.lower().split()
    if not words:
        return None
    ids = person_queries.people_ids(connection)
    return [id_ for id_ in ids if all(word in veil.pseudonym(id_).lower() for word in words)]


def _by_score(
    connection: Connection,
    wanted: PeopleFilter,
    now: datetime,
    veil: Veil,
    *,
    only: Sequence[int] | None,
    cursor: str | None,
    limit: int,
) -> Listing[PersonOut]:
    kind = f"people:{wanted.sort.value}"
    rows = person_queries.people_by_score(
        connection,
        wanted,
        by_name=veil.is_open,
        only=only,
        after=decode_cursor(cursor, kind, (int, int)) if cursor else None,
        limit=limit + 1,
        **periods(now),
    )
    following = None
    if len(rows) > limit:
        following = encode_cursor(kind, (rows[limit - 1].score, rows[limit - 1].id))
    return Listing(items=_shown(connection, rows[:limit], now, veil), next=following)


def _shown(connection: Connection, rows: Sequence[Any], now: datetime, veil: Veil) -> list[PersonOut]:
    figures = person_queries.figures(connection, [row.id for row in rows], **periods(now))
    return [PersonOut.model_validate({**person_values(row, veil), **figures[row.id]}) for row in rows]


def people_numbers(connection: Connection) -> PeopleNumbers:
    """How many people are here, have left, and have left with access in force."""
    return PeopleNumbers.model_validate(dict(person_queries.numbers(connection)._mapping))


def get_person(connection: Connection, person_id: int, *, now: datetime, veil: Veil) -> PersonDetail:
    """One person with accounts, the tools they use, and the access that is in force.

    Raises:
        NotFound: there is nobody with this id.
    """
    row = repository.person(connection, person_id)
    if row is None:
        raise NotFound(_("There is no person %(person_id)s.", person_id=person_id))
    used = repository.tools_used_by(connection, person_id, **periods(now))
    first = repository.first_used_by(connection, person_id)
    return PersonDetail.model_validate(
        {
            **person_values(row, veil),
            **person_queries.figures(connection, [person_id], **periods(now))[person_id],
            "accounts": [account(a, person_id, veil) for a in repository.accounts_of(connection, person_id)],
            "tools": [
                UsedTool.model_validate(
                    {**t._mapping, "first_on": first[t.id], "last_at": start_of(t.last_on)}
                )
                for t in used
            ],
            "accesses": [
                AccessOut.model_validate(a) for a in person_queries.access_of(connection, person_id)
            ],
        }
    )
