"""What the audit trail's lines say, in words. Pure.

An action that has no words here is shown as it is written: a new one is never hidden.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.language import N_, _
from app.security.schemas import AuditOut
from app.web import words
from app.web.reader import current

ACTION = {
    "source.create": N_("Connected a source"),
    "source.update": N_("Changed a source"),
    "source.delete": N_("Removed a source"),
    "scan.request": N_("Asked for a scan"),
    "scan.stop": N_("Stopped a scan"),
    "user.create": N_("Let somebody log in"),
    "user.change": N_("Changed a user"),
    "user.tie": N_("Tied a user to the company’s login"),
    "user.untie": N_("Untied a user from the company’s login"),
    "token.create": N_("Made a token"),
    "token.revoke": N_("Ended a token"),
    "session.begin": N_("Logged in"),
    "session.end": N_("Logged out"),
    "first_link.create": N_("Made the first day’s link"),
    "channel.create": N_("Set up a channel"),
    "channel.change": N_("Changed a channel"),
    "channel.delete": N_("Removed a channel"),
    "delivery.retry": N_("Had a message sent again"),
    "preferences.change": N_("Chose what they hear"),
    "preferences.unsubscribe": N_("Ended e-mails by their link"),
    "tool.on_it_list": N_("Changed IT’s own list"),
    "tool.governance": N_("What holds of a tool changed"),
    "tool.confirm": N_("Confirmed what a tool is"),
    "tool.correct": N_("Corrected what a tool is"),
    "tool.split": N_("Split a tool"),
    "tool.merge": N_("Merged two tools"),
    "tool.keep_apart": N_("Kept two tools apart"),
    "teaching.undo": N_("Undid a correction"),
    "ownership.claim": N_("Claimed a tool"),
    "ownership.contest": N_("Contested a claim"),
    "ownership.decline": N_("Declined a tool"),
    "ownership.hand-over": N_("Offered a tool to somebody"),
    "ownership.accept": N_("Accepted a tool"),
    "ownership.refuse": N_("Turned a tool down"),
    "ownership.co-own": N_("Asked to share a tool"),
    "ownership.withdraw": N_("Took a contest back"),
    "ownership.yield": N_("Gave a contested tool up"),
    "ownership.steward": N_("Named a steward"),
    "ownership.attest": N_("Gave their word for a tool again"),
    "ownership.release": N_("Let a tool go"),
    "ownership.settle": N_("Settled who owns a tool"),
    "ownership.sweep": N_("Ownership of a tool ended by itself"),
    "review.opened": N_("Opened a joint review"),
    "review.assessed": N_("Answered a side’s questions"),
    "review.asked": N_("Asked the other side"),
    "review.answered": N_("Answered a question"),
    "review.proposed": N_("Proposed a decision"),
    "review.signed": N_("Turned a key"),
    "review.unsigned": N_("Took a key back"),
    "review.decided": N_("Decided together"),
    "review.withdrew_question": N_("Took a question back"),
    "review.commented": N_("Commented on a review"),
    "review.attached": N_("Attached a document"),
    "review.dissented": N_("Disagreed with a proposal"),
    "review.lane_changed": N_("Review changed its lane"),
    "review.withdrawal_asked": N_("Asked to end a review"),
    "review.condition_kept": N_("Kept a promise"),
    "review.condition_missed": N_("A promise was missed"),
    "review.condition_waived": N_("Let a promise go"),
    "review.expired": N_("A decision ran out"),
    "review.superseded": N_("A newer decision took its place"),
    "review.escalated": N_("Called the arbiters"),
    "review.withdrawn": N_("Ended a review without a decision"),
    "policy.create": N_("Wrote a policy"),
    "policy.activate": N_("Switched a policy on"),
    "alert.settle": N_("Settled a reason to look again"),
    "request.create": N_("Asked to use a tool"),
    "request.withdraw": N_("Took a request back"),
    "request.review": N_("Turned a request into a review"),
    "remediation.plan": N_("Planned to end access"),
    "remediation.confirm": N_("Confirmed to end access"),
    "remediation.cancel": N_("Gave up ending access"),
    "remediation.task": N_("Did a step of ending access"),
    "remediation.revoke": N_("Ended access"),
    "remediation.revoke_failed": N_("Could not end access"),
    "remediation.finish": N_("Finished ending access"),
    "adopter.ask": N_("Asked somebody what a tool is for"),
    "adopter.answer": N_("Said what a tool is for"),
}
GROUP = {
    "source": N_("Sources"),
    "scan": N_("Scans"),
    "user": N_("Users"),
    "token": N_("Tokens"),
    "session": N_("Logins"),
    "channel": N_("Channels"),
    "delivery": N_("Messages"),
    "preferences": N_("What people chose to hear"),
    "tool": N_("Tools"),
    "teaching": N_("Corrections"),
    "ownership": N_("Owners"),
    "review": N_("Reviews"),
    "policy": N_("Policy"),
    "request": N_("Requests"),
    "remediation": N_("Ending access"),
    "adopter": N_("What tools are for"),
}
THING = {
    "tool": N_("Tool %(id)s"),
    "source": N_("Source %(id)s"),
    "scan": N_("Scan %(id)s"),
    "user": N_("User %(id)s"),
    "token": N_("Token %(id)s"),
    "session": N_("Login %(id)s"),
    "channel": N_("Channel %(id)s"),
    "delivery": N_("Message %(id)s"),
    "review": N_("Review %(id)s"),
    "policy": N_("Version %(id)s of the policy"),
    "request": N_("Request %(id)s"),
    "remediation": N_("Plan %(id)s to end access"),
    "teaching": N_("Correction %(id)s"),
    "person": N_("Person %(id)s of the directory"),
    "first_link": N_("The first day’s link"),
}
_PAGES = {
    "tool": "/tools/",
    "source": "/sources/",
    "scan": "/scans/",
    "user": "/settings/users/",
    "channel": "/settings/channels/",
    "review": "/reviews/",
    "request": "/ask/",
    "person": "/people/",
}
FIELD = {
    "name": N_("Name"),
    "email": N_("Address"),
    "roles": N_("Roles"),
    "role": N_("Role"),
    "active": N_("May log in"),
    "person_id": N_("In the directory"),
    "enabled": N_("Switched on"),
    "topics": N_("What it gets"),
    "config": N_("Settings"),
    "kind": N_("Kind"),
    "governance": N_("What holds of it"),
    "ownership": N_("Ownership"),
    "owner": N_("Owner"),
    "co_owners": N_("Co-owners"),
    "asked": N_("Asked"),
    "offered_to": N_("Offered to"),
    "contesters": N_("Contested by"),
    "declined_by": N_("Declined by"),
    "attest_by": N_("Word holds until"),
    "steward": N_("Steward"),
    "state": N_("State"),
    "document": N_("Policy"),
    "on_it_list": N_("On IT’s own list"),
    "timezone": N_("Time zone"),
    "quiet_from": N_("Quiet from"),
    "quiet_until": N_("Quiet until"),
    "digest_day": N_("Day of the digest"),
    "digest_minute": N_("Time of the digest"),
    "changed": N_("Changed"),
    "fields": N_("Changed"),
    "connector": N_("Kind"),
    "account": N_("Account"),
    "scan": N_("Scan"),
    "why": N_("Why"),
    "reason": N_("Reason"),
    "note": N_("Note"),
    "side": N_("Side"),
    "by": N_("How"),
    "user": N_("User"),
    "outcome": N_("Outcome"),
    "lane": N_("Lane"),
    "version": N_("Version"),
    "seq": N_("Line"),
    "waiting_on_it": N_("Waits on IT"),
    "waiting_on_marketing": N_("Waits on marketing"),
    "waiting_on_arbiters": N_("Waits on the arbiters"),
    "it_signed_by": N_("IT’s key"),
    "marketing_signed_by": N_("Marketing’s key"),
    "expires_on": N_("Holds until"),
    "closed_at": N_("Closed"),
    "step": N_("Step"),
    "result": N_("Result"),
    "channel": N_("Channel"),
    "attempts": N_("Tries"),
    "lost": N_("Messages lost"),
    "sessions_ended": N_("Logins ended"),
    "what": N_("What"),
    "need": N_("What it is for"),
}
_PEOPLE = {"owner", "co_owners", "asked", "offered_to", "contesters", "steward", "to", "user", "user_id"}
_CLOCKS = {"quiet_from", "quiet_until", "digest_minute"}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "roles": words.ROLE,
    "role": words.ROLE,
    "governance": words.GOVERNANCE,
    "ownership": words.OWNERSHIP,
    "outcome": words.OUTCOME,
    "lane": words.LANE,
    "side": words.PARTY,
}
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_LONGEST = 300
_ACTOR = re.compile(r"user:(\d{1,18})")


@dataclass(frozen=True)
class Names:
    """Names of what the lines speak of, by id."""

    users: Mapping[int, str]
    tools: Mapping[int, str]
    sources: Mapping[int, str]


@dataclass(frozen=True)
class Change:
    """One thing that became another; `before` is empty where nothing is known of before."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One line of the trail as people read it: `changes` were something before, `said` is the rest."""

    seq: int
    at: Any
    who: str
    actor: str
    what: str
    action: str
    thing: str
    object: str
    address: str
    changes: tuple[Change, ...]
    said: tuple[Change, ...]
    origin: str
    hash: str


