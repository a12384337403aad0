"""Receivers that take, limit, fail and lie the way the vendors do; for tests, and for trying channels out.

One application holds all of them: `/services/T/B/key` and `/api/chat.postMessage` are Slack's,
`/powerautomate/...` is a flow of Teams, `/rest/api/3/...` is Jira's, `/api/now/table/...` ServiceNow's,
`/hook` a receiver of webhooks. `FaultyApp` around it spoils chosen answers.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.simulation import FaultyApp

SLACK_TOKEN = "xoxb-simulated-token"
JIRA_LOGIN = ("bot@acme.example", "jira-simulated-token")
SERVICENOW_LOGIN = ("penumbra", "servicenow-simulated-password")
_MOST_TEAMS_BYTES = 28 * 1024


@dataclass
class Receivers:
    """What arrived, and how the receivers behave.

    Attributes:
        hooks: bodies and headers that webhooks brought.
        posts: Slack's messages.
        cards: what flows of Teams posted.
        issues: Jira's issues, with `seen_from`: from when on its search finds them.
        records: ServiceNow's records.
        index_lag: so many seconds later Jira's search finds a new issue.
        empty_pages: Jira's search gives so many empty pages first, none of them the last.
        loose_query: ServiceNow leaves out what it does not know of a query, and gives every record.
        asleep: ServiceNow's instance answers with a page.
        now: tells Jira's time.
        slow: seconds before `/hook` answers.
        slack_error: what `chat.postMessage` says instead of posting.
        sleep: waits.
    """

    hooks: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    cards: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    index_lag: float = 0.0
    empty_pages: int = 0
    loose_query: bool = False
    asleep: bool = False
    slow: float = 0.0
    now: Callable[[], float] = time.monotonic
    slack_error: str | None = None
    sleep: Callable[[float], Any] = asyncio.sleep

    def app(self) -> FaultyApp:
        """The application; its faults may be changed while it serves."""
        return FaultyApp(
            Starlette(
                routes=[
                    Route("/hook", self._hook, methods=["POST"]),
                    Route("/services/T/B/key", self._slack_webhook, methods=["POST"]),
                    Route("/api/chat.postMessage", self._slack_post, methods=["POST"]),
                    Route("/powerautomate/{rest:path}", self._flow, methods=["POST"]),
                    Route("/rest/api/3/search/jql", self._jira_search, methods=["POST"]),
                    Route("/rest/api/3/issue", self._jira_create, methods=["POST"]),
                    Route("/api/now/table/{table}", self._servicenow, methods=["GET", "POST"]),
                ]
            )
        )

    async def _hook(self, request: Request) -> Response:
        body = await request.body()
        await self.sleep(self.slow)
        self.hooks.append((body, dict(request.headers)))
        return Response(status_code=204)

    # --- Slack -----------------------------------------------------------------------------------

    async def _slack_webhook(self, request: Request) -> Response:
        message = await _json(request)
        if not message or not message.get("text"):
            return PlainTextResponse("invalid_payload", 400)
        self.posts.append(message)
        return PlainTextResponse("ok")

    async def _slack_post(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SLACK_TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})  # a 200 as well
        if self.slack_error is not None:
            return JSONResponse({"ok": False, "error": self.slack_error})
        message = await _json(request)
        if not message or "text" not in message:
            return JSONResponse({"ok": False, "error": "no_text"})
        self.posts.append(message)
        stamp = f"1700000000.{len(self.posts):06d}"
        return JSONResponse({"ok": True, "channel": message.get("channel"), "ts": stamp})

    # --- Teams -----------------------------------------------------------------------------------

    async def _flow(self, request: Request) -> Response:
        body = await request.body()
        # The flow takes it whatever it is; what is too large is lost behind it, where no caller sees it.
        if len(body) <= _MOST_TEAMS_BYTES:
            self.cards.append(orjson.loads(body))
        return Response(status_code=202)

    # --- Jira ------------------------------------------------------------------------------------

    async def _jira_search(self, request: Request) -> Response:
        if not _logged_in(request, JIRA_LOGIN):
            return Response(status_code=401)
        asked = await _json(request) or {}
        page = int(asked.get("nextPageToken") or 0)
        if page < self.empty_pages:
            return JSONResponse({"issues": [], "isLast": False, "nextPageToken": str(page + 1)})
        label = asked["jql"].partition('"')[2].rpartition('"')[0]
        found = [
            {"id": i["id"], "key": i["key"], "fields": {"labels": i["fields"]["labels"]}}
            for i in self.issues
            if label in i["fields"]["labels"] and i["seen_from"] <= self.now()
        ]
        return JSONResponse({"issues": found, "isLast": True})

    async def _jira_create(self, request: Request) -> Response:
        if not _logged_in(request, JIRA_LOGIN):
            return Response(status_code=401)
        fields = (await _json(request) or {}).get("fields", {})
        errors = {}
        if not fields.get("summary") or len(fields["summary"]) > 255 or "\n" in fields["summary"]:
            errors["summary"] = "The summary is invalid because it is empty, too long or has newlines."
        if fields.get("project", {}).get("key") != "ITSM":
            errors["project"] = "valid project is required"
        if any(" " in label for label in fields.get("labels", ())):
            errors["labels"] = "The label contains spaces which is invalid."
        if fields.get("description", {}).get("type") != "doc":
            errors["description"] = "Operation value must be an Atlassian Document"
        if errors:
            return JSONResponse({"errorMessages": [], "errors": errors}, 400)
        number = len(self.issues) + 1
        issue = {"id": str(10_000 + number), "key": f"ITSM-{number}", "fields": fields}
        self.issues.append({**issue, "seen_from": self.now() + self.index_lag})
        return JSONResponse({"id": issue["id"], "key": issue["key"], "self": "…"}, 201)

    # --- ServiceNow ------------------------------------------------------------------------------

    async def _servicenow(self, request: Request) -> Response:
        if self.asleep:
            return HTMLResponse("<html><title>Hibernating Instance</title></html>")
        if not _logged_in(request, SERVICENOW_LOGIN):
            return JSONResponse({"error": {"message": "User Not Authenticated"}, "status": "failure"}, 401)
        if request.method == "POST":
            values = await _json(request) or {}
            number = len(self.records) + 1
            record = {**values, "sys_id": f"{number:032x}", "number": f"INC{number:07d}"}
            self.records.append(record)
            return JSONResponse({"result": record}, 201)
        query = dict(parse_qsl(request.url.query))
        wanted = query.get("sysparm_query", "").partition("correlation_id=")[2]
        found = [r for r in self.records if self.loose_query or r.get("correlation_id") == wanted]
        fields = query.get("sysparm_fields", "").split(",")
        limit = int(query.get("sysparm_limit", "10000"))
        return JSONResponse({"result": [{f: r.get(f, "") for f in fields} for r in found[:limit]]})


async def _json(request: Request) -> dict[str, Any] | None:
    try:
        value = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _logged_in(request: Request, login: tuple[str, str]) -> bool:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        return kind == "Basic" and base64.b64decode(text).decode() == ":".join(login)
    except (binascii.Error, UnicodeDecodeError):
        return False
