"""Reads Ramp's Developer API: people, vendors, card charges, reimbursements and bills.

Facts about the vendor come from its API reference (docs.ramp.com/developer-api/v1).
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar
from urllib.parse import quote

import msgspec
from pydantic import Field, SecretStr

from connectors.auth import TokenAuth
from connectors.base import (
    Budget,
    CheckReport,
    Connector,
    Context,
    Cursor,
    HttpConfig,
    Manifest,
    Mode,
    Page,
    Permission,
    PermissionResult,
    Signal,
    Stream,
    VendorUrl,
)
from connectors.errors import NeedsAdmin
from connectors.http import VendorClient
from connectors.observations import ExpenseSeen, ExpenseState, Observation, PersonSeen
from connectors.pagination import each
from connectors.ramp import readers
from connectors.ramp.auth import RampTokens
from connectors.ramp.lists import Lists, Refused, classifier, decode
from connectors.ramp.records import Bill, Business, Department, Reimbursement, Transaction, User, Vendor
from connectors.windows import Span, TrailingWindow

Sighting = tuple[PersonSeen | None, ExpenseSeen]
"""An expense, and the person whom it names in passing."""

PERMISSIONS = (
    Permission("users:read", "People who spend, with department and whether they have left."),
    Permission("departments:read", "The names of the departments people belong to."),
    Permission("vendors:read", "Vendors that finance manages, with how often they bill."),
    Permission("transactions:read", "Card charges: merchant, amount, card holder, category."),
    Permission("reimbursements:read", "Tools that employees paid themselves and claimed back."),
    Permission("bills:read", "Tools paid by invoice: vendor, amount, who owns the bill."),
    Permission("business:read", "The company's name, to show which account is connected.", optional=True),
)
_REQUIRED = tuple(p.name for p in PERMISSIONS if not p.optional)
_TRIED = {
    "users:read": "users",
    "departments:read": "departments",
    "vendors:read": "vendors",
    "transactions:read": "transactions",
    "reimbursements:read": "reimbursements",
    "bills:read": "bills",
}
# `updated_after` is a true change filter; two days cover clocks that differ and rows that appear late.
_CHANGE_OVERLAP_DAYS = 2


class RampConfig(HttpConfig):
    """What a person fills in to connect Ramp."""

    base_url: VendorUrl = Field(
        default="https://api.ramp.com/developer/v1",
        title="API address",
        description="Leave as it is; for Ramp's sandbox: https://demo-api.ramp.com/developer/v1",
    )
    token_url: VendorUrl | None = Field(
        default=None,
        title="Token address",
        description="Leave empty: tokens come from the API address followed by /token.",
    )
    client_id: str = Field(
        min_length=1, title="Client ID", description="Of the app made under Company settings, Developer API."
    )
    client_secret: SecretStr = Field(
        min_length=1, title="Client secret", description="Shown once by Ramp when the app is made."
    )
    window_days: int = Field(
        default=45,
        ge=1,
        le=366,
        title="Days read again",
        description="How far back charges and bills are read again in every scan. Ramp cannot say what "
        "changed, and memos, accounts and settlement arrive weeks late.",
    )
    first_days: int = Field(
        default=365,
        ge=1,
        le=3660,
        title="Days read at first",
        description="How far back the first scan goes. A year shows what is paid yearly.",
    )
    entity_id: str | None = Field(
        default=None,
        title="Entity ID",
        description="Read the spend of one legal entity only (Ramp's id of it); empty: of all.",
    )


class RampConnector(Connector[RampConfig]):
    """Ramp, read through one app with client credentials and read-only scopes."""

    manifest: ClassVar[Manifest] = Manifest(
        name="ramp",
        title="Ramp",
        summary="Card charges, reimbursements, bills and vendors from Ramp, with the people behind them.",
        signals=(Signal.DIRECTORY, Signal.APPS, Signal.EXPENSES),
        permissions=PERMISSIONS,
        lag=timedelta(hours=1),
        # Ramp allows 200 requests in 10 seconds for each address they come from; others share ours.
        budgets={"default": Budget(requests=180, seconds=10.0, concurrency=4)},
        documentation=(
            "https://docs.ramp.com/developer-api/v1/authorization",
            "https://docs.ramp.com/developer-api/v1/api/transactions",
            "https://docs.ramp.com/developer-api/v1/api/bills",
            "https://docs.ramp.com/developer-api/v1/api/reimbursements",
            "https://docs.ramp.com/developer-api/v1/api/vendors",
            "https://docs.ramp.com/developer-api/v1/api/users",
        ),
        not_seen="Money spent outside Ramp, tools that cost nothing, draft bills, and edits to charges older "
        "than the days that are read again.",
    )
    Config = RampConfig

    def __init__(self, config: RampConfig, context: Context) -> None:
        super().__init__(config, context)
        token_url = config.token_url or f"{config.base_url}/token"
        self._tokens = RampTokens(
            token_url,
            config.client_id,
            config.client_secret.get_secret_value(),
            [p.name for p in PERMISSIONS],
        )
        self._auth = TokenAuth(self._tokens.fetch)
        self._client = VendorClient(
            config,
            context,
            budgets=self.manifest.budgets,
            auth=self._auth,
            classify=classifier(token_url),
            other_origins=(token_url,),
            # Ramp gives up on a heavy page only after 60 seconds, with 504.
            patience=75.0,
        )
        self._lists = Lists(self._client)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    def streams(self) -> Sequence[Stream]:
        """People and vendors whole; charges, reimbursements and bills over their windows."""
        return (
            Stream("people", Signal.DIRECTORY, Mode.SNAPSHOT, self._people),
            Stream("vendors", Signal.APPS, Mode.SNAPSHOT, self._vendors),
            Stream("transactions", Signal.EXPENSES, Mode.WINDOW, self._transactions),
            Stream("reimbursements", Signal.EXPENSES, Mode.WINDOW, self._reimbursements),
            Stream("bills", Signal.EXPENSES, Mode.WINDOW, self._bills),
        )

    async def check(self) -> CheckReport:
        """Get a token, compare its scopes with what is needed, and read a little of each list."""
        await self._auth.headers(self._client)
        not_granted = self._tokens.missing([p.name for p in PERMISSIONS])
        results: list[PermissionResult] = []
        warnings: list[str] = []
        business, user = Business(), User()
        for permission in PERMISSIONS:
            detail = ""
            if permission.name in not_granted:
                detail = f"Enable the scope {permission.name} on the app in Ramp; the token came without it."
            else:
                try:
                    if permission.name == "business:read":
                        answer = await self._client.get("business", permission=permission.name)
                        business = answer.decode(Business)
                    else:
                        rows = await self._lists.first(_TRIED[permission.name], permission.name)
                        if permission.name == "users:read":
                            user = decode(rows[0], User) if rows else user
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
        account = business.id or user.business_id or self.config.client_id
        if self.config.entity_id:
            account = f"{account}/{self.config.entity_id}"
        if not user.id and "users:read" not in not_granted:
            warnings.append("Ramp lists no people for this app: charges will name nobody.")
        return CheckReport(
            account=account,
            account_name=business.business_name_legal or business.business_name_on_card or "",
            permissions=results,
            warnings=warnings,
        )

    async def _whole_grant(self) -> None:
        """Refuse to read with a token that lacks a scope, naming every one that is missing.

        Ramp leaves scopes out silently; a scan that went on would take what it may not see for gone.
        """
        await self._auth.headers(self._client)
        missing = self._tokens.missing(_REQUIRED)
        if missing:
            names = ", ".join(missing)
            raise NeedsAdmin(
                f"Ramp gave a token without {names}: enable it on the app in Ramp, under Company settings, "
                "Developer API",
                permission=names,
            )

    async def _people(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        await self._whole_grant()
        departments = await self._departments()

        def read(record: msgspec.Raw) -> PersonSeen:
            return readers.read_user(decode(record, User), departments)

        # Without a status Ramp lists active and inactive people and leaves out the suspended ones.
        passes = [{}, {"status": "USER_SUSPENDED"}]
        async for rows in self._lists.walk("users", "users:read", passes, cursor):
            found, skipped, ignored = each(rows.records, read)
            yield Page(found, rows.position, last=rows.last, skipped=skipped, ignored=ignored)

    async def _departments(self) -> dict[str, str]:
        names: dict[str, str] = {}
        async for rows in self._lists.walk("departments", "departments:read", [{}], None):
            departments, _, _ = each(rows.records, lambda record: decode(record, Department))
            names.update((d.id, d.name) for d in departments if d.id and d.name)
        return names

    async def _vendors(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        await self._whole_grant()
        async for rows in self._lists.walk("vendors", "vendors:read", [{}], cursor):
            found, skipped, ignored = each(rows.records, lambda r: readers.read_vendor(decode(r, Vendor)))
            yield Page(found, rows.position, last=rows.last, skipped=skipped, ignored=ignored)

    async def _transactions(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        span = self._window.span(cursor, self.context.now())
        # ALL, because declined charges are left out unless asked for. Oldest first, so that charges
        # made during the scan come at the end.
        passes = [{"state": "ALL", "from_date": _time(span.since), "order_by_date_asc": "true"}]

        def read(_: int, record: msgspec.Raw) -> Sighting | None:
            row = decode(record, Transaction)
            return (readers.card_holder(row), readers.read_transaction(row)) if self._ours(row) else None

        async for page in self._expenses("transactions", "transactions:read", span, passes, read):
            yield await self._confirmed(page)

    async def _confirmed(self, page: Page) -> Page:
        """The page without `replaces` where the other charge stands on its own."""
        states = {o.ref: o.state for o in page.observations if isinstance(o, ExpenseSeen)}
        observations: list[Observation] = []
        for observation in page.observations:
            seen = observation
            if isinstance(seen, ExpenseSeen) and seen.replaces:
                state = states.get(seen.replaces)
                pending = state is ExpenseState.PENDING if state else await self._is_pending(seen.replaces)
                seen = seen if pending else msgspec.structs.replace(seen, replaces=None)
            observations.append(seen)
        return replace(page, observations=observations)

    async def _is_pending(self, ref: str) -> bool:
        """Whether a charge is gone or has never cleared, so that another may stand for it."""
        try:
            path = f"transactions/{quote(ref, safe='')}"
            answer = await self._client.get(path, permission="transactions:read")
        except Refused as error:
            if error.status == 404:
                return True
            raise
        return readers.is_pending(answer.decode(Transaction))

    async def _reimbursements(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        window = TrailingWindow(self.config.first_days, _CHANGE_OVERLAP_DAYS)
        span = window.span(cursor, self.context.now())
        # Only what the company pays is listed unless the other direction is asked for.
        passes = [
            {"updated_after": _time(span.since), "direction": way}
            for way in ("BUSINESS_TO_USER", "USER_TO_BUSINESS")
        ]

        def read(_: int, record: msgspec.Raw) -> Sighting | None:
            row = decode(record, Reimbursement)
            expense = readers.read_reimbursement(row) if self._ours(row) else None
            return (readers.claimant(row), expense) if expense else None

        async for page in self._expenses("reimbursements", "reimbursements:read", span, passes, read):
            yield page

    async def _bills(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        span = self._window.span(cursor, self.context.now())
        since = _time(span.since)
        # A bill is paid long after it was issued, and archiving is how Ramp deletes: three lists.
        passes = [
            {"from_issued_date": since},
            {"from_paid_at": since},
            {"from_issued_date": since, "is_archived": "true"},
        ]

        def read(number: int, record: msgspec.Raw) -> Sighting | None:
            row = decode(record, Bill)
            if not self._ours(row) or not readers.bill_in_pass(row, number, span.since.date()):
                return None
            expense = readers.read_bill(row, archived=number == 2)
            return (readers.bill_owner(row), expense) if expense else None

        async for page in self._expenses("bills", "bills:read", span, passes, read):
            yield page

    @property
    def _window(self) -> TrailingWindow:
        return TrailingWindow(self.config.first_days, self.config.window_days)

    def _ours(self, row: Transaction | Reimbursement | Bill) -> bool:
        # The filter is asked for, too; a row that names another entity is none of this source's business.
        return self.config.entity_id is None or row.entity_id in {None, self.config.entity_id}

    async def _expenses(
        self,
        path: str,
        permission: str,
        span: Span,
        passes: Sequence[dict[str, str]],
        read: Callable[[int, msgspec.Raw], Sighting | None],
    ) -> AsyncIterator[Page]:
        """The pages of one window stream: the people whom a page names, then its expenses."""
        await self._whole_grant()
        filters = [{**one, "entity_id": self.config.entity_id} for one in passes]
        async for rows in self._lists.walk(path, permission, filters, span.position):
            found, skipped, ignored = each(rows.records, partial(read, rows.number))
            people = {person.ref: person for person, _ in found if person}
            yield Page(
                [*people.values(), *(expense for _, expense in found)],
                span.done() if rows.last else span.at(rows.position),
                last=rows.last,
                skipped=skipped,
                ignored=ignored,
            )


def _time(moment: datetime) -> str:
    # Ramp refuses bare dates here: "not a valid datetime".
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
