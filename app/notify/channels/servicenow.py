"""ServiceNow: one record a message through the Table API, found again by its `correlation_id`."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from app.language import lasting
from app.notify.channels.base import Channel, ChannelConfig, short
from app.notify.net import Doors, Reply, json_body, refused
from app.notify.parcel import NotSent, Parcel

_CLOUD = (".service-now.com", ".servicenowservices.com")


class ServiceNowConfig(ChannelConfig):
    """A table of a ServiceNow instance."""

    base_url: str = Field(
        max_length=500, title="ServiceNow address", examples=["https://acme.service-now.com"]
    )
    username: str = Field(min_length=1, max_length=200, title="User name")
    password: SecretStr = Field(min_length=1, max_length=500)
    table: str = Field(default="incident", pattern=r"^[a-z][a-z0-9_]{0,79}$")
    assignment_group: str | None = Field(
        default=None, max_length=200, title="Group", description="Name or sys_id of the group."
    )

    def refusals(self, doors: Doors) -> dict[str, str]:
        """What is wrong with the address."""
        try:
            doors.check(self.base_url, _CLOUD)
        except ValueError as error:
            return {"base_url": str(error)}
        return {}


class ServiceNowChannel(Channel[ServiceNowConfig]):
    """Opens a record for each message."""

    Config: ClassVar = ServiceNowConfig
    title: ClassVar = "ServiceNow"
    summary: ClassVar = "Opens one record for each message, an incident if nothing else is said."
    at_once: ClassVar = 2

    async def send(self, parcel: Parcel) -> str | None:
        """Open the record, or find it if an earlier try opened it; gives its number."""
        key = f"penumbra-{parcel.uid}"
        found = await self._find(key)
        if found is not None:
            return found
        item = parcel.first
        values = {
            "short_description": short(item.title, 160),
            "description": short(f"{item.text}\n\n{item.link}".strip(), 4000),
            "correlation_id": key,
            "correlation_display": "Penumbra",
        }
        if self.config.assignment_group:
            values["assignment_group"] = self.config.assignment_group
        made = _result(await self._ask("POST", "", values))
        if not isinstance(made, dict):
            raise NotSent(lasting("ServiceNow did not say which record it made"))
        return _name(made)

    async def _find(self, key: str) -> str | None:
        asked = {
            "sysparm_query": f"correlation_id={key}",
            "sysparm_fields": "sys_id,number,correlation_id",
            "sysparm_limit": "10",
            "sysparm_exclude_reference_link": "true",
        }
        found = _result(await self._ask("GET", f"?{urlencode(asked)}", None))
        if not isinstance(found, list):
            raise NotSent(lasting("ServiceNow's list cannot be read"))
        # What the instance does not know in a query, it leaves out: then every record comes.
        return next(
            (_name(row) for row in found if isinstance(row, dict) and row.get("correlation_id") == key),
            None,
        )

    async def _ask(self, method: str, query: str, body: dict[str, str] | None) -> Reply:
        return await self.tools.wire.send(
            method,
            f"{self.config.base_url.rstrip('/')}/api/now/table/{self.config.table}{query}",
            body=None if body is None else json_body(body),
            headers={"Content-Type": "application/json"} if body is not None else {},
            suffixes=_CLOUD,
            auth=(self.config.username, self.config.password.get_secret_value()),
        )


def _result(reply: Reply) -> Any:
    answer = reply.json()
    if not reply.ok:
        raise refused("ServiceNow", reply)
    if not isinstance(answer, dict):  # an instance that sleeps answers 200 with a page
        raise NotSent(lasting("ServiceNow answered with a page instead of data; the instance may be asleep"))
    if answer.get("error") or answer.get("status") == "failure":  # a cancelled transaction is a 200 as well
        raise NotSent(lasting("ServiceNow broke off the transaction"))
    return answer.get("result")


def _name(row: dict[str, Any]) -> str | None:
    return str(row.get("number") or row.get("sys_id") or "") or None
