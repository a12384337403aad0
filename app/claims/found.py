"""What was found in a team and nobody answers for, with the evidence; and who may answer for a tool."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.assess import SPEND_PERIOD
from app.catalog.service import live_tool
from app.catalog.veiled import allow_departments, somebody
from app.claims import repository
from app.claims.likely import Suggestion, likely_owners
from app.claims.schemas import Found, FoundQuery, LikelyList, LikelyOwner, ToolRef
from app.claims.service import departments_of
from app.claims.traces import Gathered, gather
from app.claims.words import Team, found_sentence
from app.errors import Conflict, FieldError
from app.language import _
from app.security.privacy import Veil
from app.security.schemas import Caller

_KIND = "found"


def found_in_team(
    connection: Connection, query: FoundQuery, caller: Caller, now: datetime, *, veil: Veil
) -> Listing[Found]:
    """Tools of the caller's departments that nobody answers for; marketing's first, then the most used.

    Raises:
        Conflict: the caller's department is not known, and none was named.
        Forbidden: a department was named that is too small to be asked about, and is not theirs.
        Invalid: the cursor is not one of this list.
    """
    departments = departments_of(connection, caller)
    if query.department:
        if query.department not in departments:
            allow_departments([query.department], veil)
        departments = [query.department]
    if not departments:
        raise Conflict(
            _("Your department is not known here: say which one you mean (in the API: ?department=)."),
            code="no_department",
            fields=[FieldError("department", _("name one, as it stands in the directory"))],
        )
    after = decode_cursor(query.cursor, _KIND, (int, int, int)) if query.cursor else None
    today = now.astimezone(UTC).date()
    rows = repository.found_page(
        connection, departments, paid_since=today - SPEND_PERIOD, after=after, limit=query.limit + 1
    )
    page = rows[: query.limit]
    ids = [row.id for row in page]
    gathered = gather(connection, ids, now)
    declined = repository.declined_in(connection, ids)
    versions = repository.versions_of(connection, ids)
    likely = _likely(connection, gathered, ids, now, veil, limit=1)
    items = []
    for row in page:
        asking = [d for d in departments if (row.id, d) not in declined]
        team = gathered.team(row.id, asking)
        tiny = not veil.is_open and sum(veil.sizes.get(d, 0) for d in asking) < veil.fewest
        items.append(
            Found(
                tool=ToolRef(id=row.id, name=row.name, audience=row.audience),
                evidence=row.evidence,
                ownership=row.ownership,
                version=versions.get(row.id, 0),
                departments=asking,
                sentence=_sentence(team, query.department, today, veil, tiny=tiny),
                people=None if tiny else veil.count(team.people),
                signed_in=None if tiny else veil.count(team.signed_in),
                sign_ins=None if tiny or veil.count(team.signed_in) is None else team.sign_ins,
                fewer_than=veil.fewer_than,
                first_consent=None if tiny else team.first_consent,
                payments=None if tiny else team.payments,
                paid=None if tiny else team.paid,
                last_payment=None if tiny else team.last_payment,
                likely_owner=next(iter(likely[row.id]), None),
            )
        )
    following = None
    if len(rows) > query.limit:
        following = encode_cursor(_KIND, (page[-1].other, int(page[-1].most), page[-1].id))
    return Listing(items=items, next=following)


def _sentence(team: Team, name: str | None, today: date, veil: Veil, *, tiny: bool) -> str:
    if tiny:  # all that would be said of it is said of one or two people
        return _(
            "%(team)s has it; of fewer than %(fewest)s people no more is told.",
            team=name or _("Your team"),
            fewest=veil.fewest,
        )
    return found_sentence(team, name, today, fewest=veil.fewer_than or 0)


def likely_owners_of(connection: Connection, tool_id: int, now: datetime, *, veil: Veil) -> LikelyList:
    """Who may answer for a tool, the likeliest first.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    live_tool(connection, tool_id)
    gathered = gather(connection, [tool_id], now)
    return LikelyList(items=_likely(connection, gathered, [tool_id], now, veil, limit=5)[tool_id])


def _likely(
    connection: Connection,
    gathered: Gathered,
    tool_ids: Sequence[int],
    now: datetime,
    veil: Veil,
    *,
    limit: int,
) -> dict[int, list[LikelyOwner]]:
    today = now.astimezone(UTC).date()
    found = {
        tool_id: likely_owners(
            gathered.tools[tool_id].traces,
            gathered.everybody,
            today,
            limit=limit,
            discreet=None if veil.is_open else lambda team, people: _team(veil, team, people),
        )
        for tool_id in tool_ids
    }
    users = repository.users_of_people(connection, {s.person for some in found.values() for s in some})
    return {tool_id: [_shown(s, gathered, users, veil) for s in some] for tool_id, some in found.items()}


def _team(veil: Veil, team: str, people: int) -> str:
    """A team and how many of it use a tool, as far as it may be told."""
    if veil.is_small(team):
        return ""
    shown = veil.count(people)
    if shown is None:
        return _(" (%(team)s, fewer than %(n)s people)", team=team, n=veil.fewest)
    return _(" (%(team)s, %(n)s people)", team=team, n=shown)


def _shown(suggestion: Suggestion, gathered: Gathered, users: dict[int, int], veil: Veil) -> LikelyOwner:
    person = gathered.everybody[suggestion.person]
    name, email = gathered.names[person.id]
    return LikelyOwner(
        person=somebody(
            veil, person.id, name=name, email=email, department=person.department, active=person.active
        ),
        # Who logs in acts under their name: their user's id beside a pseudonym would say whose it is.
        user_id=None if veil.hides(person.id) else users.get(person.id),
        score=suggestion.score,
        reasons=list(suggestion.reasons),
    )
