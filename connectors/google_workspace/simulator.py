"""A simulated Google: the token endpoint, the Directory API and the Reports API on one address.

It checks signed assertions and scopes, validates parameters, pages, answers partial responses, and
has Google's manners: rate limits come as 403, logs are newest first, an empty log has no `items`,
a user without grants is a 404 and a suspended one a 401.
"""

import base64
import bisect
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.base import utc_now
from connectors.google_workspace.api import AUDIT, PEOPLE, SECURITY
from connectors.google_workspace.auth import GRANT_TYPE
from connectors.google_workspace.simulated import (
    ApiError,
    Fields,
    GoogleWorld,
    Log,
    api_error,
    claims_of,
    integer,
    make_service_account,
    parse_fields,
    revoke_activity,
    select,
)
from connectors.simulation import FaultyApp

OFFICIAL_AUDIENCE = "https://oauth2.googleapis.com/token"
RETENTION = timedelta(days=180)
APPLICATIONS = frozenset(
    {"admin", "calendar", "chat", "drive", "groups", "login", "meet", "mobile", "saml", "token"}
)
"""The logs that are simulated; asking for another is refused as an unknown one is."""

__all__ = ["GoogleWorkspaceSimulator", "GoogleWorld", "make_service_account"]


@dataclass
class _Issued:
    scopes: frozenset[str]
    subject: str
    until: datetime