def ids_in(lines: list[AuditOut], kind: str) -> set[int]:
    """The ids of one kind that some lines speak of."""
    found = {id_ for line in lines for id_ in (_id(line.object, kind), _id(line.actor, kind)) if id_}
    if kind == "user":
        for line in lines:
            for part in (line.before, line.after, line.detail):
                for name, value in (part or {}).items():
                    if name in _PEOPLE:
                        found |= {v for v in (value if isinstance(value, list) else [value]) if _whole(v)}
    return found


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _id(text: str, kind: str) -> int | None:
    before, _sep, number = text.partition(":")
    return int(number) if before == kind and number.isascii() and number.isdigit() else None


def line_of(line: AuditOut, names: Names) -> Line:
    """A line in words."""
    found = _changes(line, names)
    return Line(
        seq=line.seq,
        at=line.at,
        who=who(line.actor, names),
        actor=line.actor,
        what=_(ACTION[line.action]) if line.action in ACTION else line.action.replace("_", " "),
        action=line.action,
        thing=_thing(line, names),
        object=line.object,
        address=_address(line.object),
        changes=tuple(change for change in found if change.before),
        said=tuple(change for change in found if not change.before),
        origin=line.origin or "",
        hash=line.hash,
    )


def who(actor: str, names: Names) -> str:
    """Who did something."""
    found = _ACTOR.fullmatch(actor)
    if found:
        return names.users.get(int(found[1])) or _("User %(id)s") % {"id": found[1]}
    kind, _sep, name = actor.partition(":")
    if kind == "token":
        return _("%(name)s, a service") % {"name": name}
    if kind == "cli":
        return _("%(name)s, on the machine") % {"name": name}
    if kind == "person":
        return _("Somebody by a link")
    return _("Penumbra itself") if actor == "system" else actor


