"""Pages of an Okta System Log of any length, as bytes ready to be sent.

Building 200,000 events one by one as dicts takes longer than reading them. Each person's and each
app's part of an event is therefore written once; an event is a template filled with its own values.
"""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.okta.log import ADDED, SSO
from connectors.okta.world import (
    BROWSER,
    actor,
    app_record,
    app_targets,
    log_event,
    okta_id,
    stamp,
    user_record,
)

PEOPLE, APPS, DAYS = 1200, 60, 90
PAGE = 1000
KNOWN_APPS = ("HubSpot", "Canva", "Mailchimp", "Hootsuite", "Semrush", "Figma", "Asana", "Zoom", "Slack")
REPEATED = 1000
"""One event in so many is sent a second time, a little later, as Okta does now and then."""


def log_pages(events: int, now: datetime) -> list[bytes]:
    """Bodies of the log's pages: sign-ins over 90 days, with a few additions and consents among them.

    The log's filter lets nothing else through, so failed sign-ins are not there.
    """
    dice = random.Random(20)
    step = timedelta(days=DAYS) * 0.98 / events
    began = now - timedelta(days=DAYS) * 0.99
    fill = _templates(now)
    apps = [_app(n) for n in range(APPS)]
    people = [_person(n) for n in range(PEOPLE)]
    # A few apps have most of the sign-ins, and everybody has a few apps of their own.
    weights = [1 / (n + 1) for n in range(APPS)]
    habits = [dice.choices(range(APPS), weights, k=8) for _ in range(PEOPLE)]
    pages: list[bytes] = []
    page: list[bytes] = []
    for number in range(events):
        person = dice.randrange(PEOPLE)
        # Stored in another order than published, by seconds.
        at = began + step * number - timedelta(seconds=dice.randrange(20))
        kind = SSO if number % 250 else (ADDED if number % 500 else "app.oauth2.as.consent.grant")
        values = {
            **people[person],
            **apps[dice.choice(habits[person])],
            b"NUMBER": b"%022d" % number,
            b"UUID": str(uuid.UUID(int=dice.getrandbits(128), version=4)).encode(),
            b"AT": stamp(at).encode(),
        }
        page.append(fill[kind] % values)
        if number % REPEATED == REPEATED - 1:
            page[-1] = page[-300] if len(page) >= 300 else page[0]
        if len(page) == PAGE or number == events - 1:
            pages.append(b"[" + b",".join(page) + b"]")
            page = []
    return pages


def _templates(now: datetime) -> dict[str, bytes]:
    """An event of each kind, as `bytes % values` fills it."""
    user = user_record("@USER@", "@LOGIN@", "@FIRST@", "@LAST@", at=now)
    app = app_record("@APP@", "key", "@LABEL@", "SAML_2_0", at=now)
    scope = {"id": "oag@NUMBER@", "type": "scope", "alternateId": None, "displayName": "campaigns.read"}
    targets: dict[str, list[dict[str, Any]]] = {
        SSO: app_targets(app, user),
        ADDED: [*app_targets(app, user), actor(user)],
        "app.oauth2.as.consent.grant": [
            {**scope, "detailEntry": {"publicclientapp": "@APP@", "user": "@USER@"}}
        ],
    }
    return {kind: _template(log_event(0, kind, now, actor(user), them)) for kind, them in targets.items()}


def _template(event: dict[str, Any]) -> bytes:
    event["uuid"] = "@UUID@"
    event["published"] = "@AT@"
    request = "aRh7c0ffee@NUMBER@"
    event["transaction"]["id"] = request
    context = event["authenticationContext"]
    context["rootSessionId"] = context["externalSessionId"] = "idx@NUMBER@"
    debug = event["debugContext"]["debugData"]
    debug["requestId"] = request
    # What larger orgs' events carry beside the simulator's own fields; with it they weigh 3.4 kB.
    debug["authnRequestId"] = "@NUMBER@"
    debug["oktaUserAgentExtended"] = BROWSER
    debug["targetEventHookIds"] = "who1a2b3c4d5e6f7g8h9,who9h8g7f6e5d4c3b2a1"
    debug["tunnels"] = '[{"anonymous":false,"operator":null,"type":"NONE"}]'
    debug["proxyType"] = "not applicable: the request came over the network zone LegacyIpZone"
    debug["url"] = debug["url"].replace("c0ffee", "c0ffee@NUMBER@")
    text = orjson.dumps(event).replace(b"%", b"%%")
    for name in (b"USER", b"LOGIN", b"FIRST", b"LAST", b"APP", b"LABEL", b"NUMBER", b"UUID", b"AT"):
        text = text.replace(b"@" + name + b"@", b"%(" + name + b")s")
    return text


def _app(number: int) -> dict[bytes, bytes]:
    label = KNOWN_APPS[number] if number < len(KNOWN_APPS) else f"Peak Tool {number}"
    return {b"APP": okta_id("0oa", number).encode(), b"LABEL": label.encode()}


def _person(number: int) -> dict[bytes, bytes]:
    ref, first, last = okta_id("00u", number), f"Ada{number}", f"Berg{number}"
    login = f"{first}.{last}@acme.example".lower()
    return {
        b"USER": ref.encode(),
        b"LOGIN": login.encode(),
        b"FIRST": first.encode(),
        b"LAST": last.encode(),
    }
