"""The company as Okta's API shows it: headquarters' people, apps, assignments, consents and log."""

from datetime import timedelta
from typing import Any

from app.sandbox import ids
from app.sandbox.company import SSO_DAYS, Adoption, Company
from app.sandbox.moments import address, at_noon, millis, moment, working_days
from app.sandbox.people import Person, departments, members
from app.sandbox.tools import Via, consent_traps

Record = dict[str, Any]

ORG_HOST = "larkfield.okta.com"
SSO_EVENTS = 40_000
"""How many sign-ins the log holds, of which about one in a hundred failed."""
_OWN_APPS = (
    ("saasure", "Okta Admin Console"),
    ("okta_enduser", "Okta Dashboard"),
    ("okta_browser_plugin", "Okta Browser Plugin"),
)
_AGENTS = (
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
     "Mac OS 15.1 (Sequoia)", "CHROME"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0",
     "Windows 10", "EDGE"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Windows 10", "FIREFOX"),
)  # fmt: skip


def person_id(company: Company, person: Person) -> str:
    """A person's Okta id."""
    return ids.okta("00u", company.seed, person.email)


def okta_records(company: Company) -> Record:
    """The fields of `OktaWorld`, as plain records."""
    apps, app_users, app_groups = _apps(company)
    return {
        "org_host": ORG_HOST,
        "users": [_user(company, p) for p in company.people if p.in_okta],
        "apps": apps,
        "app_users": app_users,
        "app_groups": app_groups,
        "user_grants": _grants(company),
        "log": _log(company),
    }


def _user(company: Company, person: Person) -> Record:
    service = person.kind == "service"
    status = "ACTIVE" if person.works else "DEPROVISIONED"
    if person.works and not service:
        status = {3: "PASSWORD_EXPIRED", 97: "SUSPENDED", 151: "LOCKED_OUT"}.get(person.index % 199, status)
    names = departments()
    created = millis(at_noon(person.hired))
    changed = millis(at_noon(person.left)) if person.left else created
    ref = person_id(company, person)
    profile: Record = {
        "login": person.email, "email": person.email, "secondEmail": None, "mobilePhone": None,
        "firstName": person.given or "Service", "lastName": person.family,
        "displayName": person.name, "userType": {"service": "Service Account"}.get(person.kind, person.kind.title()),
    }  # fmt: skip
    if not service:
        profile |= {
            "department": names[person.department][0], "division": person.team_label,
            "costCenter": f"{names[person.department][1]}-{person.team}", "title": person.title,
            "manager": None, "managerId": person.manager, "employeeNumber": f"LF{person.index:05d}",
            "organization": company.name, "city": person.office[0], "countryCode": person.office[1],
        }  # fmt: skip
    return {
        "id": ref, "status": status, "created": created, "activated": created, "statusChanged": changed,
        "lastLogin": millis(company.end - timedelta(hours=5 + person.index % 90)) if person.works else changed,
        "lastUpdated": changed, "passwordChanged": created, "realmId": None,
        "type": {"id": ids.okta("oty", company.seed)}, "profile": profile,
        "credentials": {"emails": [], "provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {"self": {"href": f"https://{ORG_HOST}/api/v1/users/{ref}"}},
    }  # fmt: skip


def _app(company: Company, key: str, name: str, label: str, mode: str, days: int, **more: Any) -> Record:
    ref = ids.okta("0oa", company.seed, key)
    created = millis(at_noon(company.as_of - timedelta(days=days)))
    return {
        "id": ref, "name": name, "label": label, "status": more.get("status", "ACTIVE"),
        "lastUpdated": created, "created": created,
        "accessibility": {
            "selfService": more.get("self_service", False), "errorRedirectUrl": None, "loginRedirectUrl": None,
        },
        "visibility": {
            "autoLaunch": False, "autoSubmitToolbar": False, "hide": {"iOS": False, "web": False},
            "appLinks": {f"{name}_link": True},
        },
        "features": list(more.get("features", ())), "signOnMode": mode,
        "credentials": {"userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"}, "signing": {}},
        "settings": {
            "app": more.get("app", {}), "signOn": more.get("sign_on", {}),
            **({"oauthClient": more["client"]} if "client" in more else {}),
            "notifications": {"vpn": {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}},
            "manualProvisioning": False, "implicitAssignment": False, "notes": {"admin": None, "enduser": None},
        },
        "_links": {
            "logo": [{"name": "medium", "href": f"https://ok11static.oktacdn.com/fs/bcg/4/gfs{ref[3:]}",
                      "type": "image/png"}],
            "users": {"href": f"https://{ORG_HOST}/api/v1/apps/{ref}/users"},
            "groups": {"href": f"https://{ORG_HOST}/api/v1/apps/{ref}/groups"},
        },
    }  # fmt: skip


