"""Google's audit logs: closed windows from the oldest to the newest, and what their events become.

Google lists an activity log newest first, lets events arrive late and out of order, and refuses
start times older than 180 days. So a log is read in windows that end; a window counts as read only
after its last page; and every scan begins some hours before the end of the one before it. Events
read twice have the same id.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from connectors.answers import Answer
from connectors.base import Cursor, Page
from connectors.errors import SkipRecord
from connectors.google_workspace.api import AdminSdk, pages
from connectors.observations import AppSeen, ConsentEvent, Observation, PersonSeen, SignInSeen
from connectors.pagination import each

REACH = timedelta(days=179)
"""How far back a log is asked for; Google refuses 180 days and more."""
FIELDS = (
    "nextPageToken,items(id(time,uniqueQualifier,applicationName),actor(callerType,email,profileId),"
    "events(name,parameters))"
)
"""What is asked of an activity: no addresses of machines, devices or places."""
NOBODY = "105250506097979753968"
"""The profile id that Google writes where there is no user."""


class _Id(msgspec.Struct):
    time: str
    # Numbers in some recordings, strings in Google's description, and beyond 64 bits either way.
    uniqueQualifier: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815 - Google's spelling
    applicationName: str | None = None  # noqa: N815


class Actor(msgspec.Struct):
    """Who did it; any field may be absent."""

    callerType: str | None = None  # noqa: N815 - Google's spelling
    email: str | None = None
    profileId: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815


class _Nested(msgspec.Struct):
    name: str | None = None
    value: str | None = None
    multiValue: list[str] | None = None  # noqa: N815


class _Message(msgspec.Struct):
    parameter: list[_Nested] | None = None


class _Parameter(msgspec.Struct):
    name: str | None = None
    value: str | None = None
    intValue: str | int | None = None  # noqa: N815
    boolValue: bool | None = None  # noqa: N815
    multiValue: list[str] | None = None  # noqa: N815
    multiIntValue: list[str | int] | None = None  # noqa: N815
    multiMessageValue: list[_Message] | None = None  # noqa: N815


class _Event(msgspec.Struct):
    name: str | None = None
    parameters: list[_Parameter] | None = None


class _Activity(msgspec.Struct):
    id: _Id
    actor: Actor | None = None
    events: list[_Event] | None = None


class _ActivityPage(msgspec.Struct):
    items: list[msgspec.Raw] | None = None
    nextPageToken: str | None = None  # noqa: N815


class Happened(NamedTuple):
    """One event of an activity, with what it shares with its siblings."""

    id: str
    name: str
    at: datetime
    actor: Actor | None
    parameters: dict[str, _Parameter]

    def text(self, name: str) -> str:
        """A parameter as one text; empty where it is absent."""
        found = self.parameters.get(name)
        if found is None:
            return ""
        if found.value is not None:
            return found.value.strip()
        if found.boolValue is not None:
            return "true" if found.boolValue else "false"
        return "" if found.intValue is None else str(found.intValue)

    def texts(self, name: str) -> tuple[str, ...]:
        """A parameter that may have several values, each once, in order."""
        found = self.parameters.get(name)
        if found is None:
            return ()
        values = found.multiValue or [str(v) for v in found.multiIntValue or ()]
        return tuple(dict.fromkeys(values or filter(None, [self.text(name)])))

    def nested(self, name: str, inner: str) -> tuple[str, ...]:
        """The values of one inner parameter of a parameter that is a list of messages."""
        found = self.parameters.get(name)
        messages = (found.multiMessageValue if found else None) or ()
        values = [
            value
            for message in messages
            for parameter in message.parameter or ()
            if parameter.name == inner
            for value in ([parameter.value] if parameter.value else parameter.multiValue or ())
        ]
        return tuple(dict.fromkeys(values))


class Seen(NamedTuple):
    """What one event becomes: the app it names, who did it, and the fact itself."""

    app: AppSeen
    person: PersonSeen | None
    fact: ConsentEvent | SignInSeen


@dataclass(frozen=True)
class Feed:
    """One audit log and how it is read.

    Attributes:
        application: Google's name of the log.
        events: event names, each asked for by itself; None asks for all of them.
        window: length of one closed window.
        overlap: how late an event may arrive.
        read: makes an observation of an event; None leaves it out on purpose.
    """

    application: str
    events: tuple[str | None, ...]
    window: timedelta
    overlap: timedelta
    read: Callable[[Happened], Seen | None]

    @property
    def repeats(self) -> timedelta:
        """How far behind the newest event an event may come again: an overlap, and a window redone."""
        return self.overlap + self.window


def person_of(actor: Actor | None) -> PersonSeen | None:
    """The person behind an actor, or None for keys, robots and the placeholder without an address."""
    if actor is None or (actor.callerType or "USER").upper() == "KEY":
        return None
    profile = bytes(actor.profileId).decode().strip('"')
    profile = "" if profile in {"null", NOBODY} else profile
    email = (actor.email or "").strip().lower()
    if not profile and "@" not in email:
        return None
    return PersonSeen(ref=profile or email, email=email if "@" in email else None, mention=True)


_activity = msgspec.json.Decoder(_Activity)


def happenings(raw: msgspec.Raw, application: str) -> list[Happened]:
    """The events of one activity; each is identified by the activity and its own place in it.

    Raises:
        SkipRecord: the activity has no readable time, or a field of another type.
    """
    try:
        activity = _activity.decode(raw)
        at = datetime.fromisoformat(activity.id.time)
    except (msgspec.MsgspecError, ValueError) as error:
        raise SkipRecord(f"an activity has another shape: {error}", ref=f"{application} log") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    qualifier = bytes(activity.id.uniqueQualifier).decode().strip('"')
    identity = f"{activity.id.applicationName or application}:{activity.id.time}:{qualifier}"
    return [
        Happened(
            id=f"{identity}:{index}",
            name=event.name or "",
            at=at,
            actor=activity.actor,
            parameters={p.name: p for p in event.parameters or () if p.name},
        )
        for index, event in enumerate(activity.events or ())
    ]


@dataclass
class _Place:
    """Where in a feed reading stands.

    Everything before `since` that had arrived by `asked` is read. Inside a window, `until` is its
    end, `event` the index of the event name and `page` the token of the page to read next.
    """

    since: datetime
    asked: datetime
    until: datetime | None = None
    event: int = 0
    page: str | None = None

    def cursor(self) -> Cursor:
        found: Cursor = {"since": self.since.isoformat(), "asked": self.asked.isoformat()}
        if self.until is not None:
            found.update(until=self.until.isoformat(), event=self.event, page=self.page)
        return found


def _begin(cursor: Cursor | None, feed: Feed, now: datetime, first_days: int) -> _Place:
    oldest = now - REACH
    if cursor is None:
        return _Place(max(oldest, now - timedelta(days=first_days)), now)
    since, asked = (datetime.fromisoformat(cursor[k]) for k in ("since", "asked"))
    # Event ids are remembered for `feed.repeats`: a claim older than the overlap would make the scan
    # after this one read again what is forgotten by then, so the window is read from its start instead.
    if "until" in cursor and since >= oldest and now - asked <= feed.overlap:
        until = datetime.fromisoformat(cursor["until"])
        # The pages before this one were read at `asked`, so what follows is claimed for then only.
        return _Place(since, asked, until, cursor["event"], cursor["page"])
    # Late events may still have arrived within the overlap before the logs were last asked.
    return _Place(max(oldest, min(since, asked - feed.overlap, now - feed.overlap)), now)


def _windows(place: _Place, feed: Feed, now: datetime) -> list[tuple[datetime, datetime]]:
    found = [] if place.until is None else [(place.since, place.until)]
    since = place.since if place.until is None else place.until
    while since < now:
        until = min(since + feed.window, now)
        found.append((since, until))
        since = until
    return found


async def read_feed(
    api: AdminSdk, feed: Feed, *, now: datetime, first_days: int, cursor: Cursor | None
) -> AsyncIterator[Page]:
    """Read a feed from a cursor up to `now`.

    The cursor serves both to go on with a broken scan (inside a window, by page) and to begin the
    next scan after a finished one (then the overlap is read again).

    Args:
        api: the Admin SDK.
        feed: which log.
        now: end of the newest window.
        first_days: how far back the first scan reaches.
        cursor: where to go on.

    Yields:
        Pages with something in them, and the last one in any case.
    """
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # Google's times have milliseconds
    place = _begin(cursor, feed, now, first_days)
    asked, first_event, token = place.asked, place.event, place.page
    windows = _windows(place, feed, now)
    for index, (since, until) in enumerate(windows):
        for number in range(first_event, len(feed.events)):
            name = feed.events[number]

            async def fetch(
                page: str | None,
                allow: frozenset[int],
                since: datetime = since,
                until: datetime = until,
                name: str | None = name,
            ) -> Answer:
                return await api.activities(
                    feed.application,
                    since=since,
                    until=until,
                    fields=FIELDS,
                    event=name,
                    page=page,
                    allow=allow,
                )

            async for answer, following in pages(fetch, _ActivityPage, token):
                if following is not None:
                    after = _Place(since, asked, until, number, following)
                elif number + 1 < len(feed.events):
                    after = _Place(since, asked, until, number + 1)
                else:
                    after = _Place(until, asked)
                last = after.until is None and index + 1 == len(windows)
                page = _page(feed, answer, name, after.cursor(), last=last)
                if last or page.observations or page.skipped or page.ignored:
                    yield page
            token = None
        first_event = 0


def _page(feed: Feed, answer: _ActivityPage, name: str | None, cursor: Cursor, *, last: bool) -> Page:
    activities, broken, _ = each(answer.items or (), lambda raw: happenings(raw, feed.application))
    # A query by event name answers with whole activities, which may carry other events as well;
    # those are read by the query of their own name.
    wanted = [e for events in activities for e in events if name is None or e.name == name]
    seen, skipped, ignored = each(wanted, feed.read)
    apps: dict[str, AppSeen] = {}
    people: dict[str, PersonSeen] = {}
    for one in seen:
        if one.app.ref not in apps or apps[one.app.ref].name == one.app.ref:
            apps[one.app.ref] = one.app
        if one.person is not None:
            people.setdefault(one.person.ref, one.person)
    facts: dict[str, Observation] = {one.fact.event_id: one.fact for one in seen}
    return Page(
        [*apps.values(), *people.values(), *facts.values()],
        cursor,
        last=last,
        skipped=[*broken, *skipped],
        ignored=ignored,
    )
