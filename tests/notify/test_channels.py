"""Each channel against its simulator: what arrives, what a refusal means, and one ticket for two tries."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import Engine

from app.notify.channels import KINDS, Tools, build
from app.notify.channels.simulator import JIRA_LOGIN, SERVICENOW_LOGIN, SLACK_TOKEN
from app.notify.net import Doors, Wire
from app.notify.parcel import Item, NotSent, Parcel
from connectors.simulation import Fault
from tests.conftest import NOW
from tests.notify.support import Post, Site

TITLE = "HubSpot <!channel> [free](https://evil.example) *now*"
PARCEL = Parcel(
    uid="0123456789abcdef0123456789abcdef",
    delivery=7,
    items=(
        Item(
            "review.decided",
            "review:12",
            TITLE,
            "Both sides signed.\nSSO by March.",
            "https://p.example/reviews/12",
        ),
    ),
    created_at=NOW,
    data={"tool": 3},
)


def channel(kind: str, site: Site, **config: Any) -> Any:
    tools = Tools(Wire(Doors(local=frozenset([site.host]))), lambda: NOW)
    return build(kind, KINDS[kind].Config.model_validate(config), tools)


def jira(site: Site, **more: Any) -> Any:
    login = {"email": JIRA_LOGIN[0], "api_token": JIRA_LOGIN[1], "project": "ITSM"}
    return channel("jira", site, base_url=site.url, **{**login, **more})


def servicenow(site: Site, **more: Any) -> Any:
    login = {"username": SERVICENOW_LOGIN[0], "password": SERVICENOW_LOGIN[1]}
    return channel("servicenow", site, base_url=site.url, **{**login, **more})


def verifier() -> Callable[[str, str, bytes, float], bool]:
    """The reader of signatures that the docs give to whoever writes a receiver, as it stands there."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["is_from_penumbra"]


async def test_a_webhook_is_signed_with_both_keys_while_one_is_changed(site: Site) -> None:
    new, old = "the new signing key, quite long", "the old signing key, quite long"
    await channel("webhook", site, url=f"{site.url}/hook", signing_key=new, previous_key=old).send(PARCEL)
    body, headers = site.got.hooks[0]
    signature = headers["penumbra-signature"]
    now = NOW.timestamp()
    verified = verifier()
    assert verified(new, signature, body, now)
    assert verified(old, signature, body, now)
    assert not verified("another key, also quite long", signature, body, now)
    assert not verified(new, signature, body + b" ", now)
    assert not verified(new, signature, body, now + 600), "an old one cannot be replayed by somebody else"
    sent = json.loads(body)
    assert (sent["id"], sent["delivery"], sent["topic"], sent["subject"]) == (
        PARCEL.uid,
        7,
        "review.decided",
        "review:12",
    )
    assert (sent["title"], sent["link"], sent["data"]) == (TITLE, "https://p.example/reviews/12", {"tool": 3})


async def test_slack_gets_words_in_which_nobody_can_write_a_mention(site: Site) -> None:
    hook = channel("slack", site, webhook_url=f"{site.url}/services/T/B/key")
    assert await hook.send(PARCEL) is None
    (post,) = site.got.posts
    assert "<!channel>" not in post["text"]
    assert {b["text"]["type"] for b in post["blocks"] if "text" in b} == {"plain_text"}
    assert post["blocks"][-1]["elements"][0]["url"] == "https://p.example/reviews/12"
    bot = channel("slack", site, bot_token=SLACK_TOKEN, channel="C1", api_url=f"{site.url}/api")
    assert await bot.send(PARCEL) == "1700000000.000002"
    assert site.got.posts[1]["channel"] == "C1"


@pytest.mark.parametrize(
    ("error", "again", "attention", "pause"),
    [
        ("channel_not_found", True, True, False),
        ("token_revoked", True, True, False),
        ("ratelimited", True, False, True),
        ("internal_error", True, False, False),
        ("msg_too_long", False, False, False),
    ],
)
async def test_slack_refuses_with_a_200(
    site: Site, error: str, again: bool, attention: bool, pause: bool
) -> None:
    site.got.slack_error = error
    bot = channel("slack", site, bot_token=SLACK_TOKEN, channel="C1", api_url=f"{site.url}/api")
    with pytest.raises(NotSent, match=error) as refusal:
        await bot.send(PARCEL)
    found = refusal.value
    assert (found.again, found.attention, found.pause is not None) == (again, attention, pause)


async def test_a_slack_webhook_that_was_taken_away_needs_somebody(site: Site) -> None:
    site.app.faults.append(Fault(status=404, body=b"no_service", headers={"content-type": "text/plain"}))
    hook = channel("slack", site, webhook_url=f"{site.url}/services/T/B/key")
    with pytest.raises(NotSent, match=r"404 \(no_service\)") as refusal:
        await hook.send(PARCEL)
    assert refusal.value.attention


async def test_teams_gets_a_card_it_can_show(site: Site) -> None:
    flow = channel(
        "teams", site, webhook_url=f"{site.url}/powerautomate/automations/direct/workflows/1?sig=s"
    )
    await flow.send(PARCEL)
    (envelope,) = site.got.cards
    (attachment,) = envelope["attachments"]
    assert (envelope["type"], attachment["contentType"]) == (
        "message",
        "application/vnd.microsoft.card.adaptive",
    )
    card = attachment["content"]
    assert card["body"][0]["text"].startswith("HubSpot <!channel> \\[free\\]")
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open in Penumbra", "url": "https://p.example/reviews/12"}
    ]
    long = Parcel(
        "u", 1, (Item("review.decided", "review:1", "Long", "ü" * 20_000, "https://p.example"),), NOW
    )
    await flow.send(long)
    assert len(site.got.cards) == 2, "a longer one would be lost behind the flow"


