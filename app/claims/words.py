"""Claims in sentences: what happened, and what was found in a team. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.claims.fold import Cause, Event, How, Kind, Reason

_TIMES = ("never", "once", "twice", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_REASONS = {
    Reason.NOT_OURS: "it is not theirs",
    Reason.PERSONAL: "it is somebody's personal affair",
    Reason.UNKNOWN: "nobody there knows it",
    Reason.DUPLICATE: "it is a duplicate of another tool",
}


def times(number: int) -> str:
    """`3` as `three times`."""
    if number < 3:
        return _TIMES[number]
    return f"{_TIMES[number] if number < len(_TIMES) else f'{number:,}'} times"


def day(value: date, today: date) -> str:
    """`3 May`; with the year, if it is not this one."""
    text = f"{value.day} {value:%B}"
    return text if value.year == today.year else f"{text} {value.year}"


@dataclass
class Team:
    """What one team has to do with one tool.

    Attributes:
        people: who use it.
        signed_in: who signed in within 30 days.
        sign_ins: how often, within 30 days.
        first_consent: when the first of them let it act in their name.
        payments: how often they paid.
        paid: how much in all, refunds taken off; minor units by currency.
        last_payment: when they paid last.
    """

    people: int = 0
    signed_in: int = 0
    sign_ins: int = 0
    first_consent: date | None = None
    payments: int = 0
    paid: dict[str, int] = field(default_factory=dict)
    last_payment: date | None = None


def found_sentence(team: Team, name: str | None, today: date, *, fewest: int = 0) -> str:
    """What was found in a team, as its members read it.

    Args:
        team: what was found.
        name: of the team; None for the reader's own.
        today: the day.
        fewest: a smaller number of people is not told.
    """
    subject = name or "Your team"
    parts = []
    if team.payments:
        parts.append(f"{subject} paid {times(team.payments)}")
    if team.first_consent:
        parts.append(f"first consent on {day(team.first_consent, today)}")
    if team.signed_in or team.people:
        number, what = (team.signed_in, "last month") if team.signed_in else (team.people, "in all")
        whose = "" if team.payments else f" of {name or 'your team'}"
        count = f"{number:,} {'person' if number == 1 else 'people'}"
        count = f"fewer than {fewest} people" if number < fewest else count
        parts.append(f"{count}{whose} {what}")
    if not parts:
        return f"{subject} has it." if name else "Your team has it."
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def happened(event: Event, name: Callable[[int | None], str]) -> str:
    """One line of a tool's log as a sentence.

    Args:
        event: the line.
        name: gives a user's name.
    """
    data, who = event.data, name(event.user_id)
    because = _because(data.get("reason"))
    match event.kind:
        case Kind.CLAIMED:
            return f"{who} claimed it."
        case Kind.DECLINED:
            why = _REASONS[Reason(data["reason"])] + _because(data["note"])
            return f"{who} declined it for {data['department']}, since {why}."
        case Kind.HANDED_OVER:
            return f"{who} offered it to {name(data['to'])}."
        case Kind.ACCEPTED:
            return f"{who} accepted it from {name(data['from'])}."
        case Kind.REFUSED:
            return _refused(event, name)
        case Kind.CO_OWN_ASKED:
            return f"{who} asked to co-own it."
        case Kind.CO_OWNER_ADDED:
            return f"{who} let {name(data['user'])} co-own it."
        case Kind.CO_OWNER_LEFT:
            if data["cause"] == "gone":
                return f"{name(data['user'])}, who co-owned it, is no longer here."
            if data["user"] == event.user_id:
                return f"{who} co-owns it no longer{because}."
            return f"{who} ended {name(data['user'])}'s part in it{because}."
        case Kind.CONTESTED:
            return f"{who} contested it{because}."
        case Kind.NAMED:
            side = "IT" if data["side"] == "it" else "marketing"
            return f"{who} named {name(data['for'])} as its owner, for {side}{because}."
        case Kind.SETTLED:
            return _settled(event, name)
        case Kind.RELEASED:
            return f"{who} released it{because}."
        case Kind.ATTESTED:
            return f"{who} said again that they answer for it, until {_until(data['until'])}."
        case Kind.LAPSED:
            owner = name(data["owner"])
            if data["cause"] == Cause.OWNER_GONE:
                return f"{owner}, who owned it, is no longer here: nobody answers for it now."
            return f"{owner} did not say again in time that they answer for it: nobody does now."
        case Kind.STEWARD_NAMED:
            return f"{who} named {name(data['user'])} its steward."
        case Kind.STEWARD_LEFT:
            if data["cause"] == "gone":
                return f"{name(data['user'])}, its steward, is no longer here."
            return f"{who} took {name(data['user'])} off as its steward."


def _because(reason: str | None) -> str:
    """A reason as the end of a sentence, which brings its own full stop."""
    return f": {reason.rstrip('. ')}" if reason else ""


def _refused(event: Event, name: Callable[[int | None], str]) -> str:
    data, who, user = event.data, name(event.user_id), name(event.data["user"])
    asked = data["what"] == "co_own"
    if event.user_id is None:
        return f"{user}, who {'asked to co-own it' if asked else 'was offered it'}, is no longer here."
    because = _because(data["reason"])
    if data["user"] == event.user_id:
        return f"{who} {'no longer asks to co-own it' if asked else 'did not accept it'}{because}."
    if asked:
        return f"{who} did not let {user} co-own it{because}."
    return f"{who} took back the offer to {user}{because}."


def _settled(event: Event, name: Callable[[int | None], str]) -> str:
    data, who = event.data, name(event.user_id)
    match How(data["by"]):
        case How.YIELDED:
            return f"{who} yielded it to {name(data['for'])}."
        case How.WITHDRAWN:
            if event.user_id is None:
                return f"{name(data['contester'])}, who contested it, is no longer here."
            return f"{who} contests it no longer."
        case How.DECIDED:
            return f"{who} settled it: it {_goes(data)} {name(data['for'])}{_because(data['reason'])}."
        case How.AGREED:
            both = f"{name(data['with'])} and {who}"
            because = _because(data["reason"])
            return f"{both} settled it for both sides: it {_goes(data)} {name(data['for'])}{because}."


def _goes(data: Mapping[str, Any]) -> str:
    return "stays with" if data["for"] == data["before"] else "goes to"


def _until(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y}"
