"""The System Log: one typed decode a page, and as little Python an event as can be.

A page holds up to 1,000 events of some 3.4 kB each, of which a sign-in needs six values. The
structs below name only those; everything else is skipped while decoding and never becomes an
object. Okta orders polled events by when they were stored, so that `published` may go back.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from connectors.answers import decode
from connectors.base import Cursor, SkippedRecord
from connectors.errors import VendorChanged
from connectors.identifiers import APP_NAME, OKTA_APP_ID, Identifier
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    Consent,
    ConsentEvent,
    Observation,
    PersonSeen,
    SignInSeen,
)
from connectors.okta.records import OWN_APP_LABELS, email

SSO = "user.authentication.sso"
ADDED = "application.user_membership.add"
USER_CONSENT = ("app.oauth2.as.consent.", "app.oauth2.consent.")
ADMIN_CONSENT = "app.oauth2.admin.consent."
FILTER = (
    f'(eventType eq "{SSO}" and outcome.result eq "SUCCESS") or eventType eq "{ADDED}" or '
    + " or ".join(f'eventType sw "{prefix}"' for prefix in (*USER_CONSENT, ADMIN_CONSENT))
)
"""What the vendor is asked for. Consents come as a family of event types (`…grant`, `…revoke`,
`…revoke.user.client`, `…revoke.implicit.scope`), hence by what they start with."""

ASKED = blake2b(FILTER.encode(), digest_size=6).hexdigest()
"""Marks in a cursor what was asked for: Okta's next link goes on asking for the same for ever."""


class _Detail(msgspec.Struct, gc=False):
    publicclientapp: str | None = None
    user: str | None = None


class _Party(msgspec.Struct, gc=False):
    id: str | None = None
    type: str | None = None
    alternateId: str | None = None  # noqa: N815 - Okta's spelling
    displayName: str | None = None  # noqa: N815


class _Target(_Party, gc=False):
    detailEntry: _Detail | None = None  # noqa: N815


class _Outcome(msgspec.Struct, gc=False):
    result: str | None = None


class _Event(msgspec.Struct, gc=False):
    uuid: str
    published: datetime
    eventType: str  # noqa: N815
    actor: _Party | None = None
    outcome: _Outcome | None = None
    target: list[_Target] | None = None


class LogPage(NamedTuple):
    """What a page of the log says.

    Attributes:
        observations: mentions of apps and people first, then the events in the log's order.
        newest: the latest `published`, or None for an empty page.
        events: how many events Okta sent.
        skipped: events that could not be read.
        ignored: failed sign-ins, Okta's own consoles, events that say nothing about an app.
    """

    observations: list[Observation]
    newest: datetime | None
    events: int
    skipped: list[SkippedRecord]
    ignored: int


def place_of(cursor: Cursor | None) -> str | None:
    """The stored place in the log; None where it was stored by a version that asked for other events.

    Reading then begins a little before the newest event seen, and asks for what this version reads.
    """
    return (cursor or {}).get("next") if (cursor or {}).get("asked", ASKED) == ASKED else None


def read_page(content: bytes, mentioned: set[str], *, where: str = "/api/v1/logs") -> LogPage:
    """Turn the bytes of one page into observations.

    Args:
        content: the answer's body, a JSON array of log events.
        mentioned: ids of apps and people that an earlier page of this walk introduced; added to.
        where: names the place in errors.

    Raises:
        VendorChanged: no JSON array, or a whole page of three or more unreadable events.
    """
    skipped: list[SkippedRecord] = []
    try:
        events: list[_Event] = decode(content, list[_Event], where=where)
        count = len(events)
    except VendorChanged:
        # One odd event must not cost the page: find it, and read the others one by one.
        events, count = _one_by_one(content, where, skipped)
    apps: dict[str, _Party] = {}
    people: dict[str, _Party] = {}
    found: list[Observation] = []
    add = found.append
    for event in events:
        if event.eventType != SSO:
            other = _other(event, apps, people, mentioned)
            if other is not None:
                add(other)
            continue
        # The event is written even when the sign-on fails.
        outcome = event.outcome
        if outcome is None or outcome.result != "SUCCESS":
            continue
        app = None
        for target in event.target or ():
            if target.type == "AppInstance":
                app = target
                break
        actor = event.actor
        if actor is None or actor.type != "User":
            actor = _user(event)
        if app is None or actor is None or not app.id or not actor.id or app.displayName in OWN_APP_LABELS:
            continue
        app_ref, person_ref = app.id, actor.id
        if app_ref not in mentioned:
            mentioned.add(app_ref)
            apps[app_ref] = app
        if person_ref not in mentioned:
            mentioned.add(person_ref)
            people[person_ref] = actor
        add(SignInSeen(event.uuid, app_ref, person_ref, event.published))
    newest = max((event.published for event in events), default=None)
    mentions: list[Observation] = [_app(ref, party) for ref, party in apps.items()]
    mentions += [
        PersonSeen(ref=ref, email=email(party.alternateId), name=party.displayName, mention=True)
        for ref, party in people.items()
    ]
    return LogPage(mentions + found, newest, count, skipped, len(events) - len(found))


