"""Okta's System Log: single sign-on by the ten thousand, and the few events that say more."""

from datetime import date
from random import Random
from typing import Any

from app.sandbox import ids
from app.sandbox.company import SSO_DAYS, Company
from app.sandbox.moments import address, millis, moment, working_days
from app.sandbox.okta_apps import Record, apps, other_apps, person_id
from app.sandbox.people import Person
from app.sandbox.tools import Via

SSO_EVENTS = 40_000
"""How many sign-ins the log holds, of which about one in a hundred failed."""
_AGENTS = (
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
        "Mac OS 15.1 (Sequoia)",
        "CHROME",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Edg/142.0",
        "Windows 10",
        "EDGE",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "Windows 10",
        "FIREFOX",
    ),
)

# Parts that are the same in many events are one object: forty thousand of them would cost seconds.
_SSO_CALL = {"debugData": {"requestUri": "/app/sso", "threatSuspected": "false"}}
_PLUGIN_CALL = {"debugData": {"requestUri": "/api/plugin/2/app/add", "threatSuspected": "false"}}
_NO_NETWORK = {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None}


def _actor(company: Company, person: Person) -> tuple[Record, Record]:
    """A person as actor, and the browser they use; shared by all of their events."""
    agent, system, browser = _AGENTS[person.index % 3]
    city, country, state, latitude, longitude = person.office
    actor = {
        "id": person_id(company, person),
        "type": "User",
        "alternateId": person.email,
        "displayName": person.name,
        "detailEntry": None,
    }
    client = {
        "userAgent": {"rawUserAgent": agent, "os": system, "browser": browser},
        "zone": "null",
        "device": "Computer",
        "id": None,
        "ipAddress": address(person),
        "geographicalContext": {
            "city": city,
            "state": state,
            "country": country,
            "postalCode": None,
            "geolocation": {"lat": float(latitude), "lon": float(longitude)},
        },
    }
    return actor, client


def _event(
    uuid: str, at: str, kind: str, message: str, actor: Record, client: Record, target: Any, **more: Any
) -> Record:
    return {
        "uuid": uuid,
        "published": at,
        "eventType": kind,
        "version": "0",
        "severity": "INFO" if more.get("result", "SUCCESS") == "SUCCESS" else "WARN",
        "legacyEventType": more.get("legacy"),
        "displayMessage": message,
        "actor": actor,
        "client": client,
        "outcome": {"result": more.get("result", "SUCCESS"), "reason": more.get("reason")},
        "target": target,
        "transaction": {"type": "WEB", "id": f"Z{uuid[:8]}{uuid[-12:]}AABcw", "detail": {}},
        "debugContext": _PLUGIN_CALL if more.get("plugin") else _SSO_CALL,
        "authenticationContext": {"authenticationStep": 0, "externalSessionId": f"idx{uuid[:13]}"},
        "securityContext": _NO_NETWORK,
        "request": {"ipChain": [{"ip": client["ipAddress"], "version": "V4", "source": None}]},
    }


def log(company: Company) -> list[Record]:
    """The System Log of the last 89 days, oldest first."""
    rng = company.random("okta-log")
    days, weights = working_days(company.end, SSO_DAYS)
    actors = {p.index: _actor(company, p) for p in company.people if p.in_okta}
    listed = {app["id"]: app for app in apps(company)[0]}
    found: list[Record] = []

    def add(kind: str, person: Person, ref: str, day: date, **more: Any) -> None:
        at = millis(moment(day, person, rng))
        actor, client = actors[person.index]
        app = listed[ref]
        target = [
            {
                "id": ref,
                "type": "AppInstance",
                "alternateId": app["label"],
                "displayName": app["label"],
                "detailEntry": {"signOnModeType": app["signOnMode"]},
            },
            {
                "id": ids.okta("0ua", ref, person.index),
                "type": "AppUser",
                "alternateId": person.email,
                "displayName": person.name,
                "detailEntry": None,
            },
        ]
        if kind == "application.user_membership.add":
            target.append(actor)
        found.append(
            _event(
                ids.as_guid(rng.getrandbits(128)),
                at,
                kind,
                more.pop("message"),
                actor,
                client,
                target,
                **more,
            )
        )

    sso = {"message": "User single sign on to app", "legacy": "app.auth.sso"}
    plan: list[tuple[str, tuple[Person, ...], float]] = []
    for adoption in company.using(Via.OKTA_SSO):
        ref = ids.okta("0oa", company.seed, adoption.tool.key)
        eager = 0.25 + ids.number("eager", adoption.tool.key) % 100 / 60
        plan.append((ref, adoption.people, len(adoption.people) ** 0.8 * eager))
        for _ in range(4):
            add(
                "user.authentication.sso",
                rng.choice(adoption.people),
                ref,
                rng.choices(days, weights)[0],
                **sso,
            )
    for adoption in company.using(Via.OKTA_LINK):
        ref = ids.okta("0oa", company.seed, f"{adoption.tool.key}/link")
        for person, since in zip(adoption.people, adoption.since, strict=True):
            for day in rng.choices(days[-60:], weights[-60:], k=rng.randint(4, 16)):
                if day >= since:
                    add("user.authentication.sso", person, ref, day, **sso)
            if since >= days[0]:
                add(
                    "application.user_membership.add",
                    person,
                    ref,
                    since,
                    message="Add user to application membership",
                    legacy="app.generic.provision.assign_user_to_app",
                    plugin=True,
                )
    for app, people, keys in other_apps(company):
        if keys:
            plan.append((app["id"], tuple(people), len(people) ** 0.8))
            continue
        for day in rng.choices(days, weights, k=14):
            add(
                "user.authentication.sso",
                rng.choice(people),
                app["id"],
                day,
                result="FAILURE",
                reason="App is inactive",
                **sso,
            )
    count = SSO_EVENTS - len(found)
    chosen = rng.choices(plan, [weight for _, _, weight in plan], k=count)
    for (ref, people, _), day in zip(chosen, rng.choices(days, weights, k=count), strict=True):
        failed = {"result": "FAILURE", "reason": "User not assigned to app"} if rng.random() < 0.01 else {}
        add("user.authentication.sso", rng.choice(people), ref, day, **sso, **failed)
    found += _other_events(company, actors, days, rng)
    return sorted(found, key=lambda event: event["published"])


def _other_events(
    company: Company, actors: dict[int, tuple[Record, Record]], days: list[date], rng: Random
) -> list[Record]:
    """Events that are about no app: people signing in to Okta itself, leavers being switched off."""
    found = []
    for person in rng.sample([p for p in company.people if p.in_okta and p.works], 400):
        actor, client = actors[person.index]
        at = millis(moment(rng.choice(days), person, rng))
        found.append(
            _event(
                ids.as_guid(rng.getrandbits(128)),
                at,
                "user.session.start",
                "User login to Okta",
                actor,
                client,
                None,
                legacy="core.user_auth.login_success",
            )
        )
    admin = next(p for p in company.people if p.in_okta and p.works and p.department == "it")
    for person in (p for p in company.people if p.in_okta and p.left and p.left >= days[0]):
        actor, client = actors[admin.index]
        at = millis(moment(person.left or days[0], admin, rng))
        found.append(
            _event(
                ids.as_guid(rng.getrandbits(128)),
                at,
                "user.lifecycle.deactivate",
                "Deactivate Okta user",
                actor,
                client,
                [actors[person.index][0]],
                legacy="core.user.config.user_deactivated",
            )
        )
    return found
