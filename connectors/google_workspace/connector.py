"""The Google Workspace connector: what it needs, how it is tested, what it streams."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar, NamedTuple

from pydantic import Field, SecretStr, field_validator

from connectors.answers import Answer
from connectors.base import (
    MANY_LINES,
    CheckReport,
    Connector,
    ConnectorConfig,
    Context,
    Cursor,
    GrantRef,
    HttpConfig,
    Manifest,
    Mode,
    Page,
    Permission,
    PermissionResult,
    Revoked,
    Signal,
    Stream,
    VendorUrl,
)
from connectors.errors import NeedsAdmin, NotAvailable, RetryLater, SkipRecord, VendorChanged
from connectors.google_workspace.api import AUDIT, BUDGETS, PEOPLE, SECURITY, AdminSdk, P, pages
from connectors.google_workspace.auth import parse_service_account
from connectors.google_workspace.feeds import admin_actions, consents, saml_sign_ins
from connectors.google_workspace.records import (
    KEY_FIELDS,
    TOKEN_FIELDS,
    USER_FIELDS,
    Standing,
    StandingPage,
    TokenList,
    UserPage,
    client_of,
    grant,
    merged,
    person,
)
from connectors.google_workspace.reports import Feed, read_feed
from connectors.observations import AppSeen, GrantSeen, PersonSeen
from connectors.pagination import each, fan_out

USERS_A_PAGE = 50
"""Users whose grants make one page of the grants stream, unless they have very many grants."""
GRANTS_A_PAGE = 500
_NO_GRANTS = frozenset({401, 404})
PARTS = ("deleted", "present")
"""Deleted users first: their addresses may have been given to somebody present since."""


class GoogleWorkspaceConfig(HttpConfig):
    """How to reach one Google Workspace account."""

    base_url: VendorUrl = Field(
        "https://admin.googleapis.com", title="API address", description="Leave as it is."
    )
    token_url: VendorUrl = Field(
        "https://oauth2.googleapis.com/token",
        title="Token address",
        description="Leave as it is. Where the service account gets its access tokens.",
    )
    service_account: SecretStr = Field(
        title="Service account key",
        json_schema_extra=MANY_LINES,
        description="The whole text of the JSON key file of the service account.",
    )
    admin_email: str = Field(
        title="Administrator",
        description="Address of the administrator in whose name is read; a custom role that may read "
        "users, reports and user security is enough.",
        pattern=r"^[^@\s]+@[^@\s]+$",
    )
    customer: str = Field(
        "my_customer",
        title="Customer id",
        description="Leave as it is, unless the administrator manages several customers (C0…).",
        min_length=1,
    )
    first_days: int = Field(
        90,
        title="Days to read at first",
        description="How far back the first scan reads the audit logs; Google keeps less than 180 days.",
        ge=1,
        le=179,
    )
    trusted_client_ids: tuple[str, ...] = Field(
        (),
        title="IT's own list of OAuth clients",
        description="Client ids that IT set up or allowed. Google does not tell them to anybody, so "
        "copy them from the Admin console; their grants are not counted as adopted by employees.",
    )

    may_revoke: bool = Field(
        False,
        title="May end access",
        description="Let Penumbra take an app's access away, after IT and marketing decided so together.",
    )

    @field_validator("service_account")
    @classmethod
    def _key_file(cls, value: SecretStr) -> SecretStr:
        parse_service_account(value.get_secret_value())
        return value


class _Key(NamedTuple):
    """A user whose grants are asked for."""

    id: str
    email: str


def _answered(item: tuple[_Key, TokenList | SkipRecord]) -> tuple[_Key, TokenList]:
    key, tokens = item
    if isinstance(tokens, SkipRecord):
        raise tokens
    return key, tokens


class GoogleWorkspaceConnector(Connector[GoogleWorkspaceConfig]):
    """Reads users, their OAuth grants, and the token, admin and SAML logs of Google Workspace."""

    Config: ClassVar[type[ConnectorConfig]] = GoogleWorkspaceConfig
    manifest: ClassVar[Manifest] = Manifest(
        name="google_workspace",
        title="Google Workspace",
        summary="People, the apps they gave access to their Google account, and SAML sign-ins.",
        signals=(Signal.DIRECTORY, Signal.GRANTS, Signal.CONSENTS, Signal.SIGN_INS),
        permissions=(
            Permission(PEOPLE, "To know the people: address, department, title, manager, active or not."),
            Permission(
                SECURITY,
                "To list the apps that each person gave access. Google offers no read-only scope for "
                "this: the same scope can also revoke access and sign people out. A scan only lists.",
            ),
            Permission(
                AUDIT, "To know when access was given or taken away, by whom, and who signs in to SAML apps."
            ),
        ),
        lag=timedelta(hours=3),
        budgets=BUDGETS,
        documentation=(
            "https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/list",
            "https://developers.google.com/workspace/admin/directory/reference/rest/v1/tokens/list",
            "https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list",
            "https://developers.google.com/workspace/admin/reports/v1/appendix/activity/token",
            "https://developers.google.com/workspace/admin/reports/v1/appendix/activity/saml",
        ),
        revoking=(Permission(SECURITY, "To end an app's access. No further scope: may_revoke allows it."),),
        revocable=frozenset({"grants"}),
        not_seen="Apps entered with a password of their own, when a granted app was last used, and apps "
        "that people use without their company Google account.",
    )

    def __init__(self, config: GoogleWorkspaceConfig, context: Context) -> None:
        super().__init__(config, context)
        account = parse_service_account(config.service_account.get_secret_value())
        self._own_client = account.client_id
        self._trusted = frozenset(config.trusted_client_ids)
        self._api = AdminSdk(
            config, context, account=account, subject=config.admin_email, token_url=config.token_url
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._api.aclose()

    # --- check -------------------------------------------------------------------------------

    async def check(self) -> CheckReport:
        """Try each scope once; see `Connector.check`."""
        probes: dict[str, Callable[[], Awaitable[None]]] = {}
        domain = self.config.admin_email.partition("@")[2].lower()
        found: dict[str, str] = {
            "account": domain if self.config.customer == "my_customer" else self.config.customer
        }
        warnings: list[str] = []

        async def people() -> None:
            answer = await self._api.users(customer=self.config.customer, fields="users(customerId)", size=1)
            for one in answer.decode(StandingPage).users or ():
                found["account"] = one.customerId or found["account"]
            who = await self._api.user(self.config.admin_email, fields="id,isAdmin", allow=frozenset({404}))
            if who.status != 404 and who.decode(Standing).isAdmin:
                warnings.append(
                    f"{self.config.admin_email} is a super administrator; a custom role that may read users, "
                    "reports and user security is enough"
                )

        async def tokens() -> None:
            await self._api.tokens(self.config.admin_email, fields=TOKEN_FIELDS, allow=frozenset({404}))

        async def audit() -> None:
            now = self.context.now()
            await self._api.activities(
                "token", since=now - timedelta(days=1), until=now, fields="items(id(time))", size=1
            )

        probes.update({PEOPLE: people, SECURITY: tokens, AUDIT: audit})
        results: list[PermissionResult] = []
        for permission in self.manifest.permissions:
            detail = ""
            try:
                await probes[permission.name]()
            except NeedsAdmin as error:
                if error.permission is None:
                    raise
                detail = str(error)
            results.append(
                PermissionResult(
                    name=permission.name,
                    granted=not detail,
                    reason=permission.reason,
                    optional=permission.optional,
                    detail=detail,
                )
            )
        return CheckReport(
            account=found["account"], account_name=domain, permissions=results, warnings=warnings
        )

    # --- ending access -----------------------------------------------------------------------

    async def revoke(self, grant: GrantRef) -> Revoked:
        """Delete all tokens that a user gave an app; see `Connector.revoke`.

        Facts: developers.google.com/workspace/admin/directory/reference/rest/v1/tokens/delete
        """
        if not self.config.may_revoke:
            raise NotAvailable(
                "This Google Workspace source was not allowed to end access: set may_revoke, or end it in "
                "the Admin console under the user's Security, Connected applications."
            )
        if grant.person_ref is None:
            raise NotAvailable("Google ends access person by person, and this grant names nobody.")
        answer = await self._api.delete_token(grant.person_ref, grant.app_ref, allow=_NO_GRANTS)
        left = await self._tokens_of(_Key(grant.person_ref, ""))
        if isinstance(left, SkipRecord):
            raise VendorChanged("Google does not say whether the access has ended: look in the Admin console")
        if grant.app_ref in map(client_of, left.items or ()):
            raise RetryLater("Google still lists the access that was ended", seconds=300)
        return Revoked(
            already=answer.status == 404,
            words="The app can no longer use this account. The person may allow it again, unless the app is "
            "blocked in the Admin console.",
        )

    # --- streams -----------------------------------------------------------------------------

    def streams(self) -> Sequence[Stream]:
        """People, their grants, then what the logs say."""
        logs = (
            ("consents", Signal.CONSENTS, consents(self._trusted)),
            ("admin_actions", Signal.CONSENTS, admin_actions(self._trusted, self._own_client)),
            ("sign_ins", Signal.SIGN_INS, saml_sign_ins()),
        )
        return [
            Stream("people", Signal.DIRECTORY, Mode.SNAPSHOT, self._people),
            Stream("grants", Signal.GRANTS, Mode.SNAPSHOT, self._grants),
            *(
                Stream(name, signal, Mode.INCREMENTAL, partial(self._log, feed), repeats=feed.repeats)
                for name, signal, feed in logs
            ),
        ]

    def _log(self, feed: Feed, cursor: Cursor | None) -> AsyncIterator[Page]:
        return read_feed(
            self._api, feed, now=self.context.now(), first_days=self.config.first_days, cursor=cursor
        )

    async def _people(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        begin = PARTS.index(cursor["part"]) if cursor else 0
        token = cursor["page"] if cursor else None
        for number in range(begin, len(PARTS)):
            part, last_part = PARTS[number], number + 1 == len(PARTS)
            deleted = part == "deleted"
            async for answer, following in self._user_pages(
                UserPage, USER_FIELDS, deleted=deleted, start=token
            ):
                people, skipped, _ = each(answer.users or (), partial(person, deleted=deleted))
                if following is not None:
                    after = {"part": part, "page": following}
                elif not last_part:
                    after = {"part": PARTS[number + 1], "page": None}
                else:
                    after = {"part": part, "page": None, "done": True}
                yield Page(people, after, last=last_part and following is None, skipped=skipped)
            token = None

    def _user_pages(
        self, shape: type[P], fields: str, *, deleted: bool = False, start: str | None = None
    ) -> AsyncIterator[tuple[P, str | None]]:
        async def fetch(page: str | None, allow: frozenset[int]) -> Answer:
            return await self._api.users(
                customer=self.config.customer, fields=fields, deleted=deleted, page=page, allow=allow
            )

        return pages(fetch, shape, start)

    async def _grants(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        after = cursor["after"] if cursor else ""
        keys = [key for key in await self._active_users() if key.id > after]
        if not keys:
            yield Page((), {"after": after}, last=True)
            return
        group: list[tuple[_Key, TokenList | SkipRecord]] = []
        size = 0
        concurrency = BUDGETS["tokens"].concurrency
        async for key, tokens in fan_out(keys, self._tokens_of, concurrency=concurrency):
            group.append((key, tokens))
            size += len(tokens.items or ()) if isinstance(tokens, TokenList) else 0
            last = key is keys[-1]
            if last or len(group) >= USERS_A_PAGE or size >= GRANTS_A_PAGE:
                yield self._grants_page(group, last=last)
                group, size = [], 0

    async def _active_users(self) -> list[_Key]:
        """All users who can sign in, by id; Google answers 401 for the grants of all others."""
        found: dict[str, _Key] = {}
        async for answer, _ in self._user_pages(StandingPage, KEY_FIELDS):
            for one in answer.users or ():
                if one.id and one.active:
                    found[str(one.id)] = _Key(str(one.id), (one.primaryEmail or "").strip().lower())
        return [found[ref] for ref in sorted(found)]

    async def _tokens_of(self, key: _Key) -> TokenList | SkipRecord:
        """The grants of one user, or the reason why Google does not tell.

        A 404 means that there are none. A 401 means either an access token that ended or a user who
        was suspended or deleted since the list was read: the user is looked up, and if still active
        asked again with a new token.
        """
        answer = await self._api.tokens(key.id, fields=TOKEN_FIELDS, allow=_NO_GRANTS)
        if answer.status == 401:
            who = await self._api.user(key.id, fields="suspended,archived", allow=frozenset({404}))
            if who.status == 404 or not who.decode(Standing).active:
                return TokenList()
            await self._api.renew(SECURITY)
            answer = await self._api.tokens(key.id, fields=TOKEN_FIELDS, allow=_NO_GRANTS)
        if answer.status == 401:
            return SkipRecord("Google does not list the grants of this active user", ref=f"user {key.id}")
        return TokenList() if answer.status == 404 else answer.decode(TokenList)

    def _grants_page(self, group: Sequence[tuple[_Key, TokenList | SkipRecord]], *, last: bool) -> Page:
        apps: dict[str, AppSeen] = {}
        people: dict[str, PersonSeen] = {}
        grants: list[GrantSeen] = []
        answered, skipped, ignored = each(group, _answered)
        for key, tokens in answered:
            found, broken, left_out = each(
                tokens.items or (), partial(grant, user=key.id, trusted=self._trusted)
            )
            skipped += broken
            ignored += left_out
            for seen, given in found:
                apps.setdefault(seen.ref, seen)
                grants.append(given)
            if found:
                # Somebody hired since the directory was read is introduced here.
                people[key.id] = PersonSeen(ref=key.id, email=key.email or None, mention=True)
        return Page(
            [*apps.values(), *people.values(), *merged(grants)],
            {"after": group[-1][0].id},
            last=last,
            skipped=skipped,
            ignored=ignored,
        )
