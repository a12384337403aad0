"""Tells those concerned that something renews: 60 and 30 days ahead, and on the last day to give notice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.catalog.money import amount, counted
from app.language import lasting
from app.notify.outbox import Message, To, put
from app.security.schemas import Side
from app.spend import repository
from app.spend.partners import OwnersOf
from app.spend.renewals import FAR, SAME, Per, Renewal, Stage, untold
from app.spend.service import upcoming

_LONGEST_NOTICE = timedelta(days=730)
_QUIET = timedelta(days=120)
_COST = {
    Per.MONTHLY: lasting("%(sum_word)s a month."),
    Per.QUARTERLY: lasting("%(sum_word)s a quarter."),
    Per.YEARLY: lasting("%(sum_word)s a year."),
    Per.ONCE: lasting("%(sum_word)s once."),
}


def remind(connection: Connection, now: datetime, *, owners_of: OwnersOf) -> int:
    """Tell what renews soon, each renewal once for each stage; one message a tool, however much of it renews.

    A tool's owners are told; where it has none, the people of both sides.

    Args:
        connection: a writing transaction.
        now: the time.
        owners_of: who owns which tool.

    Returns:
        How many messages were put into the outbox.
    """
    today = now.date()
    near = [
        renewal
        for renewal in upcoming(connection, today, today + FAR + _LONGEST_NOTICE)
        if renewal.reached(today)
    ]
    tools = repository.tools_by_id(connection, [renewal.tool_id for renewal in near])
    told = repository.told(connection, sorted(tools), today - SAME)
    new: dict[int, list[tuple[Stage, Renewal]]] = {}
    for renewal in near:
        tool = tools.get(renewal.tool_id)
        if tool is None or tool.governance == "dismissed":
            continue
        found = untold(renewal, told[renewal.tool_id], today)
        if found is None:
            continue
        stage, stages = found
        noted = [
            repository.note_told(
                connection,
                tool_id=renewal.tool_id,
                what=renewal.what,
                renews_on=renewal.on,
                stage=one.value,
                told_at=now,
            )
            for one in stages
        ]
        if any(noted):
            new.setdefault(renewal.tool_id, []).append((stage, renewal))
    owners = owners_of(connection, sorted(new))
    for tool_id, found in new.items():
        users = tuple(owner.user_id for owner in owners.get(tool_id, ()))
        to = To(users=users) if users else To(sides=tuple(Side))
        put(connection, _message(tool_id, tools[tool_id].name, found, to, now), now)
    return len(new)


def _title(tool: str, renewal: Renewal, left: int) -> str:
    when = f"in {counted(left, 'day')}" if left else "today"
    day = f"{renewal.on.day} {renewal.on:%B %Y}"
    if renewal.auto_renews:
        return lasting(
            "%(tool)s renews %(when_word)s, on %(day_word)s", tool=tool, when_word=when, day_word=day
        )
    return lasting("%(tool)s ends %(when_word)s, on %(day_word)s", tool=tool, when_word=when, day_word=day)


def _message(
    tool_id: int, tool: str, found: Sequence[tuple[Stage, Renewal]], to: To, now: datetime
) -> Message:
    stage, first = found[0]
    left = (first.on - now.date()).days
    return Message(
        topic="renewal.due",
        subject=f"tool:{tool_id}",
        to=to,
        title=_title(tool, first, left),
        text="\n".join(_sentence(renewal, now) for _, renewal in found),
        path=f"/tools/{tool_id}",
        data={
            "tool": tool_id,
            "stage": stage.value,
            "renewals": [
                {
                    "on": renewal.on.isoformat(),
                    "notice_by": renewal.notice_by.isoformat(),
                    "contract": renewal.contract_id,
                }
                for _, renewal in found
            ],
        },
        dedupe_key=f"tool:{tool_id}:renewal:{first.what}:{first.on.isoformat()}:{stage.value}",
        quiet=_QUIET,
    )


def _sentence(renewal: Renewal, now: datetime) -> str:
    cost = _COST[renewal.per] % {"sum_word": amount(renewal.amount_minor, renewal.currency)}
    day = f"{renewal.notice_by.day} {renewal.notice_by:%B %Y}"
    if not renewal.notice_known:
        notice = lasting("Nobody wrote down how long the notice is.")
    elif renewal.notice_by == now.date():
        notice = lasting("Today is the last day to give notice.")
    elif renewal.notice_by < now.date():
        notice = lasting("The last day to give notice was %(day_word)s.", day_word=day)
    else:
        notice = lasting("Notice must be given by %(day_word)s.", day_word=day)
    return f"{cost} {renewal.why} {notice}"
