"""Who hears of what happens to a tool's ownership; put into the outbox in the transaction of the deed."""

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.claims.fold import Cause, How, Kind, Standing
from app.claims.rules import Deed
from app.notify.outbox import Message, To, put


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
    found = _message(tool, deed, before, now_is)
    if found is None:
        return
    topic, users, title, text = found
    message = Message(
        topic=topic,
        subject=f"tool:{tool_id}",
        to=To(users=tuple(sorted({user for user in users if user is not None}))),
        title=title,
        text=text,
        path=f"/tools/{tool_id}",
        data={"tool": tool_id, "event": now_is.version},
        dedupe_key=f"ownership:{tool_id}:{now_is.version}",
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
        title=f"Is {tool} still yours? You answer for it until {until:%-d %B %Y}",
        text="Say so again, hand it over, or release it.",
        path=f"/tools/{tool_id}",
        data={"tool": tool_id, "until": until.isoformat()},
        dedupe_key=f"ownership:{tool_id}:until:{until:%Y-%m-%d}",
        quiet=timedelta(days=60),
    )
    put(connection, message, now)


def _message(
    tool: str, deed: Deed, before: Standing, now_is: Standing
) -> tuple[str, list[int | None], str, str] | None:
    data = deed.data
    match deed.kind:
        case Kind.HANDED_OVER:
            title = f"You are asked to answer for {tool}"
            return "claim.asked", [data["to"]], title, "It stays with its owner until you accept."
        case Kind.CO_OWN_ASKED:
            title = f"Somebody asks to answer for {tool} beside you"
            return "claim.asked", [now_is.owner], title, "Accept or refuse it."
        case Kind.CONTESTED:
            return (
                "claim.contested",
                [now_is.owner],
                f"{tool}: somebody says it is theirs",
                data["reason"],
            )
        case Kind.SETTLED if data["by"] == How.DECIDED.value:
            # It ends for all who contested it, whoever gets it.
            parties = [data["for"], data["before"], *before.contesters]
            return "claim.contested", parties, f"{tool}: it was settled whose it is", data["reason"]
        case Kind.SETTLED if data["by"] == How.YIELDED.value:
            return "claim.contested", [data["for"]], f"{tool} is yours now", "Its owner gave it to you."
        case Kind.LAPSED:
            left = data["cause"] == Cause.OWNER_GONE.value
            text = "Its owner has left." if left else "Its owner did not give their word again in time."
            return "claim.lapsed", [data["owner"], *data["tell"]], f"Nobody answers for {tool} now", text
        case _:
            return None
