"""Reading Okta: people, apps, assignments, OAuth grants and sign-ins of one org."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace

from connectors.answers import Answer
from connectors.auth import StaticAuth
from connectors.base import (
    CheckReport,
    Connector,
    Context,
    Cursor,
    Manifest,
    Mode,
    Page,
    PermissionResult,
    Signal,
    SkippedRecord,
    Stream,
)
from connectors.errors import NeedsAdmin, NotAvailable, VendorChanged
from connectors.observations import AppSeen, AssignmentSeen, GrantSeen, Observation, PersonSeen
from connectors.okta import log, records
from connectors.okta.auth import OktaClient, ServiceApp, classify, load_key
from connectors.okta.config import APPS, INTEGRATIONS, LOGS, MANIFEST, USERS, OktaConfig
from connectors.pagination import CursorGuard, each, fan_out, next_link, walk

O = TypeVar("O", AppSeen, PersonSeen)  # noqa: E741
R = TypeVar("R")

RETENTION = timedelta(days=90)
"""How long Okta keeps its log; asking for what is older than 180 days is an error (E0000053)."""
OVERLAP = timedelta(minutes=15)
"""How far back a log is read again when the stored place in it is refused."""
KEYS_A_PAGE = 25
"""How many apps or people one page of an N+1 read covers, unless they bring many observations."""
OBSERVATIONS_A_PAGE = 500
INTEGRATIONS_PATH = "/integrations/api/v1/api-services"
LARGEST_PAGE = 2000
"""An app that everybody has is cut into pages of this many assignments."""
SLIM = {"Content-Type": "application/json; okta-response=omitCredentials,omitCredentialsLinks"}
"""Asks Okta to leave out what is not read: less personal data on the way, and a faster answer."""


class OktaConnector(Connector[OktaConfig]):
    """Reads one Okta org; see README.md beside this file for what it asks for and why."""

    Config = OktaConfig
    manifest: ClassVar[Manifest] = MANIFEST

    def __init__(self, config: OktaConfig, context: Context) -> None:
        super().__init__(config, context)
        app: ServiceApp | None = None
        if config.api_token is not None and config.api_token.get_secret_value():
            auth: StaticAuth | ServiceApp = StaticAuth(f"SSWS {config.api_token.get_secret_value()}")
        else:
            assert config.client_id is not None
            assert config.private_key is not None
            key, kid = load_key(config.private_key.get_secret_value())
            scopes = tuple(p.name for p in self.manifest.permissions)
            auth = app = ServiceApp(config.client_id, key, config.key_id or kid, scopes)
        self._client = OktaClient(
            config, context, budgets=self.manifest.budgets, auth=auth, classify=classify
        )
        self._client.app = app
        addresses = (config.base_url, *(f"//{host}" for host in config.link_hosts))
        self._hosts = tuple(h for h in (urlsplit(a).hostname for a in addresses) if h)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def check(self) -> CheckReport:
        """Name the org, and read one user, one app and one log event.

        Raises:
            NeedsAdmin: the token, or the service app's key, is refused.
        """
        # Public metadata: it names the org without a further scope.
        org = (await self._client.get("/.well-known/okta-organization")).json()
        account = org.get("id") if isinstance(org, dict) else None
        if not isinstance(account, str) or not account:
            raise VendorChanged("the org's metadata has no id: check that base_url is an Okta org")
        since = _iso(self.context.now() - timedelta(hours=1))
        tries: tuple[tuple[str, str, dict[str, Any], str], ...] = (
            (USERS, "/api/v1/users", {"limit": 1}, "users"),
            (APPS, "/api/v1/apps", {"limit": 1}, "apps"),
            (LOGS, "/api/v1/logs", {"limit": 1, "since": since}, "logs"),
            (INTEGRATIONS, INTEGRATIONS_PATH, {}, "default"),
        )
        results: list[PermissionResult] = []
        warnings: list[str] = []
        for (name, path, params, bucket), wanted in zip(tries, self.manifest.permissions, strict=True):
            detail = ""
            try:
                answer = await self._client.get(path, params=params, bucket=bucket, permission=name)
                warnings += self._foreign_link(answer)
            except NotAvailable as error:
                detail = str(error)
            except NeedsAdmin as error:
                if error.permission is None or not error.permission.startswith(name):
                    raise
                detail = str(error)
            results.append(
                PermissionResult(
                    name=name,
                    granted=not detail,
                    reason=wanted.reason,
                    optional=wanted.optional,
                    detail=detail,
                )
            )
        return CheckReport(
            account=account,
            account_name=self._hosts[0],
            permissions=results,
            warnings=sorted(set(warnings)),
        )

    def streams(self) -> Sequence[Stream]:
        """People and apps first, then what refers to them, then the log."""
        return (
            Stream("people", Signal.DIRECTORY, Mode.SNAPSHOT, self._people),
            Stream("apps", Signal.APPS, Mode.SNAPSHOT, self._apps),
            Stream("assignments", Signal.ASSIGNMENTS, Mode.SNAPSHOT, self._assignments),
            # Without consents to ask for (a feature of the org), the rest of a scan is still whole.
            Stream("grants", Signal.GRANTS, Mode.SNAPSHOT, self._grants, optional=True),
            Stream("integrations", Signal.GRANTS, Mode.SNAPSHOT, self._integrations, optional=True),
            Stream("sign_ins", Signal.SIGN_INS, Mode.INCREMENTAL, self._sign_ins, repeats=timedelta(hours=1)),
        )

    async def _people(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        # The plain list leaves out people who left; they are read as a list of their own.
        parts = {
            "present": {"limit": 200},
            "gone": {"limit": 200, "filter": 'status eq "DEPROVISIONED"'},
        }
        start = cursor or {"part": "present", "next": None}
        if start["part"] == "done":
            yield Page((), start, last=True)
            return
        for part in ("present", "gone")[start["part"] == "gone" :]:
            link = start["next"] if part == start["part"] else None
            async for answer, following in self._listed("/api/v1/users", parts[part], USERS, "users", link):
                people, skipped, ignored = each(_records(answer), records.person)
                at: Cursor = {"part": part, "next": _place(following)}
                last = following is None and part == "gone"
                if following is None:
                    at = {"part": "done" if last else "gone", "next": None}
                yield Page(people, at, last=last, skipped=skipped, ignored=ignored)

    async def _apps(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        if cursor is not None and cursor.get("done"):
            yield Page((), cursor, last=True)
            return
        async for answer, following in self._app_list((cursor or {}).get("next")):
            apps, skipped, ignored = each(_records(answer), partial(records.app, hosts=self._hosts))
            at: Cursor = {"done": True} if following is None else {"next": _place(following)}
            yield Page(apps, at, last=following is None, skipped=skipped, ignored=ignored)

    async def _assignments(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        apps: dict[str, AppSeen] = {}
        async for answer, _ in self._app_list(None):
            found, _, _ = each(_records(answer), partial(records.app, hosts=self._hosts))
            apps |= {one.ref: replace(one, mention=True) for one in found}
        async for page in self._spread(apps, self._assigned, cursor):
            yield page

    async def _grants(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        # Okta drops the consents of people who leave: the plain list is enough.
        people: dict[str, PersonSeen] = {}
        async for answer, _ in self._listed("/api/v1/users", {"limit": 200}, USERS, "users", None):
            found, _, _ = each(_records(answer), records.person)
            people |= {p.ref: PersonSeen(ref=p.ref, email=p.email, name=p.name, mention=True) for p in found}
        async for page in self._spread(people, self._granted, cursor):
            yield page

    async def _integrations(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        if cursor is not None and cursor.get("done"):
            yield Page((), cursor, last=True)
            return
        try:
            start = (cursor or {}).get("next")
            async for answer, following in self._listed(
                INTEGRATIONS_PATH, {}, INTEGRATIONS, "default", start
            ):
                pairs, skipped, ignored = each(_records(answer), records.integration)
                found: list[Observation] = [o for pair in pairs for o in pair]
                at: Cursor = {"done": True} if following is None else {"next": _place(following)}
                yield Page(found, at, last=following is None, skipped=skipped, ignored=ignored)
        except NeedsAdmin as error:
            if error.permission != INTEGRATIONS:
                raise
            raise NotAvailable(f"API service integrations are left out: {error}") from error

    async def _sign_ins(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        started = self.context.now()
        link = log.place_of(cursor)
        stored = (cursor or {}).get("published")
        newest = datetime.fromisoformat(stored) if stored else None
        oldest = started - (RETENTION if newest else timedelta(days=self.config.first_days))
        guard, mentioned = CursorGuard(), set[str]()
        resumed = link is not None
        while True:
            if link is not None:
                allow = frozenset({400}) if resumed else frozenset[int]()
                answer = await self._client.get(
                    guard.check(link), bucket="logs", permission=LOGS, allow=allow
                )
                resumed = False
                if answer.status == 400:
                    # Okta forgot the place: go back a little, and let event ids sort out repeats.
                    link, guard = None, CursorGuard()
                    continue
            else:
                since = max(newest - OVERLAP, oldest) if newest else oldest
                # No `until`: a polling request gives every event, in the order of storing.
                params = {"since": _iso(since), "sortOrder": "ASCENDING", "limit": 1000, "filter": log.FILTER}
                answer = await self._client.get("/api/v1/logs", params=params, bucket="logs", permission=LOGS)
                newest = newest or since
            page = log.read_page(answer.content, mentioned)
            # A polling answer always names a next page, so that only an empty one is the end. An
            # org that never falls silent ends where this scan began: the rest is the next scan's.
            link = next_link(answer)
            late = page.newest is not None and page.newest >= started
            last = page.events == 0 or link is None or late
            if page.newest and (newest is None or page.newest > newest):
                newest = page.newest
            at: Cursor = {"next": _place(link), "published": _iso(newest or oldest), "asked": log.ASKED}
            if last:
                at["read_at"] = _iso(started)
            yield Page(page.observations, at, last=last, skipped=page.skipped, ignored=page.ignored)
            if last:
                return

    async def _listed(
        self, path: str, params: dict[str, Any], permission: str, bucket: str, start: str | None
    ) -> AsyncIterator[tuple[Answer, str | None]]:
        """A list, page by page, with the link to the following page.

        A link that a broken scan left behind may have expired (400); then the list is begun anew,
        which for a snapshot loses nothing.
        """

        common: dict[str, Any] = {"bucket": bucket, "permission": permission, "headers": SLIM}
        first: Answer | None = None
        if start is not None:
            first = await self._client.get(start, allow=frozenset({400}), **common)
            if first.status == 400:
                first = start = None

        async def fetch(link: str | None) -> Answer:
            nonlocal first
            if first is not None:
                ready, first = first, None
                return ready
            if link is not None:
                return await self._client.get(link, **common)
            return await self._client.get(path, params=params, **common)

        async for page in walk(fetch, next_link, start):
            yield page

    def _app_list(self, start: str | None) -> AsyncIterator[tuple[Answer, str | None]]:
        params = {"limit": 200, "includeNonDeleted": "true"}
        return self._listed("/api/v1/apps", params, APPS, "apps", start)

    async def _all(
        self, path: str, params: dict[str, Any], permission: str, bucket: str
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """The pages of one key's list in an N+1 read; nothing where the key is gone (404)."""
        gone = frozenset({404})
        answer = await self._client.get(
            path, params=params, bucket=bucket, permission=permission, headers=SLIM, allow=gone
        )
        if answer.status == 404:
            return
        guard = CursorGuard()
        while True:
            yield _records(answer)
            link = next_link(answer)
            if link is None:
                return
            answer = await self._client.get(
                guard.check(link), bucket=bucket, permission=permission, headers=SLIM
            )

    async def _assigned(self, app: AppSeen) -> "_Found":
        found, app_ref = _Found(), app.ref
        users = self._all(f"/api/v1/apps/{app_ref}/users", {"limit": 500}, APPS, "apps")
        async for page in users:
            found.take(page, partial(records.app_user, app_ref=app_ref))
        # Embedding the group saves a look-up for its name.
        params = {"limit": 200, "expand": "group"}
        async for page in self._all(f"/api/v1/apps/{app_ref}/groups", params, APPS, "apps"):
            found.take(page, partial(records.app_group, app_ref=app_ref))
        # Apps and people may be younger than the streams that list them.
        people = dict.fromkeys(a.person_ref for a in found.observations if a.person_ref)
        if found.observations:
            found.mentions = {app_ref: app, **{p: PersonSeen(ref=p, mention=True) for p in people}}
        return found

    async def _granted(self, person: PersonSeen) -> "_Found":
        found, person_ref = _Found(), person.ref
        pairs: list[tuple[AppSeen, GrantSeen]] = []
        path = f"/api/v1/users/{person_ref}/grants"
        async for page in self._all(path, {"limit": 200}, USERS, "users"):
            pairs += found.read(page, partial(records.grant, person_ref=person_ref))
        found.mentions = {mention.ref: mention for mention, _ in pairs}
        if pairs:
            found.mentions[person_ref] = person
        found.observations += records.merge([grant for _, grant in pairs])
        return found

    async def _spread(
        self, keyed: Mapping[str, O], fetch: Callable[[O], Awaitable["_Found"]], cursor: Cursor | None
    ) -> AsyncIterator[Page]:
        """An N+1 read in the order of the keys, some keys to a page; `after` is the last one done."""
        after = (cursor or {}).get("after", "")
        todo = sorted(key for key in keyed if key > after)
        if not todo:
            yield Page((), {"after": after}, last=True)
            return
        batch, held = _Found(), 0
        async for key, found in fan_out(todo, lambda key: fetch(keyed[key]), concurrency=5):
            batch.add(found)
            held += 1
            last = key == todo[-1]
            if last or held >= KEYS_A_PAGE or len(batch.observations) >= OBSERVATIONS_A_PAGE:
                *parts, rest = batch.parts()
                for number, part in enumerate(parts):
                    # Going on from here reads this batch once more: the last key is not done yet.
                    yield Page(part, {"after": after, "part": number + 1})
                after = key
                yield Page(rest, {"after": after}, last, batch.skipped, batch.ignored)
                batch, held = _Found(), 0

    def _foreign_link(self, answer: Answer) -> list[str]:
        link = next_link(answer)
        host = urlsplit(link).hostname if link else None
        if host is None or host in self._hosts:
            return []
        return [
            f"Okta continues its lists on {host}, which is another host than base_url: if it is this org's "
            "own or custom domain, add it to link_hosts"
        ]