class GoogleWorkspaceSimulator:
    """Serves a `GoogleWorld`; the ASGI application is `app`.

    Args:
        world: may be changed while serving.
        service_account_email: the only issuer whose assertions are accepted.
        public_key_pem: verifies the assertions.
        page_limit: at most this many records a page, whatever is asked for.
        rate_limits: refuse more than Google's requests a minute.
        now: the clock.
    """

    paged = r"^/admin/directory/v1/users\?(?=.*projection=full)(?=.*organizations)(?=.*showDeleted=false)"

    def __init__(
        self,
        world: GoogleWorld,
        *,
        service_account_email: str,
        public_key_pem: str,
        page_limit: int | None = None,
        rate_limits: bool = False,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.world = world
        self.requests_a_minute: int | None = 2400 if rate_limits else None
        self._email, self._key = service_account_email, public_key_pem
        self._page_limit, self._now = page_limit, now
        self._denied: set[str] = set()
        self._issued: dict[str, _Issued] = {}
        self._indexed = -1
        self._by_key: dict[str, dict[str, Any]] = {}
        self._counter = 0
        self._generation = 0
        self._recent: dict[str, list[float]] = {}
        self._fields: dict[str, Fields] = {}
        self._logs: dict[tuple[str, str | None], Log] = {}
        directory, reports = "/admin/directory/v1", "/admin/reports/v1"
        self.app = FaultyApp(
            Starlette(
                routes=[
                    Route("/token", self._token, methods=["POST"]),
                    Route(f"{directory}/users", self._guarded(self._users, PEOPLE)),
                    Route(f"{directory}/users/{{key}}", self._guarded(self._user, PEOPLE)),
                    Route(f"{directory}/users/{{key}}/tokens", self._guarded(self._tokens, SECURITY)),
                    Route(
                        f"{directory}/users/{{key}}/tokens/{{client}}",
                        self._guarded(self._delete_token, SECURITY),
                        methods=["DELETE"],
                    ),
                    Route(
                        f"{reports}/activity/users/{{key}}/applications/{{application}}",
                        self._guarded(self._activities, AUDIT),
                    ),
                ]
            )
        )

    # --- what the conformance suite uses ------------------------------------------------------

    def next_page_of(self, answer: Any, headers: dict[str, str]) -> str | None:  # noqa: ARG002
        """The page token of the next page."""
        return answer.get("nextPageToken")

    def next_page_at(self, answer: Any, headers: dict[str, str], target: str) -> Any:  # noqa: ARG002
        """The answer with another next page."""
        return {**answer, "nextPageToken": target}

    def without_records(self, answer: Any, headers: dict[str, str]) -> Any:  # noqa: ARG002
        """The answer without its records: Google leaves the field out."""
        return {k: v for k, v in answer.items() if k not in {"users", "items"}}

    def deny(self, permission: str) -> None:
        """Take a scope out of the delegation: no new tokens, and the old ones stop working."""
        self._denied.add(permission)

    def expire_tokens(self) -> None:
        """End all access tokens."""
        self._issued.clear()

    def expire_page_tokens(self) -> None:
        """End all page tokens, as after three days."""
        self._generation += 1

    # --- tokens ------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if form.get("grant_type") != GRANT_TYPE:
            return _refused(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")
        claims = claims_of(str(form.get("assertion") or ""), self._key)
        if claims is None:
            return _refused(400, "invalid_grant", "Invalid JWT Signature.")
        now = self._now().timestamp()
        if claims.get("iss") != self._email:
            return _refused(400, "invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in {OFFICIAL_AUDIENCE, str(request.url.replace(query=""))}:
            return _refused(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        issued, ends = claims.get("iat", 0), claims.get("exp", 0)
        if not (issued - 300 <= now <= ends and ends - issued <= 3600):
            return _refused(
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim.",
            )
        subject = self._find(str(claims.get("sub")))
        if subject is None or subject.get("deletionTime") or subject.get("suspended"):
            return _refused(400, "invalid_grant", "Invalid email or User ID")
        scopes = frozenset(str(claims.get("scope") or "").split())
        if not scopes or scopes - {PEOPLE, SECURITY, AUDIT} or scopes & self._denied:
            # All or nothing: Google does not say which of the scopes is missing.
            return _refused(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not "
                "authorized for any of the scopes requested.",
            )
        self._counter += 1
        token = f"ya29.simulated-{self._counter}-{hashlib.sha256(str(now).encode()).hexdigest()[:12]}"
        self._issued[token] = _Issued(scopes, subject["primaryEmail"], self._now() + timedelta(seconds=3599))
        return _json({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _guarded(self, answer: Callable[[Request], Any], scope: str) -> Callable[[Request], Any]:
        """The endpoint behind its token, scope, role and rate-limit checks."""

        async def endpoint(request: Request) -> Response:
            try:
                self._admit(request, scope)
                body = answer(request)
                if body is None:
                    return Response(status_code=204)
                mask = request.query_params.get("fields")
                return _json(select(body, self._mask(mask)) if mask else body)
            except ApiError as error:
                return _json(error.body, error.status, error.headers)

        return endpoint

    def _mask(self, text: str) -> Fields:
        if text not in self._fields:
            self._fields[text] = parse_fields(text)
        return self._fields[text]

    def _admit(self, request: Request, scope: str) -> None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        issued = self._issued.get(bearer)
        if issued is None or issued.until <= self._now():
            raise api_error(401, "authError", "Invalid Credentials")
        if scope not in issued.scopes or scope in self._denied:
            raise api_error(
                403,
                "insufficientPermissions",
                "Request had insufficient authentication scopes.",
                detail="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            )
        self._count("reports" if scope == AUDIT else "directory")
        admin = self._find(issued.subject)
        if admin is None or not (admin.get("isAdmin") or admin.get("isDelegatedAdmin")):
            raise api_error(403, "forbidden", "Not Authorized to access this resource/api")

    def _count(self, api: str) -> None:
        if self.requests_a_minute is None:
            return
        now = time.monotonic()
        recent = self._recent[api] = [t for t in self._recent.get(api, []) if t > now - 60]
        if len(recent) >= self.requests_a_minute:
            if api == "reports":
                raise api_error(429, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'")
            raise api_error(403, "userRateLimitExceeded", "User-rate limit exceeded.  Please retry later.")
        recent.append(now)

    # --- Directory ---------------------------------------------------------------------------

    def _find(self, key: str) -> dict[str, Any] | None:
        users = self.world.users
        if self._indexed != len(users):
            self._indexed, self._by_key = len(users), {}
            for user in reversed(users):
                aliases = user.get("aliases")
                names = aliases if isinstance(aliases, list) else []
                for name in (user.get("id"), user.get("primaryEmail"), *names):
                    if isinstance(name, str):
                        self._by_key[name] = user
        return self._by_key.get(key)

    def _users(self, request: Request) -> dict[str, Any]:
        query = request.query_params
        if "customer" not in query and "domain" not in query:
            raise api_error(400, "badRequest", "Bad Request")
        if query.get("customer", "my_customer") not in {"my_customer", self.world.customer_id}:
            raise api_error(400, "invalid", "Invalid Input: customer")
        for name, allowed in {
            "projection": {"basic", "custom", "full"},
            "orderBy": {"email", "familyName", "givenName"},
            "sortOrder": {"ASCENDING", "DESCENDING"},
            "viewType": {"admin_view", "domain_public"},
        }.items():
            if name in query and query[name] not in allowed:
                raise api_error(400, "invalidParameter", f"Invalid value '{query[name]}' for {name}")
        size = integer(query, "maxResults", default=100, lowest=1, highest=500)
        deleted = query.get("showDeleted", "false") == "true"
        listed = [u for u in self.world.users if bool(u.get("deletionTime")) == deleted]
        listed.sort(key=lambda u: u["primaryEmail"])
        page, following = self._cut(listed, size, request)
        found: dict[str, Any] = {"kind": "admin#directory#users", "etag": '"users"'}
        if page:
            found["users"] = page
        if following:
            found["nextPageToken"] = following
        return found

    def _user(self, request: Request) -> dict[str, Any]:
        user = self._find(request.path_params["key"])
        if user is None or user.get("deletionTime"):
            raise api_error(404, "notFound", "Resource Not Found: userKey")
        return user

    def _tokens(self, request: Request) -> dict[str, Any]:
        user = self._find(request.path_params["key"])
        if user is None:
            raise api_error(404, "notFound", "Resource Not Found: userKey")
        if user.get("suspended") or user.get("archived") or user.get("deletionTime"):
            raise api_error(401, "authError", "Login Required")
        tokens = self.world.tokens.get(user["primaryEmail"])
        if tokens is None:
            raise api_error(404, "notFound", "Resource Not Found: token")
        found: dict[str, Any] = {"kind": "admin#directory#tokenList", "etag": '"tokens"'}
        return {**found, "items": tokens} if tokens else found

    def _delete_token(self, request: Request) -> None:
        """End an app's access; the log tells of it, as when a person does."""
        client = request.path_params["client"]
        held = self._tokens(request).get("items", [])
        ended = [token for token in held if token.get("clientId") == client]
        user = self._find(request.path_params["key"])
        if not ended or user is None:
            raise api_error(404, "notFound", "Resource Not Found: token")
        self.world.tokens[user["primaryEmail"]] = [token for token in held if token not in ended]
        self.world.activities.setdefault("token", []).append(revoke_activity(user, ended[0], self._now()))

    # --- Reports -----------------------------------------------------------------------------

    def _activities(self, request: Request) -> dict[str, Any]:
        query, application = request.query_params, request.path_params["application"]
        if application not in APPLICATIONS:
            raise api_error(400, "invalid", f"Invalid value '{application}' for applicationName")
        now = self._now()
        begin = _time(query.get("startTime")) or now - RETENTION
        end = _time(query.get("endTime")) or now
        if begin < now - RETENTION - timedelta(minutes=1):
            raise api_error(400, "invalid", "Start time is older than 180 days")
        if begin >= now or begin >= end:
            raise api_error(400, "invalid", "Start time must be before end time and the current time")
        size = integer(query, "maxResults", default=1000, lowest=1, highest=1000)
        log = self._log(application, query.get("eventName"))
        # Both ends are inclusive.
        newest = bisect.bisect_left(log.negated, -end.timestamp())
        oldest = bisect.bisect_right(log.negated, -begin.timestamp())
        listed = log.newest_first[newest:oldest]
        key = request.path_params["key"]
        if key != "all":
            listed = [a for a in listed if key in a.get("actor", {}).values()]
        page, following = self._cut(listed, size, request)
        found: dict[str, Any] = {"kind": "admin#reports#activities", "etag": '"activities"'}
        if page:
            found["items"] = page
        if following:
            found["nextPageToken"] = following
        return found

    def _log(self, application: str, event: str | None) -> Log:
        activities = self.world.activities.get(application, [])
        log = self._logs.get((application, event))
        if log is None or log.size != len(activities):
            chosen = [
                (-datetime.fromisoformat(a["id"]["time"]).timestamp(), number, a)
                for number, a in enumerate(activities)
                if event is None or any(e.get("name") == event for e in a.get("events", ()))
            ]
            chosen.sort(key=lambda c: c[:2])
            log = Log(len(activities), [c[2] for c in chosen], [c[0] for c in chosen])
            self._logs[application, event] = log
        return log

    # --- pages -------------------------------------------------------------------------------

    def _cut(self, listed: list[Any], size: int, request: Request) -> tuple[list[Any], str | None]:
        size = min(size, self._page_limit or size)
        token = request.query_params.get("pageToken")
        start = 0 if token is None else self._offset(token, request)
        end = start + size
        return listed[start:end], self._page_token(end, request) if end < len(listed) else None

    def _page_token(self, offset: int, request: Request) -> str:
        body = json.dumps([offset, self._generation]).encode()
        asked = sorted((k, v) for k, v in request.query_params.items() if k != "pageToken")
        seal = hmac.digest(b"pages", body + repr((request.url.path, asked)).encode(), "sha256")[:12]
        return base64.urlsafe_b64encode(seal + body).decode()

    def _offset(self, token: str, request: Request) -> int:
        """The offset a token stands for; it is good for the very same query only, and for a while."""
        try:
            offset, generation = json.loads(base64.urlsafe_b64decode(token)[12:])
        except ValueError:
            offset, generation = -1, -1
        if generation != self._generation or self._page_token(offset, request) != token:
            raise api_error(400, "invalid", "Invalid Input: pageToken")
        return offset


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise api_error(400, "invalid", f"Invalid value '{text}': a time as in RFC 3339 is expected")
    return found


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(body), status, {"content-type": "application/json; charset=UTF-8", **(headers or {})}
    )


def _refused(status: int, error: str, description: str) -> Response:
    return _json({"error": error, "error_description": description}, status)
