"""What the pages call the things of a review, and its log in sentences. Pure.

The tables hold marked texts, as in `words`; where a side stands in a sentence there is one sentence a side,
so that other languages may bend the words as they need.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.language import N_, _, ngettext, retold
from app.reviews.answers import EventOut
from app.web import words
from app.web.reader import current

SIDE = {"it": N_("IT"), "marketing": N_("Marketing")}
PARTY = {**SIDE, "arbiters": N_("Arbiters")}
LANE = words.LANE
LANE_MEANS = {
    "fast": N_("Little at stake: one look by each side."),
    "standard": N_("The usual review."),
    "full": N_("Much at stake: everything is looked at."),
}
LANE_SUGGESTED = {
    "fast": N_("The policy suggests the fast lane"),
    "standard": N_("The policy suggests the standard lane"),
    "full": N_("The policy suggests the full lane"),
}
LANE_WHY = {
    "fast": N_("Why it takes the fast lane"),
    "standard": N_("Why it takes the standard lane"),
    "full": N_("Why it takes the full lane"),
}
CAUSE = {
    "flag": N_("Found, and not decided on"),
    "claim": N_("Somebody claimed it"),
    "request": N_("Somebody asked for it"),
    "reopened": N_("Opened again"),
}
STATE = {
    "open": N_("Going on"),
    "deadlock": N_("With the arbiters"),
    "decided": N_("Decided"),
    "withdrawn": N_("Ended without a decision"),
}
STATE_TONE = {"open": "calm", "deadlock": "warn", "decided": "good", "withdrawn": ""}
COLUMN = {
    "late": N_("Late, or with the arbiters"),
    "asked": N_("Asked for"),
    "assessing": N_("Being assessed"),
    "keys": N_("Waiting for a key"),
    "running": N_("Decided, promises running"),
}
COLUMN_EMPTY = {
    "late": N_("Nobody is late."),
    "asked": N_("No review waits for its first look."),
    "assessing": N_("Neither side is looking at anything."),
    "keys": N_("Nothing is proposed and unsigned."),
    "running": N_("No decision has anything left to do."),
}
ITEM = {
    "integration": N_("Integration"),
    "security": N_("Security"),
    "operations": N_("Operations"),
    "vendor_management": N_("Vendor management"),
    "requirements": N_("Requirements"),
    "outcome_and_owner": N_("Outcome and owner"),
    "budget": N_("Budget"),
}
ITEM_ASKS = {
    "integration": N_("Does it fit what we run? How do people sign in, and which systems does it touch?"),
    "security": N_("What may it read or change, and can the vendor be trusted with that?"),
    "operations": N_("Who looks after it, and what happens when it fails?"),
    "vendor_management": N_("Is there a contract, and are its terms ones we can live with?"),
    "requirements": N_("What must it do, and does something that we have do it already?"),
    "outcome_and_owner": N_("What should it achieve, and who answers for it?"),
    "budget": N_("What does it cost, and who pays?"),
}
VERDICT = {
    "ok": N_("Fine"),
    "concern": N_("A concern"),
    "blocker": N_("Stands in the way"),
    "not_needed": N_("Not needed here"),
}
VERDICT_TONE = {"ok": "good", "concern": "warn", "blocker": "bad", "not_needed": ""}
OUTCOME = {
    "sanctioned": N_("Approve it"),
    "sanctioned_with_conditions": N_("Approve it with conditions"),
    "provisional": N_("Approve it for now"),
    "migrate": N_("Move to another tool"),
    "retire": N_("Phase it out"),
    "dismissed": N_("Set it aside"),
}
OUTCOME_MEANS = {
    "sanctioned": N_("The company uses it."),
    "sanctioned_with_conditions": N_("The company uses it, and somebody promises something by a day."),
    "provisional": N_("The company uses it until a day, and no further than you say."),
    "migrate": N_("People move to a tool that is approved already."),
    "retire": N_("It is not used any more after a day."),
    "dismissed": N_("It is not a tool, or not one for marketing and IT to decide on."),
}
DECIDED = {
    "sanctioned": N_("Approved"),
    "sanctioned_with_conditions": N_("Approved with conditions"),
    "provisional": N_("Approved for now"),
    "migrate": N_("Being replaced"),
    "retire": N_("Being phased out"),
    "dismissed": N_("Set aside"),
}
DECIDED_TONE = {
    "sanctioned": "good",
    "sanctioned_with_conditions": "good",
    "provisional": "calm",
    "migrate": "shade",
    "retire": "shade",
    "dismissed": "",
}
CONDITION = {"open": N_("Open"), "kept": N_("Kept"), "missed": N_("Missed"), "waived": N_("Let off")}
CONDITION_TONE = {"open": "calm", "kept": "good", "missed": "bad", "waived": ""}
PLAN = {
    "proposed": N_("Waits for both sides"),
    "confirmed": N_("Confirmed: being carried out"),
    "done": N_("Done"),
    "cancelled": N_("Given up"),
}
STEP = {"planned": N_("To do"), "done": N_("Done"), "failed": N_("Failed")}
STEP_TONE = {"planned": "calm", "done": "good", "failed": "bad"}
REACH = {
    "mail": N_("E-mail"),
    "files": N_("Files"),
    "calendar": N_("Calendars"),
    "contacts": N_("Contacts"),
    "directory": N_("The company’s directory"),
    "chat": N_("Chat"),
    "advertising": N_("Advertising accounts"),
    "analytics": N_("Analytics"),
    "website": N_("Web sites"),
    "cloud": N_("Cloud data"),
    "other": N_("Other sensitive data"),
}
KEY = {"it": N_("IT’s key"), "marketing": N_("Marketing’s key")}
TURN = {"it": N_("Turn IT’s key"), "marketing": N_("Turn marketing’s key")}
TURN_TOO = {"it": N_("Save, and turn IT’s key"), "marketing": N_("Save, and turn marketing’s key")}
TAKE_BACK = {"it": N_("Take IT’s key back"), "marketing": N_("Take marketing’s key back")}
ASK_THEM = {"it": N_("Ask IT"), "marketing": N_("Ask marketing")}
ASKS = {"it": N_("IT asks"), "marketing": N_("Marketing asks")}
WANTS_OUT = {
    "it": N_("IT asks to end the review without a decision."),
    "marketing": N_("Marketing asks to end the review without a decision."),
}
ANYBODY = {"it": N_("Anybody of IT"), "marketing": N_("Anybody of marketing")}
SPEAK_FOR = {"it": N_("for IT"), "marketing": N_("for marketing")}
WAITS_ON = {
    "it": N_("Waits on IT"),
    "marketing": N_("Waits on marketing"),
    "arbiters": N_("Waits on the arbiters"),
}

_DAY_S = 8 * 3600


def worktime(seconds: float | None) -> str:
    """Business time as people say it, a day being eight hours: `3 working days`; a dash for None."""
    if seconds is None:
        return "–"
    amount = abs(seconds)
    if amount < 3600:
        number = float(round(amount / 60))
        text = ngettext("%(num)s minute", "%(num)s minutes", int(number))
    elif amount < _DAY_S:
        number = float(round(amount / 3600))
        text = ngettext("%(num)s working hour", "%(num)s working hours", int(number))
    else:
        number = round(amount / _DAY_S, 1 if amount < 10 * _DAY_S else 0)
        text = ngettext("%(num)s working day", "%(num)s working days", 1 if number == 1 else 2)
    return text % {"num": current().number(int(number) if number == int(number) else number)}


@dataclass(frozen=True)
class Line:
    """A line of a log: a sentence, and what somebody wrote."""

    text: str
    said: str = ""


_PLAIN: Mapping[str, tuple[str, str]] = {
    "commented": (N_("wrote a comment"), "text"),
    "signed": (N_("turned the key"), "rationale"),
    "unsigned": (N_("took the key back"), "reason"),
    "dissented": (N_("is against the proposal, for the record"), "rationale"),
    "escalated": (N_("handed the review to the arbiters"), "reason"),
    "withdrawal_asked": (N_("asked to end the review without a decision"), "reason"),
    "withdrawn": (N_("The review ended without a decision."), "reason"),
    "expired": (N_("The approval for now has run out."), ""),
}
_NUMBERED: Mapping[str, tuple[str, str]] = {
    "condition_kept": (N_("says that condition %(number)s was kept"), "note"),
    "condition_missed": (N_("Condition %(number)s was missed."), ""),
    "condition_waived": (N_("let the other side off condition %(number)s"), "reason"),
    "superseded": (N_("Review %(number)s has decided anew: nothing of this one is waited for."), ""),
}
_OF_QUESTIONS = {
    "answered": N_("answered “%(question)s”"),
    "withdrew_question": N_("took the question “%(question)s” back"),
}
_ASKED = {"it": N_("asked IT"), "marketing": N_("asked marketing")}
_QUOTED = 80


def happened(event: EventOut, asked: Mapping[int, str]) -> Line:
    """A line of a review's log in words; who did it and when stand beside it.

    Args:
        event: the line.
        asked: the questions of the review, by number.
    """
    data = event.data
    if event.kind in _OF_QUESTIONS:
        text = asked.get(data["question"], "?")
        short = text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + "…"
        return Line(_(_OF_QUESTIONS[event.kind]) % {"question": short}, str(data.get("text", "")))
    if event.kind in _PLAIN:
        text, said = _PLAIN[event.kind]
        return Line(_(text), str(data.get(said, "")))
    if event.kind in _NUMBERED:
        text, said = _NUMBERED[event.kind]
        number = data.get("number") or data.get("by")
        return Line(_(text) % {"number": number}, str(data.get(said, "")))
    return _LONGER[event.kind](data)


def _opened(data: Mapping[str, Any]) -> Line:
    text = _("opened the review (%(cause)s; %(lane)s)")
    return Line(
        text % {"cause": _(CAUSE[data["cause"]]), "lane": _(LANE[data["lane"]])}, retold(data["need"])
    )


def _assessed(data: Mapping[str, Any]) -> Line:
    text = _("assessed “%(item)s”: %(verdict)s")
    return Line(text % {"item": _(ITEM[data["item"]]), "verdict": _(VERDICT[data["verdict"]])}, data["notes"])


def _asked(data: Mapping[str, Any]) -> Line:
    return Line(_(_ASKED[data["to"]]), data["text"])


def _attached(data: Mapping[str, Any]) -> Line:
    return Line(_("added a link: %(title)s") % {"title": data["title"]}, data["link"])


def _proposed(data: Mapping[str, Any]) -> Line:
    outcome = _(OUTCOME[data["terms"]["outcome"]])
    text = _("proposed: %(outcome)s")
    if data["voided"]:
        text = _("proposed: %(outcome)s. Keys that were turned before are void.")
    return Line(text % {"outcome": outcome}, data["rationale"])


def _decided(data: Mapping[str, Any]) -> Line:
    outcome = _(DECIDED[data["terms"]["outcome"]])
    return Line(_("Both keys are turned. It is decided: %(outcome)s.") % {"outcome": outcome})


def _lane_changed(data: Mapping[str, Any]) -> Line:
    text = _("By the policy the review takes another lane now: %(lane)s.")
    return Line(text % {"lane": _(LANE[data["lane"]])}, " ".join(map(retold, data["reasons"])))


_LONGER = {
    "opened": _opened,
    "assessed": _assessed,
    "asked": _asked,
    "attached": _attached,
    "proposed": _proposed,
    "decided": _decided,
    "lane_changed": _lane_changed,
}


def terms_in_words(
    terms: Mapping[str, Any], names: Mapping[int, str], tools: Mapping[int, str]
) -> list[tuple[str, str]]:
    """What was proposed, as names and values: the outcome first, then each of its terms.

    Args:
        terms: as plain values.
        names: of the users that the terms name.
        tools: names of the tools that they name.
    """
    day = current().day
    outcome = terms["outcome"]
    found = [(_("Outcome"), _(OUTCOME[outcome]))]
    for number, c in enumerate(terms.get("conditions", ()), 1):
        text = _("%(text)s (%(owner)s, %(side)s, by %(day)s)") % {
            "text": c["text"],
            "owner": names.get(c["owner_user_id"], "?"),
            "side": _(SIDE[c["side"]]),
            "day": day(_date(c["due"])),
        }
        found.append((_("Condition %(number)s") % {"number": number}, text))
    if outcome == "provisional":
        found.append((_("Holds until"), day(_date(terms["expires"]))))
        if terms.get("spend_cap_minor") is not None and terms.get("currency"):
            cap = current().money(terms["spend_cap_minor"], terms["currency"])
            found.append((_("Spends no more than"), cap))
        if terms.get("people_cap") is not None:
            found.append((_("Used by no more than"), _people(terms["people_cap"])))
    if outcome == "migrate":
        found.append((_("Move to"), tools.get(terms["to_tool_id"], "?")))
    if outcome == "retire":
        found.append((_("Plan"), terms["plan"]))
    if outcome in {"migrate", "retire"}:
        found.append((_("By"), day(_date(terms["by"]))))
    if outcome == "dismissed":
        found.append((_("Because"), terms["reason"]))
    return found


def _people(number: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", number) % {"num": current().number(number)}


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
