"""Jira Cloud: one issue a message, found again by its label: a repeated delivery makes no second one."""

from typing import Any, ClassVar

from pydantic import Field, SecretStr

from app.language import lasting
from app.notify.channels.base import Channel, ChannelConfig, short
from app.notify.net import Doors, Reply, json_body, refused
from app.notify.parcel import Item, NotSent, Parcel

_CLOUD = (".atlassian.net", ".jira-dev.com")
_MOST_PAGES = 20


class JiraConfig(ChannelConfig):
    """A project of a Jira Cloud site."""

    base_url: str = Field(max_length=500, title="Jira address", examples=["https://acme.atlassian.net"])
    email: str = Field(
        min_length=3, max_length=254, title="E-mail address", description="Whose API token it is."
    )
    api_token: SecretStr = Field(min_length=1, max_length=1000, title="API token")
    project: str = Field(
        min_length=2, max_length=50, pattern=r"^[A-Z][A-Z0-9_]+$", title="Project key", examples=["ITSM"]
    )
    issue_type: str = Field(default="Task", min_length=1, max_length=100, title="Kind of issue")

    def refusals(self, doors: Doors) -> dict[str, str]:
        """What is wrong with the address."""
        try:
            doors.check(self.base_url, _CLOUD)
        except ValueError as error:
            return {"base_url": str(error)}
        return {}


class JiraChannel(Channel[JiraConfig]):
    """Opens an issue for each message."""

    Config: ClassVar = JiraConfig
    title: ClassVar = "Jira Cloud"
    summary: ClassVar = "Opens one issue for each message in a project of Jira Cloud."
    at_once: ClassVar = 2

    async def send(self, parcel: Parcel) -> str | None:
        """Open the issue, or find it if an earlier try opened it; gives its key."""
        label = f"penumbra-{parcel.uid}"
        found = await self._find(label)
        if found is not None:
            return found
        item = parcel.first
        reply = await self._ask(
            "/rest/api/3/issue",
            {
                "fields": {
                    "project": {"key": self.config.project},
                    "issuetype": {"name": self.config.issue_type},
                    "summary": short(item.title, 255),
                    "description": _document(item),
                    "labels": ["penumbra", label],
                }
            },
        )
        answer = reply.json()
        if not reply.ok:
            if reply.status == 400:  # a project that asks for more fields, or an issue type that it has not
                wrong = _wrong_fields(answer)
                raise NotSent(
                    lasting("Jira refuses the issue%(wrong)s: look at project and issue type", wrong=wrong),
                    attention=True,
                )
            raise refused("Jira", reply)
        if not isinstance(answer, dict) or not isinstance(answer.get("key"), str):
            raise NotSent(lasting("Jira did not say which issue it made"))
        return answer["key"]

    async def _find(self, label: str) -> str | None:
        # A page may be empty and yet not be the last one.
        token: str | None = None
        for _ in range(_MOST_PAGES):
            asked: dict[str, Any] = {
                "jql": f'labels = "{label}"',
                "fields": ["labels"],
                "maxResults": 10,
            }
            if token is not None:
                asked["nextPageToken"] = token
            reply = await self._ask("/rest/api/3/search/jql", asked)
            answer = reply.json()
            if not reply.ok:
                raise refused(lasting("Jira's search"), reply)
            if not isinstance(answer, dict) or not isinstance(answer.get("issues"), list):
                raise NotSent(lasting("Jira's search answered with something that cannot be read"))
            for issue in answer["issues"]:
                if label in (issue.get("fields") or {}).get("labels", ()):
                    return str(issue["key"])
            token = answer.get("nextPageToken")
            if not token or answer.get("isLast"):
                return None
        raise NotSent(lasting("Jira's search does not come to an end"))

    async def _ask(self, path: str, body: dict[str, Any]) -> Reply:
        return await self.tools.wire.send(
            "POST",
            self.config.base_url.rstrip("/") + path,
            body=json_body(body),
            headers={"Content-Type": "application/json"},
            suffixes=_CLOUD,
            auth=(self.config.email, self.config.api_token.get_secret_value()),
        )


def _wrong_fields(answer: Any) -> str:
    fields = answer.get("errors") if isinstance(answer, dict) else None
    return f" ({', '.join(sorted(map(str, fields)))[:200]})" if isinstance(fields, dict) and fields else ""


def _document(item: Item) -> dict[str, Any]:
    """The text in Atlassian's document format."""
    lines = [line.strip() for line in item.text.splitlines() if line.strip()]
    paragraphs: list[dict[str, Any]] = [
        {"type": "paragraph", "content": [{"type": "text", "text": short(line, 5000)}]} for line in lines
    ]
    link = {
        "type": "text",
        "text": "Open in Penumbra",
        "marks": [{"type": "link", "attrs": {"href": item.link}}],
    }
    return {"type": "doc", "version": 1, "content": [*paragraphs, {"type": "paragraph", "content": [link]}]}