def _product_app(company: Company, adoption: Adoption) -> Record:
    """An app of a product: set up by IT, or added from the dashboard by an employee."""
    tool, use = adoption.tool, adoption.use
    days = max(8, round(tool.months * 30.4))
    if use.via is Via.OKTA_LINK:
        swa = use.mode == "AUTO_LOGIN"
        settings = {"url": f"https://{use.host}/login"} if swa else {"requestIntegration": False, "url": f"https://{use.host}"}
        if swa:
            settings |= {"usernameField": "#email", "passwordField": "#password", "buttonField": "button[type=submit]"}
        name = "template_swa" if swa else "bookmark"
        return _app(company, f"{tool.key}/link", name, use.name, use.mode, days, self_service=True, app=settings)
    if use.mode == "OPENID_CONNECT":
        client = {
            "client_uri": None, "logo_uri": None, "application_type": "web", "grant_types": ["authorization_code"],
            "redirect_uris": [f"https://{use.host}/auth/oidc/callback"], "response_types": ["code"],
            "initiate_login_uri": f"https://{use.host}/sso",
        }  # fmt: skip
        return _app(company, tool.key, use.catalogue_key, use.name, use.mode, days, features=use.features, client=client)
    # How much of the address an app's settings give away differs from app to app.
    style = ids.number("style", tool.key) % 3
    app: Record = {"siteURL": f"https://{use.host}"} if style == 0 else {"subDomain": use.host.partition(".")[0]}
    sign_on = {
        "defaultRelayState": None, "ssoAcsUrlOverride": f"https://{use.host}/saml/acs" if style == 1 else None,
        "audienceOverride": None, "recipientOverride": None, "destinationOverride": None, "attributeStatements": [],
    }  # fmt: skip
    return _app(
        company, tool.key, use.catalogue_key, use.name, use.mode, days, features=use.features, app=app, sign_on=sign_on
    )


def _app_user(company: Company, ref: str, person: Person, scope: str, since: str) -> Record:
    user = person_id(company, person)
    return {
        "id": user, "externalId": person.email, "created": since, "lastUpdated": since, "scope": scope,
        "status": "ACTIVE", "statusChanged": since, "passwordChanged": None, "syncState": "DISABLED",
        "credentials": {"userName": person.email}, "profile": {},
        "_links": {"app": {"href": f"https://{ORG_HOST}/api/v1/apps/{ref}"},
                   "user": {"href": f"https://{ORG_HOST}/api/v1/users/{user}"}},
    }  # fmt: skip


def _group(company: Company, key: str, since: str) -> Record:
    names = departments()
    name = "Everyone" if key == "all" else f"Dept - {names[key][0]}" if key in names else f"Team - {key}"
    ref = ids.okta("00g", company.seed, key)
    return {
        "id": ref, "lastUpdated": since, "priority": 0, "profile": {},
        "_embedded": {"group": {"id": ref, "type": "OKTA_GROUP", "profile": {"name": name, "description": None}}},
        "_links": {"group": {"href": f"https://{ORG_HOST}/api/v1/groups/{ref}"}},
    }  # fmt: skip


def _apps(company: Company) -> tuple[list[Record], dict[str, list[Record]], dict[str, list[Record]]]:
    apps = [_app(company, key, key, label, "OPENID_CONNECT", 2400) for key, label in _OWN_APPS]
    users: dict[str, list[Record]] = {app["id"]: [] for app in apps}
    groups: dict[str, list[Record]] = {app["id"]: [] for app in apps}
    for adoption in (*company.using(Via.OKTA_SSO), *company.using(Via.OKTA_LINK)):
        app = _product_app(company, adoption)
        sso = adoption.use.via is Via.OKTA_SSO
        ref, scope = app["id"], "GROUP" if sso else "USER"
        pairs = zip(adoption.people, adoption.since, strict=True)
        users[ref] = [_app_user(company, ref, p, scope, millis(at_noon(d))) for p, d in pairs]
        groups[ref] = [_group(company, team, app["created"]) for team in adoption.tool.teams] if sso else []
        apps.append(app)
    for app, insiders, keys in _other_apps(company):
        ref = app["id"]
        users[ref] = [_app_user(company, ref, p, "GROUP" if keys else "USER", app["created"]) for p in insiders]
        groups[ref] = [_group(company, key, app["created"]) for key in keys]
        apps.append(app)
    return apps, users, groups


