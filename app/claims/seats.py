"""What one person may do about a tool's owner, and who could be named."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from app.catalog.facts import Audience
from app.catalog.service import live_tool
from app.claims import repository
from app.claims.fold import fold
from app.claims.options import possible
from app.claims.rules import IT, Case, Person, may_own
from app.claims.schemas import UserRef
from app.claims.service import acting, people_of
from app.security import users
from app.security.schemas import Caller

_MOST = 1000


@dataclass(frozen=True)
class Seat:
    """Where somebody stands to a tool's ownership.

    Attributes:
        may: what they may do, by the names of `app.claims.options`.
        departments: for which they may decline it; empty, if theirs is not known: any.
    """

    may: frozenset[str]
    departments: tuple[str, ...]


NOBODY = Seat(frozenset(), ())
"""What a service has: it may do nothing that takes a person."""


def seat_of(connection: Connection, tool_id: int, caller: Caller, now: datetime) -> Seat:
    """What the caller may do about a tool's owner as things stand.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    tool = live_tool(connection, tool_id)
    if caller.user_id is None:
        return NOBODY
    standing = fold(repository.logs_of(connection, [tool_id])[tool_id])
    actor = acting(connection, caller)
    names = users.names_of(connection, standing.people)
    case = Case(tool_id, tool.name, Audience(tool.audience), standing, actor, until=now, names=names)
    return Seat(possible(case), actor.departments)


def who_may_own(connection: Connection, audience: Audience) -> list[UserRef]:
    """Users who may own a tool of this audience, by name; the first thousand."""
    return _named(connection, lambda person: may_own(person, audience))


def who_may_look_after(connection: Connection) -> list[UserRef]:
    """Users who may be a tool's steward, by name; the first thousand."""
    return _named(connection, lambda person: IT in person.sides)


def _named(connection: Connection, fits: Callable[[Person], bool]) -> list[UserRef]:
    found = people_of(connection, repository.users_on_sides(connection))
    fit = sorted((p for p in found.values() if p.here and fits(p)), key=lambda p: (p.name.lower(), p.id))
    return [UserRef(user_id=p.id, name=p.name) for p in fit[:_MOST]]