class _Found:
    """What the reads of some keys brought together."""

    def __init__(self) -> None:
        self.mentions: dict[str, Observation] = {}
        self.observations: list[AssignmentSeen | GrantSeen] = []
        self.skipped: list[SkippedRecord] = []
        self.ignored = 0

    def read(self, page: list[dict[str, Any]], read: Callable[[dict[str, Any]], R | None]) -> list[R]:
        found, skipped, ignored = each(page, read)
        self.skipped += skipped
        self.ignored += ignored
        return found

    def take(
        self, page: list[dict[str, Any]], read: Callable[[dict[str, Any]], AssignmentSeen | None]
    ) -> None:
        self.observations += self.read(page, read)

    def add(self, other: "_Found") -> None:
        self.mentions |= other.mentions
        self.observations += other.observations
        self.skipped += other.skipped
        self.ignored += other.ignored

    def parts(self) -> list[list[Observation]]:
        """Cut into pages; mentions come first, because the others refer to them."""
        whole: list[Observation] = [*self.mentions.values(), *self.observations]
        return [whole[i : i + LARGEST_PAGE] for i in range(0, len(whole), LARGEST_PAGE)] or [[]]


def _records(answer: Answer) -> list[dict[str, Any]]:
    return answer.decode(list[dict[str, Any]])


def _place(link: str | None) -> str | None:
    """A next link as it is kept in a cursor: without its host, which the config alone decides."""
    if link is None:
        return None
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