def _other_apps(company: Company) -> list[tuple[Record, list[Person], tuple[str, ...]]]:
    """What the company built itself, and what was switched off long ago."""
    found: list[tuple[Record, list[Person], tuple[str, ...]]] = []
    for trap in (t for t in consent_traps() if t.via == "okta"):
        insiders = [p for p in members(company.people, trap.teams) if p.in_okta and p.works]
        if trap.kind == "inactive app":
            app = _app(
                company, trap.name, "template_swa", trap.name, "AUTO_LOGIN", 1500, status="INACTIVE",
                app={"url": f"https://app.{trap.domain}/signin"},
            )  # fmt: skip
            found.append((app, insiders[: trap.people], ()))
            continue
        host = f"{trap.name.split()[-1].lower()}.larkfield.internal"
        client = {
            "client_uri": None, "application_type": "web", "redirect_uris": [f"https://{host}/callback"],
            "response_types": ["code"], "grant_types": ["authorization_code"], "initiate_login_uri": None,
        }  # fmt: skip
        found.append(
            (_app(company, trap.name, "oidc_client", trap.name, "OPENID_CONNECT", 900, client=client), insiders, trap.teams)
        )
    return found


def _grants(company: Company) -> dict[str, list[Record]]:
    """What people agreed to when they first opened an app that asks Okta for their profile."""
    found: dict[str, list[Record]] = {}
    clients = [
        (ids.okta("0oa", company.seed, a.tool.key), a.use.name, a.people)
        for a in company.using(Via.OKTA_SSO)
        if a.use.mode == "OPENID_CONNECT" and a.tool.teams != ("all",)
    ]
    clients += [(app["id"], app["label"], people) for app, people, _ in _other_apps(company) if app["label"].endswith("Hub")]
    for client, title, people in clients:
        for person in people[::2]:
            user = person_id(company, person)
            at = millis(at_noon(max(person.hired, company.as_of - timedelta(days=200 + person.index % 300))))
            for scope in ("profile", "email"):
                ref = ids.okta("oag", company.seed, client, user, scope)
                found.setdefault(user, []).append(
                    {
                        "id": ref, "status": "ACTIVE", "created": at, "lastUpdated": at,
                        "createdBy": {"id": user, "type": "User"}, "issuer": f"https://{ORG_HOST}",
                        "clientId": client, "userId": user, "scopeId": scope, "source": "END_USER",
                        "_links": {"app": {"href": f"https://{ORG_HOST}/api/v1/apps/{client}", "title": title},
                                   "client": {"href": f"https://{ORG_HOST}/oauth2/v1/clients/{client}", "title": title}},
                    }  # fmt: skip
                )
    return found


def _actor(company: Company, person: Person) -> tuple[Record, Record]:
    """A person as actor, and the browser they use; shared by all of their events."""
    agent, system, browser = _AGENTS[person.index % 3]
    city, country, state, latitude, longitude = person.office
    actor = {
        "id": person_id(company, person), "type": "User", "alternateId": person.email,
        "displayName": person.name, "detailEntry": None,
    }  # fmt: skip
    client = {
        "userAgent": {"rawUserAgent": agent, "os": system, "browser": browser}, "zone": "null",
        "device": "Computer", "id": None, "ipAddress": address(person),
        "geographicalContext": {"city": city, "state": state, "country": country, "postalCode": None,
                                "geolocation": {"lat": float(latitude), "lon": float(longitude)}},
    }  # fmt: skip
    return actor, client


def _event(uuid: str, at: str, kind: str, message: str, actor: Record, client: Record, target: Any, **more: Any) -> Record:
    return {
        "uuid": uuid, "published": at, "eventType": kind, "version": "0",
        "severity": "INFO" if more.get("result", "SUCCESS") == "SUCCESS" else "WARN",
        "legacyEventType": more.get("legacy"), "displayMessage": message, "actor": actor, "client": client,
        "outcome": {"result": more.get("result", "SUCCESS"), "reason": more.get("reason")}, "target": target,
        "transaction": {"type": "WEB", "id": f"Z{uuid[:8]}{uuid[-12:]}AABcw", "detail": {}},
        "debugContext": {"debugData": {"requestUri": more.get("uri", "/app/sso"), "threatSuspected": "false"}},
        "authenticationContext": {"authenticationStep": 0, "externalSessionId": f"idx{uuid[:13]}"},
        "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
        "request": {"ipChain": [{"ip": client["ipAddress"], "version": "V4", "source": None}]},
    }  # fmt: skip


