"""Who hears of what happens to a tool's ownership; put into the outbox in the transaction of the deed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.claims import repository
from app.claims.case import Deed
from app.claims.fold import Cause, How, Kind, Standing
from app.language import lasting
from app.notify.outbox import Message, To, put
from app.security.schemas import Side
from app.security.users import names_of

_NAMED = 10


def tell(
    connection: Connection,
    tool_id: int,
    tool: str,
    deed: Deed,
    before: Standing,
    now_is: Standing,
    at: datetime,
) -> None:
    """Tell whom a deed concerns.

    Args:
        connection: the writing transaction of the deed.
        tool_id: which tool.
        tool: its name.
        deed: what was written to the log.
        before: what held before it.
        now_is: what holds after it.
        at: when.
    """
    if deed.kind is Kind.CLAIMED:
        tell_claimed(connection, {tool_id: now_is}, deed.data["departments"], at)
        return
    found = _message(tool, deed, before, now_is)
    if found is None:
        return
    topic, users, title, text, words = found
    # A side's word waits for the other one's.
    sides = tuple(side for side in Side if side.value != deed.data["side"]) if deed.kind is Kind.NAMED else ()
    message = Message(
        topic=topic,
        subject=f"tool:{tool_id}",
        to=To(users=tuple(sorted({user for user in users if user is not None})), sides=sides),
        title=title,
        text=text,
        words=words,
        path=f"/tools/{tool_id}",
        data={"tool": tool_id, "event": now_is.version},
        dedupe_key=f"ownership:{tool_id}:{now_is.version}",
    )
    put(connection, message, at)


def tell_claimed(
    connection: Connection, claimed: Mapping[int, Standing], departments: Sequence[str], at: datetime
) -> None:
    """Tell those who could have claimed some tools that somebody has, in one message however many there are.

    These are the people of marketing in the claimer's departments, and the tools' stewards.

    Args:
        connection: the writing transaction.
        claimed: what holds of each tool now; one person owns them all.
        departments: the claimer's.
        at: when.
    """
    owner = next(standing.owner for standing in claimed.values())
    assert owner is not None
    stewards = {s.steward for s in claimed.values() if s.steward is not None}
    told = ({*repository.marketers_of(connection, departments)} | stewards) - {owner}
    name = names_of(connection, {owner})[owner]
    rows = repository.tools_by_id(connection, list(claimed))
    tools = [rows[tool_id].name for tool_id in claimed]
    first = next(iter(claimed))
    one = len(claimed) == 1
    message = Message(
        topic="claim.made",
        subject=f"tool:{first}" if one else f"user:{owner}",
        to=To(users=tuple(sorted(told))),
        title=(
            lasting("%(name)s answers for %(tool)s now", name=name, tool=tools[0])
            if one
            else lasting("%(name)s answers for %(n)s tools now", name=name, n=len(tools))
        ),
        text=" ".join((_claimed(tools), lasting("If one is yours, contest it or ask to co-own it."))),
        path=f"/tools/{first}" if one else "/tools",
        data={"tools": list(claimed), "owner": owner},
        dedupe_key=f"ownership:{first}:{claimed[first].version}",
    )
    put(connection, message, at)


def remind(
    connection: Connection, tool_id: int, tool: str, owner: int, until: datetime, now: datetime
) -> None:
    """Tell an owner, once for each word given, that it ends soon."""
    message = Message(
        topic="claim.lapsing",
        subject=f"tool:{tool_id}",
        to=To(users=(owner,)),
        title=lasting(
            "Is %(tool)s still yours? You answer for it until %(day)s",
            tool=tool,
            day=f"{until:%-d %B %Y}",
        ),
        text=lasting("Say so again, hand it over, or release it."),
        path=f"/tools/{tool_id}",
        data={"tool": tool_id, "until": until.isoformat()},
        dedupe_key=f"ownership:{tool_id}:until:{until:%Y-%m-%d}",
        quiet=timedelta(days=60),
    )
    put(connection, message, now)


def _claimed(tools: Sequence[str]) -> str:
    said, more = ", ".join(tools[:_NAMED]), len(tools) - _NAMED
    if more > 0:
        return lasting("Claimed: %(names_said)s and %(n)s more.", names_said=said, n=more)
    return lasting("Claimed: %(names_said)s.", names_said=said)


def _message(
    tool: str, deed: Deed, before: Standing, now_is: Standing
) -> tuple[str, list[int | None], str, str, str] | None:
    """The topic, whom to tell, and what: a title, a text of ours, and what somebody wrote."""
    data = deed.data
    match deed.kind:
        case Kind.HANDED_OVER:
            title = lasting("You are asked to answer for %(tool)s", tool=tool)
            text = lasting("It stays with its owner until you accept.")
            return "claim.asked", [data["to"]], title, text, ""
        case Kind.CO_OWN_ASKED:
            title = lasting("Somebody asks to answer for %(tool)s beside you", tool=tool)
            return "claim.asked", [now_is.owner], title, lasting("Accept or refuse it."), ""
        case Kind.CONTESTED:
            return (
                "claim.contested",
                [now_is.owner],
                lasting("%(tool)s: somebody says it is theirs", tool=tool),
                "",
                data["reason"],
            )
        case Kind.NAMED:
            return (
                "claim.contested",
                [],
                lasting("%(tool)s: whose it is waits for your side", tool=tool),
                "",
                data["reason"],
            )
        case Kind.SETTLED if data["by"] in {How.DECIDED.value, How.AGREED.value}:
            # It ends for all who contested it, whoever gets it.
            parties = [data["for"], data["before"], *before.contesters]
            return (
                "claim.contested",
                parties,
                lasting("%(tool)s: it was settled whose it is", tool=tool),
                "",
                data["reason"],
            )
        case Kind.SETTLED if data["by"] == How.YIELDED.value:
            return (
                "claim.contested",
                [data["for"]],
                lasting("%(tool)s is yours now", tool=tool),
                lasting("Its owner gave it to you."),
                "",
            )
        case Kind.LAPSED:
            left = data["cause"] == Cause.OWNER_GONE.value
            text = (
                lasting("Its owner has left.")
                if left
                else lasting("Its owner did not give their word again in time.")
            )
            return (
                "claim.lapsed",
                [data["owner"], *data["tell"]],
                lasting("Nobody answers for %(tool)s now", tool=tool),
                text,
                "",
            )
        case _:
            return None
