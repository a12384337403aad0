"""A Ramp to test and to show with: tokens, scopes, keyset pages, filters, limits and bad habits.

It serves below `/developer/v1`, as Ramp does; `RampSimulator.config(url)` gives the connector's config.
The `RampWorld` behind it may be changed while it serves: records edited in place are seen at once, and
records added or taken away as soon as a list is begun again.
"""

import base64
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from connectors.ramp.auth import TOKEN_LIFE
from connectors.simulation import FaultyApp

PREFIX = "/developer/v1"
Record = dict[str, Any]
Test = Callable[[Record], bool]


@dataclass
class RampWorld:
    """One company's Ramp account, in records exactly as Ramp's API answers them."""

    business_id: str
    users: list[Record] = field(default_factory=list)
    departments: list[Record] = field(default_factory=list)
    vendors: list[Record] = field(default_factory=list)
    transactions: list[Record] = field(default_factory=list)
    reimbursements: list[Record] = field(default_factory=list)
    bills: list[Record] = field(default_factory=list)
    business_name: str = "Example, Inc."


class _Problem(Exception):
    """An error answer: status, Ramp's error code, a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class _List:
    """How one list behaves: its scope, its filters, and the order of its keyset."""

    scope: str
    filters: dict[str, Callable[[str], Test]]
    defaults: dict[str, str] = field(default_factory=dict)
    order: str | None = None


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _since(name: str, upper: bool = False) -> Callable[[str], Test]:
    """A filter by date and time; Ramp does not take a bare date."""

    def build(value: str) -> Test:
        try:
            limit = datetime.fromisoformat(value)
        except ValueError:
            limit = None
        if limit is None or "T" not in value:
            raise _Problem(422, "DEVELOPER_7001", "Not a valid datetime.")
        limit = limit if limit.tzinfo else limit.replace(tzinfo=UTC)

        def test(record: Record) -> bool:
            moment = _moment(record.get(name))
            return moment is not None and (moment <= limit if upper else moment >= limit)

        return test

    return build


def _equals(name: str) -> Callable[[str], Test]:
    return lambda value: lambda record: record.get(name) == value


def _any(_: str) -> Test:
    return lambda _: True


def _one_of(name: str, *values: str) -> Callable[[str], Test]:
    def build(value: str) -> Test:
        if value not in values:
            raise _Problem(422, "DEVELOPER_7001", f"Must be one of: {', '.join(values)}.")
        return lambda record: record.get(name) == value

    return build


def _card_state(value: str) -> Test:
    known = {"ALL", "CLEARED", "COMPLETION", "DECLINED", "ERROR", "PENDING", "PENDING_INITIATION"}
    if value == "":
        return lambda record: record.get("state") not in {"DECLINED", "ERROR"}
    if value not in known:
        raise _Problem(422, "DEVELOPER_7001", f"Must be one of: {', '.join(sorted(known))}.")
    return lambda record: value in {"ALL", record.get("state")}


def _user_status(value: str) -> Test:
    if value == "":
        return lambda record: record.get("status") != "USER_SUSPENDED"
    return _one_of("status", "USER_ACTIVE", "USER_INACTIVE", "USER_SUSPENDED")(value)


def _archived(value: str) -> Test:
    wanted = value.lower() == "true"
    return lambda record: bool(record.get("archived_at")) is wanted


LISTS = {
    "users": _List(
        "users:read", {"status": _user_status, "entity_id": _equals("entity_id")}, defaults={"status": ""}
    ),
    "departments": _List("departments:read", {}),
    "vendors": _List(
        "vendors:read", {"from_updated_at": _since("updated_at"), "is_active": _any, "name": _equals("name")}
    ),
    "transactions": _List(
        "transactions:read",
        {
            "state": _card_state,
            "from_date": _since("user_transaction_time"),
            "to_date": _since("user_transaction_time", upper=True),
            "entity_id": _equals("entity_id"),
            "order_by_date_asc": _any,
            "order_by_date_desc": _any,
        },
        defaults={"state": ""},
        order="user_transaction_time",
    ),
    "reimbursements": _List(
        "reimbursements:read",
        {
            "direction": _one_of("direction", "BUSINESS_TO_USER", "USER_TO_BUSINESS"),
            "updated_after": _since("updated_at"),
            "from_submitted_at": _since("submitted_at"),
            "entity_id": _equals("entity_id"),
        },
        defaults={"direction": "BUSINESS_TO_USER"},
    ),
    "bills": _List(
        "bills:read",
        {
            "from_issued_date": _since("issued_at"),
            "from_due_date": _since("due_at"),
            "from_paid_at": _since("paid_at"),
            "is_archived": _archived,
            "entity_id": _equals("entity_id"),
        },
        defaults={"is_archived": "false"},
    ),
}


class RampSimulator:
    """Ramp's Developer API over a `RampWorld`; the ASGI application is `app`.

    Args:
        world: what the account holds.
        client_id: of the one app that may ask for tokens.
        client_secret: of that app.
        granted_scopes: the scopes enabled on the app; None for all that it may ask for.
        page_limit: the most records on a page, below the 100 that Ramp allows.
        rate_limits: answer 429 after 200 requests in 10 seconds, without saying how long to wait.
        ignores_bill_dates: the date filters of bills have no effect, as has been seen.
    """

    paged = r"/transactions\?"

    def __init__(
        self,
        world: RampWorld,
        *,
        client_id: str,
        client_secret: str,
        granted_scopes: set[str] | None = None,
        page_limit: int | None = None,
        rate_limits: bool = False,
        ignores_bill_dates: bool = False,
    ) -> None:
        self.world = world
        self._client = (client_id, client_secret)
        self._enabled = None if granted_scopes is None else set(granted_scopes)
        self._denied: set[str] = set()
        self._page_limit = page_limit or 100
        self._rate_limits = rate_limits
        self._ignores_bill_dates = ignores_bill_dates
        self._recent: deque[float] = deque()
        self._tokens: dict[str, frozenset[str]] = {}
        self._walks: dict[tuple[str, str], tuple[list[Record], dict[str, int]]] = {}
        routes = [
            Route("/token", self._handle(self._token), methods=["POST"]),
            Route("/business", self._handle(self._business)),
            Route("/transactions/{ref}", self._handle(self._one_transaction)),
            *(Route(f"/{name}", self._handle(self._lister(name))) for name in LISTS),
        ]
        self.app = FaultyApp(Starlette(routes=[Mount(PREFIX, routes=routes)]))

    def config(self, url: str) -> dict[str, Any]:
        """The connector's config to reach this simulator at `url`."""
        return {
            "base_url": url + PREFIX,
            "client_id": self._client[0],
            "client_secret": self._client[1],
        }

    def deny(self, permission: str) -> None:
        """Disable a scope on the app: tokens in use lose it, new ones come without it."""
        self._denied.add(permission)

    def expire_tokens(self) -> None:
        """Refuse every token given so far."""
        self._tokens.clear()

    def next_page_of(self, answer: Any, headers: dict[str, str]) -> str | None:  # noqa: ARG002
        """The URL in `page.next`."""
        return answer["page"]["next"]

    def next_page_at(self, answer: Any, headers: dict[str, str], target: str) -> Any:  # noqa: ARG002
        """The answer with another `page.next`."""
        query = "" if "?" in target else "?start=elsewhere"
        return {**answer, "page": {"next": target + query}}

    def without_records(self, answer: Any, headers: dict[str, str]) -> Any:  # noqa: ARG002
        """The answer without its records."""
        return {**answer, "data": []}

    def _handle(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            trace = {"x-trace-id": secrets.token_hex(8)}
            try:
                self._count()
                body = answer(request)
                if hasattr(body, "__await__"):
                    body = await body
                return Response(orjson.dumps(body), media_type="application/json", headers=trace)
            except _Problem as problem:
                error = {
                    "error": {"message": str(problem)},
                    "error_v2": {
                        "error_code": problem.code,
                        "message": str(problem),
                        "additional_info": {},
                        "notes": "",
                    },
                }
                return Response(
                    orjson.dumps(error), problem.status, media_type="application/json", headers=trace
                )

        return endpoint

    def _count(self) -> None:
        if not self._rate_limits:
            return
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 10:
            self._recent.popleft()
        if len(self._recent) >= 200:
            raise _Problem(429, "DEVELOPER_7011", "Too many requests.")
        self._recent.append(now)

    async def _token(self, request: Request) -> Any:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, secret = base64.b64decode(given).decode().partition(":")
        except ValueError:
            name, secret = "", ""
        if kind != "Basic" or (unquote_plus(name), unquote_plus(secret)) != self._client:
            raise _Problem(401, "DEVELOPER_7000", "invalid_client")
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials":
            raise _Problem(400, "DEVELOPER_7000", "unsupported_grant_type")
        # Without a scope the token is worth nothing, and scopes that are not enabled are dropped: no error.
        asked = form.get("scope", "").split()
        enabled = [
            s for s in asked if (self._enabled is None or s in self._enabled) and s not in self._denied
        ]
        token = "ramp_tok_" + secrets.token_hex(20)
        self._tokens[token] = frozenset(enabled)
        return {
            "access_token": token,
            "expires_in": int(TOKEN_LIFE),
            "scope": " ".join(enabled),
            "token_type": "Bearer",
        }

    def _allow(self, request: Request, scope: str) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        held = self._tokens.get(token)
        if held is None:
            raise _Problem(401, "DEVELOPER_7002", "The access token is invalid or has expired.")
        if scope not in held or scope in self._denied:
            raise _Problem(403, "DEVELOPER_7003", "The token does not have the scope that this needs.")

    def _business(self, request: Request) -> Any:
        self._allow(request, "business:read")
        return {"id": self.world.business_id, "business_name_legal": self.world.business_name, "active": True}

    def _one_transaction(self, request: Request) -> Any:
        self._allow(request, "transactions:read")
        for record in self.world.transactions:
            if record["id"] == request.path_params["ref"]:
                return record
        raise _Problem(404, "DEVELOPER_7009", "Not found.")

    def _lister(self, name: str) -> Callable[[Request], Any]:
        listed = LISTS[name]

        def answer(request: Request) -> Any:
            self._allow(request, listed.scope)
            query = dict(request.query_params)
            start = query.pop("start", None)
            size = self._page_size(query.pop("page_size", "20"))
            records, places = self._walk(name, listed, query, fresh=start is None)
            if start is not None and start not in places:
                raise _Problem(404, "DEVELOPER_7009", "The record that the page starts behind is unknown.")
            begin = 0 if start is None else places[start] + 1
            rows = records[begin : begin + min(size, self._page_limit)]
            following = None
            if begin + len(rows) < len(records):
                again = urlencode({**query, "page_size": size, "start": rows[-1]["id"]})
                following = f"{request.url.scheme}://{request.url.netloc}{request.url.path}?{again}"
            return {"data": rows, "page": {"next": following}}

        return answer

    def _page_size(self, text: str) -> int:
        if not text.isdigit() or not 2 <= int(text) <= 100:
            raise _Problem(422, "DEVELOPER_7001", "page_size must be between 2 and 100.")
        return int(text)

    def _walk(
        self, name: str, listed: _List, query: dict[str, str], *, fresh: bool
    ) -> tuple[list[Record], dict[str, int]]:
        """The filtered list in its order, with the place of each id; kept while pages of it are asked."""
        key = (name, urlencode(sorted(query.items())))
        if not fresh and key in self._walks:
            return self._walks[key]
        if sum(param.startswith("order_by_") for param in query) > 1:
            raise _Problem(422, "DEVELOPER_7001", "Only one ordering is possible.")
        tests: list[Test] = []
        for param, value in {**listed.defaults, **query}.items():
            if param not in listed.filters:
                raise _Problem(422, "DEVELOPER_7001", f"Unknown field: {param}.")
            test = listed.filters[param](value)
            if not (self._ignores_bill_dates and name == "bills" and param.startswith("from_")):
                tests.append(test)
        records = [r for r in getattr(self.world, name) if all(test(r) for test in tests)]
        if listed.order:
            order = listed.order
            records.sort(key=lambda r: (r[order], r["id"]), reverse="order_by_date_asc" not in query)
        # Only the newest walk of each list is kept; another one that goes on is worked out again.
        self._walks = {other: walk for other, walk in self._walks.items() if other[0] != name}
        self._walks[key] = (records, {r["id"]: place for place, r in enumerate(records)})
        return self._walks[key]
