"""The pages of each stream."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from connectors.base import Cursor, Page, SkippedRecord
from connectors.entra.catalog import APPS, GONE, GRANTS, Catalog, Catalogs
from connectors.entra.graph import DIRECTORY, Graph, Unreadable, listing, readable
from connectors.entra.logs import (
    ACTIVITIES,
    AUDITS,
    CONSENT,
    SIGN_INS,
    AppNamed,
    Audit,
    SignIn,
    app_of,
    consent_event,
    is_usable,
)
from connectors.entra.records import (
    APP_SELECT,
    USER_SELECT,
    PermissionGrant,
    RoleAssignment,
    ServicePrincipal,
    User,
    app_permission,
    assignment,
    grant,
    person,
)
from connectors.entra.windows import walk_windows
from connectors.errors import SkipRecord
from connectors.identifiers import APP_NAME, ENTRA_APP_ID, Identifier
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    GrantSeen,
    Observation,
    PersonSeen,
    SignInSeen,
)
from connectors.pagination import each, fan_out

KEYS_PER_PAGE = 40
RECORDS_PER_PAGE = 500
CONCURRENCY = 8
Read = tuple[list[Observation], list[SkippedRecord], int]
"""What a page carries: observations, skipped records, ignored records."""


class Streams:
    """Reads Graph page by page; every method is the `pages` of one stream."""

    def __init__(self, graph: Graph, catalogs: Catalogs, first: timedelta) -> None:
        self._graph = graph
        self._catalogs = catalogs
        self._first = first

    async def people(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Users with their managers."""
        # A page with $expand holds 100 at most, whatever $top says.
        params = {"$select": USER_SELECT, "$expand": "manager($select=id)", "$top": 100}
        async for records, following in self._graph.pages("/v1.0/users", params, User, start=_link(cursor)):
            found, skipped, ignored = each(records, readable(person))
            yield _page(found, skipped, ignored, following)

    async def apps(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Enterprise applications (service principals)."""
        catalog = await self._catalogs.begin()
        params = {"$select": APP_SELECT, "$top": 999}
        async for records, following in self._graph.pages(
            APPS, params, ServicePrincipal, start=_link(cursor)
        ):
            found, skipped, ignored = each(records, readable(catalog.see))
            # A walk that went on from a cursor has not seen the beginning: others read it again.
            catalog.whole = following is None and cursor is None
            yield _page(found, skipped, ignored, following)

    async def grants(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Delegated grants, of people and for everybody."""
        catalog = await self._catalogs.whole()
        async for records, following in self._graph.pages(
            GRANTS, {"$top": 999}, PermissionGrant, start=_link(cursor)
        ):
            found, skipped, ignored = each(records, readable(grant))
            kept, noise = await self._known(catalog, found)
            yield _page(kept, skipped, ignored + noise, following)

    async def _known(self, catalog: Catalog, grants: Sequence[GrantSeen]) -> tuple[list[Observation], int]:
        """Grants of applications that are kept, with the people named; and how many were ignored.

        Grants may be younger than the listing of applications: unknown ones are looked up.
        """
        newcomers: list[Observation] = []
        kept: list[GrantSeen] = []
        for g in grants:
            if g.app_ref not in catalog.kept and g.app_ref not in catalog.noise:
                newcomer = await self._catalogs.look_up(catalog, g.app_ref)
                if newcomer is not None:
                    newcomers.append(newcomer)
            if g.app_ref in catalog.kept:
                kept.append(g)
        return [*newcomers, *_people(g.person_ref for g in kept), *kept], len(grants) - len(kept)

    async def app_permissions(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """What applications may do as themselves (their role assignments at APIs)."""

        async def fetch(ref: str) -> Read:
            async def read(records: list[RoleAssignment | Unreadable]) -> Read:
                names = {
                    r.id: await self._catalogs.role(r.resource_id, r.app_role_id)
                    for r in records
                    if isinstance(r, RoleAssignment)
                }
                found, skipped, ignored = each(
                    records, readable(lambda r: app_permission(r, ref, names.get(r.id)))
                )
                return [*found], skipped, ignored

            return await self._of_app(ref, "appRoleAssignments", read)

        async for page in self._fan_out(cursor, fetch):
            yield page

    async def assignments(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Who is assigned to each application: people and groups."""
        catalog = await self._catalogs.whole()

        async def fetch(ref: str) -> Read:
            async def read(records: list[RoleAssignment | Unreadable]) -> Read:
                consent_only = catalog.kept[ref]
                found, skipped, ignored = each(
                    records, readable(lambda r: assignment(r, ref, consent_only=consent_only))
                )
                names = {
                    r.principal_id: r.principal_display_name for r in records if isinstance(r, RoleAssignment)
                }
                # Several roles make several assignments of the same person.
                once: dict[tuple[str | None, str | None], AssignmentSeen] = {}
                for a in found:
                    once.setdefault((a.person_ref, a.group_ref), a)
                people = (a.person_ref for a in once.values())
                return [*_people(people, names), *once.values()], skipped, ignored

            return await self._of_app(ref, "appRoleAssignedTo", read)

        async for page in self._fan_out(cursor, fetch):
            yield page

    async def _of_app(
        self, ref: str, kind: str, read: Callable[[list[RoleAssignment | Unreadable]], Awaitable[Read]]
    ) -> Read:
        """All role assignments of one application; one that was removed meanwhile has none."""
        records: list[RoleAssignment | Unreadable] = []
        answer = await self._graph.get(
            f"{APPS}/{ref}/{kind}", {"$top": 999}, permission=DIRECTORY, allow=GONE
        )
        if answer.status == 404:
            return [], [], 1  # removed since it was listed
        first, link = listing(answer, RoleAssignment)
        records += first
        if link is not None:
            async for more, _ in self._graph.pages(
                f"{APPS}/{ref}/{kind}", {"$top": 999}, RoleAssignment, start=link
            ):
                records += more
        return await read(records)

    async def _fan_out(
        self, cursor: Cursor | None, fetch: Callable[[str], Awaitable[Read]]
    ) -> AsyncIterator[Page]:
        """Ask about every kept application, in the order of their ids, some to a page."""
        catalog = await self._catalogs.whole()
        after = (cursor or {}).get("after", "")
        keys = sorted(ref for ref in catalog.kept if ref > after)
        observed: list[Observation] = []
        skipped: list[SkippedRecord] = []
        ignored = done = 0
        async for key, (more, lost, noise) in fan_out(keys, fetch, concurrency=CONCURRENCY):
            observed += more
            skipped += lost
            ignored += noise
            done += 1
            full = done >= KEYS_PER_PAGE or len(observed) >= RECORDS_PER_PAGE
            if full and key != keys[-1]:
                yield Page(observed, {"after": key}, skipped=skipped, ignored=ignored)
                observed, skipped, ignored, done = [], [], 0, 0
        yield Page(observed, {"after": keys[-1] if keys else after, "done": True}, True, skipped, ignored)

    async def consents(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Grants given and taken away, with who did it and when."""
        catalog = await self._catalogs.whole()
        async for page in walk_windows(self._graph, AUDITS, cursor, self._first):
            found, skipped, ignored = each(page.records, readable(consent_event))
            kept = [e for e in found if e.app_ref not in catalog.noise]
            named = _apps_named(page.records)
            mentions: list[Observation] = [
                _mention(named.get(ref, AppNamed(ref)))
                for ref in sorted({e.app_ref for e in kept} - catalog.kept.keys())
            ]
            observed = [*mentions, *_people(e.person_ref for e in kept), *kept]
            yield Page(observed, page.cursor, page.last, skipped, ignored + len(found) - len(kept))

    async def sign_ins(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Successful interactive sign-ins of people."""
        catalog = await self._catalogs.whole()
        async for page in walk_windows(self._graph, SIGN_INS, cursor, self._first):
            apps: dict[str, AppSeen] = {}
            people: dict[str, PersonSeen] = {}

            def read(
                record: SignIn, apps: dict[str, AppSeen] = apps, people: dict[str, PersonSeen] = people
            ) -> SignInSeen | None:
                return _sign_in(record, catalog, apps, people)

            found, skipped, ignored = each(page.records, readable(read))
            yield Page([*apps.values(), *people.values(), *found], page.cursor, page.last, skipped, ignored)


def _sign_in(
    record: SignIn, catalog: Catalog, apps: dict[str, AppSeen], people: dict[str, PersonSeen]
) -> SignInSeen | None:
    """A sign-in, with the person (and an unlisted application) noted as mentioned; None to ignore it."""
    if not is_usable(record):
        return None
    if record.created_date_time is None or not record.user_id or not record.app_id:
        raise SkipRecord("the sign-in lacks its time, its user or its application", ref=record.id)
    # Sign-ins carry the application id, all other records the object id.
    app_ref = catalog.by_app_id.get(record.app_id)
    if app_ref in catalog.noise:
        return None
    if app_ref is None or app_ref not in catalog.kept:
        app_ref = record.app_id
        if app_ref not in apps:
            apps[app_ref] = _mention(AppNamed(app_ref, record.app_display_name, record.app_id))
    if record.user_id not in people:
        upn = record.user_principal_name or ""
        people[record.user_id] = PersonSeen(
            ref=record.user_id,
            email=upn if "@" in upn and "#ext#" not in upn.casefold() else None,
            name=record.user_display_name or None,
            mention=True,
        )
    return SignInSeen(record.id, app_ref, record.user_id, record.created_date_time)


def _mention(named: AppNamed) -> AppSeen:
    identifiers = [Identifier(ENTRA_APP_ID, named.app_id)] if named.app_id else []
    if named.name:
        identifiers.append(Identifier(APP_NAME, named.name))
    return AppSeen(ref=named.ref, name=named.name or named.ref, identifiers=tuple(identifiers), mention=True)


def _apps_named(records: Iterable[Audit | Unreadable]) -> dict[str, AppNamed]:
    """The names that a page of audit records has for applications; a consent's own is the best."""
    named: dict[str, AppNamed] = {}
    for record in records:
        if isinstance(record, Audit) and record.activity_display_name in ACTIVITIES:
            try:
                found = app_of(record)
            except SkipRecord:
                continue
            if record.activity_display_name == CONSENT or (found.name and found.ref not in named):
                named[found.ref] = found
    return named


def _people(refs: Iterable[str | None], names: dict[Any, str | None] | None = None) -> list[Observation]:
    """People who are only named here, each once."""
    return [
        PersonSeen(ref=ref, name=(names or {}).get(ref), mention=True)
        for ref in dict.fromkeys(refs)
        if ref is not None
    ]


def _link(cursor: Cursor | None) -> str | None:
    return (cursor or {}).get("next")


def _page(
    found: Sequence[Observation], skipped: Sequence[SkippedRecord], ignored: int, following: str | None
) -> Page:
    last = following is None
    return Page(found, {"done": True} if last else {"next": following}, last, skipped, ignored)