def _log(company: Company) -> list[Record]:
    """The System Log of the last 89 days, oldest first."""
    rng = company.random("okta-log")
    days, weights = working_days(company.end, SSO_DAYS)
    actors = {p.index: _actor(company, p) for p in company.people if p.in_okta}
    apps = {app["id"]: app for app in _apps(company)[0]}
    found: list[Record] = []

    def add(kind: str, person: Person, ref: str, day: Any, **more: Any) -> None:
        at = millis(moment(day, person, rng))
        actor, client = actors[person.index]
        app = apps[ref]
        target = [
            {"id": ref, "type": "AppInstance", "alternateId": app["label"], "displayName": app["label"],
             "detailEntry": {"signOnModeType": app["signOnMode"]}},
            {"id": ids.okta("0ua", ref, person.index), "type": "AppUser", "alternateId": person.email,
             "displayName": person.name, "detailEntry": None},
        ]  # fmt: skip
        if kind == "application.user_membership.add":
            target.append(actor)
        found.append(_event(ids.as_guid(rng.getrandbits(128)), at, kind, more.pop("message"), actor, client, target, **more))

    sso = {"message": "User single sign on to app", "legacy": "app.auth.sso"}
    plan: list[tuple[str, tuple[Person, ...], float]] = []
    for adoption in company.using(Via.OKTA_SSO):
        ref = ids.okta("0oa", company.seed, adoption.tool.key)
        eager = 0.25 + ids.number("eager", adoption.tool.key) % 100 / 60
        plan.append((ref, adoption.people, len(adoption.people) ** 0.8 * eager))
        for _ in range(4):
            add("user.authentication.sso", rng.choice(adoption.people), ref, rng.choices(days, weights)[0], **sso)
    for adoption in company.using(Via.OKTA_LINK):
        ref = ids.okta("0oa", company.seed, f"{adoption.tool.key}/link")
        for person, since in zip(adoption.people, adoption.since, strict=True):
            for day in rng.choices(days[-60:], weights[-60:], k=rng.randint(4, 16)):
                if day >= since:
                    add("user.authentication.sso", person, ref, day, **sso)
            if since >= days[0]:
                add(
                    "application.user_membership.add", person, ref, since,
                    message="Add user to application membership", legacy="app.generic.provision.assign_user_to_app",
                    uri="/api/plugin/2/app/add",
                )  # fmt: skip
    for app, people, keys in _other_apps(company):
        if keys:
            plan.append((app["id"], tuple(people), len(people) ** 0.8))
            continue
        for day in rng.choices(days, weights, k=14):
            add("user.authentication.sso", rng.choice(people), app["id"], day, result="FAILURE",
                reason="App is inactive", **sso)  # fmt: skip
    count = SSO_EVENTS - len(found)
    chosen = rng.choices(plan, [weight for _, _, weight in plan], k=count)
    for (ref, people, _), day in zip(chosen, rng.choices(days, weights, k=count), strict=True):
        failed = {"result": "FAILURE", "reason": "User not assigned to app"} if rng.random() < 0.01 else {}
        add("user.authentication.sso", rng.choice(people), ref, day, **sso, **failed)
    found += _other_events(company, actors, days, rng)
    return sorted(found, key=lambda event: event["published"])


def _other_events(company: Company, actors: Any, days: Any, rng: Any) -> list[Record]:
    """Events that are about no app: people signing in to Okta itself, leavers being switched off."""
    found = []
    for person in rng.sample([p for p in company.people if p.in_okta and p.works], 400):
        actor, client = actors[person.index]
        at = millis(moment(rng.choice(days), person, rng))
        found.append(
            _event(ids.as_guid(rng.getrandbits(128)), at, "user.session.start", "User login to Okta", actor, client,
                   None, legacy="core.user_auth.login_success", uri="/api/v1/authn")  # fmt: skip
        )
    admin = next(p for p in company.people if p.in_okta and p.works and p.department == "it")
    for person in (p for p in company.people if p.in_okta and p.left and p.left >= days[0]):
        actor, client = actors[admin.index]
        at = millis(moment(person.left or days[0], admin, rng))
        found.append(
            _event(ids.as_guid(rng.getrandbits(128)), at, "user.lifecycle.deactivate", "Deactivate Okta user", actor,
                   client, [actors[person.index][0]], legacy="core.user.config.user_deactivated")  # fmt: skip
        )
    return found
