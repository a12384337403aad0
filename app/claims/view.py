"""Ownership as people see it: one tool's with its history, and the list of all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.facts import Audience
from app.catalog.service import live_tool
from app.claims import repository
from app.claims.fold import Event, Standing, fold
from app.claims.schemas import (
    ClaimQuery,
    ContestOut,
    DeclineOut,
    HeldTool,
    HistoryLine,
    NamedOut,
    OwnershipDetail,
    OwnershipOut,
    ToolRef,
    UserRef,
)
from app.claims.words import happened
from app.security import users
from app.security.privacy import Veil
from app.security.schemas import Caller, Side, UserOut

_HISTORY = 100
_KIND = "claims"


def ownership(connection: Connection, tool_id: int, standing: Standing) -> OwnershipOut:
    """What holds of a tool, with names."""
    return _shown(connection, {tool_id: standing})[0]


def who_answers(connection: Connection, tool_id: int) -> list[tuple[str, UserOut]]:
    """The owner and the steward of a tool, each with their part; those it has."""
    standing = fold(repository.logs_of(connection, [tool_id])[tool_id])
    parts = (("owner", standing.owner), ("steward", standing.steward))
    return [(part, users.get_user(connection, user)) for part, user in parts if user is not None]


def owners_of(connection: Connection, tool_ids: Sequence[int]) -> dict[int, list[UserRef]]:
    """Owner and co-owners of some tools, the owner first; tools without one are missing."""
    found: dict[int, list[UserRef]] = {}
    for row in repository.owners_of(connection, tool_ids):
        found.setdefault(row.tool_id, []).append(UserRef(user_id=row.user_id, name=row.name))
    return found


def held_by_person(connection: Connection, person_id: int, *, veil: Veil) -> list[HeldTool] | None:
    """The tools that somebody of the directories answers for; None to whoever does not see who that is.

    Who owns a tool is known to everybody by name: beside a pseudonym it would say whose it is.
    """
    if veil.hides(person_id):
        return None
    user = repository.users_of_people(connection, [person_id]).get(person_id)
    if user is None:
        return []
    return [HeldTool.model_validate(row) for row in repository.held_by_user(connection, user)]


def detail(connection: Connection, tool_id: int, *, before: int | None = None) -> OwnershipDetail:
    """Who answers for a tool, and how that came.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    live_tool(connection, tool_id)
    log = repository.logs_of(connection, [tool_id])[tool_id]
    wanted = [e for e in reversed(log) if before is None or e.seq < before]
    lines = wanted[:_HISTORY]
    name = _names(connection, lines)
    return OwnershipDetail(
        **dict(ownership(connection, tool_id, fold(log))),
        history=[
            HistoryLine(
                seq=event.seq,
                at=event.at,
                by=UserRef(user_id=event.user_id, name=name(event.user_id)) if event.user_id else None,
                kind=event.kind,
                text=happened(event, name),
                data=dict(event.data),
            )
            for event in lines
        ],
        earlier=lines[-1].seq if len(wanted) > _HISTORY else None,
    )


def claim_list(
    connection: Connection, query: ClaimQuery, caller: Caller, now: datetime
) -> Listing[OwnershipOut]:
    """Tools that have or had an owner, or have a steward, by id.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    last = decode_cursor(query.cursor, _KIND, (int,))[0] if query.cursor else None
    if query.mine and caller.user_id is None:
        return Listing(items=[])  # a service has no part in anything
    ids = repository.claim_page(
        connection,
        part_of=None if query.mine is None or caller.user_id is None else (caller.user_id, query.mine),
        contested=query.contested,
        attest_before=None if query.lapsing is None else now + timedelta(days=query.lapsing),
        after=last,
        limit=query.limit + 1,
    )
    page = ids[: query.limit]
    logs = repository.logs_of(connection, page)
    items = _shown(connection, {tool_id: fold(logs[tool_id]) for tool_id in page})
    return Listing(items=items, next=encode_cursor(_KIND, (page[-1],)) if len(ids) > query.limit else None)


def _names(connection: Connection, lines: Sequence[Event]) -> Callable[[int | None], str]:
    mentioned = {event.user_id for event in lines} - {None}
    for event in lines:
        named = (event.data.get(key) for key in ("to", "from", "user", "for", "contester", "owner", "with"))
        mentioned |= {user for user in named if isinstance(user, int)}
    names = users.names_of(connection, [user for user in mentioned if user is not None])
    return lambda user: "Nobody" if user is None else names[user]


def _shown(connection: Connection, standings: Mapping[int, Standing]) -> list[OwnershipOut]:
    tools = repository.tools_by_id(connection, list(standings))
    names = users.names_of(connection, {user for s in standings.values() for user in s.people})

    def ref(user: int) -> UserRef:
        return UserRef(user_id=user, name=names[user])

    def maybe(user: int | None) -> UserRef | None:
        return None if user is None else ref(user)

    return [
        OwnershipOut(
            tool=ToolRef(id=tool_id, name=tools[tool_id].name, audience=Audience(tools[tool_id].audience)),
            version=s.version,
            ownership=s.ownership,
            owner=maybe(s.owner),
            co_owners=[ref(user) for user in s.co_owners],
            steward=maybe(s.steward),
            attest_by=s.attest_by,
            offered_to=maybe(s.offered_to),
            asked=[ref(user) for user in s.asked],
            contests=[ContestOut(by=ref(c.user_id), reason=c.reason, since=c.since) for c in s.contests],
            named=[
                NamedOut(
                    side=Side(n.side),
                    by=ref(n.user_id),
                    for_user=ref(n.for_user),
                    reason=n.reason,
                    since=n.since,
                )
                for n in s.named
            ],
            declines=[
                DeclineOut(
                    department=d.department,
                    by=ref(d.user_id),
                    reason=d.reason,
                    note=d.note,
                    duplicate_of=d.duplicate_of,
                    since=d.since,
                )
                for d in s.declines
            ],
        )
        for tool_id, s in standings.items()
    ]
