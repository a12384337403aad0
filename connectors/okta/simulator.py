"""A simulated Okta org: pages, limits, filters, refuses and lies as Okta does.

Parameters, limits and error bodies follow Okta's Management API specification; what the
specification leaves out (polling, 429 headers, the error of a bad cursor) follows recorded traffic.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.base import utc_now
from connectors.okta.answers import (
    APP_GROUPS,
    APP_USERS,
    APPS,
    GRANTS,
    INTEGRATIONS,
    LOGS,
    USERS,
    Endpoint,
    Problem,
    raw,
    reply,
)
from connectors.okta.sample import sample_world
from connectors.okta.scim import BadFilter, Test, parse
from connectors.okta.token_server import PublicKey, Refused, TokenServer
from connectors.okta.world import OktaWorld
from connectors.simulation import FaultyApp

__all__ = ["OktaSimulator", "OktaWorld", "sample_world"]

RETENTION, OLDEST = timedelta(days=90), timedelta(days=180)


class OktaSimulator:
    """An ASGI application (`app`) that answers as the org of `world` would.

    Args:
        world: what the org holds; may change while serving.
        tokens: API tokens that are accepted.
        page_limit: never send more records than this in one page, whatever was asked.
        rate_limits: count requests and answer 429 above what Okta allows one token.
        clients: service apps, public keys by client id.
        dpop: service apps must prove possession of a key.
        log_pages: bodies of log pages, sent as they are instead of `world.log`, for measuring.
        now: the org's clock.
        monotonic: the clock of the rate limits' windows.
    """

    paged = r"^/api/v1/users\?"

    def __init__(
        self,
        world: OktaWorld,
        *,
        tokens: Sequence[str] = ("00simulated-token",),
        page_limit: int | None = None,
        rate_limits: bool = False,
        clients: Mapping[str, PublicKey] | None = None,
        dpop: bool = False,
        log_pages: Sequence[bytes] | None = None,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.world = world
        self.limits: dict[str, int] | None = (
            {"users": 300, "apps": 50, "logs": 60, "default": 50} if rate_limits else None
        )
        self._tokens = set(tokens)
        self._page_limit = page_limit
        self._log_pages = log_pages
        self._now = now
        self._monotonic = monotonic
        self._denied: set[str] = set()
        self._windows: dict[str, tuple[float, int]] = {}
        self._server = TokenServer(
            clients or {},
            lambda scope: scope.startswith("okta.") and scope not in self._denied,
            dpop=dpop,
            now=lambda: now().timestamp(),
        )
        routes = [
            Route("/.well-known/okta-organization", self._organization),
            Route("/oauth2/v1/token", self._token, methods=["POST"]),
            self._list("/api/v1/users", USERS, self._users),
            self._list("/api/v1/users/{key}/grants", GRANTS, self._grants),
            self._list("/api/v1/apps", APPS, self._apps),
            self._list("/api/v1/apps/{key}/users", APP_USERS, self._app_users),
            self._list("/api/v1/apps/{key}/groups", APP_GROUPS, self._app_groups),
            self._list("/integrations/api/v1/api-services", INTEGRATIONS, lambda _: self.world.integrations),
            Route("/api/v1/logs", self._guarded(LOGS, self._logs)),
        ]
        self.app = FaultyApp(Starlette(routes=routes))

    # What the conformance suite turns and reads.

    def next_page_of(self, answer: Any, headers: dict[str, str]) -> str | None:  # noqa: ARG002
        """The next link of an answer."""
        link = headers.get("link", "")
        return link.partition(">")[0].removeprefix("<") if 'rel="next"' in link else None

    def next_page_at(self, answer: Any, headers: dict[str, str], target: str) -> Any:
        """Point an answer's next link elsewhere."""
        headers["link"] = f'<{target}>; rel="next"'
        return answer

    def without_records(self, answer: Any, headers: dict[str, str]) -> Any:  # noqa: ARG002
        """An empty page that still has a next link."""
        return []

    def deny(self, permission: str) -> None:
        """Take a scope away, from service apps and from the role behind API tokens."""
        self._denied.add(permission)

    def expire_tokens(self) -> None:
        """Revoke every API token and every access token; service apps may get new ones."""
        self._tokens.clear()
        self._server.issued.clear()

    # Endpoints.

    async def _organization(self, request: Request) -> Response:  # noqa: ARG002
        host = f"https://{self.world.org_host}"
        links = {"organization": {"href": host}}
        return reply({"id": "00o1n8sbwArJ7OQRw406", "pipeline": "idx", "_links": links})

    async def _token(self, request: Request) -> Response:
        try:
            given = self._server.token(await request.body(), _plain(request), request.headers.get("dpop"))
        except Refused as error:
            return reply(error.body, error.status, error.headers)
        return reply(given)

    def _users(self, request: Request) -> list[Any]:
        expression = request.query_params.get("filter") or request.query_params.get("search")
        if expression is None:
            # As documented: the plain list leaves out those who left.
            return [u for u in self.world.users if u["status"] != "DEPROVISIONED"]
        test = _parsed(expression)
        return [u for u in self.world.users if test(u)]

    def _apps(self, request: Request) -> list[Any]:
        inactive = request.query_params.get("includeNonDeleted") == "true"
        test = _parsed(request.query_params.get("filter"))
        return [a for a in self.world.apps if test(a) and (inactive or a["status"] == "ACTIVE")]

    def _app_users(self, request: Request) -> list[Any]:
        return self.world.app_users.get(self._known(request, self.world.apps), [])

    def _app_groups(self, request: Request) -> list[Any]:
        groups = self.world.app_groups.get(self._known(request, self.world.apps), [])
        if request.query_params.get("expand") == "group":
            return groups
        return [{k: v for k, v in group.items() if k != "_embedded"} for group in groups]

    def _grants(self, request: Request) -> list[Any]:
        return self.world.user_grants.get(self._known(request, self.world.users), [])

    @staticmethod
    def _known(request: Request, records: list[dict[str, Any]]) -> str:
        key = request.path_params["key"]
        if not any(record["id"] == key for record in records):
            raise Problem(404, "E0000007", f"Resource not found: {key}")
        return key

    def _logs(self, request: Request) -> Response:
        query = request.query_params
        limit = self._limit(request, LOGS)
        if self._log_pages is not None:
            at = _offset(query.get("after"), "log")
            body = self._log_pages[at] if at < len(self._log_pages) else b"[]"
            following = min(at + 1, len(self._log_pages))
            return raw(body, self._links(request, following, "log"))
        now = self._now()
        since = _date(query.get("since")) or now - timedelta(days=7)
        if since < now - OLDEST:
            raise Problem(400, "E0000053", "since")
        test = _parsed(query.get("filter"))
        until = _date(query.get("until"))
        events = self.world.log
        kept = now - RETENTION
        if until is not None or query.get("sortOrder") == "DESCENDING":
            found = [e for e in events if test(e) and since <= _published(e) < (until or now)]
            found.sort(key=_published, reverse=query.get("sortOrder") == "DESCENDING")
            at = _offset(query.get("after"), "bounded")
            page = found[at : at + limit]
            more = at + limit < len(found)
            return reply(page, headers=self._links(request, at + limit if more else None, "bounded"))
        if query.get("after") is None:
            # By the time of storing, which is the order of the list: events that were published
            # earlier but stored later come as well.
            start = max(since, kept)
            at = next((i for i, e in enumerate(events) if _published(e) >= start), len(events))
        else:
            at = _offset(query.get("after"), "log")
        page = []
        while at < len(events) and len(page) < limit:
            if test(events[at]) and _published(events[at]) >= kept:
                page.append(events[at])
            at += 1
        # A polling request always has a next link, also behind the newest event.
        return reply(page, headers=self._links(request, at, "log"))

    # What all endpoints share.

    def _list(self, path: str, endpoint: Endpoint, records: Callable[[Request], list[Any]]) -> Route:
        def page(request: Request) -> Response:
            limit = self._limit(request, endpoint)
            at = _offset(request.query_params.get("after"), request.url.path)
            found = records(request)
            following = at + limit if at + limit < len(found) else None
            return reply(found[at : at + limit], headers=self._links(request, following, request.url.path))

        return Route(path, self._guarded(endpoint, page))

    def _guarded(self, endpoint: Endpoint, answer: Callable[[Request], Response]) -> Any:
        async def respond(request: Request) -> Response:
            try:
                limits = self._count(endpoint.bucket)
                self._authorise(request, endpoint.scope)
                unknown = set(request.query_params) - endpoint.params
                if unknown:
                    raise Problem(400, "E0000001", f"{min(unknown)} is no parameter")
                response = answer(request)
            except Problem as problem:
                return problem.response()
            response.headers.update(limits)
            return response

        return respond

    def _authorise(self, request: Request, scope: str) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "SSWS" and token in self._tokens:
            if scope in self._denied:
                raise Problem(403, "E0000006")
            return
        issued = self._server.issued.get(token)
        if issued is None or scheme != ("DPoP" if issued.thumbprint else "Bearer"):
            raise Problem(401, "E0000011")
        if issued.until < self._now().timestamp():
            raise Problem(401, "E0000011")
        if issued.thumbprint:
            try:
                proof = request.headers.get("dpop", "")
                thumbprint, _ = self._server.prove(proof, request.method, _plain(request), token)
            except Refused:
                thumbprint = None
            if thumbprint != issued.thumbprint:
                raise Problem(
                    401, "E0000011", headers={"www-authenticate": 'DPoP error="invalid_dpop_proof"'}
                )
        if scope not in issued.scopes or scope in self._denied:
            raise Problem(403, "E0000006", headers={"www-authenticate": 'Bearer error="insufficient_scope"'})

    def _count(self, bucket: str) -> dict[str, str]:
        if self.limits is None:
            return {}
        now = self._monotonic()
        began, used = self._windows.get(bucket, (now, 0))
        if now - began >= 60:
            began, used = now, 0
        limit = self.limits[bucket]
        self._windows[bucket] = (began, used + 1)
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - used - 1)),
            "x-rate-limit-reset": str(int(time.time() + began + 60 - now)),
        }
        if used >= limit:
            raise Problem(429, "E0000047", headers=headers)
        return headers

    def _limit(self, request: Request, endpoint: Endpoint) -> int:
        given = request.query_params.get("limit")
        try:
            limit = endpoint.default if given is None else int(given)
        except ValueError:
            limit = -99
        if not endpoint.least <= limit <= endpoint.most:
            raise Problem(400, "E0000001", "limit")
        limit = endpoint.most if limit < 0 else limit
        return min(limit, self._page_limit or limit) or endpoint.default

    def _links(self, request: Request, following: int | None, kind: str) -> list[tuple[str, str]]:
        links = [("link", f'<{request.url}>; rel="self"')]
        if following is not None:
            after = urlsafe_b64encode(f"{kind}#{following}".encode()).decode().rstrip("=")
            # What was asked for stays in the link, but since is told by the place in the log.
            url = request.url.remove_query_params(["since", "after"]).include_query_params(after=after)
            links.append(("link", f'<{url}>; rel="next"'))
        return links


def _plain(request: Request) -> str:
    return str(request.url.replace(query=""))


def _offset(after: str | None, kind: str) -> int:
    """The place that an `after` names: opaque to clients, and only good for the list it came from."""
    if after is None:
        return 0
    try:
        given, _, offset = urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().rpartition("#")
        if given == kind:
            return int(offset)
    except ValueError:
        pass
    raise Problem(400, "E0000029")


def _parsed(expression: str | None) -> Test:
    if expression is None:
        return lambda _: True
    try:
        return parse(expression)
    except BadFilter as error:
        raise Problem(400, "E0000031", str(error)) from None


def _date(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise Problem(400, "E0000053", value) from None
    if at.tzinfo is None:
        raise Problem(400, "E0000053", value)
    return at


def _published(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(event["published"])