def _app(ref: str, party: _Party) -> AppSeen:
    name = party.displayName or ref
    named = (Identifier(APP_NAME, name),) if party.displayName else ()
    return AppSeen(ref=ref, name=name, identifiers=(Identifier(OKTA_APP_ID, ref), *named), mention=True)


def _user(event: _Event) -> _Party | None:
    """The user among the targets: an AppUser's id is its own and names nobody in the directory."""
    return next((t for t in event.target or () if t.type == "User" and t.id), None)


def _other(
    event: _Event, apps: dict[str, _Party], people: dict[str, _Party], mentioned: set[str]
) -> ConsentEvent | AssignmentSeen | None:
    """A consent, or an app that somebody took for themselves; None for everything else."""
    kind = event.eventType
    if event.outcome is not None and event.outcome.result not in {None, "SUCCESS"}:
        return None
    targets = event.target or ()
    app: _Party | None = next((t for t in targets if t.type in {"AppInstance", "PublicClientApp"}), None)
    details = [t.detailEntry for t in targets if t.detailEntry is not None]
    if app is None:
        # Consents to a custom authorisation server name the client beside the scope.
        app = next((_Party(id=d.publicclientapp) for d in details if d.publicclientapp), None)
    if app is None or not app.id or app.id.startswith("okta.") or app.displayName in OWN_APP_LABELS:
        return None
    actor = event.actor if event.actor is not None and event.actor.type == "User" else None
    user = _user(event)
    if kind == ADDED:
        if actor is None or user is None or not actor.id or actor.id != user.id:
            return None  # an administrator or a rule did it, which the assignments say
        _note(apps, app, mentioned)
        _note(people, actor, mentioned)
        return AssignmentSeen(
            app_ref=app.id, person_ref=actor.id, self_assigned=True, assigned_at=event.published
        )
    granted = _is_grant(kind)
    if granted is None:
        return None
    # The actor may be the system itself; then the person is named beside the scope, if at all.
    who = user or next((_Party(id=d.user) for d in details if d.user), None) or actor
    _note(apps, app, mentioned)
    if who is not None:
        _note(people, who, mentioned)
    return ConsentEvent(
        event_id=event.uuid,
        app_ref=app.id,
        at=event.published,
        granted=granted,
        person_ref=who.id if who else None,
        scopes=tuple(t.displayName for t in targets if t.displayName and _is_scope(t)),
        consent=Consent.ADMIN if kind.startswith(ADMIN_CONSENT) else Consent.USER,
    )


def _is_grant(kind: str) -> bool | None:
    """True for a consent given, False for one taken away, None for any other event type."""
    rest = next((kind.removeprefix(p) for p in (*USER_CONSENT, ADMIN_CONSENT) if kind.startswith(p)), "")
    if rest == "grant":
        return True
    return False if rest.split(".")[0] == "revoke" else None


def _is_scope(target: _Target) -> bool:
    # Ids of consent grants begin with "oag", of scopes with "scp".
    return (target.id or "")[:3] in {"oag", "scp"} or (target.type or "").lower() == "scope"


def _note(parties: dict[str, _Party], party: _Party, mentioned: set[str]) -> None:
    if party.id and party.id not in mentioned:
        mentioned.add(party.id)
        parties[party.id] = party


def _one_by_one(content: bytes, where: str, skipped: list[SkippedRecord]) -> tuple[list[_Event], int]:
    raw: list[msgspec.Raw] = decode(content, list[msgspec.Raw], where=where)
    events: list[_Event] = []
    for index, one in enumerate(raw):
        try:
            events.append(decode(bytes(one), _Event, where=where))
        except VendorChanged as error:
            record: Any = decode(bytes(one), Any, where=where)
            ref = record.get("uuid") if isinstance(record, dict) else None
            skipped.append(SkippedRecord(ref=str(ref or f"event {index + 1} of a page"), reason=str(error)))
    if len(skipped) >= 3 and not events:
        raise VendorChanged(f"no event of a whole page could be read: {skipped[0].reason}")
    return events, len(raw)
