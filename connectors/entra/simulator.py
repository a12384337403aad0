"""Microsoft Graph and the sign-in service, simulated: one ASGI application, one origin.

It pages, throttles, refuses and errs as the vendor documents. Records are given as Graph would send
them; answers are put together from records encoded once.
"""

import base64
import bisect
import math
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.entra.simulator_auth import Certificate, TokenService
from connectors.entra.simulator_schema import (
    LOG_FIELDS,
    SELECTABLE,
    USER_DEFAULTS,
    Refusal,
    graph_error,
    page_size,
    parse_filter,
)
from connectors.entra.simulator_world import EntraWorld, Record, sample_world
from connectors.simulation import FaultyApp

__all__ = ["EntraSimulator", "EntraWorld", "sample_world"]

_ANY_DIRECTORY = ({"Directory.Read.All"},)
_PERMISSIONS: dict[str, tuple[set[str], ...]] = {
    # Any one of the sets is enough; within a set all are needed.
    "organization": ({"Directory.Read.All"}, {"Organization.Read.All"}),
    "users": ({"Directory.Read.All"}, {"User.Read.All"}),
    "servicePrincipals": ({"Directory.Read.All"}, {"Application.Read.All"}),
    "oauth2PermissionGrants": _ANY_DIRECTORY,
    "ending a grant": ({"DelegatedPermissionGrant.ReadWrite.All"}, {"Directory.ReadWrite.All"}),
    "directoryAudits": ({"AuditLog.Read.All"},),
    "signIns": ({"AuditLog.Read.All", "Directory.Read.All"},),
}


class _Log:
    """Audit records, newest first, with their times ready for a binary search."""

    def __init__(self, records: list[Record], time_field: str) -> None:
        self.records = sorted(records, key=lambda r: r[time_field], reverse=True)
        # Negated order: ascending positions for bisect.
        self._times = [r[time_field][:19] for r in reversed(self.records)]
        self.encoded = [orjson.dumps(r) for r in self.records]

    def between(self, start: str | None, end: str | None) -> range:
        """Positions (newest first) of the records in a closed interval of seconds."""
        low = bisect.bisect_left(self._times, start) if start else 0
        high = bisect.bisect_right(self._times, end) if end else len(self._times)
        size = len(self._times)
        return range(size - high, max(size - low, size - high))


