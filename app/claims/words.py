"""Claims in sentences: what happened, and what was found in a team. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.claims.fold import Cause, Event, How, Kind, Reason
from app.language import N_, _, count, figure, retold

_TIMES = (
    N_("never"),
    N_("once"),
    N_("twice"),
    N_("three times"),
    N_("four times"),
    N_("five times"),
    N_("six times"),
    N_("seven times"),
    N_("eight times"),
    N_("nine times"),
    N_("ten times"),
)
_REASONS = {
    Reason.NOT_OURS: N_("it is not theirs"),
    Reason.PERSONAL: N_("it is somebody's personal affair"),
    Reason.UNKNOWN: N_("nobody there knows it"),
    Reason.DUPLICATE: N_("it is a duplicate of another tool"),
}


def times(number: int) -> str:
    """`3` as `three times`."""
    if number < len(_TIMES):
        return _(_TIMES[number])
    return _("%(n)s times", n=figure(number))


def day(value: date, today: date) -> str:
    """`3 May`; with the year, if it is not this one."""
    text = f"{value.day} {value:%B}"
    return retold(text if value.year == today.year else f"{text} {value.year}")


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
    subject = name or _("Your team")
    parts = []
    if team.payments:
        parts.append(_("%(subject)s paid %(times)s", subject=subject, times=times(team.payments)))
    if team.first_consent:
        parts.append(_("first consent on %(day)s", day=day(team.first_consent, today)))
    if team.signed_in or team.people:
        number, what = (team.signed_in, _("last month")) if team.signed_in else (team.people, _("in all"))
        whose = "" if team.payments else _(" of %(team)s", team=name or _("your team"))
        who = count(number, "%(num)s person", "%(num)s people")
        who = _("fewer than %(n)s people", n=fewest) if number < fewest else who
        parts.append(f"{who}{whose} {what}")
    if not parts:
        return _("%(subject)s has it.", subject=subject) if name else _("Your team has it.")
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
            return _("%(who)s claimed it.", who=who)
        case Kind.DECLINED:
            why = _(_REASONS[Reason(data["reason"])]) + _because(data["note"])
            return _(
                "%(who)s declined it for %(department)s, since %(why)s.",
                who=who,
                department=data["department"],
                why=why,
            )
        case Kind.HANDED_OVER:
            return _("%(who)s offered it to %(name)s.", who=who, name=name(data["to"]))
        case Kind.ACCEPTED:
            return _("%(who)s accepted it from %(name)s.", who=who, name=name(data["from"]))
        case Kind.REFUSED:
            return _refused(event, name)
        case Kind.CO_OWN_ASKED:
            return _("%(who)s asked to co-own it.", who=who)
        case Kind.CO_OWNER_ADDED:
            return _("%(who)s let %(name)s co-own it.", who=who, name=name(data["user"]))
        case Kind.CO_OWNER_LEFT:
            if data["cause"] == "gone":
                return _("%(name)s, who co-owned it, is no longer here.", name=name(data["user"]))
            if data["user"] == event.user_id:
                return _("%(who)s co-owns it no longer%(because)s.", who=who, because=because)
            return _(
                "%(who)s ended %(name)s's part in it%(because)s.",
                who=who,
                name=name(data["user"]),
                because=because,
            )
        case Kind.CONTESTED:
            return _("%(who)s contested it%(because)s.", who=who, because=because)
        case Kind.NAMED:
            side = _("IT") if data["side"] == "it" else _("marketing")
            return _(
                "%(who)s named %(name)s as its owner, for %(side)s%(because)s.",
                who=who,
                name=name(data["for"]),
                side=side,
                because=because,
            )
        case Kind.SETTLED:
            return _settled(event, name)
        case Kind.RELEASED:
            return _("%(who)s released it%(because)s.", who=who, because=because)
        case Kind.ATTESTED:
            return _(
                "%(who)s said again that they answer for it, until %(until)s.",
                who=who,
                until=_until(data["until"]),
            )
        case Kind.LAPSED:
            owner = name(data["owner"])
            if data["cause"] == Cause.OWNER_GONE:
                return _(
                    "%(owner)s, who owned it, is no longer here: nobody answers for it now.", owner=owner
                )
            return _(
                "%(owner)s did not say again in time that they answer for it: nobody does now.", owner=owner
            )
        case Kind.STEWARD_NAMED:
            return _("%(who)s named %(name)s its steward.", who=who, name=name(data["user"]))
        case Kind.STEWARD_LEFT:
            if data["cause"] == "gone":
                return _("%(name)s, its steward, is no longer here.", name=name(data["user"]))
            return _("%(who)s took %(name)s off as its steward.", who=who, name=name(data["user"]))


def _because(reason: str | None) -> str:
    """A reason as the end of a sentence, which brings its own full stop."""
    return f": {reason.rstrip('. ')}" if reason else ""


def _refused(event: Event, name: Callable[[int | None], str]) -> str:
    data, who, user = event.data, name(event.user_id), name(event.data["user"])
    asked = data["what"] == "co_own"
    if event.user_id is None:
        if asked:
            return _("%(user)s, who asked to co-own it, is no longer here.", user=user)
        return _("%(user)s, who was offered it, is no longer here.", user=user)
    because = _because(data["reason"])
    if data["user"] == event.user_id:
        if asked:
            return _("%(who)s no longer asks to co-own it%(because)s.", who=who, because=because)
        return _("%(who)s did not accept it%(because)s.", who=who, because=because)
    if asked:
        return _("%(who)s did not let %(user)s co-own it%(because)s.", who=who, user=user, because=because)
    return _("%(who)s took back the offer to %(user)s%(because)s.", who=who, user=user, because=because)


def _settled(event: Event, name: Callable[[int | None], str]) -> str:
    data, who = event.data, name(event.user_id)
    match How(data["by"]):
        case How.YIELDED:
            return _("%(who)s yielded it to %(name)s.", who=who, name=name(data["for"]))
        case How.WITHDRAWN:
            if event.user_id is None:
                return _("%(name)s, who contested it, is no longer here.", name=name(data["contester"]))
            return _("%(who)s contests it no longer.", who=who)
        case How.DECIDED:
            return _(
                "%(who)s settled it: it %(goes)s %(name)s%(because)s.",
                who=who,
                goes=_goes(data),
                name=name(data["for"]),
                because=_because(data["reason"]),
            )
        case How.AGREED:
            both = _("%(name)s and %(who)s", name=name(data["with"]), who=who)
            because = _because(data["reason"])
            return _(
                "%(both)s settled it for both sides: it %(goes)s %(name)s%(because)s.",
                both=both,
                goes=_goes(data),
                name=name(data["for"]),
                because=because,
            )


def _goes(data: Mapping[str, Any]) -> str:
    return _("stays with") if data["for"] == data["before"] else _("goes to")


def _until(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return retold(f"{moment.day} {moment:%B %Y}")
