"""What every endpoint of the simulated org shares: limits and parameters, answers, Okta's errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

SUMMARIES = {
    "E0000001": "Api validation failed: {0}",
    "E0000006": "You do not have permission to perform the requested action",
    "E0000007": "Not found: {0}",
    "E0000011": "Invalid token provided",
    "E0000029": "Invalid paging request",
    "E0000031": "Invalid search criteria.",
    "E0000047": "API call exceeded rate limit due to too many requests.",
    "E0000053": "Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ and not too long ago.",
}


@dataclass(frozen=True)
class Endpoint:
    """What one list asks for and accepts."""

    bucket: str
    scope: str
    default: int
    most: int
    least: int = 1
    params: frozenset[str] = frozenset({"limit", "after"})


USERS = Endpoint("users", "okta.users.read", 200, 200, 0, frozenset({"limit", "after", "filter", "search"}))
APPS = Endpoint(
    "apps", "okta.apps.read", 20, 200, -1, frozenset({"limit", "after", "filter", "q", "includeNonDeleted"})
)
APP_USERS = Endpoint("apps", "okta.apps.read", 50, 500, 1, frozenset({"limit", "after", "expand", "q"}))
APP_GROUPS = Endpoint("apps", "okta.apps.read", 20, 200, 20, frozenset({"limit", "after", "expand", "q"}))
GRANTS = Endpoint("users", "okta.users.read", 20, 200, 1, frozenset({"limit", "after", "expand", "scopeId"}))
INTEGRATIONS = Endpoint("default", "okta.oauthIntegrations.read", 20, 20, 1, frozenset({"after"}))
LOGS = Endpoint(
    "logs",
    "okta.logs.read",
    100,
    1000,
    0,
    frozenset({"limit", "after", "since", "until", "filter", "q", "sortOrder"}),
)


Headers = Mapping[str, str] | Sequence[tuple[str, str]]


def raw(body: bytes, headers: Headers = (), status: int = 200) -> Response:
    """An answer with `body` as it is; a header may come several times."""
    response = Response(body, status, media_type="application/json")
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    response.raw_headers.extend((k.encode("latin-1"), v.encode("latin-1")) for k, v in pairs)
    return response


def reply(body: Any, status: int = 200, headers: Headers = ()) -> Response:
    """An answer with `body` as JSON."""
    return raw(orjson.dumps(body), headers, status)


class Problem(Exception):
    """An answer in Okta's error envelope."""

    def __init__(self, status: int, code: str, cause: str = "", headers: Mapping[str, str] | None = None):
        super().__init__(code)
        self.status, self.code, self.cause, self.headers = status, code, cause, dict(headers or {})

    def response(self) -> Response:
        """The error body that Okta sends."""
        body = {
            "errorCode": self.code,
            "errorSummary": SUMMARIES[self.code].replace("{0}", self.cause),
            "errorLink": self.code,
            "errorId": "oaeSimulated0000000000000",
            "errorCauses": [{"errorSummary": self.cause}] if self.cause else [],
        }
        return reply(body, self.status, self.headers)
