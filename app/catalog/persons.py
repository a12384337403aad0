"""People of the directories as they are read: the list of all, and one with accounts and tools."""

from datetime import datetime

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog import repository
from app.catalog.queries import PeopleFilter
from app.catalog.schemas import PersonDetail, PersonOut, UsedTool
from app.catalog.service import periods
from app.catalog.veiled import account, allow_departments, person_values
from app.clock import start_of
from app.errors import NotFound
from app.security.privacy import Veil


def list_people(
    connection: Connection, wanted: PeopleFilter, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[PersonOut]:
    """People by name; to whoever does not see names by id, and searched by pseudonym.

    Raises:
        Forbidden: they are asked for by a department that is too small for this caller.
        Invalid: the cursor is not one of this list.
    """
    if not veil.is_open:
        return _veiled_people(connection, wanted, veil, cursor, limit)
    after = decode_cursor(cursor, "people", (str, int)) if cursor else None
    rows = repository.people_list(connection, wanted, after=after, limit=limit + 1)
    following = (
        encode_cursor("people", (rows[limit - 1].label, rows[limit - 1].id)) if len(rows) > limit else None
    )
    return Listing(items=[PersonOut.model_validate(row) for row in rows[:limit]], next=following)


def _veiled_people(
    connection: Connection, wanted: PeopleFilter, veil: Veil, cursor: str | None, limit: int
) -> Listing[PersonOut]:
    # Neither the order nor the cursor nor what a search finds may tell a name.
    allow_departments(wanted.department, veil)
    after = decode_cursor(cursor, "people_veiled", (int,))[0] if cursor else None
    only = None
    if words := wanted.q.lower().split():
        ids = repository.people_ids(connection)
        only = [id_ for id_ in ids if all(word in veil.pseudonym(id_).lower() for word in words)]
    rows = repository.people_by_order(connection, wanted, only=only, after=after, limit=limit + 1)
    items = [PersonOut.model_validate(person_values(row, veil)) for row in rows[:limit]]
    following = encode_cursor("people_veiled", (items[-1].id,)) if len(rows) > limit else None
    return Listing(items=items, next=following)


def get_person(connection: Connection, person_id: int, *, now: datetime, veil: Veil) -> PersonDetail:
    """One person with accounts and the tools they use.

    Raises:
        NotFound: there is nobody with this id.
    """
    row = repository.person(connection, person_id)
    if row is None:
        raise NotFound(f"There is no person {person_id}.")
    used = repository.tools_used_by(connection, person_id, **periods(now))
    return PersonDetail.model_validate(
        {
            **person_values(row, veil),
            "accounts": [account(a, person_id, veil) for a in repository.accounts_of(connection, person_id)],
            "tools": [UsedTool.model_validate({**t._mapping, "last_at": start_of(t.last_on)}) for t in used],
        }
    )