class EntraSimulator:
    """The vendor's side of the Entra connector.

    Args:
        world: the tenant.
        client_id: the app registration that may sign in.
        client_secret: its secret.
        certificate: a certificate it may sign in with as well.
        page_limit: no page of the directory is longer, whatever $top asks (pages vary for real, too).
        rate_limits: count requests and answer 429 as the vendor does.
        premium: the tenant has a P1 or P2 licence; without it there is no sign-in log.
        clock: seconds, for the rate limits.

    Attributes:
        app: the ASGI application, with plannable faults.
        slow_above: a log query with more matches than this times out with 504.
        retry_after: whether a 429 says how long to wait (some of the vendor's do not).
    """

    paged = r"^/v1\.0/users\?"

    def __init__(
        self,
        world: EntraWorld,
        *,
        client_id: str,
        client_secret: str,
        certificate: Certificate | None = None,
        page_limit: int | None = None,
        rate_limits: bool = False,
        premium: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.world = world
        self.premium = premium
        self.slow_above: int | None = None
        self.retry_after = True
        self._page_limit = page_limit
        self._rate_limits = rate_limits
        self._clock = clock
        self._recent: deque[float] = deque()
        self._units: deque[tuple[float, int]] = deque()
        self._granted = {"Directory.Read.All", "AuditLog.Read.All"}
        self._page_epoch = 0
        self._tokens = TokenService(world.tenant_id, client_id, client_secret, certificate)
        self.refresh()
        tenant = "/{tenant}"
        routes = [
            Route(tenant + "/v2.0/.well-known/openid-configuration", self._tokens.discovery),
            Route(tenant + "/oauth2/v2.0/token", self._tokens.token, methods=["POST"]),
            Route("/v1.0/organization", self._directory("organization", lambda _: [self._organization()])),
            Route("/v1.0/users", self._directory("users", lambda _: world.users)),
            Route(
                "/v1.0/servicePrincipals",
                self._directory("servicePrincipals", lambda _: world.service_principals),
            ),
            Route("/v1.0/servicePrincipals/{id}", self._guarded("servicePrincipals", self._one_app)),
            Route("/v1.0/servicePrincipals/{id}/appRoleAssignedTo", self._roles(world.app_role_assignments)),
            Route("/v1.0/servicePrincipals/{id}/appRoleAssignments", self._roles(world.app_permissions)),
            Route(
                "/v1.0/oauth2PermissionGrants",
                self._directory("oauth2PermissionGrants", lambda _: world.permission_grants),
            ),
            Route(
                "/v1.0/oauth2PermissionGrants/{id}", self._guarded("oauth2PermissionGrants", self._one_grant)
            ),
            Route(
                "/v1.0/oauth2PermissionGrants/{id}",
                self._guarded("ending a grant", self._end_grant),
                methods=["DELETE"],
            ),
            Route("/v1.0/auditLogs/{log}", self._log),
        ]
        self.app = FaultyApp(Starlette(routes=routes, exception_handlers={Refusal: _refused}))

    # What the conformance suite needs -------------------------------------------------------------

    def next_page_of(self, answer: Any, headers: Mapping[str, str]) -> str | None:  # noqa: ARG002
        """The next link of an answer."""
        return answer.get("@odata.nextLink")

    def next_page_at(self, answer: Any, headers: Mapping[str, str], target: str) -> Any:  # noqa: ARG002
        """The answer with another next link."""
        return {**answer, "@odata.nextLink": target}

    def without_records(self, answer: Any, headers: Mapping[str, str]) -> Any:  # noqa: ARG002
        """The answer with no records, as Graph sends now and then in the middle of a list."""
        return {**answer, "value": []}

    def deny(self, permission: str) -> None:
        """Take an application permission away."""
        self._granted.discard(permission)

    def grant(self, *permissions: str) -> None:
        """Give application permissions."""
        self._granted.update(permissions)

    def expire_tokens(self) -> None:
        """Refuse every token minted so far."""
        self._tokens.expire()

    def expire_page_tokens(self) -> None:
        """Let every next link given so far be too old, as minutes do for real."""
        self._page_epoch += 1

    def refresh(self) -> None:
        """Take up changes made to the world; answers are prepared from it once."""
        self._encoded: dict[tuple[str, str, str], list[bytes]] = {}
        self._apps = {sp["id"]: sp for sp in self.world.service_principals}
        self._logs = {
            "directoryAudits": _Log(self.world.directory_audits, "activityDateTime"),
            "signIns": _Log(self.world.sign_ins, "createdDateTime"),
        }

    # Guards ---------------------------------------------------------------------------------------

    def _guarded(self, kind: str, answer: Callable[[Request], Response]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            self._admit(request, kind)
            if self._rate_limits:
                self._charge(2)
            return answer(request)

        return endpoint

    def _admit(self, request: Request, kind: str) -> None:
        if not self._tokens.accepts(request.headers.get("authorization", "")):
            raise Refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        choices = _PERMISSIONS[kind]
        if any(choice <= self._granted for choice in choices):
            return
        if kind in LOG_FIELDS:
            missing = ", ".join(sorted(choices[0] - self._granted))
            raise Refusal(
                403,
                "Authentication_MSGraphPermissionMissing",
                f"The principal does not have required Microsoft Graph permission(s): {missing} to call this "
                "API. For more information about Microsoft Graph permissions, please visit "
                "https://learn.microsoft.com/graph/permissions-overview.",
            )
        raise Refusal(
            403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
        )

    def _charge(self, units: int) -> None:
        """The identity service's resource units: 3,500 in 10 seconds for a small tenant."""
        now = self._clock()
        while self._units and self._units[0][0] <= now - 10:
            self._units.popleft()
        if sum(cost for _, cost in self._units) + units > 3500:
            headers = {
                "x-ms-throttle-scope": "Tenant_Application/Read",
                "x-ms-throttle-limit-percentage": "1.0",
            }
            if self.retry_after:
                headers["Retry-After"] = str(math.ceil(self._units[0][0] + 10 - now))
            raise Refusal(429, "TooManyRequests", "Too many requests.", headers)
        self._units.append((now, units))

    def _charge_report(self) -> None:
        """The audit logs' own limit: 5 requests in 10 seconds."""
        now = self._clock()
        while self._recent and self._recent[0] <= now - 10:
            self._recent.popleft()
        if len(self._recent) >= 5:
            wait = math.ceil(self._recent[0] + 10 - now)
            raise Refusal(
                429,
                "UnknownError",
                "Too many requests. Request has been throttled.",
                {"Retry-After": str(wait)} if self.retry_after else {},
            )
        self._recent.append(now)

    # Directory ------------------------------------------------------------------------------------

    def _directory(self, kind: str, records: Callable[[Request], list[Record]]) -> Callable[[Request], Any]:
        return self._guarded(kind, lambda request: self._list(request, kind, records(request)))

    def _roles(self, by_app: dict[str, list[Record]]) -> Callable[[Request], Any]:
        def answer(request: Request) -> Response:
            ref = request.path_params["id"]
            self._known_app(ref)
            return self._list(request, "appRoleAssignments", by_app.get(ref, []))

        return self._guarded("servicePrincipals", answer)

    def _known_app(self, ref: str) -> Record:
        if ref not in self._apps:
            raise Refusal(
                404,
                "Request_ResourceNotFound",
                f"Resource '{ref}' does not exist.",
            )
        return self._apps[ref]

    def _one_app(self, request: Request) -> Response:
        record = self._known_app(request.path_params["id"])
        chosen = _select(request, "servicePrincipals")
        return _json(orjson.dumps({k: v for k, v in record.items() if not chosen or k in chosen}))

    def _known_grant(self, request: Request) -> Record:
        ref = request.path_params["id"]
        found = next((g for g in self.world.permission_grants if g["id"] == ref), None)
        if found is None:
            raise Refusal(404, "Request_ResourceNotFound", f"Resource '{ref}' does not exist.")
        return found

    def _one_grant(self, request: Request) -> Response:
        return _json(orjson.dumps(self._known_grant(request)))

    def _end_grant(self, request: Request) -> Response:
        self.world.permission_grants.remove(self._known_grant(request))
        self.refresh()
        return Response(status_code=204)

    def _organization(self) -> Record:
        addresses = (str(u.get("userPrincipalName") or "") for u in self.world.users)
        names = sorted({a.partition("@")[2] for a in addresses if "@" in a and "#EXT#" not in a})
        return {
            "id": self.world.tenant_id,
            "displayName": "Simulated tenant",
            "verifiedDomains": [{"name": name, "isDefault": not at} for at, name in enumerate(names)],
            **self.world.organization,
        }

    def _list(self, request: Request, kind: str, records: list[Record]) -> Response:
        query = request.query_params
        for name in query:
            if name not in {"$select", "$expand", "$top", "$filter", "$count", "$skiptoken", "$orderby"}:
                raise Refusal(400, "Request_UnsupportedQuery", f"Unsupported Query: {name}.")
        top = page_size(query.get("$top"), 999, 100)
        expand = query.get("$expand", "")
        if expand:
            if kind != "users" or not re.fullmatch(r"manager(\(\$select=[a-zA-Z,]+\))?", expand):
                raise Refusal(400, "BadRequest", "Parsing OData Select and Expand failed.")
            top = min(top, 100)
        chosen = _select(request, kind)
        wanted = parse_filter(query.get("$filter", ""), kind)
        if wanted:
            matching = [r for r in records if all(r.get(f) == v for f, _, v in wanted)]
            encoded = [orjson.dumps(r) for r in matching]
        else:
            encoded = self._encode(request.url.path, kind, records, chosen, expand)
        return self._page(request, encoded, range(len(encoded)), min(top, self._page_limit or top))

    def _encode(
        self, path: str, kind: str, records: list[Record], chosen: frozenset[str], expand: str
    ) -> list[bytes]:
        key = (path, ",".join(sorted(chosen)), expand)
        if key not in self._encoded:
            # Without $select, users come with a handful of properties and the rest silently missing.
            fields = chosen or (USER_DEFAULTS if kind == "users" else frozenset())
            kept = fields | {"id"} | ({"manager"} if expand else set())
            everything = not fields
            self._encoded[key] = [
                orjson.dumps({k: v for k, v in r.items() if k in kept or (everything and k != "manager")})
                for r in records
            ]
        return self._encoded[key]

    # Logs -----------------------------------------------------------------------------------------

    async def _log(self, request: Request) -> Response:
        name = request.path_params["log"]
        if name not in self._logs:
            raise Refusal(400, "BadRequest", f"Resource not found for the segment '{name}'.")
        self._admit(request, name)
        if name == "signIns" and not self.premium:
            raise Refusal(
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "Neither tenant is B2C or tenant doesn't have premium license",
            )
        if self._rate_limits:
            self._charge_report()
        query = request.query_params
        allowed = {"$top", "$filter", "$skiptoken"} | ({"$orderby"} if name == "directoryAudits" else set())
        for option in query:
            if option not in allowed:
                raise Refusal(400, "BadRequest", f"Query option '{option[1:].title()}' is not allowed.")
        time_field = LOG_FIELDS[name]
        start = end = None
        others: list[tuple[str, str, str]] = []
        for clause in parse_filter(query.get("$filter", ""), name):
            if clause[0] != time_field:
                others.append(clause)
            elif clause[1] == "ge":
                start = clause[2][:19]
            else:
                end = clause[2][:19]
        log = self._logs[name]
        positions: range | list[int] = log.between(start, end)
        if others:
            positions = [p for p in positions if all(log.records[p].get(f) == v for f, _, v in others)]
        if self.slow_above is not None and len(positions) > self.slow_above:
            raise Refusal(504, "UnknownError", "The gateway timed out.")
        return self._page(request, log.encoded, positions, page_size(query.get("$top"), 1000, 1000))

    # Pages ----------------------------------------------------------------------------------------

    def _page(
        self, request: Request, encoded: list[bytes], positions: range | list[int], size: int
    ) -> Response:
        offset = self._offset(request.query_params.get("$skiptoken"))
        chunk = positions[offset : offset + size]
        origin = f"{request.url.scheme}://{request.headers.get('host', '')}"
        kind = request.url.path.removeprefix("/v1.0/")
        head = b'{"@odata.context":' + orjson.dumps(f"{origin}/v1.0/$metadata#{kind}")
        if offset + size < len(positions):
            query = {k: v for k, v in request.query_params.items() if k != "$skiptoken"}
            query["$skiptoken"] = self._skip_token(offset + size)
            link = f"{origin}{request.url.path}?{urlencode(query, safe='$(),=')}"
            head += b',"@odata.nextLink":' + orjson.dumps(link)
        body = head + b',"value":[' + b",".join([encoded[p] for p in chunk]) + b"]}"
        return _json(body, {"x-ms-resource-unit": "2"})

    def _skip_token(self, offset: int) -> str:
        return base64.urlsafe_b64encode(orjson.dumps([self._page_epoch, offset])).decode().rstrip("=")

    def _offset(self, token: str | None) -> int:
        if token is None:
            return 0
        try:
            epoch, offset = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        except ValueError:
            raise Refusal(400, "Directory_InvalidPageToken", "The page token is invalid.") from None
        if epoch != self._page_epoch:
            raise Refusal(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        return offset


def _json(body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, media_type="application/json", headers=headers)


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, Refusal)
    return Response(
        graph_error(error.code, error.message), error.status, error.headers, media_type="application/json"
    )


def _select(request: Request, kind: str) -> frozenset[str]:
    value = request.query_params.get("$select")
    chosen = frozenset(value.split(",")) if value else frozenset()
    for name in sorted(chosen - SELECTABLE[kind]):
        raise Refusal(400, "BadRequest", f"Could not find a property named '{name}' on type '{kind}'.")
    return chosen