async def test_jira_makes_one_issue_however_often_it_is_sent(site: Site) -> None:
    made = await jira(site).send(PARCEL)
    assert made == "ITSM-1"
    fields = site.got.issues[0]["fields"]
    assert fields["summary"] == TITLE
    assert fields["description"]["content"][-1]["content"][0]["marks"][0]["attrs"]["href"].endswith(
        "/reviews/12"
    )
    site.got.empty_pages = 2
    assert await jira(site).send(PARCEL) == "ITSM-1"
    assert len(site.got.issues) == 1


async def test_an_answer_that_broke_off_makes_no_second_issue(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    config = {"base_url": site.url, "email": JIRA_LOGIN[0], "project": "ITSM"}
    post.channel("jira", config, "*", api_token=JIRA_LOGIN[1])
    site.app.faults.append(Fault(match="/issue$", cut=True))
    # Its search does not know a new issue at once, either.
    site.got.index_lag, site.got.now = 40, lambda: post.clock().timestamp()
    post.put("condition.missed")
    await post.deliver()
    assert post.states() == ["failed"]
    assert len(site.got.issues) == 1, "Jira made it, and we could not know"
    post.clock.now = post.rows()[0]["next_at"]
    await post.deliver()
    assert [(r["state"], r["ref"]) for r in post.rows()] == [("sent", "ITSM-1")]
    assert len(site.got.issues) == 1


async def test_jira_says_what_is_wrong_with_the_settings(site: Site) -> None:
    with pytest.raises(NotSent, match=r"refuses the issue \(project\)") as refusal:
        await jira(site, project="OTHER").send(PARCEL)
    assert refusal.value.attention
    assert refusal.value.again
    with pytest.raises(NotSent, match="401") as refusal:
        await jira(site, api_token="wrong").send(PARCEL)
    assert refusal.value.attention
    site.app.faults.append(Fault(match="/issue$", status=429, headers={"Retry-After": "90"}))
    with pytest.raises(NotSent) as refusal:
        await jira(site).send(PARCEL)
    assert 90 <= (refusal.value.pause or 0) < 92


async def test_servicenow_makes_one_record_also_where_its_query_lies(site: Site) -> None:
    site.got.records.append({"sys_id": "f" * 32, "number": "INC0000000", "correlation_id": "somebody else's"})
    site.got.loose_query = True
    assert await servicenow(site, assignment_group="Service Desk").send(PARCEL) == "INC0000002"
    assert await servicenow(site).send(PARCEL) == "INC0000002"
    assert len(site.got.records) == 2
    record = site.got.records[1]
    assert record["short_description"] == TITLE
    assert record["assignment_group"] == "Service Desk"
    assert record["description"].endswith("https://p.example/reviews/12")


async def test_servicenow_fails_with_a_200(site: Site) -> None:
    site.got.asleep = True
    with pytest.raises(NotSent, match="asleep") as refusal:
        await servicenow(site).send(PARCEL)
    assert refusal.value.again
    site.got.asleep = False
    site.app.faults.append(
        Fault(change=lambda _, headers: {"error": {"message": "cancelled"}, "status": "failure"})
    )
    with pytest.raises(NotSent, match="broke off"):
        await servicenow(site).send(PARCEL)
    with pytest.raises(NotSent, match="401"):
        await servicenow(site, password="wrong").send(PARCEL)


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("slack", {"webhook_url": "https://hooks.slack.com.evil.example/services/x"}, "webhook_url"),
        ("slack", {"bot_token": "x", "channel": "C1", "api_url": "https://evil.example"}, "api_url"),
        ("teams", {"webhook_url": "https://acme.webhook.office.com/webhookb2/x"}, "webhook_url"),
        ("teams", {"webhook_url": "https://evil.example/x"}, "webhook_url"),
        ("webhook", {"url": "https://169.254.169.254/latest", "signing_key": "k" * 24}, "url"),
        (
            "jira",
            {"base_url": "https://evil.example", "email": "a@b", "api_token": "x", "project": "AB"},
            "base_url",
        ),
        ("servicenow", {"base_url": "https://evil.example", "username": "u", "password": "p"}, "base_url"),
    ],
)
def test_foreign_hosts_are_refused_before_anything_is_saved(
    kind: str, config: dict[str, Any], field: str
) -> None:
    made = KINDS[kind].Config.model_validate(config)
    assert list(made.refusals(Doors())) == [field]


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"webhook_url": "https://hooks.slack.com/x", "bot_token": "x", "channel": "C1"},
        {"bot_token": "x"},
        {"webhook_url": "https://hooks.slack.com/x", "nonsense": 1},
    ],
)
def test_slack_is_set_up_in_one_way(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KINDS["slack"].Config.model_validate(config)


def test_the_vendors_own_hosts_are_known() -> None:
    doors = Doors()
    for kind, config in (
        ("slack", {"webhook_url": "https://hooks.slack.com/services/T/B/x"}),
        (
            "teams",
            {"webhook_url": "https://default1.a.environment.api.powerplatform.com:443/powerautomate/x?sig=y"},
        ),
        (
            "jira",
            {
                "base_url": "https://acme.atlassian.net",
                "email": "a@b",
                "api_token": SecretStr("x"),
                "project": "AB",
            },
        ),
        ("servicenow", {"base_url": "https://acme.service-now.com", "username": "u", "password": "p"}),
    ):
        assert KINDS[kind].Config.model_validate(config).refusals(doors) == {}