def _thing(line: AuditOut, names: Names) -> str:
    kind, _sep, id_ = line.object.partition(":")
    known = {"tool": names.tools, "user": names.users, "source": names.sources}.get(kind, {})
    number = _id(line.object, kind)
    name = known.get(number) if number else None
    if not name and kind in {"source", "channel", "token", "user"}:  # removed since: the line may say
        name = next((p["name"] for p in (line.after, line.before, line.detail) if p and "name" in p), None)
    if name:
        return str(name)
    return _(THING[kind]) % {"id": id_} if kind in THING else line.object


def _address(thing: str) -> str:
    kind, _sep, id_ = thing.partition(":")
    return f"{_PAGES[kind]}{id_}" if kind in _PAGES and id_.isdigit() else ""


def _changes(line: AuditOut, names: Names) -> list[Change]:
    before, after = line.before or {}, line.after or {}
    found = [
        Change(
            _label(name),
            _value(name, before[name], names) if name in before else "",
            _value(name, after[name], names) if name in after else _("nothing"),
        )
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name) and (name in before or after[name] not in _NOTHING)
    ]
    told = [
        Change(_label(name), "", _value(name, value, names))
        for name, value in line.detail.items()
        if value not in _NOTHING and name not in before and name not in after
    ]
    return found + told


def _label(name: str) -> str:
    return _(FIELD[name]) if name in FIELD else name.replace("_", " ").capitalize()


def _value(name: str, value: Any, names: Names) -> str:
    """A value in words, cut where it is long."""
    if value is None or value == "" or value == []:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _cut(", ".join(_value(name, part, names) for part in value))
    if isinstance(value, dict):
        return _cut("; ".join(f"{_label(str(n))}: {_value(str(n), v, names)}" for n, v in value.items()))
    if name in _PEOPLE and _whole(value):
        return names.users.get(value, str(value))
    if name in _CLOCKS and _whole(value):
        return f"{value // 60:02}:{value % 60:02}"
    if name in _VALUES and value in _VALUES[name]:
        return _(_VALUES[name][value])
    if isinstance(value, int | float):
        return current().number(value) if name not in {"id", "person_id"} else str(value)
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
